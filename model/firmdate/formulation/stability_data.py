"""Sets, relations and variables of stability: orders that the previous run had, and what is ordered beyond them."""

from __future__ import annotations

import numpy as np

from firmdate.formulation.builder import Builder
from firmdate.network.activities import ActivityKind
from firmdate.network.horizon import FloatArray
from firmdate.network.legs import legs_of
from firmdate.network.network import Network


def add_order_stability(b: Builder, network: Network) -> tuple[FloatArray, FloatArray]:
    """Declare what stability of orders names.

    Returns:
        Money that a unit of each start and of each delivery costs for being no order of the previous run: nothing
        unless stability is a weight in money.
    """
    had, days = network.previous_orders, network.horizon.days
    starts, deliveries = network.starts, network.deliveries
    legs = legs_of(network, np.arange(len(deliveries) if had.in_use else 0))
    counts = network.activities.kind[starts.activity] <= ActivityKind.SOURCE
    rows = np.flatnonzero(counts if had.in_use else np.zeros(len(starts), dtype=bool))
    keys = had.activity * days + had.day
    of_start = _find(keys, starts.activity[rows] * days + starts.day[rows])
    of_leg = _find(keys, legs.activity * days + legs.day)
    b.index("PREVIOUS_ORDERS", len(had), "Activity × start date of the previous run's orders")
    again = of_start >= 0
    b.relate("STARTED_AGAIN", "PREVIOUS_ORDERS", "STARTS", of_start[again], rows[again], "The same start")
    again = of_leg >= 0
    b.relate("SHIPPED_AGAIN", "PREVIOUS_ORDERS", "DELIVERIES", of_leg[again], legs.delivery[again], "Over the same leg")
    b.number("previous_units", "PREVIOUS_ORDERS", had.quantity, "Units that the previous run has started")
    b.variable("OrderedMore", "PREVIOUS_ORDERS", "Units beyond those of the previous run")
    fresh_start = np.bincount(rows[of_start < 0], minlength=len(starts)).astype(np.float64)
    fresh_legs = np.bincount(legs.delivery[of_leg < 0], minlength=len(deliveries)).astype(np.float64)
    weight = network.move_weight if network.money else None
    money = weight or 0.0
    level = weight is None
    new = np.flatnonzero(fresh_start if level else np.empty(0))
    b.relate("STARTED_NEW", "ONE", "STARTS", np.zeros_like(new), new, "Starts that the previous run does not have")
    new = np.flatnonzero(fresh_legs if level else np.empty(0))
    order = b.relate("SHIPPED_NEW", "ONE", "DELIVERIES", np.zeros_like(new), new, "Over legs that it does not have")
    b.paired("new_legs", "SHIPPED_NEW", fresh_legs[new][order], "Purchases and transfers that it does not have")
    more = np.arange(len(had) if level else 0)
    b.relate("ORDERED_MORE", "ONE", "PREVIOUS_ORDERS", np.zeros_like(more), more, "Orders that may grow")
    b.number("ordered_more_cost", "PREVIOUS_ORDERS", np.full(len(had), money), "Money per unit beyond")
    return money * fresh_start, money * fresh_legs


def _find(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Position of sorted distinct keys, -1 where there is none."""
    if not len(keys):
        return np.full(len(wanted), -1)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, -1)
