"""Connected parts of the network are separate linear programs, solved side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csc_array, csr_array
from scipy.sparse.csgraph import connected_components

from firmdate.formulation.linear_program import LinearProgram
from firmdate.network.horizon import FloatArray, IntArray
from firmdate.solver.highs import Problem, SolverOptions
from firmdate.solver.tiers import Block, BlockAnswer, solve_levels
from firmdate.solver.workers import available_workers, side_by_side

Progress = Callable[[str, int, int], None]

SMALL_BLOCK = 4000
"""Parts are solved together up to this many columns: a call of the solver has its price too."""


@dataclass(frozen=True)
class Solution:
    """The lexicographic optimum of a linear program.

    Args:
        x: Values of the columns.
        values: Optimum of every level.
        price: Per row: dual of the first level in which it binds.
        price_level: Per row: position of that level, -1 where the row never binds.
        blocks: Number of blocks that were solved.
        iterations: Iterations of all blocks and levels.
    """

    x: FloatArray
    values: FloatArray
    price: FloatArray
    price_level: IntArray
    blocks: int
    iterations: int


def solve_program(
    program: LinearProgram, options: SolverOptions, progress: Progress | None = None, workers: int | None = None
) -> Solution:
    """Solve a linear program block by block, level by level; the largest blocks first.

    Args:
        program: The program.
        options: Limits, and where the log goes: block by block, whatever the order of their solution.
        progress: Called after every block.
        workers: Blocks solved at a time; by default one for every processor.
    """
    rows, columns = program.matrix.shape
    x, price, price_level = np.zeros(columns), np.zeros(rows), np.full(rows, -1, dtype=np.int64)
    iterations = 0
    parts = split(program)
    logs: list[list[str]] = [[] for _ in parts]
    largest_first = sorted(range(len(parts)), key=lambda part: -len(parts[part][1]))

    slicer = _Slicer(program, parts)

    def work(number: int) -> BlockAnswer:
        return solve_levels(slicer.block(number), replace(options, log=logs[number]))

    finished = side_by_side(work, largest_first, workers or available_workers())
    for count, (position, answer) in enumerate(finished, start=1):
        block_rows, block_columns = parts[largest_first[position]]
        x[block_columns] = answer.x
        price[block_rows], price_level[block_rows] = answer.price, answer.price_level
        iterations += answer.iterations
        if progress is not None:
            progress("solve", count, len(parts))
    for log in logs:
        options.log += log
    return Solution(x, np.asarray(program.costs @ x), price, price_level, len(parts), iterations)


def split(program: LinearProgram) -> list[tuple[IntArray, IntArray]]:
    """Rows and columns of the blocks: connected parts, small ones together, those with integers apart."""
    rows, columns = program.matrix.shape
    if not columns:
        return []
    matrix = program.matrix
    graph = csr_array((np.ones(matrix.nnz, dtype=np.int8), matrix.indices, matrix.indptr), shape=(rows, columns))
    count, part_of_column, part_of_row = _components(graph)
    size = np.bincount(part_of_column, minlength=count)
    has_integer = np.zeros(count, dtype=bool)
    has_integer[part_of_column[program.integer]] = True
    group = _group(size, has_integer)
    column_order, row_order = (np.argsort(group[part], kind="stable") for part in (part_of_column, part_of_row))
    groups = int(group.max()) + 1
    column_ends = np.cumsum(np.bincount(group[part_of_column], minlength=groups))[:-1]
    row_ends = np.cumsum(np.bincount(group[part_of_row], minlength=groups))[:-1]
    blocks = zip(np.split(row_order, row_ends), np.split(column_order, column_ends), strict=True)
    return [(block_rows, block_columns) for block_rows, block_columns in blocks if len(block_columns)]


def _components(graph: csr_array) -> tuple[int, IntArray, IntArray]:
    """Connected parts of the bipartite graph of rows and columns."""
    from scipy.sparse import coo_array

    rows, columns = graph.shape
    entries = graph.tocoo()
    both = coo_array((entries.data, (entries.row + columns, entries.col)), shape=(rows + columns, rows + columns))
    count, part = connected_components(both, directed=False)
    return int(count), part[:columns].astype(np.int64), part[columns:].astype(np.int64)


def _group(size: IntArray, apart: np.ndarray) -> IntArray:
    """Group consecutive small parts up to :data:`SMALL_BLOCK` columns."""
    group = np.empty(len(size), dtype=np.int64)
    current, filled = -1, SMALL_BLOCK
    for part, columns in enumerate(size.tolist()):
        if apart[part] or filled + columns > SMALL_BLOCK:
            current, filled = current + 1, 0
        group[part] = current
        filled = SMALL_BLOCK if apart[part] else filled + columns
    return group


class _Slicer:
    """Cuts blocks out of a program; what is looked up per column is prepared once for all blocks."""

    def __init__(self, program: LinearProgram, parts: list[tuple[IntArray, IntArray]]) -> None:
        self._program, self._parts = program, parts
        self._position = np.zeros(program.matrix.shape[1], dtype=np.int64)
        for _, columns in parts:
            self._position[columns] = np.arange(len(columns))
        self._costs = csc_array(program.costs)

    def block(self, number: int) -> Block:
        """One block."""
        program = self._program
        rows, columns = self._parts[number]
        part = csr_array(program.matrix[rows])
        matrix = csr_array((part.data, self._position[part.indices], part.indptr), shape=(len(rows), len(columns)))
        problem = Problem(
            cost=np.zeros(len(columns)),
            lower=np.zeros(len(columns)),
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
        )
