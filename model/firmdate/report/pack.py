"""Order lines as a small piece of text that the script of a page unpacks: columns, not rows, and compressed."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from firmdate.report.line_texts import shortened
from firmdate.report.rows import coded, has_text

MOST_CHARACTERS = 4_200_000
"""A page stays below 5 MB: what goes beyond is left out, from the end."""
MOST_LINES = 300_000
"""More lines are not tried: they would not fit, or a browser would be slow with them."""
_LEVEL = 5
"""Of compression: 6 takes twice as long for 3 % less."""
_SMALLEST_DAY = np.datetime64("1970-01-01", "D")


@dataclass(frozen=True)
class Field:
    """A column of the table of lines.

    Args:
        key: Name of the column in the frame.
        head: What people call it.
        kind: ``text``, ``number``, ``signed`` (a change), ``date`` or ``word`` (one of few, with a colour).
        place: ``table`` (a column of the table), ``detail`` (below an opened line), ``reason`` (a paragraph there),
            ``more`` (the same, but not searched).
        chosen: True where people may choose one value to filter by.
        names: Columns whose texts occur in this one and are not repeated there.
        narrow: False for a column that moves into the opened line where there is little room.
        since: A date column from which the days are counted.
        product: Number columns; where this one is their product, it is not repeated.
        short: The column that holds this one already with control characters in place of ``names``; blank for none.
        shared: Columns that decide what this one says: it stands once for all lines that have the same there.
    """

    key: str
    head: str
    kind: str = "text"
    place: str = "table"
    chosen: bool = False
    short: str = ""
    narrow: bool = True
    names: tuple[str, ...] = ()
    since: str = ""
    product: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pack:
    """Packed lines.

    Args:
        text: What the script unpacks: base64 of gzip of JSON.
        lines: How many lines are in it.
        left_out: How many are not.
    """

    text: str
    lines: int
    left_out: int


@dataclass(frozen=True)
class Attached:
    """Further rows that belong to a line, such as its deliveries.

    Args:
        title: What they are.
        frame: The rows.
        heads: Columns of the frame that are shown, and their heads.
        line: Of each row the position of its line; None where rows belong to all lines of their item and location.
    """

    title: str
    frame: pd.DataFrame
    heads: Mapping[str, str]
    line: np.ndarray | None = None


def used_fields(fields: Sequence[Field], lines: pd.DataFrame) -> tuple[Field, ...]:
    """The columns without those texts that are blank in all lines and that no other column needs."""
    needed = {name for one in fields for name in (*one.names, *one.shared)} | {"item", "location"}
    return tuple(one for one in fields if one.kind != "text" or one.key in needed or has_text(lines[one.key]))


def pack_lines(
    lines: pd.DataFrame,
    fields: Sequence[Field],
    attached: Sequence[Attached] = (),
    most: int = MOST_CHARACTERS,
    command: str = "",
) -> Pack:
    """Pack lines for a page.

    Args:
        lines: The lines, what matters first.
        fields: Columns that are packed.
        attached: What belongs to them.
        most: Characters that the text may have; lines beyond are left out.
        command: What explains a line on the terminal, when its name is added; blank for none.
    """

    def packed(count: int) -> str:
        return _packed(lines, fields, attached, count, command)

    count = min(len(lines), MOST_LINES)
    text = packed(count)
    while len(text) > most and count:
        count = min(int(count * most / len(text) * 0.97), count - 1)
        text = packed(count)
    return Pack(text, count, len(lines) - count)


def _packed(
    lines: pd.DataFrame, fields: Sequence[Field], attached: Sequence[Attached], count: int, command: str
) -> str:
    kept = lines.iloc[:count]
    content = {
        "n": count,
        "command": command,
        "fields": [asdict(one) for one in fields],
        "columns": [_field(kept, one) for one in fields],
        "attached": [_attached(one, kept) for one in attached],
    }
    return base64.b64encode(gzip.compress(_json(content).encode(), _LEVEL, mtime=0)).decode("ascii")


def _json(value: object) -> str:
    """JSON; the cells of an array are looked up among its distinct ones, which takes a fifth of the time."""
    if isinstance(value, np.ndarray):
        codes, distinct = pd.factorize(value)
        texts = json.dumps(distinct.tolist(), separators=(",", ":"), allow_nan=False)[1:-1].split(",")
        return f"[{','.join(np.array([*texts, 'null'], dtype=object)[codes].tolist())}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{json.dumps(key)}:{_json(one)}' for key, one in value.items())}}}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return f"[{','.join(map(_json, value))}]"
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _field(lines: pd.DataFrame, one: Field) -> dict[str, Any]:
    """A column, without what others tell already; ``short`` says that the script has to fill it up."""
    values = lines[one.key]
    if one.since:
        since = (values - lines[one.since]).dt.days
        if not (since.isna() & values.notna()).any():
            return {**_column(since, "number"), "kind": "date", "short": True}
    if one.product:
        product = lines[list(one.product)].astype("float64").prod(axis=1, skipna=False).round(4)
        if not (values.isna() & product.notna()).any():
            kept = values.astype("float64").round(4).where(values.isna() | (values.round(4) != product))
            return {**_column(kept, "number"), "short": True}
    if one.shared:
        once = values.astype(object).where(~lines.duplicated(list(one.shared)))
        return {**_column(once, one.kind), "short": True}
    if one.short:
        return _column(lines[one.short], one.kind)
    return _column(shortened(values, [lines[name] for name in one.names]) if one.names else values, one.kind)


def _attached(rows: Attached, lines: pd.DataFrame) -> dict[str, Any]:
    """The rows that belong to some lines, sorted by these, and how far each is from the one before."""
    line = _points(rows.frame, lines) if rows.line is None else rows.line
    kept = np.flatnonzero((line >= 0) & ((line < len(lines)) | (rows.line is None)))
    kept = kept[np.argsort(line[kept], kind="stable")]
    frame = rows.frame.iloc[kept]
    return {
        "title": rows.title,
        "byPoint": rows.line is None,
        "key": np.diff(line[kept], prepend=0),
        "heads": list(rows.heads.values()),
        "columns": [_column(frame[name], _kind(frame[name])) for name in rows.heads],
    }


def _points(frame: pd.DataFrame, lines: pd.DataFrame) -> np.ndarray:
    """Number of the item and location of each row, in the order in which the lines name them; -1 where none does."""
    numbers = []
    for name in ("item", "location"):
        codes, texts = coded(lines[name])
        distinct = pd.Index(np.asarray(texts, dtype=object)[pd.unique(codes)], dtype=object)
        own, own_texts = coded(frame[name])
        numbers.append((distinct.get_indexer(pd.Index(own_texts, dtype=object))[own], len(distinct)))
    (item, _), (location, locations) = numbers
    return np.where((item >= 0) & (location >= 0), item * locations + location, -1)


def _kind(column: pd.Series) -> str:
    if pd.api.types.is_datetime64_dtype(column.dtype):
        return "date"
    return "number" if pd.api.types.is_numeric_dtype(column.dtype) else "text"


def _column(values: pd.Series, kind: str) -> dict[str, Any]:
    """A column as numbers: dates are days, texts are positions in a list of distinct ones; null is blank."""
    if kind == "date":
        days = values.to_numpy().astype("datetime64[D]")
        blank = np.isnat(days)
        numbers = (np.where(blank, _SMALLEST_DAY, days) - _SMALLEST_DAY).astype(np.int64)
        return {"kind": "date", "values": _with_null(numbers, blank)}
    if kind in {"number", "signed"}:
        plain = values.astype("float64").to_numpy().round(4)
        blank = ~np.isfinite(plain)
        whole = np.where(blank, 0.0, plain)
        numbers = whole.astype(np.int64) if (whole % 1 == 0).all() else whole
        return {"kind": "number", "values": _with_null(numbers, blank)}
    return _text_column(*coded(values))


def _text_column(codes: np.ndarray, texts: Sequence[str]) -> dict[str, Any]:
    """Texts in the order in which the rows name them; no positions where every row has its own."""
    place, used = pd.factorize(codes)
    every = None if len(used) == len(codes) else place
    return {"kind": "text", "values": every, "texts": [texts[one] for one in used.tolist()]}


def _with_null(numbers: np.ndarray, blank: np.ndarray) -> np.ndarray:
    if not blank.any():
        return numbers
    cells = numbers.astype(object)
    cells[blank] = None
    return cells
