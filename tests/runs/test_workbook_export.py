from __future__ import annotations

import builtins
import datetime as dt
import errno
import gc
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from firmdate.errors import InputError
from firmdate.plan.result import PLAN_TABLES
from firmdate.report import export
from firmdate.report.export import export_run, write_workbook
from runs.hand_plan import KPIS, hand_plan

calamine = pytest.importorskip("python_calamine")
pytest.importorskip("xlsxwriter")

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets(path: Path) -> dict[str, list[list[object]]]:
    book = calamine.CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_workbook_has_every_table_with_its_types(tmp_path: Path) -> None:
    export_run(hand_plan(), tmp_path / "plan.xlsx")
    book = sheets(tmp_path / "plan.xlsx")
    assert list(book) == ["figures", *PLAN_TABLES]
    assert dict(book["figures"][1:]) == pytest.approx(KPIS)
    head, first, second, third, _ = book["promises"]
    assert head == list(PLAN_TABLES["promises"])
    assert first[:8] == ["0012", "1", "PUMP", "DC", 60.0, dt.date(2021, 1, 5), dt.date(2021, 1, 5), 0.0]
    assert second[12:14] == ["RES_1", dt.date(2021, 1, 4)]
    assert third[6:8] == ["", ""]


def test_text_stays_text(tmp_path: Path) -> None:
    texts = ["=1+1", "+49", "0012", "http://x.example", "1e5", "", "x" * 40_000]
    write_workbook({"texts": pd.DataFrame({"text": texts, "flag": [True] * 7})}, tmp_path / "t.xlsx")
    rows = sheets(tmp_path / "t.xlsx")["texts"][1:]
    assert [row[0] for row in rows] == [*texts[:-1], "x" * 32_767]
    assert rows[0][1] is True
    with zipfile.ZipFile(tmp_path / "t.xlsx") as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml
    assert "hyperlink" not in xml


def test_heads_stay_in_sight_and_filter(tmp_path: Path) -> None:
    export_run(hand_plan(), tmp_path / "plan.xlsx")
    with zipfile.ZipFile(tmp_path / "plan.xlsx") as archive:
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet2.xml"))
    pane = sheet.find(f".//{SHEET}pane")
    assert pane is not None
    assert (pane.get("ySplit"), pane.get("state")) == ("1", "frozen")
    autofilter = sheet.find(f"{SHEET}autoFilter")
    assert autofilter is not None
    assert autofilter.get("ref") == "A1:U5"


def test_numbers_that_are_none_are_blank(tmp_path: Path) -> None:
    numbers = pd.DataFrame({"n": [1 / 3, np.nan, np.inf], "days": pd.array([1, pd.NA, 3], dtype="Int64")})
    write_workbook({"n": numbers}, tmp_path / "n.xlsx")
    assert sheets(tmp_path / "n.xlsx")["n"][1:] == [[0.333333, 1.0], ["", ""], ["", 3.0]]


def test_table_that_excel_cannot_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "EXCEL_ROWS", 4)
    with pytest.raises(InputError, match="promises: has 4 rows, and Excel holds 3; use the CSV of the run"):
        export_run(hand_plan(), tmp_path / "plan.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_workbook_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file is a file where a folder is needed"):
        export_run(hand_plan(), tmp_path / "file" / "plan.xlsx")
    (tmp_path / "folder.xlsx").mkdir()
    with pytest.raises(InputError, match="is a folder where a file is needed"):
        export_run(hand_plan(), tmp_path / "folder.xlsx")
    assert {path.name for path in tmp_path.iterdir()} == {"file", "folder.xlsx"}


@pytest.mark.filterwarnings("error")
def test_workbook_on_a_full_disk_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing else is said either: an archive that was left half written complains when it is collected."""

    def full(_: Path, __: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match=r"plan\.xlsx: the disk is full; free some space or choose another file"):
        export_run(hand_plan(), tmp_path / "plan.xlsx")
    gc.collect()
    assert capsys.readouterr().err == ""
    assert list(tmp_path.iterdir()) == []


def test_missing_library_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_xlsxwriter(name: str, *args: object) -> object:
        if name == "xlsxwriter":
            raise ImportError(name)
        return real(name, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without_xlsxwriter)
    with pytest.raises(InputError, match='pip install "firmdate\\[excel\\]"'):
        export_run(hand_plan(), tmp_path / "plan.xlsx")
