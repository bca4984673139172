"""The balance of every stocking point, reserved stock, and the written projected stock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.plan.certify_basis import (
    BLANK_DAY,
    Basis,
    BoolArray,
    Findings,
    FloatArray,
    IntArray,
    find,
    numbers,
    plain,
    sums,
    tolerance,
)
from firmdate.plan.certify_demand import Deliveries, Demand, Lines
from firmdate.plan.certify_postings import OrderPostings
from firmdate.plan.certify_priority import expected_tiers
from firmdate.plan.certify_ship_from import OtherShipments
from firmdate.plan.certify_substitutes import Substitutions

_WIDTH = np.int64(2**33)
"""More than the number of days, so that a stocking point and a day make one key."""


@dataclass(frozen=True)
class Events:
    """The balance at the end of each date on which something happens, sorted by stocking point and day.

    Args:
        point: Stocking point.
        day: Day.
        change: Units that arrive less units that leave on that date.
        balance: Units at the end of the date.
        reserved: Units that are kept for lines to which they are not delivered yet.
        firm: Units that firm planned orders have taken so far: as much may be short.
        noise: Largest difference that is still noise.
    """

    point: IntArray
    day: IntArray
    change: FloatArray
    balance: FloatArray
    reserved: FloatArray
    firm: FloatArray
    noise: FloatArray

    def at(self, point: IntArray, day: IntArray) -> IntArray:
        """The last event of a stocking point on or before a day; -1 where there is none."""
        if not len(self.point):
            return np.full(len(point), -1, dtype=np.int64)
        at = np.searchsorted(self.point * _WIDTH + self.day, point * _WIDTH + day, side="right") - 1
        return np.where((at >= 0) & (self.point[at] == point), at, -1)


@dataclass(frozen=True)
class _Flow:
    """Changes of quantities kept by stocking point: one row each."""

    point: IntArray
    day: IntArray
    quantity: FloatArray

    def inside(self, basis: Basis) -> _Flow:
        """Without what lies outside the horizon, which is a finding of its own."""
        kept = basis.inside(self.day) & (self.point >= 0) & np.isfinite(self.quantity)
        return _Flow(self.point[kept], self.day[kept], self.quantity[kept])


def check_stock(
    found: Findings,
    basis: Basis,
    demand: Demand,
    postings: OrderPostings,
    used: Substitutions,
    sent: OtherShipments,
    frame: pd.DataFrame,
) -> None:
    """Nothing is used that is not there, and the written stock is right.

    Args:
        found: Where findings go.
        basis: Ids and days.
        demand: The demand lines and their deliveries.
        postings: What the written orders supply and take.
        used: Substitutes that are used.
        sent: What other locations ship to lines.
        frame: The written table ``stock``.
    """
    opening = _on_hand(basis)
    granted = _granted(basis, demand, opening)
    events = _events(basis, demand, postings, used, sent, opening, granted)

    def text(row: int) -> str:
        return f"{basis.point_text(events.point[row])} {basis.date(events.day[row])}"

    rows = found.of("stock", text)
    short = events.balance + events.firm
    rows.add(
        short < -events.noise, "more is used than is there:", lambda row: f"{plain(-short[row])} units are missing"
    )
    rows.add(
        (short >= -events.noise) & (short < events.reserved - events.noise),
        "reserved units are given to others:",
        lambda row: f"{plain(short[row])} of {plain(events.reserved[row])} are left",
    )
    _check_written(found, basis, events, frame)


def _on_hand(basis: Basis) -> _Flow:
    """Stock at the start: bins are added up first, and a negative sum counts as nothing."""
    table = basis.data["on_hand"]
    if "on_hand" not in basis.scenario.supply_sources:
        table = table.iloc[:0]
    point, at = np.unique(basis.points(table), return_inverse=True)
    total = sums(at, table["quantity"].to_numpy(np.float64), len(point))
    return _Flow(point, np.zeros(len(point), dtype=np.int64), np.maximum(total, 0.0))


def _receipts(basis: Basis) -> _Flow:
    """Scheduled receipts of the horizon; what is overdue counts on the planning date."""
    table = basis.data["scheduled_receipts"]
    if "scheduled_receipts" not in basis.scenario.supply_sources:
        table = table.iloc[:0]
    day = basis.day(table["date"])
    inside = day < basis.days
    quantity = table["quantity"].to_numpy(np.float64)[inside]
    return _Flow(basis.points(table)[inside], np.maximum(day, 0)[inside], quantity)


def _granted(basis: Basis, demand: Demand, opening: _Flow) -> FloatArray:
    """Units on hand that are kept for each line: the better tier, then the earlier requested date, is served first."""
    table, lines = basis.data["reservations"], demand.lines
    line = find(demand.ids.keys(table), lines.key)
    line = np.where(np.append(lines.point, -1)[line] == basis.points(table), line, -1)
    asked = sums(line[line >= 0], table["quantity"].to_numpy(np.float64)[line >= 0], len(lines))
    rows = np.flatnonzero(asked > 0)
    names = [
        np.unique(lines.frame[name].iloc[rows].to_numpy(dtype=object).astype(str), return_inverse=True)[1]
        for name in ("line", "order")
    ]
    tier = expected_tiers(lines.frame, basis.scenario)[rows]
    rows = rows[np.lexsort((*names, lines.requested[rows], tier, lines.point[rows]))]
    wanted, point = np.minimum(asked, lines.quantity)[rows], lines.point[rows]
    total = np.concatenate([[0.0], np.cumsum(wanted)])
    before = total[:-1] - total[np.searchsorted(point, point, side="left")]
    there = np.append(opening.quantity, 0.0)[find(point, opening.point)]
    granted = np.zeros(len(lines))
    granted[rows] = np.clip(there - before, 0.0, wanted)
    return granted


def _reserved_flow(lines: Lines, shipped: Deliveries, granted: FloatArray) -> _Flow:
    """Reserved units: there from the start, and gone with the first deliveries to their line."""
    held = np.flatnonzero(granted > 0)
    rows = np.flatnonzero((shipped.line >= 0) & (shipped.day < BLANK_DAY) & (np.append(granted, 0.0)[shipped.line] > 0))
    rows = rows[np.lexsort((shipped.day[rows], shipped.line[rows]))]
    line = shipped.line[rows]
    total = np.concatenate([[0.0], np.cumsum(np.nan_to_num(shipped.quantity[rows]))])
    base = total[np.searchsorted(line, line, side="left")]
    limit = granted[line]
    used = np.minimum(total[1:] - base, limit) - np.minimum(total[:-1] - base, limit)
    return _Flow(
        np.concatenate([lines.point[held], lines.point[line]]),
        np.concatenate([np.zeros(len(held), dtype=np.int64), shipped.ship[rows]]),
        np.concatenate([granted[held], -used]),
    )


def _events(
    basis: Basis,
    demand: Demand,
    postings: OrderPostings,
    used: Substitutions,
    sent: OtherShipments,
    opening: _Flow,
    granted: FloatArray,
) -> Events:
    """Everything that comes and goes, by stocking point and date."""
    lines, shipped = demand.lines, demand.shipped
    known = shipped.line >= 0
    supplies, takes = postings.supplies, postings.takes.where(basis.inside(postings.takes.day))
    flows = [
        flow.inside(basis)
        for flow in (
            opening,
            _receipts(basis),
            _Flow(supplies.target, supplies.day, supplies.quantity),
            _Flow(takes.target, takes.day, -takes.quantity),
            _Flow(used.item, used.day, used.quantity),
            _Flow(used.substitute, used.day, -used.taken),
            _Flow(sent.own, sent.day, sent.quantity),
            _Flow(sent.other, sent.day, -sent.quantity),
            _Flow(lines.point[shipped.line[known]], shipped.ship[known], -shipped.quantity[known]),
        )
    ]
    reserved = _reserved_flow(lines, shipped, granted).inside(basis)
    parts = [*flows, reserved]
    key = np.concatenate([flow.point * _WIDTH + flow.day for flow in parts])
    distinct, at = np.unique(key, return_inverse=True)
    quantity = np.concatenate([flow.quantity for flow in flows])
    moved, count = at[: len(quantity)], len(distinct)
    point = distinct // _WIDTH
    firm_key = np.searchsorted(distinct, (takes.target * _WIDTH + takes.day)[takes.firm])
    change = sums(moved, quantity, count)
    first = np.searchsorted(point, point, side="left")
    last = np.searchsorted(point, point, side="right") - 1

    def running(values: FloatArray) -> FloatArray:
        """Running totals inside each stocking point."""
        total = np.concatenate([[0.0], np.cumsum(values)])
        return np.asarray(total[1:] - total[first])

    volume = running(sums(moved, np.abs(quantity), count))
    return Events(
        point=point,
        day=distinct - point * _WIDTH,
        change=change,
        balance=running(change),
        reserved=running(sums(at[len(quantity) :], reserved.quantity, count)),
        firm=running(sums(firm_key, takes.quantity[takes.firm], count)),
        noise=tolerance(volume[last]),
    )


def _check_written(found: Findings, basis: Basis, events: Events, frame: pd.DataFrame) -> None:
    """Every written quantity is the balance, and every date with a change is written."""
    point, day, quantity = basis.points(frame), basis.day(frame["date"]), numbers(frame["quantity"])
    key = point * _WIDTH + day

    def text(row: int) -> str:
        return f"{frame['item'].iloc[row]} at {frame['location'].iloc[row]} {basis.date(day[row])}"

    rows = found.of("stock", text)
    inside = basis.inside(day)
    rows.add(~inside, "lies outside the horizon")
    rows.add(pd.Series(key).duplicated().to_numpy(), "is written twice")
    at = events.at(point, day)
    balance, noise = np.append(events.balance, 0.0)[at], np.append(events.noise, tolerance(np.zeros(1)))[at]
    wrong = ~_explained(events, point, day, quantity - balance, noise)
    rows.add(
        inside & wrong,
        "is not what comes and goes:",
        lambda row: f"{plain(quantity[row])}, expected {plain(balance[row])}",
    )
    missing = ~np.isin(events.point * _WIDTH + events.day, key) & (np.abs(events.change) > 2 * events.noise)
    found.of("stock", lambda row: f"{basis.point_text(events.point[row])} {basis.date(events.day[row])}").add(
        missing, "a date with a change that is not written,", lambda row: f"with {plain(events.balance[row])}"
    )


def _explained(events: Events, point: IntArray, day: IntArray, surplus: FloatArray, noise: FloatArray) -> BoolArray:
    """Whether written stock is the balance; it may leave out what firm orders take and nobody has.

    Such a shortage is a debt that no later supply pays: from its date on the written stock is higher than the balance,
    by no more than what firm orders took since the row before.
    """
    taken = np.append(events.firm, 0.0)[events.at(point, day)]
    order = np.lexsort((day, point))
    same = np.concatenate([[False], point[order][1:] == point[order][:-1]])
    before = np.where(same, np.concatenate([[0.0], surplus[order][:-1]]), 0.0)
    taken_before = np.where(same, np.concatenate([[0.0], taken[order][:-1]]), 0.0)
    grown = surplus[order] - before
    fits = np.empty(len(point), dtype=bool)
    fits[order] = (grown >= -noise[order]) & (grown <= taken[order] - taken_before + noise[order])
    return np.asarray(fits | (np.abs(surplus) <= noise))
