"""Stock that should be kept: safety stock, and the stock that a min/max policy would hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.data.planning_data import PlanningData
from firmdate.network.catalog import Catalog
from firmdate.network.classes import Lines
from firmdate.network.horizon import FloatArray, IntArray
from firmdate.network.opening import Receipts, Stock, min_max_order


@dataclass(frozen=True)
class Targets:
    """Soft lower limits of stock, one row per step, sorted by key and day.

    Args:
        key: Stocking point key.
        day: First day of the step; it holds until the next step of the same key.
        level: Units that should be in stock.
    """

    key: IntArray
    day: IntArray
    level: FloatArray


def read_targets(data: PlanningData, catalog: Catalog, lines: Lines, stock: Stock, receipts: Receipts) -> Targets:
    """Targets of all stocking points, below which the plan should not fall once its orders are served."""
    table = data["stocking_points"]
    key = catalog.point_keys(table)
    safety = table["safety_stock"].to_numpy(np.float64)
    min_max = (table["coverage"].astype(object) == "min_max").to_numpy()
    rows: list[tuple[int, int, float]] = [
        (int(key[row]), 0, float(safety[row])) for row in np.flatnonzero(~min_max & (safety > 0))
    ]
    minimum = np.nan_to_num(table["minimum"].to_numpy(np.float64))
    maximum = table["maximum"].to_numpy(np.float64)
    maximum = np.where(np.isnan(maximum), minimum, maximum)
    multiple = np.nan_to_num(table["multiple"].to_numpy(np.float64))
    for row in np.flatnonzero(min_max):
        policy = _MinMax(float(minimum[row]), float(maximum[row]), float(multiple[row]))
        steps = _min_max_levels(policy, int(key[row]), lines, stock, receipts)
        rows += [(int(key[row]), day, max(level, float(safety[row]))) for day, level in steps]
    rows.sort()
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return Targets(
        key=np.array(columns[0], dtype=np.int64),
        day=np.array(columns[1], dtype=np.int64),
        level=np.array(columns[2], dtype=np.float64),
    )


@dataclass(frozen=True)
class _MinMax:
    minimum: float
    maximum: float
    multiple: float


def _min_max_levels(
    policy: _MinMax, key: int, lines: Lines, stock: Stock, receipts: Receipts
) -> list[tuple[int, float]]:
    """Stock over time under the policy: it orders when on hand plus on order falls below the minimum."""
    arriving = receipts.key == key
    # A line whose rules keep it beyond the horizon takes nothing inside it.
    wanted = np.zeros(len(lines), dtype=bool)
    wanted[lines.parts.line] = True
    wanted &= lines.planned & (lines.key == key)
    on_order = float(receipts.quantity[arriving].sum())
    on_hand = float(stock.at(np.array([key]))[0])
    changes: dict[int, list[float]] = {0: [0.0, 0.0]}
    for day, quantity in zip(receipts.day[arriving], receipts.quantity[arriving], strict=True):
        changes.setdefault(int(day), [0.0, 0.0])[0] += float(quantity)
    open_quantity = (lines.quantity - lines.reserved)[wanted]
    for day, quantity in zip(lines.first_day[wanted], open_quantity, strict=True):
        changes.setdefault(int(day), [0.0, 0.0])[1] += float(quantity)
    levels = []
    for day in sorted(changes):
        received, taken = changes[day]
        on_order -= received
        on_hand += received - taken
        on_hand += min_max_order(on_hand + on_order, policy.minimum, policy.maximum, policy.multiple)
        levels.append((day, on_hand))
    return levels
