"""The written supply orders and deployments with ids and dates as numbers, and the planned orders that they adjust."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.plan.certify_basis import (
    BLANK_DAY,
    Basis,
    BoolArray,
    FloatArray,
    Ids,
    IntArray,
    date_text,
    find,
    joint,
    numbers,
    shared_keys,
)
from firmdate.plan.certify_ways import Lanes, Makes, Suppliers

MAKE, TRANSFER, BUY = 0, 1, 2
TYPES = ("make", "transfer", "buy")


@dataclass(frozen=True)
class Ways:
    """Everything by which items can be supplied.

    Args:
        lanes: Lanes.
        makes: Operations and bills of materials.
        suppliers: What suppliers sell.
        lane_modes: Modes of transport.
        alternatives: Ways of making.
        resources: Resources.
        supplier_ids: Suppliers.
    """

    lanes: Lanes
    makes: Makes
    suppliers: Suppliers
    lane_modes: Ids
    alternatives: Ids
    resources: Ids
    supplier_ids: Ids


@dataclass(frozen=True)
class PlannedOrders:
    """The planned orders that the scenario reads.

    Args:
        frame: Their rows of ``planned_orders``.
        key: Key of plan and order.
        kind: Position in :data:`TYPES`.
        point: Stocking point that is supplied.
        origin: Location that ships.
        supplier: Supplier that is named.
        alternative: Alternative that is named.
        quantity: Planned quantity.
        start: Planned start; :data:`BLANK_DAY` where it is not stated.
        due: Planned date.
    """

    frame: pd.DataFrame
    key: IntArray
    kind: IntArray
    point: IntArray
    origin: IntArray
    supplier: IntArray
    alternative: IntArray
    quantity: FloatArray
    start: IntArray
    due: IntArray

    def __len__(self) -> int:
        return len(self.key)

    def text(self, row: int) -> str:
        """``plan/order``."""
        return f"{self.frame['plan'].iloc[row]}/{self.frame['order'].iloc[row]}"


@dataclass(frozen=True)
class SupplyOrders:
    """The rows of ``supply_orders``.

    Args:
        frame: The table.
        key: Key of plan and order.
        order: The order alone.
        kind: Position in :data:`TYPES`, -1 for another text.
        item: Item.
        location: Location that is supplied.
        point: Stocking point that is supplied.
        origin: Location that ships.
        supplier: Supplier.
        alternative: Way of making.
        mode: Mode of transport, from the deployments of the order.
        quantity: Units.
        day: Day from which the units can be used.
        start: Day of start, shipment or order.
        new: The order is new.
        planned: Position of its planned order, -1 where it has none.
        planned_start: Start of its planned order: stated, or the due date less the lead time.
        firm: The order is a firm planned order.
        planned_orders: The planned orders that are read.
    """

    frame: pd.DataFrame
    key: IntArray
    order: IntArray
    kind: IntArray
    item: IntArray
    location: IntArray
    point: IntArray
    origin: IntArray
    supplier: IntArray
    alternative: IntArray
    mode: IntArray
    quantity: FloatArray
    day: IntArray
    start: IntArray
    new: BoolArray
    planned: IntArray
    planned_start: IntArray
    firm: BoolArray
    planned_orders: PlannedOrders

    def __len__(self) -> int:
        return len(self.order)

    @property
    def placed(self) -> BoolArray:
        """Rows that supply something: with a quantity, and with dates and ids that can be followed."""
        known = (self.kind >= 0) & (self.point >= 0) & (self.day < BLANK_DAY) & (self.start < BLANK_DAY)
        return np.asarray((self.quantity > 0) & np.isfinite(self.quantity) & known)

    def text(self, row: int) -> str:
        """``plan/order date`` of a row."""
        plan, order, date = (self.frame[name].iloc[row] for name in ("plan", "order", "date"))
        name = order if pd.isna(plan) or plan == "" else f"{plan}/{order}"
        return f"{name} {date_text(date)}"


@dataclass(frozen=True)
class Deployments:
    """The rows of ``deployments``.

    Args:
        frame: The table.
        item: Item.
        origin: Location that ships.
        destination: Location that receives.
        mode: Mode of transport.
        lane: Row of its lane; -1 where there is none.
        ship: Day of shipment.
        arrival: Day of arrival.
        quantity: Units.
        order: Key of the order.
    """

    frame: pd.DataFrame
    item: IntArray
    origin: IntArray
    destination: IntArray
    mode: IntArray
    lane: IntArray
    ship: IntArray
    arrival: IntArray
    quantity: FloatArray
    order: IntArray

    def __len__(self) -> int:
        return len(self.item)

    def text(self, row: int) -> str:
        """``item origin > destination ship date (order)`` of a row."""
        item, origin, destination, ship, order = (
            self.frame[name].iloc[row] for name in ("item", "origin", "destination", "ship_date", "planned_order")
        )
        return f"{item} {origin} > {destination} {date_text(ship)} ({order})"


@dataclass(frozen=True)
class OrderIds:
    """Plans and orders of the data and the plan."""

    plans: Ids
    orders: Ids

    def keys(self, frame: pd.DataFrame) -> IntArray:
        """Key of plan and order of every row."""
        return joint(
            (self.plans.codes(frame["plan"]), len(self.plans)), (self.orders.codes(frame["order"]), len(self.orders))
        )


@dataclass(frozen=True)
class Supply:
    """The written supply of a plan, and the ways by which it may come.

    Args:
        basis: Ids and days.
        ways: Ways of supply.
        ids: Plans and orders.
        orders: The supply orders.
        moves: The deployments.
        new_moves: Per deployment: it belongs to no planned order.
    """

    basis: Basis
    ways: Ways
    ids: OrderIds
    orders: SupplyOrders
    moves: Deployments
    new_moves: BoolArray

    @property
    def is_firm(self) -> bool:
        """Whether planned orders are kept as given."""
        return self.basis.scenario.planned_orders == "firm"

    @property
    def firm_moves(self) -> BoolArray:
        """Per deployment: it belongs to a firm planned order."""
        return ~self.new_moves & self.is_firm


def read_supply(basis: Basis, orders: pd.DataFrame, moves: pd.DataFrame) -> Supply:
    """Read the written supply orders and deployments.

    Args:
        basis: Ids and days.
        orders: The table ``supply_orders``.
        moves: The table ``deployments``.
    """
    ways = _read_ways(basis, orders, moves)
    ids = _read_order_ids(basis, orders, moves)
    deployments = _read_deployments(basis, ways, moves, ids.orders)
    supply_orders = _read_supply_orders(basis, ways, ids, orders, deployments)
    new = _new_moves(supply_orders, deployments)
    return Supply(basis, ways, ids, supply_orders, deployments, new)


def _new_moves(orders: SupplyOrders, moves: Deployments) -> BoolArray:
    """Per deployment: it belongs to no planned order."""
    planned = orders.planned >= 0
    ours, theirs = shared_keys(
        (orders.order, orders.item, orders.origin, orders.location),
        (moves.order, moves.item, moves.origin, moves.destination),
    )
    return np.asarray(find(theirs, ours[planned]) < 0)


def _read_ways(basis: Basis, orders: pd.DataFrame, moves: pd.DataFrame) -> Ways:
    """Read lanes, operations, bills and suppliers."""
    data = basis.data
    modes = Ids.of([data["lanes"]["mode"], moves["mode"]])
    makes = [data[name]["alternative"] for name in ("operations", "bills_of_materials", "operation_resources")]
    alternatives = Ids.of([*makes, data["planned_orders"]["alternative"], orders["alternative"]])
    resources = Ids.of(
        [data[name]["resource"] for name in ("operation_resources", "resources", "resource_capacity")]
        + [data["planned_order_demands"]["name"]]
    )
    suppliers = Ids.of(
        [data[name]["supplier"] for name in ("suppliers", "supplier_items", "supplier_capacity", "planned_orders")]
        + [data["planned_order_demands"]["name"], orders["supplier"]]
    )
    return Ways(
        lanes=Lanes(basis, modes),
        makes=Makes(basis, alternatives, resources),
        suppliers=Suppliers(basis, suppliers),
        lane_modes=modes,
        alternatives=alternatives,
        resources=resources,
        supplier_ids=suppliers,
    )


def _read_deployments(basis: Basis, ways: Ways, moves: pd.DataFrame, orders: Ids) -> Deployments:
    """Number the deployments."""
    item = basis.items.codes(moves["item"])
    origin, destination = (basis.locations.codes(moves[name]) for name in ("origin", "destination"))
    mode = ways.lane_modes.codes(moves["mode"])
    return Deployments(
        frame=moves,
        item=item,
        origin=origin,
        destination=destination,
        mode=mode,
        lane=ways.lanes.row(item, origin, destination, mode),
        ship=basis.day(moves["ship_date"]),
        arrival=basis.day(moves["arrival_date"]),
        quantity=numbers(moves["quantity"]),
        order=orders.codes(moves["planned_order"]),
    )


def _read_planned(basis: Basis, ways: Ways, ids: OrderIds) -> PlannedOrders:
    scenario = basis.scenario
    read = scenario.planned_orders != "ignore" and "planned_orders" in scenario.supply_sources
    frame = basis.data["planned_orders"]
    if not read:
        frame = frame.iloc[:0]
    elif scenario.supply_plans:
        frame = frame[frame["plan"].isin(scenario.supply_plans).to_numpy()]
    return PlannedOrders(
        frame=frame,
        key=ids.keys(frame),
        kind=Ids(np.array(TYPES, dtype=object)).codes(frame["type"]),
        point=basis.points(frame),
        origin=basis.locations.codes(frame["origin"]),
        supplier=ways.supplier_ids.codes(frame["supplier"]),
        alternative=ways.alternatives.codes(frame["alternative"]),
        quantity=frame["quantity"].to_numpy(np.float64),
        start=basis.day(frame["start_date"]),
        due=basis.day(frame["due_date"]),
    )


def _read_order_ids(basis: Basis, orders: pd.DataFrame, moves: pd.DataFrame) -> OrderIds:
    """Number plans and orders."""
    tables = (basis.data["planned_orders"], basis.data["planned_order_demands"], orders)
    return OrderIds(
        Ids.of(table["plan"] for table in tables),
        Ids.of([*(table["order"] for table in tables), moves["planned_order"]]),
    )


def _read_supply_orders(
    basis: Basis, ways: Ways, ids: OrderIds, frame: pd.DataFrame, deployments: Deployments
) -> SupplyOrders:
    """Number the supply orders, and find the planned order of each."""
    planned = _read_planned(basis, ways, ids)
    order = ids.orders.codes(frame["order"])
    key = joint((ids.plans.codes(frame["plan"]), len(ids.plans)), (order, len(ids.orders)))
    new = (frame["status"] == "new").to_numpy(dtype=bool)
    at = np.where(new, -1, find(key, planned.key))
    kind = Ids(np.array(TYPES, dtype=object)).codes(frame["type"])
    item, location = basis.items.codes(frame["item"]), basis.locations.codes(frame["location"])
    point, origin = basis.point(item, location), basis.locations.codes(frame["origin"])
    supplier = ways.supplier_ids.codes(frame["supplier"])
    alternative = ways.alternatives.codes(frame["alternative"])
    mode = _mode(order, item, origin, location, deployments)
    lane = ways.lanes.row(item, origin, location, mode)
    lead_times = (
        ways.makes.lead_time(point, alternative),
        np.append(ways.lanes.lead_time, 0)[lane],
        ways.suppliers.lead_time(supplier, point),
    )
    lead_time = np.select([kind == code for code in (MAKE, TRANSFER, BUY)], lead_times, 0)
    stated = np.append(planned.start, BLANK_DAY)[at]
    due = np.append(planned.due, BLANK_DAY)[at]
    return SupplyOrders(
        frame=frame,
        key=key,
        order=order,
        kind=kind,
        item=item,
        location=location,
        point=point,
        origin=origin,
        supplier=supplier,
        alternative=alternative,
        mode=mode,
        quantity=numbers(frame["quantity"]),
        day=basis.day(frame["date"]),
        start=basis.day(frame["start_date"]),
        new=new,
        planned=at,
        planned_start=np.where(stated < BLANK_DAY, stated, due - lead_time),
        firm=(at >= 0) & (basis.scenario.planned_orders == "firm"),
        planned_orders=planned,
    )


def _mode(order: IntArray, item: IntArray, origin: IntArray, location: IntArray, moves: Deployments) -> IntArray:
    """Mode of the first deployment of an order on its way."""
    ours, theirs = shared_keys(
        (order, item, origin, location), (moves.order, moves.item, moves.origin, moves.destination)
    )
    return np.append(moves.mode, -1)[find(ours, theirs)]
