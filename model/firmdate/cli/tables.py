"""Frames as text tables and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from firmdate.cli.output import TextTable
from firmdate.runs.figures import shown


def text_table(frame: pd.DataFrame, heads: Mapping[str, str] | None = None, coloured_by: str = "") -> TextTable:
    """A frame as a text table: numbers right, dates as ISO dates, blanks empty.

    Args:
        frame: Rows to show.
        heads: Columns to show and their heads; None shows every column under its name, with blanks for underscores.
        coloured_by: Column whose value decides the colour of the row.
    """
    frame = frame.infer_objects()
    heads = heads or {str(name): str(name).replace("_", " ") for name in frame.columns}
    columns = [_texts(frame[name]) for name in heads]
    numeric = frozenset(heads[name] for name in heads if is_number(frame[name]))
    rows = list(zip(*columns, strict=True))
    return TextTable(tuple(heads.values()), rows, numeric, heads[coloured_by] if coloured_by else "")


def to_json(content: object) -> str:
    """JSON for programs: dates as ISO dates, numbers that are none as null, frames as lists of objects."""
    return json.dumps(_plain(content), indent=2, allow_nan=False, ensure_ascii=False)


def is_number(column: pd.Series) -> bool:
    """Whether a column holds numbers (flags are none)."""
    return pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)


def _texts(column: pd.Series) -> list[str]:
    if is_number(column):
        return ["" if math.isnan(value) else shown(value) for value in column.astype("float64")]
    if pd.api.types.is_datetime64_dtype(column.dtype):
        return [f"{value:%Y-%m-%d}" if pd.notna(value) else "" for value in column]
    return ["" if pd.isna(value) else str(value) for value in column.astype(object)]


def _plain(value: object) -> object:
    if isinstance(value, pd.DataFrame):
        columns = {name: map(_plain, value[name].astype(object)) for name in value.columns}
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return _plain_scalar(value)


def _plain_scalar(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        number = round(value, 6)
        return None if not math.isfinite(number) else int(number) if number.is_integer() else number
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if value is pd.NaT or value is pd.NA:
        return None
    return value if value is None or isinstance(value, bool | int) else str(value)
