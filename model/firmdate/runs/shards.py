"""Planning data in portions that have nothing to do with each other, planned one after the other to save memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from firmdate.runs.record import Outcome, sizes
from firmdate.runs.stages import Stages

if TYPE_CHECKING:
    from firmdate.backlog.results import PreviousRun
    from firmdate.data.planning_data import PlanningData
    from firmdate.formulation.linear_program import LinearProgram
    from firmdate.network.horizon import BoolArray, FloatArray, IntArray
    from firmdate.network.network import Network
    from firmdate.network.parts import Whole
    from firmdate.plan.assemble import PlanTables
    from firmdate.plan.whole_units import Flows
    from firmdate.runs.kept_runs import KeptRuns
    from firmdate.scenario.schema import Scenario
    from firmdate.solver.cache import BlockCache
    from firmdate.solver.cluster import Cluster
    from firmdate.solver.highs import SolverOptions
    from firmdate.solver.run_blocks import Solution

NOISE = 1e-9
"""Values of levels below this are nothing."""

SHARD_LINES = 25_000
"""Parts of the data are planned together up to so many order lines: above it memory grows, far below it time does."""

PROCESS_LINES = 5_000
"""A process of its own is worth its price from so many order lines on."""


@dataclass(frozen=True)
class Means:
    """How a plan is made, whatever the scenario.

    Args:
        stages: Measures the stages.
        workers: Blocks solved at a time; by default one for every processor.
        cache: Answers of blocks that were solved before.
        deadline: When no more is optimized, on the monotonic clock.
        cluster: Where blocks are solved; None solves them here.
        kept: Earlier runs from which parts are taken over; None takes none.
        processes: Portions of large data that are planned at a time, each in a process of its own.
        meanwhile: What this process does while others begin to plan portions.
    """

    stages: Stages
    workers: int | None
    cache: BlockCache
    deadline: float
    cluster: Cluster | None
    kept: KeptRuns | None = None
    processes: int = 1
    meanwhile: Callable[[], None] | None = None

    @property
    def time_limited(self) -> bool:
        """Whether there is a deadline: the best tiers of all lines are then solved before the worse ones of any."""
        return bool(np.isfinite(self.deadline))


@dataclass(frozen=True)
class Shard:
    """A portion of the planning data.

    Args:
        data: Its rows, and those that all portions share.
        whole: What it is a part of.
    """

    data: PlanningData
    whole: Whole


@dataclass(frozen=True)
class PlannedShard:
    """The certified plan of a portion.

    Args:
        tables: Its tables and figures.
        outcome: What was found of every level.
        sizes: How large it was.
        log: The solver's log.
        figures: Figures that are sums: per name one value for every part of the data.
        level_values: Value of every level (row) in every part of the data (column).
    """

    tables: PlanTables
    outcome: Outcome
    sizes: dict[str, int]
    log: list[str]
    figures: dict[str, FloatArray]
    level_values: FloatArray


def portions_of(whole: Whole, chosen: BoolArray, most_lines: float = SHARD_LINES, processes: int = 1) -> IntArray:
    """Per part the number of its portion; -1 where it is not chosen.

    Args:
        whole: The parts of the data.
        chosen: Per part: whether it is wanted.
        most_lines: Order lines of a portion, unless they have to do with each other.
        processes: How many portions are planned at a time; each is worth it from :data:`PROCESS_LINES` lines on.
    """
    lines = lines_of_parts(whole) * chosen
    total = lines.sum()
    if total <= most_lines:
        most_lines = total / max(1, min(processes, total // PROCESS_LINES))
    if np.isinf(most_lines) or total <= most_lines:
        return np.where(chosen, 0, -1)
    number = np.full(len(chosen), -1)
    begins = (np.cumsum(lines) - lines) // math.ceil(most_lines)
    number[chosen] = np.unique(begins[chosen], return_inverse=True)[1]
    return number


def split_data(data: PlanningData, whole: Whole, number: IntArray) -> Iterator[Shard]:
    """Portions of checked planning data, one after the other.

    Args:
        data: Planning data.
        whole: Their parts.
        number: Per part the number of its portion, from :func:`portions_of`.
    """
    from firmdate.network.parts import subset

    if not number.any():
        return iter([Shard(data, whole)])
    return (Shard(subset(data, whole.parts, number == one), whole) for one in range(int(number.max()) + 1))


def lines_of_parts(whole: Whole) -> IntArray:
    """Order lines of every part."""
    return np.bincount(whole.parts.of_row["demands"], minlength=whole.parts.count)


def plan_shard(scenario: Scenario, shard: Shard, means: Means, previous: PreviousRun | None) -> PlannedShard:
    """Plan a portion and certify its plan.

    Args:
        scenario: The scenario.
        shard: The portion.
        means: How it is planned.
        previous: Results that are kept or preferred.

    Raises:
        FirmdateError: as :func:`firmdate.runs.solve.solve`.
    """
    import pandas as pd

    from firmdate.plan.assemble import assemble_plan
    from firmdate.plan.certify import ensure_certified
    from firmdate.plan.result import PLAN_TABLES
    from firmdate.solver.highs import SolverOptions

    options, stages = SolverOptions(deadline=means.deadline), means.stages
    network, program, solution, flows = _solved(scenario, shard, previous, options, means)
    with stages.stage("plan"):
        no_changes = pd.DataFrame({name: pd.Series(dtype="str") for name in PLAN_TABLES["data_alerts"]})
        tables = assemble_plan(network, program, solution, flows, no_changes)
    with stages.stage("certify"):
        ensure_certified(tables, shard.data, scenario, previous, tables.kpis)
    count = shard.whole.parts.count
    return PlannedShard(
        tables=tables,
        outcome=Outcome.of(program, solution),
        sizes=sizes(network, program, solution),
        log=list(options.log),
        figures={
            name: np.bincount(network.part, weights=values, minlength=count).astype(np.float64)
            for name, values in tables.by_item.items()
        },
        level_values=_level_values(program, solution, count),
    )


def _solved(
    scenario: Scenario, shard: Shard, previous: PreviousRun | None, options: SolverOptions, means: Means
) -> tuple[Network, LinearProgram, Solution, Flows]:
    """Solve until no lane is used above its capacity and no winner is left that must follow another strategy."""
    from firmdate.backlog.requests import read_backlog
    from firmdate.formulation.linear_program import formulate
    from firmdate.network.build import build_network
    from firmdate.plan.assemble import exceeded_groups, final_flows
    from firmdate.plan.winners import lost_winners
    from firmdate.solver.parts import describe_columns
    from firmdate.solver.run_blocks import solve_program

    stages = means.stages
    binding: frozenset[int] = frozenset()
    fallen: frozenset[tuple[str, str]] = frozenset()
    while True:
        with stages.stage("network"):
            backlog = read_backlog(shard.data, scenario, previous, fallen)
            network = build_network(shard.data, scenario, binding, backlog, shard.whole)
        with stages.stage("formulate"):
            program = formulate(network)
        with stages.stage("solve"):
            solution = solve_program(
                program,
                options,
                stages.progress,
                means.workers,
                means.cache,
                partial(describe_columns, network, program),
                means.cluster,
            )
            network, flows = final_flows(network, program, solution)
        exceeded = exceeded_groups(network, flows)
        lost = frozenset() if exceeded - binding else lost_winners(network, flows, scenario, fallen)
        if not lost and exceeded <= binding:
            return network, program, solution, flows
        binding, fallen = binding | exceeded, fallen | lost


def _level_values(program: LinearProgram, solution: Solution, count: int) -> FloatArray:
    """Value of every level in every part; not a number where a column tells nothing of its part."""
    part, matrix = program.part.copy(), program.matrix
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    of_row = np.full(matrix.shape[0], -1)
    np.maximum.at(of_row, row, part[matrix.indices])
    silent = np.flatnonzero(part[matrix.indices] < 0)
    np.maximum.at(part, matrix.indices[silent], of_row[row[silent]])
    costs = program.costs
    level = np.repeat(np.arange(costs.shape[0]), np.diff(costs.indptr))
    values = np.bincount(
        level * (count + 1) + part[costs.indices] + 1,
        weights=costs.data * solution.x[costs.indices],
        minlength=costs.shape[0] * (count + 1),
    ).reshape(costs.shape[0], count + 1)
    known = np.where(np.abs(values[:, :1]) > NOISE, np.nan, values[:, 1:])
    return np.asarray(known, dtype=np.float64)
