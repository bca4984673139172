"""Tables written by another process: the same files, and nothing is lost when it dies."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from firmdate.runs import table_writer
from firmdate.runs.table_files import write_table
from firmdate.runs.table_writer import tables_written

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")

TABLES: Mapping[str, pd.DataFrame] = {
    "promises": pd.DataFrame({"order": ["A", "B"], "quantity": [1.0, 1 / 3]}),
    "stock": pd.DataFrame({"item": ["X"], "date": pd.to_datetime(["2026-01-05"]).astype("datetime64[s]")}),
}


@pytest.fixture(autouse=True)
def every_row_is_worth_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_writer, "MOST_ROWS_HERE", 0)


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def written(folder: Path, *, processes: bool) -> dict[str, bytes]:
    folder.mkdir()
    with tables_written(TABLES, folder, "csv", processes=processes) as finish:
        finish()
    return files(folder)


def test_another_process_writes_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = written(tmp_path / "here", processes=False)
    monkeypatch.setattr(table_writer, "write_table", _only_in(os.getpid()))
    assert written(tmp_path / "beside", processes=True) == here
    assert set(here) == {"promises.csv", "stock.csv"}


def test_what_a_killed_process_did_not_write_is_written_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = written(tmp_path / "here", processes=False)
    monkeypatch.setattr(table_writer, "_write", _dies)
    assert written(tmp_path / "beside", processes=True) == here


def test_a_file_that_cannot_be_written_is_an_error_here(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError, match=r"promises\.csv"),
        tables_written(TABLES, tmp_path / "missing", "csv", processes=True) as finish,
    ):
        finish()


def _only_in(parent: int) -> Any:
    def write(*given: Any) -> None:
        assert os.getpid() != parent
        write_table(*given)

    return write


def _dies(sender: Connection, given: tuple[Mapping[str, pd.DataFrame], Path, str]) -> None:
    tables, folder, file_format = given
    write_table(tables["promises"], folder, "promises", file_format)
    sender.send("promises")
    (folder / "stock.csv").write_text("item,da")
    os.kill(os.getpid(), signal.SIGKILL)
