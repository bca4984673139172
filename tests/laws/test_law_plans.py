"""What holds for every written plan: its certificate, conservation, and what must not change it."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmdate.data.check import check_planning_data
from firmdate.plan.result import PLAN_TABLES
from laws.law_settings import law
from laws.problem import PlanningProblem, Row, date_of, solved
from laws.random_networks import problems


@law(40)
@given(problems())
def test_every_plan_is_certified(planned: PlanningProblem) -> None:
    found = solved(planned)
    assert not [p for p in check_planning_data(found.data, found.scenario.supply_plans) if not p.warning]
    found.certify()


@law(15)
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_input_rows_changes_nothing(planned: PlanningProblem, chance: random.Random) -> None:
    shuffled = planned
    for table, rows in planned.tables.items():
        shuffled = shuffled.with_rows(table, chance.sample(list(rows), len(rows)))
    _assert_same_tables(planned, shuffled, set(PLAN_TABLES))


@law(15)
@given(problems(), st.integers(0, 30), st.integers(0, 7))
def test_supply_after_the_horizon_changes_nothing(planned: PlanningProblem, later: int, which: int) -> None:
    days = planned.options["horizon_days"]
    assert isinstance(days, int)
    line = planned.tables["demands"][which % len(planned.tables["demands"])]
    place = {"item": line["item"], "location": line["location"], "type": "purchase", "quantity": 9}
    receipt: Row = {"receipt": "later", "date": date_of(days + later), **place}
    after = planned.with_rows("scheduled_receipts", [*planned.tables["scheduled_receipts"], receipt])
    for table in ("resource_capacity", "supplier_capacity"):
        after = after.with_rows(table, [_more_after(row, days) for row in planned.tables[table]])
    _assert_same_tables(planned, after, set(PLAN_TABLES) - {"data_alerts"})


def _more_after(row: Row, days: int) -> Row:
    later = row["start"] >= date_of(days)
    return {name: 99 if later and name in ("hours", "quantity") else v for name, v in row.items()}


def _assert_same_tables(one: PlanningProblem, other: PlanningProblem, names: set[str]) -> None:
    first, second = solved(one).tables(), solved(other).tables()
    for name in names:
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name), obj=name)
    assert first.kpis == pytest.approx(second.kpis)


@law(20)
@given(problems())
def test_units_are_conserved(planned: PlanningProblem) -> None:
    """Per item: what is there, arrives, is made and bought = what is delivered, used up and left."""
    planned = planned.with_rows("planned_orders", []).with_rows("planned_order_demands", [])
    planned = planned.with_options(supply_plans=())
    found = solved(planned)
    tables, sources = found.tables(), found.scenario.supply_sources
    days = found.scenario.horizon_days
    total: Counter[str] = Counter()
    if "on_hand" in sources:
        frame = found.data["on_hand"].astype({"item": str, "location": str})
        usable = frame.groupby(["item", "location"])["quantity"].sum().clip(lower=0)
        total.update(usable.groupby("item").sum().to_dict())
    if "scheduled_receipts" in sources:
        receipts = found.data["scheduled_receipts"]
        inside = receipts[receipts["date"] < pd.Timestamp(date_of(days))]
        total.update(inside.astype({"item": str}).groupby("item")["quantity"].sum().to_dict())
    orders = tables.supply_orders
    made = orders[orders["type"] != "transfer"]
    total.update(made.groupby("item")["quantity"].sum().to_dict())
    for order in made[made["type"] == "make"].to_dict("records"):
        total.subtract(_consumed(planned, order))
    item_of = {(row["order"], row["line"]): row["item"] for row in planned.tables["demands"]}
    for row in tables.deliveries.to_dict("records"):
        total[str(item_of[row["order"], row["line"]])] -= row["quantity"]
    left = tables.stock.groupby(["item", "location"])["quantity"].last().groupby("item").sum()
    total.subtract(left.to_dict())
    # Stock of points that nobody can need is not written.
    known = set(zip(tables.stock["item"], tables.stock["location"], strict=True))
    assert {item: value for item, value in total.items() if abs(value) > 1e-5} == {}, known


def _consumed(planned: PlanningProblem, order: dict[str, Any]) -> Counter[str]:
    """Components of a make by its bill: of the location, else of every location."""
    policy = [
        row
        for row in planned.tables["stocking_points"]
        if (row["item"], row["location"]) == (order["item"], order["location"])
    ]
    if policy and not policy[0]["search_components"]:
        return Counter()
    bill = [
        row
        for row in planned.tables["bills_of_materials"]
        if (row["item"], row["alternative"]) == (order["item"], order["alternative"])
    ]
    bill = [row for row in bill if row["location"] == order["location"]] or [r for r in bill if r["location"] is None]
    start = order["start_date"].date()
    used: Counter[str] = Counter()
    for row in bill:
        if (row["effective_from"] or start) <= start <= (row["effective_to"] or start):
            used[str(row["component"])] += row["quantity_per"] * order["quantity"]
    return used
