"""From planning data and a scenario to the network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from firmdate.backlog.requests import Backlog, read_backlog
from firmdate.data.planning_data import PlanningData
from firmdate.network.activities import Activities, concatenate
from firmdate.network.alerts import Alert
from firmdate.network.allocation import Existing, Pools, read_pools
from firmdate.network.allocation_rows import SupplyRows, expand_allocation
from firmdate.network.bills import MakeData
from firmdate.network.capacity import Capacities, enforced_groups, read_capacities
from firmdate.network.catalog import Catalog, StockingPoints, read_catalog, stocking_points
from firmdate.network.classes import Classes, Lines, read_classes, read_cohorts, read_lines, tiers_of
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
    FirmPostings,
    adjustable_orders,
    firm_load_of,
    firm_postings,
    left_capacity,
    no_firm_postings,
)
from firmdate.network.horizon import BoolArray, Calendars, FloatArray, Horizon, IntArray, read_calendars
from firmdate.network.lots import Lots, no_lots, read_lots
from firmdate.network.network import Deliveries, Network
from firmdate.network.opening import Receipts, Stock, read_on_hand, read_receipts, refuse_foreign_reservations, reserve
from firmdate.network.parts import Whole, whole_of
from firmdate.network.planned import PlannedOrders, plans_to_read, read_planned_orders
from firmdate.network.pool_days import fill_pools
from firmdate.network.relations import positions_of
from firmdate.network.ship_sets import gathered, gathering, set_windows, ship_sets
from firmdate.network.stock_days import stock_days_of
from firmdate.network.substitutes import Substitutes, pool_activities, read_substitutes, served_keys, take_from_pools
from firmdate.network.supply import SupplyNetwork, read_policy
from firmdate.network.targets import Targets, read_targets
from firmdate.scenario.schema import Scenario


@dataclass(frozen=True)
class _Frame:
    """What every part of the network is built on."""

    data: PlanningData
    scenario: Scenario
    horizon: Horizon
    calendars: Calendars
    catalog: Catalog
    makes: MakeData
    capacities: Capacities
    substitutes: Substitutes


@dataclass(frozen=True)
class _Given:
    """Supply and demand that the data state."""

    stock: Stock
    receipts: Receipts
    planned: PlannedOrders
    firm: FirmPostings
    lines: Lines
    targets: Targets
    alerts: tuple[Alert, ...]
    rules: Backlog
    part: IntArray


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
    frame = _frame(data, scenario)
    whole = whole_of(data, scenario) if whole is None else whole
    given = _given(frame, backlog if backlog is not None else read_backlog(data, scenario), whole)
    points, activities = _possible(frame, given)
    enforced = enforced_groups(frame.capacities, binding, measured=scenario.mode == "unconstrained")
    return _expand(frame, given, points, activities, enforced)


def read_frame_and_planned(
    data: PlanningData, scenario: Scenario
) -> tuple[Catalog, Horizon, Capacities, PlannedOrders]:
    """Ids, dates, capacities and planned orders alone: what the check of a supply plan needs."""
    frame = _frame(data, scenario)
    return frame.catalog, frame.horizon, frame.capacities, _planned(frame, plans_to_read(data, scenario.supply_plans))


def _frame(data: PlanningData, scenario: Scenario) -> _Frame:
    horizon = Horizon(scenario.planning_date, scenario.horizon_days)
    calendars = read_calendars(data["calendars"], horizon, scenario.resolution)
    substitutes, catalog = read_substitutes(data, read_catalog(data, calendars), horizon, scenario.substitution)
    capacities = read_capacities(data, catalog, horizon, scenario.resolution)
    makes = MakeData(data, catalog, horizon)
    return _Frame(data, scenario, horizon, calendars, catalog, makes, capacities, substitutes)


def _planned(frame: _Frame, plans: tuple[str, ...]) -> PlannedOrders:
    return read_planned_orders(frame.data, plans, frame.catalog, frame.makes, frame.capacities, frame.horizon)


def _given(frame: _Frame, backlog: Backlog, whole: Whole) -> _Given:
    data, scenario, catalog, horizon = frame.data, frame.scenario, frame.catalog, frame.horizon
    sources = scenario.supply_sources
    use_plans = "planned_orders" in sources and scenario.planned_orders != "ignore"
    stock, alerts = read_on_hand(data, catalog)
    if "on_hand" not in sources:
        stock, alerts = Stock(stock.key, np.zeros(len(stock.key))), []
    receipts, receipt_alerts = read_receipts(data, catalog, horizon)
    if "scheduled_receipts" not in sources:
        receipts, receipt_alerts = Receipts(receipts.key[:0], receipts.day[:0], receipts.quantity[:0], (), ()), []
    planned = _planned(frame, plans_to_read(data, scenario.supply_plans) if use_plans else ())
    firm, firm_alerts = no_firm_postings(), list[Alert]()
    if scenario.planned_orders == "firm":
        firm, firm_alerts = firm_postings(planned, horizon)
    demands = backlog.frame
    key = catalog.point_keys(demands)
    refuse_foreign_reservations(data, demands, catalog, key)
    reserved, free, reserve_alerts = reserve(data, stock, demands, key, catalog.whole_units[catalog.item_of(key)])
    calendar = catalog.location_calendar[catalog.location_of(key)]
    tiers = tiers_of(demands, backlog.rank) if whole.tiers is None else whole.tiers
    lines, line_alerts = read_lines(backlog, key, reserved, horizon, frame.calendars, calendar, tiers)
    lines = replace(lines, served_key=served_keys(demands, frame.substitutes, catalog, key))
    return _Given(
        stock=free,
        receipts=receipts,
        planned=planned,
        firm=firm,
        lines=lines,
        targets=read_targets(data, catalog, lines, free, receipts),
        alerts=(*alerts, *receipt_alerts, *firm_alerts, *reserve_alerts, *line_alerts),
        rules=backlog,
        part=whole.parts.of_items(catalog.items),
    )


def _possible(frame: _Frame, given: _Given) -> tuple[StockingPoints, Activities]:
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
    if len(substitutes):
        replaced = substitutes.real(catalog, served)
        if substitutes.components and frame.scenario.planned_orders == "adjust":
            replaced = np.concatenate([replaced, planned.stock.target])
        roots = np.concatenate([roots, substitutes.keys(catalog, replaced[replaced >= 0])])
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
    if frame.scenario.planned_orders == "adjust" or not parts:
        adjustable = planned if frame.scenario.planned_orders == "adjust" else _planned(frame, ())
        parts.append(adjustable_orders(adjustable, points))
    if len(substitutes):
        parts = [*parts, pool_activities(substitutes, catalog, points)]
    activities = concatenate(parts)
    if substitutes.components and len(substitutes):
        activities = take_from_pools(activities, substitutes, catalog, points)
    return points, activities


def _classes(frame: _Frame, given: _Given, points: StockingPoints, activities: Activities) -> tuple[Classes, Pools]:
    """Classes of lines, and the pools of allocated supply that they use."""
    by_penalty, by_node = frame.scenario.objective == "cost", len(frame.data["allocations"]) > 0
    sharing = frame.scenario.fair_share
    by_line = sharing is not None and sharing.between == "lines"
    classes = read_classes(given.lines, points, by_penalty=by_penalty, by_node=by_node, by_line=by_line)
    existing = Existing(given.stock, given.receipts, given.planned)
    return classes, read_pools(frame.data, frame.catalog, frame.horizon, existing, points, activities, classes)


def _fair_shares(
    frame: _Frame, given: _Given, points: StockingPoints, classes: Classes, deliveries: Deliveries
) -> FairShares:
    """Who shares what is too little."""
    rule, targets = frame.scenario.fair_share, frame.data["stocking_points"]
    served = (deliveries.of_class, deliveries.day)
    return read_fair_shares(rule, targets, frame.catalog, points, given.lines, classes, served, frame.horizon.days)


def _expand(
    frame: _Frame, given: _Given, points: StockingPoints, activities: Activities, enforced: BoolArray
) -> Network:
    """Contract, and put what is left on the event grid."""
    days, calendars, capacities = frame.horizon.days, frame.calendars, frame.capacities
    classes, pools = _classes(frame, given, points, activities)
    holding_cost = _holding_cost(frame, points)
    cohorts = read_cohorts(given.lines, classes)
    windows = set_windows(given.lines, calendars, frame.catalog.calendar_of(given.lines.key))
    group = gathering(given.lines, classes, cohorts, len(windows))
    chained = cohorts.of_class[cohorts.chain | (group >= 0)]
    lots = _lots(frame, given, points, activities)
    contraction = _contraction(frame, given, points, activities, enforced, holding_cost, classes.point[chained], lots)
    routes, modelled = contraction.routes, contraction.point
    growth = pools.growth_days(cohorts.of_class, days)
    asked = asked_days(given.lines, classes, cohorts, routes, points, calendars, growth)
    events = _events(frame, given, points, contraction)
    needs = events.needs | shipping_needs(asked, routes, len(points))[modelled]
    part = modelled_part(activities, contraction, len(points))
    left = left_capacity(capacities, given.firm, measured=frame.scenario.mode == "unconstrained")
    builder = EventBuilder(points.take(modelled), part, left, calendars, enforced)
    grid = builder.build(events.opening, needs, just_in_time_of(part, enforced, holding_cost[modelled]))
    row_of = positions_of(modelled, len(points))
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
    deliveries = make_deliveries(served, cohorts, reduced, nodes, days)
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
        daily_cost=classes.penalty,
        holding_cost=holding_cost,
    )


def _lots(frame: _Frame, given: _Given, points: StockingPoints, activities: Activities) -> Lots:
    """Lot sizes of new orders, unless the scenario leaves them out."""
    if frame.scenario.lot_sizes == "off":
        return no_lots()
    item = frame.catalog.item_of
    wanted = np.bincount(item(given.lines.key), given.lines.quantity, len(frame.catalog.items)).astype(np.float64)
    np.add.at(wanted, item(given.targets.key), given.targets.level)
    np.add.at(wanted, item(given.planned.stock.target), np.abs(given.planned.stock.quantity))
    return read_lots(frame.data, frame.catalog, points, activities, wanted)


def _as_given(frame: _Frame, given: _Given, points: StockingPoints, activities: Activities) -> dict[str, Any]:
    """The parts of the network that the event grid does not change."""
    return {
        "horizon": frame.horizon,
        "calendars": frame.calendars,
        "capacities": frame.capacities,
        "catalog": frame.catalog,
        "points": points,
        "makes": frame.makes,
        "substitutes": frame.substitutes,
        "stock": given.stock,
        "receipts": given.receipts,
        "planned": given.planned,
        "firm": given.firm,
        "firm_load": firm_load_of(frame.capacities, given.firm),
        "activities": activities,
        "lines": given.lines,
        "measured": frame.scenario.mode == "unconstrained",
        "exact_lots": frame.scenario.lot_sizes == "exact",
        "money": frame.scenario.objective == "cost",
        "move_weight": frame.scenario.stability.weight if frame.scenario.stability else None,
        "alerts": given.alerts,
        "part": given.part,
        "rules": given.rules,
    }


def _counted(given: _Given, points: StockingPoints, holding_cost: FloatArray) -> BoolArray:
    """Stocking points where stock itself counts: it costs money, or has a target."""
    counted = holding_cost > 0
    counted[points.find(given.targets.key)] = True
    return np.asarray(counted)


def _contraction(
    frame: _Frame,
    given: _Given,
    points: StockingPoints,
    activities: Activities,
    enforced: BoolArray,
    holding_cost: FloatArray,
    chained: IntArray,
    lots: Lots,
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
    return contract(activities, points.calendar, frame.calendars, demand, holding_cost, enforced, lots.activity)


@dataclass(frozen=True)
class _Events:
    """Days on which something happens at modelled points whatever is decided: modelled points × days."""

    opening: BoolArray
    taken: BoolArray
    targets: BoolArray
    needs: BoolArray


def _events(frame: _Frame, given: _Given, points: StockingPoints, contraction: Contraction) -> _Events:
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


def _holding_cost(frame: _Frame, points: StockingPoints) -> FloatArray:
    """Money per unit and day at every stocking point; a pool holds nothing, and counts as its item."""
    table = frame.data["stocking_points"]
    at = points.find(frame.catalog.point_keys(table))
    cost = np.zeros(len(points))
    cost[at[at >= 0]] = table["holding_cost"].to_numpy(np.float64)[at >= 0] / 365.0
    return cost[points.find(frame.substitutes.real(frame.catalog, points.keys))]
