"""The schema: every planning table and column, its type, unit, default and meaning.

This is the only place that knows them; reading, checking, writing and the reference
documentation all derive from ``TABLES``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from firmdate.data.columns import Column, Kind, Table, Value
from firmdate.data.demand_tables import DEMAND_TABLES
from firmdate.data.rule_tables import RULE_TABLES
from firmdate.data.supply_tables import SUPPLY_TABLES

__all__ = ["MASTER_TABLES", "TABLE", "TABLES", "Column", "Kind", "Table", "Value", "describe_tables"]

_ITEM = partial(Column, "item", "id", references="items")
_LOCATION = partial(Column, "location", "id", references="locations")
_CALENDAR = partial(Column, kind="id", references="calendars")
_ALTERNATIVE = partial(Column, "alternative", "id")
_START = Column("start", "date", "First day of the interval", key=True, required=True)
_END = Column("end", "date", "Day after the last day of the interval (exclusive)", key=True, required=True)
_COST = partial(Column, "unit_cost", "number", unit="money per unit", default=0.0, minimum=0.0)
_LEAD_TIME = partial(Column, "lead_time_days", "integer", unit="days", minimum=0.0)
_QUANTITY = partial(Column, "quantity", "number", unit="units", required=True, minimum=0.0)
_RANK = partial(Column, "rank", "integer", default=1, minimum=0.0)
_MINIMUM = partial(Column, "minimum", "number", unit="units", minimum=0.0)
_MULTIPLE = partial(Column, "multiple", "number", unit="units", minimum=0.0, exclusive=True)
_FROM = partial(Column, "effective_from", "date")
_TO = partial(Column, "effective_to", "date")


def _lot_sizes(order: str) -> tuple[Column, ...]:
    """Columns of the lot sizes of new orders."""
    return (
        _MINIMUM(f"Smallest quantity of one {order}"),
        _MULTIPLE(f"Quantity of one {order} is a whole multiple of this"),
        Column("maximum", "number", f"Largest quantity of one {order}", "units", minimum=0.0, exclusive=True),
        Column("pack_sizes", "text", f"Sizes of the packs of which one {order} is made, such as 6/12/18"),
        Column(
            "pack_tolerance",
            "number",
            f"Share by which one {order} may differ from whole packs, such as 0.1",
            "share",
            minimum=0.0,
        ),
    )


_MASTERS = (
    Table(
        "items",
        "What is stocked, made, bought and sold",
        (
            _ITEM("Part number", key=True, required=True),
            Column("description", "text", "Name of the item for reports"),
            _COST("Standard cost, the value of one unit in stock"),
            Column("unit_price", "number", "Sales price of one unit", "money per unit", default=0.0, minimum=0.0),
            Column("whole_units", "flag", "True when only whole units can be shipped, made or bought", default=True),
            Column("product_group", "id", "Group of items for reports and rules"),
        ),
    ),
    Table(
        "locations",
        "Plants, warehouses, depots and stores",
        (
            _LOCATION("Name of the place", key=True, required=True),
            Column("description", "text", "Name of the location for reports"),
            Column("region", "id", "Region for reports and rules"),
            _CALENDAR("calendar", description="Working days of the location; blank works every day"),
            _CALENDAR("shipping_calendar", description="Days on which it ships; blank is its calendar"),
            _CALENDAR("receiving_calendar", description="Days of arrivals; blank is its calendar"),
            Column("balancing_area", "id", "Locations of one area may balance stock among themselves"),
        ),
    ),
    Table(
        "stocking_points",
        "How an item is replenished at a location",
        (
            _ITEM("Item that is stocked", key=True, required=True),
            _LOCATION("Location that stocks it", key=True, required=True),
            Column(
                "coverage",
                "choice",
                "What stock is planned for: each requirement, a minimum and maximum, or nothing",
                default="requirement",
                choices=("requirement", "min_max", "none"),
            ),
            _MINIMUM("Stock level below which is replenished (min_max)"),
            Column("maximum", "number", "Stock level up to which is replenished (min_max)", "units", minimum=0.0),
            _MULTIPLE("Replenishment quantities are whole multiples of this"),
            Column("safety_stock", "number", "Stock to be kept in reserve", "units", default=0.0, minimum=0.0),
            Column("share_target", "number", "What a fair share by target is measured by", "units", minimum=0.0),
            Column(
                "holding_cost",
                "number",
                "Cost of holding one unit in stock for a year",
                "money per unit and year",
                default=0.0,
                minimum=0.0,
            ),
            Column(
                "search",
                "choice",
                "How far a promise looks for supply: the whole chain, the lead time only, or always available",
                default="supply_chain",
                choices=("supply_chain", "lead_time", "infinite"),
            ),
            Column("search_components", "flag", "True when components are searched too", default=True),
            _LEAD_TIME("Days until supply can be had when search is lead_time"),
            Column(
                "infinite_fence_days",
                "integer",
                "Days from the planning date after which supply is infinite; blank follows the scenario",
                "days",
                minimum=0.0,
            ),
        ),
    ),
)

_DISTRIBUTION = (
    Table(
        "lanes",
        "Ways on which an item can be moved from one location to another",
        (
            _ITEM("Item that is moved; blank means every item", key=True, all_when_blank=True),
            Column("origin", "id", "Location that ships", key=True, required=True, references="locations"),
            Column("destination", "id", "Location that receives", key=True, required=True, references="locations"),
            Column("mode", "id", "Mode of transport", key=True, default="standard"),
            _LEAD_TIME("Days from shipment to arrival", required=True),
            _COST("Cost of moving one unit"),
            _RANK("Preference among the lanes into a location; the lowest rank is preferred"),
            Column(
                "capacity_per_day",
                "number",
                "Most units that can be shipped on one day; blank is unlimited",
                "units per day",
                minimum=0.0,
            ),
            _FROM("First day on which the lane may ship; blank has no limit"),
            _TO("Last day on which the lane may ship; blank has no limit"),
            *_lot_sizes("transfer"),
        ),
    ),
)

_MAKE = (
    Table(
        "bills_of_materials",
        "What one unit of an item is made of",
        (
            _ITEM("Item that is made", key=True, required=True),
            _LOCATION("Location that makes it; blank means every location", key=True, all_when_blank=True),
            _ALTERNATIVE("Which way of making the item the row belongs to", key=True, default="1"),
            Column("component", "id", "Item that is consumed", key=True, required=True, references="items"),
            Column(
                "quantity_per",
                "number",
                "Component consumed by one unit",
                "units per unit",
                required=True,
                minimum=0.0,
            ),
            _FROM("First start date for which the row is valid; blank has no limit"),
            _TO("Last start date for which the row is valid; blank has no limit"),
        ),
    ),
    Table(
        "operations",
        "How an item is made at a location",
        (
            _ITEM("Item that is made", key=True, required=True),
            _LOCATION("Location that makes it", key=True, required=True),
            _ALTERNATIVE("Name of this way of making the item", key=True, default="1"),
            _LEAD_TIME("Days from the start, when components and hours are taken, to the finished unit", required=True),
            _COST("Cost of making one unit, without its components"),
            _RANK("Preference among the alternatives; the lowest rank is preferred"),
            *_lot_sizes("make order"),
        ),
    ),
    Table(
        "operation_resources",
        "Hours that an operation takes of a resource, on its start date",
        (
            _ITEM("Item that is made", key=True, required=True),
            _LOCATION("Location that makes it", key=True, required=True),
            _ALTERNATIVE("Way of making the item that takes the hours", key=True, default="1"),
            Column(
                "resource",
                "id",
                "Machine, line or crew that is needed",
                key=True,
                required=True,
                references="resources",
            ),
            Column("hours_per_unit", "number", "Hours for one unit", unit="hours per unit", required=True, minimum=0.0),
        ),
    ),
    Table(
        "resources",
        "Machines, lines and crews",
        (
            Column("resource", "id", "Name of the resource", key=True, required=True, references="resources"),
            _LOCATION("Location of the resource"),
            Column("description", "text", "Name of the resource for reports"),
        ),
    ),
    Table(
        "resource_capacity",
        "Hours available in an interval; a day in no interval of the resource has none",
        (
            Column("resource", "id", "Resource that is available", key=True, required=True, references="resources"),
            _START,
            _END,
            Column("hours", "number", "Hours available in the whole interval", "hours", required=True, minimum=0.0),
            Column(
                "overtime_hours",
                "number",
                "Hours that can be had beyond these, at a price",
                "hours",
                default=0.0,
                minimum=0.0,
            ),
            Column("overtime_cost", "number", "Price of overtime", "money per hour", default=0.0, minimum=0.0),
        ),
    ),
)

_BUY = (
    Table(
        "suppliers",
        "Vendors",
        (
            Column("supplier", "id", "Name of the supplier", key=True, required=True, references="suppliers"),
            Column("description", "text", "Name of the supplier for reports"),
            _CALENDAR("calendar", description="Working days of the supplier; blank works every day"),
        ),
    ),
    Table(
        "supplier_items",
        "What can be bought from a supplier for a location",
        (
            Column("supplier", "id", "Supplier that sells", key=True, required=True, references="suppliers"),
            _ITEM("Item that is bought", key=True, required=True),
            _LOCATION("Location that receives", key=True, required=True),
            _LEAD_TIME("Days from order to receipt", required=True),
            _COST("Purchase price of one unit"),
            _RANK("Preference among the suppliers; the lowest rank is preferred"),
            *_lot_sizes("purchase order"),
        ),
    ),
    Table(
        "supplier_capacity",
        "Quantity that a supplier accepts in an interval; a day in no interval of the supplier has none",
        (
            Column("supplier", "id", "Supplier that is limited", key=True, required=True, references="suppliers"),
            _ITEM("Item that is limited; blank limits all items together", key=True, all_when_blank=True),
            _START,
            _END,
            _QUANTITY("Most units that can be ordered in the whole interval, by order date"),
            Column(
                "extra_quantity",
                "number",
                "Units that can be ordered beyond these, at a price on top of the purchase price",
                "units",
                default=0.0,
                minimum=0.0,
            ),
            Column("extra_cost", "number", "Price of extra units", "money per unit", default=0.0, minimum=0.0),
        ),
    ),
    Table(
        "calendars",
        "Working and non-working days",
        (
            Column("calendar", "id", "Name of the calendar", key=True, required=True, references="calendars"),
            _START,
            _END,
            Column("working", "flag", "True when the days of the interval are worked", required=True),
        ),
    ),
)

TABLES: tuple[Table, ...] = _MASTERS + _DISTRIBUTION + _MAKE + _BUY + SUPPLY_TABLES + DEMAND_TABLES + RULE_TABLES
"""All tables, in the order in which documentation lists them."""

TABLE: Mapping[str, Table] = MappingProxyType({table.name: table for table in TABLES})
"""All tables by name."""

MASTER_TABLES: tuple[str, ...] = ("items", "locations", "resources", "suppliers", "calendars", "allocation_nodes")
"""Tables that list ids; a missing one is inferred from use, one with rows is complete."""


def describe_tables() -> list[dict[str, object]]:
    """The schema as plain data, one entry a column, for ``firmdate schema`` and the documentation.

    Returns:
        Dictionaries of JSON values with the keys table, table_description, column, kind, unit, key, required,
        default, choices, minimum, exclusive, references, all_when_blank and description.

    >>> [entry["column"] for entry in describe_tables() if entry["table"] == "on_hand"]
    ['item', 'location', 'bin', 'quantity']
    """
    return [
        {
            "table": table.name,
            "table_description": table.description,
            "column": column.name,
            "kind": column.kind,
            "unit": column.unit,
            "key": column.key,
            "required": column.required,
            "default": column.default,
            "choices": list(column.choices),
            "minimum": column.minimum,
            "exclusive": column.exclusive,
            "references": column.references,
            "all_when_blank": column.all_when_blank,
            "description": column.description,
        }
        for table in TABLES
        for column in table.columns
    ]
