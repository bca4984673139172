"""Checks inside one table: keys, ranges, intervals and columns that belong together."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from firmdate.data.columns import Column, Table
from firmdate.data.findings import Findings, cell, first_of_each, in_rows, shown
from firmdate.data.keys import positions, row_keys
from firmdate.data.tables import TABLES

_ORDERED_PAIRS = (
    ("lanes", "effective_from", "effective_to", "the lane ends before it begins"),
    ("bills_of_materials", "effective_from", "effective_to", "the row ends before it begins"),
    ("substitutions", "effective_from", "effective_to", "the row ends before it begins"),
    ("stocking_points", "minimum", "maximum", "the maximum is below the minimum"),
    ("demands", "earliest_date", "latest_acceptable_date", "the last acceptable day is before the first"),
    ("demands", "minimum_shipment", "quantity", "the line is smaller than its smallest shipment"),
    ("planned_orders", "start_date", "due_date", "the order is due before it starts"),
)
_INTERVALS = (
    ("resource_capacity", ("resource",)),
    ("supplier_capacity", ("supplier", "item")),
    ("allocations", ("item", "location", "node")),
)
LARGEST_NUMBER = 1e12
"""Beyond it a sum of quantities has no room left for single units, and the solver none for its tolerances."""
SMALLEST_QUANTITY = 1e-4
"""A quantity below it comes near the noise of the plan (1e-6), so whether it is served cannot be told."""
_QUANTITIES = ("on_hand", "reservations", "scheduled_receipts", "planned_orders", "demands")


_CHECK_CHANGES = "check what the changes of the scenario do to it"


def check_rows(findings: Findings) -> None:
    """All checks that look at one table at a time."""
    for table in (table for table in TABLES if len(findings.data[table.name])):
        _check_keys(findings, table)
        for column in table.columns:
            _check_range(findings, table.name, column)
    for table_name, low, high, message in _ORDERED_PAIRS:
        _check_order(findings, table_name, low, high, message)
    _check_intervals(findings)
    _check_calendars(findings)
    _check_stocking_points(findings)
    _check_lanes(findings)
    _check_whole_units(findings)


def _check_keys(findings: Findings, table: Table) -> None:
    """No two rows have the same key; a blank in a key is a value of its own."""
    frame = findings.data[table.name]
    keys = row_keys(frame, table.keys)
    repeated = pd.Series(keys).duplicated().to_numpy()
    if not repeated.any():
        return
    first = pd.Series(np.arange(len(keys))).groupby(keys).transform("first").to_numpy()

    def message(row: int) -> str:
        where = findings.data.where(table.name, int(frame.index[first[row]]))
        return f"the key is there already, in {where} (got {shown(frame, table.keys, row)}); remove one of the two rows"

    findings.rows(table.name, ", ".join(table.keys), repeated, message)


def _check_range(findings: Findings, table: str, column: Column) -> None:
    frame = findings.data[table]
    if column.kind not in ("number", "integer") or not len(frame):
        return
    values = frame[column.name].to_numpy()
    infinite = np.isinf(values)
    findings.rows(
        table, column.name, infinite, lambda row: f"not a finite number (got {values[row]}); {_CHECK_CHANGES}"
    )
    _check_size(findings, table, column, np.where(infinite, 0.0, values))
    if column.minimum is None:
        return
    limit = column.minimum
    wrong = (values <= limit if column.exclusive else values < limit) & ~infinite
    if column.exclusive:
        rule = f"must be more than {limit:g}"
    else:
        rule = f"must be at least {limit:g}" if limit else "must not be negative"
    findings.rows(table, column.name, wrong, lambda row: f"{rule} (got {cell(frame, column.name, row)})")


def _check_size(findings: Findings, table: str, column: Column, values: np.ndarray) -> None:
    """No number is so large, and no quantity so small, that the plan could not tell it from its neighbours."""
    frame = findings.data[table]
    large = np.abs(values) > LARGEST_NUMBER
    top = f"the largest number is {LARGEST_NUMBER:g}; choose a larger unit"
    findings.rows(
        table, column.name, large, lambda row: f"number too large (got {cell(frame, column.name, row)}); {top}"
    )
    if column.exclusive:
        small = (values > 0) & (values < SMALLEST_QUANTITY)
        least = f"the smallest quantity is {SMALLEST_QUANTITY:g}; choose a smaller unit"
        findings.rows(
            table, column.name, small, lambda row: f"quantity too small (got {cell(frame, column.name, row)}); {least}"
        )


def _check_order(findings: Findings, table: str, low: str, high: str, message: str) -> None:
    """A pair of columns of which the first must not exceed the second; a blank has no limit."""
    frame = findings.data[table]
    wrong = (frame[low] > frame[high]).to_numpy()
    findings.rows(table, high, wrong, lambda row: f"{message} (got {shown(frame, (low, high), row)})")


def _check_intervals(findings: Findings) -> None:
    """Intervals are not empty, and those of one resource or one supplier and item do not overlap."""
    for table, group in (*_INTERVALS, ("calendars", ("calendar",))):
        frame = findings.data[table]
        empty = (frame["start"] >= frame["end"]).to_numpy()
        findings.rows(table, "end", empty, partial(_empty_interval, frame))
        if table != "calendars":
            keys = row_keys(frame, group)
            usable = ~empty & ~pd.Series(row_keys(frame, (*group, "start", "end"))).duplicated().to_numpy()
            _report_overlaps(findings, table, _overlaps(frame, keys, usable, usable), "")


def _empty_interval(frame: pd.DataFrame, row: int) -> str:
    return f"the interval has no day; end is the day after the last (got {shown(frame, ('start', 'end'), row)})"


def _check_calendars(findings: Findings) -> None:
    """Overlapping intervals of a calendar must agree."""
    frame = findings.data["calendars"]
    keys = row_keys(frame, ("calendar",))
    usable = (frame["start"] < frame["end"]).to_numpy()
    working = frame["working"].to_numpy()
    pairs = [_overlaps(frame, keys, usable & working, usable & ~working)]
    pairs.append(_overlaps(frame, keys, usable & ~working, usable & working))
    later, earlier = (np.concatenate(part) for part in zip(*pairs, strict=True))
    order = np.argsort(later, kind="stable")
    _report_overlaps(findings, "calendars", (later[order], earlier[order]), " and contradicts it")


def _overlaps(
    frame: pd.DataFrame, keys: np.ndarray, later: np.ndarray, earlier: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of ``later`` that begin before an interval of ``earlier`` with the same key has ended.

    Args:
        frame: Frame with start and end.
        keys: One key a row; only intervals of the same key are compared.
        later: Flag a row: look for an interval that it overlaps.
        earlier: Flag a row: it may be overlapped.

    Returns:
        Positions of the rows and of the row that each overlaps, ascending.
    """
    rows = np.flatnonzero(later | earlier)
    start = frame["start"].to_numpy().astype(np.int64)
    end = frame["end"].to_numpy().astype(np.int64)
    rows = rows[np.lexsort((rows, start[rows], keys[rows]))]
    ends = pd.Series(np.where(earlier[rows], end[rows], -(2**62)))
    longest = ends.groupby(keys[rows]).cummax()
    before = longest.groupby(keys[rows]).shift(1, fill_value=-(2**62)).to_numpy()
    holder = pd.Series(np.where(ends == longest, np.arange(len(rows)), 0)).cummax().shift(1, fill_value=0).to_numpy()
    found = (start[rows] < before) & later[rows]
    order = np.argsort(rows[found])
    return rows[found][order], rows[holder[found]][order]


def _report_overlaps(findings: Findings, table: str, pairs: tuple[np.ndarray, np.ndarray], suffix: str) -> None:
    frame = findings.data[table]
    other = dict(zip(pairs[0].tolist(), pairs[1].tolist(), strict=True))

    def message(row: int) -> str:
        where = findings.data.where(table, int(frame.index.to_numpy()[other[row]]))
        ours, theirs = (f"{cell(frame, 'start', place)} to {cell(frame, 'end', place)}" for place in (row, other[row]))
        both = f"(got {ours}, and there {theirs})"
        return f"the interval overlaps the one in {where}{suffix} {both}; end one where the other begins"

    findings.rows(table, "start", np.array(sorted(other), dtype=np.int64), message)


def _check_stocking_points(findings: Findings) -> None:
    frame = findings.data["stocking_points"]
    searched = (frame["search"] == "lead_time").to_numpy() & frame["lead_time_days"].isna().to_numpy()
    message = "blank, but a search by lead_time needs it; give the days, or search by supply_chain"
    findings.rows("stocking_points", "lead_time_days", searched, lambda _: message)
    for column in ("minimum", "maximum"):
        blank = (frame["coverage"] == "min_max").to_numpy() & frame[column].isna().to_numpy()
        findings.rows("stocking_points", column, blank, lambda _: "blank, but coverage by min_max needs it")


def _check_lanes(findings: Findings) -> None:
    frame = findings.data["lanes"]
    same = positions(frame["destination"], frame["origin"].cat.categories) == frame["origin"].cat.codes.to_numpy()
    message = "the lane leads from a location to itself"
    findings.rows(
        "lanes",
        "destination",
        same,
        lambda row: f"{message} (got {cell(frame, 'origin', row)!r}); name another one, or remove the row",
    )


def _check_whole_units(findings: Findings) -> None:
    """Fractions of an item that comes in whole units: the plan rounds, so they are never delivered in full."""
    items = findings.data["items"]
    split = pd.Index(items["item"][~items["whole_units"]].astype("str").unique())
    for table in _QUANTITIES:
        frame = findings.data[table]
        quantity = frame["quantity"].to_numpy()
        fraction = np.isfinite(quantity) & (quantity != np.rint(quantity))
        rows = fraction & (positions(frame["item"], split) < 0)
        if not rows.any():
            continue
        first, times = first_of_each(frame["item"].cat.codes.to_numpy()[rows])
        often = dict(zip(np.flatnonzero(rows)[first].tolist(), times.tolist(), strict=True))

        def message(row: int, frame: pd.DataFrame = frame, often: dict[int, int] = often) -> str:
            got = f"(got {cell(frame, 'quantity', row)} of {cell(frame, 'item', row)!r}{in_rows(often[row])})"
            return f"a fraction of an item that comes in whole units {got}; set its whole_units to false to split it"

        findings.rows(table, "quantity", np.array(list(often)), message, warning=True)
