"""Competing lines: who was served from what a late line waits for, and why.

Units are pegged first in, first out: of every stocking point the earliest supply covers the earliest need. What is
made or moved is taken to serve the line of best rank that its units reach.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.expansion import expand_uses
from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.network.relations import pairs
from firmdate.plan.executed import Executed
from firmdate.plan.explain.chains import LONGEST_CHAIN
from firmdate.plan.explain.factors import FactorKind, Factors
from firmdate.plan.explain.lines import Explained
from firmdate.plan.explain.rules import commit_days, rule_of_items
from firmdate.plan.explain.supplies import EXECUTED, Supplies
from firmdate.plan.promise import ScheduleLines
from firmdate.plan.whole_units import NOISE

MOST_SHOWN = 3
"""Competing lines that are named for a line."""

_KEPT = 12
"""Competing lines of a factor among which those of a line are looked for."""

_KEPT_NEEDS = 64
"""Needs of a stocking point among which competing lines are looked for."""

_POINT_FACTORS = (
    FactorKind.SUPPLY,
    FactorKind.COMPETITION,
    FactorKind.LATEST_ACCEPTABLE_DATE,
    FactorKind.ALLOCATION,
    FactorKind.FAIR_SHARE,
)


@dataclass(frozen=True)
class Needs:
    """Everything that takes from stocking points, sorted by point and day.

    Args:
        point: Stocking point.
        day: Day.
        quantity: Units.
        line: Demand line, -1 where an activity takes.
        row: Executed row, -1 where a line is served.
    """

    point: IntArray
    day: IntArray
    quantity: FloatArray
    line: IntArray
    row: IntArray


@dataclass(frozen=True)
class Competitors:
    """Pairs of a late line and a line that was served instead, sorted by line, at most :data:`MOST_SHOWN` each."""

    line: IntArray
    other: IntArray


def competing_lines(network: Network, executed: Executed, shipped: ScheduleLines, explained: Explained) -> Competitors:
    """Lines of the same or a better tier that were served from the gating factor of each late line."""
    rank = line_ranks(network)
    line_at = np.argsort(rank)
    needs = _needs(network, executed, shipped)
    label = _labels(network, executed, explained.supplies, needs, rank)
    served = np.append(label, len(rank))[needs.row]
    served = np.where(needs.line >= 0, np.append(rank, len(rank))[needs.line], served)
    factor, other, quantity = _users(network, executed, explained.factors, needs, served, label)
    known = other < len(rank)
    factor, other, quantity = _largest(network, factor[known], line_at[other[known]], quantity[known])
    lines = np.flatnonzero(explained.line_chain >= 0)
    main = explained.chains.main[explained.line_chain[lines]]
    at, user = pairs(main, factor)
    line, other = lines[at], other[user]
    level = network.lines.level
    reserved = committed_first(network, line, other) | of_other_node(network, line, other)
    fits = (line != other) & ((level[other] <= level[line]) | reserved)
    line, other, reserved = line[fits], other[fits], reserved[fits]
    # Whom a rule served although they would come later are told first.
    order = np.lexsort((~(reserved & (rank[other] > rank[line])), line))
    line, other = line[order], other[order]
    nth = np.arange(len(line)) - np.searchsorted(line, line, side="left")
    return Competitors(line[nth < MOST_SHOWN], other[nth < MOST_SHOWN])


def committed_first(network: Network, line: IntArray, other: IntArray) -> BoolArray:
    """Whether a commitment puts other lines before some lines."""
    day = commit_days(network)
    return np.asarray((day[other] != NO_DAY) & (day[line] == NO_DAY))


def of_other_node(network: Network, line: IntArray, other: IntArray) -> BoolArray:
    """Whether lines of an allocated item are of another node, so that their share is not that of some lines."""
    if not len(network.allocation.class_group):
        return np.zeros(len(line), dtype=bool)
    rule = np.append(rule_of_items(network), -1)[network.catalog.item_of(network.lines.key)]
    node = np.unique(network.lines.frame["allocation_node"].astype(object).fillna("").astype(str), return_inverse=True)[
        1
    ]
    same_item = network.lines.key[line] == network.lines.key[other]
    return np.asarray((rule[other] == FactorKind.ALLOCATION) & (node[other] != node[line]) & same_item)


def line_ranks(network: Network) -> IntArray:
    """Rank of every line: tier, priority, requested date, order."""
    lines = network.lines
    order = np.lexsort((np.arange(len(lines)), lines.due_day, lines.priority, lines.level))
    rank = np.empty(len(lines), dtype=np.int64)
    rank[order] = np.arange(len(lines))
    return rank


def _needs(network: Network, executed: Executed, shipped: ScheduleLines) -> Needs:
    posts, points, firm = executed.posts, network.points, network.firm
    taken = np.flatnonzero(posts.quantity < 0)
    own = points.find(network.lines.served_key[shipped.line])
    none_taken, none_firm = np.full(len(taken), -1), np.full(len(firm.take_key), -1)
    used = -posts.quantity[taken] * executed.quantity[posts.start[taken]]
    point = np.concatenate([posts.point[taken], own, points.find(firm.take_key)])
    day = np.concatenate([posts.day[taken], shipped.day, firm.take_day])
    line = np.concatenate([none_taken, shipped.line, none_firm])
    row = np.concatenate([posts.start[taken], np.full(len(own), -1), none_firm])
    quantity = np.concatenate([used, shipped.quantity, firm.take])
    order = np.lexsort((day, point))
    order = order[point[order] >= 0]
    return Needs(point[order], day[order], quantity[order], line[order], row[order])


def _labels(network: Network, executed: Executed, supplies: Supplies, needs: Needs, rank: IntArray) -> IntArray:
    """Per executed row the rank of the best line that its units reach; the number of lines where they reach none."""
    supply, need = _pegged(network, supplies, needs)
    moved = supplies.kind[supply] == EXECUTED
    row, need = supplies.ref[supply[moved]], need[moved]
    label = np.full(len(executed) + 1, len(rank))
    direct = needs.line[need] >= 0
    np.minimum.at(label, row[direct], rank[needs.line[need[direct]]])
    row, downstream = row[~direct], needs.row[need[~direct]]
    for _ in range(LONGEST_CHAIN):
        before = label.copy()
        np.minimum.at(label, row, label[downstream])
        label[-1] = len(rank)
        if np.array_equal(before, label):
            break
    return label[:-1]


def _pegged(network: Network, supplies: Supplies, needs: Needs) -> tuple[IntArray, IntArray]:
    """Pairs of supply and need: all points are laid end to end on one axis of units, and one merge cuts them all."""
    count = len(network.points)
    held = network.lines.reserved
    reserved = np.bincount(np.maximum(network.points.find(network.lines.key), 0), weights=held, minlength=count)[:count]
    given = np.bincount(supplies.point, weights=supplies.quantity, minlength=count)[:count] + reserved
    wanted = np.bincount(needs.point, weights=needs.quantity, minlength=count)[:count]
    base = np.concatenate([[0.0], np.cumsum(np.maximum(given, wanted) + 1.0)])
    # Reserved stock comes first: its lines do not wait for anything else.
    supply_end = _ends(base + np.append(reserved, 0.0), supplies.point, supplies.quantity)
    need_end = _ends(base, needs.point, needs.quantity)
    cuts = np.unique(np.concatenate([supply_end, need_end, supply_end - supplies.quantity, need_end - needs.quantity]))
    low, high = cuts[:-1], cuts[1:]
    middle = (low + high) / 2
    supply = np.searchsorted(supply_end, middle, side="right")
    need = np.searchsorted(need_end, middle, side="right")
    inside = (supply < len(supply_end)) & (need < len(need_end)) & (high - low > NOISE)
    supply, need, middle = supply[inside], need[inside], middle[inside]
    real = (supply_end[supply] - supplies.quantity[supply] <= middle) & (
        need_end[need] - needs.quantity[need] <= middle
    )
    return supply[real], need[real]


def _ends(base: FloatArray, point: IntArray, quantity: FloatArray) -> FloatArray:
    """Where each quantity ends on the axis of its point."""
    total = np.cumsum(quantity)
    first = np.searchsorted(point, point, side="left")
    return np.asarray(base[point] + total - np.concatenate([[0.0], total])[first])


_Users = tuple[IntArray, IntArray, FloatArray]


def _users(
    network: Network, executed: Executed, factors: Factors, needs: Needs, served: IntArray, label: IntArray
) -> _Users:
    """Factor, rank of the line that uses it, units or hours."""
    limited = np.flatnonzero(factors.kind == FactorKind.CAPACITY)
    uses = expand_uses(network.activities, executed.starts, network.capacities)
    at, use = pairs(factors.ref[limited], uses.target)
    by_capacity = (limited[at], label[uses.start[use]], uses.quantity[use] * executed.quantity[uses.start[use]])
    others = (FactorKind.CAPACITY, FactorKind.HORIZON, FactorKind.SHIP_SET)
    rows = np.flatnonzero(~np.isin(factors.kind, others))
    kept = _first_of_each(network, needs, served)
    at, need = pairs(_factor_points(network, factors, rows), needs.point[kept])
    need = kept[need]
    in_time = needs.day[need] <= np.where(factors.end[rows] == NO_DAY, NO_DAY, factors.end[rows])[at]
    by_stock = (rows[at[in_time]], served[need[in_time]], needs.quantity[need[in_time]])
    return (
        np.concatenate([by_capacity[0], by_stock[0]]),
        np.concatenate([by_capacity[1], by_stock[1]]),
        np.concatenate([by_capacity[2], by_stock[2]]),
    )


def _first_of_each(network: Network, needs: Needs, served: IntArray) -> IntArray:
    """The first needs of the best tiers of every stocking point."""
    level = np.append(network.lines.level[np.argsort(line_ranks(network))], NO_DAY)[served]
    order = np.lexsort((needs.day, level, needs.point))
    point = needs.point[order]
    nth = np.arange(len(order)) - np.searchsorted(point, point, side="left")
    return order[nth < _KEPT_NEEDS]


def _factor_points(network: Network, factors: Factors, rows: IntArray) -> IntArray:
    """Stocking point whose stock each factor keeps scarce; -1 where none is."""
    kind, ref = factors.kind[rows], factors.ref[rows]
    found = np.full(len(rows), -1)
    of_point = np.isin(kind, _POINT_FACTORS)
    found[of_point] = ref[of_point]
    received, planned, timed = (
        kind == FactorKind.RECEIPT,
        kind == FactorKind.PLANNED_ORDER,
        kind == FactorKind.LEAD_TIME,
    )
    found[received] = network.points.find(network.receipts.key[ref[received]])
    found[planned] = network.points.find(network.planned.key[ref[planned]])
    found[timed] = network.activities.point[ref[timed]]
    return found


def _largest(network: Network, factor: IntArray, line: IntArray, quantity: FloatArray) -> _Users:
    """The users of each factor that got most of it, best tier first."""
    width = np.int64(max(len(network.lines), 1))
    key, at = np.unique(factor * width + line, return_inverse=True)
    total = np.bincount(np.asarray(at).reshape(-1), weights=quantity, minlength=len(key)).astype(np.float64)
    factor, line = key // width, key % width
    order = np.lexsort((line, -total, network.lines.level[line], factor))
    factor, line, total = factor[order], line[order], total[order]
    nth = np.arange(len(factor)) - np.searchsorted(factor, factor, side="left")
    return factor[nth < _KEPT], line[nth < _KEPT], total[nth < _KEPT]
