"""Lot sizes: every plan keeps them or says where not, and relaxing them makes no tier later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from laws.law_settings import law
from laws.lexicographic import agreement
from laws.problem import PlanningProblem, solved
from laws.random_networks import Kinds, problems

_LOT = st.fixed_dictionaries(
    {
        "minimum": st.sampled_from([None, None, 4, 9]),
        "multiple": st.sampled_from([None, None, 3, 5]),
        "maximum": st.sampled_from([None, None, 10, 17]),
        "pack_sizes": st.sampled_from([None, None, None, "4", "6/10", "5;8"]),
        "pack_tolerance": st.sampled_from([None, 0.1, 0.25]),
    }
)
LOTS = st.lists(_LOT, min_size=1, max_size=5)

Drawn = Sequence[Mapping[str, Any]]


def with_lots(planned: PlanningProblem, drawn: Drawn, mode: str) -> PlanningProblem:
    """The problem with lot sizes on all new orders in turn."""
    place = 0
    for table in ("supplier_items", "lanes", "operations"):
        rows = []
        for row in planned.tables[table]:
            rows.append({**row, **drawn[place % len(drawn)]})
            place += 1
        planned = planned.with_rows(table, rows)
    return planned.with_options(lot_sizes=mode)


@law(12)
@given(problems(), LOTS, st.sampled_from(["exact", "relaxed", "relaxed"]))
def test_every_plan_keeps_its_lots_or_names_them(planned: PlanningProblem, drawn: Drawn, mode: str) -> None:
    found = solved(with_lots(planned, drawn, mode))
    found.certify()
    assert ("broken_lots" in found.tables().rule_tables) <= (mode == "relaxed")


@law(6)
@given(problems(Kinds(objective="tiers")), LOTS)
def test_relaxed_lots_are_never_later_in_the_best_tier(planned: PlanningProblem, drawn: Drawn) -> None:
    exact = solved(with_lots(planned, drawn, "exact"))
    values, others = solved(with_lots(planned, drawn, "relaxed")).level_values(), exact.level_values()
    noise = agreement(with_integers=True)
    assert values["shortage_level", 0] <= others["shortage_level", 0] + noise
    if abs(values["shortage_level", 0] - others["shortage_level", 0]) <= noise:
        assert values["tier_level", 0] <= others["tier_level", 0] + noise
