"""Scales of charts: round numbers upward, dates along."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Days = npt.NDArray[np.datetime64]

BY_DAY, BY_WEEK = 45, 400
"""A time axis of at most so many days has a bar a day, or a bar a week; a longer one has a bar a month."""
DATE_LABELS = 8


@dataclass(frozen=True)
class Tick:
    """A mark of an axis.

    Args:
        at: Position in percent of the axis, from the left or from the bottom.
        text: What stands there.
        minor: True where it is left out when there is little room.
        middle: True where the text stands below the position and not to the right of it.
    """

    at: float
    text: str
    minor: bool = False
    middle: bool = False


@dataclass(frozen=True)
class Buckets:
    """Dates in groups of a day, a week (from Monday) or a month.

    Args:
        edges: First day of every group, and the day after the last one.
        unit: ``day``, ``week`` or ``month``.
    """

    edges: Days
    unit: str

    def __len__(self) -> int:
        return len(self.edges) - 1

    def of(self, dates: pd.Series) -> npt.NDArray[np.int64]:
        """Group of each date, the first or last one for dates beyond; -1 where there is no date."""
        days = dates.to_numpy().astype("datetime64[D]")
        at = np.clip(np.searchsorted(self.edges, days, side="right") - 1, 0, len(self) - 1)
        return np.where(np.isnat(days), -1, at).astype(np.int64)

    def count(self, dates: pd.Series, weights: npt.NDArray[np.float64] | None = None) -> npt.NDArray[np.float64]:
        """Number (or weight) of the dates in each group."""
        at = self.of(dates)
        known = at >= 0
        weight = None if weights is None else weights[known]
        return np.bincount(at[known], weights=weight, minlength=len(self)).astype(np.float64)

    @property
    def names(self) -> list[str]:
        """First day of each group as text."""
        return [str(day) for day in self.edges[:-1]]


def buckets(first: np.datetime64, last: np.datetime64) -> Buckets:
    """Groups that cover the days from ``first`` to ``last``."""
    start, end = first.astype("datetime64[D]"), last.astype("datetime64[D]")
    days = int((end - start).astype(int)) + 1
    if days <= BY_DAY:
        return Buckets(np.arange(start, end + np.timedelta64(2, "D")), "day")
    if days <= BY_WEEK:
        monday = start - np.timedelta64((int(start.astype(int)) + 3) % 7, "D")
        weeks = -(-int((end - monday).astype(int) + 1) // 7)
        return Buckets(monday + np.arange(weeks + 1) * np.timedelta64(7, "D"), "week")
    months = np.arange(start.astype("datetime64[M]"), end.astype("datetime64[M]") + np.timedelta64(2, "M"))
    return Buckets(months.astype("datetime64[D]"), "month")


def date_ticks(first: np.datetime64, last: np.datetime64) -> list[Tick]:
    """A few dates along an axis that goes from ``first`` to ``last`` (the day after what is shown)."""
    start, end = first.astype("datetime64[D]"), last.astype("datetime64[D]")
    days = max(int((end - start).astype(int)), 1)
    step = next(
        (step for step in (1, 2, 7, 14, 28, 56, 91, 182, 364, 728) if days / step <= DATE_LABELS), max(days // 6, 1)
    )
    at = range(0, days, step)
    shown = [day for day in at if day == 0 or day / days < 0.9]
    dates = [str(start + np.timedelta64(day, "D")) for day in shown]
    # The year stands only where it begins.
    texts = [date if date[:4] != before[:4] else date[5:] for date, before in zip(dates, ["", *dates], strict=False)]
    return [
        Tick(round(100 * day / days, 2), text, minor=number % 2 == 1)
        for number, (day, text) in enumerate(zip(shown, texts, strict=True))
    ]


def number_ticks(highest: float, *, whole: bool = False) -> tuple[float, list[Tick]]:
    """The top of an axis that begins at zero, and its marks.

    Args:
        highest: Largest value that is drawn.
        whole: True where fractions make no sense.

    >>> top, ticks = number_ticks(37)
    >>> top, [tick.text for tick in ticks]
    (40.0, ['0', '20', '40'])
    """
    if not highest > 0:
        return 1.0, [Tick(0.0, "0")]
    rough = highest / 3
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    if whole:
        step = max(math.ceil(step), 1)
    count = math.ceil(highest / step - 1e-9)
    top = count * step
    return float(top), [Tick(round(100 * at / count, 2), short(at * step)) for at in range(count + 1)]


def short(value: float) -> str:
    """A number in few characters.

    >>> [short(value) for value in (0, 0.25, 12.5, 1500, 2_000_000)]
    ['0', '0.25', '12.5', '1.5k', '2M']
    """
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.4g}{unit}"
    return f"{value:.4g}"
