"""Random supply chains in which everything is scarce: a plant, a warehouse, two depots, and lines that must wait.

All of them have the same shape, so that lines wait for hours, suppliers, lanes, receipts, planned orders and lead times
and not, as in most of the random networks, for supply that is not there at all.
"""

from __future__ import annotations

import random
from typing import Any

from laws.problem import Row, date_of

HORIZON = 42

PLACES = (("K", "M"), ("K", "W"), ("A", "M"), ("B", "M"), ("L", "M"))
"""Stocking points with stock."""

OPTIONS: dict[str, object] = {"horizon_days": HORIZON, "planned_orders": "adjust", "supply_plans": ["P"]}


def short_tables(draw: random.Random) -> dict[str, list[Row]]:
    """Planning data without integers, so that the optimum is that of a linear program; options are :data:`OPTIONS`."""
    return _tables(
        {
            "hours": [draw.randint(1, 12) for _ in range(draw.randint(3, 6))],
            "bought": [draw.randint(2, 30) for _ in range(draw.randint(3, 6))],
            "lane": draw.choice((None, draw.randint(2, 12))),
            "lead_times": (draw.randint(1, 9), draw.randint(1, 4), draw.randint(1, 4), draw.randint(0, 2)),
            "on_hand": [draw.randint(0, 25) for _ in PLACES],
            "receipts": [
                (draw.choice("ABK"), draw.randint(1, 30), draw.randint(1, 20)) for _ in range(draw.randint(0, 4))
            ],
            "planned": [(draw.randint(5, 30), draw.randint(1, 15)) for _ in range(draw.randint(0, 2))],
            "demands": [_raw_demand(draw) for _ in range(draw.randint(3, 8))],
        }
    )


def _raw_demand(draw: random.Random) -> dict[str, Any]:
    return {
        "item": draw.choice("KKL"),
        "location": draw.choice(("D1", "D2", "W", "M")),
        "quantity": draw.randint(2, 20),
        "day": draw.randint(-4, 30),
        "tier": draw.randint(1, 3),
        "priority": draw.choice((None, 1, 2)),
        "latest": draw.choice((None, None, draw.randint(0, 15))),
    }


def _tables(raw: dict[str, Any]) -> dict[str, list[Row]]:
    buy, make, first_lane, last_lane = raw["lead_times"]
    receipts = [
        {"receipt": f"R{n}", "type": "purchase", "item": item, "location": "M", "date": date_of(day), "quantity": units}
        for n, (item, day, units) in enumerate(raw["receipts"])
    ]
    planned = [
        {"plan": "P", "order": f"W{n}", "type": "make", "item": "K", "location": "M", "quantity": units}
        | {"due_date": date_of(day)}
        for n, (day, units) in enumerate(raw["planned"])
    ]
    return {
        "items": [{"item": item, "whole_units": False} for item in "ABKL"],
        "lanes": [
            {"origin": "M", "destination": "W", "mode": "standard", "lead_time_days": first_lane}
            | {"capacity_per_day": raw["lane"]},
            {"origin": "W", "destination": "D1", "mode": "standard", "lead_time_days": last_lane},
            {"origin": "W", "destination": "D2", "mode": "standard", "lead_time_days": last_lane + 1},
        ],
        "bills_of_materials": [
            {"item": "K", "location": "M", "alternative": "1", "component": "A", "quantity_per": 2},
            {"item": "K", "location": "M", "alternative": "1", "component": "B", "quantity_per": 1},
            {"item": "L", "location": "M", "alternative": "1", "component": "A", "quantity_per": 1},
        ],
        "operations": [
            {"item": item, "location": "M", "alternative": "1", "lead_time_days": make} for item in ("K", "L")
        ],
        "operation_resources": [
            {"item": "K", "location": "M", "alternative": "1", "resource": "R1", "hours_per_unit": 0.5},
            {"item": "L", "location": "M", "alternative": "1", "resource": "R1", "hours_per_unit": 1},
        ],
        "resource_capacity": _weekly({"resource": "R1"}, raw["hours"], "hours"),
        "supplier_items": [{"supplier": "S1", "item": "A", "location": "M", "lead_time_days": buy}],
        "supplier_capacity": _weekly({"supplier": "S1", "item": None}, raw["bought"], "quantity"),
        "on_hand": [
            {"item": item, "location": place, "quantity": units}
            for (item, place), units in zip(PLACES, raw["on_hand"], strict=True)
        ],
        "scheduled_receipts": receipts,
        "planned_orders": planned,
        "demands": [_demand(number, own) for number, own in enumerate(raw["demands"])],
    }


def _weekly(keys: Row, quantities: list[int], column: str) -> list[Row]:
    return [
        {**keys, "start": date_of(7 * week), "end": date_of(7 * week + 7), column: quantity}
        for week, quantity in enumerate(quantities)
    ]


def _demand(number: int, raw: dict[str, Any]) -> Row:
    latest = None if raw["latest"] is None else date_of(max(raw["day"], 0) + raw["latest"])
    return {
        "order": f"D{number}",
        "line": "1",
        "kind": "order",
        "item": raw["item"],
        "location": raw["location"],
        "quantity": raw["quantity"],
        "requested_date": date_of(raw["day"]),
        "tier": raw["tier"],
        "priority": raw["priority"],
        "penalty_per_day": 0,
        "partial": True,
        "latest_acceptable_date": latest,
    }
