"""Allocation: every line says which shares it uses, may use them, and nobody uses more than there is of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.plan.certify_basis import (
    BLANK_DAY,
    Basis,
    BoolArray,
    Findings,
    FloatArray,
    Ids,
    IntArray,
    numbers,
    plain,
    sums,
)
from firmdate.plan.certify_demand import Demand
from firmdate.plan.certify_shares import NodeTree, PoolShares, Share

_SUPPLY = ["item", "location", "date", "quantity"]
_NOISE = 1e-4
"""Units that sums over a pool may differ by."""

_COLUMNS = ("order", "line", "date", "node", "source", "source_node", "quantity")
_SOURCES = ("own", "above", "unallocated", "taken", "new_supply")


@dataclass(frozen=True)
class _Uses:
    """The table ``allocation_use`` with numbers for ids and dates."""

    frame: pd.DataFrame
    line: IntArray
    day: IntArray
    source: IntArray
    source_node: IntArray
    quantity: FloatArray

    def text(self, row: int) -> str:
        """``order/line date``."""
        one = self.frame.iloc[row]
        return f"{one['order']}/{one['line']} {str(one['date'])[:10]}"


def check_allocation(
    found: Findings,
    basis: Basis,
    demand: Demand,
    uses: pd.DataFrame | None,
    orders: pd.DataFrame,
    replaced: pd.DataFrame,
) -> None:
    """All rules of allocated supply.

    Args:
        found: Where broken rules go.
        basis: Ids and days.
        demand: Order lines and deliveries.
        uses: The table ``allocation_use``, None where nothing is allocated.
        orders: The table ``supply_orders``.
        replaced: The table ``substitutions_used``; what takes the place of an allocated item is new supply of it.
    """
    table = basis.data["allocations"]
    if not len(table):
        return
    uses = pd.DataFrame(columns=_COLUMNS) if uses is None else uses
    nodes = basis.data["allocation_nodes"]
    lines = demand.lines
    names = Ids.of([nodes["node"], nodes["parent"], table["node"], lines.frame["allocation_node"]])
    tree = _read_tree(nodes, names)
    read = _Uses(
        frame=uses,
        line=_line_of(demand, uses),
        day=basis.day(uses["date"]),
        source=np.array([_SOURCES.index(text) if text in _SOURCES else -1 for text in uses["source"]], dtype=np.int64),
        source_node=names.codes(uses["source_node"]),
        quantity=numbers(uses["quantity"]),
    )
    found = found.of("allocation_use", read.text)
    node = names.codes(lines.frame["allocation_node"])
    _check_rights(found, read, node, tree)
    pools = _pools(basis, demand)
    _check_complete(found, basis, demand, read, pools)
    fresh = [orders[(orders["status"] == "new") & (orders["type"] != "transfer")], replaced]
    _check_replaced(found.of("substitutions_used", lambda row: str(replaced["substitute"].iloc[row])), basis, replaced)
    planned = orders[(orders["status"] != "new") & (orders["type"] != "transfer")]
    given = _Given(
        basis,
        _ShareRows.of(basis, names),
        tree,
        on_hand=_ByItem.of(basis, basis.data["on_hand"]),
        receipts=_ByItem.of(basis, basis.data["scheduled_receipts"], "date"),
        planned=_ByItem.of(basis, planned.drop_duplicates(["plan", "order"]), "planned_date", "planned_quantity"),
        new=_ByItem.of(
            basis, pd.concat([frame[_SUPPLY].astype(object) for frame in fresh if len(frame)] or fresh[:1]), "date"
        ),
        moved=orders[(orders["type"] == "transfer") & (orders["status"] != "new")],
        better_beside=_better_beside(tree),
    )
    _check_pools(found, given, read, np.append(pools, -1)[read.line])


def _check_replaced(found: Findings, basis: Basis, replaced: pd.DataFrame) -> None:
    """An allocated item takes no other's place: its shares are for lines that ask for it."""
    named = basis.data["allocations"]["item"]
    shared = replaced["substitute"].astype(object).isin(set(named.dropna())) | bool(named.isna().any())
    found.add(shared.to_numpy(dtype=bool), "takes the place of another item though its supply is allocated")


def _read_tree(frame: pd.DataFrame, names: Ids) -> NodeTree:
    parent, rank, protection = [-1] * len(names), [1] * len(names), [1.0] * len(names)
    own, above = names.codes(frame["node"]).tolist(), names.codes(frame["parent"]).tolist()
    for row, node in enumerate(own):
        parent[node], rank[node] = above[row], int(frame["rank"].iloc[row])
        protection[node] = float(frame["protection"].iloc[row]) / 100
    return NodeTree(parent, rank, protection)


def _line_of(demand: Demand, uses: pd.DataFrame) -> IntArray:
    keys = demand.ids.keys(uses)
    order = np.argsort(demand.lines.key, kind="stable")
    at = np.minimum(np.searchsorted(demand.lines.key[order], keys), max(len(order) - 1, 0))
    return np.where((keys >= 0) & (demand.lines.key[order[at]] == keys), order[at], -1) if len(order) else keys


def _check_rights(found: Findings, uses: _Uses, node: IntArray, tree: NodeTree) -> None:
    """A line uses its own share, one above it, or what a node of worse rank leaves unprotected."""
    rights = np.column_stack([np.append(node, -1)[uses.line], uses.source, uses.source_node])
    distinct, at = np.unique(rights, axis=0, return_inverse=True)
    wrong = np.zeros(len(distinct), dtype=bool)
    for row, (mine, source, other) in enumerate(distinct.tolist()):
        path = tree.path(mine)
        if source == _SOURCES.index("own"):
            wrong[row] = mine < 0 or other != mine
        elif source == _SOURCES.index("above"):
            wrong[row] = other not in path[1:]
        elif source == _SOURCES.index("taken"):
            wrong[row] = mine < 0 or other < 0 or other in path or tree.rank[mine] >= tree.rank[other]
        else:
            wrong[row] = source < 0 or other >= 0
    wrong = wrong[np.asarray(at).reshape(-1)] & (uses.line >= 0)
    found.add(uses.line < 0, "there is no such order line")
    found.add(wrong, "its node may not use that share:", lambda row: str(uses.frame["source_node"].iloc[row]))
    found.add(~(uses.quantity > 0), "its quantity is no number of units")


def _pools(basis: Basis, demand: Demand) -> IntArray:
    """Pool of every line: item × (locations + 1) + location + 1, where location 0 stands for all; -1 without one."""
    table, lines, width = basis.data["allocations"], demand.lines, len(basis.locations) + 1
    item = np.where(table["item"].isna().to_numpy(), -1, basis.items.codes(table["item"]))
    location = np.where(table["location"].isna().to_numpy(), -1, basis.locations.codes(table["location"]))
    unknown = (item < 0) & table["item"].notna().to_numpy() | (location < 0) & table["location"].notna().to_numpy()
    given = set(zip(item[~unknown].tolist(), location[~unknown].tolist(), strict=True))
    places, at = np.unique(lines.item * width + lines.location + 1, return_inverse=True)
    pool = np.full(len(places), -1)
    for row, place in enumerate(places.tolist()):
        i, j = place // width, place % width - 1
        if (i, j) in given or ((i, -1) not in given and (-1, j) in given):
            pool[row] = place
        elif (i, -1) in given or (-1, -1) in given:
            pool[row] = i * width
    return np.asarray(pool[np.asarray(at).reshape(-1)])


def _check_complete(found: Findings, basis: Basis, demand: Demand, uses: _Uses, pools: IntArray) -> None:
    """What is delivered of allocated items is used from some source, but for what was reserved."""
    lines, known = demand.lines, uses.line >= 0
    used = sums(uses.line[known], uses.quantity[known], len(lines))
    table = basis.data["reservations"]
    line = _line_of(demand, table)
    reserved = sums(line[line >= 0], table["quantity"].to_numpy(np.float64)[line >= 0], len(lines))
    delivered = np.where(pools >= 0, demand.shipped.delivered, 0.0)
    rows = found.of("allocation_use", lines.text)
    wrong = (used > delivered + _NOISE) | (used < delivered - reserved - _NOISE)
    rows.add(
        wrong,
        "its uses are not what is delivered:",
        lambda row: f"{plain(used[row])}, delivered {plain(delivered[row])}",
    )
    shipped = demand.shipped
    used_key, given_key = uses.line * (2 * BLANK_DAY) + uses.day, shipped.line * (2 * BLANK_DAY) + shipped.ship
    keys, at = np.unique(np.concatenate([used_key, given_key]), return_inverse=True)
    at = np.asarray(at).reshape(-1)
    rows_used, rows_given = at[: len(used_key)], at[len(used_key) :]
    taken = sums(rows_used, uses.quantity, len(keys))
    given = sums(rows_given, shipped.quantity, len(keys))
    found.add(known & (taken > given + _NOISE)[rows_used], "more than the line gets on that date")


@dataclass(frozen=True)
class _ByItem:
    """A table of supply, sorted by item; stock is there on day 0."""

    item: IntArray
    location: IntArray
    day: IntArray
    quantity: FloatArray

    @classmethod
    def of(cls, basis: Basis, frame: pd.DataFrame, date: str = "", quantity: str = "quantity") -> _ByItem:
        """Sort a table."""
        item, location = basis.items.codes(frame["item"]), basis.locations.codes(frame["location"])
        day = basis.day(frame[date]) if date else np.zeros(len(frame), dtype=np.int64)
        order = np.argsort(item, kind="stable")
        return cls(item[order], location[order], day[order], numbers(frame[quantity])[order])

    def rows(self, item: int, sites: set[int] | None) -> IntArray:
        """Positions of the rows of an item at some locations."""
        rows = np.arange(*np.searchsorted(self.item, [item, item + 1]))
        return rows if sites is None else rows[np.isin(self.location[rows], list(sites))]


@dataclass(frozen=True)
class _ShareRows:
    """The table ``allocations``, read once for all pools.

    Args:
        item: Item of each row, -1 for every item.
        location: Location of each row, -1 for all locations together.
        known: Rows that begin inside the horizon, and whose ids are in the data.
        shares: What each row says.
        found: Shares by item and location of the rows, as far as somebody has asked.
    """

    item: IntArray
    location: IntArray
    known: BoolArray
    shares: list[Share]
    found: dict[tuple[int, int], list[Share]]

    @classmethod
    def of(cls, basis: Basis, names: Ids) -> _ShareRows:
        """Read the table."""
        table = basis.data["allocations"]
        item, location = basis.items.codes(table["item"]), basis.locations.codes(table["location"])
        every_item, together = table["item"].isna().to_numpy(), table["location"].isna().to_numpy()
        start, end = basis.day(table["start"]), basis.day(table["end"])
        known = (every_item | (item >= 0)) & (together | (location >= 0)) & (start < basis.days)
        columns = (
            names.codes(table["node"]).tolist(),
            start.tolist(),
            end.tolist(),
            table["percent"].to_numpy(np.float64).tolist(),
            table["quantity"].to_numpy(np.float64).tolist(),
            (table["percent_of"].astype(object) == "remaining").tolist(),
        )
        shares = [Share(*row) for row in zip(*columns, strict=True)]
        return cls(np.where(every_item, -1, item), np.where(together, -1, location), known, shares, {})

    def of_pool(self, item: int, location: int) -> list[Share]:
        """The rows that name most for a pool."""
        own = self.known_rows(item, location)
        if not len(own):
            item = -1
        if (item, location) not in self.found:
            rows = self.known_rows(item, location)
            self.found[item, location] = [self.shares[row] for row in rows.tolist() if self.known[row]]
        return self.found[item, location]

    def known_rows(self, item: int, location: int) -> IntArray:
        """Rows of an item and a location."""
        return np.flatnonzero((self.item == item) & (self.location == location))


@dataclass(frozen=True)
class _Given:
    """What all pools are checked against."""

    basis: Basis
    shares: _ShareRows
    tree: NodeTree
    on_hand: _ByItem
    receipts: _ByItem
    planned: _ByItem
    new: _ByItem
    moved: pd.DataFrame
    better_beside: FloatArray


@dataclass(frozen=True)
class _Broken:
    """Per use: what it breaks of its pool.

    Args:
        too_much: More than the share has grown to.
        unprotected: More than others may take.
        fresh: More than new supply has come.
    """

    too_much: BoolArray
    unprotected: BoolArray
    fresh: BoolArray


def _check_pools(found: Findings, given: _Given, read: _Uses, of_use: IntArray) -> None:
    """Every pool by itself; ``of_use`` is the pool of each use, -1 without one."""
    order = np.lexsort((read.day, of_use))
    order = order[of_use[order] >= 0]
    ends = np.flatnonzero(np.diff(of_use[order], append=-2)) + 1
    broken = _Broken(*(np.zeros(len(of_use), dtype=bool) for _ in range(3)))
    for rows in np.split(order, ends[:-1]) if len(order) else []:
        _check_pool(broken, given, read, rows, int(of_use[rows[0]]))
    found.add(broken.too_much, "more than the share has grown to by then")
    found.add(broken.unprotected, "takes what is protected")
    found.add(broken.fresh, "more new supply than has come by then")


def _check_pool(broken: _Broken, given: _Given, uses: _Uses, rows: IntArray, pool: int) -> None:
    """Up to every day, no share is used beyond what it has grown to.

    Args:
        broken: Where broken rules are noted.
        given: Data and supply.
        uses: The table.
        rows: Its rows that are about the pool, by day.
        pool: The pool.
    """
    basis, tree = given.basis, given.tree
    item, location = pool // (len(basis.locations) + 1), pool % (len(basis.locations) + 1) - 1
    sites = _sites(given, item, location)
    shares = PoolShares(tree, given.shares.of_pool(item, location), _supply(given, item, sites)).compute()
    day, size = uses.day[rows], len(tree.parent)
    units, rest = shares.at(day)
    if basis.whole_items[item]:
        units = np.ceil(units - _NOISE)
    column = np.where(uses.source_node[rows] >= 0, uses.source_node[rows], size)
    steps = np.zeros((len(rows), size + 1))
    from_share = uses.source[rows] != _SOURCES.index("new_supply")
    steps[np.flatnonzero(from_share), column[from_share]] = uses.quantity[rows][from_share]
    used = np.cumsum(steps, axis=0)
    least = used[:, :-1] + rest * (used[:, :-1] @ given.better_beside.T)
    excess = np.column_stack([least, used[:, -1:]]) - units
    stolen = np.where((uses.source[rows] == _SOURCES.index("taken"))[:, None], steps, 0.0).cumsum(axis=0)
    open_part = np.append(1.0 - np.array(tree.protection), 0.0)
    every = np.arange(len(rows))
    broken.too_much[rows] = from_share & (excess[every, column] > _NOISE)
    broken.unprotected[rows] = (stolen - units * open_part)[every, column] > _NOISE
    new = np.cumsum(np.where(from_share, 0.0, uses.quantity[rows]))
    broken.fresh[rows] = ~from_share & (new > _new_supply(given, item, sites, day) + _NOISE)


def _better_beside(tree: NodeTree) -> FloatArray:
    """``better[node, other]``: 1 where the other one belongs to a node of better rank beside the node."""
    size = len(tree.parent)
    better = np.zeros((size, size))
    for other in range(size):
        for top in tree.path(other):
            for node in range(size):
                if tree.parent[node] == tree.parent[top] and tree.rank[top] < tree.rank[node]:
                    better[node, other] = 1.0
    return better


def _sites(given: _Given, item: int, location: int) -> set[int] | None:
    """Locations whose supply belongs to a pool; None for all."""
    if location < 0:
        return None
    basis, moves = given.basis, set()
    for frame, to in ((given.basis.data["lanes"], "destination"), (given.moved, "location")):
        about = np.asarray(frame["item"].isna() | (basis.items.codes(frame["item"]) == item))
        ends = zip(basis.locations.codes(frame["origin"]), basis.locations.codes(frame[to]), strict=True)
        moves |= {(int(one), int(other)) for (one, other), mine in zip(ends, about, strict=True) if mine}
    sites = {location}
    while True:
        more = sites | {one for one, other in moves if other in sites and one >= 0}
        if more == sites:
            return sites
        sites = more


def _supply(given: _Given, item: int, sites: set[int] | None) -> list[tuple[int, float]]:
    """Day and units of stock, receipts and planned orders of a pool; what is reserved counts too."""
    sources, found = given.basis.scenario.supply_sources, list[tuple[int, float]]()
    if "on_hand" in sources:
        rows = given.on_hand.rows(item, sites)
        site, at = np.unique(given.on_hand.location[rows], return_inverse=True)
        total = sums(np.asarray(at).reshape(-1), given.on_hand.quantity[rows], len(site))
        found += [(0, float(units)) for units in total if units > 0]
    for table in [given.planned, given.receipts] if "scheduled_receipts" in sources else [given.planned]:
        rows = table.rows(item, sites)
        day = np.maximum(table.day[rows], 0).tolist()
        units = table.quantity[rows].tolist()
        found += [(on, more) for on, more in zip(day, units, strict=True) if on < given.basis.days]
    return found


def _new_supply(given: _Given, item: int, sites: set[int] | None, day: IntArray) -> FloatArray:
    """Units of new orders that have come up to some days."""
    rows = given.new.rows(item, sites)
    come = given.new.day[rows]
    order = np.argsort(come, kind="stable")
    total = np.append(0.0, np.cumsum(given.new.quantity[rows][order]))
    return np.asarray(total[np.searchsorted(come[order], day, side="right")])
