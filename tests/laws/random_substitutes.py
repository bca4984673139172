"""Substitutes drawn for the items of a random problem, and who may get them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from laws.problem import PlanningProblem, Row, date_of
from laws.repaired_networks import ITEMS, LOCATIONS

_ROW = st.fixed_dictionaries(
    {
        "pair": st.sampled_from([(a, b) for a in range(4) for b in range(4) if a != b]),
        "place": st.sampled_from([None, None, 0, 1]),
        "ratio": st.sampled_from([1, 1, 2, 0.5]),
        "rank": st.integers(1, 3),
        "direction": st.sampled_from(["one_way", "mutual", "form_fit_function"]),
        "first": st.sampled_from([None, None, 0, 4]),
        "days": st.sampled_from([None, None, 3, 12]),
    }
)
SUBSTITUTES = st.tuples(
    st.lists(_ROW, min_size=1, max_size=4),
    st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=4),
    st.booleans(),
    st.booleans(),
)
"""Rows, permissions of lines in turn, and the two permissions of the scenario."""

Drawn = tuple[Sequence[Mapping[str, Any]], Sequence[bool | None], bool, bool]


def with_substitutes(planned: PlanningProblem, drawn: Drawn) -> PlanningProblem:
    """The problem with substitutes; a class of items has no ratios, dates and locations, so that all ways are equal."""
    raw, allowed, lines, components = drawn
    named = sorted(
        {str(row["item"]) for name in ("demands", "on_hand") for row in planned.tables[name]} | set(ITEMS[:2])
    )
    rows: dict[frozenset[str], Row] = {}
    for own in raw:
        item, substitute = (named[n % len(named)] for n in own["pair"])
        free = own["direction"] == "form_fit_function"
        first, days = (None, None) if free else (own["first"], own["days"])
        if item != substitute:
            row: Row = {
                "item": item,
                "substitute": substitute,
                "location": None if free or own["place"] is None else LOCATIONS[own["place"]],
                "rank": own["rank"],
                "ratio": 1 if free else own["ratio"],
                "direction": own["direction"],
                "effective_from": None if first is None else date_of(first),
                "effective_to": None if days is None else date_of((first or 0) + days),
            }
            rows.setdefault(frozenset((item, substitute)), row)
    demands = [{**row, "substitution": allowed[n % len(allowed)]} for n, row in enumerate(planned.tables["demands"])]
    complete = [dict(row) for row in planned.tables["items"]]
    missing = set(named) - {str(row["item"]) for row in complete}
    if complete and missing:
        planned = planned.with_rows("items", [*complete, *({"item": name} for name in sorted(missing))])
    places = {row["location"] for row in planned.tables["locations"]}
    kept = [row for row in rows.values() if row["location"] is None or not places or row["location"] in places]
    planned = planned.with_rows("demands", demands).with_rows("substitutions", kept)
    return planned.with_options(substitution={"lines": lines, "components": components})
