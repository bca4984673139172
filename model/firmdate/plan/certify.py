"""The certificate: recomputes every balance, capacity and date of a written plan from its tables and the input data.

It shares no code with the network, the formulation and the solver. It does not ask whether a plan is good, only
whether it can be executed and whether its tables agree with each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pandas as pd

from firmdate.data.planning_data import PlanningData
from firmdate.errors import CertificateError
from firmdate.plan.certify_allocation import check_allocation
from firmdate.plan.certify_backlog import EarlierRun, check_backlog
from firmdate.plan.certify_basis import Basis, Findings, read_basis
from firmdate.plan.certify_capacity import check_capacities
from firmdate.plan.certify_costs import check_costs
from firmdate.plan.certify_demand import check_deliveries, check_promises, check_shipments, line_text, read_demand
from firmdate.plan.certify_fair_share import check_fair_shares
from firmdate.plan.certify_lots import check_lot_sizes
from firmdate.plan.certify_new_orders import check_deployments, check_new_orders, check_transfers_agree
from firmdate.plan.certify_order_changes import check_order_changes
from firmdate.plan.certify_orders import check_supply_orders
from firmdate.plan.certify_postings import read_postings
from firmdate.plan.certify_ship_from import check_other_shipments, read_other_shipments
from firmdate.plan.certify_shipments import check_ship_sets, check_splits
from firmdate.plan.certify_stock import check_stock
from firmdate.plan.certify_substitutes import check_substitutions, read_substitutions
from firmdate.plan.certify_supply import read_supply
from firmdate.scenario.schema import Scenario

_RULE_COLUMNS = {
    "overtime": ("kind", "name", "item", "start", "end", "quantity", "limit", "unit_cost", "cost"),
    "substitutions_used": (
        "order",
        "line",
        "plan",
        "supply_order",
        "date",
        "item",
        "location",
        "substitute",
        "quantity",
        "substitute_quantity",
    ),
    "shipped_from": ("order", "line", "date", "item", "location", "ship_from", "quantity"),
    "broken_lots": ("order", "quantity"),
}


class WrittenPlan(Protocol):
    """The tables of a plan that are certified; a :class:`firmdate.plan.result.Plan` is one."""

    @property
    def promises(self) -> pd.DataFrame:
        """One row per order line."""

    @property
    def deliveries(self) -> pd.DataFrame:
        """What ships to a line on which date."""

    @property
    def deployments(self) -> pd.DataFrame:
        """Every transfer."""

    @property
    def supply_orders(self) -> pd.DataFrame:
        """The adjusted supply plan."""

    @property
    def resource_load(self) -> pd.DataFrame:
        """Hours per resource and interval."""

    @property
    def supplier_load(self) -> pd.DataFrame:
        """Units per supplier and interval."""

    @property
    def lane_load(self) -> pd.DataFrame:
        """Units per lane and day."""

    @property
    def stock(self) -> pd.DataFrame:
        """Projected stock."""

    @property
    def rule_tables(self) -> Mapping[str, pd.DataFrame]:
        """Tables of the rules that are in use."""


def certify(
    tables: WrittenPlan,
    data: PlanningData,
    scenario: Scenario,
    previous: EarlierRun | None = None,
    kpis: Mapping[str, float] | None = None,
) -> list[str]:
    """Check a written plan.

    Args:
        tables: The tables of the plan, with the columns of :data:`firmdate.plan.result.PLAN_TABLES`.
        data: The planning data, checked, with the scenario's changes applied.
        scenario: The scenario of the plan.
        previous: The run that its ``previous_run`` names.
        kpis: The figures of the plan, of which those of money are checked; None leaves them out.

    Returns:
        The broken rules as text, each with its table and row, such as
        ``deliveries SO1/1 2021-03-01: ships before its requested date 2021-03-05``. At most 20 rows are named for each
        rule, the others are counted. Empty when the plan is right.
    """
    basis = _basis(tables, data, scenario)
    demand = read_demand(basis, tables.deliveries)
    supply = read_supply(basis, tables.supply_orders, tables.deployments)
    postings = read_postings(supply)
    loads = (tables.resource_load, tables.supplier_load, tables.lane_load)
    found = Findings("promises", lambda row: line_text(tables.promises, row))
    check_promises(found, basis, demand, tables.promises)
    check_deliveries(found.of("deliveries", demand.shipped.text), basis, demand)
    check_shipments(found, basis, demand, tables.rule_tables.get("shipments"))
    check_ship_sets(found, basis, demand)
    check_splits(found, basis, demand)
    check_backlog(found, basis, demand, tables.promises, previous)
    check_supply_orders(found.of("supply_orders", supply.orders.text), supply, postings)
    check_new_orders(found.of("supply_orders", supply.orders.text), supply)
    check_deployments(found.of("deployments", supply.moves.text), supply)
    check_transfers_agree(found, supply)
    check_lot_sizes(found, supply, _rule_table(tables, "broken_lots"))
    check_capacities(found, supply, postings, loads, _rule_table(tables, "overtime"))
    used = read_substitutions(basis, _rule_table(tables, "substitutions_used"))
    check_substitutions(found.of("substitutions_used", used.text), basis, demand, supply, postings, used)
    sent = read_other_shipments(basis, demand, _rule_table(tables, "shipped_from"))
    check_other_shipments(found.of("shipped_from", sent.text), basis, demand, sent)
    check_stock(found, basis, demand, postings, used, sent, tables.stock)
    check_order_changes(found, basis, tables.supply_orders, tables.rule_tables.get("order_changes"), previous)
    check_allocation(
        found,
        basis,
        demand,
        tables.rule_tables.get("allocation_use"),
        tables.supply_orders,
        _rule_table(tables, "substitutions_used"),
    )
    check_fair_shares(found, basis, demand, supply, tables.stock)
    if kpis is not None:
        check_costs(found, supply, tables.stock, _rule_table(tables, "overtime"), kpis)
    return found.texts


def _rule_table(tables: WrittenPlan, name: str) -> pd.DataFrame:
    """A table of a rule; one without rows where the rule is not in use."""
    return tables.rule_tables.get(name, pd.DataFrame({column: [] for column in _RULE_COLUMNS[name]}, dtype=object))


def _basis(tables: WrittenPlan, data: PlanningData, scenario: Scenario) -> Basis:
    orders, moves = tables.supply_orders, tables.deployments
    items = [frame["item"] for frame in (orders, moves, tables.stock, tables.promises, tables.supplier_load)]
    locations = [frame["location"] for frame in (orders, tables.stock, tables.promises)]
    return read_basis(data, scenario, items, [*locations, orders["origin"], moves["origin"], moves["destination"]])


def ensure_certified(
    tables: WrittenPlan,
    data: PlanningData,
    scenario: Scenario,
    previous: EarlierRun | None = None,
    kpis: Mapping[str, float] | None = None,
) -> None:
    """Refuse a plan that breaks a rule.

    Args:
        tables: The tables of the plan.
        data: The planning data, checked, with the scenario's changes applied.
        scenario: The scenario of the plan.
        previous: The run that its ``previous_run`` names.
        kpis: The figures of the plan; None leaves them out.

    Raises:
        CertificateError: All that :func:`certify` finds.
    """
    texts = certify(tables, data, scenario, previous, kpis)
    if texts:
        raise CertificateError("the plan does not hold; nothing was published:\n" + "\n".join(texts))
