"""``firmdate batch``: many scenarios, checked against what they expect and against their baselines."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from firmdate.cli.options import (
    Means,
    cache_folder,
    cache_options,
    cluster_option,
    json_option,
    quiet_option,
    runs_option,
)
from firmdate.cli.output import TextTable, printable, say_error, say_warning, show_table
from firmdate.cli.solve import solve_file, write_with_page
from firmdate.data.suggest import counted
from firmdate.errors import FirmdateError

if TYPE_CHECKING:
    from firmdate.runs.batch import BatchResult, ScenarioResult


class BatchFailedError(FirmdateError):
    """A scenario of a batch failed, or a figure moved."""

    exit_code = 5


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SCENARIO_OR_DIR...")
@click.option("--workers", type=click.IntRange(1), help="Scenarios at a time.  [default: one per core]")
@click.option(
    "--baselines",
    type=click.Path(path_type=Path),
    default=Path("solver_runs/baselines"),
    show_default=True,
    metavar="DIR",
    help="Folder of the accepted results.",
)
@click.option("--accept", is_flag=True, help="Accept the plans that hold their expect as the new baselines.")
@click.option("--strict", is_flag=True, help="A scenario without a baseline fails.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write JUnit XML.")
@click.option("--markdown", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write a summary.")
@runs_option
@json_option
@cluster_option
@cache_options
@quiet_option
@click.pass_obj
def batch(
    written: list[Path],
    *,
    paths: tuple[Path, ...],
    workers: int | None,
    baselines: Path,
    accept: bool,
    strict: bool,
    junit: Path | None,
    markdown: Path | None,
    runs_dir: Path,
    as_json: bool,
    cluster: str | None,
    cache: Path | None,
    no_cache: bool,
    quiet: bool,
) -> None:
    """Solve many scenarios, each in a process of its own, and check them.

    A directory means every scenario (*.yaml, *.yml) in it. A scenario fails when it has no plan, when a figure or
    promise date of its expect does not hold, or when one moved against its baseline; then the exit code is 5.
    """
    from firmdate.cli.tables import to_json
    from firmdate.runs.batch import SOLVE_MODULES
    from firmdate.runs.batch import batch as run_batch
    from firmdate.solver.workers import available_workers

    scenarios = _scenarios(paths)
    started = time.monotonic()

    def progress(done: int, total: int, result: ScenarioResult) -> None:
        if result.run is not None:
            written.append(result.run)
        if not quiet:
            click.echo(_progress_line(done, total, result, time.monotonic() - started), err=True)

    at_a_time = min(workers or available_workers(), len(scenarios))
    means = Means(cache_folder(cache, no_cache, runs_dir), max(1, available_workers() // at_a_time))
    result = run_batch(
        scenarios,
        workers=at_a_time,
        baselines=baselines,
        accept=accept,
        strict=strict,
        runs_dir=runs_dir,
        progress=progress,
        work=partial(solve_file, means=means),
        cluster=cluster,
        write=write_with_page,
        preload=(*SOLVE_MODULES, "firmdate.report.page"),
    )
    _write_reports(result, junit, markdown)
    if as_json:
        click.echo(to_json([_as_object(one) for one in result.results]))
    else:
        _show(result)
    if result.failures:
        raise BatchFailedError(f"{len(result.failures)} of {counted(len(result.results), 'scenario')} failed")


def _write_reports(result: BatchResult, junit: Path | None, markdown: Path | None) -> None:
    """Say the notes of a batch, and write the files for build servers and reviewers."""
    from firmdate.runs.batch_report import junit_xml
    from firmdate.runs.batch_report import markdown as markdown_summary
    from firmdate.runs.whole import write_text

    for note in result.notes:
        say_warning(note)
    for file, text in ((junit, junit_xml), (markdown, markdown_summary)):
        if file is not None:
            write_text(file, text(result))


def _scenarios(paths: Sequence[Path]) -> list[Path]:
    from firmdate.runs.batch import find_scenarios

    scenarios, passed_over = find_scenarios(paths)
    for path in passed_over:
        say_warning(f"{path}: passed over, it is no scenario (no key name, data, extends or planning_date)")
    return scenarios


def _progress_line(done: int, total: int, result: ScenarioResult, elapsed: float) -> str:
    """``[2/8] name: ok (1.3 s), about 6 s left``."""
    left = f", about {elapsed / done * (total - done):.0f} s left" if done < total else ""
    return printable(f"[{done}/{total}] {result.name}: {result.status} ({result.seconds:.1f} s){left}")


def _as_object(result: ScenarioResult) -> dict[str, object]:
    from firmdate.runs.batch_report import mismatch_lines

    return {
        "scenario": result.name,
        "file": str(result.path),
        "status": result.status,
        "run": None if result.run is None else str(result.run),
        "kpis": result.kpis,
        "baseline": result.baseline,
        "accepted": result.accepted,
        "mismatches": mismatch_lines(result),
        "message": result.message,
        "seconds": round(result.seconds, 3),
    }


def _show(batch_result: BatchResult) -> None:
    """Print the table and what failed."""
    from firmdate.runs.batch_report import against_baseline_text, mismatch_lines
    from firmdate.runs.figures import late_unit_days, shown

    heads = ("scenario", "status", "lines", "late", "late unit-days by tier", "baseline", "seconds")
    rows = []
    for result in batch_result.results:
        kpis = result.kpis or {}
        tiers = ", ".join(f"{tier}: {shown(days)}" for tier, days in late_unit_days(kpis).items())
        counts = (shown(kpis.get("lines")), shown(kpis.get("late_lines")))
        row = (result.name, result.status, *counts, tiers, against_baseline_text(result), f"{result.seconds:.1f}")
        rows.append(row)
    show_table(TextTable(heads, rows, frozenset(("lines", "late", "seconds")), coloured_by="status"))
    for result in batch_result.failures:
        for line in mismatch_lines(result) if result.mismatches else result.message.splitlines():
            say_error(f"{result.name}: {line.removeprefix('error: ')}")
