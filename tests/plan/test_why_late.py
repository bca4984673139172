"""What late lines of small networks are said to wait for, one network a reason."""

from __future__ import annotations

import pytest

from laws.problem import date_of, problem, solved
from laws.releases import why

NEVER = [{"calendar": "never", "start": date_of(-400), "end": date_of(400), "working": False}]
BUY = {"supplier": "S", "item": "A", "location": "D", "lead_time_days": 3}
DEAR = [{**BUY, "unit_cost": 100}]
LANE = [{"item": "A", "origin": "M", "destination": "D", "lead_time_days": 2}]
MUCH = [{"item": "A", "location": "D", "quantity": 100}]


def line(order: str, day: int = 6, quantity: float = 10, **more: object) -> dict[str, object]:
    """A demand line of A at D."""
    own = {"order": order, "line": "1", "item": "A", "location": "D", "quantity": quantity}
    return {**own, "requested_date": date_of(day), **more}


ONE = [line("O1")]
LATER = "also lead time to buy A at D from S: from 2021-01-04 to 2021-02-13"
CASES = {
    "its location never works": (
        {"demands": ONE, "on_hand": MUCH, "locations": [{"location": "D", "calendar": "never"}], "calendars": NEVER},
        {},
        ("calendar", "D is closed on every day that is left"),
    ),
    "the origin never works": (
        {
            "demands": ONE,
            "lanes": LANE,
            "on_hand": [{"item": "A", "location": "M", "quantity": 100}],
            "locations": [{"location": "M", "calendar": "never"}, {"location": "D"}],
            "calendars": NEVER,
        },
        {},
        ("calendar", "M is closed on every day that is left to move A from M to D"),
    ),
    "the supplier never works": (
        {
            "demands": ONE,
            "supplier_items": [BUY],
            "suppliers": [{"supplier": "S", "calendar": "never"}],
            "calendars": NEVER,
        },
        {},
        ("calendar", "S is closed on every day that is left to buy A at D from S"),
    ),
    "supply costs more than the penalty": (
        {"demands": [line("O1", penalty_per_day=0.1)], "supplier_items": DEAR},
        {"objective": "cost"},
        ("cost", "supplying A at D in time costs no less than the penalty for being late"),
    ),
    "overtime is too dear": (
        {
            "demands": [line("O1", quantity=1, penalty_per_day=1)],
            "supplier_items": [BUY],
            "supplier_capacity": [
                {"supplier": "S", "start": date_of(0), "end": date_of(7), "quantity": 0}
                | {"extra_quantity": 5, "extra_cost": 90},
                {"supplier": "S", "start": date_of(7), "end": date_of(30), "quantity": 5},
            ],
        },
        {"objective": "cost"},
        ("cost", "supplying A at D in time costs no less than the penalty for being late"),
    ),
    "not all of an unsplit line comes in time": (
        {
            "demands": [line("O1", split_unfinished=False, latest_acceptable_date=date_of(9)), line("O2", tier=2)],
            "on_hand": [{"item": "A", "location": "D", "quantity": 5}],
        },
        {},
        (
            "supply",
            "not all of it can come by the latest acceptable date; nothing of it is delivered unless all of it is",
        ),
    ),
    "a quicker way over another origin is too dear": (
        {
            "demands": [line("O1", day=2, penalty_per_day=0.1)],
            "supplier_items": [{**BUY, "lead_time_days": 9}],
            "lanes": [{**LANE[0], "unit_cost": 50}],
            "on_hand": [{"item": "A", "location": "M", "quantity": 100}],
        },
        {"objective": "cost"},
        ("cost", "supplying A at D in time costs no less than the penalty for being late"),
    ),
    "a quicker alternative is too dear": (
        {
            "demands": [line("O1", day=2, penalty_per_day=1)],
            "bills_of_materials": [
                {"item": "A", "location": "D", "alternative": "1", "component": "B", "quantity_per": 1},
                {"item": "A", "location": "D", "alternative": "2", "component": "B", "quantity_per": 1},
            ],
            "operations": [
                {"item": "A", "location": "D", "alternative": "1", "lead_time_days": 9},
                {"item": "A", "location": "D", "alternative": "2", "lead_time_days": 1, "unit_cost": 99},
            ],
            "on_hand": [{"item": "B", "location": "D", "quantity": 100}],
        },
        {"objective": "cost"},
        ("cost", "supplying A at D in time costs no less than the penalty for being late"),
    ),
    "a line that would come later has a commitment": (
        {
            "demands": [line("O1"), line("O2", day=20, scheduled_date=date_of(20))],
            "supplier_items": [{**BUY, "lead_time_days": 40}],
            "on_hand": [{"item": "A", "location": "D", "quantity": 10}],
        },
        {"commitments": {"enforce": True}, "horizon_days": 60},
        ("commitment", f"supply of A at D is kept for lines with commitments; {LATER}"),
    ),
    "another node has a share": (
        {
            "demands": [line("O1", allocation_node="X"), line("O2", day=20, allocation_node="Y")],
            "supplier_items": [{**BUY, "lead_time_days": 40}],
            "on_hand": [{"item": "A", "location": "D", "quantity": 10}],
            "allocation_nodes": [{"node": "X"}, {"node": "Y"}],
            "allocations": [
                {"node": "Y", "start": date_of(0), "end": date_of(60), "percent": 100},
            ],
        },
        {"horizon_days": 60},
        ("allocation", f"its allocation lets it use no more of A at D; {LATER}"),
    ),
    "so it does where the supplier is full as well": (
        {
            "demands": [line("O1", penalty_per_day=0.1), line("O2", penalty_per_day=10)],
            "supplier_items": DEAR,
            "supplier_capacity": [{"supplier": "S", "start": date_of(0), "end": date_of(60), "quantity": 10}],
        },
        {"objective": "cost"},
        ("cost", "supplying A at D in time costs no less than the penalty for being late"),
    ),
    "so it does where there is a latest acceptable date": (
        {
            "demands": [line("O1", penalty_per_day=0.1, latest_acceptable_date=date_of(20))],
            "supplier_items": DEAR,
        },
        {"objective": "cost"},
        ("cost", "supplying A at D in time costs no less than the penalty for being late"),
    ),
    "the supplier is full, and the penalty would pay for more": (
        {
            "demands": [line("O1", penalty_per_day=9), line("O2", penalty_per_day=10)],
            "supplier_items": DEAR,
            "supplier_capacity": [{"supplier": "S", "start": date_of(0), "end": date_of(60), "quantity": 10}],
        },
        {"objective": "cost"},
        ("supplier", "supplier S is full from 2021-01-04 to 2021-03-04"),
    ),
    "the supplier is short although the lane is full too": (
        {
            "demands": [line("O1", quantity=40), line("O2", 8, 60, kind="forecast")],
            "supplier_items": [{**BUY, "location": "M"}],
            "supplier_capacity": [
                {"supplier": "S", "start": date_of(0), "end": date_of(7), "quantity": 20},
                {"supplier": "S", "start": date_of(7), "end": date_of(14), "quantity": 40},
            ],
            "lanes": [{**LANE[0], "capacity_per_day": 20}],
        },
        {},
        ("supplier", "supplier S is full from 2021-01-11 to 2021-01-17"),
    ),
    "a supplier of short lead time is full, so another one is asked": (
        {
            "demands": [line("O1"), line("O2")],
            "supplier_items": [BUY, {**BUY, "supplier": "SLOW", "lead_time_days": 20, "rank": 2}],
            "supplier_capacity": [{"supplier": "S", "start": date_of(0), "end": date_of(60), "quantity": 10}],
        },
        {},
        ("supplier", "supplier S is full from 2021-01-04 to 2021-03-04"),
    ),
    "it has all that there is": (
        {"demands": ONE, "on_hand": [{"item": "A", "location": "D", "quantity": 4}]},
        {},
        ("supply", "all supply of A at D inside the horizon is given out"),
    ),
    "what is left is less than its smallest shipment": (
        {
            "demands": [line("O1", minimum_shipment=10, latest_acceptable_date=date_of(8))],
            "on_hand": [{"item": "A", "location": "D", "quantity": 4}],
        },
        {},
        (
            "latest_acceptable_date",
            "too little supply is left for A at D by the latest acceptable date 2021-01-12; "
            "no shipment of it is smaller than 10",
        ),
    ),
    "the last date is told as it is stated, closed or not": (
        {
            "demands": [line("O1", day=4, latest_acceptable_date=date_of(6), delivery_lead_time_days=0)],
            "scheduled_receipts": [
                {"receipt": "R", "type": "purchase", "item": "A", "location": "D", "date": date_of(20), "quantity": 10}
            ],
            "locations": [{"location": "D", "calendar": "early"}],
            "calendars": [{"calendar": "early", "start": date_of(-9), "end": date_of(9), "working": False}],
        },
        {},
        (
            "latest_acceptable_date",
            "too little supply is left for A at D by the latest acceptable date 2021-01-10",
        ),
    ),
    "the lines of its ship set accept no common date": (
        {
            "demands": [
                line("O1", ship_set="K", latest_acceptable_date=date_of(8)),
                line("O2", ship_set="K", earliest_date=date_of(12)),
            ],
            "on_hand": MUCH,
        },
        {},
        ("supply", "the lines of its ship set have no date in common"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_reason_is_the_one_that_a_planner_would_give(name: str) -> None:
    tables, options, expected = CASES[name]
    found = solved(problem(tables, {"supply_plans": (), "horizon_days": 60, **options}))  # type: ignore[arg-type]
    promises = found.tables().promises
    late = promises[promises["status"] != "on_time"]
    assert expected in list(zip(late["gating_kind"], late["reason"], strict=True))


def test_nothing_is_full_where_capacity_is_only_measured() -> None:
    tables, _, _ = CASES["the supplier is short although the lane is full too"]
    found = solved(problem(tables, {"mode": "unconstrained", "horizon_days": 60, "supply_plans": ()}))  # type: ignore[arg-type]
    known = why(found)
    assert known.late_lines() == []
    assert not (known.room.tier >= 0).any()
    late = problem({**tables, "demands": [line("O1", 1)]}, {"mode": "unconstrained", "supply_plans": ()})  # type: ignore[dict-item]
    promises = solved(late).tables().promises
    assert promises["gating_kind"].tolist() == ["lead_time"]
