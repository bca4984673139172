"""Commitments and winners after rounding: what whole units have taken from them is given back.

The linear program keeps them; making whole units of its flows may serve a line of a better tier first. Units of one
stocking point are alike, so a line that is late against its commitment takes those that others got in time, and
they get its later ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.network import Network

NOISE = 1e-6

Shipped = tuple[IntArray, IntArray, FloatArray]
"""Line, day and units of schedule lines."""


@dataclass(frozen=True)
class _Claims:
    """Who comes first, per line.

    Args:
        rank: 0 committed, 1 winner, 2 all others; -1 for lines that neither claim nor give.
        day: Day by which the line claims its quantity.
        wanted: Units that it claims.
    """

    rank: IntArray
    day: IntArray
    wanted: FloatArray


def keep_precedence(network: Network, shipped: Shipped) -> Shipped:
    """Give committed lines and winners what lines without such a claim got in time.

    Args:
        network: What was planned.
        shipped: Schedule lines without reserved stock.
    """
    if network.rules.requests is None:
        return shipped
    claims = _claims(network)
    line, day, quantity = shipped
    in_time = np.bincount(line, weights=np.where(day <= claims.day[line], quantity, 0.0), minlength=len(claims.rank))
    short = (claims.rank >= 0) & (claims.rank < 2) & (claims.wanted - in_time > NOISE)
    short &= (network.lines.first_day <= claims.day) & (claims.day < network.horizon.days)
    if not short.any():
        return shipped
    found = _Exchange(network, claims, shipped)
    for row in np.flatnonzero(short)[np.argsort(claims.rank[short], kind="stable")].tolist():
        found.serve(row, float(claims.wanted[row] - in_time[row]))
    return found.finish()


def _claims(network: Network) -> _Claims:
    lines = network.lines
    parts, count = lines.parts, len(lines)
    pieces = np.bincount(parts.line, minlength=count)
    commit = np.full(count, NO_DAY)
    commit[parts.line] = parts.commit_day
    kept = np.zeros(count, dtype=bool)
    kept[parts.line] = parts.kept
    free = _exchangeable(network)
    rank = np.where(commit != NO_DAY, 0, np.where(lines.winner, 1, 2))
    rank[~free | kept | (pieces != 1)] = -1
    calendar = network.catalog.shipping_of(lines.key)
    on_time = np.maximum(lines.due_day, network.calendars.move(calendar, lines.first_day))
    wanted = np.bincount(parts.line, weights=parts.quantity, minlength=count).astype(np.float64)
    return _Claims(rank, np.where(commit != NO_DAY, commit, on_time), wanted)


def _exchangeable(network: Network) -> BoolArray:
    """Lines without shipping rules, latest dates and reserved stock, whose supply has no shares and no substitutes."""
    lines, classes = network.lines, network.classes
    free = ~lines.split_by_rule & (lines.last_day == NO_DAY) & (lines.reserved <= 0) & lines.planned
    free &= lines.frame["ship_set"].isna().to_numpy()
    free &= lines.served_key == lines.key
    free[classes.line[network.allocation.class_group[classes.line_class] >= 0]] = False
    return np.asarray(free & (lines.frame["kind"].astype(object) == "order").to_numpy())


class _Exchange:
    """Schedule lines while units change hands."""

    def __init__(self, network: Network, claims: _Claims, shipped: Shipped) -> None:
        self._claims, self._lines = claims, network.lines
        self._line, self._day, self._quantity = (column.copy() for column in shipped)
        self._more: list[tuple[int, int, float]] = []

    def serve(self, row: int, missing: float) -> None:
        """Take what a line lacks from lines of the same stocking point that come after it."""
        lines, claims = self._lines, self._claims
        giver = (claims.rank[self._line] > claims.rank[row]) & (lines.key[self._line] == lines.key[row])
        giver &= (self._day >= lines.first_day[row]) & (self._day <= claims.day[row]) & (self._quantity > NOISE)
        rows = np.flatnonzero(giver)
        # The last to be served gives first.
        order = np.lexsort((-self._line[rows], -lines.level[self._line[rows]]))
        for at in rows[order].tolist():
            units = min(missing, float(self._quantity[at]))
            if units <= NOISE:
                break
            self._quantity[at] -= units
            self._more.append((row, int(self._day[at]), units))
            self._pass_on(row, int(self._line[at]), units)
            missing -= units

    def _pass_on(self, row: int, other: int, units: float) -> None:
        """Give the later units of a line to another one."""
        own = np.flatnonzero((self._line == row) & (self._day > self._claims.day[row]) & (self._quantity > NOISE))
        for at in own[np.argsort(self._day[own])].tolist():
            given = min(units, float(self._quantity[at]))
            if given <= NOISE:
                break
            self._quantity[at] -= given
            self._more.append((other, int(self._day[at]), given))
            units -= given

    def finish(self) -> Shipped:
        """The schedule lines that are left."""
        more = np.array(self._more, dtype=np.float64).reshape(-1, 3)
        line = np.concatenate([self._line, more[:, 0].astype(np.int64)])
        day = np.concatenate([self._day, more[:, 1].astype(np.int64)])
        quantity = np.concatenate([self._quantity, more[:, 2]])
        some = quantity > NOISE
        return line[some], day[some], quantity[some]
