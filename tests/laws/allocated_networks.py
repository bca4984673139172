"""Random planning problems whose supply is allocated over a small tree."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from laws.problem import PlanningProblem, Row, date_of
from laws.random_networks import problems
from laws.repaired_networks import Kinds

NODES = ("ALL", "EAST", "WEST", "EAST_1")
PARENT = {"ALL": None, "EAST": "ALL", "WEST": "ALL", "EAST_1": "EAST"}

_SHARE = st.fixed_dictionaries(
    {
        "named": st.tuples(st.booleans(), st.sampled_from([False, False, True])),
        "demand": st.integers(0, 6),
        "node": st.sampled_from(NODES),
        "begin": st.integers(-5, 25),
        "length": st.sampled_from([3, 10, 60]),
        "percent": st.one_of(st.none(), st.sampled_from([100, 50, 40, 33.3, 0])),
        "quantity": st.integers(0, 15),
        "of_rest": st.booleans(),
    }
)


def allocated_problems(kinds: Kinds | None = None) -> st.SearchStrategy[PlanningProblem]:
    """Problems with allocations, of which some lines have a node."""
    return st.builds(
        _allocated,
        problems(kinds),
        st.lists(_SHARE, min_size=1, max_size=6),
        st.lists(st.sampled_from([None, *NODES]), min_size=7, max_size=7),
        st.lists(st.tuples(st.integers(1, 3), st.sampled_from([100, 50, 0])), min_size=4, max_size=4),
    )


def _allocated(
    planned: PlanningProblem, shares: list[dict[str, Any]], nodes: list[str | None], ranks: list[tuple[int, int]]
) -> PlanningProblem:
    lines = planned.tables["demands"]
    rows: dict[tuple[Any, ...], Row] = {}
    for share in shares:
        line = lines[share["demand"] % len(lines)]
        item = line["item"] if share["named"][0] else None
        location = line["location"] if share["named"][1] else None
        percent = share["percent"]
        rows.setdefault(
            (item, location, share["node"]),
            {
                "item": item,
                "location": location,
                "node": share["node"],
                "start": date_of(share["begin"]),
                "end": date_of(share["begin"] + share["length"]),
                "percent": percent,
                "quantity": share["quantity"] if percent is None else None,
                "percent_of": "remaining" if share["of_rest"] else "supply",
            },
        )
    tree: list[Row] = [
        {"node": node, "parent": PARENT[node], "rank": rank, "protection": protection}
        for node, (rank, protection) in zip(NODES, ranks, strict=True)
    ]
    with_nodes = [{**line, "allocation_node": node} for line, node in zip(lines, nodes, strict=False)]
    allocated = planned.with_rows("demands", with_nodes).with_rows("allocations", list(rows.values()))
    return allocated.with_rows("allocation_nodes", tree)
