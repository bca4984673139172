"""The same linear program through every tool; which algorithm solves what."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import ladder
import manufacturing
import peers
import solver_choice


def run_all(tools: list[str], scenario: Path) -> dict[str, float]:
    return {tool: peers.run_one(tool, scenario)["objective"] for tool in tools}


@pytest.mark.parametrize("everywhere", [False, True])
def test_all_tools_find_the_same_optimum(tmp_path: Path, everywhere: bool) -> None:
    pytest.importorskip("linopy", reason="linopy comes with the extra bench")
    scenario = ladder.write_network(tmp_path, 6, stock_everywhere=everywhere)
    optima = run_all(list(peers.TOOLS), scenario)
    assert optima["monolith"] > 0
    assert optima == pytest.approx(dict.fromkeys(optima, optima["monolith"]))


def test_every_tool_runs_in_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["peers.py", "3", "--tool", "blocks", "--tool", "monolith", "--json"])
    peers.main()
    result = json.loads(capsys.readouterr().out)
    assert result["columns"] > result["rows"] > 0
    blocks, monolith = result["tools"]["blocks"], result["tools"]["monolith"]
    assert blocks["objective"] == pytest.approx(monolith["objective"])
    assert blocks["peak_mb"] >= blocks["before_mb"] > 0


def test_a_tool_over_the_limit_has_no_figures_in_the_table(tmp_path: Path) -> None:
    scenario = ladder.write_network(tmp_path, 3)
    assert peers._apart("blocks", ladder.write_network(tmp_path / "more", 500), limit=1) is None
    done = peers.run_one("blocks", scenario)
    table = peers.as_markdown(
        [{"parts": 3, "columns": 1234, "tools": {"blocks": done, "appsi": None}}], limit=5.0
    ).splitlines()
    assert len(table) == 4
    assert "| 3 | 1,234 | Firmdate, in blocks |" in table[2]
    assert "more than 5 s" in table[3]


@pytest.mark.parametrize("kind", ["service parts", "manufacturing"])
def test_every_choice_of_options_finds_the_optimum(tmp_path: Path, kind: str) -> None:
    scenario = (
        ladder.write_network(tmp_path, 4) if kind == "service parts" else manufacturing.write_clusters(tmp_path, 1)
    )
    problems = solver_choice.problems_of(scenario)
    assert len(problems) >= 3
    result = solver_choice.measure(kind, problems[:1], limit=60.0)
    assert [row["failed"] for row in result["choices"]] == [0] * (len(solver_choice.CHOICES) + 1)
    assert kind in solver_choice.as_markdown(result)
