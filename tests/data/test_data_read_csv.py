"""CSV folders: what is read, and every mistake as one clear line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from data_samples import SAMPLE, problems_of, read_csv, read_problems, write_csv
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmdate.data import csv_file
from firmdate.data.csv_file import read_csv_table
from firmdate.data.raw import RawTable
from firmdate.data.read import read_planning_data
from firmdate.data.tables import TABLE, TABLES
from firmdate.errors import InputError


@pytest.fixture(params=["small files", "large files"], autouse=True)
def _both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small and large files are read by different code, to the same result."""
    if request.param == "large files":
        monkeypatch.setattr(csv_file, "SMALL", -1)


HEADER = "order,line,item,location,quantity,requested_date\n"


def demands(rows: str, header: str = HEADER) -> dict[str, str]:
    return {"demands": header + rows}


def test_characters_that_nobody_sees_do_not_make_another_id(tmp_path: Path) -> None:
    rows = "\ufeffSO\u00a01,1,A\u200b,W\u202f1,10,2021-01-08\nSO 2,1,A,W 1,10,2021-01-08\n"
    data = read_csv(tmp_path, demands(rows, HEADER.replace("line", "\ufeffline\u00a0")))
    assert data["demands"]["order"].tolist() == ["SO 1", "SO 2"]
    assert data["demands"]["item"].nunique() == data["demands"]["location"].nunique() == 1


def test_frames_are_typed_and_complete(tmp_path: Path) -> None:
    data = read_csv(tmp_path)
    for table in TABLES:
        assert data.given(table.name)
        assert tuple(data[table.name].columns)[: len(table.names)] == table.names
        assert data[table.name].index.is_unique
    frame = data["demands"]
    assert frame.index.tolist() == [2, 3, 4, 5, 6]
    given = SAMPLE["demands"].splitlines()[0].split(",")
    assert frame.loc[2, given].drop(["partial"]).astype(str).tolist() == [
        *["0001", "1", "order", "0012", "W1", "10.0", "2021-01-08 00:00:00", "1", "2.5", "ACME", "99.95", "0.5"],
        *["2021-01-09 00:00:00", "2021-01-07 00:00:00", "2021-02-01 00:00:00", "2.0", "SET-1", "NO", "web"],
    ]
    assert frame["enforce_commit"].isna().all()
    assert not frame["locked"].any()
    assert frame["partial"].tolist() == [False, True, True, True, True]
    assert frame["kind"].tolist() == ["order", "order", "forecast", "order", "order"]
    assert frame["tier"].tolist() == [1, 1, 3, 1, 1]
    assert frame["minimum_shipment"].isna().tolist() == [False, True, True, True, True]
    assert frame["scheduled_date"].isna().tolist() == [False, True, True, True, True]
    assert str(frame["x_channel"].dtype) == "category"
    assert data["lanes"]["mode"].tolist() == ["standard", "air"]
    assert str(data["stocking_points"]["lead_time_days"].dtype) == "float64"
    assert str(data["lanes"]["lead_time_days"].dtype) == "int64"
    assert data["lanes"]["item"].isna().tolist() == [True, False]


def test_ids_stay_text(tmp_path: Path) -> None:
    data = read_csv(tmp_path)
    assert data["demands"]["item"].tolist() == ["0012", "NO", "NA", "12:30", "3.10"]
    assert data["demands"]["order"].tolist() == ["0001", "0001", "NO", "NA", "null"]
    assert data["demands"]["line"].tolist() == ["1", "02", "1", "1", "12:30"]
    assert data["demands"]["customer"].astype("str").tolist()[1:] == ["NO", "NA", "null", "nan"]
    assert data["items"]["description"].tolist()[:5] == ["Bracket", 'Rod, "long"', "=1+1", "Ölfilter", "null"]
    assert data["items"]["product_group"].tolist()[1] == "3.10"


def test_a_column_of_digits_keeps_its_zeros(tmp_path: Path) -> None:
    """A parser that guesses types would make 12 and 13 of it."""
    data = read_csv(tmp_path, demands("0012,01,007,1e3,1,2021-01-01\n0013,02,008,1e4,1,2021-01-01\n"))
    assert data["demands"]["order"].tolist() == ["0012", "0013"]
    assert data["demands"]["location"].tolist() == ["1e3", "1e4"]
    one = read_csv(tmp_path / "flags", demands("True,01,007,L,1,2021-01-01\nFalse,02,008,L,1,2021-01-01\n"))
    assert one["demands"]["order"].tolist() == ["True", "False"]


def test_categories_are_sorted_and_in_use(tmp_path: Path) -> None:
    data = read_csv(tmp_path, demands("b,1,z,L,1,2021-01-01\na,1,y,L,1,2021-01-01\n\nb,2,z ,L,1,2021-01-01\n"))
    assert data["demands"]["order"].cat.categories.tolist() == ["a", "b"]
    assert data["demands"]["item"].cat.categories.tolist() == ["y", "z"]


def test_blanks_lines_and_line_ends(tmp_path: Path) -> None:
    text = "\ufeff order , line,item,location,quantity,requested_date,\r\n\r\n"
    text += " 1 ,1, A ,L,  3 ,2021-01-01,\r\n,,,,,,\r\n   \r\n"
    data = read_csv(tmp_path, {"demands": text + "2,1,A,L,3,2021-01-02,"})
    assert data["demands"]["order"].tolist() == ["1", "2"]
    assert data["demands"]["item"].tolist() == ["A", "A"]
    assert data["demands"].index.tolist() == [3, 6]
    assert data.where("demands", 6) == f"{tmp_path}/demands.csv:6"


def test_old_line_ends(tmp_path: Path) -> None:
    data = read_csv(
        tmp_path, {"demands": (HEADER + "1,1,A,L,3,2021-01-01\n2,1,A,L,3,2021-01-01\n").replace("\n", "\r")}
    )
    assert data["demands"].index.tolist() == [2, 3]


def test_line_breaks_inside_quotes_count(tmp_path: Path) -> None:
    lines = '1,1,A,L,3,2021-01-01,"two\nlines"\n2,1,A,L,x,2021-01-01,\n'
    found = read_problems(tmp_path, demands(lines, HEADER.replace("\n", ",x_note\n")))
    message = "a line break, tab or control character inside a cell (got 'two\\nlines'); remove it"
    assert found == [
        f"demands.csv:2: x_note: {message}",
        "demands.csv:4: quantity: not a number (got 'x'); write digits, such as 12 or 12.5",
    ]


def test_quotes_inside_a_cell(tmp_path: Path) -> None:
    rows = '1,1,5" pipe,L,3,2021-01-01\n2,1, "A, long",L,3,2021-01-01\n\n3,1,"say ""so""",L,1,2021-01-01\n'
    data = read_csv(tmp_path, demands(rows))
    assert data["demands"]["item"].tolist() == ['5" pipe', "A, long", 'say "so"']
    assert data["demands"].index.tolist() == [2, 3, 5]


def test_no_rows(tmp_path: Path) -> None:
    data = read_csv(tmp_path, demands(""), items="item\n")
    assert data.given("items")
    assert not data.complete("items")
    assert not data.given("lanes")
    assert len(data["demands"]) == 0
    expected = read_csv(tmp_path / "b")["demands"].dtypes.astype("str").drop("x_channel")
    pd.testing.assert_series_equal(data["demands"].dtypes.astype("str"), expected)


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    found = read_problems(
        tmp_path,
        items="item,unit_cost,whole_units,unit_prise,colour\nA,1e400,perhaps,1,red\n,2,true,1,blue\n",
        lanes="item,origin,destination,rank\nA,P1,W1,first\n",
        demands=HEADER + '1,1,A,L,"1,5",04.01.2021\n1,1,A,L\n1,2,A,L,1,2021-02-30,9\n1,3,A,L,1,2021-01-01\n',
    )
    assert found == [
        "items.csv: unit_prise: unknown column (got 'unit_prise'); did you mean 'unit_price'?",
        "items.csv: colour: unknown column (got 'colour'); the columns are: item, description, unit_cost, unit_price, "
        "whole_units, product_group",
        "items.csv:2: unit_cost: number too large (got '1e400'); check its unit",
        "items.csv:2: whole_units: not true or false (got 'perhaps'); write true, false, yes, no, 1 or 0",
        "items.csv:3: item: blank, but a value is needed; fill it in",
        "lanes.csv: lead_time_days: the column is missing, and it has no default; add it to the header",
        "lanes.csv:2: rank: not a number (got 'first'); write digits, such as 12 or 12.5",
        "demands.csv:3: 4 cells, but the header has 6 columns; quote a cell that holds a comma",
        "demands.csv:4: 7 cells, but the header has 6 columns; quote a cell that holds a comma",
        "demands.csv:2: quantity: not a number (got '1,5'); write it with a decimal point and no thousands separator",
        "demands.csv:2: requested_date: not a date (got '04.01.2021'); write it as YYYY-MM-DD",
    ]


def test_many_mistakes_alike_are_counted(tmp_path: Path) -> None:
    found = read_problems(tmp_path, demands("1,1,A,L,x,2021-01-01\n" * 1234 + "1,1,A\n" * 30))
    assert found[:20] == [
        f"demands.csv:{line}: 3 cells, but the header has 6 columns; quote a cell that holds a comma"
        for line in range(1236, 1256)
    ]
    assert found[20] == "demands.csv: and 10 more like it"
    assert found[21:41] == [
        f"demands.csv:{line}: quantity: not a number (got 'x'); write digits, such as 12 or 12.5"
        for line in range(2, 22)
    ]
    assert found[41:] == ["demands.csv: quantity: and 1,214 more like it"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty; its first line must name the columns"),
        (b"\n\n", "the file is empty; its first line must name the columns"),
        (b' ""\n', "the file is empty; its first line must name the columns"),
        (b"order;line\n1;2\n", "the cells are separated by semicolons; save the file with commas as separators"),
        (b"order\tline\n", "the cells are separated by tabs; save the file with commas as separators"),
        (b"order,line\n\nM\xfcller,1\n", "not UTF-8 (byte 0xfc on line 3); save it as CSV UTF-8"),
        (b"\xff\xfeo\x00", "not a text file in UTF-8 (a zero byte on line 1); save it as CSV UTF-8"),
        (
            b"1,1,A\n2,1,A\n",
            "the first line names no column of this table (got '1', '1', 'A'); expected some of: order, line, kind, "
            f"{', '.join(TABLE['demands'].names[3:])}",
        ),
    ],
)
def test_no_csv(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "demands.csv").write_bytes(content)
    assert problems_of(lambda: read_planning_data(tmp_path), tmp_path) == [f"demands.csv: {message}"]


@pytest.mark.parametrize(
    ("rows", "where", "reason"),
    [
        ('1,1,A,L,1,"2021-01-01\n2,1,A,L,1,2021-01-01\n', 2, "unexpected end of data"),
        ('1,1,A,L,1,2021-01-01\n2,1,"A"B,L,1,2021-01-01\n', 3, "',' expected after '\"'"),
    ],
)
def test_quotes_that_do_not_match(tmp_path: Path, rows: str, where: int, reason: str) -> None:
    rule = "quotes enclose a whole cell, and a quote inside is doubled"
    message = f"the row that begins here cannot be split into cells ({reason}); {rule}"
    assert read_problems(tmp_path, demands(rows)) == [f"demands.csv:{where}: {message}"]


def test_headers_that_are_wrong(tmp_path: Path) -> None:
    header = "order,line,item,location,quantity,Requested_Date,quantity,customer_group,\n"
    found = read_problems(tmp_path, demands("1,1,A,L,1,2021-01-01,2,C,x\n", header))
    assert found == [
        "demands.csv: quantity: the column appears 2 times in the header",
        "demands.csv: Requested_Date: unknown column (got 'Requested_Date'); did you mean 'requested_date'?",
        "demands.csv: customer_group: unknown column (got 'customer_group'); did you mean 'customer'?",
        "demands.csv: a column with values has no name in the header",
    ]
    found = read_problems(tmp_path, demands("1,1,A,L,1,2021-01-01,2\n", HEADER.replace("\n", ",channel\n")))
    assert found == [
        "demands.csv: channel: unknown column (got 'channel'); a column of your own begins with x_, as in x_channel"
    ]


def test_files_that_are_no_table(tmp_path: Path) -> None:
    write_csv(tmp_path)
    for name in (
        "lane.csv",
        "Archive.csv",
        "demand.parquet",
        "_old_demands.csv",
        ".~lock.csv",
        "readme.txt",
        "lanes.xml",
    ):
        (tmp_path / name).write_text("")
    assert problems_of(lambda: read_planning_data(tmp_path), tmp_path) == [
        "Archive.csv: unknown table (got 'Archive.csv'); a name that begins with _ is left out",
        "demand.parquet: unknown table (got 'demand.parquet'); did you mean 'demands.parquet'?",
        "lane.csv: unknown table (got 'lane.csv'); did you mean 'lanes.csv'?",
    ]


def test_a_table_twice(tmp_path: Path) -> None:
    write_csv(tmp_path)
    (tmp_path / "demands.parquet").write_bytes(b"")
    assert problems_of(lambda: read_planning_data(tmp_path), tmp_path) == [
        "demands.parquet: the table 'demands' is there twice, also as 'demands.csv'; remove one of them"
    ]


def test_demands_are_missing(tmp_path: Path) -> None:
    message = "the table 'demands' is missing; there is nothing to promise"
    assert read_problems(tmp_path, {"items": "item\nA\n"}) == [f"{tmp_path}: {message}"]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert problems_of(lambda: read_planning_data(empty), tmp_path) == [f"empty: {message}"]


def test_no_such_source(tmp_path: Path) -> None:
    write_csv(tmp_path / "tutorial")
    (tmp_path / "plan.db").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("")
    for source, message in {
        "tutoral": "no such folder or workbook (got 'tutoral'); did you mean 'tutorial'?",
        "none/x": f"no such folder or workbook; the folder '{tmp_path}/none' is missing too",
        "tutorial/demands.csv": f"one table is no planning data; name the folder that holds it, '{tmp_path}/tutorial'",
        "plan.db": f"name a database by its URL, 'sqlite:///{tmp_path}/plan.db'",
        "notes.txt": "neither a folder nor a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods) nor a database URL",
    }.items():
        with pytest.raises(InputError) as caught:
            read_planning_data(tmp_path / source)
        assert [str(problem) for problem in caught.value.problems] == [f"{tmp_path / source}: {message}"]


def test_files_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_csv(tmp_path)

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refuse)
        found = problems_of(lambda: read_planning_data(tmp_path), tmp_path)
    assert len(found) == len(TABLES)
    assert found[0] == "items.csv: cannot be read (Permission denied); it must be a file that you may read"
    (tmp_path / "demands.csv").unlink()
    (tmp_path / "demands.csv").mkdir()
    found = problems_of(lambda: read_planning_data(tmp_path), tmp_path)
    assert found == ["demands.csv: cannot be read (Is a directory); it must be a file that you may read"]
    monkeypatch.setattr(Path, "iterdir", refuse)
    message = "the folder cannot be read (Permission denied); check its permissions"
    assert problems_of(lambda: read_planning_data(tmp_path), tmp_path) == [f"{tmp_path}: {message}"]


CELLS = st.text(alphabet='ab01 ,"\n\r.é', max_size=6)


def cells_of(raw: RawTable) -> list[list[str]]:
    columns = [np.array([*column.texts, ""], dtype=object)[column.codes].tolist() for column in raw.columns]
    return [list(row) for row in zip(*columns, strict=True)]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1)))
def test_csv_is_read_as_it_was_written(rows: list[list[str]]) -> None:
    header = [f"h{place}" for place in range(len(rows[0]))]
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, quoting=quoting)
        writer.writerows([header, *rows])
        raw = read_csv_table("demands", "demands.csv", stream.getvalue().encode())
        expected = [[cell.replace("\r\n", "\n").replace("\r", "\n").strip() for cell in row] for row in rows]
        assert raw.problems == ()
        assert [row for row in cells_of(raw) if any(row)] == [row for row in expected if any(row)]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=1, max_size=4)))
def test_any_text_is_read_as_by_the_standard_library(rows: list[list[str]]) -> None:
    """Without quotes added: lines of any number of cells, with quotes and blanks anywhere."""
    text = "a,b\n" + "\n".join(",".join(row) for row in rows).replace("\r", "")
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
        expected = [[cell.strip() for cell in row] for row in reader]
    except csv.Error:
        with pytest.raises(InputError):
            read_csv_table("demands", "demands.csv", text.encode())
        return
    filled = [row for row in expected[1:] if any(row)]
    raw = read_csv_table("demands", "demands.csv", text.encode())
    assert [row for row in cells_of(raw) if any(row)] == [row for row in filled if len(row) == 2]
