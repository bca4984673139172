"""The worked examples of the backlog's rules, to the digit, and what they say of every line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from plan_rows import rows

import firmdate as fd
from firmdate.data.read import read_planning_data
from firmdate.errors import InfeasibleError, InputError
from firmdate.plan.certify import certify
from firmdate.plan.result import Plan
from firmdate.runs.previous import read_previous
from firmdate.runs.store import read_run, write_run
from laws.problem import Row, date_of, problem, solved

Solve = Callable[[str], Plan]


def dates(plan: Plan) -> dict[str, str]:
    days = plan.promises["promise_date"].dt.strftime("%m-%d").fillna("")
    return dict(zip(plan.promises["order"], days, strict=True))


def backlog(plan: Plan, column: str) -> dict[str, object]:
    table = plan.rule_tables["backlog"]
    return dict(zip(table["order"], table[column].tolist(), strict=True))


def test_priorities_are_ranked_by_attributes_and_overridden_line_by_line(shipped_plan: Solve) -> None:
    assert backlog(shipped_plan("rule-priority"), "priority") == {"C": 10, "B": 20, "A": 30}
    overridden = shipped_plan("rule-priority-override")
    assert backlog(overridden, "priority") == {"A": 1, "C": 10, "B": 20}
    assert backlog(overridden, "tier") == {"A": 1, "C": 2, "B": 3}


def test_an_early_receipt_pulls_lines_in_by_requested_date(shipped_plan: Solve) -> None:
    assert dates(shipped_plan("rule-pull-in")) == {"SO_1": "01-11", "SO_2": "01-15", "SO_3": "01-15"}
    held = shipped_plan("rule-pull-in-not-the-first")
    assert dates(held) == {"SO_1": "01-15", "SO_2": "01-11", "SO_3": "01-12"}
    assert held.promises["reason"].iloc[0] == "may not be pulled in before its scheduled date 2021-01-15"
    assert backlog(held, "change") == {"SO_1": "same", "SO_2": "earlier", "SO_3": "earlier"}


def test_a_committed_line_is_not_robbed_unless_the_earliest_need_wins(shipped_plan: Solve) -> None:
    respected, robbed = shipped_plan("rule-commitments"), shipped_plan("rule-commitments-off")
    assert dates(respected) == {"SO_1": "12-01", "SO_2": "12-09"}
    assert dates(robbed) == {"SO_1": "12-09", "SO_2": "11-04"}
    assert backlog(respected, "commitment") == {"SO_1": "kept", "SO_2": ""}
    assert (respected.kpis["commitments"], respected.kpis["broken_commitments"]) == (1, 0)
    assert backlog(robbed, "change") == {"SO_1": "later", "SO_2": ""}
    assert str(backlog(robbed, "why")["SO_1"]) == robbed.promises["reason"].iloc[0]


def test_strategies_win_gain_fill_and_lose(shipped_plan: Solve) -> None:
    expected = {"SO_1": "01-11", "SO_2": "01-18", "SO_3": "01-25", "SO_4": "02-01", "SO_5": ""}
    plan = shipped_plan("rule-strategies")
    assert dates(plan) == expected
    assert plan.promises["gating_kind"].iloc[4] == "lose"


SUPPLY = "receipt,type,item,location,date,quantity\n"
LINES = "order,line,item,location,quantity,requested_date,tier,scheduled_date,strategy,locked\n"
HEAD = "name: s\ndata: data\nplanning_date: 2021-01-04\nhorizon_days: 30\n"


def written(folder: Path, lines: str, receipts: dict[str, int], keys: str = "") -> Path:
    (folder / "data").mkdir(exist_ok=True)
    rows = "".join(f"R{place},purchase,P,W,{day},{units}\n" for place, (day, units) in enumerate(receipts.items()))
    (folder / "data" / "scheduled_receipts.csv").write_text(SUPPLY + rows)
    (folder / "data" / "demands.csv").write_text(LINES + lines)
    (folder / "s.yaml").write_text(HEAD + keys)
    return folder / "s.yaml"


TWO = "A,1,P,W,10,2021-01-05,1,,,\nB,1,P,W,10,2021-01-05,2,2021-01-06,,\n"


def test_the_certificate_names_a_commitment_that_was_given_away(tmp_path: Path) -> None:
    plan = fd.solve(written(tmp_path, TWO, {"2021-01-06": 10, "2021-01-12": 10}, "commitments: {enforce: true}\n"))
    assert dates(plan) == {"A": "01-12", "B": "01-06"}
    other = fd.solve(tmp_path / "s.yaml", commitments={"enforce": "false"})
    data = read_planning_data(tmp_path / "data")
    assert certify(plan, data, plan.scenario) == []
    assert certify(other, data, plan.scenario) == [
        "deliveries B/1: is later than its commitment 2021-01-06 though A/1 gets 10 by then"
    ]


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        ("lose", "deliveries B/1: is delivered though its strategy is lose: 10"),
        ("win", "deliveries B/1: is later than the date on which it must win 2021-01-05 though A/1 gets 10 by then"),
        ("fill", ""),
    ],
)
def test_the_certificate_knows_strategies(tmp_path: Path, strategy: str, message: str) -> None:
    receipts = {"2021-01-05": 10, "2021-01-12": 10}
    plain = fd.solve(written(tmp_path, TWO, receipts))
    ruled = fd.solve(tmp_path / "s.yaml", strategies=[{"where": {"order": "B"}, "strategy": strategy}])
    data = read_planning_data(tmp_path / "data")
    assert certify(ruled, data, ruled.scenario) == []
    assert certify(plain, data, ruled.scenario) == ([message] if message else [])


def test_a_winner_that_cannot_be_on_time_stops_the_run_continues_or_falls_back(tmp_path: Path) -> None:
    path = written(tmp_path, TWO, {"2021-01-06": 10, "2021-01-12": 10})

    def winning(otherwise: str) -> Plan:
        return fd.solve(path, strategies=[{"where": {"order": "B"}, "strategy": "win", "otherwise": otherwise}])

    with pytest.raises(InfeasibleError, match="line B/1: cannot be on time, and it must win"):
        winning("stop")
    won = winning("continue")
    assert dates(won) == {"A": "01-12", "B": "01-06"}
    assert won.explain("A", "1").competing == ("B/1 (it must win)",)
    fallen = winning("redistribute")
    assert dates(fallen) == {"A": "01-06", "B": "01-12"}
    assert backlog(fallen, "strategy")["B"] == "redistribute"


def test_a_locked_line_keeps_its_result_and_needs_one(tmp_path: Path) -> None:
    lines = "A,1,P,W,10,2021-01-05,1,2021-01-12,,true\nB,1,P,W,10,2021-01-05,2,,,\n"
    path = written(tmp_path, lines, {"2021-01-06": 10, "2021-01-12": 10})
    plan = fd.solve(path)
    assert dates(plan) == {"A": "01-12", "B": "01-06"}
    assert plan.promises["reason"].iloc[0] == "keeps its earlier result 2021-01-12"
    with pytest.raises(InputError, match=r"demands.csv:2.*: locked: the line has no result that could be kept"):
        fd.solve(path, changes=[{"table": "demands", "where": {"order": "A"}, "set": {"scheduled_date": ""}}])


@pytest.mark.parametrize(
    ("stability", "expected", "changed"),
    [
        (None, {"A": "01-10", "B": "01-11"}, 1),
        ({"level": True}, {"A": "01-10", "B": "01-11"}, 1),
        ({"weight": 0.5}, {"A": "01-10", "B": "01-11"}, 1),
        ({"weight": 2}, {"A": "01-11", "B": "01-11"}, 0),
    ],
)
def test_promises_of_the_previous_run_move_when_it_is_worth_it(
    tmp_path: Path, stability: object, expected: dict[str, str], changed: int
) -> None:
    path = written(tmp_path, TWO, {"2021-01-11": 20})
    run = write_run(fd.solve(path), tmp_path / "runs")
    written(tmp_path, TWO, {"2021-01-10": 10, "2021-01-11": 20})
    plan = fd.solve(path, previous_run=tmp_path / "runs" / "s", stability=stability)
    assert dates(plan) == expected
    assert plan.kpis["changed_lines"] == changed
    again = write_run(plan, tmp_path / "runs")
    assert again != run
    assert read_run(again).rule_tables["backlog"]["change"].tolist() == plan.rule_tables["backlog"]["change"].tolist()


def test_a_previous_run_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, TWO, {"2021-01-06": 10}, "previous_run: runs/s\n")
    with pytest.raises(InputError, match=r"s.yaml:5:1: previous_run: no such run .*runs/s"):
        fd.solve(path)


def bought(plan: Plan) -> list[tuple[object, ...]]:
    return rows(plan, "supply_orders", "supplier", "start_date", "quantity")


@pytest.mark.parametrize(
    ("keys", "supplier"),
    [
        ({}, "NEAR"),
        ({"stability": {"level": True}}, "FAR"),
        ({"stability": {"weight": 9}}, "FAR"),
        ({"stability": {"level": True}, "objective": "cost"}, "NEAR"),
        ({"stability": {"weight": 3}, "objective": "cost"}, "NEAR"),
        ({"stability": {"weight": 5}, "objective": "cost"}, "FAR"),
    ],
)
def test_orders_of_the_previous_run_are_preferred(tmp_path: Path, keys: dict[str, object], supplier: str) -> None:
    """A supplier that costs 4 less turns up: by tiers stability comes before cost, in money it must be worth 4."""
    path = written(tmp_path, TWO, {}, "changes: [{table: demands, set: {penalty_per_day: 5}}]\n")
    sold = "supplier,item,location,lead_time_days,unit_cost\nFAR,P,W,3,9\n"
    (tmp_path / "data" / "supplier_items.csv").write_text(sold)
    before = fd.solve(path)
    write_run(before, tmp_path / "runs")
    (tmp_path / "data" / "supplier_items.csv").write_text(sold + "NEAR,P,W,3,5\n")
    plan = fd.solve(path, previous_run=tmp_path / "runs" / "s", **keys)
    assert bought(plan) == [(supplier, "2021-01-04", 20)]
    if "stability" in keys:
        changed = plan.rule_tables["order_changes"]
        told = changed[["supplier", "previous_quantity", "quantity", "change"]].to_numpy().tolist()
        expected = [["FAR", 20, 0, "dropped"], ["NEAR", 0, 20, "new"]]
        assert told == ([] if supplier == "FAR" else expected)
        assert plan.kpis["order_changes"] == len(told)


def test_orders_that_nobody_needs_any_more_are_dropped_and_new_needs_are_met(tmp_path: Path) -> None:
    """Stability prefers where and when something is ordered, not that anything is."""
    path = written(tmp_path, TWO, {})
    sold = "supplier,item,location,lead_time_days,unit_cost\nFAR,P,W,3,9\nNEAR,P,W,2,9\n"
    (tmp_path / "data" / "supplier_items.csv").write_text(sold)
    before = fd.solve(path, changes=[{"table": "supplier_items", "where": {"supplier": "NEAR"}, "drop": True}])
    run = write_run(before, tmp_path / "runs")
    late = "C,1,P,W,7,2021-01-20,1,,,\n"
    written(tmp_path, TWO.splitlines()[0] + "\n" + late, {})
    plan = fd.solve(path, previous_run=run, stability={"level": True})
    # A line that can be on time is, which comes before stability.
    assert dates(plan) == {"A": "01-06", "C": "01-20"}
    changed = plan.rule_tables["order_changes"]
    assert changed[["supplier", "quantity", "change"]].to_numpy().tolist() == [["FAR", 7, "less"], ["NEAR", 10, "new"]]
    data = read_planning_data(tmp_path / "data")
    earlier = read_previous(plan.scenario)
    assert certify(plan, data, plan.scenario, earlier) == []
    silent = replace(plan, rule_tables={**plan.rule_tables, "order_changes": changed[1:]})
    [text] = certify(silent, data, plan.scenario, earlier)
    assert text == "order_changes buy P W FAR 2021-01-04: is not what has changed: 20 before, 7 now"


def test_a_planned_order_that_has_been_entered_since_is_no_change(tmp_path: Path) -> None:
    """What the last run wanted to buy is in the supply plan now: it is kept, and not bought a second time."""
    path = written(tmp_path, TWO, {})
    (tmp_path / "data" / "supplier_items.csv").write_text("supplier,item,location,lead_time_days\nFAR,P,W,3\n")
    run = write_run(fd.solve(path), tmp_path / "runs")
    (tmp_path / "data" / "planned_orders.csv").write_text(
        "plan,order,type,item,location,quantity,start_date,due_date\nMRP,W1,buy,P,W,20,2021-01-04,2021-01-07\n"
    )
    plan = fd.solve(path, previous_run=run, stability={"level": True})
    assert rows(plan, "supply_orders", "order", "quantity", "status") == [("W1", 20, "kept")]
    assert plan.kpis["order_changes"] == 0


@pytest.mark.parametrize(
    ("tables", "other"),
    [
        (
            {
                "on_hand": [{"item": "A", "location": "W", "quantity": 5}],
                "allocation_nodes": [{"node": "N"}],
                "allocations": [{"node": "N", "start": date_of(0), "end": date_of(60), "percent": 100}],
            },
            {"allocation_node": "N"},
        ),
        (
            {
                "on_hand": [{"item": "B", "location": "W", "quantity": 5}],
                "substitutions": [{"item": "A", "substitute": "B"}],
            },
            {"substitution": True},
        ),
        (
            {
                "on_hand": [{"item": "A", "location": "E", "quantity": 5}],
                "locations": [{"location": "W", "balancing_area": "X"}, {"location": "E", "balancing_area": "X"}],
            },
            {"ship_from": "any"},
        ),
    ],
)
def test_a_commitment_takes_nothing_that_its_line_may_not_have(tables: dict[str, list[Row]], other: Row) -> None:
    line: Row = {"line": "1", "item": "A", "location": "W", "quantity": 5, "requested_date": date_of(2)}
    demands = [{**line, "order": "1", "scheduled_date": date_of(3), "enforce_commit": True}, {**line, "order": "2"}]
    found = solved(problem({**tables, "demands": [demands[0], {**demands[1], **other}]}, {"horizon_days": 20}))
    assert certify(found.tables(), found.data, found.scenario) == []
    assert found.tables().deliveries[["order", "quantity"]].to_numpy().tolist() == [["2", 5]]
