"""Other locations that ship: certified with every other rule, never worse than without, and off without an area."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmdate.plan.result import PLAN_TABLES
from laws.law_settings import law
from laws.lexicographic import agreement
from laws.problem import PlanningProblem, date_of, problem, solved
from laws.random_networks import Kinds, problems
from laws.random_splits import SPLITS, with_splits
from laws.random_splits import Drawn as Splits
from laws.random_substitutes import SUBSTITUTES, with_substitutes
from laws.random_substitutes import Drawn as Substitutes
from laws.repaired_networks import LOCATIONS
from laws.ruled_networks import ruled_problems

AREAS = st.lists(st.sampled_from(["N", "N", "S", None]), min_size=4, max_size=4)
CHOICES = st.lists(st.sampled_from(["any", "any", "requested"]), min_size=1, max_size=5)


def shipped_from(planned: PlanningProblem, areas: Sequence[str | None], choices: Sequence[str]) -> PlanningProblem:
    """The problem with balancing areas, and lines that any location may ship."""
    known = {row["location"]: row for row in planned.tables["locations"]}
    places = [
        {**known.get(name, {"location": name}), "balancing_area": area}
        for name, area in zip(LOCATIONS, areas, strict=True)
    ]
    demands = [{**row, "ship_from": choices[n % len(choices)]} for n, row in enumerate(planned.tables["demands"])]
    return planned.with_rows("locations", places).with_rows("demands", demands)


@law(24)
@given(ruled_problems(), AREAS, CHOICES, SPLITS)
def test_every_plan_with_other_locations_is_certified(
    planned: PlanningProblem, areas: list[str | None], choices: list[str], splits: Splits
) -> None:
    found = solved(shipped_from(with_splits(planned, splits), areas, choices))
    found.certify()
    sent = found.tables().rule_tables.get("shipped_from", pd.DataFrame({"order": [], "line": []}))
    lines = found.data["demands"].astype({"order": str, "line": str}).set_index(["order", "line"])["ship_from"]
    assert (lines.reindex(pd.MultiIndex.from_frame(sent[["order", "line"]])) == "any").all()


@law(16)
@given(problems(), AREAS, CHOICES, SUBSTITUTES)
def test_other_locations_and_substitutes_together_are_certified(
    planned: PlanningProblem, areas: list[str | None], choices: list[str], drawn: Substitutes
) -> None:
    solved(shipped_from(with_substitutes(planned, drawn), areas, choices)).certify()


@law(16)
@given(problems(Kinds(objective="tiers")), AREAS, CHOICES)
def test_other_locations_never_make_the_best_tier_later(
    planned: PlanningProblem, areas: list[str | None], choices: list[str]
) -> None:
    alone = solved(shipped_from(planned, areas, ["requested"]))
    found = solved(shipped_from(planned, areas, choices))
    noise = agreement(with_integers=bool(found.program.integer.any()))
    one, other = found.level_values(), alone.level_values()
    if abs(one["shortage_level", 0] - other["shortage_level", 0]) <= noise:
        assert one["tier_level", 0] <= other["tier_level", 0] + noise
    assert one["shortage_level", 0] <= other["shortage_level", 0] + noise


@law(8)
@given(problems(), CHOICES)
def test_any_location_without_an_area_changes_nothing(planned: PlanningProblem, choices: list[str]) -> None:
    none = [None] * len(LOCATIONS)
    one = solved(shipped_from(planned, none, ["requested"])).tables()
    other = solved(shipped_from(planned, none, choices)).tables()
    for name in PLAN_TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), obj=name)
    assert "shipped_from" not in other.rule_tables


_DAYS, _REQUESTED = 20, 2
_UNITS = st.integers(0, 8)


@law(40)
@given(
    st.lists(st.tuples(_UNITS, _UNITS, st.integers(0, 9)), min_size=3, max_size=3),
    st.integers(1, 20),
    st.sampled_from([None, 1, 2, 3]),
    st.booleans(),
)
def test_a_line_that_any_location_may_ship_is_as_late_as_the_best_choice_of_shipments(
    supply: list[tuple[int, int, int]], quantity: int, most: int | None, reversed_names: bool
) -> None:
    """Every choice of dates and locations is tried by hand: stock, and one receipt, at each of three locations."""
    names = ["C", "B", "A"] if reversed_names else ["A", "B", "C"]
    receipt = {"type": "purchase", "item": "P"}
    line = {"order": "1", "line": "1", "item": "P", "location": "A", "quantity": quantity, "ship_from": "any"}
    rows = list(zip(names, supply, strict=True))
    planned = problem(
        {
            "locations": [{"location": name, "balancing_area": "X"} for name in names],
            "on_hand": [{"item": "P", "location": name, "quantity": stock} for name, (stock, _, _) in rows],
            "scheduled_receipts": [
                {**receipt, "receipt": name, "location": name, "date": date_of(day), "quantity": units}
                for name, (_, units, day) in rows
                if units
            ],
            "demands": [{**line, "requested_date": date_of(_REQUESTED), "maximum_deliveries": most}],
        },
        {"horizon_days": _DAYS},
    )
    found = solved(planned)
    found.certify()
    shipments = [(day, name) for name, (_, _, at) in rows for day in {_REQUESTED, max(at, _REQUESTED)}]
    sizes = range(min(most or len(shipments), len(shipments)) + 1)
    choices = (chosen for size in sizes for chosen in combinations(shipments, size))
    best = min(_late_unit_days(dict(rows), quantity, chosen, whole=most == 1) for chosen in choices)
    assert found.tables().kpis["late_unit_days"] == pytest.approx(best)


def _late_unit_days(
    supply: dict[str, tuple[int, int, int]], quantity: int, chosen: Sequence[tuple[int, str]], *, whole: bool
) -> int:
    """Late unit-days where some locations ship all that they have on some dates."""
    left, late, sent = quantity, 0, dict.fromkeys(supply, 0)
    for day, name in sorted(chosen):
        stock, units, at = supply[name]
        own = min(left, stock + (units if at <= day else 0) - sent[name])
        if whole and own < quantity:
            continue
        left, late = left - own, late + own * (day - _REQUESTED)
        sent[name] += own
    return late + left * (_DAYS + 30 - _REQUESTED)
