"""One planning table while a scenario's changes are applied to it: plain arrays, edited in place.

Texts are held as codes, so that a change costs a comparison of integers and not of texts. Rows that are dropped are
only marked, and rows that are added are collected until the next change needs them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from firmdate.data.columns import Column, Table
from firmdate.data.planning_data import framed, text_categorical
from firmdate.data.values import cell_text, parse_value
from firmdate.scenario.change_check import number_text

NEVER = -1
"""Number of the change that made something, where no change did."""


@dataclass
class TextCodes:
    """The distinct texts of a column, and the code of each."""

    texts: list[str]
    codes: dict[str, int]

    def code(self, text: str) -> int:
        """Code of a text, a new one where it is new; -1 for a blank."""
        if not text:
            return -1
        known = self.codes.setdefault(text, len(self.texts))
        if known == len(self.texts):
            self.texts.append(text)
        return known


@dataclass
class EditedTable:
    """A table that is being changed.

    Args:
        table: Its schema.
        frame: Its rows before the first change, shape (rows, columns).
    """

    table: Table
    frame: pd.DataFrame
    changed: set[str] = field(default_factory=set)
    times_changed: dict[str, np.ndarray] = field(default_factory=dict)
    _arrays: dict[str, np.ndarray] = field(default_factory=dict)
    _texts: dict[str, TextCodes] = field(default_factory=dict)
    _before: dict[str, np.ndarray] = field(default_factory=dict)
    _waiting: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Nothing is changed, dropped or added yet."""
        rows = len(self.frame)
        self.alive = np.ones(rows, dtype=bool)
        self.added_by = np.full(rows, NEVER, dtype=np.int64)
        self.last_change = np.full(rows, NEVER, dtype=np.int64)
        self.key_change = np.full(rows, NEVER, dtype=np.int64)

    @property
    def names(self) -> list[str]:
        """Names of all columns of the frame."""
        return list(self.frame.columns)

    @property
    def added(self) -> int:
        """Number of rows that were added, also those that were dropped again."""
        return len(self.alive) - len(self.frame)

    def find(self, column: Column, wanted: Sequence[str], rows: np.ndarray | None = None) -> np.ndarray:
        """Positions of the rows that have one of the values in a column.

        Args:
            column: The column.
            wanted: Texts that its kind can read; the empty text matches a blank.
            rows: Positions to look at; all that are there when None.
        """
        if rows is not None:
            found: np.ndarray = rows[self._matches(column, wanted, rows)]
            return found
        return np.flatnonzero(self._matches(column, wanted) & self.alive)

    def _matches(self, column: Column, wanted: Sequence[str], rows: np.ndarray | None = None) -> np.ndarray:
        values = self.array(column.name)
        if rows is not None:
            values = values[rows]
        texts = [text for text in wanted if text]
        if column.is_text:
            codes = self._texts[column.name].codes
            found = [codes[text] for text in texts if text in codes]
            return _is_one_of(values, [*found, -1] if len(texts) < len(wanted) else found)
        mask = _is_one_of(values, [_numpy_value(column, text) for text in texts])
        if len(texts) < len(wanted):
            mask |= np.isnat(values) if column.kind == "date" else np.isnan(values.astype(np.float64))
        return mask

    def array(self, name: str) -> np.ndarray:
        """Values of a column, codes for texts; to be changed by :meth:`put` only."""
        self._add_waiting()
        if name not in self._arrays:
            values = self.frame[name]
            if self.table.column(name).is_text:
                texts = values.cat.categories.tolist()
                self._texts[name] = TextCodes(texts, {text: code for code, text in enumerate(texts)})
                self._arrays[name] = values.cat.codes.to_numpy().astype(np.int32)
            else:
                self._arrays[name] = values.to_numpy(copy=True)
        return self._arrays[name]

    def texts_of(self, name: str) -> list[str]:
        """The distinct texts of a column, used or not."""
        self.array(name)
        return self._texts[name].texts

    def put(self, change: int, name: str, rows: np.ndarray, values: object) -> None:
        """Change cells.

        Args:
            change: Number of the change.
            name: Name of the column.
            rows: Positions of the rows.
            values: New value or values, as :meth:`array` holds them.
        """
        array = self.array(name)
        if name not in self._before:
            self._before[name] = array.copy()
            self.times_changed[name] = np.zeros(len(array), dtype=np.int32)
        array[rows] = values
        self.changed.add(name)
        self.times_changed[name][rows] += 1
        self.last_change[rows] = change
        if name in self.table.keys:
            self.key_change[rows] = change

    def value(self, name: str, text: str) -> object:
        """A text as :meth:`array` holds it; a blank takes the default of the column.

        Args:
            name: Name of the column.
            text: Text that its kind can read, or the empty text.
        """
        column = self.table.column(name)
        if not text and column.default is not None:
            text = cell_text(column.default)
        if column.is_text:
            self.array(name)
            return self._texts[name].code(text)
        return _numpy_value(column, text)

    def rows(self) -> np.ndarray:
        """Positions of the rows that are there."""
        self._add_waiting()
        return np.flatnonzero(self.alive)

    def drop(self, rows: np.ndarray) -> None:
        """Remove rows by position."""
        self.alive[rows] = False

    def add(self, change: int, row: Mapping[str, str]) -> None:
        """Add a row.

        Args:
            change: Number of the change.
            row: Text by column; a column that is not there is blank.
        """
        self._waiting.append((change, row))

    def finish(self) -> pd.DataFrame:
        """The typed frame after all changes."""
        keep = self.rows()
        same_rows = len(keep) == len(self.frame) and not self.added
        columns = {}
        for name in self.names:
            if same_rows and name not in self.changed:
                columns[name] = self.frame[name].reset_index(drop=True)
            elif self.table.column(name).is_text:
                codes = self.array(name)[keep]
                columns[name] = pd.Series(text_categorical(codes, self._texts[name].texts))
            else:
                columns[name] = pd.Series(self.array(name)[keep])
        return framed(columns, pd.Index(self.labels()[keep], dtype="int64"))

    def labels(self) -> np.ndarray:
        """Label of every position; added rows have labels above those that were there."""
        first = int(self.frame.index.max()) + 1 if len(self.frame) else 1
        return np.concatenate([self.frame.index.to_numpy(), np.arange(first, first + self.added)])

    def cells(self, name: str, rows: np.ndarray, *, before: bool = False) -> np.ndarray:
        """Cells as text.

        Args:
            name: Name of the column.
            rows: Positions of the rows.
            before: True for the value before the first change of the cell.
        """
        array = self.array(name)
        values = (self._before.get(name, array) if before else array)[rows]
        if self.table.column(name).is_text:
            codes, texts = values, self._texts[name].texts
        else:
            codes, distinct = pd.factorize(values)
            texts = [_cell(value) for value in distinct.tolist()]
        cells: np.ndarray = np.array([*texts, ""], dtype=object)[codes]
        return cells

    def _add_waiting(self) -> None:
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        changes = np.array([change for change, _ in waiting], dtype=np.int64)
        self.alive = np.append(self.alive, np.ones(len(waiting), dtype=bool))
        self.added_by = np.append(self.added_by, changes)
        self.last_change = np.append(self.last_change, np.full(len(waiting), NEVER, dtype=np.int64))
        self.key_change = np.append(self.key_change, changes)
        for name in self.names:
            old = self.array(name)
            new = [self.value(name, row.get(name, "")) for _, row in waiting]
            more = np.array(new, dtype=old.dtype)
            self._arrays[name] = np.concatenate([old, more])
            if name in self._before:
                self._before[name] = np.concatenate([self._before[name], more])
                self.times_changed[name] = np.append(self.times_changed[name], np.zeros(len(more), dtype=np.int32))


def _is_one_of(values: np.ndarray, wanted: Sequence[object]) -> np.ndarray:
    if len(wanted) == 1:
        return np.asarray(values == wanted[0])
    return np.isin(values, np.array(wanted, dtype=values.dtype))


def _numpy_value(column: Column, text: str) -> object:
    """A text as an element of the column's array; NaN or NaT for a blank."""
    if column.kind == "date":
        return np.datetime64(parse_value(column, text) if text else "NaT", "s")  # type: ignore[call-overload]
    return parse_value(column, text) if text else np.nan


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, float) else cell_text(value)
