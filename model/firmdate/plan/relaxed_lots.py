"""Relaxed lot sizes: purchases are rounded up where that harms nobody, and orders that still break a lot are listed.

The linear program has ordered what is wanted when it is wanted. A purchase that grows to a whole lot brings the rest of
it early, so later purchases of the same kind shrink by as much; it only needs room in the capacity of its supplier.
Makes and transfers would take components, hours and stock from others, and stay as they are.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from firmdate.network.activities import ActivityKind
from firmdate.network.horizon import FloatArray, IntArray
from firmdate.network.lots import Lots
from firmdate.network.network import Network
from firmdate.network.relations import relation
from firmdate.plan.executed import Executed, executed_starts, loads
from firmdate.plan.result import RULE_TABLES
from firmdate.plan.whole_units import NOISE, Flows


def rounded_up(network: Network, flows: Flows) -> Flows:
    """The same flows with purchases in whole lots, as far as their suppliers have room.

    Args:
        network: What was planned; nothing is done unless its lot sizes are relaxed.
        flows: What is done, in whole units.
    """
    if network.exact_lots or not len(network.lots):
        return flows
    starts = network.starts
    lot = network.lots.rows(starts.activity)
    bought = (lot >= 0) & (network.activities.kind[starts.activity] == ActivityKind.BUY) & (flows.start > NOISE)
    rows = np.flatnonzero(bought)
    rows = rows[np.lexsort((starts.day[rows], starts.activity[rows]))]
    start, room = flows.start.copy(), _Room(network, flows)
    surplus, before = 0.0, -1
    for row in rows.tolist():
        activity, had = int(starts.activity[row]), float(start[row])
        surplus = surplus if activity == before else 0.0
        wanted, before = max(had - surplus, 0.0), activity
        lots = network.lots.cover(int(lot[row]), wanted)
        units = lots if lots - had <= room.of(row) + NOISE else wanted
        room.take(row, units - had)
        start[row], surplus = units, surplus + units - had
    return replace(flows, start=start)


class _Room:
    """What the intervals of capacity can still take, overtime and extra units left out."""

    def __init__(self, network: Network, flows: Flows) -> None:
        self._left: FloatArray = network.capacities.available - loads(network, executed_starts(network, flows))
        self._uses, order = relation(len(network.starts), network.uses.start, network.uses.target)
        self._units = network.uses.quantity[order]
        self._measured = network.measured

    def _of(self, start: int) -> tuple[IntArray, FloatArray]:
        first, end = self._uses.offsets[start : start + 2].tolist()
        return self._uses.of(start), self._units[first:end]

    def of(self, start: int) -> float:
        """Units by which a start can grow."""
        interval, units = self._of(start)
        if self._measured or not len(interval):
            return np.inf
        return max(float((self._left[interval] / units).min()), 0.0)

    def take(self, start: int, more: float) -> None:
        """Note that a start has grown."""
        interval, units = self._of(start)
        self._left[interval] -= units * more


def broken_lots(network: Network, written: Executed, names: np.ndarray) -> pd.DataFrame:
    """The table ``broken_lots``: new orders that no whole lots hold, and the next larger quantity that would be right.

    Args:
        network: What was planned.
        written: Orders as they are written.
        names: Their order numbers.
    """
    activities, lots, catalog = network.activities, network.lots, network.catalog
    lot = lots.rows(written.activity)
    ordered = np.flatnonzero((lot >= 0) & (written.planned < 0) & (written.quantity > NOISE)).tolist()
    rows = np.array([row for row in ordered if not _fits(lots, int(lot[row]), float(written.quantity[row]))], dtype=int)
    activity, own = written.activity[rows], lot[rows].tolist()
    key, origin, kind = network.points.keys[activities.point[activity]], activities.origin[activity], activities.kind
    places = np.append(catalog.locations.to_numpy(dtype=object), "")
    shipped_by = np.where(origin >= 0, catalog.location_of(network.points.keys[origin]), -1)
    quantity = written.quantity[rows]
    table = pd.DataFrame(
        {
            "order": names[rows],
            "type": np.array(["make", "transfer", "buy"], dtype=object)[kind[activity]],
            "item": catalog.items.to_numpy(dtype=object)[catalog.item_of(key)],
            "location": places[catalog.location_of(key)],
            "origin": places[shipped_by],
            "supplier": np.where(kind[activity] == ActivityKind.BUY, activities.label[activity], ""),
            "date": network.horizon.date_of(written.arrival_day[rows]),
            "quantity": quantity,
            "rule": [lots.broken_rule(row, units) for row, units in zip(own, quantity.tolist(), strict=True)],
            "lot_quantity": [lots.cover(row, units) for row, units in zip(own, quantity.tolist(), strict=True)],
        }
    )
    keys = list(RULE_TABLES["broken_lots"])
    return table.sort_values(["order"], kind="stable", ignore_index=True)[keys]


def _fits(lots: Lots, row: int, units: float) -> bool:
    return lots.cover(row, units) <= units + NOISE * max(1.0, units) and units <= lots.maximum[row] + NOISE
