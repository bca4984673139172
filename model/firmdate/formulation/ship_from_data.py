"""Shipments from other locations that are all of a line or nothing."""

from __future__ import annotations

import numpy as np

from firmdate.formulation.builder import Builder
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
