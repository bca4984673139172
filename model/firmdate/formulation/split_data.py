"""Splits for the rules: dates of lines with a most number of deliveries, and lines that are finished or not begun."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.formulation.builder import Builder
from firmdate.network.horizon import IntArray
from firmdate.network.network import Network
from firmdate.network.splits import open_units, reserved_alone


@dataclass(frozen=True)
class SplitRows:
    """Lines with rules of splits, and their deliveries.

    Args:
        delivery: Deliveries of lines with a most number of deliveries.
        day_of: Date of each of them, as a position in ``day_line``.
        day_line: Line of each date, sorted.
        day: Day of each date.
        finish: Deliveries of lines that are finished or not begun.
        finish_of: Line of each of them, as a position in ``finish_line``.
        finish_line: These lines.
    """

    delivery: IntArray
    day_of: IntArray
    day_line: IntArray
    day: IntArray
    finish: IntArray
    finish_of: IntArray
    finish_line: IntArray


def split_rows(network: Network) -> SplitRows:
    """Everything in a network that rules of splits are about."""
    lines, deliveries, days = network.lines, network.deliveries, network.horizon.days
    none = np.empty(0, dtype=np.int64)
    limited = finish = dates = day_of = own = finish_of = none
    if lines.most.any() or lines.complete.any():
        line = network.classes.some_line[deliveries.of_class]
        limited, finish = np.flatnonzero(lines.most[line] > 0), np.flatnonzero(lines.complete[line])
        dates, day_of = np.unique(line[limited] * days + deliveries.day[limited], return_inverse=True)
        own, finish_of = np.unique(line[finish], return_inverse=True)
    return SplitRows(
        limited, np.asarray(day_of).reshape(-1), dates // days, dates % days, finish, finish_of.reshape(-1), own
    )


def add_splits(b: Builder, network: Network) -> None:
    """Declare what the rules of splits name.

    Args:
        b: Declarations so far.
        network: All sets with their data.
    """
    rows, lines = split_rows(network), network.lines
    few, of_day = np.unique(rows.day_line, return_inverse=True)
    alone, reserved_day = reserved_alone(network, few)
    wanted = open_units(network)
    # What ships on the day of reserved stock that goes alone is no further delivery.
    counted = np.flatnonzero(rows.day != np.append(reserved_day, 0)[of_day.reshape(-1)])
    b.index("DELIVERY_DAYS", len(rows.day), "Line with a most number of deliveries × date")
    b.index("FEW_DELIVERIES", len(few), "Lines with a most number of deliveries")
    b.relate("DELIVERED_ON", "DELIVERY_DAYS", "DELIVERIES", rows.day_of, rows.delivery, "Deliveries of a date")
    b.relate("DAYS_OF", "FEW_DELIVERIES", "DELIVERY_DAYS", of_day.reshape(-1)[counted], counted, "Dates of a line")
    b.number("open_units", "DELIVERY_DAYS", wanted[rows.day_line], "Units of the line")
    b.number(
        "most_deliveries",
        "FEW_DELIVERIES",
        (lines.most[few] - alone).astype(np.float64),
        "Most deliveries beside reserved stock",
    )
    b.variable("OnDay", "DELIVERY_DAYS", "1 when the line is delivered on the date", np.ones(len(rows.day)), whole=True)
    size = len(rows.finish_line)
    b.index("WHOLE_LINES", size, "Lines that are finished or not begun")
    b.relate("DELIVERIES_OF", "WHOLE_LINES", "DELIVERIES", rows.finish_of, rows.finish, "All deliveries of a line")
    b.number("line_units", "WHOLE_LINES", wanted[rows.finish_line], "Units of the line")
    b.variable("Finished", "WHOLE_LINES", "1 when all of the line is delivered", np.ones(size), whole=True)
