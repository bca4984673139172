"""The main job: from a scenario to a certified plan."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from firmdate.errors import InputError, Problem
from firmdate.runs.imports import import_solver_libraries
from firmdate.runs.previous import read_previous
from firmdate.runs.record import levels, plan_warnings, sizes, versions
from firmdate.runs.stages import Progress, Stages, peak_memory
from firmdate.runs.unplanned import missed_horizon

if TYPE_CHECKING:
    import pandas as pd

    from firmdate.backlog.results import PreviousRun
    from firmdate.data.planning_data import PlanningData
    from firmdate.formulation.linear_program import LinearProgram
    from firmdate.network.network import Network
    from firmdate.plan.result import Plan
    from firmdate.plan.whole_units import Flows
    from firmdate.scenario.schema import Scenario
    from firmdate.solver.cache import BlockCache
    from firmdate.solver.cluster import Cluster
    from firmdate.solver.highs import SolverOptions
    from firmdate.solver.run_blocks import Solution


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
    started = time.monotonic()
    import_solver_libraries()
    from firmdate.solver.cache import BlockCache
    from firmdate.solver.cluster import connect

    resolved = resolve(scenario, overrides)
    stages = Stages(progress)
    with stages.stage("read"):
        data, changed, warnings = load_data(resolved)
    deadline = started + time_limit if time_limit is not None else float("inf")
    known = BlockCache(None if cache is None else Path(cache))
    try:
        with connect(cluster) if cluster else nullcontext() as connected:
            return _plan(resolved, data, changed, warnings, _Means(stages, workers, known, deadline, connected))
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

    means = _Means(Stages(), workers, BlockCache(), float("inf"), None)
    with means.stages.stage("read"):
        data, changed, warnings = _checked(data, scenario)
    return _plan(scenario, data, changed, warnings, means)


@dataclass(frozen=True)
class _Means:
    """How a plan is made, whatever the scenario."""

    stages: Stages
    workers: int | None
    cache: BlockCache
    deadline: float
    cluster: Cluster | None


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
    from firmdate.data.check import check_planning_data
    from firmdate.scenario.changes import apply_changes

    data, changed = apply_changes(data, scenario)
    problems = check_planning_data(data, scenario.supply_plans, stated_in=scenario.origins["supply_plans"])
    if any(not problem.warning for problem in problems):
        raise InputError(problems)
    return data, changed, problems + missed_horizon(data, scenario)


def _plan(
    scenario: Scenario,
    data: PlanningData,
    changed: pd.DataFrame,
    warnings: list[Problem],
    means: _Means,
) -> Plan:
    from firmdate.plan.assemble import assemble_plan
    from firmdate.plan.certify import ensure_certified
    from firmdate.solver.highs import SolverOptions

    options, stages = SolverOptions(deadline=means.deadline), means.stages
    previous = read_previous(scenario)
    network, program, solution, flows = _solved(scenario, data, previous, options, means)
    means.cache.save()
    with stages.stage("plan"):
        tables = assemble_plan(network, program, solution, flows, changed)
    with stages.stage("certify"):
        ensure_certified(tables, data, scenario, previous)
    run = {
        "status": "optimal" if solution.proven.all() else "limit",
        "scenario": scenario.name,
        "versions": versions(),
        "input_hash": input_hash(data, scenario, previous),
        "options": {"mode": scenario.mode, "objective": scenario.objective, "planned_orders": scenario.planned_orders},
        "sizes": sizes(network, program, solution),
        "levels": levels(program, solution),
        "stages": stages.record(),
        "peak_mb": round(peak_memory(), 1),
        "warnings": [*map(str, warnings), *plan_warnings(tables.kpis, program, solution), *means.cache.warnings],
        "certified": True,
    }
    return tables.plan(scenario, run, "\n".join(options.log) + "\n")


def _solved(
    scenario: Scenario, data: PlanningData, previous: PreviousRun | None, options: SolverOptions, means: _Means
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
            network = build_network(data, scenario, binding, read_backlog(data, scenario, previous, fallen))
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
            flows = final_flows(network, program, solution)
        exceeded = exceeded_groups(network, flows)
        lost = frozenset() if exceeded - binding else lost_winners(network, flows, scenario, fallen)
        if not lost and exceeded <= binding:
            return network, program, solution, flows
        binding, fallen = binding | exceeded, fallen | lost


def input_hash(data: PlanningData, scenario: Scenario, previous: PreviousRun | None = None) -> str:
    """Hash of the planning data, the previous run and the options of a scenario; the order of rows does not matter."""
    import pandas as pd

    digest = hashlib.sha256()
    for name in sorted(data.frames):
        frame = data[name]
        digest.update(f"{name}:{len(frame)}".encode())
        if len(frame):
            total = int(pd.util.hash_pandas_object(frame, index=False).sum())
            digest.update(str(total).encode())
    if previous is not None:
        for frame in (previous.promises, previous.deliveries):
            digest.update(str(int(pd.util.hash_pandas_object(frame, index=False).sum())).encode())
    digest.update(
        scenario.model_dump_json(exclude={"name", "previous_run", "description", "data", "expect", "changes"}).encode()
    )
    return digest.hexdigest()
