"""Connected parts of a linear program, cut out as programs of their own.

Small parts are solved together. Which ones is decided by the parts themselves, not by their number in the whole: a
part that changes moves the borders of its own group and perhaps of the next one, and all other groups stay what they
were, so that their answers can be found again.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_array, csr_array

from firmdate.formulation.linear_program import FairRows, LinearProgram
from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.solver.block import Block
from firmdate.solver.connected import connected_parts
from firmdate.solver.highs import Problem

SMALL_BLOCK = 4000
"""Parts are solved together up to this many columns: a call of the solver has its price too."""

MOVES = ("Start", "Deliver", "Ship", "SetDate", "Orders", "Multiples", "Packs")
"""Variables that say what is done; where they are all 0, nothing is made, moved, bought or delivered."""

BitArray = npt.NDArray[np.uint64]

_MIXERS = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
"""Odd numbers that spread bits over a word (those of the SplitMix64 generator)."""


def split(program: LinearProgram, loose: BoolArray | None = None) -> list[tuple[IntArray, IntArray]]:
    """Rows and columns of the blocks: connected parts, small ones together, those with integers apart.

    Args:
        program: The program.
        loose: Rows that connect nothing. Those whose columns fall into several parts belong to no block.
    """
    matrix = program.matrix
    if not matrix.shape[1]:
        return []
    count, part_of_column, part_of_row, inside = _parts(matrix, loose)
    size = np.bincount(part_of_column, minlength=count)
    has_integer = np.zeros(count, dtype=bool)
    has_integer[part_of_column[program.integer]] = True
    of_data = np.full(count, -1)
    np.maximum.at(of_data, part_of_column, program.part)
    group = _group(size, has_integer, _marks(program, part_of_column, part_of_row, count), of_data)
    groups = int(group.max()) + 1
    columns = _members(group[part_of_column], groups)
    rows = [inside[members] for members in _members(group[part_of_row[inside]], groups)]
    return [
        (block_rows, block_columns)
        for block_rows, block_columns in zip(rows, columns, strict=True)
        if len(block_columns)
    ]


def _members(group: IntArray, groups: int) -> list[IntArray]:
    """Positions of the members of every group."""
    ends = np.cumsum(np.bincount(group, minlength=groups))[:-1]
    return np.split(np.argsort(group, kind="stable"), ends)


def _parts(matrix: csr_array, loose: BoolArray | None) -> tuple[int, IntArray, IntArray, IntArray]:
    """Connected parts: their number, that of every column, that of every row, and the rows that belong to one."""
    every = np.arange(matrix.shape[0])
    if loose is None or not loose.any():
        return *connected_parts(matrix), every
    row = np.repeat(every, np.diff(matrix.indptr))
    holds = ~loose[row]
    count, part_of_column, part_of_row = connected_parts(
        csr_array((matrix.data[holds], (row[holds], matrix.indices[holds])), shape=matrix.shape)
    )
    part_of_entry = part_of_column[matrix.indices]
    part_of_row[row[::-1]] = part_of_entry[::-1]  # of its first entry: a loose row has none of its own
    across = np.zeros(len(every), dtype=bool)
    across[row[part_of_row[row] != part_of_entry]] = True
    return count, part_of_column, part_of_row, np.flatnonzero(~across)


def _marks(program: LinearProgram, part_of_column: IntArray, part_of_row: IntArray, parts: int) -> BitArray:
    """A random-looking number for every part, made of nothing but its own bounds."""
    marks = np.zeros(parts, dtype=np.uint64)
    for part, values in (
        (part_of_column, (program.upper,)),
        (part_of_row, (program.row_lower, program.row_upper, np.diff(program.matrix.indptr).astype(np.float64))),
    ):
        mixed = np.zeros(len(part), dtype=np.uint64)
        for value in values:
            mixed = _mix(mixed ^ np.ascontiguousarray(value, dtype=np.float64).view(np.uint64))
        # Sums do not depend on the order of rows and columns, and wrap around without a word.
        np.add.at(marks, part, mixed)
    return _mix(marks)


def _mix(bits: BitArray) -> BitArray:
    with np.errstate(over="ignore"):
        for mixer, shift in zip(_MIXERS, (30, 27, 31), strict=True):
            bits = bits * np.uint64(mixer)
            bits ^= bits >> np.uint64(shift)
    return bits


def _group(size: IntArray, apart: BoolArray, marks: BitArray, of_data: IntArray) -> IntArray:
    """Group consecutive small parts up to :data:`SMALL_BLOCK` columns, each group from one part of the planning data.

    So parts of the data have the same answer whatever else is planned with them.

    A group also ends after a part whose mark says so, on average once in :data:`SMALL_BLOCK` columns: from there on
    the groups are the same again, whatever has changed before.
    """
    ends = marks.astype(np.float64) * SMALL_BLOCK < size * 2.0**64
    group = np.empty(len(size), dtype=np.int64)
    order = np.argsort(of_data, kind="stable")
    current, filled, before = -1, SMALL_BLOCK, -1
    for part, columns, alone, last, data in zip(
        order.tolist(),
        size[order].tolist(),
        apart[order].tolist(),
        ends[order].tolist(),
        of_data[order].tolist(),
        strict=True,
    ):
        if alone or current < 0 or data != before or filled + columns > SMALL_BLOCK:
            current, filled = current + 1, 0
        group[part], before = current, data
        filled = SMALL_BLOCK if alone or last else filled + columns
    return group


class Slicer:
    """Cuts blocks out of a program; what is looked up per column is prepared once for all blocks.

    Args:
        program: The program.
        parts: Rows and columns of the blocks.
    """

    def __init__(self, program: LinearProgram, parts: list[tuple[IntArray, IntArray]]) -> None:
        self._program, self._parts = program, parts
        self._position = np.zeros(program.matrix.shape[1], dtype=np.int64)
        for _, columns in parts:
            self._position[columns] = np.arange(len(columns))
        self._costs = csc_array(program.costs)
        self._moves = np.zeros(program.matrix.shape[1], dtype=bool)
        for variable in MOVES:
            self._moves[program.columns_of(variable)] = True

    def block(self, number: int) -> Block:
        """One block."""
        program = self._program
        rows, columns = self._parts[number]
        part = csr_array(program.matrix[rows])
        matrix = csr_array((part.data, self._position[part.indices], part.indptr), shape=(len(rows), len(columns)))
        nothing: FloatArray = np.zeros(len(columns))
        problem = Problem(
            cost=nothing,
            lower=nothing,
            upper=program.upper[columns],
            matrix=matrix,
            row_lower=program.row_lower[rows],
            row_upper=program.row_upper[rows],
            integer=program.integer[columns],
        )
        return Block(
            name=f"block {number + 1} of {len(self._parts)}",
            problem=problem,
            costs=csr_array(self._costs[:, columns]),
            levels=program.levels,
            whole=program.prefer_whole[columns],
            family=program.family[columns],
            tier=program.tier[columns],
            set_of=program.set_of[columns],
            moves=self._moves[columns],
            fair=self._fair(rows),
        )

    def _fair(self, rows: IntArray) -> FairRows:
        """The rows of a block that compare those who share, by their place in it."""
        fair = self._program.fair
        mine = fair.part(np.flatnonzero(np.isin(fair.row, rows)) if len(fair.row) else fair.row)
        row = np.searchsorted(rows, mine.row)
        return FairRows(row, self._position[mine.filled], self._position[mine.common], mine.whole, mine.level)
