"""The part of the schema that says what may take the place of what."""

from __future__ import annotations

from firmdate.data.columns import Column, Table

SUBSTITUTION_TABLES: tuple[Table, ...] = (
    Table(
        "substitutions",
        "Items that may take the place of another item, for order lines and in bills of materials that allow it",
        (
            Column("item", "id", "Item that is wanted", key=True, required=True, references="items"),
            Column("substitute", "id", "Item that may take its place", key=True, required=True, references="items"),
            Column(
                "location",
                "id",
                "Location at which it may; blank means every location",
                key=True,
                all_when_blank=True,
                references="locations",
            ),
            Column(
                "rank",
                "integer",
                "Preference among the substitutes; the lowest rank is preferred, after the item itself",
                default=1,
                minimum=0.0,
            ),
            Column(
                "ratio",
                "number",
                "Units of the substitute for one unit of the item",
                "units per unit",
                default=1.0,
                minimum=0.0,
                exclusive=True,
            ),
            Column(
                "direction",
                "choice",
                "Which way it goes; one_way: only as the row says; mutual: the other way round too; form_fit_function: "
                "all items that such rows connect stand in for each other",
                default="one_way",
                choices=("one_way", "mutual", "form_fit_function"),
            ),
            Column("unit_cost", "number", "Cost of replacing one unit", "money per unit", default=0.0, minimum=0.0),
            Column("effective_from", "date", "First day on which it may be used; blank has no limit"),
            Column("effective_to", "date", "Last day on which it may be used; blank has no limit"),
        ),
    ),
)
