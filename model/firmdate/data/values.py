"""From the texts of a column to its values. Only distinct texts come here, so a loop over them is cheap."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import numpy as np

from firmdate.data.columns import Column, Value
from firmdate.data.suggest import did_you_mean, got

LARGEST_INTEGER = 2**31 - 1

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](.+))?", re.ASCII)
_MIDNIGHT = re.compile(r"00:00(:00(\.0+)?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Parsed:
    """Values of distinct texts, and what is wrong with some of them.

    Args:
        values: One value a text (float64, datetime64[s] or bool); meaningless where there is an error.
        errors: Message by position.
    """

    values: np.ndarray
    errors: dict[int, str]


@dataclass(frozen=True)
class Unreadable:
    """A cell that holds a list or the like: it stands for the cell, which could not be a key of a dictionary."""

    kind: str
    text: str

    def __str__(self) -> str:
        return self.text


def parse_value(column: Column, text: str) -> Value | dt.date:
    """One cell as a value of its column's kind.

    Args:
        column: The column, for its kind and choices.
        text: The cell, without surrounding blanks and not blank.

    Returns:
        str for id, text and choice; float for number; int for integer; date for date; bool for flag.

    Raises:
        ValueError: The text is no such value; the message says what is expected and what was given.
    """
    return _PARSERS[column.kind](column, text)


def parse_texts(column: Column, texts: Sequence[str]) -> Parsed:
    """Distinct cells of one column as values; errors of all of them at once.

    Args:
        column: The column, for its kind and choices.
        texts: Distinct cells, without surrounding blanks and not blank.
    """
    if column.kind in ("number", "integer"):
        quick = _plain_numbers(column, texts)
        if quick is not None:
            return Parsed(quick, {})
    if column.kind in ("id", "text") and "".join(texts).isprintable():
        return Parsed(np.arange(len(texts)), {})
    values: list[Value | dt.date | None] = []
    errors: dict[int, str] = {}
    for position, text in enumerate(texts):
        try:
            values.append(parse_value(column, text))
        except ValueError as error:
            errors[position] = str(error)
            values.append(None)
    return Parsed(_as_array(column, values), errors)


def cell_text(value: object) -> str:
    """The text of a typed cell of a workbook, a database, a Parquet file or a frame.

    Whole numbers have no decimal point, a timestamp at midnight is a date.

    Raises:
        ValueError: A cell of this type, or this number, cannot be read.

    >>> cell_text(12.0), cell_text(True), cell_text(dt.datetime(2021, 1, 4)), cell_text(dt.time(12, 30))
    ('12', 'TRUE', '2021-01-04', '12:30')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, np.bool_)):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating, Decimal)):
        return _number_text(value if isinstance(value, Decimal) else float(value))
    return _other_text(value)


def _number_text(value: float | Decimal) -> str:
    if not math.isfinite(value):
        raise ValueError(f"not a finite number {got(value)}; leave it blank where nothing is meant")
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)


def _other_text(value: object) -> str:
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time() and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return value.isoformat("auto" if value.second or value.microsecond else "minutes")
    if isinstance(value, UUID):
        return str(value)
    kind = value.kind if isinstance(value, Unreadable) else type(value).__name__
    raise ValueError(f"a cell of type {kind} cannot be read {got(value)}; turn it into text")


def _plain_numbers(column: Column, texts: Sequence[str]) -> np.ndarray | None:
    """All texts as numbers at once, or None when one of them needs a closer look."""
    joined = "".join(texts)
    if "_" in joined or not joined.isascii():  # float() would accept 1_000 and digits of other scripts
        return None
    try:
        values = np.fromiter(map(float, texts), dtype=np.float64, count=len(texts))
    except ValueError:
        return None
    if not np.isfinite(values).all():
        return None
    if column.kind == "integer" and ((values != np.rint(values)) | (np.abs(values) > LARGEST_INTEGER)).any():
        return None
    return values + 0.0  # no negative zero


def _as_array(column: Column, values: Sequence[Value | dt.date | None]) -> np.ndarray:
    if column.kind == "date":
        return np.array(values, dtype="datetime64[s]")
    if column.kind == "flag":
        return np.array(values, dtype=bool)
    if column.is_text:
        return np.arange(len(values))
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)


def _parse_text(_: Column, text: str) -> str:
    if not text.isprintable() and any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError(f"a line break, tab or control character inside a cell {got(text)}; remove it")
    return text


def _parse_choice(column: Column, text: str) -> str:
    if text not in column.choices:
        hint = did_you_mean(text, column.choices) or f"; choose one of: {', '.join(column.choices)}"
        raise ValueError(f"not an allowed value {got(text)}{hint}")
    return text


def _parse_number(_: Column, text: str) -> float:
    if _NUMBER.fullmatch(text):
        value = float(text)
        if math.isinf(value):
            raise ValueError(f"number too large {got(text)}; check its unit")
        return value + 0.0
    if text.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        raise ValueError(f"not a finite number {got(text)}; leave it blank where nothing is meant")
    if re.fullmatch(r"[+-]?\d+,\d+", text, re.ASCII):
        raise ValueError(f"not a number {got(text)}; write it with a decimal point and no thousands separator")
    if re.fullmatch(r"[+-]?[\d.,' ]+", text, re.ASCII):
        raise ValueError(f"not a number {got(text)}; write it without thousands separators, with a decimal point")
    raise ValueError(f"not a number {got(text)}; write digits, such as 12 or 12.5")


def _parse_integer(column: Column, text: str) -> int:
    value = _parse_number(column, text)
    if value != round(value):
        raise ValueError(f"not a whole number {got(text)}; write it without a fraction, such as 12")
    if abs(value) > LARGEST_INTEGER:
        raise ValueError(f"number too large {got(text)}; check its unit")
    return round(value)


def _parse_date(_: Column, text: str) -> dt.date:
    match = _DATE.fullmatch(text)
    if not match:
        raise ValueError(f"not a date {got(text)}; write it as YYYY-MM-DD")
    if match[2] and not _MIDNIGHT.fullmatch(match[2]):
        raise ValueError(f"not a date {got(text)}; write it as YYYY-MM-DD without a time of day")
    try:
        return dt.date.fromisoformat(match[1])
    except ValueError:
        raise ValueError(f"no such day {got(text)}; check month and day, as in YYYY-MM-DD") from None


def _parse_flag(_: Column, text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise ValueError(f"not true or false {got(text)}; write true, false, yes, no, 1 or 0")
    return _FLAGS[text.lower()]


_PARSERS: dict[str, Callable[[Column, str], Value | dt.date]] = {
    "id": _parse_text,
    "text": _parse_text,
    "choice": _parse_choice,
    "number": _parse_number,
    "integer": _parse_integer,
    "date": _parse_date,
    "flag": _parse_flag,
}
