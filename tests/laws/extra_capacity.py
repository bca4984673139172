"""Overtime and extra units drawn for the capacity intervals of a random problem."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from laws.problem import PlanningProblem

COLUMNS = {
    "resource_capacity": ("overtime_hours", "overtime_cost"),
    "supplier_capacity": ("extra_quantity", "extra_cost"),
}

Extra = tuple[int, int]
"""Hours or units, and the price of one."""


EXTRAS = st.one_of(
    st.just([(0, 0)]), st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4)), min_size=1, max_size=4)
)


def with_extra(planned: PlanningProblem, extras: Sequence[Extra]) -> PlanningProblem:
    """The problem with some of the extras on its intervals, in turn."""
    for table, (quantity, price) in COLUMNS.items():
        rows = [
            {**row, quantity: extras[at % len(extras)][0], price: extras[at % len(extras)][1]}
            for at, row in enumerate(planned.tables[table])
        ]
        planned = planned.with_rows(table, rows)
    return planned
