"""Rules of dates, to the digit: calendars; and the certificate of each."""

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
    frame = getattr(plan, table).copy()
    for column, value in cells.items():
        frame[column] = frame[column].astype(object) if isinstance(value, str) else frame[column]
        frame.loc[row, column] = pd.Timestamp(value) if "date" in column else value
    return "\n".join(certify(replace(plan, **{table: frame}), data, plan.scenario))


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
