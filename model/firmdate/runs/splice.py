"""CSV tables of a new run from the rows of an earlier one and a few fresh rows, copied as they stand."""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from firmdate.network.horizon import BoolArray, IntArray
from firmdate.plan.result import PLAN_TABLES
from firmdate.plan.union import SORT_KEYS
from firmdate.runs.table_files import DATES

Key = tuple[str | int, ...]
_LAST = "\U0010ffff"


class SpliceError(Exception):
    """A table cannot be taken over: it is not what was written, or its rows are not lines."""


@dataclass(frozen=True)
class TableRows:
    """The rows of a CSV table as bytes.

    Args:
        content: The whole file.
        start: Position of every row; then the size of the file.
        part: Per row: its part.
    """

    content: bytes
    start: IntArray
    part: IntArray

    def __len__(self) -> int:
        return len(self.part)

    def row(self, number: int) -> bytes:
        """One row with its end of line."""
        return self.content[self.start[number] : self.start[number + 1]]


def read_rows(path: Path, part: IntArray) -> TableRows:
    """The rows of a table that was written with one line a row.

    Raises:
        SpliceError: if there are other rows than the parts say.
    """
    content = path.read_bytes()
    ends = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == ord("\n")) + 1
    if len(ends) != len(part) + 1 or ends[-1] != len(content):
        raise SpliceError(f"{path.name} has other rows than were written")
    return TableRows(content, ends, part)


@dataclass(frozen=True)
class Spliced:
    """Rows of an earlier run and fresh ones in their order.

    Args:
        kept: Rows of the earlier run that are kept.
        before: Per fresh row: how many of the kept rows come before it.
    """

    kept: IntArray
    before: IntArray

    def new_rows(self, old: int) -> tuple[IntArray, IntArray]:
        """Row in the new table of every old row (-1 for those that are not kept) and of every fresh row.

        Args:
            old: Rows of the old table.
        """
        fresh = self.before + np.arange(len(self.before))
        row = np.full(old, -1)
        row[self.kept] = np.arange(len(self.kept)) + np.searchsorted(self.before, np.arange(len(self.kept)), "right")
        return row, fresh


def splice(table: str, old: TableRows, keep: BoolArray, fresh: TableRows) -> Spliced:
    """Where fresh rows belong among the rows that are kept, both being sorted.

    Args:
        table: Name of the table.
        old: Rows of the earlier run.
        keep: Per row: whether it is kept.
        fresh: Rows that replace the others.
    """
    key, kept = row_key(table), np.flatnonzero(keep)
    before = np.zeros(len(fresh), dtype=np.int64)
    at = 0
    for number in range(len(fresh)):
        own = key(fresh.row(number))
        if at < len(kept) and key(old.row(int(kept[at]))) < own:
            at = bisect_left(kept, own, lo=at + 1, key=lambda row: key(old.row(int(row))))
        before[number] = at
    return Spliced(kept, before)


def row_key(table: str) -> Callable[[bytes], Key]:
    """What the rows of a table are sorted by."""
    if table == "chains":
        return lambda row: (int(row[: row.index(b",")]),)
    columns = PLAN_TABLES[table]
    places = [(columns.index(name), _LAST if name in DATES else "") for name in SORT_KEYS[table]]

    def key(row: bytes) -> Key:
        fields = fields_of(row)
        return tuple(fields[at] or blank for at, blank in places)

    return key


def fields_of(row: bytes) -> list[str]:
    """The fields of a row."""
    text = row.decode("utf-8").rstrip("\n")
    return next(csv.reader([text])) if '"' in text else text.split(",")


def write_spliced(path: Path, old: TableRows, fresh: TableRows, spliced: Spliced) -> None:
    """Write the rows that are kept and the fresh ones, in as few pieces as possible.

    Raises:
        OSError: if the file cannot be written.
    """
    with path.open("wb") as file:
        file.write(fresh.content[: fresh.start[0]])
        file.writelines(_pieces(old, fresh, spliced))


def _pieces(old: TableRows, fresh: TableRows, spliced: Spliced) -> Iterator[memoryview]:
    content, own, kept = memoryview(old.content), memoryview(fresh.content), spliced.kept
    breaks = np.flatnonzero(np.diff(kept) != 1) + 1
    cuts = np.unique(np.concatenate([[0], breaks, spliced.before, [len(kept)]]))
    given = np.searchsorted(spliced.before, cuts, side="right")
    written = 0
    for cut, until, end in zip(cuts.tolist(), given.tolist(), [*cuts[1:].tolist(), len(kept)], strict=True):
        if until > written:
            yield own[fresh.start[written] : fresh.start[until]]
            written = until
        if end > cut:
            yield content[old.start[kept[cut]] : old.start[kept[end - 1] + 1]]


def renumbered(table: str, rows: TableRows, columns: Sequence[tuple[str, IntArray]], keep: BoolArray) -> TableRows:
    """The rows with other numbers in some columns.

    Args:
        table: Name of the table.
        rows: Rows.
        columns: Names of columns of numbers from 1 on, and per old number the new one (0 is not used).
        keep: Per row: whether it is needed; the others are left as they are.
    """
    places = [(PLAN_TABLES[table].index(name), number) for name, number in columns]
    depth = max(at for at, _ in places) + 1
    moved = keep & _moves(rows, places)
    lines: list[bytes] = []
    length, written = np.diff(rows.start), int(rows.start[0])
    for row in np.flatnonzero(moved).tolist():
        text = rows.row(row)
        quoted = b'"' in text
        fields = text.split(b",", depth) if not quoted else [_quoted(field) for field in fields_of(text)]
        for at, new in places:
            fields[at] = b"%d" % new[int(fields[at])]
        line = b",".join(fields) + (b"\n" if quoted else b"")
        lines += [rows.content[written : rows.start[row]], line]
        written, length[row] = int(rows.start[row + 1]), len(line)
    start = np.concatenate([[0], np.cumsum(length)]).astype(np.int64) + int(rows.start[0])
    head = rows.content[: rows.start[0]]
    return TableRows(b"".join([head, *lines, rows.content[written:]]), start, rows.part)


def _moves(rows: TableRows, places: Sequence[tuple[int, IntArray]]) -> BoolArray:
    """Rows in which one of the numbers changes, as far as that is seen without a look at quotes: else all."""
    if b'"' in rows.content or not len(rows):
        return np.ones(len(rows), dtype=bool)
    text = np.frombuffer(rows.content, dtype=np.uint8)
    commas = np.flatnonzero(text == ord(","))
    first, moves = np.searchsorted(commas, rows.start[:-1]), np.zeros(len(rows), dtype=bool)
    for at, new in places:
        begin = commas[first + at - 1] + 1 if at else rows.start[:-1]
        end, old = commas[first + at], np.zeros(len(rows), dtype=np.int64)
        for digit in range(int((end - begin).max())):
            inside = begin + digit < end
            old[inside] = 10 * old[inside] + text[begin[inside] + digit] - ord("0")
        moves |= new[old] != old
    return moves


def _quoted(field: str) -> bytes:
    """A field as the writer of CSV files writes it."""
    special = any(sign in field for sign in ',"\r\n')
    return (f'"{field.replace(chr(34), chr(34) * 2)}"' if special else field).encode("utf-8")
