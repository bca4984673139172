"""Events, classes, contraction and lazy lanes lose nothing: the same optimum as the plain daily program."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmdate.formulation.linear_program import formulate
from firmdate.network import classes
from firmdate.network.build import build_network
from firmdate.solver.highs import SolverOptions
from firmdate.solver.run_blocks import solve_program
from laws.daily_program import PREMIUM, DailyProgram
from laws.extra_capacity import EXTRAS, Extra, with_extra
from laws.law_settings import law
from laws.lexicographic import agreement
from laws.problem import PlanningProblem, solved
from laws.random_networks import Kinds, problems


@law(60)
@given(problems(Kinds(objective="tiers")), st.sampled_from([classes.CHAIN_DATES, 0, 1]), EXTRAS)
def test_the_event_grid_is_exact_for_every_tier(
    planned: PlanningProblem, chain_dates: int, extras: Sequence[Extra]
) -> None:
    planned = with_extra(planned, extras)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(classes, "CHAIN_DATES", chain_dates)
        found = solved(planned).level_values()
    daily = DailyProgram(planned)
    for (number, name), optimum in daily.optima().items():
        tier = 0 if (number, name) == PREMIUM else max(number, 0) // 2
        noise = agreement(with_integers=any(daily.program.integer))
        assert found[name, tier] == pytest.approx(optimum, rel=1e-5, abs=noise), f"{name} {tier}"


@law(10)
@given(problems(Kinds(integers=False)))
def test_joining_lane_capacities_when_they_are_exceeded_is_exact(planned: PlanningProblem) -> None:
    found = solved(planned)
    program = formulate(build_network(found.data, found.scenario))
    every_lane = solve_program(program, SolverOptions(), workers=1).values
    service = [n for n, level in enumerate(program.levels) if level.name in ("tier_level", "priority_level")]
    assert found.solution.values[service] == pytest.approx(every_lane[service], rel=1e-5, abs=1e-3)
