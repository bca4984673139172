"""Portions of the planning data, planned side by side: in processes of their own, or on the workers of a cluster.

Python works on one portion at a time in a process, so that two processes halve every stage and not the solver's alone.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from firmdate.errors import FirmdateError, LimitError
from firmdate.runs.apart import Ended, listen
from firmdate.runs.shards import Means, PlannedShard, Shard, plan_shard
from firmdate.runs.stages import Stages, peak_memory
from firmdate.solver.progress import Progress
from firmdate.solver.workers import side_by_side

if TYPE_CHECKING:
    from firmdate.backlog.results import PreviousRun
    from firmdate.scenario.schema import Scenario

MODULES = (
    "firmdate.backlog.requests",
    "firmdate.formulation.linear_program",
    "firmdate.network.build",
    "firmdate.plan.assemble",
    "firmdate.plan.certify",
    "firmdate.solver.run_blocks",
)
"""What planning a portion imports."""


@dataclass(frozen=True)
class _Given:
    """What a process gets."""

    scenario: Scenario
    shard: Shard
    previous: PreviousRun | None
    cache: Path | None


@dataclass(frozen=True)
class _Result:
    """What a process gives back."""

    planned: PlannedShard
    stages: Stages
    peak_mb: float
    warnings: Sequence[str] = ()
    answers: Mapping[bytes, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class _Step:
    """How far a process is."""

    stage: str
    done: int
    total: int
    note: str


def plan_side_by_side(
    scenario: Scenario, shards: Iterable[Shard], count: int, means: Means, previous: PreviousRun | None
) -> list[PlannedShard]:
    """Plan portions in ``means.processes`` processes.

    Args:
        scenario: The scenario.
        shards: The portions; the next one is taken when there is a process for it.
        count: How many there are.
        means: How they are planned. Seconds of stages are added up over the processes.
        previous: Results that are kept or preferred.

    Raises:
        FirmdateError: as :func:`firmdate.runs.shards.plan_shard`.
        LimitError: A process was killed.
    """
    given = (_Given(scenario, shard, previous, means.cache.folder) for shard in shards)
    for module in MODULES:  # here once, and not in every process
        import_module(module)
    results: dict[int, _Result] = {}
    steps: dict[int, _Step] = {}
    with closing(listen(_plan, given, workers=means.processes)) as events:
        for number, event in enumerate(events):
            if number == 0 and means.meanwhile is not None:
                means.meanwhile()
            if isinstance(event, Ended):
                if event.at not in results:
                    what = f"portion {event.at + 1} of {count}: {event.how}"
                    raise LimitError(f"{what}; try --workers 1, which needs less memory")
                steps.pop(event.at, None)
            elif isinstance(event.message, FirmdateError):
                raise event.message
            elif isinstance(event.message, _Step):
                steps[event.at] = event.message
            else:
                results[event.at] = event.message
            _tell(means.stages.progress, len(results), count, steps)
    peaks = sorted((result.peak_mb for result in results.values()), reverse=True)
    means.stages.elsewhere_mb = sum(peaks[: means.processes])
    return _taken(results, means)


def plan_on_cluster(
    scenario: Scenario, shards: Iterable[Shard], count: int, means: Means, previous: PreviousRun | None
) -> list[PlannedShard]:
    """Plan portions on the workers of ``means.cluster``, each of which gets its own rows only.

    Args:
        scenario: The scenario.
        shards: The portions.
        count: How many there are.
        means: How they are planned.
        previous: Results that are kept or preferred.

    Raises:
        FirmdateError: as :func:`firmdate.runs.shards.plan_shard`, and of :meth:`firmdate.solver.cluster.Cluster.run`.
    """
    from firmdate.solver.cache import signature

    cluster = means.cluster
    assert cluster is not None

    def work(task: tuple[int, Shard]) -> _Result:
        at, shard = task
        payload = pickle.dumps(_Given(scenario, shard, previous, None), protocol=5)
        return cluster.run(plan_elsewhere, (signature(), payload), f"portion {at + 1} of {count}")

    results: dict[int, _Result] = {}
    for at, result in side_by_side(work, list(enumerate(shards)), cluster.slots()):
        results[at] = result
        means.cache.keep(result.answers)
        _tell(means.stages.progress, len(results), count, {})
    planned = _taken(results, means)
    planned[0].log[:0] = cluster.deaths()
    return planned


def plan_elsewhere(wanted: bytes, payload: bytes) -> _Result:
    """What a worker of a cluster does: plan one portion.

    Args:
        wanted: Signature of the sender; another version could give another plan.
        payload: What is planned, pickled.

    Raises:
        FirmdateError: as :func:`firmdate.runs.shards.plan_shard`, and where the worker has another version.
    """
    from firmdate.solver.cluster import require_version

    require_version(wanted)
    return _planned(pickle.loads(payload), None)


def _taken(results: Mapping[int, _Result], means: Means) -> list[PlannedShard]:
    """The planned portions in their order; what else is known of them is noted."""
    ordered = [results[at] for at in sorted(results)]
    means.stages.add([result.stages for result in ordered])
    for result in ordered:
        means.cache.warnings += [text for text in result.warnings if text not in means.cache.warnings]
    return [result.planned for result in ordered]


def _tell(progress: Progress | None, done: int, count: int, steps: dict[int, _Step]) -> None:
    if progress is not None:
        now = [
            f"{at + 1}: {step.stage}{f' {step.done} of {step.total}' if step.total > 1 else ''}"
            f"{f', {step.note}' if step.note else ''}"
            for at, step in sorted(steps.items())
        ]
        progress("portions", done, count, "; ".join(now))


def _plan(sender: Connection, given: _Given) -> None:
    """Plan one portion in this process, and say how far it is."""
    shared_mb = peak_memory() if sys.platform == "linux" else 0.0  # a fork begins with the memory of its parent

    def progress(stage: str, done: int, total: int, note: str = "") -> None:
        sender.send(_Step(stage, done, total, note))

    try:
        sender.send(_planned(given, progress, shared_mb))
    except FirmdateError as error:
        sender.send(error)
    except MemoryError:
        sender.send(LimitError("memory ran out; try --workers 1, which needs less memory"))


def _planned(given: _Given, progress: Progress | None, shared_mb: float = 0.0) -> _Result:
    from firmdate.runs.imports import import_solver_libraries

    import_solver_libraries()
    from firmdate.solver.cache import BlockCache

    cache = BlockCache(given.cache)
    means = Means(Stages(progress), 1, cache, float("inf"), None)
    planned = plan_shard(given.scenario, given.shard, means, given.previous)
    cache.save()
    means.stages.progress = None
    answers = cache.fresh() if given.cache is None else {}
    return _Result(planned, means.stages, peak_memory() - shared_mb, cache.warnings, answers)
