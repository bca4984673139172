"""A table as its source holds it: columns of text, before the schema types them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from firmdate.data.values import Unreadable, cell_text
from firmdate.errors import Problem


@dataclass(frozen=True)
class RawColumn:
    """One column as distinct texts and the position of each row's text in them.

    Args:
        codes: Position in ``texts``, shape (rows,); -1 for a blank.
        texts: Distinct texts without surrounding blanks.
        errors: What is wrong with a text already, by position.
    """

    codes: np.ndarray
    texts: Sequence[str]
    errors: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RawTable:
    """One table before typing.

    Args:
        name: Name of the table in the schema.
        file: File, sheet or database table, as shown to the user.
        header: Headers in the order of the source; a blank one has no name.
        columns: One column a header.
        labels: Label of each row, shape (rows,).
        problems: What is wrong already, such as rows with too many cells.
    """

    name: str
    file: str
    header: Sequence[str]
    columns: Sequence[RawColumn]
    labels: np.ndarray
    problems: tuple[Problem, ...] = ()


Reader = Callable[[], RawTable]
"""Reads one table, or raises InputError."""


_UNSEEN = {"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\ufeff": "", "\u200b": "", "\u2060": ""}
"""Characters that look like a blank or like nothing, as spreadsheets and web pages leave them in texts."""
_TO_PLAIN = str.maketrans(_UNSEEN)


def plain_text(text: str) -> str:
    """A text without blanks around it and without characters that nobody sees: two that look alike are the same id.

    >>> plain_text("\ufeffPUMP\u00a01 ")
    'PUMP 1'
    """
    return (text if text.isascii() else text.translate(_TO_PLAIN)).strip()


def _all_plain(texts: Sequence[str]) -> bool:
    """True when nothing is to be removed from texts that are distinct, as is nearly always so; quick to see."""
    joined = "\0" + "\0".join(texts) + "\0"
    odd = (" \0", "\0 ", "\0\0", *"\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f")
    return joined.isascii() and not any(sign in joined for sign in odd) and len(set(texts)) == len(texts)


def distinct_column(codes: np.ndarray, texts: Sequence[str], errors: Mapping[int, str] | None = None) -> RawColumn:
    """A column of distinct texts with surrounding blanks removed, blank texts and repetitions merged.

    Args:
        codes: Position in ``texts``, shape (rows,); -1 for a blank.
        texts: Texts; two that differ in surrounding blanks only become one.
        errors: What is wrong with a text, by position.
    """
    errors = errors or {}
    if not errors and _all_plain(texts):
        return RawColumn(codes.astype(np.intp), texts)
    stripped = [plain_text(text) for text in texts]
    places: dict[str, int] = {}
    for text in stripped:
        if text:
            places.setdefault(text, len(places))
    if len(places) == len(texts) and not errors:
        return RawColumn(codes.astype(np.intp), stripped)
    names = list(places)
    target = np.array([places.get(text, -1) for text in stripped] + [-1], dtype=np.intp)
    for position in errors:
        target[position] = len(names)
        names.append(f"\0{position}")  # never shown, only different from every other
    moved = {int(target[position]): message for position, message in errors.items()}
    return RawColumn(target[codes], names, moved)


class CellCollector:
    """Takes the typed cells of one column part by part and keeps each distinct value once."""

    def __init__(self) -> None:
        self._places: dict[object, int] = {None: -1}
        self._codes: list[np.ndarray] = []

    def add(self, cells: Sequence[object]) -> None:
        """Take more cells; None is a blank."""
        places = self._places
        try:
            for cell in dict.fromkeys(cells):
                places.setdefault(cell, len(places) - 1)
            codes = np.fromiter(map(places.__getitem__, cells), dtype=np.intp, count=len(cells))
        except (TypeError, ValueError):  # lists, buffers and the like cannot be told apart by a dictionary
            self.add([_hashable(cell) for cell in cells])
            return
        self._codes.append(codes)

    def column(self) -> RawColumn:
        """All cells that were taken; a NaN is an error."""
        codes = np.concatenate([np.empty(0, dtype=np.intp), *self._codes])
        return typed_column(codes, list(self._places)[1:])


def _hashable(cell: object) -> object:
    try:
        hash(cell)
    except (TypeError, ValueError):
        return Unreadable(type(cell).__name__, str(cell))
    return cell


def object_column(cells: Sequence[object]) -> RawColumn:
    """A column from typed cells; None is blank, a NaN is an error.

    Args:
        cells: Cells of any type, shape (rows,).
    """
    collector = CellCollector()
    collector.add(cells)
    return collector.column()


def typed_column(codes: np.ndarray, values: Sequence[object]) -> RawColumn:
    """A column from distinct typed values.

    Args:
        codes: Position in ``values``, shape (rows,); -1 for a blank.
        values: Distinct values of any type.
    """
    texts = []
    errors = {}
    for position, value in enumerate(values):
        try:
            texts.append(cell_text(value))
        except ValueError as error:
            errors[position] = str(error)
            texts.append("")
    return distinct_column(codes, texts, errors)


def frame_column(series: pd.Series) -> RawColumn:
    """A column of a frame that a user made; None, NaN and NaT are blank, as pandas has no other blank."""
    if series.dtype == object:
        return object_column([None if missing else cell for cell, missing in zip(series, series.isna(), strict=True)])
    codes, values = pd.factorize(series)
    return typed_column(np.asarray(codes), list(values))
