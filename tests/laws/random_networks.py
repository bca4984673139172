"""Random planning problems: small, but with every kind of supply, date and rule.

Hypothesis draws raw rows, in which ids are numbers and days may be too large; ``repaired_networks.py`` turns them into
tables that pass the check of the planning data. All strategies are built once, which is what makes drawing fast.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from laws.problem import PlanningProblem
from laws.repaired_networks import Kinds, Raw, repaired

SOURCES = ("on_hand", "scheduled_receipts", "planned_orders", "new_orders")

_NUMBER = st.integers(0, 7)
_DAY = st.integers(-8, 42)
_LENGTH = st.integers(0, 12)


def _often(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    """The usual value in half of the draws."""
    return st.sampled_from([usual] * len(others) + list(others))


def _blank_or(values: st.SearchStrategy[Any], times: int = 3) -> st.SearchStrategy[Any]:
    """A blank in all but one of so many draws."""
    return st.one_of(*[st.none()] * (times - 1), values)


def _raw(most: int, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Raw]]:
    return st.lists(st.fixed_dictionaries(fields), max_size=most)


_PLACE = {"item": _NUMBER, "location": _NUMBER}
_WINDOW = {"from_day": _blank_or(_DAY, 5), "to_days": _blank_or(_LENGTH, 5)}
_LOT = {"minimum": _blank_or(st.integers(1, 12), 6), "multiple": _blank_or(st.integers(2, 6), 6)}
_INTERVALS = _blank_or(
    st.lists(
        st.tuples(st.sampled_from([0, 0, 1, 4]), st.sampled_from([1, 1, 2, 7, 30]), st.integers(0, 20)),
        min_size=1,
        max_size=6,
    ),
    2,
)
_CLOSED = st.one_of(
    st.just([]),
    st.just([(day, 2) for day in range(5, 42, 7)]),
    st.lists(st.tuples(_DAY, st.integers(1, 9)), max_size=3, unique=True),
)
_ALTERNATIVE = _often("1", "2")
_WAYS = [(ships, receives) for ships in (None, "C1", "C2") for receives in (None, "C1", "C2")]
"""Shipping and receiving calendar of a location."""

_RAW = st.fixed_dictionaries(
    {
        "size": st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(10, 40)),
        "options": st.fixed_dictionaries(
            {
                "mode": _often("constrained", "constrained", "unconstrained"),
                "objective": _often("tiers", "tiers", "cost"),
                "planned_orders": _often("adjust", "firm", "ignore"),
                "supply_sources": st.one_of(
                    st.just(SOURCES), st.just(SOURCES), st.lists(st.sampled_from(SOURCES), min_size=1, unique=True)
                ),
                "resolution": _often("day", *["day"] * 7, "week"),
                "infinite_fence_days": _blank_or(st.integers(0, 40), 6),
                "supply_plans": st.sampled_from([["P1", "P2"], ["P1"], []]),
            }
        ),
        "items": _blank_or(
            st.lists(
                st.fixed_dictionaries({"unit_cost": st.integers(0, 5), "whole_units": _often(True, False)}),
                min_size=4,
                max_size=4,
            ),
            2,
        ),
        "calendars": st.tuples(_CLOSED, _CLOSED),
        "calendar_of": st.lists(st.sampled_from([None, "C1", "C1", "C2"]), min_size=6, max_size=6),
        "ways_of": st.lists(st.sampled_from([(None, None)] * 3 + _WAYS), min_size=4, max_size=4),
        "stocking_points": _raw(
            4,
            **_PLACE,
            coverage=_often("requirement", "min_max", "none"),
            minimum=st.integers(0, 12),
            maximum=st.integers(0, 12),
            multiple=_blank_or(st.integers(1, 5)),
            safety_stock=_often(0, 3, 10),
            holding_cost=st.sampled_from([0, 10, 365]),
            search=_often("supply_chain", "supply_chain", "lead_time", "infinite"),
            search_components=_often(True, True, False),
            lead_time_days=_LENGTH,
            infinite_fence_days=_blank_or(st.integers(0, 40), 4),
        ),
        "lanes": _raw(
            6,
            item=st.one_of(_NUMBER, _NUMBER, st.none()),
            origin=_NUMBER,
            destination=_NUMBER,
            mode=_often("standard", "air"),
            lead_time_days=st.integers(0, 6),
            unit_cost=st.integers(0, 3),
            rank=st.integers(1, 3),
            capacity_per_day=_blank_or(st.integers(0, 8)),
            **_WINDOW,
            **_LOT,
        ),
        "bills_of_materials": _raw(
            5,
            item=_NUMBER,
            location=_blank_or(_NUMBER, 2),
            alternative=_ALTERNATIVE,
            component=_NUMBER,
            quantity_per=_often(1, 2, 3, 0.5, 0),
            **_WINDOW,
        ),
        "operations": _raw(
            4,
            **_PLACE,
            alternative=_ALTERNATIVE,
            lead_time_days=st.integers(0, 5),
            unit_cost=st.integers(0, 3),
            rank=st.integers(1, 3),
            **_LOT,
        ),
        "operation_resources": _raw(3, way=_NUMBER, resource=_often("R1", "R2"), hours_per_unit=_often(1, 0.5, 2, 0)),
        "resource_capacity": st.tuples(_INTERVALS, _INTERVALS),
        "supplier_items": _raw(
            4,
            supplier=_often("S1", "S2"),
            **_PLACE,
            lead_time_days=_LENGTH,
            unit_cost=st.integers(0, 4),
            rank=st.integers(1, 3),
            **_LOT,
        ),
        "supplier_capacity": st.tuples(_INTERVALS, _INTERVALS, _INTERVALS),
        "on_hand": _raw(5, **_PLACE, bin=_often(None, "X"), quantity=st.integers(-6, 15)),
        "reservations": _raw(2, demand=_NUMBER, quantity=st.integers(0, 12)),
        "scheduled_receipts": _raw(
            4, type=st.sampled_from(["purchase", "transfer", "make"]), **_PLACE, day=_DAY, quantity=st.integers(0, 15)
        ),
        "planned_orders": _raw(
            4,
            plan=_often("P1", "P2"),
            type=st.sampled_from(["make", "transfer", "buy"]),
            **_PLACE,
            quantity=st.integers(0, 20),
            day=_DAY,
            lead_time=_blank_or(st.integers(0, 6), 2),
            origin=_NUMBER,
            way=_blank_or(_NUMBER, 2),
        ),
        "planned_order_demands": _raw(
            3,
            order=_NUMBER,
            kind=_often("component", "resource", "supplier"),
            name=_NUMBER,
            location=_blank_or(_NUMBER),
            before=st.integers(-2, 6),
            quantity=st.integers(0, 15),
        ),
        "demands": st.lists(
            st.fixed_dictionaries(
                {
                    "kind": _often("order", "order", "forecast"),
                    "item": st.one_of(st.just(0), _NUMBER),
                    "location": st.one_of(st.just(3), _NUMBER),
                    "quantity": st.one_of(*[st.integers(1, 20)] * 9, st.sampled_from([0.5, 2.5])),
                    "day": _DAY,
                    "tier": _often(1, 2, 3),
                    "priority": _blank_or(st.integers(1, 3)),
                    "penalty_per_day": st.sampled_from([0, 1, 5]),
                    "earliest": _blank_or(_DAY, 6),
                    "latest": _blank_or(_LENGTH, 6),
                    "partial": _often(True, False),
                    "minimum_shipment": _blank_or(st.integers(0, 8), 4),
                    "ship_set": _blank_or(_often("K1", "K2"), 4),
                    "delivery_lead_time_days": st.sampled_from([0, 0, 0, 1, 3, 9]),
                }
            ),
            min_size=1,
            max_size=7,
        ),
    }
)


def problems(kinds: Kinds | None = None) -> st.SearchStrategy[PlanningProblem]:
    """Planning data and a scenario that the check accepts."""
    return _RAW.map(lambda raw: repaired(raw, kinds or Kinds()))
