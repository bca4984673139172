"""Lot sizes of new orders: smallest and largest quantities, multiples and packs of purchases, lanes and operations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import pandas as pd

from firmdate.data.check_lots import MOST_UNITS, parse_packs
from firmdate.data.planning_data import PlanningData
from firmdate.network.activities import Activities, ActivityKind
from firmdate.network.catalog import Catalog, StockingPoints
from firmdate.network.horizon import BoolArray, FloatArray, IntArray

NOISE = 1e-6
EXPLOSIONS = 60
"""Levels of bills of materials over which the most that can be needed of an item is added up."""

_TABLES = (("supplier_items", ActivityKind.BUY), ("lanes", ActivityKind.TRANSFER), ("operations", ActivityKind.MAKE))


class Cut(IntEnum):
    """How a quantity becomes several orders of one date."""

    STEPS = 0
    """In even parts, each a whole number of steps: multiples, or packs that all are multiples of the smallest."""
    PACKS = 1
    """Pack by pack: the smallest pack is an order by itself, so some number of orders always holds them."""
    NEVER = 2
    """One order a date: packs with a tolerance, or with a minimum above the smallest, cannot always be cut."""


@dataclass(frozen=True)
class Lots:
    """Lot sizes, one row per activity that has any.

    Args:
        activity: Activities, ascending.
        minimum: Smallest units of one order; a whole multiple where there is one.
        maximum: Largest units of one order, infinite without a limit.
        multiple: Units of which an order is a whole multiple, 0 without one.
        packs: Sizes of the packs of which an order is made; empty without packs.
        tolerance: Share by which an order may differ from whole packs.
        step: Units in which orders are counted and cut; 0 for any fraction, and where ``cut`` is not by steps.
        cut: How what one start orders is cut into orders where there is a maximum, see :class:`Cut`.
        largest: Units beyond which one order is never useful.
    """

    activity: IntArray
    minimum: FloatArray
    maximum: FloatArray
    multiple: FloatArray
    packs: tuple[tuple[float, ...], ...]
    tolerance: FloatArray
    step: FloatArray
    cut: IntArray
    largest: FloatArray

    def __len__(self) -> int:
        return len(self.activity)

    def rows(self, activity: IntArray) -> IntArray:
        """Row of each activity, -1 where it has none."""
        if not len(self.activity):
            return np.full(len(activity), -1)
        at = np.minimum(np.searchsorted(self.activity, activity), len(self.activity) - 1)
        return np.where(self.activity[at] == activity, at, -1)

    def fit(self, row: int, units: float) -> float:
        """The most units, not above ``units``, that whole orders can hold."""
        if self.packs[row]:
            units = _packed(self.packs[row], float(self.tolerance[row]), units)
        elif self.multiple[row] > 0:
            units = float(np.floor(units / self.multiple[row] + NOISE) * self.multiple[row])
        minimum, maximum = float(self.minimum[row]), float(self.maximum[row])
        if units < minimum - NOISE:
            return 0.0
        if not np.isfinite(maximum) or self.cut[row] == Cut.PACKS:
            return units
        fewest = np.ceil(units / maximum - NOISE)
        return units if fewest * minimum <= units + NOISE else float((fewest - 1) * maximum)

    def cover(self, row: int, units: float) -> float:
        """The fewest units, not below ``units``, that whole orders hold; 0 for nothing."""
        if units <= NOISE:
            return 0.0
        step, minimum, maximum = float(self.step[row]), float(self.minimum[row]), float(self.maximum[row])
        if self.packs[row]:
            units = _packed_up(self.packs[row], float(self.tolerance[row]), max(units, minimum))
            if self.cut[row] != Cut.STEPS:
                return units
        units = max(float(np.ceil(units / step - NOISE) * step) if step > 0 else units, minimum)
        fewest = float(np.ceil(units / maximum - NOISE)) if maximum > 0 else 1.0
        return max(units, fewest * minimum)

    def broken_rule(self, row: int, units: float) -> str:
        """Column of the limit that one order of some units breaks; blank where it breaks none."""
        size = max(1.0, units) * NOISE
        if self.packs[row] and abs(_packed_up(self.packs[row], float(self.tolerance[row]), units) - units) > size:
            return "pack_sizes"
        if units < self.minimum[row] - size:
            return "minimum"
        if units > self.maximum[row] + size:
            return "maximum"
        step = float(self.multiple[row])
        return "multiple" if step > 0 and abs(units - np.rint(units / step) * step) > size else ""

    def orders(self, row: int, units: float) -> list[float]:
        """Cut units of one start into orders that keep the limits."""
        maximum = float(self.maximum[row])
        count = int(np.ceil(units / maximum - NOISE)) if np.isfinite(maximum) and maximum > 0 else 1
        if count <= 1 or self.cut[row] == Cut.NEVER:
            return [units]
        if self.cut[row] == Cut.PACKS:
            return _orders_of_packs(self.packs[row], units, maximum)
        step = float(self.step[row])
        if step <= 0:
            return [units / count] * count
        steps = round(units / step)
        return [(steps // count + (1 if k < steps % count else 0)) * step for k in range(count)]


def _orders_of_packs(packs: tuple[float, ...], units: float, maximum: float) -> list[float]:
    """Orders that hold whole packs and are no larger than the maximum; the largest packs are put in first.

    >>> _orders_of_packs((10.0, 25.0), 95.0, 60.0)
    [60.0, 35.0]
    """
    filled: dict[float, tuple[float, ...]] = {0.0: ()}
    for size in sorted(packs, reverse=True):
        for base, chosen in list(filled.items()):
            count = int(np.floor((units - base) / size + NOISE))
            for many in range(count, max(count - _KEPT, 0) - 1, -1):
                filled.setdefault(round(base + many * size, 9), chosen + (size,) * many)
    held = min(filled, key=lambda total: abs(total - units))
    if abs(held - units) > NOISE * max(1.0, units):
        return [units]
    orders: list[float] = []
    for size in filled[held]:
        at = next((k for k, own in enumerate(orders) if own + size <= maximum + NOISE), len(orders))
        orders[at : at + 1] = [(orders[at] if at < len(orders) else 0.0) + size]
    return sorted(orders, reverse=True)


def _packed(packs: tuple[float, ...], tolerance: float, units: float) -> float:
    """The most units, not above ``units``, that whole packs hold."""
    if units < min(packs) * (1 - tolerance) - NOISE:
        return 0.0
    reached = {0.0}
    limit = units / (1 - tolerance) if tolerance < 1 else units
    for size in sorted(packs):
        grown = set(reached)
        for base in reached:
            count = int(np.floor((limit - base) / size + NOISE))
            grown |= {round(base + k * size, 9) for k in range(max(count - _KEPT, 0), count + 1)}
        reached = grown
    return max(min(base * (1 + tolerance), units) for base in reached)


def _packed_up(packs: tuple[float, ...], tolerance: float, units: float) -> float:
    """The fewest units, not below ``units``, that whole packs hold.

    >>> _packed_up((6.0, 18.0), 0.0, 13.0), _packed_up((10.0,), 0.1, 10.5), _packed_up((10.0,), 0.1, 12.0)
    (18.0, 10.5, 18.0)
    """
    least = units / (1 + tolerance) - NOISE
    reached = {0.0}
    for size in sorted(packs, reverse=True):
        grown = set(reached)
        for base in reached:
            count = max(int(np.ceil((least - base) / size)), 0)
            grown |= {round(base + k * size, 9) for k in range(max(count - _KEPT, 0), count + 1)}
        reached = grown
    held = (max(units, base * (1 - tolerance)) for base in reached if base >= least)
    return min(float(np.ceil(own - NOISE)) if units % 1 == 0 else own for own in held)


_KEPT = 24
"""Packs of a size that may be exchanged for smaller ones when units are rounded down."""


def no_lots() -> Lots:
    """No activity has lot sizes."""
    none = np.empty(0)
    some = np.empty(0, dtype=np.int64)
    return Lots(some, none, none, none, (), none, none, some, none)


def read_lots(
    data: PlanningData, catalog: Catalog, points: StockingPoints, activities: Activities, wanted: FloatArray
) -> Lots:
    """Lot sizes of the new orders that activities stand for.

    Args:
        data: Planning data.
        catalog: Items and locations.
        points: Stocking points.
        activities: What can be done.
        wanted: Per item: units that order lines and stock targets want.
    """
    parts = [_stated(data, name) for name, _ in _TABLES]
    if not any(part.any() for part in parts):
        return no_lots()
    found_activity, found_frame = [], []
    for (name, kind), stated in zip(_TABLES, parts, strict=True):
        if stated.any():
            activity, row = _matched(data, catalog, points, activities, name, kind)
            lotted = stated[row]
            found_activity.append(activity[lotted])
            found_frame.append(_sizes(data, name).iloc[row[lotted]])
    activity = np.concatenate(found_activity)
    order = np.argsort(activity, kind="stable")
    frame = pd.concat(found_frame, ignore_index=True).iloc[order]
    activity = activity[order]
    whole = points.whole_units[activities.point[activity]]
    lots = _lots(frame, activity, whole)
    used = (lots.minimum > np.where(whole, 1.0, 0.0)) | np.isfinite(lots.maximum)
    used |= (lots.multiple > 0) | np.array([bool(own) for own in lots.packs], dtype=bool)
    rows = np.flatnonzero(used)
    lots = Lots(
        lots.activity[rows],
        lots.minimum[rows],
        lots.maximum[rows],
        lots.multiple[rows],
        tuple(lots.packs[row] for row in rows.tolist()),
        lots.tolerance[rows],
        lots.step[rows],
        lots.cut[rows],
        lots.largest[rows],
    )
    return _bounded(lots, catalog, points, activities, wanted)


def _stated(data: PlanningData, name: str) -> BoolArray:
    """Rows of a table that state a lot size."""
    frame = data[name]
    stated = frame["pack_sizes"].notna().to_numpy(dtype=bool)
    for column in ("minimum", "multiple", "maximum"):
        stated = stated | frame[column].notna().to_numpy(dtype=bool)
    return np.asarray(stated)


def _sizes(data: PlanningData, name: str) -> pd.DataFrame:
    """Lot sizes of a table with its packs as tuples."""
    frame = data[name]
    packs = np.full(len(frame), None, dtype=object)
    for row in np.flatnonzero(frame["pack_sizes"].notna()).tolist():
        packs[row] = parse_packs(str(frame["pack_sizes"].iloc[row]))
    return pd.DataFrame(
        {
            "minimum": frame["minimum"].fillna(0.0).to_numpy(np.float64),
            "maximum": frame["maximum"].fillna(np.inf).to_numpy(np.float64),
            "multiple": frame["multiple"].fillna(0.0).to_numpy(np.float64),
            "tolerance": frame["pack_tolerance"].fillna(0.0).to_numpy(np.float64),
            "packs": packs,
        }
    )


def _matched(
    data: PlanningData,
    catalog: Catalog,
    points: StockingPoints,
    activities: Activities,
    name: str,
    kind: ActivityKind,
) -> tuple[IntArray, IntArray]:
    """New activities of a kind, and their rows of a table."""
    table = data[name]
    mine = np.flatnonzero((activities.kind == kind) & (activities.planned < 0))
    label, point = activities.label[mine], points.keys[activities.point[mine]]
    if kind == ActivityKind.TRANSFER:
        row = _lane_rows(table, catalog, points, activities, mine)
    else:
        own = table["supplier" if kind == ActivityKind.BUY else "alternative"].astype(object)
        index = pd.MultiIndex.from_arrays([catalog.point_keys(table), own])
        row = index.get_indexer(pd.MultiIndex.from_arrays([point, label]))
    return mine[row >= 0], row[row >= 0]


def _lane_rows(
    table: pd.DataFrame, catalog: Catalog, points: StockingPoints, activities: Activities, mine: IntArray
) -> IntArray:
    """The lane of each transfer: one of the item replaces one of every item."""
    items = np.append(catalog.items.to_numpy(dtype=object), "")
    places = catalog.locations.to_numpy(dtype=object)
    keys, origin = points.keys[activities.point[mine]], points.keys[activities.origin[mine]]
    ends = [
        places[catalog.location_of(origin)],
        places[catalog.location_of(keys)],
        activities.label[mine],
    ]
    columns = [table[column].astype(object) for column in ("origin", "destination", "mode")]
    index = pd.MultiIndex.from_arrays([table["item"].astype(object).fillna(""), *columns])
    own = index.get_indexer(pd.MultiIndex.from_arrays([items[catalog.item_of(keys)], *ends]))
    shared = index.get_indexer(pd.MultiIndex.from_arrays([np.full(len(mine), "", dtype=object), *ends]))
    return np.where(own >= 0, own, shared)


def _lots(frame: pd.DataFrame, activity: IntArray, whole: BoolArray) -> Lots:
    """Lot sizes with limits that are whole multiples."""
    multiple = frame["multiple"].to_numpy(np.float64)
    multiple = np.where(whole & (multiple == 1.0), 0.0, multiple)
    tolerance = frame["tolerance"].to_numpy(np.float64)
    low, high = frame["minimum"].to_numpy(np.float64), frame["maximum"].to_numpy(np.float64)
    packs = tuple(
        _usable(own or (), share, most) for own, share, most in zip(frame["packs"], tolerance, high, strict=True)
    )
    packed = np.array([bool(own) for own in packs], dtype=bool)
    smallest = np.array([min(own, default=0.0) for own in packs])
    nested = packed & (tolerance == 0) & np.array([_nested(own) for own in packs], dtype=bool)
    step = np.where(nested, smallest, np.where((multiple > 0) & ~packed, multiple, np.where(whole, 1.0, 0.0)))
    safe = np.where(step > 0, step, 1.0)
    minimum = np.where(step > 0, np.ceil(low / safe - NOISE) * safe, low)
    maximum = np.where((step > 0) & np.isfinite(high), np.floor(high / safe + NOISE) * safe, high)
    by_packs = (tolerance == 0) & (minimum <= smallest + NOISE)
    cut = np.where(~packed | nested, Cut.STEPS, np.where(by_packs, Cut.PACKS, Cut.NEVER))
    return Lots(activity, minimum, maximum, multiple, packs, tolerance, step, cut, np.zeros(len(activity)))


def _usable(packs: tuple[float, ...], tolerance: float, maximum: float) -> tuple[float, ...]:
    """Packs of which one is no more than an order may be."""
    return tuple(size for size in packs if size * (1 - tolerance) <= maximum + NOISE) or packs


def _nested(packs: tuple[float, ...]) -> bool:
    """Whether all packs are multiples of the smallest."""
    smallest = min(packs, default=1.0)
    return all(abs(size / smallest - round(size / smallest)) <= NOISE for size in packs)


def _bounded(lots: Lots, catalog: Catalog, points: StockingPoints, activities: Activities, wanted: FloatArray) -> Lots:
    """The same with the largest order that can be useful: everything that is wanted, rounded up to a lot."""
    item = catalog.item_of(points.keys)
    biggest = np.array([max(own, default=0.0) for own in lots.packs])
    lot = np.maximum(np.maximum(lots.minimum, lots.multiple), biggest)
    slack = np.zeros(len(catalog.items))
    np.add.at(slack, item[activities.point[lots.activity]], lot)
    posts = activities.posts
    takes = np.flatnonzero((posts.quantity < 0) & (activities.kind[posts.activity] == ActivityKind.MAKE))
    made, used = item[activities.point[posts.activity[takes]]], item[posts.point[takes]]
    pairs = pd.DataFrame({"made": made, "used": used, "per": -posts.quantity[takes]})
    per = pairs.groupby(["made", "used"])["per"].max().reset_index()
    need = wanted + slack
    for _ in range(EXPLOSIONS):
        more = np.bincount(per["used"], weights=need[per["made"]] * per["per"], minlength=len(need))
        grown = np.minimum(wanted + slack + more, MOST_UNITS)
        if np.array_equal(grown, need):
            break
        need = grown
    largest = need[item[activities.point[lots.activity]]] + lot
    return replace(lots, largest=largest)
