from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from cli.said import Firmdate, Solve
from firmdate.plan.result import Plan
from firmdate.report.page import render_page
from firmdate.runs.store import read_run
from firmdate.scenario.schema import Scenario
from runs.hand_plan import KPIS, hand_plan

SUMMARY = """\
tiny: 4 order lines
  on time             1   25.0%
  late                1   25.0%
  partial             1   25.0%
  unpromised          1   25.0%
  late unit-days: tier 1: 0, tier 2: 735, tier 3: 265.33

late lines (3):
  order  line  item        location  tier  quantity  requested   promised    days late  status      reason
  0013   1     VALVE, 1/2"  DC           2        10  2021-01-06                         partial     \
only 4 of 10 can be bought from S1
  NO     1     VALVE, 1/2"  DC           3         5  2021-01-07                         unpromised  \
no supply of <SEAL> & co inside the horizon
  0012   2     PUMP        DC           2        40  2021-01-05  2021-01-12          7  late        \
waits for RES_1 until 2021-01-11

1 overload; see resource_load, supplier_load and lane_load of the run
"""


def words(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_solve_says_what_matters_and_writes_the_run(firmdate: Firmdate, tiny: Path) -> None:
    said = firmdate("solve", tiny)
    assert said.code == 0
    summary, _, place = said.out.rpartition("\nrun: ")
    assert words(summary) == words(SUMMARY)
    assert said.err == "read\nsolve\nwrite\n"
    run = Path(place.strip())
    assert run.parent == Path("solver_runs/tiny")
    assert read_run(run).kpis == pytest.approx(KPIS, abs=1e-6)
    assert (run / "report.html").read_text().startswith("<!doctype html>")


def test_numbers_are_aligned_right(firmdate: Firmdate, tiny: Path) -> None:
    lines = firmdate("solve", tiny).out.split("late lines")[1].splitlines()
    ends = {
        line.index(word) + len(word) for line, word in zip(lines[1:5], ("quantity", " 10", " 5", " 40"), strict=True)
    }
    assert len(ends) == 1


def test_quiet_prints_the_run_only(firmdate: Firmdate, tiny: Path) -> None:
    said = firmdate("solve", tiny, "--quiet", "--runs", "elsewhere")
    assert said.err == ""
    assert read_run(said.out.strip()).scenario.name == "tiny"
    assert said.out.startswith("elsewhere/tiny/")


def test_json_is_for_programs(firmdate: Firmdate, tiny: Path) -> None:
    content = json.loads(firmdate("solve", tiny, "--json", "--quiet").out)
    assert content["scenario"] == "tiny"
    assert content["kpis"] == pytest.approx(KPIS, abs=1e-6)
    assert Path(content["run"], "promises.csv").exists()


def test_set_and_format_reach_the_run(firmdate: Firmdate, tiny: Path) -> None:
    pytest.importorskip("pyarrow")
    said = firmdate("solve", tiny, "--set", "horizon_days=9", "--set", "name=nine", "--format", "parquet", "--quiet")
    run = Path(said.out.strip())
    assert read_run(run).scenario.horizon_days == 9
    assert run.parent.name == "nine"
    assert (run / "promises.parquet").exists()


@pytest.mark.parametrize("runs", ["tiny.yaml", "tiny.yaml/below"])
def test_unusable_runs_folder_is_refused_before_the_solve(
    firmdate: Firmdate, tiny: Path, solved_as: Callable[[Solve], None], runs: str
) -> None:
    def fail(_: object) -> object:
        raise AssertionError("solved in vain")

    solved_as(fail)  # type: ignore[arg-type]
    said = firmdate("solve", tiny, "--runs", runs)
    assert said.code == 1
    assert "tiny.yaml is a file where a folder is needed" in said.err


def test_warnings_of_the_plan_are_said(firmdate: Firmdate, tiny: Path, solved_as: Callable[[Solve], None]) -> None:
    plan = hand_plan()
    solved_as(lambda scenario: replace(plan, scenario=scenario, run={**plan.run, "warnings": ["SEAL has no price"]}))
    said = firmdate("solve", tiny)
    assert "warning: SEAL has no price\n" in said.err


def test_only_the_latest_lines_are_listed(firmdate: Firmdate, tiny: Path, solved_as: Callable[[Solve], None]) -> None:
    promises = hand_plan().promises
    many = pd.concat([promises.iloc[[1]]] * 50, ignore_index=True)
    many["days_late"] = pd.array(range(50), dtype="Int64")
    solved_as(lambda scenario: replace(hand_plan(promises=many), scenario=scenario))
    out = firmdate("solve", tiny).out
    table = out.split("late lines (the 20 latest of 50):\n")[1].split("\n\n")[0].splitlines()
    assert len(table) == 21
    assert re.search(r" 49  late", table[1])


def test_explain_without_an_order_ranks_the_causes(firmdate: Firmdate, tiny: Path) -> None:
    firmdate("solve", tiny)
    said = firmdate("explain", "tiny")
    assert said.code == 0
    rows = said.out.splitlines()
    assert rows.pop(0) == "3 order lines not on time, by what holds them back:"
    assert rows[0].split() == ["late", "unit-days", "late", "value", "lines", "cause", "held", "by"]
    assert [row.split()[3] for row in rows[1:4]] == ["resource_capacity", "component_shortage", "supplier_capacity"]
    assert rows[-2] == "what would help most, each by itself:"
    assert rows[-1] == "  5 h more on RES_1 in the week from 2021-01-04 would help"
    assert [row["cause"] for row in json.loads(firmdate("explain", "tiny", "--json").out)] == [1, 2, 3]


def test_explain_gives_everything_as_json(firmdate: Firmdate, tiny: Path) -> None:
    firmdate("solve", tiny)
    [line] = json.loads(firmdate("explain", "tiny", "0012/2", "--json").out)
    assert [step["role"] for step in line["chain"]] == ["supply", "gating"]
    assert line["explanation"]["lead_time_date"] == "2021-01-05"
    assert line["competing"] == ["0012/1 (tier 1)"]
    assert (line["releases"][0]["amount"], line["releases"][0]["start"]) == (5, "2021-01-04")
    assert line["cause"]["tag"] == "resource_capacity"
    [on_time] = json.loads(firmdate("explain", "tiny", "0012/1", "--json").out)
    assert (on_time["explanation"], on_time["chain"], on_time["cause"]) == (None, [], None)


def test_explain_tells_promise_deliveries_and_reason(firmdate: Firmdate, tiny: Path) -> None:
    firmdate("solve", tiny)
    said = firmdate("explain", "tiny", "0012/2")
    assert said.code == 0
    assert said.out == (
        "0012/2: 40 of PUMP at DC, tier 2\n"
        "  requested 2021-01-05, promised 2021-01-12: 7 days late\n"
        "  promised quantity 40\n"
        "  why:\n"
        "    made PUMP at PLANT from 2021-01-11 to 2021-01-12\n"
        "    held by: resource RES_1 is full from 2021-01-04 to 2021-01-10\n"
        "  lead times alone allow 2021-01-05\n"
        "  served instead:\n"
        "    0012/1 (tier 1)\n"
        "  what would help:\n"
        "    5 h more on RES_1 in the week from 2021-01-04 would bring it forward by up to 7 days"
        " (at most 277.67 late unit-days less)\n"
        "  root cause resource_capacity: holds back 1 line, 277.67 late unit-days, value 3,000\n"
        "  deliveries:\n"
        "    date        quantity\n"
        "    2021-01-08      0.33\n"
        "    2021-01-12     39.67\n"
    )
    assert firmdate("explain", "tiny", " 0012 / 2 ").out == firmdate("explain", "tiny", "0012/2").out
    whole_order = firmdate("explain", "tiny", "0012").out
    assert whole_order.startswith(
        "0012/1: 60 of PUMP at DC, tier 1\n  requested 2021-01-05, promised 2021-01-05: on time\n"
    )
    assert "\n\n0012/2: 40" in whole_order
    unpromised = firmdate("explain", "tiny", "NO/1").out
    assert "promised none: unpromised" in unpromised
    assert unpromised.endswith("  no delivery inside the horizon\n")


def test_explain_as_json(firmdate: Firmdate, tiny: Path) -> None:
    run = firmdate("solve", tiny, "--quiet").out.strip()
    (line,) = json.loads(firmdate("explain", run, "0013/1", "--json").out)
    assert line["promise"]["promise_date"] is None
    assert line["promise"]["quantity"] == 10
    assert line["deliveries"] == [{"date": "2021-01-08", "quantity": 4}]


@pytest.mark.parametrize(
    ("order", "hint"),
    [
        ("0015/1", "did you mean '0013'?"),
        ("0012/3", "did you mean '0012/"),
        ("0012/no-such-line-at-all", "this order has 0012/1, 0012/2"),
        ("ABC", "see promises of the run"),
    ],
)
def test_unknown_order_line_names_what_comes_near(firmdate: Firmdate, tiny: Path, order: str, hint: str) -> None:
    firmdate("solve", tiny)
    said = firmdate("explain", "tiny", order)
    assert said.code == 1
    assert f"no such order line (got '{order}')" in said.err
    assert hint in said.err


def test_report_writes_the_page_again(firmdate: Firmdate, tiny: Path, tmp_path: Path) -> None:
    run = Path(firmdate("solve", tiny, "--quiet").out.strip())
    before = (run / "report.html").read_text()
    (run / "report.html").unlink()
    said = firmdate("report", "tiny")
    assert said.out.strip() == str(run / "report.html")
    end = "<summary>Scenario</summary>"  # which says where every value comes from
    assert (run / "report.html").read_text().split(end)[0] == before.split(end)[0]
    assert firmdate("report", run, "--to", tmp_path / "new" / "page.html").code == 0
    assert (tmp_path / "new" / "page.html").read_text() == (run / "report.html").read_text()
    assert {file.name for file in (tmp_path / "new").iterdir()} == {"page.html"}


def test_report_into_a_folder_is_refused(firmdate: Firmdate, tiny: Path) -> None:
    firmdate("solve", tiny)
    said = firmdate("report", "tiny", "--to", "tiny.yaml/x.html")
    assert said.code == 1
    assert "tiny.yaml is a file where a folder is needed" in said.err


def test_export_is_named_after_the_run(firmdate: Firmdate, tiny: Path) -> None:
    calamine = pytest.importorskip("python_calamine")
    pytest.importorskip("xlsxwriter")
    run = Path(firmdate("solve", tiny, "--quiet").out.strip())
    said = firmdate("export", "tiny", "--to", "xlsx")
    assert said.out.strip() == f"tiny-{run.name}.xlsx"
    assert firmdate("export", run, "--to", "out/plan.xlsx").code == 0
    book = calamine.CalamineWorkbook.from_path("out/plan.xlsx")
    assert book.sheet_names[:2] == ["figures", "promises"]
    wrong = firmdate("export", "tiny", "--to", "plan.csv")
    assert (wrong.code, wrong.err.split(" (")[0]) == (1, "error: --to: must be xlsx or a file that ends with .xlsx")


def test_compare_two_runs(firmdate: Firmdate, tiny: Path, solved_as: Callable[[Solve], None]) -> None:
    firmdate("solve", tiny)
    better = hand_plan().promises.copy()
    better.loc[1, "promise_date"] = pd.Timestamp("2021-01-10")
    solved_as(lambda scenario: replace(hand_plan(promises=better), scenario=scenario))
    said = firmdate("compare", "tiny", tiny)
    assert said.code == 0
    assert "order lines that change (1):" in said.out
    row = next(line for line in said.out.splitlines() if line.startswith("  0012"))
    assert row.split() == [
        "0012",
        "2",
        "PUMP",
        "DC",
        "2",
        "2021-01-12",
        "2021-01-10",
        "-2",
        "late",
        "late",
        "improved",
        "resource",
        "RES_1",
    ]
    assert "order lines: 1 improved, 0 worse, 3 unchanged\n" in said.out
    assert "\nby customer, where lines change (1):\n" in said.out
    assert "resources, suppliers and lanes that change: none" in said.out
    content = json.loads(firmdate("compare", "tiny", "tiny", "--json").out)
    assert {line["change"] for line in content["lines"]} == {"unchanged"}
    assert [row["group"] for row in content["summary"] if row["dimension"] == "tier"] == ["1", "2", "3"]


def test_compare_one_scenario_with_its_unconstrained_plan(
    firmdate: Firmdate, tiny: Path, solved_as: Callable[[Solve], None]
) -> None:
    asked = []

    def solve(scenario: object) -> object:
        asked.append((scenario.name, scenario.mode))  # type: ignore[attr-defined]
        return replace(hand_plan(), scenario=scenario)  # type: ignore[arg-type]

    solved_as(solve)  # type: ignore[arg-type]
    said = firmdate("compare", tiny, "--quiet")
    assert said.code == 0
    assert asked == [("tiny", "constrained"), ("tiny-unconstrained", "unconstrained")]
    assert said.out.startswith("base: tiny\nother: tiny-unconstrained\n")
    assert sorted(folder.name for folder in Path("solver_runs").iterdir()) == ["tiny", "tiny-unconstrained"]


def test_set_reaches_the_scenarios_that_are_compared(
    firmdate: Firmdate, tiny: Path, solved_as: Callable[[Solve], None]
) -> None:
    asked = []

    def solve(scenario: Scenario) -> Plan:
        asked.append((scenario.mode, scenario.horizon_days))
        return replace(hand_plan(), scenario=scenario)

    solved_as(solve)
    assert firmdate("compare", tiny, "--set", "horizon_days=9").code == 0
    assert asked == [("constrained", 9), ("unconstrained", 9)]
    assert firmdate("compare", "tiny", tiny, "--set", "horizon_days=8").code == 0
    assert asked[2:] == [("constrained", 8)]
    said = firmdate("compare", "tiny", "tiny", "--set", "horizon_days=8")
    assert (said.code, said.err.splitlines()[0]) == (
        1,
        "error: --set changes scenarios that are solved, and both are runs; name a scenario file",
    )


def test_forecasts_are_told_from_order_lines(
    firmdate: Firmdate, tiny: Path, solved_as: Callable[[Solve], None]
) -> None:
    lines = hand_plan().lines
    lines.loc[3, "kind"] = "forecast"
    kpis = {**KPIS, "lines": 3.0, "forecast_lines": 1.0}
    solved_as(lambda scenario: replace(hand_plan(lines=lines, kpis=kpis), scenario=scenario))
    out = firmdate("solve", tiny).out
    assert out.startswith("tiny: 3 order lines, 1 forecast\n")
    assert "\nlate lines (2):\n" in out
    assert "\nnot met in time: 1 of 1 forecast; see promises of the run\n" in out
    assert firmdate("explain", "tiny").out.startswith("2 order lines and 1 forecast not on time, by what holds them")
    assert "All 4 lines: 3 order lines, and 1 forecast that no figure above counts" in render_page(
        hand_plan(lines=lines, kpis=kpis)
    )


def test_comparison_as_workbook(firmdate: Firmdate, tiny: Path) -> None:
    calamine = pytest.importorskip("python_calamine")
    pytest.importorskip("xlsxwriter")
    firmdate("solve", tiny)
    assert firmdate("compare", "tiny", "tiny", "--to", "change.xlsx").code == 0
    book = calamine.CalamineWorkbook.from_path("change.xlsx")
    sheets = ["summary", "kpis", "lines", "capacities", "resources", "suppliers", "lanes", "points"]
    assert book.sheet_names == sheets
    wrong = firmdate("compare", "tiny", "tiny", "--to", "change.csv")
    assert (wrong.code, wrong.err) == (1, "error: --to: must end with .xlsx or .html (got change.csv)\n")


def test_comparison_as_page_and_workbook_at_once(firmdate: Firmdate, tiny: Path) -> None:
    pytest.importorskip("xlsxwriter")
    firmdate("solve", tiny)
    said = firmdate("compare", "tiny", "tiny", "--to", "change.html", "--to", "change.xlsx")
    assert said.out.endswith("\nwritten: change.html\nwritten: change.xlsx\n")
    assert Path("change.html").read_text().startswith("<!doctype html>")
    assert Path("change.xlsx").exists()


def test_interrupted_after_the_first_run_says_so(
    firmdate: Firmdate, tiny: Path, solved_as: Callable[[Solve], None]
) -> None:
    def solve(scenario: object) -> object:
        if scenario.mode == "unconstrained":  # type: ignore[attr-defined]
            raise KeyboardInterrupt
        return replace(hand_plan(), scenario=scenario)  # type: ignore[arg-type]

    solved_as(solve)  # type: ignore[arg-type]
    said = firmdate("compare", tiny, "--quiet")
    assert said.code == 130
    assert said.err.startswith("\ninterrupted: already written: solver_runs/tiny/")
