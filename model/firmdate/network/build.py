"""From planning data and a scenario to the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from firmdate.backlog.requests import Backlog, read_backlog
from firmdate.data.planning_data import PlanningData
from firmdate.network.activities import Activities, concatenate
from firmdate.network.allocation import Existing, Pools, read_pools
from firmdate.network.allocation_rows import SupplyRows, expand_allocation
from firmdate.network.capacity import enforced_groups
from firmdate.network.catalog import StockingPoints, stocking_points
from firmdate.network.classes import Classes, read_classes, read_cohorts
from firmdate.network.contract import Contraction, Demand, contract, modelled_part
from firmdate.network.events import EventBuilder, just_in_time_of
from firmdate.network.expansion import (
    asked_days,
    backlog_rows,
    expand_posts,
    expand_starts,
    expand_targets,
    expand_uses,
    make_deliveries,
    make_nodes,
    mark,
    order_days,
    order_uses,
    service,
    shipping_needs,
)
from firmdate.network.fair_share import FairShares, read_fair_shares
from firmdate.network.firm import (
    adjustable_orders,
    firm_load_of,
    left_capacity,
)
from firmdate.network.given import Frame, Given, read_frame, read_given
from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.network.lots import Lots, no_lots, read_lots
from firmdate.network.network import Deliveries, Network
from firmdate.network.parts import Whole, whole_of
from firmdate.network.pool_days import fill_pools
from firmdate.network.previous_orders import PreviousOrders, read_previous_orders
from firmdate.network.relations import positions_of
from firmdate.network.ship_from import shipping_activities
from firmdate.network.ship_sets import gathered, gathering, late_with_their_sets, set_windows, ship_sets
from firmdate.network.stock_days import stock_days_of
from firmdate.network.substitutes import pool_activities, take_from_pools
from firmdate.network.supply import SupplyNetwork, read_policy
from firmdate.scenario.schema import Scenario


def build_network(
    data: PlanningData,
    scenario: Scenario,
    binding: frozenset[int] | None = None,
    backlog: Backlog | None = None,
    whole: Whole | None = None,
) -> Network:
    """Build the network of a scenario whose data have been checked.

    Args:
        data: Planning data.
        scenario: The scenario.
        binding: Lane capacities that are enforced, by the number of their group; None enforces all. Capacity by the
            day makes the event grid dense, and lanes are seldom full: who leaves one out checks its load.
        backlog: The order lines with the rules of the backlog; read from the data and the scenario without it.
        whole: What the data are a part of; by default they are all there is.

    Raises:
        InputError: A reservation does not fit its line, or a resolution does not fit the capacities.
        InfeasibleError: Date rules of lines contradict each other.
    """
    frame = read_frame(data, scenario)
    whole = whole_of(data, scenario) if whole is None else whole
    given = read_given(frame, backlog if backlog is not None else read_backlog(data, scenario), whole)
    points, activities = _possible(frame, given)
    enforced = enforced_groups(frame.capacities, binding, measured=scenario.mode == "unconstrained")
    return _expand(frame, given, points, activities, enforced)


def _possible(frame: Frame, given: Given) -> tuple[StockingPoints, Activities]:
    """The stocking points that can be needed, and all activities that can supply them."""
    data, catalog = frame.data, frame.catalog
    substitutes = frame.substitutes
    network = SupplyNetwork(data, catalog, frame.makes, read_policy(data, catalog), frame.horizon, substitutes)
    planned = given.planned
    roots = np.concatenate(
        [given.lines.key[given.lines.planned], given.targets.key, planned.key, planned.origin_key, planned.stock.target]
    )
    new_orders = "new_orders" in frame.scenario.supply_sources
    pooled = given.lines.served_key != given.lines.key
    served = np.unique(given.lines.served_key[pooled & given.lines.planned])
    if substitutes.has_pools:
        replaced = substitutes.real(catalog, served)
        if substitutes.components and frame.scenario.planned_orders == "adjust":
            replaced = np.concatenate([replaced, planned.stock.target])
        roots = np.concatenate([roots, substitutes.keys(catalog, replaced[replaced >= 0])])
        roots = np.concatenate([roots, frame.ship_from.sources(catalog, substitutes, served)])
    needed = network.needed(roots) if new_orders else np.unique(roots)
    if substitutes.components and len(substitutes):
        served = np.union1d(served, substitutes.pools(catalog, needed[needed >= 0]))
    points = stocking_points(catalog, np.concatenate([needed, served]))
    parts = []
    if new_orders:
        parts += [
            network.new_makes(points, frame.capacities),
            network.transfers(points, frame.capacities),
            network.buys(points, frame.capacities, frame.calendars),
            network.assumed(points),
        ]
    parts.append(network.fenced(points, roots, frame.scenario.infinite_fence_days))
    if frame.scenario.planned_orders == "adjust":
        parts.append(adjustable_orders(planned, points))
    if substitutes.has_pools:
        parts.append(pool_activities(substitutes, catalog, points))
        parts.append(shipping_activities(frame.ship_from, substitutes, catalog, points))
    activities = concatenate(parts)
    if substitutes.components and len(substitutes):
        activities = take_from_pools(activities, substitutes, catalog, points)
    return points, activities


def _classes(frame: Frame, given: Given, points: StockingPoints, activities: Activities) -> tuple[Classes, Pools]:
    """Classes of lines, and the pools of allocated supply that they use."""
    by_penalty, by_node = frame.scenario.objective == "cost", len(frame.data["allocations"]) > 0
    sharing = frame.scenario.fair_share
    by_line = sharing is not None and sharing.between == "lines"
    classes = read_classes(given.lines, points, by_penalty=by_penalty, by_node=by_node, by_line=by_line)
    existing = Existing(given.stock, given.receipts, given.planned)
    pools = read_pools(
        frame.data, frame.catalog, frame.horizon, existing, points, activities, classes, frame.substitutes
    )
    return classes, pools


def _fair_shares(
    frame: Frame, given: Given, points: StockingPoints, classes: Classes, deliveries: Deliveries
) -> FairShares:
    """Who shares what is too little."""
    rule, targets = frame.scenario.fair_share, frame.data["stocking_points"]
    served = (deliveries.of_class, deliveries.day)
    return read_fair_shares(rule, targets, frame.catalog, points, given.lines, classes, served, frame.horizon.days)


def _expand(frame: Frame, given: Given, points: StockingPoints, activities: Activities, enforced: BoolArray) -> Network:
    """Contract, and put what is left on the event grid."""
    days, calendars, capacities = frame.horizon.days, frame.calendars, frame.capacities
    classes, pools = _classes(frame, given, points, activities)
    holding_cost, cohorts = _holding_cost(frame, points), read_cohorts(given.lines, classes)
    windows = set_windows(given.lines, calendars, frame.catalog.shipping_of(given.lines.key))
    group = gathering(given.lines, classes, cohorts, len(windows))
    lots, previous = _lots(frame, given, points, activities), _previous_orders(frame, given, points, activities)
    # What waits for a set is moved when the set leaves, which only its stock would tell the previous orders.
    chained = cohorts.of_class[cohorts.chain | (group >= (0 if previous.in_use else len(windows)))]
    pinned = classes.point[chained], np.union1d(lots.activity, previous.bought(activities))
    contraction = _contraction(frame, given, points, activities, enforced, holding_cost, *pinned)
    routes, modelled = contraction.routes, contraction.point
    growth, row_of = pools.growth_days(cohorts.of_class, days), positions_of(modelled, len(points))
    asked = asked_days(given.lines, classes, cohorts, routes, points, calendars, growth)
    events = _events(frame, given, points, contraction)
    needs = events.needs | shipping_needs(asked, routes, len(points))[modelled]
    part = modelled_part(activities, contraction, len(points))
    left = left_capacity(capacities, given.firm, measured=frame.scenario.mode == "unconstrained")
    builder = EventBuilder(points.take(modelled), part, left, calendars, enforced)
    timing = just_in_time_of(part, enforced, holding_cost[modelled]), previous.grid(contraction.activity, days)
    grid = builder.build(events.opening, needs, *timing)
    placing = order_days(activities, np.unique(routes.order[routes.order >= 0]), left, enforced, days)
    served = service(asked, routes, grid.early, row_of, placing)
    together = gathered(asked, served, group, windows, calendars)
    if together is not None:
        served = served.joined(group, service(together, routes, grid.early, row_of, placing), routes)
    replaceable = frame.substitutes.is_pool(frame.catalog, points.keys)
    grid = fill_pools(grid, part, replaceable[modelled], activities, contraction.activity, calendars, row_of, served)
    starts = expand_starts(grid, contraction.activity)
    posts = expand_posts(activities, starts, calendars)
    counted = _counted(given, points, holding_cost) | replaceable
    stock_days = stock_days_of(grid.supplied, events.targets, counted, row_of, posts, served)
    nodes = make_nodes(stock_days | events.taken, modelled, points, given.stock, given.receipts, given.firm)
    backlog, reduced = backlog_rows(given.lines, classes, cohorts, served, frame.horizon)
    deliveries = late_with_their_sets(make_deliveries(served, cohorts, reduced, nodes, days), classes)
    dated = posts.at_nodes(nodes, days)
    return Network(
        **_as_given(frame, given, points, activities),
        lots=lots,
        routes=routes,
        starts=starts,
        posts=dated,
        uses=expand_uses(activities, starts, capacities),
        order_uses=order_uses(activities, routes, deliveries, capacities),
        nodes=nodes,
        classes=classes,
        backlog=backlog,
        deliveries=deliveries,
        targets=expand_targets(given.targets, points, nodes),
        ship_sets=ship_sets(classes, cohorts, windows, served, days),
        fair_shares=_fair_shares(frame, given, points, classes, deliveries),
        allocation=expand_allocation(
            pools, SupplyRows(activities, starts, dated, nodes), routes, deliveries, points.whole_units, days
        ),
        enforced=enforced,
        previous_orders=previous,
        daily_cost=classes.penalty,
        holding_cost=holding_cost,
    )


def _lots(frame: Frame, given: Given, points: StockingPoints, activities: Activities) -> Lots:
    """Lot sizes of new orders, unless the scenario leaves them out."""
    if frame.scenario.lot_sizes == "off":
        return no_lots()
    item = frame.catalog.item_of
    wanted = np.bincount(item(given.lines.key), given.lines.quantity, len(frame.catalog.items)).astype(np.float64)
    np.add.at(wanted, item(given.targets.key), given.targets.level)
    np.add.at(wanted, item(given.planned.stock.target), np.abs(given.planned.stock.quantity))
    return read_lots(frame.data, frame.catalog, points, activities, wanted)


def _previous_orders(frame: Frame, given: Given, points: StockingPoints, activities: Activities) -> PreviousOrders:
    """The orders of the previous run, where stability prefers them."""
    previous = given.rules.previous if frame.scenario.stability is not None else None
    weekly = frame.scenario.resolution == "week"
    return read_previous_orders(
        previous, frame.catalog, points, activities, given.planned, frame.horizon, weekly=weekly
    )


def _as_given(frame: Frame, given: Given, points: StockingPoints, activities: Activities) -> dict[str, Any]:
    """The parts of the network that the event grid does not change."""
    return {
        "horizon": frame.horizon,
        "calendars": frame.calendars,
        "capacities": frame.capacities,
        "catalog": frame.catalog,
        "points": points,
        "makes": frame.makes,
        "substitutes": frame.substitutes,
        "whole_shipment": frame.ship_from.whole_starts(frame.catalog, points, activities),
        "counted_shipment": frame.ship_from.counted_starts(frame.catalog, points, activities),
        "stock": given.stock,
        "receipts": given.receipts,
        "planned": given.planned,
        "firm": given.firm,
        "firm_load": firm_load_of(frame.capacities, given.firm),
        "activities": activities,
        "lines": given.lines,
        "holding_rates": _holding_rates(frame),
        "measured": frame.scenario.mode == "unconstrained",
        "exact_lots": frame.scenario.lot_sizes == "exact",
        "money": frame.scenario.objective == "cost",
        "move_weight": frame.scenario.stability.weight if frame.scenario.stability else None,
        "alerts": given.alerts,
        "part": given.part,
        "rules": given.rules,
    }


def _counted(given: Given, points: StockingPoints, holding_cost: FloatArray) -> BoolArray:
    """Stocking points where stock itself counts: it costs money, or has a target."""
    counted = holding_cost > 0
    counted[points.find(given.targets.key)] = True
    return np.asarray(counted)


def _contraction(
    frame: Frame,
    given: Given,
    points: StockingPoints,
    activities: Activities,
    enforced: BoolArray,
    holding_cost: FloatArray,
    chained: IntArray,
    kept: IntArray,
) -> Contraction:
    """What is left to model once unlimited transfers and the purchases behind them have become routes."""
    supplied = np.zeros(len(points) + 1, dtype=bool)
    stocked = given.stock.key[given.stock.quantity > 0]
    for keys in (stocked, given.receipts.key, given.firm.supply_key):
        supplied[points.find(keys)] = True
    pinned = np.zeros(len(points) + 1, dtype=bool)
    for keys in (given.targets.key, given.firm.take_key):
        pinned[points.find(keys)] = True
    chains = np.zeros(len(points), dtype=bool)
    chains[chained] = True
    asked = np.unique(points.find(given.lines.served_key[given.lines.planned]))
    demand = Demand(asked, supplied[:-1], pinned[:-1], chains)
    return contract(activities, points.calendars.shipping, frame.calendars, demand, holding_cost, enforced, kept)


@dataclass(frozen=True)
class _Events:
    """Days on which something happens at modelled points whatever is decided: modelled points × days."""

    opening: BoolArray
    taken: BoolArray
    targets: BoolArray
    needs: BoolArray


def _events(frame: Frame, given: Given, points: StockingPoints, contraction: Contraction) -> _Events:
    days, firm, takes = frame.horizon.days, given.firm, given.planned.stock
    part = points.take(contraction.point)
    opening = mark(
        part,
        days,
        (given.stock.key[given.stock.quantity > 0], 0),
        (given.receipts.key, given.receipts.day),
        (firm.supply_key, firm.supply_day),
    )
    taken = mark(part, days, (firm.take_key, firm.take_day))
    targets = mark(part, days, (given.targets.key, given.targets.day))
    inside = takes.day < days
    planned = mark(part, days, (takes.target[inside], np.maximum(takes.day[inside], 0)))
    return _Events(opening, taken, targets, taken | targets | planned)


def _holding_rates(frame: Frame) -> tuple[IntArray, FloatArray]:
    """Keys of stocking points, and money per unit and day there."""
    table = frame.data["stocking_points"]
    return frame.catalog.point_keys(table), table["holding_cost"].to_numpy(np.float64) / 365.0


def _holding_cost(frame: Frame, points: StockingPoints) -> FloatArray:
    """Money per unit and day at every stocking point; a pool holds nothing, and counts as its item."""
    keys, rates = _holding_rates(frame)
    at = points.find(keys)
    cost = np.zeros(len(points))
    cost[at[at >= 0]] = rates[at >= 0]
    return cost[points.find(frame.substitutes.real(frame.catalog, points.keys))]
