"""Allocation: which lines may use which share of the existing supply, and from which date on.

Lines use the share of their own node, then those of the nodes above it, then what nobody was given, then what nodes of
worse rank have unprotected; then new supply, and then they wait.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.data.planning_data import PlanningData
from firmdate.network.activities import Activities, ActivityKind
from firmdate.network.allocation_shares import Amounts, Tree, allocate, read_share_rows, read_tree
from firmdate.network.catalog import Catalog, StockingPoints, encode
from firmdate.network.classes import Classes
from firmdate.network.horizon import BoolArray, FloatArray, Horizon, IntArray
from firmdate.network.opening import Receipts, Stock
from firmdate.network.planned import PlannedOrders
from firmdate.network.relations import pairs
from firmdate.network.substitutes import Substitutes

OWN, ABOVE, UNALLOCATED, STOLEN, NEW_SUPPLY = range(5)
"""Kinds of sources, in the order in which lines use them."""

SOURCE_NAMES = ("own", "above", "unallocated", "taken", "new_supply")
"""Names of the kinds in the tables of a run."""

NOBODY, NEW = -1, -2
"""What stands in place of a node: what nobody was given, and new supply."""


@dataclass(frozen=True)
class Pools:
    """Pools of existing supply that are allocated, and who uses them.

    Args:
        tree: The nodes.
        pool_point: Pool of each pair of pool and stocking point.
        point: Stocking point of each pair: its supply belongs to the pool.
        class_group: Group of each class: lines of one pool and node; -1 where the item is not allocated.
        group_pool: Pool of each group.
        group_node: Node of each group, -1 for lines without one.
        amounts: What nodes get, and when.
    """

    tree: Tree
    pool_point: IntArray
    point: IntArray
    class_group: IntArray
    group_pool: IntArray
    group_node: IntArray
    amounts: Amounts

    def growth_days(self, of_class: IntArray, days: int) -> BoolArray | None:
        """``grows[row, day]``: a share that a class may use can grow; None where nothing is allocated.

        Args:
            of_class: Class of each row.
            days: Length of the horizon.
        """
        if not len(self.group_pool):
            return None
        pools = int(self.group_pool.max()) + 1
        grows = np.zeros((pools + 1, days), dtype=bool)
        grows[self.amounts.pool, self.amounts.day] = True
        return np.asarray(grows[np.append(self.group_pool, pools)[self.class_group[of_class]]])


@dataclass(frozen=True)
class Allocation:
    """Rows and columns of the allocation.

    A source is a node of a pool, what nobody was given (node -1), or new supply (node -2).

    Args:
        names: Ids of the nodes.
        class_group: Group of each class, -1 where its item is not allocated.
        row_group: Group of each row of use: group × bucket, sorted.
        row_day: First day of its bucket.
        row_delivery: Row of use and delivery from stock, as pairs.
        source_node: Source × bucket, sorted by pool, source and day: the node.
        source_day: First day of its bucket.
        previous: Row of the same source before it, -1 for the first.
        grows: Units by which the share grows.
        open_grows: Units by which the part grows that others may take.
        fresh: Source row, start and units of new supply.
        take_row: Row of use of each take.
        take_source: Source row of each take.
        take_kind: Kind of its source.
        take_points: Points of the preference; lower is used first.
        route: Deliveries of groups whose route begins with a purchase.
        route_points: Their points.
        rest: Source rows whose share is a part of what others leave.
        rest_part: That part, from 0 to 1.
        rest_least: Units that must be left where the others leave nothing.
        rest_other: Position in ``rest`` and source row of the others, as pairs.
    """

    names: pd.Index
    class_group: IntArray
    row_group: IntArray
    row_day: IntArray
    row_delivery: tuple[IntArray, IntArray]
    source_node: IntArray
    source_day: IntArray
    previous: IntArray
    grows: FloatArray
    open_grows: FloatArray
    fresh: tuple[IntArray, IntArray, FloatArray]
    take_row: IntArray
    take_source: IntArray
    take_kind: IntArray
    take_points: FloatArray
    route: IntArray
    route_points: FloatArray
    rest: IntArray
    rest_part: FloatArray
    rest_least: FloatArray
    rest_other: tuple[IntArray, IntArray]

    def __len__(self) -> int:
        return len(self.row_group)


@dataclass(frozen=True)
class Existing:
    """Supply that is there or planned, whatever is decided."""

    stock: Stock
    receipts: Receipts
    planned: PlannedOrders


def read_pools(
    data: PlanningData,
    catalog: Catalog,
    horizon: Horizon,
    supply: Existing,
    points: StockingPoints,
    activities: Activities,
    classes: Classes,
    substitutes: Substitutes,
) -> Pools:
    """The pools that lines of the plan use, and what every node gets of them."""
    table = data["allocations"]
    none = np.empty(0, dtype=np.int64)
    if not len(table) or not len(classes):
        tree = Tree(pd.Index([], dtype=object), none, none, none, np.empty(0))
        nothing = Amounts(none, none, np.empty((0, 1)), np.empty((0, 0)))
        return Pools(tree, none, none, np.full(len(classes), -1), none, none, nothing)
    tree = read_tree(data)
    rows = read_share_rows(table, tree, horizon)
    real = substitutes.real(catalog, points.keys)
    key = real[classes.point]
    of_class, places, of_row = _pools_of(table, catalog, catalog.item_of(key), catalog.location_of(key))
    rows = rows.take(of_row[1], pool=of_row[0])
    rows = rows.take((rows.end > 0) & (rows.start < horizon.days))
    pool_point, point = _supply_points(catalog, points, real, activities, places)
    names = classes.node_names
    node = np.append(tree.names.get_indexer(names), -1)[classes.node]
    pooled = np.flatnonzero(of_class >= 0)
    groups, at = np.unique(of_class[pooled] * (len(tree) + 1) + node[pooled] + 1, return_inverse=True)
    class_group = np.full(len(classes), -1)
    class_group[pooled] = np.asarray(at).reshape(-1)
    events = _supply_events(points, horizon, supply, pool_point, point)
    amounts = allocate(tree, rows, events, catalog.whole_units[places[0]])
    return Pools(
        tree,
        pool_point,
        point,
        class_group,
        groups // (len(tree) + 1),
        groups % (len(tree) + 1) - 1,
        amounts,
    )


def _pools_of(
    table: pd.DataFrame, catalog: Catalog, item: IntArray, location: IntArray
) -> tuple[IntArray, tuple[IntArray, IntArray], tuple[IntArray, IntArray]]:
    """The pool of each class; item and location (-1: all) of each pool; pool and row of the table as pairs.

    The rows that name most are the ones that hold: item and location, then the item, then the location, then neither.
    """
    width = len(catalog.locations) + 1
    row_item, row_location = encode(table["item"], catalog.items), encode(table["location"], catalog.locations)
    known = (row_item >= 0) | table["item"].isna().to_numpy()
    known &= (row_location >= 0) | table["location"].isna().to_numpy()
    row_key = np.where(known, (row_item + 1) * width + row_location + 1, -1)
    chosen, pool = np.full(len(item), -1), np.full(len(item), -1)
    for of_item, of_location in ((1, 1), (1, 0), (0, 1), (0, 0)):
        wanted = (item + 1) * of_item * width + (location + 1) * of_location
        fits = (chosen < 0) & np.isin(wanted, row_key)
        chosen[fits] = wanted[fits]
        pool[fits] = ((item + 1) * width + (location + 1) * of_location)[fits]
    pairs_of, first, at = np.unique(np.where(chosen >= 0, pool, -1), return_index=True, return_inverse=True)
    missing = int(len(pairs_of) > 0 and pairs_of[0] < 0)
    pools = pairs_of[missing:]
    of_class = np.asarray(at).reshape(-1) - missing
    left, right = pairs(chosen[first[missing:]], row_key)
    return of_class, (pools // width - 1, pools % width - 1), (left, right)


def _supply_points(
    catalog: Catalog, points: StockingPoints, real: IntArray, activities: Activities, places: tuple[IntArray, IntArray]
) -> tuple[IntArray, IntArray]:
    """Pairs of pool and stocking point: all of the item, or those from which its location can be reached.

    Args:
        catalog: Items and locations.
        points: Stocking points.
        real: Their keys; where substitutes come together with an item, the key of the item.
        activities: What can be done.
        places: Item and location of every pool.
    """
    item, location = places
    everywhere = np.flatnonzero(location < 0)
    pool, point = pairs(item[everywhere], catalog.item_of(real))
    pool = everywhere[pool]
    own = np.flatnonzero(location >= 0)
    at = points.find(catalog.join(item[own], location[own]))
    size = max(len(points), 1)
    known = np.unique(own[at >= 0] * size + at[at >= 0])
    transfer = np.flatnonzero(activities.kind == ActivityKind.TRANSFER)
    fresh = known
    while len(fresh):
        row, move = pairs(fresh % size, activities.point[transfer])
        upstream = np.unique(fresh[row] // size * size + activities.origin[transfer[move]])
        fresh = np.setdiff1d(upstream, known)
        known = np.union1d(known, fresh)
    row, beside = pairs(real[known % size], real)
    return np.concatenate([pool, known[row] // size]), np.concatenate([point, beside])


def _supply_events(
    points: StockingPoints, horizon: Horizon, supply: Existing, pool_point: IntArray, point: IntArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Pool, day and units of all existing supply inside the horizon: stock, receipts, planned makes and buys."""
    stock, receipts, planned = supply.stock, supply.receipts, supply.planned
    counted = np.flatnonzero((planned.origin_key < 0) & (planned.due_day < horizon.days))
    at = points.find(np.concatenate([stock.key, receipts.key, planned.key[counted]]))
    days = [np.zeros(len(stock.key), dtype=np.int64), receipts.day, np.maximum(planned.due_day[counted], 0)]
    units = np.concatenate([stock.quantity, receipts.quantity, planned.quantity[counted]])
    pair, event = pairs(point, np.where((at >= 0) & (units > 0), at, -1))
    return pool_point[pair], np.concatenate(days)[event], units[event]
