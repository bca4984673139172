"""Allocation while flows are rounded: lines of a node get no more than in the optimum up to every day, or later."""

from __future__ import annotations

import numpy as np

from firmdate.network.horizon import FloatArray
from firmdate.network.network import Network


class SharesLeft:
    """What the lines of a node may still get from stock up to the end of every bucket.

    What the optimum takes from a share can also be taken later, since shares are kept until they are used.
    """

    def __init__(self, network: Network, wanted: FloatArray, done: FloatArray) -> None:
        """Add up what is to be delivered and not done yet.

        Args:
            network: The network.
            wanted: Units per delivery in the optimum.
            done: Units per delivery that are done already.
        """
        allocation = network.allocation
        row, delivery = allocation.row_delivery
        self._row = np.full(len(network.deliveries), -1)
        self._row[delivery] = row
        group = allocation.row_group
        self._end = np.searchsorted(group, group, side="right")
        open_units = np.bincount(row, weights=(wanted - done)[delivery], minlength=len(group))
        total = np.cumsum(open_units)
        self._left = total - np.append(0.0, total)[np.searchsorted(group, group)]

    def limit(self, delivery: int) -> float:
        """Units that a delivery may have now."""
        row = int(self._row[delivery])
        return float(self._left[row : self._end[row]].min()) if row >= 0 else float("inf")

    def take(self, delivery: int, units: float) -> None:
        """Count a delivery; negative units give it back."""
        row = int(self._row[delivery])
        if row >= 0:
            self._left[row : self._end[row]] -= units
