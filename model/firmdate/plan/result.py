"""What a solve gives: the tables of the run, its figures, and how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

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
        "kind",
        "customer",
        "region",
        "product_group",
        "value",
        "late_unit_days",
    ),
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
}
"""Columns of every table of a run, in order."""


@dataclass(frozen=True)
class Plan:
    """The outcome of one solve.

    Every table is a ``pandas.DataFrame`` with the columns of :data:`PLAN_TABLES`, sorted.
    Dates are ``datetime64[s]`` (blank: ``NaT``), quantities are in the item's unit.

    Attributes:
        scenario: The resolved scenario.
        promises: One row per order line: promise date, days late, status, what gates it, and what it is worth.
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
