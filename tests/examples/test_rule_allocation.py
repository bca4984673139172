"""Worked examples of allocation, to the digit; and what the certificate says when somebody takes too much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from plan_rows import rows

import firmdate as fd
from firmdate.plan.certify import certify
from firmdate.plan.result import Plan
from firmdate.plan.within_shares import within_shares
from firmdate.runs.solve import load_data
from laws.problem import PlanningProblem, Row, date_of, problem, solved

Solve = Callable[[str], Plan]
DAY = "2021-01-04"


def test_a_line_that_may_get_substitutes_uses_its_own_share_first_and_no_allocated_substitute() -> None:
    """100 of A, half of them for X; B takes the place of A, C would too but has shares of its own."""
    shares = {"location": None, "start": date_of(-5), "end": date_of(90)}
    planned = problem(
        {
            "on_hand": [{"item": k, "location": "W", "quantity": v} for k, v in {"A": 100, "B": 20, "C": 50}.items()],
            "allocation_nodes": [{"node": "X"}, {"node": "Y"}],
            "allocations": [
                {**shares, "item": "A", "node": "X", "percent": 50},
                {**shares, "item": "A", "node": "Y", "percent": 50},
                {**shares, "item": "C", "node": "Y", "percent": 100},
            ],
            "substitutions": [{"item": "A", "substitute": "B"}, {"item": "A", "substitute": "C", "rank": 2}],
            "demands": [
                {"order": "X1", "line": "1", "item": "A", "location": "W", "quantity": 80, "requested_date": date_of(3)}
                | {"allocation_node": "X", "substitution": True},
            ],
        },
        {"horizon_days": 30},
    )
    found = solved(planned)
    tables = found.tables()
    assert certify(tables, found.data, found.scenario) == []
    assert tables.deliveries["quantity"].tolist() == [70]
    used = tables.rule_tables["allocation_use"]
    assert used[["source", "source_node", "quantity"]].to_numpy().tolist() == [["own", "X", 50], ["new_supply", "", 20]]
    replaced = tables.rule_tables["substitutions_used"]
    assert replaced["substitute"].tolist() == ["B"]
    for_c = replace(tables, rule_tables={**tables.rule_tables, "substitutions_used": replaced.assign(substitute="C")})
    texts = certify(for_c, found.data, found.scenario)
    assert "substitutions_used C: takes the place of another item though its supply is allocated" in texts


LINE: Row = {"item": "A", "location": "L1", "requested_date": DAY}
PERIOD: Row = {"item": "A", "start": DAY, "end": "2021-02-01"}


def used(plan: Plan) -> list[tuple[object, ...]]:
    table = plan.rule_tables["allocation_use"]
    return list(table[["order", "source", "source_node", "quantity"]].itertuples(index=False, name=None))


def test_a_node_uses_its_own_share_then_those_above_then_new_supply(shipped_plan: Solve) -> None:
    plan = shipped_plan("rule-allocation-by-parents")
    assert sorted(used(plan), key=str) == [
        ("SO_1", "above", "COUNTRY", 30),
        ("SO_1", "above", "REGION", 10),
        ("SO_1", "new_supply", "", 140),
        ("SO_1", "own", "STORE", 40),
    ]


def test_more_than_the_supply_is_scaled_down_to_it(shipped_plan: Solve) -> None:
    plan = shipped_plan("rule-over-allocation")
    assert [row[3] for row in used(plan)] == [50, 25, 25, 100, 150, 50, 100]


def test_a_demand_class_gets_its_part_of_what_the_better_one_leaves(shipped_plan: Solve) -> None:
    plan = shipped_plan("rule-demand-classes")
    assert rows(plan, "deliveries", "order", "date", "quantity") == [
        ("X", "2021-01-01", 28),
        ("X", "2021-01-10", 2),
        ("Y", "2021-01-01", 30),
    ]


def test_a_whole_line_waits_for_a_share_that_covers_it(scenarios: object) -> None:
    whole = {"table": "demands", "set": {"partial": "no"}}
    plan = fd.solve(f"{scenarios}/rule-demand-classes.yaml", changes=[whole])
    assert rows(plan, "promises", "order", "promise_date") == [("X", "2021-01-10"), ("Y", "2021-01-01")]


def small(shares: list[Row], lines: list[Row], nodes: list[Row], **tables: list[Row]) -> PlanningProblem:
    """Lines of one item at one location, of which 100 are on hand."""
    named = [{"order": f"D{n}", "line": "1", **LINE, **line} for n, line in enumerate(lines)]
    data = {
        "on_hand": [{"item": "A", "location": "L1", "quantity": 100}],
        "demands": named,
        "allocation_nodes": nodes,
        "allocations": [{**PERIOD, **share} for share in shares],
        **tables,
    }
    return problem(data, {"horizon_days": 40, "supply_sources": ["on_hand", "scheduled_receipts"]})


def delivered(planned: PlanningProblem) -> list[tuple[str, str, float]]:
    found = solved(planned)
    found.certify()
    frame = found.tables().deliveries
    return [(row.order, str(row.date)[:10], row.quantity) for row in frame.itertuples()]


@pytest.mark.parametrize(("protection", "units"), [(100, 50), (80, 60), (0, 100)])
def test_better_ranks_take_what_is_not_protected(protection: int, units: int) -> None:
    nodes: list[Row] = [{"node": "BEST", "rank": 1}, {"node": "REST", "rank": 2, "protection": protection}]
    shares: list[Row] = [{"node": "BEST", "percent": 50}, {"node": "REST", "percent": 50}]
    lines: list[Row] = [{"quantity": 100, "allocation_node": "BEST", "tier": 1}]
    assert delivered(small(shares, lines, nodes)) == [("D0", DAY, units)]
    lines[0] = {**lines[0], "allocation_node": "REST"}
    assert delivered(small(shares, lines, nodes)) == [("D0", DAY, 50)]


@pytest.mark.parametrize("objective", ["tiers", "cost"])
def test_new_supply_is_used_where_nothing_is_there_that_could_be_shared(objective: str) -> None:
    planned = problem(
        {
            "supplier_items": [{"supplier": "S", "item": "A", "location": "C", "lead_time_days": 3}],
            "lanes": [{"origin": "C", "destination": "L1", "lead_time_days": 1}],
            "allocation_nodes": [{"node": "N"}],
            "allocations": [{**PERIOD, "node": "N", "percent": 50}],
            "demands": [
                {**LINE, "order": "1", "line": "1", "quantity": 8, "allocation_node": "N", "penalty_per_day": 1}
            ],
        },
        {"horizon_days": 30, "objective": objective},
    )
    found = solved(planned)
    assert certify(found.tables(), found.data, found.scenario) == []
    assert used(found.tables()) == [("1", "new_supply", "", 8)]


def test_what_an_earlier_period_leaves_is_carried_forward_and_later_periods_are_kept() -> None:
    shares: list[Row] = [
        {"node": "N", "quantity": 30, "end": "2021-01-11"},
        {"node": "N", "quantity": 30, "start": "2021-01-11"},
        {"node": "M", "quantity": 40},
    ]
    lines: list[Row] = [
        {"quantity": 50, "allocation_node": "N", "requested_date": "2021-01-06"},
        {"quantity": 10, "allocation_node": "N", "requested_date": "2021-01-12", "tier": 2},
    ]
    days = [("D0", "2021-01-06", 30), ("D0", "2021-01-11", 20), ("D1", "2021-01-12", 10)]
    assert delivered(small(shares, lines, [])) == days


def test_percentages_of_a_tree_are_parts_of_the_parent_and_whole_units_go_by_largest_fraction() -> None:
    nodes: list[Row] = [{"node": "TOP"}, *({"node": name, "parent": "TOP"} for name in ("N1", "N2", "N3"))]
    parts = (("TOP", 50), ("N1", 33), ("N2", 33), ("N3", 34))
    shares: list[Row] = [{"node": node, "percent": percent} for node, percent in parts]
    lines: list[Row] = [{"quantity": 60, "allocation_node": f"N{n}"} for n in (1, 2, 3)]
    units = [row[2] for row in delivered(small(shares, [*lines], nodes))]
    # 16.5, 16.5 and 17 of the 50; the other 50 are nobody's and go to any of them.
    assert sum(units) == 100
    plan = solved(small(shares, [*lines], nodes)).tables()
    uses = plan.rule_tables["allocation_use"]
    own = uses[uses["source"] == "own"]["quantity"].tolist()
    assert own == [17, 16, 17]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source_node": "REGION"}, "its node may not use that share: REGION"),
        ({"quantity": 41.0}, "more than the share has grown to by then"),
        ({"source": "new_supply", "source_node": ""}, "more new supply than has come by then"),
    ],
)
def test_the_certificate_names_a_use_that_breaks_an_allocation(
    shipped_plan: Solve, change: dict[str, object], message: str
) -> None:
    plan = shipped_plan("rule-allocation-by-parents")
    table = plan.rule_tables["allocation_use"].copy()
    row = table.index[table["source"] == "own"][0]
    for column, value in change.items():
        table.loc[row, column] = value
    data = load_data(plan.scenario)[0]
    found = certify(replace(plan, rule_tables={"allocation_use": table}), data, plan.scenario)
    assert f"allocation_use SO_1/1 2021-01-04: {message}" in found
    assert certify(plan, data, plan.scenario) == []


def test_deliveries_that_no_share_covers_are_cut_from_the_worst_lines() -> None:
    """Half of ten units is for each node; what rounding would give one of them beyond its half goes back."""
    lines = [
        {**LINE, "order": name, "line": "1", "quantity": 5, "tier": tier, "allocation_node": node}
        for name, tier, node in (("A", 1, "N1"), ("B", 2, "N1"), ("C", 1, "N2"))
    ]
    tables: dict[str, list[Row]] = {
        "demands": lines,
        "on_hand": [{"item": "A", "location": "L1", "quantity": 10}],
        "allocation_nodes": [{"node": "N1"}, {"node": "N2"}],
        "allocations": [{**PERIOD, "node": node, "percent": 50} for node in ("N1", "N2")],
    }
    found = solved(problem(tables, {"horizon_days": 20}))
    flows, network = found.flows, found.network
    first = network.lines.frame["order"].astype(str).to_numpy()[network.classes.some_line[network.deliveries.of_class]]
    too_much = np.where(first == "B", 2.0, np.where(first == "C", 3.0, flows.deliver))
    kept = within_shares(network, found.program, found.solution.x, replace(flows, deliver=too_much))
    assert {name: kept.deliver[first == name].sum() for name in "ABC"} == {"A": 5, "B": 0, "C": 3}
