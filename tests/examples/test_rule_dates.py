"""Rules of dates, to the digit: calendars, delivery lead times, infinite supply; and the certificate of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from plan_rows import rows

import firmdate as fd
from firmdate.plan.certify import certify
from firmdate.plan.result import Plan
from firmdate.runs.solve import load_data

Solve = Callable[[str], Plan]


def violations(plan: Plan, table: str, row: int, **cells: object) -> str:
    """What the certificate says of a plan of which one row was changed."""
    data, _, _ = load_data(plan.scenario)
    frame = plan.rule_tables[table].copy() if table in plan.rule_tables else getattr(plan, table).copy()
    for column, value in cells.items():
        frame[column] = frame[column].astype(object) if isinstance(value, str) else frame[column]
        frame.loc[row, column] = pd.Timestamp(value) if "date" in column else value
    written = {"rule_tables": {**plan.rule_tables, table: frame}} if table in plan.rule_tables else {table: frame}
    return "\n".join(certify(replace(plan, **written), data, plan.scenario))


def test_making_shipping_and_receiving_keep_their_own_calendars(shipped_plan: Solve) -> None:
    plan = shipped_plan("rule-calendars")
    made = rows(plan, "supply_orders", "start_date", "date", "quantity", type="make")
    assert made == [("2021-01-08", "2021-01-11", 5)]
    moved = rows(plan, "deployments", "ship_date", "arrival_date", "quantity")
    assert moved == [("2021-01-05", "2021-01-06", 10), ("2021-01-12", "2021-01-15", 5)]


@pytest.mark.parametrize(
    ("table", "row", "cells", "expected"),
    [
        ("deployments", 1, {"ship_date": "2021-01-11"}, "does not ship on a working day"),
        ("deployments", 1, {"arrival_date": "2021-01-13"}, "arrives 2021-01-13, expected 2021-01-15"),
        ("supply_orders", 0, {"date": "2021-01-10"}, "expected 2021-01-11"),
    ],
)
def test_a_date_that_its_calendar_forbids_is_named(
    shipped_plan: Solve, table: str, row: int, cells: dict[str, object], expected: str
) -> None:
    assert expected in violations(shipped_plan("rule-calendars"), table, row, **cells)


def test_without_shipping_and_receiving_days_the_working_days_count(shipped_plan: Solve) -> None:
    plan = shipped_plan("rule-calendars")
    open_days = {"table": "locations", "where": {"location": "M1"}, "set": {"shipping_calendar": ""}}
    plan = fd.solve(plan.scenario, changes=[open_days])
    moved = rows(plan, "deployments", "ship_date", "arrival_date", "quantity")
    assert moved[1] == ("2021-01-11", "2021-01-12", 5)


def test_lines_leave_so_early_that_they_arrive_on_their_date(shipped_plan: Solve) -> None:
    plan = shipped_plan("rule-delivery-lead-time")
    assert rows(plan, "deliveries", "order", "date", "quantity") == [
        ("SO_1", "2021-01-11", 5),
        ("SO_2", "2021-01-11", 5),
        ("SO_3", "2021-01-08", 4),
        ("SO_4", "2021-01-20", 2),
    ]
    left = plan.rule_tables["shipments"]
    assert list(zip(left["order"], left["ship_date"].dt.day, strict=True)) == [("SO_1", 8), ("SO_3", 4), ("SO_4", 6)]
    late = plan.promises.set_index("order").loc[["SO_3", "SO_5"]]
    assert late["days_late"].tolist()[0] == 2
    assert late["gating_kind"].tolist() == ["delivery_lead_time", "delivery_lead_time"]
    assert late["reason"].tolist() == [
        f"the way to the customer takes until {day} even when it is shipped at once"
        for day in ("2021-01-08", "2021-01-09")
    ]


@pytest.mark.parametrize(
    ("table", "row", "cells", "expected"),
    [
        ("deliveries", 2, {"date": "2021-01-07"}, "deliveries SO_3/1 2021-01-07: lies outside the horizon"),
        ("deliveries", 3, {"date": "2021-01-21"}, "deliveries SO_4/1 2021-01-21: has no row in shipments"),
        ("shipments", 0, {"ship_date": "2021-01-09"}, "does not take the days that its way takes"),
        ("shipments", 0, {"quantity": 4.0}, "is not what is delivered"),
    ],
)
def test_a_shipment_that_does_not_fit_its_delivery_is_named(
    shipped_plan: Solve, table: str, row: int, cells: dict[str, object], expected: str
) -> None:
    assert expected in violations(shipped_plan("rule-delivery-lead-time"), table, row, **cells)


def test_supply_is_infinite_from_the_fence_on(shipped_plan: Solve) -> None:
    plan = shipped_plan("rule-infinite-fence")
    assert rows(plan, "supply_orders", "item", "type", "supplier", "date", "quantity") == [
        ("BOLT", "buy", "", "2021-01-06", 5),
        ("MOTOR", "buy", "", "2021-01-11", 5),
        ("PUMP", "buy", "", "2021-01-18", 15),
        ("SEAL", "buy", "", "2021-01-18", 5),
        ("VALVE", "buy", "", "2021-01-07", 5),
    ]
    late = plan.promises.set_index("order")
    assert late.loc["SO_1", "reason"] == "supply of PUMP at DC is taken as infinite from 2021-01-18 on"
    assert late.loc["SO_4", "gating_kind"] == "infinite_fence"
    assert late.loc["SO_3", "gating_kind"] == "lead_time"


def test_the_fence_holds_where_nothing_new_may_be_ordered(shipped_plan: Solve) -> None:
    plan = fd.solve(shipped_plan("rule-infinite-fence").scenario, supply_sources=["on_hand"])
    assert rows(plan, "promises", "promise_date") == [("2021-01-18",), ("2021-01-11",), *[("2021-01-18",)] * 3]


def test_without_the_fence_a_line_waits_for_its_supplier_or_its_lead_time(shipped_plan: Solve) -> None:
    plan = shipped_plan("rule-infinite-fence")
    hurry = {"table": "demands", "where": {"order": "SO_1"}, "set": {"latest_acceptable_date": "2021-01-15"}}
    plan = fd.solve(plan.scenario, changes=[hurry], infinite_fence_days=None)
    assert rows(plan, "promises", "status", order="SO_1") == [("partial",)]
    assert rows(plan, "promises", "promise_date", order="SO_4") == [("2021-01-24",)]


def test_supply_before_the_fence_is_named(shipped_plan: Solve) -> None:
    text = violations(
        shipped_plan("rule-infinite-fence"), "supply_orders", 1, start_date="2021-01-08", date="2021-01-08"
    )
    assert "NEW-BUY-MOTOR-1 2021-01-08: no row of supplier_items sells this" in text
