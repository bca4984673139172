"""Cases of another planner: each field of the schema does what it says, and the shipped cases are never worse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from neutral_parts import Json, buy, case, demand, expecting, make, moved, part, stock, written

import peer_cases
from peer.convert import convert
from peer.read_case import parse_case

WEEKEND = {"Working days": [{"from": "2021-01-02", "to": "2021-01-04"}, {"from": "2021-01-09", "to": "2021-01-11"}]}
BUCKET = {"id": "quota", "type": "bucket", "bucket_days": 7, "capacity": 5}

SMALL: dict[str, tuple[Json, list[tuple[str, float]]]] = {
    "on hand and a late receipt": (
        case([demand(10)], stock_points=[stock(on_hand=4)], scheduled_receipts=[moved("2021-01-03", 5)]),
        [("2021-01-01", 4), ("2021-01-03", 5)],
    ),
    "stock below zero is owed first": (
        case([demand(10)], stock_points=[stock(on_hand=-3)], scheduled_receipts=[moved("2021-01-02", 5)]),
        [("2021-01-02", 2)],
    ),
    "safety stock never holds back a demand": (
        case([demand(10)], stock_points=[stock(on_hand=10, safety_stock=4)], buy=[buy(3)]),
        [("2021-01-01", 10)],
    ),
    "infinite supply of a component": (
        case(
            [demand(10)],
            make=[make(2, [part(quantity=3)])],
            stock_points=[stock("COMP", infinite_supply=True)],
        ),
        [("2021-01-03", 10)],
    ),
    "an issue comes before every demand": (
        case([demand(10, "2021-01-05")], stock_points=[stock(on_hand=10)], scheduled_issues=[moved("2021-01-08", 4)]),
        [("2021-01-05", 6)],
    ),
    "hard safety lead time is added": (
        case([demand()], buy=[buy(3, hard_safety_lead_time_days=2)]),
        [("2021-01-06", 10)],
    ),
    "a purchase runs in working time": (
        case([demand()], buy=[buy(2, working_calendar="Working days")], non_working_periods=WEEKEND),
        [("2021-01-05", 10)],
    ),
    "a purchase cannot start at a weekend": (
        case(
            [demand(15)],
            buy=[buy(1, working_calendar="Working days", loads=[{"resource": "daily", "qty": 1}])],
            resources=[{"id": "daily", "type": "bucket", "bucket_days": 1, "capacity": 6}],
            non_working_periods=WEEKEND,
        ),
        [("2021-01-02", 6), ("2021-01-05", 6), ("2021-01-06", 3)],
    ),
    "a make runs in working time": (
        case([demand()], make=[make(3, working_calendar="Working days")], non_working_periods=WEEKEND),
        [("2021-01-06", 10)],
    ),
    "supplier capacity per week, by order date": (
        case([demand(12)], buy=[buy(3, loads=[{"resource": "quota", "qty": 1}])], resources=[BUCKET]),
        [("2021-01-04", 5), ("2021-01-11", 5), ("2021-01-18", 2)],
    ),
    "capacity by steps of unequal length": (
        case(
            [demand(12)],
            buy=[buy(3, loads=[{"resource": "quota", "qty": 2}])],
            resources=[
                {
                    "id": "quota",
                    "type": "bucket",
                    "capacity": [{"from": "2021-01-01", "value": 10}, {"from": "2021-01-06", "value": 14}],
                }
            ],
        ),
        [("2021-01-04", 5), ("2021-01-09", 7)],
    ),
    "an unlimited resource limits nothing": (
        case(
            [demand(12)],
            buy=[buy(3, loads=[{"resource": "quota", "qty": 1}])],
            resources=[{**BUCKET, "unlimited": True}],
        ),
        [("2021-01-04", 12)],
    ),
    "a make is valid from a date": (
        case([demand()], make=[make(1, effective_from="2021-01-05")]),
        [("2021-01-05", 10)],
    ),
    "a make is valid until a date": (
        case(
            [demand(10)],
            make=[make(1, [part()], effective_to="2021-01-05")],
            stock_points=[stock("COMP", 4)],
            scheduled_receipts=[moved("2021-01-05", 3, "COMP"), moved("2021-01-06", 3, "COMP")],
        ),
        [("2021-01-02", 4), ("2021-01-06", 3)],
    ),
    "two machines, one lot of one unit takes two days": (
        case(
            [demand(4)],
            make=[make(2, loads=[{"resource": "machine", "qty": 1, "mode": "per_lot", "lp_load_per_unit": 1}])],
            resources=[{"id": "machine", "capacity": 2}],
        ),
        [("2021-01-03", 2), ("2021-01-05", 2)],
    ),
    "machines come and go": (
        case(
            [demand(5)],
            make=[make(1, loads=[{"resource": "machine", "qty": 1, "mode": "per_lot", "lp_load_per_unit": 1}])],
            resources=[
                {"id": "machine", "capacity": [{"from": "2021-01-02", "value": 1}, {"from": "2021-01-04", "value": 3}]}
            ],
        ),
        [("2021-01-03", 1), ("2021-01-04", 1), ("2021-01-05", 3)],
    ),
    "time per unit, in steps of three hours": (
        case(
            [demand(4, "2021-01-01T06:00:00")],
            step=3,
            end="2021-01-03",
            make=[make(0, duration_per_unit_days=0.125, loads=[{"resource": "machine", "mode": "per_lot"}])],
            resources=[{"id": "machine", "capacity": 1}],
        ),
        [("2021-01-01T06:00:00", 2), ("2021-01-01T09:00:00", 1), ("2021-01-01T12:00:00", 1)],
    ),
    "a due date between the steps makes them finer": (
        case([demand(10, "2021-01-01T15:00:00")], stock_points=[stock(on_hand=10)]),
        [("2021-01-01T15:00:00", 10)],
    ),
    "an input is needed two days after the start": (
        case(
            [demand()],
            make=[make(4, [part(offset_days=2)])],
            scheduled_receipts=[moved("2021-01-04", 10, "COMP")],
        ),
        [("2021-01-06", 10)],
    ),
    "an output is ready a day after the end": (
        case(
            [demand()],
            make=[{**make(2), "outputs": [part("PART", 1, offset_days=1)]}],
        ),
        [("2021-01-04", 10)],
    ),
    "an output of two per lot takes half of the input": (
        case(
            [demand()],
            make=[{**make(1, [part(quantity=3)]), "outputs": [part("PART", 2)]}],
            stock_points=[stock("COMP", 15)],
        ),
        [("2021-01-02", 10)],
    ),
    "alternate inputs in two groups": (
        case(
            [demand()],
            make=[
                make(
                    1,
                    [
                        part("A", 1, group="g1", rank=1),
                        part("B", 2, group="g1", rank=2),
                        part("C", 1, group="g2", rank=1),
                        part("D", 1, group="g2", rank=2),
                        part("E", 1),
                    ],
                )
            ],
            stock_points=[stock("A", 4), stock("B", 6), stock("C", 5), stock("D", 5), stock("E", 100)],
        ),
        [("2021-01-02", 7)],
    ),
    "an alternate make of a worse priority is used when it is earlier": (
        case([demand()], make=[make(5), {**make(2), "id": "other", "priority": 2}]),
        [("2021-01-03", 10)],
    ),
    "an input from another location": (
        case(
            [demand()],
            make=[make(1, [part("PART", 2, location="X"), part("COMP", 1, location="X")])],
            stock_points=[stock("PART", 12, "X"), stock("COMP", 6, "X")],
        ),
        [("2021-01-02", 6)],
    ),
    "a transfer takes its lead time": (
        case(
            [demand()],
            transfer=[{"id": "move", "item": "PART", "from": "X", "to": "W", "lead_time_days": 4, "priority": 2}],
            stock_points=[stock("PART", 10, "X")],
        ),
        [("2021-01-05", 10)],
    ),
    "a transfer is valid from a date": (
        case(
            [demand()],
            transfer=[
                {
                    "item": "PART",
                    "from": "X",
                    "to": "W",
                    "lead_time_days": 4,
                    "effective_from": "2021-01-07",
                }
            ],
            stock_points=[stock("PART", 10, "X")],
        ),
        [("2021-01-07", 10)],
    ),
    "nothing is delivered too late": (
        case(
            [demand(10, max_lateness_days=2)],
            stock_points=[stock(on_hand=4)],
            scheduled_receipts=[moved("2021-01-03", 1), moved("2021-01-04", 5)],
        ),
        [("2021-01-01", 4), ("2021-01-03", 1)],
    ),
    "a delivery takes its lead time": (
        case(
            [demand(10, "2021-01-04", delivery_options=[{"item": "PART", "location": "W", "lead_time_days": 1}])],
            stock_points=[stock(on_hand=6)],
            scheduled_receipts=[moved("2021-01-04", 4)],
        ),
        [("2021-01-04", 6), ("2021-01-05", 4)],
    ),
    "deliveries of another item and quantity per unit": (
        case(
            [
                demand(
                    10,
                    "2021-01-04",
                    delivery_options=[
                        {"item": "PART", "location": "W", "lead_time_days": 1, "rank": 1},
                        {"item": "SPARE", "location": "X", "qty_per": 2, "lead_time_days": 5, "rank": 2},
                    ],
                )
            ],
            stock_points=[stock(on_hand=6), stock("SPARE", 7, "X")],
        ),
        [("2021-01-04", 6), ("2021-01-06", 3.5)],
    ),
    "only the whole order is accepted": (
        case(
            [demand(20, min_shipment=20)],
            stock_points=[stock(on_hand=10)],
            scheduled_receipts=[moved("2021-01-10", 10)],
        ),
        [("2021-01-10", 20)],
    ),
    "nothing smaller than a minimum is shipped": (
        case(
            [demand(20, min_shipment=8)],
            stock_points=[stock(on_hand=15)],
            scheduled_receipts=[moved("2021-01-10", 10)],
        ),
        [("2021-01-01", 12), ("2021-01-10", 8)],
    ),
    "a demand that is already late": (
        case([demand(10, "2020-12-20")], buy=[buy(3)]),
        [("2021-01-04", 10)],
    ),
}


@pytest.mark.parametrize("name", SMALL)
def test_every_field_of_the_schema_does_what_it_says(tmp_path: Path, name: str) -> None:
    content, deliveries = SMALL[name]
    result = peer_cases.run(written(content, tmp_path))
    found = [(moment.isoformat().removesuffix("T00:00:00"), quantity) for moment, quantity in result.deliveries["D"]]
    assert found == [(moment, pytest.approx(quantity)) for moment, quantity in deliveries]
    assert result.warnings == ()


def test_late_unit_days_are_counted_in_days_whatever_the_step(tmp_path: Path) -> None:
    content, _ = SMALL["time per unit, in steps of three hours"]
    [priority] = peer_cases.run(written(content, tmp_path)).priorities
    assert (priority.planned.on_time, priority.planned.late, priority.planned.short) == (2, 2, 0)
    assert priority.planned.late_unit_days == pytest.approx(0.125 + 0.25)


WARNED: dict[str, tuple[Json, str]] = {
    "lot sizes": ({"buy": [buy(min_qty=50, multiple=10)]}, "buy: lot sizes (minimum 50, multiple 10) are not used"),
    "safety stock": (
        {
            "stock_points": [
                stock(safety_stock=[{"from": "2021-01-01", "value": 5}, {"from": "2021-01-09", "value": 9}])
            ]
        },
        "only the first safety stock",
    ),
    "unused calendar": ({"non_working_periods": WEEKEND}, "nothing names this calendar"),
    "unknown resource": ({"buy": [buy(3, loads=[{"resource": "R"}])]}, "buy: resource R has no capacity in the file"),
    "max stock": ({"stock_points": [stock(max_stock=50)]}, "max_stock is not used"),
    "build-ahead": ({"resources": [{"id": "R", "capacity": 1, "max_early_days": 3}]}, "max_early_days is not used"),
    "fixed quantity": ({"make": [make(1, [part(quantity=1, qty_fixed=2)])]}, "qty_fixed per lot is not used"),
    "lots": ({"make": [make(1, sizes={"min_qty": 20})]}, "make make: lot sizes (minimum 20) are not used"),
    "unknown field": ({"buy": [buy(3, colour="red")]}, "buy[buy]: colour is not known and was not used"),
    "unknown part": ({"repair": []}, "repair is not known and was not used"),
    "no lot size for a load": (
        {
            "make": [make(1, loads=[{"resource": "R", "mode": "per_lot"}])],
            "resources": [{"id": "R", "capacity": 1}],
        },
        "has no linear equivalent",
    ),
    "several outputs": (
        {
            "make": [{**make(1), "outputs": [part("PART"), part("SIDE")]}],
            "scheduled_issues": [moved("2021-01-05", 1, "SIDE")],
        },
        "several outputs are needed",
    ),
    "unknown calendar": ({"buy": [buy(3, working_calendar="Mars")]}, "calendar Mars has no non-working periods"),
}


@pytest.mark.parametrize("name", WARNED)
def test_what_cannot_be_expressed_is_named(tmp_path: Path, name: str) -> None:
    parts, warning = WARNED[name]
    assert [text for text in convert(parse_case(case([demand()], **parts)), tmp_path).warnings if warning in text]


def grouped(policy: str, due: str = "2021-01-01") -> Json:
    """A demand of 10 PART and one of 20 COMP in one group; half of each is there, the rest comes on two days."""
    members = [demand(10, group="G", group_policy=policy), demand(20, due, id="E", item="COMP", group="G")]
    members[1]["group_policy"] = policy
    return case(
        members,
        stock_points=[stock(on_hand=5), stock("COMP", 10)],
        scheduled_receipts=[moved("2021-01-03", 5), moved("2021-01-07", 10, "COMP")],
    )


@pytest.mark.parametrize(
    ("policy", "first", "second"),
    [
        ("independent", [(1, 5), (3, 5)], [(1, 10), (7, 10)]),
        ("inratio", [(1, 5), (7, 5)], [(1, 10), (7, 10)]),
        ("alltogether", [(7, 10)], [(7, 20)]),
    ],
)
def test_a_group_is_delivered_as_its_policy_says(
    tmp_path: Path, policy: str, first: list[tuple[int, float]], second: list[tuple[int, float]]
) -> None:
    result = peer_cases.run(written(grouped(policy), tmp_path))
    for name, deliveries in (("D", first), ("E", second)):
        found = [(moment.day, quantity) for moment, quantity in result.deliveries[name]]
        assert found == [(day, pytest.approx(quantity)) for day, quantity in deliveries]
    assert result.warnings == ()


def test_a_group_with_different_due_dates_is_named(tmp_path: Path) -> None:
    warnings = convert(parse_case(grouped("alltogether", "2021-01-02")), tmp_path).warnings
    assert [text for text in warnings if "group G: group_policy alltogether is not used" in text]


def two_priorities(first: list[list[object]], second: list[list[object]]) -> Json:
    """Stock of 10 for two demands of 10, and what somebody expects of it."""
    demands = [demand(), demand(id="E", priority=2)]
    receipts = [moved("2021-01-05", 10)]
    return expecting(case(demands, stock_points=[stock(on_hand=10)], scheduled_receipts=receipts), D=first, E=second)


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ([["2021-01-01", 10]], [["2021-01-05", 10]], 0),
        ([["2021-01-01", 10]], [["2021-01-04", 10]], 1),
        ([["2021-01-05", 10]], [["2021-01-01", 10]], 0),
        ([["2021-01-01", 10]], [["2021-01-01", 1]], 0),
    ],
    ids=["equal", "second is worse", "second pays for the first", "short counts to the end of the horizon"],
)
def test_the_exit_code_says_whether_a_priority_is_worse(
    tmp_path: Path, first: list[list[object]], second: list[list[object]], code: int
) -> None:
    file = written(two_priorities(first, second), tmp_path)
    assert peer_cases.main([str(file)]) == code


def test_the_json_has_every_demand_and_priority(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(two_priorities([["2021-01-05", 10]], [["2021-01-01", 10]]), tmp_path)
    assert peer_cases.main([str(file), "--json", "--certify"]) == 0
    [result] = json.loads(capsys.readouterr().out)
    figures = {"on_time": 0, "late": 10, "short": 0, "late_unit_days": 40, "unit_days": 40}
    assert result["demands"][1] == {
        "demand": "E",
        "priority": 2,
        "quantity": 10,
        **figures,
        "deliveries": [["2021-01-05T00:00:00", 10]],
    }
    assert [row["verdict"] for row in result["priorities"]] == ["better", "worse"]
    assert result["priorities"][1]["on_time"] == 0
    assert result["priorities"][1]["expected"]["on_time"] == 10
    assert result["worse"] is False


def test_a_file_that_is_no_case_is_one_line_and_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "small.json"
    file.write_text(
        '{"schema": "neutral-supply-plan/1", "start": "soon", "horizon_end": "2021-01-01"}', encoding="utf-8"
    )
    assert peer_cases.main([str(file)]) == 2
    assert "start must be an ISO date (got 'soon')" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name",
    [
        "constraints_leadtime_1",
        "constraints_material_1",
        "constraints_resource_2",
        "distribution_1",
        "flow_alternate_1",
    ],
)
def test_shared_cases_are_as_good_as_expected(shared: Path, name: str) -> None:
    result = peer_cases.run(shared / "cases" / f"{name}.json")
    for row in result.priorities:
        assert row.expected is not None
        assert row.planned.rounded() == pytest.approx(row.expected.rounded())
