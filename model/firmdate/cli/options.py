"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from firmdate.cli.completion import complete_keys

Command = TypeVar("Command", bound=Callable[..., object])

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


@dataclass(frozen=True)
class Means:
    """How the plans of a command are made, whatever the scenario.

    Args:
        cache: Folder in which answers of blocks are kept; None keeps none.
        workers: Blocks solved at a time; None for one per core.
        time_limit: Seconds after which no more is optimized; None for no limit.
        cluster: Address of the scheduler of a Dask cluster; None solves here.
    """

    cache: Path | None
    workers: int | None = None
    time_limit: float | None = None
    cluster: str | None = None

    @property
    def at_a_time(self) -> int:
        """How much is worked on at a time."""
        from firmdate.solver.workers import available_workers

        return self.workers or available_workers()


def cache_options(command: Command) -> Command:
    """``--cache`` and ``--no-cache``."""
    command = click.option("--no-cache", is_flag=True, help="Solve everything again, and keep nothing.")(command)
    return click.option(
        "--cache",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder in which answers of blocks are kept for the next solve.  [default: .cache in --runs]",
    )(command)


def cache_folder(cache: Path | None, no_cache: bool, runs_dir: Path) -> Path | None:
    """The folder that the options mean; None for no cache."""
    from firmdate.runs.store import CACHE

    if no_cache and cache is not None:
        raise click.UsageError("--cache and --no-cache exclude each other")
    return None if no_cache else cache or runs_dir / CACHE


cluster_option = click.option(
    "--cluster", metavar="ADDRESS", help="Solve on the workers of a Dask cluster, such as tcp://10.0.0.1:8786."
)

quiet_option = click.option("--quiet", "-q", is_flag=True, help="No progress.")
