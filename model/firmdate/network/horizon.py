"""Dates as day numbers, and the calendars that move them.

A day number counts from the planning date: day 0 is the planning date, and the
horizon holds the days ``0 <= day < days``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

NO_DAY = np.iinfo(np.int32).max
"""Stands for "no date" and for "after the horizon"; larger than every day."""

UNFILLED_DAYS = 30
"""What is never delivered counts as late until this many days after the horizon."""


@dataclass(frozen=True)
class Horizon:
    """The days that are planned.

    Args:
        start: The planning date, day 0.
        days: How many days are planned.
    """

    start: date
    days: int

    def day_of(self, dates: pd.Series) -> IntArray:
        """Day numbers of a column of dates; :data:`NO_DAY` where blank."""
        whole = dates.to_numpy().astype("datetime64[D]")
        days = (whole - np.datetime64(self.start, "D")).astype(np.int64)
        return np.where(np.isnat(whole), NO_DAY, days)

    def date_of(self, days: IntArray) -> npt.NDArray[np.datetime64]:
        """Dates of day numbers (``datetime64[s]``); blank where :data:`NO_DAY`."""
        known = days != NO_DAY
        dates = np.datetime64(self.start, "D") + np.where(known, days, 0).astype("timedelta64[D]")
        dates[~known] = np.datetime64("NaT")
        return dates.astype("datetime64[s]")

    @property
    def unfilled_day(self) -> int:
        """The day until which a quantity that is never delivered counts as late."""
        return self.days + UNFILLED_DAYS


@dataclass(frozen=True)
class Calendars:
    """The next working day of every calendar, as one table.

    Args:
        names: Calendar names; code 0 is the calendar on which every day is a working day.
        next_working: ``next_working[code, day]`` for ``0 <= day < days``: the first working day
            on or after it, :data:`NO_DAY` when none is left in the horizon.
    """

    names: tuple[str, ...]
    next_working: IntArray

    @property
    def days(self) -> int:
        """Length of the horizon in days."""
        return int(self.next_working.shape[1])

    def move(self, code: IntArray | int, day: IntArray) -> IntArray:
        """Move days to the next working day; days outside the horizon become :data:`NO_DAY`.

        Days before the planning date are moved from the planning date on.
        """
        inside = day < self.days
        clipped = np.where(inside, np.maximum(day, 0), 0)
        return np.where(inside, self.next_working[code, clipped], NO_DAY)

    def is_working(self, code: int) -> BoolArray:
        """Which days of the horizon are working days."""
        days = np.arange(self.days)
        return np.asarray(self.next_working[code] == days)

    def arrival_days(self, start_code: int, end_code: int, offset: int) -> IntArray:
        """Arrival day of a start on each day; :data:`NO_DAY` for days on which nothing can start."""
        days = np.arange(self.days)
        arrival = self.move(end_code, days + offset)
        return np.where(self.is_working(start_code), arrival, NO_DAY)

    def latest_starts(self, start_code: int, end_code: int, offset: int) -> IntArray:
        """Latest start that arrives on or before each day; -1 when there is none."""
        arrival = self.arrival_days(start_code, end_code, offset)
        starts = np.flatnonzero(arrival < NO_DAY)
        latest = np.searchsorted(arrival[starts], np.arange(self.days), side="right") - 1
        return np.where(latest >= 0, starts[np.maximum(latest, 0)] if starts.size else -1, -1)


def read_calendars(table: pd.DataFrame, horizon: Horizon, resolution: str) -> Calendars:
    """Calendars of the planning data; days without a row are working days.

    With ``resolution: week`` everything happens on the first day of a week (counted from the
    planning date) that has a working day.
    """
    names = sorted(str(name) for name in table["calendar"].dropna().unique())
    working = np.ones((len(names) + 1, horizon.days), dtype=bool)
    starts = np.clip(horizon.day_of(table["start"]), 0, horizon.days)
    ends = np.clip(horizon.day_of(table["end"]), 0, horizon.days)
    codes = pd.Index(names).get_indexer(pd.Index(table["calendar"].astype(object))) + 1
    for code, start, end, flag in zip(codes, starts, ends, table["working"], strict=True):
        working[code, start:end] = flag
    if resolution == "week":
        first_days = np.arange(0, horizon.days, 7)
        open_weeks = np.logical_or.reduceat(working, first_days, axis=1)
        working[:] = False
        working[:, first_days] = open_weeks
    days = np.where(working, np.arange(horizon.days), NO_DAY)
    next_working = np.minimum.accumulate(days[:, ::-1], axis=1)[:, ::-1]
    return Calendars(("", *names), np.ascontiguousarray(next_working))
