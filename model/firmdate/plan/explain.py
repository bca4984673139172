"""What holds each late line back: the critical chain from its last delivery upstream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.activities import ActivityKind
from firmdate.network.capacity import CapacityKind
from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.network.relations import relation
from firmdate.plan.executed import Executed
from firmdate.plan.promise import Promises, ScheduleLines
from firmdate.plan.whole_units import NOISE

_CAPACITY_KINDS = {CapacityKind.RESOURCE: "resource", CapacityKind.SUPPLIER: "supplier", CapacityKind.LANE: "lane"}


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
    for row in np.flatnonzero(promised.day > lines.due_day).tolist():
        cause = _line_cause(network, trace, row, int(point[row]), int(last[row]), promised.day[row] == NO_DAY)
        kind[row], name[row], day[row], reason[row] = cause.kind, cause.name, cause.day, cause.reason
    return Gating(kind, name, day, reason)


def _line_cause(network: Network, trace: _Trace, row: int, point: int, last: int, open_: bool) -> _Cause:
    lines = network.lines
    place = network.catalog.name(int(lines.key[row]))
    if not lines.planned[row]:
        return _Cause("horizon", "", NO_DAY, "requested after the horizon; plan more days")
    if not network.supplied[point].any() and lines.reserved[row] <= 0:
        return _Cause("no_source", place, NO_DAY, f"no source of supply for {place} inside the horizon")
    if open_ and lines.last_day[row] != NO_DAY:
        limit = int(lines.last_day[row])
        text = f"no supply left for {place} by the latest acceptable date {trace.date(limit)}"
        return _Cause("latest_acceptable_date", place, limit, text)
    if open_:
        return trace.exhausted(point, place)
    if lines.first_day[row] == last and last > lines.due_day[row]:
        if lines.due_day[row] < 0 and lines.first_day[row] == 0:
            text = "requested before the planning date; delivered on the first day that is left"
            return _Cause("past_request", place, 0, text)
        return _Cause("earliest_date", place, last, f"the customer accepts delivery from {trace.date(last)} on")
    return trace.cause(point, last)


class _Trace:
    """Follows the supply of a stocking point upstream; each point and day is traced once."""

    def __init__(self, network: Network, executed: Executed, load: FloatArray) -> None:
        self._network = network
        self._full = _full_intervals(network, load)
        self._memo: dict[tuple[int, int], _Cause] = {}
        nodes, posts = network.nodes, network.posts
        done = np.zeros(len(network.starts), dtype=bool)
        done[executed.start] = True
        supplies = np.flatnonzero((posts.quantity > 0) & done[posts.start])
        self._arrival_start = np.full(len(nodes), -1)
        self._arrival_start[posts.target[supplies]] = posts.start[supplies]
        arrives = (self._arrival_start >= 0) | (nodes.receipts > 0)
        first = np.searchsorted(nodes.point, nodes.point)
        latest = np.maximum.accumulate(np.where(arrives, np.arange(len(nodes)), -1))
        self._latest_arrival = np.where(latest >= first, latest, -1)
        takes = np.flatnonzero((posts.quantity < 0) & done[posts.start])
        self._takes, _ = relation(len(network.starts), posts.start[takes], posts.target[takes])
        uses = network.uses
        self._uses, _ = relation(len(network.starts), uses.start, uses.target)
        receipts = network.receipts
        at = network.points.find(receipts.key)
        self._receipt_names = {
            (int(p), int(d)): name for p, d, name in zip(at, receipts.day, receipts.name, strict=True)
        }
        self._node_key = nodes.point * network.horizon.days + nodes.day

    def date(self, day: int) -> str:
        """A day as ISO date."""
        return str(self._network.horizon.date_of(np.array([day]))[0].astype("datetime64[D]"))

    def cause(self, point: int, day: int) -> _Cause:
        """What a delivery or a take at a point on a day waited for."""
        key = (point, day)
        if key not in self._memo:
            self._memo[key] = self._supply_cause(point, day)
        return self._memo[key]

    def exhausted(self, point: int, place: str) -> _Cause:
        """Why more supply does not come inside the horizon: a capacity on the way, or nothing more to come."""
        network = self._network
        seen: set[int] = set()
        frontier = [point]
        while frontier:
            current = frontier.pop()
            if current in seen:
                continue
            seen.add(current)
            for activity in np.flatnonzero(network.activities.point == current).tolist():
                uses = network.activities.uses
                for group in uses.group[uses.activity == activity].tolist():
                    if self._full[network.capacities.group == group].any():
                        return self._capacity_cause(group, int(network.horizon.days) - 1, "is used up inside the horizon")
                posts = network.activities.posts
                frontier += posts.point[(posts.activity == activity) & (posts.quantity < 0)].tolist()
        return _Cause("supply", place, NO_DAY, f"all supply of {place} inside the horizon is used")

    def _supply_cause(self, point: int, day: int) -> _Cause:
        network = self._network
        node = int(np.searchsorted(self._node_key, point * network.horizon.days + day, side="right")) - 1
        place = network.catalog.name(int(network.points.keys[point]))
        arrival = int(self._latest_arrival[node]) if node >= 0 and network.nodes.point[node] == point else -1
        if arrival < 0 or network.nodes.day[arrival] < day:
            return _Cause("supply", place, day, f"stock of {place} went to lines that come first")
        start = int(self._arrival_start[arrival])
        if start < 0:
            name = self._receipt_names.get((point, day), "")
            text = f"waits for receipt {name} of {place} on {self.date(day)}" if name else f"waits for supply of {place}"
            return _Cause("receipt" if name else "supply", name or place, day, text)
        return self._start_cause(start, place, day)

    def _start_cause(self, start: int, place: str, day: int) -> _Cause:
        """What a start waited for: capacity, an input, or nothing but its lead time."""
        network = self._network
        activity = int(network.starts.activity[start])
        for interval in self._uses.of(start).tolist():
            group = int(network.capacities.group[interval])
            before = interval - 1
            if self._full[interval] or (
                before >= 0 and network.capacities.group[before] == group and self._full[before]
            ):
                return self._capacity_cause(group, int(network.capacities.start[interval]), "is full before")
        for node in self._takes.of(start).tolist():
            arrival = int(self._latest_arrival[node])
            if arrival >= 0 and network.nodes.day[arrival] == network.nodes.day[node] > 0:
                return self.cause(int(network.nodes.point[node]), int(network.nodes.day[node]))
        planned = int(network.activities.planned[activity])
        if planned >= 0 and network.starts.day[start] <= network.planned.start_day[planned]:
            name = str(network.planned.frame["order"].iloc[planned])
            return _Cause("planned_order", name, day, f"waits for planned order {name} of {place} on {self.date(day)}")
        kinds = {ActivityKind.MAKE: "make", ActivityKind.TRANSFER: "move", ActivityKind.BUY: "buy"}
        verb = kinds.get(ActivityKind(int(network.activities.kind[activity])), "get")
        text = f"lead time to {verb} {place}: started {self.date(int(network.starts.day[start]))}, there {self.date(day)}"
        return _Cause("lead_time", place, day, text)

    def _capacity_cause(self, group: int, day: int, text: str) -> _Cause:
        capacities = self._network.capacities
        kind = _CAPACITY_KINDS[CapacityKind(int(capacities.kind[group]))]
        name = capacities.name[group]
        return _Cause(kind, name, day, f"{kind} {name} {text} {self.date(day)}".replace("horizon " + self.date(day), "horizon"))


def _full_intervals(network: Network, load: FloatArray) -> BoolArray:
    """Intervals in which nothing is left."""
    available = network.capacities.available
    return np.asarray(load >= available - NOISE * np.maximum(1.0, available))
