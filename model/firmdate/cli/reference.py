"""``firmdate init``, ``schema`` and ``math``: what ships with the package."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from firmdate.errors import InputError, Problem

_TUTORIAL = "templates/tutorial"


@click.command()
@click.argument("directory", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--force", is_flag=True, help="Write into a folder that is not empty; files of the same name are replaced."
)
def init(directory: Path, force: bool) -> None:
    """Write the tutorial (data and scenarios) into DIR."""
    from firmdate.runs.whole import cannot_write

    _require_free(directory, force)
    try:
        _copy(files("firmdate").joinpath(_TUTORIAL), directory)
    except OSError as error:
        raise InputError(cannot_write(error, directory, "choose another folder")) from error
    scenario = directory / "tutorial.yaml"
    click.echo(f"tutorial written to {directory}; next:\n  firmdate check {scenario}\n  firmdate solve {scenario}")


@click.command()
@click.option("--tables", "what", flag_value="tables", help="The planning tables as JSON.")
@click.option("--scenario", "what", flag_value="scenario", help="The JSON Schema of a scenario, for editors.")
@click.option("--markdown", "what", flag_value="markdown", help="The planning tables as a Markdown document.")
def schema(what: str | None) -> None:
    """What the planning tables and a scenario hold: columns, types, units, defaults."""
    import json

    from firmdate.cli.schema_text import markdown_schema, text_schema
    from firmdate.data.tables import describe_tables

    if what == "scenario":
        from firmdate.scenario.files import scenario_json_schema

        click.echo(json.dumps(scenario_json_schema(), indent=2, ensure_ascii=False))
    elif what == "tables":
        click.echo(json.dumps(describe_tables(), indent=2, ensure_ascii=False))
    else:
        click.echo(markdown_schema() if what == "markdown" else text_schema())


@click.command()
def math() -> None:
    """The formulation as a Markdown document: sets, variables, constraints, objective."""
    from firmdate.formulation.math_document import math_document

    click.echo(math_document())


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
