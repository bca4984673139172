"""What the changes of a scenario did that a planner should look at, as rows of ``data_alerts``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.data.tables import TABLES
from firmdate.scenario.change_check import number_text
from firmdate.scenario.edited_table import EditedTable

CHANGED_TWICE = "changed_twice"
ROUNDED_UP = "rounded_up"
ALERT_COLUMNS = ("table", "key", "rule", "before", "after")


@dataclass(frozen=True)
class Rounded:
    """Whole numbers of one column that a change made fractional, and that were rounded up.

    Args:
        table: Name of the table.
        column: Name of the column.
        rows: Positions of the rows, shape (cells,).
        before: Numbers before they were rounded, shape (cells,).
        after: Whole numbers, shape (cells,).
    """

    table: str
    column: str
    rows: np.ndarray
    before: np.ndarray
    after: np.ndarray


def alert_frame(tables: Mapping[str, EditedTable], rounded: Sequence[Rounded] = ()) -> pd.DataFrame:
    """The alerts of all tables: table, key, rule, before, after, all text.

    The key is the row's key after all changes, its parts joined by ``/``; before and after name the column.

    Args:
        tables: Tables after all changes, by name.
        rounded: Numbers that were rounded up.

    Returns:
        Shape (alerts, 5), in the order of the tables, then of the rows.
    """
    parts = []
    for name in (table.name for table in TABLES if table.name in tables):
        found = [*_twice(tables[name]), *_rounded(tables[name], rounded)]
        if found:
            parts.append(pd.concat(found).sort_values("row", kind="stable").assign(table=name))
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in ALERT_COLUMNS})
    return pd.concat(parts, ignore_index=True)[list(ALERT_COLUMNS)].astype("str")


def _twice(table: EditedTable) -> Iterator[pd.DataFrame]:
    """Cells that several changes touched, with their first and last value."""
    for column in table.names:
        if column in table.times_changed:
            rows = np.flatnonzero((table.times_changed[column] > 1) & table.alive)
            before, after = table.cells(column, rows, before=True), table.cells(column, rows)
            yield _alerts(table, rows, CHANGED_TWICE, _named(column, before), _named(column, after))


def _rounded(table: EditedTable, rounded: Sequence[Rounded]) -> Iterator[pd.DataFrame]:
    for one in rounded:
        if one.table == table.table.name:
            alive = table.alive[one.rows]
            before, after = (map(number_text, values[alive].tolist()) for values in (one.before, one.after))
            yield _alerts(table, one.rows[alive], ROUNDED_UP, _named(one.column, before), _named(one.column, after))


def _named(column: str, cells: Iterable[str]) -> list[str]:
    return [f"{column} {cell or 'blank'}" for cell in cells]


def _alerts(
    table: EditedTable, rows: np.ndarray, rule: str, before: Sequence[str], after: Sequence[str]
) -> pd.DataFrame:
    key = np.full(len(rows), "", dtype=object)
    for position, name in enumerate(table.table.keys):
        cells = table.cells(name, rows)
        key = key + "/" + cells if position else cells
    return pd.DataFrame({"row": rows, "key": key, "rule": rule, "before": before, "after": after})
