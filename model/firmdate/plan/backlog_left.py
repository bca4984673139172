"""What may still be delivered while flows are executed: nothing before it is due, and nothing twice."""

from __future__ import annotations

import numpy as np

from firmdate.network.horizon import FloatArray
from firmdate.network.network import Network
from firmdate.network.relations import running_sums


class BacklogLeft:
    """Units that are due and not delivered, and units that the flows still deliver, while deliveries are made.

    Args:
        network: What is planned.
        planned: Units per delivery of the optimal flows.
        done: Units per delivery that are done already.
    """

    def __init__(self, network: Network, planned: FloatArray, done: FloatArray) -> None:
        rows, self._row = network.backlog, network.deliveries.backlog
        cohort, first_row = rows.cohort, rows.first_row
        self._cohort = cohort[self._row]
        self._end = first_row[1:][self._cohort]
        self._left = np.bincount(self._cohort, weights=planned - done, minlength=len(first_row) - 1)
        delivered = np.bincount(self._row, weights=done, minlength=len(rows))
        self._open = running_sums(rows.newly_due - delivered, cohort)

    def left(self, delivery: int) -> float:
        """Units of the cohort that the optimal flows deliver and the executed ones do not."""
        return float(self._left[self._cohort[delivery]])

    def limit(self, delivery: int) -> float:
        """Units that are due on the day of a delivery and are not delivered then or later."""
        return float(self._open[self._row[delivery] : self._end[delivery]].min())

    def take(self, delivery: int, units: float) -> None:
        """Note a delivery; negative units give it back."""
        self._left[self._cohort[delivery]] -= units
        self._open[self._row[delivery] : self._end[delivery]] -= units
