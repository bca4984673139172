"""The part of the schema that holds what is wanted: order lines, forecasts, and the rules of a line."""

from __future__ import annotations

from firmdate.data.columns import Column, Table

DEMAND_TABLES: tuple[Table, ...] = (
    Table(
        "demands",
        "Order lines and forecasts that want a promise date",
        (
            Column("order", "id", "Order number", key=True, required=True),
            Column("line", "id", "Line of the order", key=True, required=True),
            Column("kind", "choice", "Customer order or forecast", default="order", choices=("order", "forecast")),
            Column("item", "id", "Item that is wanted", references="items", required=True),
            Column("location", "id", "Location that ships to the customer", references="locations", required=True),
            Column(
                "quantity", "number", "Quantity that is wanted", "units", required=True, minimum=0.0, exclusive=True
            ),
            Column("requested_date", "date", "Day on which the customer wants it", required=True),
            Column("tier", "integer", "Priority tier; 1 is served best", default=1, minimum=1.0),
            Column("priority", "number", "Precedence within the tier; lower comes first, blank comes last"),
            Column("override_priority", "number", "Priority that beats every calculated one"),
            Column("customer", "id", "Customer of the order"),
            Column("revenue", "number", "Sales value of the whole line", "money", minimum=0.0),
            Column(
                "penalty_per_day",
                "number",
                "Penalty for one unit that is one day late",
                "money per unit and day",
                default=0.0,
                minimum=0.0,
            ),
            Column("scheduled_date", "date", "Current commitment to the customer"),
            Column("enforce_commit", "flag", "True when never later than scheduled while a plan can keep it"),
            Column("pull_in", "flag", "False when never earlier than scheduled"),
            Column("locked", "flag", "True when the line keeps its result", default=False),
            Column(
                "strategy",
                "choice",
                "Strategy of the line; blank follows the scenario",
                choices=("win", "gain", "improve", "redistribute", "fill", "lose", "skip"),
            ),
            Column("earliest_date", "date", "First day on which the customer accepts delivery"),
            Column("latest_acceptable_date", "date", "Last day on which the customer accepts delivery"),
            Column(
                "delivery_lead_time_days",
                "integer",
                "Days from the shipment to the arrival at the customer; all dates of the line are those of arrival",
                "days",
                default=0,
                minimum=0.0,
            ),
            Column("partial", "flag", "True when the line may be delivered in several shipments", default=True),
            Column("minimum_shipment", "number", "Smallest quantity of one shipment", "units", minimum=0.0),
            Column("maximum_deliveries", "integer", "Most deliveries; blank means any number", minimum=1.0),
            Column(
                "split_unfinished",
                "flag",
                "False when nothing is delivered unless all of it can be; blank follows the scenario",
            ),
            Column("substitution", "flag", "True when substitutes may be shipped; blank follows the scenario"),
            Column(
                "ship_from",
                "choice",
                "Who may ship: the location of the line, or any location of its balancing area",
                default="requested",
                choices=("requested", "any"),
            ),
            Column("ship_set", "id", "Lines of one ship set are delivered together"),
            Column("allocation_node", "id", "Node whose share of supply it uses first", references="allocation_nodes"),
        ),
        extra_prefix="x_",
        required=True,
    ),
)
