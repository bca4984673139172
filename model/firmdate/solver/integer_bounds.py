"""Bounds of integers that follow from the rows: no line ships whole on a date on which not all of it can be there.

The relaxed optimum would ship a part of it then. Bounds that rule this out cut off no plan, and bring the relaxed
optimum close to the one with integers.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array, vstack

from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.network.relations import ranges, relation
from firmdate.solver.block import WHOLE_TOLERANCE
from firmdate.solver.highs import Problem

PASSES = 200
"""Stock of a date is bounded by that of the date before, so bounds travel a date a pass."""

CHANGE = 1e-6


def tightened(problem: Problem) -> Problem:
    """The same problem with upper bounds of its integers that its rows imply, and with the least units that dates open.

    Args:
        problem: A problem; others of the same plans come back.
    """
    if not problem.integer.any():
        return problem
    upper = _implied(problem)
    whole = np.floor(upper + WHOLE_TOLERANCE)
    found = problem.integer & (whole < problem.upper)
    bounded = np.where(found, np.maximum(whole, problem.lower), problem.upper)
    return replace(problem, upper=bounded, matrix=_opening_less(problem, np.minimum(upper, problem.upper)))


def _opening_less(problem: Problem, upper: FloatArray) -> csr_array:
    """Rows in which a choice (0 or 1) opens some units, so that it opens no more than there can be.

    Where five of nine units can be there, a third of the choice would open three of the five.
    """
    matrix = problem.matrix
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    opens = np.isneginf(problem.row_lower) & (problem.row_upper == 0)
    closes = np.isposinf(problem.row_upper) & (problem.row_lower == 0)
    value = matrix.data * np.where(closes, -1.0, 1.0)[row]
    choice = problem.integer[matrix.indices] & (value < 0) & (problem.upper[matrix.indices] <= 1.0)
    other = (value > 0) & ~problem.integer[matrix.indices]
    choices = np.bincount(row[choice], minlength=matrix.shape[0])
    others = np.bincount(row[~choice & ~other], minlength=matrix.shape[0])
    fits = (opens | closes) & (choices == 1) & (others == 0)
    most = np.bincount(row[other], weights=(value * upper[matrix.indices])[other], minlength=matrix.shape[0])
    entry = np.flatnonzero(choice & fits[row])
    less = most[row[entry]]
    entry = entry[(less < -value[entry]) & np.isfinite(less)]
    data = matrix.data.copy()
    data[entry] = np.where(closes, 1.0, -1.0)[row[entry]] * most[row[entry]]
    return csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def _implied(problem: Problem) -> FloatArray:
    """Upper bounds of all columns that the rows imply, integers rounded down: what a row leaves for each of them."""
    rows = _Rows(problem)
    upper, again = problem.upper.copy(), np.arange(rows.count)
    for _ in range(PASSES):
        tighter = np.minimum(upper, rows.leave(again, problem.lower, upper))
        tighter = np.where(problem.integer, np.floor(tighter + WHOLE_TOLERANCE), tighter)
        tighter = np.maximum(tighter, problem.lower)
        known = np.isfinite(tighter)
        if not (tighter[known] < upper[known] - CHANGE * np.maximum(1.0, tighter[known])).any():
            break
        again = rows.that_depend_on(np.flatnonzero(tighter < upper))
        upper = tighter
    return upper


class _Rows:
    """Rows as ``a · x ≤ b``; what the lowest values of the other columns leave of b bounds each column with a > 0."""

    def __init__(self, problem: Problem) -> None:
        matrix, below = problem.matrix, np.isfinite(problem.row_upper)
        above = np.isfinite(problem.row_lower)
        stacked = csr_array(_stack(matrix, below, above))
        stacked.eliminate_zeros()
        # A row leaves a column with a positive value at most so much.
        self._limit = np.concatenate([problem.row_upper[below], -problem.row_lower[above]])
        self._offset, self._column = stacked.indptr.astype(np.int64), stacked.indices.astype(np.int64)
        self._value = stacked.data
        self.count, self._columns = stacked.shape
        # A column with a negative value lowers what its row takes at least.
        negative = np.flatnonzero(self._value < 0)
        row = np.repeat(np.arange(self.count), np.diff(self._offset))[negative]
        self._lowers = relation(self._columns, self._column[negative], row)[0]

    def that_depend_on(self, columns: IntArray) -> IntArray:
        """Rows that leave less when upper bounds of some columns have become less."""
        chosen = np.zeros(self.count, dtype=bool)
        chosen[self._lowers.of_all(columns)[1]] = True
        return np.flatnonzero(chosen)

    def leave(self, rows: IntArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
        """Per column: the least that any of some rows leaves for it."""
        count = self._offset[rows + 1] - self._offset[rows]
        entry, row = ranges(self._offset[rows], count), np.repeat(np.arange(len(rows)), count)
        value, column = self._value[entry], self._column[entry]
        lowest = value * np.where(value > 0, lower[column], upper[column])
        endless = np.isneginf(lowest)
        total = np.bincount(row, weights=np.where(endless, 0.0, lowest), minlength=len(rows))
        open_ends = np.bincount(row, weights=endless, minlength=len(rows))
        some = np.flatnonzero((value > 0) & (open_ends == 0)[row])
        left = ((self._limit[rows] - total)[row[some]] + lowest[some]) / value[some]
        found = np.full(self._columns, np.inf)
        np.minimum.at(found, column[some], left)
        return found


def _stack(matrix: csr_array, below: BoolArray, above: BoolArray) -> csr_array:
    return csr_array(vstack([matrix[np.flatnonzero(below)], -matrix[np.flatnonzero(above)]], format="csr"))
