"""Units of a stocking point that are dealt again: the best that this supply allows, tier by tier."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from firmdate.network.build import build_network
from firmdate.network.horizon import FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.plan.dealt_again import dealt_again
from laws.law_settings import law
from laws.problem import PlanningProblem, date_of

HORIZON = 30
LINES = st.lists(st.tuples(st.integers(1, 6), st.integers(-3, 25), st.integers(1, 3)), min_size=2, max_size=7)
ARRIVALS = st.lists(st.tuples(st.integers(1, 8), st.integers(0, 28)), min_size=1, max_size=5)


def network_of(lines: list[tuple[int, int, int]], arrivals: list[tuple[int, int]]) -> Network:
    """Lines (units, due day, tier) of one item at one place, and what arrives there (units, day)."""
    place = {"item": "A", "location": "M"}
    planned = PlanningProblem(
        {
            "demands": [
                {
                    "order": f"O{n}",
                    "line": "1",
                    **place,
                    "quantity": units,
                    "requested_date": date_of(day),
                    "tier": tier,
                }
                for n, (units, day, tier) in enumerate(lines)
            ],
            "scheduled_receipts": [
                {"receipt": f"R{n}", "type": "purchase", **place, "quantity": units, "date": date_of(day)}
                for n, (units, day) in enumerate(arrivals)
            ],
        },
        {"horizon_days": HORIZON},
    )
    return build_network(planned.data(), planned.scenario())


def worst_first(network: Network, arrivals: list[tuple[int, int]]) -> FloatArray:
    """Deliveries as somebody makes them who serves the lowest tier first, every day."""
    deliveries = network.deliveries
    stock, deliver = 0.0, np.zeros(len(deliveries))
    row = network.backlog
    cohort = row.cohort
    level = network.classes.level[deliveries.of_class]
    for day in range(HORIZON):
        stock += sum(units for units, on in arrivals if on == day)
        today = np.flatnonzero(deliveries.day == day)
        for one in today[np.argsort(-level[today], kind="stable")]:
            own = cohort[deliveries.backlog[one]]
            due = row.newly_due[(cohort == own) & (row.day <= day)].sum()
            units = min(stock, due - deliver[cohort[deliveries.backlog] == own].sum())
            deliver[one] += units
            stock -= units
    return deliver


def late_unit_days(lines: list[tuple[int, int, int]], day: IntArray, tier: IntArray) -> list[int]:
    """By tier, when units are delivered on some days to lines of some tiers, those that are due first served first."""
    late = []
    for one in (1, 2, 3):
        due = sorted(max(on, 0) for units, on, own in lines if own == one for _ in range(units))
        served = sorted(day[tier == one].tolist()) + [HORIZON + 30] * len(due)
        late.append(sum(max(on - wanted, 0) for on, wanted in zip(served, due, strict=False)))
    return late


def best_dealing(lines: list[tuple[int, int, int]], day: IntArray) -> list[int]:
    """The least late unit-days tier by tier with units of some days, by assignment."""
    due = np.array([max(on, 0) for units, on, _ in lines for _ in range(units)])
    tier = np.array([own for units, _, own in lines for _ in range(units)])
    units = np.append(day, np.full(len(due), HORIZON + 30))
    late = np.maximum(units[None, :] - due[:, None], 0)
    weight = np.array([0, 10**8, 10**4, 1])[tier]
    row, chosen = linear_sum_assignment(late * weight[:, None])
    return [int(late[row, chosen][tier == one].sum()) for one in (1, 2, 3)]


@law(60)
@given(LINES, ARRIVALS)
def test_no_dealing_of_the_same_units_is_better(
    lines: list[tuple[int, int, int]], arrivals: list[tuple[int, int]]
) -> None:
    network = network_of(lines, arrivals)
    before = worst_first(network, arrivals)
    after = dealt_again(network, before, np.ones(len(before), dtype=bool))
    deliveries = network.deliveries
    by_day = [np.bincount(deliveries.day, weights=units, minlength=HORIZON) for units in (before, after)]
    assert by_day[0].sum() == by_day[1].sum()
    assert (np.cumsum(by_day[1]) <= np.cumsum(by_day[0]) + 1e-9).all()
    tiers = np.array(sorted({tier for _, _, tier in lines}))
    tier = tiers[network.classes.level[deliveries.of_class]]

    def units_of(units: FloatArray) -> tuple[IntArray, IntArray]:
        count = np.rint(units).astype(np.int64)
        return np.repeat(deliveries.day, count), np.repeat(tier, count)

    day, _ = units_of(before)
    assert late_unit_days(lines, *units_of(after)) == best_dealing(lines, day)
