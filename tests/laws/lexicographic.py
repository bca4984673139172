"""A plain linear program with levels, each kept by an explicit row while the next is minimized."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

SLACK, SLACK_WITH_INTEGERS = 1e-7, 1e-3
"""Slack of the rows that keep the levels before, relative and absolute: about what the solver's tolerances spend."""


def agreement(with_integers: bool) -> float:
    """Largest difference of two optima that the slack of the levels before explains."""
    return 0.2 if with_integers else 1e-3


def lexicographic_optima(
    costs: Sequence[np.ndarray],
    matrix: csr_array,
    lower: np.ndarray,
    upper: np.ndarray,
    largest: np.ndarray,
    integer: np.ndarray,
) -> list[float]:
    """Optima of ``costs`` one after the other under ``lower ≤ matrix · x ≤ upper``, ``0 ≤ x ≤ largest``."""
    values: list[float] = []
    for cost in costs:
        if not cost.any():
            values.append(0.0)
            continue
        rows = [LinearConstraint(matrix, lower, upper)] if matrix.shape[0] else []
        # Presolve sometimes takes rows with so little slack for infeasible.
        for presolve in (True, False):
            options = {"mip_rel_gap": 1e-9, "presolve": presolve}
            answer = milp(cost, integrality=integer, bounds=Bounds(0.0, largest), constraints=rows, options=options)
            if answer.status == 0:
                break
        assert answer.status == 0, answer.message
        values.append(float(answer.fun))
        matrix = csr_array(vstack([matrix, csr_array(cost[None, :])], format="csr"))
        lower = np.append(lower, -np.inf)
        slack = SLACK_WITH_INTEGERS if integer.any() else SLACK * max(1.0, abs(answer.fun))
        upper = np.append(upper, answer.fun + slack)
    return values


LARGEST = 1e6
"""Far above all quantities; presolve may set columns without a bound and a cost, as infinite supply is, to infinity."""


@dataclass
class PlainProgram:
    """A program that is written column by column and row by row.

    Args:
        largest: Upper bound per column.
        integer: 1 for integer columns.
        entries: Row, column and coefficient.
        bounds: Lower and upper bound per row.
        costs: Per level: cost by column.
    """

    largest: list[float] = field(default_factory=list)
    integer: list[int] = field(default_factory=list)
    entries: list[tuple[int, int, float]] = field(default_factory=list)
    bounds: list[tuple[float, float]] = field(default_factory=list)
    costs: dict[tuple[int, str], dict[int, float]] = field(default_factory=dict)

    def column(self, largest: float = LARGEST, *, integer: bool = False) -> int:
        """A new variable from 0 to ``largest``."""
        self.largest.append(largest)
        self.integer.append(int(integer))
        return len(self.largest) - 1

    def row(self, lower: float, upper: float) -> int:
        """A new row without entries."""
        self.bounds.append((lower, upper))
        return len(self.bounds) - 1

    def put(self, row: int, column: int, coefficient: float) -> None:
        """Add a coefficient."""
        self.entries.append((row, column, coefficient))

    def charge(self, level: tuple[int, str], column: int, cost: float) -> None:
        """Add to the cost of a column in a level; levels are minimized in sorted order."""
        own = self.costs.setdefault(level, {})
        own[column] = own.get(column, 0.0) + cost

    def optima(self) -> dict[tuple[int, str], float]:
        """Optimum of every level."""
        shape = (len(self.bounds), len(self.largest))
        row, column, value = zip(*self.entries, strict=True) if self.entries else ((), (), ())
        matrix = csr_array((np.array(value, dtype=float), (np.array(row, int), np.array(column, int))), shape=shape)
        lower, upper = np.array(self.bounds, dtype=float).reshape(-1, 2).T
        levels = sorted(self.costs)
        costs = np.zeros((len(levels), shape[1]))
        for cost, level in zip(costs, levels, strict=True):
            cost[list(self.costs[level])] = list(self.costs[level].values())
        values = lexicographic_optima(list(costs), matrix, lower, upper, np.array(self.largest), np.array(self.integer))
        return dict(zip(levels, values, strict=True))
