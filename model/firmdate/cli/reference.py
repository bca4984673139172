"""``firmdate schema`` and ``math``: what the data and the formulation look like."""

from __future__ import annotations

import click


@click.command()
@click.option("--tables", "what", flag_value="tables", help="The planning tables as JSON.")
@click.option("--scenario", "what", flag_value="scenario", help="The JSON Schema of a scenario, for editors.")
@click.option("--markdown", "what", flag_value="markdown", help="The planning tables as a Markdown document.")
@click.option("--run-files", "what", flag_value="run-files", help="The files of a run as a Markdown document.")
def schema(what: str | None) -> None:
    """What the planning tables, a scenario and a run hold: columns, types, units, defaults."""
    import json

    from firmdate.cli.schema_text import markdown_schema, text_schema
    from firmdate.data.tables import describe_tables

    if what == "scenario":
        from firmdate.scenario.files import scenario_json_schema

        click.echo(json.dumps(scenario_json_schema(), indent=2, ensure_ascii=False))
    elif what == "run-files":
        from firmdate.runs.run_files import run_files_markdown

        click.echo(run_files_markdown())
    elif what == "tables":
        click.echo(json.dumps(describe_tables(), indent=2, ensure_ascii=False))
    else:
        click.echo(markdown_schema() if what == "markdown" else text_schema())


@click.command()
def math() -> None:
    """The formulation as a Markdown document: sets, variables, constraints, objective."""
    from firmdate.formulation.math_document import math_document

    click.echo(math_document())
