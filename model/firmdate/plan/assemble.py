"""From the solution of the linear program to the tables of the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from firmdate.formulation.linear_program import LinearProgram
from firmdate.network.activities import ActivityKind
from firmdate.network.alerts import alert_table
from firmdate.network.capacity import CapacityKind
from firmdate.network.horizon import FloatArray
from firmdate.network.network import Network
from firmdate.plan.allocation_use import allocation_use
from firmdate.plan.backlog_table import backlog_figures, backlog_tables
from firmdate.plan.executed import Executed, executed_starts, loads, split_orders
from firmdate.plan.explain.room import capacity_room
from firmdate.plan.explain.tables import why_late
from firmdate.plan.kpi import costs, item_figures, kpis
from firmdate.plan.order_changes import order_changes
from firmdate.plan.orders import deployments, order_names, supply_orders
from firmdate.plan.promise import promises, schedule
from firmdate.plan.relaxed_lots import broken_lots, rounded_up
from firmdate.plan.result import PLAN_TABLES, Plan
from firmdate.plan.set_days import chosen_days, with_set_days
from firmdate.plan.ship_sets import SetAnalysis, analyse_sets, set_table
from firmdate.plan.substitutes import pool_tables
from firmdate.plan.tables import (
    delivery_table,
    line_table,
    load_table,
    overtime_table,
    promise_table,
    shipment_tables,
    stock_table,
)
from firmdate.plan.whole_units import NOISE, Flows, whole_units
from firmdate.plan.within_shares import within_shares
from firmdate.scenario.schema import Scenario
from firmdate.solver.run_blocks import Solution


@dataclass(frozen=True)
class PlanTables:
    """The tables and figures of a plan, before it is certified.

    Args:
        by_item: The figures that are sums over the items of the network, one value per item.
    """

    promises: pd.DataFrame
    deliveries: pd.DataFrame
    deployments: pd.DataFrame
    supply_orders: pd.DataFrame
    resource_load: pd.DataFrame
    supplier_load: pd.DataFrame
    lane_load: pd.DataFrame
    stock: pd.DataFrame
    data_alerts: pd.DataFrame
    explanations: pd.DataFrame
    chains: pd.DataFrame
    releases: pd.DataFrame
    causes: pd.DataFrame
    lines: pd.DataFrame
    kpis: Mapping[str, float]
    by_item: Mapping[str, FloatArray]
    rule_tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def plan(self, scenario: Scenario, run: Mapping[str, object], log: str) -> Plan:
        """The plan, with how it was made."""
        return Plan(
            scenario=scenario,
            promises=self.promises,
            deliveries=self.deliveries,
            deployments=self.deployments,
            supply_orders=self.supply_orders,
            resource_load=self.resource_load,
            supplier_load=self.supplier_load,
            lane_load=self.lane_load,
            stock=self.stock,
            data_alerts=self.data_alerts,
            explanations=self.explanations,
            chains=self.chains,
            releases=self.releases,
            causes=self.causes,
            lines=self.lines,
            kpis={name: round(value, 6) + 0.0 for name, value in self.kpis.items()},
            run=run,
            log=log,
            rule_tables=self.rule_tables,
        )


def final_flows(network: Network, program: LinearProgram, solution: Solution) -> tuple[Network, Flows]:
    """The flows of a solution in whole units, and the network in which ship sets leave when they do in it."""
    flows = Flows(solution.x[program.columns_of("Start")], solution.x[program.columns_of("Deliver")])
    set_day = chosen_days(network, program, solution.x)
    flows = whole_units(with_set_days(network, set_day), flows, set_day)
    network = with_set_days(network, set_day)
    return network, rounded_up(network, within_shares(network, program, solution.x, flows))


def assemble_plan(
    network: Network, program: LinearProgram, solution: Solution, flows: Flows, changed: pd.DataFrame
) -> PlanTables:
    """Promise, explain, and write every table."""
    executed = executed_starts(network, flows)
    shipped = schedule(network, flows)
    promised = promises(network, shipped)
    load = loads(network, executed)
    room = capacity_room(network, program, solution, load)
    sets = analyse_sets(network, program, solution, promised)
    late = why_late(network, executed, shipped, promised, room, sets)
    ordered = executed.take(network.activities.kind[executed.activity] < ActivityKind.SUBSTITUTION)
    written = split_orders(network, ordered)
    orders = supply_orders(network, written)
    tables = {
        f"{kind.name.lower()}_load": load_table(
            network, kind, load, room.price, PLAN_TABLES[f"{kind.name.lower()}_load"]
        )
        for kind in CapacityKind
    }
    stock = stock_table(network, executed, shipped)
    overloads = sum(int((table["overload"] > 0).sum()) for table in tables.values())
    shortage = float(solution.x[program.columns_of("Shortage")].sum())
    alerts = pd.concat([changed, alert_table(network.alerts)], ignore_index=True)
    alerts = alerts.sort_values(list(PLAN_TABLES["data_alerts"]), kind="stable", ignore_index=True)
    by_item = item_figures(network, shipped, promised, orders, costs(network, executed, load, stock))
    promise_rows = promise_table(network, promised, late.gating)
    backlog = backlog_tables(network, promise_rows, shipped, promised)
    figures = kpis(network, by_item, overloads, shortage)
    ruled = _rule_tables(network, executed, written, load, sets, program, solution, flows)
    if network.previous_orders.in_use:
        ruled["order_changes"] = order_changes(network, orders)
    figures |= {name: len(ruled[name]) for name in ("broken_lots", "order_changes") if name in ruled}
    return PlanTables(
        promises=promise_rows,
        deliveries=delivery_table(network, shipped),
        deployments=deployments(network, written, orders),
        supply_orders=orders,
        resource_load=tables["resource_load"],
        supplier_load=tables["supplier_load"],
        lane_load=tables["lane_load"],
        stock=stock,
        data_alerts=alerts,
        explanations=late.explanations,
        chains=late.chains,
        releases=late.releases,
        causes=late.causes,
        lines=line_table(network, promised),
        by_item=by_item,
        kpis={**figures, **backlog_figures(network, backlog)},
        rule_tables={
            **backlog,
            **shipment_tables(network, shipped),
            **ruled,
        },
    )


def _rule_tables(
    network: Network,
    executed: Executed,
    written: Executed,
    load: FloatArray,
    sets: SetAnalysis,
    program: LinearProgram,
    solution: Solution,
    flows: Flows,
) -> dict[str, pd.DataFrame]:
    """The tables of the rules that are in use."""
    tables = {}
    if network.capacities.extra.any():
        tables["overtime"] = overtime_table(network, load)
    if len(network.lots) and not network.exact_lots:
        tables["broken_lots"] = broken_lots(network, written, order_names(network, written)[1])
    if len(network.ship_sets):
        tables["ship_sets"] = set_table(network, sets)
    if network.substitutes.has_pools:
        tables |= pool_tables(network, executed, written, flows)
    if (network.allocation.class_group >= 0).any():
        tables["allocation_use"] = allocation_use(network, program, solution, flows)
    return tables


def exceeded_groups(network: Network, flows: Flows) -> frozenset[int]:
    """Capacity groups that were left out of the program and that its plan exceeds.

    When there is none, the plan is optimal with all of them.
    """
    if network.measured or network.enforced.all():
        return frozenset()
    load, capacities = loads(network, executed_starts(network, flows)), network.capacities
    allowed = np.maximum(capacities.limit, network.firm_load)
    exceeded = capacities.group[load > allowed + NOISE * np.maximum(1.0, allowed)]
    return frozenset(np.unique(exceeded[~network.enforced[exceeded]]).tolist())
