"""The part of the schema that holds what is there and what is planned: stock, receipts and planned orders."""

from __future__ import annotations

from functools import partial

from firmdate.data.columns import Column, Table

_ITEM = partial(Column, "item", "id", references="items")
_LOCATION = partial(Column, "location", "id", references="locations")
_ALTERNATIVE = partial(Column, "alternative", "id")
_QUANTITY = partial(Column, "quantity", "number", unit="units", required=True, minimum=0.0)

SUPPLY_TABLES: tuple[Table, ...] = (
    Table(
        "on_hand",
        "Stock at the start of the plan",
        (
            _ITEM("Item in stock", key=True, required=True),
            _LOCATION("Location that holds it", key=True, required=True),
            Column("bin", "id", "Bin, lot or sub-inventory; bins are added up", key=True),
            Column("quantity", "number", "Quantity in stock; may be negative", "units", required=True),
        ),
    ),
    Table(
        "reservations",
        "Stock that is physically reserved for an order line",
        (
            Column("order", "id", "Order that holds the reservation", key=True, required=True),
            Column("line", "id", "Line of that order", key=True, required=True),
            _ITEM("Item that is reserved", required=True),
            _LOCATION("Location that holds it", required=True),
            _QUANTITY("Quantity reserved"),
        ),
    ),
    Table(
        "scheduled_receipts",
        "Supply that is already ordered and will arrive",
        (
            Column("receipt", "id", "Number of the receipt", key=True, required=True),
            Column("type", "choice", "Where it comes from", required=True, choices=("purchase", "transfer", "make")),
            _ITEM("Item that arrives", required=True),
            _LOCATION("Location that receives", required=True),
            Column("date", "date", "Day of arrival, from which it can be used", required=True),
            _QUANTITY("Quantity that arrives"),
            Column("origin", "id", "Location that shipped it (transfer)", references="locations"),
            Column("supplier", "id", "Supplier that sends it (purchase)", references="suppliers"),
        ),
    ),
    Table(
        "planned_orders",
        "The supply plan: what is planned to be made, moved and bought",
        (
            Column("plan", "id", "Name of the supply plan", key=True, required=True),
            Column("order", "id", "Number of the planned order in its plan", key=True, required=True),
            Column("type", "choice", "What is planned", required=True, choices=("make", "transfer", "buy")),
            _ITEM("Item that is supplied", required=True),
            _LOCATION("Location that makes or receives it", required=True),
            _QUANTITY("Planned quantity"),
            Column("start_date", "date", "Day of start, shipment or order; blank is the due date less the lead time"),
            Column("due_date", "date", "Day from which the quantity can be used", required=True),
            Column("origin", "id", "Location that ships (transfer)", references="locations"),
            Column("supplier", "id", "Supplier (buy); may be blank when only one sells it", references="suppliers"),
            _ALTERNATIVE("Way of making the item (make); blank is the alternative of the lowest rank"),
        ),
    ),
    Table(
        "planned_order_demands",
        "What a planned order consumes and when; without rows it is derived from bill of materials and operation",
        (
            Column("plan", "id", "Name of the supply plan", key=True, required=True),
            Column("order", "id", "Planned order that consumes", key=True, required=True),
            Column(
                "kind",
                "choice",
                "What is consumed",
                key=True,
                required=True,
                choices=("component", "resource", "supplier"),
            ),
            Column("name", "id", "Component, resource or supplier that is consumed", key=True, required=True),
            _LOCATION("Location of the component; blank is the location of the planned order", key=True),
            Column("date", "date", "Day on which it is consumed", required=True),
            Column(
                "quantity",
                "number",
                "Quantity consumed by the whole planned order",
                "units, or hours of a resource",
                required=True,
                minimum=0.0,
            ),
        ),
    ),
)
