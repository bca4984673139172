"""Small problems of substitution whose answer is known by hand, and runs that are broken by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from firmdate.plan.certify import certify
from laws.problem import PlanningProblem, Row, Solved, date_of, solved

Used = tuple[str, str, float, float]


def _line(item: str = "A", quantity: float = 100, day: int = 0, order: str = "SO", allowed: bool | None = True) -> Row:
    place = {"order": order, "line": "1", "item": item, "location": "DC"}
    return {**place, "quantity": quantity, "requested_date": date_of(day), "substitution": allowed}


def _stock(**quantities: float) -> list[Row]:
    return [{"item": item, "location": "DC", "quantity": quantity} for item, quantity in quantities.items()]


def _pair(item: str, substitute: str, **columns: Any) -> Row:
    return {"item": item, "substitute": substitute, **columns}


def _problem(
    stock: Sequence[Row], pairs: Sequence[Row], lines: Sequence[Row], options: Mapping[str, object], **tables: list[Row]
) -> PlanningProblem:
    every = {"on_hand": list(stock), "substitutions": list(pairs), "demands": list(lines), **tables}
    return PlanningProblem(every, {"horizon_days": 20, **options})


def _used(found: Solved) -> list[Used]:
    """Item, substitute, units that are replaced, and units of the substitute."""
    frame = found.tables().rule_tables["substitutions_used"]
    columns = [frame[name].tolist() for name in ("item", "substitute", "quantity", "substitute_quantity")]
    return list(zip(*columns, strict=True))


_CLASS = [_pair(a, b, direction="form_fit_function") for a, b in (("A", "B"), ("B", "C"))]
_LATER = {"type": "purchase", "location": "DC", "date": date_of(5), "quantity": 100}

CASES: dict[str, tuple[PlanningProblem, list[Used]]] = {
    "80 of A and 20 of B": (
        _problem(_stock(A=80, B=50), [_pair("A", "B")], [_line()], {}),
        [("A", "B", 20, 20)],
    ),
    "only the line that allows it": (
        _problem(_stock(A=80, B=50), [_pair("A", "B")], [_line(allowed=False), _line(order="B", quantity=1)], {}),
        [("A", "B", 1, 1)],
    ),
    "a line that leaves it to the scenario": (
        _problem(_stock(A=80, B=50), [_pair("A", "B")], [_line(allowed=None)], {"substitution": {"lines": True}}),
        [("A", "B", 20, 20)],
    ),
    "the best rank first": (
        _problem(_stock(A=80, B=50, C=15), [_pair("A", "B", rank=2), _pair("A", "C", rank=1)], [_line()], {}),
        [("A", "B", 5, 5), ("A", "C", 15, 15)],
    ),
    "two of B for one of A": (
        _problem(_stock(A=80, B=50), [_pair("A", "B", ratio=2)], [_line()], {}),
        [("A", "B", 20, 40)],
    ),
    "one way is not the other": (
        _problem(_stock(A=80, B=50), [_pair("B", "A")], [_line()], {"substitution": {"lines": True}}),
        [],
    ),
    "mutual, with half of A for one of B": (
        _problem(_stock(A=80, B=50), [_pair("A", "B", ratio=2, direction="mutual")], [_line("B", 70)], {}),
        [("B", "A", 20, 10)],
    ),
    "mutual, and both are short: nothing goes in circles": (
        _problem(
            _stock(A=80, B=50),
            [_pair("A", "B", direction="mutual")],
            [_line("A", 100), _line("B", 100, order="B")],
            {},
        ),
        [],
    ),
    "a class of three": (
        _problem(_stock(C=30), _CLASS, [_line("A", 20)], {}),
        [("A", "C", 20, 20)],
    ),
    "no chain without a class": (
        _problem(_stock(C=30), [_pair("A", "B"), _pair("B", "C")], [_line("A", 20)], {}),
        [],
    ),
    "not effective any more on the date": (
        _problem(_stock(B=50), [_pair("A", "B", effective_to=date_of(2))], [_line(day=3)], {}),
        [],
    ),
    "not effective yet": (
        _problem(_stock(B=100), [_pair("A", "B", effective_from=date_of(2))], [_line()], {}),
        [("A", "B", 100, 100)],
    ),
    "at another location": (
        _problem(_stock(B=50), [_pair("A", "B", location="SHOP")], [_line()], {}),
        [],
    ),
    "the item itself when it comes in time": (
        _problem(
            _stock(B=100),
            [_pair("A", "B")],
            [_line(day=5)],
            {},
            scheduled_receipts=[{"receipt": "R", "item": "A", **_LATER}],
        ),
        [],
    ),
    "the substitute when the item comes too late": (
        _problem(
            _stock(B=60),
            [_pair("A", "B")],
            [_line(day=4)],
            {},
            scheduled_receipts=[{"receipt": "R", "item": "A", **_LATER}],
        ),
        [("A", "B", 60, 60)],
    ),
    "a component": (
        _problem(
            _stock(A=4, B=50),
            [_pair("A", "B", ratio=3)],
            [_line("KIT", 5)],
            {"substitution": {"components": True}},
            bills_of_materials=[{"item": "KIT", "component": "A", "quantity_per": 2}],
        ),
        [("A", "B", 6, 18)],
    ),
    "a component where only lines allow it": (
        _problem(
            _stock(A=4, B=50),
            [_pair("A", "B")],
            [_line("KIT", 5)],
            {"substitution": {"lines": True}},
            bills_of_materials=[{"item": "KIT", "component": "A", "quantity_per": 2}],
        ),
        [],
    ),
}


@pytest.mark.parametrize(("planned", "expected"), CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("objective", ["tiers", "cost"])
def test_substitution(planned: PlanningProblem, expected: list[Used], objective: str) -> None:
    demands = [{**row, "penalty_per_day": 5} for row in planned.tables["demands"]]
    found = solved(planned.with_rows("demands", demands).with_options(objective=objective))
    found.certify()
    assert _used(found) == expected


def _broken(found: Solved, **columns: object) -> list[str]:
    written = found.tables()
    frame = written.rule_tables["substitutions_used"].assign(**columns)
    return certify(replace(written, rule_tables={"substitutions_used": frame}), found.data, found.scenario)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"substitute_quantity": 10.0}, "no row of substitutions allows this, in this ratio, on this date"),
        ({"quantity": 101.0, "substitute_quantity": 101.0}, "more is replaced than is delivered: 101 of 100"),
        ({"order": "OTHER"}, "there is no such order line"),
        ({"item": "B", "substitute": "A"}, "its order line is for something else"),
        ({"date": pd.Timestamp(date_of(3))}, "more is replaced than is delivered: 20 of 0"),
        ({"order": "", "line": ""}, "the scenario allows no substitutes of components"),
        ({"quantity": 10.0, "substitute_quantity": 10.0}, "more is used than is there: 10 units are missing"),
    ],
)
def test_a_substitution_that_is_written_wrong_is_named(columns: Mapping[str, object], expected: str) -> None:
    found = solved(CASES["80 of A and 20 of B"][0])
    assert [text for text in _broken(found, **columns) if text.endswith(expected)] != []


def test_a_substitution_that_its_line_does_not_allow_is_named() -> None:
    found = solved(CASES["80 of A and 20 of B"][0])
    written = found.tables()
    refused = replace(found, data=found.data.with_table("demands", found.data["demands"].assign(substitution=False)))
    assert "its order line allows no substitute" in certify(written, refused.data, found.scenario)[0]
