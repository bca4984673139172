"""Databases: typed cells, and what is wrong with a database as one clear line."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import sqlalchemy
from data_samples import problems_of, write_csv

from firmdate.data import database, write
from firmdate.data.read import read_planning_data
from firmdate.data.write import write_planning_data

HEADER = ("order", "line", "item", "location", "quantity", "requested_date")


def sqlite_of(path: Path, *statements: str) -> str:
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return f"sqlite:///{path}"


def test_sqlite_types(tmp_path: Path) -> None:
    url = sqlite_of(
        tmp_path / "plan.db",
        'create table demands ("order", line, item, location, quantity, requested_date, partial)',
        "insert into demands values (12, '0012', 'NO', 1.0, 2.5, '2021-01-04', 0)",
        "insert into demands values ('12', 2, 'NA', 1, 3, '2021-01-04 00:00:00', NULL)",
        "create table orders_of_another_system (a)",
        "create view items as select 'NO' as item union select 'NA'",
    )
    data = read_planning_data(url)
    assert data["demands"]["order"].tolist() == ["12", "12"]
    assert data["demands"]["line"].tolist() == ["0012", "2"]
    assert data["demands"]["location"].tolist() == ["1", "1"]
    assert data["demands"]["partial"].tolist() == [False, True]
    assert data["items"]["item"].tolist() == ["NA", "NO"]
    assert data.where("demands", 2) == f"{url}[demands]:2"


def test_sqlite_mistakes(tmp_path: Path) -> None:
    url = sqlite_of(
        tmp_path / "plan.db",
        'create table demands ("order", line, item, location, quantity, requested_date)',
        "insert into demands values (1, 1, 'A', x'00', 'x', 20210104)",
        "create table supplier_item (a)",
        "create table items (a)",
    )
    shown = url.replace(f"{tmp_path}/", "")
    assert problems_of(lambda: read_planning_data(url), tmp_path) == [
        f"{shown}[supplier_item]: unknown table (got 'supplier_item'); did you mean 'supplier_items'?",
        f"{shown}[items]: the first line names no column of this table (got 'a'); expected some of: item, description, "
        "unit_cost, unit_price, whole_units, product_group",
        f"{shown}[demands]:1: location: a cell of type bytes cannot be read (got \"b'\\\\x00'\"); turn it into text",
        f"{shown}[demands]:1: quantity: not a number (got 'x'); write digits, such as 12 or 12.5",
        f"{shown}[demands]:1: requested_date: not a date (got '20210104'); write it as YYYY-MM-DD",
    ]


def test_sqlite_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.01)
    url = sqlite_of(tmp_path / "plan.db", "create table demands (a)", "create table items (item)")
    other = sqlite3.connect(tmp_path / "plan.db", isolation_level=None)
    other.execute("begin exclusive")
    shown = "sqlite:///plan.db"
    assert problems_of(lambda: read_planning_data(url), tmp_path) == [
        f"{shown}: the database cannot be read (database is locked); check the URL, and that it may be read"
    ]
    other.close()
    (tmp_path / "plan.db").write_bytes(b"no database at all" * 100)
    assert problems_of(lambda: read_planning_data(url), tmp_path) == [
        f"{shown}: the database cannot be read (file is not a database); check the URL, and that it may be read"
    ]
    sqlite_of(tmp_path / "broken.db", "create view demands as select * from gone")
    assert problems_of(lambda: read_planning_data(f"sqlite:///{tmp_path}/broken.db"), tmp_path) == [
        "sqlite:///broken.db[demands]: the table cannot be read (no such table: main.gone); check that it may be read"
    ]


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_database_file_that_is_not_there(tmp_path: Path, kind: str) -> None:
    (tmp_path / "plan.db").write_bytes(b"")
    assert problems_of(lambda: read_planning_data(f"{kind}:///{tmp_path}/plan.dbb"), tmp_path) == [
        f"{kind}:///plan.dbb: no such database file (got 'plan.dbb'); did you mean 'plan.db'?"
    ]
    assert problems_of(lambda: read_planning_data(f"{kind}://"), tmp_path) == [
        f"{kind}://: the URL names no file; write {kind}:///path/of/file"
    ]


def test_duckdb_types_and_locks(tmp_path: Path) -> None:
    url = f"duckdb:///{tmp_path}/plan.duckdb"
    with duckdb.connect(str(tmp_path / "plan.duckdb")) as connection:
        connection.execute(
            'create table demands ("order" bigint, line decimal(9, 2), item uuid, location varchar,'
            " quantity decimal(9, 3), requested_date timestamp, partial boolean, x_list int[])"
        )
        connection.execute(
            "insert into demands values"
            " (12, 3.00, '00000000-0000-0000-0000-000000000001', '0012', 2.5, '2021-01-04', false, null)"
        )
        assert problems_of(lambda: read_planning_data(url), tmp_path)[0].startswith(
            "duckdb:///plan.duckdb: the database cannot be read ("
        )
    frame = read_planning_data(url)["demands"]
    assert frame[["order", "line", "item", "location"]].to_numpy().tolist() == [
        ["12", "3", "00000000-0000-0000-0000-000000000001", "0012"]
    ]
    assert frame["quantity"].tolist() == [2.5]
    assert frame["partial"].tolist() == [False]
    with duckdb.connect(str(tmp_path / "plan.duckdb")) as connection:
        connection.execute("update demands set x_list = [1, 2], quantity = null")
    assert problems_of(lambda: read_planning_data(url), tmp_path) == [
        "duckdb:///plan.duckdb[demands]:1: quantity: blank, but a value is needed; fill it in",
        "duckdb:///plan.duckdb[demands]:1: x_list: a cell of type list cannot be read (got '[1, 2]'); "
        "turn it into text",
    ]
    (tmp_path / "plan.duckdb").write_bytes(b"no database at all" * 100)
    assert problems_of(lambda: read_planning_data(url), tmp_path)[0].startswith(
        "duckdb:///plan.duckdb: the database cannot be read ("
    )


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgres://anna:secret@host/plan", "no such kind of database (got 'postgres'); did you mean 'postgresql'?"),
        ("xyz://anna:p@ss@host/plan", "no such kind of database (got 'xyz')"),
        (
            "mysql://anna:secret@host/plan",
            "the driver 'MySQLdb' of this database is not installed; install it with pip",
        ),
        ("://host", "not a database URL; write kind://user@host/database"),
    ],
)
def test_url_that_is_wrong(tmp_path: Path, url: str, message: str) -> None:
    (found,) = problems_of(lambda: read_planning_data(url), tmp_path)
    assert found.endswith(f": {message}")
    assert "secret" not in found
    assert "p@ss" not in found


def test_server_that_does_not_answer(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="psycopg is needed to reach PostgreSQL")
    (found,) = problems_of(lambda: read_planning_data("postgresql://anna:secret@127.0.0.1:1/plan"), tmp_path)
    assert found.startswith("postgresql://anna:***@127.0.0.1:1/plan: the database cannot be read (")
    assert "secret" not in found


def test_sqlalchemy_table_that_cannot_be_read(tmp_path: Path) -> None:
    sqlite_of(tmp_path / "plan.db", "create table items (item)", "create view demands as select * from gone")
    url = f"sqlite+pysqlite:///{tmp_path}/plan.db"
    assert problems_of(lambda: read_planning_data(url), tmp_path) == [
        "sqlite+pysqlite:///plan.db[demands]: the table cannot be read (no such table: main.gone)"
        "; check that it may be read"
    ]


def test_reading_leaves_a_database_as_it_is(tmp_path: Path) -> None:
    data = read_planning_data(write_csv(tmp_path / "in"))
    for kind in ("sqlite", "duckdb"):
        url = f"{kind}:///{tmp_path}/plan.{kind}"
        write_planning_data(data, url)
        before = (tmp_path / f"plan.{kind}").read_bytes()
        read_planning_data(url)
        assert (tmp_path / f"plan.{kind}").read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in", "plan.duckdb", "plan.sqlite"]


def test_every_row_of_a_large_table_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "ROWS_AT_ONCE", 7)
    monkeypatch.setattr(write, "_ROWS_AT_ONCE", 5)
    rows = "".join(f"{number},1,A,L,{number % 3 + 1},2021-01-01\n" for number in range(100))
    data = read_planning_data(write_csv(tmp_path / "in", {"demands": ",".join(HEADER) + "\n" + rows}))
    for kind in ("sqlite", "duckdb", "sqlite+pysqlite"):
        url = f"{kind}:///{tmp_path}/{kind}.db"
        write_planning_data(data, url)
        read = read_planning_data(url)["demands"].reset_index(drop=True)
        pd.testing.assert_frame_equal(read, data["demands"].reset_index(drop=True))


def test_any_other_database_is_reached_by_sqlalchemy(tmp_path: Path) -> None:
    """The statements that PostgreSQL and others get quote the reserved word ``order``."""
    url = f"sqlite+pysqlite:///{tmp_path}/plan.db"
    write_planning_data(read_planning_data(write_csv(tmp_path / "in")), url)
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text('select count(distinct "order") from demands')).scalar() == 4
    engine.dispose()
