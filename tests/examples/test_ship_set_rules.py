"""Ship sets, to the digit: one date for all lines, what holds a set back, and the certificate of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
from plan_rows import plain, rows

from firmdate.plan.certify import certify
from firmdate.plan.result import Plan
from firmdate.runs.solve import load_data

Solve = Callable[[str], Plan]
ANALYSIS = ("order", "line", "rank", "set_date", "own_date", "date_without", "improvement_days")


def test_a_line_that_comes_after_its_latest_acceptable_date_leaves_the_whole_set_unplanned(shipped_plan: Solve) -> None:
    plan = shipped_plan("rule-ship-set")
    found = {(o, n): (p, s) for o, n, p, s in rows(plan, "promises", "order", "line", "promise_date", "status")}
    assert {found["SO_1", line][1] for line in "123"} == {"unpromised"}
    assert {found["SO_2", line] for line in "12"} == {("2021-01-12", "late")}
    assert rows(plan, "deliveries", "order", "line", "date", "quantity") == [
        ("SO_2", "1", "2021-01-12", 3),
        ("SO_2", "2", "2021-01-12", 2),
    ]


def test_the_line_that_constrains_a_set_most_has_rank_1(shipped_plan: Solve) -> None:
    plan = shipped_plan("rule-ship-set")
    assert [
        tuple(map(plain, row)) for row in plan.rule_tables["ship_sets"][list(ANALYSIS)].itertuples(index=False)
    ] == [
        ("SO_1", "2", 1, "", "2021-01-19", "2021-01-13", 51),
        ("SO_1", "1", 2, "", "2021-01-13", "", 0),
        ("SO_1", "3", 3, "", "2021-01-13", "", 0),
        ("SO_2", "2", 1, "2021-01-12", "2021-01-12", "2021-01-11", 1),
        ("SO_2", "1", 2, "2021-01-12", "2021-01-11", "2021-01-12", 0),
    ]
    reasons = {(o, n): (k, r) for o, n, k, r in rows(plan, "promises", "order", "line", "gating_kind", "reason")}
    assert reasons["SO_1", "1"] == ("ship_set", "the ship set waits for MOTOR at DC")
    assert reasons["SO_2", "1"] == ("ship_set", "the ship set waits for VALVE at DC until 2021-01-12")
    assert reasons["SO_1", "2"][0] == "latest_acceptable_date"


def test_what_waits_for_a_ship_set_has_it_as_its_root_cause(shipped_plan: Solve) -> None:
    causes = shipped_plan("rule-ship-set").causes
    assert set(causes["tag"][causes["kind"] == "ship_set"]) == {"ship_set"}


def test_the_certificate_names_lines_that_left_their_set(shipped_plan: Solve) -> None:
    plan = shipped_plan("rule-ship-set")
    data, _, _ = load_data(plan.scenario)
    later = plan.deliveries.assign(date=plan.deliveries["date"] + pd.to_timedelta([0, 1], unit="D"))
    expected = "deliveries SO_2/2 2021-01-13: is not on the date of its ship set: K2 leaves on 2021-01-12"
    assert expected in certify(replace(plan, deliveries=later), data, plan.scenario)
    behind = replace(plan, deliveries=plan.deliveries[:1])
    assert "deliveries SO_2/2: is left behind by its ship set: 0 of 2 leave with K2" in certify(
        behind, data, plan.scenario
    )
