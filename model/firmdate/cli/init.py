"""``firmdate init``: a scenario and its data to start from."""

from __future__ import annotations

import os
import shutil
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from firmdate.cli.options import json_option, quiet_option
from firmdate.cli.output import TextTable, show_table
from firmdate.errors import InputError, Problem

TEMPLATES = {
    "tutorial": "a service-parts network with every table, a supply plan that is infeasible, and three what-ifs",
    "minimal": "five order lines, stock on hand and two receipts: the smallest start for your own data",
    "manufacturing": "a plant: bills of materials, resources with hours, a supply plan that does not fit, a what-if",
    "service-parts": "spare parts over a central warehouse, regions and depots, three tiers, a what-if",
}
"""What ships with the package, and what it is for; each has a scenario of its own name."""


@click.command()
@click.argument("directory", type=click.Path(path_type=Path), metavar="DIR", required=False)
@click.option(
    "--template",
    type=click.Choice(list(TEMPLATES)),
    default="tutorial",
    show_default=True,
    help="What to start from; --list says what each one is.",
)
@click.option("--list", "only_list", is_flag=True, help="List the templates and write nothing.")
@click.option(
    "--force", is_flag=True, help="Write into a folder that is not empty; files of the same name are replaced."
)
@json_option
@quiet_option
def init(directory: Path | None, *, template: str, only_list: bool, force: bool, as_json: bool, quiet: bool) -> None:
    """Write data and a scenario to start from into DIR."""
    if only_list:
        _list(as_json)
        return
    if directory is None:
        raise click.UsageError("name the folder to write into, such as: firmdate init my-plan")
    _write(template, directory, force)
    scenario = directory / f"{template}.yaml"
    if as_json:
        _say_json({"template": template, "folder": str(directory), "scenario": str(scenario)})
    elif quiet:
        click.echo(scenario)
    else:
        click.echo(
            f"{template} written to {directory}; next:\n  firmdate check {scenario}\n  firmdate solve {scenario}"
        )


def _list(as_json: bool) -> None:
    if as_json:
        _say_json([{"template": name, "description": text} for name, text in TEMPLATES.items()])
    else:
        show_table(TextTable(("template", "what it is"), list(TEMPLATES.items())))


def _say_json(content: object) -> None:
    import json

    click.echo(json.dumps(content, indent=2, ensure_ascii=False))


def _write(template: str, directory: Path, force: bool) -> None:
    """Copy a template.

    Raises:
        InputError: if the folder is a file, is not empty, or cannot be written.
    """
    from firmdate.runs.whole import cannot_write

    _require_free(directory, force)
    missing = [place for place in (directory, *directory.parents) if not place.exists()]
    unfinished = directory / f".unfinished-{os.getpid()}"
    try:
        _copy(files("firmdate").joinpath("templates", template), unfinished)
        _move(unfinished, directory)
    except OSError as error:
        shutil.rmtree(missing[-1] if missing else unfinished, ignore_errors=True)
        advice = "choose another folder; nothing was written"
        raise InputError(cannot_write(error, directory, advice)) from error


def _move(source: Path, target: Path) -> None:
    """Move what a folder holds into another one, over files of the same name."""
    for child in sorted(source.iterdir()):
        if child.is_dir():
            (target / child.name).mkdir(exist_ok=True)
            _move(child, target / child.name)
        else:
            child.replace(target / child.name)
    source.rmdir()


def _require_free(directory: Path, force: bool) -> None:
    if directory.exists() and not directory.is_dir():
        raise InputError(Problem(str(directory), "", "is a file; name a folder"))
    if not force and directory.is_dir() and any(directory.iterdir()):
        message = "this folder is not empty; name another one, or use --force to replace files of the same name"
        raise InputError(Problem(str(directory), "", message))


def _copy(source: Traversable, target: Path) -> None:
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        for child in source.iterdir():
            if child.name != "__pycache__":
                _copy(child, target / child.name)
    else:
        target.write_bytes(source.read_bytes())
