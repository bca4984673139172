"""Bounds of integers that follow from the rows: no line ships whole on a date on which not all of it can be there.

The relaxed optimum would ship a part of it then. Bounds that rule this out cut off no plan, and bring the relaxed
optimum close to the one with integers.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array, vstack

from firmdate.network.horizon import BoolArray, FloatArray
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
    upper = problem.upper.copy()
    for _ in range(PASSES):
        tighter = np.minimum(upper, rows.leave(problem.lower, upper))
        tighter = np.where(problem.integer, np.floor(tighter + WHOLE_TOLERANCE), tighter)
        tighter = np.maximum(tighter, problem.lower)
        known = np.isfinite(tighter)
        if not (tighter[known] < upper[known] - CHANGE * np.maximum(1.0, tighter[known])).any():
            break
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
        self._row = np.repeat(np.arange(stacked.shape[0]), np.diff(stacked.indptr))
        self._column, self._value = stacked.indices, stacked.data
        self._positive = np.flatnonzero(self._value > 0)
        self._bounded = np.argsort(self._column[self._positive], kind="stable")
        sorted_columns = self._column[self._positive][self._bounded]
        self._first = np.flatnonzero(np.diff(sorted_columns, prepend=-1))
        self._of_first = sorted_columns[self._first]
        self._columns, self._count = matrix.shape[1], stacked.shape[0]

    def leave(self, lower: FloatArray, upper: FloatArray) -> FloatArray:
        """Per column: the least that any row leaves for it."""
        value, column = self._value, self._column
        lowest = value * np.where(value > 0, lower[column], upper[column])
        endless = np.isneginf(lowest)
        total = np.bincount(self._row, weights=np.where(endless, 0.0, lowest), minlength=self._count)
        open_ends = np.bincount(self._row, weights=endless, minlength=self._count)
        some = self._positive
        left = (self._limit - total)[self._row[some]] + lowest[some]
        left = np.where(open_ends[self._row[some]] > 0, np.inf, left) / value[some]
        found = np.full(self._columns, np.inf)
        if len(some):
            found[self._of_first] = np.minimum.reduceat(left[self._bounded], self._first)
        return found


def _stack(matrix: csr_array, below: BoolArray, above: BoolArray) -> csr_array:
    return csr_array(vstack([matrix[np.flatnonzero(below)], -matrix[np.flatnonzero(above)]], format="csr"))
