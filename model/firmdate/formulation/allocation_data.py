"""Allocation for the rules: sources, buckets and who takes from what."""

from __future__ import annotations

import numpy as np

from firmdate.formulation.builder import Builder
from firmdate.network.allocation import STOLEN
from firmdate.network.network import Network


def add_allocation(b: Builder, network: Network) -> None:
    """Declare what the allocation rules name.

    Args:
        b: Declarations so far.
        network: All sets with their data.
    """
    a = network.allocation
    takes, sources = np.arange(len(a.take_row)), np.arange(len(a.source_node))
    b.index("ALLOCATED_USES", len(a), "Lines of a node × bucket")
    b.index("ALLOCATION_SOURCES", len(sources), "Share, unallocated or new supply × bucket")
    b.index("TAKES", len(takes), "Use of a source by the lines of a node")
    b.relate(
        "ALLOCATED_DELIVERIES", "ALLOCATED_USES", "DELIVERIES", *a.row_delivery, "Deliveries from stock in a bucket"
    )
    b.relate("TAKES_FOR", "ALLOCATED_USES", "TAKES", a.take_row, takes, "Takes for the lines of a node")
    b.relate("TAKES_FROM", "ALLOCATION_SOURCES", "TAKES", a.take_source, takes, "Takes from a source")
    later = np.flatnonzero(a.previous >= 0)
    text = "The bucket before"
    b.relate("SOURCE_BEFORE", "ALLOCATION_SOURCES", "ALLOCATION_SOURCES", later, a.previous[later], text)
    b.number("share_growth", "ALLOCATION_SOURCES", a.grows, "Units by which a share grows")
    order = b.relate("FRESH_SUPPLY", "ALLOCATION_SOURCES", "STARTS", *a.fresh[:2], "Starts of new supply")
    b.paired("fresh_units", "FRESH_SUPPLY", a.fresh[2][order], "Units of new supply per unit started")
    b.number("take_points", "TAKES", a.take_points, "Points per unit: own share first, new supply last")
    b.variable("Take", "TAKES", "Units that lines of a node take from a source")
    b.variable("ShareLeft", "ALLOCATION_SOURCES", "Units of a source that are not used up to the end of a bucket")
    _protection(b, network)
    _rest(b, network)
    routes = np.zeros(len(a.route), dtype=np.int64)
    order = b.relate("BOUGHT_FOR_NODES", "ONE", "DELIVERIES", routes, a.route, "Deliveries that are bought for a node")
    b.paired("bought_points", "BOUGHT_FOR_NODES", a.route_points[order], "Points per unit of new supply")


def _protection(b: Builder, network: Network) -> None:
    """What nodes of better rank take of others."""
    a = network.allocation
    stolen = np.flatnonzero(a.take_kind == STOLEN)
    open_to_others = np.zeros(len(a.source_node), dtype=bool)
    open_to_others[a.take_source[stolen]] = True
    while True:
        # What is carried over must have come from somewhere.
        grown = open_to_others.copy()
        grown[a.previous[open_to_others & (a.previous >= 0)]] = True
        if np.array_equal(grown, open_to_others):
            break
        open_to_others = grown
    rows = np.flatnonzero(open_to_others)
    place = np.cumsum(open_to_others) - 1
    b.index("OPEN_SHARES", len(rows), "Shares that nodes of better rank may take × bucket")
    later = np.flatnonzero(a.previous[rows] >= 0)
    before = place[a.previous[rows[later]]]
    b.relate("OPEN_BEFORE", "OPEN_SHARES", "OPEN_SHARES", later, before, "The bucket before")
    b.relate("STOLEN_FROM", "OPEN_SHARES", "TAKES", place[a.take_source[stolen]], stolen, "Takes of better ranks")
    b.number("open_growth", "OPEN_SHARES", a.open_grows[rows], "Units by which the unprotected part grows")
    b.variable("OpenLeft", "OPEN_SHARES", "Unprotected units that nobody of better rank has taken")


def _rest(b: Builder, network: Network) -> None:
    """Shares of what others leave."""
    a = network.allocation
    b.index("RESTS", len(a.rest), "Shares of what better ranks leave × bucket")
    b.relate("REST_OF", "RESTS", "ALLOCATION_SOURCES", np.arange(len(a.rest)), a.rest, "The share")
    b.relate("REST_OTHERS", "RESTS", "ALLOCATION_SOURCES", *a.rest_other, "Shares of better ranks")
    b.number("rest_part", "RESTS", a.rest_part, "Part of each unit that others use, from 0 to 1")
    b.number("rest_least", "RESTS", a.rest_least, "Units to be left where others use all of theirs")
