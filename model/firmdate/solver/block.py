"""A block of the linear program, and its answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from firmdate.formulation.linear_program import FairRows, Level
from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.solver.highs import Problem

WHOLE_TOLERANCE = 1e-6

SERVICE_LEVELS = (
    "shortage_level",
    "commitment_level",
    "tier_level",
    "priority_level",
    "fair_level",
    "overload_level",
    "target_level",
)
"""Levels that whole units must not worsen; the levels below only choose among equally good plans."""

TIER_LEVELS = ("shortage_level", "commitment_level", "tier_level", "priority_level", "fair_level")
"""Levels that come before everything that looks at all lines at once."""


@dataclass(frozen=True)
class Block:
    """A part of the linear program that shares no row with the rest.

    Args:
        name: For the log and for errors.
        problem: Rows and columns; its cost is not used.
        costs: Costs of every level, levels × columns.
        levels: The levels in their order.
        whole: Columns that should be whole where that costs no service.
        family: Per column: columns of one activity or class have one family.
        tier: Per column: tier of the lines that it serves, -2 for committed lines, -1 for all other columns.
        set_of: Per column: ship set whose dates it chooses, by date; -1 for all other columns.
        moves: Columns that start or ship something; all others follow from them.
        fair: Rows that compare those who share.
    """

    name: str
    problem: Problem
    costs: csr_array
    levels: tuple[Level, ...]
    whole: BoolArray
    family: IntArray
    tier: IntArray
    set_of: IntArray
    moves: BoolArray
    fair: FairRows

    def later(self, level: Level) -> BoolArray:
        """Columns of lines that one of :data:`TIER_LEVELS` need not know: worse tiers can be served by nothing."""
        if level.name in ("shortage_level", "commitment_level"):
            return np.asarray(self.tier >= 0)
        return np.asarray(self.tier > level.member)

    def linked(self, columns: BoolArray) -> BoolArray:
        """All columns of the families of some columns."""
        return np.isin(self.family, self.family[columns])


@dataclass(frozen=True)
class BlockAnswer:
    """The lexicographic optimum of a block.

    Args:
        x: Values of the columns.
        values: Optimum of every level.
        price: Per row: dual of the first level in which it binds.
        price_level: Per row: position of that level, -1 where the row never binds.
        iterations: Iterations of all levels.
        bounds: Per level: no plan that is as good in all levels before it has a lower value; the optimum where proven.
        proven: How many levels, from the first on, are proven; all of them unless a limit was hit.
    """

    x: FloatArray
    values: FloatArray
    price: FloatArray
    price_level: IntArray
    iterations: int
    bounds: FloatArray
    proven: int


def is_whole(x: FloatArray, integer: BoolArray) -> bool:
    """Whether the columns that must be integers are."""
    values = x[integer]
    return bool(np.all(np.abs(values - np.rint(values)) <= WHOLE_TOLERANCE))


def dense_row(costs: csr_array, row: int) -> FloatArray:
    """One row of costs with its zeros."""
    dense = np.zeros(costs.shape[1])
    span = slice(costs.indptr[row], costs.indptr[row + 1])
    dense[costs.indices[span]] = costs.data[span]
    return dense
