from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from cli.said import Firmdate, Said, Solve
from firmdate.cli import run
from firmdate.plan.result import Plan
from firmdate.scenario.schema import Scenario
from runs.hand_plan import hand_plan


@pytest.fixture
def firmdate(capsys: pytest.CaptureFixture[str]) -> Firmdate:
    """Run a command in this process."""

    def command(*args: object) -> Said:
        capsys.readouterr()
        code = run([str(arg) for arg in args])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return command


@pytest.fixture
def solved_as(monkeypatch: pytest.MonkeyPatch) -> Callable[[Solve], None]:
    """Make every solve give what a function gives."""

    def replace_solve(function: Solve) -> None:
        def solve_beside(
            scenario: Scenario,
            kept: object,
            progress: Callable[[str, int, int], None] | None = None,
            **_: object,
        ) -> Plan:
            if progress is not None:
                progress("read", 0, 0)
                progress("solve", 0, 2)
                progress("solve", 2, 2)
            return function(scenario)

        module = ModuleType("firmdate.runs.solve")
        module.solve_beside = solve_beside  # type: ignore[attr-defined]
        module.solve = lambda scenario, **options: solve_beside(scenario, None, **options)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "firmdate.runs.solve", module)

    return replace_solve


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, solved_as: Callable[[Solve], None]) -> Path:
    """A scenario file in the current directory whose solve gives the plan made by hand."""
    monkeypatch.chdir(tmp_path)
    solved_as(lambda scenario: replace(hand_plan(), scenario=scenario))
    path = Path("tiny.yaml")
    path.write_text("data: data\nplanning_date: 2021-01-01\nhorizon_days: 30\n")
    return path
