"""Blocks, and levels on the optimal face, give the optimum of the whole program with explicit rows for its levels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from firmdate.formulation.linear_program import LinearProgram, formulate
from firmdate.network.build import build_network
from firmdate.solver import blocks, coupling
from firmdate.solver.block import SERVICE_LEVELS
from firmdate.solver.highs import SolverOptions
from firmdate.solver.run_blocks import Solution, solve_program
from laws.law_settings import law
from laws.lexicographic import agreement, lexicographic_optima
from laws.problem import PlanningProblem
from laws.random_networks import Kinds, problems


def _program(planned: PlanningProblem) -> LinearProgram:
    return formulate(build_network(planned.data(), planned.scenario()))


def _in_fractions(planned: PlanningProblem) -> LinearProgram:
    """A program in which nothing needs to be whole, so that every level has one optimum."""
    program = _program(planned)
    return replace(program, prefer_whole=np.zeros_like(program.prefer_whole))


def _solve(program: LinearProgram, largest_block: int) -> Solution:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(blocks, "SMALL_BLOCK", largest_block)
        return solve_program(program, SolverOptions(), workers=1)


def _explicit_optima(program: LinearProgram) -> list[float]:
    return lexicographic_optima(
        list(program.costs.toarray()),
        program.matrix,
        program.row_lower,
        program.row_upper,
        program.upper,
        program.integer,
    )


@law(25)
@given(problems(Kinds(integers=False)))
def test_solving_in_blocks_equals_solving_whole(planned: PlanningProblem) -> None:
    program = _in_fractions(planned)
    apart, together = _solve(program, 0), _solve(program, 10**9)
    assert together.blocks == min(1, apart.blocks)
    assert apart.values == pytest.approx(together.values, rel=1e-6, abs=1e-4)


@law(25)
@given(problems(Kinds(integers=False)))
def test_leaving_out_capacity_that_is_kept_anyway_equals_solving_whole(planned: PlanningProblem) -> None:
    program = _in_fractions(planned)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(coupling, "COUPLED_COLUMNS", 0)
        patched.setattr(coupling, "LARGEST_SHARE", 1.0)
        apart = _solve(program, 0)
    assert apart.values == pytest.approx(_solve(program, 10**9).values, rel=1e-6, abs=1e-4)


@law(25)
@given(problems(Kinds(integers=False)))
def test_levels_on_the_optimal_face_equal_levels_kept_by_rows(planned: PlanningProblem) -> None:
    program = _in_fractions(planned)
    # A row that keeps a level may spend its tolerance, which later levels multiply.
    assert _solve(program, 0).values == pytest.approx(_explicit_optima(program), rel=1e-4, abs=1e-2)


@law(15)
@given(problems())
def test_levels_of_service_with_whole_shipments_equal_levels_kept_by_rows(planned: PlanningProblem) -> None:
    program = _program(planned)
    names = [level.name for level in program.levels]
    # Below service, and below an objective in money, whole units may cost something.
    last = max(n for n, name in enumerate(names) if name in SERVICE_LEVELS and name != "target_level")
    found = solve_program(program, SolverOptions(), workers=1).values[: last + 1]
    noise = agreement(with_integers=bool(program.integer.any()))
    assert found == pytest.approx(_explicit_optima(program)[: last + 1], rel=1e-5, abs=noise)


@law(15)
@given(problems())
def test_the_solution_keeps_every_row_and_bound(planned: PlanningProblem) -> None:
    program = _program(planned)
    x = solve_program(program, SolverOptions(), workers=1).x
    activity = program.matrix @ x
    noise = 1e-5 * np.maximum(1.0, np.abs(activity))
    assert (activity >= program.row_lower - noise).all()
    assert (activity <= program.row_upper + noise).all()
    assert (x >= -1e-6).all()
    assert (x <= program.upper + 1e-6).all()
    assert np.abs(x - np.rint(x))[program.integer].max(initial=0.0) <= 1e-5
