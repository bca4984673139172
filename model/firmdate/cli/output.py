"""Text for people: tables, colours on a terminal only, problems one a line."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TextIO

import click

from firmdate.data.suggest import counted
from firmdate.errors import Problem

COLOURS = {
    "error": "red",
    "warning": "yellow",
    "late": "yellow",
    "partial": "yellow",
    "unpromised": "red",
    "on_time": "green",
    "ok": "green",
    "moved": "yellow",
    "failed": "red",
    "improved": "green",
    "worse": "red",
}


@dataclass(frozen=True)
class TextTable:
    """A table as text.

    Args:
        heads: Column heads.
        rows: Cells, one sequence per row, as long as ``heads``.
        right: Heads of the columns that are aligned right (numbers).
        coloured_by: Head of the column whose cell decides the colour of the row; blank colours none.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: frozenset[str] = frozenset()
    coloured_by: str = ""

    def lines(self, width: int | None = None, *, colour: bool = False) -> list[str]:
        """The lines of the table, cut to ``width`` characters where one is given."""
        grid = [[printable(cell) for cell in row] for row in (self.heads, *self.rows)]
        widths = [max(map(text_width, column)) for column in zip(*grid, strict=True)]
        lines = [cut(self._line(row, widths), width) for row in grid]
        return self._coloured(lines) if colour else lines

    def _line(self, cells: Sequence[str], widths: Sequence[int]) -> str:
        padded = []
        for head, cell, wide in zip(self.heads, cells, widths, strict=True):
            space = " " * (wide - text_width(cell))
            padded.append(space + cell if head in self.right else cell + space)
        return "  ".join(padded).rstrip()

    def _coloured(self, lines: Sequence[str]) -> list[str]:
        at = self.heads.index(self.coloured_by) if self.coloured_by else None
        colours = [None if at is None else COLOURS.get(row[at]) for row in self.rows]
        rows = [
            click.style(line, fg=colour) if colour else line for line, colour in zip(lines[1:], colours, strict=True)
        ]
        return [click.style(lines[0], bold=True), *rows]


def show_table(table: TextTable, *, indent: str = "") -> None:
    """Print a table on standard output: cut and coloured on a terminal, whole and plain elsewhere."""
    width, colour = terminal_width(sys.stdout), has_colour(sys.stdout)
    for line in table.lines(None if width is None else width - len(indent), colour=colour):
        click.echo(indent + line)


def say_error(message: str) -> None:
    """Print ``error: message`` on standard error."""
    _say("error", message)


def say_warning(message: str) -> None:
    """Print ``warning: message`` on standard error."""
    _say("warning", message)


def say_problems(problems: Iterable[Problem]) -> None:
    """Print every problem on standard error, one a line, and how many there are where they are several."""
    problems = list(problems)
    for problem in problems:
        _say("warning" if problem.warning else "error", str(problem))
    if len(problems) > 1:
        click.echo(count_problems(problems), err=True)


def count_problems(problems: Sequence[Problem]) -> str:
    """``2 errors, 1 warning``."""
    warnings = sum(problem.warning for problem in problems)
    counts = ((len(problems) - warnings, "error"), (warnings, "warning"))
    return ", ".join(counted(number, what) for number, what in counts if number)


def terminal_width(stream: TextIO) -> int | None:
    """Columns of the terminal; None where the stream is not one."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def has_colour(stream: TextIO) -> bool:
    """Whether to colour: only on a terminal that can, and where NO_COLOR is not set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def printable(text: str) -> str:
    r"""Text from the data without control characters: it must not steer the terminal.

    >>> printable("A\x1b[2J")
    'A�[2J'
    """
    return text if text.isprintable() else "".join(char if char.isprintable() else "�" for char in text)


def text_width(text: str) -> int:
    """Columns that a text takes: wide East Asian characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def cut(text: str, width: int | None) -> str:
    """The text in at most ``width`` columns, with an ellipsis where it was cut.

    >>> cut("order lines", 8), cut("order", 8)
    ('order l…', 'order')
    """
    if width is None or text_width(text) <= width:
        return text
    while text and text_width(text) >= width:
        text = text[:-1]
    return text + "…"


def _say(kind: str, message: str) -> None:
    colour = has_colour(sys.stderr)
    for line in message.splitlines() or [""]:
        prefix = click.style(f"{kind}:", fg=COLOURS[kind], bold=True) if colour else f"{kind}:"
        click.echo(f"{prefix} {printable(line)}", err=True)
