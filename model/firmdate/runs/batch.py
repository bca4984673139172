"""Many scenarios, each solved in a process of its own and checked against what it expects and against its baseline."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from firmdate.data.suggest import got
from firmdate.errors import FirmdateError, InputError, Problem
from firmdate.runs.baselines import Mismatch, accept_baseline, against_baseline, against_expect, read_baseline
from firmdate.runs.store import read_kpis
from firmdate.runs.table_files import read_table
from firmdate.scenario.files import load_scenario
from firmdate.scenario.schema import Scenario

SOLVE_COMMAND = (sys.executable, "-P", "-m", "firmdate", "solve")
"""What solves one scenario: the command that a user runs."""

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
    """Results of a batch, in the order in which the scenarios were given."""

    results: tuple[ScenarioResult, ...]

    @property
    def failures(self) -> tuple[ScenarioResult, ...]:
        """The scenarios that did not come out as wanted."""
        return tuple(result for result in self.results if result.status != "ok")


@dataclass(frozen=True)
class _Options:
    runs_dir: Path
    baselines: Path
    accept: bool
    strict: bool
    solve_command: Sequence[str]


class _Children:
    """The processes that are running, so that an interrupted batch leaves none behind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False

    def run(self, command: Sequence[str]) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of a command."""
        with self._lock:
            if self._stopped:
                return 130, "", "interrupted"
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            )
            self._running.add(child)
        try:
            out, err = child.communicate()
        finally:
            with self._lock:
                self._running.discard(child)
        return child.returncode, out, err

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            for child in self._running:
                child.terminate()


def batch(
    scenarios: Sequence[Path],
    *,
    workers: int = 1,
    baselines: str | Path = "solver_runs/baselines",
    accept: bool = False,
    strict: bool = False,
    runs_dir: str | Path = "solver_runs",
    progress: Callable[[int, int, ScenarioResult], None] | None = None,
    solve_command: Sequence[str] = SOLVE_COMMAND,
) -> BatchResult:
    """Solve many scenarios, write their runs, and check each against its ``expect`` and its baseline.

    Every scenario gets a fresh process: one that is killed, or runs out of memory, loses that scenario only, and its
    memory is given back.

    Args:
        scenarios: Scenario files; see :func:`find_scenarios` for folders.
        workers: How many are solved at a time.
        baselines: Folder of the accepted results, one folder per scenario with ``kpis.json`` and ``promises.csv``.
        accept: Make each plan that holds its ``expect`` the new baseline.
        strict: A scenario without a baseline fails.
        runs_dir: Folder of all runs.
        progress: Called as ``progress(done, total, result)`` when a scenario is done, in the order of completion.
        solve_command: Command to which file and options are appended.

    Raises:
        InputError: if there is nothing to solve, or two scenarios have one name (they would share runs and baseline).
    """
    if not scenarios:
        raise InputError(Problem("", "", "no scenario to solve; name scenario files or a folder that has some"))
    options = _Options(Path(runs_dir), Path(baselines), accept, strict, tuple(solve_command))
    loaded = [_load(path) for path in scenarios]
    _require_distinct_names(scenarios, loaded)
    children, done = _Children(), 0
    results: dict[int, ScenarioResult] = {}
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        try:
            futures = {
                pool.submit(_solve_one, path, one, options, children): at
                for at, (path, one) in enumerate(zip(scenarios, loaded, strict=True))
            }
            for future in as_completed(futures):
                results[futures[future]] = future.result()
                done += 1
                if progress is not None:
                    progress(done, len(loaded), future.result())
        except BaseException:
            children.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return BatchResult(tuple(results[at] for at in range(len(loaded))))


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
                raise InputError(Problem(str(path), "", "no such scenario file or folder"))
            found[path] = None
            continue
        files = sorted(file for file in path.iterdir() if file.suffix in {".yaml", ".yml"} and file.is_file())
        chosen = [file for file in files if _looks_like_scenario(file)]
        if not chosen:
            raise InputError(Problem(str(path), "", "this folder has no scenario (*.yaml)"))
        found.update(dict.fromkeys(chosen))
        skipped += [file for file in files if file not in chosen]
    return list(found), skipped


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


def _solve_one(
    path: Path, scenario: Scenario | ScenarioResult, options: _Options, children: _Children
) -> ScenarioResult:
    if isinstance(scenario, ScenarioResult):
        return scenario
    began = time.perf_counter()
    command = [*options.solve_command, str(path), "--runs", str(options.runs_dir), "--json", "--quiet"]
    code, out, err = children.run(command)
    try:
        result = _judge(scenario, path, _run_folder(code, out, err), options)
    except (FirmdateError, OSError) as error:
        result = ScenarioResult(path, scenario.name, "error", message=str(error))
    return replace(result, seconds=time.perf_counter() - began)


def _run_folder(code: int, out: str, err: str) -> Path:
    """The run that a finished process reports.

    Raises:
        FirmdateError: if it did not make one, with what it said.
    """
    if code < 0:
        said = f"; it said: {err.strip()}" if err.strip() else ""
        raise FirmdateError(f"the process was killed by signal {-code} (out of memory?){said}")
    if code > 0:
        raise FirmdateError(err.strip() or f"the process ended with exit code {code} and said nothing")
    try:
        return Path(json.loads(out)["run"])
    except (ValueError, KeyError, TypeError) as error:
        raise FirmdateError("the process reported no run") from error


def _judge(scenario: Scenario, path: Path, run: Path, options: _Options) -> ScenarioResult:
    kpis, promises = read_kpis(run), read_table(run, "promises")
    folder = options.baselines / scenario.name
    unmet = against_expect(scenario.expect, kpis, promises)
    baseline = read_baseline(folder)
    moved = () if baseline is None else against_baseline(baseline, kpis, promises)
    if baseline is None and options.strict and not options.accept:
        moved = (Mismatch("baseline", "baseline", "an accepted result", "no baseline"),)
    accepted = options.accept and not unmet
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
        accepted=accepted,
    )
