"""Where the units of a plan come from: supplies by stocking point and day, and what kept each from coming earlier.

What an executed activity delivers on a day could have come one arrival earlier only if it had started earlier. Its
inputs that were not there (or not free) at that earlier start are its *tight* inputs. Were all of them released, the
units would come earlier and the line would be served earlier at nobody's cost: so the tight inputs, followed upstream
to their ends, are what holds a late line back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.expansion import expand_posts
from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.network.network import Network, Starts
from firmdate.network.relations import Relation, pairs, relation
from firmdate.plan.executed import Executed
from firmdate.plan.explain.factors import FactorKind, Room
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


def earlier_starts(network: Network, executed: Executed) -> IntArray:
    """Per executed row the latest start that would arrive earlier than it does; -1 where there is none."""
    activities = network.activities
    supplies = activities.posts.quantity > 0
    lead_time = np.zeros(len(activities), dtype=np.int64)
    lead_time[activities.posts.activity[supplies]] = activities.posts.offset[supplies]
    activity = executed.activity
    keys = np.column_stack(
        [
            activities.start_calendar[activity],
            network.points.calendar[activities.point[activity]],
            lead_time[activity],
        ]
    )
    distinct, at = np.unique(keys, axis=0, return_inverse=True)
    at = np.asarray(at).reshape(-1)
    earlier = np.full(len(executed), -1)
    for number, (start, end, days) in enumerate(distinct.tolist()):
        rows = np.flatnonzero((at == number) & (executed.arrival_day > 0))
        latest = network.calendars.latest_starts(start, end, days)
        earlier[rows] = latest[executed.arrival_day[rows] - 1]
    return np.where(earlier >= activities.first_day[activity], earlier, -1)


def tight_inputs(network: Network, executed: Executed, supplies: Supplies, room: Room) -> TightInputs:
    """The inputs that every executed activity waited for."""
    earlier = earlier_starts(network, executed)
    fixed = np.flatnonzero(earlier < 0)
    planned = executed.planned[fixed]
    as_planned = planned >= 0
    none = np.full(len(fixed), -1)
    fixed_kind = np.where(as_planned, int(FactorKind.PLANNED_ORDER), int(FactorKind.LEAD_TIME))
    fixed_ref = np.where(as_planned, planned, executed.activity[fixed])
    capacity = _tight_capacities(network, executed, earlier, room)
    taken = _tight_takes(network, executed, earlier, supplies)
    columns = (
        np.concatenate([fixed, capacity[0], taken[0]]),
        np.concatenate([none, np.full(len(capacity[0]), -1), taken[1]]),
        np.concatenate(
            [fixed_kind, np.full(len(capacity[0]), int(FactorKind.CAPACITY)), np.full(len(taken[0]), -1)]
        ),
        np.concatenate([fixed_ref, capacity[1], np.full(len(taken[0]), -1)]),
        np.concatenate([np.ones(len(fixed)), capacity[2], taken[2]]),
    )
    order = np.argsort(columns[0], kind="stable")
    return TightInputs(*(column[order] for column in columns))


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


def _has_room(
    network: Network, room: Room, interval: IntArray, activity: IntArray, quantity: FloatArray
) -> BoolArray:
    """Intervals in which one more unit (whole, where only whole units move) would fit."""
    whole = network.points.whole_units[network.activities.point[activity]]
    least = np.where(whole, quantity - NOISE, NOISE * np.maximum(1.0, network.capacities.available[interval]))
    return np.asarray(room.left[interval] > least)


def useful_interval(network: Network, room: Room, interval: IntArray) -> IntArray:
    """Of the full intervals until one of a capacity, the last that is worth most; that one itself if none has worth.

    Closed days before a full interval are full too, but nobody would open them: what is worth something is asked for.
    """
    capacities = network.capacities
    best = interval.copy()
    closed = np.flatnonzero((capacities.available[interval] <= 0) & (interval > 0))
    at = interval[closed]
    while len(closed):
        before = np.maximum(at - 1, 0)
        same = (capacities.group[before] == capacities.group[at]) & (at > 0)
        same &= room.left[before] <= NOISE
        closed, at = closed[same], before[same]
        found = (capacities.available[at] > 0) & (room.tier[at] >= 0)
        best[closed[found]] = at[found]
        closed, at = closed[capacities.available[at] <= 0], at[capacities.available[at] <= 0]
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
