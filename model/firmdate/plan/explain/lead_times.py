"""The earliest day that lead times alone allow: what an order placed today could reach if nothing were scarce."""

from __future__ import annotations

import numpy as np

from firmdate.network.horizon import NO_DAY, BoolArray, IntArray
from firmdate.network.network import Network


def earliest_days(network: Network) -> IntArray:
    """Per stocking point the first day on which a new order could bring a further unit.

    Capacity and quantities do not count, time does: every order is placed as soon as what it takes is there. What is in
    stock is taken to be given away, unless nothing can be ordered; then the first stock or receipt counts.

    Returns:
        Days, :data:`NO_DAY` where nothing comes inside the horizon.
    """
    activities = network.activities
    new = activities.planned < 0
    orderable = np.zeros(len(network.points), dtype=bool)
    orderable[activities.point[new]] = True
    own = _own_days(network)
    earliest = _propagated(network, np.where(orderable, NO_DAY, own), new)
    return _propagated(network, np.where(earliest == NO_DAY, own, earliest), new)


def _own_days(network: Network) -> IntArray:
    """The first stock, receipt or planned order of every point."""
    points, activities = network.points, network.activities
    first = np.full(len(points) + 1, NO_DAY)
    stocked = network.stock.key[network.stock.quantity > 0]
    first[points.find(stocked)] = 0
    np.minimum.at(first, points.find(network.receipts.key), network.receipts.day)
    np.minimum.at(first, points.find(network.firm.supply_key), network.firm.supply_day)
    planned = np.flatnonzero(activities.planned >= 0)
    due = np.maximum(network.planned.due_day[activities.planned[planned]], 0)
    inside = due < network.horizon.days
    np.minimum.at(first, activities.point[planned[inside]], due[inside])
    return first[:-1]


def _propagated(network: Network, known: IntArray, used: BoolArray) -> IntArray:
    """Follow some activities downstream from what is known until nothing comes earlier."""
    activities, posts, calendars = network.activities, network.activities.posts, network.calendars
    takes, gives = posts.quantity < 0, posts.quantity > 0
    lead_time = np.zeros(len(activities), dtype=np.int64)
    lead_time[posts.activity[gives]] = posts.offset[gives]
    rows = np.flatnonzero(used)
    calendar = network.points.calendar[activities.point[rows]]
    while True:
        ready = activities.first_day.copy()
        there = known[posts.point[takes]]
        needed = np.where(there == NO_DAY, NO_DAY, there - posts.offset[takes])
        np.maximum.at(ready, posts.activity[takes], needed)
        start = calendars.move(activities.start_calendar[rows], ready[rows])
        inside = start <= np.minimum(activities.last_day[rows], network.horizon.days - 1)
        arrival = calendars.move(calendar, np.where(inside, start + lead_time[rows], NO_DAY))
        earlier = known.copy()
        np.minimum.at(earlier, activities.point[rows], arrival)
        if np.array_equal(earlier, known):
            return known
        known = earlier
