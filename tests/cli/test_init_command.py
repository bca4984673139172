from __future__ import annotations

import errno
import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from cli.said import Firmdate
from firmdate.cli.init import TEMPLATES
from firmdate.data.check import check_planning_data
from firmdate.data.read import read_planning_data
from firmdate.runs.baselines import against_expect
from firmdate.runs.solve import solve
from firmdate.scenario.files import load_scenario

SHIPPED = Path(str(files("firmdate") / "templates"))
SCENARIOS = sorted(path for path in SHIPPED.glob("*/*.yaml") if path.parent.name != "tutorial")


def test_init_writes_the_tutorial_that_solves(firmdate: Firmdate, tmp_path: Path) -> None:
    said = firmdate("init", tmp_path / "new" / "tutorial")
    assert said.code == 0
    check, solve = (line.split() for line in said.out.splitlines()[1:])
    assert (check[:2], solve[:2]) == (["firmdate", "check"], ["firmdate", "solve"])
    assert firmdate("check", check[2]).code == 0
    assert firmdate("solve", solve[2], "--runs", tmp_path / "runs", "--quiet").code == 0


def test_init_keeps_what_is_there(firmdate: Firmdate, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    said = firmdate("init", tmp_path)
    assert (said.code, said.out) == (1, "")
    assert "this folder is not empty" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert firmdate("init", tmp_path, "--force").code == 0
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert firmdate("init", tmp_path / "mine.txt").err.startswith(
        f"error: {tmp_path}/mine.txt: is a file; name a folder"
    )


def test_init_says_when_it_cannot_write(firmdate: Firmdate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path / "x"))

    monkeypatch.setattr("firmdate.cli.init._copy", refuse)
    said = firmdate("init", tmp_path / "x")
    assert said.code == 1
    assert "no permission to write here" in said.err


def test_init_lists_every_template(firmdate: Firmdate) -> None:
    said = firmdate("init", "--list")
    assert [line.split()[0] for line in said.out.splitlines()[1:]] == list(TEMPLATES)
    listed = json.loads(firmdate("init", "--list", "--json").out)
    assert {entry["template"]: entry["description"] for entry in listed} == TEMPLATES
    assert {path.name for path in SHIPPED.iterdir() if path.is_dir()} == set(TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_clean_and_teaches(firmdate: Firmdate, tmp_path: Path, template: str) -> None:
    said = firmdate("init", tmp_path / "new", "--template", template, "--json")
    written = json.loads(said.out)
    scenario = Path(written["scenario"])
    assert (scenario.name, written["template"]) == (f"{template}.yaml", template)
    comments = re.findall(r"^# .*", scenario.read_text(), re.MULTILINE)
    assert len(comments) >= 3
    loaded = load_scenario(scenario)
    assert loaded.expect
    assert check_planning_data(read_planning_data(loaded.data), loaded.supply_plans) == []


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenarios_of_the_templates_come_out_as_they_expect(path: Path) -> None:
    plan = solve(load_scenario(path))
    assert plan.scenario.expect
    assert against_expect(plan.scenario.expect, plan.kpis, plan.promises) == ()
    assert plan.run["warnings"] == []


def test_init_says_what_it_needs(firmdate: Firmdate, tmp_path: Path) -> None:
    said = firmdate("init")
    assert (said.code, said.err.splitlines()[0]) == (
        1,
        "error: name the folder to write into, such as: firmdate init my-plan",
    )
    said = firmdate("init", tmp_path / "x", "--template", "minimum")
    assert said.code == 1
    assert "minimal" in said.err
    assert firmdate("init", tmp_path / "q", "--template", "minimal", "--quiet").out == f"{tmp_path}/q/minimal.yaml\n"


@pytest.mark.parametrize("folder", ["new/plan", "old"])
def test_nothing_is_left_where_the_disk_is_full(
    firmdate: Firmdate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    (tmp_path / "old").mkdir()
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name.startswith("lanes"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    said = firmdate("init", tmp_path / folder)
    assert said.code == 1
    assert "the disk is full" in said.err
    assert [path.name for path in tmp_path.rglob("*")] == ["old"]
