"""What a solve gives: the tables of the run, its figures, and how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from firmdate.plan.explain.reading import LineExplanation
    from firmdate.scenario.schema import Scenario

PLAN_TABLES: Mapping[str, tuple[str, ...]] = {
    "promises": (
        "order",
        "line",
        "item",
        "location",
        "quantity",
        "requested_date",
        "promise_date",
        "days_late",
        "promised_quantity",
        "status",
        "tier",
        "gating_kind",
        "gating_name",
        "gating_date",
        "reason",
    ),
    "lines": ("order", "line", "kind", "customer", "region", "product_group", "value", "late_unit_days"),
    "deliveries": ("order", "line", "date", "quantity"),
    "deployments": (
        "item",
        "origin",
        "destination",
        "mode",
        "ship_date",
        "arrival_date",
        "quantity",
        "planned_order",
    ),
    "supply_orders": (
        "plan",
        "order",
        "type",
        "item",
        "location",
        "origin",
        "supplier",
        "alternative",
        "planned_date",
        "date",
        "planned_quantity",
        "quantity",
        "status",
        "start_date",
    ),
    "resource_load": ("resource", "start", "end", "load", "capacity", "overload", "price"),
    "supplier_load": ("supplier", "start", "end", "load", "capacity", "overload", "price", "item"),
    "lane_load": ("lane", "start", "end", "load", "capacity", "overload", "price"),
    "stock": ("item", "location", "date", "quantity"),
    "data_alerts": ("table", "key", "rule", "before", "after"),
    "explanations": (
        "order",
        "line",
        "tag",
        "cause",
        "chain",
        "late_unit_days",
        "late_value",
        "lead_time_date",
        "competing",
    ),
    "chains": ("chain", "step", "role", "kind", "name", "item", "location", "start", "date", "text"),
    "releases": (
        "order",
        "line",
        "release",
        "kind",
        "name",
        "item",
        "location",
        "origin",
        "way",
        "start",
        "end",
        "amount",
        "unit",
        "days",
        "gain_days",
        "gain_unit_days",
    ),
    "causes": (
        "cause",
        "tag",
        "kind",
        "name",
        "item",
        "location",
        "origin",
        "way",
        "start",
        "end",
        "lines",
        "late_unit_days",
        "late_value",
        "reason",
        "amount",
        "unit",
        "days",
        "gain_lines",
        "gain_days",
        "gain_unit_days",
        "price",
        "text",
    ),
}
"""Columns of every table of a run, in order."""

RULE_TABLES: Mapping[str, tuple[str, ...]] = {
    "shipments": ("order", "line", "item", "location", "ship_date", "date", "quantity"),
    "overtime": ("kind", "name", "item", "start", "end", "quantity", "limit", "unit_cost", "cost"),
    "broken_lots": (
        "order",
        "type",
        "item",
        "location",
        "origin",
        "supplier",
        "date",
        "quantity",
        "rule",
        "lot_quantity",
    ),
    "ship_sets": (
        "ship_set",
        "order",
        "line",
        "rank",
        "set_date",
        "own_date",
        "date_without",
        "improvement_days",
    ),
    "backlog": (
        "order",
        "line",
        "tier",
        "priority",
        "strategy",
        "scheduled_date",
        "commitment",
        "previous_date",
        "promise_date",
        "change",
        "why",
    ),
    "order_changes": (
        "type",
        "item",
        "location",
        "origin",
        "supplier",
        "alternative",
        "start_date",
        "previous_quantity",
        "quantity",
        "change",
    ),
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
    "allocation_use": ("order", "line", "date", "node", "source", "source_node", "quantity"),
}
"""Columns of the tables that a run has in addition where their rule is in use, in order."""

LATER_TABLES = ("lines", "explanations", "chains", "releases", "causes")
"""Tables that runs of earlier versions lack."""


def joined_lines(promises: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """The promises with what the lines are; of the same rows, as in every run, they are only put side by side.

    Args:
        promises: Table ``promises``.
        lines: Table ``lines``.
    """
    keys = ["order", "line"]
    if len(lines) == len(promises) and all((lines[key].to_numpy() == promises[key].to_numpy()).all() for key in keys):
        facts = lines.drop(columns=keys).set_axis(promises.index)
        return promises.join(facts)
    texts = dict.fromkeys(keys, object)
    joined = promises.astype(texts).merge(lines.astype(texts), on=keys, how="left", validate="many_to_one")
    return joined.fillna(dict.fromkeys(("kind", "customer", "region", "product_group"), ""))


def no_rows(table: str) -> pd.DataFrame:
    """An empty table of a run."""
    import pandas as pd

    return pd.DataFrame({column: pd.Series(dtype="str") for column in PLAN_TABLES[table]})


@dataclass(frozen=True)
class Plan:
    """The outcome of one solve.

    Every table is a ``pandas.DataFrame`` with the columns of :data:`PLAN_TABLES`, sorted.
    Dates are ``datetime64[s]`` (blank: ``NaT``), quantities are in the item's unit.

    Attributes:
        scenario: The resolved scenario.
        promises: One row per order line: promise date, days late, status and what gates it.
        lines: What each of these lines is: order or forecast, customer, region, product group, value, late unit-days.
        deliveries: The schedule lines: what ships to a line on which date.
        deployments: Every transfer: what moves from where to where, and when.
        supply_orders: The adjusted supply plan: planned orders kept, reduced, delayed or cancelled, and new orders.
        resource_load: Hours used and available per resource and interval.
        supplier_load: Units ordered and available per supplier and interval.
        lane_load: Units shipped and available per lane and day, for lanes with a capacity.
        stock: Projected stock at the end of each date with a change.
        data_alerts: What was corrected in the data, by which rule.
        kpis: Figures by name.
        run: Versions, hash of the input, options, status, seconds and memory per stage, sizes, warnings.
        log: The solver's log.
        explanations: One row per line that is not on time: its root cause, the chain upstream, the earliest date that
            lead times alone allow, and the lines that were served instead.
        chains: The steps of every chain: from the line upstream to what holds it back.
        releases: What would help each late line, the best first.
        causes: Root causes with the lines that they hold back, the largest first.
        rule_tables: Tables of the rules that are in use, by name, with the columns of :data:`RULE_TABLES`.
    """

    scenario: Scenario
    promises: pd.DataFrame
    deliveries: pd.DataFrame
    deployments: pd.DataFrame
    supply_orders: pd.DataFrame
    resource_load: pd.DataFrame
    supplier_load: pd.DataFrame
    lane_load: pd.DataFrame
    stock: pd.DataFrame
    data_alerts: pd.DataFrame
    kpis: Mapping[str, float]
    run: Mapping[str, object]
    log: str
    explanations: pd.DataFrame = field(default_factory=lambda: no_rows("explanations"))
    chains: pd.DataFrame = field(default_factory=lambda: no_rows("chains"))
    releases: pd.DataFrame = field(default_factory=lambda: no_rows("releases"))
    causes: pd.DataFrame = field(default_factory=lambda: no_rows("causes"))
    lines: pd.DataFrame = field(default_factory=lambda: no_rows("lines"))
    rule_tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @cached_property
    def order_lines(self) -> pd.DataFrame:
        """The promises with what the lines are: the columns of ``promises``, then those of ``lines``."""
        return joined_lines(self.promises, self.lines)

    def explain(self, order: str, line: str) -> LineExplanation:
        """Why a line gets its date: the chain upstream, the lines served instead, and what would help.

        Args:
            order: Order.
            line: Line of the order.

        Raises:
            InputError: There is no such line; names what comes near.
        """
        from firmdate.plan.explain.reading import explain_lines_of

        return explain_lines_of(self, order, line)[0]
