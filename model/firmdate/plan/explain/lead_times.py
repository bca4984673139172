"""The earliest day that lead times alone allow: if there were enough of everything."""

from __future__ import annotations

import numpy as np

from firmdate.network.horizon import NO_DAY, IntArray
from firmdate.network.network import Network


def earliest_days(network: Network) -> IntArray:
    """Per stocking point the first day on which units could be there if quantities and capacities did not count.

    Stock is there on the first day, receipts and planned orders on their dates, and every new order is placed as soon
    as what it takes is there: what is left is time. No plan is earlier.

    Returns:
        Days, :data:`NO_DAY` where nothing comes inside the horizon.
    """
    activities, posts, calendars = network.activities, network.activities.posts, network.calendars
    takes = np.flatnonzero(posts.quantity < 0)
    # A component that the bill asks for in some time only can be avoided at other times.
    always = (posts.first_start[takes] <= 0) & (posts.last_start[takes] >= network.horizon.days)
    takes = takes[always]
    known = _given_days(network)
    while True:
        ready = activities.first_day.copy()
        there = known[posts.point[takes]]
        needed = np.where(there == NO_DAY, NO_DAY, there - posts.offset[takes])
        np.maximum.at(ready, posts.activity[takes], needed)
        start = calendars.move(activities.start_calendar, ready)
        inside = start <= np.minimum(activities.last_day, network.horizon.days - 1)
        arrival = calendars.move(activities.arrival_calendar, np.where(inside, start + activities.lead_time, NO_DAY))
        earlier = known.copy()
        np.minimum.at(earlier, activities.point, arrival)
        if np.array_equal(earlier, known):
            return known
        known = earlier


def _given_days(network: Network) -> IntArray:
    """The first day on which every point has stock, a receipt or a firm planned order."""
    points = network.points
    first = np.full(len(points) + 1, NO_DAY)
    stocked = network.stock.key[network.stock.quantity > 0]
    held = network.lines.key[network.lines.reserved > 0]
    first[points.find(stocked)] = 0
    first[points.find(held)] = 0
    np.minimum.at(first, points.find(network.receipts.key), network.receipts.day)
    np.minimum.at(first, points.find(network.firm.supply_key), network.firm.supply_day)
    return first[:-1]
