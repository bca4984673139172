"""What a delivery over a route stands for: a purchase and transfers, each on its own day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.horizon import IntArray
from firmdate.network.network import Network


@dataclass(frozen=True)
class Legs:
    """Activities that some deliveries stand for.

    Args:
        delivery: Delivery.
        activity: Purchase or transfer, one unit of which is done for every unit delivered.
        day: Day on which it is started.
    """

    delivery: IntArray
    activity: IntArray
    day: IntArray


def legs_of(network: Network, rows: IntArray) -> Legs:
    """The purchase and the transfers of every delivery over a route, one after the other.

    What is bought waits at the source until it must leave to arrive on the day of delivery.

    Args:
        network: The network.
        rows: Deliveries.
    """
    routes, activities, calendars = network.routes, network.activities, network.calendars
    route, day = network.deliveries.route[rows], network.deliveries.ship_day[rows]
    found: list[tuple[IntArray, IntArray, IntArray]] = []
    bought = routes.order[route] >= 0
    found.append((rows[bought], routes.order[route[bought]], day[bought]))
    rest = routes.rest[route[bought]]
    day[bought] = routes.latest[routes.timing[rest], network.deliveries.day[rows[bought]]]
    route[bought] = rest
    while True:
        moving = routes.legs[route] > 0
        rows, route, day = rows[moving], route[moving], day[moving]
        if not len(route):
            break
        transfer = routes.transfer[route]
        day = calendars.move(activities.start_calendar[transfer], day)
        found.append((rows, transfer, day))
        day = calendars.move(activities.arrival_calendar[transfer], day + activities.lead_time[transfer])
        route = routes.rest[route]
    none = np.empty(0, dtype=np.int64)
    return Legs(*(np.concatenate([none, *(part[i] for part in found)]) for i in range(3)))
