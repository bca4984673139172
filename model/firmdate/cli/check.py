"""``firmdate check``: every problem of the data, and where the supply plan overloads; no solve."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from firmdate.cli.options import json_option, scenario_argument, set_option
from firmdate.cli.output import count_problems, say_problems, show_table
from firmdate.errors import InputError, Problem

if TYPE_CHECKING:
    from firmdate.data.planning_data import PlanningData


@click.command()
@scenario_argument
@set_option
@json_option
@click.option("--quiet", "-q", is_flag=True, help="Print problems and overloads only.")
def check(scenario: Path, overrides: tuple[str, ...], as_json: bool, quiet: bool) -> None:
    """Check the data of SCENARIO and whether its supply plan is feasible.

    Prints every problem with file and line, then every overload: where the planned orders need more of a resource,
    supplier, lane or component than there is. Exit code 1 if the data have errors; overloads alone are no error.
    """
    from firmdate.cli.tables import text_table, to_json
    from firmdate.data.suggest import counted
    from firmdate.network.overloads import plan_overloads
    from firmdate.runs.solve import load_data
    from firmdate.scenario.files import load_scenario

    try:
        resolved = load_scenario(scenario, overrides)
        data, _, problems = load_data(resolved)
    except InputError as error:
        if as_json:
            click.echo(to_json({"problems": _as_objects(error.problems), "overloads": []}))
        raise
    overloads = plan_overloads(data, resolved)
    if as_json:
        click.echo(to_json({"problems": _as_objects(problems), "overloads": overloads}))
        return
    say_problems(problems)
    if not quiet:
        click.echo(f"data: {_describe(data)}; {count_problems(problems) or 'no problem'}")
    if len(overloads):
        click.echo(f"supply plan: {counted(len(overloads), 'overload')}, so it is not feasible as given")
        show_table(text_table(overloads), indent="  ")
    elif not quiet:
        click.echo("supply plan: no overload")


def _describe(data: PlanningData) -> str:
    from firmdate.data.suggest import counted
    from firmdate.data.tables import TABLES

    sizes = [len(data[table.name]) for table in TABLES if data.given(table.name)]
    return f"{counted(len(sizes), 'table')}, {counted(sum(sizes), 'row')}"


def _as_objects(problems: Sequence[Problem]) -> list[dict[str, str]]:
    return [
        {
            "severity": "warning" if problem.warning else "error",
            "where": problem.where,
            "column": problem.column,
            "message": problem.message,
        }
        for problem in problems
    ]
