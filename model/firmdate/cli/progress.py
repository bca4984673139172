"""How far long work is: a bar on a terminal, plain lines elsewhere, nothing when quiet; always on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from firmdate.cli.output import has_colour

if TYPE_CHECKING:
    from firmdate.runs.stages import Progress

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def show_progress(*, quiet: bool) -> Iterator[Progress | None]:
    """A progress callback for the time of the work; None when quiet."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bars() as progress:
            yield progress
    else:
        yield _plain_lines()


def _plain_lines() -> Progress:
    """One line whenever a stage begins, and one in a while when it takes long."""
    last, said = "", 0.0

    def progress(stage: str, done: int, total: int, note: str = "") -> None:
        nonlocal last, said
        if stage != last:
            click.echo(stage, err=True)
            last, said = stage, time.monotonic()
        elif time.monotonic() - said >= SECONDS_BETWEEN_LINES and done < total:
            click.echo(f"{stage}: {done} of {total}{f', {note} so far' if note else ''}", err=True)
            said = time.monotonic()

    return progress


@contextmanager
def _bars() -> Iterator[Progress]:
    """One bar a stage with the time left, gone when the work is done; a stage is over when the next one begins."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True, no_color=not has_colour(sys.stderr))
    columns = (
        TextColumn("{task.description:<9}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[note]}"),
    )
    with Bars(*columns, console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int, note: str = "") -> None:
            if stage not in tasks:
                for task in bars.tasks:
                    bars.update(task.id, completed=task.total or 1, total=task.total or 1)
                tasks[stage] = bars.add_task(stage, total=total or None, note="")
            bars.update(tasks[stage], completed=done, total=total or None, note=note)

        yield progress
