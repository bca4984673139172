"""Blocks, and levels on the optimal face, give the optimum of the whole program with explicit rows for its levels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from firmdate.formulation.linear_program import LinearProgram, formulate
from firmdate.network.build import build_network
from firmdate.solver import at_once, blocks, coupling, tiers
from firmdate.solver.block import SERVICE_LEVELS
from firmdate.solver.highs import SolverOptions
from firmdate.solver.run_blocks import Solution, solve_program
from laws.law_settings import law
from laws.lexicographic import agreement, lexicographic_optima
from laws.problem import PlanningProblem, date_of, problem
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


@pytest.mark.parametrize("weight", [at_once.WEIGHT, 1.0])
def test_levels_at_once_equal_levels_one_by_one(weight: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also with weights that are not apart at all: what a basis does not prove is solved on its own."""
    program, proven = _many_levels(), 0
    minimize = at_once.minimize_at_once

    def counted(*parts: Any) -> list[at_once.Proven]:
        nonlocal proven
        found = minimize(*parts)
        proven += len(found)
        return found

    monkeypatch.setattr(at_once, "WEIGHT", weight)
    monkeypatch.setattr(tiers, "minimize_at_once", counted)
    together = _solve(program, 10**9).values
    assert proven >= (5 if weight > 1.0 else 1)
    monkeypatch.setattr(at_once, "MOST_LEVELS", 1)
    assert together == pytest.approx(_solve(program, 10**9).values, rel=1e-6, abs=1e-4)
    assert together == pytest.approx(_explicit_optima(program), rel=1e-4, abs=1e-2)


def _many_levels() -> LinearProgram:
    """Scarce parts with commitments of three tiers, shares of two nodes, and two suppliers by rank."""
    random = np.random.default_rng(5)
    parts = [f"P{n}" for n in range(5)]
    rows = [
        {
            "order": f"O{n:02}",
            "line": "1",
            "item": str(random.choice(parts)),
            "location": "DC",
            "quantity": int(random.integers(1, 9)),
            "requested_date": date_of(int(random.integers(0, 25))),
            "tier": n % 3 + 1,
            "scheduled_date": date_of(int(random.integers(0, 40))) if n % 4 else None,
            "enforce_commit": True,
            "allocation_node": ("EAST", "WEST", None)[n % 3],
        }
        for n in range(40)
    ]
    tables = {
        "demands": rows,
        "on_hand": [{"item": part, "location": "DC", "quantity": int(random.integers(10, 25))} for part in parts],
        "allocations": [
            {"item": part, "node": node, "start": date_of(0), "end": date_of(70), "percent": percent}
            for part in parts
            for node, percent in (("EAST", 50), ("WEST", 30))
        ],
        "supplier_items": [
            {
                "supplier": f"S{k}",
                "item": part,
                "location": "DC",
                "lead_time_days": 9 - 3 * k,
                "rank": k,
                "unit_cost": k,
            }
            for part in parts
            for k in (1, 2)
        ],
        "supplier_capacity": [
            {"supplier": f"S{k}", "start": date_of(7 * n), "end": date_of(7 * n + 7), "quantity": 11 - 3 * k}
            for k in (1, 2)
            for n in range(10)
        ],
    }
    return _in_fractions(problem(tables, {"horizon_days": 70}))


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
