"""Everything that is done: executed starts, and the transfers of the routes that were contracted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.activities import ActivityKind
from firmdate.network.expansion import DatedPosts, expand_posts, expand_uses
from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.network.legs import legs_of
from firmdate.network.network import Network, Starts
from firmdate.plan.promise import ScheduleLines
from firmdate.plan.whole_units import NOISE, Flows


@dataclass(frozen=True)
class Executed:
    """Activities with a quantity, one row per activity and start day, sorted.

    Args:
        starts: Activity and day of start, shipment or order.
        quantity: Units.
        ship_day: Day on which a transfer leaves its origin; the start day for other kinds.
        arrival_day: Day from which the units can be used.
        planned: Position of the planned order, else -1.
        posts: What the rows post to stock, per unit.
    """

    starts: Starts
    quantity: FloatArray
    ship_day: IntArray
    arrival_day: IntArray
    planned: IntArray
    posts: DatedPosts

    def take(self, mask: BoolArray) -> Executed:
        """Some of the rows; their postings with them."""
        if mask.all():
            return self
        number = np.cumsum(mask) - 1
        posts, own = self.posts, mask[self.posts.start]
        kept = DatedPosts(number[posts.start[own]], posts.point[own], posts.day[own], posts.quantity[own])
        starts = Starts(self.starts.activity[mask], self.starts.day[mask])
        dates = (self.ship_day[mask], self.arrival_day[mask], self.planned[mask])
        return Executed(starts, self.quantity[mask], *dates, kept)

    @property
    def activity(self) -> IntArray:
        """Activity of every row."""
        return self.starts.activity

    def __len__(self) -> int:
        return len(self.quantity)


def executed_starts(network: Network, flows: Flows) -> Executed:
    """All activities with a quantity: those of the model, and those that its routes stand for."""
    used = np.flatnonzero(flows.start > NOISE)
    legs = legs_of(network, np.flatnonzero(flows.deliver > NOISE))
    key = np.concatenate([network.starts.activity[used], legs.activity]) * network.horizon.days
    key += np.concatenate([network.starts.day[used], legs.day])
    distinct, at = np.unique(key, return_inverse=True)
    quantity = np.bincount(
        at, weights=np.concatenate([flows.start[used], flows.deliver[legs.delivery]]), minlength=len(distinct)
    )
    starts = Starts(distinct // network.horizon.days, distinct % network.horizon.days)
    posts = expand_posts(network.activities, starts, network.calendars)
    arrival_day = np.zeros(len(distinct), dtype=np.int64)
    supplies = posts.quantity > 0
    arrival_day[posts.start[supplies]] = posts.day[supplies]
    ship_day = starts.day.copy()
    moved = network.activities.kind[starts.activity[posts.start]] == ActivityKind.TRANSFER
    ships = moved & ~supplies & (posts.point == network.activities.origin[starts.activity[posts.start]])
    ship_day[posts.start[ships]] = posts.day[ships]
    planned = network.activities.planned[starts.activity]
    return Executed(starts, quantity.astype(np.float64), ship_day, arrival_day, planned, posts)


def split_orders(network: Network, executed: Executed) -> Executed:
    """The same with a row per order where lot sizes allow no order as large; the postings stay those of the starts."""
    lot = network.lots.rows(executed.activity)
    maximum = np.append(network.lots.maximum, np.inf)[lot]
    large = np.flatnonzero((executed.planned < 0) & (executed.quantity > maximum + NOISE))
    if not network.exact_lots:
        # What no whole lots hold stays one order, and is listed.
        lots, own, units = network.lots, lot[large].tolist(), executed.quantity[large].tolist()
        held = [lots.cover(k, q) <= q * (1 + NOISE) for k, q in zip(own, units, strict=True)]
        large = large[np.array(held, dtype=bool)]
    if not len(large):
        return executed
    pieces = [[units] for units in executed.quantity.tolist()]
    for row in large.tolist():
        pieces[row] = network.lots.orders(int(lot[row]), float(executed.quantity[row]))
    count = np.array([len(own) for own in pieces])
    rows = np.repeat(np.arange(len(executed)), count)
    return Executed(
        Starts(executed.starts.activity[rows], executed.starts.day[rows]),
        np.array([units for own in pieces for units in own]),
        executed.ship_day[rows],
        executed.arrival_day[rows],
        executed.planned[rows],
        executed.posts,
    )


def loads(network: Network, executed: Executed) -> FloatArray:
    """Load of every capacity interval: firm planned orders and executed activities."""
    uses = expand_uses(network.activities, executed.starts, network.capacities)
    used = uses.quantity * executed.quantity[uses.start]
    load = np.bincount(uses.target, weights=used, minlength=len(network.capacities.group))
    return network.firm_load + load[: len(network.capacities.group)]


def stock_changes(network: Network, executed: Executed, shipped: ScheduleLines) -> tuple[IntArray, FloatArray]:
    """Everything that changes stock: stocking point key × days of the horizon + day, and units (negative are taken)."""
    days, points = network.horizon.days, network.points
    posts, lines, firm = executed.posts, network.lines, network.firm
    moved = posts.quantity * executed.quantity[posts.start]
    opening = np.flatnonzero(network.stock.quantity > 0)
    held = np.flatnonzero(lines.reserved > 0)
    parts = (
        (points.keys[posts.point], posts.day, moved),
        (network.stock.key[opening], np.zeros(len(opening), dtype=np.int64), network.stock.quantity[opening]),
        (lines.key[held], np.zeros(len(held), dtype=np.int64), lines.reserved[held]),
        (network.receipts.key, network.receipts.day, network.receipts.quantity),
        (firm.supply_key, firm.supply_day, firm.supply),
        (firm.take_key, firm.take_day, -firm.take),
        (lines.key[shipped.line], shipped.day, -shipped.quantity),
    )
    real = network.substitutes.real
    key = np.concatenate([real(network.catalog, part[0]) * days + part[1] for part in parts])
    return key, np.concatenate([part[2] for part in parts])
