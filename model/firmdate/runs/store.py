"""The run store: every run is a folder ``<runs>/<scenario>/<run id>/`` that appears whole or not at all."""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from firmdate.data.suggest import did_you_mean, got, listed
from firmdate.errors import InputError, Problem
from firmdate.plan.result import LATER_TABLES, PLAN_TABLES, RULE_TABLES, Plan, no_rows
from firmdate.plan.written import WrittenPlan
from firmdate.runs.apart import found_beside
from firmdate.runs.digests import file_digests, require_unchanged
from firmdate.runs.table_files import FILE_FORMATS, has_table, read_table, write_tables
from firmdate.runs.whole import cannot_write, reason
from firmdate.scenario.files import dump_scenario, load_scenario

BASELINES = "baselines"
"""Folder of the accepted results beside the runs; no scenario may have this name."""

CACHE = ".cache"
"""Folder of the kept answers of blocks beside the runs; no scenario can have this name."""

ROWS_BESIDE = 50_000
"""More rows of all tables are worth another process."""

_UNFINISHED = ".writing-"
_STALE_SECONDS = 24 * 3600
_ADVICE = "choose another folder with --runs; nothing was written"


Text = str | Callable[[], str]
"""What a file says, or what tells it."""


def write_run(
    plan: Plan,
    runs_dir: str | Path,
    *,
    file_format: str = "csv",
    extra_files: Mapping[str, Text] | None = None,
    processes: bool = False,
) -> Path:
    """Write a plan as a new run and return its folder.

    Everything is written into a hidden folder beside the run, which is then renamed: whoever looks sees the whole run
    or none, also when the process is killed. What killed processes left behind more than a day ago is removed.

    Args:
        plan: What was planned.
        runs_dir: Folder of all runs; made when missing.
        file_format: ``csv`` or ``parquet``, for the tables.
        extra_files: Further text files of the run by name, such as ``report.html``.
        processes: Whether another process may write the tables while the further files are made.

    Raises:
        InputError: where the run cannot be written there (disk full, no permission, a file in the way).
    """
    check_store(runs_dir, plan.scenario.name, file_format)
    folder = Path(runs_dir) / plan.scenario.name
    run_hash = str(plan.run["input_hash"])[:8]
    unfinished = folder / f"{_UNFINISHED}{os.getpid()}-{time.time_ns()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_stale(folder)
        unfinished.mkdir()
        _write_files(plan, unfinished, file_format, extra_files or {}, processes=processes)
        run = _publish(unfinished, run_hash)
    except OSError as error:
        raise InputError(cannot_write(error, folder, _ADVICE)) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    if isinstance(plan, WrittenPlan):
        plan.discard()
        plan.moved_to(run)
    return run


def check_store(runs_dir: str | Path, scenario: str, file_format: str = "csv") -> None:
    """Refuse what could not be written later, before the long work; writes nothing.

    Raises:
        InputError: on an unknown format, a missing library, a scenario name that cannot be a folder, or a runs folder
            that cannot be written to.
    """
    if file_format not in FILE_FORMATS:
        message = f"unknown file format {got(file_format)}; use {' or '.join(FILE_FORMATS)}"
        raise InputError(Problem("", "--format", message))
    if file_format == "parquet":
        _require_pyarrow()
    if scenario.casefold() == BASELINES:
        message = f"is the folder of accepted results {got(scenario)}; choose another name for the scenario"
        raise InputError(Problem("", "name", message))
    folder = Path(runs_dir) / scenario
    nearest = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    if not nearest.is_dir():
        raise InputError(cannot_write(NotADirectoryError(errno.ENOTDIR, ""), folder, _ADVICE))
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise InputError(cannot_write(PermissionError(errno.EACCES, ""), folder, _ADVICE))


def read_run(path: str | Path) -> Plan:
    """Read a run folder back as the plan that was written.

    Raises:
        InputError: if the folder is not a whole run, or a file in it cannot be read or is not as it was written.
    """
    folder = Path(path)
    if not is_run(folder):
        raise InputError(
            Problem(
                str(folder),
                "",
                "is not the folder of a run (it has no run.json); name one below solver_runs/<scenario>/",
            )
        )
    run = _read_json(folder / "run.json")
    digests = run.pop("files", None)
    if isinstance(digests, dict):
        require_unchanged(folder, digests)
    missing = () if digests else [name for name in LATER_TABLES if not has_table(folder, name)]
    tables = {name: no_rows(name) if name in missing else read_table(folder, name) for name in PLAN_TABLES}
    return Plan(
        scenario=load_scenario(folder / "scenario.yaml"),
        promises=tables["promises"],
        deliveries=tables["deliveries"],
        deployments=tables["deployments"],
        supply_orders=tables["supply_orders"],
        resource_load=tables["resource_load"],
        supplier_load=tables["supplier_load"],
        lane_load=tables["lane_load"],
        stock=tables["stock"],
        data_alerts=tables["data_alerts"],
        explanations=tables["explanations"],
        chains=tables["chains"],
        releases=tables["releases"],
        causes=tables["causes"],
        lines=tables["lines"],
        kpis=read_kpis(folder),
        run=run,
        log=_read_text(folder / "highs.log"),
        rule_tables={name: read_table(folder, name) for name in RULE_TABLES if has_table(folder, name)},
    )


def is_run(folder: Path) -> bool:
    """Whether the folder holds a published run."""
    return (folder / "run.json").is_file() and not folder.name.startswith(_UNFINISHED)


def latest_run(runs_dir: str | Path, scenario: str) -> Path:
    """The newest run of a scenario.

    Raises:
        InputError: if the scenario has no run there; names the scenarios that have.
    """
    folder = Path(runs_dir) / scenario
    runs = sorted(_runs_of(folder))
    if not runs:
        raise InputError(_no_such_run(scenario, Path(runs_dir)))
    return runs[-1]


def resolve_run(text: str, runs_dir: str | Path) -> Path:
    """Find the run that a user means: a run folder, ``scenario/run id``, or a scenario (its latest run).

    Raises:
        InputError: if there is no such run; names what comes near.
    """
    for folder in (Path(text), Path(runs_dir) / text):
        if is_run(folder):
            return folder
        if text and (runs := sorted(_runs_of(folder))):
            return runs[-1]
    raise InputError(_no_such_run(text, Path(runs_dir)))


def read_kpis(folder: Path) -> dict[str, float]:
    """The figures in a folder's ``kpis.json``.

    Raises:
        InputError: if the file is missing or is not a JSON object of numbers.
    """
    figures = _read_json(folder / "kpis.json")
    wrong = [name for name, value in figures.items() if not isinstance(value, int | float | None)]
    if wrong:
        raise InputError(Problem(str(folder / "kpis.json"), wrong[0], f"is not a number (got {figures[wrong[0]]!r})"))
    return {name: math.nan if value is None else float(str(value)) for name, value in figures.items()}


def write_kpis(kpis: Mapping[str, float], folder: Path) -> None:
    """Write figures as ``kpis.json``: whole ones as integers, what is not a number as null."""
    figures = {name: _plain_number(value) for name, value in kpis.items()}
    (folder / "kpis.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _write_files(
    plan: Plan, folder: Path, file_format: str, extra_files: Mapping[str, Text], *, processes: bool
) -> None:
    there = PLAN_TABLES.keys() if isinstance(plan, WrittenPlan) and file_format == "csv" else ()
    tables = {name: getattr(plan, name) for name in PLAN_TABLES if name not in there} | {**plan.rule_tables}
    many = sum(map(len, tables.values())) > ROWS_BESIDE
    with found_beside(write_tables, (tables, folder, file_format), processes=processes and many) as finish:
        texts = {name: text if isinstance(text, str) else text() for name, text in extra_files.items()}
        finish()
    if isinstance(plan, WrittenPlan):
        for name in there:
            shutil.move(plan.folder / f"{name}.csv", folder / f"{name}.csv")
    write_kpis(plan.kpis, folder)
    run = {**plan.run, "files": file_digests(folder)}
    texts |= {
        "run.json": json.dumps(run, indent=2, default=str, allow_nan=False) + "\n",
        "scenario.yaml": dump_scenario(plan.scenario),
        "highs.log": plan.log,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def _publish(unfinished: Path, run_hash: str) -> Path:
    """Rename to a run id that sorts by time; a run of the same millisecond makes it take the next one."""
    while True:
        now = datetime.now(UTC)
        run = unfinished.parent / f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z-{run_hash}"
        if not run.exists():
            try:
                return unfinished.rename(run)
            except OSError as error:
                if error.errno not in {errno.EEXIST, errno.ENOTEMPTY}:
                    raise
        time.sleep(0.001)


def _remove_stale(folder: Path) -> None:
    for leftover in folder.glob(f"{_UNFINISHED}*"):
        try:
            stale = time.time() - leftover.stat().st_mtime > _STALE_SECONDS
        except FileNotFoundError:  # another process was quicker
            continue
        if stale:
            shutil.rmtree(leftover, ignore_errors=True)


def _runs_of(folder: Path) -> list[Path]:
    if folder.name == BASELINES or not folder.is_dir():
        return []
    return [run for run in folder.iterdir() if is_run(run)]


def _no_such_run(text: str, runs_dir: Path) -> Problem:
    scenarios = {folder.name: folder for folder in sorted(runs_dir.iterdir())} if runs_dir.is_dir() else {}
    known = [name for name, folder in scenarios.items() if _runs_of(folder)]
    if not known:
        advice = "there are none here; make one with: firmdate solve SCENARIO"
        return Problem(str(runs_dir), "", f"no such run {got(text)}: {advice}")
    scenario, _, run_id = text.partition("/")
    if run_id and scenario in known:
        known = [f"{scenario}/{run.name}" for run in sorted(_runs_of(scenarios[scenario]))]
    meant = Path(text).stem if text.endswith((".yaml", ".yml")) else text
    hint = did_you_mean(meant, known) or f"; there are: {listed(known)}"
    return Problem(str(runs_dir), "", f"no such run {got(text)}{hint}")


def _require_pyarrow() -> None:
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        message = 'writing parquet needs pyarrow; install it with: pip install "firmdate[parquet]", or use csv'
        raise InputError(Problem("", "--format", message)) from None


def _plain_number(value: float) -> int | float | None:
    number = float(value)
    if not math.isfinite(number):
        return None
    rounded = round(number, 6)
    return int(rounded) if rounded.is_integer() else rounded


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Problem(str(path), "", f"cannot be read ({reason(error)}); is the run complete?")) from error


def _read_json(path: Path) -> dict[str, object]:
    try:
        content = json.loads(_read_text(path))
    except ValueError as error:
        raise InputError(Problem(str(path), "", f"is not valid JSON ({error})")) from error
    if not isinstance(content, dict):
        raise InputError(Problem(str(path), "", "is not a JSON object"))
    return content
