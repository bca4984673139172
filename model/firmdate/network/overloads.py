"""Is a supply plan feasible? Every overload of the planned orders, and the orders that cause it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from firmdate.data.planning_data import PlanningData
from firmdate.network.capacity import Capacities, CapacityKind
from firmdate.network.catalog import Catalog
from firmdate.network.given import read_frame_and_planned
from firmdate.network.horizon import Horizon, IntArray
from firmdate.network.opening import read_on_hand, read_receipts
from firmdate.network.planned import PlannedOrders
from firmdate.network.relations import pairs
from firmdate.scenario.schema import Scenario

OVERLOAD_COLUMNS = ["kind", "name", "location", "start", "end", "load", "capacity", "overload", "planned_orders"]
_NOISE = 1e-9


def plan_overloads(data: PlanningData, scenario: Scenario) -> pd.DataFrame:
    """Overloads of the planned orders that the scenario reads, taken as they are.

    A capacity is overloaded where the load of an interval is above what is available. A component is overloaded on
    the dates on which planned orders take more than on hand, receipts and planned orders have supplied by then; load
    and capacity are cumulative there. Uses before the planning date count on the planning date.

    Returns:
        Columns of :data:`OVERLOAD_COLUMNS`, sorted; ``planned_orders`` are the orders that use the interval, or that
        take the component until that date, joined by a comma.
    """
    catalog, horizon, capacities, planned = read_frame_and_planned(data, scenario)
    parts = [
        _capacity_overloads(capacities, planned, horizon),
        _component_overloads(data, catalog, planned, horizon),
    ]
    table = pd.concat(parts, ignore_index=True)[OVERLOAD_COLUMNS]
    return table.sort_values(["kind", "name", "location", "start"], kind="stable", ignore_index=True)


def _names(planned: PlannedOrders, orders: IntArray) -> str:
    ids = planned.frame["order"].to_numpy(dtype=object)[np.unique(orders)]
    return ", ".join(map(str, ids))


def _dates(horizon: Horizon, days: IntArray) -> np.ndarray:
    start = np.datetime64(horizon.start, "D")
    return (start + days.astype("timedelta64[D]")).astype("datetime64[s]")


def _capacity_overloads(capacities: Capacities, planned: PlannedOrders, horizon: Horizon) -> pd.DataFrame:
    takes = planned.capacity
    inside = takes.day < horizon.days
    interval = capacities.interval_of[takes.target[inside], np.maximum(takes.day[inside], 0)]
    order, quantity = takes.order[inside], takes.quantity[inside]
    load = np.bincount(interval, weights=quantity, minlength=len(capacities.group))
    over = np.flatnonzero(load > capacities.limit + _NOISE)
    at, use = pairs(over, interval)
    kinds = {kind: kind.name.lower() for kind in CapacityKind}
    return pd.DataFrame(
        {
            "kind": [kinds[CapacityKind(int(k))] for k in capacities.kind[capacities.group[over]]],
            "name": [capacities.name[g] for g in capacities.group[over]],
            "location": "",
            "start": _dates(horizon, capacities.start[over]),
            "end": _dates(horizon, capacities.end[over]),
            "load": load[over],
            "capacity": capacities.limit[over],
            "overload": load[over] - capacities.limit[over],
            "planned_orders": [_names(planned, order[use[at == row]]) for row in range(len(over))],
        },
        columns=OVERLOAD_COLUMNS,
    )


def _component_overloads(
    data: PlanningData, catalog: Catalog, planned: PlannedOrders, horizon: Horizon
) -> pd.DataFrame:
    stock, _ = read_on_hand(data, catalog)
    receipts, _ = read_receipts(data, catalog, horizon)
    takes = planned.stock
    inside, due = takes.day < horizon.days, planned.due_day < horizon.days
    taken_key, taken_day = takes.target[inside], np.maximum(takes.day[inside], 0)
    taken, order = takes.quantity[inside], takes.order[inside]
    supply_key = np.concatenate([stock.key, receipts.key, planned.key[due]])
    supply_day = np.concatenate([np.zeros(len(stock.key)), receipts.day, np.maximum(planned.due_day[due], 0)])
    supply = np.concatenate([stock.quantity, receipts.quantity, planned.quantity[due]])
    events = np.unique(np.column_stack([taken_key, taken_day]), axis=0)
    rows = []
    for key, day in events.tolist():
        load = float(taken[(taken_key == key) & (taken_day <= day)].sum())
        capacity = float(supply[(supply_key == key) & (supply_day <= day)].sum())
        if load > capacity + _NOISE:
            users = order[(taken_key == key) & (taken_day <= day)]
            rows.append(_component_row(catalog, horizon, planned, key, day, load, capacity, users))
    return pd.DataFrame(rows, columns=OVERLOAD_COLUMNS).astype({"start": "datetime64[s]", "end": "datetime64[s]"})


def _component_row(
    catalog: Catalog,
    horizon: Horizon,
    planned: PlannedOrders,
    key: int,
    day: int,
    load: float,
    capacity: float,
    users: IntArray,
) -> tuple[object, ...]:
    item, location = divmod(int(key), len(catalog.locations))
    start, end = _dates(horizon, np.array([day, day + 1]))
    names = _names(planned, users)
    return (
        "component",
        catalog.items[item],
        catalog.locations[location],
        start,
        end,
        load,
        capacity,
        load - capacity,
        names,
    )
