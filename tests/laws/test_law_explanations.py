"""What holds a line back is what helps it when it is released, and nothing else does first.

"Helps" means: of the levels of service up to the tier of the line, the first that changes becomes better. So what is
released may also go to lines that come first, as it must. What is not named is capacity that the tier would not pay
for: all of it together helps neither the tier nor a better one, however much there is.
"""

from __future__ import annotations

import os
import random
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from firmdate.data.read import read_planning_data
from firmdate.network.horizon import NO_DAY
from firmdate.plan.explain import lines as explained
from firmdate.plan.explain.factors import FactorKind
from firmdate.plan.explain.lead_times import earliest_days
from firmdate.plan.explain.release import ChangeText
from firmdate.plan.explain.shortage import Shortages
from firmdate.scenario.changes import apply_changes
from firmdate.scenario.files import load_scenario
from laws.law_settings import law
from laws.problem import PlanningProblem, Solved, solved
from laws.random_networks import Kinds, problems
from laws.releases import MUCH, Beside, beside, why
from laws.short_networks import OPTIONS, short_tables
from laws.side_by_side import rows_of

TUTORIAL = Path(__file__).parents[2] / "scenarios" / "tutorial.yaml"
LINEAR = Kinds(objective="tiers", mode="constrained", integers=False)
NETWORKS = 200


def test_releasing_what_is_named_helps_every_late_line_of_the_tutorial() -> None:
    scenario = load_scenario(TUTORIAL)
    data = apply_changes(read_planning_data(scenario.data), scenario)[0]
    keys = {"horizon_days", "supply_sources", "supply_plans", "planned_orders"}
    tutorial = beside([rows_of(data)], scenario.model_dump(include=keys))
    releases = tutorial.what_is_named()
    assert sum(len(lines) for _, _, lines in releases) == len(tutorial.known.late_lines()) >= 9
    assert not tutorial.reasons(tutorial.vain(releases))


@cache
def scarce() -> Beside:
    """Networks in which everything is scarce; with ``FIRMDATE_LAW_EXAMPLES`` others on every run, and more of them."""
    times = int(os.environ.get("FIRMDATE_LAW_EXAMPLES", "0"))
    draw = random.Random() if times else random.Random(200)
    return beside([short_tables(draw) for _ in range(NETWORKS * max(times, 1))], OPTIONS)


def test_releasing_what_is_named_helps_every_late_line_where_everything_is_scarce() -> None:
    networks = scarce()
    releases = networks.what_is_named()
    assert len({number for number, _, _ in releases}) > 0.7 * networks.count
    assert sum(len(lines) for _, _, lines in releases) == len(networks.known.late_lines())
    assert not networks.reasons(networks.vain(releases))


def test_full_capacity_that_is_named_has_a_price() -> None:
    """The explanation agrees with the duals: the tier of the line, or a better one, would pay for more."""
    networks = scarce()
    known, factors = networks.known, networks.known.explained.factors
    available, tier = known.found.network.capacities.available, known.room.tier
    alone = [line for line in known.late_lines() if len(known.named(line)) == 1]
    limited = [line for line in alone if factors.kind[known.named(line)[0]] == FactorKind.CAPACITY]
    interval = {line: int(factors.ref[known.named(line)[0]]) for line in limited}
    full = [line for line in limited if available[interval[line]] > 0]
    assert len(full) > NETWORKS / 4
    assert not networks.reasons([line for line in full if not 0 <= tier[interval[line]] <= known.level(line)])


def test_releasing_all_that_is_not_named_helps_nobody() -> None:
    networks = scarce()
    network, room = networks.known.found.network, networks.known.room
    capacities = network.capacities
    names = np.array(capacities.name, dtype=object)[capacities.group]
    owner = np.array([int(str(name).split(":")[0]) for name in names])
    # Closed intervals are rows of no program, so they have no price; a lane has one capacity for all its days.
    usable = (capacities.available > 0) & (capacities.row[capacities.group] < 0)
    late: dict[tuple[int, int], list[int]] = {}
    for line in networks.known.late_lines():
        late.setdefault((networks.number(line), networks.known.level(line)), []).append(line)
    releases: list[tuple[int, list[ChangeText], list[int]]] = []
    for (number, level), lines in late.items():
        chosen = np.flatnonzero(usable & (owner == number) & ((room.tier < 0) | (room.tier > level)))
        releases.append((number, [_more(networks, interval) for interval in chosen.tolist()], lines))
    lines = [line for _, changes, own in releases if changes for line in own]
    assert len(lines) > NETWORKS
    assert networks.vain(releases) == [line for _, _, own in releases for line in own]


def _more(networks: Beside, interval: int) -> ChangeText:
    """More of one capacity than any problem can use."""
    network = networks.known.found.network
    capacities = network.capacities
    group = capacities.group[interval]
    start = str(network.horizon.date_of(capacities.start[[interval]])[0].astype("datetime64[D]"))
    table, own, column = (
        ("resource_capacity", "resource", "hours"),
        ("supplier_capacity", "supplier", "quantity"),
    )[int(capacities.kind[group])]
    where = {own: capacities.name[group], "start": start}
    return {"table": table, "where": where, "increase": {column: MUCH}}


@law(60)
@given(problems(LINEAR))
def test_releasing_what_is_named_helps_every_late_line_of_any_network(planned: PlanningProblem) -> None:
    number = beside([planned.tables], planned.options)
    assert not number.reasons(number.vain(number.what_is_named()))


@law(40)
@given(problems())
def test_every_late_line_is_explained_and_the_tables_agree(planned: PlanningProblem) -> None:
    found = solved(planned)
    tables = found.tables()
    late = tables.promises[tables.promises["status"] != "on_time"]
    explanations, causes = tables.explanations, tables.causes
    assert explanations["order"].tolist() == late["order"].tolist()
    assert set(explanations["cause"]) == set(causes.loc[causes["lines"] > 0, "cause"])
    assert causes.loc[causes["lines"] == 0, "gain_lines"].gt(0).all()
    assert causes["gain_lines"].sum() == len(tables.releases)
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


def test_ways_of_all_points_together_are_the_ways_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Shortages] = []

    def kept(*parts: Any) -> Shortages:
        found.append(Shortages(*parts))
        return found[-1]

    monkeypatch.setattr(explained, "Shortages", kept)
    draw = random.Random(300)
    network = beside([short_tables(draw) for _ in range(30)], OPTIONS).known.found.network
    point, day = (grid.reshape(-1) for grid in np.indices((len(network.points), network.horizon.days)))
    ways = [found[-1].way(*asked) for asked in zip(point.tolist(), day.tolist(), strict=True)]
    expected = np.array([not way.blocked and way.cost <= 0 for way in ways])
    assert 0.02 < expected.mean() < 0.98
    assert np.array_equal(found[-1].is_free(point, day), expected)
