"""Pools hold no stock overnight: they are filled on the days on which something is taken from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from firmdate.network.activities import Activities, ActivityKind
from firmdate.network.events import EventGrid
from firmdate.network.expansion import Service, expand_posts, expand_starts
from firmdate.network.horizon import BoolArray, Calendars, IntArray


def fill_pools(
    grid: EventGrid,
    part: Activities,
    pools: BoolArray,
    activities: Activities,
    number: IntArray,
    calendars: Calendars,
    row_of: IntArray,
    served: Service,
) -> EventGrid:
    """The grid with starts into pools on all days on which lines or makes take from them.

    Args:
        grid: The event grid.
        part: The modelled activities, on modelled stocking points.
        pools: Which of the modelled stocking points are pools.
        activities: All activities.
        number: Position of each modelled activity among all.
        calendars: Working days.
        row_of: Modelled row of every stocking point, -1 where there is none.
        served: When lines are served.
    """
    if not pools.any():
        return grid
    taken = np.zeros_like(grid.supplied)
    stocked = np.flatnonzero(served.from_stock)
    taken[row_of[served.source[stocked]], served.ship_day[stocked]] = True
    posts = expand_posts(activities, expand_starts(grid, number), calendars)
    takes = np.flatnonzero(posts.quantity < 0)
    taken[row_of[posts.point[takes]], posts.day[takes]] = True
    fills = np.flatnonzero(part.kind >= ActivityKind.SUBSTITUTION)
    fills = fills[pools[part.point[fills]]]
    days = np.arange(calendars.days)
    possible = (calendars.next_working == days)[part.start_calendar[fills]]
    possible &= (days >= part.first_day[fills, None]) & (days <= part.last_day[fills, None])
    possible &= np.maximum.accumulate(grid.supplied, axis=1)[part.origin[fills]]
    fresh = taken[part.point[fills]] & possible
    starts, supplied = grid.starts.copy(), grid.supplied.copy()
    starts[fills] |= fresh
    np.logical_or.at(supplied, part.point[fills], fresh)
    return replace(grid, starts=starts, supplied=supplied)
