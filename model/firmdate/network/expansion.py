"""From days on the event grid to the rows of the model: starts, nodes, backlog and deliveries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.activities import Activities
from firmdate.network.capacity import Capacities
from firmdate.network.catalog import StockingPoints
from firmdate.network.classes import Classes, Lines
from firmdate.network.contract import Routes
from firmdate.network.events import EventGrid, project
from firmdate.network.firm import FirmPostings
from firmdate.network.horizon import BoolArray, Calendars, FloatArray, Horizon, IntArray
from firmdate.network.network import BacklogRows, Deliveries, Nodes, StartPairs, Starts, StockTargets
from firmdate.network.opening import Receipts, Stock
from firmdate.network.relations import pairs, ranges
from firmdate.network.targets import Targets


def mark(points: StockingPoints, days: int, *events: tuple[IntArray, IntArray | int]) -> BoolArray:
    """A grid of stocking points × days with some events marked; unknown points are left out."""
    grid = np.zeros((len(points), days), dtype=bool)
    for keys, day in events:
        at = points.find(keys)
        known = at >= 0
        grid[at[known], day if isinstance(day, int) else day[known]] = True
    return grid


def expand_starts(grid: EventGrid, activity: IntArray) -> Starts:
    """All activity × start date that are possible; ``activity`` numbers the rows of the grid."""
    row, day = np.nonzero(grid.starts)
    return Starts(activity[row], day)


@dataclass(frozen=True)
class DatedPosts:
    """Starts × postings with their point and day."""

    start: IntArray
    point: IntArray
    day: IntArray
    quantity: FloatArray

    def at_nodes(self, nodes: Nodes, days: int) -> StartPairs:
        """The same by node: the last node on or before the day; postings of one start to one node are added up."""
        key = self.point * days + self.day
        node = np.searchsorted(nodes.point * days + nodes.day, key, side="right") - 1
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


@dataclass(frozen=True)
class Service:
    """Class × route × day on which the class may be served, sorted by class, route and day.

    Args:
        of_class: Class.
        route: Row of the routes.
        day: Day on which the line is served.
        ship_day: Day on which it leaves the source.
        source: Stocking point that ships.
    """

    of_class: IntArray
    route: IntArray
    day: IntArray
    ship_day: IntArray
    source: IntArray


def asked_days(lines: Lines, classes: Classes, points: StockingPoints, calendars: Calendars) -> BoolArray:
    """Days on which lines of each class want to be served, moved to working days of the location."""
    asked = np.zeros((len(classes), calendars.days), dtype=bool)
    asked[classes.line_class, lines.first_day[classes.line]] = True
    for code in np.unique(points.calendar[classes.point]):
        rows = points.calendar[classes.point] == code
        asked[rows] = project(asked[rows], calendars.next_working[code])
    return asked


def class_routes(classes: Classes, routes: Routes) -> tuple[IntArray, IntArray]:
    """All routes of each class, as pairs."""
    sources = np.flatnonzero(routes.is_source)
    of_class, at = pairs(classes.point, routes.point[sources])
    return of_class, sources[at]


def shipping_needs(classes: Classes, routes: Routes, asked: BoolArray, points: int) -> BoolArray:
    """Days on which sources would ship to be just in time: ``needs[point, day]``."""
    of_class, route = class_routes(classes, routes)
    needs = np.zeros((points, asked.shape[1]), dtype=bool)
    for timing in np.unique(routes.timing[route]):
        rows = np.flatnonzero(routes.timing[route] == timing)
        moved = project(asked[of_class[rows]], routes.latest[timing])
        row, day = np.nonzero(moved)
        needs[routes.source[route[rows[row]]], day] = True
    return needs


def service(lines: Lines, classes: Classes, routes: Routes, asked: BoolArray, early: BoolArray) -> Service:
    """When each class may be served over each of its routes.

    On the days on which it is asked, and later on the days on which supply that comes as early as possible arrives.

    Args:
        lines: Demand lines.
        classes: Classes of lines.
        routes: Routes.
        asked: Days on which lines of each class want to be served.
        early: Per stocking point and day: new stock may arrive as soon as possible.
    """
    of_class, route = class_routes(classes, routes)
    last_day = np.zeros(len(classes), dtype=np.int64)
    last_day[classes.line_class] = lines.last_day[classes.line]
    parts = []
    for timing in np.unique(routes.timing[route]):
        rows = np.flatnonzero(routes.timing[route] == timing)
        wanted = asked[of_class[rows]]
        there = early[routes.source[route[rows]]]
        # Stock that is there before the next shipment waits for it.
        waits = np.minimum.accumulate(routes.arrival[timing][::-1])[::-1]
        served = project(there, waits) & np.maximum.accumulate(wanted, axis=1)
        latest = routes.latest[timing]
        in_time = np.maximum.accumulate(there, axis=1)[:, np.maximum(latest, 0)] & (latest >= 0)
        served |= wanted & in_time
        served &= np.arange(asked.shape[1]) <= last_day[of_class[rows], None]
        row, day = np.nonzero(served)
        parts.append((of_class[rows[row]], route[rows[row]], day, latest[day]))
    none = np.empty(0, dtype=np.int64)
    columns = [np.concatenate([none, *(part[i] for part in parts)]) for i in range(4)]
    order = np.lexsort((columns[2], columns[1], columns[0]))
    of_class, route, day, ship_day = (column[order] for column in columns)
    return Service(of_class, route, day, ship_day, routes.source[route])


def make_nodes(
    grid: BoolArray, modelled: IntArray, points: StockingPoints, stock: Stock, receipts: Receipts, firm: FirmPostings
) -> Nodes:
    """Nodes of a grid of modelled stocking points × days, with the supply that is there anyway."""
    days = grid.shape[1]
    row, day = np.nonzero(grid)
    point = modelled[row]
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
        found = np.searchsorted(keys, place)
        return np.bincount(found, weights=quantity[known], minlength=len(point) + 1)[: len(point)]

    taken = posted(firm.take_key, firm.take_day, firm.take)
    given = posted(stock.key, 0, stock.quantity) + posted(receipts.key, receipts.day, receipts.quantity)
    given += posted(firm.supply_key, firm.supply_day, firm.supply)
    return Nodes(point, day, previous, given - taken, next_day - day, taken)


def backlog_rows(lines: Lines, classes: Classes, served: Service, horizon: Horizon) -> BacklogRows:
    """Days on which the backlog of a class can change."""
    days = horizon.days
    due = classes.line_class * days + np.maximum(lines.due_day, 0)[classes.line]
    keys = np.unique(np.concatenate([due, served.of_class * days + served.day]))
    of_class, day = keys // days, keys % days
    first = np.ones(len(of_class), dtype=bool)
    first[1:] = of_class[1:] != of_class[:-1]
    until = np.full(len(of_class), horizon.unfilled_day)
    until[:-1][~first[1:]] = day[1:][~first[1:]]
    open_quantity = (lines.quantity - lines.reserved)[classes.line]
    newly_due = np.bincount(np.searchsorted(keys, due), weights=open_quantity, minlength=len(keys))
    return BacklogRows(of_class, day, np.where(first, -1, np.arange(len(of_class)) - 1), newly_due, until - day)


def make_deliveries(served: Service, nodes: Nodes, backlog: BacklogRows, days: int) -> Deliveries:
    """Deliveries of every class, taken from the last node of the source on or before the shipment."""
    shipped = served.source * days + served.ship_day
    node = np.searchsorted(nodes.point * days + nodes.day, shipped, side="right") - 1
    row = np.searchsorted(backlog.of_class * days + backlog.day, served.of_class * days + served.day)
    return Deliveries(served.of_class, served.route, node, row, served.ship_day, served.day)


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
