"""Whole units of a stocking point are dealt to its lines again, the best tier first.

Rounding delays supply here and there, and whoever waits for it is late, also a line of the best tier; a line of a lower
tier that was served before may have what that line needs. Once it is known what arrives in whole units and when, the
units that a stocking point delivers are dealt again: tier by tier, each line in the order of due dates gets the latest
units that are still in time, so that earlier ones stay for others, else the first ones there are. That is the least
lateness of the best tier, then of the next one, with the supply of that point.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

import numpy as np

from firmdate.network.activities import ActivityKind
from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.network.relations import distinct_rows

CHANGE = 1e-6
"""Late unit-days below which nothing is gained."""


@dataclass(frozen=True)
class _Due:
    """Units that become due at a stocking point, the best tier first, then by due date.

    Args:
        level: Level of the objective.
        day: Due date.
        cohort: Whose units these are.
        units: How many.
    """

    level: list[int]
    day: list[int]
    cohort: list[int]
    units: list[float]


def dealt_again(network: Network, deliver: FloatArray, chosen: BoolArray) -> FloatArray:
    """Deliveries of the same units of every stocking point, not earlier, which serve the better tiers better.

    Stocking points are left alone where a line has a rule of its own, where lines of a tier differ in more than their
    due date, and where supply is shared or labelled.

    Args:
        network: What is planned.
        deliver: Units per delivery, whole where ``chosen``.
        chosen: Deliveries that may change.
    """
    classes, deliveries = network.classes, network.deliveries
    if not chosen.any() or len(np.unique(classes.level)) < 2 or len(network.fair_shares):
        return deliver
    point = _only_point(network, chosen)
    dealer = _Dealer(network)
    dealt = deliver.copy()
    of_point = point[deliveries.of_class]
    order = np.argsort(of_point, kind="stable")
    order = order[of_point[order] >= 0]
    for rows in np.split(order, np.flatnonzero(np.diff(of_point[order])) + 1):
        own = dealer.deal(rows, dealt[rows])
        if own is not None:
            dealt[rows] = own
    return dealt


def _only_point(network: Network, chosen: BoolArray) -> IntArray:
    """Per class the stocking point whose stock serves it and that may be dealt again; -1 where there is none."""
    classes, deliveries, lines = network.classes, network.deliveries, network.lines
    of_class, stocked = deliveries.of_class, deliveries.node >= 0
    free = chosen & stocked & (deliveries.day == deliveries.ship_day)
    free &= np.append(network.nodes.point, -1)[deliveries.node] == classes.point[of_class]
    plain = np.bincount(of_class[~free], minlength=len(classes)) == 0
    plain &= ~classes.whole & (classes.minimum <= 0) & (classes.ship_set < 0) & (classes.node < 0) & ~classes.kept
    plain &= (classes.commit_day == NO_DAY) & (classes.previous_day == NO_DAY) & (classes.penalty == 0)
    plain &= ~lines.split_by_rule[classes.some_line] & ~classes.mixed
    spoilt = np.zeros(len(network.points), dtype=bool)
    spoilt[classes.point[~plain]] = True
    spoilt[_with_several_priorities(network)] = True
    # What a substitute fills is taken on the same day or stays what it was.
    spoilt[network.activities.point[network.activities.kind >= ActivityKind.SUBSTITUTION]] = True
    return np.where(spoilt[classes.point], -1, classes.point)


def _with_several_priorities(network: Network) -> IntArray:
    """Stocking points where lines of one tier differ in priority."""
    classes = network.classes
    kinds, _ = distinct_rows(np.stack([classes.point, classes.level, classes.priority], axis=1))
    same = (kinds[1:, :2] == kinds[:-1, :2]).all(axis=1)
    return np.asarray(kinds[1:][same, 0], dtype=np.int64)


class _Dealer:
    """Deals the units of one stocking point after the other."""

    def __init__(self, network: Network) -> None:
        self._network, self._unfilled = network, network.horizon.unfilled_day
        self._cohort, self._first_row = network.backlog.cohort, network.backlog.first_row

    def deal(self, rows: IntArray, units: FloatArray) -> FloatArray | None:
        """Units of some deliveries dealt again; None where that is no better.

        Args:
            rows: All deliveries of a stocking point.
            units: Units of each of them.
        """
        deliveries = self._network.deliveries
        cohort, day = self._cohort[deliveries.backlog[rows]], deliveries.day[rows]
        if not len(rows) or ((np.diff(cohort) < 0) | (np.diff(cohort) == 0) & (np.diff(day) <= 0)).any():
            return None  # nothing, or two ways to the same line
        cohorts, first = np.unique(cohort, return_index=True)
        ends = [*first[1:].tolist(), len(rows)]
        spans = {own: (start, end) for own, start, end in zip(cohorts.tolist(), first.tolist(), ends, strict=True)}
        due, days = self._due(cohorts), day.tolist()
        now, later = self._lateness(due, spans, day, units), dict.fromkeys(due.level, 0.0)
        dealt, left = np.zeros(len(rows)), _Units(day, units)
        for level, wanted, own, count in zip(due.level, due.day, due.cohort, due.units, strict=True):
            for available, taken in left.take(wanted, count):
                at = bisect_left(days, max(available, wanted), *spans[own])
                if at == spans[own][1]:
                    return None
                dealt[at] += taken
                later[level] += taken * (days[at] - wanted)
                count -= taken  # noqa: PLW2901
            later[level] += count * (self._unfilled - wanted)
        gains = [now[level] - later[level] for level in sorted(now)]
        best = next((gain for gain in gains if abs(gain) > CHANGE), 0.0)
        return dealt if best > 0 else None

    def _due(self, cohorts: IntArray) -> _Due:
        rows = self._network.backlog
        own = np.concatenate([np.arange(self._first_row[one], self._first_row[one + 1]) for one in cohorts.tolist()])
        own = own[rows.newly_due[own] > 0]
        level = self._network.classes.level[rows.of_class[own]]
        order = np.lexsort((self._cohort[own], rows.day[own], level))
        own = own[order]
        return _Due(
            level[order].tolist(), rows.day[own].tolist(), self._cohort[own].tolist(), rows.newly_due[own].tolist()
        )

    def _lateness(
        self, due: _Due, spans: dict[int, tuple[int, int]], day: IntArray, units: FloatArray
    ) -> dict[int, float]:
        """Late unit-days by level: within a cohort the first units are for those who are due first."""
        late = dict.fromkeys(due.level, 0.0)
        left = {own: _Units(day[start:end], units[start:end]) for own, (start, end) in spans.items()}
        for level, wanted, own, count in zip(due.level, due.day, due.cohort, due.units, strict=True):
            for available, taken in left[own].take_first(count):
                late[level] += taken * max(available - wanted, 0)
                count -= taken  # noqa: PLW2901
            late[level] += count * (self._unfilled - wanted)
        return late


class _Units:
    """Units by day."""

    def __init__(self, day: IntArray, units: FloatArray) -> None:
        days, at = np.unique(day[units > 0], return_inverse=True)
        self._days: list[int] = days.tolist()
        self._units: list[float] = np.bincount(at.reshape(-1), weights=units[units > 0], minlength=len(days)).tolist()

    def take(self, wanted: int, count: float) -> list[tuple[int, float]]:
        """Up to so many units: the latest until a day, then the first after it; day and units of each part."""
        taken = []
        while count > 0 and self._days:
            before = bisect_right(self._days, wanted)
            taken.append(self._take(before - 1 if before else 0, count))
            count -= taken[-1][1]
        return taken

    def take_first(self, count: float) -> list[tuple[int, float]]:
        """Up to so many of the first units."""
        taken = []
        while count > 0 and self._days:
            taken.append(self._take(0, count))
            count -= taken[-1][1]
        return taken

    def _take(self, at: int, count: float) -> tuple[int, float]:
        day, units = self._days[at], min(self._units[at], count)
        self._units[at] -= units
        if self._units[at] <= 0:
            del self._days[at], self._units[at]
        return day, units
