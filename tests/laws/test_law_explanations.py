"""What holds a line back is what helps it when it is released, and nothing else does first.

"Helps" means: of the levels of service up to the tier of the line, the first that changes becomes better. So what is
released may also go to lines that come first, as it must.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from firmdate.data.read import read_planning_data
from firmdate.network.horizon import NO_DAY
from firmdate.plan.explain.factors import FactorKind
from firmdate.plan.explain.lead_times import earliest_days
from firmdate.scenario.changes import apply_changes
from firmdate.scenario.files import load_scenario
from laws.law_settings import law
from laws.problem import PlanningProblem, Solved, solved, solved_data
from laws.random_networks import Kinds, problems
from laws.releases import MUCH, Why, improves, released, why, with_changes
from laws.short_networks import short_problems

TUTORIAL = Path(__file__).parents[2] / "scenarios" / "tutorial.yaml"
LINEAR = Kinds(objective="tiers", mode="constrained", integers=False)


def _assert_named_factors_help(known: Why, line: int) -> None:
    after = released(known, known.named(line).tolist(), line)
    if after is not None:
        reasons = known.texts.reason[known.named(line)].tolist()
        assert improves(after, known.found, known.level(line)), (line, reasons)


def test_releasing_what_is_named_helps_every_late_line_of_the_tutorial() -> None:
    scenario = load_scenario(TUTORIAL)
    data = apply_changes(read_planning_data(scenario.data), scenario)[0]
    known = why(solved_data(data, scenario))
    chains: dict[int, int] = {}
    for line in known.late_lines():
        chains.setdefault(int(known.explained.line_chain[line]), line)
    assert len(chains) >= 9
    for line in chains.values():
        _assert_named_factors_help(known, line)


@law(100)
@given(short_problems(), st.integers(0, 7))
def test_releasing_what_is_named_helps_where_everything_is_scarce(planned: PlanningProblem, which: int) -> None:
    known = why(solved(planned))
    late = known.late_lines()
    for line in late:
        _assert_full_capacity_has_a_price(known, line)
    if late:
        _assert_named_factors_help(known, late[which % len(late)])


def _assert_full_capacity_has_a_price(known: Why, line: int) -> None:
    """The explanation agrees with the duals: the tier of the line, or a better one, would pay for more."""
    factors, available = known.explained.factors, known.found.network.capacities.available
    named = known.named(line)
    if len(named) == 1 and factors.kind[named[0]] == FactorKind.CAPACITY and available[factors.ref[named[0]]] > 0:
        assert 0 <= known.room.tier[factors.ref[named[0]]] <= known.level(line), known.texts.reason[named[0]]


@law(60)
@given(problems(LINEAR), st.integers(0, 7))
def test_releasing_what_is_named_helps_in_any_network(planned: PlanningProblem, which: int) -> None:
    known = why(solved(planned))
    late = known.late_lines()
    if late:
        _assert_named_factors_help(known, late[which % len(late)])


@law(60)
@given(short_problems(), st.integers(0, 7), st.integers(0, 99))
def test_releasing_what_is_not_named_does_not_help(planned: PlanningProblem, which: int, interval: int) -> None:
    """Capacity that the tier of a line would not pay for helps neither it nor a better tier, however much there is."""
    known = why(solved(planned))
    late = known.late_lines()
    if not late:
        return
    line = late[which % len(late)]
    level, room = known.level(line), known.room
    capacities = known.found.network.capacities
    # Closed intervals are rows of no program, so they have no price.
    worthless = (room.tier < 0) | (room.tier > level)
    candidates = np.flatnonzero(worthless & (capacities.available > 0) & (capacities.row[capacities.group] < 0))
    if not len(candidates):
        return
    chosen = int(candidates[interval % len(candidates)])
    table, column = ("resource_capacity", "hours") if capacities.kind[capacities.group[chosen]] == 0 else SUPPLIER
    start = known.found.network.horizon.date_of(capacities.start[[chosen]])[0].astype("datetime64[D]")
    keys = {"start": str(start)}
    after = with_changes(known.found, [{"table": table, "where": keys, "increase": {column: MUCH}}])
    assert not improves(after, known.found, level), (line, table, str(start))


SUPPLIER = ("supplier_capacity", "quantity")


@law(40)
@given(problems())
def test_every_late_line_is_explained_and_the_tables_agree(planned: PlanningProblem) -> None:
    found = solved(planned)
    tables = found.tables()
    late = tables.promises[tables.promises["status"] != "on_time"]
    explanations, causes = tables.explanations, tables.causes
    assert explanations["order"].tolist() == late["order"].tolist()
    assert set(explanations["cause"]) == set(causes["cause"])
    assert set(explanations["chain"]) == set(tables.chains["chain"])
    assert (tables.chains["role"] == "gating").sum() == explanations["chain"].nunique()
    assert causes["lines"].sum() == len(late)
    total = tables.kpis["late_unit_days"] + tables.kpis.get("forecast_late_unit_days", 0.0)
    assert abs(causes["late_unit_days"].sum() - total) < 1e-3
    assert causes["late_unit_days"].is_monotonic_decreasing
    assert (tables.releases["gain_unit_days"] > 0).all()
    assert (late["reason"] != "").all()
    _assert_no_plan_beats_the_lead_times(found)


def _assert_no_plan_beats_the_lead_times(found: Solved) -> None:
    known = why(found)
    point = found.network.points.find(found.network.lines.key)
    soonest = np.append(earliest_days(found.network), NO_DAY)[point]
    assert (soonest <= known.promised.day).all()
