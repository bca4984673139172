"""Planning data that are written in any format are read back equal."""

from __future__ import annotations

import datetime as dt
import os
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from data_samples import write_csv

from firmdate.data.planning_data import PlanningData
from firmdate.data.read import read_frames, read_planning_data
from firmdate.data.tables import TABLES
from firmdate.data.write import write_planning_data
from firmdate.errors import InputError


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> PlanningData:
    return read_planning_data(write_csv(tmp_path_factory.mktemp("round_trip") / "csv"))


def assert_equal(actual: PlanningData, expected: PlanningData) -> None:
    for table in TABLES:
        pd.testing.assert_frame_equal(
            actual[table.name].reset_index(drop=True), expected[table.name].reset_index(drop=True), obj=table.name
        )
        assert actual.given(table.name) == expected.given(table.name)


@pytest.mark.parametrize("target", ["csv", "parquet", "book.xlsx", "sqlite", "duckdb"])
def test_round_trip(sample: PlanningData, tmp_path: Path, target: str) -> None:
    place: str | Path = tmp_path / target
    if target in ("sqlite", "duckdb"):
        place = f"{target}:///{tmp_path}/plan.db"
    write_planning_data(sample, place, "parquet" if target == "parquet" else "csv")
    assert_equal(read_planning_data(place), sample)


def test_written_workbook_has_frozen_heads_filters_and_types(sample: PlanningData, tmp_path: Path) -> None:
    import python_calamine

    write_planning_data(sample, tmp_path / "book.xlsx")
    book = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "book.xlsx"))
    head, first, *_ = book.get_sheet_by_name("demands").to_python()
    kinds = {name: type(cell) for name, cell in zip(head, first, strict=True)}
    assert (kinds["order"], kinds["quantity"], kinds["requested_date"]) == (str, float, dt.date)
    with zipfile.ZipFile(tmp_path / "book.xlsx") as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
    assert len(sheets) == len(book.sheet_names)
    assert all("<autoFilter" in sheet and 'state="frozen"' in sheet for sheet in sheets)


def test_round_trip_sqlalchemy(sample: PlanningData, tmp_path: Path) -> None:
    url = f"sqlite+pysqlite:///{tmp_path}/plan.db"
    write_planning_data(sample, url)
    read = read_planning_data(url)
    assert_equal(read, sample)
    assert read.where("demands", 2) == f"{url}[demands]:2"


def test_round_trip_postgresql(sample: PlanningData) -> None:
    url = os.environ.get("FIRMDATE_TEST_POSTGRESQL")
    if not url:
        pytest.skip("set FIRMDATE_TEST_POSTGRESQL to the URL of a PostgreSQL database in which schemas may be made")
    import sqlalchemy

    from firmdate.data.database import sqlalchemy_engine

    engine = sqlalchemy_engine(url)
    schema = f"firmdate_test_{os.getpid()}"
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text(f"create schema {schema}"))
    try:
        inside = f"{url}{'&' if '?' in url else '?'}options=-csearch_path={schema}"
        write_planning_data(sample, inside)
        read = read_planning_data(inside)
        with pytest.raises(InputError, match="holds planning tables already"):
            write_planning_data(sample, inside)
    finally:
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text(f"drop schema {schema} cascade"))
        engine.dispose()
    assert_equal(read, sample)


def test_round_trip_frames(sample: PlanningData) -> None:
    assert_equal(read_frames({table.name: sample[table.name] for table in TABLES}), sample)


def test_only_what_is_there_is_written(tmp_path: Path) -> None:
    demands = "order,line,item,location,quantity,requested_date\n1,1,A,L,1,2021-01-01\n"
    data = read_planning_data(write_csv(tmp_path / "in", {"demands": demands, "on_hand": "item,location,quantity\n"}))
    write_planning_data(data, tmp_path / "out")
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["demands.csv", "on_hand.csv"]


@pytest.mark.parametrize("target", ["csv", "book.xlsx", "sqlite", "duckdb", "sqlite+pysqlite"])
def test_planning_tables_are_never_overwritten(sample: PlanningData, tmp_path: Path, target: str) -> None:
    place: str | Path = tmp_path / target
    if "." not in target and target != "csv":
        place = f"{target}:///{tmp_path}/plan.db"
    write_planning_data(sample, place)
    with pytest.raises(InputError, match=r"holds planning tables already .*; name a new target or remove them"):
        write_planning_data(sample, place)


def test_a_target_that_cannot_be_written(sample: PlanningData, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for target in (tmp_path / "file", tmp_path / "none" / "book.xlsx"):
        with pytest.raises(InputError, match="cannot be written"):
            write_planning_data(sample, target)
    for kind in ("sqlite", "duckdb", "sqlite+pysqlite"):
        with pytest.raises(InputError, match="cannot be written"):
            write_planning_data(sample, f"{kind}:///{tmp_path}/none/plan.db")
