"""Planning data in a workbook: one sheet a table."""

from __future__ import annotations

import re
import zipfile
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from firmdate.data.folder import unknown_table
from firmdate.data.raw import RawColumn, RawTable, Reader, object_column
from firmdate.data.suggest import shown_path
from firmdate.data.tables import TABLE
from firmdate.data.values import cell_text
from firmdate.errors import InputError, Problem

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ERROR_CELL = re.compile(
    rb'<c (?=[^>]*\bt="e")[^>]*\br="([A-Z]+)(\d+)"[^>]*>(?:<f[^>]*?(?:/>|>.*?</f>))?<v>(.*?)</v>', re.S
)


def open_workbook(path: Path) -> tuple[dict[str, Reader], list[Problem]]:
    """The tables of a workbook, each with what reads it, and sheets that are no table.

    Empty sheets, and sheets whose name begins with ``_``, are not looked at.

    Args:
        path: An existing workbook.

    Raises:
        InputError: python-calamine is not installed, or the workbook cannot be read.
    """
    try:
        import python_calamine
    except ImportError:
        message = "reading a workbook needs python-calamine; install firmdate[excel]"
        raise InputError(Problem(shown_path(path), "", message)) from None
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        names = [name for name in book.sheet_names if not name.startswith("_")]
        known: dict[str, Reader] = {name: partial(_read_sheet, book, path, name) for name in names if name in TABLE}
        filled = [name for name in names if name not in TABLE and book.get_sheet_by_name(name).height]
    except (OSError, python_calamine.CalamineError) as error:
        raise InputError(
            Problem(shown_path(path), "", f"not a workbook that can be read ({error}); save it again as .xlsx")
        ) from None
    return known, [Problem(f"{shown_path(path)}[{name}]", "", unknown_table(name)) for name in filled]


def _read_sheet(book: Any, path: Path, name: str) -> RawTable:
    """The columns of a sheet as text; the label of a row is its number in the sheet."""
    import python_calamine

    file = f"{shown_path(path)}[{name}]"
    try:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except python_calamine.CalamineError as error:
        raise InputError(
            Problem(file, "", f"the sheet cannot be read ({error}); save the workbook again as .xlsx")
        ) from None
    first = next((place for place, row in enumerate(rows) if any(cell != "" for cell in row)), None)
    if first is None:
        raise InputError(Problem(file, "", "the sheet is empty; its first row must name the columns"))
    header = [_header_text(cell) for cell in rows[first]]
    body = rows[first + 1 :]
    columns = [_column([row[place] for row in body]) for place in range(len(header))]
    labels = np.arange(first + 2, len(rows) + 1)
    return RawTable(name, file, header, columns, labels, _error_cells(path, name))


def _header_text(cell: object) -> str:
    try:
        return cell_text(cell).strip()
    except ValueError:
        return str(cell)


def _column(cells: list[object]) -> RawColumn:
    """Cells of one column; flags become text, since True and 1 are the same to Python and not to a planner."""
    if bool in set(map(type, cells)):
        cells = [cell_text(cell) if isinstance(cell, bool) else cell for cell in cells]
    return object_column(cells)


def _error_cells(path: Path, sheet: str) -> tuple[Problem, ...]:
    """Cells whose formula failed (#N/A, #DIV/0!); the reader shows them as blank, which would take a default."""
    if not zipfile.is_zipfile(path):
        return ()
    with zipfile.ZipFile(path) as archive:
        part = _part_of_sheet(archive, sheet)
        found = _ERROR_CELL.findall(archive.read(part)) if part else []
    return tuple(
        Problem(
            f"{shown_path(path)}[{sheet}]:{row.decode()}",
            "",
            f"the formula in cell {column.decode()}{row.decode()} failed (got {value.decode()!r}); "
            "mend it, or write the value",
        )
        for column, row, value in found
    )


def _part_of_sheet(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Name of the part of an .xlsx archive that holds a sheet; None in workbooks of other formats."""
    parts = archive.namelist()
    if "xl/workbook.xml" not in parts or "xl/_rels/workbook.xml.rels" not in parts:
        return None
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            target = targets.get(element.get(_RELATION), "").lstrip("/")
            part = target if target.startswith("xl/") else f"xl/{target}"
            return part if part in parts else None
    return None
