"""How the deliveries of a line may be cut, where reserved stock covers a part of it."""

from __future__ import annotations

import numpy as np

from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.network import Network

NOISE = 1e-6


def open_units(network: Network) -> FloatArray:
    """Per line: units that reserved stock does not cover."""
    return np.maximum(network.lines.quantity - network.lines.reserved, 0.0)


def reserved_alone(network: Network, rows: IntArray) -> tuple[IntArray, IntArray]:
    """Which lines with a most number of deliveries get their reserved stock as a delivery of its own, and when.

    Args:
        network: The network.
        rows: Such lines.

    Returns:
        Per line 1 or 0, and the day, :data:`NO_DAY` where reserved stock waits for the first other delivery.
    """
    lines = network.lines
    calendar = network.catalog.shipping_of(lines.key[rows])
    first = network.calendars.move(calendar, lines.first_day[rows])
    reserved = lines.reserved[rows]
    alone = (reserved > NOISE) & (reserved >= lines.minimum[rows] - NOISE) & (first <= lines.last_day[rows])
    return alone.astype(np.int64), np.where(alone, first, NO_DAY)


def counted_lines(network: Network) -> BoolArray:
    """Which lines may be shipped by several locations, every shipment being a delivery."""
    counted = np.zeros(len(network.points) + 1, dtype=bool)
    counted[network.activities.point[network.counted_shipment > 0]] = True
    counted[-1] = False
    return counted[network.points.find(network.lines.served_key)]
