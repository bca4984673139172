"""Projected stock that nobody takes later."""

from __future__ import annotations

import numpy as np

from firmdate.network.horizon import FloatArray, IntArray
from firmdate.network.relations import ranges


class FreeStock:
    """Projected stock that nobody takes later."""

    def __init__(self, days: int, key: IntArray, change: FloatArray) -> None:
        """Changes of stock by ``point × days + day``."""
        self._days = days
        self._key, at = np.unique(key, return_inverse=True)
        total = np.bincount(at, weights=change, minlength=len(self._key))
        self._level = np.empty(0)
        if len(self._key):
            point = self._key // days
            first = np.append(True, point[1:] != point[:-1])
            running = np.cumsum(total)
            before = np.repeat((running - total)[first], np.diff(np.append(np.flatnonzero(first), len(point))))
            self._level = running - before

    def ready(self, point: int, day: int, least: float) -> int:
        """First day until a day from which on more than so many units stay until the end; -1 where there is none."""
        first, end = (int(at) for at in np.searchsorted(self._key, (point * self._days, (point + 1) * self._days)))
        stays = np.minimum.accumulate(self._level[first:end][::-1])[::-1]
        there = np.flatnonzero(stays > least)
        found = int(self._key[first + there[0]] % self._days) if len(there) else self._days
        return found if found <= day else -1

    def ready_many(self, point: IntArray, day: IntArray, least: FloatArray) -> IntArray:
        """:meth:`ready` for many points, days and quantities."""
        first = np.searchsorted(self._key, point * self._days)
        count = np.searchsorted(self._key, (point + 1) * self._days) - first
        at = ranges(first, count)
        query = np.repeat(np.arange(len(point)), count)
        # It stays from the change on that follows the last one which leaves too little.
        follows = first.copy()
        short = self._level[at] <= least[query]
        np.maximum.at(follows, query[short], at[short] + 1)
        there = np.append(self._key, 0)[follows] - point * self._days
        return np.where((follows < first + count) & (there <= day), there, -1)
