"""Stock and receipts that are there anyway: on hand, reservations, scheduled receipts.

The rules of this module are stated by their sources:

* negative on hand, and min/max coverage: Dynamics 365 Supply Chain Management, "Planned orders and negative on hand";
* reservations above on hand: the same, "Physical negative and reservations".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.data.planning_data import PlanningData
from firmdate.errors import InputError, Problem
from firmdate.network.alerts import Alert, plain
from firmdate.network.catalog import Catalog
from firmdate.network.horizon import BoolArray, FloatArray, Horizon, IntArray


@dataclass(frozen=True)
class Stock:
    """Quantities at stocking point keys, one row per key.

    Args:
        key: Sorted stocking point keys.
        quantity: Units.
    """

    key: IntArray
    quantity: FloatArray

    def at(self, keys: IntArray) -> FloatArray:
        """Quantities at some keys; 0 where there is none."""
        if not len(self.key):
            return np.zeros(len(keys))
        at = np.minimum(np.searchsorted(self.key, keys), len(self.key) - 1)
        return np.where(self.key[at] == keys, self.quantity[at], 0.0)


@dataclass(frozen=True)
class Receipts:
    """Supply that arrives by itself: one row per receipt inside the horizon."""

    key: IntArray
    day: IntArray
    quantity: FloatArray
    name: tuple[str, ...]
    kind: tuple[str, ...]


def usable_on_hand(bins: FloatArray) -> float:
    """Stock that planning may count on: bins are added up first; a negative sum counts as nothing.

    >>> usable_on_hand(np.array([20.0, -8.0])), usable_on_hand(np.array([4.0, -8.0]))
    (12.0, 0.0)
    """
    return max(float(bins.sum()), 0.0)


def min_max_order(on_hand: float, minimum: float, maximum: float, multiple: float = 0.0) -> float:
    """Quantity to order when stock is below the minimum: up to the maximum, in whole multiples.

    The multiple is rounded down so that the maximum is not passed, unless the minimum would then not be reached.

    >>> min_max_order(12, 15, 25), min_max_order(0, 15, 25)
    (13, 25)
    >>> min_max_order(10, 15, 22), min_max_order(10, 15, 22, 5), min_max_order(10, 21, 24, 5)
    (12, 10, 15)
    >>> min_max_order(16, 15, 25)
    0
    """
    if on_hand >= minimum:
        return 0
    if multiple <= 0:
        return maximum - on_hand
    below = multiple * ((maximum - on_hand) // multiple)
    if on_hand + below >= minimum:
        return below
    return multiple * -((on_hand - minimum) // multiple)


def read_on_hand(data: PlanningData, catalog: Catalog) -> tuple[Stock, list[Alert]]:
    """On hand per stocking point, by the rule of :func:`usable_on_hand`."""
    table = data["on_hand"]
    keys, at = np.unique(catalog.point_keys(table), return_inverse=True)
    total = np.bincount(at, weights=table["quantity"].to_numpy(np.float64), minlength=len(keys))
    negative = total < 0
    alerts = [
        Alert("on_hand", _point_text(catalog, key), "negative_on_hand_counts_as_zero", plain(before), "0")
        for key, before in zip(keys[negative], total[negative], strict=True)
    ]
    return Stock(keys, np.maximum(total, 0.0)), alerts


def read_receipts(data: PlanningData, catalog: Catalog, horizon: Horizon) -> tuple[Receipts, list[Alert]]:
    """Scheduled receipts inside the horizon; what is overdue is expected on the planning date."""
    table = data["scheduled_receipts"].sort_values("receipt", kind="stable")
    key, day = catalog.point_keys(table), horizon.day_of(table["date"])
    quantity = table["quantity"].to_numpy(np.float64)
    names = table["receipt"].astype(str).to_numpy()
    kinds = table["type"].astype(str).to_numpy()
    dates = table["date"].dt.strftime("%Y-%m-%d").to_numpy()
    alerts = [
        Alert("scheduled_receipts", names[i], "overdue_receipt_expected_on_planning_date", dates[i], f"{horizon.start}")
        for i in np.flatnonzero(day < 0)
    ]
    alerts += [
        Alert("scheduled_receipts", names[i], "receipt_after_the_horizon_not_counted", dates[i], "")
        for i in np.flatnonzero(day >= horizon.days)
    ]
    inside = day < horizon.days
    received = Receipts(
        key[inside], np.maximum(day, 0)[inside], quantity[inside], tuple(names[inside]), tuple(kinds[inside])
    )
    return received, alerts


def reserve(
    data: PlanningData, stock: Stock, demands: pd.DataFrame, demand_key: IntArray, whole_units: BoolArray
) -> tuple[FloatArray, Stock, list[Alert]]:
    """Set reserved stock aside for its lines.

    A reservation holds what is physically there; what lies above is demand that other supply must cover. When several
    reservations compete for too little stock, the better tier, then the earlier requested date, keeps its own.

    Args:
        data: Planning data.
        stock: On hand before reservations.
        demands: The demand lines, in the order of the result.
        demand_key: Stocking point key of each line.
        whole_units: Lines of items that only move in whole units.

    Returns:
        Reserved units per demand line, the stock that is left for everybody, and the corrections made.
    """
    table = data["reservations"]
    lines = pd.MultiIndex.from_arrays([demands["order"].astype(object), demands["line"].astype(object)])
    line = lines.get_indexer(pd.MultiIndex.from_arrays([table["order"].astype(object), table["line"].astype(object)]))
    asked = np.zeros(len(demands))
    np.add.at(asked, line, table["quantity"].to_numpy(np.float64))
    rows = np.flatnonzero(asked > 0)
    dates = demands["requested_date"].to_numpy()
    rows = rows[np.lexsort((rows, dates[rows], demands["tier"].to_numpy()[rows], demand_key[rows]))]
    key = demand_key[rows]
    wanted = np.minimum(asked[rows], demands["quantity"].to_numpy(np.float64)[rows])
    before = np.cumsum(wanted) - wanted
    first = np.concatenate([[True], key[1:] != key[:-1]]) if len(key) else np.empty(0, dtype=bool)
    before -= np.repeat(before[first], np.diff(np.append(np.flatnonzero(first), len(key))))
    granted = np.clip(stock.at(key) - before, 0.0, wanted)
    granted = np.where(whole_units[rows], np.floor(granted + 1e-9), granted)
    reserved = np.zeros(len(demands))
    reserved[rows] = granted
    left = stock.quantity.copy()
    np.subtract.at(left, np.searchsorted(stock.key, key[granted > 0]), granted[granted > 0])
    names = demands["order"].astype(str) + "/" + demands["line"].astype(str)
    alerts = [
        Alert("reservations", names.iloc[row], "reservation_above_on_hand", plain(asked[row]), plain(reserved[row]))
        for row in rows.tolist()
        if reserved[row] < asked[row]
    ]
    return reserved, Stock(stock.key, left), alerts


def _point_text(catalog: Catalog, key: int) -> str:
    item, location = divmod(int(key), len(catalog.locations))
    return f"{catalog.items[item]}/{catalog.locations[location]}"


def refuse_foreign_reservations(data: PlanningData, demands: pd.DataFrame, catalog: Catalog, key: IntArray) -> None:
    """Stock is reserved where its line ships from."""
    table = data["reservations"]
    lines = pd.MultiIndex.from_arrays([demands["order"].astype(object), demands["line"].astype(object)])
    at = lines.get_indexer(pd.MultiIndex.from_arrays([table["order"].astype(object), table["line"].astype(object)]))
    foreign = np.flatnonzero((at < 0) | (catalog.point_keys(table) != np.append(key, -2)[at]))
    problems = []
    for row in foreign.tolist():
        place = data.where("reservations", int(table.index[int(row)]))
        if at[row] < 0:
            problems.append(Problem(place, "order", "no such demand line; remove the reservation or add the line"))
        else:
            wanted = catalog.name(int(key[at[row]]))
            message = f"the line ships {wanted}; reserve there, or plan a scheduled receipt (got "
            message += f"{table['item'].iloc[row]} at {table['location'].iloc[row]})"
            problems.append(Problem(place, "location", message))
    if problems:
        raise InputError(problems)
