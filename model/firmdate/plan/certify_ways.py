"""Ways of supply as the certificate reads them from the planning data: lanes, operations, bills, suppliers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firmdate.plan.certify_basis import BLANK_DAY, Basis, BoolArray, FloatArray, Ids, IntArray, find, joint, pairs


def lowest_rank(group: IntArray, rank: FloatArray, groups: int) -> FloatArray:
    """Lowest rank of each group; infinite for a group without rows."""
    lowest = np.full(groups, np.inf)
    np.minimum.at(lowest, group, rank)
    return lowest


class Lanes:
    """Lanes; one of an item replaces one of every item with the same origin, destination and mode."""

    def __init__(self, basis: Basis, modes: Ids) -> None:
        """Read the lanes.

        Args:
            basis: Ids and days.
            modes: Modes of the data and the plan.
        """
        lanes = basis.data["lanes"]
        self._basis, self._modes = basis, modes
        self._item = basis.items.codes(lanes["item"])
        self._route = joint(
            (basis.locations.codes(lanes["origin"]), len(basis.locations)),
            (basis.locations.codes(lanes["destination"]), len(basis.locations)),
        )
        self._mode = modes.codes(lanes["mode"])
        way = self._way(self._route, self._mode)
        self._own = joint((self._item, len(basis.items)), (way, self._ways))
        self._every = np.where(self._item < 0, way, -1)
        self.lead_time = lanes["lead_time_days"].to_numpy(np.int64)
        self.first_day = basis.day(lanes["effective_from"], -BLANK_DAY)
        self.last_day = basis.day(lanes["effective_to"])
        self.capacity = lanes["capacity_per_day"].to_numpy(np.float64)
        self._rank = lanes["rank"].to_numpy(np.float64)

    @property
    def _ways(self) -> int:
        return len(self._basis.locations) ** 2 * max(len(self._modes), 1)

    def _way(self, route: IntArray, mode: IntArray) -> IntArray:
        return joint((route, len(self._basis.locations) ** 2), (mode, len(self._modes)))

    def row(self, item: IntArray, origin: IntArray, destination: IntArray, mode: IntArray) -> IntArray:
        """Row of the lane on which items move; -1 where there is none."""
        count = len(self._basis.locations)
        way = self._way(joint((origin, count), (destination, count)), mode)
        own = find(joint((item, len(self._basis.items)), (way, self._ways)), self._own)
        return np.where(own >= 0, own, find(way, self._every))

    def preferred(self, item: IntArray, origin: IntArray, destination: IntArray, mode: IntArray) -> BoolArray:
        """Whether the mode has the lowest rank on its way; a lane of the item also goes before all of every item."""
        count = len(self._basis.locations)
        chosen = self.row(item, origin, destination, mode)
        query, lane = pairs(joint((origin, count), (destination, count)), self._route)
        fits = (self._item[lane] < 0) | (self._item[lane] == item[query])
        query, lane = query[fits], lane[fits]
        open_way = self.row(item[query], origin[query], destination[query], self._mode[lane]) == lane
        query, lane = query[open_way], lane[open_way]
        own = self._item[lane] >= 0
        best = lowest_rank(query, self._rank[lane], len(item))
        best_own = lowest_rank(query[own], self._rank[lane[own]], len(item))
        rank = np.append(self._rank, np.inf)[chosen]
        is_own = np.append(self._item, -1)[chosen] >= 0
        return np.asarray((rank == best) | (is_own & (rank == best_own)))

    def names(self, rows: IntArray) -> npt.NDArray[np.object_]:
        """Names of lanes in ``lane_load``: ``origin > destination (mode)``, with its item in front."""
        table = self._basis.data["lanes"].iloc[rows]
        item, origin, destination, mode = (
            table[name].astype(object).to_numpy(dtype=object) for name in ("item", "origin", "destination", "mode")
        )
        way = origin + " > " + destination + " (" + mode + ")"
        own = self._item[rows] >= 0
        way[own] = item[own] + ": " + way[own]
        return np.asarray(way, dtype=object)


@dataclass(frozen=True)
class Needs:
    """What makes need: one row per make and component or resource.

    Args:
        make: Position in the query.
        target: Code of the component, or of the resource.
        quantity: Units or hours for one unit made.
    """

    make: IntArray
    target: IntArray
    quantity: FloatArray


class Makes:
    """Ways of making: operations, and bills without an operation (made without lead time)."""

    def __init__(self, basis: Basis, alternatives: Ids, resources: Ids) -> None:
        """Read operations, bills of materials and operation resources.

        Args:
            basis: Ids and days.
            alternatives: Alternatives of the data and the plan.
            resources: Resources of the data and the plan.
        """
        self._basis, self._alternatives = basis, alternatives
        operations, bills = basis.data["operations"], basis.data["bills_of_materials"]
        uses = basis.data["operation_resources"]
        self._operation_point = basis.points(operations)
        self._operation = self.way(self._operation_point, alternatives.codes(operations["alternative"]))
        self._lead_time = operations["lead_time_days"].to_numpy(np.int64)
        self._rank = operations["rank"].to_numpy(np.float64)
        bill_item, bill_alternative = basis.items.codes(bills["item"]), alternatives.codes(bills["alternative"])
        self._bill = self.way(basis.points(bills), bill_alternative)
        everywhere = basis.locations.codes(bills["location"]) < 0
        self._every_bill = np.where(everywhere, self._every(bill_item, bill_alternative), -1)
        operated = self._every(basis.items.codes(operations["item"]), alternatives.codes(operations["alternative"]))
        self._every_way = np.where(find(self._every_bill, operated) < 0, self._every_bill, -1)
        self._component = basis.items.codes(bills["component"])
        self._quantity_per = bills["quantity_per"].to_numpy(np.float64)
        self._bill_first = basis.day(bills["effective_from"], -BLANK_DAY)
        self._bill_last = basis.day(bills["effective_to"])
        self._use = self.way(basis.points(uses), alternatives.codes(uses["alternative"]))
        self._resource = resources.codes(uses["resource"])
        self._hours = uses["hours_per_unit"].to_numpy(np.float64)

    def way(self, point: IntArray, alternative: IntArray) -> IntArray:
        """Key of an alternative at a stocking point."""
        size = len(self._basis.items) * max(len(self._basis.locations), 1)
        return joint((point, size), (alternative, len(self._alternatives)))

    def _every(self, item: IntArray, alternative: IntArray) -> IntArray:
        return joint((item, len(self._basis.items)), (alternative, len(self._alternatives)))

    def _everywhere(self, point: IntArray, alternative: IntArray) -> IntArray:
        return self._every(np.where(point >= 0, self._basis.item_of(point), -1), alternative)

    def lead_time(self, point: IntArray, alternative: IntArray) -> IntArray:
        """Days from start to use; 0 without an operation."""
        return np.append(self._lead_time, 0)[find(self.way(point, alternative), self._operation)]

    def known(self, point: IntArray, alternative: IntArray) -> BoolArray:
        """Whether there is an operation, or a bill without an operation."""
        way = self.way(point, alternative)
        known = (find(way, self._operation) >= 0) | (find(way, self._bill) >= 0)
        return np.asarray(known | (find(self._everywhere(point, alternative), self._every_way) >= 0))

    def preferred(self, point: IntArray, alternative: IntArray) -> BoolArray:
        """Whether the alternative has the lowest rank at its stocking point; a bill without an operation has rank 1."""
        query, row = pairs(point, self._operation_point)
        best = lowest_rank(query, self._rank[row], len(point))
        size = max(len(self._alternatives), 1)
        bill_point = np.where((self._bill >= 0) & (find(self._bill, self._operation) < 0), self._bill // size, -1)
        item = np.where(self._every_way >= 0, self._every_way // size, -1)
        bare = (find(point, bill_point) >= 0) | (find(self._basis.item_of(point), item) >= 0)
        best = np.where(bare, np.minimum(best, 1.0), best)
        operation = find(self.way(point, alternative), self._operation)
        rank = np.where(self.known(point, alternative), np.append(self._rank, 1.0)[operation], np.inf)
        return np.asarray(rank == best)

    def bill(self, point: IntArray, alternative: IntArray, day: IntArray) -> Needs:
        """Components of makes that start on some days; a bill of the location replaces the one of every location."""
        make, row = self._bill_rows(point, alternative)
        holds = (self._bill_first[row] <= day[make]) & (day[make] <= self._bill_last[row])
        make, row = make[holds], row[holds]
        return Needs(make, self._component[row], self._quantity_per[row])

    def has_bill(self, point: IntArray, alternative: IntArray) -> BoolArray:
        """Whether makes have a bill, effective or not."""
        found = np.zeros(len(point), dtype=bool)
        found[self._bill_rows(point, alternative)[0]] = True
        return found

    def _bill_rows(self, point: IntArray, alternative: IntArray) -> tuple[IntArray, IntArray]:
        make, row = pairs(self.way(point, alternative), self._bill)
        without = np.ones(len(point), dtype=bool)
        without[make] = False
        key = np.where(without, self._everywhere(point, alternative), -1)
        more, every_row = pairs(key, self._every_bill)
        return np.concatenate([make, more]), np.concatenate([row, every_row])

    def hours(self, point: IntArray, alternative: IntArray) -> Needs:
        """Resource hours of makes."""
        make, row = pairs(self.way(point, alternative), self._use)
        return Needs(make, self._resource[row], self._hours[row])


class Suppliers:
    """What suppliers sell."""

    def __init__(self, basis: Basis, suppliers: Ids) -> None:
        """Read the rows of ``supplier_items``.

        Args:
            basis: Ids and days.
            suppliers: Suppliers of the data and the plan.
        """
        sold, master = basis.data["supplier_items"], basis.data["suppliers"]
        self._suppliers = suppliers
        self._point = basis.points(sold)
        self._key = self._way(suppliers.codes(sold["supplier"]), self._point)
        self._lead_time = sold["lead_time_days"].to_numpy(np.int64)
        self._rank = sold["rank"].to_numpy(np.float64)
        self.calendar = np.full(len(suppliers) + 1, -1, dtype=np.int64)
        self.calendar[suppliers.codes(master["supplier"])] = basis.calendars.names.codes(master["calendar"])
        self.calendar[-1] = -1

    def _way(self, supplier: IntArray, point: IntArray) -> IntArray:
        return np.where(supplier < 0, -1, joint((point, 0), (supplier, len(self._suppliers))))

    def row(self, supplier: IntArray, point: IntArray) -> IntArray:
        """Row of ``supplier_items``; -1 where the supplier does not sell this."""
        return find(self._way(supplier, point), self._key)

    def lead_time(self, supplier: IntArray, point: IntArray) -> IntArray:
        """Days from order to receipt; 0 where the supplier does not sell this."""
        return np.append(self._lead_time, 0)[self.row(supplier, point)]

    def preferred(self, supplier: IntArray, point: IntArray) -> BoolArray:
        """Whether the supplier has the lowest rank among those who sell this."""
        query, row = pairs(point, self._point)
        best = lowest_rank(query, self._rank[row], len(point))
        return np.asarray(np.append(self._rank, np.inf)[self.row(supplier, point)] == best)
