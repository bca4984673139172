"""The ladders are what they say, and an optimum is never worse than a greedy plan of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import firmdate
import heuristic
import ladder
import manufacturing
import rules
from heuristic import Limit, Line, Planner, Way
from rung import TIERS, tier_optima


def table(scenario: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(scenario.parent / "data" / f"{name}.csv")


def never_worse(first: list[float], second: list[float]) -> bool:
    """Tier by tier: a later tier may pay for a better one."""
    for one, other in zip(first, second, strict=True):
        if abs(one - other) > 1e-6 * max(1.0, abs(other)):
            return one < other
    return True


def greedy(scenario: Path) -> list[float]:
    late = heuristic.late_unit_days(scenario)
    return [late.get(tier, 0) for tier in TIERS]


@pytest.mark.parametrize("everywhere", [False, True])
@pytest.mark.parametrize("seed", [1, 2])
def test_service_parts_are_never_later_than_in_a_greedy_plan(tmp_path: Path, everywhere: bool, seed: int) -> None:
    scenario = ladder.write_network(tmp_path, 20, stock_everywhere=everywhere, seed=seed)
    plan = firmdate.solve(scenario)
    late = [plan.kpis[f"late_unit_days_tier_{tier}"] for tier in TIERS]
    assert late == tier_optima(plan.run["levels"], scenario)
    assert never_worse(late, greedy(scenario))


@pytest.mark.parametrize("seed", [1, 2])
def test_the_optimum_of_a_cluster_is_never_later_than_a_greedy_plan(tmp_path: Path, seed: int) -> None:
    scenario = manufacturing.write_clusters(tmp_path, 1, seed=seed)
    optimum = tier_optima(firmdate.solve(scenario).run["levels"], scenario)
    assert never_worse(optimum, greedy(scenario))


def test_stock_everywhere_is_stock_at_all_sixteen_locations(tmp_path: Path) -> None:
    scenario = ladder.write_network(tmp_path / "all", 10, stock_everywhere=True)
    assert table(scenario, "on_hand").groupby("item")["location"].nunique().eq(16).all()
    scenario = ladder.write_network(tmp_path / "centre", 10)
    assert set(table(scenario, "on_hand")["location"]) == {"C"}


def test_a_cluster_is_five_levels_with_shared_components_and_no_link_to_another(tmp_path: Path) -> None:
    scenario = manufacturing.write_clusters(tmp_path, 3)
    bills, demands = table(scenario, "bills_of_materials"), table(scenario, "demands")
    assert demands["item"].str[:6].value_counts().eq(30).all()
    assert bills["item"].str[:6].equals(bills["component"].str[:6])
    depth = 0
    items = set(demands["item"])
    while items:
        items = set(bills.loc[bills["item"].isin(items), "component"])
        depth += bool(items)
    assert depth == 5
    assert bills["component"].value_counts().max() > 1
    raw = set(bills["component"]) - set(bills["item"])
    assert raw <= set(table(scenario, "supplier_items")["item"])
    resources = table(scenario, "operation_resources").groupby("resource")["item"].nunique()
    assert resources.min() == 4


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        manufacturing.write_clusters(folder, 2, seed=3)
    names = sorted(path.name for path in (folders[0] / "data").iterdir())
    assert names
    for name in names:
        assert (folders[0] / "data" / name).read_bytes() == (folders[1] / "data" / name).read_bytes()


@pytest.mark.parametrize(("program", "size", "lines"), [(ladder, "5", 50), (manufacturing, "1", 30)])
def test_a_ladder_prints_one_object_a_rung(
    program: object,
    size: str,
    lines: int,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["ladder", size, "--json", "--heuristic"])
    program.main()  # type: ignore[attr-defined]
    result = json.loads(capfd.readouterr().out)
    assert result["lines"] == lines == result["sizes"]["lines"]
    assert len(result["late_unit_days"]) == len(result["optimum"]) == 3
    assert never_worse(result["optimum"], result["heuristic"]["late_unit_days"])
    assert set(result["stages"]) >= {"read", "network", "formulate", "solve", "plan", "certify"}


def made(lead: int, inputs: dict[str, int], hours: float) -> Way:
    """Makes with one resource of 10 hours in each of two weeks."""
    limit = Limit([0, 7], [7, 14], [10.0, 10.0])
    return Way(lead, tuple(((item, "P"), per) for item, per in inputs.items()), limit, hours)


def test_the_planner_walks_down_the_bill_and_waits_for_the_slowest_component() -> None:
    ways = {
        ("END", "P"): [made(2, {"A": 2, "B": 1}, 1.0)],
        ("B", "P"): [Way(5, (), None, 1.0)],
    }
    planner = Planner(14, {("A", "P"): 30, ("B", "P"): 1}, ways)
    # One is made of the B in stock; the others wait 5 days for B; hours suffice for 10 a week.
    line = Line(1, 3, "1", ("END", "P"), 13)
    assert planner.plan(line) == [(3, 1), (7, 9), (9, 3)]


def test_what_an_input_lacks_is_given_back_by_the_others() -> None:
    planner = Planner(14, {("A", "P"): 10, ("B", "P"): 2}, {("END", "P"): [made(0, {"A": 2, "B": 1}, 1.0)]})
    assert planner.plan(Line(1, 0, "1", ("END", "P"), 5)) == [(0, 2)]
    assert planner.plan(Line(1, 0, "2", ("A", "P"), 9)) == [(0, 6)]


def test_nothing_is_taken_from_a_line_that_was_planned_before() -> None:
    planner = Planner(14, {("A", "P"): 5}, {("A", "P"): [Way(6, (), None, 1.0)]})
    assert planner.plan(Line(1, 10, "1", ("A", "P"), 4)) == [(10, 4)]
    assert planner.plan(Line(2, 0, "2", ("A", "P"), 3)) == [(0, 1), (6, 2)]


def test_a_table_that_the_heuristic_does_not_know_is_named(tmp_path: Path) -> None:
    scenario = ladder.write_network(tmp_path, 2)
    (tmp_path / "data" / "planned_orders.csv").write_text("plan\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="does not read planned_orders"):
        heuristic.late_unit_days(scenario)


def test_need_follows_the_bills(tmp_path: Path) -> None:
    """Weekly hours are 70 to 110 % of what the orders of a quarter take."""
    scenario = manufacturing.write_clusters(tmp_path, 2)
    bills, demands = table(scenario, "bills_of_materials"), table(scenario, "demands")
    need = demands.groupby("item")["quantity"].sum().astype(float)
    total = need.copy()
    while len(need):
        taken = bills.assign(taken=bills["item"].map(need).fillna(0.0) * bills["quantity_per"])
        need = taken.groupby("component")["taken"].sum()
        need = need[need > 0]
        total = total.add(need, fill_value=0.0)
    uses = table(scenario, "operation_resources")
    load = (uses["item"].map(total).fillna(0.0) * uses["hours_per_unit"]).groupby(uses["resource"]).sum()
    hours = table(scenario, "resource_capacity").groupby("resource")["hours"].first()
    share = (hours * 13 / load).to_numpy()
    assert np.all(share >= 0.7)
    assert np.all(share <= 1.1 + 13 / load.min())


def test_rules_are_added_to_the_same_lines_and_all_of_them_can_be_kept_together(tmp_path: Path) -> None:
    plain = table(ladder.write_network(tmp_path / "plain", 10), "demands")
    scenario = rules.write_rules(tmp_path / "ruled", 10, rules.RULES)
    ruled = table(scenario, "demands")
    pd.testing.assert_frame_equal(plain, ruled[plain.columns])
    assert ruled["ship_set"].notna().mean() == 1 / rules.LINES_IN_SETS
    assert ruled["scheduled_date"].notna().mean() == 1 / 2
    plan = firmdate.solve(scenario)  # certified, or it would not be there
    assert set(plan.rule_tables["allocation_use"]["source"]) >= {"own", "new_supply"}
