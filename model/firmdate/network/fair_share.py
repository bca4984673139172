"""Fair share: who shares what is too little, and what everybody's part is measured by.

Those who share are lines of one item, tier and priority: all lines of a location together, or each line alone. What
they have got up to every day is compared; the one with the smallest part gets as much as can be, then the next one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.network.catalog import Catalog, StockingPoints
from firmdate.network.classes import Classes, Lines
from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.network.relations import distinct_rows, pairs
from firmdate.scenario.fair_share import FairShare


@dataclass(frozen=True)
class FairShares:
    """Who shares, day by day; rows are sorted by sharer and day.

    Args:
        row_level: Level of the tier of each row: sharer × day on which one of its group can be served.
        row_group: Group of the row: those who share × day.
        previous: Row of the same sharer before it, -1 for the first.
        base: What the units of the row are measured by: demand, target or 1.
        most: Units that are due.
        whole: True where only whole units move.
        delivery: Delivery and row that it counts in, as pairs.
        group_level: Level of the tier of each group.
        group_most: Largest part that anybody of the group can have.
    """

    row_level: IntArray
    row_group: IntArray
    previous: IntArray
    base: FloatArray
    most: FloatArray
    whole: BoolArray
    delivery: tuple[IntArray, IntArray]
    group_level: IntArray
    group_most: FloatArray

    def __len__(self) -> int:
        return len(self.row_group)


def no_shares() -> FairShares:
    """Nobody shares."""
    none, nothing = np.empty(0, dtype=np.int64), np.empty(0)
    return FairShares(none, none, none, nothing, nothing, np.empty(0, dtype=bool), (none, none), none, nothing)


def read_fair_shares(
    rule: FairShare | None,
    targets: pd.DataFrame,
    catalog: Catalog,
    points: StockingPoints,
    lines: Lines,
    classes: Classes,
    deliveries: tuple[IntArray, IntArray],
    days: int,
) -> FairShares:
    """The rows of the rule of a scenario.

    Args:
        rule: The rule; None where nobody shares.
        targets: The table ``stocking_points``.
        catalog: Items and locations.
        points: Stocking points.
        lines: Demand lines.
        classes: Classes of lines.
        deliveries: Class and day of every delivery.
        days: Length of the horizon.
    """
    delivered_class, delivered_day = deliveries
    sharer = None if rule is None else _sharers(rule, catalog, points, lines, classes)
    if rule is None or sharer is None or not len(sharer.group):
        return no_shares()
    mine = np.flatnonzero(sharer.of_class[delivered_class] >= 0)
    of_delivery = sharer.of_class[delivered_class[mine]]
    group_day = np.unique(sharer.group[of_delivery] * days + delivered_day[mine])
    who, at = pairs(sharer.group, group_day // days)
    day = group_day[at] % days
    due = _due(sharer, lines, classes, days)
    total = np.cumsum(due, axis=1)
    kept = total[who, day] > 0
    who, at, day = who[kept], at[kept], day[kept]
    most = total[who, day]
    base = _bases(rule, targets, catalog, points, sharer, total)[who] if rule.rule != "proportional" else most
    first = np.ones(len(who), dtype=bool)
    first[1:] = who[1:] != who[:-1]
    row = np.searchsorted(who * days + day, of_delivery * days + delivered_day[mine])
    largest = np.zeros(len(group_day))
    np.maximum.at(largest, at, most / base)
    return FairShares(
        row_level=sharer.level[who],
        row_group=at,
        previous=np.where(first, -1, np.arange(len(who)) - 1),
        base=base,
        most=most,
        whole=points.whole_units[sharer.point[who]],
        delivery=(row, mine),
        group_level=sharer.group_level[group_day // days],
        group_most=largest,
    )


@dataclass(frozen=True)
class _Sharers:
    """Who shares: groups of at least two.

    Args:
        of_class: Sharer of each class, -1 for those who do not share.
        group: Group of each sharer, sorted.
        level: Level of the tier.
        point: Stocking point.
        group_level: Level of each group.
    """

    of_class: IntArray
    group: IntArray
    level: IntArray
    point: IntArray
    group_level: IntArray


def _sharers(rule: FairShare, catalog: Catalog, points: StockingPoints, lines: Lines, classes: Classes) -> _Sharers:
    """Classes of one item, tier and priority, by stocking point or one by one."""
    tier = lines.frame["tier"].to_numpy()
    level_tier = np.zeros(int(lines.level.max(initial=0)) + 1, dtype=np.int64)
    level_tier[lines.level] = tier
    shares = np.isin(level_tier[classes.level], rule.tiers) if rule.tiers else np.ones(len(classes), dtype=bool)
    if len(classes):
        shares &= ~lines.split_by_rule[classes.some_line]
    rows = np.flatnonzero(shares)
    item = catalog.item_of(points.keys[classes.point])
    own = np.arange(len(classes)) if rule.between == "lines" else classes.point
    keys = np.column_stack([item, classes.level, classes.priority, own])[rows]
    distinct, at = distinct_rows(keys)
    groups, group = distinct_rows(distinct[:, :3])
    several = np.bincount(group, minlength=len(groups)) > 1
    kept = several[group]
    place = np.where(kept, np.cumsum(kept) - 1, -1)
    of_class = np.full(len(classes), -1)
    of_class[rows] = place[at]
    point = np.zeros(int(kept.sum()), dtype=np.int64)
    served = np.flatnonzero(of_class >= 0)
    point[of_class[served]] = classes.point[served]
    renumbered = (np.cumsum(several) - 1)[group[kept]]
    return _Sharers(of_class, renumbered, distinct[kept, 1], point, groups[several, 1])


def _due(sharer: _Sharers, lines: Lines, classes: Classes, days: int) -> FloatArray:
    """Units that become due, per sharer and day."""
    of_line = sharer.of_class[classes.line_class]
    rows = np.flatnonzero(of_line >= 0)
    line = classes.line[rows]
    due = np.zeros((len(sharer.group), days))
    np.add.at(due, (of_line[rows], lines.first_day[line]), (lines.quantity - lines.reserved)[line])
    return due


def _bases(
    rule: FairShare,
    targets: pd.DataFrame,
    catalog: Catalog,
    points: StockingPoints,
    sharer: _Sharers,
    total: FloatArray,
) -> FloatArray:
    """What each sharer is measured by: all its demand, its target, or 1."""
    if rule.rule == "even":
        return np.ones(len(total))
    if rule.rule == "coverage":
        return total[:, -1]
    at = points.find(catalog.point_keys(targets))
    target = np.zeros(len(points))
    wanted = targets["share_target"].to_numpy(np.float64)
    given = (at >= 0) & (wanted > 0)
    target[at[given]] = wanted[given]
    # Who has no target is measured by its demand.
    return np.where(target[sharer.point] > 0, target[sharer.point], total[:, -1])
