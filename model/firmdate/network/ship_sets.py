"""Ship sets: order lines that leave on one date; and lines whose supply must gather before they can be served.

A set leaves when its last line is there, all of it on one date, or not at all. So its lines can be served on each
other's dates; the dates on which all of them can be served together are the candidates among which the model chooses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from firmdate.network.classes import Classes, Cohorts, Lines, TextArray
from firmdate.network.expansion import Asked, Service
from firmdate.network.horizon import NO_DAY, BoolArray, Calendars, IntArray
from firmdate.network.network import Deliveries, ShipSets

NOISE = 1e-6


@dataclass(frozen=True)
class SetWindows:
    """What the lines of each ship set have in common.

    Args:
        name: Name of each set.
        of_line: Set of each demand line, -1 without one.
        calendar: ``calendar[set, day]``: every location of the set ships.
        first_day: First day on which every line may be delivered.
        last_day: Last such day; -1 where a line of the set is not planned at all.
    """

    name: TextArray
    of_line: IntArray
    calendar: BoolArray
    first_day: IntArray
    last_day: IntArray

    def __len__(self) -> int:
        return len(self.name)


def set_windows(lines: Lines, calendars: Calendars, shipping: IntArray) -> SetWindows:
    """Common days of the lines of each set.

    Args:
        lines: The demand lines.
        calendars: Working days.
        shipping: Per demand line: shipping calendar of its location.
    """
    names, of_line = lines.set_name, lines.ship_set
    rows = np.flatnonzero(of_line >= 0)
    of_set, calendar = of_line[rows], shipping[rows]
    works = np.ones((len(names), calendars.days), dtype=bool)
    for code in np.unique(calendar):
        works[np.unique(of_set[calendar == code])] &= calendars.is_working(int(code))
    first, last = np.zeros(len(names), dtype=np.int64), np.full(len(names), NO_DAY)
    np.maximum.at(first, of_set, lines.first_day[rows])
    if len(rows):
        np.minimum.at(last, of_set, np.where(_asked_in_full(lines)[rows], lines.last_day[rows], -1))
    return SetWindows(names, of_line, works, first, last)


def _asked_in_full(lines: Lines) -> BoolArray:
    """Lines that can be delivered whole inside the horizon: none of it is left to a later result that is kept."""
    asked = np.bincount(lines.parts.line, weights=lines.parts.quantity, minlength=len(lines)) + lines.reserved
    return np.asarray(lines.planned & (asked >= lines.quantity - NOISE))


def gathering(lines: Lines, classes: Classes, cohorts: Cohorts, sets: int) -> IntArray:
    """Per cohort: number of the lines whose supply gathers for one shipment; -1 where units are served one by one.

    Lines of a set gather together, other lines that ship at once, in smallest quantities or in few deliveries each for
    itself.
    """
    line_of = classes.some_line
    alone = classes.whole | (classes.minimum > 0)
    if len(classes):
        alone = alone | (lines.most[line_of] > 0)
    of_class = np.where(
        classes.ship_set >= 0,
        classes.ship_set,
        np.where(alone, sets + line_of, -1),
    )
    return np.asarray(of_class[cohorts.of_class] if len(classes) else np.empty(0, dtype=np.int64))


def gathered(asked: Asked, served: Service, group: IntArray, windows: SetWindows, calendars: Calendars) -> Asked | None:
    """When cohorts whose supply gathers want to be served: on every day on which supply of their group can come.

    Args:
        asked: When cohorts want to be served by themselves.
        served: When they can be served by themselves.
        group: Per cohort: its group, see :func:`gathering`.
        windows: Ship sets, which are the first groups.
        calendars: Working days.

    Returns:
        The pairs of cohort and route that gather; None where there are none.
    """
    pair = group[asked.cohort] >= 0
    if not pair.any():
        return None
    numbers, at = np.unique(group, return_inverse=True)
    at = np.asarray(at).reshape(-1)
    together = np.zeros((len(numbers), calendars.days), dtype=bool)
    together[at[served.cohort], served.day] = True
    np.logical_or.at(together, at, asked.days)
    of_set = np.flatnonzero((numbers >= 0) & (numbers < len(windows)))
    together[of_set] = _moved(together[of_set], windows.calendar[numbers[of_set]])
    days = asked.days.copy()
    rows = np.flatnonzero(group >= 0)
    days[rows] |= together[at[rows]] & np.maximum.accumulate(asked.days[rows], axis=1)
    return replace(asked, days=days, cohort=asked.cohort[pair], route=asked.route[pair])


def _moved(days: BoolArray, calendar: BoolArray) -> BoolArray:
    """Days of each row, and the first working days on or after them."""
    every = np.where(calendar, np.arange(calendar.shape[1]), NO_DAY)
    following = np.minimum.accumulate(every[:, ::-1], axis=1)[:, ::-1]
    row, day = np.nonzero(days)
    moved = following[row, day]
    found = days.copy()
    found[row[moved < NO_DAY], moved[moved < NO_DAY]] = True
    return found


def ship_sets(classes: Classes, cohorts: Cohorts, windows: SetWindows, served: Service, days: int) -> ShipSets:
    """The dates on which every line of a set can be served, of those on which supply can come for one of them.

    Stock is taken on the date itself; what is bought waits for the date.

    Args:
        classes: Classes of lines.
        cohorts: Cohorts of the classes.
        windows: Common days of the sets.
        served: When each cohort can be served.
        days: Length of the horizon.
    """
    count = len(windows)
    of_class = classes.ship_set
    if not count:
        none = np.empty(0, dtype=np.int64)
        return ShipSets(windows.name, windows.of_line, of_class, none, none, none)
    wanting = (of_class >= 0) & (classes.quantity > 0)
    members = np.bincount(of_class[wanting], minlength=count)
    row_class = cohorts.of_class[served.cohort]
    rows = wanting[row_class]
    event = np.zeros((count, days), dtype=bool)
    event[of_class[row_class[rows]], served.day[rows]] = True
    members_of = np.flatnonzero(wanting)
    at = np.full(len(classes), -1)
    at[members_of] = np.arange(len(members_of))
    there = np.zeros((len(members_of), days), dtype=bool)
    stocked = rows & served.from_stock
    there[at[row_class[stocked]], served.day[stocked]] = True
    bought = rows & ~served.from_stock
    waits = np.zeros_like(there)
    waits[at[row_class[bought]], served.day[bought]] = True
    there |= np.maximum.accumulate(waits, axis=1)
    ready = np.zeros((count, days), dtype=np.int64)
    np.add.at(ready, of_class[members_of], there)
    day = np.arange(days)
    possible = (ready == members[:, None]) & windows.calendar & _moved(event, windows.calendar)
    possible &= (day >= windows.first_day[:, None]) & (day <= windows.last_day[:, None])
    # A set that reserved stock covers needs no choice: it leaves on the first day.
    covered = members == 0
    possible[covered] = windows.calendar[covered] & (day >= windows.first_day[covered, None])
    possible[covered] &= day <= windows.last_day[covered, None]
    possible[covered] &= np.cumsum(possible[covered], axis=1) == 1
    date_set, date_day = np.nonzero(possible)
    return ShipSets(windows.name, windows.of_line, of_class, windows.last_day, date_set, date_day)


def late_with_their_sets(deliveries: Deliveries, classes: Classes) -> Deliveries:
    """Lines of ship sets are as late as their set, whenever their supply comes.

    Args:
        deliveries: Deliveries that count their own days late.
        classes: Classes of lines.
    """
    if not (classes.ship_set >= 0).any():
        return deliveries
    return replace(deliveries, late_days=np.where(classes.ship_set[deliveries.of_class] >= 0, 0, deliveries.late_days))
