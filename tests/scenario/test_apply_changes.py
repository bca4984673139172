from __future__ import annotations

import datetime as dt
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmdate.data.check import check_planning_data
from firmdate.data.planning_data import PlanningData
from firmdate.data.read import read_frames, read_planning_data
from firmdate.data.tables import TABLE
from firmdate.scenario import changes as changes_module
from firmdate.scenario.changes import apply_changes
from firmdate.scenario.files import load_scenario, make_scenario
from firmdate.scenario.schema import Change, Scenario
from scenario.refusals import HEAD, refused, write

DEMANDS = """order,line,item,location,quantity,requested_date,tier,customer,scheduled_date,partial,x_region
S1,1,A,L1,10,2021-01-10,2,ACME,2021-01-12,true,north
S1,2,B,L1,20,2021-01-11,2,ACME,,true,
S2,1,A,L2,30,2021-01-12,3,NO,2021-01-14,false,south
S3,1,0012,L2,40,2021-01-13,3,,,true,south
"""
CAPACITY = """resource,start,end,hours
RES_1,2021-01-04,2021-01-11,40
RES_1,2021-01-11,2021-01-18,40
RES_2,2021-01-04,2021-01-11,30.5
"""
LANES = """origin,destination,lead_time_days,capacity_per_day
L1,L2,3,100
L2,L1,5,
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlanningData]:
    folder = tmp_path_factory.mktemp("plan")
    write(folder, "data/demands.csv", DEMANDS)
    write(folder, "data/resource_capacity.csv", CAPACITY)
    write(folder, "data/lanes.csv", LANES)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield read_planning_data("data")


def scenario(*lines: str) -> Scenario:
    """A scenario whose change number n is in line n + 4."""
    text = HEAD + "changes:\n" + "".join(f"  - {{{line}}}\n" for line in lines)
    return load_scenario(write(Path(), "s.yaml", text))


def after(data: PlanningData, *lines: str) -> PlanningData:
    return apply_changes(data, scenario(*lines))[0]


def said(data: PlanningData, *lines: str) -> list[str]:
    return refused(apply_changes, data, scenario(*lines))


def column(data: PlanningData, table: str, name: str) -> list[Any]:
    values = data[table][name]
    return values.astype(object).where(values.notna(), None).tolist()


def test_no_change_changes_nothing(data: PlanningData) -> None:
    changed, alerts = apply_changes(data, scenario())

    assert changed is data
    assert alerts.columns.tolist() == ["table", "key", "rule", "before", "after"]
    assert len(alerts) == 0


# where


@pytest.mark.parametrize(
    ("where", "hit"),
    [
        ("customer: ACME", [1, 1, 0, 0]),
        ("customer: NO", [0, 0, 1, 0]),
        ("item: 0012", [0, 0, 0, 1]),
        ("customer: [ACME, NO]", [1, 1, 1, 0]),
        ("customer: ", [0, 0, 0, 1]),
        ("customer: ''", [0, 0, 0, 1]),
        ("customer: [NO, ~]", [0, 0, 1, 1]),
        ("scheduled_date: null", [0, 1, 0, 1]),
        ("scheduled_date: [2021-01-14, null]", [0, 1, 1, 1]),
        ("requested_date: 2021-01-12", [0, 0, 1, 0]),
        ("requested_date: '2021-01-12T00:00'", [0, 0, 1, 0]),
        ("quantity: 3e1", [0, 0, 1, 0]),
        ("quantity: [10.0, 040]", [1, 0, 0, 1]),
        ("tier: 2", [1, 1, 0, 0]),
        ("priority: ", [1, 1, 1, 1]),
        ("partial: no", [0, 0, 1, 0]),
        ("kind: order", [1, 1, 1, 1]),
        ("x_region: south", [0, 0, 1, 1]),
        ("x_region: ", [0, 1, 0, 0]),
        ("item: A, location: L2", [0, 0, 1, 0]),
        ("' customer': NO", None),
    ],
)
def test_where_compares_by_the_type_of_the_column(data: PlanningData, where: str, hit: list[int] | None) -> None:
    if hit is None:
        assert refused(scenario, f"table: demands, where: {{{where}}}, set: {{ship_set: X}}") == [
            "s.yaml:4:30: where. customer: unknown column of demands (got ' customer'); did you mean 'customer'?"
        ]
        return
    changed = after(data, f"table: demands, where: {{{where}}}, set: {{ship_set: X}}")

    assert column(changed, "demands", "ship_set") == ["X" if one else None for one in hit]


def test_without_where_every_row_is_hit(data: PlanningData) -> None:
    assert column(after(data, "table: demands, set: {tier: 1}"), "demands", "tier") == [1, 1, 1, 1]


def test_where_sees_the_effect_of_earlier_changes(data: PlanningData) -> None:
    changed = after(
        data,
        "table: demands, where: {customer: NO}, set: {customer: NEW}",
        "table: demands, where: {customer: NEW}, set: {tier: 1}",
        "table: demands, add: {order: S9, line: 1, item: A, location: L1, quantity: 1, requested_date: 2021-01-20}",
        "table: demands, where: {order: S9}, set: {tier: 7}",
        "table: demands, where: {order: S1}, drop: yes",
        "table: demands, where: {location: L1}, set: {tier: 9}",
    )

    assert column(changed, "demands", "order") == ["S2", "S3", "S9"]
    assert column(changed, "demands", "tier") == [1, 3, 9]


HITS_NOTHING = {
    "table: demands, where: {customer: ACNE}, drop: yes": (
        "s.yaml:4:30: where.customer: hits no row: no row of demands has 'ACNE'; did you mean 'ACME'?"
    ),
    "table: demands, where: {tier: 9}, drop: yes": "s.yaml:4:30: where.tier: hits no row: no row of demands has '9'",
    "table: demands, where: {kind: forecast}, drop: yes": (
        "s.yaml:4:30: where.kind: hits no row: no row of demands has 'forecast'"
    ),
    "table: demands, where: {partial: ~}, drop: yes": (
        "s.yaml:4:30: where.partial: hits no row: no row of demands has a blank"
    ),
    "table: demands, where: {location: ~}, drop: yes": (
        "s.yaml:4:30: where.location: hits no row: no row of demands has a blank"
    ),
    "table: demands, where: {order: [X, Y, Z, W]}, drop: yes": (
        "s.yaml:4:30: where.order: hits no row: no row of demands has 'X' or 'Y' or 'Z' or … (4 values)"
    ),
    "table: demands, where: {customer: ACME, location: [L2, L9]}, drop: yes": (
        "s.yaml:4:22: where: hits no row of demands: never together (customer 'ACME' in 2 rows, "
        "location 'L2' or 'L9' in 2 rows); drop one of the conditions"
    ),
    "table: demands, where: {customer: [ACME, ACNE]}, drop: yes": (
        "s.yaml:4:47: where.customer: no row of demands has this value (got 'ACNE'); did you mean 'ACME'?"
    ),
    "table: suppliers, drop: yes": "s.yaml:4:6: table: hits no row: suppliers has no rows"
    "; use add, or change another table",
    "table: demands, where: {x_regoin: south}, drop: yes": (
        "s.yaml:4:30: where.x_regoin: the data have no such column in demands (got 'x_regoin'); "
        "did you mean 'x_region'?"
    ),
    "table: demands, set: {x_new: south}": (
        "s.yaml:4:28: set.x_new: the data have no such column in demands (got 'x_new')"
    ),
    "table: demands, add: {order: S9, line: 1, item: A, location: L, quantity: 1, requested_date: 2021-01-01, x_: 1}": (
        "s.yaml:4:111: add.x_: the data have no such column in demands (got 'x_')"
    ),
}


@pytest.mark.parametrize("line", HITS_NOTHING)
def test_a_change_that_hits_nothing_is_refused(data: PlanningData, line: str) -> None:
    assert said(data, line) == [HITS_NOTHING[line]]


def test_a_value_of_a_list_may_be_there_in_other_rows_only(data: PlanningData) -> None:
    changed = after(data, "table: demands, where: {item: [A, B], location: L2}, set: {tier: 1}")

    assert column(changed, "demands", "tier") == [2, 2, 1, 3]


def test_all_changes_are_tried_before_they_are_refused(data: PlanningData) -> None:
    lines = said(
        data,
        "table: demands, where: {customer: X}, drop: yes",
        "table: lanes, where: {mode: air}, drop: yes",
        "table: lanes, increase: {lead_time_days: -4}",
    )

    assert [line.partition(": ")[0] for line in lines] == ["s.yaml:4:30", "s.yaml:5:28", "s.yaml:6:31"]


def test_the_rest_is_not_tried_after_many_problems(data: PlanningData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes_module, "MOST_PROBLEMS", 2)
    lines = said(data, *["table: demands, where: {customer: X}, drop: yes"] * 5)

    assert len(lines) == 3
    assert lines[-1] == "s.yaml:5:5: changes: too many problems; 3 changes not tried"


# actions


def test_set_of_every_kind(data: PlanningData) -> None:
    changed = after(
        data,
        "table: demands, where: {order: S1, line: 1}, set: {item: NO, kind: forecast, quantity: 2.5, tier: 007, "
        "requested_date: 2021-03-01, partial: no, x_region: 12:30, customer: 3.10, priority: 1}",
    )

    row = changed["demands"].iloc[0]
    assert (row["item"], row["kind"], row["quantity"], row["tier"]) == ("NO", "forecast", 2.5, 7)
    assert (row["requested_date"], row["partial"]) == (pd.Timestamp("2021-03-01"), False)
    assert (row["x_region"], row["customer"], row["priority"]) == ("12:30", "3.10", 1.0)
    pd.testing.assert_frame_equal(changed["demands"].iloc[1:].astype(object), data["demands"].iloc[1:].astype(object))


def test_set_to_a_blank_takes_the_default_or_stays_blank(data: PlanningData) -> None:
    changed = after(
        data,
        "table: demands, where: {order: S2}, "
        "set: {tier: , partial: ~, scheduled_date: null, customer: '', minimum_shipment: , kind: ~}",
    )

    row = changed["demands"].iloc[2]
    assert (row["tier"], row["partial"], row["kind"]) == (1, True, "order")
    assert row[["scheduled_date", "customer", "minimum_shipment"]].isna().all()


def test_multiply_increase_and_shift(data: PlanningData) -> None:
    changed = after(
        data,
        "table: resource_capacity, where: {resource: RES_1, start: 2021-01-11}, multiply: {hours: 0.5}",
        "table: resource_capacity, where: {resource: RES_2}, increase: {hours: -0.5}",
        "table: lanes, where: {origin: L1}, increase: {lead_time_days: 2, capacity_per_day: 50}",
        "table: demands, where: {customer: ACME}, shift_days: {requested_date: -7, scheduled_date: 3}",
    )

    assert column(changed, "resource_capacity", "hours") == [40.0, 20.0, 30.0]
    assert column(changed, "lanes", "lead_time_days") == [5, 5]
    assert column(changed, "lanes", "capacity_per_day") == [150.0, None]
    assert changed["demands"]["requested_date"].dt.strftime("%m-%d").tolist() == ["01-03", "01-04", "01-12", "01-13"]
    dates = changed["demands"]["scheduled_date"]
    assert dates.dt.strftime("%m-%d").fillna("").tolist() == ["01-15", "", "01-14", ""]


def test_a_fraction_of_a_whole_number_is_rounded_up_and_listed(data: PlanningData) -> None:
    changed, alerts = apply_changes(data, scenario("table: lanes, multiply: {lead_time_days: 1.1}"))

    assert column(changed, "lanes", "lead_time_days") == [4, 6]
    assert changed["lanes"]["lead_time_days"].dtype == np.int64
    assert alerts.to_numpy().tolist() == [
        ["lanes", "/L1/L2/standard", "rounded_up", "lead_time_days 3.3", "lead_time_days 4"],
        ["lanes", "/L2/L1/standard", "rounded_up", "lead_time_days 5.5", "lead_time_days 6"],
    ]


def test_noise_of_floating_point_is_not_rounded_up(data: PlanningData) -> None:  # 10 * 1.1 is 11.000000000000002
    many = [{"origin": "A", "destination": str(days), "lead_time_days": days} for days in range(1, 200)]
    lanes = read_frames({"demands": data["demands"], "lanes": pd.DataFrame(many)})
    changed = after(lanes, *[f"table: lanes, multiply: {{lead_time_days: {factor}}}" for factor in (1.1, 10)])

    assert column(changed, "lanes", "lead_time_days") == [-(-days * 11 // 10) * 10 for days in range(1, 200)]


ARITHMETIC_REFUSED = {
    "table: lanes, where: {origin: L2}, multiply: {capacity_per_day: 2}": (
        "s.yaml:4:52: multiply.capacity_per_day: capacity_per_day is blank in every row that is hit; "
        "use set to give it a value"
    ),
    "table: demands, where: {order: S3}, shift_days: {scheduled_date: 2}": (
        "s.yaml:4:55: shift_days.scheduled_date: scheduled_date is blank in every row that is hit; "
        "use set to give it a value"
    ),
    "table: resource_capacity, increase: {hours: -35}": (
        "s.yaml:4:43: increase.hours: hours must not be negative (30.5 becomes -4.5; 1 row)"
    ),
    "table: demands, multiply: {quantity: 0}": (
        "s.yaml:4:33: multiply.quantity: quantity must be more than 0 (10 becomes 0; 4 rows)"
    ),
    "table: demands, increase: {tier: -2}": (
        "s.yaml:4:33: increase.tier: tier must be at least 1 (2 becomes 0; 2 rows)"
    ),
    "table: demands, multiply: {quantity: 1e308}": (
        "s.yaml:4:33: multiply.quantity: makes quantity too large (from 10)"
    ),
    "table: demands, multiply: {tier: 2e9}": "s.yaml:4:33: multiply.tier: makes tier too large (from 2)",
}


@pytest.mark.parametrize("line", ARITHMETIC_REFUSED)
def test_arithmetic_that_makes_no_value_of_the_column_is_refused(data: PlanningData, line: str) -> None:
    assert said(data, line) == [ARITHMETIC_REFUSED[line]]


def test_a_date_beyond_the_last_year_is_refused(data: PlanningData) -> None:
    assert said(
        data,
        "table: demands, set: {scheduled_date: 9999-12-01}",
        "table: demands, shift_days: {scheduled_date: 31}",
    ) == ["s.yaml:5:35: shift_days.scheduled_date: moves scheduled_date beyond the year 9999 (got '31')"]


def test_drop(data: PlanningData) -> None:
    changed = after(
        data,
        "table: demands, where: {customer: ACME}, drop: yes",
        "table: resource_capacity, drop: yes",
    )

    assert column(changed, "demands", "order") == ["S2", "S3"]
    assert changed["demands"].index.tolist() == [4, 5]
    assert changed["demands"]["customer"].cat.categories.tolist() == ["NO"]
    assert len(changed["resource_capacity"]) == 0
    dtypes = changed["resource_capacity"].dtypes.astype(str).tolist()
    assert dtypes == ["category", *["datetime64[s]"] * 2, *["float64"] * 3]
    assert changed.where("demands", 4) == "data/demands.csv:4"


def test_add_rows_to_a_table_that_is_there_and_to_one_that_is_not(data: PlanningData) -> None:
    changed = after(
        data,
        "table: demands, add: {order: S0, line: 0012, item: NO, location: L9, quantity: 5, requested_date: 2021-02-01}",
        "table: on_hand, add: [{item: A, location: L1, quantity: -4}, {item: A, location: L1, bin: B, quantity: 20}]",
    )

    assert column(changed, "demands", "order") == ["S1", "S1", "S2", "S3", "S0"]
    row = changed["demands"].iloc[-1]
    assert (row["line"], row["item"], row["quantity"], row["tier"], row["kind"]) == ("0012", "NO", 5.0, 1, "order")
    assert row[["customer", "scheduled_date", "priority", "x_region"]].isna().all()
    assert changed["demands"].index.tolist() == [2, 3, 4, 5, 6]
    assert changed.where("demands", 6) == "s.yaml:4:5"
    assert column(changed, "on_hand", "bin") == [None, "B"]
    assert column(changed, "on_hand", "quantity") == [-4.0, 20.0]
    assert [changed.where("on_hand", label) for label in changed["on_hand"].index] == ["s.yaml:5:5", "s.yaml:5:5"]
    assert not changed.given("on_hand")


def test_the_data_that_went_in_stay_as_they_were(data: PlanningData) -> None:
    before = {name: frame.copy() for name, frame in data.frames.items()}
    after(
        data,
        "table: demands, set: {tier: 1, customer: X}",
        "table: demands, where: {order: S1}, drop: yes",
        "table: resource_capacity, multiply: {hours: 2}",
        "table: on_hand, add: {item: A, location: L1, quantity: 1}",
    )

    for name, frame in data.frames.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_tables_that_are_not_changed_are_the_same_objects(data: PlanningData) -> None:
    changed = after(data, "table: demands, set: {tier: 1}")

    assert changed["lanes"] is data["lanes"]
    assert changed.source == data.source


def test_changed_frames_keep_the_types_of_the_schema(data: PlanningData) -> None:
    changed = after(
        data,
        "table: demands, where: {order: S3}, set: {item: 0001, tier: 4, scheduled_date: 2021-02-02, partial: no}",
        "table: demands, add: {order: A0, line: 1, item: Z, location: L1, quantity: 1, requested_date: 2021-02-01}",
        "table: demands, where: {order: S2}, drop: yes",
    )["demands"]

    assert changed.dtypes.astype(str).to_dict() == data["demands"].dtypes.astype(str).to_dict()
    for name in changed.select_dtypes("category"):
        categories = changed[name].cat.categories
        assert categories.dtype == "str"
        assert categories.tolist() == sorted(changed[name].dropna().unique())
    assert changed.index.is_unique
    assert changed.columns.tolist() == data["demands"].columns.tolist()


# keys, places, alerts


def test_a_key_that_is_there_already_is_refused(data: PlanningData) -> None:
    assert said(
        data,
        "table: demands, where: {order: S2}, set: {order: S1}",
        "table: resource_capacity, add: {resource: RES_2, start: 2021-01-04, end: 2021-01-11, hours: 5}",
        "table: lanes, where: {origin: L2}, set: {origin: L1, destination: L2, tier: 1}".replace(", tier: 1", ""),
    ) == [
        "s.yaml:4:5: changes: makes two rows of demands the same; the key is there already, in data/demands.csv:2 "
        "(got order 'S1', line '1')",
        "s.yaml:5:5: changes: makes two rows of resource_capacity the same; the key is there already, in "
        "data/resource_capacity.csv:4 (got resource 'RES_2', start '2021-01-04', end '2021-01-11')",
        "s.yaml:6:5: changes: makes two rows of lanes the same; the key is there already, in data/lanes.csv:2 "
        "(got item blank, origin 'L1', destination 'L2', mode 'standard')",
    ]


def test_two_added_rows_of_the_same_key_are_refused(data: PlanningData) -> None:
    row = "{item: A, location: L1, quantity: 1}"

    assert said(data, f"table: on_hand, add: {row}", f"table: on_hand, add: {row}") == [
        "s.yaml:5:5: changes: makes two rows of on_hand the same; the key is there already, in s.yaml:4:5 "
        "(got item 'A', location 'L1', bin blank)"
    ]


def test_many_repeated_keys_are_counted(data: PlanningData) -> None:
    rows = ", ".join(f"{{item: A{number}, location: L1, quantity: 1}}" for number in range(30))
    lines = said(data, f"table: on_hand, add: [{rows}]", f"table: on_hand, add: [{rows}]")

    assert len(lines) == 21
    assert lines[-1] == "s.yaml:5:5: changes: and 10 more like it"


def test_keys_may_meet_for_a_moment(data: PlanningData) -> None:
    changed = after(
        data,
        "table: resource_capacity, where: {resource: RES_1, start: 2021-01-04}, shift_days: {start: 7, end: 7}",
        "table: resource_capacity, where: {resource: RES_1, hours: 40, end: 2021-01-18}, set: {hours: 41}",
        "table: resource_capacity, where: {hours: 30.5}, drop: yes",
        "table: demands, where: {order: S1, line: 1}, set: {line: 2}",
        "table: demands, where: {order: S1, quantity: 20}, set: {line: 1}",
        "table: resource_capacity, drop: yes",
    )

    assert column(changed, "demands", "line")[:2] == ["2", "1"]


def test_a_repeated_key_of_the_data_is_left_to_the_check_of_the_data(data: PlanningData) -> None:
    frame = pd.concat([data["demands"].head(1)] * 2, ignore_index=True)
    repeated = data.with_table("demands", pd.concat([frame.set_index(pd.Index([7, 8])), data["demands"].tail(1)]))

    assert len(after(repeated, "table: demands, set: {tier: 1}")["demands"]) == 3
    assert len(after(repeated, "table: demands, where: {item: 0012}, set: {order: S8}")["demands"]) == 3


def test_messages_about_changed_rows_name_the_file_and_the_change(data: PlanningData) -> None:
    changed = after(
        data,
        "table: demands, where: {order: S3}, set: {earliest_date: 2021-06-02, latest_acceptable_date: 2021-06-01}",
        "table: lanes, add: {origin: L1, destination: L3, lead_time_days: 1, effective_from: 2021-06-01}",
        "table: lanes, where: {destination: L3}, set: {effective_to: 2021-05-01}",
    )
    problems = [str(problem) for problem in check_planning_data(changed) if not problem.warning]

    assert problems == [
        "s.yaml:5:5 (changed at s.yaml:6:5): effective_to: the lane ends before it begins (got effective_from "
        "'2021-06-01', effective_to '2021-05-01')",
        "data/demands.csv:5 (changed at s.yaml:4:5): latest_acceptable_date: the last acceptable day is before the "
        "first (got earliest_date '2021-06-02', latest_acceptable_date '2021-06-01')",
    ]
    assert changed.where("demands", 2) == "data/demands.csv:2"
    assert sorted(changed.places["lanes"].added) == [4]
    assert len(changed.places["demands"].added) == 1


def test_changes_can_be_applied_to_changed_data(data: PlanningData) -> None:
    once = after(data, "table: on_hand, add: {item: A, location: L1, quantity: 1}", "table: demands, set: {tier: 4}")
    twice = after(once, "table: on_hand, add: {item: B, location: L1, quantity: 1}")

    assert column(twice, "on_hand", "item") == ["A", "B"]
    assert [twice.where("on_hand", label) for label in (1, 2)] == ["s.yaml:4:5", "s.yaml:4:5"]
    assert twice.where("demands", 3) == "data/demands.csv:3 (changed at s.yaml:5:5)"


def test_two_changes_of_a_cell_apply_in_order_and_are_listed(data: PlanningData) -> None:
    changed, alerts = apply_changes(
        data,
        scenario(
            "table: resource_capacity, multiply: {hours: 0.5}",
            "table: resource_capacity, where: {resource: RES_1}, multiply: {hours: 0.5}",
            "table: demands, where: {customer: ACME}, set: {tier: 1, scheduled_date: 2021-01-15}",
            "table: demands, where: {order: S1, line: 2}, set: {tier: 5, customer: NEW}",
            "table: demands, where: {order: S1}, shift_days: {scheduled_date: 1}",
            "table: demands, where: {order: S1, line: 2}, set: {partial: no}",
            "table: demands, where: {order: S1, line: 2}, set: {partial: yes, customer: }",
        ),
    )

    assert column(changed, "resource_capacity", "hours") == [10.0, 10.0, 15.25]
    assert column(changed, "demands", "tier") == [1, 5, 3, 3]
    assert alerts.to_numpy().tolist() == [
        ["resource_capacity", "RES_1/2021-01-04/2021-01-11", "changed_twice", "hours 40", "hours 10"],
        ["resource_capacity", "RES_1/2021-01-11/2021-01-18", "changed_twice", "hours 40", "hours 10"],
        ["demands", "S1/1", "changed_twice", "scheduled_date 2021-01-12", "scheduled_date 2021-01-16"],
        ["demands", "S1/2", "changed_twice", "tier 2", "tier 5"],
        ["demands", "S1/2", "changed_twice", "customer ACME", "customer blank"],
        ["demands", "S1/2", "changed_twice", "scheduled_date blank", "scheduled_date 2021-01-16"],
        ["demands", "S1/2", "changed_twice", "partial true", "partial true"],
    ]
    assert (alerts.dtypes == "str").all()


def test_an_added_cell_counts_from_its_first_change_and_a_dropped_one_not_at_all(data: PlanningData) -> None:
    add = "table: on_hand, add: {item: A, location: L1, quantity: 1}"
    more = "table: on_hand, increase: {quantity: 1}"

    assert len(apply_changes(data, scenario(add, more))[1]) == 0
    _, alerts = apply_changes(
        data, scenario(add, more, "table: on_hand, add: {item: B, location: L1, quantity: 5}", more)
    )
    assert alerts.to_numpy().tolist() == [["on_hand", "A/L1/", "changed_twice", "quantity 1", "quantity 3"]]
    assert len(apply_changes(data, scenario(add, more, more, "table: on_hand, drop: yes"))[1]) == 0


def test_changes_that_were_made_by_hand_are_checked_too(data: PlanningData) -> None:
    wrong = Change(table="demands", where={"itm": ("A",)}, set={"tier": "0"})
    made = Scenario(data="x", planning_date=dt.date(2021, 1, 1), changes=(wrong,))

    assert refused(apply_changes, data, made) == [
        "where.itm: unknown column of demands (got 'itm'); did you mean 'item'?",
        "set.tier: must be at least 1 (got '0')",
    ]


def test_the_changed_data_are_as_if_they_had_been_read(data: PlanningData) -> None:
    changed = after(
        data,
        "table: demands, where: {order: S3}, set: {item: 0001, tier: 4}",
        "table: demands, where: {order: S2}, drop: yes",
        "table: demands, add: {order: A0, line: 1, item: Z, location: L1, quantity: 1, requested_date: 2021-02-01}",
    )
    write(
        Path(),
        "other/demands.csv",
        DEMANDS.replace("S2,1,A,L2,30,2021-01-12,3,NO,2021-01-14,false,south\n", "").replace(
            "S3,1,0012,L2,40,2021-01-13,3", "S3,1,0001,L2,40,2021-01-13,4"
        )
        + "A0,1,Z,L1,1,2021-02-01,,,,,\n",
    )

    read = read_planning_data("other")["demands"]
    pd.testing.assert_frame_equal(changed["demands"].reset_index(drop=True), read.reset_index(drop=True))


# laws

ROWS = 12


def many(seed: int) -> PlanningData:
    random = np.random.default_rng(seed)
    demands = pd.DataFrame(
        {
            "order": [f"S{row}" for row in range(ROWS)],
            "line": "1",
            "item": random.choice(["A", "B", "0012"], ROWS),
            "location": random.choice(["L1", "L2"], ROWS),
            "quantity": random.integers(1, 9, ROWS),
            "requested_date": "2021-01-10",
            "customer": random.choice(["NO", "ACME", ""], ROWS),
        }
    )
    return read_frames({"demands": demands})


MANY = [many(seed) for seed in range(4)]

wheres = st.dictionaries(
    st.sampled_from(["item", "location", "customer"]), st.sampled_from(["A", "B", "L1", "L2", "NO", ""]), max_size=2
)
edits = st.fixed_dictionaries(
    {},
    optional={
        "set": st.fixed_dictionaries({"item": st.sampled_from(["A", "B", "NEW"])}),
        "multiply": st.fixed_dictionaries({"quantity": st.sampled_from([0.5, 2.0, 3.0])}),
        "shift_days": st.fixed_dictionaries({"requested_date": st.integers(1, 9)}),
    },
).filter(bool)


@given(seed=st.integers(0, 3), steps=st.lists(st.tuples(wheres, edits | st.just({"drop": True})), max_size=6))
@settings(max_examples=25, deadline=None)
def test_the_arrays_do_what_a_loop_over_rows_does(
    seed: int, steps: list[tuple[dict[str, str], dict[str, Any]]]
) -> None:
    data = MANY[seed]
    rows = data["demands"].astype(object).where(data["demands"].notna(), "").to_dict("records")
    changes = []
    for where, action in steps:
        hit = [row for row in rows if all(row[name] == value for name, value in where.items())]
        if not hit:
            continue
        changes.append({"table": "demands", **({"where": where} if where else {}), **action})
        for row in hit:
            row.update(action.get("set", {}))
            row["quantity"] *= action.get("multiply", {}).get("quantity", 1)
            row["requested_date"] += pd.Timedelta(days=action.get("shift_days", {}).get("requested_date", 0))
        rows = [row for row in rows if "drop" not in action or row not in hit]
    made = make_scenario({"data": "x", "planning_date": "2021-01-01", "changes": changes})

    frame = apply_changes(data, made)[0]["demands"]
    assert frame.astype(object).where(frame.notna(), "").to_dict("records") == rows


def test_changed_places_can_be_sent_to_another_process(data: PlanningData) -> None:
    places = after(data, "table: demands, where: {order: S3}, set: {tier: 1}").places["demands"].added

    assert pickle.loads(pickle.dumps(dict(places))) == {5: "data/demands.csv:5 (changed at s.yaml:4:5)"}


def test_every_table_of_the_schema_can_be_changed() -> None:
    demands = MANY[0]["demands"]
    for table in TABLE.values():
        samples = {"id": "X", "text": "X", "number": 5, "integer": 5, "date": "2021-01-04", "flag": True}
        row = {one.name: one.choices[0] if one.choices else samples[one.kind] for one in table.columns}
        changes = [{"table": table.name, "add": row}, {"table": table.name, "where": row, "set": row}]
        made = make_scenario({"data": "x", "planning_date": "2021-01-01", "changes": changes})
        frame = apply_changes(read_frames({"demands": demands}), made)[0][table.name]
        assert frame.iloc[-1][table.names[0]] == row[table.names[0]]
        assert not frame.iloc[-1].isna().any()
