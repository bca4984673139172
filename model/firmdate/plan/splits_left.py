"""Rules of splits while flows are rounded: smallest shipments, few deliveries, lines that are finished or not begun."""

from __future__ import annotations

import numpy as np

from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.network.splits import NOISE, counted_lines, open_units, reserved_alone


class SplitsLeft:
    """What the rules of splits still allow the deliveries of each line."""

    def __init__(self, network: Network, wanted: FloatArray, done: FloatArray) -> None:
        """Find the lines with rules, and the dates of their deliveries.

        Args:
            network: The network.
            wanted: Units per delivery in the optimum.
            done: Units per delivery that are done already.
        """
        classes, lines, deliveries = network.classes, network.lines, network.deliveries
        self._class_day = deliveries.of_class * network.horizon.days + deliveries.day
        self._days = network.horizon.days
        smallest = np.where(classes.whole, classes.quantity, np.minimum(classes.minimum, classes.quantity))
        self._smallest = smallest - NOISE
        self._of_class = deliveries.of_class
        self._line = classes.some_line[deliveries.of_class] if len(deliveries) else deliveries.of_class
        self._complete, self._open = lines.complete, open_units(network)
        # Where shipments are counted, no other ones are made than those of the optimum.
        self._limited = (lines.most > 0) & ~counted_lines(network)
        self._free_day: dict[int, int] = {}
        self._left: dict[int, int] = {}
        self._shipped: dict[tuple[int, int], float] = {}
        self._planned: set[tuple[int, int]] = set()
        self._day = deliveries.day
        limited = np.flatnonzero(self._limited)
        if len(limited):
            alone, day = reserved_alone(network, limited)
            self._left = dict(zip(limited.tolist(), (lines.most[limited] - alone).tolist(), strict=True))
            self._free_day = dict(zip(limited.tolist(), day.tolist(), strict=True))
            for delivery in np.flatnonzero(self._limited[self._line] & (wanted > NOISE)).tolist():
                self._planned.add((int(self._line[delivery]), int(self._day[delivery])))
                self.take(delivery, float(done[delivery]))

    def allows(self, delivery: int, units: float, *, repairing: bool) -> bool:
        """Whether a delivery may happen now: off the dates of the optimum only when what rounding lost is repaired."""
        line, day = int(self._line[delivery]), int(self._day[delivery])
        if repairing and units < self._smallest[self._of_class[delivery]]:
            return False
        if not self._limited[line] or day == self._free_day[line] or (line, day) in self._shipped:
            return True
        return self._left[line] > 0 and (repairing or (line, day) in self._planned)

    def take(self, delivery: int, units: float) -> None:
        """Count a delivery; negative units give it back."""
        line, day = int(self._line[delivery]), int(self._day[delivery])
        if not self._limited[line]:
            return
        before = self._shipped.pop((line, day), 0.0)
        after = before + units
        if after > NOISE:
            self._shipped[line, day] = after
        if day != self._free_day[line]:
            self._left[line] -= int(after > NOISE) - int(before > 0)

    def broken(self, deliveries: IntArray, deliver: FloatArray) -> BoolArray:
        """Deliveries that must not happen: rounding has made a shipment too small, or left a line unfinished.

        Args:
            deliveries: Deliveries in question.
            deliver: Units of all deliveries.
        """
        distinct, at = np.unique(self._class_day[deliveries], return_inverse=True)
        at = np.asarray(at).reshape(-1)
        units = np.bincount(at, weights=deliver[deliveries], minlength=len(distinct))
        small = ((units > 0) & (units < self._smallest[distinct // self._days]))[at]
        if not self._complete.any():
            return np.asarray(small)
        line = self._line[deliveries]
        got = np.bincount(line, weights=np.where(small, 0.0, deliver[deliveries]), minlength=len(self._complete))
        return np.asarray(small | (self._complete & (got < self._open - NOISE))[line])
