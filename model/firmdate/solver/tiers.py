"""Lexicographic optimization: every level is solved to its optimum before the next.

After a level, the next one is restricted to the optimal face: a column with a non-zero reduced cost stays
at its bound, a row with a non-zero dual becomes an equality. By complementary slackness these are exactly the
optimal solutions of the level, without weights. Problems with integers have no duals; there the level's
optimum is kept by one more row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array, vstack

from firmdate.formulation.linear_program import Level
from firmdate.network.horizon import FloatArray
from firmdate.solver.highs import Answer, Problem, SolverOptions, minimize

DUAL_TOLERANCE = 1e-7
LEVEL_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Block:
    """A part of the linear program that shares no row with the rest.

    Args:
        name: For the log and for errors.
        problem: Rows and columns; its cost is not used.
        costs: Costs of every level, levels × columns.
        levels: The levels in their order.
    """

    name: str
    problem: Problem
    costs: csr_array
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class BlockAnswer:
    """The lexicographic optimum of a block.

    Args:
        x: Values of the columns.
        values: Optimum of every level.
        price: Per row: dual of the first level in which it binds.
        price_level: Per row: position of that level, -1 where the row never binds.
        iterations: Iterations of all levels.
    """

    x: FloatArray
    values: FloatArray
    price: FloatArray
    price_level: np.ndarray
    iterations: int


def solve_levels(block: Block, options: SolverOptions) -> BlockAnswer:
    """Minimize the levels of a block one after the other.

    Levels that cost nothing in this block, or only where nothing is free any more, are skipped.
    """
    problem = block.problem
    rows = len(problem.row_lower)
    price, price_level = np.zeros(rows), np.full(rows, -1)
    x: FloatArray | None = None
    iterations = 0
    done: list[int] = []
    for position, level in enumerate(block.levels):
        cost = _dense(block.costs, position)
        if x is not None and not np.any(cost[problem.lower < problem.upper]):
            continue
        if x is None and not np.any(cost) and position < len(block.levels) - 1:
            continue
        answer = minimize(replace(problem, cost=cost), options, f"{block.name}, {level.name} {level.member + 1}")
        x, iterations = answer.x, iterations + answer.iterations
        fresh = (price_level < 0) & (np.abs(answer.dual[:rows]) > DUAL_TOLERANCE)
        price[fresh], price_level[fresh] = answer.dual[:rows][fresh], position
        done.append(position)
        if problem.integer.any():
            problem = _with_optimum_row(problem, cost, answer)
        else:
            problem = _on_optimal_face(problem, answer)
    if x is None:
        x = np.zeros(len(problem.cost))
    return BlockAnswer(x, np.asarray(block.costs @ x), price, price_level, iterations)


def _dense(costs: csr_array, row: int) -> FloatArray:
    dense = np.zeros(costs.shape[1])
    span = slice(costs.indptr[row], costs.indptr[row + 1])
    dense[costs.indices[span]] = costs.data[span]
    return dense


def _on_optimal_face(problem: Problem, answer: Answer) -> Problem:
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


def _with_optimum_row(problem: Problem, cost: FloatArray, answer: Answer) -> Problem:
    """Keep the optimum of a level by a row ``cost · x ≤ optimum``."""
    value = float(cost @ answer.x)
    row = csr_array(cost[None, :])
    return replace(
        problem,
        matrix=csr_array(vstack([problem.matrix, row], format="csr")),
        row_lower=np.append(problem.row_lower, -np.inf),
        row_upper=np.append(problem.row_upper, value + LEVEL_TOLERANCE * max(1.0, abs(value))),
    )
