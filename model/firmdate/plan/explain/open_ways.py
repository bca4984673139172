"""Whether a further unit could come, for many stocking points and days at once.

The same question as that of :class:`firmdate.plan.explain.shortage.Shortages`, without what is missing where it is
not so. What is ready by a day stays ready, so it is asked of points only where that holds and nothing feeds itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.network.relations import Relation, ranges, relation
from firmdate.plan.explain.free_stock import FreeStock
from firmdate.plan.explain.start_days import StartDays
from firmdate.plan.whole_units import NOISE

AT_ONCE = 20_000
"""So many questions are answered together; each looks at all days of its horizon."""


@dataclass(frozen=True)
class Steps:
    """What leads to what.

    Args:
        ways: Activities that supply each stocking point, the preferred ones first.
        takes: Postings of each activity that take something.
        uses: Uses of capacity of each activity.
        planned_left: Units of planned orders that are not used.
    """

    ways: Relation
    takes: Relation
    uses: Relation
    planned_left: FloatArray

    @classmethod
    def of_network(cls, network: Network, planned_left: FloatArray) -> Steps:
        """The steps of a network."""
        activities = network.activities
        posts, count = activities.posts, len(activities)
        order = np.lexsort((np.arange(count), activities.rank, activities.point))
        takes = np.flatnonzero(posts.quantity < 0)
        return cls(
            ways=relation(len(network.points), activities.point[order], order)[0],
            takes=relation(count, posts.activity[takes], takes)[0],
            uses=relation(count, activities.uses.activity, np.arange(len(activities.uses)))[0],
            planned_left=planned_left,
        )


@dataclass(frozen=True)
class _Found:
    """Per question: whether a unit can come, the first day of it, and what it costs."""

    is_open: BoolArray
    ready: IntArray
    cost: FloatArray


class OpenWays:
    """Finds out where a further unit could come."""

    def __init__(
        self, network: Network, left: FloatArray, start_days: StartDays, free: FreeStock, steps: Steps
    ) -> None:
        """``left`` is what is left of every capacity interval."""
        self._network, self._left = network, left
        self._start_days, self._free, self._steps = start_days, free, steps
        self.plain = self._plain_points()

    def _plain_points(self) -> BoolArray:
        """Points that do not feed themselves and above which no bill of materials is limited in time."""
        activities, posts = self._network.activities, self._network.activities.posts
        takes = self._steps.takes.targets
        above, below = posts.point[takes], activities.point[posts.activity[takes]]
        plain = np.zeros(len(self._network.points), dtype=bool)
        limited = np.zeros(len(plain), dtype=bool)
        limited[activities.point[self._start_days.dated]] = True
        open_inputs = np.bincount(below, minlength=len(plain))
        fresh = np.flatnonzero((open_inputs == 0) & ~limited)
        follows = relation(len(plain), above, below)[0]
        while len(fresh):
            plain[fresh] = True
            fed = follows.of_all(fresh)[1]
            np.subtract.at(open_inputs, fed, 1)
            fed = np.unique(fed)
            fresh = fed[(open_inputs[fed] == 0) & ~limited[fed]]
        return plain

    def at_no_cost(self, point: IntArray, day: IntArray) -> BoolArray:
        """Whether a further unit comes to some plain points by some days, and its preferred way costs nothing."""
        free = np.zeros(len(point), dtype=bool)
        for begin in range(0, len(point), AT_ONCE):
            part = slice(begin, begin + AT_ONCE)
            found = self._find(point[part], day[part], np.ones(len(point[part])))
            free[part] = found.is_open & (found.cost <= 0)
        return free

    def _find(self, point: IntArray, day: IntArray, units: FloatArray) -> _Found:
        least = np.where(self._network.points.whole_units[point], units - NOISE, NOISE)
        ready = self._free.ready_many(point, day, least)
        is_open, cost = ready >= 0, np.zeros(len(point))
        rest = np.flatnonzero(~is_open)
        if len(rest):
            width = self._network.horizon.days
            keys, at = np.unique(point[rest] * width + day[rest], return_inverse=True)
            made = self._made(keys // width, keys % width)
            is_open[rest], ready[rest], cost[rest] = made.is_open[at], made.ready[at], made.cost[at]
        return _Found(is_open, ready, cost)

    def _made(self, point: IntArray, day: IntArray) -> _Found:
        """The first of the ways to some points that lacks nothing."""
        query, way = self._steps.ways.of_all(point)
        found = self._by(way, day[query])
        best = np.full(len(point), len(query))
        opens = np.flatnonzero(found.is_open)
        np.minimum.at(best, query[opens], opens)
        is_open = best < len(query)
        return _Found(is_open, np.append(found.ready, -1)[best], np.append(found.cost, 0.0)[best])

    def _by(self, activity: IntArray, day: IntArray) -> _Found:
        """Ways over some activities, each by a day."""
        activities, days = self._network.activities, self._start_days
        planned = activities.planned[activity]
        latest = days.effective_until(activity, days.arriving_by(activity, day))
        is_open = (latest >= 0) & ((planned < 0) | (np.append(self._steps.planned_left, 0.0)[planned] > NOISE))
        ready, cost = np.zeros(len(activity), dtype=np.int64), np.zeros(len(activity))
        rows = np.flatnonzero(is_open)
        inputs = self._inputs(activity[rows], latest[rows])
        has_room, start = self._room(activity[rows], inputs.ready, latest[rows])
        is_open[rows] = inputs.is_open & has_room
        ready[rows] = np.minimum(days.arrivals(activity[rows], start), day[rows])
        cost[rows] = inputs.cost + activities.unit_cost[activity[rows]]
        return _Found(is_open, ready, cost)

    def _inputs(self, activity: IntArray, latest: IntArray) -> _Found:
        """What some activities take when they start on a day at the latest."""
        posts = self._network.activities.posts
        query, take = self._steps.takes.of_all(activity)
        ready = np.maximum(self._network.activities.first_day[activity], 0)
        is_open, cost = np.ones(len(activity), dtype=bool), np.zeros(len(activity))
        if len(take):
            needed = np.clip(latest[query] + posts.offset[take], 0, self._network.horizon.days - 1)
            found = self._find(posts.point[take], needed, -posts.quantity[take])
            is_open[query[~found.is_open]] = False
            np.maximum.at(ready, query, found.ready - posts.offset[take])
            np.add.at(cost, query, found.cost * -posts.quantity[take])
        return _Found(is_open, np.minimum(ready, latest), cost)

    def _room(self, activity: IntArray, first: IntArray, latest: IntArray) -> tuple[BoolArray, IntArray]:
        """Whether capacities have room between the first and the latest start, and the first start with room."""
        network, start = self._network, first.copy()
        uses, capacities = network.activities.uses, network.capacities
        has_room = np.ones(len(activity), dtype=bool)
        query, use = self._steps.uses.of_all(activity)
        if network.measured or not len(use):
            return has_room, start
        offset = uses.offset[use]
        begin = np.maximum(first[query] + offset, 0)
        end = np.minimum(np.maximum(latest[query] + offset, 0) + 1, network.horizon.days)
        length = np.where(uses.quantity[use] > 0, np.maximum(end - begin, 0), 0)
        pair, day = np.repeat(np.arange(len(use)), length), ranges(begin, length)
        interval = capacities.interval_of[uses.group[use[pair]], day]
        whole = network.points.whole_units[network.activities.point[activity]]
        least = np.where(whole[query], uses.quantity[use] - NOISE, NOISE)
        roomy = np.flatnonzero(self._left[interval] > least[pair])
        opens = np.full(len(use), len(pair))
        np.minimum.at(opens, pair[roomy], roomy)
        found = opens < len(pair)
        has_room[query[~found & (length > 0)]] = False
        day_of = capacities.start[interval[opens[found]]] - offset[found]
        np.maximum.at(start, query[found], day_of)
        return has_room, start
