from __future__ import annotations

import datetime as dt
import gc
import pickle
from pathlib import Path

import pytest

from firmdate.scenario.files import dump_scenario, load_scenario, make_scenario, override_scenario, resolve_data
from firmdate.scenario.schema import Change, Scenario
from scenario.refusals import HEAD, refused, write


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# Neighbouring layers: defaults < extends < file < --set or argument


def test_a_base_file_goes_before_the_defaults(folder: Path) -> None:
    write(folder, "base.yaml", HEAD + "horizon_days: 30\n")
    scenario = load_scenario(write(folder, "s.yaml", "extends: base.yaml\n"))

    assert (scenario.horizon_days, scenario.mode) == (30, "constrained")
    assert scenario.origins["horizon_days"] == f"{folder}/base.yaml:3:1"
    assert scenario.origins["mode"] == "default"


def test_a_file_goes_before_its_base_key_by_key(folder: Path) -> None:
    write(folder, "base.yaml", HEAD + "horizon_days: 30\nsupply_plans: [A, B]\nmode: unconstrained\n")
    write(folder, "s.yaml", "extends: base.yaml\nhorizon_days: 60\nsupply_plans: [C]\n")
    scenario = load_scenario("s.yaml")

    assert (scenario.horizon_days, scenario.supply_plans, scenario.mode) == (60, ("C",), "unconstrained")
    assert scenario.origins["horizon_days"] == "s.yaml:2:1"
    assert scenario.origins["supply_plans"] == "s.yaml:3:1"
    assert scenario.origins["mode"] == "base.yaml:5:1"


def test_set_goes_before_the_file(folder: Path) -> None:
    write(folder, "s.yaml", HEAD + "horizon_days: 30\nmode: unconstrained\n")
    scenario = load_scenario("s.yaml", ["horizon_days=60"])

    assert (scenario.horizon_days, scenario.mode) == (60, "unconstrained")
    assert scenario.origins["horizon_days"] == "--set"
    assert scenario.origins["mode"] == "s.yaml:4:1"


def test_an_argument_goes_before_the_file(folder: Path) -> None:
    write(folder, "s.yaml", HEAD + "horizon_days: 30\n")
    scenario = load_scenario("s.yaml", {"horizon_days": 60, "planning_date": dt.date(2021, 3, 1)})

    assert (scenario.horizon_days, scenario.planning_date) == (60, dt.date(2021, 3, 1))
    assert scenario.origins["planning_date"] == "argument"


def test_the_last_of_several_set_holds(folder: Path) -> None:
    write(folder, "s.yaml", HEAD)

    assert load_scenario("s.yaml", ["horizon_days=60", "horizon_days=90"]).horizon_days == 90


# extends


def test_changes_come_after_those_of_the_base_and_the_rest_that_speaks_about_one_file_is_not_inherited(
    folder: Path,
) -> None:
    own = "name: base-name\ndescription: The base\nexpect: {late_lines: 1}\n"
    write(folder, "base.yaml", HEAD + own + "changes:\n  - {table: demands, where: {item: A}, drop: true}\n")
    write(folder, "s.yaml", "extends: base.yaml\nchanges:\n  - {table: demands, where: {item: B}, drop: true}\n")
    scenario = load_scenario("s.yaml")

    assert [change.where["item"] for change in scenario.changes] == [("A",), ("B",)]
    assert [change.place() for change in scenario.changes] == ["base.yaml:7:5", "s.yaml:3:5"]
    assert (scenario.origins["changes[0]"], scenario.origins["changes[1]"]) == ("base.yaml:7:5", "s.yaml:3:5")
    assert (scenario.name, scenario.description) == ("s", "")
    assert scenario.expect.figures == {}
    assert (scenario.origins["name"], scenario.origins["expect"]) == ("default", "default")


def test_a_chain_of_files_each_relative_to_the_one_before(folder: Path) -> None:
    write(folder, "plans/base/first.yaml", "data: ../tables\nplanning_date: 2021-01-01\nhorizon_days: 1\n")
    write(folder, "plans/second.yaml", "extends: base/first.yaml\nhorizon_days: 2\nobjective: cost\n")
    write(folder, "what-if/third.yaml", "extends: ../plans/second.yaml\nhorizon_days: 3\n")
    scenario = load_scenario("what-if/third.yaml")

    assert scenario.data == str(folder / "plans/tables")
    assert (scenario.horizon_days, scenario.objective) == (3, "cost")
    assert scenario.origins["data"] == "plans/base/first.yaml:1:1"
    assert scenario.origins["objective"] == "plans/second.yaml:3:1"
    assert scenario.path == str(folder / "what-if/third.yaml")


def test_a_circle_is_refused_with_the_chain(folder: Path) -> None:
    write(folder, "a.yaml", HEAD + "extends: b.yaml\n")
    write(folder, "b.yaml", "extends: sub/../c.yaml\n")
    (folder / "sub").mkdir()
    write(folder, "c.yaml", "mode: constrained\nextends: a.yaml\n")
    write(folder, "self.yaml", "extends: ./self.yaml\n")

    assert refused(load_scenario, "a.yaml") == [
        "c.yaml:2:1: extends: the files extend each other in a circle: a.yaml -> b.yaml -> c.yaml -> a.yaml"
        "; remove one extends"
    ]
    assert refused(load_scenario, "self.yaml") == [
        "self.yaml:1:1: extends: the files extend each other in a circle: self.yaml -> self.yaml; remove one extends"
    ]


def test_a_missing_base_is_named_with_the_place_of_the_key(folder: Path) -> None:
    write(folder, "tutorial.yaml", HEAD)
    write(folder, "s.yaml", HEAD + "extends: tutorail.yaml\n")
    write(folder, "t.yaml", HEAD + "extends: nowhere/base.yaml\n")

    assert refused(load_scenario, "s.yaml") == [
        "s.yaml:3:1: extends: there is no such file (got 'tutorail.yaml'); did you mean 'tutorial.yaml'?"
    ]
    assert refused(load_scenario, "t.yaml") == [
        "t.yaml:3:1: extends: there is no such file (got 'nowhere/base.yaml'); it is looked for relative to this file"
    ]


@pytest.mark.parametrize("text", ["[a.yaml, b.yaml]", "", "''", "{a: b}"])
def test_extends_is_one_file_name(folder: Path, text: str) -> None:
    write(folder, "s.yaml", HEAD + f"extends: {text}\n")

    assert refused(load_scenario, "s.yaml") == [
        "s.yaml:3:1: extends: must be the name of one scenario file, relative to this file"
    ]


def test_a_mistake_in_the_base_is_named_there(folder: Path) -> None:
    write(folder, "base.yaml", HEAD + "mode: fast\nsupply_sources: [on_hand, x]\n")
    write(folder, "s.yaml", "extends: base.yaml\nhorizon_days: 0\n")

    assert [line.partition(": ")[0] for line in refused(load_scenario, "s.yaml")] == [
        "s.yaml:2:1",
        "base.yaml:4:27",
        "base.yaml:3:1",
    ]


# files


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "s.yaml: is empty; write at least data and planning_date"),
        ("# nothing\n", "s.yaml: is empty; write at least data and planning_date"),
        (
            "\n- a\n",
            "s.yaml:2:1: must be a mapping of keys and values, such as planning_date: 2021-01-01 (got a list)",
        ),
        (
            "just text",
            "s.yaml:1:1: must be a mapping of keys and values, such as planning_date: 2021-01-01 (got one value)",
        ),
    ],
)
def test_files_that_are_no_scenario(folder: Path, text: str, message: str) -> None:
    write(folder, "s.yaml", text)

    assert refused(load_scenario, "s.yaml") == [message]


def test_a_missing_file_is_one_clear_line(folder: Path) -> None:
    assert refused(load_scenario, "nowhere.yaml") == ["nowhere.yaml: there is no such file"]


def test_blank_changes_and_expect_are_none(folder: Path) -> None:
    write(folder, "s.yaml", HEAD + "changes:\n#  - {table: demands, drop: yes}\nexpect:\n")
    scenario = load_scenario("s.yaml")

    assert (scenario.changes, scenario.expect.figures, scenario.expect.promises) == ((), {}, {})
    assert load_scenario("s.yaml", ["expect.promises="]).expect.promises == {}


@pytest.mark.parametrize(
    ("stem", "name"),
    [("lose-a.shift", "lose-a.shift"), ("what if!", "what if"), ("!)", "scenario"), ("é" * 60, "é" * 50)],
)
def test_the_name_is_that_of_the_file(folder: Path, stem: str, name: str) -> None:
    write(folder, f"{stem}.yaml", HEAD)

    assert load_scenario(f"{stem}.yaml").name == name


def test_many_changes_load_with_their_places(folder: Path) -> None:
    row = "  - {table: resource_capacity, where: {resource: RES_1, start: 2021-01-11}, multiply: {hours: 0.5}}\n"
    write(folder, "s.yaml", HEAD + "changes:\n" + row * 1000)
    scenario = load_scenario("s.yaml")

    assert len(scenario.changes) == 1000
    assert scenario.origins["changes[999]"] == "s.yaml:1003:5"
    assert scenario.changes[999].place("where", "start") == "s.yaml:1003:57"


def test_loading_leaves_the_garbage_collector_as_it_was(folder: Path) -> None:
    write(folder, "s.yaml", HEAD)
    load_scenario("s.yaml")
    assert gc.isenabled()
    gc.disable()
    try:
        refused(load_scenario, "nowhere.yaml")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_scenario_survives_the_way_to_another_process(folder: Path) -> None:
    write(folder, "s.yaml", HEAD + "changes:\n  - {table: demands, where: {item: A}, drop: true}\n")
    scenario = load_scenario("s.yaml")
    copy = pickle.loads(pickle.dumps(scenario))

    assert copy == scenario
    assert (copy.path, copy.origins) == (scenario.path, scenario.origins)
    assert copy.changes[0].place("where", "item") == "s.yaml:4:30"


# data


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("data", "/plans/data"),
        ("../data/plan.xlsx", "/data/plan.xlsx"),
        ("/else/where", "/else/where"),
        ("sqlite:///plan.db", "sqlite:////plans/plan.db"),
        ("sqlite:////else/plan.db", "sqlite:////else/plan.db"),
        ("sqlite+pysqlite:///../plan.db?mode=ro", "sqlite+pysqlite:////plan.db?mode=ro"),
        ("duckdb:///x/plan.duckdb", "duckdb:////plans/x/plan.duckdb"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("duckdb:///md:plans", "duckdb:///md:plans"),
        ("postgresql://anna@host/plan", "postgresql://anna@host/plan"),
        ("postgresql+psycopg://host/plan?a=b", "postgresql+psycopg://host/plan?a=b"),
    ],
)
def test_data_is_relative_to_the_file(text: str, resolved: str) -> None:
    assert resolve_data(text, "/plans") == resolved


def test_data_of_a_base_is_relative_to_the_base_and_that_of_an_override_to_the_current_folder(folder: Path) -> None:
    write(folder, "base/base.yaml", "data: sqlite:///plan.db\nplanning_date: 2021-01-01\n")
    write(folder, "s.yaml", "extends: base/base.yaml\n")

    assert load_scenario("s.yaml").data == f"sqlite:///{folder}/base/plan.db"
    assert load_scenario("s.yaml", ["data=other"]).data == str(folder / "other")
    assert load_scenario("s.yaml", {"data": Path("other")}).data == str(folder / "other")


# overrides


def test_set_reads_lists_and_nested_values(folder: Path) -> None:
    write(folder, "s.yaml", HEAD + "expect: {late_lines: 1, lines: 5, promises: {A/1: 2021-01-05}}\n")
    overrides = [
        "supply_plans=WEEKLY, 0012",
        "supply_sources=[on_hand, new_orders]",
        "expect.late_lines=2",
        "expect.promises.B/1.5=unpromised",
        "description=a = b",
    ]
    scenario = load_scenario("s.yaml", overrides)

    assert scenario.supply_plans == ("WEEKLY", "0012")
    assert scenario.supply_sources == ("on_hand", "new_orders")
    assert scenario.expect.figures == {"late_lines": 2.0, "lines": 5.0}
    assert scenario.expect.promises == {"A/1": dt.date(2021, 1, 5), "B/1.5": "unpromised"}
    assert scenario.description == "a = b"
    assert scenario.origins["expect.late_lines"] == "--set"
    assert scenario.origins["expect.lines"] == "s.yaml:3:25"
    assert scenario.origins["expect.promises.B/1.5"] == "--set"
    assert load_scenario("s.yaml", ["supply_plans="]).supply_plans == ()
    assert load_scenario("s.yaml", "mode=unconstrained").mode == "unconstrained"


def test_set_of_all_expected_figures_or_promises_replaces_them(folder: Path) -> None:
    write(folder, "s.yaml", HEAD + "expect: {late_lines: 1, promises: {A/1: 2021-01-05}}\n")

    promises = load_scenario("s.yaml", ["expect.promises={B/1: unpromised}"]).expect
    assert (promises.figures, promises.promises) == ({"late_lines": 1.0}, {"B/1": "unpromised"})
    expect = load_scenario("s.yaml", ["expect={lines: 5}"]).expect
    assert (expect.figures, expect.promises) == ({"lines": 5.0}, {})


def test_changes_of_an_override_come_after_those_of_the_file(folder: Path) -> None:
    write(folder, "s.yaml", HEAD + "changes:\n  - {table: demands, where: {item: A}, drop: true}\n")
    more = "changes=[{table: demands, where: {item: 0012}, drop: yes}]"
    scenario = load_scenario("s.yaml", [more])
    argument = load_scenario("s.yaml", {"changes": [{"table": "demands", "where": {"item": "0012"}, "drop": True}]})

    assert [change.where["item"] for change in scenario.changes] == [("A",), ("0012",)]
    assert [change.place() for change in scenario.changes] == ["s.yaml:4:5", "--set changes[0]"]
    assert [change.place() for change in argument.changes] == ["s.yaml:4:5", "argument changes[0]"]
    assert argument == scenario


SET_REFUSED = {
    "horizon_days": "--set: write key=value (got 'horizon_days'), such as horizon_days=90",
    "horizon=5": "--set: horizon: unknown key; did you mean 'horizon_days'?",
    "horizon.days=5": "--set: horizon.days: unknown key; did you mean 'horizon_days'?",
    "horizon_days=long": "--set: horizon_days: not a whole number (got 'long'); write it with digits only",
    "planning_date=": "--set: planning_date: is blank; give a value, or leave the key out",
    "data=": "--set: data: is blank; give a value, or leave the key out",
    "supply_plans=A,,B": "--set: supply_plans.1: is blank; give a value, or leave the key out",
    "supply_sources=on_hand,x": (
        "--set: supply_sources.1: not an allowed value (got 'x'); choose one of: on_hand, scheduled_receipts, "
        "planned_orders, new_orders"
    ),
    "expect.late_line=5": "--set: expect.late_line: unknown figure (got 'late_line'); did you mean 'late_lines'?",
    "expect=5": "--set: expect: must be a mapping of keys and values (got '5')",
    "expect.promises=5": "--set: expect.promises: must be a mapping of keys and values (got '5')",
    "expect={lines: 1, lines: 2}": ("--set expect:1:12: duplicate key 'lines' (first in line 1); keep one of them"),
    "changes={table: demands}": "--set: changes: must be a list of changes, each beginning with '-' (got a mapping)",
    "changes=[{table: demands, where: {itm: A}, drop: yes}]": (
        "--set changes[0]: where.itm: unknown column of demands (got 'itm'); did you mean 'item'?"
    ),
    "extends=base.yaml": "--set: extends: can only stand in a file; load that file instead",
}


@pytest.mark.parametrize("text", SET_REFUSED)
def test_a_wrong_override_names_set(folder: Path, text: str) -> None:
    write(folder, "s.yaml", HEAD)

    assert refused(load_scenario, "s.yaml", [text]) == [SET_REFUSED[text]]


def test_a_wrong_argument_names_argument(folder: Path) -> None:
    write(folder, "s.yaml", HEAD)

    assert refused(load_scenario, "s.yaml", {"horizon_days": -1, "supply_plans": 5}) == [
        "argument: horizon_days: must be from 1 to 36525 days (got -1)",
        "argument: supply_plans: must be a list, such as [a, b] (got '5')",
    ]


def test_overriding_a_loaded_scenario_keeps_everything_else(folder: Path) -> None:
    write(folder, "s.yaml", HEAD + "changes:\n  - {table: demands, where: {item: A}, drop: true}\nexpect: {lines: 5}\n")
    scenario = load_scenario("s.yaml", ["objective=cost"])
    other = override_scenario(scenario, {"mode": "unconstrained", "expect.lines": 6})

    assert other.mode == "unconstrained"
    assert other.expect.figures == {"lines": 6.0}
    assert other.model_copy(update={"mode": "constrained", "expect": scenario.expect}) == scenario
    assert other.path == scenario.path
    changed = {key: origin for key, origin in other.origins.items() if scenario.origins[key] != origin}
    assert changed == {"mode": "argument", "expect.lines": "argument"}
    assert other.changes[0].place("where") == "s.yaml:4:22"
    assert override_scenario(scenario, {}) == scenario


def test_overriding_a_scenario_made_by_hand() -> None:
    change = Change(table="demands", drop=True)
    scenario = Scenario(data="/x", planning_date=dt.date(2021, 1, 1), changes=(change,))
    other = override_scenario(scenario, ["mode=unconstrained"])

    assert other.changes == (change,)
    assert (other.data, other.path) == ("/x", "")
    assert (other.origins["data"], other.origins["mode"], other.origins["name"]) == ("argument", "--set", "default")


def test_a_change_object_keeps_its_place_and_is_not_touched(folder: Path) -> None:
    write(folder, "s.yaml", HEAD + "changes:\n  - {table: demands, where: {item: A}, drop: true}\n")
    by_hand = Change(table="demands", drop=True)
    loaded = load_scenario("s.yaml").changes[0]
    made = make_scenario({"data": "x", "planning_date": "2021-01-01", "changes": [by_hand, loaded]})

    assert [change.place() for change in made.changes] == ["argument changes[0]", "s.yaml:4:5"]
    assert by_hand.place() == ""


def test_a_copy_with_other_values_can_be_overridden_and_dumped(folder: Path) -> None:
    write(folder, "s.yaml", HEAD + "changes:\n  - {table: demands, where: {item: A}, drop: true}\n")
    copy = load_scenario("s.yaml").model_copy(update={"changes": ()})

    assert "changes: []  # argument\n" in dump_scenario(copy)
    assert override_scenario(copy, ["mode=unconstrained"]).changes == ()


def test_a_wrong_override_of_a_loaded_scenario(folder: Path) -> None:
    write(folder, "s.yaml", HEAD)

    assert refused(override_scenario, load_scenario("s.yaml"), ["mode=x"]) == [
        "--set: mode: not an allowed value (got 'x'); choose one of: constrained, unconstrained"
    ]


def test_a_scenario_from_values_of_python(folder: Path) -> None:
    scenario = make_scenario({"data": "tables", "planning_date": "2021-01-01", "supply_plans": "A, B"})

    assert scenario.data == str(folder / "tables")
    assert (scenario.name, scenario.path, scenario.supply_plans) == ("scenario", "", ("A", "B"))
    assert (scenario.origins["data"], scenario.origins["name"]) == ("argument", "default")
    assert refused(make_scenario, {"data": "x", "planing_date": "2021-01-01"}) == [
        "argument: planning_date: is missing, and it has no default (First day on which anything can be planned)"
        "; add it",
        "argument: planing_date: unknown key; did you mean 'planning_date'?",
    ]
