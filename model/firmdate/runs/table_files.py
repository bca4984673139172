"""The tables of a run as CSV or Parquet files: the same values in are the same bytes out, so two runs diff clean."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.extensions import ExtensionDtype

from firmdate.errors import InputError, Problem
from firmdate.plan.result import PLAN_TABLES
from firmdate.runs.whole import reason

FILE_FORMATS = ("csv", "parquet")
DECIMALS = 6
"""Quantities and money are written with at most this many decimals: beyond it is noise of floating-point sums."""

ROWS_AT_ONCE = 100_000
"""So many rows of a table are text at a time."""

DATES = frozenset(("date", "start", "end", "requested_date", "promise_date", "gating_date", "planned_date"))
DATES |= {
    "scheduled_date",
    "previous_date",
    "start_date",
    "ship_date",
    "arrival_date",
    "lead_time_date",
    "set_date",
    "own_date",
    "date_without",
}
COUNTS = ("tier", "cause", "chain", "step", "release", "lines", "days", "gain_lines", "gain_days", "rank")
INTEGERS: Mapping[str, np.dtype[Any] | ExtensionDtype] = {
    **dict.fromkeys((*COUNTS, "improvement_days"), np.dtype("int64")),
    "days_late": pd.Int64Dtype(),
}
NUMBERS = INTEGERS.keys() | {
    "priority",
    "quantity",
    "promised_quantity",
    "planned_quantity",
    "previous_quantity",
    "lot_quantity",
    "load",
    "capacity",
    "overload",
    "price",
    "late_unit_days",
    "late_value",
    "amount",
    "gain_unit_days",
    "value",
    "limit",
    "unit_cost",
    "substitute_quantity",
    "cost",
}


def write_table(frame: pd.DataFrame, folder: Path, name: str, file_format: str) -> None:
    """Write one table of a run as ``<folder>/<name>.<file_format>``.

    CSV has ISO dates, quantities as ``60`` or ``0.333333``, flags as true and false, and blanks for what is missing.

    Raises:
        OSError: if the file cannot be written.
    """
    path = folder / f"{name}.{file_format}"
    if file_format == "parquet":
        frame.to_parquet(path, engine="pyarrow", index=False)
        return
    columns = [_as_text(frame[column]) for column in frame.columns]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(frame.columns)
        for start in range(0, len(frame), ROWS_AT_ONCE):
            file.write(_csv_rows([column[start : start + ROWS_AT_ONCE].tolist() for column in columns]))


def write_tables(given: tuple[Mapping[str, pd.DataFrame], Path, str]) -> None:
    """Write tables by their names into a folder in a format, as :func:`write_table` does."""
    frames, folder, file_format = given
    for name, frame in frames.items():
        write_table(frame, folder, name, file_format)


def _csv_rows(columns: Sequence[list[str]]) -> str:
    """Rows of CSV. Most texts need no quotes; putting them together is then five times as fast as Python's writer."""
    text = "\n".join(map(",".join, zip(*columns, strict=True))) + "\n"
    rows, commas = len(columns[0]), len(columns[0]) * (len(columns) - 1)
    plain = '"' not in text and "\r" not in text and text.count("\n") == rows and text.count(",") == commas
    if plain and commas:
        return text
    quoted = io.StringIO()
    csv.writer(quoted, lineterminator="\n").writerows(zip(*columns, strict=True))
    return quoted.getvalue()


def has_table(folder: Path, name: str) -> bool:
    """Whether a run has a table, in either format."""
    return any((folder / f"{name}.{file_format}").is_file() for file_format in FILE_FORMATS)


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Read one table of a run with the types that the plan had: dates, numbers, and all else as text (blank ``""``).

    Raises:
        InputError: if the table is missing or is not what a run holds.
    """
    path = folder / f"{name}.csv"
    try:
        if not path.exists() and path.with_suffix(".parquet").exists():
            return _retyped(pd.read_parquet(path.with_suffix(".parquet"), engine="pyarrow"), name)
        frame = pd.read_csv(
            path, dtype=str, keep_default_na=False, na_values=[""], lineterminator="\n", skip_blank_lines=False
        )
        return _retyped(frame, name)
    except ImportError:
        message = 'reading parquet needs pyarrow; install it with: pip install "firmdate[parquet]"'
        raise InputError(Problem(str(path.with_suffix(".parquet")), "", message)) from None
    except (OSError, ValueError) as error:
        raise InputError(Problem(str(path), "", f"cannot be read ({reason(error)}); is the run complete?")) from error


def _as_text(column: pd.Series) -> npt.NDArray[np.object_]:
    """Each value as it stands in the file; only distinct values are formatted."""
    if isinstance(column.dtype, pd.StringDtype):
        return column.fillna("").to_numpy(dtype=object)
    codes, distinct = pd.factorize(column)
    if pd.api.types.is_bool_dtype(column.dtype):
        texts = ["true" if value else "false" for value in distinct]
    elif pd.api.types.is_numeric_dtype(column.dtype):
        texts = [format_number(value) for value in distinct.tolist()]
    elif pd.api.types.is_datetime64_dtype(column.dtype):
        texts = np.datetime_as_string(np.asarray(distinct, dtype="datetime64[D]")).tolist()
    else:
        texts = [format_number(value) if isinstance(value, float) else str(value) for value in distinct.tolist()]
    return np.array([*texts, ""], dtype=object)[codes]


def format_number(value: float) -> str:
    """A number without noise: at most six decimals and no trailing zeros.

    >>> [format_number(value) for value in (60.0, 1 / 3, -1e-9, 0.1 + 0.2)]
    ['60', '0.333333', '0', '0.3']
    """
    text = f"{value:.{DECIMALS}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _retyped(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Columns with their types; those that a run of an earlier version lacks are blank."""
    blank = pd.Series(np.nan, index=frame.index, dtype="str")
    frame = frame.assign(**{name: blank for name in PLAN_TABLES.get(table, ()) if name not in frame})
    return pd.DataFrame({name: _typed(frame[name], name) for name in frame.columns})


def _typed(column: pd.Series, name: str) -> pd.Series:
    if name in DATES:
        return pd.to_datetime(column, format="%Y-%m-%d").astype("datetime64[s]")
    if name in NUMBERS:
        numbers = column.astype("float64")
        return numbers.astype(INTEGERS[name]) if name in INTEGERS else numbers
    return column.fillna("").astype("str")
