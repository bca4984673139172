"""From deliveries of classes to schedule lines and promise dates of order lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.horizon import NO_DAY, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.plan.precedence import keep_precedence
from firmdate.plan.whole_units import NOISE, Flows


@dataclass(frozen=True)
class ScheduleLines:
    """What ships to which line on which day, sorted by line and day.

    Args:
        line: Position of the demand line.
        day: Day of delivery.
        quantity: Units.
    """

    line: IntArray
    day: IntArray
    quantity: FloatArray


@dataclass(frozen=True)
class Promises:
    """The promise of every demand line.

    Args:
        day: First day by which the whole quantity is delivered; :data:`NO_DAY` when never inside the horizon.
        quantity: Units delivered inside the horizon.
        late_unit_days: Units × days late, counted from the requested date; what is never delivered counts until
            30 days after the horizon.
    """

    day: IntArray
    quantity: FloatArray
    late_unit_days: FloatArray


def schedule(network: Network, flows: Flows) -> ScheduleLines:
    """Serve the lines of every class one after the other, by due date, then order and line; add reserved stock."""
    lines = network.lines
    line, day, quantity = keep_precedence(network, serve_in_order(network, flows))
    reserved = np.flatnonzero(lines.reserved > 0)
    reserved_day = _reserved_days(network, reserved, line, day)
    shipped = reserved_day < NO_DAY
    line = np.concatenate([line, reserved[shipped]])
    day = np.concatenate([day, reserved_day[shipped]])
    quantity = np.concatenate([quantity, lines.reserved[reserved[shipped]]])
    key = line * network.horizon.days + day
    distinct, at = np.unique(key, return_inverse=True)
    total = np.bincount(at, weights=quantity, minlength=len(distinct)).astype(np.float64)
    return ScheduleLines(distinct // network.horizon.days, distinct % network.horizon.days, total)


def serve_in_order(network: Network, flows: Flows) -> tuple[IntArray, IntArray, FloatArray]:
    """Cut the cumulative deliveries of each class at the cumulative quantities of its lines.

    All classes are laid end to end on one axis of units, so that one sorted merge cuts them all.
    """
    classes = network.classes
    wanted = classes.wanted
    class_size = np.bincount(classes.line_class, weights=wanted, minlength=len(classes))
    base = np.concatenate([[0.0], np.cumsum(class_size)])
    line_end = np.cumsum(wanted)
    given = np.flatnonzero(flows.deliver > NOISE)
    deliveries = network.deliveries
    given = given[np.lexsort((deliveries.day[given], deliveries.of_class[given]))]
    of_class, day = deliveries.of_class[given], deliveries.day[given]
    delivered = flows.deliver[given]
    first = np.searchsorted(of_class, np.arange(len(classes)))
    total = np.concatenate([[0.0], np.cumsum(delivered)])
    delivery_end = base[of_class] + np.minimum(total[1:] - total[first[of_class]], class_size[of_class])
    delivery_start = base[of_class] + total[:-1] - total[first[of_class]]
    cuts = np.unique(np.concatenate([line_end, delivery_end, delivery_start]))
    low, high = cuts[:-1], cuts[1:]
    middle = (low + high) / 2
    piece_line = np.searchsorted(line_end, middle, side="right")
    piece_delivery = np.searchsorted(delivery_end, middle, side="right")
    inside = piece_delivery < len(delivery_end)
    inside[inside] &= delivery_start[piece_delivery[inside]] <= middle[inside]
    inside &= (high - low > NOISE) & (piece_line < len(classes.line))
    return (
        classes.line[piece_line[inside]],
        day[piece_delivery[inside]],
        np.round((high - low)[inside], 9),
    )


def _reserved_days(network: Network, rows: IntArray, line: IntArray, day: IntArray) -> IntArray:
    """Reserved stock ships on the first day allowed; with other supply when it would be too small a shipment alone."""
    lines = network.lines
    first = network.calendars.move(network.catalog.shipping_of(lines.key[rows]), lines.first_day[rows])
    first = np.where(first <= lines.last_day[rows], first, NO_DAY)
    earliest = np.full(len(lines), NO_DAY)
    np.minimum.at(earliest, line, day)
    covered = lines.quantity[rows] - lines.reserved[rows] <= NOISE
    small = lines.whole[rows] | (lines.reserved[rows] < lines.minimum[rows] - NOISE)
    together = np.maximum(earliest[rows], first)
    alone = np.where(small & ~covered, together, first)
    # What is not finished is not begun.
    alone = np.where(lines.complete[rows] & ~covered & (earliest[rows] == NO_DAY), NO_DAY, alone)
    of_set = lines.ship_set[rows]
    return np.where(of_set >= 0, np.append(_set_days(network, line, day), NO_DAY)[of_set], alone)


def _set_days(network: Network, line: IntArray, day: IntArray) -> IntArray:
    """Day on which each ship set leaves, from the deliveries of its lines; reserved stock alone needs no others."""
    lines, sets = network.lines, network.ship_sets
    leaves = np.full(len(sets), NO_DAY)
    member = lines.ship_set[line] >= 0
    np.minimum.at(leaves, lines.ship_set[line[member]], day[member])
    wanting = (lines.ship_set >= 0) & (lines.quantity - lines.reserved > NOISE)
    covered = np.ones(len(sets), dtype=bool)
    covered[lines.ship_set[wanting]] = False
    dated = np.flatnonzero(covered[sets.date_set])
    leaves[sets.date_set[dated]] = sets.date_day[dated]
    return leaves


def promises(network: Network, shipped: ScheduleLines) -> Promises:
    """Promise dates and late unit-days of all lines."""
    lines = network.lines
    quantity = np.bincount(shipped.line, weights=shipped.quantity, minlength=len(lines)).astype(np.float64)
    last = np.full(len(lines), -1)
    np.maximum.at(last, shipped.line, shipped.day)
    complete = quantity >= lines.quantity - NOISE * np.maximum(1.0, lines.quantity)
    quantity = np.where(complete, lines.quantity, quantity)
    days_late = np.maximum(shipped.day - lines.due_day[shipped.line], 0)
    late = np.bincount(shipped.line, weights=shipped.quantity * days_late, minlength=len(lines)).astype(np.float64)
    unfilled = lines.quantity - quantity
    late = late + np.where(lines.planned, unfilled * (network.horizon.unfilled_day - lines.due_day), 0.0)
    return Promises(np.where(complete, last, NO_DAY), quantity, late)
