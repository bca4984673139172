"""Reading one CSV file: where its records are, how many cells each has, and the cells as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.data.raw import RawColumn, RawTable, distinct_column, object_column, plain_text
from firmdate.data.suggest import counted
from firmdate.data.typed import MOST_OF_A_COLUMN
from firmdate.errors import InputError, Problem

_EMPTY = "the file is empty; its first line must name the columns"
_GUARD = "\x02"
"""First cell of every column: pandas would turn a column of nothing but digits, like 0012, into numbers."""
SMALL = 50_000
"""Bytes up to which Python's csv module is faster: pandas needs a hundredth of a second for any file."""
_COMMA, _NEWLINE, _QUOTE = (np.uint8(ord(character)) for character in ',\n"')


@dataclass(frozen=True)
class _Records:
    """Where the records of a file are.

    Args:
        starts: Offset of the first byte of each record.
        ends: Offset of the line break that ends each record.
        lines: Number of the line on which each record begins.
        cells: Number of cells in each record.
    """

    starts: np.ndarray
    ends: np.ndarray
    lines: np.ndarray
    cells: np.ndarray


def read_csv_table(name: str, file: str, content: bytes) -> RawTable:
    """The columns of a CSV file as text; the label of a row is the line on which it begins.

    Args:
        name: Name of the table.
        file: Name of the file, as shown to the user.
        content: Bytes of the file: UTF-8 with or without byte order mark, any line ends.

    Raises:
        InputError: The bytes are no CSV text in UTF-8, or there is no header.
    """
    content = _clean_text(file, content)
    records = _find_records(content) if len(content) > SMALL else None
    if records is None:
        return _read_records(name, file, content.decode())
    filled = records.ends > records.starts
    if not filled.any():
        raise InputError(Problem(file, "", _EMPTY))
    first = int(np.argmax(filled))
    header_text = content[records.starts[first] : records.ends[first]].decode()
    header = _split_header(file, next(csv.reader(io.StringIO(header_text, newline=""))))
    body = _Records(*(part[first + 1 :] for part in (records.starts, records.ends, records.lines, records.cells)))
    ragged = (body.cells != len(header)) & (body.ends > body.starts)
    ragged[ragged] = [content[body.starts[row] : body.ends[row]].strip() != b"" for row in np.flatnonzero(ragged)]
    problems = _ragged_problems(file, body.lines[ragged], body.cells[ragged], len(header))
    columns = _parse_body(content, body, ragged, len(header))
    return RawTable(name, file, header, columns, body.lines[~ragged], problems)


def _clean_text(file: str, content: bytes) -> bytes:
    """Bytes in UTF-8 with plain line ends and one at the end, or an error."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in content:
        message = f"not a text file in UTF-8 (a zero byte on {_line_of(content, content.index(0))})"
        raise InputError(Problem(file, "", message + "; save it as CSV UTF-8"))
    try:
        content.decode()
    except UnicodeDecodeError as error:
        message = f"not UTF-8 (byte 0x{content[error.start]:02x} on {_line_of(content, error.start)})"
        raise InputError(Problem(file, "", message + "; save it as CSV UTF-8")) from None
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return content if content.endswith(b"\n") else content + b"\n"


def _line_of(content: bytes, offset: int) -> str:
    return f"line {content.count(10, 0, offset) + 1}"


def _find_records(content: bytes) -> _Records | None:
    """Where the records are, or None when quotes are used in a way that needs a look at every character."""
    buffer = np.frombuffer(content, dtype=np.uint8)
    separator = (buffer == _COMMA) | (buffer == _NEWLINE)
    quoted = b'"' in content
    if quoted:
        quote = buffer == _QUOTE
        inside = np.bitwise_xor.accumulate(quote.view(np.uint8)).view(bool)
        if inside[-1] or not _quotes_enclose_cells(buffer, quote, inside):
            return None
        separator &= ~inside
    separators = np.flatnonzero(separator)
    last_cells = np.flatnonzero(buffer[separators] == _NEWLINE)
    cells = np.diff(last_cells, prepend=-1)
    ends = separators[last_cells]
    starts = np.append(0, ends[:-1] + 1)
    lines = np.arange(1, len(ends) + 1)
    if quoted:
        lines = np.searchsorted(np.flatnonzero(buffer == _NEWLINE), starts) + 1
    return _Records(starts, ends, lines, cells)


def _quotes_enclose_cells(buffer: np.ndarray, quote: np.ndarray, inside: np.ndarray) -> bool:
    """True when every quoted part begins and ends where a cell does (a doubled quote inside counts as none)."""
    quotes = np.flatnonzero(quote)
    opening = quotes[inside[quotes]]
    closing = quotes[~inside[quotes]]
    before = np.where(opening > 0, buffer[opening - 1], _NEWLINE)
    after = buffer[closing + 1]  # the text ends with a line break, so a quote is never the last byte
    separators = (_COMMA, _NEWLINE, _QUOTE)
    return bool(np.isin(before, separators).all() and np.isin(after, separators).all())


def _split_header(file: str, cells: Sequence[str]) -> list[str]:
    header = [plain_text(cell) for cell in cells]
    if len(header) == 1:
        for separator, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if separator in header[0]:
                message = f"the cells are separated by {word}; save the file with commas as separators"
                raise InputError(Problem(file, "", message))
    return header


def _ragged_problems(file: str, lines: np.ndarray, cells: np.ndarray, expected: int) -> tuple[Problem, ...]:
    problems = [
        Problem(
            f"{file}:{line}",
            "",
            f"{counted(int(found), 'cell')}, but the header has {counted(expected, 'column')}; "
            "quote a cell that holds a comma",
        )
        for line, found in zip(lines[:MOST_OF_A_COLUMN], cells[:MOST_OF_A_COLUMN], strict=True)
    ]
    if len(lines) > len(problems):
        problems.append(Problem(file, "", f"and {len(lines) - len(problems):,} more like it"))
    return tuple(problems)


def _parse_body(content: bytes, body: _Records, ragged: np.ndarray, width: int) -> list[RawColumn]:
    """The cells of all records that are not ragged."""
    if ragged.all():
        return [RawColumn(np.empty(0, dtype=np.intp), []) for _ in range(width)]
    if ragged.any():
        buffer = np.frombuffer(content, dtype=np.uint8)[body.starts[0] :]
        text = buffer[np.repeat(~ragged, body.ends - body.starts + 1)].tobytes()
    else:
        text = content[body.starts[0] :]
    guard = ",".join([_GUARD] * width) + "\n"
    frame = pd.read_csv(
        io.BytesIO(guard.encode() + text),
        header=None,
        names=list(range(width)),
        index_col=False,
        dtype="category",
        na_filter=False,
        low_memory=False,
        skip_blank_lines=False,
    )
    return [_text_column(frame[place]) for place in range(width)]


def _text_column(series: pd.Series) -> RawColumn:
    codes = series.cat.codes.to_numpy()
    texts = series.cat.categories.tolist()
    kept = np.array([text != "" for text in texts])
    kept[codes[0]] = False  # the guard
    place = np.where(kept, np.cumsum(kept) - 1, -1)
    return distinct_column(place[codes[1:]], [text for text, keep in zip(texts, kept.tolist(), strict=True) if keep])


def _read_records(name: str, file: str, text: str) -> RawTable:
    """The same by Python's csv module, for small files and for quotes that do not enclose whole cells."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        rule = "quotes enclose a whole cell, and a quote inside is doubled"
        message = f"the row that begins here cannot be split into cells ({error}); {rule}"
        raise InputError(Problem(f"{file}:{line}", "", message)) from None
    if not rows:
        raise InputError(Problem(file, "", _EMPTY))
    header = _split_header(file, rows[0])
    good = [place for place in range(1, len(rows)) if len(rows[place]) == len(header)]
    ragged = [place for place in range(1, len(rows)) if len(rows[place]) != len(header)]
    wrong = np.array([lines[place] for place in ragged], dtype=np.int64)
    problems = _ragged_problems(file, wrong, np.array([len(rows[place]) for place in ragged]), len(header))
    columns = [object_column([rows[place][cell] for place in good]) for cell in range(len(header))]
    return RawTable(name, file, header, columns, np.array([lines[place] for place in good], dtype=np.int64), problems)
