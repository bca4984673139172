"""What the planning data of a scenario state: ids and dates, capacities, supply, and order lines."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from firmdate.backlog.requests import Backlog
from firmdate.data.planning_data import PlanningData
from firmdate.network.alerts import Alert
from firmdate.network.bills import MakeData
from firmdate.network.capacity import Capacities, read_capacities
from firmdate.network.catalog import Catalog, read_catalog
from firmdate.network.classes import Lines, read_lines, tiers_of
from firmdate.network.firm import (
    FirmPostings,
    firm_postings,
    no_firm_postings,
)
from firmdate.network.horizon import Calendars, Horizon, IntArray, read_calendars
from firmdate.network.opening import Receipts, Stock, read_on_hand, read_receipts, refuse_foreign_reservations, reserve
from firmdate.network.parts import Whole
from firmdate.network.planned import PlannedOrders, plans_to_read, read_planned_orders
from firmdate.network.ship_from import ShipFrom, read_ship_from
from firmdate.network.substitutes import Substitutes, read_substitutes, served_keys
from firmdate.network.targets import Targets, read_targets
from firmdate.scenario.schema import Scenario


@dataclass(frozen=True)
class Frame:
    """What every part of the network is built on."""

    data: PlanningData
    scenario: Scenario
    horizon: Horizon
    calendars: Calendars
    catalog: Catalog
    makes: MakeData
    capacities: Capacities
    substitutes: Substitutes
    ship_from: ShipFrom


@dataclass(frozen=True)
class Given:
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


def read_frame_and_planned(
    data: PlanningData, scenario: Scenario
) -> tuple[Catalog, Horizon, Capacities, PlannedOrders]:
    """Ids, dates, capacities and planned orders alone: what the check of a supply plan needs."""
    frame = read_frame(data, scenario)
    return (
        frame.catalog,
        frame.horizon,
        frame.capacities,
        planned_orders(frame, plans_to_read(data, scenario.supply_plans)),
    )


def read_frame(data: PlanningData, scenario: Scenario) -> Frame:
    """Ids, dates, ways of making, capacities and substitutes."""
    horizon = Horizon(scenario.planning_date, scenario.horizon_days)
    calendars = read_calendars(data["calendars"], horizon, scenario.resolution)
    substitutes, catalog = read_substitutes(data, read_catalog(data, calendars), horizon, scenario.substitution)
    ship_from, substitutes, catalog = read_ship_from(data, catalog, substitutes)
    capacities = read_capacities(data, catalog, horizon, scenario.resolution)
    makes = MakeData(data, catalog, horizon)
    return Frame(data, scenario, horizon, calendars, catalog, makes, capacities, substitutes, ship_from)


def planned_orders(frame: Frame, plans: tuple[str, ...]) -> PlannedOrders:
    """The planned orders of some supply plans."""
    return read_planned_orders(frame.data, plans, frame.catalog, frame.makes, frame.capacities, frame.horizon)


def read_given(frame: Frame, backlog: Backlog, whole: Whole) -> Given:
    """Supply and demand, as far as the scenario reads them.

    Args:
        frame: What the network is built on.
        backlog: The order lines with the rules of the backlog.
        whole: What the data are a part of.
    """
    data, scenario, catalog, horizon = frame.data, frame.scenario, frame.catalog, frame.horizon
    sources = scenario.supply_sources
    use_plans = "planned_orders" in sources and scenario.planned_orders != "ignore"
    stock, alerts = read_on_hand(data, catalog)
    if "on_hand" not in sources:
        stock, alerts = Stock(stock.key, np.zeros(len(stock.key))), []
    receipts, receipt_alerts = read_receipts(data, catalog, horizon)
    if "scheduled_receipts" not in sources:
        receipts, receipt_alerts = Receipts(receipts.key[:0], receipts.day[:0], receipts.quantity[:0], (), ()), []
    planned = planned_orders(frame, plans_to_read(data, scenario.supply_plans) if use_plans else ())
    firm, firm_alerts = no_firm_postings(), list[Alert]()
    if scenario.planned_orders == "firm":
        firm, firm_alerts = firm_postings(planned, horizon)
    demands = backlog.frame
    key = catalog.point_keys(demands)
    refuse_foreign_reservations(data, demands, catalog, key)
    reserved, free, reserve_alerts = reserve(data, stock, demands, key, catalog.whole_units[catalog.item_of(key)])
    calendar = catalog.shipping_of(key)
    tiers = tiers_of(demands, backlog.rank) if whole.tiers is None else whole.tiers
    lines, line_alerts = read_lines(backlog, key, reserved, horizon, frame.calendars, calendar, tiers)
    own = served_keys(demands, frame.substitutes, catalog, key)
    lines = replace(lines, served_key=frame.ship_from.served(catalog, key, own))
    return Given(
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
