"""From shares to the rows of the model: what is used is counted per bucket, the days from one growth to the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.activities import Activities, ActivityKind
from firmdate.network.allocation import ABOVE, NEW, NEW_SUPPLY, NOBODY, OWN, STOLEN, UNALLOCATED, Allocation, Pools
from firmdate.network.allocation_shares import EXACT, Tree
from firmdate.network.contract import Routes
from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.network.network import Deliveries, Nodes, StartPairs, Starts
from firmdate.network.relations import pairs


@dataclass(frozen=True)
class _Buckets:
    """Pool and first day of every bucket, sorted; the last bucket of a pool lasts to the end of the horizon."""

    pool: IntArray
    day: IntArray
    key: IntArray
    days: int

    def at(self, pool: IntArray, day: IntArray) -> IntArray:
        """The bucket of some days."""
        return np.searchsorted(self.key, pool * self.days + day, side="right") - 1


@dataclass(frozen=True)
class _Sources:
    """Source × bucket, sorted by source and day; sources by pool and node (:data:`NEW`, :data:`NOBODY` first)."""

    pool: IntArray
    node: IntArray
    bucket: IntArray
    units: FloatArray
    previous: IntArray


@dataclass(frozen=True)
class SupplyRows:
    """Supply in the rows of the network: activities, their starts, what they post, and nodes."""

    activities: Activities
    starts: Starts
    posts: StartPairs
    nodes: Nodes


def expand_allocation(
    pools: Pools, supply: SupplyRows, routes: Routes, deliveries: Deliveries, whole: BoolArray, days: int
) -> Allocation:
    """The rows and columns of the allocation, from the rows of the network.

    Args:
        pools: Pools and groups.
        supply: Activities, starts, postings and nodes.
        routes: How lines are served.
        deliveries: Classes by delivery date.
        whole: Per stocking point: only whole units move.
        days: Length of the horizon.
    """
    posts = supply.posts
    fresh_pool, fresh_post = _fresh_posts(pools, supply)
    fresh_day = supply.nodes.day[posts.target[fresh_post]]
    buckets, has_fresh = _buckets(pools, fresh_pool, fresh_day, days)
    sources = _sources(pools, buckets, np.unique(pools.group_pool), has_fresh)
    group = pools.class_group[deliveries.of_class]
    from_stock = np.flatnonzero((group >= 0) & (routes.order[deliveries.route] < 0))
    at = buckets.at(pools.group_pool[group[from_stock]], deliveries.day[from_stock])
    width = max(len(buckets.key), 1)
    row_key, row_of = np.unique(group[from_stock] * width + at, return_inverse=True)
    row_group, row_bucket = row_key // width, row_key % width
    kinds = _Kinds(pools)
    row, source = pairs(row_bucket, sources.bucket)
    kind, points = kinds.of(row_group[row], sources.node[source])
    usable = kind >= 0
    bought = np.flatnonzero((group >= 0) & (routes.order[deliveries.route] >= 0))
    fresh_source = _source_at(sources, np.full(len(fresh_pool), NEW), buckets.at(fresh_pool, fresh_day))
    rest, rest_part, rest_least, rest_other = _rest(pools, buckets, sources)
    return Allocation(
        names=pools.tree.names,
        class_group=pools.class_group,
        row_group=row_group,
        row_day=buckets.day[row_bucket],
        row_delivery=(np.asarray(row_of).reshape(-1), from_stock),
        source_node=sources.node,
        source_day=buckets.day[sources.bucket],
        previous=sources.previous,
        grows=_growth(sources, sources.units),
        open_grows=_growth(sources, _open_units(pools, sources, whole)),
        fresh=(fresh_source, posts.start[fresh_post], posts.quantity[fresh_post]),
        take_row=row[usable],
        take_source=source[usable],
        take_kind=kind[usable],
        take_points=points[usable],
        route=bought,
        route_points=np.full(len(bought), kinds.new_points),
        rest=rest,
        rest_part=rest_part,
        rest_least=rest_least,
        rest_other=rest_other,
    )


def _buckets(pools: Pools, fresh_pool: IntArray, fresh_day: IntArray, days: int) -> tuple[_Buckets, BoolArray]:
    """The buckets of all pools that are used, and which of these pools get new supply."""
    used, amounts = np.unique(pools.group_pool), pools.amounts
    key = np.unique(np.concatenate([used * days, amounts.pool * days + amounts.day, fresh_pool * days + fresh_day]))
    has_fresh = np.zeros(len(used), dtype=bool)
    has_fresh[np.searchsorted(used, fresh_pool)] = True
    return _Buckets(key // days, key % days, key, days), has_fresh


def _fresh_posts(pools: Pools, supply: SupplyRows) -> tuple[IntArray, IntArray]:
    """Pairs of pool and posting that brings new supply: orders that are not in the supply plan, and substitutes."""
    activities, posts = supply.activities, supply.posts
    activity = supply.starts.activity[posts.start]
    moves = (int(ActivityKind.TRANSFER), int(ActivityKind.ITSELF), int(ActivityKind.SHIP_FROM))
    new = (activities.planned[activity] < 0) & ~np.isin(activities.kind[activity], moves)
    new &= posts.quantity > 0
    point = supply.nodes.point[posts.target]
    new &= point == activities.point[activity]
    pair, post = pairs(pools.point, np.where(new, point, -1))
    used = np.isin(pools.pool_point[pair], pools.group_pool)
    return pools.pool_point[pair[used]], post[used]


def _sources(pools: Pools, buckets: _Buckets, used: IntArray, has_fresh: BoolArray) -> _Sources:
    """Every source that ever has something, in all buckets of its pool."""
    amounts, nodes = pools.amounts, len(pools.tree)
    ever = np.zeros((int(used.max(initial=-1)) + 1, nodes + 2), dtype=bool)
    if len(used):
        most = np.zeros((len(ever), nodes + 1))
        known = np.isin(amounts.pool, used)
        np.maximum.at(most, amounts.pool[known], amounts.units[known])
        ever[:, 2:], ever[:, 1] = most[:, :-1] > EXACT, most[:, -1] > EXACT
        ever[used, 0] = has_fresh
    pool, column = np.nonzero(ever)
    source, bucket = pairs(pool, buckets.pool)
    node = column[source] - 2
    # Shares as they are after the last event of the pool up to the bucket.
    event = np.searchsorted(amounts.pool * buckets.days + amounts.day, buckets.key[bucket], side="right") - 1
    known = (event >= 0) & (node > NEW)
    known[known] = amounts.pool[event[known]] == buckets.pool[bucket[known]]
    units = np.zeros(len(source))
    units[known] = amounts.units[event[known], node[known]]
    first = np.ones(len(source), dtype=bool)
    first[1:] = source[1:] != source[:-1]
    previous = np.where(first, -1, np.arange(len(source)) - 1)
    # NOBODY is the last column of the units, and -1.
    return _Sources(pool[source], np.where(node == NEW, NEW, node), bucket, units, previous)


def _source_at(sources: _Sources, node: IntArray, bucket: IntArray) -> IntArray:
    """Rows of some sources in some buckets, which exist."""
    size = int(sources.node.max(initial=0)) + 3
    key = sources.bucket * size + sources.node + 2
    order = np.argsort(key)
    return order[np.searchsorted(key[order], bucket * size + node + 2)]


def _growth(sources: _Sources, units: FloatArray) -> FloatArray:
    before = np.where(sources.previous >= 0, np.append(units, 0.0)[sources.previous], 0.0)
    return np.asarray(units - before)


def _open_units(pools: Pools, sources: _Sources, whole: BoolArray) -> FloatArray:
    """The part of every share that nodes of better rank may take."""
    node = sources.node
    units = np.where(node >= 0, sources.units * (1.0 - np.append(pools.tree.protection, 1.0)[node]), 0.0)
    whole_pool = np.zeros(int(pools.pool_point.max(initial=-1)) + 1, dtype=bool)
    whole_pool[pools.pool_point] = whole[pools.point]
    return np.where(whole_pool[sources.pool], np.floor(units + EXACT), units) if len(node) else units


class _Kinds:
    """By which right a group may use a source, and in which order."""

    def __init__(self, pools: Pools) -> None:
        tree = pools.tree
        self._tree, self._node = tree, pools.group_node
        self._above = tree.above()
        ranks = np.unique(tree.rank)
        self._place = len(ranks) - np.searchsorted(ranks, tree.rank)
        self._nobody = float(tree.depth.max(initial=0) + 1)
        self.new_points = self._nobody + len(ranks) + 1

    def of(self, group: IntArray, source: IntArray) -> tuple[IntArray, FloatArray]:
        """Kind (-1: none) and points of some pairs of a group and the node of a source."""
        tree, node = self._tree, self._node[group]
        kind, points = np.full(len(group), -1), np.zeros(len(group))
        kind[source == NEW], points[source == NEW] = NEW_SUPPLY, self.new_points
        kind[source == NOBODY], points[source == NOBODY] = UNALLOCATED, self._nobody
        both = np.flatnonzero((node >= 0) & (source >= 0))
        mine, other = node[both], source[both]
        up = self._above[mine, other]
        steps = tree.depth[mine] - tree.depth[other]
        taken = ~up & (tree.rank[mine] < tree.rank[other]) & (tree.protection[other] < 1.0)
        kind[both] = np.where(up, np.where(steps == 0, OWN, ABOVE), np.where(taken, STOLEN, -1))
        points[both] = np.where(up, steps, self._nobody + self._place[other])
        return kind, points


_Rest = tuple[IntArray, FloatArray, FloatArray, tuple[IntArray, IntArray]]


def _rest(pools: Pools, buckets: _Buckets, sources: _Sources) -> _Rest:
    """Shares of what nodes of better rank beside it leave: of each unit that they use, a part must be left over."""
    amounts, tree = pools.amounts, pools.tree
    event = np.searchsorted(amounts.pool * buckets.days + amounts.day, buckets.key[sources.bucket], side="right") - 1
    known = (event >= 0) & (sources.node >= 0)
    known[known] = amounts.pool[event[known]] == sources.pool[known]
    part = np.zeros(len(event))
    part[known] = amounts.of_rest[event[known], sources.node[known]]
    rest = np.flatnonzero(part > 0)
    position, other = pairs(sources.bucket[rest], np.where(sources.node >= 0, sources.bucket, -1))
    better = _better_beside(tree)[sources.node[rest[position]], sources.node[other]]
    position, other = position[better], other[better]
    least = np.bincount(position, weights=sources.units[other], minlength=len(rest)) * part[rest]
    return rest, part[rest], least.astype(np.float64), (position, other)


def _better_beside(tree: Tree) -> BoolArray:
    """``better[node, other]``: the other one is, or lies below, a node of better rank beside the node."""
    beside = (tree.parent[:, None] == tree.parent[None, :]) & (tree.rank[None, :] < tree.rank[:, None])
    # above[other, top]: the top is the other one or lies above it.
    return np.asarray((beside.astype(np.int64) @ tree.above().T.astype(np.int64)) > 0)
