"""Many scenarios, each solved in a process of its own and checked against what it expects and against its baseline."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from firmdate.data.suggest import did_you_mean, got
from firmdate.errors import FirmdateError, InputError, Problem
from firmdate.plan.result import Plan
from firmdate.runs.apart import Done, Work, run_apart
from firmdate.runs.baselines import Mismatch, accept_baseline, against_baseline, against_expect, read_baseline
from firmdate.runs.store import read_kpis, write_run
from firmdate.runs.table_files import read_table
from firmdate.scenario.files import load_scenario
from firmdate.scenario.schema import Scenario

SOLVE_MODULES = (
    "firmdate.runs.preloaded",
    "highspy",
    "firmdate.data.check",
    "firmdate.data.read",
    "firmdate.formulation.expand",
    "firmdate.formulation.linear_program",
    "firmdate.network.build",
    "firmdate.plan.assemble",
    "firmdate.plan.certify",
    "firmdate.runs.solve",
    "firmdate.runs.store",
    "firmdate.scenario.changes",
    "firmdate.solver.run_blocks",
)
"""What a solve imports, so that no scenario of a batch waits for it."""

Status = Literal["ok", "moved", "failed", "error"]
_SCENARIO_KEY = re.compile(r"^[\s{]*['\"]?(name|data|extends|planning_date)['\"]?\s*:", re.MULTILINE)


@dataclass(frozen=True)
class ScenarioResult:
    """What became of one scenario of a batch.

    Args:
        path: Scenario file.
        name: Name of the scenario; the name of the file where it could not be read.
        status: ``ok``, ``moved`` (against its baseline), ``failed`` (against its ``expect``) or ``error`` (no plan).
        mismatches: Every figure and date that is not what was wanted.
        message: Why there is no plan (``error``), else blank.
        kpis: Figures of the plan; empty where there is none.
        baseline: Figures that were accepted before; None where there is no baseline.
        run: Folder of the run; None where there is no plan.
        seconds: Wall-clock time that the scenario took.
        accepted: True when the plan is now the baseline.
    """

    path: Path
    name: str
    status: Status
    mismatches: tuple[Mismatch, ...] = ()
    message: str = ""
    kpis: Mapping[str, float] | None = None
    baseline: Mapping[str, float] | None = None
    run: Path | None = None
    seconds: float = 0.0
    accepted: bool = False


@dataclass(frozen=True)
class BatchResult:
    """Results of a batch, in the order in which the scenarios were given; notes say which workers of a cluster died."""

    results: tuple[ScenarioResult, ...]
    notes: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[ScenarioResult, ...]:
        """The scenarios that did not come out as wanted."""
        return tuple(result for result in self.results if result.status != "ok")


@dataclass(frozen=True)
class _Rules:
    baselines: Path
    accept: bool
    strict: bool


def solve_and_store(scenario: Path, runs_dir: Path) -> Path:
    """Solve a scenario file on one processor (a batch works on several scenarios at a time) and write its run.

    Raises:
        FirmdateError: as :func:`firmdate.runs.solve.solve` and :func:`firmdate.runs.store.write_run`.
    """
    from firmdate.runs.solve import solve
    from firmdate.runs.store import CACHE

    return write_run(solve(scenario, workers=1, cache=runs_dir / CACHE), runs_dir)


def batch(
    scenarios: Sequence[Path],
    *,
    workers: int = 1,
    baselines: str | Path = "solver_runs/baselines",
    accept: bool = False,
    strict: bool = False,
    runs_dir: str | Path = "solver_runs",
    progress: Callable[[int, int, ScenarioResult], None] | None = None,
    work: Work = solve_and_store,
    cluster: str | None = None,
    write: Callable[[Plan, Path], Path] | None = None,
    preload: Sequence[str] = SOLVE_MODULES,
) -> BatchResult:
    """Solve many scenarios, write their runs, and check each against its ``expect`` and its baseline.

    Every scenario gets a fresh process: one that is killed, or runs out of memory, loses that scenario only, and its
    memory is given back. As with every use of Python's multiprocessing, a script that calls this outside of a terminal
    session needs ``if __name__ == "__main__":``.

    Args:
        scenarios: Scenario files; see :func:`find_scenarios` for folders.
        workers: How many are solved at a time.
        baselines: Folder of the accepted results, one folder per scenario with ``kpis.json`` and ``promises.csv``.
        accept: Make each plan that holds its ``expect`` the new baseline.
        strict: A scenario without a baseline fails.
        runs_dir: Folder of all runs.
        progress: Called as ``progress(done, total, result)`` when a scenario is done, in the order of completion.
        work: What is done with a scenario file and the folder of runs; returns the run. A function of a module.
        preload: Modules that the work needs.
        cluster: Address of the scheduler of a Dask cluster whose workers solve the scenarios, as many at a time as
            they have threads; ``work`` and ``workers`` count for nothing then.
        write: Writes the run of a plan that a cluster has made; :func:`firmdate.runs.store.write_run` by default.

    Raises:
        ClusterError: if the cluster is lost.
        InputError: if there is nothing to solve, or two scenarios have one name (they would share runs and baseline).
    """
    if not scenarios:
        raise InputError(Problem("", "", "no scenario to solve; name scenario files or a folder that has some"))
    rules = _Rules(Path(baselines), accept, strict)
    loaded = [_load(path) for path in scenarios]
    _require_distinct_names(scenarios, loaded)
    results = {at: one for at, one in enumerate(loaded) if isinstance(one, ScenarioResult)}
    if progress is not None:
        for done, unreadable in enumerate(results.values(), start=1):
            progress(done, len(loaded), unreadable)
    to_solve = [(at, one) for at, one in enumerate(loaded) if isinstance(one, Scenario)]
    notes: list[str] = []
    if cluster is None:
        paths = [(scenarios[at], Path(runs_dir)) for at, _ in to_solve]
        finished = run_apart(work, paths, workers=max(1, workers), preload=preload)
    else:
        finished = _on_cluster(cluster, [one for _, one in to_solve], Path(runs_dir), write or write_run, notes)
    for position, done_one in finished:
        at, scenario = to_solve[position]
        results[at] = _judge(scenario, scenarios[at], done_one, rules)
        if progress is not None:
            progress(len(results), len(loaded), results[at])
    return BatchResult(tuple(results[at] for at in range(len(loaded))), tuple(notes))


def _on_cluster(
    address: str, scenarios: Sequence[Scenario], runs_dir: Path, write: Callable[[Plan, Path], Path], notes: list[str]
) -> Iterator[tuple[int, Done]]:
    """The end of every scenario on a cluster; notes are made of workers that die."""
    from firmdate.runs.on_cluster import run_on_cluster
    from firmdate.solver.cluster import connect

    with connect(address) as cluster:
        yield from run_on_cluster(cluster, scenarios, runs_dir, write)
        notes += cluster.deaths()


def find_scenarios(paths: Iterable[str | Path]) -> tuple[list[Path], list[Path]]:
    """The scenario files that are meant, and the YAML files that were passed over because they are no scenario.

    A file is taken as named. A folder means every ``*.yaml`` and ``*.yml`` directly in it, by name, that has the key
    ``name``, ``data``, ``extends`` or ``planning_date``; one that cannot be read counts, so that it is not lost.

    Raises:
        InputError: if a path does not exist, or a folder has no scenario.
    """
    found: dict[Path, None] = {}
    skipped: list[Path] = []
    for path in map(Path, paths):
        if not path.is_dir():
            if not path.exists():
                raise InputError(Problem(str(path), "", f"no such scenario file or folder{_beside(path)}"))
            found[path] = None
            continue
        files = sorted(file for file in path.iterdir() if file.suffix in {".yaml", ".yml"} and file.is_file())
        chosen = [file for file in files if _looks_like_scenario(file)]
        if not chosen:
            raise InputError(
                Problem(
                    str(path), "", "this folder has no scenario (*.yaml); name another one, or begin with firmdate init"
                )
            )
        found.update(dict.fromkeys(chosen))
        skipped += [file for file in files if file not in chosen]
    return list(found), skipped


def _beside(path: Path) -> str:
    """What was probably meant by a path that does not exist."""
    folder = path.parent
    return did_you_mean(path.name, [one.name for one in folder.iterdir()]) if folder.is_dir() else ""


def _looks_like_scenario(path: Path) -> bool:
    try:
        return _SCENARIO_KEY.search(path.read_text(encoding="utf-8")) is not None
    except (OSError, UnicodeDecodeError):
        return True


def _load(path: Path) -> Scenario | ScenarioResult:
    """The scenario, or the result that it cannot be read."""
    try:
        return load_scenario(path)
    except FirmdateError as error:
        return ScenarioResult(path, path.stem, "error", message=str(error))


def _require_distinct_names(paths: Sequence[Path], loaded: Sequence[Scenario | ScenarioResult]) -> None:
    names = Counter(one.name for one in loaded if isinstance(one, Scenario))
    problems = [
        Problem(str(path), "name", f"another scenario of this batch has the same name {got(one.name)}; rename one")
        for path, one in zip(paths, loaded, strict=True)
        if isinstance(one, Scenario) and names[one.name] > 1
    ]
    if problems:
        raise InputError(problems)


def _judge(scenario: Scenario, path: Path, done: Done, rules: _Rules) -> ScenarioResult:
    """What a finished scenario comes to."""
    if done.path is None:
        return ScenarioResult(path, scenario.name, "error", message=done.error, seconds=done.seconds)
    try:
        return _judge_run(scenario, path, done.path, done.seconds, rules)
    except (FirmdateError, OSError) as error:
        return ScenarioResult(path, scenario.name, "error", message=str(error), seconds=done.seconds)


def _judge_run(scenario: Scenario, path: Path, run: Path, seconds: float, rules: _Rules) -> ScenarioResult:
    kpis, promises = read_kpis(run), read_table(run, "promises")
    folder = rules.baselines / scenario.name
    unmet = against_expect(scenario.expect, kpis, promises)
    baseline = read_baseline(folder)
    moved = () if baseline is None else against_baseline(baseline, kpis, promises)
    if baseline is None and rules.strict and not rules.accept:
        moved = (Mismatch("baseline", "baseline", "an accepted result", "no baseline"),)
    accepted = rules.accept and not unmet
    if accepted:
        accept_baseline(folder, kpis, promises)
        moved = ()
    status: Status = "failed" if unmet else "moved" if moved else "ok"
    return ScenarioResult(
        path,
        scenario.name,
        status,
        mismatches=(*unmet, *moved),
        kpis=kpis,
        baseline=None if baseline is None else baseline.kpis,
        run=run,
        seconds=seconds,
        accepted=accepted,
    )
