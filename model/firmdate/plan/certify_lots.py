"""Lot sizes of new orders: smallest and largest quantities, multiples and packs."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from firmdate.plan.certify_basis import BoolArray, Findings, FloatArray, plain, tolerance
from firmdate.plan.certify_supply import Supply

_PACKS_COUNTED = 100_000
"""Beyond so many steps of packs only the smallest pack is checked."""


def check_lot_sizes(found: Findings, supply: Supply) -> None:
    """New orders keep the lot sizes of their supplier, lane or operation."""
    data = supply.basis.data
    if supply.basis.scenario.lot_sizes != "exact":
        return
    orders, moves = supply.orders, supply.moves
    new = orders.new & (orders.quantity > 0)
    frame = orders.frame
    text = {name: frame[name].astype(object).fillna("").astype(str) for name in ("item", "location", "alternative")}
    text["supplier"] = frame["supplier"].astype(object).fillna("").astype(str)
    kind = frame["type"].astype(object).astype(str).to_numpy()
    rows = found.of("supply_orders", orders.text)
    for name, of_kind, label in (("supplier_items", "buy", "supplier"), ("operations", "make", "alternative")):
        keys = [text["item"], text["location"], text[label]]
        at = _rows(data[name], ["item", "location", label], keys)
        _check(rows, data[name], np.where(new & (kind == of_kind), at, -1), orders.quantity)
    ends = [moves.frame[name].astype(object).fillna("").astype(str) for name in ("origin", "destination", "mode")]
    columns = ["item", "origin", "destination", "mode"]
    own = _rows(data["lanes"], columns, [moves.frame["item"].astype(object).astype(str), *ends])
    shared = _rows(data["lanes"], columns, [pd.Series([""] * len(moves), dtype=object), *ends])
    lane = np.where(supply.new_moves, np.where(own >= 0, own, shared), -1)
    _check(found.of("deployments", moves.text), data["lanes"], lane, moves.quantity)


def _rows(table: pd.DataFrame, columns: list[str], keys: list[pd.Series]) -> np.ndarray:
    """Row of the table for each key, -1 where there is none."""
    stated = [table[column].astype(object).fillna("").astype(str) for column in columns]
    index = pd.MultiIndex.from_arrays(stated)
    return np.asarray(index.get_indexer(pd.MultiIndex.from_arrays([key.to_numpy() for key in keys])))


def _check(found: Findings, table: pd.DataFrame, at: np.ndarray, quantity: FloatArray) -> None:
    def column(name: str, blank: float) -> FloatArray:
        return np.asarray(np.append(table[name].fillna(blank).to_numpy(np.float64), blank)[at], dtype=np.float64)

    smallest, largest, step = column("minimum", 0.0), column("maximum", np.inf), column("multiple", 0.0)
    lots: BoolArray = at >= 0
    noise = tolerance(quantity)
    low = lots & (quantity < smallest - noise)
    found.add(
        low, "is smaller than the smallest order:", lambda row: f"{plain(quantity[row])} of {plain(smallest[row])}"
    )
    high = lots & (quantity > largest + noise)
    found.add(high, "is larger than the largest order:", lambda row: f"{plain(quantity[row])} of {plain(largest[row])}")
    packs = table["pack_sizes"].notna().to_numpy(dtype=bool)
    packed = lots & np.append(packs, False)[at]
    safe = np.where(step > 0, step, 1.0)
    broken = lots & ~packed & (step > 0) & (np.abs(quantity - np.rint(quantity / safe) * safe) > noise)
    found.add(broken, "is no whole multiple:", lambda row: f"{plain(quantity[row])}, multiple {plain(step[row])}")
    wrong = np.zeros(len(quantity), dtype=bool)
    for row in np.flatnonzero(packed).tolist():
        sizes = [float(part) for part in re.split(r"[/;,\s]+", str(table["pack_sizes"].iloc[at[row]]).strip())]
        share = float(np.nan_to_num(table["pack_tolerance"].iloc[at[row]]))
        wrong[row] = not _in_packs(float(quantity[row]), sizes, share)
    found.add(wrong, "is not made of whole packs", lambda row: f"of {table['pack_sizes'].iloc[at[row]]}")


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
