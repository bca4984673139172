"""Rules of splits drawn for the lines of a random problem."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from laws.problem import PlanningProblem

_RULE = st.tuples(st.sampled_from([None, None, 1, 2, 2, 3]), st.sampled_from([None, None, True, False, False]))
SPLITS = st.tuples(st.lists(_RULE, min_size=1, max_size=7), st.booleans())
"""Most deliveries and permission of lines in turn, and the permission of the scenario."""

Drawn = tuple[Sequence[tuple[int | None, bool | None]], bool]


def with_splits(planned: PlanningProblem, drawn: Drawn) -> PlanningProblem:
    """The problem with rules of splits."""
    rules, otherwise = drawn
    demands = [
        {**row, "maximum_deliveries": rules[n % len(rules)][0], "split_unfinished": rules[n % len(rules)][1]}
        for n, row in enumerate(planned.tables["demands"])
    ]
    return planned.with_rows("demands", demands).with_options(split_unfinished=otherwise)
