"""Reading planning data from a folder, a workbook or a database, with every mistake at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from firmdate.data.folder import find_tables
from firmdate.data.planning_data import Places, PlanningData, empty_frames
from firmdate.data.raw import RawTable, Reader, frame_column
from firmdate.data.suggest import did_you_mean, got, shown_path
from firmdate.data.tables import TABLE, TABLES
from firmdate.data.typed import type_table
from firmdate.errors import InputError, Problem

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_DATABASES = {".db": "sqlite", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".duckdb": "duckdb"}


def read_planning_data(source: str | Path) -> PlanningData:
    """Read and type all planning tables.

    Args:
        source: A folder of CSV or Parquet files, a workbook, or a URL such as ``sqlite:///plan.db``.

    Returns:
        Every table of the schema, empty where the source has none.

    Raises:
        InputError: With every unreadable table, unknown table or column, and wrong cell.
    """
    if isinstance(source, str) and "://" in source:
        from firmdate.data.database import open_database

        with open_database(source) as database:
            return _assemble(database.shown, database.readers, database.problems)
    path = Path(source)
    shown = shown_path(path)
    try:
        is_folder = path.is_dir()
        exists = path.exists()
    except OSError as error:
        raise InputError(Problem(shown, "", f"cannot be read ({error.strerror})")) from None
    if is_folder:
        readers, problems = find_tables(path)
        return _assemble(shown, readers, problems)
    if exists and path.suffix.lower() in WORKBOOKS:
        from firmdate.data.workbook import open_workbook

        readers, problems = open_workbook(path)
        return _assemble(shown, readers, problems)
    raise InputError(Problem(shown, "", _no_source(path, exists)))


def read_frames(frames: Mapping[str, pd.DataFrame], source: str = "frames") -> PlanningData:
    """Type planning tables that are in memory, by the rules that hold for files.

    Args:
        frames: Frames by table name; a missing value is a blank. Rows are numbered from 1.
        source: What messages call it.

    Raises:
        InputError: With every unknown table or column, and wrong cell.
    """
    problems = [
        Problem(source, "", f"unknown table {got(name)}{did_you_mean(name, TABLE)}")
        for name in frames
        if name not in TABLE
    ]
    readers: dict[str, Reader] = {name: _frame_reader(name, frame) for name, frame in frames.items() if name in TABLE}
    return _assemble(source, readers, problems)


def _frame_reader(name: str, frame: pd.DataFrame) -> Reader:
    def read() -> RawTable:
        columns = [frame_column(frame.iloc[:, place]) for place in range(frame.shape[1])]
        return RawTable(name, name, [str(column) for column in frame.columns], columns, np.arange(1, len(frame) + 1))

    return read


def _assemble(source: str, readers: Mapping[str, Reader], problems: Iterable[Problem]) -> PlanningData:
    """Read and type the tables one by one, so that only one is in memory as text."""
    found = list(problems)
    frames = empty_frames()
    places = {}
    for table in TABLES:
        if table.name not in readers:
            if table.required and not _was_meant(table.name, found):
                found.append(Problem(source, "", f"the table {table.name!r} is missing; there is nothing to promise"))
            continue
        try:
            raw = readers[table.name]()
        except InputError as error:
            found.extend(error.problems)
            continue
        frame, wrong = type_table(table, raw)
        found.extend(wrong)
        frames[table.name] = frame
        places[table.name] = Places(raw.file)
    if found:
        raise InputError(found)
    return PlanningData(source, frames, places)


def _was_meant(name: str, problems: Iterable[Problem]) -> bool:
    """True when the table is missing only because its name is misspelt or it is there twice."""
    return any(f"'{name}" in problem.message for problem in problems)


def _no_source(path: Path, exists: bool) -> str:
    suffix = path.suffix.lower()
    if exists and suffix in (".csv", ".parquet"):
        return f"one table is no planning data; name the folder that holds it, {str(path.parent)!r}"
    if exists and suffix in _DATABASES:
        return f"name a database by its URL, '{_DATABASES[suffix]}:///{path.as_posix()}'"
    if exists:
        return f"neither a folder nor a workbook ({', '.join(WORKBOOKS)}) nor a database URL"
    try:
        beside = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f"no such folder or workbook; the folder {str(path.parent)!r} is missing too"
    return f"no such folder or workbook {got(path.name)}{did_you_mean(path.name, beside)}"
