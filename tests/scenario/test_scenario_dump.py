from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from firmdate.data.tables import TABLES
from firmdate.scenario.dump import dump_scenario
from firmdate.scenario.files import load_scenario, make_scenario
from firmdate.scenario.schema import SUPPLY_SOURCES, Scenario
from firmdate.scenario.values import KPI_NAMES
from scenario.refusals import write


def test_the_dump_shows_every_value_with_its_origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    base = "data: data\nplanning_date: 2021-01-01\nchanges:\n  - {table: items, where: {item: NO}, drop: yes}\n"
    write(tmp_path, "base.yaml", base)
    write(
        tmp_path,
        "s.yaml",
        """extends: base.yaml
description: 'RES_1: loses "one" shift'
supply_plans: [WEEKLY, 0012]
changes:
  - {table: lanes, where: {origin: [A, B], effective_to: 2021-01-11}, multiply: {unit_cost: 0.5}}
  - {table: on_hand, add: {item: A, location: L, quantity: 5}}
expect: {late_lines: 2, promises: {S1/1: 2021-02-01}}
""",
    )

    assert (
        dump_scenario(load_scenario("s.yaml", ["mode=unconstrained"]))
        == rf"""# Resolved scenario; beside each value stands where it comes from.
name: s  # default
description: "RES_1: loses \"one\" shift"  # s.yaml:2:1
data: "{tmp_path}/data"  # base.yaml:1:1
planning_date: 2021-01-01  # base.yaml:2:1
horizon_days: 180  # default
supply_sources: [on_hand, scheduled_receipts, planned_orders, new_orders]  # default
supply_plans: [WEEKLY, "0012"]  # s.yaml:3:1
planned_orders: adjust  # default
mode: unconstrained  # --set
objective: tiers  # default
lot_sizes: exact  # default
split_unfinished: true  # default
infinite_fence_days: none  # default
resolution: day  # default
changes:
  - {{table: items, where: {{item: "NO"}}, drop: true}}  # base.yaml:4:5
  - {{table: lanes, where: {{origin: [A, B], effective_to: "2021-01-11"}}, multiply: {{unit_cost: 0.5}}}}  # s.yaml:5:5
  - {{table: on_hand, add: {{item: A, location: L, quantity: "5"}}}}  # s.yaml:6:5
expect:
  late_lines: 2  # s.yaml:7:10
  promises:
    S1/1: 2021-02-01  # s.yaml:7:36
"""
    )


def test_a_scenario_made_by_hand_can_be_dumped() -> None:
    text = dump_scenario(Scenario(data="/x", planning_date=dt.date(2021, 1, 1)))

    assert 'data: "/x"  # argument\n' in text
    assert "changes: []  # default\nexpect: {}  # default\n" in text


def test_a_password_is_not_written(tmp_path: Path) -> None:
    scenario = make_scenario({"data": "postgresql://anna:s3:c@ret@host:5432/plan", "planning_date": "2021-01-01"})
    text = dump_scenario(scenario)

    assert 'data: "postgresql://anna@host:5432/plan"  # argument\n' in text
    assert "s3" not in text
    again = load_scenario(write(tmp_path, "s.yaml", text))
    assert again.data == "postgresql://anna@host:5432/plan"


# text of every kind that YAML can misread, and anything else
AWKWARD = r"""NO 0012 12:30 3.10 null ~ true { ] &a *a !t | > ' % @ ` 1e5 .inf = << ? , é 𝔘 " \ """
MORE = ["- a", "a: b", "#x", "x #y", "\ufeffx", "\u2028x", "\x7f", "\x85x"]
awkward = st.sampled_from([*AWKWARD.split(), *MORE])
printable = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
words = (awkward | printable).map(str.strip).filter(bool)
cells = words | st.just("")
numbers = st.floats(allow_nan=False, allow_infinity=False)
days = st.dates(dt.date(1990, 1, 1), dt.date(2200, 1, 1))


def value_of(kind: str, choices: tuple[str, ...]) -> st.SearchStrategy[str]:
    if kind == "choice":
        return st.sampled_from(choices)
    if kind in ("number", "integer"):
        return st.integers(1, 1000).map(str)
    if kind == "date":
        return days.map(dt.date.isoformat)
    if kind == "flag":
        return st.sampled_from(["true", "no"])
    return words.filter(lambda word: all(ord(character) >= 32 and ord(character) != 127 for character in word))


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    table = draw(st.sampled_from(TABLES))
    values = {column.name: value_of(column.kind, column.choices) for column in table.columns}
    some = draw(st.lists(st.sampled_from(table.names), min_size=1, max_size=3, unique=True))
    kind = draw(st.sampled_from(["add", "drop", "set", "numbers", "dates"]))
    numeric = [column.name for column in table.columns if column.kind in ("number", "integer")]
    dates = [column.name for column in table.columns if column.kind == "date"]
    if kind == "add":
        rows = st.lists(st.fixed_dictionaries(values), min_size=1, max_size=2)
        return {"table": table.name, "add": draw(rows)}
    where = {name: draw(st.lists(values[name], min_size=1, max_size=3, unique=True) | values[name]) for name in some}
    change: dict[str, Any] = {"table": table.name, "where": where}
    if kind == "numbers" and numeric:
        return {**change, "multiply": {numeric[0]: draw(numbers)}}
    if kind == "dates" and dates:
        return {**change, "shift_days": {dates[0]: draw(st.integers(1, 99))}}
    if kind == "set":
        return {**change, "set": {name: draw(values[name]) for name in some}}
    return {**change, "drop": True}


scenarios = st.fixed_dictionaries(
    {"data": words.filter(lambda text: "\x00" not in text), "planning_date": days},
    optional={
        "name": st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9 _.-]*[A-Za-z0-9])?", fullmatch=True).filter(
            lambda name: len(name) <= 100
        ),
        "description": cells,
        "horizon_days": st.integers(1, 36_525),
        "supply_sources": st.lists(st.sampled_from(SUPPLY_SOURCES), min_size=1, unique=True),
        "supply_plans": st.lists(words, max_size=3, unique=True),
        "planned_orders": st.sampled_from(["adjust", "firm", "ignore"]),
        "mode": st.sampled_from(["constrained", "unconstrained"]),
        "changes": st.lists(changes(), max_size=4),
        "expect": st.dictionaries(st.sampled_from(KPI_NAMES), numbers, max_size=3).flatmap(
            lambda figures: st.dictionaries(
                words.map(lambda word: f"{word}/1"), days | st.just("unpromised"), max_size=2
            ).map(lambda promises: {**figures, "promises": promises})
        ),
    },
)


@given(values=scenarios)
@settings(max_examples=80, deadline=None)
def test_a_dump_loads_to_the_same_scenario(tmp_path_factory: pytest.TempPathFactory, values: dict[str, Any]) -> None:
    scenario = make_scenario(values)
    path = tmp_path_factory.getbasetemp() / "dumped.yaml"
    path.write_text(dump_scenario(scenario), encoding="utf-8")

    assert load_scenario(path) == scenario


@given(text=words)
@settings(deadline=None)
def test_other_yaml_readers_take_a_dumped_text_as_text(text: str) -> None:
    values = {"data": "/x", "planning_date": "2021-01-01", "supply_plans": [text]}

    assert yaml.safe_load(dump_scenario(make_scenario(values)))["supply_plans"] == [text]
