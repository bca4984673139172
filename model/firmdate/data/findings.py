"""Collects what the checks find, in the order of the tables and rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from firmdate.data.planning_data import Places, PlanningData
from firmdate.data.suggest import counted
from firmdate.data.tables import TABLES
from firmdate.data.typed import report
from firmdate.data.values import cell_text
from firmdate.errors import Problem

_TABLE_ORDER = {table.name: place for place, table in enumerate(TABLES)}


@dataclass(frozen=True)
class Findings:
    """Problems of planning data; each check adds to it.

    Args:
        data: The data that are checked.
    """

    data: PlanningData
    _found: list[tuple[int, int, int, Problem]] = field(default_factory=list)

    def rows(
        self, table: str, column: str, rows: np.ndarray, message: Callable[[int], str], *, warning: bool = False
    ) -> None:
        """Add a problem for every row, the first ones with their place and the rest as a count.

        Args:
            table: Name of the table.
            column: Name of the column, blank when the row is meant.
            rows: Positions of the rows in the frame, ascending, or one flag a row.
            message: What is wrong in the row at a position; asked only for rows that are reported.
            warning: True when the plan can still be made.
        """
        if rows.dtype == bool:
            rows = np.flatnonzero(rows)
        if not len(rows):
            return
        places = self.data.places.get(table, Places(table))
        labels = self.data[table].index.to_numpy()
        for label, problem in report(places, column, labels, rows, message, warning=warning):
            self._found.append((_TABLE_ORDER[table], label, len(self._found), problem))

    def values(
        self, table: str, column: str, rows: np.ndarray, message: Callable[[int, str], str], *, warning: bool = False
    ) -> None:
        """Add a problem for every distinct value of the rows, at its first row.

        Args:
            table: Name of the table.
            column: Name of a categorical column.
            rows: One flag a row of the table: the row has such a value.
            message: What is wrong, from the position of the first row and how often the value is there, as in
                `` in 3 rows`` (blank when it is there once).
            warning: True when the plan can still be made.
        """
        wrong = np.flatnonzero(rows)
        first, times = first_of_each(self.data[table][column].cat.codes.to_numpy()[wrong])
        often = dict(zip(wrong[first].tolist(), times.tolist(), strict=True))
        self.rows(table, column, wrong[first], lambda row: message(row, in_rows(often[row])), warning=warning)

    def add(self, table: str, problem: Problem) -> None:
        """Add one problem that concerns a whole table."""
        self._found.append((_TABLE_ORDER[table], -1, len(self._found), problem))

    def problems(self) -> list[Problem]:
        """Everything that was found, by table, then row, then the order of the checks."""
        return [problem for _, _, _, problem in sorted(self._found, key=lambda found: found[:3])]


def first_of_each(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Position of the first row with each key, ascending, and how many rows have it."""
    _, first, times = np.unique(keys, return_index=True, return_counts=True)
    order = np.argsort(first)
    return first[order], times[order]


def in_rows(times: int) -> str:
    """`` in 3 rows``, or nothing for one row."""
    return f" in {counted(times, 'row')}" if times > 1 else ""


def cell(frame: pd.DataFrame, column: str, row: int) -> str:
    """A cell as messages show it: a date without time, a whole number without point, a blank as nothing."""
    value: Any = frame[column].iat[row]
    if pd.isna(value):
        return ""
    return str(value) if isinstance(value, float) and math.isinf(value) else cell_text(value)


def shown(frame: pd.DataFrame, columns: Sequence[str], row: int) -> str:
    """The named cells of a row, as in ``item 'A', location blank``."""
    cells = ((column, cell(frame, column, row)) for column in columns)
    return ", ".join(f"{column} {text!r}" if text else f"{column} blank" for column, text in cells)
