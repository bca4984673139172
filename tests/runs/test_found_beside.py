"""What another process finds out: the same, and nothing is lost when it dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from firmdate.runs.apart import found_beside
from firmdate.runs.table_files import write_tables

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")

TABLES: Mapping[str, pd.DataFrame] = {
    "promises": pd.DataFrame({"order": ["A", "B"], "quantity": [1.0, 1 / 3]}),
    "stock": pd.DataFrame({"item": ["X"], "date": pd.to_datetime(["2026-01-05"]).astype("datetime64[s]")}),
}


def written(folder: Path, *, processes: bool) -> dict[str, bytes]:
    folder.mkdir()
    with found_beside(write_tables, (TABLES, folder, "csv"), processes=processes) as finish:
        finish()
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_another_process_writes_the_same_tables(tmp_path: Path) -> None:
    here = written(tmp_path / "here", processes=False)
    assert written(tmp_path / "beside", processes=True) == here
    assert set(here) == {"promises.csv", "stock.csv"}


def test_it_is_another_process_that_finds_it() -> None:
    with found_beside(_process, None, processes=True) as process, found_beside(_process, None, processes=False) as own:
        assert process() != os.getpid() == own()


def test_what_a_killed_process_did_not_find_is_found_here() -> None:
    with found_beside(_dies_elsewhere, os.getpid(), processes=True) as found:
        assert found() == "found"


def test_an_error_there_is_an_error_here(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError, match=r"promises\.csv"),
        found_beside(write_tables, (TABLES, tmp_path / "missing", "csv"), processes=True) as finish,
    ):
        finish()


def _process(_: None) -> int:
    return os.getpid()


def _dies_elsewhere(here: int) -> str:
    if os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    return "found"


CHATTY = """
import os, time
from firmdate.runs.apart import Said, listen

def chat(sender, _):
    while True:
        sender.send(os.getpid())
        time.sleep(0.05)

for said in listen(chat, [None, None], workers=2):
    print(said.message, flush=True)
"""


def test_processes_end_when_the_first_one_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", CHATTY], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        others: set[int] = set()
        while len(others) < 2:
            others.add(int(first.stdout.readline()))
        first.kill()
    until = time.monotonic() + 30
    while any(map(_runs, others)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(_runs, others))


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
