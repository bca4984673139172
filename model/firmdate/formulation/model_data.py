"""From a network to the sets, relations, parameters and variables of the rules."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from firmdate.formulation.allocation_data import add_allocation
from firmdate.formulation.backlog_data import declare_backlog_rules, moved_units, priority_weights
from firmdate.formulation.builder import Builder
from firmdate.formulation.fair_share_data import add_fair_shares
from firmdate.formulation.lot_data import add_lots
from firmdate.formulation.set_data import add_ship_sets
from firmdate.formulation.sets import ModelData
from firmdate.formulation.ship_from_data import add_ship_from
from firmdate.formulation.split_data import add_splits
from firmdate.formulation.stability_data import add_order_stability
from firmdate.network.activities import ActivityKind
from firmdate.network.capacity import CapacityKind
from firmdate.network.horizon import FloatArray, IntArray
from firmdate.network.network import Network, StartPairs

# Points of the last level, which only breaks ties: it keeps planned orders, avoids new ones and starts late.
NEW_ORDER_POINTS = 2.0
NEW_TRANSFER_POINTS = 1.0
EARLY_POINTS_PER_DAY = 1e-3
PLANNED_ORDER_POINTS = -0.1
FREE_EXTRA_POINTS = 1e-3
"""Money that an hour of overtime or an extra unit counts at least: also a free one is used only where it is needed."""

DELAY_POINTS_PER_DAY = 2e-4

_MOVES = (
    int(ActivityKind.TRANSFER),
    int(ActivityKind.SUBSTITUTION),
    int(ActivityKind.ITSELF),
    int(ActivityKind.SHIP_FROM),
)


@dataclass(frozen=True)
class CapacityRows:
    """Capacity intervals of one kind that some start uses.

    Args:
        interval: Positions of the intervals.
        starts: Which starts use which of them (``target`` is the position in ``interval``), and how much.
        deliveries: The same for deliveries whose route begins with a purchase.
    """

    interval: IntArray
    starts: StartPairs
    deliveries: StartPairs


def capacity_rows(network: Network, kind: CapacityKind) -> CapacityRows:
    """The used intervals of one kind of capacity that are enforced or measured."""
    parts = [_of_kind(network, uses, kind) for uses in (network.uses, network.order_uses)]
    used = np.zeros(len(network.capacities.group), dtype=bool)
    for part in parts:
        used[part.target] = True
    row = np.cumsum(used) - 1
    starts, deliveries = (replace(part, target=row[part.target]) for part in parts)
    return CapacityRows(np.flatnonzero(used), starts, deliveries)


def _of_kind(network: Network, uses: StartPairs, kind: CapacityKind) -> StartPairs:
    of_kind = (network.capacities.kind == kind) & (network.enforced | network.measured)
    if not of_kind.any():
        return StartPairs(uses.start[:0], uses.target[:0], uses.quantity[:0])
    mine = of_kind[network.capacities.group][uses.target]
    return StartPairs(uses.start[mine], uses.target[mine], uses.quantity[mine])


def shipments(network: Network) -> IntArray:
    """Deliveries of lines that ship at once or in smallest quantities."""
    classes = network.classes
    own = classes.whole | (classes.minimum > np.where(network.points.whole_units[classes.point], 1.0, 0.0))
    own &= classes.ship_set < 0
    return np.flatnonzero(own[network.deliveries.of_class]) if own.any() else np.empty(0, dtype=np.int64)


def shipment_dates(network: Network) -> IntArray:
    """Distinct dates of :func:`shipments`, as class × days of the horizon + day."""
    rows, deliveries = shipments(network), network.deliveries
    return np.unique(deliveries.of_class[rows] * network.horizon.days + deliveries.day[rows])


def model_data(network: Network) -> ModelData:
    """Everything that the rules name, for one network."""
    b = Builder()
    _supply(b, network)
    _demand(b, network)
    declare_backlog_rules(b, network)
    add_ship_sets(b, network)
    _capacity(b, network)
    _planned(b, network)
    _targets(b, network)
    add_lots(b, network)
    _shipments(b, network)
    add_splits(b, network)
    add_ship_from(b, network)
    add_allocation(b, network)
    add_fair_shares(b, network)
    _costs(b, network, *add_order_stability(b, network))
    return b.build()


def _supply(b: Builder, network: Network) -> None:
    nodes, posts = network.nodes, network.posts
    b.index("ONE", 1, "A single row")
    b.index("NODES", len(nodes), "Stocking point × date")
    b.index("STARTS", len(network.starts), "Activity × start date")
    short = np.flatnonzero(nodes.shortage_limit > 0)
    b.index("SHORTAGES", len(short), "Nodes from which firm planned orders take")
    later = np.flatnonzero(nodes.previous >= 0)
    b.relate("CARRIED_INTO", "NODES", "NODES", later, nodes.previous[later], "The node before")
    order = b.relate("POSTS_TO", "NODES", "STARTS", posts.target, posts.start, "Starts that post to a node")
    b.relate("SHORTAGES_AT", "NODES", "SHORTAGES", short, np.arange(len(short)), "Shortage of a node")
    b.paired("post", "POSTS_TO", posts.quantity[order], "Units posted per unit started")
    b.number("receipts", "NODES", nodes.receipts, "Units that arrive whatever is decided")
    b.variable("Start", "STARTS", "Units of an activity started on a date")
    pool = network.substitutes.is_pool(network.catalog, network.points.keys)[nodes.point]
    b.variable("Stock", "NODES", "Units carried out of a node", np.where(pool, 0.0, np.inf))
    b.variable("Shortage", "SHORTAGES", "Units a firm plan takes and nobody has", nodes.shortage_limit[short])


def _demand(b: Builder, network: Network) -> None:
    backlog, deliveries = network.backlog, network.deliveries
    b.index("BACKLOGS", len(backlog), "Class × date")
    b.index("DELIVERIES", len(deliveries), "Class × delivery date")
    level = network.classes.level[backlog.of_class]
    tiers = len(network.lines.tiers)
    b.index("TIERS", tiers, "Tiers of orders, then of forecasts, best first")
    every = np.arange(len(deliveries))
    stocked = np.flatnonzero(deliveries.node >= 0)
    later = np.flatnonzero(backlog.previous >= 0)
    b.relate("DELIVERED_FROM", "NODES", "DELIVERIES", deliveries.node[stocked], stocked, "Deliveries from a node")
    b.relate("DELIVERED_FOR", "BACKLOGS", "DELIVERIES", deliveries.backlog, every, "Deliveries of a class on a date")
    b.relate("BACKLOG_BEFORE", "BACKLOGS", "BACKLOGS", later, backlog.previous[later], "The date before")
    order = b.relate("TIER_BACKLOG", "TIERS", "BACKLOGS", level, np.arange(len(backlog)), "Backlog of a tier")
    moved, dropped = _stability_days(network)
    b.paired("backlog_days", "TIER_BACKLOG", (backlog.days + dropped)[order], "Days that a backlog lasts")
    late = np.flatnonzero(deliveries.late_days + moved > 0)
    late_level = network.classes.level[deliveries.of_class[late]]
    order = b.relate("TIER_LATE", "TIERS", "DELIVERIES", late_level, late, "Late deliveries of a tier")
    b.paired("late_days", "TIER_LATE", (deliveries.late_days + moved)[late][order], "Days late")
    weight = priority_weights(network)
    rows = np.flatnonzero(weight[backlog.of_class] > 0)
    order = b.relate("PRIORITY_BACKLOG", "TIERS", "BACKLOGS", level[rows], rows, "Backlog with a preference")
    days = weight[backlog.of_class[rows]] * backlog.days[rows]
    b.paired("priority_backlog_days", "PRIORITY_BACKLOG", days[order], "Weighted days")
    late_weight = weight[deliveries.of_class[late]]
    rows = late[late_weight > 0]
    order = b.relate(
        "PRIORITY_LATE", "TIERS", "DELIVERIES", late_level[late_weight > 0], rows, "Late deliveries with a preference"
    )
    days = weight[deliveries.of_class[rows]] * deliveries.late_days[rows]
    b.paired("priority_late_days", "PRIORITY_LATE", days[order], "Weighted days")
    b.number("newly_due", "BACKLOGS", backlog.newly_due, "Units that become due")
    b.variable("Deliver", "DELIVERIES", "Units delivered to a class on a date")
    b.variable("Backlog", "BACKLOGS", "Units due and not delivered")


def _stability_days(network: Network) -> tuple[FloatArray, FloatArray]:
    """Late days that each delivery and backlog row counts for being moved."""
    moved, dropped = moved_units(network)
    weight = 0.0 if network.money else network.move_weight or 0.0
    return weight * moved, weight * dropped


def _capacity(b: Builder, network: Network) -> None:
    rows = (
        ("RESOURCE", "hours", "resource_available", "ResourceOverload", "Hours"),
        ("SUPPLIER", "ordered", "supplier_available", "SupplierOverload", "Units ordered"),
        ("LANE", "shipped", "lane_available", "LaneOverload", "Units shipped"),
    )
    for kind, (name, use, available, overload, unit) in zip(CapacityKind, rows, strict=True):
        used = capacity_rows(network, kind)
        left = network.capacities.available[used.interval] - network.firm_load[used.interval]
        measured = np.arange(len(used.interval)) if network.measured else np.empty(0, dtype=np.int64)
        intervals = f"{name}_INTERVALS"
        b.index(intervals, len(used.interval), f"Intervals of a {name.lower()} that some start uses")
        b.index(f"{name}_OVERLOAD_SET", len(measured), "Intervals whose capacity is measured")
        starts, deliveries = used.starts, used.deliveries
        order = b.relate(f"{name}_STARTS", intervals, "STARTS", starts.target, starts.start, "Starts of an interval")
        b.relate(f"{name}_OVERLOADS", intervals, f"{name}_OVERLOAD_SET", measured, measured, "Overload of an interval")
        b.paired(use, f"{name}_STARTS", starts.quantity[order], f"{unit} per unit started")
        if kind == CapacityKind.SUPPLIER:
            text = "Deliveries whose purchase falls in an interval"
            order = b.relate(f"{name}_DELIVERIES", intervals, "DELIVERIES", deliveries.target, deliveries.start, text)
            b.paired(f"route_{use}", f"{name}_DELIVERIES", deliveries.quantity[order], f"{unit} per unit delivered")
        b.number(available, intervals, left if network.measured else np.maximum(left, 0.0), f"{unit}: what is left")
        b.variable(overload, f"{name}_OVERLOAD_SET", f"{unit} above the capacity")
        if kind != CapacityKind.LANE:
            _extras(b, network, name, used.interval)


def _extras(b: Builder, network: Network, name: str, interval: IntArray) -> None:
    """Overtime hours or extra units of some intervals; firm planned orders have taken theirs."""
    capacities, low = network.capacities, name.lower()
    left = np.clip(capacities.limit - network.firm_load, 0.0, capacities.extra)[interval]
    rows = np.empty(0, dtype=np.int64) if network.measured else np.flatnonzero(left > 0)
    cost, every = capacities.extra_cost[interval[rows]], np.arange(len(rows))
    b.index(f"{name}_EXTRA_SET", len(rows), f"Intervals of a {low} with overtime or extra units")
    b.relate(f"{name}_EXTRAS", f"{name}_INTERVALS", f"{name}_EXTRA_SET", rows, every, "Extra capacity of an interval")
    b.number(f"{low}_extra_cost", f"{name}_EXTRA_SET", cost, "Money per extra hour or unit")
    b.number(f"{low}_extra_points", f"{name}_EXTRA_SET", np.maximum(cost, FREE_EXTRA_POINTS), "The same, never 0")
    b.variable(f"{name.capitalize()}Extra", f"{name}_EXTRA_SET", "Overtime hours or extra units", left[rows])


def _planned(b: Builder, network: Network) -> None:
    order_of = network.activities.planned[network.starts.activity]
    starts = np.flatnonzero(order_of >= 0)
    b.index("PLANNED_ORDERS", len(network.planned), "Planned orders")
    b.relate("PLANNED_STARTS", "PLANNED_ORDERS", "STARTS", order_of[starts], starts, "Starts of a planned order")
    b.number("planned", "PLANNED_ORDERS", network.planned.quantity, "Planned units")


def _targets(b: Builder, network: Network) -> None:
    targets = network.targets
    every = np.arange(len(targets))
    b.index("TARGETS", len(targets), "Nodes with a stock target")
    b.relate("TARGET_NODE", "TARGETS", "NODES", every, targets.node, "Node of a target")
    b.number("target", "TARGETS", targets.level, "Units that should be in stock")
    b.number("below_days", "TARGETS", targets.days.astype(np.float64), "Days that a target holds")
    b.variable("BelowTarget", "TARGETS", "Units missing to the target")


def _shipments(b: Builder, network: Network) -> None:
    """What a line gets on one date, over all routes together, is one shipment."""
    rows = shipments(network)
    days, deliveries = network.horizon.days, network.deliveries
    date = shipment_dates(network)
    shipment = np.searchsorted(date, deliveries.of_class[rows] * days + deliveries.day[rows])
    of_class = date // days
    quantity = network.classes.quantity[of_class]
    smallest = np.where(network.classes.whole[of_class], quantity, network.classes.minimum[of_class])
    b.index("SHIPMENTS", len(date), "Dates on which a line with a smallest shipment can be served")
    b.relate("SHIPMENT_OF", "SHIPMENTS", "DELIVERIES", shipment, rows, "Deliveries of a date")
    b.number("smallest", "SHIPMENTS", np.minimum(smallest, quantity), "Smallest units of one shipment")
    b.number("largest", "SHIPMENTS", quantity, "Largest units of one shipment")
    b.variable("Ship", "SHIPMENTS", "1 when something ships", np.ones(len(date)), whole=True)


def _costs(b: Builder, network: Network, moved_start: FloatArray, moved_legs: FloatArray) -> None:
    activities, starts, nodes = network.activities, network.starts, network.nodes
    replaces = np.isin(activities.kind[starts.activity], (int(ActivityKind.SUBSTITUTION), int(ActivityKind.SHIP_FROM)))
    new = activities.planned[starts.activity] < 0
    rows = np.flatnonzero(replaces)
    order = b.relate("SUBSTITUTIONS", "ONE", "STARTS", np.zeros(len(rows), dtype=np.int64), rows, "Substitutions")
    b.paired("replaced", "SUBSTITUTIONS", 1.0 + activities.rank[starts.activity[rows]][order], "1 + rank")
    b.number(
        "rank_above",
        "STARTS",
        np.where(new & ~replaces, activities.rank[starts.activity] - 1.0, 0.0),
        "Rank above the best",
    )
    unit_cost = np.where(new, activities.unit_cost[starts.activity], 0.0) + moved_start
    b.number("unit_cost", "STARTS", unit_cost, "Money per unit")
    b.number(
        "holding_cost", "NODES", network.holding_cost[nodes.point] * nodes.gap, "Money per unit until the next date"
    )
    moved, dropped = moved_units(network)
    move_cost = (network.move_weight or 0.0) if network.money else 0.0
    penalty = network.daily_cost[network.backlog.of_class] * network.backlog.days + move_cost * dropped
    b.number("backlog_penalty", "BACKLOGS", penalty, "Money per unit for the days that a backlog lasts")
    penalty = network.daily_cost[network.deliveries.of_class] * network.deliveries.late_days + move_cost * moved
    b.number("late_penalty", "DELIVERIES", penalty, "Money per unit for the days late")
    b.number("untidiness", "STARTS", _untidiness(network), "Points per unit")
    routes, deliveries = network.routes, network.deliveries
    early = EARLY_POINTS_PER_DAY * (network.horizon.days - deliveries.ship_day)
    ordered = np.where(routes.order[deliveries.route] >= 0, NEW_ORDER_POINTS + early, 0.0)
    points = ordered + routes.legs[deliveries.route] * (NEW_TRANSFER_POINTS + early)
    b.number("route_rank_above", "DELIVERIES", routes.rank_above[deliveries.route], "Ranks above the best of all legs")
    unit_cost = routes.unit_cost[deliveries.route] + moved_legs
    b.number("route_cost", "DELIVERIES", unit_cost, "Money per unit of all legs")
    b.number("route_untidiness", "DELIVERIES", points, "Points per unit of all legs")


def _untidiness(network: Network) -> FloatArray:
    """Points of the last level per unit started."""
    activities, starts = network.activities, network.starts
    kind = activities.kind[starts.activity]
    points = np.where(np.isin(kind, _MOVES), NEW_TRANSFER_POINTS, NEW_ORDER_POINTS)
    points = points + EARLY_POINTS_PER_DAY * (network.horizon.days - starts.day)
    delay = starts.day - activities.first_day[starts.activity]
    planned = activities.planned[starts.activity] >= 0
    return np.where(planned, PLANNED_ORDER_POINTS + DELAY_POINTS_PER_DAY * delay, points)
