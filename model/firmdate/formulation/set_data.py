"""Ship sets for the rules: dates, what gathers for the lines until their set leaves, and what the dates cost.

Lateness of a line in a set is that of its set, so every level counts the date that the set chooses and not the
deliveries of its lines: what is bought for them may come earlier and wait.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.formulation.backlog_data import commitment_ranks, due_weights, is_moved, priority_weights
from firmdate.formulation.builder import Builder
from firmdate.network.horizon import NO_DAY, FloatArray, IntArray
from firmdate.network.network import Network


@dataclass(frozen=True)
class Gatherings:
    """Supply of lines in sets between one date and the next, sorted by class and day.

    Args:
        of_class: Class of each row.
        day: Last day of the row; :data:`NO_DAY` for what comes after the last date.
        previous: Row of the same class before it, -1 for the first.
        closed: True where nothing is carried on, since the set has left by then.
        delivery: Deliveries of the rows.
        of_delivery: Row of each.
        date: Dates of the rows.
        of_date: Row of each.
    """

    of_class: IntArray
    day: IntArray
    previous: IntArray
    closed: IntArray
    delivery: IntArray
    of_delivery: IntArray
    date: IntArray
    of_date: IntArray

    def __len__(self) -> int:
        return len(self.of_class)


@dataclass(frozen=True)
class _LineDates:
    """Lines of sets × dates of their sets: class, row of the date, day and units."""

    of_class: IntArray
    date: IntArray
    day: IntArray
    units: FloatArray


def gatherings(network: Network) -> Gatherings:
    """When supply for lines of sets is counted.

    A date needs a row of its own only if something that was bought arrives before the next date: stock is taken on the
    date itself.
    """
    sets, deliveries = network.ship_sets, network.deliveries
    none = np.empty(0, dtype=np.int64)
    if not len(sets):
        return Gatherings(none, none, none, none, none, none, none, none)
    rows = np.flatnonzero(sets.of_class[deliveries.of_class] >= 0)
    of_class, day = deliveries.of_class[rows], deliveries.day[rows]
    dates = line_dates(network)
    width = np.int64(2 * network.horizon.days + 2)
    keys = np.sort(dates.of_class * width + dates.day)
    bought = deliveries.node[rows] < 0
    # The date before each arrival, and the last date of each class.
    before = np.searchsorted(keys, of_class[bought] * width + day[bought]) - 1
    ends = before[(before >= 0) & (np.append(keys, -1)[before] // width == of_class[bought])]
    last = np.flatnonzero(np.diff(keys // width, append=-1))
    closing = keys[last]
    keys = keys[np.unique(np.concatenate([ends, last]))]
    after = np.searchsorted(keys, of_class * width + day)
    late = np.append(keys, -1)[after] // width != of_class
    keys = np.unique(np.concatenate([keys, np.unique(of_class[late]) * width + width - 1]))
    row_class, row_day = keys // width, keys % width
    first = np.diff(row_class, prepend=-1) != 0
    closed = np.isin(keys, closing) | (row_day == width - 1)
    return Gatherings(
        of_class=row_class,
        day=np.where(row_day == width - 1, NO_DAY, row_day),
        previous=np.where(first, -1, np.arange(len(keys)) - 1),
        closed=closed.astype(np.int64),
        delivery=rows,
        of_delivery=np.searchsorted(keys, of_class * width + day),
        date=np.arange(len(dates.day)),
        of_date=np.searchsorted(keys, dates.of_class * width + dates.day),
    )


def line_dates(network: Network) -> _LineDates:
    """Every line of a set that wants something, on every date of its set."""
    sets, classes = network.ship_sets, network.classes
    members = np.flatnonzero((sets.of_class >= 0) & (classes.quantity > 0))
    count = np.bincount(sets.date_set, minlength=len(sets))
    first = np.cumsum(count) - count
    of_set = sets.of_class[members]
    repeated = np.repeat(np.arange(len(members)), count[of_set])
    within = np.arange(len(repeated)) - np.repeat(np.cumsum(count[of_set]) - count[of_set], count[of_set])
    date = first[of_set][repeated] + within
    own = members[repeated]
    return _LineDates(own, date, sets.date_day[date], classes.quantity[own])


def add_ship_sets(b: Builder, network: Network) -> None:
    """Declare what the rules of ship sets name.

    Args:
        b: Declarations so far.
        network: All sets with their data.
    """
    sets, days, deliveries = network.ship_sets, network.horizon.days, network.deliveries
    dates, rows = line_dates(network), gatherings(network)
    b.index("SET_DATES", len(sets.date_set), "Ship set × date on which it can leave")
    binary = np.ones(len(sets.date_set))
    b.variable("SetDate", "SET_DATES", "1 when the ship set leaves on the date", binary, whole=True)
    in_set = sets.of_class[deliveries.of_class] >= 0 if len(sets) else np.zeros(len(deliveries), dtype=bool)
    stocked = np.flatnonzero(in_set & (deliveries.node >= 0))
    key, shipment = np.unique(deliveries.of_class[stocked] * days + deliveries.day[stocked], return_inverse=True)
    b.index("SET_SHIPMENTS", len(key), "Line of a ship set × date on which stock is there for it")
    text = "Deliveries from stock"
    b.relate("SET_SHIPMENT_OF", "SET_SHIPMENTS", "DELIVERIES", np.asarray(shipment).reshape(-1), stocked, text)
    at = np.searchsorted(key, dates.of_class * days + dates.day)
    on = np.flatnonzero(np.append(key, -1)[at] == dates.of_class * days + dates.day)
    text = "The set's choice of the date"
    order = b.relate("SET_DATE_OF", "SET_SHIPMENTS", "SET_DATES", at[on], dates.date[on], text)
    b.paired("set_quantity", "SET_DATE_OF", dates.units[on][order], "Units of the line")
    b.index("SET_GATHERINGS", len(rows), "Line of a ship set × date up to which its supply is counted")
    later = np.flatnonzero(rows.previous >= 0)
    text = "The date before"
    b.relate("GATHERED_BEFORE", "SET_GATHERINGS", "SET_GATHERINGS", later, rows.previous[later], text)
    b.relate("GATHERED_BY", "SET_GATHERINGS", "DELIVERIES", rows.of_delivery, rows.delivery, "Deliveries up to a date")
    of_date = rows.of_date
    order = b.relate("GATHERED_FOR", "SET_GATHERINGS", "SET_DATES", of_date, dates.date, "Dates of the set up to then")
    b.paired("gathered_units", "GATHERED_FOR", dates.units[order], "Units of the line")
    b.variable("Waiting", "SET_GATHERINGS", "Units that wait for the ship set", np.where(rows.closed > 0, 0.0, np.inf))
    _costs(b, network, dates)


def _costs(b: Builder, network: Network, dates: _LineDates) -> None:
    """What the date of a set counts in every level: that of each of its lines, times its units."""
    classes, backlog = network.classes, network.backlog
    row = np.zeros(len(classes), dtype=np.int64)
    row[backlog.of_class] = np.arange(len(backlog))
    row, own, units = row[dates.of_class], dates.of_class, dates.units
    late = (dates.day - backlog.day[row] if len(backlog) else row).astype(np.float64)
    moved = is_moved(classes.previous_day[own], dates.day)
    weight = network.move_weight or 0.0
    level, one = classes.level[own], np.zeros_like(own)
    in_tiers = late + (0.0 if network.money else weight) * moved
    _by(b, "TIERS", "TIER_SETS", "set_late_days", level, dates.date, units * in_tiers)
    priority = priority_weights(network)[own]
    _by(b, "TIERS", "PRIORITY_SETS", "set_priority_days", level, dates.date, units * late * priority)
    rank = commitment_ranks(network)[0][own]
    after = np.where(rank >= 0, np.maximum(dates.day - classes.commit_day[own], 0), 0).astype(np.float64)
    _by(b, "COMMITMENTS", "COMMITMENT_SETS", "set_days_after", np.maximum(rank, 0), dates.date, units * after)
    due = due_weights(network)[row] if len(backlog) else late
    _by(b, "ONE", "DUE_SETS", "set_due_days", one, dates.date, units * late * due)
    off = moved if network.move_weight is None else np.zeros_like(moved)
    _by(b, "ONE", "MOVED_SETS", "set_units_moved", one, dates.date, units * off)
    money = network.daily_cost[own] * late + (weight if network.money else 0.0) * moved
    penalty = np.bincount(dates.date, weights=units * money, minlength=len(network.ship_sets.date_set))
    b.number("set_penalty", "SET_DATES", penalty.astype(np.float64), "Money for the days late of all lines")


def _by(b: Builder, over: str, relation: str, name: str, member: IntArray, date: IntArray, value: FloatArray) -> None:
    """What dates of sets count in the members of a level, added up over the lines."""
    rows = np.flatnonzero(value > 0)
    width = int(date.max(initial=0)) + 1
    key, at = np.unique(member[rows] * width + date[rows], return_inverse=True)
    total = np.bincount(np.asarray(at).reshape(-1), weights=value[rows], minlength=len(key))
    order = b.relate(relation, over, "SET_DATES", key // width, key % width, "Dates of sets that count in it")
    b.paired(name, relation, total.astype(np.float64)[order], "Units of the lines × what a unit counts on the date")
