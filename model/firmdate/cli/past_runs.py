"""``firmdate report`` and ``export``: reading runs that were made."""

from __future__ import annotations

from pathlib import Path

import click

from firmdate.cli.completion import complete_runs
from firmdate.cli.options import quiet_option, runs_option
from firmdate.cli.progress import show_progress

run_argument = click.argument("run", metavar="RUN", shell_complete=complete_runs)


@click.command()
@run_argument
@click.option(
    "--to", "target", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the page there."
)
@runs_option
def report(run: str, target: Path | None, runs_dir: Path) -> None:
    """Write the page of RUN again, and print where it is."""
    from firmdate.report.page import PAGE, render_page
    from firmdate.runs.store import read_run, resolve_run
    from firmdate.runs.whole import write_text

    folder = resolve_run(run, runs_dir)
    target = target or folder / PAGE
    write_text(target, render_page(read_run(folder)))
    click.echo(target)


@click.command()
@run_argument
@click.option("--to", "target", required=True, metavar="xlsx|FILE.xlsx", help="Name of the workbook, or just xlsx.")
@runs_option
@quiet_option
def export(run: str, target: str, runs_dir: Path, quiet: bool) -> None:
    """Write all tables of RUN into one Excel workbook.

    With just `xlsx` the workbook is named after the scenario and the run, in the current directory.
    """
    from firmdate.report.export import export_run, require_workbook
    from firmdate.runs.store import read_run, resolve_run

    folder = resolve_run(run, runs_dir)
    plan = read_run(folder)
    workbook = Path(f"{plan.scenario.name}-{folder.name}.xlsx" if target.lower() == "xlsx" else target)
    require_workbook(workbook)
    with show_progress(quiet=quiet) as progress:
        export_run(plan, workbook, progress)
    click.echo(workbook)
