"""The main job: from a scenario to a certified plan."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from firmdate.errors import InputError, Problem
from firmdate.runs.imports import import_solver_libraries
from firmdate.runs.planning import Job, planned_anew, taken_over
from firmdate.runs.previous import read_previous
from firmdate.runs.shards import Means, lines_of_parts
from firmdate.runs.stages import Progress, Stages
from firmdate.runs.unplanned import missed_horizon, worthless_lines

if TYPE_CHECKING:
    import pandas as pd

    from firmdate.data.planning_data import PlanningData
    from firmdate.plan.result import Plan
    from firmdate.runs.kept_runs import KeptRuns
    from firmdate.scenario.schema import Scenario


def solve(
    scenario: str | Path | Scenario,
    *,
    progress: Progress | None = None,
    workers: int | None = None,
    cache: str | Path | None = None,
    time_limit: float | None = None,
    cluster: str | None = None,
    **overrides: object,
) -> Plan:
    """Solve a scenario and certify the plan.

    Args:
        scenario: Path of a scenario file, or a loaded scenario.
        progress: Called with the stage, what is done and how much there is.
        workers: Blocks solved at a time; by default one for every processor.
        cache: Folder in which answers of blocks are kept, so that the next solve need not find them again; made when
            missing. None keeps nothing.
        time_limit: Seconds after which no more is optimized. The plan is then the best that was found, certified like
            any other; its ``run["status"]`` is ``limit``, and ``run["levels"]`` has what is proven of each tier.
        cluster: Address of the scheduler of a Dask cluster whose workers solve the blocks, such as
            ``tcp://10.0.0.1:8786``; None solves them here.
        **overrides: Scenario keys with other values, such as ``mode="unconstrained"``.

    Returns:
        The plan: promises, deliveries, deployments, supply orders, loads, stock, figures.

    Raises:
        InputError: The scenario or its data are wrong; all problems are named.
        InfeasibleError: Hard rules contradict each other.
        LimitError: A limit was hit before an answer was proven.
        CertificateError: The plan breaks a rule; it is not returned.
    """
    resolved = resolve(scenario, overrides)
    folder = None if cache is None else Path(cache)
    return solve_beside(resolved, None, progress, workers, folder, time_limit, cluster)


def solve_beside(
    scenario: Scenario,
    kept: KeptRuns | None,
    progress: Progress | None = None,
    workers: int | None = None,
    cache: Path | None = None,
    time_limit: float | None = None,
    cluster: str | None = None,
    *,
    processes: bool = False,
    meanwhile: Callable[[], None] | None = None,
) -> Plan:
    """Solve a scenario and take over what earlier runs have of it.

    Args:
        scenario: The scenario.
        kept: Earlier runs; None takes nothing over. What is to be remembered of this run is then left in it.
        progress: As for :func:`solve`, like all that follows.
        workers: Blocks solved at a time.
        cache: Folder of the answers of blocks.
        time_limit: Seconds after which no more is optimized.
        cluster: Address of a Dask cluster.
        processes: Whether large data may be planned in portions side by side, in processes of their own; as with every
            use of Python's multiprocessing, the main module must be safe to import then.
        meanwhile: What this process does while others begin to plan portions, such as imports of what comes after.

    Raises:
        FirmdateError: as :func:`solve`.
    """
    started = time.monotonic()
    import_solver_libraries()
    from firmdate.solver.cache import BlockCache
    from firmdate.solver.cluster import connect
    from firmdate.solver.workers import available_workers

    stages = Stages(progress)
    with stages.stage("read"):
        data, changed, warnings = load_data(scenario)
    deadline = started + time_limit if time_limit is not None else float("inf")
    known = BlockCache(cache)
    try:
        with connect(cluster) if cluster else nullcontext() as connected:
            at_a_time = (workers or available_workers()) if processes else 1
            if connected is not None:
                at_a_time = connected.threads()
            means = Means(stages, workers, known, deadline, connected, kept, at_a_time, meanwhile)
            return _plan(scenario, data, changed, warnings, means)
    finally:
        known.save()


def solve_data(scenario: Scenario, data: PlanningData, *, workers: int | None = None) -> Plan:
    """Solve a scenario with planning data that were read before.

    Args:
        scenario: The scenario.
        data: Its planning data, before the changes of the scenario.
        workers: Blocks solved at a time; by default one for every processor.

    Raises:
        FirmdateError: as :func:`solve`.
    """
    import_solver_libraries()
    from firmdate.solver.cache import BlockCache

    means = Means(Stages(), workers, BlockCache(), float("inf"), None)
    with means.stages.stage("read"):
        data, changed, warnings = _checked(data, scenario)
    return _plan(scenario, data, changed, warnings, means)


def resolve(scenario: str | Path | Scenario, overrides: Mapping[str, object]) -> Scenario:
    """Load a scenario, or give a loaded one other values."""
    from firmdate.scenario.files import load_scenario, override_scenario
    from firmdate.scenario.schema import Scenario

    if isinstance(scenario, Scenario):
        return override_scenario(scenario, overrides) if overrides else scenario
    return load_scenario(scenario, overrides)


def load_data(scenario: Scenario) -> tuple[PlanningData, pd.DataFrame, list[Problem]]:
    """Read, change and check the planning data of a scenario.

    Returns:
        The data, the alerts of the changes, and the warnings of the check.

    Raises:
        InputError: All errors of the data, with the warnings.
    """
    from firmdate.data.read import read_planning_data

    return _checked(read_planning_data(scenario.data), scenario)


def _checked(data: PlanningData, scenario: Scenario) -> tuple[PlanningData, pd.DataFrame, list[Problem]]:
    from firmdate.backlog.doubts import unused_rules
    from firmdate.data.check import check_planning_data
    from firmdate.scenario.changes import apply_changes

    data, changed = apply_changes(data, scenario)
    rule, fence = scenario.substitution, scenario.infinite_fence_days
    problems = check_planning_data(
        data,
        scenario.supply_plans,
        stated_in=scenario.origins["supply_plans"],
        substitutes=rule is not None and rule.lines,
        fenced=fence is not None and fence < scenario.horizon_days,
    )
    if any(not problem.warning for problem in problems):
        raise InputError(problems)
    doubts = missed_horizon(data, scenario) + worthless_lines(data, scenario) + unused_rules(data, scenario)
    return data, changed, problems + doubts


def _plan(
    scenario: Scenario,
    data: PlanningData,
    changed: pd.DataFrame,
    warnings: list[Problem],
    means: Means,
) -> Plan:
    from firmdate.network.parts import whole_of
    from firmdate.runs.part_keys import part_keys
    from firmdate.runs.take_over import offer

    stages, kept = means.stages, means.kept
    with stages.stage("parts"):
        whole = whole_of(data, scenario)
        previous = read_previous(scenario)
        keys = part_keys(data, scenario, whole, previous)
        given = offer(kept, keys, lines_of_parts(whole)) if kept and not means.time_limited else None
    job = Job(scenario, data, whole, keys, changed, means, previous)
    plan = taken_over(job, given, warnings) if given is not None else None
    return planned_anew(job, warnings) if plan is None else plan
