"""Releases as sentences, from the rows of a run's tables alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

Row = Mapping[str, Any]
"""A row of a table: values by column."""


ROLES = {"supply": "", "gating": "held by: ", "also": "and by: "}
"""How a step of a chain begins, by its role; what holds the line back is marked."""


def records(table: pd.DataFrame) -> list[Row]:
    """The rows of a table."""
    names = [str(name) for name in table.columns]
    texts = (isinstance(dtype, pd.StringDtype) for dtype in table.dtypes)
    # Single cells of columns of texts are slow: those of Arrow are made anew each time.
    columns = [
        (table[name].astype(object) if is_text else table[name]).tolist()
        for name, is_text in zip(table.columns, texts, strict=True)
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def release_phrase(row: Row) -> str:
    """What to change and what it would bring at most; blank where nothing that a planner changes helps.

    Args:
        row: A row of the tables ``releases`` or ``causes``.

    >>> release_phrase(
    ...     {"kind": "receipt", "name": "PO_7", "days": 7, "gain_days": 5, "gain_unit_days": 40.0, "gain_lines": 3}
    ... )
    'receipt PO_7 7 days earlier would bring 3 lines forward by up to 5 days (at most 40 late unit-days less)'
    """
    what = release_text(row)
    if not what or row["gain_unit_days"] <= 0:
        return ""
    lines = row.get("gain_lines")
    many = "it" if lines is None else counted(int(lines), "line")
    gain = f"would bring {many} forward by up to {counted(int(row['gain_days']), 'day')}"
    return f"{what} {gain} (at most {measured(row['gain_unit_days'], 'late unit-day')} less)"


def release_text(row: Row) -> str:
    """What to change; blank where nothing that a planner changes helps."""
    if row["days"]:
        days = counted(int(row["days"]), "day")
        if row["kind"] == "lead_time":
            return f"a lead time of {_way(row)} shorter by {days}"
        return f"{row['kind'].replace('_', ' ')} {row['name']} {days} earlier"
    return _more(row) if row["amount"] else ""


def _more(row: Row) -> str:
    """More capacity or supply."""
    kind, name = row["kind"], row["name"]
    units = measured(row["amount"], "unit")
    if kind == "resource":
        return f"{number(row['amount'])} h more on {name} {span(row['start'], row['end'])}"
    if kind == "supplier":
        own = f" of {row['item']}" if row["item"] else ""
        return f"{units} more{own} from {name} {span(row['start'], row['end'])}"
    if kind == "lane":
        return f"{units} more on {name} {span(row['start'], row['end'])}"
    return f"{units} more of {name}"


def _way(row: Row) -> str:
    """The activity whose lead time counts."""
    if row["origin"]:
        return f"{row['item']} from {row['origin']} to {row['location']}"
    return f"{row['item']} at {row['location']}" + (f" ({row['way']})" if row["way"] else "")


@lru_cache(maxsize=10_000)
def span(start: pd.Timestamp, end: pd.Timestamp) -> str:
    """Dates of an interval whose end is exclusive.

    >>> span(pd.Timestamp("2021-01-04"), pd.Timestamp("2021-01-11"))
    'in the week from 2021-01-04'
    """
    days = 1 if pd.isna(end) else (end - start).days
    if days == 1:
        return f"on {start:%Y-%m-%d}"
    if days == 7:
        return f"in the week from {start:%Y-%m-%d}"
    return f"from {start:%Y-%m-%d} to {end - pd.Timedelta(days=1):%Y-%m-%d}"


def counted(count: int, noun: str) -> str:
    """``1 day``, ``2 days``."""
    return f"{count} {noun}" if count == 1 else f"{count:,} {noun}s"


def measured(value: float, noun: str) -> str:
    """A figure with its noun.

    >>> measured(1.0, "unit"), measured(2.5, "unit")
    ('1 unit', '2.5 units')
    """
    text = number(value)
    return f"{text} {noun}" if text == "1" else f"{text} {noun}s"


def number(value: float) -> str:
    """A figure with at most two decimals."""
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return text or "0"
