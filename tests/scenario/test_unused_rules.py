"""Rules that reach nothing are said."""

from __future__ import annotations

from pathlib import Path

import pytest
from refusals import refused, write

from firmdate.runs.solve import load_data
from firmdate.scenario.files import load_scenario

DEMANDS = """order,line,item,location,quantity,requested_date,customer
1,1,A,L,8,2021-01-08,ACME
"""
SHARES = "node,start,end,percent\nN,2020-01-01,2021-01-01,50\n"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            "strategies: [{where: {customer: ACNE}, strategy: win}, {strategy: fill}]",
            "strategies.0.where: no order line is in this segment (got 'customer: ACNE')",
        ),
        (
            "selection: {where: {customer: [A, B]}}",
            "selection.where: no order line is selected, so none is planned (got 'customer: A or B')",
        ),
        (
            "priority_rule: {attributes: [{column: customer, order: [ACNE, ACME]}]}",
            "priority_rule.attributes.0.order: no order line has this value of customer (got 'ACNE'); "
            "did you mean 'ACME'?",
        ),
        ("fair_share: {rule: even, tiers: [1, 9]}", "fair_share.tiers: no order line is in this tier (got '9')"),
        (
            "fair_share: {rule: target}",
            "fair_share.rule: no stocking point has a share_target, so shares are in proportion to demand",
        ),
        (
            "stability: {level: true}",
            "stability: there is no previous_run and no scheduled_date that could be kept; name a run",
        ),
    ],
)
def test_a_rule_that_reaches_nothing_is_a_warning(tmp_path: Path, rule: str, expected: str) -> None:
    write(tmp_path, "data/demands.csv", DEMANDS)
    write(tmp_path, "data/on_hand.csv", "item,location,quantity\nA,L,8\n")
    path = write(tmp_path, "s.yaml", f"data: data\nplanning_date: 2021-01-04\n{rule}\n")
    warnings = load_data(load_scenario(path))[2]
    assert [str(warning).partition(":3:1: ")[2] for warning in warnings] == [expected]
    assert all(warning.warning for warning in warnings)


def test_periods_of_allocation_that_are_over(tmp_path: Path) -> None:
    write(tmp_path, "data/demands.csv", DEMANDS)
    write(tmp_path, "data/on_hand.csv", "item,location,quantity\nA,L,8\n")
    write(tmp_path, "data/allocation_nodes.csv", "node\nN\n")
    write(tmp_path, "data/allocations.csv", SHARES)
    path = write(tmp_path, "s.yaml", "data: data\nplanning_date: 2021-01-04\n")
    (warning,) = load_data(load_scenario(path))[2]
    assert str(warning).endswith("no period of allocations lies inside the horizon, so nothing is allocated")


def test_a_priority_rule_lists_values_that_its_column_can_have(tmp_path: Path) -> None:
    rule = "priority_rule: {attributes: [{column: tier, order: [gold]}]}"
    path = write(tmp_path, "s.yaml", f"data: data\nplanning_date: 2021-01-04\n{rule}\n")
    (problem,) = refused(load_scenario, path)
    assert problem.endswith("tier: not a number (got 'gold'); write digits, such as 12 or 12.5")
