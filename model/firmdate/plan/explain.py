"""What holds each late line back: the critical chain from its last delivery upstream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.activities import ActivityKind
from firmdate.network.capacity import CapacityKind
from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.expansion import expand_uses
from firmdate.network.network import Network
from firmdate.network.relations import relation
from firmdate.plan.executed import Executed
from firmdate.plan.promise import Promises, ScheduleLines
from firmdate.plan.whole_units import NOISE

_CAPACITY_KINDS = {CapacityKind.RESOURCE: "resource", CapacityKind.SUPPLIER: "supplier", CapacityKind.LANE: "lane"}
_VERBS = {
    ActivityKind.MAKE: "make",
    ActivityKind.TRANSFER: "move",
    ActivityKind.BUY: "buy",
    ActivityKind.SOURCE: "get",
}


@dataclass(frozen=True)
class Gating:
    """What gates each line, blank for lines on time; one entry per demand line.

    Args:
        kind: receipt, resource, supplier, lane, lead_time, supply, planned_order, latest_acceptable_date, horizon, …
        name: Name of it.
        day: Day that it stands for, :data:`NO_DAY` where none.
        reason: One sentence.
    """

    kind: np.ndarray
    name: np.ndarray
    day: IntArray
    reason: np.ndarray


@dataclass(frozen=True)
class _Cause:
    kind: str
    name: str
    day: int
    reason: str


def gating(
    network: Network, executed: Executed, load: FloatArray, shipped: ScheduleLines, promised: Promises
) -> Gating:
    """The gating factor of every line that is not on time."""
    lines = network.lines
    count = len(lines)
    kind, name, reason = (np.full(count, "", dtype=object) for _ in range(3))
    day = np.full(count, NO_DAY)
    last = np.full(count, -1)
    np.maximum.at(last, shipped.line, shipped.day)
    trace = _Trace(network, executed, load)
    point = network.points.find(lines.key)
    reachable = _reachable_lines(network)
    for row in np.flatnonzero(promised.day > lines.due_day).tolist():
        missing = promised.day[row] == NO_DAY
        cause = _rule_cause(network, row, int(last[row]), missing, bool(reachable[row]))
        if cause is None:
            cause = trace.exhausted(int(point[row])) if missing else trace.cause(int(point[row]), int(last[row]))
        kind[row], name[row], day[row], reason[row] = cause.kind, cause.name, cause.day, cause.reason
    return Gating(kind, name, day, reason)


def _reachable_lines(network: Network) -> BoolArray:
    """Lines that some supply can reach inside the horizon."""
    served = np.zeros(len(network.classes), dtype=bool)
    served[network.deliveries.of_class] = True
    reachable = network.lines.reserved > 0
    reachable[network.classes.line] |= served[network.classes.line_class]
    return reachable


def _rule_cause(network: Network, row: int, last: int, missing: bool, reachable: bool) -> _Cause | None:
    """A rule of the line itself that holds it back; None when it is its supply."""
    lines = network.lines
    place = network.catalog.name(int(lines.key[row]))
    if not lines.planned[row]:
        return _Cause("horizon", "", NO_DAY, "requested after the horizon; plan more days")
    if missing and lines.last_day[row] != NO_DAY:
        limit = int(lines.last_day[row])
        text = f"no supply left for {place} by the latest acceptable date {_date(network, limit)}"
        return _Cause("latest_acceptable_date", place, limit, text)
    if not reachable:
        return _Cause("no_source", place, NO_DAY, f"no supply of {place} can come inside the horizon")
    if missing or lines.first_day[row] != last:
        return None
    if lines.due_day[row] < 0 and last == 0:
        text = "requested before the planning date; delivered on the first day that is left"
        return _Cause("past_request", place, 0, text)
    if last > lines.due_day[row]:
        text = f"the customer accepts delivery from {_date(network, last)} on"
        return _Cause("earliest_date", place, last, text)
    return None


def _date(network: Network, day: int) -> str:
    """A day as ISO date."""
    return str(network.horizon.date_of(np.array([day]))[0].astype("datetime64[D]"))


class _Trace:
    """Follows supply upstream from a stocking point; each point and day is traced once."""

    def __init__(self, network: Network, executed: Executed, load: FloatArray) -> None:
        self._network, self._executed = network, executed
        self._full = _full_intervals(network, load)
        self._memo: dict[tuple[int, int], _Cause] = {}
        self._exhausted: dict[int, _Cause] = {}
        posts, days, receipts = executed.posts, network.horizon.days, network.receipts
        supplies = np.flatnonzero(posts.quantity > 0)
        received = np.flatnonzero(network.points.find(receipts.key) >= 0)
        key = np.concatenate(
            [
                posts.point[supplies] * days + posts.day[supplies],
                network.points.find(receipts.key[received]) * days + receipts.day[received],
            ]
        )
        # A receipt is the position of its row, counted backward from -1.
        source = np.concatenate([posts.start[supplies], -1 - received])
        order = np.argsort(key, kind="stable")
        self._arrival_key, self._arrival = key[order], source[order]
        takes = np.flatnonzero(posts.quantity < 0)
        self._takes, _ = relation(len(executed), posts.start[takes], takes)
        uses = expand_uses(network.activities, executed.starts, network.capacities)
        self._uses, _ = relation(len(executed), uses.start, uses.target)
        self._prepare_upstream()

    def _prepare_upstream(self) -> None:
        """Which activities supply a point, from which points they take, and which full capacities they use."""
        activities = self._network.activities
        points, count = len(self._network.points), len(activities)
        posts, uses = activities.posts, activities.uses
        self._suppliers, _ = relation(points, activities.point, np.arange(count))
        takes = posts.quantity < 0
        self._taken_points, _ = relation(count, posts.activity[takes], posts.point[takes])
        self._groups, _ = relation(count, uses.activity, uses.group)
        self._group_full = np.zeros(len(self._network.capacities.kind), dtype=bool)
        self._group_full[self._network.capacities.group[self._full]] = True

    def cause(self, point: int, day: int) -> _Cause:
        """What a delivery or a take at a point on a day waited for."""
        key = (point, day)
        if key not in self._memo:
            self._memo[key] = self._supply_cause(point, day)
        return self._memo[key]

    def exhausted(self, point: int) -> _Cause:
        """Why more supply does not come inside the horizon: a capacity on the way, or nothing more to come."""
        if point not in self._exhausted:
            self._exhausted[point] = self._exhausted_cause(point)
        return self._exhausted[point]

    def _exhausted_cause(self, point: int) -> _Cause:
        seen: set[int] = set()
        frontier = [point]
        while frontier:
            current = frontier.pop()
            if current in seen:
                continue
            seen.add(current)
            for activity in self._suppliers.of(current).tolist():
                for group in self._groups.of(activity).tolist():
                    if self._group_full[group]:
                        kind, name = self._capacity_name(group)
                        text = f"{kind} {name} is used up inside the horizon"
                        return _Cause(kind, name, self._network.horizon.days - 1, text)
                frontier += self._taken_points.of(activity).tolist()
        place = self._place(point)
        return _Cause("supply", place, NO_DAY, f"all supply of {place} inside the horizon is used")

    def _latest_arrival(self, point: int, day: int) -> tuple[int, int] | None:
        """Day and source of the last supply of a point until a day."""
        days = self._network.horizon.days
        at = int(np.searchsorted(self._arrival_key, point * days + day, side="right")) - 1
        if at < 0 or self._arrival_key[at] < point * days:
            return None
        return int(self._arrival_key[at] % days), int(self._arrival[at])

    def _supply_cause(self, point: int, day: int) -> _Cause:
        place = self._place(point)
        arrival = self._latest_arrival(point, day)
        if arrival is None or arrival[0] < day:
            return _Cause("supply", place, day, f"stock of {place} went to lines that come first")
        source = arrival[1]
        if source < 0:
            name = self._network.receipts.name[-1 - source]
            text = f"waits for receipt {name} of {place} on {_date(self._network, day)}"
            return _Cause("receipt", name, day, text)
        return self._start_cause(source, place, day)

    def _start_cause(self, row: int, place: str, day: int) -> _Cause:
        """What an activity waited for: capacity, an input, or nothing but its lead time."""
        network, executed = self._network, self._executed
        for interval in self._uses.of(row).tolist():
            group = int(network.capacities.group[interval])
            before = interval - 1
            if self._full[interval] or (
                before >= 0 and network.capacities.group[before] == group and self._full[before]
            ):
                kind, name = self._capacity_name(group)
                since = int(network.capacities.start[interval])
                text = f"{kind} {name} is full until {_date(network, since)}"
                if self._full[interval]:
                    text = f"{kind} {name} is full in the interval from {_date(network, since)}"
                return _Cause(kind, name, since, text)
        for post in self._takes.of(row).tolist():
            taken_point, taken_day = int(executed.posts.point[post]), int(executed.posts.day[post])
            arrival = self._latest_arrival(taken_point, taken_day)
            if arrival is not None and arrival[0] == taken_day > 0:
                return self.cause(taken_point, taken_day)
        start_day, planned = int(executed.starts.day[row]), int(executed.planned[row])
        if planned >= 0 and start_day <= network.planned.start_day[planned]:
            name = str(network.planned.frame["order"].iloc[planned])
            text = f"waits for planned order {name} of {place} on {_date(network, day)}"
            return _Cause("planned_order", name, day, text)
        verb = _VERBS[ActivityKind(int(network.activities.kind[executed.activity[row]]))]
        text = f"lead time to {verb} {place}: from {_date(network, start_day)} to {_date(network, day)}"
        return _Cause("lead_time", place, day, text)

    def _place(self, point: int) -> str:
        return self._network.catalog.name(int(self._network.points.keys[point]))

    def _capacity_name(self, group: int) -> tuple[str, str]:
        capacities = self._network.capacities
        return _CAPACITY_KINDS[CapacityKind(int(capacities.kind[group]))], capacities.name[group]


def _full_intervals(network: Network, load: FloatArray) -> BoolArray:
    """Intervals in which nothing is left."""
    available = network.capacities.available
    return np.asarray(load >= available - NOISE * np.maximum(1.0, available))
