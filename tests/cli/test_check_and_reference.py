from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.said import Firmdate
from firmdate.data.tables import TABLES

DEMANDS = "order,line,item,location,quantity,requested_date\nSO,1,PUMP,DC,10,2021-01-10\n"
PLANNED = """\
plan,order,type,item,location,quantity,start_date,due_date
WEEKLY,MAKE_1,make,PUMP,DC,100,2021-01-05,2021-01-10
"""
FILES = {
    "demands.csv": DEMANDS,
    "planned_orders.csv": PLANNED,
    "operations.csv": "item,location,lead_time_days\nPUMP,DC,5\n",
    "operation_resources.csv": "item,location,resource,hours_per_unit\nPUMP,DC,RES_1,0.05\n",
    "resource_capacity.csv": "resource,start,end,hours\nRES_1,2021-01-04,2021-01-11,3\n",
}


@pytest.fixture
def short_hours(tmp_path: Path) -> Path:
    """A supply plan that needs 5 hours where there are 3."""
    (tmp_path / "data").mkdir()
    for name, text in FILES.items():
        (tmp_path / "data" / name).write_text(text)
    scenario = tmp_path / "short-hours.yaml"
    scenario.write_text("data: data\nplanning_date: 2021-01-01\nhorizon_days: 30\nsupply_plans: [WEEKLY]\n")
    return scenario


def test_check_names_every_overload(firmdate: Firmdate, short_hours: Path) -> None:
    said = firmdate("check", short_hours)
    assert said.code == 0
    first, second, head, row = said.out.splitlines()
    assert first == "data: 5 tables, 5 rows; no problem"
    assert second == "supply plan: 1 overload, so it is not feasible as given"
    assert head.split()[:2] == ["kind", "name"]
    assert row.split() == ["resource", "RES_1", "2021-01-04", "2021-01-11", "5", "3", "2", "MAKE_1"]


def test_quiet_check_says_only_what_is_wrong(firmdate: Firmdate, short_hours: Path) -> None:
    assert firmdate("check", short_hours, "--quiet").out.startswith("supply plan: 1 overload, so it is not feasible")
    (short_hours.parent / "data" / "resource_capacity.csv").write_text(
        FILES["resource_capacity.csv"].replace(",3", ",5")
    )
    assert firmdate("check", short_hours, "--quiet").out == ""


def test_check_of_a_feasible_plan(firmdate: Firmdate, short_hours: Path) -> None:
    (short_hours.parent / "data" / "resource_capacity.csv").write_text(
        FILES["resource_capacity.csv"].replace(",3", ",5")
    )
    said = firmdate("check", short_hours)
    assert said.out == "data: 5 tables, 5 rows; no problem\nsupply plan: no overload\n"


def test_check_as_json(firmdate: Firmdate, short_hours: Path) -> None:
    content = json.loads(firmdate("check", short_hours, "--json").out)
    assert content["problems"] == []
    (overload,) = content["overloads"]
    assert (overload["name"], overload["start"], overload["overload"]) == ("RES_1", "2021-01-04", 2)


def test_check_shows_all_problems_at_once(firmdate: Firmdate, short_hours: Path) -> None:
    (short_hours.parent / "data" / "demands.csv").write_text(
        "order,line,item,location,quantity,requested_date\nSO,1,PUMP,DC,ten,2021-01-10\nSO,2,PUMP,DC,10,10.1.2021\n"
    )
    said = firmdate("check", short_hours)
    assert (said.code, said.out) == (1, "")
    assert [line.split(": ")[0] for line in said.err.splitlines()] == ["error", "error", "2 errors"]
    as_json = firmdate("check", short_hours, "--json")
    assert as_json.code == 1
    problems = json.loads(as_json.out)["problems"]
    assert [problem["column"] for problem in problems] == ["quantity", "requested_date"]
    assert {problem["severity"] for problem in problems} == {"error"}


def test_a_supply_plan_that_is_not_there_is_found_in_the_scenario(firmdate: Firmdate, short_hours: Path) -> None:
    short_hours.write_text(short_hours.read_text().replace("WEEKLY", "WEEKY"))
    said = firmdate("check", short_hours)
    assert said.code == 1
    assert said.err.endswith(
        "short-hours.yaml:4:1: supply_plans: the scenario reads a plan that is not there (got 'WEEKY'); "
        "did you mean 'WEEKLY'?\n"
    )


@pytest.mark.parametrize(
    ("planning_date", "warning"),
    [
        ("2020-12-12", ""),
        ("2020-12-11", "every line is requested after the horizon, which ends on 2021-01-09 (the first on 2021-01-10)"),
        ("2022-01-11", ""),
        ("2022-01-12", "every line was requested more than a year before 2022-01-12 (the last on 2021-01-10)"),
    ],
)
def test_a_planning_date_of_other_data(firmdate: Firmdate, short_hours: Path, planning_date: str, warning: str) -> None:
    short_hours.write_text(short_hours.read_text().replace("2021-01-01", planning_date))
    said = firmdate("check", short_hours)
    assert said.code == 0
    where = f"warning: {short_hours}:2:1: planning_date: "
    assert said.err == (f"{where}{warning}; is it the date of these data?\n" if warning else "")


@pytest.mark.parametrize(("penalty", "said"), [("", True), ("0", True), ("2", False)])
def test_money_without_any_price_of_lateness(firmdate: Firmdate, short_hours: Path, penalty: str, said: bool) -> None:
    demands = short_hours.parent / "data" / "demands.csv"
    rows = demands.read_text().splitlines()
    demands.write_text("\n".join([f"{rows[0]},penalty_per_day", *(f"{row},{penalty}" for row in rows[1:])]) + "\n")
    found = firmdate("check", short_hours, "--set", "objective=cost")
    assert found.code == 0
    assert ("objective: no line has a penalty_per_day, so a line that costs anything" in found.err) == said


def test_schema_as_text_has_every_column(firmdate: Firmdate) -> None:
    out = firmdate("schema").out
    lines = iter(out.splitlines())
    for table in TABLES:
        assert next(lines).startswith(f"{table.name}: {table.description}")
        for column in table.columns:
            assert next(lines).split()[0] == column.name
        next(lines, None)
    assert "coverage" in out
    assert "default requirement; requirement / min_max / none" in out
    assert "(columns that begin with x_ are yours)" in out


def test_schema_for_programs(firmdate: Firmdate) -> None:
    tables = json.loads(firmdate("schema", "--tables").out)
    assert {entry["table"] for entry in tables} == {table.name for table in TABLES}
    assert "planning_date" in json.loads(firmdate("schema", "--scenario").out)["properties"]


def test_schema_as_markdown_has_a_section_per_table(firmdate: Firmdate) -> None:
    out = firmdate("schema", "--markdown").out
    assert [line for line in out.splitlines() if line.startswith("## ")] == [f"## `{table.name}`" for table in TABLES]
    rows = [line for line in out.splitlines() if line.startswith("| `")]
    assert len(rows) == sum(len(table.columns) for table in TABLES)
    assert all(row.replace("\\|", "").count("|") == 6 for row in rows)


def test_math_is_a_document(firmdate: Firmdate) -> None:
    said = firmdate("math")
    assert said.code == 0
    assert said.out.startswith("# ")
    assert "stock_balance" in said.out
