"""Other locations that ship: to the digit, the certificate of what they ship, and what the check says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from plan_rows import plain, rows

import firmdate as fd
from firmdate.plan.certify import certify
from firmdate.plan.result import Plan
from firmdate.runs.solve import load_data

Solve = Callable[[str], Plan]

REQUESTED = {"table": "demands", "where": {"ship_from": "any"}, "set": {"ship_from": "requested"}}


def shipped_from(plan: Plan) -> list[tuple[object, ...]]:
    table = plan.rule_tables["shipped_from"]
    return [tuple(plain(cell) for cell in row) for row in table.drop(columns="line").to_numpy().tolist()]


def test_other_locations_ship_what_the_own_one_lacks(shipped_plan: Solve) -> None:
    assert shipped_from(shipped_plan("rule-ship-from")) == [
        ("SO_1", "2021-01-11", "PUMP", "EAST", "WEST", 20),
        ("SO_2", "2021-01-11", "VALVE", "EAST", "WEST", 15),
        ("SO_3", "2021-01-15", "BOLT", "EAST", "WEST", 12),
    ]


@pytest.mark.parametrize("option", [{"mode": "unconstrained"}, {"objective": "cost"}, {"resolution": "week"}])
def test_other_locations_ship_in_every_mode(shipped_plan: Solve, option: dict[str, str]) -> None:
    plan = fd.solve(shipped_plan("rule-ship-from").scenario, **option)
    assert [row[-1] for row in shipped_from(plan)][:2] == [20, 15]


def test_a_requested_location_ships_alone(shipped_plan: Solve) -> None:
    plan = fd.solve(shipped_plan("rule-ship-from").scenario, changes=[REQUESTED])
    assert rows(plan, "promises", "promised_quantity") == [(80,), (0,), (0,), (0,)]
    assert "shipped_from" not in plan.rule_tables


def test_a_smallest_shipment_is_not_split_over_locations(shipped_plan: Solve) -> None:
    changed = {"table": "demands", "where": {"order": "SO_1"}, "set": {"minimum_shipment": 10}}
    plan = fd.solve(shipped_plan("rule-ship-from").scenario, changes=[changed])
    assert rows(plan, "promises", "promised_quantity", order="SO_1") == [(80,)]


def test_every_shipment_of_a_location_is_a_delivery(shipped_plan: Solve) -> None:
    """80 of the own location and 20 of the other one are two deliveries; one delivery would need all of it."""
    changes = [{"table": "demands", "where": {"order": "SO_1"}, "set": {"maximum_deliveries": 2}}]
    plan = fd.solve(shipped_plan("rule-ship-from").scenario, changes=changes)
    assert rows(plan, "promises", "promised_quantity", order="SO_1") == [(100,)]
    data, _, _ = load_data(plan.scenario)
    more = plan.rule_tables["shipped_from"]
    moved = pd.concat([more, more[:1].assign(ship_from="NORTH", quantity=5.0)]).assign(
        quantity=lambda table: table["quantity"].where(table["order"] != "SO_1", table["quantity"] - 2.5)
    )
    texts = certify(replace(plan, rule_tables={**plan.rule_tables, "shipped_from": moved}), data, plan.scenario)
    assert any("its order line has 3 deliveries, but at most 2 are allowed" in text for text in texts)


def test_reserved_stock_keeps_a_line_that_ships_at_once_at_its_location(shipped_plan: Solve) -> None:
    held = {"order": "SO_2", "line": "1", "item": "VALVE", "location": "EAST", "quantity": 5}
    plan = fd.solve(shipped_plan("rule-ship-from").scenario, changes=[{"table": "reservations", "add": held}])
    assert rows(plan, "deliveries", "quantity", order="SO_2") == []
    assert "SO_2" not in set(plan.rule_tables["shipped_from"]["order"])


@pytest.mark.parametrize(
    ("row", "cells", "expected"),
    [
        (0, {"quantity": 19.0}, "PUMP at EAST 2021-01-11: more is used than is there: 1 units are missing"),
        (0, {"quantity": 120.0}, "more is shipped than is delivered: 120 of 100"),
        (0, {"ship_from": "SOUTH"}, "is no other location of the balancing area"),
        (1, {"quantity": 5.0}, "its order line is not split over locations"),
        (1, {"order": "SO_4"}, "its order line is shipped by its own location only"),
        (2, {"date": "2021-01-12"}, "more is shipped than is delivered: 12 of 0"),
        (0, {"quantity": 0.0}, "its quantity is no number of units"),
        (0, {"order": "SO_9"}, "there is no such order line"),
    ],
)
def test_the_certificate_names_what_is_wrong(
    shipped_plan: Solve, row: int, cells: dict[str, object], expected: str
) -> None:
    plan = shipped_plan("rule-ship-from")
    data, _, _ = load_data(plan.scenario)
    table = plan.rule_tables["shipped_from"].astype(object)
    for column, value in cells.items():
        table.loc[row, column] = value
    found = certify(replace(plan, rule_tables={**plan.rule_tables, "shipped_from": table}), data, plan.scenario)
    assert any(expected in text for text in found)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"locations.csv": "location,balancing_area\nEAST,\nWEST,N\nSOUTH,N\n"}, "no other location shares a"),
        ({"locations.csv": None}, "no other location shares a balancing_area with location 'EAST'"),
        (
            {
                "allocation_nodes.csv": "node\nA\n",
                "allocations.csv": "item,node,start,end,percent\nVALVE,A,2021-01-01,2021-03-01,50\n",
            },
            "supply of item 'VALVE' is allocated, so only location 'EAST' ships",
        ),
    ],
)
def test_the_check_warns_of_lines_that_only_their_own_location_can_ship(
    scenarios: Path, tmp_path: Path, files: dict[str, str | None], expected: str
) -> None:
    folder = tmp_path / "data" / "ship-from"
    folder.mkdir(parents=True)
    for path in (scenarios / "data" / "ship-from").iterdir():
        (folder / path.name).write_text(path.read_text())
    for name, text in files.items():
        (folder / name).unlink(missing_ok=True)
        if text is not None:
            (folder / name).write_text(text)
    own = tmp_path / "rule-ship-from.yaml"
    own.write_text((scenarios / "rule-ship-from.yaml").read_text().split("expect:")[0])
    plan = fd.solve(own)
    _, _, warnings = load_data(plan.scenario)
    assert any(expected in str(warning) for warning in warnings)
