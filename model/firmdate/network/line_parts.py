"""Parts of order lines with rules of their own, as the rules of the backlog ask for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firmdate.backlog.requests import Backlog, Requests
from firmdate.network.horizon import NO_DAY, BoolArray, Calendars, FloatArray, Horizon, IntArray

NOISE = 1e-6


@dataclass(frozen=True)
class LineParts:
    """What is planned of every line, sorted by line: the whole line, or several parts with rules of their own.

    Args:
        line: Position of the line.
        quantity: Units that new deliveries must cover.
        first_day: First day of delivery.
        commit_day: Day of a commitment; :data:`NO_DAY` without one.
        kept: True where the commitment is the result of a line that is not planned anew.
        previous_day: Day on which the line has these units; :data:`NO_DAY` where no day is preferred.
        rule: Parts of the same number have the same rules; 0 without any.
        soonest: Per line: first day of its first part, also of one that reserved stock covers or that lies after the
            horizon.
    """

    line: IntArray
    quantity: FloatArray
    first_day: IntArray
    commit_day: IntArray
    kept: BoolArray
    previous_day: IntArray
    rule: IntArray
    soonest: IntArray


def read_parts(
    backlog: Backlog,
    open_quantity: FloatArray,
    first_day: IntArray,
    transit: IntArray,
    calendar: IntArray,
    horizon: Horizon,
    calendars: Calendars,
) -> LineParts:
    """Cut the lines into parts.

    Args:
        backlog: The order lines with their rules.
        open_quantity: Per line: units that reserved stock does not cover.
        first_day: Per line: first day of delivery by its own dates.
        transit: Per line: days from the shipment to the customer.
        calendar: Per line: calendar on which its location ships.
        horizon: Planning date.
        calendars: Working days.
    """
    count = len(open_quantity)
    if backlog.requests is None:
        none, never = np.zeros(count, dtype=bool), np.full(count, NO_DAY)
        whole = np.arange(count)
        rule = np.zeros(count, dtype=np.int64)
        return LineParts(whole, open_quantity, first_day, never, none, never, rule, first_day)
    asked = backlog.requests
    way = transit[asked.line]
    not_before, commit, previous = (_days(days, horizon, way) for days in (asked.first, asked.commit, asked.previous))
    own = first_day[asked.line]
    first = np.maximum(own, np.where(not_before == NO_DAY, own, not_before))
    # Nothing can be delivered earlier, so neither a commitment nor a preference can ask for it.
    soonest = calendars.move(calendar[asked.line], first)
    commit = np.where(commit == NO_DAY, NO_DAY, np.maximum(commit, soonest))
    previous = np.where(previous == NO_DAY, NO_DAY, np.maximum(previous, soonest))
    keys = np.column_stack([np.where(first > own, first, 0), commit, asked.kept, previous])
    ruled = (first > own) | (commit != NO_DAY) | (previous != NO_DAY)
    distinct = np.unique(np.where(ruled[:, None], keys, -1), axis=0, return_inverse=True)[1].reshape(-1)
    rule = np.where(ruled, distinct + 1, 0)
    quantity = _without_reserved(asked, open_quantity)
    # A line that reserved stock covers is still there for its ship set.
    rows = (first < horizon.days) & ((quantity > NOISE) | (open_quantity <= NOISE)[asked.line])
    day = np.full(count, NO_DAY)
    np.minimum.at(day, asked.line, first)
    return LineParts(
        asked.line[rows],
        quantity[rows],
        first[rows],
        commit[rows],
        asked.kept[rows],
        previous[rows],
        rule[rows],
        np.where(day == NO_DAY, first_day, day),
    )


def _days(dates: npt.NDArray[np.datetime64], horizon: Horizon, transit: IntArray) -> IntArray:
    """Days of shipment of dates at the customer."""
    days = (dates - np.datetime64(horizon.start, "D")).astype(np.int64) - transit
    return np.where(np.isnat(dates), NO_DAY, days)


def _without_reserved(asked: Requests, open_quantity: FloatArray) -> FloatArray:
    """Reserved stock covers the first parts of a line; nothing is asked for beyond what is open."""
    total = np.cumsum(asked.quantity)
    before = np.concatenate([[0.0], total])[np.searchsorted(asked.line, asked.line, side="left")]
    lines = len(open_quantity)
    wanted = np.bincount(asked.line, weights=asked.quantity, minlength=lines)
    covered = np.maximum(wanted - open_quantity, 0.0)[asked.line]
    return np.asarray(np.maximum(total - before, covered) - np.maximum(total - before - asked.quantity, covered))
