"""From days on the event grid to the rows of the model: starts, nodes, backlog and deliveries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.activities import Activities
from firmdate.network.capacity import Capacities
from firmdate.network.catalog import StockingPoints
from firmdate.network.classes import Classes, Lines
from firmdate.network.events import EventGrid, project
from firmdate.network.firm import FirmPostings
from firmdate.network.horizon import BoolArray, Calendars, FloatArray, Horizon, IntArray
from firmdate.network.network import BacklogRows, Deliveries, Nodes, StartPairs, Starts, StockTargets
from firmdate.network.opening import Receipts, Stock
from firmdate.network.relations import ranges
from firmdate.network.targets import Targets


def mark(points: StockingPoints, days: int, *events: tuple[IntArray, IntArray | int]) -> BoolArray:
    """A grid of stocking points × days with some events marked; unknown points are left out."""
    grid = np.zeros((len(points), days), dtype=bool)
    for keys, day in events:
        at = points.find(keys)
        known = at >= 0
        grid[at[known], day if isinstance(day, int) else day[known]] = True
    return grid


def expand_starts(grid: EventGrid) -> Starts:
    """All activity × start date that are possible."""
    activity, day = np.nonzero(grid.starts)
    return Starts(activity, day)


@dataclass(frozen=True)
class DatedPosts:
    """Starts × postings with their point and day."""

    start: IntArray
    point: IntArray
    day: IntArray
    quantity: FloatArray

    def at_nodes(self, nodes: Nodes, days: int) -> StartPairs:
        """The same by node; postings of one start to one node are added up."""
        node = np.searchsorted(nodes.point * days + nodes.day, self.point * days + self.day)
        return _added_up(self.start, node, self.quantity, len(nodes))


def _added_up(start: IntArray, target: IntArray, quantity: FloatArray, targets: int) -> StartPairs:
    key = start * max(targets, 1) + target
    order = np.argsort(key, kind="stable")
    key = key[order]
    fresh = np.ones(len(key), dtype=bool)
    fresh[1:] = key[1:] != key[:-1]
    total = np.add.reduceat(quantity[order], np.flatnonzero(fresh)) if len(key) else quantity
    first = order[fresh]
    return StartPairs(start[first], target[first], total)


def _start_rows(activity: IntArray, starts: Starts, activities: int) -> tuple[IntArray, IntArray]:
    """For rows that belong to activities: all starts of the activity, as pairs (row, start)."""
    count = np.bincount(starts.activity, minlength=activities)
    first = np.cumsum(count) - count
    return np.repeat(np.arange(len(activity)), count[activity]), ranges(first[activity], count[activity])


def expand_posts(activities: Activities, starts: Starts, calendars: Calendars) -> DatedPosts:
    """What every start posts, where and when."""
    posts = activities.posts
    row, start = _start_rows(posts.activity, starts, len(activities))
    day = starts.day[start]
    holds = (posts.first_start[row] <= day) & (day <= posts.last_start[row])
    row, start, day = row[holds], start[holds], day[holds]
    return DatedPosts(
        start=start,
        point=posts.point[row],
        day=calendars.move(posts.calendar[row], day + posts.offset[row]),
        quantity=posts.quantity[row],
    )


def expand_uses(activities: Activities, starts: Starts, capacities: Capacities) -> StartPairs:
    """What every start uses of which capacity interval."""
    uses = activities.uses
    row, start = _start_rows(uses.activity, starts, len(activities))
    interval = capacities.interval_of[uses.group[row], starts.day[start] + uses.offset[row]]
    return _added_up(start, interval, uses.quantity[row], len(capacities.group))


def delivery_days(
    lines: Lines, classes: Classes, supplied: BoolArray, points: StockingPoints, calendars: Calendars
) -> BoolArray:
    """Days on which each class may be served: its due dates, and the days on which stock may arrive after that."""
    days = calendars.days
    asked = np.zeros((len(classes), days), dtype=bool)
    asked[classes.line_class, lines.first_day[classes.line]] = True
    served = supplied[classes.point]
    if len(classes):
        served &= np.maximum.accumulate(asked, axis=1)
        served |= asked & np.maximum.accumulate(supplied[classes.point], axis=1)
    for code in np.unique(points.calendar[classes.point]):
        rows = points.calendar[classes.point] == code
        served[rows] = project(served[rows], calendars.next_working[code])
    last_day = np.zeros(len(classes), dtype=np.int64)
    last_day[classes.line_class] = lines.last_day[classes.line]
    return np.asarray(served & (np.arange(days) <= last_day[:, None]))


def make_nodes(
    grid: BoolArray, points: StockingPoints, stock: Stock, receipts: Receipts, firm: FirmPostings
) -> Nodes:
    """Nodes of a grid of stocking points × days, with the supply that is there anyway."""
    days = grid.shape[1]
    point, day = np.nonzero(grid)
    keys = point * days + day
    first = np.ones(len(point), dtype=bool)
    first[1:] = point[1:] != point[:-1]
    previous = np.where(first, -1, np.arange(len(point)) - 1)
    next_day = np.full(len(point), days)
    next_day[:-1][~first[1:]] = day[1:][~first[1:]]

    def posted(key: IntArray, on: IntArray | int, quantity: FloatArray) -> FloatArray:
        at = points.find(key)
        known = (at >= 0) & (quantity > 0)
        place = at[known] * days + (on if isinstance(on, int) else on[known])
        return np.bincount(np.searchsorted(keys, place), weights=quantity[known], minlength=len(point))[: len(point)]

    taken = posted(firm.take_key, firm.take_day, firm.take)
    given = posted(stock.key, 0, stock.quantity) + posted(receipts.key, receipts.day, receipts.quantity)
    given += posted(firm.supply_key, firm.supply_day, firm.supply)
    return Nodes(point, day, previous, given - taken, next_day - day, taken)


def backlog_rows(lines: Lines, classes: Classes, served: BoolArray, horizon: Horizon) -> BacklogRows:
    """Days on which the backlog of a class can change."""
    changing = served.copy()
    due = np.maximum(lines.due_day, 0)[classes.line]
    changing[classes.line_class, due] = True
    of_class, day = np.nonzero(changing)
    first = np.ones(len(of_class), dtype=bool)
    first[1:] = of_class[1:] != of_class[:-1]
    until = np.full(len(of_class), horizon.unfilled_day)
    until[:-1][~first[1:]] = day[1:][~first[1:]]
    row = np.searchsorted(of_class * horizon.days + day, classes.line_class * horizon.days + due)
    open_quantity = (lines.quantity - lines.reserved)[classes.line]
    newly_due = np.bincount(row, weights=open_quantity, minlength=len(of_class))
    return BacklogRows(of_class, day, np.where(first, -1, np.arange(len(of_class)) - 1), newly_due, until - day)


def make_deliveries(
    served: BoolArray, classes: Classes, nodes: Nodes, backlog: BacklogRows, days: int
) -> Deliveries:
    """Deliveries of every class on the days on which it may be served."""
    of_class, day = np.nonzero(served)
    node = np.searchsorted(nodes.point * days + nodes.day, classes.point[of_class] * days + day)
    row = np.searchsorted(backlog.of_class * days + backlog.day, of_class * days + day)
    return Deliveries(of_class, node, row)


def expand_targets(targets: Targets, points: StockingPoints, nodes: Nodes) -> StockTargets:
    """The target level at every node of a point that has one."""
    point = points.find(targets.key)
    width = np.int64(2**32)
    step = np.searchsorted(point * width + targets.day, nodes.point * width + nodes.day, side="right") - 1
    known = (step >= 0) & (point[np.maximum(step, 0)] == nodes.point) if len(point) else np.zeros(len(nodes), dtype=bool)
    node = np.flatnonzero(known)
    level = targets.level[step[node]]
    wanted = level > 0
    return StockTargets(node[wanted], level[wanted], nodes.gap[node[wanted]])
