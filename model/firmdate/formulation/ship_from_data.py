"""Shipments from other locations that are all of a line or nothing, or that count as deliveries of it."""

from __future__ import annotations

import numpy as np

from firmdate.formulation.builder import Builder
from firmdate.formulation.split_data import split_rows
from firmdate.network.activities import ActivityKind
from firmdate.network.horizon import IntArray
from firmdate.network.network import Network


def add_ship_from(b: Builder, network: Network) -> None:
    """Declare what the rule of shipments that are not split over locations names."""
    units = network.whole_shipment[network.starts.activity]
    rows = np.flatnonzero(units > 0)
    every = np.arange(len(rows))
    b.index("WHOLE_SHIPMENTS", len(rows), "Starts at another location that ship all of a line or nothing")
    b.relate("WHOLE_SHIPMENT_START", "WHOLE_SHIPMENTS", "STARTS", every, rows, "The start")
    b.number("shipment_units", "WHOLE_SHIPMENTS", units[rows], "Units of the line")
    b.variable("ShipsFrom", "WHOLE_SHIPMENTS", "1 when the other location ships", np.ones(len(rows)), whole=True)
    _add_counted(b, network)


def counted_shipments(network: Network) -> tuple[IntArray, IntArray]:
    """Starts at other locations that count as deliveries, and the line of each."""
    activity, activities = network.starts.activity, network.activities
    counted = network.counted_shipment[activity] > 0
    if not counted.any():
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    starts = np.flatnonzero(counted & (activities.kind[activity] == ActivityKind.SHIP_FROM))
    line_of = np.full(len(network.points) + 1, -1)
    line_of[network.points.find(network.lines.served_key)] = np.arange(len(network.lines))
    return starts, line_of[activities.point[activity[starts]]]


def _add_counted(b: Builder, network: Network) -> None:
    """Shipments of lines with a most number of deliveries, each of which is one of them."""
    starts, line = counted_shipments(network)
    splits, days = split_rows(network), network.horizon.days
    few = np.unique(splits.day_line)
    known = np.isin(line, few)
    starts, line = starts[known], line[known]
    every = np.arange(len(starts))
    units = network.counted_shipment[network.starts.activity[starts]]
    b.index("COUNTED_SHIPMENTS", len(starts), "Starts at another location that count as a delivery of a line")
    b.relate("COUNTED_START", "COUNTED_SHIPMENTS", "STARTS", every, starts, "The start")
    b.number("counted_units", "COUNTED_SHIPMENTS", units, "Units of the line")
    b.variable("Counted", "COUNTED_SHIPMENTS", "1 when the other location ships", np.ones(len(starts)), whole=True)
    b.relate(
        "SHIPMENTS_OF",
        "FEW_DELIVERIES",
        "COUNTED_SHIPMENTS",
        np.searchsorted(few, line),
        every,
        "Shipments of other locations",
    )
    ship_day = np.zeros(len(splits.day), dtype=np.int64)
    ship_day[splits.day_of] = network.deliveries.ship_day[splits.delivery]
    key, wanted = splits.day_line * days + ship_day, line * days + network.starts.day[starts]
    order = np.argsort(key, kind="stable")
    at = np.minimum(np.searchsorted(key[order], wanted), max(len(key) - 1, 0))
    same = np.flatnonzero(key[order][at] == wanted) if len(key) else every[:0]
    b.relate(
        "SHIPPED_ON",
        "DELIVERY_DAYS",
        "STARTS",
        order[at[same]],
        starts[same],
        "Shipments of other locations on a date",
    )
