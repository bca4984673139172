"""From days on the event grid to the rows of the model: starts, nodes, backlog and deliveries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.activities import Activities
from firmdate.network.capacity import Capacities
from firmdate.network.catalog import StockingPoints
from firmdate.network.classes import Classes, Cohorts, Lines
from firmdate.network.contract import Routes
from firmdate.network.events import EventGrid, project
from firmdate.network.firm import FirmPostings
from firmdate.network.horizon import NO_DAY, BoolArray, Calendars, FloatArray, Horizon, IntArray
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
    """What every start posts, where and when; a quantity of 0 only says on which days a bill holds."""
    posts = activities.posts
    row, start = _start_rows(posts.activity, starts, len(activities))
    day = starts.day[start]
    holds = (posts.first_start[row] <= day) & (day <= posts.last_start[row]) & (posts.quantity[row] != 0)
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
    """Cohort × route × day on which the cohort may be served, sorted by cohort, route and day.

    Args:
        cohort: Cohort.
        route: Row of the routes.
        day: Day on which the line is served.
        ship_day: Day on which it leaves the source, or is ordered.
        source: Stocking point that ships.
        from_stock: False where the route begins with a purchase.
    """

    cohort: IntArray
    route: IntArray
    day: IntArray
    ship_day: IntArray
    source: IntArray
    from_stock: BoolArray

    def joined(self, group: IntArray, other: Service, routes: Routes) -> Service:
        """The rows of cohorts without a group, and all of another service."""
        kept = group[self.cohort] < 0
        own = (self.cohort[kept], self.route[kept], self.day[kept], self.ship_day[kept])
        return _sorted_service([own, (other.cohort, other.route, other.day, other.ship_day)], routes)


@dataclass(frozen=True)
class Asked:
    """When cohorts want to be served, and from where they can be.

    Args:
        days: ``days[cohort, day]``: lines want to be served, moved to shipping days of the location.
        cohort: Cohort of each pair of cohort and route.
        route: Route of each pair.
        last_day: Per cohort: last day on which it may be served.
    """

    days: BoolArray
    cohort: IntArray
    route: IntArray
    last_day: IntArray


def asked_days(
    lines: Lines,
    classes: Classes,
    cohorts: Cohorts,
    routes: Routes,
    points: StockingPoints,
    calendars: Calendars,
    growth: BoolArray | None = None,
) -> Asked:
    """When and from where the cohorts want to be served: also later, on days on which their share of supply grows."""
    days = np.zeros((len(cohorts), calendars.days), dtype=bool)
    days[cohorts.line_cohort, classes.line_first_day] = True
    preferred = classes.previous_day[classes.line_class]
    inside = preferred < calendars.days
    days[cohorts.line_cohort[inside], preferred[inside]] = True
    point = classes.point[cohorts.of_class]
    if growth is not None:
        days |= growth & np.maximum.accumulate(days, axis=1)
    for code in np.unique(points.calendars.shipping[point]):
        rows = points.calendars.shipping[point] == code
        days[rows] = project(days[rows], calendars.next_working[code])
    last_day = np.zeros(len(cohorts), dtype=np.int64)
    # A set has a last day of its own; when each of its lines could be there is asked without it.
    last_day[cohorts.line_cohort] = np.where(lines.ship_set < 0, lines.last_day, NO_DAY)[classes.line]
    sources = np.flatnonzero(routes.is_source)
    cohort, at = pairs(point, routes.point[sources])
    return Asked(days, cohort, sources[at], last_day)


def shipping_needs(asked: Asked, routes: Routes, points: int) -> BoolArray:
    """Days on which sources would ship to be just in time: ``needs[point, day]``."""
    needs = np.zeros((points, asked.days.shape[1]), dtype=bool)
    for timing, rows in _by_timing(asked, routes, from_stock=True):
        moved = project(asked.days[asked.cohort[rows]], routes.latest[timing])
        row, day = np.nonzero(moved)
        needs[routes.source[asked.route[rows[row]]], day] = True
    return needs


def _by_timing(asked: Asked, routes: Routes, *, from_stock: bool) -> list[tuple[int, IntArray]]:
    """Pairs of cohort and route by the timing of the route."""
    chosen = np.flatnonzero((routes.order[asked.route] < 0) == from_stock)
    timing = routes.timing[asked.route[chosen]]
    return [(int(value), chosen[timing == value]) for value in np.unique(timing)]


def service(asked: Asked, routes: Routes, early: BoolArray, row_of: IntArray, order_days: OrderDays) -> Service:
    """When each cohort may be served over each of its routes.

    On the days on which it is asked, and later on the days on which supply that comes as early as possible arrives.

    Args:
        asked: When and from where cohorts want to be served.
        routes: Routes.
        early: Per modelled stocking point and day: new stock may arrive as soon as possible.
        row_of: Row of ``early`` per stocking point.
        order_days: On which days purchases can be made.
    """
    stocked = _by_timing(asked, routes, from_stock=True)
    parts = [_served_from_stock(asked, routes, early, row_of, *group) for group in stocked]
    for timing, rows in _by_timing(asked, routes, from_stock=False):
        pattern = order_days.pattern[routes.order[asked.route[rows]]]
        for number in np.unique(pattern):
            some = rows[pattern == number]
            parts.append(_served_by_order(asked, routes, order_days, int(number), timing, some))
    return _sorted_service(parts, routes)


def _sorted_service(parts: list[_Served], routes: Routes) -> Service:
    none = np.empty(0, dtype=np.int64)
    columns = [np.concatenate([none, *(part[i] for part in parts)]) for i in range(4)]
    order = np.lexsort((columns[3], columns[2], columns[1], columns[0]))
    cohort, route, day, ship_day = (column[order] for column in columns)
    return Service(cohort, route, day, ship_day, routes.source[route], routes.order[route] < 0)


_Served = tuple[IntArray, IntArray, IntArray, IntArray]


def _served_from_stock(
    asked: Asked, routes: Routes, early: BoolArray, row_of: IntArray, timing: int, rows: IntArray
) -> _Served:
    """Cohort, route, day and shipping day of routes that take stock of their source."""
    wanted = asked.days[asked.cohort[rows]]
    there = early[row_of[routes.source[asked.route[rows]]]]
    # Stock that is there before the next shipment waits for it.
    waits = np.minimum.accumulate(routes.arrival[timing][::-1])[::-1]
    served = project(there, waits) & np.maximum.accumulate(wanted, axis=1)
    latest = routes.latest[timing]
    served |= wanted & np.maximum.accumulate(there, axis=1)[:, np.maximum(latest, 0)] & (latest >= 0)
    served &= np.arange(wanted.shape[1]) <= asked.last_day[asked.cohort[rows], None]
    row, day = np.nonzero(served)
    return asked.cohort[rows[row]], asked.route[rows[row]], day, latest[day]


def _served_by_order(
    asked: Asked, routes: Routes, order_days: OrderDays, pattern: int, timing: int, rows: IntArray
) -> _Served:
    """The same for routes that begin with a purchase: one delivery per interval in which it can be ordered.

    An order that is in time is placed on the last day of its interval that still is, one that is late on the first.
    """
    days = asked.days.shape[1]
    arrival, latest = routes.arrival[timing], routes.latest[timing]
    day_numbers = np.arange(days)
    startable = arrival < NO_DAY
    next_start = np.minimum.accumulate(np.where(startable, day_numbers, NO_DAY)[::-1])[::-1]
    begin = np.flatnonzero(order_days.days[pattern])
    begin = begin[next_start[begin] <= order_days.last[pattern][begin]]
    first, last = next_start[begin], order_days.last[pattern][begin]
    has_date = asked.days[asked.cohort[rows]].any(axis=1)
    rows = rows[has_date]
    due = asked.days[asked.cohort[rows]].argmax(axis=1)
    last_start = np.maximum.accumulate(np.where(startable, day_numbers, -1))
    reaches = arrival[first][None, :]
    day = np.maximum(reaches, due[:, None])
    placed = last_start[np.minimum(latest[due][:, None], last[None, :])]
    ship_day = np.where(reaches >= due[:, None], first[None, :], placed)
    row, at = np.nonzero(day <= np.minimum(asked.last_day[asked.cohort[rows]], days - 1)[:, None])
    return asked.cohort[rows[row]], asked.route[rows[row]], day[row, at], ship_day[row, at]


@dataclass(frozen=True)
class OrderDays:
    """Days that begin an interval in which an activity without inputs can start.

    Args:
        days: Distinct patterns × days.
        last: Distinct patterns × days: the last day of the interval that the day lies in.
        pattern: Pattern of each activity, -1 where it has none.
    """

    days: BoolArray
    last: IntArray
    pattern: IntArray


def order_days(
    activities: Activities, chosen: IntArray, capacities: Capacities, enforced: BoolArray, days: int
) -> OrderDays:
    """Order days of some activities: the first day, and the begin of each capacity interval with something left."""
    begins = np.zeros((len(chosen), days), dtype=bool)
    begins[:, 0] = True
    blocked = np.zeros_like(begins)
    at = np.full(len(activities), -1)
    at[chosen] = np.arange(len(chosen))
    uses = activities.uses
    used = np.flatnonzero((at[uses.activity] >= 0) & enforced[uses.group])
    starts = np.zeros((len(capacities.kind), days), dtype=bool)
    starts[capacities.group, capacities.start] = True
    for use in _nth_of_each(uses.activity[used]):
        rows = used[use]
        begins[at[uses.activity[rows]]] |= starts[uses.group[rows]]
        blocked[at[uses.activity[rows]]] |= capacities.limit[capacities.interval_of[uses.group[rows]]] <= 0
    bits = np.packbits(np.hstack([begins & ~blocked, begins]), axis=1)
    distinct, pattern = np.unique(bits, axis=0, return_inverse=True)
    of_activity = np.full(len(activities), -1)
    of_activity[chosen] = np.asarray(pattern).reshape(-1)
    possible, begins = np.hsplit(np.unpackbits(distinct, axis=1, count=2 * days).astype(bool), 2)
    ends = np.where(np.roll(begins, -1, axis=1), np.arange(days), days - 1)
    last = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    return OrderDays(possible, last, of_activity)


def _nth_of_each(keys: IntArray) -> list[IntArray]:
    """Positions of the first, second, … occurrence of every key of a sorted list."""
    nth = np.arange(len(keys)) - np.searchsorted(keys, keys, side="left")
    return [np.flatnonzero(nth == n) for n in range(int(nth.max(initial=-1)) + 1)]


def order_uses(activities: Activities, routes: Routes, deliveries: Deliveries, capacities: Capacities) -> StartPairs:
    """What deliveries use of which capacity interval, where their route begins with a purchase."""
    rows = np.flatnonzero(routes.order[deliveries.route] >= 0)
    uses = activities.uses
    at, use = pairs(routes.order[deliveries.route[rows]], uses.activity)
    delivery = rows[at]
    interval = capacities.interval_of[uses.group[use], deliveries.ship_day[delivery]]
    return StartPairs(delivery, interval, uses.quantity[use])


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
        # What lies where nothing is modelled stays there.
        modelled_too = np.append(keys, -1)[found] == place
        weights = quantity[known][modelled_too]
        return np.bincount(found[modelled_too], weights=weights, minlength=len(point)).astype(np.float64)

    taken = posted(firm.take_key, firm.take_day, firm.take)
    given = posted(stock.key, 0, stock.quantity) + posted(receipts.key, receipts.day, receipts.quantity)
    given += posted(firm.supply_key, firm.supply_day, firm.supply)
    return Nodes(point, day, previous, given - taken, next_day - day, taken)


def backlog_rows(
    lines: Lines, classes: Classes, cohorts: Cohorts, served: Service, horizon: Horizon
) -> tuple[BacklogRows, IntArray]:
    """Days on which the backlog of a cohort can change, and the row that each service reduces."""
    days = horizon.days
    due = cohorts.line_cohort * days + np.maximum(lines.due_day, 0)[classes.line]
    chain = cohorts.chain[served.cohort]
    reduced = served.cohort * days + np.where(chain, served.day, cohorts.due_day[served.cohort])
    keys = np.unique(np.concatenate([due, reduced[chain]]))
    cohort, day = keys // days, keys % days
    first = np.ones(len(cohort), dtype=bool)
    first[1:] = cohort[1:] != cohort[:-1]
    until = np.full(len(cohort), horizon.unfilled_day)
    until[:-1][~first[1:]] = day[1:][~first[1:]]
    newly_due = np.bincount(np.searchsorted(keys, due), weights=classes.wanted, minlength=len(keys)).astype(np.float64)
    previous = np.where(first, -1, np.arange(len(cohort)) - 1)
    rows = BacklogRows(cohorts.of_class[cohort], day, previous, newly_due, until - day)
    return rows, np.searchsorted(keys, reduced)


def make_deliveries(served: Service, cohorts: Cohorts, backlog: IntArray, nodes: Nodes, days: int) -> Deliveries:
    """Deliveries of every cohort, taken from the last node of the source on or before the shipment."""
    shipped = served.source * days + served.ship_day
    fresh = np.zeros(len(served.cohort), dtype=bool)
    fresh[1:] = (served.cohort[1:] != served.cohort[:-1]) | (served.route[1:] != served.route[:-1])
    node = np.searchsorted(nodes.point * days + nodes.day, shipped, side="right") - 1
    late = np.where(cohorts.chain[served.cohort], 0, served.day - cohorts.due_day[served.cohort])
    return Deliveries(
        of_class=cohorts.of_class[served.cohort],
        service=np.cumsum(fresh),
        route=served.route,
        node=np.where(served.from_stock, node, -1),
        backlog=backlog,
        ship_day=served.ship_day,
        day=served.day,
        late_days=late,
    )


def expand_targets(targets: Targets, points: StockingPoints, nodes: Nodes) -> StockTargets:
    """The target level at every node of a point that has one."""
    point = points.find(targets.key)
    width = np.int64(2**32)
    step = np.searchsorted(point * width + targets.day, nodes.point * width + nodes.day, side="right") - 1
    known = (
        (step >= 0) & (point[np.maximum(step, 0)] == nodes.point) if len(point) else np.zeros(len(nodes), dtype=bool)
    )
    node = np.flatnonzero(known)
    level = targets.level[step[node]]
    wanted = level > 0
    return StockTargets(node[wanted], level[wanted], nodes.gap[node[wanted]])
