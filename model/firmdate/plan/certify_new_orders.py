"""Rules of new orders and of deployments: ways that exist, working days and lead times."""

from __future__ import annotations

import numpy as np

from firmdate.plan.certify_basis import (
    BLANK_DAY,
    Basis,
    BoolArray,
    Findings,
    IntArray,
    find,
    plain,
    shared_keys,
    sums,
    tolerance,
)
from firmdate.plan.certify_orders import beyond_fence
from firmdate.plan.certify_supply import BUY, MAKE, TRANSFER, Supply

_SEARCHED = -1
"""Stands for the lead time of a stocking point whose supply is searched in the network."""


def check_new_orders(found: Findings, supply: Supply) -> None:
    """All rules of new orders but the lanes of transfers."""
    basis, orders = supply.basis, supply.orders
    table = basis.data["stocking_points"]
    at = find(orders.point, basis.points(table))
    uncovered = np.append((table["coverage"] == "none").to_numpy(dtype=bool), False)[at]
    used = orders.placed & orders.new & ~beyond_fence(basis, orders)
    found.add(used & uncovered, "a new order for a stocking point without coverage")
    assumed = _assumed_lead_times(basis)[at]
    _check_assumed(found, supply, used, assumed)
    searched = used & (assumed == _SEARCHED)
    _check_makes(found, supply, searched & (orders.kind == MAKE))
    _check_buys(found, supply, searched & (orders.kind == BUY))


def _assumed_lead_times(basis: Basis) -> IntArray:
    """Days in which supply is assumed, per row of ``stocking_points``, and :data:`_SEARCHED` for no row."""
    table = basis.data["stocking_points"]
    search = table["search"].astype(object).to_numpy()
    stated = np.nan_to_num(table["lead_time_days"].to_numpy(np.float64)).astype(np.int64)
    lead_time = np.select([search == "infinite", search == "lead_time"], [np.zeros_like(stated), stated], _SEARCHED)
    return np.append(lead_time, _SEARCHED)


def _check_assumed(found: Findings, supply: Supply, used: BoolArray, lead_time: IntArray) -> None:
    """Where supply is assumed it comes from nowhere else, after its lead time."""
    orders = supply.orders
    assumed = used & (lead_time != _SEARCHED)
    sourced = (orders.kind != BUY) | (orders.supplier >= 0)
    found.add(assumed & sourced, "a new order where supply is assumed and not searched")
    every_day = np.full(len(orders), -1)
    _check_dates(found, supply, assumed & ~sourced, every_day, lead_time)


def _check_makes(found: Findings, supply: Supply, made: BoolArray) -> None:
    basis, ways, orders = supply.basis, supply.ways, supply.orders
    known = ways.makes.known(orders.point, orders.alternative)
    found.add(made & ~known, "no operation and no bill of materials makes this")
    lead_time = ways.makes.lead_time(orders.point, orders.alternative)
    _check_dates(found, supply, made & known, basis.working[orders.location], lead_time)
    rows = np.flatnonzero(made & known)
    point, alternative = orders.point[rows], orders.alternative[rows]
    effective = np.zeros(len(rows), dtype=bool)
    effective[ways.makes.bill(point, alternative, orders.start[rows]).make] = True
    none = np.zeros(len(orders), dtype=bool)
    none[rows] = ways.makes.has_bill(point, alternative) & ~effective
    found.add(none, "no row of its bill of materials is effective", lambda row: f"on {basis.date(orders.start[row])}")


def _check_buys(found: Findings, supply: Supply, bought: BoolArray) -> None:
    ways, orders = supply.ways, supply.orders
    sold = ways.suppliers.row(orders.supplier, orders.point) >= 0
    found.add(bought & ~sold, "no row of supplier_items sells this")
    calendar = ways.suppliers.calendar[orders.supplier]
    lead_time = ways.suppliers.lead_time(orders.supplier, orders.point)
    _check_dates(found, supply, bought & sold, calendar, lead_time)


def _check_dates(found: Findings, supply: Supply, rows: BoolArray, calendar: IntArray, lead_time: IntArray) -> None:
    """Orders start on a working day, and arrive on the first day on which they can after the lead time."""
    basis, orders = supply.basis, supply.orders
    closed = ~basis.calendars.works(calendar, orders.start)
    found.add(rows & closed, "does not start on a working day", lambda row: f"but on {basis.date(orders.start[row])}")
    arrival = np.where(orders.kind == MAKE, basis.working[orders.location], basis.receiving[orders.location])
    expected = basis.calendars.move(arrival, orders.start + lead_time)
    found.add(
        rows & (orders.day != expected),
        "does not keep its lead time:",
        lambda row: f"{lead_time[row]} days from {basis.date(orders.start[row])}, expected {basis.date(expected[row])}",
    )


def check_deployments(found: Findings, supply: Supply) -> None:
    """All rules of deployments but their agreement with the supply orders."""
    basis, deployments, new = supply.basis, supply.moves, supply.new_moves
    quantity = deployments.quantity
    found.add(~(quantity >= 0) | ~np.isfinite(quantity) | (new & (quantity == 0)), "its quantity is no number of units")
    firm = supply.firm_moves
    outside = (~basis.inside(deployments.ship) | ~basis.inside(deployments.arrival)) & ~firm
    found.add(outside, "lies outside the horizon")
    broken = basis.broken_units(deployments.item, quantity) & ~firm
    found.add(broken, "a fraction of an item that moves in whole units:", lambda row: plain(quantity[row]))
    known = new & (deployments.lane >= 0)
    found.add(new & ~known, "no such lane")
    lanes, lane, ship = supply.ways.lanes, np.where(known, deployments.lane, -1), deployments.ship
    first, last = np.append(lanes.first_day, -BLANK_DAY)[lane], np.append(lanes.last_day, BLANK_DAY)[lane]
    found.add(known & ((ship < first) | (ship > last)), "ships when its lane is not effective")
    closed = ~basis.calendars.works(basis.shipping[deployments.origin], ship)
    found.add(known & closed, "does not ship on a working day", lambda row: f"but on {basis.date(ship[row])}")
    arrival = ship + np.append(lanes.lead_time, 0)[lane]
    expected = basis.calendars.move(basis.receiving[deployments.destination], arrival)
    found.add(
        known & (deployments.arrival != expected),
        "does not keep the lead time of its lane:",
        lambda row: f"arrives {basis.date(deployments.arrival[row])}, expected {basis.date(expected[row])}",
    )


def check_transfers_agree(found: Findings, supply: Supply) -> None:
    """Deployments are exactly the transfers among the supply orders."""
    basis, orders, deployments, new = supply.basis, supply.orders, supply.moves, supply.new_moves
    moved = np.flatnonzero(orders.placed & (orders.kind == TRANSFER))

    def ship_day(origin: IntArray, day: IntArray, new: BoolArray) -> IntArray:
        """Planned orders may start on a day off and ship on the next working day; firm ones keep their dates."""
        planned = np.maximum(day, 0) if supply.is_firm else basis.calendars.move(basis.shipping[origin], day)
        return np.where(new, day, planned)

    def arrival_day(day: IntArray, new: BoolArray) -> IntArray:
        return np.where(new, day, np.maximum(day, 0)) if supply.is_firm else day

    ours, theirs = shared_keys(
        (
            orders.order[moved],
            orders.item[moved],
            orders.origin[moved],
            orders.location[moved],
            ship_day(orders.origin[moved], orders.start[moved], orders.new[moved]),
            arrival_day(orders.day[moved], orders.new[moved]),
        ),
        (
            deployments.order,
            deployments.item,
            deployments.origin,
            deployments.destination,
            ship_day(deployments.origin, deployments.ship, new),
            arrival_day(deployments.arrival, new),
        ),
    )
    count = int(max(ours.max(initial=-1), theirs.max(initial=-1))) + 1
    ordered = sums(ours, orders.quantity[moved], count)
    shipped = sums(theirs, np.nan_to_num(deployments.quantity), count)
    differs = np.abs(ordered - shipped) > tolerance(ordered)
    found.of("deployments", deployments.text).add(
        differs[theirs],
        "is not what the transfer in supply_orders moves:",
        lambda row: f"{plain(shipped[theirs[row]])}, ordered {plain(ordered[theirs[row]])}",
    )
    alone = differs[ours] & ~np.isin(ours, theirs)
    found.of("supply_orders", lambda row: orders.text(moved[row])).add(alone, "a transfer without its deployment")
