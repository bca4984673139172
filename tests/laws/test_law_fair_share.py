"""Fair share with every other rule: certified, and no tier is later because of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from laws.law_settings import law
from laws.lexicographic import agreement
from laws.problem import PlanningProblem, solved
from laws.random_networks import Kinds, problems
from laws.random_splits import SPLITS, with_splits
from laws.random_splits import Drawn as Splits
from laws.ruled_networks import ruled_problems
from laws.test_law_ship_from import AREAS, CHOICES, shipped_from

FAIR = st.fixed_dictionaries(
    {
        "rule": st.sampled_from(["proportional", "coverage", "target", "even"]),
        "between": st.sampled_from(["lines", "locations"]),
    },
    optional={"tiers": st.sampled_from([[1], [1, 2]])},
)


@law(10)
@given(ruled_problems(), FAIR, SPLITS, AREAS, CHOICES)
def test_every_plan_with_fair_shares_is_certified(
    planned: PlanningProblem, fair: dict[str, object], splits: Splits, areas: list[str | None], choices: list[str]
) -> None:
    """Lines that any location may ship, lines that are split by rule, and lines with rules of the backlog share too."""
    solved(shipped_from(with_splits(planned, splits), areas, choices).with_options(fair_share=fair)).certify()


@law(6)
@given(problems(Kinds(objective="tiers", integers=False)), FAIR)
def test_nobody_is_later_because_of_fair_shares(planned: PlanningProblem, fair: dict[str, object]) -> None:
    """Shares only choose among plans that are equally good for the tiers."""
    plain, shared = solved(planned), solved(planned.with_options(fair_share=fair))
    one, other = plain.level_values(), shared.level_values()
    noise = agreement(with_integers=bool(shared.program.integer.any()))
    tiers = len(plain.network.lines.tiers)
    first = next((k for k in range(tiers) if abs(one["tier_level", k]) > noise), 0)
    assert abs(one["shortage_level", 0] - other["shortage_level", 0]) <= noise
    assert abs(one["tier_level", first] - other["tier_level", first]) <= noise * max(1.0, abs(one["tier_level", first]))
