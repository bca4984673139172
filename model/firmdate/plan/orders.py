"""The adjusted supply plan: planned orders kept, reduced, delayed or cancelled, and new orders; the deployments."""

from __future__ import annotations

import numpy as np
import pandas as pd

from firmdate.network.activities import ActivityKind
from firmdate.network.horizon import NO_DAY, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.plan.executed import Executed
from firmdate.plan.result import PLAN_TABLES
from firmdate.plan.whole_units import NOISE

_TYPES = np.array(["make", "transfer", "buy", "buy"], dtype=object)
_NEW = np.array(["NEW-MAKE-", "NEW-TRANSFER-", "NEW-BUY-", "NEW-BUY-"], dtype=object)
"""Both by ``ActivityKind``."""


def supply_orders(network: Network, executed: Executed) -> pd.DataFrame:
    """One row per piece of an order: same order, start date and quantity.

    ``planned_quantity`` is that of the whole order on each of its pieces; new orders are numbered by type and
    item.
    """
    parts = [_executed_rows(network, executed), _cancelled_rows(network, executed), _firm_rows(network)]
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    keys = ["plan", "order", "start_date", "date"]
    table = table.sort_values(keys, kind="stable", ignore_index=True, na_position="last")
    return table[list(PLAN_TABLES["supply_orders"])]


def _executed_rows(network: Network, executed: Executed) -> pd.DataFrame:
    activities, catalog, planned = network.activities, network.catalog, network.planned
    key = network.points.keys[activities.point[executed.activity]]
    kind = activities.kind[executed.activity]
    label = activities.label[executed.activity]
    is_planned = executed.planned >= 0
    own = np.maximum(executed.planned, 0)
    origin = activities.origin[executed.activity]
    plan_ids = _texts(planned.frame["plan"])
    due = np.where(is_planned, np.append(planned.due_day, NO_DAY)[executed.planned], NO_DAY)
    planned_quantity = np.append(planned.quantity, 0.0)[np.where(is_planned, own, -1)]
    names = _location_names(network)
    return pd.DataFrame(
        {
            "plan": np.where(is_planned, np.append(plan_ids, "")[executed.planned], ""),
            "order": _order_ids(network, executed),
            "type": _TYPES[kind],
            "item": catalog.items.to_numpy()[catalog.item_of(key)],
            "location": names[catalog.location_of(key)],
            "origin": np.where(origin >= 0, names[catalog.location_of(network.points.keys[origin])], ""),
            "supplier": np.where(kind == ActivityKind.BUY, label, ""),
            "alternative": np.where(kind == ActivityKind.MAKE, label, ""),
            "planned_date": network.horizon.date_of(due),
            "date": network.horizon.date_of(executed.arrival_day),
            "planned_quantity": planned_quantity,
            "quantity": executed.quantity,
            "status": _status(executed, due, planned_quantity),
            "start_date": network.horizon.date_of(executed.starts.day),
        }
    )


def _location_names(network: Network) -> np.ndarray:
    return np.append(network.catalog.locations.to_numpy(dtype=object), "")


def _texts(column: pd.Series) -> np.ndarray:
    return column.astype(object).to_numpy(dtype=object)


def order_names(network: Network, written: Executed) -> tuple[np.ndarray, np.ndarray]:
    """Plan and order of every row, as in ``supply_orders``; a blank plan for new orders."""
    plans = np.append(_texts(network.planned.frame["plan"]), "")[written.planned]
    return plans, _order_ids(network, written)


def _order_ids(network: Network, executed: Executed) -> np.ndarray:
    """Ids of planned orders; new ones are ``NEW-MAKE-ITEM-1``, ``NEW-BUY-ITEM-1``, …, numbered by location and date.

    So an order keeps its id when another item is planned otherwise.
    """
    kind = network.activities.kind[executed.activity]
    item = network.catalog.item_of(network.points.keys[network.activities.point[executed.activity]])
    names = network.catalog.items.to_numpy(dtype=object)[item]
    types = pd.factorize(_TYPES[kind])[0]
    numbers = pd.Series(types).groupby([types, item]).cumcount().to_numpy() + 1 if len(types) else np.empty(0, int)
    parts = zip(_NEW[kind].tolist(), names.tolist(), numbers.tolist(), strict=True)
    fresh = [f"{prefix}{name}-{n}" for prefix, name, n in parts]
    ids = np.append(_texts(network.planned.frame["order"]), "")
    return np.where(executed.planned >= 0, ids[executed.planned], np.array(fresh, dtype=object))


def _status(executed: Executed, due: IntArray, planned_quantity: FloatArray) -> np.ndarray:
    """What became of each piece."""
    whole = executed.quantity >= planned_quantity - NOISE
    on_date = executed.arrival_day <= due
    status = np.where(on_date, np.where(whole, "kept", "reduced"), "delayed")
    return np.where(executed.planned >= 0, status, "new")


def _cancelled_rows(network: Network, executed: Executed) -> pd.DataFrame:
    """Planned orders inside the horizon of which nothing is left."""
    planned = network.planned
    if len(network.firm.supply) or not len(planned):
        return _planned_rows(network, np.empty(0, dtype=np.int64), "cancelled")
    gone = np.setdiff1d(np.flatnonzero(planned.due_day < network.horizon.days), executed.planned)
    never = np.full(len(gone), np.datetime64("NaT"), dtype="datetime64[s]")
    return _planned_rows(network, gone, "cancelled").assign(date=never, start_date=never, quantity=0.0)


def _firm_rows(network: Network) -> pd.DataFrame:
    """Firm planned orders inside the horizon, as given."""
    planned = network.planned
    firm = len(network.firm.supply) > 0
    rows = np.flatnonzero(planned.due_day < network.horizon.days) if firm else np.empty(0, dtype=np.int64)
    return _planned_rows(network, rows, "kept")


def _planned_rows(network: Network, rows: IntArray, status: str) -> pd.DataFrame:
    planned, horizon = network.planned, network.horizon
    frame = planned.frame.iloc[rows]
    due, start = np.maximum(planned.due_day[rows], 0), np.maximum(planned.start_day[rows], 0)
    return pd.DataFrame(
        {
            "plan": _texts(frame["plan"]),
            "order": _texts(frame["order"]),
            "type": _texts(frame["type"]),
            "item": _texts(frame["item"]),
            "location": _texts(frame["location"]),
            "origin": frame["origin"].astype(object).fillna("").to_numpy(),
            "supplier": np.array([planned.supplier[row] for row in rows], dtype=object),
            "alternative": np.array([planned.alternative[row] for row in rows], dtype=object),
            "planned_date": horizon.date_of(planned.due_day[rows]),
            "date": horizon.date_of(due),
            "planned_quantity": planned.quantity[rows],
            "quantity": planned.quantity[rows],
            "status": status,
            "start_date": horizon.date_of(start),
        }
    )


def deployments(network: Network, executed: Executed, orders: pd.DataFrame) -> pd.DataFrame:
    """Every transfer with its dates; ``planned_order`` is its order in ``supply_orders``."""
    activities, catalog, points = network.activities, network.catalog, network.points
    moved = np.flatnonzero(activities.kind[executed.activity] == ActivityKind.TRANSFER)
    activity = executed.activity[moved]
    key = points.keys[activities.point[activity]]
    names = catalog.locations.to_numpy(dtype=object)
    moves = pd.DataFrame(
        {
            "item": catalog.items.to_numpy(dtype=object)[catalog.item_of(key)],
            "origin": names[catalog.location_of(points.keys[activities.origin[activity]])],
            "destination": names[catalog.location_of(key)],
            "mode": activities.label[activity],
            "ship_date": network.horizon.date_of(executed.ship_day[moved]),
            "arrival_date": network.horizon.date_of(executed.arrival_day[moved]),
            "quantity": executed.quantity[moved],
            "planned_order": _order_ids(network, executed)[moved],
        }
    )
    firm = orders[(orders["type"] == "transfer") & (orders["plan"] != "")] if len(network.firm.supply) else orders[:0]
    if len(firm):
        given = pd.MultiIndex.from_arrays([network.planned.frame["plan"], network.planned.frame["order"]])
        at = given.get_indexer(pd.MultiIndex.from_arrays([firm["plan"], firm["order"]]))
        fixed = pd.DataFrame(
            {
                "item": firm["item"],
                "origin": firm["origin"],
                "destination": firm["location"],
                "mode": [network.planned.mode[row] for row in at],
                "ship_date": firm["start_date"],
                "arrival_date": firm["date"],
                "quantity": firm["quantity"],
                "planned_order": firm["order"],
            }
        )
        moves = pd.concat([moves, fixed]) if len(moves) else fixed
    keys = ["item", "origin", "destination", "mode", "ship_date", "arrival_date", "planned_order"]
    return moves.sort_values(keys, kind="stable", ignore_index=True)[list(PLAN_TABLES["deployments"])]
