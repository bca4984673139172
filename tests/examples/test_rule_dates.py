"""Rules of dates, to the digit: calendars, delivery lead times; and the certificate of each."""

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
