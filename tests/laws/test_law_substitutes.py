"""Substitutes: exact for every tier, certified, only for those who allow them, and nothing where nobody does."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given

from firmdate.plan.result import PLAN_TABLES
from laws.daily_program import DailyProgram
from laws.law_settings import law
from laws.lexicographic import agreement
from laws.problem import PlanningProblem, solved
from laws.random_networks import Kinds, problems
from laws.random_substitutes import SUBSTITUTES, Drawn, with_substitutes


@law(24)
@given(problems(Kinds(objective="tiers")), SUBSTITUTES)
def test_substitution_is_exact_for_every_tier(planned: PlanningProblem, drawn: Drawn) -> None:
    planned = with_substitutes(planned, drawn)
    found = solved(planned).level_values()
    daily = DailyProgram(planned)
    for (number, name), optimum in daily.optima().items():
        tier = max(number, 0) // 2
        noise = agreement(with_integers=any(daily.program.integer))
        assert found[name, tier] == pytest.approx(optimum, rel=1e-5, abs=noise), f"{name} {tier}"


@law(24)
@given(problems(), SUBSTITUTES)
def test_every_plan_with_substitutes_is_certified(planned: PlanningProblem, drawn: Drawn) -> None:
    planned = with_substitutes(planned, drawn)
    found = solved(planned)
    found.certify()
    used = found.tables().rule_tables.get("substitutions_used", pd.DataFrame({"order": []}))
    allowed = {row["order"] for row in planned.tables["demands"] if row["substitution"] is not False}
    assert set(used["order"]) <= allowed | {""}


@law(8)
@given(problems(), SUBSTITUTES)
def test_substitutes_that_nobody_may_get_change_nothing(planned: PlanningProblem, drawn: Drawn) -> None:
    rows, _, _, _ = drawn
    refused = with_substitutes(planned, (rows, [False], True, False))
    without = refused.with_rows("substitutions", [])
    one, other = solved(refused).tables(), solved(without).tables()
    for name in PLAN_TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), obj=name)
    assert set(one.rule_tables) == set(other.rule_tables)
    assert one.kpis == pytest.approx(other.kpis)
