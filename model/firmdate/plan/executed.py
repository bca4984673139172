"""What every executed start does: its order, dates and places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.activities import ActivityKind
from firmdate.network.horizon import FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.plan.whole_units import NOISE, Flows


@dataclass(frozen=True)
class Executed:
    """Starts with a quantity, one row each.

    Args:
        start: Position of the start.
        activity: Its activity.
        quantity: Units.
        start_day: Day of start, shipment or order.
        ship_day: Day on which a transfer leaves its origin; the start day for other kinds.
        arrival_day: Day from which the units can be used.
        planned: Position of the planned order, else -1.
    """

    start: IntArray
    activity: IntArray
    quantity: FloatArray
    start_day: IntArray
    ship_day: IntArray
    arrival_day: IntArray
    planned: IntArray

    def __len__(self) -> int:
        return len(self.start)


def executed_starts(network: Network, flows: Flows) -> Executed:
    """All starts with a quantity, in the order of activities and days."""
    start = np.flatnonzero(flows.start > NOISE)
    activity = network.starts.activity[start]
    posts, days = network.posts, network.nodes.day
    arrival_day = np.zeros(len(network.starts), dtype=np.int64)
    ship_day = network.starts.day.copy()
    supplies = posts.quantity > 0
    arrival_day[posts.start[supplies]] = days[posts.target[supplies]]
    origin = network.activities.origin[network.starts.activity[posts.start]]
    ships = ~supplies & (network.nodes.point[posts.target] == origin)
    ships &= network.activities.kind[network.starts.activity[posts.start]] == ActivityKind.TRANSFER
    ship_day[posts.start[ships]] = days[posts.target[ships]]
    return Executed(
        start=start,
        activity=activity,
        quantity=flows.start[start],
        start_day=network.starts.day[start],
        ship_day=ship_day[start],
        arrival_day=arrival_day[start],
        planned=network.activities.planned[activity],
    )
