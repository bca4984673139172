"""From planning data and a scenario to the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.data.planning_data import PlanningData
from firmdate.errors import InputError, Problem
from firmdate.network.activities import Activities, concatenate
from firmdate.network.alerts import Alert
from firmdate.network.bills import MakeData
from firmdate.network.capacity import Capacities, CapacityKind, read_capacities
from firmdate.network.catalog import Catalog, StockingPoints, read_catalog, stocking_points
from firmdate.network.classes import Lines, read_classes, read_lines
from firmdate.network.events import EventBuilder, project
from firmdate.network.expansion import (
    backlog_rows,
    delivery_days,
    expand_posts,
    expand_starts,
    expand_targets,
    expand_uses,
    make_deliveries,
    make_nodes,
    mark,
)
from firmdate.network.firm import FirmPostings, adjustable_orders, firm_postings, no_firm_postings
from firmdate.network.horizon import BoolArray, Calendars, FloatArray, Horizon, IntArray, read_calendars
from firmdate.network.network import Network
from firmdate.network.opening import Receipts, Stock, read_on_hand, read_receipts, reserve
from firmdate.network.planned import PlannedOrders, read_planned_orders
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


def build_network(data: PlanningData, scenario: Scenario, binding: frozenset[int] | None = None) -> Network:
    """Build the network of a scenario whose data have been checked.

    Args:
        data: Planning data.
        scenario: The scenario.
        binding: Lane capacities that are enforced, by the number of their group; None enforces all. Capacity by the
            day makes the event grid dense, and lanes are seldom full: who leaves one out checks its load.

    Raises:
        InputError: A reservation does not fit its line, or a resolution does not fit the capacities.
        InfeasibleError: Date rules of lines contradict each other.
    """
    frame = _frame(data, scenario)
    given = _given(frame)
    points, activities = _possible(frame, given)
    return _expand(frame, given, points, activities, _enforced(frame, binding))


def _enforced(frame: _Frame, binding: frozenset[int] | None) -> BoolArray:
    """Capacity groups that restrict the plan."""
    enforced = np.full(len(frame.capacities.kind), frame.scenario.mode == "constrained")
    if binding is not None:
        enforced[frame.capacities.kind == CapacityKind.LANE] = False
        enforced[list(binding)] = True
    return enforced


def read_frame_and_planned(data: PlanningData, scenario: Scenario) -> tuple[Catalog, Horizon, Capacities, PlannedOrders]:
    """Ids, dates, capacities and planned orders alone: what the check of a supply plan needs."""
    frame = _frame(data, scenario)
    return frame.catalog, frame.horizon, frame.capacities, _planned(frame, scenario.supply_plans)


def _frame(data: PlanningData, scenario: Scenario) -> _Frame:
    horizon = Horizon(scenario.planning_date, scenario.horizon_days)
    calendars = read_calendars(data["calendars"], horizon, scenario.resolution)
    catalog = read_catalog(data, calendars)
    capacities = read_capacities(data, catalog, horizon, scenario.resolution)
    return _Frame(data, scenario, horizon, calendars, catalog, MakeData(data, catalog, horizon), capacities)


def _planned(frame: _Frame, plans: tuple[str, ...]) -> PlannedOrders:
    return read_planned_orders(frame.data, plans, frame.catalog, frame.makes, frame.capacities, frame.horizon)


def _given(frame: _Frame) -> _Given:
    data, scenario, catalog, horizon = frame.data, frame.scenario, frame.catalog, frame.horizon
    sources = scenario.supply_sources
    use_plans = "planned_orders" in sources and scenario.planned_orders != "ignore"
    stock, alerts = read_on_hand(data, catalog)
    if "on_hand" not in sources:
        stock, alerts = Stock(stock.key, np.zeros(len(stock.key))), []
    receipts, receipt_alerts = read_receipts(data, catalog, horizon)
    if "scheduled_receipts" not in sources:
        receipts, receipt_alerts = Receipts(receipts.key[:0], receipts.day[:0], receipts.quantity[:0], ()), []
    planned = _planned(frame, scenario.supply_plans if use_plans else ())
    firm, firm_alerts = no_firm_postings(), list[Alert]()
    if scenario.planned_orders == "firm":
        firm, firm_alerts = firm_postings(planned, horizon)
    demands = data["demands"]
    demands = demands.iloc[np.lexsort((demands["line"].astype(str), demands["order"].astype(str)))]
    key = catalog.point_keys(demands)
    _refuse_foreign_reservations(data, demands, catalog, key)
    reserved, free, reserve_alerts = reserve(data, catalog, stock, demands, key)
    lines, line_alerts = read_lines(demands, key, reserved, horizon)
    return _Given(
        stock=free,
        receipts=receipts,
        planned=planned,
        firm=firm,
        lines=lines,
        targets=read_targets(data, catalog, lines, free, receipts),
        alerts=(*alerts, *receipt_alerts, *firm_alerts, *reserve_alerts, *line_alerts),
    )


def _refuse_foreign_reservations(data: PlanningData, demands: pd.DataFrame, catalog: Catalog, key: IntArray) -> None:
    """Stock is reserved where its line ships from."""
    table = data["reservations"]
    lines = pd.MultiIndex.from_arrays([demands["order"].astype(object), demands["line"].astype(object)])
    at = lines.get_indexer(pd.MultiIndex.from_arrays([table["order"].astype(object), table["line"].astype(object)]))
    foreign = np.flatnonzero((at < 0) | (catalog.point_keys(table) != np.append(key, -2)[at]))
    problems = []
    for row in foreign:
        place = data.where("reservations", table.index[row])
        if at[row] < 0:
            problems.append(Problem(place, "order", "no such demand line; remove the reservation or add the line"))
        else:
            wanted = catalog.name(key[at[row]])
            message = f"the line ships {wanted}; reserve there, or plan a scheduled receipt (got "
            message += f"{table['item'].iloc[row]} at {table['location'].iloc[row]})"
            problems.append(Problem(place, "location", message))
    if problems:
        raise InputError(problems)


def _possible(frame: _Frame, given: _Given) -> tuple[StockingPoints, Activities]:
    """The stocking points that can be needed, and all activities that can supply them."""
    data, catalog = frame.data, frame.catalog
    network = SupplyNetwork(data, catalog, frame.makes, read_policy(data, catalog), frame.horizon)
    planned = given.planned
    roots = np.concatenate(
        [given.lines.key[given.lines.planned], given.targets.key, planned.key, planned.origin_key, planned.stock.target]
    )
    new_orders = "new_orders" in frame.scenario.supply_sources
    points = stocking_points(catalog, network.needed(roots) if new_orders else np.unique(roots))
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
    return points, concatenate(parts)


def _expand(
    frame: _Frame, given: _Given, points: StockingPoints, activities: Activities, enforced: BoolArray
) -> Network:
    """Put everything on the event grid."""
    days, calendars, capacities = frame.horizon.days, frame.calendars, frame.capacities
    measured = frame.scenario.mode == "unconstrained"
    money = frame.scenario.objective == "cost"
    classes = read_classes(given.lines, points, by_penalty=money)
    firm = given.firm
    firm_load = np.zeros(len(capacities.group))
    np.add.at(firm_load, capacities.interval_of[firm.group, firm.use_day], firm.use)
    left = capacities if measured else capacities.less(firm_load)
    opening = mark(points, days, (given.stock.key[given.stock.quantity > 0], 0))
    opening |= mark(points, days, (given.receipts.key, given.receipts.day), (firm.supply_key, firm.supply_day))
    due = np.zeros_like(opening)
    due[classes.point[classes.line_class], given.lines.first_day[classes.line]] = True
    wanted = _moved_to_working_days(due, points, calendars)
    taken = mark(points, days, (firm.take_key, firm.take_day))
    planned_takes = given.planned.stock
    inside = planned_takes.day < days
    needs = wanted | taken | mark(points, days, (given.targets.key, given.targets.day))
    needs |= mark(points, days, (planned_takes.target[inside], np.maximum(planned_takes.day[inside], 0)))
    grid = EventBuilder(points, activities, left, calendars, enforced).build(opening, needs)
    starts = expand_starts(grid)
    posts = expand_posts(activities, starts, calendars)
    served = delivery_days(given.lines, classes, grid.supplied, points, calendars)
    stock_days = grid.supplied | mark(points, days, (given.targets.key, given.targets.day))
    stock_days[posts.point, posts.day] = True
    np.logical_or.at(stock_days, classes.point, served)
    stock_days &= np.maximum.accumulate(grid.supplied, axis=1)
    nodes = make_nodes(stock_days | taken, points, given.stock, given.receipts, firm)
    backlog = backlog_rows(given.lines, classes, served, frame.horizon)
    return Network(
        horizon=frame.horizon,
        calendars=calendars,
        catalog=frame.catalog,
        points=points,
        makes=frame.makes,
        stock=given.stock,
        receipts=given.receipts,
        planned=given.planned,
        firm=firm,
        capacities=capacities,
        firm_load=firm_load,
        activities=activities,
        starts=starts,
        posts=posts.at_nodes(nodes, days),
        uses=expand_uses(activities, starts, capacities),
        nodes=nodes,
        lines=given.lines,
        classes=classes,
        backlog=backlog,
        deliveries=make_deliveries(served, classes, nodes, backlog, days),
        targets=expand_targets(given.targets, points, nodes),
        measured=measured,
        enforced=enforced,
        money=money,
        daily_cost=classes.penalty,
        holding_cost=_holding_cost(frame, points),
        supplied=grid.supplied,
        alerts=given.alerts,
    )


def _moved_to_working_days(due: np.ndarray, points: StockingPoints, calendars: Calendars) -> np.ndarray:
    """Nothing is delivered on a day on which the location is closed."""
    moved = due.copy()
    for code in np.unique(points.calendar):
        rows = points.calendar == code
        moved[rows] = project(due[rows], calendars.next_working[code])
    return moved


def _holding_cost(frame: _Frame, points: StockingPoints) -> FloatArray:
    """Money per unit and day at every stocking point."""
    table = frame.data["stocking_points"]
    at = points.find(frame.catalog.point_keys(table))
    cost = np.zeros(len(points))
    cost[at[at >= 0]] = table["holding_cost"].to_numpy(np.float64)[at >= 0] / 365.0
    return cost
