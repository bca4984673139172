"""Fair shares: the smallest part is made as large as can be, then the next one; then whole units.

In every round the part that all who are left have in common is maximized. Who holds it back (a dual that is not zero,
or nothing more that is due) keeps what he has got, and the others go on. This is the lexicographic optimum of the
sorted parts, and where all have one supply it is the exactly equal part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from firmdate.errors import InfeasibleError
from firmdate.formulation.linear_program import FairRows
from firmdate.network.horizon import BoolArray, FloatArray
from firmdate.solver.block import is_whole
from firmdate.solver.highs import Answer, Problem

ROUNDS = 300
"""After so many rounds, who is left keeps what he has got."""

NOISE = 1e-6


class Solve(Protocol):
    """Minimizes costs over a problem."""

    def __call__(self, problem: Problem, costs: FloatArray, *, integers: bool) -> Answer:
        """An optimal solution."""


@dataclass(frozen=True)
class Shared:
    """The plans with fair shares, one of them, and what it took."""

    face: Problem
    answer: Answer
    iterations: int


def share(face: Problem, cost: FloatArray, fair: FairRows, solve: Solve) -> Shared | None:
    """Keep the plans of a problem whose parts are fair.

    Args:
        face: The plans that are as good in all levels before.
        cost: The level: minus the sum of the common parts.
        fair: Who shares.
        solve: Minimizes costs over a problem.

    Returns:
        None where no plan with the integers of the problem has fair shares.
    """
    problem, iterations = face, 0
    left = np.ones(len(fair.row), dtype=bool)
    for _ in range(ROUNDS):
        answer = solve(problem, cost, integers=False)
        iterations += answer.iterations
        units = answer.x[fair.filled]
        # Units above the common part may be anybody's; who is full without them has all that he wants.
        common = left & (answer.activity[fair.row] >= problem.row_upper[fair.row] - NOISE)
        full = common & (units >= face.upper[fair.filled] - NOISE)
        held = full | (left & (np.abs(answer.dual[fair.row]) > NOISE))
        held = held if held.any() else left
        problem = _kept(problem, fair, held, units, units)
        left &= ~held
        problem = _without_parts(problem, fair, left, answer.x)
        if not left.any():
            break
    problem = _kept(problem, fair, left, answer.x[fair.filled], answer.x[fair.filled])
    units = np.clip(answer.x[fair.filled], 0.0, face.upper[fair.filled])
    fraction = np.where(fair.whole, units - np.floor(units + NOISE), 0.0)
    if not face.integer.any() and (fraction <= NOISE).all():
        return Shared(problem, answer, iterations)
    return _in_whole_units(problem, fair, units, fraction, solve, iterations)


def _kept(problem: Problem, fair: FairRows, rows: BoolArray, low: FloatArray, high: FloatArray) -> Problem:
    """Give some sharers between two quantities, whatever the others get."""
    lower, upper = problem.lower.copy(), problem.upper.copy()
    row_lower, row_upper = problem.row_lower.copy(), problem.row_upper.copy()
    lower[fair.filled[rows]], upper[fair.filled[rows]] = low[rows], high[rows]
    row_lower[fair.row[rows]], row_upper[fair.row[rows]] = -np.inf, np.inf
    return replace(problem, lower=lower, upper=upper, row_lower=row_lower, row_upper=row_upper)


def _without_parts(problem: Problem, fair: FairRows, left: BoolArray, x: FloatArray) -> Problem:
    """The common part of a group of which nobody is left is settled."""
    done = np.setdiff1d(fair.common, fair.common[left])
    lower, upper = problem.lower.copy(), problem.upper.copy()
    lower[done] = upper[done] = np.minimum(x[done], problem.upper[done])
    return replace(problem, lower=lower, upper=upper)


def _in_whole_units(
    problem: Problem, fair: FairRows, units: FloatArray, fraction: FloatArray, solve: Solve, iterations: int
) -> Shared | None:
    """Round up or down, the largest fractions up; as they are where that cannot be."""
    every = np.ones(len(units), dtype=bool)
    floor = np.where(fair.whole, np.floor(units + NOISE), units)
    ceiling = np.where(fraction > NOISE, floor + 1.0, np.where(fair.whole, floor, units))
    box = _kept(problem, fair, every, floor, ceiling)
    costs = np.zeros(len(problem.cost))
    costs[fair.filled] = -np.where(fraction > NOISE, fraction, 0.0)
    integers = bool(problem.integer.any())
    try:
        answer = solve(box, costs, integers=integers)
    except InfeasibleError:
        return None
    iterations += answer.iterations
    got = answer.x[fair.filled]
    whole = np.ones(len(got), dtype=bool)
    whole[fair.whole] = np.abs(got - np.rint(got))[fair.whole] <= NOISE
    got = np.where(fair.whole & whole, np.rint(got), got)
    if not is_whole(answer.x, problem.integer):
        return None
    return Shared(_kept(box, fair, every, got, got), answer, iterations)
