"""Contraction: transfers without a limit need no rows of their own.

Where nothing but order lines and further transfers takes from a stocking point, stock may as well wait upstream
and go straight to the line that needs it. One path (source, total lead time) then replaces the time-expanded
chain of stocking points and transfers between them. Where that stock is bought, the path begins at the supplier, and
its stock needs no rows either. The orders and transfers of a path are written out again when the plan is.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from firmdate.network.activities import Activities, ActivityKind, Posts, Uses
from firmdate.network.horizon import NO_DAY, BoolArray, Calendars, FloatArray, IntArray
from firmdate.network.relations import distinct_rows, pairs


@dataclass(frozen=True)
class Routes:
    """Ways in which supply reaches the stocking points that order lines ask, one row per point, source and path.

    Rows that are no source themselves are kept as links of longer routes.

    Args:
        point: Stocking point of the lines.
        source: Stocking point that ships.
        transfer: Activity of the first transfer from the source, -1 for stock at the point itself.
        order: Activity of the purchase that the route begins with, -1 for stock of the source.
        rest: Row of the remaining route after the purchase or the first transfer, -1 for stock at the point itself.
        timing: Row of ``arrival`` and ``latest``.
        unit_cost: Money per unit of the purchase and all transfers.
        rank_above: Sum of their (rank - 1).
        legs: Number of transfers.
        arrival: ``arrival[timing, day]``: arrival of a shipment on a day, :data:`NO_DAY` when none can leave then.
        latest: ``latest[timing, day]``: latest shipment that arrives by a day, -1 when there is none.
        is_source: Rows whose source has supply of its own.
    """

    point: IntArray
    source: IntArray
    transfer: IntArray
    order: IntArray
    rest: IntArray
    timing: IntArray
    unit_cost: FloatArray
    rank_above: FloatArray
    legs: IntArray
    arrival: IntArray
    latest: IntArray
    is_source: BoolArray

    def __len__(self) -> int:
        return len(self.point)


@dataclass(frozen=True)
class Contraction:
    """What is left to model.

    Args:
        activity: Activities that are modelled on the event grid.
        point: Stocking points that are modelled.
        routes: How lines are served from them.
    """

    activity: IntArray
    point: IntArray
    routes: Routes


class _Timings:
    """Arrival and latest-shipment tables of routes; the same combination of calendars and lead times is kept once."""

    def __init__(self, calendars: Calendars) -> None:
        self._calendars = calendars
        self._known: dict[tuple[int, ...], int] = {}
        self._arrival: list[IntArray] = []

    def direct(self, calendar: IntArray) -> IntArray:
        """Delivery at the source itself, on its shipping days."""
        codes, at = np.unique(calendar, return_inverse=True)
        own = [self._add((-1, int(code)), self._calendars.arrival_days(int(code), int(code), 0)) for code in codes]
        return np.array(own, dtype=np.int64)[np.asarray(at).reshape(-1)]

    def extend(self, start: IntArray, end: IntArray, lead_time: IntArray, rest: IntArray) -> IntArray:
        """A transfer in front of known routes."""
        keys = np.column_stack([start, end, lead_time, rest])
        distinct, at = distinct_rows(keys)
        added = [self._compose(*map(int, key)) for key in distinct]
        return np.array(added, dtype=np.int64)[at]

    def _compose(self, start: int, end: int, lead_time: int, rest: int) -> int:
        first = self._calendars.arrival_days(start, end, lead_time)
        # What arrives on a day on which nothing leaves waits for the next one.
        waits = np.minimum.accumulate(np.append(self._arrival[rest], NO_DAY)[::-1])[::-1]
        later = waits[np.minimum(first, self._calendars.days)]
        return self._add((start, end, lead_time, rest), np.where(first < NO_DAY, later, NO_DAY))

    def _add(self, key: tuple[int, ...], arrival: IntArray) -> int:
        if key not in self._known:
            self._known[key] = len(self._arrival)
            self._arrival.append(arrival)
        return self._known[key]

    def arrivals(self) -> IntArray:
        """All arrival tables so far."""
        return np.array(self._arrival, dtype=np.int64).reshape(-1, self._calendars.days)


def latest_shipments(arrival: IntArray) -> IntArray:
    """For every day the latest shipment that arrives by then; -1 where there is none."""
    latest = np.full_like(arrival, -1)
    days = np.arange(arrival.shape[1])
    for row, arrivals in enumerate(arrival):
        starts = np.flatnonzero(arrivals < NO_DAY)
        if starts.size:
            position = np.searchsorted(arrivals[starts], days, side="right") - 1
            latest[row] = np.where(position >= 0, starts[np.maximum(position, 0)], -1)
    return latest


def contract(
    activities: Activities,
    shipping: IntArray,
    calendars: Calendars,
    demand: Demand,
    holding_cost: FloatArray,
    enforced: BoolArray,
    kept: IntArray,
) -> Contraction:
    """Find the activities that need no rows of their own, and the routes that replace them.

    Args:
        activities: All activities.
        shipping: Per stocking point: code of its shipping calendar.
        calendars: Working days.
        demand: Where supply is there and where it is needed.
        holding_cost: Per stocking point: money per unit and day.
        enforced: Per capacity group: it restricts the plan.
        kept: Activities that must have starts of their own.
    """
    free, blocked = _free_transfers(activities, demand.pinned, holding_cost, enforced, kept)
    timings = _Timings(calendars)
    levels = _follow(activities, np.flatnonzero(free), shipping, timings, demand.asked)
    paths = _joined(levels)
    buys = _free_buys(activities, paths, blocked, demand.chained, holding_cost)
    buys[kept] = False
    orders = _orders(activities, np.flatnonzero(buys), timings, paths)
    kept = np.flatnonzero(~free & ~buys)
    own_supply = demand.supplied | demand.pinned
    own_supply[activities.posts.point[np.isin(activities.posts.activity, kept) & (activities.posts.quantity > 0)]] = (
        True
    )
    every = _joined([paths, orders])
    arrival = timings.arrivals()
    is_source = np.concatenate([own_supply[paths.source], np.ones(len(orders.point), dtype=bool)])
    routes = Routes(**every.columns(), arrival=arrival, latest=latest_shipments(arrival), is_source=is_source)
    modelled = demand.pinned.copy()
    modelled[activities.posts.point[np.isin(activities.posts.activity, kept)]] = True
    modelled[routes.source[is_source & (routes.order < 0)]] = True
    return Contraction(kept, np.flatnonzero(modelled), routes)


@dataclass(frozen=True)
class Demand:
    """What the contraction must know of supply and demand.

    Args:
        asked: Stocking points of order lines (distinct).
        supplied: Per point: it has stock or receipts of its own.
        pinned: Per point: stock is needed there for itself (a stock target, a firm planned order).
        chained: Per point: lines of many due dates are served together there.
    """

    asked: IntArray
    supplied: BoolArray
    pinned: BoolArray
    chained: BoolArray


def _free_buys(
    activities: Activities, paths: _Level, blocked: BoolArray, chained: BoolArray, holding_cost: FloatArray
) -> BoolArray:
    """Purchases for points whose stock only routes take, and of which none serves a chain of due dates."""
    tied = blocked | (holding_cost > 0)
    tied[paths.source[chained[paths.point]]] = True
    asked = np.zeros(len(tied), dtype=bool)
    asked[paths.source] = True
    buy = (activities.kind == ActivityKind.BUY) & (activities.planned < 0)
    buy[activities.uses.activity[activities.uses.offset != 0]] = False
    return np.asarray(buy & asked[activities.point] & ~tied[activities.point])


def _orders(activities: Activities, buys: IntArray, timings: _Timings, paths: _Level) -> _Level:
    """Routes that begin with a purchase: one per purchase and path from its stocking point."""
    row, at = pairs(paths.source, activities.point[buys])
    buy = buys[at]
    timing = row
    if len(row):
        timing = timings.extend(*_times(activities, buy), paths.timing[row])
    return _Level(
        point=paths.point[row],
        source=paths.source[row],
        transfer=np.full(len(row), -1),
        order=buy,
        rest=row,
        timing=timing,
        unit_cost=paths.unit_cost[row] + activities.unit_cost[buy],
        rank_above=paths.rank_above[row] + activities.rank[buy] - 1.0,
        legs=paths.legs[row],
    )


def _times(activities: Activities, chosen: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Calendar of the start, calendar of the arrival and lead time of some activities."""
    return activities.start_calendar[chosen], activities.arrival_calendar[chosen], activities.lead_time[chosen]


def _free_transfers(
    activities: Activities, pinned: BoolArray, holding_cost: FloatArray, enforced: BoolArray, kept: IntArray
) -> tuple[BoolArray, BoolArray]:
    """Transfers into points whose stock only lines and free transfers take; and the points that must hold stock."""
    posts, uses = activities.posts, activities.uses
    moved = (activities.kind == ActivityKind.TRANSFER) | (activities.kind == ActivityKind.ITSELF)
    transfer = moved & (activities.planned < 0)
    limited = np.zeros(len(activities), dtype=bool)
    limited[uses.activity[enforced[uses.group]]] = True
    limited[kept] = True
    limited |= (activities.first_day > 0) | (activities.last_day < NO_DAY)
    # Waiting upstream must not cost more than waiting at the destination.
    origin_cost = np.where(transfer, holding_cost[np.maximum(activities.origin, 0)], 0.0)
    limited |= transfer & (origin_cost > holding_cost[activities.point])
    blocked = pinned.copy()
    takes = posts.quantity < 0
    blocked[posts.point[takes & ~transfer[posts.activity]]] = True
    blocked[activities.point[transfer & limited]] = True
    blocked[activities.origin[transfer & limited]] = True
    while True:
        # A point upstream of a blocked one must hold stock for it.
        grown = blocked.copy()
        grown[activities.origin[transfer & blocked[activities.point]]] = True
        if np.array_equal(grown, blocked):
            return np.asarray(transfer & ~limited & ~blocked[activities.point]), blocked
        blocked = grown


def _follow(
    activities: Activities, free: IntArray, shipping: IntArray, timings: _Timings, asked: IntArray
) -> list[_Level]:
    """Follow free transfers upstream from every asked point; routes that another one dominates are dropped."""
    count = len(asked)
    none = np.full(count, -1)
    levels = [
        _Level(
            point=asked,
            source=asked,
            transfer=none,
            order=none,
            rest=none,
            timing=timings.direct(shipping[asked]) if count else none,
            unit_cost=np.zeros(count),
            rank_above=np.zeros(count),
            legs=np.zeros(count, dtype=np.int64),
        )
    ]
    first = 0
    while len(levels[-1].point):
        last = levels[-1]
        row, at = pairs(last.source, activities.point[free])
        transfer = free[at]
        timing = row
        if len(row):
            timing = timings.extend(*_times(activities, transfer), last.timing[row])
        level = _Level(
            point=last.point[row],
            source=activities.origin[transfer],
            transfer=transfer,
            order=np.full(len(row), -1),
            rest=first + row,
            timing=timing,
            unit_cost=last.unit_cost[row] + activities.unit_cost[transfer],
            rank_above=last.rank_above[row] + activities.rank[transfer] - 1.0,
            legs=last.legs[row] + 1,
        )
        first += len(last.point)
        levels.append(level.take(_undominated(levels, level, timings.arrivals())))
    return levels


@dataclass(frozen=True)
class _Level:
    """Routes of one number of transfers."""

    point: IntArray
    source: IntArray
    transfer: IntArray
    order: IntArray
    rest: IntArray
    timing: IntArray
    unit_cost: FloatArray
    rank_above: FloatArray
    legs: IntArray

    def columns(self) -> dict[str, Any]:
        """The columns by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def take(self, rows: IntArray) -> _Level:
        """Some of the routes."""
        return _Level(**{name: column[rows] for name, column in self.columns().items()})


def _joined(levels: list[_Level]) -> _Level:
    """Several lists of routes as one."""
    columns = [level.columns() for level in levels]
    return _Level(**{name: np.concatenate([column[name] for column in columns]) for name in columns[0]})


def _undominated(levels: list[_Level], fresh: _Level, arrival: IntArray) -> IntArray:
    """Routes of a new level that are not as late, as costly and as badly ranked as another one of the same ends."""
    if not len(fresh.point):
        return np.empty(0, dtype=np.int64)
    width = np.int64(2**31)
    older = _joined(levels)
    keys, old_keys = fresh.point * width + fresh.source, older.point * width + older.source
    dropped = np.zeros(len(keys), dtype=bool)
    new, old = pairs(keys, old_keys)
    dropped[new[_dominates(older, old, fresh, new, arrival)]] = True
    left, right = pairs(keys, keys)
    other = left != right
    left, right = left[other], right[other]
    if len(left):
        better = _dominates(fresh, right, fresh, left, arrival)
        mutual = _dominates(fresh, left, fresh, right, arrival)
        dropped[left[better & (~mutual | (right < left))]] = True
    return np.flatnonzero(~dropped)


def _dominates(one: _Level, i: IntArray, other: _Level, j: IntArray, arrival: IntArray) -> BoolArray:
    """Routes ``i`` are never later, dearer or worse ranked than routes ``j``."""
    sooner = np.ones(len(i), dtype=bool)
    differs = np.flatnonzero(one.timing[i] != other.timing[j])
    sooner[differs] = (arrival[one.timing[i[differs]]] <= arrival[other.timing[j[differs]]]).all(axis=1)
    cheaper = one.unit_cost[i] <= other.unit_cost[j]
    return np.asarray(sooner & cheaper & (one.rank_above[i] <= other.rank_above[j]))


def modelled_part(activities: Activities, contraction: Contraction, points: int) -> Activities:
    """The modelled activities, with stocking points and activities renumbered to the modelled ones."""
    point_at = np.full(points, -1, dtype=np.int64)
    point_at[contraction.point] = np.arange(len(contraction.point))
    activity_at = np.full(len(activities), -1, dtype=np.int64)
    activity_at[contraction.activity] = np.arange(len(contraction.activity))
    rows = contraction.activity
    posts, uses = activities.posts, activities.uses
    posted = np.flatnonzero(activity_at[posts.activity] >= 0)
    used = np.flatnonzero(activity_at[uses.activity] >= 0)
    return replace(
        activities,
        kind=activities.kind[rows],
        point=point_at[activities.point[rows]],
        origin=np.where(activities.origin[rows] >= 0, point_at[activities.origin[rows]], -1),
        label=activities.label[rows],
        planned=activities.planned[rows],
        start_calendar=activities.start_calendar[rows],
        first_day=activities.first_day[rows],
        last_day=activities.last_day[rows],
        unit_cost=activities.unit_cost[rows],
        rank=activities.rank[rows],
        posts=Posts(
            activity=activity_at[posts.activity[posted]],
            point=point_at[posts.point[posted]],
            quantity=posts.quantity[posted],
            offset=posts.offset[posted],
            calendar=posts.calendar[posted],
            first_start=posts.first_start[posted],
            last_start=posts.last_start[posted],
        ),
        uses=Uses(activity_at[uses.activity[used]], uses.group[used], uses.quantity[used], uses.offset[used]),
    )
