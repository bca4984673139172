"""The planning data in memory: one typed frame a table, and where each row came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import pandas as pd

from firmdate.data.tables import TABLE, TABLES, Table


@dataclass(frozen=True)
class Places:
    """Where the rows of one table came from.

    Args:
        file: File, sheet or database table, as it is shown to the user; blank when the table was not supplied.
        added: Places of rows that were added later, by row label.
    """

    file: str
    added: Mapping[int, str] = field(default_factory=dict)

    def of(self, label: int) -> str:
        """``file:line`` of a row."""
        return self.added.get(label) or f"{self.file}:{label}"


@dataclass(frozen=True)
class PlanningData:
    """All planning tables, typed and complete.

    ``data["lanes"]`` is a frame with every column of the schema in its order (then the ``x_`` columns), defaults
    filled in. Ids, texts and choices are categories of str (blank is NaN; categories sorted), numbers float64,
    integers int64 (float64 with NaN where a blank stays blank), dates datetime64[s], flags bool (float64
    too). The index is the label of the row, unique in the table: the line of the file, the row of the sheet or of the
    database table.

    Args:
        source: Folder, workbook or URL that was read, without a password.
        frames: One frame for every table of the schema, empty where nothing was supplied.
        places: Where the rows of the supplied tables came from, by table name.
    """

    source: str
    frames: Mapping[str, pd.DataFrame]
    places: Mapping[str, Places]

    def __getitem__(self, table: str) -> pd.DataFrame:
        """The frame of a table."""
        return self.frames[table]

    def given(self, table: str) -> bool:
        """True when the source has this table (a scenario's added rows do not count)."""
        return table in self.places and bool(self.places[table].file)

    def complete(self, table: str) -> bool:
        """True when a master table was supplied with rows, so that an id that it lacks is unknown."""
        return self.given(table) and len(self.frames[table]) > 0

    def where(self, table: str, label: int) -> str:
        """``file:line`` of a row, by its label."""
        return self.places[table].of(label) if table in self.places else f"{table}:{label}"

    def file(self, table: str) -> str:
        """The file, sheet or database table; the name of the table when it was not supplied."""
        return self.places[table].file if self.given(table) else table

    def with_table(self, name: str, frame: pd.DataFrame) -> PlanningData:
        """The same data with another frame for one table.

        Args:
            name: Name of the table.
            frame: Typed frame; a row that is kept keeps its label.
        """
        return replace(self, frames={**self.frames, name: frame})

    def with_added_rows(self, name: str, rows: pd.DataFrame, places: Sequence[str]) -> PlanningData:
        """The same data with rows added at the end of one table.

        Args:
            name: Name of the table.
            rows: Typed rows with the columns of the schema; their index is not used.
            places: Where each row came from, such as ``scenario.yaml:17``.
        """
        old = self.frames[name]
        first = int(old.index.max()) + 1 if len(old) else 1
        labels = range(first, first + len(rows))
        frame = concat_typed(TABLE[name], [old, rows.set_axis(pd.Index(labels, dtype="int64"))])
        known = self.places.get(name, Places(""))
        added = {**known.added, **dict(zip(labels, places, strict=True))}
        new_places = {**self.places, name: replace(known, added=added)}
        return replace(self.with_table(name, frame), places=new_places)


def empty_frame(table: Table) -> pd.DataFrame:
    """A frame of the table's columns and types without rows."""
    return _empty_frame(table.name).copy()


@cache
def _empty_frame(name: str) -> pd.DataFrame:
    types = {"number": "float64", "date": "datetime64[s]", "flag": "bool"}
    columns = {}
    for column in TABLE[name].columns:
        if column.is_text:
            columns[column.name] = _blank(0)
        elif column.kind == "integer":
            columns[column.name] = pd.Series(dtype="int64" if column.never_blank else "float64")
        elif column.kind == "flag" and not column.never_blank:
            columns[column.name] = pd.Series(dtype="float64")
        else:
            columns[column.name] = pd.Series(dtype=types[column.kind])
    return framed(columns, pd.Index([], dtype="int64"))


def framed(columns: Mapping[str, pd.Series], index: pd.Index) -> pd.DataFrame:
    """A frame of columns in their order.

    Args:
        columns: Series of one length; their own index is not used.
        index: Label of each row.
    """
    frame = pd.DataFrame(columns)
    frame.columns = pd.Index(columns, dtype=object)  # a column is found twice as fast as among pandas's own texts
    frame.index = index
    return frame


def text_categorical(codes: np.ndarray, texts: Sequence[str]) -> pd.Categorical:
    """A categorical of str whose categories are sorted and all in use.

    Args:
        codes: Position in ``texts`` for every row, -1 for a blank.
        texts: Distinct texts.
    """
    used = np.zeros(len(texts), dtype=bool)
    used[codes[codes >= 0]] = True
    order = sorted(np.flatnonzero(used).tolist(), key=texts.__getitem__)
    rank = np.full(len(texts) + 1, -1, dtype=np.intp)
    rank[order] = np.arange(len(order))
    categories = pd.Index([texts[position] for position in order], dtype="str")
    return pd.Categorical.from_codes(rank[codes], categories=categories, validate=False)


def concat_typed(table: Table, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Frames of one table under each other, with the types of the schema.

    Args:
        table: The table, for its column order and types.
        frames: Typed frames; a column of the user's own may be missing in some and is blank there.
    """
    extra = [name for frame in frames for name in frame.columns if name not in table.names]
    columns = {}
    for name in dict.fromkeys([*table.names, *extra]):
        parts = [frame[name] if name in frame else _blank(len(frame)) for frame in frames]
        if table.column(name).is_text:
            columns[name] = pd.Series(_concat_texts(parts))
        else:
            columns[name] = pd.concat(parts, ignore_index=True)
    return framed(columns, pd.Index(np.concatenate([frame.index.to_numpy() for frame in frames]), dtype="int64"))


def empty_frames() -> dict[str, pd.DataFrame]:
    """A frame without rows for every table of the schema."""
    return {table.name: empty_frame(table) for table in TABLES}


def _blank(rows: int) -> pd.Series:
    return pd.Series(text_categorical(np.full(rows, -1, dtype=np.intp), []))


def _concat_texts(parts: Sequence[pd.Series]) -> pd.Categorical:
    texts: list[str] = []
    codes = []
    for part in parts:
        new = part.cat.codes.to_numpy().astype(np.intp)
        codes.append(np.where(new < 0, -1, new + len(texts)))
        texts.extend(part.cat.categories)
    distinct = list(dict.fromkeys(texts))
    position = {text: place for place, text in enumerate(distinct)}
    merged = np.array([position[text] for text in texts] + [-1], dtype=np.intp)
    return text_categorical(merged[np.concatenate(codes)], distinct)
