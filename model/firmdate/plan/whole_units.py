"""From the optimal flows to whole units.

The cumulative flow of every activity and class is rounded down and the rest carried forward to its next date.
A pass forward in time then executes what the rounded inputs really allow; what is missing upstream delays only
its own successors. A second pass repairs what rounding down has lost: where the flows of several activities add up
to a whole unit, one of them makes it. Flows of items that move in fractions are kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.activities import ActivityKind
from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.network.relations import Relation, relation, running_sums
from firmdate.plan.backlog_left import BacklogLeft
from firmdate.plan.dealt_again import dealt_again
from firmdate.plan.set_days import there_by
from firmdate.plan.shares_left import SharesLeft
from firmdate.plan.splits_left import SplitsLeft

NOISE = 1e-6
"""Units below which a difference is the solver's noise."""

NEARLY_WHOLE = 1e-3
"""Units that a rounded flow may lack to a whole one: what is executed is checked against stock and capacity anyway."""


@dataclass(frozen=True)
class Flows:
    """What is done: units per start, and units per delivery."""

    start: FloatArray
    deliver: FloatArray


def denoise(values: FloatArray) -> FloatArray:
    """Take off what the solver leaves of numerical noise: near-integers become integers, specks become 0."""
    nearest = np.rint(values)
    near = np.abs(values - nearest) <= NOISE + 1e-9 * np.abs(nearest)
    return np.where(near, nearest, np.maximum(values, 0.0))


def whole_units(network: Network, flows: Flows, set_day: IntArray | None = None) -> Flows:
    """Flows in whole units, or the flows if they are whole; where that delays ship sets, ``set_day`` changes."""
    start, deliver = denoise(flows.start), denoise(flows.deliver)
    whole = network.points.whole_units
    whole_start = whole[network.activities.point[network.starts.activity]]
    whole_deliver = whole[network.classes.point[network.deliveries.of_class]]
    broken = np.concatenate([whole_start & (start % 1 > 0), whole_deliver & (deliver % 1 > 0)])
    if not broken.any():
        return Flows(start, deliver)
    concerned = _connected(network, broken)
    executed = _ForwardPass(network, Flows(start, deliver), whole_start, whole_deliver, concerned, set_day).run()
    return Flows(executed.start, dealt_again(network, executed.deliver, concerned.deliver & whole_deliver))


@dataclass(frozen=True)
class _Concerned:
    """Starts and deliveries in parts of the network with a broken flow."""

    start: BoolArray
    deliver: BoolArray
    point: BoolArray


def _connected(network: Network, broken: BoolArray) -> _Concerned:
    """Everything that shares a stocking point or a capacity with a broken flow, directly or not."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    points, starts, deliveries = len(network.points), len(network.starts), len(network.deliveries)
    stocked = network.deliveries.node >= 0
    intervals = len(network.capacities.group)
    first_interval, first_start = points, points + intervals
    first_delivery, first_set = first_start + starts, first_start + starts + deliveries
    of_set = network.ship_sets.of_class[network.deliveries.of_class]
    in_set, first_line = np.flatnonzero(of_set >= 0), first_set + len(network.ship_sets)
    line, ruled = network.classes.some_line[network.deliveries.of_class], np.empty(0, dtype=np.int64)
    if deliveries:
        ruled = np.flatnonzero(network.lines.split_by_rule[line])
    total = first_line + (len(network.lines) if len(ruled) else 0)
    one = np.concatenate(
        [
            first_start + network.posts.start,
            first_start + network.uses.start,
            first_delivery + np.flatnonzero(stocked),
            first_delivery + network.order_uses.start,
            first_delivery + in_set,
            first_delivery + ruled,
        ]
    )
    other = np.concatenate(
        [
            network.nodes.point[network.posts.target],
            first_interval + network.uses.target,
            network.nodes.point[network.deliveries.node[stocked]],
            first_interval + network.order_uses.target,
            first_set + of_set[in_set],
            first_line + line[ruled],
        ]
    )
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(total, total))
    part = connected_components(graph, directed=False)[1]
    hit = np.isin(part, part[first_start:first_set][broken])
    return _Concerned(hit[first_start:first_delivery], hit[first_delivery:first_set], hit[:points])


class _ForwardPass:
    """Executes rounded flows day by day against the projected stock and the capacity that is left."""

    def __init__(
        self,
        network: Network,
        flows: Flows,
        whole_start: BoolArray,
        whole_deliver: BoolArray,
        concerned: _Concerned,
        set_day: IntArray | None,
    ) -> None:
        self._network = network
        self._flows = flows
        self._whole_start, self._whole_deliver = whole_start, whole_deliver
        self._concerned, self._set_day = concerned, set_day
        self._start = np.where(concerned.start, 0.0, flows.start)
        self._deliver = np.where(concerned.deliver, 0.0, flows.deliver)
        starts, posts, uses = network.starts, network.posts, network.uses
        self._posts_of, order = relation(len(starts), posts.start, posts.target)
        self._post_quantity = posts.quantity[order]
        self._uses_of, order = relation(len(starts), uses.start, uses.target)
        self._use_quantity = uses.quantity[order]
        self._capacity = network.capacities.limit - network.firm_load
        orders = network.order_uses
        self._orders_of, order = relation(len(network.deliveries), orders.start, orders.target)
        self._order_quantity = orders.quantity[order]
        if not network.measured:
            np.subtract.at(self._capacity, uses.target, uses.quantity * self._start[uses.start])
            np.subtract.at(self._capacity, orders.target, orders.quantity * self._deliver[orders.start])
        self._planned_left = network.planned.quantity.copy()
        # What is not concerned is done already, and no part of the sums that are rounded.
        self._start_target = running_sums(np.where(concerned.start, flows.start, 0.0), starts.activity)
        self._service = network.deliveries.service
        self._deliver_target = running_sums(np.where(concerned.deliver, flows.deliver, 0.0), self._service)
        self._started = np.zeros(len(network.activities))
        self._delivered = np.zeros(int(self._service[-1]) + 1 if len(self._service) else 0)
        self._lot = network.lots.rows(starts.activity) if network.exact_lots else np.full(len(starts), -1)
        self._projected = self._opening()
        self._repairing = False
        self._full = network.whole_shipment[starts.activity] > 0
        self._counted = network.counted_shipment[starts.activity] > 0
        self._fills_pool = network.activities.kind[starts.activity] >= ActivityKind.SUBSTITUTION
        self._splits = SplitsLeft(network, flows.deliver, self._deliver)
        self._supply_left = np.zeros(len(network.points))
        np.add.at(
            self._supply_left,
            network.activities.point[starts.activity[concerned.start]],
            flows.start[concerned.start],
        )
        self._class_open = network.classes.quantity.copy()
        self._backlog = BacklogLeft(network, flows.deliver, self._deliver)
        self._shares = SharesLeft(network, flows.deliver, self._deliver)

    def _opening(self) -> FloatArray:
        """Projected stock per concerned point and day before anything is done."""
        network, days = self._network, self._network.horizon.days
        self._row = np.cumsum(self._concerned.point) - 1
        nodes = np.flatnonzero(self._concerned.point[network.nodes.point])
        projected = np.zeros((int(self._concerned.point.sum()), days))
        at = (self._row[network.nodes.point[nodes]], network.nodes.day[nodes])
        # What a firm plan takes and nobody has is a shortage, not a debt that later supply must pay.
        np.add.at(projected, at, network.nodes.receipts[nodes])
        return np.asarray(np.cumsum(projected, axis=1))

    def run(self) -> Flows:
        """Run through the days."""
        network = self._network
        start_days, deliver_days, days = network.starts.day, network.deliveries.ship_day, network.horizon.days
        starts = np.flatnonzero(self._concerned.start)
        deliveries = np.flatnonzero(self._concerned.deliver)
        level = network.classes.level[network.deliveries.of_class[deliveries]]
        deliveries = deliveries[np.argsort(level, kind="stable")]
        starts_on, _ = relation(days, start_days[starts], starts)
        deliveries_on, _ = relation(days, deliver_days[deliveries], deliveries)
        for self._repairing in (False, True):
            for day in range(days):
                self._run_day(starts_on, deliveries_on, day)
            for delivery in deliveries[self._splits.broken(deliveries, self._deliver)].tolist():
                self._post_delivery(delivery, -float(self._deliver[delivery]))
            self._give_back_torn_sets(deliveries)
            for start in starts[self._fills_pool[starts]].tolist():
                self._give_back(start)
            if not self._missing().any():
                break
        self._serve_sets(deliveries)
        return Flows(self._start, self._deliver)

    def _give_back_torn_sets(self, deliveries: IntArray) -> None:
        """A ship set of which rounding has left a part behind does not leave."""
        network = self._network
        of_class = network.deliveries.of_class[deliveries]
        of_set = network.ship_sets.of_class[of_class]
        chosen = (of_set >= 0) & (self._deliver[deliveries] > 0)
        if not chosen.any():
            return
        rows, of_class, of_set = deliveries[chosen], of_class[chosen], of_set[chosen]
        day = network.deliveries.day[rows]
        torn = np.zeros(len(network.ship_sets), dtype=bool)
        first = np.full(len(torn), np.iinfo(np.int64).max)
        np.minimum.at(first, of_set, day)
        torn[of_set[day > first[of_set]]] = True
        units = np.bincount(of_class, weights=self._deliver[rows], minlength=len(network.classes))
        short = (network.ship_sets.of_class >= 0) & (units < network.classes.quantity - NOISE)
        torn[network.ship_sets.of_class[short]] = True
        for delivery in rows[torn[of_set]].tolist():
            self._post_delivery(delivery, -float(self._deliver[delivery]))

    def _serve_sets(self, deliveries: IntArray) -> None:
        """Ship sets that were given back leave on the first of their dates on which all of their lines are there."""
        network, sets = self._network, self._network.ship_sets
        of_set = sets.of_class[network.deliveries.of_class[deliveries]]
        members = deliveries[of_set >= 0]
        left = np.bincount(of_set[of_set >= 0], weights=self._deliver[members], minlength=len(sets))
        wanted = np.bincount(of_set[of_set >= 0], weights=self._flows.deliver[members], minlength=len(sets))
        for number in np.flatnonzero((left <= 0) & (wanted > NOISE)).tolist():
            mine = deliveries[of_set == number]
            for day in sets.date_day[sets.date_set == number].tolist():
                if self._serve_set(mine[there_by(network, mine, day)]):
                    if self._set_day is not None:
                        self._set_day[number] = day
                    break

    def _serve_set(self, rows: IntArray) -> bool:
        """Serve all lines of a set with deliveries of one date; nothing is left of it where that is impossible."""
        network = self._network
        for delivery in rows.tolist():
            of_class, node = int(network.deliveries.of_class[delivery]), int(network.deliveries.node[delivery])
            units = min(
                float(self._class_open[of_class]), self._shares.limit(delivery), self._deliverable(delivery, node)
            )
            units = _rounded_down(units, bool(self._whole_deliver[delivery]), NOISE)
            if units > 0:
                self._post_delivery(delivery, units)
                self._class_open[of_class] -= units
        classes = np.unique(network.deliveries.of_class[rows])
        if (self._class_open[classes] <= NOISE).all():
            return True
        for delivery in rows.tolist():
            self._class_open[network.deliveries.of_class[delivery]] += self._deliver[delivery]
            self._post_delivery(delivery, -float(self._deliver[delivery]))
        return False

    def _missing(self) -> FloatArray:
        """Per class: units that the optimal flows deliver and the executed ones do not."""
        of_class, size = self._network.deliveries.of_class, len(self._network.classes)
        lacking = np.bincount(of_class, weights=self._flows.deliver - self._deliver, minlength=size)
        return np.asarray(np.floor(lacking + NEARLY_WHOLE))

    def _run_day(self, starts_on: Relation, deliveries_on: Relation, day: int) -> None:
        """Start what is due; starts of one day may feed each other, so repeat until nothing moves."""
        waiting = [s for s in starts_on.of(day).tolist() if self._open_start(s) > 0]
        moved = True
        while waiting and moved:
            moved = False
            for start in waiting:
                moved = self._execute(start) or moved
            waiting = [s for s in waiting if self._open_start(s) > 0]
        for delivery in deliveries_on.of(day).tolist():
            self._serve(delivery)
        for start in starts_on.of(day).tolist():
            if self._fills_pool[start]:
                self._give_back(start)

    def _give_back(self, start: int) -> None:
        """What came into a pool and nobody took stays what it was."""
        network = self._network
        activity = int(network.starts.activity[start])
        left = self._projected[self._row[network.activities.point[activity]], int(network.starts.day[start])]
        units = min(float(self._start[start]), float(left))
        if units > NOISE:
            self._post_start(start, -units)

    def _open_start(self, start: int) -> float:
        activity, whole = int(self._network.starts.activity[start]), bool(self._whole_start[start])
        left = float(self._flows.start[start] - self._start[start])
        if self._lot[start] >= 0 or self._full[start]:  # a whole lot of its own, never a part of a sum
            return left
        if self._counted[start]:  # a further shipment would be a further delivery
            return _rounded_down(left, whole, NEARLY_WHOLE)
        open_units = self._start_target[start] - self._started[activity]
        if not (self._repairing and whole):
            return _rounded_down(open_units, whole, NEARLY_WHOLE)
        point = int(self._network.activities.point[activity])
        rounded_up = float(np.ceil(open_units - NEARLY_WHOLE))
        return max(min(rounded_up, _rounded_down(self._supply_left[point], whole, NEARLY_WHOLE)), 0.0)

    def _execute(self, start: int) -> bool:
        """Start as many units as are open and possible."""
        network = self._network
        activity = int(network.starts.activity[start])
        units = min(self._open_start(start), self._possible(start))
        planned = int(network.activities.planned[activity])
        if planned >= 0:
            units = min(units, self._planned_left[planned])
        units = _rounded_down(units, bool(self._whole_start[start]), NOISE)
        if self._lot[start] >= 0 and units < self._flows.start[start] - NOISE:
            units = network.lots.fit(int(self._lot[start]), units) if self._start[start] == 0 else 0.0
        if units <= 0 or (self._full[start] and units < self._flows.start[start] - NOISE):
            return False
        self._post_start(start, units)
        return True

    def _post_start(self, start: int, units: float) -> None:
        """Take what a start needs and give what it makes; negative units undo it."""
        network = self._network
        activity = int(network.starts.activity[start])
        planned = int(network.activities.planned[activity])
        self._start[start] += units
        self._started[activity] += units
        self._supply_left[network.activities.point[activity]] -= units
        if planned >= 0:
            self._planned_left[planned] -= units
        for node, quantity in self._posts(start):
            self._projected[self._row[network.nodes.point[node]], network.nodes.day[node] :] += units * quantity
        for interval, quantity in self._uses(start):
            self._capacity[interval] -= units * quantity

    def _possible(self, start: int) -> float:
        """Units that stock and capacity allow."""
        limit = np.inf
        for node, quantity in self._posts(start):
            if quantity < 0:
                limit = min(limit, self._free_stock(node) / -quantity)
        if not self._network.measured:
            for interval, quantity in self._uses(start):
                limit = min(limit, self._capacity[interval] / quantity)
        return limit

    def _free_stock(self, node: int) -> float:
        """Stock from a node on that nobody takes later.

        What is taken between two nodes is taken at the first: no stock arrives in between.
        """
        nodes = self._network.nodes
        return float(self._projected[self._row[nodes.point[node]], nodes.day[node] :].min())

    def _serve(self, delivery: int) -> None:
        """Deliver as many units as are open and in stock."""
        node, whole = int(self._network.deliveries.node[delivery]), bool(self._whole_deliver[delivery])
        units = self._deliver_target[delivery] - self._delivered[self._service[delivery]]
        if self._repairing:
            units = self._backlog.left(delivery)
        units = min(units, self._backlog.limit(delivery), self._shares.limit(delivery))
        units = _rounded_down(units, whole, NEARLY_WHOLE)
        units = _rounded_down(min(units, self._deliverable(delivery, node)), whole, NOISE)
        if units <= 0 or not self._splits.allows(delivery, units, repairing=self._repairing):
            return
        self._post_delivery(delivery, units)

    def _post_delivery(self, delivery: int, units: float) -> None:
        """Take a delivery from stock or from the capacity of its purchase; negative units give it back."""
        network = self._network
        node = int(network.deliveries.node[delivery])
        self._deliver[delivery] += units
        self._delivered[int(self._service[delivery])] += units
        self._backlog.take(delivery, units)
        self._shares.take(delivery, units)
        self._splits.take(delivery, units)
        if node >= 0:
            self._projected[self._row[network.nodes.point[node]], network.nodes.day[node] :] -= units
        for interval, quantity in self._orders(delivery):
            self._capacity[interval] -= units * quantity

    def _deliverable(self, delivery: int, node: int) -> float:
        """Units that the stock of the source, or the capacity of the supplier, allows."""
        if node >= 0:
            return self._free_stock(node)
        if self._network.measured:
            return np.inf
        return min((self._capacity[i] / quantity for i, quantity in self._orders(delivery)), default=np.inf)

    def _orders(self, delivery: int) -> list[tuple[int, float]]:
        span = slice(self._orders_of.offsets[delivery], self._orders_of.offsets[delivery + 1])
        return list(zip(self._orders_of.targets[span].tolist(), self._order_quantity[span].tolist(), strict=True))

    def _posts(self, start: int) -> list[tuple[int, float]]:
        span = slice(self._posts_of.offsets[start], self._posts_of.offsets[start + 1])
        return list(zip(self._posts_of.targets[span].tolist(), self._post_quantity[span].tolist(), strict=True))

    def _uses(self, start: int) -> list[tuple[int, float]]:
        span = slice(self._uses_of.offsets[start], self._uses_of.offsets[start + 1])
        return list(zip(self._uses_of.targets[span].tolist(), self._use_quantity[span].tolist(), strict=True))


def _rounded_down(units: float, whole: bool, tolerance: float) -> float:
    if whole:
        return max(float(np.floor(units + tolerance)), 0.0)
    return max(units, 0.0) if units > NOISE else 0.0
