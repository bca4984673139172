"""What holds each late line back: the critical chain from its last delivery upstream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firmdate.network.capacity import CapacityKind
from firmdate.network.expansion import expand_uses
from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.network.relations import relation
from firmdate.plan.executed import Executed
from firmdate.plan.promise import Promises, ScheduleLines
from firmdate.plan.whole_units import NOISE

TextArray = npt.NDArray[np.object_]

_CAPACITY_KINDS = np.array([kind.name.lower() for kind in CapacityKind], dtype=object)
_VERBS = np.array(["make", "move", "buy", "get"], dtype=object)
"""By ``ActivityKind``."""


@dataclass(frozen=True)
class Gating:
    """What gates each line, blank for lines on time; one entry per demand line.

    Args:
        kind: receipt, resource, supplier, lane, lead_time, supply, planned_order, latest_acceptable_date, horizon, …
        name: Name of it.
        day: Day that it stands for, :data:`NO_DAY` where none.
        reason: One sentence.
    """

    kind: TextArray
    name: TextArray
    day: IntArray
    reason: TextArray


class _Writer:
    """Fills the columns of the result for groups of lines."""

    def __init__(self, network: Network) -> None:
        self._network = network
        count = len(network.lines)
        self.kind, self.name, self.reason = (np.full(count, "", dtype=object) for _ in range(3))
        self.day = np.full(count, NO_DAY)

    def write(
        self, rows: IntArray, kind: str | TextArray, name: str | TextArray, day: IntArray | int, reason: TextArray | str
    ) -> None:
        """Say what gates some lines."""
        self.kind[rows], self.name[rows], self.day[rows], self.reason[rows] = kind, name, day, reason

    def places(self, points: IntArray) -> TextArray:
        """``item at location`` of stocking points."""
        catalog, keys = self._network.catalog, self._network.points.keys[points]
        items = catalog.items.to_numpy(dtype=object)[catalog.item_of(keys)]
        return np.asarray(items + " at " + catalog.locations.to_numpy(dtype=object)[catalog.location_of(keys)])

    def dates(self, days: IntArray) -> TextArray:
        """ISO dates of days."""
        distinct, at = np.unique(days, return_inverse=True)
        texts = np.datetime_as_string(self._network.horizon.date_of(distinct), unit="D").astype(object)
        return np.asarray(texts[np.asarray(at).reshape(-1)])


def gating(
    network: Network, executed: Executed, load: FloatArray, shipped: ScheduleLines, promised: Promises
) -> Gating:
    """The gating factor of every line that is not on time."""
    writer = _Writer(network)
    last = np.full(len(network.lines), -1)
    np.maximum.at(last, shipped.line, shipped.day)
    open_rows = _write_rules(network, writer, last, promised)
    point = network.points.find(network.lines.key)
    full = _full_intervals(network, load)
    missing = promised.day[open_rows] == NO_DAY
    _write_exhausted(network, writer, full, open_rows[missing], point)
    late = open_rows[~missing]
    _Trace(network, executed, full).write(writer, late, point[late], last[late])
    return Gating(writer.kind, writer.name, writer.day, writer.reason)


def _write_rules(network: Network, writer: _Writer, last: IntArray, promised: Promises) -> IntArray:
    """Rules of the line itself that hold it back; gives the other lines that are not on time."""
    lines = network.lines
    rows = np.flatnonzero(promised.day > lines.due_day)
    missing = promised.day == NO_DAY
    first, limit = lines.first_day, lines.last_day
    point = network.points.find(lines.key)

    def take(mask: BoolArray) -> IntArray:
        nonlocal rows
        chosen = rows[mask[rows]]
        rows = rows[~mask[rows]]
        return chosen

    chosen = take(~lines.planned)
    writer.write(chosen, "horizon", "", NO_DAY, "requested after the horizon; plan more days")
    chosen = take(missing & (limit != NO_DAY))
    places = writer.places(point[chosen])
    text = "no supply left for " + places + " by the latest acceptable date " + writer.dates(limit[chosen])
    writer.write(chosen, "latest_acceptable_date", places, limit[chosen], text)
    chosen = take(~_reachable_lines(network))
    places = writer.places(point[chosen])
    writer.write(chosen, "no_source", places, NO_DAY, "no supply of " + places + " can come inside the horizon")
    on_first_day = ~missing & (first == last)
    chosen = take(on_first_day & (lines.due_day < 0) & (last == 0))
    text = "requested before the planning date; delivered on the first day that is left"
    writer.write(chosen, "past_request", writer.places(point[chosen]), 0, text)
    chosen = take(on_first_day & (last > lines.due_day) & (first > lines.due_day))
    text = "the customer accepts delivery from " + writer.dates(last[chosen]) + " on"
    writer.write(chosen, "earliest_date", writer.places(point[chosen]), last[chosen], text)
    return rows


def _reachable_lines(network: Network) -> BoolArray:
    """Lines that some supply can reach inside the horizon."""
    served = np.zeros(len(network.classes), dtype=bool)
    served[network.deliveries.of_class] = True
    reachable = network.lines.reserved > 0
    reachable[network.classes.line] |= served[network.classes.line_class]
    return np.asarray(reachable)


def _write_exhausted(network: Network, writer: _Writer, full: BoolArray, rows: IntArray, point: IntArray) -> None:
    """Why more supply does not come inside the horizon: a capacity on the way, or nothing more to come."""
    points, at = np.unique(point[rows], return_inverse=True)
    group = _full_groups_upstream(network, full, points)[np.asarray(at).reshape(-1)]
    limited = group >= 0
    chosen, capacities = rows[limited], network.capacities
    kinds = _CAPACITY_KINDS[capacities.kind[group[limited]]]
    names = np.array(capacities.name, dtype=object)[group[limited]] if len(chosen) else np.empty(0, dtype=object)
    text = kinds + " " + names + " is used up inside the horizon"
    writer.write(chosen, kinds, names, network.horizon.days - 1, text)
    chosen = rows[~limited]
    places = writer.places(point[chosen])
    writer.write(chosen, "supply", places, NO_DAY, "all supply of " + places + " inside the horizon is used")


def _full_groups_upstream(network: Network, full: BoolArray, points: IntArray) -> IntArray:
    """For each stocking point a full capacity on the way to it, -1 where there is none."""
    activities = network.activities
    count, size = len(activities), len(network.points)
    suppliers, _ = relation(size, activities.point, np.arange(count))
    takes = activities.posts.quantity < 0
    taken, _ = relation(count, activities.posts.activity[takes], activities.posts.point[takes])
    group_full = np.zeros(len(network.capacities.kind), dtype=bool)
    group_full[network.capacities.group[full & (network.capacities.available > 0)]] = True
    limit = np.full(count, -1)
    binding = group_full[activities.uses.group]
    limit[activities.uses.activity[binding]] = activities.uses.group[binding]
    found = np.full(len(points), -1)
    for number, point in enumerate(points.tolist()):
        seen, frontier = {point}, [point]
        while frontier and found[number] < 0:
            for activity in suppliers.of(frontier.pop()).tolist():
                if limit[activity] >= 0:
                    found[number] = limit[activity]
                    break
                fresh = set(taken.of(activity).tolist()) - seen
                seen |= fresh
                frontier += sorted(fresh)
    return found


class _Trace:
    """Follows supply upstream from stocking points, for all lines at once."""

    def __init__(self, network: Network, executed: Executed, full: BoolArray) -> None:
        self._network, self._executed = network, executed
        posts, days, receipts = executed.posts, network.horizon.days, network.receipts
        supplies = np.flatnonzero(posts.quantity > 0)
        point = network.points.find(receipts.key)
        received = np.flatnonzero(point >= 0)
        key = np.concatenate(
            [posts.point[supplies] * days + posts.day[supplies], point[received] * days + receipts.day[received]]
        )
        # A receipt is the position of its row, counted backward from -1.
        source = np.concatenate([posts.start[supplies], -1 - received])
        # Of the supply of one day the last counts: what took time rather than what was moved there the same day.
        took_time = np.ones(len(key), dtype=bool)
        took_time[: len(supplies)] = posts.day[supplies] > executed.starts.day[posts.start[supplies]]
        order = np.lexsort((took_time, key))
        self._key, self._source = key[order], source[order]
        self._interval = self._binding_intervals(full)
        self._tight = self._tight_takes()
        self._in_circle = self._rows_in_circles()

    def _binding_intervals(self, full: BoolArray) -> IntArray:
        """Per executed row: an interval that is full, or that follows a full one of the same capacity; else -1."""
        network, executed = self._network, self._executed
        uses = expand_uses(network.activities, executed.starts, network.capacities)
        group = network.capacities.group
        after_full = np.zeros(len(full), dtype=bool)
        after_full[1:] = full[:-1] & (group[1:] == group[:-1])
        binds = (full | after_full)[uses.target]
        interval = np.full(len(executed), -1)
        interval[uses.start[binds][::-1]] = uses.target[binds][::-1]
        self._is_full = full
        return interval

    def _tight_takes(self) -> IntArray:
        """Per executed row: a posting that takes what has arrived on the same day; else -1."""
        posts = self._executed.posts
        takes = np.flatnonzero((posts.quantity < 0) & (posts.day > 0))
        arrival = self._latest(posts.point[takes], posts.day[takes])
        known = arrival >= 0
        takes, arrival = takes[known], arrival[known]
        tight = takes[self._key[arrival] % self._network.horizon.days == posts.day[takes]]
        first = np.full(len(self._executed), -1)
        first[posts.start[tight][::-1]] = tight[::-1]
        return first

    def _rows_in_circles(self) -> BoolArray:
        """Executed rows whose way upstream comes back to them: moves without lead time that feed each other."""
        posts, count = self._executed.posts, len(self._executed)
        waits = np.flatnonzero((self._tight >= 0) & (self._interval < 0))
        take = self._tight[waits]
        source = self._source[self._latest(posts.point[take], posts.day[take])]
        upstream = np.full(count + 1, count)
        upstream[waits[source >= 0]] = source[source >= 0]
        for _ in range(count.bit_length()):
            upstream = upstream[upstream]
        circular = np.zeros(count + 1, dtype=bool)
        circular[upstream] = True
        return circular[:count]

    def _latest(self, point: IntArray, day: IntArray) -> IntArray:
        """Position of the last supply of each point until a day; -1 where there is none."""
        if not len(self._key):
            return np.full(len(point), -1)
        days = self._network.horizon.days
        at = np.searchsorted(self._key, point * days + day, side="right") - 1
        return np.where((at >= 0) & (self._key[at] // days == point), at, -1)

    def write(self, writer: _Writer, rows: IntArray, point: IntArray, day: IntArray) -> None:
        """Write what the last delivery of each line waited for."""
        days = self._network.horizon.days
        while len(rows):
            at = self._latest(point, day)
            waited = at >= 0
            waited[waited] = self._key[at[waited]] % days == day[waited]
            self._write_competition(writer, rows[~waited], point[~waited], day[~waited])
            rows, point, day, source = rows[waited], point[waited], day[waited], self._source[at[waited]]
            receipt = source < 0
            self._write_receipts(writer, rows[receipt], point[receipt], day[receipt], -1 - source[receipt])
            rows, point, day, source = (column[~receipt] for column in (rows, point, day, source))
            interval = self._interval[source]
            limited = interval >= 0
            self._write_capacities(writer, rows[limited], interval[limited])
            rows, point, day, source = (column[~limited] for column in (rows, point, day, source))
            circular = self._in_circle[source]
            self._write_competition(writer, rows[circular], point[circular], day[circular])
            rows, point, day, source = (column[~circular] for column in (rows, point, day, source))
            take = self._tight[source]
            ends = take < 0
            self._write_ends(writer, rows[ends], point[ends], day[ends], source[ends])
            posts = self._executed.posts
            rows, point, day = rows[~ends], posts.point[take[~ends]], posts.day[take[~ends]]

    def _write_competition(self, writer: _Writer, rows: IntArray, point: IntArray, day: IntArray) -> None:
        places = writer.places(point)
        writer.write(rows, "supply", places, day, "stock of " + places + " went to lines that come first")

    def _write_receipts(self, writer: _Writer, rows: IntArray, point: IntArray, day: IntArray, row: IntArray) -> None:
        names = np.array(self._network.receipts.name, dtype=object)[row] if len(row) else np.empty(0, dtype=object)
        text = "waits for receipt " + names + " of " + writer.places(point) + " on " + writer.dates(day)
        writer.write(rows, "receipt", names, day, text)

    def _write_capacities(self, writer: _Writer, rows: IntArray, interval: IntArray) -> None:
        capacities = self._network.capacities
        group, start = capacities.group[interval], capacities.start[interval]
        kinds = _CAPACITY_KINDS[capacities.kind[group]]
        names = np.array(capacities.name, dtype=object)[group] if len(rows) else np.empty(0, dtype=object)
        words = np.where(self._is_full[interval], " is full in the interval from ", " is full until ").astype(object)
        writer.write(rows, kinds, names, start, kinds + " " + names + words + writer.dates(start))

    def _write_ends(self, writer: _Writer, rows: IntArray, point: IntArray, day: IntArray, row: IntArray) -> None:
        """Nothing upstream holds it: a planned order comes when it is planned, or the lead time alone counts."""
        network, executed = self._network, self._executed
        start, planned = executed.starts.day[row], executed.planned[row]
        as_planned = (planned >= 0) & (start <= np.append(network.planned.start_day, -NO_DAY)[planned])
        ids = np.append(network.planned.frame["order"].to_numpy(dtype=object), "")
        places, dates = writer.places(point), writer.dates(day)
        names = np.where(as_planned, ids[planned], places).astype(object)
        verbs = _VERBS[network.activities.kind[executed.activity[row]]]
        lead_time = "lead time to " + verbs + " " + places + ": from " + writer.dates(start) + " to " + dates
        order = "waits for planned order " + names + " of " + places + " on " + dates
        kinds = np.where(as_planned, "planned_order", "lead_time").astype(object)
        writer.write(rows, kinds, names, day, np.where(as_planned, order, lead_time))


def _full_intervals(network: Network, load: FloatArray) -> BoolArray:
    """Intervals in which nothing is left."""
    available = network.capacities.available
    return np.asarray(load >= available - NOISE * np.maximum(1.0, available))
