"""From a table of text to a typed frame, with every mistake in it at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.data.columns import Column, Table
from firmdate.data.planning_data import Places, empty_frame, framed, text_categorical
from firmdate.data.raw import RawColumn, RawTable
from firmdate.data.suggest import closest, did_you_mean, got, listed
from firmdate.data.values import parse_texts
from firmdate.errors import Problem

MOST_OF_A_COLUMN = 20
"""Mistakes of one column that are reported one by one; the rest is counted."""


@dataclass(frozen=True)
class _Header:
    columns: dict[str, RawColumn]
    problems: list[Problem]


def type_table(table: Table, raw: RawTable) -> tuple[pd.DataFrame, list[Problem]]:
    """Type every column, fill in defaults, and collect everything that is wrong.

    Args:
        table: The schema of the table.
        raw: The table as its source holds it.

    Returns:
        The frame in schema order, indexed by row label, and the problems in the order of the rows; the frame is to
        be used only when there are none.
    """
    header = _read_header(table, raw)
    if not header.columns:
        return empty_frame(table), [*raw.problems, *header.problems]
    keep = _rows_with_content(raw)
    labels = raw.labels[keep]
    places = Places(raw.file)
    found: list[tuple[int, int, Problem]] = []
    frame: dict[str, pd.Series] = {}
    extra = [name for name in header.columns if name not in table.names]
    for order, name in enumerate([*table.names, *extra]):
        column = table.column(name)
        given = header.columns.get(name)
        cells = RawColumn(np.full(len(labels), -1, dtype=np.intp), []) if given is None else _rows(given, keep)
        frame[name], wrong = _type_column(column, cells, given is not None)
        reported = report(places, name, labels, wrong.rows, wrong.message)
        found.extend((label, order, problem) for label, problem in reported)
    problems = [*raw.problems, *header.problems, *(problem for _, _, problem in sorted(found, key=lambda f: f[:2]))]
    return framed(frame, pd.Index(labels, dtype="int64")), problems


def report(
    places: Places,
    column: str,
    labels: np.ndarray,
    rows: np.ndarray,
    message: Callable[[int], str],
    *,
    warning: bool = False,
) -> list[tuple[int, Problem]]:
    """The first mistakes of a column one by one, the rest as a count.

    Args:
        places: Where the rows of the table came from.
        column: Name of the column.
        labels: Label of each row of the table.
        rows: Positions of the wrong rows, ascending.
        message: What is wrong in the row at a position.
        warning: True when the plan can still be made.

    Returns:
        Label of the row and problem; the count carries the label of the last row that is reported.
    """
    shown = []
    for row in rows[:MOST_OF_A_COLUMN].tolist():
        label = int(labels[row])
        shown.append((label, Problem(places.of(label), column, message(row), warning)))
    more = len(rows) - len(shown)
    if more:
        shown.append((shown[-1][0], Problem(places.file, column, f"and {more:,} more like it", warning)))
    return shown


def _rows(column: RawColumn, keep: np.ndarray) -> RawColumn:
    return column if keep.all() else RawColumn(column.codes[keep], column.texts, column.errors)


def _rows_with_content(raw: RawTable) -> np.ndarray:
    """Rows in which any cell is filled; a spreadsheet often exports empty rows at its end."""
    keep = np.zeros(len(raw.labels), dtype=bool)
    for column in raw.columns:
        keep |= column.codes >= 0
        if keep.all():
            break
    return keep


def _read_header(table: Table, raw: RawTable) -> _Header:
    """The columns that the schema knows, by name, and what is wrong with the header."""
    filled = [
        (name, column)
        for name, column in zip(raw.header, raw.columns, strict=True)
        if name or (column.codes >= 0).any()  # an empty column without a name is a spreadsheet's leftover
    ]
    names = [name for name, _ in filled]
    if not any(table.allows(name) for name in names):
        shown = listed([repr(name) for name in names])
        expected = listed(table.names, most=len(table.names))
        message = f"the first line names no column of this table (got {shown}); expected some of: {expected}"
        return _Header({}, [Problem(raw.file, "", message)])
    columns = {name: column for name, column in filled if table.allows(name)}
    return _Header(columns, _header_problems(table, raw.file, names))


def _header_problems(table: Table, file: str, names: Sequence[str]) -> list[Problem]:
    problems = []
    missing = [name for name in table.names if name not in names]
    meant = set()
    for name, times in Counter(names).items():
        if not name:
            problems.append(Problem(file, "", "a column with values has no name in the header"))
        elif not table.allows(name):
            hint = closest(name, missing)
            meant.add(hint)
            problems.append(Problem(file, name, f"unknown column {got(name)}{_column_hint(table, name, missing)}"))
        elif times > 1:
            problems.append(Problem(file, name, f"the column appears {times} times in the header"))
    problems.extend(
        Problem(file, name, "the column is missing, and it has no default; add it to the header")
        for name in missing
        if table.column(name).required and name not in meant
    )
    return problems


def _column_hint(table: Table, name: str, missing: Sequence[str]) -> str:
    hint = did_you_mean(name, missing)
    if hint:
        return hint
    if table.extra_prefix:
        return f"; a column of your own begins with {table.extra_prefix}, as in {table.extra_prefix}{name}"
    return f"; the columns are: {listed(table.names, most=len(table.names))}"


def _type_column(column: Column, cells: RawColumn, given: bool) -> tuple[pd.Series, _WrongCells]:
    """Values of one column for every row, and the wrong cells."""
    parsed = parse_texts(column, cells.texts)
    wrong = _WrongCells.find(cells, {**parsed.errors, **cells.errors}, column.required and given)
    if column.is_text:
        return pd.Series(_texts(column, cells)), wrong
    values = np.append(parsed.values, _blank_value(column, parsed.values))[cells.codes]
    if column.kind == "integer" and column.never_blank:
        values = np.nan_to_num(values).astype(np.int64)
    return pd.Series(values), wrong


@dataclass(frozen=True)
class _WrongCells:
    rows: np.ndarray
    codes: np.ndarray
    messages: Mapping[int, str]

    @classmethod
    def find(cls, cells: RawColumn, messages: Mapping[int, str], needed: bool) -> _WrongCells:
        """Cells with an error, and blank cells where a value is needed."""
        if needed:
            messages = {**messages, -1: "blank, but a value is needed; fill it in"}
        wrong = np.isin(cells.codes, np.fromiter(messages, dtype=np.intp, count=len(messages)))
        return cls(np.flatnonzero(wrong), cells.codes, messages)

    def message(self, row: int) -> str:
        return self.messages[int(self.codes[row])]


def _blank_value(column: Column, values: np.ndarray) -> np.ndarray:
    if column.kind == "date":
        return np.array(["NaT"], dtype="datetime64[s]")
    if column.kind == "flag" and column.never_blank:
        return np.array([bool(column.default)])
    default = column.default
    dtype = np.float64 if column.kind == "flag" else values.dtype
    return np.array([np.nan if default is None else float(default)], dtype=dtype)


def _texts(column: Column, cells: RawColumn) -> pd.Categorical:
    if column.default is None or not (cells.codes < 0).any():
        return text_categorical(cells.codes, cells.texts)
    texts = list(cells.texts)
    default = str(column.default)
    if default not in texts:
        texts.append(default)
    return text_categorical(np.where(cells.codes < 0, texts.index(default), cells.codes), texts)
