"""What the files of a run mean: the tables and their columns, for people and for the documentation."""

from __future__ import annotations

from collections.abc import Mapping

from firmdate.plan.result import PLAN_TABLES, RULE_TABLES
from firmdate.scenario.values import KPI_MEANINGS, RULE_KPI_MEANINGS

TABLE_MEANINGS: Mapping[str, str] = {
    "promises": "One row per order line: when it is promised, and what holds it back",
    "lines": "What each order line is, in the order of promises: for totals by customer, region or product group",
    "deliveries": "The schedule lines: what arrives for an order line on which date",
    "deployments": "Every transfer: what moves from where to where, and when",
    "supply_orders": "The adjusted supply plan: planned orders and what became of them, and new orders",
    "resource_load": "Hours used and available per resource and interval",
    "supplier_load": "Units ordered and available per supplier and interval",
    "lane_load": "Units shipped and available per lane and day, for lanes that have a capacity and are used",
    "stock": "Projected stock at the end of each date with a change",
    "data_alerts": "What was corrected in the data before planning, and by which rule",
    "explanations": "One row per line that is not on time: root cause, chain, and which lines were served instead",
    "chains": "The steps of each chain of explanations, from the line upstream to what holds it back",
    "releases": "What would help each late line, the best first",
    "causes": "Root causes with the lines that they hold back, the largest first, and what else would help some lines",
    "shipments": "When each schedule line leaves, for lines whose way to the customer takes days",
    "overtime": "Overtime of resources and extra units of suppliers that are used, and what they cost",
    "broken_lots": "New orders that break their lot size, where lot_sizes is relaxed",
    "ship_sets": "Every line of every late ship set: what the set would gain without it",
    "backlog": "What the rules of the backlog did to each line, where one of them is in use",
    "order_changes": "Orders of another quantity, way or start date than in previous_run, where stability is stated",
    "substitutions_used": "Substitutes that order lines get, or that are built in, in place of an item",
    "shipped_from": "Units that another location than that of the order line ships to it",
    "allocation_use": "Which share of allocated supply each line uses on which date; reserved stock is no part of it",
}

COLUMN_MEANINGS: Mapping[str, str] = {
    "priority": "Priority that is planned with, lower is better",
    "strategy": "Strategy of the line; keep where it is locked or not selected",
    "scheduled_date": "Commitment to the customer in the data",
    "why": "What changed a line",
    "commitment": "kept or broken; blank where nothing is committed",
    "previous_date": "Promise date of the previous run, else the scheduled date",
    "change": "Against the previous date: same, earlier, later, gained or lost; blank where nothing is known",
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
    "kind": "Kind of what is named: resource, supplier, lane, receipt, planned_order, lead_time, supply and others",
    "name": "Name of it",
    "way": "Supplier, alternative or mode of transport; plan of a planned order",
    "customer": "Customer",
    "region": "Region of the location",
    "product_group": "Product group of the item",
    "value": "Sales value of the line (money)",
    "late_unit_days": "Units × days late; units that are never delivered count until 30 days after the horizon",
    "late_value": "Sales value of the units that are late or never delivered (money)",
    "tag": (
        "Root cause: supplier_delay, supplier_capacity, resource_capacity, component_shortage, transfer_blockage, "
        "lead_time, demand_spike, cost (objective: cost), ship_set or data"
    ),
    "cause": "Number of the row of causes",
    "chain": "Number of the chain",
    "step": "Position in the chain, from 1",
    "role": "supply: a step upstream · gating: what holds the line back · also: what must change with it",
    "text": "The same in a sentence",
    "lead_time_date": "First date that lead times alone allow; blank where nothing supplies the line",
    "competing": "Lines that were served instead, each with the reason",
    "release": "Rank of the release for this line, from 1",
    "amount": "Hours or units more that release it; 0 where time does",
    "unit": "hours or units; blank where time releases it",
    "days": "Days earlier that release it; 0 where more of it does",
    "lines": "Lines that it holds back",
    "gain_lines": "Lines that it would help, whatever holds them back",
    "gain_days": "Days by which a line becomes earlier at most",
    "gain_unit_days": "Late unit-days that the release saves at most",
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
    "overload": "Load above the capacity and what is used of overtime or extra units",
    "price": "What one more unit of this capacity is worth in the first level of the objective in which it binds",
    "supply_order": "Order of supply_orders that takes the substitute as a component; blank for an order line",
    "substitute": "Item that takes its place",
    "ship_from": "Location that ships",
    "substitute_quantity": "Units of the substitute that are taken",
    "limit": "Most that can be had",
    "unit_cost": "Price of one hour or unit (money)",
    "cost": "Quantity × price (money)",
    "table": "Table of the planning data",
    "key": "Row of that table",
    "rule": "Name of the rule that changed it",
    "node": "Node of the allocation tree that the line belongs to",
    "source": "own share, one above it, unallocated, taken from a node of worse rank, or new_supply",
    "source_node": "Node whose share it is; blank for unallocated and new supply",
    "before": "Value in the data",
    "after": "Value that is planned with",
    "ship_set": "Ship set",
    "rank": "1 for the line that constrains the set most",
    "previous_quantity": "Units of the previous run",
    "lot_quantity": "The next larger quantity that keeps the lot size",
    "set_date": "Date on which the set leaves; blank where it does not inside the horizon",
    "own_date": "First date on which the line alone could leave, the rest of the plan being as it is",
    "date_without": "First date on which the set could leave without the line",
    "improvement_days": "Days by which it would leave sooner; a set that never leaves counts as leaving 30 days after "
    "the horizon",
}

OWN_MEANINGS: Mapping[str, Mapping[str, str]] = {
    "lines": {"kind": "order or forecast"},
    "promises": {"quantity": "Units ordered", "status": "on_time, late, partial or unpromised"},
    "supply_orders": {
        "date": "Due date in this plan",
        "quantity": "Units in this plan; 0 where the order is cancelled",
        "status": "kept, reduced, delayed, cancelled or new",
        "location": "Location that makes or receives",
    },
    "chains": {
        "start": "Date of start, order or shipment",
        "date": "Date of arrival, or that the gating factor stands for",
    },
    "releases": {"start": "First day that it stands for", "end": "Day after the last"},
    "causes": {"start": "First day that it stands for", "end": "Day after the last"},
    "substitutions_used": {
        "order": "Order; blank for a component",
        "line": "Line of the order; blank for a component",
        "plan": "Supply plan of the supply order; blank for new orders and order lines",
        "item": "Item that is replaced",
        "quantity": "Units that are replaced",
    },
    "broken_lots": {
        "date": "Due date of the order",
        "rule": "minimum, maximum, multiple or pack_sizes",
        "location": "Location that makes or receives",
    },
    "order_changes": {"change": "new, dropped, more or less", "location": "Location that makes or receives"},
    "shipped_from": {"date": "Day of shipment", "location": "Location of the order line"},
    "shipments": {"date": "Date of arrival at the customer", "location": "Location that ships"},
    "overtime": {
        "kind": "resource or supplier",
        "item": "Item; blank for a resource, and where the extra units are of all items together",
        "quantity": "Hours or units that are used beyond the capacity",
    },
    "supplier_load": {"item": "Item; blank where the quantity limits all items of the supplier together"},
}
"""Where a column means more in one table than elsewhere."""

OTHER_FILES: Mapping[str, str] = {
    "kpis.json": "Figures by name",
    "run.json": "Versions, hashes of input and files, options, sizes, optima of all levels, time and memory per stage",
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
    for table, columns in {**PLAN_TABLES, **RULE_TABLES}.items():
        rows = [f"| `{column}` | {column_meaning(table, column)} |" for column in columns]
        parts += [f"## `{table}`", f"{TABLE_MEANINGS[table]}.", "\n".join(["| column | meaning |", "|---|---|", *rows])]
    figures = {
        **KPI_MEANINGS,
        **RULE_KPI_MEANINGS,
        "late_unit_days_tier_<n>": "The same for one tier, such as `late_unit_days_tier_1`",
    }
    parts += ["## Other files", _table("file", OTHER_FILES), "## Figures of `kpis.json`", _table("figure", figures)]
    return "\n\n".join(parts)


def _table(head: str, meanings: Mapping[str, str]) -> str:
    rows = [f"| `{name}` | {meaning} |" for name, meaning in meanings.items()]
    return "\n".join([f"| {head} | meaning |", "|---|---|", *rows])
