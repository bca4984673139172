"""``firmdate solve``: plan a scenario, write the run, say what matters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from firmdate.cli.options import (
    Means,
    cache_folder,
    cache_options,
    cluster_option,
    format_option,
    json_option,
    quiet_option,
    runs_option,
    scenario_argument,
    set_option,
)
from firmdate.cli.output import say_warning, show_table
from firmdate.cli.progress import show_progress
from firmdate.errors import LimitError

if TYPE_CHECKING:
    from firmdate.plan.result import Plan
    from firmdate.report.basis import PageBasis
    from firmdate.runs.kept_runs import KeptRuns
    from firmdate.scenario.schema import Scenario

LATE_LINES_SHOWN = 20
_LATE_HEADS = {
    "order": "order",
    "line": "line",
    "item": "item",
    "location": "location",
    "tier": "tier",
    "quantity": "quantity",
    "requested_date": "requested",
    "promise_date": "promised",
    "days_late": "days late",
    "status": "status",
    "reason": "reason",
}


@click.command()
@scenario_argument
@set_option
@runs_option
@format_option
@json_option
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Stop optimizing then, and write the best plan so far (exit code 3).",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    help="Blocks, or portions of large data, that are worked on at a time.  [default: one per core]",
)
@cluster_option
@cache_options
@quiet_option
@click.pass_obj
def solve(
    written: list[Path],
    *,
    scenario: Path,
    overrides: tuple[str, ...],
    runs_dir: Path,
    file_format: str,
    as_json: bool,
    time_limit: float | None,
    workers: int | None,
    cluster: str | None,
    cache: Path | None,
    no_cache: bool,
    quiet: bool,
) -> int:
    """Promise every order line of SCENARIO and write the run.

    Prints the headline figures and the lines that are latest; with --quiet only the folder of the run.
    """
    from firmdate.cli.tables import to_json
    from firmdate.scenario.files import load_scenario

    means = Means(cache_folder(cache, no_cache, runs_dir), workers, time_limit, cluster)
    plan, run = solve_and_write(load_scenario(scenario, overrides), runs_dir, means, file_format, quiet=quiet)
    written.append(run)
    if as_json:
        click.echo(
            to_json({"scenario": plan.scenario.name, "run": str(run), "status": plan.run["status"], "kpis": plan.kpis})
        )
    elif quiet:
        click.echo(run)
    else:
        show_plan(plan)
        click.echo(f"\nrun: {run}")
    return LimitError.exit_code if plan.run["status"] == "limit" else 0


def solve_and_write(
    scenario: Scenario, runs_dir: Path, means: Means, file_format: str = "csv", *, quiet: bool
) -> tuple[Plan, Path]:
    """Solve a scenario and publish its run, with its page.

    Raises:
        FirmdateError: as :func:`firmdate.runs.solve.solve` and :func:`firmdate.runs.store.write_run`.
    """
    from firmdate.runs.imports import import_solver_libraries

    import_solver_libraries()
    from firmdate.plan.written import WrittenPlan
    from firmdate.runs.kept_runs import KeptRuns
    from firmdate.runs.solve import solve_beside
    from firmdate.runs.store import check_store

    check_store(runs_dir, scenario.name, file_format)
    kept = None if means.cache is None else KeptRuns(means.cache)
    with show_progress(quiet=quiet) as progress:
        plan = solve_beside(
            scenario,
            kept,
            progress=progress,
            workers=means.workers,
            cache=means.cache,
            time_limit=means.time_limit,
            cluster=means.cluster,
            processes=True,
            meanwhile=_prepare_publishing,
        )
        try:
            if progress is not None:
                progress("write", 0, 1)
            run, basis = _publish(plan, runs_dir, file_format, kept, processes=means.at_a_time > 1)
        finally:
            if isinstance(plan, WrittenPlan):
                plan.discard()
        if kept is not None and kept.pending is not None and file_format == "csv":
            kept.remember_run(run, basis.arrays())
    return plan, run


def _prepare_publishing() -> None:
    from firmdate.plan import union  # noqa: F401
    from firmdate.report.page import prepare_page

    prepare_page()


def write_with_page(plan: Plan, runs_dir: Path, file_format: str = "csv") -> Path:
    """Publish a run with its page.

    Raises:
        InputError: as :func:`firmdate.runs.store.write_run`.
    """
    return _publish(plan, runs_dir, file_format, None, processes=False)[0]


def _publish(
    plan: Plan, runs_dir: Path, file_format: str, kept: KeptRuns | None, *, processes: bool
) -> tuple[Path, PageBasis]:
    """Publish a run with its page; gives its folder, and what the page is made of."""
    from firmdate.plan.written import WrittenPlan
    from firmdate.report.basis_taken import page_basis
    from firmdate.report.page import PAGE, render_page
    from firmdate.runs.store import write_run

    pending = None if kept is None else kept.pending
    bases: list[PageBasis] = []

    def page() -> str:
        basis = page_basis(plan, None if pending is None else pending.rows)
        if isinstance(plan, WrittenPlan):
            plan.know("order_lines", basis.lines)
        bases.append(basis)
        return render_page(plan, basis, processes=processes)

    run = write_run(plan, runs_dir, file_format=file_format, extra_files={PAGE: page}, processes=processes)
    return run, bases[0]


def solve_file(scenario: Path, runs_dir: Path, means: Means) -> Path:
    """Solve a scenario file without a word and return its run: the work of a batch."""
    from firmdate.scenario.files import load_scenario

    return solve_and_write(load_scenario(scenario), runs_dir, means, quiet=True)[1]


def show_plan(plan: Plan) -> None:
    """Print what matters in a plan: headline figures, the latest lines, overloads, warnings."""
    from firmdate.cli.tables import text_table
    from firmdate.data.suggest import counted
    from firmdate.runs.figures import late_unit_days, latest_first, shown

    kpis = plan.kpis
    forecasts = int(kpis.get("forecast_lines", 0))
    also = f", {counted(forecasts, 'forecast')}" if forecasts else ""
    click.echo(f"{plan.scenario.name}: {counted(int(kpis['lines']), 'order line')}{also}")
    for name in ("on_time", "late", "partial", "unpromised"):
        share = f"{kpis[f'{name}_lines'] / kpis['lines']:7.1%}" if kpis["lines"] else ""
        click.echo(f"  {name.replace('_', ' '):<12}{shown(kpis[f'{name}_lines']):>9} {share}")
    by_tier = [f"tier {tier}: {shown(days)}" for tier, days in late_unit_days(kpis).items()]
    click.echo(f"  late unit-days: {', '.join(by_tier) or 'none'}")

    not_on_time = plan.order_lines[plan.order_lines["status"] != "on_time"]
    forecast = not_on_time["kind"] == "forecast"
    late = latest_first(not_on_time[~forecast])
    if len(late):
        first = late.head(LATE_LINES_SHOWN)
        of_all = f"the {len(first)} latest of {len(late):,}" if len(late) > len(first) else f"{len(late)}"
        click.echo(f"\nlate lines ({of_all}):")
        show_table(text_table(first, _LATE_HEADS, coloured_by="status"), indent="  ")
    if forecast.any():
        click.echo(
            f"\nnot met in time: {int(forecast.sum())} of {counted(forecasts, 'forecast')}; see promises of the run"
        )
    if overloads := int(kpis.get("overloads", 0)):
        click.echo(f"\n{counted(overloads, 'overload')}; see resource_load, supplier_load and lane_load of the run")
    warnings = plan.run.get("warnings", ())
    for warning in warnings if isinstance(warnings, list | tuple) else ():
        say_warning(str(warning))
