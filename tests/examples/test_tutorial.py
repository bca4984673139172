"""The tutorial shows every table, its supply plan is infeasible on purpose, and its what-ifs do what they say."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from plan_rows import rows

from firmdate.data.read import read_planning_data
from firmdate.data.tables import TABLES
from firmdate.network.overloads import plan_overloads
from firmdate.plan.certify import certify
from firmdate.plan.result import Plan
from firmdate.runs.baselines import against_expect
from firmdate.runs.solve import load_data, resolve
from firmdate.scenario.files import load_scenario
from firmdate.scenario.values import KPI_NAMES

Solve = Callable[[str], Plan]

ROOT = Path(__file__).resolve().parents[2]
WHAT_IFS = ("res1-loses-a-shift", "s1-quota-doubled", "expedite-for-acme")
SHIPPED = sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))


def overloads(scenarios: Path, name: str) -> set[tuple[str, str, str, float, str]]:
    """Kind, name, first day, overload and planned orders of every overload of a supply plan."""
    scenario = resolve(scenarios / f"{name}.yaml", {})
    data, _, warnings = load_data(scenario)
    assert warnings == []
    return {
        (row["kind"], row["name"], str(row["start"])[:10], float(row["overload"]), row["planned_orders"])
        for row in plan_overloads(data, scenario).to_dict("records")
    }


def late_unit_days(plan: Plan) -> float:
    return plan.kpis["late_unit_days"]


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("tutorial", "buy_cost"),
        ("tutorial", "make_cost"),
        ("tutorial", "holding_cost"),
        ("tutorial", "total_cost"),
        ("rule-expedite", "transfer_cost"),
        ("rule-overtime", "overtime_cost"),
    ],
)
def test_the_certificate_adds_up_the_money(shipped_plan: Solve, name: str, figure: str) -> None:
    plan = shipped_plan(name)
    data, _, _ = load_data(plan.scenario)
    assert certify(plan, data, plan.scenario, None, plan.kpis) == []
    found = certify(plan, data, plan.scenario, None, {**plan.kpis, figure: plan.kpis[figure] + 1})
    assert any(text.startswith(f"kpis {figure}: is not what the tables cost: ") for text in found)


def test_the_tutorial_shows_every_table_of_the_schema_but_those_of_rules(scenarios: Path) -> None:
    data = read_planning_data(scenarios / "data" / "tutorial")
    of_rules = {"allocation_nodes", "allocations", "substitutions"}
    assert {table.name for table in TABLES if len(data[table.name]) == 0} == of_rules


def test_the_tutorial_of_init_is_the_shipped_one(scenarios: Path) -> None:
    shipped = {scenarios / f"{name}.yaml" for name in ("tutorial", *WHAT_IFS)}
    shipped |= set((scenarios / "data" / "tutorial").iterdir())
    template = Path(str(files("firmdate") / "templates" / "tutorial"))
    copies = {path.relative_to(template): path.read_bytes() for path in template.rglob("*") if path.is_file()}
    assert copies == {path.relative_to(scenarios): path.read_bytes() for path in shipped}


def test_the_check_of_the_tutorial_names_what_is_infeasible(scenarios: Path) -> None:
    assert overloads(scenarios, "tutorial") == {
        ("component", "COMP_1", "2021-01-13", 210, "MAKE_1, MAKE_2"),
        ("component", "COMP_1", "2021-01-25", 90, "MAKE_1, MAKE_2, MAKE_3"),
        ("component", "COMP_2", "2021-01-25", 50, "MAKE_1, MAKE_2, MAKE_3"),
        ("resource", "RES_1", "2021-01-11", 40, "MAKE_2"),
        ("supplier", "S1", "2021-01-04", 190, "BUY_1, BUY_2"),
    }


def test_the_check_names_the_overload_of_two_hours_and_its_order(scenarios: Path) -> None:
    assert overloads(scenarios, "planned-orders-short-hours") == {("resource", "RES_1", "2021-01-05", 2, "MAKE_1")}
    assert overloads(scenarios, "planned-orders") == set()


def test_the_adjusted_plan_of_the_tutorial_keeps_every_capacity(shipped_plan: Solve) -> None:
    plan = shipped_plan("tutorial")
    for table in ("resource_load", "supplier_load", "lane_load"):
        assert all(overload == 0 for (overload,) in rows(plan, table, "overload"))
    assert plan.kpis["overloads"] == 0


def test_negative_and_reserved_stock_of_the_tutorial_is_listed(shipped_plan: Solve) -> None:
    assert rows(shipped_plan("tutorial"), "data_alerts", "table", "key", "before", "after") == [
        ("on_hand", "FILTER_1/NEWARK", "-4", "0"),
        ("reservations", "SO_1003/1", "6", "4"),
    ]


def test_a_depot_that_is_closed_at_weekends_delivers_on_the_next_working_day(shipped_plan: Solve) -> None:
    # The kits reach SEATTLE on Sunday 2021-01-10.
    [promise] = rows(shipped_plan("tutorial"), "promises", "promise_date", "days_late", order="SO_1001", line="2")
    assert promise == ("2021-01-11", 12)


def test_a_lost_shift_makes_lines_later_but_none_of_the_best_tier(shipped_plan: Solve) -> None:
    base, plan = shipped_plan("tutorial"), shipped_plan("res1-loses-a-shift")
    assert late_unit_days(plan) > late_unit_days(base)
    assert plan.kpis["late_unit_days_tier_1"] == base.kpis["late_unit_days_tier_1"]
    [(load, capacity)] = rows(plan, "resource_load", "load", "capacity", start="2021-01-11")
    assert (load, capacity) == (20, 20)


def test_a_larger_quota_makes_no_tier_later(shipped_plan: Solve) -> None:
    base, plan = shipped_plan("tutorial"), shipped_plan("s1-quota-doubled")
    assert late_unit_days(plan) < late_unit_days(base)
    assert all(plan.kpis[name] <= base.kpis[name] for name in base.kpis if name.startswith("late_unit_days_tier_"))


def test_a_customer_in_the_best_tier_gets_nothing_later(shipped_plan: Solve) -> None:
    base, plan = shipped_plan("tutorial"), shipped_plan("expedite-for-acme")
    own = base.scenario.path
    assert own is not None
    demands = read_planning_data(load_scenario(own).data)["demands"]
    acme = set(demands.loc[demands["customer"] == "ACME", "order"])
    before, after = (
        {row[:2]: row[2] for row in rows(result, "promises", "order", "line", "promise_date") if row[0] in acme}
        for result in (base, plan)
    )
    assert all(str(after[line]) <= str(before[line]) for line in before)
    assert any(str(after[line]) < str(before[line]) for line in before)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_scenario_holds_what_it_expects(shipped_plan: Solve, name: str) -> None:
    plan = shipped_plan(name)
    assert plan.scenario.expect.figures
    assert plan.scenario.expect.promises
    assert [str(mismatch) for mismatch in against_expect(plan.scenario.expect, plan.kpis, plan.promises)] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_scenario_has_a_description_and_its_own_name(scenarios: Path, name: str) -> None:
    scenario = load_scenario(scenarios / f"{name}.yaml")
    assert scenario.name == name
    assert scenario.description


def test_figures_are_those_that_a_scenario_may_expect(shipped_plan: Solve) -> None:
    tiers = {name for name in shipped_plan("tutorial").kpis if name.startswith("late_unit_days_tier_")}
    assert len(tiers) == 3
    of_rules = {"overtime_cost", "substitution_cost"}
    assert set(shipped_plan("tutorial").kpis) - tiers == set(KPI_NAMES) - of_rules
