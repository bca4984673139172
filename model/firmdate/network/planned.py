"""Planned orders: what each one supplies, what it takes, and when.

Source: Oracle Backlog Management, "supply plans": a planned make adds its item on the due date and
takes components and resource hours on their need dates; a planned transfer takes from its origin on
the ship date; a planned buy takes supplier capacity on the order date.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.data.planning_data import PlanningData
from firmdate.errors import InputError, Problem
from firmdate.network.bills import MakeData, MakeOptions
from firmdate.network.capacity import Capacities, CapacityKind
from firmdate.network.catalog import Catalog, encode
from firmdate.network.horizon import NO_DAY, FloatArray, Horizon, IntArray
from firmdate.network.relations import pairs


@dataclass(frozen=True)
class Takes:
    """What planned orders take: one row per order and taken thing.

    Args:
        order: Position of the planned order.
        target: Stocking point key, or capacity group.
        day: Day on which it is taken (may lie outside the horizon).
        quantity: Units or hours for the whole planned quantity.
    """

    order: IntArray
    target: IntArray
    day: IntArray
    quantity: FloatArray


@dataclass(frozen=True)
class PlannedOrders:
    """The planned orders of the supply plans that the scenario reads, sorted by plan and order.

    Args:
        frame: Their rows of ``planned_orders``.
        key: Stocking point key that is supplied.
        origin_key: Stocking point key that ships (transfer), else -1.
        quantity: Planned quantity.
        start_day: Day of start, shipment or order.
        due_day: Day from which the quantity can be used.
        alternative: Alternative of a make, blank else.
        supplier: Supplier of a buy, blank else.
        mode: Mode of a transfer, blank else.
        stock: Components and transferred units that are taken.
        capacity: Resource hours, supplier and lane quantities that are taken.
    """

    frame: pd.DataFrame
    key: IntArray
    origin_key: IntArray
    quantity: FloatArray
    start_day: IntArray
    due_day: IntArray
    alternative: tuple[str, ...]
    supplier: tuple[str, ...]
    mode: tuple[str, ...]
    stock: Takes
    capacity: Takes

    def __len__(self) -> int:
        return len(self.key)

    @property
    def first_day(self) -> IntArray:
        """Per order: the first of all its dates."""
        first = np.minimum(self.start_day, self.due_day)
        np.minimum.at(first, self.stock.order, self.stock.day)
        np.minimum.at(first, self.capacity.order, self.capacity.day)
        return first


def plans_to_read(data: PlanningData, plans: tuple[str, ...]) -> tuple[str, ...]:
    """The supply plans that a scenario names; the only one of the data when it names none.

    Raises:
        InputError: The scenario names none of several.
    """
    known = data["planned_orders"]["plan"]
    names = sorted(known.cat.categories[np.unique(known.cat.codes)]) if len(known) else []
    if plans or len(names) <= 1:
        return plans or tuple(names)
    message = f"there are several supply plans ({', '.join(names)}); name those to be read in supply_plans"
    raise InputError(Problem(data.file("planned_orders"), "plan", message))


def read_planned_orders(
    data: PlanningData,
    plans: tuple[str, ...],
    catalog: Catalog,
    makes: MakeData,
    capacities: Capacities,
    horizon: Horizon,
) -> PlannedOrders:
    """Read the planned orders of some supply plans with everything that they take.

    What ``planned_order_demands`` does not state is derived: components and hours from the bill and the
    operation, on the start date; a blank start date is the due date less the lead time.
    """
    frame = data["planned_orders"]
    frame = frame[frame["plan"].isin(plans) & (frame["quantity"] > 0)].sort_values(["plan", "order"], kind="stable")
    frame = frame.assign(plan=frame["plan"].astype(object), order=frame["order"].astype(object))
    key = catalog.point_keys(frame)
    kind = frame["type"].astype(object).to_numpy()
    origin_key = np.where(
        kind == "transfer", catalog.join(catalog.item_of(key), encode(frame["origin"], catalog.locations)), -1
    )
    ways = _planned_ways(frame, key, kind, makes)
    lanes = _planned_lanes(data, key, origin_key, catalog)
    buys = _planned_buys(data, frame, key, kind, catalog)
    lead_time = ways.lead_time + lanes.lead_time + buys.lead_time
    due_day = horizon.day_of(frame["due_date"])
    start_day = horizon.day_of(frame["start_date"])
    start_day = np.where(start_day == NO_DAY, due_day - lead_time, start_day)
    quantity = frame["quantity"].to_numpy(np.float64)
    dates = _Dates(start_day, quantity)
    stated = _stated_takes(data, frame, key, catalog, capacities, horizon)
    sources = _Sources(ways, lanes, buys)
    return PlannedOrders(
        frame=frame,
        key=key,
        origin_key=origin_key,
        quantity=quantity,
        start_day=start_day,
        due_day=due_day,
        alternative=tuple(ways.label),
        supplier=tuple(buys.label),
        mode=tuple(lanes.label),
        stock=_joined(stated.components, _derived_stock(stated, ways, makes, origin_key, dates)),
        capacity=_joined(
            stated.capacity, _derived_capacity(data, stated, sources, makes, catalog.item_of(key), capacities, dates)
        ),
    )


@dataclass(frozen=True)
class _Source:
    """How each planned order is supplied: position in its table (-1: not of this type), label, lead time."""

    row: IntArray
    label: list[str]
    lead_time: IntArray
    options: MakeOptions | None = None


@dataclass(frozen=True)
class _Sources:
    """How the planned makes, transfers and buys are supplied."""

    ways: _Source
    lanes: _Source
    buys: _Source


@dataclass(frozen=True)
class _Dates:
    start_day: IntArray
    quantity: FloatArray


def _best(order: IntArray, rank: FloatArray, candidate: IntArray, count: int) -> IntArray:
    """Per order the candidate of the lowest rank; -1 where there is none."""
    best = np.full(count, -1, dtype=np.int64)
    ranked = np.lexsort((candidate, rank, order))[::-1]
    best[order[ranked]] = candidate[ranked]
    return best


def _planned_ways(frame: pd.DataFrame, key: IntArray, kind: np.ndarray, makes: MakeData) -> _Source:
    """The way of making of each planned make; blank alternatives take the lowest rank."""
    options = makes.options(np.unique(key[kind == "make"]), planned=True)
    order, option = pairs(np.where(kind == "make", key, -1), options.key)
    wanted = encode(frame["alternative"], makes.alternatives)
    blank = frame["alternative"].isna().to_numpy()
    fits = blank[order] | (options.alternative[option] == wanted[order])
    best = _best(order[fits], options.rank[option[fits]], option[fits], len(frame))
    label = [
        "" if k != "make" else makes.alternatives[options.alternative[b]] if b >= 0 else ("" if a != a else str(a))  # noqa: PLR0124
        for k, b, a in zip(kind, best, frame["alternative"].astype(object), strict=True)
    ]
    lead_time = np.where(best >= 0, np.append(options.lead_time, 0)[best], 0)
    return _Source(best, label, lead_time, options)


def _planned_lanes(data: PlanningData, key: IntArray, origin_key: IntArray, catalog: Catalog) -> _Source:
    """The lane of each planned transfer: the lowest rank; a lane of the item replaces one of every item."""
    lanes = data["lanes"]
    count = len(catalog.locations)
    origin, destination = (encode(lanes[name], catalog.locations) for name in ("origin", "destination"))
    lane_item = encode(lanes["item"], catalog.items)
    place = origin * count + destination
    orders = np.flatnonzero(origin_key >= 0)
    order, row = pairs(catalog.location_of(origin_key[orders]) * count + catalog.location_of(key[orders]), place)
    item = catalog.item_of(key[orders])[order]
    fits = (lane_item[row] == -1) | (lane_item[row] == item)
    order, row = orders[order[fits]], row[fits]
    preference = lanes["rank"].to_numpy(np.float64)[row] + np.where(lane_item[row] < 0, 1e9, 0.0)
    best = _best(order, preference, row, len(key))
    modes = lanes["mode"].astype(object).to_numpy()
    lead_time = np.where(best >= 0, np.append(lanes["lead_time_days"].to_numpy(np.int64), 0)[best], 0)
    return _Source(best, [str(modes[row]) if row >= 0 else "" for row in best], lead_time)


def _planned_buys(
    data: PlanningData, frame: pd.DataFrame, key: IntArray, kind: np.ndarray, catalog: Catalog
) -> _Source:
    """The supplier of each planned buy; a blank supplier takes the lowest rank."""
    sold = data["supplier_items"]
    order, row = pairs(np.where(kind == "buy", key, -1), catalog.point_keys(sold))
    wanted = frame["supplier"].astype(object).to_numpy()
    seller = sold["supplier"].astype(object).to_numpy()
    blank = frame["supplier"].isna().to_numpy()
    fits = blank[order] | (seller[row] == wanted[order])
    best = _best(order[fits], sold["rank"].to_numpy(np.float64)[row[fits]], row[fits], len(frame))
    label = [
        "" if k != "buy" else str(seller[b]) if b >= 0 else ("" if blank[i] else str(wanted[i]))
        for i, (k, b) in enumerate(zip(kind, best, strict=True))
    ]
    lead_time = np.where(best >= 0, np.append(sold["lead_time_days"].to_numpy(np.int64), 0)[best], 0)
    return _Source(best, label, lead_time)


@dataclass(frozen=True)
class _Stated:
    """What ``planned_order_demands`` states, and for which orders it states it."""

    components: Takes
    capacity: Takes
    with_components: IntArray
    with_resources: IntArray
    with_suppliers: IntArray


def _stated_takes(
    data: PlanningData,
    frame: pd.DataFrame,
    key: IntArray,
    catalog: Catalog,
    capacities: Capacities,
    horizon: Horizon,
) -> _Stated:
    stated = data["planned_order_demands"]
    known = pd.MultiIndex.from_arrays([frame["plan"], frame["order"]])
    order = known.get_indexer(
        pd.MultiIndex.from_arrays([stated["plan"].astype(object), stated["order"].astype(object)])
    )
    mine = order >= 0
    stated, order = stated[mine], order[mine]
    kind = stated["kind"].astype(object).to_numpy()
    day, quantity = horizon.day_of(stated["date"]), stated["quantity"].to_numpy(np.float64)
    place = encode(stated["location"], catalog.locations)
    place = np.where(place >= 0, place, catalog.location_of(key[order]))
    component = catalog.join(encode(stated["name"], catalog.items), place)
    is_component, is_resource, is_supplier = (kind == name for name in ("component", "resource", "supplier"))
    groups = [
        np.where(is_resource, capacities.named(CapacityKind.RESOURCE, stated["name"]), -1),
        np.where(is_supplier, capacities.named(CapacityKind.SUPPLIER, stated["name"]), -1),
        np.where(
            is_supplier,
            capacities.named_item(CapacityKind.SUPPLIER, stated["name"], catalog.item_of(key[order])),
            -1,
        ),
    ]
    # A stated quantity of 0 takes nothing, but keeps the quantity of the bill from being derived.
    takes = [(component, is_component & (quantity > 0))] + [(g, (g >= 0) & (quantity > 0)) for g in groups]
    components, *limited = [Takes(order[mask], target[mask], day[mask], quantity[mask]) for target, mask in takes]
    return _Stated(
        components=components,
        capacity=_joined(*limited),
        with_components=order[is_component],
        with_resources=order[is_resource],
        with_suppliers=order[is_supplier],
    )


def _derived_stock(stated: _Stated, ways: _Source, makes: MakeData, origin_key: IntArray, dates: _Dates) -> Takes:
    """Components from the bill, and what transfers take from their origin."""
    made = np.setdiff1d(np.flatnonzero(ways.row >= 0), stated.with_components)
    assert ways.options is not None
    components = makes.components(ways.options)
    at, row = pairs(ways.row[made], components.option)
    order = made[at]
    holds = (components.first_day[row] <= dates.start_day[order]) & (dates.start_day[order] <= components.last_day[row])
    order, row = order[holds], row[holds]
    moved = np.flatnonzero(origin_key >= 0)
    return _joined(
        Takes(order, components.target[row], dates.start_day[order], components.quantity[row] * dates.quantity[order]),
        Takes(moved, origin_key[moved], dates.start_day[moved], dates.quantity[moved]),
    )


def _derived_capacity(
    data: PlanningData,
    stated: _Stated,
    sources: _Sources,
    makes: MakeData,
    item: IntArray,
    capacities: Capacities,
    dates: _Dates,
) -> Takes:
    """Resource hours of makes, lane capacity of transfers, supplier capacity of buys."""
    ways, lanes, buys = sources.ways, sources.lanes, sources.buys
    assert ways.options is not None
    made = np.setdiff1d(np.flatnonzero(ways.row >= 0), stated.with_resources)
    hours = makes.resources(ways.options)
    at, row = pairs(ways.row[made], hours.option)
    resource = capacities.named(CapacityKind.RESOURCE, data["operation_resources"]["resource"])
    bought = np.setdiff1d(np.flatnonzero(np.array(buys.label, dtype=object) != ""), stated.with_suppliers)
    seller = pd.Series(pd.Categorical([buys.label[i] for i in bought]), dtype="category")
    of_lane = np.where(lanes.row >= 0, capacities.of_lane(np.maximum(lanes.row, 0)), -1)
    every = np.arange(len(item))
    candidates = (
        (made[at], resource[hours.target[row]], hours.quantity[row]),
        (bought, capacities.named(CapacityKind.SUPPLIER, seller), np.ones(len(bought))),
        (
            bought,
            capacities.named_item(CapacityKind.SUPPLIER, seller, item[bought]),
            np.ones(len(bought)),
        ),
        (every, of_lane, np.ones(len(item))),
    )
    parts = []
    for order, group, quantity in candidates:
        limited = group >= 0
        chosen = order[limited]
        parts.append(Takes(chosen, group[limited], dates.start_day[chosen], quantity[limited] * dates.quantity[chosen]))
    return _joined(*parts)


def _joined(*parts: Takes) -> Takes:
    """Several lists of takes as one, by order."""
    order = np.concatenate([part.order for part in parts]).astype(np.int64)
    ranked = np.argsort(order, kind="stable")
    return Takes(
        order=order[ranked],
        target=np.concatenate([part.target for part in parts]).astype(np.int64)[ranked],
        day=np.concatenate([part.day for part in parts]).astype(np.int64)[ranked],
        quantity=np.concatenate([part.quantity for part in parts])[ranked],
    )
