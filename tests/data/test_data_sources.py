"""Workbooks, Parquet files and frames: typed cells, and what is wrong with a source as one clear line."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from data_samples import SAMPLE, problems_of, write_csv

from firmdate.data import write
from firmdate.data.read import read_frames, read_planning_data
from firmdate.data.write import write_planning_data
from firmdate.errors import InputError

HEADER = ("order", "line", "item", "location", "quantity", "requested_date")
DAY = dt.date(2021, 1, 4)
MISSING = "the table 'demands' is missing; there is nothing to promise"


def write_book(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return path


def test_workbook_cells(tmp_path: Path) -> None:
    rows = [
        [],
        [" order ", "line", "item", "location", "quantity", "requested_date", "partial", "x_note"],
        [12, 1, "0012", "NO", 2.5, DAY, True, dt.time(12, 30)],
        [],
        ["NA", 1.0, 3.1, "null", "7", "2021-01-05", "no", DAY],
        [4711, 2, "3.10", 1234567890123456, 1, dt.datetime(2021, 1, 6), 1, True],
    ]
    data = read_planning_data(write_book(tmp_path / "book.xlsx", {"demands": rows, "Sheet1": [], "_notes": [["a"]]}))
    frame = data["demands"]
    assert frame["order"].tolist() == ["12", "NA", "4711"]
    assert frame["line"].tolist() == ["1", "1", "2"]
    assert frame["item"].tolist() == ["0012", "3.1", "3.10"]
    assert frame["location"].tolist() == ["NO", "null", "1234567890123456"]
    assert frame["quantity"].tolist() == [2.5, 7.0, 1.0]
    assert [str(day.date()) for day in frame["requested_date"]] == ["2021-01-04", "2021-01-05", "2021-01-06"]
    assert frame["partial"].tolist() == [True, False, True]
    assert frame["x_note"].tolist() == ["12:30", "2021-01-04", "TRUE"]
    assert data.where("demands", 5) == f"{tmp_path}/book.xlsx[demands]:5"
    assert frame.index.tolist() == [3, 5, 6]


def test_workbook_mistakes(tmp_path: Path) -> None:
    day_and_time = dt.datetime(2021, 1, 4, 12, 30)
    sheets = {
        "demands": [HEADER, [1, 1, "A", "L", True, day_and_time], [1, 2, "A", "L", "x", 44200]],
        "Lane": [["item"]],
        "items": [],
    }
    path = write_book(tmp_path / "book.xlsx", sheets)
    assert problems_of(lambda: read_planning_data(path), tmp_path) == [
        "book.xlsx[Lane]: unknown table (got 'Lane'); did you mean 'lanes'?",
        "book.xlsx[items]: the sheet is empty; its first row must name the columns",
        "book.xlsx[demands]:2: quantity: not a number (got 'TRUE'); write digits, such as 12 or 12.5",
        "book.xlsx[demands]:2: requested_date: not a date (got '2021-01-04 12:30:00'); "
        "write it as YYYY-MM-DD without a time of day",
        "book.xlsx[demands]:3: quantity: not a number (got 'x'); write digits, such as 12 or 12.5",
        "book.xlsx[demands]:3: requested_date: not a date (got '44200'); write it as YYYY-MM-DD",
    ]


def test_a_formula_that_failed_is_no_blank(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        book.add_worksheet("first")
        sheet = book.add_worksheet("demands")
        sheet.write_row(0, 0, (*HEADER, "priority"))
        sheet.write_row(1, 0, (1, 1, "A", "L", 1, "2021-01-04"))
        sheet.write_formula("G2", "=1/0", None, "#DIV/0!")
    assert problems_of(lambda: read_planning_data(tmp_path / "book.xlsx"), tmp_path) == [
        "book.xlsx[demands]:2: the formula in cell G2 failed (got '#DIV/0!'); mend it, or write the value"
    ]


def test_workbook_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(b"order,line\n")
    (found,) = problems_of(lambda: read_planning_data(tmp_path / "book.xlsx"), tmp_path)
    assert found.startswith("book.xlsx: not a workbook that can be read (")
    path = write_book(tmp_path / "empty.xlsx", {"Sheet1": []})
    assert problems_of(lambda: read_planning_data(path), tmp_path) == [f"{path}: {MISSING}".replace(f"{tmp_path}/", "")]


def parquet_of(folder: Path, columns: dict[str, object]) -> Path:
    folder.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), folder / "demands.parquet")
    return folder


def test_parquet_types(tmp_path: Path) -> None:
    columns: dict[str, object] = {
        "order": pa.array([12, None], pa.int64()).fill_null(7),
        "line": pa.array(["0012", "NA"]).dictionary_encode(),
        "item": pa.array([1.0, 2.0]),
        "location": pa.array(["NO", " L "], pa.large_string()),
        "quantity": pa.array([Decimal("2.50"), Decimal("3.00")]),
        "requested_date": pa.array([dt.datetime(2021, 1, 4), dt.datetime(2021, 1, 5)], pa.timestamp("ns")),
        "scheduled_date": pa.array([DAY, None], pa.date32()),
        "partial": pa.array([False, None], pa.bool_()),
        "tier": pa.array([2, None], pa.int8()),
        "customer": pa.nulls(2),
    }
    frame = read_planning_data(parquet_of(tmp_path, columns))["demands"]
    assert frame[["order", "line", "item", "location"]].to_numpy().tolist() == [
        ["12", "0012", "1", "NO"],
        ["7", "NA", "2", "L"],
    ]
    assert frame["quantity"].tolist() == [2.5, 3.0]
    assert frame["requested_date"].tolist() == [pd.Timestamp("2021-01-04"), pd.Timestamp("2021-01-05")]
    assert frame["scheduled_date"].isna().tolist() == [False, True]
    assert frame["partial"].tolist() == [False, True]
    assert frame["tier"].tolist() == [2, 1]
    assert frame["customer"].isna().all()
    assert frame.index.tolist() == [1, 2]


def test_the_index_that_pandas_stores_is_no_column(tmp_path: Path) -> None:
    frame = pd.DataFrame([["1", "1", "A", "L", 1, "2021-01-04"]], columns=list(HEADER), index=pd.Index([7]))
    frame.to_parquet(tmp_path / "demands.parquet")
    assert "__index_level_0__" in pq.ParquetFile(tmp_path / "demands.parquet").schema.names
    assert read_planning_data(tmp_path)["demands"]["order"].tolist() == ["1"]


def test_parquet_mistakes(tmp_path: Path) -> None:
    columns: dict[str, object] = {
        "order": ["1", "2"],
        "line": ["1", "1"],
        "item": [[1], [2]],
        "location": [b"\x00", b"\x01"],
        "quantity": [float("nan"), float("inf")],
        "requested_date": [dt.datetime(2021, 1, 4, 12), None],
    }
    assert problems_of(lambda: read_planning_data(parquet_of(tmp_path, columns)), tmp_path) == [
        "demands.parquet:1: item: a cell of type list cannot be read (got '[1]'); turn it into text",
        "demands.parquet:1: location: a cell of type bytes cannot be read (got \"b'\\\\x00'\"); turn it into text",
        "demands.parquet:1: quantity: not a finite number (got 'nan'); leave it blank where nothing is meant",
        "demands.parquet:1: requested_date: not a date (got '2021-01-04 12:00:00'); "
        "write it as YYYY-MM-DD without a time of day",
        "demands.parquet:2: item: a cell of type list cannot be read (got '[2]'); turn it into text",
        "demands.parquet:2: location: a cell of type bytes cannot be read (got \"b'\\\\x01'\"); turn it into text",
        "demands.parquet:2: quantity: not a finite number (got 'inf'); leave it blank where nothing is meant",
        "demands.parquet:2: requested_date: blank, but a value is needed; fill it in",
    ]


def test_parquet_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "demands.parquet").write_bytes(b"order,line\n")
    (found,) = problems_of(lambda: read_planning_data(tmp_path), tmp_path)
    assert found.startswith("demands.parquet: not a Parquet file that can be read (")


@pytest.mark.parametrize(
    ("module", "source", "message"),
    [
        ("pyarrow", "parquet", "reading Parquet needs pyarrow; install firmdate[parquet]"),
        ("python_calamine", "book.xlsx", "reading a workbook needs python-calamine; install firmdate[excel]"),
        ("duckdb", "duckdb:///{}/plan.db", "reading DuckDB needs duckdb; install firmdate[duckdb]"),
        (
            "sqlalchemy",
            "postgresql://host/plan",
            "reading this database needs sqlalchemy and its driver; install firmdate[sql] or firmdate[postgresql]",
        ),
    ],
)
def test_reading_without_an_optional_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, source: str, message: str
) -> None:
    (tmp_path / "parquet").mkdir()
    for name in ("parquet/demands.parquet", "book.xlsx", "plan.db"):
        (tmp_path / name).write_bytes(b"")
    monkeypatch.setitem(sys.modules, module, None)
    place: str | Path = source.format(tmp_path) if "://" in source else tmp_path / source
    (found,) = problems_of(lambda: read_planning_data(place), tmp_path)
    assert found.endswith(f": {message}")


@pytest.mark.parametrize(
    ("module", "target", "message"),
    [
        ("pyarrow", "parquet", "writing Parquet needs pyarrow; install firmdate[parquet]"),
        ("xlsxwriter", "book.xlsx", "writing a workbook needs xlsxwriter; install firmdate[excel]"),
        ("duckdb", "duckdb:///{}/plan.db", "writing DuckDB needs duckdb; install firmdate[duckdb]"),
        (
            "sqlalchemy",
            "postgresql://host/plan",
            "writing to this database needs sqlalchemy and its driver; install firmdate[sql] or firmdate[postgresql]",
        ),
    ],
)
def test_writing_without_an_optional_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, target: str, message: str
) -> None:
    data = read_planning_data(write_csv(tmp_path / "in"))
    monkeypatch.setitem(sys.modules, module, None)
    place: str | Path = target.format(tmp_path) if "://" in target else tmp_path / target
    (found,) = problems_of(lambda: write_planning_data(data, place, "parquet"), tmp_path)
    assert found.endswith(f": {message}")


def test_a_sheet_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "_ROWS_OF_A_SHEET", 4)
    data = read_planning_data(write_csv(tmp_path / "in", {"demands": SAMPLE["demands"]}))
    assert problems_of(lambda: write_planning_data(data, tmp_path / "book.xlsx"), tmp_path) == [
        "book.xlsx: the table 'demands' has 5 rows, and a sheet holds 4; write Parquet"
    ]


def test_frames() -> None:
    frame = pd.DataFrame(
        {
            "order": [12, 13],
            "line": pd.Categorical(["0012", "NA"]),
            "item": ["NO", " 3.10 "],
            "location": [1.0, 2.0],
            "quantity": [np.float32(0.5), 2],
            "requested_date": [DAY, "2021-01-05"],
            "tier": [np.nan, 2],
            "customer": [None, "C"],
            "scheduled_date": pd.to_datetime(["2021-01-04", None]),
        },
        index=[7, 7],
    )
    data = read_frames({"demands": frame})
    assert data["demands"].index.tolist() == [1, 2]
    assert data["demands"][["order", "line", "item", "location"]].to_numpy().tolist() == [
        ["12", "0012", "NO", "1"],
        ["13", "NA", "3.10", "2"],
    ]
    assert data["demands"]["tier"].tolist() == [1, 2]
    assert data["demands"]["scheduled_date"].isna().tolist() == [False, True]
    assert data.where("demands", 2) == "demands:2"
    with pytest.raises(InputError) as caught:
        read_frames({"demands": frame.assign(quantity=[np.inf, 1]), "lane": frame})
    assert [str(problem) for problem in caught.value.problems] == [
        "frames: unknown table (got 'lane'); did you mean 'lanes'?",
        "demands:1: quantity: not a finite number (got 'inf'); leave it blank where nothing is meant",
    ]
