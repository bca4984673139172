"""Shares of a pool of supply, recomputed node by node: what each may have used up to every day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from firmdate.plan.certify_basis import FloatArray, IntArray


@dataclass(frozen=True)
class Share:
    """One row of ``allocations``: a percentage or a quantity (the other one is NaN), with the days of its period."""

    node: int
    start: int
    end: int
    percent: float
    quantity: float
    of_rest: bool


@dataclass(frozen=True)
class NodeTree:
    """The allocation tree: node above (-1 at the top), rank and protected part of each node."""

    parent: Sequence[int]
    rank: Sequence[int]
    protection: Sequence[float]

    def path(self, node: int) -> list[int]:
        """The node and all above it."""
        found = []
        while node >= 0:
            found.append(node)
            node = self.parent[node]
        return found


@dataclass
class PoolShares:
    """The supply of one pool, and what its nodes get of it.

    Args:
        tree: The nodes.
        shares: Rows that hold for the pool.
        supply: Day and units of everything that comes.
        days: Days of the events, ascending.
        units: Per event and node: units up to then; last what nobody has.
        rest: Per event and node: part of what better ranks leave; 0 where the share is of all supply.
    """

    tree: NodeTree
    shares: list[Share]
    supply: list[tuple[int, float]]
    days: list[int] = field(default_factory=list)
    units: list[list[float]] = field(default_factory=list)
    rest: list[list[float]] = field(default_factory=list)

    def compute(self) -> PoolShares:
        """Go through the events in time."""
        shares = [share for share in self.shares if share.end > 0]
        begins = {max(share.start, 0) for share in shares if not math.isnan(share.quantity)}
        self.days = sorted({day for day, _ in self.supply} | begins)
        size = len(self.tree.parent)
        have = [0.0] * (size + 1)
        used_up = [0.0] * len(shares)
        for day in self.days:
            come = sum(units for at, units in self.supply if at == day)
            now = [share for share in shares if share.start <= day < share.end and not math.isnan(share.percent)]
            percent = [math.nan] * size
            for share in now:
                percent[share.node] = share.percent
            have[size] += come - self._divide(have, percent, -1, come)
            self._fill_quantities(have, shares, used_up, day)
            self.units.append(list(have))
            self.rest.append([0.0] * size)
            for share in now:
                self.rest[-1][share.node] = share.percent / 100 if share.of_rest else 0.0
        for event in range(len(self.days) - 1, 0, -1):
            self.units[event - 1][size] = min(self.units[event - 1][size], self.units[event][size])
        return self

    def _below(self, node: int, percent: list[float]) -> list[int]:
        """The next nodes below a node that have a percentage."""
        found = []
        for child, above in enumerate(self.tree.parent):
            if above == node:
                found += self._below(child, percent) if math.isnan(percent[child]) else [child]
        return found

    def _divide(self, have: list[float], percent: list[float], node: int, units: float) -> float:
        """Give units to the nodes below a node; what they get."""
        below = self._below(node, percent)
        whole = max(100.0, sum(percent[child] for child in below))
        given = 0.0
        for child in below:
            part = units * percent[child] / whole
            have[child] += part - self._divide(have, percent, child, part)
            given += part
        return given

    def _fill_quantities(self, have: list[float], shares: list[Share], used_up: list[float], day: int) -> None:
        """Give what nobody has to the quantities that have begun, in proportion to what they still lack."""
        lack = [
            share.quantity - got if share.start <= day and not math.isnan(share.quantity) else 0.0
            for share, got in zip(shares, used_up, strict=True)
        ]
        total = sum(lack)
        part = min(1.0, have[-1] / total) if total > 0 else 0.0
        for position, share in enumerate(shares):
            used_up[position] += lack[position] * part
            have[share.node] += lack[position] * part
        have[-1] -= total * part

    def at(self, day: IntArray) -> tuple[FloatArray, FloatArray]:
        """Units and parts of the rest at the end of some days."""
        size = len(self.tree.parent)
        event = np.searchsorted(np.array(self.days), day, side="right")
        units = np.array([[0.0] * (size + 1), *self.units])
        rest = np.array([[0.0] * size, *self.rest])
        return units[event], rest[event]
