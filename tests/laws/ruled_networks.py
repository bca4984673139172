"""Random problems with rules of the backlog on their lines."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from laws.problem import PlanningProblem, Row, date_of
from laws.random_networks import problems

STRATEGIES = ("win", "gain", "improve", "redistribute", "fill", "lose", "skip")

_FLAG = st.sampled_from([None, None, True, False])
_LINE = st.fixed_dictionaries(
    {
        "scheduled": st.one_of(st.none(), st.integers(-5, 40)),
        "enforce_commit": _FLAG,
        "pull_in": _FLAG,
        "locked": st.sampled_from([False] * 5 + [True]),
        "strategy": st.sampled_from([None] * 7 + list(STRATEGIES)),
        "override_priority": st.sampled_from([None, None, None, 1, 15]),
        "x_class": st.sampled_from([None, "A", "B", "10", "9"]),
    }
)
_ATTRIBUTES = st.lists(
    st.sampled_from(
        [
            {"column": "quantity", "sort": "descending"},
            {"column": "requested_date"},
            {"column": "x_class", "order": ["B", "A"]},
            {"column": "x_class", "sort": "descending"},
            {"column": "kind"},
            {"column": "partial", "order": ["true"]},
        ]
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda attribute: attribute["column"],
)
_TIERS = st.sampled_from(
    [None, "attribute", "distinct", {"by": "distinct", "limit": 2}, {"by": "cut_points", "cut_points": [10, 35]}]
)
_OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "priority_rule": st.fixed_dictionaries({"attributes": _ATTRIBUTES, "tiers": _TIERS}),
        "commitments": st.fixed_dictionaries({"enforce": st.booleans(), "pull_in": st.booleans()}),
        "selection": st.just({"where": {"x_class": ["A", ""]}}),
        "strategies": st.lists(
            st.sampled_from(
                [
                    {"where": {"x_class": "A"}, "strategy": "win", "otherwise": "continue"},
                    {"where": {"x_class": ["B", "9"]}, "strategy": "gain"},
                    {"where": {"tier": 2}, "strategy": "win"},
                    {"strategy": "redistribute"},
                ]
            ),
            max_size=3,
        ),
        "stability": st.sampled_from([{"weight": 2}, {"level": True}]),
    },
)


def ruled_problems() -> st.SearchStrategy[PlanningProblem]:
    """Planning data that the check accepts, with rules."""
    return st.builds(_ruled, problems(), st.lists(_LINE, min_size=7, max_size=7), _OPTIONS)


def _ruled(planned: PlanningProblem, rules: list[dict[str, Any]], options: dict[str, Any]) -> PlanningProblem:
    rows = [with_rule(row, rules[place % 7]) for place, row in enumerate(planned.tables["demands"])]
    return planned.with_rows("demands", rows).with_options(**options)


def with_rule(row: Row, rule: dict[str, Any]) -> Row:
    """A demand line with its rules."""
    own = {name: value for name, value in rule.items() if name != "scheduled"}
    day = rule["scheduled"]
    if day is None:
        own["locked"] = False
    return {**row, **own, "scheduled_date": None if day is None else date_of(day)}
