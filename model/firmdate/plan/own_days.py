"""When a line of a late ship set could leave alone, where that takes no program: stock and capacity that are left.

The rest of the plan stays as it is; what the set takes is given back first.
"""

from __future__ import annotations

import numpy as np

from firmdate.formulation.linear_program import LinearProgram
from firmdate.network.allocation import ABOVE, OWN, UNALLOCATED
from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.network.relations import relation
from firmdate.plan.set_days import arrival_days

NOISE = 1e-6


class OwnDays:
    """What is left over in a plan, by delivery of lines in ship sets.

    Args:
        network: The network.
        program: Its linear program.
        x: The plan.
    """

    def __init__(self, network: Network, program: LinearProgram, x: FloatArray) -> None:
        self._network, self._deliver = network, x[program.columns_of("Deliver")]
        deliveries, nodes = network.deliveries, network.nodes
        self._stock = x[program.columns_of("Stock")]
        # Nodes of a point stand side by side, day by day.
        self._last_node = np.searchsorted(nodes.point, nodes.point, side="right")
        in_set = network.ship_sets.of_class[deliveries.of_class] >= 0
        rows = np.flatnonzero(in_set)
        self._deliveries, _ = relation(len(network.classes), deliveries.of_class[rows], rows)
        self._orders, order = relation(len(deliveries), network.order_uses.start, network.order_uses.target)
        self._used = network.order_uses.quantity[order]
        self._room = self._capacity_left(program, x)
        self.arrival = arrival_days(network)
        self._shares, self._share_row = self._shares_left(program, x)
        posted = np.zeros(len(network.points), dtype=bool)
        posted[nodes.point[network.posts.target]] = True
        point = np.where(deliveries.node >= 0, nodes.point[deliveries.node] if len(nodes) else 0, -1)
        self._point = point
        self._plain = np.where(point >= 0, ~posted[point], np.diff(self._orders.offsets) <= 1)

    def simple(self, of_class: int) -> bool:
        """Whether the supply of a class is stock that nothing is made into, and purchases of one capacity each."""
        return bool(self._plain[self._deliveries.of(of_class)].all())

    def first_day(self, of_class: int, own: IntArray, first: int) -> int:
        """First day on which all of a class can be there; :data:`NO_DAY` when never.

        Args:
            of_class: The class.
            own: Deliveries of its set: what they take is given back.
            first: First day on which the line may be delivered.
        """
        rows = self._deliveries.of(of_class)
        taken = own[self._deliver[own] > NOISE]
        stocked = self._network.deliveries.node[rows] >= 0
        day = np.maximum(self.arrival[rows], first)
        bought = self._bought(rows[~stocked], day[~stocked], taken)
        wanted = float(self._network.classes.quantity[of_class]) - NOISE
        for one in np.unique(day).tolist():
            units = sum(room for room, when in bought if when <= one)
            there = rows[stocked & (day <= one)]
            if units < wanted and len(there):
                units += self._from_stock(there[self.arrival[there] == self.arrival[there].max()], taken)
            if units >= wanted:
                return int(one)
        return NO_DAY

    def _bought(self, rows: IntArray, day: IntArray, taken: IntArray) -> list[tuple[float, int]]:
        """Units that can still be ordered, and when they are there; each capacity counts once, for its soonest day."""
        soonest: dict[int, tuple[float, int]] = {}
        given: dict[int, float] = {}
        for delivery in taken.tolist():
            for interval, quantity in self._uses(delivery):
                given[interval] = given.get(interval, 0.0) + quantity * float(self._deliver[delivery])
        for delivery, there in sorted(zip(rows.tolist(), day.tolist(), strict=True), key=lambda pair: pair[1]):
            uses = self._uses(delivery)
            if not uses:
                return [(np.inf, there), *soonest.values()]
            interval, quantity = uses[0]
            if interval not in soonest:
                soonest[interval] = ((self._room[interval] + given.get(interval, 0.0)) / quantity, there)
        return list(soonest.values())

    def _uses(self, delivery: int) -> list[tuple[int, float]]:
        span = slice(self._orders.offsets[delivery], self._orders.offsets[delivery + 1])
        return list(zip(self._orders.targets[span].tolist(), self._used[span].tolist(), strict=True))

    def _from_stock(self, rows: IntArray, taken: IntArray) -> float:
        """Units of stock that nobody takes later, from each source over its best route."""
        best: dict[int, float] = {}
        for delivery in rows.tolist():
            point = int(self._point[delivery])
            best[point] = max(best.get(point, 0.0), self._free_stock(delivery, taken))
        return sum(best.values())

    def _free_stock(self, delivery: int, taken: IntArray) -> float:
        nodes, node = self._network.nodes, self._network.deliveries.node
        first, last = int(node[delivery]), int(self._last_node[node[delivery]])
        stock = self._stock[first:last].copy()
        for other in taken[self._point[taken] == self._point[delivery]].tolist():
            stock[max(int(node[other]) - first, 0) :] += self._deliver[other]
        units = float(stock.min()) if len(nodes) else 0.0
        row = int(self._share_row[delivery])
        if row < 0:
            return units
        mine = taken[(self._share_row[taken] >= 0) & (self._share_row[taken] <= row)]
        group = self._network.allocation.row_group
        mine = mine[group[self._share_row[mine]] == group[row]]
        return min(units, float(self._shares[row] + self._deliver[mine].sum()))

    def _capacity_left(self, program: LinearProgram, x: FloatArray) -> FloatArray:
        """Per capacity interval: units or hours that the plan leaves."""
        network = self._network
        if network.measured:
            return np.full(len(network.capacities.group), np.inf)
        start, uses, orders = x[program.columns_of("Start")], network.uses, network.order_uses
        load = np.zeros(len(network.capacities.group))
        np.add.at(load, uses.target, uses.quantity * start[uses.start])
        np.add.at(load, orders.target, orders.quantity * self._deliver[orders.start])
        free = ~network.enforced[network.capacities.group]
        return np.where(free, np.inf, np.maximum(network.capacities.limit - network.firm_load - load, 0.0))

    def _shares_left(self, program: LinearProgram, x: FloatArray) -> tuple[FloatArray, IntArray]:
        """Units of shares that are left for the lines of a node from each bucket on, and the bucket of deliveries."""
        allocation, row_of = self._network.allocation, np.full(len(self._network.deliveries), -1)
        row, delivery = allocation.row_delivery
        row_of[delivery] = row
        if not len(row):
            return np.empty(0), row_of
        left = x[program.columns_of("ShareLeft")].copy()
        for source in range(len(left) - 1, -1, -1):
            before = int(allocation.previous[source])
            if before >= 0:
                left[before] = min(left[before], left[source])
        held: BoolArray = np.ones(len(left), dtype=bool)
        held[np.concatenate([allocation.rest, allocation.rest_other[1]]).astype(np.int64)] = False
        usable = np.isin(allocation.take_kind, (OWN, ABOVE, UNALLOCATED)) & held[allocation.take_source]
        takes = np.flatnonzero(usable)
        units = np.bincount(
            allocation.take_row[takes],
            weights=left[allocation.take_source[takes]],
            minlength=len(allocation.row_group),
        )
        return units.astype(np.float64), row_of
