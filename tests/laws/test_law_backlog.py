"""Laws of the rules of the backlog."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmdate.plan.result import PLAN_TABLES
from laws.law_settings import law
from laws.problem import PlanningProblem, solved
from laws.random_networks import problems
from laws.ruled_networks import ruled_problems


@law(60)
@given(ruled_problems())
def test_every_plan_keeps_the_rules_of_its_lines(planned: PlanningProblem) -> None:
    solved(planned).certify()


@law(20)
@given(problems())
def test_rules_that_concern_no_line_change_nothing(planned: PlanningProblem) -> None:
    plain = solved(planned).tables()
    ruled = solved(planned.with_options(commitments={"enforce": "true", "pull_in": "false"})).tables()
    for name in PLAN_TABLES:
        pd.testing.assert_frame_equal(getattr(plain, name), getattr(ruled, name), obj=name)
    assert set(ruled.rule_tables) == {*plain.rule_tables, "backlog"}
    assert set(ruled.rule_tables["backlog"]["commitment"]) <= {""}


@law(50)
@given(problems(), st.lists(st.booleans(), min_size=7, max_size=7), st.permutations([1, 2, 3, 4, 5, 6, 7]))
def test_what_a_feasible_plan_promises_can_be_committed(
    planned: PlanningProblem, committed: list[bool], tiers: list[int]
) -> None:
    """Dates of any plan are dates that can be kept, whatever the tiers of the next run are."""
    planned = planned.with_options(resolution="day")
    promised = solved(planned).tables().promises.set_index(["order", "line"])["promise_date"]
    rows = []
    for place, row in enumerate(planned.tables["demands"]):
        date = promised[str(row["order"]), str(row["line"])]
        scheduled = date.date() if committed[place % 7] and pd.notna(date) else None
        rows.append({**row, "scheduled_date": scheduled, "enforce_commit": True, "tier": tiers[place % 7]})
    found = solved(planned.with_rows("demands", rows))
    found.certify()
    values = [value for (name, _), value in found.level_values().items() if name == "commitment_level"]
    assert values == pytest.approx([0.0] * len(values), abs=1e-4)
    assert "broken" not in set(found.tables().rule_tables["backlog"]["commitment"])


@law(30)
@given(problems(), st.lists(st.booleans(), min_size=7, max_size=7))
def test_winners_never_lose_to_others(planned: PlanningProblem, wins: list[bool]) -> None:
    """Without all other lines no winner is better off."""
    rows = [
        {**row, "kind": "order", "ship_set": None, "strategy": "win" if wins[place % 7] else "redistribute"}
        for place, row in enumerate(planned.tables["demands"])
    ]
    together = solved(planned.with_rows("demands", rows)).level_values()
    alone = [row for row in rows if row["strategy"] == "win"]
    if not alone:
        return
    orders = {(row["order"], row["line"]) for row in alone}
    held = [row for row in planned.tables["reservations"] if (row["order"], row["line"]) in orders]
    if held != list(planned.tables["reservations"]) or "firm" in str(planned.options["planned_orders"]):
        return
    values = solved(planned.with_rows("demands", alone)).level_values()
    best = [value for (name, _), value in values.items() if name == "tier_level"]
    got = [together["tier_level", tier] for tier in range(len(best))]
    # Together they can do better: with a smallest lot that winners alone would not need.
    assert all(one <= other + 1e-4 + 1e-6 * other for one, other in zip(got, best, strict=True))
