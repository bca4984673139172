"""Rows of the tables of a plan as plain tuples, easy to read in a test."""

from __future__ import annotations

import pandas as pd

from firmdate.plan.result import Plan


def plain(value: object) -> object:
    """A cell as text, whole number or number; blank is the empty text."""
    if value is None or value is pd.NaT or value != value:  # noqa: PLR0124
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, float):
        rounded = round(value, 6)
        return int(rounded) if rounded == int(rounded) else rounded
    return value


def rows(plan: Plan, name: str, *columns: str, **where: str) -> list[tuple[object, ...]]:
    """Some columns of the rows of a table that have these values."""
    frame = getattr(plan, name)
    for column, value in where.items():
        frame = frame[frame[column].astype(str) == value]
    return [tuple(plain(value) for value in row) for row in frame[list(columns)].itertuples(index=False, name=None)]
