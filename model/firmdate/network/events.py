"""On which days something can happen: the event grid.

Supply events are propagated forward over lead times (a unit waits where it is until it can go on, so
starting as early as inputs and capacity allow is never later), need events are propagated backward (so
that supply can also come just in time). Days between events need no variable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.activities import Activities, Posts
from firmdate.network.capacity import Capacities
from firmdate.network.catalog import StockingPoints
from firmdate.network.horizon import NO_DAY, BoolArray, Calendars, FloatArray, IntArray
from firmdate.network.relations import distinct_rows


@dataclass(frozen=True)
class EventGrid:
    """Days on which activities can start and stock can change.

    Args:
        starts: ``starts[activity, day]``: the activity may start.
        early: ``early[point, day]``: new stock may arrive as soon as inputs and capacity allow.
        supplied: The same with the arrivals of starts that are just in time.
    """

    starts: BoolArray
    early: BoolArray
    supplied: BoolArray


def project(rows: BoolArray, day_map: IntArray) -> BoolArray:
    """Move marked days: a mark on day ``d`` becomes a mark on ``day_map[d]``.

    Args:
        rows: Marks, one row each.
        day_map: Non-decreasing target days; negative or beyond the horizon drops the mark.

    Returns:
        Marks of the same shape.
    """
    days = rows.shape[1]
    valid = np.flatnonzero((day_map >= 0) & (day_map < days))
    moved = np.zeros_like(rows)
    if valid.size:
        targets, first = np.unique(day_map[valid], return_index=True)
        moved[:, targets] = np.logical_or.reduceat(rows[:, valid], first, axis=1)
    return moved


@dataclass(frozen=True)
class _PostGroup:
    """Postings with the same dates relative to the start, at most one per activity."""

    rows: IntArray
    start_calendar: int
    calendar: int
    offset: int


def _groups(posts: Posts, rows: IntArray, start_calendar: IntArray) -> list[_PostGroup]:
    """Postings by their calendars and offset; the n-th posting of an activity goes to the n-th group."""
    if not rows.size:
        return []
    activity = posts.activity[rows]
    nth = np.arange(len(rows)) - np.searchsorted(activity, activity, side="left")
    keys = np.column_stack([start_calendar[activity], posts.calendar[rows], posts.offset[rows], nth])
    distinct, at = distinct_rows(keys)
    order = np.argsort(at, kind="stable")
    parts = np.split(rows[order], np.cumsum(np.bincount(at))[:-1])
    return [_PostGroup(part, int(key[0]), int(key[1]), int(key[2])) for part, key in zip(parts, distinct, strict=True)]


class EventBuilder:
    """Builds the event grid of one network."""

    def __init__(
        self,
        points: StockingPoints,
        activities: Activities,
        capacities: Capacities,
        calendars: Calendars,
        enforced: BoolArray,
    ) -> None:
        """Prepare the dates of postings.

        Args:
            points: Stocking points.
            activities: Activities with their postings, ordered by activity.
            capacities: Capacity intervals.
            calendars: Working days.
            enforced: Capacity groups that restrict starts.
        """
        self._points, self._activities = points, activities
        self._capacities, self._calendars = capacities, calendars
        self._limits = np.flatnonzero(enforced[activities.uses.group])
        posts = activities.posts
        self._outputs = _groups(posts, np.flatnonzero(posts.quantity > 0), activities.start_calendar)
        takes = np.flatnonzero(posts.quantity < 0)
        self._inputs = _groups(posts, takes, activities.start_calendar)
        self._first_inputs = _groups(posts, takes[~self._fed_by_itself(takes)], activities.start_calendar)

    def _fed_by_itself(self, takes: IntArray) -> BoolArray:
        """Postings that take what the activity itself has supplied by then, as a planned order may state it."""
        posts = self._activities.posts
        gives = np.flatnonzero(posts.quantity > 0)
        output = np.full(len(self._activities), -1)
        output[posts.activity[gives]] = gives
        output = output[posts.activity[takes]]
        later = posts.offset[takes] - posts.offset[output]
        own = posts.point[takes] == posts.point[output]
        return np.asarray((output >= 0) & own & (later >= 0))

    def build(
        self, opening: BoolArray, needs: BoolArray, just_in_time: BoolArray, again: BoolArray | None = None
    ) -> EventGrid:
        """Propagate supply forward and needs backward.

        Args:
            opening: ``opening[point, day]``: supply that is there without an activity.
            needs: ``needs[point, day]``: something is wanted.
            just_in_time: Activities that get starts just in time beside their earliest ones.
            again: ``again[activity, day]``: further starts, where they are possible.
        """
        allowed = self._allowed()
        forward, early = self._forward(opening, allowed, again)
        allowed &= just_in_time[:, None]
        starts = forward | (self._backward(needs) & allowed & self._has_inputs(early))
        supplied = early | self._arrivals(starts)
        return EventGrid(starts & self._has_inputs(supplied), early, supplied)

    def _allowed(self) -> BoolArray:
        """Days on which an activity may start: working, in its window, inside the horizon, with capacity."""
        activities, posts, calendars = self._activities, self._activities.posts, self._calendars
        days = np.arange(calendars.days)
        working = calendars.next_working == days
        allowed = working[activities.start_calendar]
        allowed &= (days >= activities.first_day[:, None]) & (days <= activities.last_day[:, None])
        for group in self._outputs + self._inputs:
            arrival = calendars.move(group.calendar, days + group.offset)
            allowed[posts.activity[group.rows]] &= (arrival < NO_DAY) & (days + group.offset >= 0)
        uses = activities.uses
        for offset in np.unique(uses.offset):
            inside = (days + offset >= 0) & (days + offset < calendars.days)
            allowed[uses.activity[uses.offset == offset]] &= inside
        for offset, rows in self._limits_by_offset():
            day = np.clip(days + offset, 0, calendars.days - 1)
            interval = self._capacities.interval_of[uses.group[rows]][:, day]
            np.logical_and.at(allowed, uses.activity[rows], self._capacities.limit[interval] > 0)
        self._drop_ineffective(allowed, days)
        return np.asarray(allowed)

    def _limits_by_offset(self) -> list[tuple[int, IntArray]]:
        """Uses of enforced capacity, by their offset from the start."""
        offset = self._activities.uses.offset[self._limits]
        return [(int(value), self._limits[offset == value]) for value in np.unique(offset)]

    def _drop_ineffective(self, allowed: BoolArray, days: IntArray) -> None:
        """A way of making can only start on days on which its bill holds."""
        posts = self._activities.posts
        limited = (posts.quantity <= 0) & ((posts.first_start > 0) | (posts.last_start < NO_DAY))
        if not limited.any():
            return
        chosen = np.unique(posts.activity[limited])
        effective = np.zeros_like(allowed)
        takes = np.flatnonzero((posts.quantity <= 0) & np.isin(posts.activity, chosen))
        holds = (posts.first_start[takes, None] <= days) & (days <= posts.last_start[takes, None])
        np.logical_or.at(effective, posts.activity[takes], holds)
        allowed[chosen] &= effective[chosen]

    def _first_starts(self) -> BoolArray:
        """Starts that need no input event: the first day, changes of a bill, the begin of capacity intervals."""
        activities, uses, days = self._activities, self._activities.uses, self._calendars.days
        starts = np.zeros((len(activities), days), dtype=bool)
        possible = activities.first_day < days
        starts[possible, activities.first_day[possible]] = True
        posts = activities.posts
        for change in (posts.first_start, posts.last_start + 1):
            inside = (change > 0) & (change < days)
            starts[posts.activity[inside], change[inside]] = True
        if self._limits.size:
            begins = np.zeros((len(self._capacities.kind), days), dtype=bool)
            begins[self._capacities.group, self._capacities.start] = True
            for offset, rows in self._limits_by_offset():
                moved = project(begins[uses.group[rows]], np.arange(days) - offset)
                np.logical_or.at(starts, uses.activity[rows], moved)
        return self._on_working_days(starts)

    def _on_working_days(self, starts: BoolArray) -> BoolArray:
        """Move starts to the next working day of their calendar, none before the first day."""
        days = np.arange(self._calendars.days)
        for code in np.unique(self._activities.start_calendar):
            rows = self._activities.start_calendar == code
            starts[rows] = project(starts[rows], self._calendars.next_working[code])
        starts &= days >= self._activities.first_day[:, None]
        return starts

    def _forward(self, opening: BoolArray, allowed: BoolArray, again: BoolArray | None) -> tuple[BoolArray, BoolArray]:
        """Starts as soon as an input arrives, until nothing new arrives anywhere."""
        supplied = opening.copy()
        base = self._first_starts() if again is None else self._first_starts() | again
        while True:
            starts = self._on_working_days(base | self._input_events(supplied)) & allowed & self._has_inputs(supplied)
            arrived = supplied | self._arrivals(starts)
            if np.array_equal(arrived, supplied):
                return starts, supplied
            supplied = arrived

    def _input_events(self, supplied: BoolArray) -> BoolArray:
        """Start days that take an input on the day it arrives."""
        posts = self._activities.posts
        events = np.zeros((len(self._activities), self._calendars.days), dtype=bool)
        days = np.arange(self._calendars.days)
        for group in self._inputs:
            day_map = np.maximum(days - group.offset, 0)
            events[posts.activity[group.rows]] |= project(supplied[posts.point[group.rows]], day_map)
        return events

    def _has_inputs(self, supplied: BoolArray) -> BoolArray:
        """Start days by which every input from elsewhere has been supplied at least once."""
        posts, days = self._activities.posts, self._calendars.days
        possible = np.ones((len(self._activities), days), dtype=bool)
        first = np.where(supplied.any(axis=1), supplied.argmax(axis=1), NO_DAY)
        for group in self._first_inputs:
            taken = self._calendars.move(group.calendar, np.arange(days) + group.offset)
            holds = first[posts.point[group.rows], None] <= taken
            start = np.arange(days)
            holds |= (start < posts.first_start[group.rows, None]) | (start > posts.last_start[group.rows, None])
            possible[posts.activity[group.rows]] &= holds
        return possible

    def _arrivals(self, starts: BoolArray) -> BoolArray:
        """Days on which the outputs of some starts arrive."""
        posts, days = self._activities.posts, self._calendars.days
        arrived = np.zeros((len(self._points), days), dtype=bool)
        for group in self._outputs:
            day_map = self._calendars.move(group.calendar, np.arange(days) + group.offset)
            moved = project(starts[posts.activity[group.rows]], day_map)
            np.logical_or.at(arrived, posts.point[group.rows], moved)
        return arrived

    def _backward(self, needs: BoolArray) -> BoolArray:
        """Latest starts that still meet the needs, and the needs that these starts create."""
        posts, calendars = self._activities.posts, self._calendars
        latest = np.zeros((len(self._activities), calendars.days), dtype=bool)
        wanted = needs.copy()
        while True:
            for group in self._outputs:
                day_map = calendars.latest_starts(group.start_calendar, group.calendar, group.offset)
                latest[posts.activity[group.rows]] |= project(wanted[posts.point[group.rows]], day_map)
            latest &= np.arange(calendars.days) >= self._activities.first_day[:, None]
            grown = wanted.copy()
            for group in self._inputs:
                day_map = calendars.move(group.calendar, np.arange(calendars.days) + group.offset)
                moved = project(latest[posts.activity[group.rows]], day_map)
                np.logical_or.at(grown, posts.point[group.rows], moved)
            if np.array_equal(grown, wanted):
                return latest
            wanted = grown


def just_in_time_of(part: Activities, enforced: BoolArray, holding_cost: FloatArray) -> BoolArray:
    """Activities that get starts just in time; limited ones start with their intervals, unless stock costs money."""
    limited = np.zeros(len(part), dtype=bool)
    limited[part.uses.activity[enforced[part.uses.group]]] = True
    return np.asarray(~limited | (holding_cost[part.point] > 0))
