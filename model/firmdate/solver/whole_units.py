"""Flows in whole units where the optimum has fractions.

A search for them is only worth its time where there can be any: where the late unit-days of a tier are a broken number
at their optimum, every plan in whole units has more of them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from firmdate.errors import FirmdateError, InfeasibleError
from firmdate.network.horizon import BoolArray, FloatArray
from firmdate.solver.block import SERVICE_LEVELS, WHOLE_TOLERANCE, Block, dense_row
from firmdate.solver.connected import connected_parts
from firmdate.solver.highs import Problem, SolverOptions, minimize

WHOLE_UNITS_COLUMNS = 5_000
"""Above so many free columns, whole units come from rounding alone."""

BROKEN_VALUE = 1e-6
"""A level is a broken number when it is further, relatively, from the next whole one."""


def whole_units(block: Block, face: Problem, x: FloatArray, options: SolverOptions) -> FloatArray:
    """The same service in whole units, where that is possible near the solution; else the solution as it is.

    Only what is linked with a broken flow is free, so that the search stays small.
    """
    broken = np.abs(x - np.rint(x)) > WHOLE_TOLERANCE
    broken &= block.whole
    if broken.any():
        broken &= ~_beyond_whole_units(block, x)
    if not broken.any():
        return x
    settled = block.whole & ~block.linked(broken)
    value = np.rint(x)
    lower = np.where(settled, value, face.lower)
    upper = np.where(settled, value, face.upper)
    if int((lower < upper).sum()) > WHOLE_UNITS_COLUMNS:
        return x
    cost = _blended_cost(block)
    problem = replace(face, cost=cost, lower=lower, upper=upper, integer=face.integer | block.whole)
    quick = replace(options, first_solution=True)
    try:
        return minimize(problem, quick, f"{block.name}, whole units").x
    except InfeasibleError:
        return x
    except FirmdateError:
        options.log.append(f"{block.name}: whole units were not found; the flows are rounded")
        return x


def _beyond_whole_units(block: Block, x: FloatArray) -> BoolArray:
    """Columns of connected parts in which a level of service is a broken number, but a whole one in whole units.

    Args:
        block: The block.
        x: A solution with the optimum of every level.
    """
    count, part, _ = connected_parts(block.problem.matrix)
    always_whole = _always_whole(block)
    beyond = np.zeros(count, dtype=bool)
    for position, level in enumerate(block.levels):
        if level.name in SERVICE_LEVELS:
            cost = dense_row(block.costs, position)
            doubtful = (cost != 0) & ~(always_whole & (cost % 1 == 0))
            can_be_broken = np.bincount(part[doubtful], minlength=count) > 0
            value = np.bincount(part, weights=cost * x, minlength=count)
            is_broken = np.abs(value - np.rint(value)) > BROKEN_VALUE * np.maximum(1.0, np.abs(value))
            beyond |= is_broken & ~can_be_broken
    return np.asarray(beyond[part])


def _always_whole(block: Block) -> BoolArray:
    """Columns that have a whole number in every plan in whole units.

    Backlog, for example, is what became due less what was delivered: a row of nothing but whole numbers.
    """
    problem, matrix = block.problem, block.problem.matrix
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    column = matrix.indices
    breaks = (matrix.data % 1 != 0) | (block.moves & ~block.whole & ~problem.integer)[column]
    whole_row = (problem.row_lower == problem.row_upper) & (problem.row_lower == np.rint(problem.row_lower))
    whole_row &= np.bincount(row[breaks], minlength=len(whole_row)) == 0
    in_broken_row = np.zeros(len(block.whole), dtype=bool)
    in_broken_row[column[~whole_row[row]]] = True
    return np.where(block.moves, block.whole | problem.integer, ~in_broken_row)


def _blended_cost(block: Block) -> FloatArray:
    """The levels below service as one: they only guide the choice among equally good plans in whole units."""
    cost = np.zeros(block.costs.shape[1])
    for position, level in enumerate(block.levels):
        if level.name not in SERVICE_LEVELS:
            row = dense_row(block.costs, position)
            scale = np.abs(row).max(initial=0.0)
            cost += row / scale if scale > 0 else 0.0
    return cost
