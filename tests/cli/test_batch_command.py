from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cli.said import Firmdate

CRASH = """
import os, signal, sys

def watch(event, arguments):
    if event == "open" and str(arguments[0]).endswith(os.path.join("crash", "demands.csv")):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
"""
"""Ends every process that reads the data of the scenario ``crashing``, as a machine without memory does."""

DEMANDS = "order,line,item,location,quantity,requested_date\nSO,1,PUMP,DC,10,2021-01-10\nSO,2,PUMP,DC,10,2021-01-03\n"
RECEIPTS = "receipt,type,item,location,date,quantity\nR1,purchase,PUMP,DC,2021-01-05,20\n"
SCENARIOS = {
    "crashing": "data: crash\n",
    "failing": "data: data\nexpect: {late_lines: 0, promises: {SO/1: 2021-01-10, SO/2: 2021-01-04}}\n",
    "fine": "data: data\nexpect: {late_lines: 1, promises: {SO/1: 2021-01-10, SO/2: 2021-01-05}}\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three scenarios in the current directory, one of which kills the process that reads its data."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(CRASH)
    paths = [str(tmp_path / "site"), *(path for path in sys.path if path)]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    scenarios = tmp_path / "scenarios"
    (scenarios / "data").mkdir(parents=True)
    (scenarios / "data" / "demands.csv").write_text(DEMANDS)
    (scenarios / "data" / "scheduled_receipts.csv").write_text(RECEIPTS)
    shutil.copytree(scenarios / "data", scenarios / "crash")
    for name, text in SCENARIOS.items():
        (scenarios / f"{name}.yaml").write_text(f"planning_date: 2021-01-01\nhorizon_days: 30\n{text}")
    (scenarios / "notes.yaml").write_text("colours: [red]\n")
    return scenarios


def test_batch_solves_checks_and_reports_every_scenario(folder: Path) -> None:
    files = ("--junit", "out/junit.xml", "--markdown", "out/summary.md")
    command = [sys.executable, "-m", "firmdate", "batch", str(folder), "--workers", "2", *files]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 5
    head, *rows = (line.split() for line in said.stdout.splitlines())
    assert head[:2] == ["scenario", "status"]
    assert [row[:2] for row in rows] == [["crashing", "error"], ["failing", "failed"], ["fine", "ok"]]
    errors = said.stderr.splitlines()
    assert errors[0].endswith(
        "notes.yaml: passed over, it is no scenario (no key name, data, extends or planning_date)"
    )
    assert sorted(line.split()[1] for line in errors[1:4]) == ["crashing:", "failing:", "fine:"]
    assert errors[4:] == [
        "error: crashing: the process was killed by signal 9 (out of memory?)",
        "error: failing: late_lines: expect 0, got 1",
        "error: failing: promise SO/2: expect 2021-01-04, got 2021-01-05",
        "error: 2 of 3 scenarios failed",
    ]
    assert sorted(path.name for path in Path("solver_runs").iterdir()) == [".cache", "failing", "fine"]

    assert [("left" in line) for line in errors[1:4]] == [True, True, False]

    (suite,) = ElementTree.parse("out/junit.xml").getroot()
    outcome = {case.get("name"): [child.tag for child in case] for case in suite}
    assert outcome == {"crashing": ["error"], "failing": ["failure"], "fine": []}
    summary = Path("out/summary.md").read_text()
    assert summary.startswith("### 2 of 3 scenarios failed\n")
    assert "| fine | ✅ ok | 2 | 1 | 20 | no baseline |" in summary


def test_accepted_baseline_guards_the_next_batch(firmdate: Firmdate, folder: Path) -> None:
    fine = folder / "fine.yaml"
    said = firmdate("batch", fine, "--accept", "--quiet")
    assert (said.code, said.err) == (0, "")
    assert "accepted" in said.out
    (one,) = json.loads(firmdate("batch", fine, "--json", "--quiet").out)
    assert (one["scenario"], one["status"], one["kpis"]["late_lines"]) == ("fine", "ok", 1)
    assert one["mismatches"] == []
    assert (Path(one["run"]) / "promises.csv").exists()
    assert {file.name for file in Path("solver_runs/baselines/fine").iterdir()} == {"kpis.json", "promises.csv"}

    receipts = folder / "data" / "scheduled_receipts.csv"
    receipts.write_text(RECEIPTS.replace("2021-01-05,20", "2021-01-12,20"))
    fine.write_text(fine.read_text().partition("expect")[0])
    said = firmdate("batch", fine, "--runs", "other", "--quiet")
    assert said.code == 5
    assert "error: fine: promise SO/1: baseline 2021-01-10, got 2021-01-12\n" in said.err
    assert "error: fine: late_lines: baseline 1, got 2\n" in said.err
