"""``firmdate explain``: why lines of a run are late, and what would help."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from firmdate.cli.completion import complete_lines
from firmdate.cli.options import json_option, runs_option
from firmdate.cli.output import has_colour, printable, show_table
from firmdate.cli.past_runs import run_argument
from firmdate.cli.progress import show_progress

if TYPE_CHECKING:
    from firmdate.plan.explain.reading import LineExplanation
    from firmdate.plan.result import Plan
    from firmdate.runs.verify import Verified

_COLOURS = {"held by:": "yellow", "and by:": "yellow"}
_HEADS = ("why:", "served instead:", "what would help:", "root cause", "lead times", "verified:")


@click.command()
@run_argument
@click.argument("order", metavar="[ORDER[/LINE]]", default="", shell_complete=complete_lines)
@click.option("--verify", is_flag=True, help="Solve again with each release, and say what it really brings.")
@runs_option
@json_option
def explain(run: str, order: str, verify: bool, runs_dir: Path, as_json: bool) -> None:
    """Why a line of RUN gets its date, and what would help.

    RUN is the folder of a run, or the name of a scenario (its latest run). Shown are the promise and the deliveries,
    the chain from the line back to what holds it, the lines that were served instead, and the cheapest releases.
    Without an order the root causes of all late lines are listed, the largest first.
    """
    from firmdate.plan.explain.reading import explain_lines_of
    from firmdate.runs.store import read_run, resolve_run

    plan = read_run(resolve_run(run, runs_dir))
    if not order.strip():
        _show_causes(plan, as_json=as_json)
        return
    explained = explain_lines_of(plan, order)
    verified = [_verified(plan, one, quiet=as_json) if verify else None for one in explained]
    if as_json:
        _show_json(explained, verified)
        return
    for at, (one, proofs) in enumerate(zip(explained, verified, strict=True)):
        click.echo("" if at else None, nl=bool(at))
        _show_line(one)
        if proofs is not None:
            _show_proofs(proofs)


def _verified(plan: Plan, explained: LineExplanation, *, quiet: bool) -> list[Verified]:
    from firmdate.runs.verify import verify_releases

    with show_progress(quiet=quiet) as progress:
        return verify_releases(plan, explained, progress=progress)


def _show_json(explained: list[LineExplanation], verified: list[list[Verified] | None]) -> None:
    from dataclasses import asdict

    from firmdate.cli.tables import to_json

    objects = []
    for one, proofs in zip(explained, verified, strict=True):
        own = one.to_dict()
        if proofs is not None:
            own["verified"] = [asdict(proof) for proof in proofs]
        objects.append(own)
    click.echo(to_json(objects))


def _show_causes(plan: Plan, *, as_json: bool) -> None:
    """Root causes of all late lines."""
    from firmdate.cli.tables import text_table, to_json
    from firmdate.plan.explain.reading import best_releases, summary

    if as_json:
        click.echo(to_json(plan.causes))
        return
    if not len(plan.causes):
        click.echo("no line is late")
        return
    click.echo(_late_lines(plan))
    heads = {"late_unit_days": "late unit-days", "late_value": "late value", "lines": "lines", "tag": "cause"}
    show_table(text_table(summary(plan), {**heads, "reason": "held by"}))
    helps = best_releases(plan)["text"]
    if len(helps):
        click.echo("\nwhat would help most, each by itself:")
        for text in helps:
            click.echo(printable(f"  {text}"))


def _late_lines(plan: Plan) -> str:
    """How many lines the causes hold back."""
    from firmdate.data.suggest import counted

    late = plan.order_lines[plan.order_lines["status"] != "on_time"]
    forecasts = int((late["kind"] == "forecast").sum())
    also = f" and {counted(forecasts, 'forecast')}" if forecasts else ""
    return f"{counted(len(late) - forecasts, 'order line')}{also} not on time, by what holds them back:"


def _show_line(explained: LineExplanation) -> None:
    import pandas as pd

    from firmdate.cli.tables import text_table
    from firmdate.data.suggest import counted
    from firmdate.runs.figures import shown

    promise = explained.promise
    status = promise["status"]
    late = f"{counted(int(promise['days_late']), 'day')} late" if status == "late" else status.replace("_", " ")
    head = f"{explained.name}: {shown(promise['quantity'])} of {promise['item']}"
    click.echo(printable(f"{head} at {promise['location']}, tier {promise['tier']}"))
    requested, promised = _day(promise, "requested_date"), _day(promise, "promise_date")
    click.echo(f"  requested {requested}, promised {promised}: {late}")
    click.echo(f"  promised quantity {shown(promise['promised_quantity'])}")
    for text in explained.why():
        click.echo("  " + _coloured(printable(text)))
    if explained.deliveries:
        click.echo("  deliveries:")
        show_table(text_table(pd.DataFrame(list(explained.deliveries))), indent="    ")
    else:
        click.echo("  no delivery inside the horizon")


def _day(row: Mapping[str, Any], name: str) -> str:
    value = row[name]
    return "none" if value != value or value is None else f"{value:%Y-%m-%d}"  # noqa: PLR0124


def _coloured(text: str) -> str:
    """Heads in bold and what holds the line back in yellow, on a terminal."""
    import sys

    if not has_colour(sys.stdout):
        return text
    if text.startswith(_HEADS):
        return click.style(text, bold=True)
    for head, colour in _COLOURS.items():
        if text.strip().startswith(head):
            return click.style(text, fg=colour)
    return text


def _show_proofs(proofs: list[Verified]) -> None:
    """What releases really bring, and the changes to try them."""
    from firmdate.cli.tables import to_json
    from firmdate.data.suggest import counted
    from firmdate.runs.figures import shown_change

    if not proofs:
        click.echo("  verified: no release of this line can be written as a change of the data")
        return
    click.echo("  " + _coloured("verified:"))
    for proof in proofs:
        tiers = ", ".join(f"tier {tier}: {shown_change(days)}" for tier, days in proof.late_unit_days.items())
        click.echo(printable(f"    {proof.release}: promised {_day(proof.line, 'promise_date')}"))
        click.echo(f"      late unit-days {tiers}; {counted(proof.improved, 'line')} improved, {proof.worse} worse")
        for change in proof.changes:
            compact = " ".join(to_json(change).split())
            click.echo(printable(f"      change: {compact}"))
