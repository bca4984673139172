"""Planning data in a database, named by a URL: SQLite, DuckDB, and what SQLAlchemy can reach."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from firmdate.data.raw import CellCollector, RawTable, Reader
from firmdate.data.suggest import closest, did_you_mean, got
from firmdate.data.tables import TABLE
from firmdate.errors import InputError, Problem

ROWS_AT_ONCE = 20_000
LOCK_SECONDS = 3.0
"""How long a database that is locked by another program is waited for."""

_PASSWORD = re.compile(r"(://[^:/@]*:).*@")


@dataclass(frozen=True)
class Database:
    """A database that is open for reading.

    Args:
        shown: Its URL without the password.
        readers: What reads each table of planning data that it has.
        problems: Tables whose name is almost that of a table of planning data.
    """

    shown: str
    readers: dict[str, Reader]
    problems: list[Problem]


@dataclass(frozen=True)
class _Connection:
    """What the three ways to a database have in common."""

    table_names: Sequence[str]
    select: Callable[[str], tuple[Sequence[str], Any]]
    error: type[Exception] | tuple[type[Exception], ...]


def hide_password(url: str) -> str:
    """The URL as it may be shown and stored.

    >>> hide_password("postgresql://anna:secret@host/plan")
    'postgresql://anna:***@host/plan'
    """
    return _PASSWORD.sub(r"\1***@", url)


@contextmanager
def open_database(url: str) -> Iterator[Database]:
    """Open a database for reading; tables are read while it is open.

    Args:
        url: ``sqlite:///file``, ``duckdb:///file`` or any URL that SQLAlchemy knows.

    Raises:
        InputError: The database cannot be reached or read, or what reads it is not installed.
    """
    shown = hide_password(url)
    scheme = url.partition("://")[0]
    opener = {"sqlite": _open_sqlite, "duckdb": _open_duckdb}.get(scheme, _open_sqlalchemy)
    with opener(url) as connection:
        names = connection.table_names
        readers: dict[str, Reader] = {
            name: partial(_read_table, connection, shown, name) for name in names if name in TABLE
        }
        yield Database(shown, readers, _misspelt(shown, names))


def database_file(url: str) -> Path:
    """The file that a SQLite or DuckDB URL names.

    Raises:
        InputError: The URL names no file.
    """
    scheme, _, path = url.partition(":///")
    if not path:
        raise InputError(Problem(url, "", f"the URL names no file; write {scheme.partition(':')[0]}:///path/of/file"))
    return Path(path)


def _existing_file(url: str) -> Path:
    path = database_file(url)
    if path.is_file():
        return path
    if path.is_dir():
        raise InputError(Problem(url, "", "is a folder; name the database file in it, or the folder itself as data"))
    beside = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    raise InputError(Problem(url, "", f"no such database file {got(path.name)}{did_you_mean(path.name, beside)}"))


def _misspelt(shown: str, names: Sequence[str]) -> list[Problem]:
    """Tables of other names are the database's own affair, unless one is surely meant."""
    missing = [name for name in TABLE if name not in names]
    problems = []
    for name in names:
        meant = closest(name, missing, cutoff=0.85) if name not in TABLE else None
        if meant:
            problems.append(Problem(f"{shown}[{name}]", "", f"unknown table {got(name)}; did you mean {meant!r}?"))
    return problems


def _read_table(connection: _Connection, shown: str, name: str) -> RawTable:
    """The columns of a table as text; the label of a row is its number, from 1."""
    file = f"{shown}[{name}]"
    try:
        header, cursor = connection.select(name)
        collectors = [CellCollector() for _ in header]
        rows = 0
        while part := cursor.fetchmany(ROWS_AT_ONCE):
            rows += len(part)
            for collector, cells in zip(collectors, zip(*part, strict=True), strict=True):
                collector.add(cells)
    except connection.error as error:
        raise InputError(
            Problem(file, "", f"the table cannot be read ({_reason(error)}); check that it may be read")
        ) from None
    return RawTable(name, file, header, [collector.column() for collector in collectors], np.arange(1, rows + 1))


def _reason(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]


@contextmanager
def _open_sqlite(url: str) -> Iterator[_Connection]:
    path = _existing_file(url)
    uri = f"file:{quote(str(path.absolute()))}?mode=ro"
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=LOCK_SECONDS, isolation_level=None)
        connection.execute("begin")  # all tables as of one moment
        found = connection.execute("select name from sqlite_master where type in ('table', 'view') order by name")
        names = [str(row[0]) for row in found]
    except sqlite3.Error as error:
        if connection:
            connection.close()
        raise InputError(
            Problem(url, "", f"the database cannot be read ({_reason(error)}); check the URL, and that it may be read")
        ) from None
    try:
        yield _Connection(names, partial(_select, connection), sqlite3.Error)
    finally:
        connection.close()


@contextmanager
def _open_duckdb(url: str) -> Iterator[_Connection]:
    path = _existing_file(url)
    try:
        import duckdb
    except ImportError:
        raise InputError(Problem(url, "", "reading DuckDB needs duckdb; install firmdate[duckdb]")) from None
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise InputError(
            Problem(url, "", f"the database cannot be read ({_reason(error)}); check the URL, and that it may be read")
        ) from None
    try:
        connection.execute("begin")
        query = "select table_name from information_schema.tables where table_schema = current_schema() order by 1"
        names = [str(row[0]) for row in connection.execute(query).fetchall()]
        yield _Connection(names, partial(_select, connection), duckdb.Error)
    finally:
        connection.close()


def _select(connection: Any, name: str) -> tuple[Sequence[str], Any]:
    cursor = connection.execute(f'select * from "{name}"')  # the name is one of the schema's
    return [entry[0].strip() for entry in cursor.description], cursor


@contextmanager
def _open_sqlalchemy(url: str) -> Iterator[_Connection]:
    shown = hide_password(url)
    try:
        import sqlalchemy
    except ImportError:
        message = "reading this database needs sqlalchemy and its driver; install firmdate[sql] or firmdate[postgresql]"
        raise InputError(Problem(shown, "", message)) from None
    engine = sqlalchemy_engine(url)
    try:
        with engine.connect() as connection:
            connection.execution_options(stream_results=True, max_row_buffer=ROWS_AT_ONCE)
            if engine.dialect.name == "postgresql":  # all tables as of one moment
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            inspector = sqlalchemy.inspect(connection)
            names = sorted([*inspector.get_table_names(), *inspector.get_view_names()])
            yield _Connection(names, partial(_select_sqlalchemy, connection), sqlalchemy.exc.SQLAlchemyError)
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise InputError(
            Problem(
                shown, "", f"the database cannot be read ({_reason(error)}); check the URL, and that it may be read"
            )
        ) from None
    finally:
        engine.dispose()


def _select_sqlalchemy(connection: Any, name: str) -> tuple[Sequence[str], Any]:
    import sqlalchemy

    result = connection.execute(sqlalchemy.select(sqlalchemy.text("*")).select_from(sqlalchemy.table(name)))
    return [str(key).strip() for key in tuple(result.keys())], result


def sqlalchemy_engine(url: str) -> Any:
    """A SQLAlchemy engine for the URL; PostgreSQL is reached with psycopg when the URL names no driver.

    Raises:
        InputError: The URL is malformed, its database is unknown, or its driver is not installed.
    """
    import sqlalchemy

    shown = hide_password(url)
    try:
        parsed = sqlalchemy.engine.make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        return sqlalchemy.create_engine(parsed)
    except sqlalchemy.exc.NoSuchModuleError:
        scheme = url.partition("://")[0]
        hint = did_you_mean(scheme, ("sqlite", "duckdb", "postgresql", "mysql", "mssql", "oracle"))
        raise InputError(Problem(shown, "", f"no such kind of database {got(scheme)}{hint}")) from None
    except sqlalchemy.exc.ArgumentError:
        raise InputError(Problem(shown, "", "not a database URL; write kind://user@host/database")) from None
    except ImportError as error:
        message = f"the driver {error.name!r} of this database is not installed; install it with pip"
        raise InputError(Problem(shown, "", message)) from None
