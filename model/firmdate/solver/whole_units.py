"""Flows in whole units where the optimum has fractions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from firmdate.errors import FirmdateError, InfeasibleError
from firmdate.network.horizon import BoolArray, FloatArray
from firmdate.solver.block import SERVICE_LEVELS, WHOLE_TOLERANCE, Block, dense_row, is_whole
from firmdate.solver.highs import Problem, SolverOptions, minimize

WHOLE_UNITS_COLUMNS = 5_000
"""Above so many free columns, whole units come from rounding alone."""


def whole_units(block: Block, face: Problem, x: FloatArray, options: SolverOptions) -> FloatArray:
    """The same service in whole units, where that is possible near the solution; else the solution as it is.

    Only what is linked with a broken flow is free, so that the search stays small.
    """
    if is_whole(x, block.whole):
        return x
    settled = block.whole & ~block.linked(_broken(x, block.whole))
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


def _broken(x: FloatArray, whole: BoolArray) -> BoolArray:
    return np.asarray(whole & (np.abs(x - np.rint(x)) > WHOLE_TOLERANCE))


def _blended_cost(block: Block) -> FloatArray:
    """The levels below service as one: they only guide the choice among equally good plans in whole units."""
    cost = np.zeros(block.costs.shape[1])
    for position, level in enumerate(block.levels):
        if level.name not in SERVICE_LEVELS:
            row = dense_row(block.costs, position)
            scale = np.abs(row).max(initial=0.0)
            cost += row / scale if scale > 0 else 0.0
    return cost
