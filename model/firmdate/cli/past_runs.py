"""``firmdate explain``, ``report`` and ``export``: reading runs that were made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from firmdate.cli.completion import complete_lines, complete_runs
from firmdate.cli.options import json_option, quiet_option, runs_option
from firmdate.cli.output import printable, show_table
from firmdate.cli.progress import show_progress
from firmdate.data.suggest import did_you_mean, got, listed
from firmdate.errors import InputError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from firmdate.plan.result import Plan

run_argument = click.argument("run", metavar="RUN", shell_complete=complete_runs)


@click.command()
@run_argument
@click.argument("order", metavar="ORDER[/LINE]", shell_complete=complete_lines)
@runs_option
@json_option
def explain(run: str, order: str, runs_dir: Path, as_json: bool) -> None:
    """Why a line of RUN gets its date: promise, deliveries, and what holds it back.

    RUN is the folder of a run, or the name of a scenario (its latest run).
    """
    from firmdate.cli.tables import to_json
    from firmdate.runs.store import read_run, resolve_run

    plan = read_run(resolve_run(run, runs_dir))
    lines = _lines_of(plan.promises, order)
    if as_json:
        objects = [
            {"promise": lines.iloc[at].to_dict(), "deliveries": _deliveries(plan, lines, at)}
            for at in range(len(lines))
        ]
        click.echo(to_json(objects))
        return
    for at in range(len(lines)):
        click.echo("" if at else None, nl=bool(at))
        _show_line(lines.iloc[at], _deliveries(plan, lines, at))


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


def _lines_of(promises: pd.DataFrame, text: str) -> pd.DataFrame:
    """The lines that a user means by ``ORDER`` or ``ORDER/LINE``; both ids may contain slashes.

    Raises:
        InputError: if there is none; names what comes near.
    """
    orders, lines = promises["order"].astype(object), promises["line"].astype(object)
    for chosen in (orders == text, (orders + "/" + lines) == text):
        if chosen.any():
            return promises[chosen]
    order, _, _ = text.rpartition("/")
    of_order = lines[orders == order]
    if len(of_order):
        known = [f"{order}/{line}" for line in of_order]
        hint = did_you_mean(text, known) or f"; this order has {listed(known)}"
    else:
        hint = did_you_mean(order or text, orders.unique()) or "; see promises of the run"
    raise InputError(Problem("promises", "order", f"no such order line {got(text)}{hint}"))


def _deliveries(plan: Plan, lines: pd.DataFrame, at: int) -> pd.DataFrame:
    order, line = lines["order"].iloc[at], lines["line"].iloc[at]
    chosen = (plan.deliveries["order"].astype(object) == order) & (plan.deliveries["line"].astype(object) == line)
    deliveries: pd.DataFrame = plan.deliveries.loc[chosen, ["date", "quantity"]]
    return deliveries


def _show_line(promise: pd.Series, deliveries: pd.DataFrame) -> None:
    import pandas as pd

    from firmdate.cli.tables import text_table
    from firmdate.runs.figures import gating_text, shown

    def day(name: str) -> str:
        value = promise[name]
        return "none" if pd.isna(value) else f"{value:%Y-%m-%d}"

    late = f", {promise['days_late']} days late" if promise["status"] == "late" else ""
    head = f"{promise['order']}/{promise['line']}: {shown(promise['quantity'])} of {promise['item']}"
    click.echo(printable(f"{head} at {promise['location']}, tier {promise['tier']}"))
    click.echo(f"  requested {day('requested_date')}, promised {day('promise_date')}: {promise['status']}{late}")
    click.echo(f"  promised quantity {shown(promise['promised_quantity'])}")
    held_by = gating_text(promise["gating_kind"], promise["gating_name"])
    if held_by:
        click.echo(printable(f"  held by {held_by} on {day('gating_date')}"))
    if promise["reason"]:
        click.echo(printable(f"  {promise['reason']}"))
    if len(deliveries):
        click.echo("  deliveries:")
        show_table(text_table(deliveries), indent="    ")
    else:
        click.echo("  no delivery inside the horizon")
