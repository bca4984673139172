"""What the files of a run mean: the tables and their columns, for people and for the documentation."""

from __future__ import annotations

from collections.abc import Mapping

from firmdate.plan.result import PLAN_TABLES
from firmdate.scenario.values import KPI_MEANINGS

TABLE_MEANINGS: Mapping[str, str] = {
    "promises": "One row per order line: when it is promised, and what holds it back",
    "deliveries": "The schedule lines: what ships to an order line on which date",
    "deployments": "Every transfer: what moves from where to where, and when",
    "supply_orders": "The adjusted supply plan: planned orders and what became of them, and new orders",
    "resource_load": "Hours used and available per resource and interval",
    "supplier_load": "Units ordered and available per supplier and interval",
    "lane_load": "Units shipped and available per lane and day, for lanes that have a capacity and are used",
    "stock": "Projected stock at the end of each date with a change",
    "data_alerts": "What was corrected in the data before planning, and by which rule",
}

COLUMN_MEANINGS: Mapping[str, str] = {
    "order": "Order",
    "line": "Line of the order",
    "item": "Item",
    "location": "Location",
    "quantity": "Units",
    "requested_date": "Date on which the customer wants it",
    "promise_date": "First date on which the line is complete; blank where it is not inside the horizon",
    "days_late": "Days from the requested to the promise date; blank without a promise date",
    "promised_quantity": "Units that are delivered inside the horizon",
    "status": "State of the line or order",
    "tier": "Priority tier, 1 is best",
    "gating_kind": "Kind of what holds the line back, such as resource, supplier, receipt or lead_time",
    "gating_name": "Name of what holds the line back",
    "gating_date": "Date on which it does",
    "reason": "The same in a sentence",
    "kind": "order or forecast",
    "customer": "Customer",
    "region": "Region of the location",
    "product_group": "Product group of the item",
    "value": "Sales value of the line (money)",
    "late_unit_days": "Units × days late",
    "date": "Date",
    "origin": "Location that ships",
    "destination": "Location that receives",
    "mode": "Mode of transport",
    "ship_date": "Date on which it leaves",
    "arrival_date": "Date on which it can be used at the destination",
    "planned_order": "Order of supply_orders that this transfer carries out",
    "plan": "Supply plan to which the order belongs; blank for new orders",
    "type": "make, transfer or buy",
    "supplier": "Supplier",
    "alternative": "Alternative of the bill of materials",
    "planned_date": "Due date in the supply plan; blank for new orders",
    "planned_quantity": "Units in the supply plan; 0 for new orders",
    "start_date": "Date on which the order is started, placed or shipped",
    "resource": "Resource",
    "lane": "Lane",
    "start": "First day of the interval",
    "end": "Day after the interval",
    "load": "Hours or units that are used",
    "capacity": "Hours or units that there are",
    "overload": "Load above the capacity",
    "price": "What one more unit of this capacity is worth in the first level of the objective in which it binds",
    "table": "Table of the planning data",
    "key": "Row of that table",
    "rule": "Name of the rule that changed it",
    "before": "Value in the data",
    "after": "Value that is planned with",
}

OWN_MEANINGS: Mapping[str, Mapping[str, str]] = {
    "promises": {"quantity": "Units ordered", "status": "on_time, late, partial or unpromised"},
    "supply_orders": {
        "date": "Due date in this plan",
        "quantity": "Units in this plan; 0 where the order is cancelled",
        "status": "kept, reduced, delayed, cancelled or new",
        "location": "Location that makes or receives",
    },
    "supplier_load": {"item": "Item; blank where the quantity limits all items of the supplier together"},
}
"""Where a column means more in one table than elsewhere."""

OTHER_FILES: Mapping[str, str] = {
    "kpis.json": "Figures by name",
    "run.json": "Versions, hash of the input, options, sizes, optimum of every level, seconds and memory per stage",
    "scenario.yaml": "The resolved scenario, with the origin of every value",
    "highs.log": "The log of the solver",
    "report.html": "All of it on one page that needs no network",
}


def column_meaning(table: str, column: str) -> str:
    """What a column of a table of a run means."""
    return OWN_MEANINGS.get(table, {}).get(column) or COLUMN_MEANINGS[column]


def run_files_markdown() -> str:
    """The files of a run as sections of a Markdown document."""
    parts = ["# Files of a run"]
    for table, columns in PLAN_TABLES.items():
        rows = [f"| `{column}` | {column_meaning(table, column)} |" for column in columns]
        parts += [f"## `{table}`", f"{TABLE_MEANINGS[table]}.", "\n".join(["| column | meaning |", "|---|---|", *rows])]
    figures = {**KPI_MEANINGS, "late_unit_days_tier_<n>": "The same for one tier, such as `late_unit_days_tier_1`"}
    parts += ["## Other files", _table("file", OTHER_FILES), "## Figures of `kpis.json`", _table("figure", figures)]
    return "\n\n".join(parts)


def _table(head: str, meanings: Mapping[str, str]) -> str:
    rows = [f"| `{name}` | {meaning} |" for name, meaning in meanings.items()]
    return "\n".join([f"| {head} | meaning |", "|---|---|", *rows])
