"""Connected parts of the network are separate linear programs, solved side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from firmdate.formulation.linear_program import LinearProgram
from firmdate.network.horizon import FloatArray, IntArray
from firmdate.solver.blocks import Slicer, split
from firmdate.solver.cache import BlockCache, block_key
from firmdate.solver.highs import SolverOptions
from firmdate.solver.tiers import BlockAnswer, solve_levels
from firmdate.solver.workers import available_workers, side_by_side

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Solution:
    """The lexicographic optimum of a linear program.

    Args:
        x: Values of the columns.
        values: Optimum of every level.
        price: Per row: dual of the first level in which it binds.
        price_level: Per row: position of that level, -1 where the row never binds.
        blocks: Number of blocks.
        cached: Number of blocks whose answer was there already.
        iterations: Iterations of all blocks and levels, whenever they were solved.
    """

    x: FloatArray
    values: FloatArray
    price: FloatArray
    price_level: IntArray
    blocks: int
    cached: int
    iterations: int


def solve_program(
    program: LinearProgram,
    options: SolverOptions,
    progress: Progress | None = None,
    workers: int | None = None,
    cache: BlockCache | None = None,
) -> Solution:
    """Solve a linear program block by block, level by level; the largest blocks first.

    Args:
        program: The program.
        options: Limits, and where the log goes: block by block, whatever the order of their solution.
        progress: Called after every block.
        workers: Blocks solved at a time; by default one for every processor.
        cache: Answers of blocks that were solved before; the new ones are added.
    """
    rows, columns = program.matrix.shape
    x, price, price_level = np.zeros(columns), np.zeros(rows), np.full(rows, -1, dtype=np.int64)
    iterations = cached = 0
    parts = split(program)
    logs: list[list[str]] = [[] for _ in parts]
    largest_first = sorted(range(len(parts)), key=lambda part: -len(parts[part][1]))

    slicer = Slicer(program, parts)

    def work(number: int) -> tuple[BlockAnswer, bool]:
        block = slicer.block(number)
        key = b"" if cache is None else block_key(block)
        known = None if cache is None else cache.get(key)
        if known is not None:
            logs[number].append(f"{block.name}: {len(block.tier)} columns, as solved before")
            return known, True
        answer = solve_levels(block, replace(options, log=logs[number]))
        if cache is not None:
            cache.put(key, answer)
        return answer, False

    finished = side_by_side(work, largest_first, workers or available_workers())
    for count, (position, (answer, was_known)) in enumerate(finished, start=1):
        block_rows, block_columns = parts[largest_first[position]]
        x[block_columns] = answer.x
        price[block_rows], price_level[block_rows] = answer.price, answer.price_level
        iterations += answer.iterations
        cached += was_known
        if progress is not None:
            progress("solve", count, len(parts))
    for log in logs:
        options.log += log
    return Solution(x, np.asarray(program.costs @ x), price, price_level, len(parts), cached, iterations)
