"""Large data planned in portions, in processes of their own: the run is the same, and nothing is lost unnoticed."""

from __future__ import annotations

import json
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from firmdate.cli.options import Means
from firmdate.cli.solve import solve_and_write
from firmdate.errors import InfeasibleError, LimitError
from firmdate.network import parts
from firmdate.runs import planning, portions, shards
from firmdate.scenario.files import load_scenario
from runs.test_take_over import ITEMS, same_files, write_data


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(parts, "PART_LINES", 1)
    monkeypatch.setattr(shards, "PROCESS_LINES", 4)
    return write_data(tmp_path)


def solved(folder: Path, workers: int, cache: Path | None = None) -> Path:
    return solve_and_write(load_scenario(folder / "base.yaml"), folder / "runs", Means(cache, workers), quiet=True)[1]


def record(run: Path) -> dict[str, Any]:
    return dict(json.loads((run / "run.json").read_text()))


def test_portions_side_by_side_write_the_same_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    together = solved(folder, 1)
    monkeypatch.setattr(planning, "SHARD_LINES", 9)
    apart = solved(folder, 2, folder / "cache")
    same_files(apart, together)
    one, other = record(apart), record(together)
    assert "portions" in one["stages"]
    assert "portions" not in other["stages"]
    assert one["sizes"] == other["sizes"]
    assert {"network", "solve", "certify"} <= one["stages"].keys()
    assert len((apart / "highs.log").read_text().splitlines()) >= ITEMS
    again = solved(folder, 2, folder / "cache")
    same_files(again, together)
    assert record(again)["sizes"]["parts_taken_over"] == ITEMS - 1


def test_answers_of_blocks_are_kept_by_every_process(folder: Path) -> None:
    cache = folder / "cache"
    solved(folder, 2, cache)
    for kept_run in cache.glob("*.run.npz"):
        kept_run.unlink()
    sizes = record(solved(folder, 2, cache))["sizes"]
    assert sizes["parts_taken_over"] == 0
    assert sizes["blocks_solved_before"] == sizes["blocks"] > 0


def test_time_limits_and_clusters_are_for_one_process(folder: Path) -> None:
    scenario = load_scenario(folder / "base.yaml")
    run = solve_and_write(scenario, folder / "runs", Means(None, 2, time_limit=600), quiet=True)[1]
    assert "portions" not in record(run)["stages"]


def _infeasible(sender: Connection, given: Any) -> None:
    def fails(*_: object) -> None:
        raise InfeasibleError("block 1: no plan keeps all hard rules")

    portions.plan_shard = fails  # type: ignore[assignment]
    real_plan(sender, given)


real_plan = portions._plan


def test_an_error_of_a_portion_is_the_error_of_the_solve(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "_plan", _infeasible)
    with pytest.raises(InfeasibleError, match=r"^block 1: no plan keeps all hard rules$"):
        solved(folder, 2)
    assert not list((folder / "runs").glob("base/2*"))


def _killed(sender: Connection, _: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_process_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "_plan", _killed)
    with pytest.raises(LimitError, match=r"portion \d of 2: the process was killed by signal 9 .*; try --workers 1"):
        solved(folder, 2)
    assert not list((folder / "runs").glob("base/2*"))
