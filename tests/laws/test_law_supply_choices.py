"""Dearer supply is chosen exactly when it is worth its money, and overtime only as far as the tiers need it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from laws.extra_capacity import Extra, with_extra
from laws.law_settings import law
from laws.problem import PlanningProblem, Row, date_of, solved
from laws.random_networks import Kinds, problems

_MONEY = st.integers(0, 12)
_DAYS = st.integers(0, 4)


def _line(quantity: int, day: int, penalty: int) -> Row:
    place = {"item": "A", "location": "SHOP"}
    date = date_of(day)
    return {
        "order": "SO",
        "line": "1",
        **place,
        "quantity": quantity,
        "requested_date": date,
        "penalty_per_day": penalty,
    }


def _lane(origin: str, mode: str, days: int, cost: int) -> Row:
    way = {"origin": origin, "destination": "SHOP", "mode": mode}
    return {"item": "A", **way, "lead_time_days": days, "unit_cost": cost}


@law(60)
@given(
    st.integers(1, 9), _DAYS, st.integers(1, 5), _MONEY, _MONEY, st.integers(1, 5), st.sampled_from(["DC", "NEXT_SHOP"])
)
def test_an_expedite_or_transshipment_is_chosen_exactly_when_it_costs_less_than_the_penalty(
    quantity: int, quick: int, slower: int, usual: int, dear: int, penalty: int, origin: str
) -> None:
    """The other way is ``slower`` days slower; the line is wanted on the day on which the quick way arrives."""
    tables = {
        "on_hand": [{"item": "A", "location": place, "quantity": quantity} for place in ("DC", "NEXT_SHOP")],
        "lanes": [
            _lane("DC", "standard", quick + slower, usual),
            _lane(origin, "lateral" if origin == "NEXT_SHOP" else "expedite", quick, dear),
        ],
        "demands": [_line(quantity, quick, penalty)],
    }
    found = solved(PlanningProblem(tables, {"horizon_days": 30, "objective": "cost"}))
    found.certify()
    written = found.tables()
    saved, avoided = dear - usual, penalty * slower
    assert set(written.deployments["mode"] != "standard") == {saved < avoided}
    landed = dear if saved < avoided else usual
    assert written.kpis["transfer_cost"] == pytest.approx(landed * quantity)


@law(40)
@given(
    st.integers(1, 12),
    st.integers(0, 8),
    st.integers(0, 8),
    _MONEY,
    st.integers(0, 5),
    st.sampled_from(["make", "buy"]),
)
def test_overtime_is_used_exactly_when_it_costs_less_than_the_penalty(
    quantity: int, regular: int, overtime: int, price: int, penalty: int, kind: str
) -> None:
    """What the first week cannot do is done in the second, seven days late."""
    assume(price > 0 or penalty > 0)
    weeks = [(0, regular, overtime), (7, 50, 0)]
    intervals = [{"start": date_of(day), "end": date_of(day + 7)} for day, _, _ in weeks]
    tables: dict[str, list[Row]] = {"demands": [_line(quantity, 0, penalty)]}
    way = {"item": "A", "location": "SHOP", "lead_time_days": 0}
    if kind == "make":
        tables["operations"] = [way]
        tables["operation_resources"] = [{"item": "A", "location": "SHOP", "resource": "R", "hours_per_unit": 1}]
        tables["resource_capacity"] = [
            {"resource": "R", **interval, "hours": hours, "overtime_hours": more, "overtime_cost": price}
            for interval, (_, hours, more) in zip(intervals, weeks, strict=True)
        ]
    else:
        tables["supplier_items"] = [{"supplier": "S", **way}]
        tables["supplier_capacity"] = [
            {"supplier": "S", **interval, "quantity": units, "extra_quantity": more, "extra_cost": price}
            for interval, (_, units, more) in zip(intervals, weeks, strict=True)
        ]
    found = solved(PlanningProblem(tables, {"horizon_days": 30, "objective": "cost"}))
    found.certify()
    written = found.tables()
    used = min(max(quantity - regular, 0), overtime) if price < 7 * penalty else 0
    assert (written.rule_tables["overtime"]["quantity"].sum() if overtime else 0) == pytest.approx(used)
    assert written.kpis.get("overtime_cost", 0.0) == pytest.approx(used * price)
    assert written.kpis["late_unit_days"] == pytest.approx(7 * max(quantity - regular - used, 0))


@law(20)
@given(
    problems(Kinds(objective="tiers", integers=False)),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=1, max_size=3),
)
def test_overtime_that_makes_no_line_earlier_is_not_used(planned: PlanningProblem, extras: Sequence[Extra]) -> None:
    """Extra capacity is never worse in any tier; where it is not better either, nobody works overtime."""
    before, after = solved(planned).level_values(), solved(with_extra(planned, extras)).level_values()
    service = [key for key in before if key[0] in ("shortage_level", "tier_level", "priority_level")]
    for key in service:
        noise = 1e-4 * max(1.0, abs(before[key]))
        assert after[key] <= before[key] + noise
        if after[key] < before[key] - noise:
            return
    assert after["premium_level", 0] == pytest.approx(0.0, abs=1e-3)
