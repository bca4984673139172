"""Time in steps: one time step of a case is one day of the planning data.

So hours are exact although Firmdate plans in days. A duration is rounded up to whole steps.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from peer.case import Buy, Case, Make, Step, Transfer

MOST_STEPS = 20_000
"""A finer grid than this many steps is not used."""

_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Grid:
    """The steps of a case.

    Args:
        start: Point in time of step 0.
        step: Length of one step.
        steps: Number of steps; a delivery at the very end of the horizon still counts.
    """

    start: datetime
    step: timedelta
    steps: int

    @property
    def first_date(self) -> date:
        """The planning date that stands for step 0."""
        return self.start.date()

    @property
    def hours(self) -> float:
        """Hours of one step."""
        return self.step / timedelta(hours=1)

    def at_or_after(self, moment: datetime) -> int:
        """The first step that does not begin before a point in time; it may be negative."""
        return math.ceil((moment - self.start) / self.step - _TOLERANCE)

    def at_or_before(self, moment: datetime) -> int:
        """The last step that does not begin after a point in time."""
        return math.floor((moment - self.start) / self.step + _TOLERANCE)

    def whole_steps(self, days: float) -> int:
        """A duration in days, rounded up to steps (away from zero when it is negative)."""
        steps = days * timedelta(days=1) / self.step
        return math.ceil(steps - _TOLERANCE) if steps >= 0 else math.floor(steps + _TOLERANCE)

    def planning_date(self, step: int) -> str:
        """The planning date, as text, that stands for a step."""
        return (self.first_date + timedelta(days=step)).isoformat()

    def step_of(self, day: date) -> int:
        """The step that a planning date stands for."""
        return (day - self.first_date).days

    def moment(self, step: int) -> datetime:
        """The point in time at which a step begins."""
        return self.start + step * self.step


def choose_grid(case: Case) -> tuple[Grid, list[str]]:
    """The step of the case, or a finer one when a date falls between its steps.

    Returns:
        The grid, and a warning when dates had to be rounded because the finer grid would be too fine.
    """
    seconds = round(case.step_hours * 3600)
    last = max([case.end, *(day for rows in (case.expected or {}).values() for day, _ in rows)])
    finest = math.gcd(seconds, *(round((moment - case.start).total_seconds()) for moment in _moments(case)))
    span = (last - case.start).total_seconds()
    warnings = []
    if span / finest > MOST_STEPS:
        warnings.append(
            f"dates fall on steps of {finest / 3600:g} h; planned in steps of {case.step_hours:g} h, so due dates are"
            " rounded down and supply dates up"
        )
        finest = seconds
    return Grid(case.start, timedelta(seconds=finest), math.ceil(span / finest - _TOLERANCE) + 1), warnings


def _moments(case: Case) -> Iterable[datetime]:
    """Every point in time that matters for when something can happen."""
    yield from (demand.due for demand in case.demands)
    yield from (movement.date for movement in (*case.receipts, *case.issues))
    yield from (moment for periods in case.non_working.values() for period in periods for moment in period)
    yield from (step.start for resource in case.resources for step in resource.capacity if step.start)
    activities: tuple[Buy | Transfer | Make, ...] = (*case.buys, *case.transfers, *case.makes)
    for activity in activities:
        yield from (moment for moment in (activity.validity.first, activity.validity.last) if moment)


class Calendars:
    """Which steps are worked in each calendar of a case."""

    def __init__(self, periods: Mapping[str, tuple[tuple[datetime, datetime], ...]], grid: Grid) -> None:
        self._steps = grid.steps
        self._closed = {
            name: {
                step
                for start, end in intervals
                for step in range(max(grid.at_or_before(start), 0), min(grid.at_or_after(end), grid.steps))
            }
            for name, intervals in periods.items()
        }

    def has(self, name: str) -> bool:
        """True when the case has such a calendar."""
        return name in self._closed

    def windows(self, name: str | None, duration: int) -> list[tuple[int, int, int]]:
        """When something of so many working steps can start, and how long it then takes.

        Returns:
            Rows of first start, start after the last, and length in steps including the closed ones.
        """
        closed = self._closed.get(name or "", set())
        if not closed:
            return [(0, self._steps, duration)]
        worked = [step for step in range(self._steps) if step not in closed]
        rows: list[tuple[int, int, int]] = []
        for at, step in enumerate(worked):
            end = self._end(worked, at, duration)
            if end is None:
                break
            length = end - step
            if rows and rows[-1][1] == step and rows[-1][2] == length:
                rows[-1] = (rows[-1][0], step + 1, length)
            else:
                rows.append((step, step + 1, length))
        return rows

    @staticmethod
    def _end(worked: list[int], at: int, duration: int) -> int | None:
        """The step at which a start on ``worked[at]`` is finished; None when that is after the horizon."""
        if duration == 0:
            return worked[at]
        last = at + duration - 1
        return worked[last] + 1 if last < len(worked) else None


def pieces(steps: tuple[Step, ...], grid: Grid) -> list[tuple[int, int, float]]:
    """The constant pieces of a stepwise value up to the end of the horizon: first step, step after the last, value.

    A piece that begins before the horizon keeps its (negative) first step. Before the first date the value is 0.
    """
    starts = [0 if step.start is None else grid.at_or_after(step.start) for step in steps]
    ordered = sorted(zip(starts, (step.value for step in steps), strict=True))
    ends = [start for start, _ in ordered[1:]] + [grid.steps]
    return [
        (start, min(end, grid.steps), value)
        for (start, value), end in zip(ordered, ends, strict=True)
        if max(start, 0) < min(end, grid.steps)
    ]
