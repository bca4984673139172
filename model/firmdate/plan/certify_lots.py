"""Lot sizes of new orders: smallest and largest quantities, multiples and packs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from firmdate.plan.certify_basis import BoolArray, Findings, FloatArray, IntArray, plain, tolerance
from firmdate.plan.certify_supply import Supply

TextArray = npt.NDArray[np.object_]

_PACKS_COUNTED = 100_000
"""Beyond so many steps of packs only the smallest pack is checked."""


@dataclass(frozen=True)
class _Fault:
    """Rows that break one limit of their lot."""

    rows: BoolArray
    rule: str
    detail: Callable[[int], str]


def check_lot_sizes(found: Findings, supply: Supply, listed: pd.DataFrame) -> None:
    """New orders keep the lot sizes of their supplier, lane or operation.

    Args:
        found: Where broken rules go.
        supply: The written supply.
        listed: The table ``broken_lots``, which names the orders that break theirs where lot sizes are relaxed.
    """
    mode = supply.basis.scenario.lot_sizes
    if mode == "off":
        return
    orders, moves = supply.orders, supply.moves
    of_orders, of_moves = _order_faults(supply), _move_faults(supply)
    if mode == "exact":
        for fault in of_orders:
            found.of("supply_orders", orders.text).add(fault.rows, fault.rule, fault.detail)
        for fault in of_moves:
            found.of("deployments", moves.text).add(fault.rows, fault.rule, fault.detail)
        return
    broken, name = np.zeros(len(orders), dtype=bool), texts_of(orders.frame["order"])
    for fault in of_orders:
        broken |= fault.rows
    moved = texts_of(moves.frame["planned_order"])
    for fault in of_moves:
        broken |= orders.new & np.isin(name, moved[fault.rows])
    stated = dict(zip(texts_of(listed["order"]), listed["quantity"].to_numpy(np.float64).tolist(), strict=True))
    units = np.array([stated.get(text, np.nan) for text in name.tolist()])
    right = orders.new & (np.abs(units - orders.quantity) <= tolerance(orders.quantity))
    rows = found.of("supply_orders", orders.text)
    rows.add(broken & ~right, "breaks its lot size and is not in broken_lots")
    rows.add(~broken & orders.new & ~np.isnan(units), "is in broken_lots and keeps its lot size")
    unknown = np.setdiff1d(list(stated), name[orders.new]).tolist()
    found.of("broken_lots", lambda row: str(unknown[row])).add(np.ones(len(unknown), dtype=bool), "is no new order")


def texts_of(column: pd.Series) -> TextArray:
    """The texts of a column; what is missing is blank."""
    return column.astype(object).fillna("").astype(str).to_numpy(dtype=object)


def _order_faults(supply: Supply) -> list[_Fault]:
    """Limits that makes and purchases break, by row of ``supply_orders``."""
    data, orders = supply.basis.data, supply.orders
    if not (_limits(data["supplier_items"]) or _limits(data["operations"])):
        return []
    new, frame = orders.new & (orders.quantity > 0), orders.frame
    text = {name: texts_of(frame[name]) for name in ("item", "location", "alternative", "supplier")}
    kind = frame["type"].astype(object).astype(str).to_numpy()
    faults = []
    for name, of_kind, label in (("supplier_items", "buy", "supplier"), ("operations", "make", "alternative")):
        keys = [text["item"], text["location"], text[label]]
        at = table_rows(data[name], ["item", "location", label], keys)
        faults += _faults(data[name], np.where(new & (kind == of_kind), at, -1), orders.quantity)
    return faults


def _move_faults(supply: Supply) -> list[_Fault]:
    """Limits that transfers break, by row of ``deployments``."""
    data, moves = supply.basis.data, supply.moves
    if not _limits(data["lanes"]):
        return []
    lane = np.where(supply.new_moves, lane_rows(data["lanes"], moves.frame), -1)
    return _faults(data["lanes"], lane, moves.quantity)


def _limits(table: pd.DataFrame) -> bool:
    """Whether a row of the table limits lots."""
    return bool(table[["minimum", "maximum", "multiple", "pack_sizes"]].notna().to_numpy().any())


def table_rows(table: pd.DataFrame, columns: list[str], keys: list[TextArray]) -> IntArray:
    """Row of the table for each key, -1 where there is none."""
    index = pd.MultiIndex.from_arrays([texts_of(table[column]) for column in columns])
    return np.asarray(index.get_indexer(pd.MultiIndex.from_arrays(keys)), dtype=np.int64)


def lane_rows(lanes: pd.DataFrame, moves: pd.DataFrame) -> IntArray:
    """Row of the lane of each transfer, -1 where there is none; a lane of the item replaces one of every item."""
    columns = ["item", "origin", "destination", "mode"]
    keys = [texts_of(moves[name]) for name in columns]
    own = table_rows(lanes, columns, keys)
    shared = table_rows(lanes, columns, [np.full(len(moves), "", dtype=object), *keys[1:]])
    return np.where(own >= 0, own, shared)


def _faults(table: pd.DataFrame, at: np.ndarray, quantity: FloatArray) -> list[_Fault]:
    """Limits of some rows of a table that quantities break; a row is -1 where nothing limits."""

    def column(name: str, blank: float) -> FloatArray:
        return np.asarray(np.append(table[name].fillna(blank).to_numpy(np.float64), blank)[at], dtype=np.float64)

    smallest, largest, step = column("minimum", 0.0), column("maximum", np.inf), column("multiple", 0.0)
    lots: BoolArray = at >= 0
    noise = tolerance(quantity)
    packed = lots & np.append(table["pack_sizes"].notna().to_numpy(dtype=bool), False)[at]
    safe = np.where(step > 0, step, 1.0)
    wrong = np.zeros(len(quantity), dtype=bool)
    for row in np.flatnonzero(packed).tolist():
        sizes = [float(part) for part in re.split(r"[/;,\s]+", str(table["pack_sizes"].iloc[at[row]]).strip())]
        share = float(np.nan_to_num(table["pack_tolerance"].iloc[at[row]]))
        wrong[row] = not _in_packs(float(quantity[row]), sizes, share)
    return [
        _Fault(
            lots & (quantity < smallest - noise),
            "is smaller than the smallest order:",
            lambda row: f"{plain(quantity[row])} of {plain(smallest[row])}",
        ),
        _Fault(
            lots & (quantity > largest + noise),
            "is larger than the largest order:",
            lambda row: f"{plain(quantity[row])} of {plain(largest[row])}",
        ),
        _Fault(
            lots & ~packed & (step > 0) & (np.abs(quantity - np.rint(quantity / safe) * safe) > noise),
            "is no whole multiple:",
            lambda row: f"{plain(quantity[row])}, multiple {plain(step[row])}",
        ),
        _Fault(wrong, "is not made of whole packs", lambda row: f"of {table['pack_sizes'].iloc[at[row]]}"),
    ]


def _in_packs(units: float, sizes: list[float], share: float) -> bool:
    """Whether some number of packs of each size holds the units, within the tolerance."""
    least, most = units / (1 + share), units / (1 - share) if share < 1 else np.inf
    noise = 1e-6 * max(units, 1.0)
    if units / min(sizes) * len(sizes) > _PACKS_COUNTED:
        return True
    reached, frontier = {0.0}, {0.0}
    while frontier:
        if any(least - noise <= total <= most + noise for total in frontier):
            return True
        frontier = {round(total + size, 6) for total in frontier for size in sizes if total + size <= most + noise}
        frontier -= reached
        reached |= frontier
    return False
