"""The figures of money, computed a second time from the written tables and the prices of the data."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from firmdate.plan.certify_basis import Findings, FloatArray, plain
from firmdate.plan.certify_lots import lane_rows, table_rows, texts_of
from firmdate.plan.certify_supply import BUY, MAKE, Supply

_CENTS = 1e-4
"""Money that a written row may differ by, since quantities are written with six decimals."""


def check_costs(
    found: Findings, supply: Supply, stock: pd.DataFrame, overtime: pd.DataFrame, kpis: Mapping[str, float]
) -> None:
    """Every figure of money is what the tables cost; the total is their sum.

    Args:
        found: Where broken rules go.
        supply: The written supply.
        stock: The table ``stock``.
        overtime: The table ``overtime``.
        kpis: The figures.
    """
    extra = overtime["quantity"].to_numpy(np.float64) @ overtime["unit_cost"].to_numpy(np.float64)
    expected = {
        "make_cost": _orders(supply, MAKE, "operations", "alternative"),
        "buy_cost": _orders(supply, BUY, "supplier_items", "supplier"),
        "transfer_cost": _transfers(supply),
        "holding_cost": _holding(supply, stock),
        "overtime_cost": float(extra),
    }
    stated = [kpis.get(name, 0.0) for name in (*expected, "substitution_cost")]
    expected["total_cost"] = float(sum(stated))
    names, rows = list(expected), len(supply.orders) + len(supply.moves) + len(stock)
    costs, given = np.array(list(expected.values())), np.array([kpis.get(name, 0.0) for name in names])
    wrong = np.abs(costs - given) > _CENTS * (1 + rows) + 1e-6 * np.abs(costs)
    found.of("kpis", lambda row: names[row]).add(
        wrong, "is not what the tables cost:", lambda row: f"{plain(given[row])}, they cost {plain(costs[row])}"
    )


def _orders(supply: Supply, kind: int, table: str, label: str) -> float:
    """Money for new makes or purchases."""
    orders, priced = supply.orders, supply.basis.data[table]
    chosen = np.flatnonzero(orders.new & (orders.kind == kind))
    if not len(chosen):
        return 0.0
    keys = [texts_of(orders.frame[name].iloc[chosen]) for name in ("item", "location", label)]
    at = table_rows(priced, ["item", "location", label], keys)
    return float(orders.quantity[chosen] @ _prices(priced, at))


def _transfers(supply: Supply) -> float:
    """Money for new transfers."""
    moves, lanes = supply.moves, supply.basis.data["lanes"]
    chosen = np.flatnonzero(supply.new_moves)
    if not len(chosen):
        return 0.0
    return float(moves.quantity[chosen] @ _prices(lanes, lane_rows(lanes, moves.frame.iloc[chosen])))


def _holding(supply: Supply, stock: pd.DataFrame) -> float:
    """Money for the written stock, each row until the next one of its stocking point."""
    basis, points = supply.basis, supply.basis.data["stocking_points"]
    if not len(stock) or not (points["holding_cost"] > 0).any():
        return 0.0
    keys = [texts_of(stock[name]) for name in ("item", "location")]
    at = table_rows(points, ["item", "location"], keys)
    rate = np.append(points["holding_cost"].to_numpy(np.float64), 0.0)[at] / 365.0
    day = basis.day(stock["date"])
    point = np.unique(basis.points(stock), return_inverse=True)[1].reshape(-1)
    order = np.lexsort((day, point))
    until = np.append(day[order][1:], basis.days)
    until[np.append(point[order][1:] != point[order][:-1], True)] = basis.days
    quantity = np.maximum(stock["quantity"].to_numpy(np.float64)[order], 0.0)
    return float((quantity * (until - day[order])) @ rate[order])


def _prices(table: pd.DataFrame, at: np.ndarray) -> FloatArray:
    return np.asarray(np.append(table["unit_cost"].to_numpy(np.float64), 0.0)[at], dtype=np.float64)
