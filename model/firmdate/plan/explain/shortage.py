"""Lines that are never completed: why no further unit can come in time.

There is no delivery to follow, so the way of supply is chosen that lacks least: for every stocking point the activity
with the fewest blocked inputs, then the best rank, then the shortest lead time; then the same for what it takes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.activities import ActivityKind
from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.plan.executed import Executed
from firmdate.plan.explain.factors import FactorKind
from firmdate.plan.explain.free_stock import FreeStock
from firmdate.plan.explain.open_ways import OpenWays, Steps
from firmdate.plan.explain.room import Room
from firmdate.plan.explain.start_days import StartDays
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
        steps: Activity, stocking point and day until which it is wanted there, of each step on the way to the first
            blocked input; activity -1 at its end.
        ready: First day on which a further unit would be there, were nothing blocked.
        cost: Money that making, buying and moving it costs per unit.
        instead: What could be released instead of the gating factor, where that is a rule of the line.
    """

    blocked: tuple[Blocked, ...]
    steps: tuple[tuple[int, int, int], ...]
    ready: int
    cost: float = 0.0
    instead: tuple[Blocked, ...] = ()


class Shortages:
    """Finds ways of supply for further units."""

    def __init__(
        self,
        network: Network,
        executed: Executed,
        supplies: Supplies,
        room: Room,
        start_days: StartDays,
        free: FreeStock,
    ) -> None:
        self._network, self._room, self._free = network, room, free
        activities = network.activities
        self._steps = Steps.of_network(network, self._left_of_planned(executed))
        self._start_days = start_days
        self._has_own = np.zeros(len(network.points), dtype=bool)
        self._has_own[supplies.point] = True
        self._has_own[activities.point[activities.planned >= 0]] = True
        self._known: dict[tuple[int, int], Way] = {}
        self._open: set[int] = set()

    def _left_of_planned(self, executed: Executed) -> FloatArray:
        """Units of planned orders that are not used."""
        planned, known = self._network.planned, executed.planned >= 0
        used = np.bincount(executed.planned[known], weights=executed.quantity[known], minlength=len(planned))
        return np.asarray(planned.quantity - used[: len(planned)])

    def way(self, point: int, day: int, quantity: float = 1.0) -> Way:
        """The best way for a further unit to come to a point until a day."""
        least = quantity - NOISE if self._network.points.whole_units[point] else NOISE
        ready = self._free.ready(point, day, least)
        if ready >= 0:
            return Way((), (), ready)
        if (point, day) in self._known:
            return self._known[point, day]
        self._open.add(point)
        found = [way for activity in self._steps.ways.of(point).tolist() if (way := self._by(activity, point, day))]
        self._open.discard(point)
        best = min(found, key=self._lack) if found else self._end(point, day)
        if not self._open:
            self._known[point, day] = best
        return best

    def is_free(self, point: IntArray, day: IntArray) -> BoolArray:
        """Per point and day: whether the best way for a further unit lacks nothing and costs nothing."""
        opens = OpenWays(self._network, self._room.left, self._start_days, self._free, self._steps)
        free = np.zeros(len(point), dtype=bool)
        plain = opens.plain[point]
        free[plain] = opens.at_no_cost(point[plain], day[plain])
        for row in np.flatnonzero(~plain).tolist():
            way = self.way(int(point[row]), int(day[row]))
            free[row] = not way.blocked and way.cost <= 0
        return free

    def _lack(self, way: Way) -> tuple[int, bool]:
        """How much a way lacks; of equal ones, that which somebody would pay for lacks less."""
        return len(way.blocked), not self._is_worth(way)

    def _is_worth(self, way: Way) -> bool:
        """Whether what blocks a way first is a capacity of which more would help."""
        if not way.blocked or way.blocked[0].kind != FactorKind.CAPACITY:
            return False
        return bool(self._room.tier[way.blocked[0].ref] >= 0)

    def _end(self, point: int, day: int) -> Way:
        kind = FactorKind.SUPPLY if self._has_own[point] else FactorKind.NO_SOURCE
        return Way((Blocked(kind, point, 1.0, NO_DAY, NO_DAY),), ((-1, point, day),), 0)

    def _by(self, activity: int, point: int, day: int) -> Way | None:
        """The way over one activity; None where it cannot give more, whatever is released."""
        network = self._network
        activities = network.activities
        planned = int(activities.planned[activity])
        if planned >= 0 and self._steps.planned_left[planned] <= NOISE:
            return None
        arriving = int(self._start_days.arriving_by(np.array([activity]), np.array([day]))[0])
        latest = int(self._start_days.effective_until(np.array([activity]), np.array([arriving]))[0])
        late = [] if latest >= 0 else [self._too_late(activity, arriving, day)]
        if late:
            # Were it in time, it could start on the last day that matters.
            latest = arriving if arriving >= 0 else day
        inputs = self._inputs(activity, latest)
        if inputs is None:
            return None
        full, start, last = self._full(activity, inputs.ready, latest)
        if inputs.blocked and not full and last < latest:
            # What it lacks must be there while there is still room for it.
            inputs = self._inputs(activity, last) or inputs
        ready = self._start_days.arrival(activity, start)
        own = Way((*late, *full), (), 0)
        worth_more = own.blocked and self._is_worth(inputs) and not self._is_worth(own)
        first, then = (inputs, own) if worth_more else (own, inputs)
        return Way(
            blocked=(*first.blocked, *then.blocked),
            steps=((activity, point, day), *(first if first.blocked else then).steps),
            ready=min(ready, day),
            cost=inputs.cost + float(activities.unit_cost[activity]),
        )

    def _inputs(self, activity: int, latest: int) -> Way | None:
        """What an activity lacks of what it takes when it starts on a day, and the first day on which it could.

        None where it would feed itself.
        """
        posts = self._network.activities.posts
        main, cost = Way((), (), 0), 0.0
        blocked: list[Blocked] = []
        ready = max(int(self._network.activities.first_day[activity]), 0)
        for take in self._steps.takes.of(activity).tolist():
            if not posts.first_start[take] <= latest <= posts.last_start[take]:
                continue
            taken, per_unit = int(posts.point[take]), -float(posts.quantity[take])
            if taken in self._open:
                return None
            offset = int(posts.offset[take])
            needed = min(max(latest + offset, 0), self._network.horizon.days - 1)
            way = self.way(taken, needed, per_unit)
            ready, cost = max(ready, way.ready - offset), cost + way.cost * per_unit
            own = [Blocked(end.kind, end.ref, end.per_unit * per_unit, end.day, end.end) for end in way.blocked]
            if own and (not main.blocked or (self._is_worth(way) and not self._is_worth(main))):
                main, blocked = way, own + blocked
            else:
                blocked += own
        return Way(tuple(blocked), main.steps, min(ready, latest), cost)

    def _too_late(self, activity: int, arriving: int, day: int) -> Blocked:
        """Why an activity cannot start in time."""
        activities = self._network.activities
        planned, first = int(activities.planned[activity]), int(activities.first_day[activity])
        end = first + int(self._start_days.lead_time[activity])
        if planned >= 0:
            return Blocked(FactorKind.PLANNED_ORDER, planned, 1.0, end, end)
        if activities.kind[activity] == ActivityKind.SOURCE and first > 0:
            return Blocked(FactorKind.FENCE, int(activities.point[activity]), 1.0, end, end)
        if arriving >= 0 or first > 0:
            begin = first if first > arriving else NO_DAY
            return Blocked(FactorKind.EFFECTIVITY, activity, 1.0, begin, begin)
        if self._start_days.opens(activity, first) > max(day, first):
            return Blocked(FactorKind.CLOSED, activity, 1.0, NO_DAY, NO_DAY)
        if self._start_days.lead_time[activity] > 0:
            return Blocked(FactorKind.LEAD_TIME, activity, 1.0, first, end)
        return Blocked(FactorKind.CALENDAR, int(activities.point[activity]), 1.0, NO_DAY, NO_DAY)

    def _full(self, activity: int, first: int, latest: int) -> tuple[list[Blocked], int, int]:
        """Capacities without room on any day from the first to the latest start; first and last start with room."""
        network, start, last = self._network, first, latest
        found: list[Blocked] = []
        uses, capacities = network.activities.uses, network.capacities
        if network.measured:
            return [], start, last
        whole = bool(network.points.whole_units[network.activities.point[activity]])
        for use in self._steps.uses.of(activity).tolist():
            quantity, offset = float(uses.quantity[use]), int(uses.offset[use])
            days = capacities.interval_of[uses.group[use], max(first + offset, 0) : max(latest + offset, 0) + 1]
            window = np.unique(days)
            if quantity <= 0 or not len(window):
                continue
            roomy = window[self._room.left[window] > (quantity - NOISE if whole else NOISE)]
            if len(roomy):
                start = max(start, int(capacities.start[roomy[0]]) - offset)
                last = min(last, int(capacities.end[roomy[-1]]) - 1 - offset)
                continue
            interval = int(window[self._most_useful(window)])
            span = int(capacities.start[interval]), int(capacities.end[interval])
            found.append(Blocked(FactorKind.CAPACITY, interval, quantity, *span))
        return found, start, last

    def _most_useful(self, window: IntArray) -> int:
        """The last interval of a window with capacity, preferring those that are worth something."""
        open_days = self._network.capacities.limit[window] > 0
        rank = np.where(open_days, 1, 0) + np.where(open_days & (self._room.tier[window] >= 0), 1, 0)
        return int(len(window) - 1 - np.argmax(rank[::-1]))
