"""Sets, relations and variables of lot sizes: orders, multiples and packs of the starts that have them."""

from __future__ import annotations

import numpy as np

from firmdate.formulation.builder import Builder
from firmdate.network.lots import Cut
from firmdate.network.network import Network


def add_lots(b: Builder, network: Network) -> None:
    """Declare what the rules of lot sizes name."""
    lots, exact = network.lots, network.exact_lots
    row = lots.rows(network.starts.activity)
    starts = np.flatnonzero(row >= 0)
    row = row[starts]
    packed = np.array([bool(own) for own in lots.packs], dtype=bool)
    by_packs = lots.cut[row] == Cut.PACKS  # no pack breaks a limit, and several are cut as the maximum wants it
    limited = np.flatnonzero(((lots.minimum[row] > 0) | np.isfinite(lots.maximum[row])) & ~by_packs)
    own, maximum = row[limited], lots.maximum[row[limited]]
    most = np.where(np.isfinite(maximum), maximum, np.maximum(lots.largest[own], lots.minimum[own]))
    once = (lots.cut[own] == Cut.NEVER) | ~np.isfinite(maximum)
    count = np.where(once, 1.0, np.ceil(lots.largest[own] / np.maximum(most, 1e-9)) + 1)
    every = np.arange(len(limited))
    b.index("LOT_ORDERS", len(limited), "Starts with a smallest or largest order")
    b.relate("LOT_ORDER_START", "LOT_ORDERS", "STARTS", every, starts[limited], "The start")
    b.number("order_at_least", "LOT_ORDERS", lots.minimum[own], "Smallest units of one order")
    b.number("order_at_most", "LOT_ORDERS", most, "Largest units of one order")
    b.variable("Orders", "LOT_ORDERS", "Orders that are placed", count, whole=exact)
    stepped = np.flatnonzero((lots.multiple[row] > 0) & ~packed[row])
    every = np.arange(len(stepped))
    b.index("LOT_MULTIPLES", len(stepped), "Starts in whole multiples")
    b.relate("LOT_MULTIPLE_START", "LOT_MULTIPLES", "STARTS", every, starts[stepped], "The start")
    b.number("multiple", "LOT_MULTIPLES", lots.multiple[row[stepped]], "Units of one multiple")
    most = np.ceil(lots.largest[row[stepped]] / lots.multiple[row[stepped]]) + 1
    b.variable("Multiples", "LOT_MULTIPLES", "Whole multiples", most, whole=exact)
    chosen = np.flatnonzero(packed[row])
    sizes = [lots.packs[own] for own in row[chosen].tolist()]
    of_pack = np.repeat(np.arange(len(chosen)), [len(own) for own in sizes]).astype(np.int64)
    size = np.array([value for own in sizes for value in own], dtype=np.float64)
    b.index("LOT_PACKED", len(chosen), "Starts in whole packs")
    b.index("LOT_PACKS", len(size), "Start in whole packs × size of a pack")
    b.relate("LOT_PACKED_START", "LOT_PACKED", "STARTS", np.arange(len(chosen)), starts[chosen], "The start")
    order = b.relate("PACKS_OF", "LOT_PACKED", "LOT_PACKS", of_pack, np.arange(len(size)), "Packs of a start")
    tolerance = lots.tolerance[row[chosen]][of_pack]
    b.paired("least_in_pack", "PACKS_OF", (size * (1 - tolerance))[order], "Least units in a pack")
    b.paired("most_in_pack", "PACKS_OF", (size * (1 + tolerance))[order], "Most units in a pack")
    most = np.ceil(lots.largest[row[chosen]][of_pack] / np.maximum(size, 1e-9)) + 1
    b.variable("Packs", "LOT_PACKS", "Packs that are ordered", most, whole=exact)
