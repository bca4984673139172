"""Where the units of a plan come from: supplies by stocking point and day, and what kept each from coming earlier.

What an executed activity delivers on a day could have come one arrival earlier only if it had started earlier. Its
inputs that were not there (or not free) at that earlier start are its *tight* inputs. Were all of them released, the
units would come earlier and the line would be served earlier at nobody's cost: so the tight inputs, followed upstream
to their ends, are what holds a late line back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.activities import ActivityKind
from firmdate.network.expansion import expand_posts
from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.network.network import Network, Starts
from firmdate.network.relations import Relation, pairs, relation
from firmdate.plan.executed import Executed
from firmdate.plan.explain.factors import FactorKind
from firmdate.plan.explain.room import Room
from firmdate.plan.explain.start_days import StartDays
from firmdate.plan.whole_units import NOISE

STOCK, RECEIPT, FIRM, EXECUTED = range(4)
"""Kinds of supplies."""


@dataclass(frozen=True)
class Supplies:
    """Everything that arrives at stocking points, sorted by point and day.

    Args:
        kind: ``STOCK``, ``RECEIPT``, ``FIRM`` (planned order) or ``EXECUTED``.
        ref: Row of the receipts, planned orders or executed activities.
        point: Stocking point.
        day: Day.
        quantity: Units.
        days: Days of the horizon.
    """

    kind: IntArray
    ref: IntArray
    point: IntArray
    day: IntArray
    quantity: FloatArray
    days: int

    def __len__(self) -> int:
        return len(self.kind)

    def latest(self, point: IntArray, day: IntArray) -> IntArray:
        """The last supply of each point until a day; -1 where there is none."""
        if not len(self):
            return np.full(len(point), -1)
        key = self.point * self.days + self.day
        at = np.searchsorted(key, point * self.days + day, side="right") - 1
        return np.where((at >= 0) & (self.point[at] == point), at, -1)


def all_supplies(network: Network, executed: Executed) -> Supplies:
    """Opening stock, receipts, firm planned orders and executed activities."""
    points, posts = network.points, executed.posts
    stocked = np.flatnonzero(network.stock.quantity > 0)
    given = np.flatnonzero(posts.quantity > 0)
    firm_order = np.flatnonzero(network.planned.due_day < network.horizon.days)[: len(network.firm.supply_key)]
    parts = (
        (STOCK, stocked, points.find(network.stock.key[stocked]), np.zeros(len(stocked), dtype=np.int64)),
        (RECEIPT, np.arange(len(network.receipts.key)), points.find(network.receipts.key), network.receipts.day),
        (FIRM, firm_order, points.find(network.firm.supply_key), network.firm.supply_day),
        (EXECUTED, posts.start[given], posts.point[given], posts.day[given]),
    )
    quantity = np.concatenate(
        [
            network.stock.quantity[stocked],
            network.receipts.quantity,
            network.firm.supply,
            posts.quantity[given] * executed.quantity[posts.start[given]],
        ]
    )
    kind = np.repeat([part[0] for part in parts], [len(part[1]) for part in parts])
    ref, point, day = (np.concatenate([part[i] for part in parts]) for i in (1, 2, 3))
    # Of the supply of one day the last one counts: what took time rather than what was moved there the same day.
    took_time = np.ones(len(kind), dtype=bool)
    moved = kind == EXECUTED
    took_time[moved] = day[moved] > executed.starts.day[ref[moved]]
    order = np.lexsort((took_time, day, point))
    order = order[point[order] >= 0]
    return Supplies(kind[order], ref[order], point[order], day[order], quantity[order], network.horizon.days)


@dataclass(frozen=True)
class TightInputs:
    """What kept executed activities from starting one arrival earlier: one row per activity and input.

    Args:
        row: Executed row.
        supply: Supply that it waited for, -1 where it waited for a factor.
        kind: Kind of the factor, -1 where it waited for a supply.
        ref: Reference of the factor.
        per_unit: Units of the supply, or of the capacity, per unit of the activity.
    """

    row: IntArray
    supply: IntArray
    kind: IntArray
    ref: IntArray
    per_unit: FloatArray

    def by_row(self, rows: int) -> Relation:
        """The inputs of each executed row, capacities first."""
        return relation(rows, self.row, np.arange(len(self.row)))[0]


def tight_inputs(
    network: Network, executed: Executed, supplies: Supplies, room: Room, start_days: StartDays
) -> TightInputs:
    """The inputs that every executed activity waited for."""
    activity = executed.activity
    sooner = start_days.arriving_by(activity, executed.arrival_day - 1)
    earlier = start_days.effective_until(activity, sooner)
    possible = (earlier >= 0) & (earlier == sooner) & ~_changes_bill(network, executed, earlier)
    fixed = np.flatnonzero(~possible)
    none = np.full(len(fixed), -1)
    kind, ref = _fixed_factors(network, executed, start_days, fixed, sooner[fixed])
    # What is not effective, or not planned, any sooner needs its inputs sooner too.
    capacity = _tight_capacities(network, executed, sooner, room)
    taken = _tight_takes(network, executed, sooner, supplies)
    limited = np.full(len(capacity[0]), int(FactorKind.CAPACITY))
    columns = (
        np.concatenate([fixed, capacity[0], taken[0]]),
        np.concatenate([none, np.full(len(limited), -1), taken[1]]),
        np.concatenate([kind, limited, np.full(len(taken[0]), -1)]),
        np.concatenate([ref, capacity[1], np.full(len(taken[0]), -1)]),
        np.concatenate([np.ones(len(fixed)), capacity[2], taken[2]]),
    )
    order = np.argsort(columns[0], kind="stable")
    return TightInputs(*(column[order] for column in columns))


def _changes_bill(network: Network, executed: Executed, earlier: IntArray) -> BoolArray:
    """Rows that would take other components at an earlier start."""
    posts, starts = network.activities.posts, executed.starts
    row, post = pairs(executed.activity, posts.activity)

    def holds(day: IntArray) -> BoolArray:
        return np.asarray((posts.first_start[post] <= day) & (day <= posts.last_start[post]))

    changes = np.zeros(len(executed), dtype=bool)
    changes[row[holds(starts.day[row]) != holds(earlier[row])]] = True
    return np.asarray(changes & (earlier >= 0))


def _fixed_factors(
    network: Network, executed: Executed, start_days: StartDays, rows: IntArray, sooner: IntArray
) -> tuple[IntArray, IntArray]:
    """Why rows without an earlier start have none: as planned, not effective yet, or the lead time from today."""
    activity, planned = executed.activity[rows], executed.planned[rows]
    dated = (sooner >= 0) | (network.activities.first_day[activity] > 0)
    fenced = (network.activities.kind[activity] == ActivityKind.SOURCE) & (network.activities.first_day[activity] > 0)
    closed = start_days.lead_time[activity] <= 0
    kinds = (FactorKind.PLANNED_ORDER, FactorKind.FENCE, FactorKind.EFFECTIVITY, FactorKind.CALENDAR)
    kind = np.select([planned >= 0, fenced, dated, closed], [int(kind) for kind in kinds], int(FactorKind.LEAD_TIME))
    at_point = fenced | (~dated & closed)
    ref = np.select([planned >= 0, at_point], [planned, network.activities.point[activity]], activity)
    return kind.astype(np.int64), ref.astype(np.int64)


def _tight_capacities(
    network: Network, executed: Executed, earlier: IntArray, room: Room
) -> tuple[IntArray, IntArray, FloatArray]:
    """Executed row, interval that had no room at the earlier start, and use per unit."""
    uses, capacities = network.activities.uses, network.capacities
    row, use = pairs(np.where(earlier >= 0, executed.activity, -1), uses.activity)
    if network.measured or not len(row):
        none = np.empty(0, dtype=np.int64)
        return none, none, np.empty(0)
    group, quantity = uses.group[use], uses.quantity[use]
    now = capacities.interval_of[group, executed.starts.day[row] + uses.offset[use]]
    then_day = np.maximum(earlier[row] + uses.offset[use], 0)
    then = capacities.interval_of[group, then_day]
    tight = (then != now) & ~_has_room(network, room, then, executed.activity[row], quantity)
    tight &= quantity > 0
    row, then, quantity = row[tight], then[tight], quantity[tight]
    return row, useful_interval(network, room, then), quantity


def _has_room(network: Network, room: Room, interval: IntArray, activity: IntArray, quantity: FloatArray) -> BoolArray:
    """Intervals in which one more unit (whole, where only whole units move) would fit."""
    whole = network.points.whole_units[network.activities.point[activity]]
    least = np.where(whole, quantity - NOISE, NOISE * np.maximum(1.0, network.capacities.limit[interval]))
    return np.asarray(room.left[interval] > least)


def useful_interval(network: Network, room: Room, interval: IntArray) -> IntArray:
    """Of the full intervals until one of a capacity, the last that is worth most; that one itself if none has worth.

    Closed days before a full interval are full too, but nobody would open them: what is worth something is asked for.
    """
    capacities = network.capacities
    best = interval.copy()
    closed = np.flatnonzero((capacities.limit[interval] <= 0) & (interval > 0))
    at = interval[closed]
    while len(closed):
        before = np.maximum(at - 1, 0)
        same = (capacities.group[before] == capacities.group[at]) & (at > 0)
        same &= room.left[before] <= NOISE
        closed, at = closed[same], before[same]
        found = (capacities.limit[at] > 0) & (room.tier[at] >= 0)
        best[closed[found]] = at[found]
        closed, at = closed[capacities.limit[at] <= 0], at[capacities.limit[at] <= 0]
    return best


def _tight_takes(
    network: Network, executed: Executed, earlier: IntArray, supplies: Supplies
) -> tuple[IntArray, IntArray, FloatArray]:
    """Executed row, supply that had not arrived at the earlier start, and units taken per unit."""
    activities, width = network.activities, len(network.points)
    possible = earlier >= 0
    starts = Starts(executed.activity, np.where(possible, earlier, executed.starts.day))
    then, now = expand_posts(activities, starts, network.calendars), executed.posts
    key = now.start * width + now.point
    order = np.argsort(key, kind="stable")
    rows = np.flatnonzero((then.quantity < 0) & possible[then.start])
    wanted = then.start[rows] * width + then.point[rows]
    at = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
    known = key[order][at] == wanted if len(rows) else np.empty(0, dtype=bool)
    rows, day = rows[known], now.day[order[at[known]]]
    supply = supplies.latest(then.point[rows], day)
    tight = (supply >= 0) & (supplies.day[np.maximum(supply, 0)] > then.day[rows])
    return then.start[rows[tight]], supply[tight], -then.quantity[rows[tight]]
