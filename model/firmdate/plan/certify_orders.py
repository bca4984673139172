"""Rules of the written supply orders: quantities, dates, and what may become of a planned order."""

from __future__ import annotations

import numpy as np

from firmdate.plan.certify_basis import (
    BLANK_DAY,
    Basis,
    BoolArray,
    Findings,
    IntArray,
    find,
    numbers,
    plain,
    sums,
    tolerance,
)
from firmdate.plan.certify_postings import OrderPostings, Postings
from firmdate.plan.certify_supply import BUY, MAKE, TRANSFER, TYPES, PlannedOrders, Supply, SupplyOrders, Ways

_PLAN_STATUS = ("kept", "reduced", "delayed", "cancelled")


def check_supply_orders(found: Findings, supply: Supply, postings: OrderPostings) -> None:
    """All rules of supply orders but those of new orders.

    Args:
        found: Findings of ``supply_orders``.
        supply: The written supply.
        postings: What it takes.
    """
    basis, orders = supply.basis, supply.orders
    _check_rows(found, basis, orders)
    _check_sources(found, basis, orders)
    _check_given(found, basis, orders)
    _check_ways(found, supply.ways, orders)
    _check_quantities(found, orders)
    if supply.is_firm:
        _check_firm(found, basis, orders)
    else:
        _check_adjusted(found, basis, orders)
        _check_status(found, orders)
    _check_listed(found, basis, orders)
    check_taken(found, supply, postings.takes, "takes units")


def _check_rows(found: Findings, basis: Basis, orders: SupplyOrders) -> None:
    """Types, quantities and dates of every row."""
    quantity = orders.quantity
    found.add(orders.kind < 0, f"its type is none of {', '.join(TYPES)}")
    found.add(~(quantity >= 0) | ~np.isfinite(quantity), "its quantity is no number of units")
    found.add(orders.new & (quantity == 0), "a new order of nothing")
    used = quantity > 0
    found.add(used & ((orders.day == BLANK_DAY) | (orders.start == BLANK_DAY)), "has a quantity but not both its dates")
    known = used & (orders.day < BLANK_DAY) & (orders.start < BLANK_DAY)
    late = (orders.day >= basis.days) | (orders.start >= basis.days)
    early = ((orders.day < 0) | (orders.start < 0)) & ~orders.firm
    found.add(
        known & (late | early),
        "lies outside the horizon:",
        lambda row: f"from {basis.date(orders.start[row])} to {basis.date(orders.day[row])}",
    )
    broken = basis.broken_units(orders.item, quantity) & ~orders.firm
    found.add(broken, "a fraction of an item that moves in whole units:", lambda row: plain(quantity[row]))


def _check_sources(found: Findings, basis: Basis, orders: SupplyOrders) -> None:
    """Only kinds of supply that the scenario names."""
    sources = basis.scenario.supply_sources
    if "new_orders" not in sources:
        searched = orders.new & ~beyond_fence(basis, orders)
        found.add(searched, "is new, but new_orders is no supply source of the scenario")
    if "planned_orders" not in sources or basis.scenario.planned_orders == "ignore":
        found.add(~orders.new, "is planned, but the scenario does not read planned orders")
    else:
        found.add(~orders.new & (orders.planned < 0), "is no planned order of the plans that the scenario reads")
    found.add(
        orders.new & (find(orders.key, orders.planned_orders.key) >= 0), "is called new, but it is a planned order"
    )


def beyond_fence(basis: Basis, orders: SupplyOrders) -> BoolArray:
    """New orders from nobody in particular that are there at once, from the day on which supply is infinite."""
    table = basis.data["stocking_points"]
    otherwise = basis.scenario.infinite_fence_days
    stated = table["infinite_fence_days"].to_numpy(np.float64)
    fences = np.append(stated, np.nan)[find(orders.point, basis.points(table))]
    fences = np.where(np.isnan(fences), np.inf if otherwise is None else otherwise, fences)
    at_once = orders.day == basis.calendars.move(np.full(len(orders), -1), orders.start)
    nobody = orders.placed & orders.new & (orders.kind == BUY) & (orders.supplier < 0)
    return np.asarray(nobody & at_once & (orders.start >= fences))


def _check_given(found: Findings, basis: Basis, orders: SupplyOrders) -> None:
    """What an order adopts from its planned order."""
    planned = orders.planned_orders
    has = orders.planned >= 0
    at = orders.planned

    def differs(values: np.ndarray, written: np.ndarray) -> BoolArray:
        return np.asarray(has & (np.append(values, values.dtype.type(0))[at] != written))

    found.add(differs(planned.kind, orders.kind), "has another type than its planned order")
    found.add(differs(planned.point, orders.point), "supplies another stocking point than its planned order")
    moved = orders.kind == TRANSFER
    found.add(moved & differs(planned.origin, orders.origin), "ships from another origin than its planned order")
    written = basis.day(orders.frame["planned_date"])
    found.add(
        differs(planned.due, written),
        "planned_date is not the due date of its planned order,",
        lambda row: basis.date(planned.due[at[row]]),
    )
    quantity, given = numbers(orders.frame["planned_quantity"]), np.append(planned.quantity, 0.0)[at]
    found.add(
        has & ~(np.abs(quantity - given) <= tolerance(given)),
        "planned_quantity is not that of its planned order,",
        lambda row: plain(given[row]),
    )


def _check_ways(found: Findings, ways: Ways, orders: SupplyOrders) -> None:
    """Supplier, alternative and lane: what the planned order names, else the one of the lowest rank."""
    planned, used = orders.planned_orders, orders.placed & (orders.planned >= 0)
    at = orders.planned
    for kind, name, written, named, preferred in (
        (BUY, "supplier", orders.supplier, planned.supplier, ways.suppliers.preferred(orders.supplier, orders.point)),
        (
            MAKE,
            "alternative",
            orders.alternative,
            planned.alternative,
            ways.makes.preferred(orders.point, orders.alternative),
        ),
    ):
        stated = np.append(named, -1)[at]
        mine = used & (orders.kind == kind)
        found.add(mine & (stated >= 0) & (stated != written), f"has another {name} than its planned order")
        found.add(mine & (stated < 0) & ~preferred, f"its {name} is not the one of the lowest rank")
    moved = used & (orders.kind == TRANSFER)
    preferred = ways.lanes.preferred(orders.item, orders.origin, orders.location, orders.mode)
    found.add(moved & ~preferred, "moves on a lane that has not the lowest rank")


def _check_quantities(found: Findings, orders: SupplyOrders) -> None:
    """All pieces of a planned order are together no more than it."""
    planned = orders.planned_orders
    own = orders.placed & (orders.planned >= 0)
    total = sums(orders.planned[own], orders.quantity[own], len(planned))
    found.of("supply_orders", planned.text).add(
        total > planned.quantity + tolerance(planned.quantity),
        "supplies more than planned:",
        lambda row: f"{plain(total[row])} of {plain(planned.quantity[row])}",
    )


def _check_firm(found: Findings, basis: Basis, orders: SupplyOrders) -> None:
    """Firm orders are kept as given; what lies before the planning date may be shown on it."""
    planned = orders.planned_orders
    at, has = orders.planned, orders.planned >= 0
    due = np.append(planned.due, BLANK_DAY)[at]
    quantity = np.append(planned.quantity, 0.0)[at]

    def moved(written: IntArray, given: IntArray) -> BoolArray:
        return np.asarray(has & (written != given) & (written != np.maximum(given, 0)))

    found.add(
        has & (np.abs(orders.quantity - quantity) > tolerance(quantity)),
        "a firm order with another quantity than planned,",
        lambda row: plain(quantity[row]),
    )
    found.add(moved(orders.day, due), "a firm order with another date than planned,", lambda row: basis.date(due[row]))
    found.add(
        moved(orders.start, orders.planned_start),
        "a firm order with another start date than planned,",
        lambda row: basis.date(orders.planned_start[row]),
    )
    status = orders.frame["status"].astype(object).to_numpy()
    found.add(has & (status != "kept"), "a firm order that is not kept", lambda row: f"but {status[row]}")
    pieces = np.bincount(at[has], minlength=len(planned))
    found.of("supply_orders", planned.text).add(pieces > 1, "a firm order in several pieces")


def _check_adjusted(found: Findings, basis: Basis, orders: SupplyOrders) -> None:
    """Planned orders are never advanced, and keep the distance between their dates."""
    planned, used = orders.planned_orders, orders.placed & (orders.planned >= 0)
    due = np.append(planned.due, BLANK_DAY)[orders.planned]
    found.add(used & (orders.day < due), "advances its planned order,", lambda row: f"due {basis.date(due[row])}")
    calendar = np.where(orders.kind == MAKE, basis.working[orders.location], basis.receiving[orders.location])
    wanted = basis.calendars.move(calendar, orders.start + np.where(used, due - orders.planned_start, 0))
    found.add(
        used & (orders.day != wanted),
        "does not keep the distance between the dates of its planned order;",
        lambda row: f"expected {basis.date(wanted[row])}",
    )


def _check_status(found: Findings, orders: SupplyOrders) -> None:
    """The status of a piece follows from its quantity and date."""
    planned, at = orders.planned_orders, orders.planned
    quantity, due = np.append(planned.quantity, 0.0)[at], np.append(planned.due, BLANK_DAY)[at]
    whole = orders.quantity >= quantity - tolerance(quantity)
    expected = np.select(
        [orders.quantity <= 0, orders.day > due, whole], [_PLAN_STATUS[3], _PLAN_STATUS[2], _PLAN_STATUS[0]], "reduced"
    )
    status = orders.frame["status"].astype(object).to_numpy()
    # A planned order of nothing is kept and cancelled at once.
    concerned = (at >= 0) & (quantity > 0)
    found.add(
        concerned & (status != expected),
        "its status does not fit its quantity and date:",
        lambda row: f"{status[row]}, expected {expected[row]}",
    )
    dated = (orders.day < BLANK_DAY) | (orders.start < BLANK_DAY)
    found.add(concerned & (status == "cancelled") & dated, "is cancelled, but has a date")


def _check_listed(found: Findings, basis: Basis, orders: SupplyOrders) -> None:
    """Every planned order that is due in the horizon is there, and no other."""
    planned: PlannedOrders = orders.planned_orders
    listed = np.zeros(len(planned), dtype=bool)
    listed[orders.planned[orders.planned >= 0]] = True
    within = planned.due < basis.days
    rows = found.of("supply_orders", planned.text)
    rows.add(~listed & within & (planned.quantity > 0), "is a planned order of the horizon, but is not listed")
    rows.add(listed & ~within, "is due after the horizon, but is listed")


def check_taken(found: Findings, supply: Supply, posted: Postings, what: str) -> None:
    """Nothing is taken or used before the planning date or after the horizon."""
    basis, orders = supply.basis, supply.orders
    outside = ~posted.firm & ~(basis.inside(posted.day) & basis.inside(posted.stated))
    found.of("supply_orders", lambda use: orders.text(posted.row[use])).add(
        outside & (posted.quantity > 0),
        f"{what} outside the horizon,",
        lambda use: f"on {basis.date(posted.stated[use])}",
    )
