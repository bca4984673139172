"""What the written supply orders post: units that they supply and take, and the capacity that they use."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from firmdate.plan.certify_basis import Basis, BoolArray, FloatArray, IntArray, find, pairs
from firmdate.plan.certify_supply import BUY, MAKE, TRANSFER, Supply


@dataclass(frozen=True)
class Postings:
    """Units or hours that supply orders supply, take or use: one row each.

    Args:
        row: Row of ``supply_orders``, or of ``deployments`` for lanes.
        target: Stocking point, resource, supplier or lane.
        day: Day on which it counts.
        stated: Day before it moved to a working day, or to the planning date.
        quantity: Units or hours.
        firm: A firm planned order does it.
    """

    row: IntArray
    target: IntArray
    day: IntArray
    stated: IntArray
    quantity: FloatArray
    firm: BoolArray

    def where(self, mask: BoolArray) -> Postings:
        """Some of the rows."""
        return Postings(
            self.row[mask], self.target[mask], self.day[mask], self.stated[mask], self.quantity[mask], self.firm[mask]
        )


def join_postings(*parts: Postings) -> Postings:
    """Several lists of postings as one."""
    return Postings(
        row=np.concatenate([part.row for part in parts]),
        target=np.concatenate([part.target for part in parts]),
        day=np.concatenate([part.day for part in parts]),
        stated=np.concatenate([part.stated for part in parts]),
        quantity=np.concatenate([part.quantity for part in parts]),
        firm=np.concatenate([part.firm for part in parts]),
    )


@dataclass(frozen=True)
class OrderPostings:
    """Everything that the supply orders of a plan post.

    Args:
        supplies: Units that arrive.
        takes: Units that leave: components, and what transfers ship.
        hours: Hours of resources.
        purchases: Units ordered from suppliers.
        purchased: Item of each of the purchases.
        shipments: Units shipped on lanes.
    """

    supplies: Postings
    takes: Postings
    hours: Postings
    purchases: Postings
    purchased: IntArray
    shipments: Postings


class _Reader:
    """Derives the postings; dates of firm orders are those of the plan, others shift with their start."""

    def __init__(self, supply: Supply) -> None:
        self._supply, self._orders = supply, supply.orders
        self._basis, self._ways = supply.basis, supply.ways
        orders, basis = supply.orders, supply.basis
        self._placed = orders.placed
        self._start = np.where(orders.firm, orders.planned_start, orders.start)
        demands = basis.data["planned_order_demands"]
        key = supply.ids.keys(demands)
        row, stated = pairs(np.where(self._placed & (orders.planned >= 0), orders.key, -1), key)
        own = orders.planned[row]
        planned = orders.planned_orders.quantity[own]
        share = np.divide(orders.quantity[row], planned, out=np.zeros(len(row)), where=planned > 0)
        shift = self._start[row] - orders.planned_start[row]
        self._stated = demands.iloc[stated]
        self._stated_kind = self._stated["kind"].astype(object).to_numpy()
        self._stated_row = row
        self._stated_day = basis.day(self._stated["date"]) + shift
        self._stated_quantity = self._stated["quantity"].to_numpy(np.float64) * share

    def read(self) -> OrderPostings:
        """All postings."""
        supplies = self._where(self._placed, self._orders.point, self._orders.day)
        purchases, items = self._purchases()
        return OrderPostings(
            supplies=self._clamped(supplies),
            takes=self._moved(join_postings(self._transfers(), self._bills(), self._stated_components())),
            hours=self._clamped(self._hours()),
            purchases=purchases,
            purchased=items,
            shipments=self._shipments(),
        )

    def _shipments(self) -> Postings:
        moves, firm = self._supply.moves, self._supply.firm_moves
        day = np.where(firm, np.maximum(moves.ship, 0), moves.ship)
        row = np.flatnonzero((moves.quantity > 0) & (moves.lane >= 0))
        return Postings(row, moves.lane[row], day[row], moves.ship[row], moves.quantity[row], firm[row])

    def _where(self, mask: BoolArray, target: IntArray, day: IntArray) -> Postings:
        row = np.flatnonzero(mask)
        return self._of_rows(row, target[row], day[row], self._orders.quantity[row])

    def _of_rows(self, row: IntArray, target: IntArray, day: IntArray, quantity: FloatArray) -> Postings:
        return Postings(row, target, day, day, quantity, self._orders.firm[row])

    def _transfers(self) -> Postings:
        orders = self._orders
        point = self._basis.point(orders.item, orders.origin)
        return self._where(self._placed & (orders.kind == TRANSFER) & (point >= 0), point, self._start)

    def _bills(self) -> Postings:
        """Components by the bill that holds on the start date; for a planned order on its planned start."""
        orders, basis = self._orders, self._basis
        derived = self._placed & (orders.kind == MAKE) & ~self._states("component")
        made = np.flatnonzero(derived & ~(orders.new & unsearched(basis, orders.point)))
        effective = np.where(orders.new, orders.start, orders.planned_start)
        bill = self._ways.makes.bill(orders.point[made], orders.alternative[made], effective[made])
        row = made[bill.make]
        quantity = bill.quantity * orders.quantity[row]
        return self._of_rows(row, basis.point(bill.target, orders.location[row]), self._start[row], quantity)

    def _stated_components(self) -> Postings:
        basis = self._basis
        mask = self._stated_kind == "component"
        row = self._stated_row[mask]
        location = basis.locations.codes(self._stated["location"])[mask]
        location = np.where(location >= 0, location, self._orders.location[row])
        point = basis.point(basis.items.codes(self._stated["name"])[mask], location)
        return self._of_rows(row, point, self._stated_day[mask], self._stated_quantity[mask])

    def _hours(self) -> Postings:
        orders = self._orders
        made = np.flatnonzero(self._placed & (orders.kind == MAKE) & ~self._states("resource"))
        hours = self._ways.makes.hours(orders.point[made], orders.alternative[made])
        row = made[hours.make]
        derived = self._of_rows(row, hours.target, self._start[row], hours.quantity * orders.quantity[row])
        return join_postings(derived, self._stated_uses("resource", self._ways.resources.codes(self._stated["name"])))

    def _purchases(self) -> tuple[Postings, IntArray]:
        orders = self._orders
        bought = self._placed & (orders.kind == BUY) & (orders.supplier >= 0) & ~self._states("supplier")
        derived = self._where(bought, orders.supplier, self._start)
        stated = self._stated_uses("supplier", self._ways.supplier_ids.codes(self._stated["name"]))
        both = self._clamped(join_postings(derived, stated))
        return both, orders.item[both.row]

    def _stated_uses(self, kind: str, target: IntArray) -> Postings:
        mask = self._stated_kind == kind
        row = self._stated_row[mask]
        return self._of_rows(row, target[mask], self._stated_day[mask], self._stated_quantity[mask])

    def _states(self, kind: str) -> BoolArray:
        """Rows whose planned order states what it takes of a kind."""
        stated = np.zeros(len(self._orders), dtype=bool)
        stated[self._stated_row[self._stated_kind == kind]] = True
        return stated

    def _clamped(self, postings: Postings) -> Postings:
        """Dates of firm orders before the planning date count on it, those after the horizon not at all."""
        day = np.where(postings.firm, np.maximum(postings.day, 0), postings.day)
        return replace(postings, day=day).where(~postings.firm | (day < self._basis.days))

    def _moved(self, takes: Postings) -> Postings:
        """Planned orders that are adjusted take on working days, and ship on shipping days."""
        clamped, basis, orders = self._clamped(takes), self._basis, self._orders
        origin = np.where(orders.kind == TRANSFER, basis.point(orders.item, orders.origin), -1)
        location = basis.location_of(clamped.target)
        ships = clamped.target == origin[clamped.row]
        calendar = np.where(ships, basis.shipping[location], basis.working[location])
        adjusted = ~clamped.firm & ~self._orders.new[clamped.row]
        day = np.where(adjusted, basis.calendars.move(calendar, clamped.day), clamped.day)
        return replace(clamped, day=day)


def unsearched(basis: Basis, point: IntArray) -> BoolArray:
    """Stocking points whose makes do not search components."""
    table: pd.DataFrame = basis.data["stocking_points"]
    searched = np.append(table["search_components"].to_numpy(dtype=bool), True)
    return np.asarray(~searched[find(point, basis.points(table))])


def read_postings(supply: Supply) -> OrderPostings:
    """Everything that the written orders supply, take and use."""
    return _Reader(supply).read()
