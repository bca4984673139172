"""Random supply chains in which everything is scarce: a plant, a warehouse, two depots, and lines that must wait.

All of them have the same shape, so that lines wait for hours, suppliers, lanes, receipts, planned orders and lead times
and not, as in most of the random networks, for supply that is not there at all.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from laws.problem import PlanningProblem, Row, date_of

HORIZON = 42

_RAW = st.fixed_dictionaries(
    {
        "hours": st.lists(st.integers(1, 12), min_size=3, max_size=6),
        "bought": st.lists(st.integers(2, 30), min_size=3, max_size=6),
        "lane": st.one_of(st.none(), st.integers(2, 12)),
        "lead_times": st.tuples(st.integers(1, 9), st.integers(1, 4), st.integers(1, 4), st.integers(0, 2)),
        "on_hand": st.tuples(*[st.integers(0, 25)] * 5),
        "receipts": st.lists(
            st.tuples(st.sampled_from(("A", "B", "K")), st.integers(1, 30), st.integers(1, 20)), max_size=4
        ),
        "planned": st.lists(st.tuples(st.integers(5, 30), st.integers(1, 15)), max_size=2),
        "demands": st.lists(
            st.fixed_dictionaries(
                {
                    "item": st.sampled_from(("K", "K", "L")),
                    "location": st.sampled_from(("D1", "D2", "W", "M")),
                    "quantity": st.integers(2, 20),
                    "day": st.integers(-4, 30),
                    "tier": st.integers(1, 3),
                    "priority": st.sampled_from((None, 1, 2)),
                    "latest": st.one_of(st.none(), st.none(), st.integers(0, 15)),
                }
            ),
            min_size=3,
            max_size=8,
        ),
    }
)


def short_problems() -> st.SearchStrategy[PlanningProblem]:
    """Planning data and a scenario without integers, so that the optimum is that of a linear program."""
    return _RAW.map(_problem)


def _problem(raw: dict[str, Any]) -> PlanningProblem:
    buy, make, first_lane, last_lane = raw["lead_times"]
    places = (("K", "M"), ("K", "W"), ("A", "M"), ("B", "M"), ("L", "M"))
    receipts = [
        {"receipt": f"R{n}", "type": "purchase", "item": item, "location": "M", "date": date_of(day), "quantity": units}
        for n, (item, day, units) in enumerate(raw["receipts"])
    ]
    planned = [
        {"plan": "P", "order": f"W{n}", "type": "make", "item": "K", "location": "M", "quantity": units}
        | {"due_date": date_of(day)}
        for n, (day, units) in enumerate(raw["planned"])
    ]
    tables: dict[str, list[Row]] = {
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
            for (item, place), units in zip(places, raw["on_hand"], strict=True)
        ],
        "scheduled_receipts": receipts,
        "planned_orders": planned,
        "demands": [_demand(number, own) for number, own in enumerate(raw["demands"])],
    }
    options = {"horizon_days": HORIZON, "planned_orders": "adjust", "supply_plans": ["P"] if planned else []}
    return PlanningProblem(tables, options)


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
