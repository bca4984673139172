"""The part of the schema that allocates supply: the tree of nodes, and their shares by item and period."""

from __future__ import annotations

from firmdate.data.columns import Column, Table

ALLOCATION_TABLES: tuple[Table, ...] = (
    Table(
        "allocation_nodes",
        "The tree of customers, channels or regions among which supply is allocated",
        (
            Column("node", "id", "Name of the node", key=True, required=True, references="allocation_nodes"),
            Column("parent", "id", "Node above, whose share its lines use next", references="allocation_nodes"),
            Column(
                "rank",
                "integer",
                "Lower ranks come first, and may take what nodes of higher ranks leave unprotected",
                default=1,
                minimum=0.0,
            ),
            Column(
                "protection",
                "number",
                "Part of the node's share that nodes of better rank cannot take",
                "percent",
                default=100.0,
                minimum=0.0,
            ),
        ),
    ),
    Table(
        "allocations",
        "Shares of the existing supply of an item, per node of the tree and period",
        (
            Column(
                "item",
                "id",
                "Item that is allocated; blank means every item",
                key=True,
                references="items",
                all_when_blank=True,
            ),
            Column(
                "location",
                "id",
                "Location that ships to the customer; blank means all locations together",
                key=True,
                references="locations",
                all_when_blank=True,
            ),
            Column("node", "id", "Node that gets the share", key=True, required=True, references="allocation_nodes"),
            Column("start", "date", "First day of the period", key=True, required=True),
            Column("end", "date", "Day after the last day of the period (exclusive)", key=True, required=True),
            Column(
                "percent",
                "number",
                "Share of what its parent gets of the supply that comes in the period",
                "percent",
                minimum=0.0,
            ),
            Column(
                "quantity",
                "number",
                "Units for the node itself, from the first day of the period on",
                "units",
                minimum=0.0,
            ),
            Column(
                "percent_of",
                "choice",
                "What a percentage is of: all supply, or what nodes of better rank beside it leave",
                default="supply",
                choices=("supply", "remaining"),
            ),
        ),
    ),
)
