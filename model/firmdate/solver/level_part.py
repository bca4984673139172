"""The part of a problem that a level must know, and its answer for the whole problem."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.solver.highs import Answer, Problem

DUAL_TOLERANCE = 1e-7
"""A reduced cost or dual that is larger is not 0."""


@dataclass(frozen=True)
class LevelPart:
    """The columns that are still free and that a level must know, with the rows that they are in.

    Args:
        whole: The whole problem.
        cost: Costs of the level.
        later: Columns of lines of later tiers, which are served by nothing here.
        kept: Columns of the part.
        used: Rows of the part.
        value: What the other columns have; 0 for those of the part.
        problem: The part.
    """

    whole: Problem
    cost: FloatArray
    later: BoolArray
    kept: IntArray
    used: IntArray
    value: FloatArray
    problem: Problem

    def full(self, x: FloatArray, dual: FloatArray, iterations: int) -> Answer:
        """The answer of the part for the whole problem.

        Reduced costs of the columns that are left out follow from the duals.

        Args:
            x: Values of the columns of the part.
            dual: Duals of its rows.
            iterations: What it took.
        """
        value = self.with_values(x)
        duals = np.zeros(len(self.whole.row_lower))
        duals[self.used] = dual
        reduced_cost = self.cost - self.whole.matrix.T @ duals
        reduced_cost[self.later] = np.where(self.cost[self.later] == 0, reduced_cost[self.later], 0.0)
        objective = total(self.cost, value)
        return Answer(value, reduced_cost, duals, self.whole.matrix @ value, objective, iterations)

    def with_values(self, x: FloatArray) -> FloatArray:
        """Values of all columns."""
        value = self.value.copy()
        value[self.kept] = x
        return value

    @property
    def fixed_cost(self) -> float:
        """Cost of what is settled."""
        return total(self.cost, self.value)


def level_part(problem: Problem, cost: FloatArray, later: BoolArray, *, integers: bool) -> LevelPart:
    """Take the part of a problem that a level must know.

    Args:
        problem: The problem.
        cost: Costs of the level.
        later: Columns that it need not know.
        integers: False to let integers be fractions.
    """
    fixed = problem.lower >= problem.upper
    kept = np.flatnonzero(~fixed & ~later)
    value = np.where(fixed & ~later, problem.lower, 0.0)
    offset = problem.matrix @ value
    matrix = csr_array(problem.matrix[:, kept])
    used = np.flatnonzero(np.diff(matrix.indptr))
    part = Problem(
        cost=cost[kept],
        lower=problem.lower[kept],
        upper=problem.upper[kept],
        matrix=csr_array(matrix[used]),
        row_lower=(problem.row_lower - offset)[used],
        row_upper=(problem.row_upper - offset)[used],
        integer=problem.integer[kept] if integers else np.zeros(len(kept), dtype=bool),
    )
    return LevelPart(problem, cost, later, kept, used, value, part)


def total(cost: FloatArray, x: FloatArray) -> float:
    """Cost of a solution; a product of BLAS would wake its threads, which then spin beside the solver's."""
    return float((cost * x).sum())


def on_optimal_face(problem: Problem, answer: Answer) -> Problem:
    """Restrict a problem to the optimal solutions of the level just solved."""
    tight = np.abs(answer.reduced_cost) > DUAL_TOLERANCE
    at_lower = tight & (answer.reduced_cost > 0)
    at_upper = tight & (answer.reduced_cost < 0)
    lower = np.where(at_upper & np.isfinite(problem.upper), problem.upper, problem.lower)
    upper = np.where(at_lower & np.isfinite(problem.lower), problem.lower, problem.upper)
    binds = np.abs(answer.dual) > DUAL_TOLERANCE
    below = binds & (answer.dual > 0) & np.isfinite(problem.row_lower)
    above = binds & (answer.dual < 0) & np.isfinite(problem.row_upper)
    row_upper = np.where(below, problem.row_lower, problem.row_upper)
    row_lower = np.where(above, problem.row_upper, problem.row_lower)
    return replace(problem, lower=lower, upper=upper, row_lower=row_lower, row_upper=row_upper)
