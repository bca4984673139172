"""Dates of ship sets: the search finds the optimum of every tier that HiGHS finds with integers."""

from __future__ import annotations

import numpy as np
import pytest

from firmdate.network.horizon import IntArray
from firmdate.plan import ship_sets
from firmdate.solver import tiers
from laws.problem import PlanningProblem, date_of, problem, solved


def _scarce(seed: int) -> PlanningProblem:
    """Parts of one supplier with little capacity; half of the lines leave in sets of two or three."""
    random = np.random.default_rng(seed)
    parts = [f"P{n}" for n in range(6)]
    lines = range(18)
    return problem(
        {
            "supplier_items": [
                {"supplier": "S", "item": part, "location": "DC", "lead_time_days": int(random.choice([3, 7]))}
                for part in parts
            ],
            "supplier_capacity": [
                {"supplier": "S", "item": None, "start": date_of(7 * k), "end": date_of(7 * k + 7), "quantity": 9}
                for k in range(10)
            ],
            "on_hand": [{"item": part, "location": "DC", "quantity": int(random.integers(0, 5))} for part in parts],
            "demands": [
                {
                    "order": f"O{n}",
                    "line": "1",
                    "item": str(random.choice(parts)),
                    "location": "DC",
                    "quantity": int(random.integers(1, 8)),
                    "requested_date": date_of(int(random.integers(0, 40))),
                    "tier": int(random.integers(1, 4)),
                    "ship_set": f"K{n % 4}" if n % 2 else None,
                }
                for n in lines
            ],
        },
        {"horizon_days": 70},
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_search_finds_what_the_solver_finds_with_integers(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = solved(_scarce(seed)).level_values()
    searched: list[bool] = []

    def give_up(*_: object) -> None:
        searched.append(True)

    monkeypatch.setattr(tiers, "search", give_up)
    expected = solved(_scarce(seed)).level_values()
    assert searched
    served = [key for key in expected if key[0] in ("tier_level", "priority_level")]
    assert {key: found[key] for key in served} == pytest.approx({key: expected[key] for key in served}, abs=1e-5)


@pytest.mark.parametrize("seed", range(6))
def test_days_that_are_not_looked_at_hold_no_set(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one of its lines, a set leaves on the same day whether all days are looked at or those in between."""
    done = solved(_scarce(seed))
    asked: list[int] = []
    between = ship_sets._Local.first_day_between

    def both(local: ship_sets._Local, lines: IntArray, soonest: int, latest: int) -> int:
        asked.append(between(local, lines, soonest, latest))
        assert asked[-1] == local.first_day(lines)
        return asked[-1]

    monkeypatch.setattr(ship_sets._Local, "first_day_between", both)
    done.tables()
    assert asked
