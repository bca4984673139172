from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from firmdate.cli.output import TextTable

TABLE = TextTable(
    ("order", "units", "status"), [("A", "1,200", "late"), ("漢字", "7", "on_time")], frozenset(("units",)), "status"
)

SHOW = """
from firmdate.cli.output import TextTable, show_table
show_table(TextTable(("order", "status", "reason"), [("A", "late", "waits " * 20)], coloured_by="status"))
"""
PROGRESS = """
from firmdate.cli.progress import show_progress
with show_progress(quiet=False) as progress:
    progress("read", 0, 0)
    progress("solve", 1, 4)
    progress("solve", 4, 4)
"""


def on_terminal(code: str, tmp_path: Path, **environment: str) -> str:
    """What a program writes to a terminal of 40 columns."""
    env = {
        **{name: value for name, value in os.environ.items() if name != "NO_COLOR"},
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "TERM": "xterm",
        "COLUMNS": "40",
        **environment,
    }
    main, side = pty.openpty()
    with (tmp_path / "seen").open("wb") as seen:
        process = subprocess.Popen([sys.executable, "-c", code], stdin=side, stdout=side, stderr=side, env=env)
        os.close(side)
        while True:
            try:
                read = os.read(main, 4096)
            except OSError:  # Linux reports the closed other end so
                break
            if not read:
                break
            seen.write(read)
        process.wait()
    os.close(main)
    assert process.returncode == 0
    return (tmp_path / "seen").read_text(encoding="utf-8").replace("\r\n", "\n")


def test_columns_are_aligned_by_what_they_take_on_the_screen() -> None:
    assert TABLE.lines() == ["order  units  status", "A      1,200  late", "漢字       7  on_time"]


@pytest.mark.parametrize("width", [1, 5, 12, 80])
def test_lines_are_cut_to_the_width(width: int) -> None:
    lines = TABLE.lines(width)
    assert all(len(line) <= width for line in lines[:2])
    assert lines[0] == ("order  units  status" if width == 80 else "order  units  status"[: width - 1] + "…")


def test_piped_tables_are_plain_and_whole() -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "COLUMNS": "40"}
    out = subprocess.run([sys.executable, "-c", SHOW], capture_output=True, text=True, env=env, check=True).stdout
    assert out.splitlines()[1] == ("A      late    " + "waits " * 20).rstrip()
    assert "\x1b" not in out


def test_terminal_tables_are_coloured_and_cut(tmp_path: Path) -> None:
    _, row = on_terminal(SHOW, tmp_path).splitlines()
    assert row == "\x1b[33mA      late    waits waits waits waits …\x1b[0m"


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_can_be_declined(tmp_path: Path, environment: dict[str, str]) -> None:
    assert "\x1b" not in on_terminal(SHOW, tmp_path, **environment)


def test_progress_on_a_terminal_is_a_bar(tmp_path: Path) -> None:
    seen = on_terminal(PROGRESS, tmp_path, COLUMNS="80")
    assert "solve" in seen
    assert "━" in seen
    assert "4/4" in seen
    assert "1/1" in seen  # the stage before is over
    assert "left" in seen


def test_progress_elsewhere_is_a_line_per_stage() -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    code = PROGRESS + "import sys\nassert 'rich' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert (done.stdout, done.stderr) == ("", "read\nsolve\n")
