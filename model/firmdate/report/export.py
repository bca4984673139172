"""Tables as one Excel workbook: typed columns, filters, heads that stay in sight."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from firmdate.errors import InputError, Problem
from firmdate.plan.result import PLAN_TABLES
from firmdate.runs.whole import whole_file

if TYPE_CHECKING:
    from firmdate.plan.result import Plan
    from firmdate.runs.stages import Progress

EXCEL_ROWS = 1_048_576
"""Rows of a sheet, with the heads."""
EXCEL_TEXT = 32_767
"""Characters of a cell."""

_OPTIONS = {
    "strings_to_formulas": False,  # an id that begins with "=" is text
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "constant_memory": True,
}
_WIDEST = 60
_ROWS_MEASURED = 1_000


def export_run(plan: Plan, path: Path, progress: Progress | None = None) -> None:
    """Write the figures and every table of a plan into a workbook.

    Raises:
        InputError: if xlsxwriter is missing, a table is too long for Excel, or the file cannot be written.
    """
    figures = pd.DataFrame({"figure": list(plan.kpis), "value": [float(value) for value in plan.kpis.values()]})
    tables = {name: getattr(plan, name) for name in PLAN_TABLES}
    write_workbook({"figures": figures, **tables, **plan.rule_tables}, path, progress)


def require_workbook(path: Path) -> None:
    """Refuse what could not be written later, before the work.

    Raises:
        InputError: if the name does not end with ``.xlsx`` or xlsxwriter is missing.
    """
    if path.suffix.lower() != ".xlsx":
        raise InputError(Problem("", "--to", f"must be xlsx or a file that ends with .xlsx (got {path})"))
    try:
        import xlsxwriter  # noqa: F401
    except ImportError:
        message = 'writing Excel needs xlsxwriter; install it with: pip install "firmdate[excel]"'
        raise InputError(Problem("", "--to", message)) from None


def write_workbook(sheets: Mapping[str, pd.DataFrame], path: Path, progress: Progress | None = None) -> None:
    """Write frames as the sheets of a workbook; the file appears whole or not at all.

    Args:
        sheets: Frames by name of the sheet; text, dates, numbers and flags keep their type.
        path: Workbook to write.
        progress: Called before each sheet.

    Raises:
        InputError: if xlsxwriter is missing, a frame is too long for Excel, or the file cannot be written.
    """
    require_workbook(path)
    import xlsxwriter

    too_long = [
        Problem(str(path), name, f"has {len(frame):,} rows, and Excel holds {EXCEL_ROWS - 1:,}; use the CSV of the run")
        for name, frame in sheets.items()
        if len(frame) >= EXCEL_ROWS
    ]
    if too_long:
        raise InputError(too_long)
    content = io.BytesIO()  # xlsxwriter leaves a broken archive behind, and says so, when its file cannot grow
    with whole_file(path) as unfinished:
        with xlsxwriter.Workbook(content, _OPTIONS) as book:
            formats = {
                "head": book.add_format({"bold": True, "bottom": 1}),
                "date": book.add_format({"num_format": "yyyy-mm-dd"}),
                "number": book.add_format({"num_format": "#,##0.######"}),
            }
            for at, (name, frame) in enumerate(sheets.items()):
                if progress is not None:
                    progress("write workbook", at, len(sheets))
                _write_sheet(book.add_worksheet(name), frame, formats)
        unfinished.write_bytes(content.getbuffer())


def _write_sheet(sheet: Any, frame: pd.DataFrame, formats: Mapping[str, Any]) -> None:
    sheet.freeze_panes(1, 0)
    columns = []
    for at, name in enumerate(frame.columns):
        write, cell_format, values = _cells(sheet, frame[name], formats)
        sheet.set_column(at, at, _width(str(name), values))
        columns.append((at, write, cell_format, values))
    for at, name in enumerate(frame.columns):
        sheet.write_string(0, at, str(name), formats["head"])
    if len(frame.columns):
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
    for row in range(len(frame)):
        for at, write, cell_format, values in columns:
            value = values[row]
            if value is not None:
                write(row + 1, at, value, cell_format)


def _cells(sheet: Any, column: pd.Series, formats: Mapping[str, Any]) -> tuple[Callable[..., object], Any, list[Any]]:
    """How a column is written, its format, and its values; None is a blank cell."""
    blank = column.isna().to_numpy()
    if pd.api.types.is_bool_dtype(column.dtype):
        return sheet.write_boolean, None, _with_none(column, blank)
    if pd.api.types.is_datetime64_dtype(column.dtype):
        return sheet.write_datetime, formats["date"], _with_none(column.to_numpy().astype("datetime64[D]"), blank)
    if pd.api.types.is_numeric_dtype(column.dtype):
        rounded = column.astype("float64").round(6)
        return sheet.write_number, formats["number"], _with_none(rounded, blank | np.isinf(rounded.to_numpy()))
    texts = column.astype(object).where(~blank, "").map(lambda value: str(value)[:EXCEL_TEXT])
    return sheet.write_string, None, _with_none(texts, blank)


def _with_none(values: Any, blank: np.ndarray) -> list[Any]:
    cells = np.array(values, dtype=object)
    cells[blank] = None
    return list(cells)


def _width(head: str, values: list[Any]) -> int:
    """Width of a column in characters, with room for the button of the filter."""
    texts = [
        10 if hasattr(value, "year") else len(str(value)) for value in values[:_ROWS_MEASURED] if value is not None
    ]
    return min(_WIDEST, max([len(head) + 3, *texts]) + 1)
