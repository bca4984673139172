"""Options that say how a plan is made, on real solves of a small network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli.said import Firmdate
from solver.many_parts import write_parts


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scenario file in the current directory."""
    monkeypatch.chdir(tmp_path)
    write_parts(tmp_path, 3)
    return Path("parts.yaml")


def record(run: str) -> dict[str, dict[str, object]]:
    return dict(json.loads(Path(run.strip(), "run.json").read_text()))


def test_answers_are_kept_beside_the_runs_unless_told_otherwise(firmdate: Firmdate, parts: Path) -> None:
    def solved_before(*options: object) -> object:
        said = firmdate("solve", parts, "--quiet", *options)
        assert said.code == 0, said.err
        return record(said.out)["sizes"]["blocks_solved_before"]

    assert solved_before("--no-cache") == 0
    assert not Path("solver_runs/.cache").exists()
    assert solved_before() == 0
    assert solved_before() == 1
    assert solved_before("--no-cache") == 0
    assert solved_before("--cache", "elsewhere") == 0
    assert solved_before("--cache", "elsewhere", "--runs", "more") == 1
    assert not Path("more/.cache").exists()


def test_cache_and_no_cache_exclude_each_other(firmdate: Firmdate, parts: Path) -> None:
    said = firmdate("solve", parts, "--cache", "here", "--no-cache")
    assert (said.code, said.out) == (1, "")
    assert "--cache and --no-cache exclude each other" in said.err


def test_a_solve_imports_nothing_that_it_does_not_need(parts: Path) -> None:
    """Some imports take longer than the solve of a small network."""
    heavy = "{'scipy.stats', 'matplotlib', 'plotly', 'networkx', 'distributed', 'openpyxl'}"
    code = f"import atexit, sys; atexit.register(lambda: print({heavy} & set(sys.modules))); import firmdate.__main__"
    command = f"{code}; sys.argv[1:] = ['solve', 'parts.yaml', '--quiet']; firmdate.__main__.main()"
    said = subprocess.run([sys.executable, "-c", command], cwd=parts.parent, capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == "set()"
