"""Splits: exact for every tier, certified with every other rule, and off when nothing is said."""

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
from laws.random_splits import SPLITS, Drawn, with_splits
from laws.ruled_networks import ruled_problems


@law(24)
@given(problems(Kinds(objective="tiers")), SPLITS)
def test_splits_are_exact_for_every_tier(planned: PlanningProblem, drawn: Drawn) -> None:
    planned = with_splits(planned, drawn)
    found = solved(planned).level_values()
    daily = DailyProgram(planned)
    for (number, name), optimum in daily.optima().items():
        noise = agreement(with_integers=any(daily.program.integer))
        assert found[name, max(number, 0) // 2] == pytest.approx(optimum, rel=1e-5, abs=noise), f"{name} {number}"


@law(24)
@given(ruled_problems(), SPLITS)
def test_every_plan_with_splits_is_certified(planned: PlanningProblem, drawn: Drawn) -> None:
    found = solved(with_splits(planned, drawn))
    found.certify()
    lines = found.data["demands"].astype({"order": str, "line": str}).set_index(["order", "line"])
    made = found.tables().deliveries.groupby(["order", "line"])["date"].nunique()
    most = lines["maximum_deliveries"].astype(float).reindex(made.index).fillna(float("inf"))
    assert (made <= most).all()


@law(8)
@given(problems(), SPLITS)
def test_splits_that_allow_everything_change_nothing(planned: PlanningProblem, drawn: Drawn) -> None:
    allowed = with_splits(planned, ([(None, rule[1] or None) for rule in drawn[0]], True))
    one, other = solved(planned).tables(), solved(allowed).tables()
    for name in PLAN_TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), obj=name)
