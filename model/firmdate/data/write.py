"""Writing planning data as a folder, a workbook or a database that ``read_planning_data`` reads back equal."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from firmdate.data.database import database_file, hide_password, sqlalchemy_engine
from firmdate.data.planning_data import PlanningData
from firmdate.data.read import read_frames
from firmdate.data.tables import TABLE, TABLES, Column, Table
from firmdate.data.values import cell_text
from firmdate.errors import InputError, Problem

_ROWS_AT_ONCE = 20_000
_ROWS_OF_A_SHEET = 1_048_575


def write_planning_data(
    data: PlanningData | Mapping[str, pd.DataFrame],
    target: str | Path,
    file_format: Literal["csv", "parquet"] = "csv",
) -> None:
    """Write planning tables; those that were neither supplied nor filled are left out.

    Args:
        data: Planning data, or frames by table name, which are typed first by the rules for files.
        target: A folder, a workbook (``.xlsx``) or a database URL; planning tables that it holds already are refused.
        file_format: Format of the files in a folder.

    Raises:
        InputError: The frames are wrong, the target holds planning tables already, or it cannot be written.
    """
    if not isinstance(data, PlanningData):
        data = read_frames(data)
    tables = [table for table in TABLES if data.given(table.name) or len(data[table.name])]
    frames = {table.name: data[table.name] for table in tables}
    shown = hide_password(str(target))
    try:
        if isinstance(target, str) and "://" in target:
            _write_database(target, frames)
        elif Path(target).suffix.lower() == ".xlsx":
            _write_workbook(Path(target), frames)
        else:
            _write_folder(Path(target), frames, file_format)
    except (OSError, sqlite3.Error) as error:
        raise InputError(Problem(shown, "", f"cannot be written ({error})")) from None


def _refuse(target: str, existing: Iterable[str]) -> None:
    names = sorted(existing)
    if names:
        message = f"holds planning tables already (got {', '.join(names)}); name a new target or remove them"
        raise InputError(Problem(hide_password(target), "", message))


def _columns(table: str, frame: pd.DataFrame) -> list[Column]:
    return [TABLE[table].column(name) for name in frame.columns]


def _write_folder(folder: Path, frames: Mapping[str, pd.DataFrame], file_format: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _refuse(str(folder), [file.name for file in folder.iterdir() if file.stem in TABLE and file.suffix in _SUFFIXES])
    for name, frame in frames.items():
        if file_format == "parquet":
            _write_parquet(folder / f"{name}.parquet", TABLE[name], frame)
        else:
            text = pd.DataFrame({column: _as_text(frame[column]) for column in frame.columns})
            text.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")


_SUFFIXES = (".csv", ".parquet")


def _as_text(values: pd.Series) -> pd.Series:
    """Cells as they are written to text files: ISO dates, true and false, whole numbers without a point."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values
    codes, distinct = pd.factorize(values)
    texts = np.array([*(_flag_or_text(value) for value in distinct), ""], dtype=object)
    return pd.Series(texts[codes], index=values.index)


def _flag_or_text(value: object) -> str:
    text = cell_text(value)
    return text.lower() if isinstance(value, (bool, np.bool_)) else text


def _write_parquet(path: Path, table: Table, frame: pd.DataFrame) -> None:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        message = "writing Parquet needs pyarrow; install firmdate[parquet]"
        raise InputError(Problem(str(path), "", message)) from None
    types = {"number": pa.float64(), "integer": pa.int64(), "date": pa.date32(), "flag": pa.bool_()}
    arrays = []
    for column in _columns(table.name, frame):
        values = frame[column.name]
        if column.is_text:
            arrays.append(pa.array(values.astype("str"), type=pa.string(), from_pandas=True))
        elif column.kind == "date":
            arrays.append(pa.array(values, from_pandas=True).cast(types["date"]))
        else:
            arrays.append(pa.array(values, from_pandas=True).cast(types[column.kind]))
    pq.write_table(pa.table(arrays, names=list(frame.columns)), path)


def _cells(column: Column, values: pd.Series) -> list[Any]:
    """Cells as plain Python values, None for a blank."""
    if column.kind == "date":
        days = values.to_numpy().astype("datetime64[D]").astype(object)
        return [None if day is None else day for day in days.tolist()]
    cells = values.astype(object).where(values.notna(), None).tolist()
    plain = {"integer": int, "flag": bool}.get(column.kind)
    return cells if plain is None else [None if cell is None else plain(cell) for cell in cells]


def _write_workbook(path: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    try:
        import xlsxwriter
    except ImportError:
        message = "writing a workbook needs xlsxwriter; install firmdate[excel]"
        raise InputError(Problem(str(path), "", message)) from None
    if path.exists():
        _refuse(str(path), [path.name])
    for name, frame in frames.items():
        if len(frame) > _ROWS_OF_A_SHEET:
            message = (
                f"the table {name!r} has {len(frame):,} rows, and a sheet holds {_ROWS_OF_A_SHEET:,}; write Parquet"
            )
            raise InputError(Problem(str(path), "", message))
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with xlsxwriter.Workbook(path, options) as book:
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            for name, frame in frames.items():
                _write_sheet(book.add_worksheet(name), day, name, frame)
    except xlsxwriter.exceptions.FileCreateError as error:
        raise InputError(Problem(str(path), "", f"cannot be written ({error})")) from None


def _write_sheet(sheet: Any, day: Any, name: str, frame: pd.DataFrame) -> None:
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(_columns(name, frame)):
        sheet.write_string(0, place, column.name)
        write = _cell_writer(sheet, day, column)
        for row, cell in enumerate(_cells(column, frame[column.name]), start=1):
            if cell is not None:
                write(row, place, cell)
    sheet.autofilter(0, 0, len(frame), frame.shape[1] - 1)
    sheet.autofit()


def _cell_writer(sheet: Any, day: Any, column: Column) -> Callable[[int, int, Any], object]:
    def write_day(row: int, place: int, cell: dt.date) -> None:
        if cell.year > 1900:
            sheet.write_datetime(row, place, cell, day)
        else:  # workbooks know no earlier day
            sheet.write_string(row, place, cell.isoformat())

    writers: dict[str, Callable[[int, int, Any], object]] = {
        "flag": sheet.write_boolean,
        "date": write_day,
        "number": sheet.write_number,
        "integer": sheet.write_number,
    }
    write_text: Callable[[int, int, Any], object] = sheet.write_string
    return writers.get(column.kind, write_text)


def _write_database(url: str, frames: Mapping[str, pd.DataFrame]) -> None:
    scheme = url.partition("://")[0]
    if scheme == "sqlite":
        _write_sqlite(database_file(url), url, frames)
    elif scheme == "duckdb":
        _write_duckdb(database_file(url), url, frames)
    else:
        _write_sqlalchemy(url, frames)


def _parts(name: str, frame: pd.DataFrame) -> Iterator[list[tuple[Any, ...]]]:
    columns = _columns(name, frame)
    for start in range(0, len(frame), _ROWS_AT_ONCE):
        part = frame.iloc[start : start + _ROWS_AT_ONCE]
        yield list(zip(*(_cells(column, part[column.name]) for column in columns), strict=True))


def _create(name: str, frame: pd.DataFrame, types: Mapping[str, str]) -> str:
    columns = ", ".join(f'"{column.name}" {types[column.kind]}' for column in _columns(name, frame))
    return f'create table "{name}" ({columns})'


def _write_sqlite(path: Path, url: str, frames: Mapping[str, pd.DataFrame]) -> None:
    types = dict.fromkeys(("id", "text", "choice", "date"), "text") | {
        "number": "real",
        "integer": "integer",
        "flag": "integer",
    }
    connection = sqlite3.connect(path)
    try:
        with connection:
            found = connection.execute("select name from sqlite_master")
            _refuse(url, {str(row[0]) for row in found} & set(TABLE))
            for name, frame in frames.items():
                connection.execute(_create(name, frame, types))
                marks = ", ".join("?" * frame.shape[1])
                dates = [place for place, column in enumerate(_columns(name, frame)) if column.kind == "date"]
                for part in _parts(name, frame):
                    connection.executemany(f'insert into "{name}" values ({marks})', _iso(part, dates))
    finally:
        connection.close()


def _iso(rows: list[tuple[Any, ...]], dates: list[int]) -> Iterator[list[Any]]:
    """SQLite has no date type; dates are ISO text there."""
    for row in rows:
        cells = list(row)
        for place in dates:
            cells[place] = cells[place].isoformat() if cells[place] else None
        yield cells


def _write_duckdb(path: Path, url: str, frames: Mapping[str, pd.DataFrame]) -> None:
    try:
        import duckdb
    except ImportError:
        raise InputError(Problem(url, "", "writing DuckDB needs duckdb; install firmdate[duckdb]")) from None
    types = dict.fromkeys(("id", "text", "choice"), "varchar")
    types |= {"number": "double", "integer": "bigint", "date": "date", "flag": "boolean"}
    try:
        with duckdb.connect(str(path)) as connection:
            found = connection.execute("select table_name from information_schema.tables").fetchall()
            _refuse(url, {str(row[0]) for row in found} & set(TABLE))
            for name, frame in frames.items():
                connection.execute(_create(name, frame, types))
                texts = {
                    column: str for column in frame.columns if isinstance(frame[column].dtype, pd.CategoricalDtype)
                }
                flags = {
                    column.name: "boolean"
                    for column in _columns(name, frame)
                    if column.kind == "flag" and not column.never_blank
                }
                connection.register("rows_to_write", frame.astype({**texts, **flags}))
                connection.execute(f'insert into "{name}" select * from rows_to_write')
                connection.unregister("rows_to_write")
    except duckdb.Error as error:
        raise InputError(Problem(url, "", f"cannot be written ({error})")) from None


def _write_sqlalchemy(url: str, frames: Mapping[str, pd.DataFrame]) -> None:
    try:
        import sqlalchemy as sa
    except ImportError:
        message = (
            "writing to this database needs sqlalchemy and its driver; install firmdate[sql] or firmdate[postgresql]"
        )
        raise InputError(Problem(hide_password(url), "", message)) from None
    types = {"number": sa.Double(), "integer": sa.BigInteger(), "date": sa.Date(), "flag": sa.Boolean()}
    engine = sqlalchemy_engine(url)
    try:
        _refuse(url, set(sa.inspect(engine).get_table_names()) & set(TABLE))
        with engine.begin() as connection:
            for name, frame in frames.items():
                columns = [
                    sa.Column(column.name, types.get(column.kind, sa.Text())) for column in _columns(name, frame)
                ]
                table = sa.Table(name, sa.MetaData(), *columns)
                table.create(connection)
                for part in _parts(name, frame):
                    connection.execute(table.insert(), [dict(zip(frame.columns, row, strict=True)) for row in part])
    except sa.exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise InputError(Problem(hide_password(url), "", f"cannot be written ({reason})")) from None
    finally:
        engine.dispose()
