"""The tables of a run, from the flows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from firmdate.network.capacity import CapacityKind
from firmdate.network.horizon import NO_DAY, FloatArray
from firmdate.network.network import Network
from firmdate.plan.executed import Executed, stock_changes
from firmdate.plan.explain.gating import Gating
from firmdate.plan.promise import Promises, ScheduleLines
from firmdate.plan.result import PLAN_TABLES, RULE_TABLES
from firmdate.plan.whole_units import NOISE


def promise_table(network: Network, promised: Promises, gating: Gating) -> pd.DataFrame:
    """One row per demand line, sorted by order and line."""
    lines = network.lines
    frame = lines.frame
    due, day = lines.due_day, promised.day
    known = day != NO_DAY
    days_late = np.where(known, np.maximum(day - due, 0), 0)
    late = pd.array(days_late, dtype="Int64")
    late[~known] = pd.NA
    table = pd.DataFrame(
        {
            "order": frame["order"].astype(object).to_numpy(),
            "line": frame["line"].astype(object).to_numpy(),
            "item": frame["item"].astype(object).to_numpy(),
            "location": frame["location"].astype(object).to_numpy(),
            "quantity": lines.quantity,
            "requested_date": frame["requested_date"].to_numpy(),
            "promise_date": network.horizon.date_of(lines.arrival(day)),
            "days_late": late,
            "promised_quantity": promised.quantity,
            "status": status(network, promised),
            "tier": frame["tier"].to_numpy(),
            "gating_kind": gating.kind,
            "gating_name": gating.name,
            "gating_date": network.horizon.date_of(gating.day),
            "reason": gating.reason,
        }
    )
    return table[list(PLAN_TABLES["promises"])]


def line_table(network: Network, promised: Promises) -> pd.DataFrame:
    """What each demand line is, in the order of the promises."""
    lines = network.lines
    frame, catalog = lines.frame, network.catalog
    item, location = catalog.item_of(lines.key), catalog.location_of(lines.key)
    table = pd.DataFrame(
        {
            "order": frame["order"].astype(object).to_numpy(),
            "line": frame["line"].astype(object).to_numpy(),
            "kind": frame["kind"].astype(object).to_numpy(),
            "customer": frame["customer"].astype(object).where(frame["customer"].notna(), "").to_numpy(),
            "region": catalog.region[location],
            "product_group": catalog.product_group[item],
            "value": _value(frame["revenue"].to_numpy(np.float64), lines.quantity * catalog.unit_price[item]),
            "late_unit_days": np.round(promised.late_unit_days, 6),
        }
    )
    return table[list(PLAN_TABLES["lines"])]


def _value(revenue: FloatArray, at_list_price: FloatArray) -> FloatArray:
    """Sales value of each line: its revenue, else its quantity at the item's price."""
    value: FloatArray = np.where(np.isnan(revenue), at_list_price, revenue)
    return value.round(6)


def status(network: Network, promised: Promises) -> np.ndarray:
    """on_time, late, partial or unpromised, per line."""
    known = promised.day != NO_DAY
    on_time = promised.day <= np.maximum(network.lines.due_day, -NO_DAY)
    open_status = np.where(promised.quantity > NOISE, "partial", "unpromised")
    return np.where(known, np.where(on_time, "on_time", "late"), open_status).astype(object)


def delivery_table(network: Network, shipped: ScheduleLines) -> pd.DataFrame:
    """The schedule lines, sorted by order, line and date: what arrives at the customer on which date."""
    frame = network.lines.frame
    arrival = network.lines.arrival(shipped.day, shipped.line)
    return pd.DataFrame(
        {
            "order": frame["order"].astype(object).to_numpy()[shipped.line],
            "line": frame["line"].astype(object).to_numpy()[shipped.line],
            "date": network.horizon.date_of(arrival),
            "quantity": shipped.quantity,
        }
    )


def shipment_tables(network: Network, shipped: ScheduleLines) -> dict[str, pd.DataFrame]:
    """When every schedule line with a way to the customer leaves its location and arrives; nothing without any."""
    if not network.lines.transit.any():
        return {}
    rows = network.lines.transit[shipped.line] > 0
    table = delivery_table(network, shipped)[rows].reset_index(drop=True)
    frame = network.lines.frame.iloc[shipped.line[rows]]
    table["item"] = frame["item"].astype(object).to_numpy()
    table["location"] = frame["location"].astype(object).to_numpy()
    table["ship_date"] = network.horizon.date_of(shipped.day[rows])
    return {"shipments": table[list(RULE_TABLES["shipments"])]}


def load_table(
    network: Network, kind: CapacityKind, load: FloatArray, price: FloatArray, columns: tuple[str, ...]
) -> pd.DataFrame:
    """Load, capacity and price of the intervals of one kind; intervals without capacity only when they are used."""
    capacities = network.capacities
    group = capacities.group
    rows = np.flatnonzero((capacities.kind[group] == kind) & ((capacities.available > 0) | (load > NOISE)))
    names = np.array(capacities.name, dtype=object)
    items = np.append(network.catalog.items.to_numpy(dtype=object), "")
    overload = load - capacities.available - extra_used(network, load)
    overload[overload <= NOISE] = 0.0
    table = pd.DataFrame(
        {
            columns[0]: names[group[rows]],
            "start": network.horizon.date_of(capacities.start[rows]),
            "end": _end_dates(network, rows),
            "load": np.round(load[rows], 9),
            "capacity": capacities.available[rows],
            "overload": np.round(overload[rows], 9),
            "price": np.round(np.abs(price[rows]), 9),
            "item": items[capacities.item[group[rows]]],
        }
    )
    table = table.sort_values([columns[0], "item", "start"], kind="stable", ignore_index=True)
    if kind == CapacityKind.LANE and len(table):
        table = table[table["load"] > 0].reset_index(drop=True)
    return table[list(columns)]


def extra_used(network: Network, load: FloatArray) -> FloatArray:
    """Overtime hours and extra units per capacity interval: what the load takes beyond the regular capacity."""
    capacities = network.capacities
    beyond = load - capacities.available
    beyond[beyond <= NOISE] = 0.0
    return np.zeros(len(load)) if network.measured else np.minimum(beyond, capacities.extra)


def overtime_table(network: Network, load: FloatArray) -> pd.DataFrame:
    """Overtime of resources and extra units of suppliers that are used, with their price."""
    capacities, extra = network.capacities, extra_used(network, load)
    rows = np.flatnonzero(extra > 0)
    group = capacities.group[rows]
    items = np.append(network.catalog.items.to_numpy(dtype=object), "")
    table = pd.DataFrame(
        {
            "kind": np.where(capacities.kind[group] == CapacityKind.RESOURCE, "resource", "supplier").astype(object),
            "name": np.array(capacities.name, dtype=object)[group],
            "item": items[capacities.item[group]],
            "start": network.horizon.date_of(capacities.start[rows]),
            "end": _end_dates(network, rows),
            "quantity": np.round(extra[rows], 9),
            "limit": capacities.extra[rows],
            "unit_cost": capacities.extra_cost[rows],
            "cost": np.round(extra[rows] * capacities.extra_cost[rows], 9),
        }
    )
    keys = ["kind", "name", "item", "start"]
    return table.sort_values(keys, kind="stable", ignore_index=True)[list(RULE_TABLES["overtime"])]


def _end_dates(network: Network, rows: np.ndarray) -> np.ndarray:
    start = np.datetime64(network.horizon.start, "D")
    return np.asarray(start + network.capacities.end[rows].astype("timedelta64[D]"), dtype="datetime64[s]")


def stock_table(network: Network, executed: Executed, shipped: ScheduleLines) -> pd.DataFrame:
    """Projected stock at the end of each date on which it changes (the planning date included where there is stock)."""
    days, catalog = network.horizon.days, network.catalog
    key, moved = stock_changes(network, executed, shipped)
    distinct, at = np.unique(key, return_inverse=True)
    change = np.bincount(at, weights=moved, minlength=len(distinct))
    point = distinct // days
    total = np.cumsum(change)
    first = np.ones(len(point), dtype=bool)
    first[1:] = point[1:] != point[:-1]
    before = np.repeat((total - change)[first], np.diff(np.append(np.flatnonzero(first), len(point))))
    level = np.round(total - before, 6)
    level[np.abs(level) <= NOISE] = 0.0
    shown = (np.abs(change) > NOISE) | (first & (level != 0))
    return pd.DataFrame(
        {
            "item": catalog.items.to_numpy(dtype=object)[catalog.item_of(point[shown])],
            "location": catalog.locations.to_numpy(dtype=object)[catalog.location_of(point[shown])],
            "date": network.horizon.date_of(distinct[shown] % days),
            "quantity": level[shown],
        }
    )
