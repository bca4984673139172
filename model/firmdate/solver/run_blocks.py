"""Connected parts of the network are separate linear programs, solved side by side."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from firmdate.errors import LimitError
from firmdate.formulation.linear_program import Level, LinearProgram
from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.solver.block import Block, BlockAnswer
from firmdate.solver.blocks import Slicer, split
from firmdate.solver.cache import BlockCache, block_key
from firmdate.solver.cluster import Cluster
from firmdate.solver.coupling import exceeded_rows, loose_rows
from firmdate.solver.highs import SolverFailureError, SolverOptions
from firmdate.solver.progress import Progress
from firmdate.solver.tiers import level_steps
from firmdate.solver.workers import available_workers, side_by_side

Describe = Callable[[IntArray], str]


@dataclass(frozen=True)
class Solution:
    """The lexicographic optimum of a linear program, or the best that was found in time.

    Args:
        x: Values of the columns.
        values: Value of every level; its optimum where proven.
        bounds: Per level: no plan that is as good in all levels before it has a lower value.
        proven: Per level: whether the value is the optimum.
        price: Per row: dual of the first level in which it binds.
        price_level: Per row: position of that level, -1 where the row never binds.
        blocks: Number of blocks.
        cached: Number of blocks whose answer was there already.
        iterations: Iterations of all blocks and levels, whenever they were solved.
    """

    x: FloatArray
    values: FloatArray
    bounds: FloatArray
    proven: BoolArray
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
    describe: Describe | None = None,
    cluster: Cluster | None = None,
) -> Solution:
    """Solve a linear program block by block, level by level; the largest blocks first.

    With a time limit, a level is solved in all blocks before the next one, so that what there is time for are the
    best tiers of all lines and not all tiers of some.

    Args:
        program: The program.
        options: Limits, and where the log goes: block by block, whatever the order of their solution.
        progress: Called after every block.
        workers: Blocks solved at a time; by default one for every processor.
        cache: Answers of blocks that were solved before; the new ones are added.
        describe: Says what columns are about, for the error of a block that cannot be solved.
        cluster: Where blocks are solved; None solves them here. With a time limit, a worker solves all levels of a
            block before the next block.

    Raises:
        InfeasibleError: No plan keeps all hard rules.
        LimitError: Memory ran out, or time before there was any plan.
        SolverFailureError: HiGHS could not solve a block.
    """
    # When time runs out, a plan without some capacity would be of no use.
    loose = loose_rows(program) if np.isinf(options.deadline) else np.zeros(len(program.row_upper), dtype=bool)
    known: dict[bytes, BlockAnswer] | None = {} if loose.any() else None
    while True:
        parts = split(program, loose)
        jobs = _Jobs(program, parts, options, cache, describe, cluster, known)
        result = _solve_parts(jobs, progress, workers)
        exceeded = exceeded_rows(program, loose, result.x)
        if not exceeded.any():
            return result.solution(jobs.cached)
        options.log.append(f"{int(exceeded.sum())} capacities are exceeded by blocks that share them: solved together")
        loose &= ~exceeded


def _solve_parts(jobs: _Jobs, progress: Progress | None, workers: int | None) -> _Result:
    """Solve all blocks of a program side by side."""
    program, parts, options, cluster = jobs.program, jobs.parts, jobs.options, jobs.cluster
    waiting = sorted(range(len(parts)), key=lambda part: -len(parts[part][1]))
    result = _Result(program)
    level_by_level = bool(np.isfinite(options.deadline)) and cluster is None
    if cluster is not None:
        workers = cluster.slots()  # threads that only wait for the workers of the cluster
    while waiting:
        unfinished = []
        for position, answer in side_by_side(
            jobs.step if level_by_level else jobs.whole, waiting, workers or available_workers()
        ):
            number = waiting[position]
            if answer is None:
                unfinished.append(number)
                continue
            result.add(parts[number], answer)
            if progress is not None:
                progress("solve", result.blocks, len(parts), result.note())
        waiting = sorted(unfinished, key=waiting.index)
    for log in jobs.logs:
        options.log += log
    if cluster is not None:
        options.log += cluster.deaths()
    return result


class _Jobs:
    """The blocks of a program, each on its way through its levels."""

    def __init__(
        self,
        program: LinearProgram,
        parts: list[tuple[IntArray, IntArray]],
        options: SolverOptions,
        cache: BlockCache | None,
        describe: Describe | None,
        cluster: Cluster | None,
        known: dict[bytes, BlockAnswer] | None,
    ) -> None:
        self.program, self.parts, self.options, self.cluster = program, parts, options, cluster
        self._describe, self._cache, self._solved = describe, cache, known
        self._slicer = Slicer(program, parts)
        self._steps: dict[int, Generator[None, None, BlockAnswer]] = {}
        self._known = np.zeros(len(parts), dtype=bool)
        self.logs: list[list[str]] = [[] for _ in parts]

    @property
    def cached(self) -> int:
        """Blocks whose answer was there already."""
        return int(self._known.sum())

    def whole(self, number: int) -> BlockAnswer:
        """All levels of a block."""
        while True:
            answer = self.step(number)
            if answer is not None:
                return answer

    def step(self, number: int) -> BlockAnswer | None:
        """One more level of a block; None where there are more."""
        try:
            if number not in self._steps:
                self._steps[number] = self._levels(number)
            next(self._steps[number])
        except StopIteration as end:
            del self._steps[number]
            answer: BlockAnswer = end.value
            return answer
        except MemoryError:
            raise LimitError(f"memory ran out in {self._about(number)}") from None
        except LimitError as error:
            raise LimitError(f"{error} [{self._about(number)}]") from error
        except SolverFailureError as error:
            raise SolverFailureError(f"{error} [{self._about(number)}]") from error
        return None

    def _about(self, number: int) -> str:
        """A block in words: number, size and what it plans."""
        rows, columns = self.parts[number]
        size = f"block {number + 1} of {len(self.parts)}: {len(rows):,} rows, {len(columns):,} columns"
        return size if self._describe is None else f"{size}, {self._describe(columns)}"

    def _levels(self, number: int) -> Generator[None, None, BlockAnswer]:
        if self._solved is None:
            return (yield from self._levels_or_cached(self._slicer.block(number), number))
        rows, columns = self.parts[number]
        same = hashlib.blake2b(rows.tobytes() + b"|" + columns.tobytes()).digest()
        if same not in self._solved:
            self._solved[same] = yield from self._levels_or_cached(self._slicer.block(number), number)
        return self._solved[same]

    def _levels_or_cached(self, block: Block, number: int) -> Generator[None, None, BlockAnswer]:
        options = replace(self.options, log=self.logs[number])
        if self._cache is None:
            return (yield from self._solve(block, options))
        key = block_key(block)
        answer = self._cache.get(key)
        if answer is not None:
            self._known[number] = True
            options.log.append(f"{block.name}: {len(block.tier)} columns, as solved before")
            return answer
        answer = yield from self._solve(block, options)
        # Rounding to whole units may have been cut short too, behind the last level.
        if answer.proven == len(block.levels) and time.monotonic() < options.deadline:
            self._cache.put(key, answer)
        return answer

    def _solve(self, block: Block, options: SolverOptions) -> Generator[None, None, BlockAnswer]:
        """Solve a block here or, while there is time, on the cluster."""
        if self.cluster is None or time.monotonic() >= options.deadline:
            return (yield from level_steps(block, options))
        return self.cluster.solve(block, options)


class _Result:
    """Puts the answers of the blocks together."""

    def __init__(self, program: LinearProgram) -> None:
        rows, columns = program.matrix.shape
        self._program = program
        self.x, self._price, self._price_level = np.zeros(columns), np.zeros(rows), np.full(rows, -1, dtype=np.int64)
        self._values, self._bounds = np.zeros(len(program.levels)), np.zeros(len(program.levels))
        self._proven = len(program.levels)
        self._iterations = 0
        self.blocks = 0

    def add(self, part: tuple[IntArray, IntArray], answer: BlockAnswer) -> None:
        """Enter the answer of one block."""
        rows, columns = part
        self.x[columns] = answer.x
        self._price[rows], self._price_level[rows] = answer.price, answer.price_level
        self._values += answer.values
        self._bounds += answer.bounds
        self._proven = min(self._proven, answer.proven)
        self._iterations += answer.iterations
        self.blocks += 1

    def note(self) -> str:
        """Values of the tiers in the blocks that are done."""
        return tier_values(self._program.levels, self._values)

    def solution(self, cached: int) -> Solution:
        """The solution of the whole."""
        program, levels = self._program, len(self._program.levels)
        values = np.asarray(program.costs @ self.x)
        proven = np.arange(levels) < self._proven
        bounds = np.where(proven, values, np.minimum(self._bounds, values))
        prices = (self._price, self._price_level)
        return Solution(self.x, values, bounds, proven, *prices, self.blocks, cached, self._iterations)


def tier_values(levels: Sequence[Level], values: FloatArray) -> str:
    """Late unit-days of all tiers in one line.

    Args:
        levels: The levels.
        values: Their values.
    """
    tiers = [
        f"tier {level.member + 1}: {value:,.0f}"
        for level, value in zip(levels, values.tolist(), strict=True)
        if level.name == "tier_level"
    ]
    return f"late unit-days {', '.join(tiers)}" if tiers else ""
