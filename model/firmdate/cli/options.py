"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

from firmdate.cli.completion import complete_keys

scenario_argument = click.argument("scenario", type=click.Path(path_type=Path), metavar="SCENARIO")

set_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    shell_complete=complete_keys,
    help="Set a value of the scenario, such as horizon_days=90; may be given several times.",
)

runs_option = click.option(
    "--runs",
    "runs_dir",
    type=click.Path(path_type=Path),
    default=Path("solver_runs"),
    show_default=True,
    metavar="DIR",
    help="Folder of the runs.",
)

format_option = click.option(
    "--format",
    "file_format",
    type=click.Choice(["csv", "parquet"]),
    default="csv",
    show_default=True,
    help="Files of the tables of a run.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")

quiet_option = click.option("--quiet", "-q", is_flag=True, help="No progress.")
