"""Worked examples of fair share, to the digit, and the law that nobody is further than a unit from the exact share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_rows import rows

from firmdate.plan.certify import certify
from firmdate.plan.result import Plan
from laws.law_settings import law
from laws.problem import PlanningProblem, Row, date_of, problem, solved

Solve = Callable[[str], Plan]


def test_in_proportion_to_demand(shipped_plan: Solve) -> None:
    plan = shipped_plan("rule-fair-share")
    assert rows(plan, "deliveries", "order", "quantity") == [("SO_A", 125), ("SO_B", 156), ("SO_C", 219)]


def test_an_equal_part_of_the_target_with_what_is_there(shipped_plan: Solve) -> None:
    plan = shipped_plan("rule-fair-share-target")
    assert rows(plan, "deployments", "destination", "quantity") == [("A", 496), ("B", 704)]


def sharing(
    rule: str, between: str, demands: list[int], supply: list[tuple[int, int]], late: int = 0
) -> PlanningProblem:
    """Locations with a demand each that are supplied from one place; or lines there."""
    places = [f"L{n}" if between == "locations" else "DC" for n in range(len(demands))]
    lines: list[Row] = [
        {"order": f"D{n}", "line": "1", "item": "A", "location": place, "quantity": units, "requested_date": date_of(2)}
        for n, (place, units) in enumerate(zip(places, demands, strict=True))
    ]
    receipts: list[Row] = [
        {"receipt": f"R{n}", "type": "make", "item": "A", "location": "DC", "date": date_of(day), "quantity": units}
        for n, (day, units) in enumerate(supply)
    ]
    lanes: list[Row] = [
        {"item": "A", "origin": "DC", "destination": place, "lead_time_days": 0} for place in places if place != "DC"
    ]
    options = {"horizon_days": 30, "fair_share": {"rule": rule, "between": between}}
    return problem({"demands": lines, "scheduled_receipts": receipts, "lanes": lanes}, options)


def got(planned: PlanningProblem, day: int, count: int) -> list[float]:
    """Units that every line has got up to a day."""
    found = solved(planned)
    found.certify()
    frame = found.tables().deliveries
    frame = frame[frame["date"] <= np.datetime64(date_of(day))]
    return [float(frame[frame["order"] == f"D{n}"]["quantity"].sum()) for n in range(count)]


@pytest.mark.parametrize(
    ("rule", "units"),
    [("proportional", [10, 20, 60]), ("even", [20, 35, 35]), ("coverage", [10, 20, 60])],
)
def test_rules_differ(rule: str, units: list[int]) -> None:
    assert got(sharing(rule, "lines", [20, 40, 120], [(0, 90)]), 9, 3) == units


def exact(rule: str, demands: list[int], supply: float) -> np.ndarray:
    """The exact shares: parts rise together, and who has all that he wants drops out."""
    base = np.ones(len(demands)) if rule == "even" else np.array(demands, dtype=float)
    low, high = 0.0, float(max(demands)) + 1.0
    for _ in range(100):
        part = (low + high) / 2
        low, high = (part, high) if np.minimum(part * base, demands).sum() < supply else (low, part)
    return np.minimum(low * base, demands)


@law(12)
@given(
    st.sampled_from(["proportional", "even", "coverage"]),
    st.sampled_from(["locations", "lines"]),
    st.lists(st.integers(1, 40), min_size=2, max_size=5),
    st.integers(0, 60),
    st.integers(0, 40),
)
def test_nobody_is_further_than_a_unit_from_the_exact_share(
    rule: str, between: str, demands: list[int], first: int, second: int
) -> None:
    planned = sharing(rule, between, demands, [(0, first), (6, second)])
    for day, supply in ((5, first), (20, first + second)):
        units = np.array(got(planned, day, len(demands)))
        assert units.sum() == min(supply, sum(demands))
        assert np.abs(units - exact(rule, demands, min(supply, sum(demands)))).max() <= 1.0 + 1e-6


def test_sixty_locations_that_all_want_something_else_share_evenly() -> None:
    demands = list(range(1, 61))
    units = np.array(got(sharing("even", "locations", demands, [(0, 900)]), 9, 60))
    assert units.sum() == 900
    assert np.abs(units - exact("even", demands, 900)).max() <= 1.0 + 1e-6


def test_what_passed_through_a_location_before_could_not_have_gone_elsewhere_later() -> None:
    planned = sharing("even", "locations", [36, 20], [(2, 16), (11, 20)])
    demands, lanes = planned.tables["demands"], planned.tables["lanes"]
    tables = {
        **planned.tables,
        "demands": [{**row, "requested_date": date_of(day)} for row, day in zip(demands, (3, 9), strict=True)],
        "lanes": [{**row, "lead_time_days": days} for row, days in zip(lanes, (1, 2), strict=True)],
    }
    found = solved(replace(planned, tables=tables))
    found.certify()
    frame = found.tables().deliveries
    first = list(zip(frame["order"], frame["quantity"], strict=True))
    assert first == [("D0", 16), ("D0", 20)]  # it is a day nearer, and late days come before shares


@pytest.mark.parametrize("between", ["lines", "locations"])
@pytest.mark.parametrize("rule", ["proportional", "coverage", "even", "target"])
def test_the_certificate_names_who_got_more_than_a_fair_share(rule: str, between: str) -> None:
    """Three units more than the fair share of one sharer, which another one lacks."""
    planned = sharing(rule, between, [20, 40, 120], [(0, 90)])
    found = solved(planned)
    tables = found.tables()
    plan = tables.deliveries.set_index("order")["quantity"]
    plan["D0"], plan["D2"] = plan["D0"] - 3, plan["D2"] + 3
    moved = {f"L{name[1:]}": units for name, units in plan.items()}
    deployments = tables.deployments
    broken = replace(
        tables,
        deliveries=tables.deliveries.assign(quantity=plan.to_numpy()),
        deployments=deployments.assign(quantity=deployments["destination"].astype(object).map(moved)),
    )
    texts = certify(broken, found.data, found.scenario)
    place = "D0/1" if between == "lines" else "A at L0"
    wanted = f"deliveries D2/1 {date_of(2)}: is more than a fair share: {plan['D2']:g} of "
    [named] = [text for text in texts if text.startswith(wanted)]
    assert f", while {place} has {plan['D0']:g} of " in named
    assert not [text for text in certify(tables, found.data, found.scenario) if "fair share" in text]
