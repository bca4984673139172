"""Small problems that random ones have come down to: each was planned wrongly once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

import pytest

from laws.daily_program import DailyProgram
from laws.problem import PlanningProblem, Row, solved

DATE = re.compile(r"\d{4}-\d\d-\d\d")


def problem(options: Mapping[str, object], **tables: list[Mapping[str, object]]) -> PlanningProblem:
    """A problem from rows whose dates are text; the planning date is Monday 2021-01-04."""
    typed = {name: [_row(row) for row in rows] for name, rows in tables.items()}
    return PlanningProblem(typed, {"supply_plans": (), "horizon_days": 25, **options})


def _row(row: Mapping[str, object]) -> Row:
    dates = {k: dt.date.fromisoformat(v) for k, v in row.items() if isinstance(v, str) and DATE.fullmatch(v)}
    return {**row, **dates}  # type: ignore[dict-item]


def line(
    item: str, location: str, quantity: float, requested: str, order: str = "D0", **more: object
) -> dict[str, object]:
    """A demand line."""
    return {
        "order": order,
        "line": "0",
        "item": item,
        "location": location,
        "quantity": quantity,
        "requested_date": requested,
        **more,
    }


BOUGHT = [{"item": "A", "supplier": "S1", "location": "L2", "lead_time_days": 0}]

AS_LATE_AS_DAILY = {
    "a bill that begins later, of a component that is always there": problem(
        {},
        stocking_points=[{"item": "C", "location": "L4", "search": "lead_time", "lead_time_days": 0}],
        bills_of_materials=[{"item": "A", "component": "C", "quantity_per": 1, "effective_from": "2021-01-09"}],
        demands=[line("A", "L4", 2.5, "2021-01-06")],
    ),
    "a purchase whose capacity ends long before it is wanted": problem(
        {},
        supplier_items=BOUGHT,
        supplier_capacity=[{"supplier": "S1", "start": "2021-01-05", "end": "2021-01-12", "quantity": 15}],
        demands=[line("A", "L2", 2.5, "2021-01-08", earliest_date="2021-01-15")],
    ),
    "a capacity interval that begins on a day off": problem(
        {},
        suppliers=[{"supplier": "S1", "calendar": "C"}],
        calendars=[{"calendar": "C", "start": "2021-01-09", "end": "2021-01-11", "working": False}],
        supplier_items=BOUGHT,
        supplier_capacity=[{"supplier": "S1", "start": "2021-01-09", "end": "2021-01-12", "quantity": 15}],
        demands=[line("A", "L2", 4, "2021-01-05")],
    ),
    "a planned order that takes of what it makes": problem(
        {"supply_sources": ("planned_orders",)},
        operations=[{"item": "A", "location": "L2", "lead_time_days": 2}],
        planned_orders=[
            {"plan": "P", "order": "W", "type": "make", "item": "A", "location": "L2", "quantity": 20}
            | {"due_date": "2021-01-20"}
        ],
        planned_order_demands=[
            {"plan": "P", "order": "W", "kind": "component", "name": "A", "date": "2021-01-22", "quantity": 6}
        ],
        demands=[line("A", "L2", 2.5, "2021-01-20")],
    ),
    "integers that presolve breaks": problem(
        {"horizon_days": 19},
        bills_of_materials=[{"item": "A", "component": "D", "quantity_per": 1}],
        suppliers=[{"supplier": "S1", "calendar": "C2"}],
        supplier_items=[{"supplier": "S1", "location": "L2", "lead_time_days": 2, "item": "D"}],
        supplier_capacity=[{"supplier": "S1", "start": "2021-01-08", "end": "2021-02-07", "quantity": 20}],
        calendars=[{"calendar": "C2", "start": "2021-01-07", "end": "2021-01-10", "working": False}],
        scheduled_receipts=[
            {"receipt": "X", "item": "D", "type": "purchase", "location": "L2", "quantity": 7, "date": "2021-01-07"}
        ],
        demands=[
            line("A", "L2", 15, "2021-01-10", kind="forecast", partial=False),
            line("D", "L2", 14, "2021-01-13", "D1"),
            line("A", "L2", 0.5, "2021-01-12", "D2", kind="forecast", minimum_shipment=0.5),
        ],
    ),
}


@pytest.mark.parametrize("name", AS_LATE_AS_DAILY)
def test_service_is_that_of_the_daily_program(name: str) -> None:
    planned = AS_LATE_AS_DAILY[name]
    found = solved(planned)
    found.certify()
    values = found.level_values()
    for (number, level), optimum in DailyProgram(planned).optima().items():
        assert values[level, max(number, 0) // 2] == pytest.approx(optimum, abs=1e-3)


CERTIFIED = {
    "the only supply plan, not named": problem(
        {},
        planned_orders=[
            {"plan": "P", "order": "W", "type": "buy", "item": "C", "location": "L1", "quantity": 10}
            | {"due_date": "2021-01-08"}
        ],
        demands=[line("C", "L1", 4, "2021-01-05")],
    ),
    "a bill that takes nothing, and begins later": problem(
        {},
        bills_of_materials=[{"item": "C", "component": "D", "quantity_per": 0, "effective_from": "2021-01-17"}],
        demands=[line("C", "L4", 7, "2021-01-16")],
    ),
    "a bill that takes nothing of what is nowhere": problem(
        {},
        bills_of_materials=[{"item": "C", "component": "D", "quantity_per": 0, "effective_to": "2021-01-08"}],
        demands=[line("C", "L4", 7, "2021-01-16")],
    ),
    "reserved for a line that the horizon does not reach": problem(
        {"horizon_days": 10},
        on_hand=[{"item": "A", "location": "L1", "quantity": 3}],
        reservations=[{"order": "D0", "line": "0", "item": "A", "location": "L1", "quantity": 2}],
        demands=[line("A", "L1", 4, "2021-02-20")],
    ),
    "too little stock is reserved for the tiers of the priority rule": problem(
        {"priority_rule": {"attributes": [{"column": "requested_date"}], "tiers": "distinct"}},
        on_hand=[{"item": "B", "location": "L2", "quantity": 8}],
        reservations=[
            {"order": "D0", "line": "0", "item": "B", "location": "L2", "quantity": 3},
            {"order": "D1", "line": "0", "item": "B", "location": "L2", "quantity": 12},
        ],
        demands=[line("B", "L2", 3, "2021-01-06"), line("B", "L2", 15, "2021-01-05", "D1", tier=3)],
    ),
    "reserved, and not pulled in before a date after the horizon": problem(
        {"commitments": {"enforce": False, "pull_in": False}},
        stocking_points=[{"item": "B", "location": "L2", "coverage": "min_max", "minimum": 3, "maximum": 9}],
        on_hand=[{"item": "B", "location": "L2", "quantity": 21}],
        reservations=[{"order": "D0", "line": "0", "item": "B", "location": "L2", "quantity": 9}],
        demands=[
            line("B", "L2", 9, "2021-01-06", scheduled_date="2021-02-20"),
            line("B", "L2", 9, "2021-01-06", "D1", scheduled_date="2021-01-15"),
        ],
    ),
    "money that is spent on a worse tier": problem(
        {"objective": "cost", "horizon_days": 10},
        bills_of_materials=[{"item": "A", "component": "B", "quantity_per": 1}],
        scheduled_receipts=[
            {"receipt": "X", "type": "purchase", "item": "B", "location": "L1", "quantity": 1, "date": "2021-01-04"}
        ],
        demands=[line("A", "L1", 2, "2021-01-04"), line("A", "L1", 1, "2021-01-04", "D1", tier=2, penalty_per_day=1)],
    ),
    "shipments that presolve takes for impossible": problem(
        {"objective": "cost", "mode": "unconstrained", "horizon_days": 12},
        lanes=[{"lead_time_days": 0, "destination": "L1", "origin": "L2"}],
        scheduled_receipts=[
            {"receipt": "X0", "item": "A", "location": "L2", "type": "purchase", "quantity": 8, "date": "2021-01-08"},
            {"receipt": "X1", "item": "A", "location": "L1", "type": "transfer", "quantity": 2, "date": "2020-12-29"},
        ],
        planned_orders=[
            {"plan": "P1", "type": "transfer", "item": "A", "location": "L2", "quantity": 2, "order": "W1"}
            | {"origin": "L1", "start_date": "2020-12-27", "due_date": "2021-01-02"}
        ],
        demands=[
            line("A", "L1", 4, "2021-01-15", penalty_per_day=5),
            line("A", "L2", 0.5, "2021-01-09", "D1", minimum_shipment=0.5),
            line("A", "L2", 15, "2020-12-29", "D3"),
        ],
    ),
}


def test_components_that_are_not_searched_still_say_when_the_bill_holds() -> None:
    """Made in two days, while the bill holds: until the 8th, then again from the 18th on."""
    bill = {"item": "C", "location": "L1", "component": "D", "quantity_per": 1}
    planned = problem(
        {},
        stocking_points=[{"item": "C", "location": "L1", "search_components": False}],
        operations=[{"item": "C", "location": "L1", "lead_time_days": 2}],
        operation_resources=[{"item": "C", "location": "L1", "resource": "R", "hours_per_unit": 1}],
        resource_capacity=[{"resource": "R", "start": "2021-01-12", "end": "2021-02-01", "hours": 40}],
        bills_of_materials=[
            {**bill, "effective_to": "2021-01-08"},
            {**bill, "component": "E", "effective_from": "2021-01-18"},
        ],
        demands=[line("C", "L1", 7, "2021-01-13")],
    )
    found = solved(planned)
    found.certify()
    assert found.tables().deliveries["date"].dt.day.tolist() == [20]


@pytest.mark.parametrize("name", CERTIFIED)
def test_the_plan_is_certified(name: str) -> None:
    solved(CERTIFIED[name]).certify()


def test_what_was_delivered_in_another_week_is_not_delivered_twice() -> None:
    """A week of half a unit breaks the flows of two weeks; those of the first week stay as they are."""
    weeks = (("2021-01-04", "2021-01-11", 3), ("2021-01-11", "2021-01-18", 1.5), ("2021-01-18", "2021-01-25", 10))
    found = solved(
        problem(
            {},
            supplier_items=[{**BOUGHT[0], "item": item} for item in "AB"],
            supplier_capacity=[
                {"supplier": "S1", "start": start, "end": end, "quantity": quantity} for start, end, quantity in weeks
            ],
            demands=[line("A", "L2", 3, "2021-01-05"), line("B", "L2", 2, "2021-01-05", order="D1", tier=2)],
        )
    )
    found.certify()
    delivered = found.tables().deliveries
    rows = zip(delivered["order"], delivered["date"].dt.day, delivered["quantity"], strict=True)
    assert list(rows) == [("D0", 5, 3.0), ("D1", 11, 1.0), ("D1", 18, 1.0)]
