"""Lines that are never completed: why no further unit can come in time.

There is no delivery to follow, so the way of supply is chosen that lacks least: for every stocking point the activity
with the fewest blocked inputs, then the best rank, then the shortest lead time; then the same for what it takes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.horizon import NO_DAY, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.network.relations import relation
from firmdate.plan.executed import Executed
from firmdate.plan.explain.factors import FactorKind, Room
from firmdate.plan.explain.supplies import Supplies
from firmdate.plan.whole_units import NOISE


@dataclass(frozen=True)
class Blocked:
    """Something without which a further unit does not come.

    Args:
        kind: Kind of the factor.
        ref: What the kind names.
        per_unit: Units or hours of it per unit that is wanted.
        day: First day that it stands for.
        end: Day after the last.
    """

    kind: FactorKind
    ref: int
    per_unit: float
    day: int
    end: int


@dataclass(frozen=True)
class Way:
    """How a further unit would come.

    Args:
        blocked: All that would have to be released together; empty when a unit can come.
        activities: Activity and stocking point of each step on the way to the first blocked input, -1 at its end.
    """

    blocked: tuple[Blocked, ...]
    steps: tuple[tuple[int, int], ...]


class Shortages:
    """Finds ways of supply for further units."""

    def __init__(self, network: Network, executed: Executed, supplies: Supplies, room: Room, free: FreeStock) -> None:
        self._network, self._room, self._free = network, room, free
        activities = network.activities
        count = len(activities)
        order = np.lexsort((np.arange(count), activities.rank, activities.point))
        self._ways = relation(len(network.points), activities.point[order], order)[0]
        posts = activities.posts
        takes = np.flatnonzero(posts.quantity < 0)
        self._takes = relation(count, posts.activity[takes], takes)[0]
        self._uses = relation(count, activities.uses.activity, np.arange(len(activities.uses)))[0]
        given = posts.quantity > 0
        self._lead_time = np.zeros(count, dtype=np.int64)
        self._lead_time[posts.activity[given]] = posts.offset[given]
        self._has_own = np.zeros(len(network.points), dtype=bool)
        self._has_own[supplies.point] = True
        self._has_own[activities.point[activities.planned >= 0]] = True
        used = np.bincount(
            executed.planned[executed.planned >= 0],
            weights=executed.quantity[executed.planned >= 0],
            minlength=len(network.planned),
        )
        self._planned_left = network.planned.quantity - used[: len(network.planned)]
        self._latest: dict[tuple[int, int, int], IntArray] = {}
        self._known: dict[tuple[int, int], Way] = {}
        self._open: set[int] = set()

    def way(self, point: int, day: int, quantity: float = 1.0) -> Way:
        """The best way for a further unit to come to a point until a day."""
        least = quantity - NOISE if self._network.points.whole_units[point] else NOISE
        if self._free.until(point, day) > least:
            return Way((), ())
        if (point, day) in self._known:
            return self._known[point, day]
        self._open.add(point)
        found = [way for activity in self._ways.of(point).tolist() if (way := self._by(activity, point, day))]
        self._open.discard(point)
        best = min(found, key=lambda way: len(way.blocked)) if found else self._end(point)
        if not self._open:
            self._known[point, day] = best
        return best

    def _end(self, point: int) -> Way:
        kind = FactorKind.SUPPLY if self._has_own[point] else FactorKind.NO_SOURCE
        return Way((Blocked(kind, point, 1.0, NO_DAY, NO_DAY),), ((-1, point),))

    def _by(self, activity: int, point: int, day: int) -> Way | None:
        """The way over one activity; None where it cannot give more, whatever is released."""
        network = self._network
        activities = network.activities
        planned = int(activities.planned[activity])
        if planned >= 0 and self._planned_left[planned] <= NOISE:
            return None
        latest = min(self._latest_start(activity, point, day), int(activities.last_day[activity]))
        if latest < activities.first_day[activity]:
            kind = FactorKind.PLANNED_ORDER if planned >= 0 else FactorKind.LEAD_TIME
            ref = planned if planned >= 0 else activity
            first = int(activities.first_day[activity])
            end = first + int(self._lead_time[activity])
            return Way((Blocked(kind, ref, 1.0, first, end),), ((activity, point),))
        blocked = self._full(activity, latest)
        steps: tuple[tuple[int, int], ...] = ()
        posts = activities.posts
        for take in self._takes.of(activity).tolist():
            if not posts.first_start[take] <= latest <= posts.last_start[take]:
                continue
            taken, per_unit = int(posts.point[take]), -float(posts.quantity[take])
            if taken in self._open:
                return None
            needed = min(latest + int(posts.offset[take]), network.horizon.days - 1)
            way = self.way(taken, max(needed, 0), per_unit)
            steps = steps or way.steps
            blocked += [
                Blocked(end.kind, end.ref, end.per_unit * per_unit, end.day, end.end) for end in way.blocked
            ]
        own = () if self._full(activity, latest) else steps
        return Way(tuple(blocked), ((activity, point), *own))

    def _latest_start(self, activity: int, point: int, day: int) -> int:
        activities, calendars = self._network.activities, self._network.calendars
        key = (
            int(activities.start_calendar[activity]),
            int(self._network.points.calendar[point]),
            int(self._lead_time[activity]),
        )
        if key not in self._latest:
            self._latest[key] = calendars.latest_starts(*key)
        return int(self._latest[key][day])

    def _full(self, activity: int, latest: int) -> list[Blocked]:
        """Capacities of an activity without room on any day on which it could start."""
        network, found = self._network, []
        uses, capacities = network.activities.uses, network.capacities
        if network.measured:
            return []
        first = int(network.activities.first_day[activity])
        whole = bool(network.points.whole_units[network.activities.point[activity]])
        for use in self._uses.of(activity).tolist():
            quantity, offset = float(uses.quantity[use]), int(uses.offset[use])
            days = capacities.interval_of[uses.group[use], max(first + offset, 0) : max(latest + offset, 0) + 1]
            window = np.unique(days)
            if quantity <= 0 or not len(window):
                continue
            if (self._room.left[window] > (quantity - NOISE if whole else NOISE)).any():
                continue
            interval = int(window[self._most_useful(window)])
            span = int(capacities.start[interval]), int(capacities.end[interval])
            found.append(Blocked(FactorKind.CAPACITY, interval, quantity, *span))
        return found

    def _most_useful(self, window: IntArray) -> int:
        """The last interval of a window with capacity, preferring those that are worth something."""
        open_days = self._network.capacities.available[window] > 0
        rank = np.where(open_days, 1, 0) + np.where(open_days & (self._room.tier[window] >= 0), 1, 0)
        return int(len(window) - 1 - np.argmax(rank[::-1]))


class FreeStock:
    """Projected stock that nobody takes later."""

    def __init__(self, days: int, key: IntArray, change: FloatArray) -> None:
        """Changes of stock by ``point × days + day``."""
        self._days = days
        self._key, at = np.unique(key, return_inverse=True)
        total = np.bincount(at, weights=change, minlength=len(self._key))
        self._level = np.empty(0)
        if len(self._key):
            point = self._key // days
            first = np.append(True, point[1:] != point[:-1])
            running = np.cumsum(total)
            before = np.repeat((running - total)[first], np.diff(np.append(np.flatnonzero(first), len(point))))
            self._level = running - before
        self._first = np.searchsorted(self._key, np.arange(0))

    def until(self, point: int, day: int) -> float:
        """Units that are there on a day and stay until the end of the horizon."""
        at = int(np.searchsorted(self._key, point * self._days + day, side="right")) - 1
        if at < 0 or self._key[at] // self._days != point:
            return 0.0
        end = int(np.searchsorted(self._key, (point + 1) * self._days))
        return float(self._level[at:end].min())
