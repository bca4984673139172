"""When ship sets leave: what was bought for their lines waits for that day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from firmdate.formulation.linear_program import LinearProgram
from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.network import Network


def chosen_days(network: Network, program: LinearProgram, x: FloatArray) -> IntArray:
    """Day on which each ship set leaves in a solution; :data:`NO_DAY` for those that do not.

    Args:
        network: The network.
        program: Its linear program.
        x: A solution.
    """
    sets = network.ship_sets
    day = np.full(len(sets), NO_DAY)
    chosen = np.flatnonzero(x[program.columns_of("SetDate")] > 0.5)
    day[sets.date_set[chosen]] = sets.date_day[chosen]
    return day


def with_set_days(network: Network, day: IntArray) -> Network:
    """The network in which supply that is bought for lines of ship sets is delivered when their sets leave.

    Args:
        network: The network, in which it may be delivered from its arrival on.
        day: Day on which each set leaves.
    """
    deliveries = network.deliveries
    if not len(network.ship_sets) or not len(deliveries):
        return network
    of_set = network.ship_sets.of_class[deliveries.of_class]
    leaves = np.where(of_set >= 0, day[of_set], NO_DAY)
    moved = (deliveries.node < 0) & (leaves < NO_DAY) & (arrival_days(network) <= leaves)
    return replace(network, deliveries=replace(deliveries, day=np.where(moved, leaves, deliveries.day)))


def arrival_days(network: Network) -> IntArray:
    """Per delivery the first day on which its supply can be there: that of its order, or its own from stock."""
    deliveries = network.deliveries
    return _arrivals(network, np.arange(len(deliveries)))


def there_by(network: Network, deliveries: IntArray, day: int) -> BoolArray:
    """Which deliveries can serve lines of a ship set that leaves on a day.

    Args:
        network: The network.
        deliveries: Deliveries of lines in ship sets.
        day: The day.
    """
    arrival = _arrivals(network, deliveries)
    return np.where(network.deliveries.node[deliveries] < 0, arrival <= day, arrival == day)


def _arrivals(network: Network, rows: IntArray) -> IntArray:
    deliveries, routes = network.deliveries, network.routes
    arrival = routes.arrival[routes.timing[deliveries.route[rows]], deliveries.ship_day[rows]]
    return np.where(deliveries.node[rows] < 0, arrival, deliveries.day[rows])
