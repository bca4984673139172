from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from firmdate.scenario.dump import dump_scenario
from firmdate.scenario.files import load_scenario, make_scenario
from firmdate.scenario.rules import Stability
from firmdate.scenario.schema import SUPPLY_SOURCES, Change, Expect, Scenario
from scenario.refusals import HEAD, refused, write


def load(folder: Path, text: str) -> Scenario:
    return load_scenario(write(folder, "s.yaml", HEAD + text))


def said(folder: Path, text: str) -> list[str]:
    """Problems of a scenario with these lines from line 3 on, without the folder."""
    return [line.replace(f"{folder}/", "") for line in refused(load, folder, text)]


def test_defaults(tmp_path: Path) -> None:
    scenario = load(tmp_path, "")

    assert scenario.name == "s"
    assert scenario.description == ""
    assert scenario.data == str(tmp_path / "data")
    assert scenario.planning_date == dt.date(2021, 1, 1)
    assert scenario.horizon_days == 180
    assert scenario.supply_sources == SUPPLY_SOURCES
    assert scenario.supply_plans == ()
    assert (scenario.planned_orders, scenario.mode) == ("adjust", "constrained")
    assert (scenario.objective, scenario.resolution) == ("tiers", "day")
    assert scenario.changes == ()
    assert scenario.expect == Expect()


def test_every_key_is_typed(tmp_path: Path) -> None:
    scenario = load(
        tmp_path,
        """
name: NO
description: "What if: 12:30?"
horizon_days: 0090
supply_sources: [on_hand, new_orders]
supply_plans: [NO, 0012, 12:30, 3.10, 1e2, ~x]
planned_orders: firm
mode: unconstrained
objective: cost
resolution: week
changes:
  - {table: demands, where: {customer: NO, line: [0012, ~, 3.10]}, set: {tier: 1, x_a: yes}, multiply: {quantity: 5e-1}}
  - {table: supplier_capacity, where: {supplier: 12:30}, drop: yes}
  - {table: on_hand, where: {bin: ''}, increase: {quantity: -5}}
  - {table: demands, shift_days: {requested_date: -7}}
  - {table: on_hand, add: {item: 0012, location: NO, quantity: 5}}
  - {table: on_hand, add: [{item: A, location: B, bin: null, quantity: 5}, {item: A, location: C, quantity: 5.5}]}
expect: {late_lines: 2, late_unit_days_tier_3: 0.5, promises: {NO/0012: 2021-02-01, A/B/1: unpromised}}
""",
    )

    assert scenario.name == "NO"
    assert scenario.description == "What if: 12:30?"
    assert scenario.horizon_days == 90
    assert scenario.supply_sources == ("on_hand", "new_orders")
    assert scenario.supply_plans == ("NO", "0012", "12:30", "3.10", "1e2", "~x")
    assert (scenario.planned_orders, scenario.mode) == ("firm", "unconstrained")
    assert (scenario.objective, scenario.resolution) == ("cost", "week")
    edit, drop, increase, shift, add_one, add_two = scenario.changes
    assert edit.where == {"customer": ("NO",), "line": ("0012", "", "3.10")}
    assert edit.set == {"tier": "1", "x_a": "yes"}
    assert edit.multiply == {"quantity": 0.5}
    assert (drop.where, drop.drop) == ({"supplier": ("12:30",)}, True)
    assert (increase.where, increase.increase) == ({"bin": ("",)}, {"quantity": -5.0})
    assert (shift.where, shift.shift_days) == ({}, {"requested_date": -7})
    assert add_one.add == ({"item": "0012", "location": "NO", "quantity": "5"},)
    assert add_two.add[0] == {"item": "A", "location": "B", "bin": "", "quantity": "5"}
    assert scenario.expect.figures == {"late_lines": 2.0, "late_unit_days_tier_3": 0.5}
    assert scenario.expect.promises == {"NO/0012": dt.date(2021, 2, 1), "A/B/1": "unpromised"}


@pytest.mark.parametrize(
    ("text", "drop"), [("yes", True), ("true", True), ("True", True), ("1", True), ("no", False), ("false", False)]
)
def test_flags(text: str, drop: bool) -> None:
    others = {} if drop else {"set": {"tier": "1"}}

    assert Change.model_validate({"table": "demands", "drop": text, **others}).drop is drop


WRONG = {
    "horizon_days: -5": "s.yaml:3:1: horizon_days: must be from 1 to 36525 days (got -5)",
    "horizon_days: 0": "s.yaml:3:1: horizon_days: must be from 1 to 36525 days (got 0)",
    "horizon_days: 99999": "s.yaml:3:1: horizon_days: must be from 1 to 36525 days (got 99999)",
    "horizon_days: 1e2": "s.yaml:3:1: horizon_days: not a whole number (got '1e2'); write it with digits only",
    "horizon_days: 180.5": "s.yaml:3:1: horizon_days: not a whole number (got '180.5'); write it with digits only",
    "horizon_days: 1_0": "s.yaml:3:1: horizon_days: not a whole number (got '1_0'); write it with digits only",
    "horizon_days: ١٢": "s.yaml:3:1: horizon_days: not a whole number (got '١٢'); write it with digits only",
    "horizon_days: 99999999999": "s.yaml:3:1: horizon_days: number too large (got '99999999999'); check its unit",
    "horizon_days: [1]": "s.yaml:3:1: horizon_days: must be one value (got a list)",
    "horizon_days: {a: 1}": "s.yaml:3:1: horizon_days: must be one value (got a mapping)",
    "horizon_days:": "s.yaml:3:1: horizon_days: is blank; give a value, or leave the key out",
    "mode:": "s.yaml:3:1: mode: is blank; give a value, or leave the key out",
    "name: ''": "s.yaml:3:1: name: is blank; give a value, or leave the key out",
    "mode: constraind": "s.yaml:3:1: mode: not an allowed value (got 'constraind'); did you mean 'constrained'?",
    "mode: x": "s.yaml:3:1: mode: not an allowed value (got 'x'); choose one of: constrained, unconstrained",
    "planned_orders: firmly": "s.yaml:3:1: planned_orders: not an allowed value (got 'firmly'); did you mean 'firm'?",
    "objective: x": "s.yaml:3:1: objective: not an allowed value (got 'x'); choose one of: tiers, cost",
    "resolution: x": "s.yaml:3:1: resolution: not an allowed value (got 'x'); choose one of: day, week",
    "supply_sources: [on_hand, onhand]": (
        "s.yaml:3:27: supply_sources.1: not an allowed value (got 'onhand'); did you mean 'on_hand'?"
    ),
    "supply_sources: [on_hand, on_hand]": "s.yaml:3:1: supply_sources: named twice: on_hand",
    "supply_sources: []": (
        "s.yaml:3:1: supply_sources: is an empty list; name at least one of: on_hand, scheduled_receipts, "
        "planned_orders, new_orders"
    ),
    "supply_sources:": "s.yaml:3:1: supply_sources: must be a list, such as [a, b] (got a blank)",
    "supply_plans: WEEKLY": "s.yaml:3:1: supply_plans: must be a list, such as [a, b] (got 'WEEKLY')",
    "supply_plans: {a: b}": "s.yaml:3:1: supply_plans: must be a list, such as [a, b] (got a mapping)",
    "supply_plans: [A, B, A]": "s.yaml:3:1: supply_plans: named twice: A",
    "supply_plans: [A, ~]": "s.yaml:3:19: supply_plans.1: is blank; give a value, or leave the key out",
    "horizon: 5": "s.yaml:3:1: horizon: unknown key; did you mean 'horizon_days'?",
    "name: a/b": (
        "s.yaml:3:1: name: cannot be the name of a folder (got 'a/b'); begin and end with a letter or digit, and use "
        "letters, digits, blanks and _ - . , ( ) + @ = & # between them"
    ),
    f"name: {'ä' * 51}": (
        f"s.yaml:3:1: name: is longer than 100 bytes (got '{'ä' * 51}'); the folder of the runs has this name"
    ),
    "expect: 5": "s.yaml:3:1: expect: must be a mapping of keys and values (got '5')",
    "expect: {late_line: 5}": (
        "s.yaml:3:10: expect.late_line: unknown figure (got 'late_line'); did you mean 'late_lines'?"
    ),
    "expect: {late_lines: many}": "s.yaml:3:10: expect.late_lines: not a number (got 'many')"
    ""
    ""
    "; write digits, such as 12 or 12.5",
    "expect: {late_lines: .nan}": "s.yaml:3:10: expect.late_lines: not a number (got '.nan')"
    "; write digits, such as 12 or 12.5",
    "expect: {late_lines: inf}": "s.yaml:3:10: expect.late_lines: not a finite number (got 'inf')"
    "; leave it blank where nothing is meant",
    "expect: {late_lines: ~}": "s.yaml:3:10: expect.late_lines: is blank; give a value, or leave the key out",
    "expect: {promises: 5}": "s.yaml:3:10: expect.promises: must be a mapping of keys and values (got '5')",
    "expect: {promises: {S1: 2021-01-01}}": (
        "s.yaml:3:21: expect.promises.S1: no order line (got 'S1'); write ORDER/LINE"
    ),
    "expect: {promises: {S1/1: soon}}": (
        "s.yaml:3:21: expect.promises.S1/1: not a date (got 'soon'); write it as YYYY-MM-DD, or unpromised"
    ),
    "changes: {table: demands}": (
        "s.yaml:3:1: changes: must be a list of changes, each beginning with '-' (got a mapping)"
    ),
    "changes: x": "s.yaml:3:1: changes: must be a list of changes, each beginning with '-' (got 'x')",
}


@pytest.mark.parametrize("text", WRONG)
def test_wrong_values_are_refused_with_their_place(tmp_path: Path, text: str) -> None:
    assert said(tmp_path, text) == [WRONG[text]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2021-1-1", "not a date (got '2021-1-1'); write it as YYYY-MM-DD"),
        ("20210101", "not a date (got '20210101'); write it as YYYY-MM-DD"),
        ("2021-W01-1", "not a date (got '2021-W01-1'); write it as YYYY-MM-DD"),
        ("01.02.2021", "not a date (got '01.02.2021'); write it as YYYY-MM-DD"),
        ("2021-02-29", "no such day (got '2021-02-29'); check month and day, as in YYYY-MM-DD"),
        ("2021-01-01 10:00", "not a date (got '2021-01-01 10:00'); write it as YYYY-MM-DD without a time of day"),
        ("", "is blank; give a value, or leave the key out"),
    ],
)
def test_wrong_planning_dates(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, "s.yaml", f"data: data\nplanning_date: {text}\n")

    assert refused(load_scenario, path) == [f"{path}:2:1: planning_date: {message}"]


def test_a_horizon_that_ends_after_the_last_date_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "s.yaml", "data: data\nplanning_date: 9998-07-15\n")

    assert refused(load_scenario, path) == [
        f"{path}:2:1: planning_date: the horizon ends after 9998-12-31 (got 9998-07-15 + 180 days)"
    ]


def test_figures_are_named_by_themselves(tmp_path: Path) -> None:
    unknown, nested = said(tmp_path, "expect: {figures: {late_lines: 5}}")

    assert unknown.startswith("s.yaml:3:10: expect.figures: unknown figure (got 'figures'); figures: lines, on_time_")
    assert nested == "s.yaml:3:10: expect.figures: must be one value (got a mapping)"


def test_missing_keys_are_named_with_what_they_mean(tmp_path: Path) -> None:
    path = write(tmp_path, "s.yaml", "horizon_days: 30\n")

    assert refused(load_scenario, path) == [
        f"{path}: data: is missing, and it has no default (Folder, workbook or SQL URL with the planning data, "
        "relative to this file); add it",
        f"{path}: planning_date: is missing, and it has no default (First day on which anything can be planned)"
        "; add it",
    ]


CHANGES = {
    "{table: demand, drop: yes}": "s.yaml:4:4: table: unknown table (got 'demand'); did you mean 'demands'?",
    "{table: demands, wher: {item: A}, drop: yes}": "s.yaml:4:20: wher: unknown key; did you mean 'where'?",
    "{where: {item: A}, drop: yes}": "s.yaml:4:3: table: is missing, and it has no default; add it",
    "demands": "s.yaml:4:3: changes: must be a mapping of keys and values (got 'demands')",
    "[demands]": "s.yaml:4:3: changes: must be a mapping of keys and values (got a list)",
    "": "s.yaml:4:2: changes: must be a mapping of keys and values (got a blank)",
    "{table: demands}": (
        "s.yaml:4:3: changes: changes nothing; give set, multiply, increase, shift_days, drop: true, or add"
    ),
    "{table: demands, where: {item: A}, drop: no}": (
        "s.yaml:4:3: changes: changes nothing; give set, multiply, increase, shift_days, drop: true, or add"
    ),
    "{table: demands, where: {item: A}, drop: maybe}": (
        "s.yaml:4:38: drop: not true or false (got 'maybe'); write true, false, yes, no, 1 or 0"
    ),
    "{table: demands, where: {}, drop: yes}": (
        "s.yaml:4:3: changes: where names no column; leave it out, or write {column: value}"
    ),
    "{table: demands, set: {}}": ("s.yaml:4:3: changes: set names no column; leave it out, or write {column: value}"),
    "{table: demands, set: x}": "s.yaml:4:20: set: must be a mapping of keys and values (got 'x')",
    "{table: demands, where: {item: []}, drop: yes}": (
        "s.yaml:4:28: where.item: is an empty list, which no row can match; name a value, or leave the column out"
    ),
    "{table: demands, where: {item: {a: b}}, drop: yes}": (
        "s.yaml:4:28: where.item: must be one value (got a mapping)"
    ),
    "{table: demands, where: {item: [A, B, A]}, drop: yes}": "s.yaml:4:28: where.item: named twice: A",
    "{table: demands, set: {tier: 1}, drop: yes}": (
        "s.yaml:4:3: changes: drop cannot be combined with set; write two changes"
    ),
    "{table: on_hand, where: {item: A}, add: {item: A}}": (
        "s.yaml:4:3: changes: add stands alone with its table (got where too); write two changes"
    ),
    "{table: on_hand, add: []}": "s.yaml:4:20: add: is an empty list; give the rows to add",
    "{table: on_hand, add: A}": "s.yaml:4:20: add: must be a list, such as [a, b] (got 'A')",
    "{table: on_hand, add: [A]}": "s.yaml:4:26: add: must be a mapping of keys and values (got 'A')",
    "{table: demands, set: {tier: 1}, increase: {tier: 1}}": (
        "s.yaml:4:3: changes: tier is changed twice by the same change; write two changes, in their order"
    ),
    "{table: demands, multiply: {quantity: half}}": "s.yaml:4:31: multiply.quantity: not a number (got 'half')"
    "; write digits, such as 12 or 12.5",
    "{table: demands, increase: {quantity: }}": (
        "s.yaml:4:31: increase.quantity: is blank; give a value, or leave the key out"
    ),
    "{table: demands, shift_days: {requested_date: 1.5}}": (
        "s.yaml:4:33: shift_days.requested_date: not a whole number (got '1.5'); write it with digits only"
    ),
    "{table: demands, shift_days: {requested_date: 0}}": (
        "s.yaml:4:33: shift_days.requested_date: must be from -36525 to 36525 days and not 0 (got 0)"
    ),
    # what the table schema refuses
    "{table: demands, where: {custmer: A}, drop: yes}": (
        "s.yaml:4:28: where.custmer: unknown column of demands (got 'custmer'); did you mean 'customer'?"
    ),
    "{table: on_hand, where: {zzz: A}, drop: yes}": (
        "s.yaml:4:28: where.zzz: unknown column of on_hand (got 'zzz'); columns: item, location, bin, quantity"
    ),
    "{table: on_hand, set: {zzz: A}}": (
        "s.yaml:4:26: set.zzz: unknown column of on_hand (got 'zzz'); columns: item, location, bin, quantity"
    ),
    "{table: on_hand, multiply: {quantty: 2}}": (
        "s.yaml:4:31: multiply.quantty: unknown column of on_hand (got 'quantty'); did you mean 'quantity'?"
    ),
    "{table: demands, where: {requested_date: soon}, drop: yes}": (
        "s.yaml:4:28: where.requested_date: not a date (got 'soon'); write it as YYYY-MM-DD"
    ),
    "{table: demands, where: {quantity: [1, many]}, drop: yes}": (
        "s.yaml:4:28: where.quantity: not a number (got 'many'); write digits, such as 12 or 12.5"
    ),
    "{table: demands, where: {partial: maybe}, drop: yes}": (
        "s.yaml:4:28: where.partial: not true or false (got 'maybe'); write true, false, yes, no, 1 or 0"
    ),
    "{table: demands, where: {kind: ordr}, drop: yes}": (
        "s.yaml:4:28: where.kind: not an allowed value (got 'ordr'); did you mean 'order'?"
    ),
    "{table: demands, set: {kind: ordr}}": (
        "s.yaml:4:26: set.kind: not an allowed value (got 'ordr'); did you mean 'order'?"
    ),
    "{table: demands, set: {item: }}": "s.yaml:4:26: set.item: blank, but a value is needed; fill it in",
    "{table: demands, set: {tier: 0}}": "s.yaml:4:26: set.tier: must be at least 1 (got '0')",
    "{table: demands, set: {tier: 1.5}}": "s.yaml:4:26: set.tier: not a whole number (got '1.5')"
    "; write it without a fraction, such as 12",
    "{table: demands, set: {quantity: 0}}": "s.yaml:4:26: set.quantity: must be more than 0 (got '0')",
    "{table: resource_capacity, set: {hours: -1}}": "s.yaml:4:36: set.hours: must not be negative (got '-1')",
    "{table: demands, multiply: {item: 2}}": (
        "s.yaml:4:31: multiply.item: multiply works on numbers only (got a column of kind id); use set"
    ),
    "{table: demands, increase: {requested_date: 2}}": (
        "s.yaml:4:31: increase.requested_date: increase works on numbers only (got a column of kind date); "
        "use shift_days"
    ),
    "{table: demands, increase: {tier: 0.5}}": (
        "s.yaml:4:31: increase.tier: not a whole number (got '0.5'); tier holds whole numbers only"
    ),
    "{table: demands, shift_days: {quantity: 2}}": (
        "s.yaml:4:33: shift_days.quantity: shift_days moves dates only (got a column of kind number)"
    ),
    "{table: on_hand, add: {item: A, bin: B}}": (
        "s.yaml:4:20: add: the row has no location, quantity; every row of on_hand needs it"
    ),
    "{table: on_hand, add: {item: A, location: , quantity: 1}}": (
        "s.yaml:4:35: add.location: blank, but a value is needed; fill it in"
    ),
    "{table: on_hand, add: [{item: A, location: L, quantity: x}]}": (
        "s.yaml:4:49: add.quantity: not a number (got 'x'); write digits, such as 12 or 12.5"
    ),
    "{table: on_hand, add: [{item: A, location: L, qty: 1, quantity: 1}]}": (
        "s.yaml:4:49: add.qty: unknown column of on_hand (got 'qty'); columns: item, location, bin, quantity"
    ),
}


@pytest.mark.parametrize("text", CHANGES)
def test_wrong_changes_are_refused_with_the_place_of_the_key(tmp_path: Path, text: str) -> None:
    assert said(tmp_path, f"changes:\n- {text}\n") == [CHANGES[text]]


def test_everything_that_is_wrong_is_reported_at_once(tmp_path: Path) -> None:
    text = """mode: fast
horizn_days: 5
expect: {late: 3}
changes:
  - {table: demands, where: {custmer: A}, set: {tier: 0}}
  - {table: nothing, drop: true}
  - {table: demands, multiply: {quantity: x}, colour: red}
"""
    assert [line.split(": ")[:2] for line in said(tmp_path, text)] == [
        ["s.yaml:3:1", "mode"],
        ["s.yaml:5:10", "expect.late"],
        ["s.yaml:4:1", "horizn_days"],
        ["s.yaml:7:30", "where.custmer"],
        ["s.yaml:7:49", "set.tier"],
        ["s.yaml:8:6", "table"],
        ["s.yaml:9:33", "multiply.quantity"],
        ["s.yaml:9:47", "colour"],
    ]


def test_typed_values_of_python_numpy_and_pandas(tmp_path: Path) -> None:
    scenario = make_scenario(
        {
            "data": tmp_path,
            "planning_date": pd.Timestamp("2021-01-01"),
            "horizon_days": np.int64(30),
            "supply_plans": ["A", 12],
            "changes": [
                {
                    "table": "demands",
                    "where": {"requested_date": dt.date(2021, 1, 4), "x_rush": True},
                    "set": {"tier": 1},
                },
                {"table": "demands", "where": {"scheduled_date": None}, "multiply": {"quantity": np.float64(0.5)}},
                Change(table="demands", where={"customer": ("A",)}, drop=True),
            ],
            "expect": Expect(figures={"late_lines": 2}, promises={"A/1": dt.date(2021, 1, 5)}),
        }
    )

    assert scenario.data == str(tmp_path)
    assert scenario.planning_date == dt.date(2021, 1, 1)
    assert scenario.horizon_days == 30
    assert scenario.supply_plans == ("A", "12")
    assert scenario.changes[0].where == {"requested_date": ("2021-01-04",), "x_rush": ("TRUE",)}
    assert scenario.changes[0].set == {"tier": "1"}
    assert scenario.changes[1].where == {"scheduled_date": ("",)}
    assert scenario.changes[1].multiply == {"quantity": 0.5}
    assert scenario.changes[2].drop
    assert scenario.expect.figures == {"late_lines": 2.0}
    assert scenario.expect.promises == {"A/1": dt.date(2021, 1, 5)}


def test_wrong_values_of_python_are_refused_too() -> None:
    values = {
        "data": "x\ny",
        "planning_date": dt.datetime(2021, 1, 1, 10),
        "horizon_days": 1.5,
        "description": "\udcff",
        "name": object,
        "changes": [{"table": "demands", "set": {"tier": float("nan")}}],
    }

    assert refused(make_scenario, values) == [
        f"argument: name: a cell of type type cannot be read (got {str(object)!r}); turn it into text",
        "argument: description: holds bytes that are no text (got '?')",
        "argument: data: holds a control character (got 'x\\ny'); name a folder, a workbook or a URL",
        "argument: planning_date: not a date (got '2021-01-01 10:00:00'); write it as YYYY-MM-DD without a time of day",
        "argument: horizon_days: not a whole number (got '1.5'); write it with digits only",
        "argument changes[0]: set.tier: not a finite number (got 'nan'); leave it blank where nothing is meant",
    ]


def test_a_scenario_is_frozen_and_equal_by_its_values(tmp_path: Path) -> None:
    one = load(tmp_path, "horizon_days: 30\nchanges: [{table: demands, drop: yes}]")

    with pytest.raises(ValidationError, match="frozen"):
        one.horizon_days = 31  # type: ignore[misc]
    assert one == load(tmp_path, "\n\nchanges: [{drop: yes, table: demands}]\nhorizon_days: 30")
    assert one != load(tmp_path, "horizon_days: 31\nchanges: [{table: demands, drop: yes}]")


def test_a_scenario_made_by_hand_knows_which_values_were_given() -> None:
    scenario = Scenario(data="x", planning_date=dt.date(2021, 1, 1))

    assert scenario.path == ""
    assert scenario.origins["data"] == "argument"
    assert scenario.origins["mode"] == "default"


RULES = """
priority_rule:
  attributes:
    - {column: revenue, sort: descending}
    - {column: x_class, order: [A, B]}
  tiers: {by: cut_points, cut_points: [20, 50]}
commitments: {enforce: yes, pull_in: false}
selection: {where: {customer: [ACME, ~], tier: 1}}
strategies:
  - {where: {tier: 1}, strategy: win, otherwise: stop}
  - {strategy: redistribute}
previous_run: runs/last
stability: {weight: 2.5}
"""


def test_rules_are_read_typed_and_dumped_as_they_were(tmp_path: Path) -> None:
    scenario = load_scenario(write(tmp_path, "s.yaml", HEAD + RULES))
    assert scenario.priority_rule is not None
    assert scenario.priority_rule.attributes[1].order == ("A", "B")
    assert scenario.priority_rule.tiers is not None
    assert scenario.priority_rule.tiers.cut_points == (20, 50)
    assert scenario.selection is not None
    assert scenario.selection.where == {"customer": ("ACME", ""), "tier": ("1",)}
    assert [(segment.strategy, segment.otherwise) for segment in scenario.strategies] == [
        ("win", "stop"),
        ("redistribute", "continue"),
    ]
    assert scenario.previous_run == str(tmp_path / "runs" / "last")
    again = load_scenario(write(tmp_path, "again.yaml", dump_scenario(scenario)), {"name": "s"})
    assert again == scenario
    assert load_scenario(tmp_path / "s.yaml", ["stability={level: true}"]).stability == Stability(level=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("priority_rule: {attributes: [{column: revenu}]}", "unknown column of demands (got 'revenu'); did you mean"),
        ("priority_rule: {attributes: []}", "attributes is an empty list; name at least one column"),
        ("priority_rule: {attribute: []}", "unknown key; did you mean 'attributes'?"),
        ("priority_rule: {attributes: [{column: tier}], tiers: cut_points}", "cut_points go with by: cut_points"),
        ("commitments: {enforce: maybe}", "commitments.enforce: "),
        ("strategies: [{strategy: winn}]", "did you mean 'win'?"),
        ("strategies: [{strategy: fill, otherwise: stop}]", "otherwise goes with strategy: win (got strategy: fill)"),
        ("stability: {}", "give one of weight: NUMBER and level: true"),
        ("selection: {where: {tier: high}}", "tier: "),
    ],
)
def test_wrong_rules_are_refused_with_their_place(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, "s.yaml", HEAD + text + "\n")
    found = refused(load_scenario, path)
    assert any(message in problem and problem.startswith(f"{path}:3:") for problem in found), found
