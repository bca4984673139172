"""Relations between the rows of two tables, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.horizon import FloatArray, IntArray


def pairs(left: IntArray, right: IntArray) -> tuple[IntArray, IntArray]:
    """All positions ``(i, j)`` with ``left[i] == right[j]``, ordered by ``i``, then ``j``; negative keys match nothing.

    >>> pairs(np.array([7, 5]), np.array([5, 7, 7]))
    (array([0, 0, 1]), array([1, 2, 0]))
    """
    order = np.argsort(right, kind="stable")
    ordered = right[order]
    low = np.searchsorted(ordered, left, side="left")
    high = np.where(left >= 0, np.searchsorted(ordered, left, side="right"), low)
    counts = high - low
    rows = np.repeat(np.arange(len(left)), counts)
    return rows, order[ranges(low, counts)]


def ranges(starts: IntArray, counts: IntArray) -> IntArray:
    """The numbers ``start, start + 1, …`` of every range, one range after the other.

    >>> ranges(np.array([4, 9]), np.array([2, 1]))
    array([4, 5, 9])
    """
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total) + np.repeat(starts - (ends - counts), counts))


def distinct_rows(rows: IntArray) -> tuple[IntArray, IntArray]:
    """The distinct rows in ascending order, and the position of every row among them; as ``np.unique``, but faster.

    >>> distinct_rows(np.array([[2, 1], [1, 9], [2, 1]]))
    (array([[1, 9],
           [2, 1]]), array([1, 0, 1]))
    """
    order = np.lexsort(rows.T[::-1])
    ordered = rows[order]
    begins = np.ones(len(rows), dtype=bool)
    begins[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    at = np.empty(len(rows), dtype=np.int64)
    at[order] = np.cumsum(begins) - 1
    return ordered[begins], at


@dataclass(frozen=True)
class Relation:
    """Which targets belong to each row: ``targets[offsets[i]:offsets[i + 1]]`` for row ``i``.

    Args:
        offsets: Row starts, one longer than the number of rows.
        targets: Positions in the other table, row after row.
    """

    offsets: IntArray
    targets: IntArray

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.offsets) - 1

    def of(self, row: int) -> IntArray:
        """Targets of one row."""
        return self.targets[self.offsets[row] : self.offsets[row + 1]]

    def of_all(self, rows: IntArray) -> tuple[IntArray, IntArray]:
        """Targets of several rows, one row after the other, and for each the position of its row among them.

        >>> Relation(np.array([0, 2, 2, 3]), np.array([7, 8, 9])).of_all(np.array([2, 0]))
        (array([0, 1, 1]), array([9, 7, 8]))
        """
        counts = self.offsets[rows + 1] - self.offsets[rows]
        return np.repeat(np.arange(len(rows)), counts), self.targets[ranges(self.offsets[rows], counts)]


def relation(rows: int, source: IntArray, target: IntArray) -> tuple[Relation, IntArray]:
    """A relation from pairs, and the order in which it holds them (to align values with it)."""
    offsets = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=rows))]).astype(np.int64)
    if np.all(source[1:] >= source[:-1]):
        return Relation(offsets, target), np.arange(len(source))
    # Narrow keys are sorted by radix, in linear time.
    order = np.argsort(source.astype(np.int16) if rows < 2**15 else source, kind="stable")
    return Relation(offsets, target[order]), order


def running_sums(values: FloatArray, group: IntArray) -> FloatArray:
    """Running sums within groups of consecutive rows."""
    total = np.cumsum(values)
    first = np.ones(len(group), dtype=bool)
    first[1:] = group[1:] != group[:-1]
    before = (total - values)[first]
    return total - np.repeat(before, np.diff(np.append(np.flatnonzero(first), len(group))))


def positions_of(chosen: IntArray, size: int) -> IntArray:
    """Position of every member among the chosen ones, -1 for the others."""
    positions = np.full(size, -1)
    positions[chosen] = np.arange(len(chosen))
    return positions
