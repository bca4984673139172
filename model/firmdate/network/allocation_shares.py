"""What every node of the allocation tree gets of the existing supply, and when.

A pool is the existing supply of an item, of one location and what lies upstream of it, or of all locations together.
Percentages divide what comes in their period, from the top of the tree down; quantities are scaled down where the
supply does not cover them, and made up for by what comes later. What a node has not used stays its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.data.planning_data import PlanningData
from firmdate.network.catalog import encode
from firmdate.network.horizon import BoolArray, FloatArray, Horizon, IntArray

EXACT = 1e-9
"""Units, and parts of one, that are noise of sums."""


@dataclass(frozen=True)
class Tree:
    """The allocation tree; nodes are numbered in alphabetical order.

    Args:
        names: Ids of the nodes.
        parent: Node above, -1 at the top.
        depth: Nodes above it.
        rank: Lower ranks come first.
        protection: Part of its share, from 0 to 1, that nodes of better rank cannot take.
    """

    names: pd.Index
    parent: IntArray
    depth: IntArray
    rank: IntArray
    protection: FloatArray

    def __len__(self) -> int:
        return len(self.names)

    def downward(self) -> list[int]:
        """All nodes, parents first."""
        return [int(node) for node in np.argsort(self.depth, kind="stable")]

    def above(self) -> BoolArray:
        """``above[node, other]``: the other one is the node itself or lies above it."""
        above = np.eye(len(self), dtype=bool)
        for node in self.downward():
            if self.parent[node] >= 0:
                above[node] |= above[self.parent[node]]
        return above


def read_tree(data: PlanningData) -> Tree:
    """The nodes of the table, or all that are used where there is none."""
    frame = data["allocation_nodes"]
    used: set[str] = set()
    for column in (frame["node"], frame["parent"], data["allocations"]["node"], data["demands"]["allocation_node"]):
        used.update(str(name) for name in column.cat.categories)
    names = pd.Index(sorted(used), dtype=object)
    parent, rank = np.full(len(names), -1), np.ones(len(names), dtype=np.int64)
    protection = np.ones(len(names))
    rows = encode(frame["node"], names)
    parent[rows] = encode(frame["parent"], names)
    rank[rows] = frame["rank"]
    protection[rows] = frame["protection"].to_numpy(np.float64) / 100.0
    depth, above = np.zeros(len(names), dtype=np.int64), parent.copy()
    while (above >= 0).any():
        depth[above >= 0] += 1
        above = np.where(above >= 0, parent[above], -1)
    return Tree(names, parent, depth, rank, protection)


@dataclass(frozen=True)
class ShareRows:
    """Rows of ``allocations``, repeated for every pool that they are about.

    Args:
        pool: Pool.
        node: Node.
        start: First day of the period; may lie before the planning date.
        end: Day after its last day.
        percent: Percentage, NaN where the row is a quantity.
        quantity: Units, NaN where it is a percentage.
        of_rest: True where the percentage is of what nodes of better rank leave.
    """

    pool: IntArray
    node: IntArray
    start: IntArray
    end: IntArray
    percent: FloatArray
    quantity: FloatArray
    of_rest: BoolArray

    def take(self, rows: IntArray | BoolArray, pool: IntArray | None = None) -> ShareRows:
        """Some of the rows, for other pools where given."""
        return ShareRows(
            pool=self.pool[rows] if pool is None else pool,
            node=self.node[rows],
            start=self.start[rows],
            end=self.end[rows],
            percent=self.percent[rows],
            quantity=self.quantity[rows],
            of_rest=self.of_rest[rows],
        )


def read_share_rows(table: pd.DataFrame, tree: Tree, horizon: Horizon) -> ShareRows:
    """The table with numbers for ids and dates; its pools are not known yet."""
    return ShareRows(
        pool=np.full(len(table), -1),
        node=encode(table["node"], tree.names),
        start=horizon.day_of(table["start"]),
        end=horizon.day_of(table["end"]),
        percent=table["percent"].to_numpy(np.float64),
        quantity=table["quantity"].to_numpy(np.float64),
        of_rest=(table["percent_of"].astype(object) == "remaining").to_numpy(dtype=bool),
    )


@dataclass(frozen=True)
class Amounts:
    """Shares after every event of every pool, sorted by pool and day.

    Args:
        pool: Pool of each event.
        day: Day on which supply comes or a period begins.
        units: ``units[event, node]``: what the node has got up to then; the last column is what nobody has.
        of_rest: ``of_rest[event, node]``: part, from 0 to 1, of what nodes of better rank leave; 0 without such a rule.
    """

    pool: IntArray
    day: IntArray
    units: FloatArray
    of_rest: FloatArray


def allocate(tree: Tree, rows: ShareRows, supply: tuple[IntArray, IntArray, FloatArray], whole: BoolArray) -> Amounts:
    """Divide the supply of all pools.

    Args:
        tree: The nodes.
        rows: Their shares.
        supply: Pool, day and units of what comes.
        whole: Per pool: only whole units move, so shares are whole numbers; the rest goes by largest fraction.
    """
    begins = rows.take(~np.isnan(rows.quantity))
    width = np.int64(2**31)
    keys = np.unique(np.concatenate([supply[0] * width + supply[1], begins.pool * width + np.maximum(begins.start, 0)]))
    pool, day = keys // width, keys % width
    come = np.zeros(len(keys))
    np.add.at(come, np.searchsorted(keys, supply[0] * width + supply[1]), supply[2])
    first = np.searchsorted(pool, pool)
    nth = np.arange(len(pool)) - first
    units, of_rest = np.zeros((len(keys), len(tree) + 1)), np.zeros((len(keys), len(tree)))
    state = _Division(tree, rows, len(whole), whole)
    for step in range(int(nth.max(initial=-1)) + 1):
        at = np.flatnonzero(nth == step)
        units[at], of_rest[at] = state.go_on(pool[at], day[at], come[at])
    # What is free now but allocated to a later period is not free.
    for step in range(int(nth.max(initial=-1)), 0, -1):
        at = np.flatnonzero(nth == step)
        units[at - 1, -1] = np.minimum(units[at - 1, -1], units[at, -1])
    return Amounts(pool, day, units, of_rest)


class _Division:
    """Divides supply step by step, in all pools at once."""

    def __init__(self, tree: Tree, rows: ShareRows, pools: int, whole: BoolArray) -> None:
        self._tree, self._rows, self._whole = tree, rows, whole
        self._exact = np.zeros((pools, len(tree) + 1))
        self._given = np.zeros((pools, len(tree) + 1))
        self._by_quantity = np.zeros((pools, len(tree)))

    def go_on(self, pool: IntArray, day: IntArray, come: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The next event of some pools: what every node has then, and the parts that are of the rest."""
        rows = self._rows
        day_of = np.full(len(self._whole), -1)
        day_of[pool] = day
        at = np.full(len(self._whole), -1)
        at[pool] = np.arange(len(pool))
        today = day_of[rows.pool]
        holds = (today >= 0) & (rows.start <= today) & (today < rows.end)
        percent, of_rest = np.full((len(pool), len(self._tree)), np.nan), np.zeros((len(pool), len(self._tree)))
        now = rows.take(holds & ~np.isnan(rows.percent))
        percent[at[now.pool], now.node] = now.percent
        of_rest[at[now.pool], now.node] = np.where(now.of_rest, now.percent / 100.0, 0.0)
        exact = self._exact[pool] + _own_parts(self._tree, percent) * come[:, None]
        asked = np.zeros((len(pool), len(self._tree)))
        begun = rows.take((today >= 0) & (rows.start <= today) & ~np.isnan(rows.quantity))
        np.add.at(asked, (at[begun.pool], begun.node), begun.quantity)
        asked -= self._by_quantity[pool]
        total = asked.sum(axis=1)
        scale = np.minimum(1.0, exact[:, -1] / np.maximum(total, EXACT))
        got = asked * scale[:, None]
        exact[:, :-1] += got
        exact[:, -1] -= got.sum(axis=1)
        self._by_quantity[pool] += got
        self._exact[pool] = exact
        given = np.where(self._whole[pool, None], _whole_parts(exact, self._given[pool]), exact)
        self._given[pool] = given
        return given, of_rest


def _own_parts(tree: Tree, percent: FloatArray) -> FloatArray:
    """Parts of the supply that nodes keep for themselves, then the part that nobody gets.

    A percentage is of what the next node above with a percentage gets. Where they add up to more than 100, they are
    scaled down to it.

    Args:
        tree: The nodes.
        percent: ``percent[pool, node]``, NaN without one.
    """
    pools, nodes = percent.shape
    every, has = np.arange(pools), ~np.isnan(percent)
    top = np.full((pools, nodes), nodes)
    total, part = np.zeros((pools, nodes + 1)), np.zeros((pools, nodes + 1))
    part[:, nodes] = 1.0
    order = tree.downward()
    for node in order:
        above = int(tree.parent[node])
        if above >= 0:
            top[:, node] = np.where(has[:, above], above, top[:, above])
        total[every, top[:, node]] += np.where(has[:, node], percent[:, node], 0.0)
    for node in order:
        above_part = part[every, top[:, node]] / np.maximum(total[every, top[:, node]], 100.0)
        part[:, node] = np.where(has[:, node], percent[:, node] * above_part, 0.0)
    return np.asarray(part * (1.0 - np.minimum(total, 100.0) / 100.0))


def _whole_parts(exact: FloatArray, before: FloatArray) -> FloatArray:
    """Whole units near the exact shares, none below what was given before; the rest goes by largest fraction.

    >>> _whole_parts(np.array([[33.4, 33.3, 33.3]]), np.zeros((1, 3)))
    array([[34., 33., 33.]])
    """
    total = np.floor(exact.sum(axis=1) + EXACT)
    least = before.copy()
    least[:, -1] = 0.0
    given = np.maximum(np.floor(exact + EXACT), least)
    spare = total - given.sum(axis=1)
    fraction = exact - given
    # Largest fractions first get one more; where earlier shares were rounded up, the smallest ones get one less.
    up = np.argsort(np.argsort(-fraction, axis=1, kind="stable"), axis=1) < spare[:, None]
    down_from = np.where(given > least, fraction, np.inf)
    down = np.argsort(np.argsort(down_from, axis=1, kind="stable"), axis=1) < -spare[:, None]
    return np.asarray(given + up - (down & (given > least)))
