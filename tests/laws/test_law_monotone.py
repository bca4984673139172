"""More is never worse: capacity, supply, freedom from capacity, and less demand of the worst tier.

Levels are compared one after the other: up to the first that differs all are equal, and that one is not worse.
"""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from laws.law_settings import law
from laws.lexicographic import agreement
from laws.problem import PlanningProblem, Row, Solved, date_of, solved
from laws.random_networks import Kinds, problems

SERVICE = ("shortage_level", "tier_level", "priority_level")


def _service(found: Solved, tiers: int | None = None) -> list[float]:
    """Optima of the levels of service (best first), up to some number of tiers."""
    return [
        value
        for (name, tier), value in found.level_values().items()
        if name in SERVICE and (tiers is None or name == "shortage_level" or tier < tiers)
    ]


def _assert_not_worse(better: Iterable[float], worse: Iterable[float], *, with_integers: bool) -> None:
    noise = agreement(with_integers)
    for one, other in zip(better, worse, strict=True):
        assert one <= other + noise
        if one < other - noise:
            return


def _capacity_table(found: PlanningProblem) -> str:
    return "supplier_capacity" if found.tables["supplier_capacity"] else "resource_capacity"


@law(15)
@given(problems(Kinds(objective="tiers")), st.integers(0, 7), st.integers(1, 10), st.booleans())
def test_more_capacity_is_never_worse(planned: PlanningProblem, which: int, more: int, lanes: bool) -> None:
    table, column = _capacity_table(planned), "quantity"
    if table == "resource_capacity":
        column = "hours"
    if lanes and planned.tables["lanes"]:
        table, column = "lanes", "capacity_per_day"
    rows = [dict(row) for row in planned.tables[table]]
    if rows:
        row = rows[which % len(rows)]
        row[column] = None if row[column] is None else row[column] + more
    before, after = solved(planned), solved(planned.with_rows(table, rows))
    _assert_not_worse(_service(after), _service(before), with_integers=bool(before.program.integer.any()))


@law(15)
@given(problems(Kinds(objective="tiers")), st.integers(0, 3), st.integers(0, 3), st.integers(0, 40), st.integers(1, 9))
def test_more_supply_is_never_worse(
    planned: PlanningProblem, item: int, location: int, day: int, quantity: int
) -> None:
    lines = planned.tables["demands"]
    receipt: Row = {
        "receipt": "more",
        "type": "purchase",
        "item": lines[item % len(lines)]["item"],
        "location": lines[location % len(lines)]["location"],
        "date": date_of(day),
        "quantity": quantity,
    }
    more = planned.with_rows("scheduled_receipts", [*planned.tables["scheduled_receipts"], receipt])
    before, after = solved(planned), solved(more)
    _assert_not_worse(_service(after), _service(before), with_integers=bool(before.program.integer.any()))


@law(15)
@given(problems(Kinds(objective="tiers", mode="constrained")))
def test_constrained_lines_are_never_earlier_than_unconstrained_ones(planned: PlanningProblem) -> None:
    before, after = solved(planned), solved(planned.with_options(mode="unconstrained"))
    _assert_not_worse(_service(after), _service(before), with_integers=bool(before.program.integer.any()))


@law(15)
@given(problems(Kinds(objective="tiers")), st.integers(0, 7))
def test_a_line_less_in_the_worst_tier_never_worsens_the_better_tiers(planned: PlanningProblem, which: int) -> None:
    lines = planned.tables["demands"]
    tier = {id(row): (row["kind"] == "forecast", row["tier"]) for row in lines}
    last = [row for row in lines if tier[id(row)] == max(tier.values())]
    gone = last[which % len(last)]
    kept = [row for row in lines if row is not gone]
    reservations = [
        row for row in planned.tables["reservations"] if (row["order"], row["line"]) != (gone["order"], gone["line"])
    ]
    less = planned.with_rows("demands", kept).with_rows("reservations", reservations)
    tiers = len(set(tier.values())) - 1
    if tiers:
        before, after = solved(planned), solved(less)
        noise = bool(before.program.integer.any())
        _assert_not_worse(_service(after, tiers), _service(before, tiers), with_integers=noise)
