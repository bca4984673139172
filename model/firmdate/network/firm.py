"""Planned orders in the network: adjustable ones as activities, firm ones as fixed postings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.activities import Activities, ActivityKind, Posts, Uses, join_posts, supply_posts
from firmdate.network.alerts import Alert
from firmdate.network.capacity import Capacities
from firmdate.network.catalog import StockingPoints
from firmdate.network.horizon import NO_DAY, FloatArray, Horizon, IntArray
from firmdate.network.planned import PlannedOrders

_KINDS = {"make": ActivityKind.MAKE, "transfer": ActivityKind.TRANSFER, "buy": ActivityKind.BUY}


@dataclass(frozen=True)
class FirmPostings:
    """What firm planned orders post, whatever happens: one row per posting inside the horizon.

    Args:
        supply_key: Stocking point key that is supplied.
        supply_day: Day of supply.
        supply: Units.
        take_key: Stocking point key that is taken from.
        take_day: Day of the take.
        take: Units.
        group: Capacity group that is used.
        use_day: Day of use.
        use: Hours or units.
    """

    supply_key: IntArray
    supply_day: IntArray
    supply: FloatArray
    take_key: IntArray
    take_day: IntArray
    take: FloatArray
    group: IntArray
    use_day: IntArray
    use: FloatArray


def firm_postings(planned: PlannedOrders, horizon: Horizon) -> tuple[FirmPostings, list[Alert]]:
    """Postings of planned orders as given; dates before the planning date count on the planning date."""
    due, stock, capacity = planned.due_day, planned.stock, planned.capacity
    names = planned.frame["plan"].astype(str) + "/" + planned.frame["order"].astype(str)
    alerts = [
        Alert(
            "planned_orders",
            names.iloc[row],
            "firm_order_in_the_past_counts_on_planning_date",
            str(horizon.date_of(planned.first_day[[row]])[0].astype("datetime64[D]")),
            str(horizon.start),
        )
        for row in np.flatnonzero((planned.first_day < 0) & (due < horizon.days))
    ]
    inside = due < horizon.days
    alerts += [
        Alert("planned_orders", names.iloc[row], "due_after_the_horizon_not_counted", "", "")
        for row in np.flatnonzero(~inside)
    ]
    taken = inside[stock.order] & (stock.day < horizon.days)
    used = inside[capacity.order] & (capacity.day < horizon.days)
    return FirmPostings(
        supply_key=planned.key[inside],
        supply_day=np.maximum(due[inside], 0),
        supply=planned.quantity[inside],
        take_key=stock.target[taken],
        take_day=np.maximum(stock.day[taken], 0),
        take=stock.quantity[taken],
        group=capacity.target[used],
        use_day=np.maximum(capacity.day[used], 0),
        use=capacity.quantity[used],
    ), alerts


def no_firm_postings() -> FirmPostings:
    """The postings of no planned order."""
    none, nothing = np.empty(0, dtype=np.int64), np.empty(0)
    return FirmPostings(none, none, nothing, none, none, nothing, none, none, nothing)


def adjustable_orders(planned: PlannedOrders, points: StockingPoints) -> Activities:
    """One activity per planned order: it may start later than planned, never earlier, all its dates together."""
    count = len(planned)
    every = np.arange(count)
    point = points.find(planned.key)
    delay = np.maximum(-planned.first_day, 0)
    stock, capacity = planned.stock, planned.capacity
    taken_point = points.find(stock.target)
    always = np.full(len(stock.order), NO_DAY)
    moved = planned.origin_key >= 0
    origin = np.where(moved, points.find(planned.origin_key), -1)
    calendars = points.calendars
    shipped = taken_point == origin[stock.order]
    takes = Posts(
        activity=stock.order,
        point=taken_point,
        quantity=-stock.quantity / planned.quantity[stock.order],
        offset=stock.day - planned.start_day[stock.order],
        calendar=np.where(shipped, calendars.shipping[taken_point], calendars.working[taken_point]),
        first_start=-always,
        last_start=always,
    )
    kind = np.array([int(_KINDS[kind]) for kind in planned.frame["type"]], dtype=np.int64)
    arrival = np.where(kind == ActivityKind.MAKE, calendars.working[point], calendars.receiving[point])
    return Activities(
        kind=kind,
        point=point,
        origin=origin,
        label=np.array(
            [
                alternative or supplier or mode
                for alternative, supplier, mode in zip(planned.alternative, planned.supplier, planned.mode, strict=True)
            ],
            dtype=object,
        ),
        planned=every,
        start_calendar=np.where(moved, calendars.shipping[origin], 0),
        first_day=planned.start_day + delay,
        last_day=np.full(count, NO_DAY),
        unit_cost=np.zeros(count),
        rank=np.ones(count),
        posts=join_posts(supply_posts(every, point, planned.due_day - planned.start_day, arrival), takes),
        uses=Uses(
            activity=capacity.order,
            group=capacity.target,
            quantity=capacity.quantity / planned.quantity[capacity.order],
            offset=capacity.day - planned.start_day[capacity.order],
        ),
    )


def firm_load_of(capacities: Capacities, firm: FirmPostings) -> FloatArray:
    """Load of firm planned orders per capacity interval."""
    load = np.zeros(len(capacities.group))
    np.add.at(load, capacities.interval_of[firm.group, firm.use_day], firm.use)
    return load


def left_capacity(capacities: Capacities, firm: FirmPostings, *, measured: bool) -> Capacities:
    """Capacity that firm planned orders leave; all of it where it is only measured."""
    return capacities if measured else capacities.less(firm_load_of(capacities, firm))
