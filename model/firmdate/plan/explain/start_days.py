"""On which days activities may start: working days, inside their window, on which their bill of materials holds."""

from __future__ import annotations

import numpy as np

from firmdate.network.horizon import BoolArray, IntArray
from firmdate.network.network import Network
from firmdate.network.relations import distinct_rows


class StartDays:
    """The latest start of activities that arrives by a day."""

    def __init__(self, network: Network) -> None:
        self._network = network
        activities = network.activities
        self.lead_time = activities.lead_time
        keys = np.column_stack([activities.start_calendar, activities.arrival_calendar, self.lead_time])
        distinct, self._timing = distinct_rows(keys)
        latest = [network.calendars.latest_starts(*key) for key in distinct.tolist()]
        self._latest = np.array(latest, dtype=np.int64).reshape(-1, network.horizon.days)
        self._row, self._last_effective = self._effective_days()

    def _effective_days(self) -> tuple[IntArray, IntArray]:
        """Activities whose bill is limited in time: their row, and per row and day the last day on which it holds."""
        posts, days = self._network.activities.posts, np.arange(self._network.horizon.days)
        row = np.full(len(self._network.activities), -1)
        dated = (posts.quantity <= 0) & ((posts.first_start > 0) | (posts.last_start < days.size))
        limited = np.unique(posts.activity[dated])
        row[limited] = np.arange(len(limited))
        takes = np.flatnonzero((posts.quantity <= 0) & (row[posts.activity] >= 0))
        holds = (posts.first_start[takes, None] <= days) & (days <= posts.last_start[takes, None])
        effective: BoolArray = np.zeros((len(limited), days.size), dtype=bool)
        np.logical_or.at(effective, row[posts.activity[takes]], holds)
        return row, np.maximum.accumulate(np.where(effective, days, -1), axis=1)

    def arriving_by(self, activity: IntArray, day: IntArray) -> IntArray:
        """The latest working day on which a start arrives by a day; -1 where there is none."""
        return np.where(day >= 0, self._latest[self._timing[activity], np.maximum(day, 0)], -1)

    def opens(self, activity: int, day: int) -> int:
        """First day from a day on that is a working day where an activity starts; :data:`NO_DAY` where none is left."""
        start = self._network.activities.start_calendar[activity]
        return int(self._network.calendars.move(start, np.array([max(day, 0)]))[0])

    @property
    def dated(self) -> BoolArray:
        """Per activity: whether its bill of materials is limited in time."""
        return np.asarray(self._row >= 0)

    def arrivals(self, activity: IntArray, day: IntArray) -> IntArray:
        """Arrival of starts on or after some days."""
        activities, calendars = self._network.activities, self._network.calendars
        start = calendars.move(activities.start_calendar[activity], np.maximum(day, 0))
        return calendars.move(activities.arrival_calendar[activity], start + self.lead_time[activity])

    def arrival(self, activity: int, day: int) -> int:
        """Arrival of a start on or after a day."""
        return int(self.arrivals(np.array([activity]), np.array([day]))[0])

    def effective_until(self, activity: IntArray, day: IntArray) -> IntArray:
        """The last day until a day on which the activity is effective; -1 where there is none."""
        row = self._row[activity]
        last = np.minimum(day, self._network.activities.last_day[activity])
        limited = (row >= 0) & (last >= 0)
        last[limited] = self._last_effective[row[limited], last[limited]]
        return np.where(last >= self._network.activities.first_day[activity], last, -1)
