"""Promise days of a chain are the longest paths of its stage times."""

from __future__ import annotations

import csv
import json
import math
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import csv_input
import willems


def longest_paths(folder: Path, number: str) -> dict[str, int]:
    """Days of the longest path into and including every demand stage, without the program under test."""
    with (folder / "stages.csv").open(newline="", encoding="utf-8") as file:
        stages = [row for row in csv.DictReader(file) if row["chain"] == number]
    with (folder / "links.csv").open(newline="", encoding="utf-8") as file:
        links = [row for row in csv.DictReader(file) if row["chain"] == number]
    before: dict[str, set[str]] = {row["Stage Name"]: set() for row in stages}
    for link in links:
        before[link["destinationStage"]].add(link["sourceStage"])
    time = {row["Stage Name"]: math.ceil(float(row["stageTime"] or 0)) for row in stages}
    days: dict[str, int] = {}
    for stage in TopologicalSorter(before).static_order():
        days[stage] = time[stage] + max((days[source] for source in before[stage]), default=0)
    return {row["Stage Name"]: days[row["Stage Name"]] for row in stages if row["avgDemand"]}


@pytest.mark.parametrize("number", [str(number) for number in range(1, 13)])
def test_real_chains_promise_their_longest_paths(shared: Path, tmp_path: Path, number: str) -> None:
    folder = shared / "data" / "willems2008"
    assert willems.promises(willems.read_chain(folder, number), tmp_path) == longest_paths(folder, number)


@pytest.fixture
def chains(tmp_path: Path) -> Path:
    """Two chains that share stage names; a time is missing, one is fractional, and a demand stage feeds another."""
    (tmp_path / "stages.csv").write_text(
        "chain,Stage Name,stageTime,avgDemand\n"
        "A,Part,1.2,\nA,Make,,\nA,Retail,3,5\nA,Repair,2,1\n"
        "21,Part,7,\n21,Retail,1,4\n",
        encoding="utf-8",
    )
    (tmp_path / "links.csv").write_text(
        "chain,sourceStage,destinationStage\nA,Part,Make\nA,Make,Retail\nA,Part,Retail\nA,Retail,Repair\n21,Part,Retail\n",
        encoding="utf-8",
    )
    return tmp_path


def test_a_chain_of_any_name_with_a_missing_and_a_fractional_time(chains: Path) -> None:
    chain = willems.read_chain(chains, "A")
    assert willems.promises(chain, chains / "run") == {"Retail": 5, "Repair": 7}


def test_the_program_prints_one_json_object(
    chains: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["willems.py", str(chains), "--chain", "21", "--json"])
    willems.main()
    assert json.loads(capsys.readouterr().out) == {"chain": 21, "promises": {"Retail": 8}}


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ("chain,Stage Name,avgDemand\n1,Part,2\n", "column stageTime is missing"),
        ("chain,Stage Name,stageTime,avgDemand\n2,Part,1,2\n", "there is no chain 1"),
        ("chain,Stage Name,stageTime,avgDemand\n1,Part,soon,2\n", "stageTime of Part must be a number"),
        ("chain,Stage Name,stageTime,avgDemand\n1,Part,1,\n", "no stage of chain 1 has an avgDemand"),
        ("chain,Stage Name,stageTime,avgDemand\n1,Part,1,1\n1,Part,2,1\n", "lists a stage twice"),
        ("chain,Stage Name,stageTime,avgDemand\n1,Retail,1,1\n", "has no stage Part"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path: Path, stages: str, message: str) -> None:
    (tmp_path / "stages.csv").write_text(stages, encoding="utf-8")
    (tmp_path / "links.csv").write_text("chain,sourceStage,destinationStage\n1,Part,Retail\n", encoding="utf-8")
    with pytest.raises(csv_input.DataError, match=message):
        willems.read_chain(tmp_path, "1")
