"""Lines that other locations of their balancing area may ship too: pools into which all of these locations ship.

Such a line is served from a pool beside its own stocking point, like the pools of :mod:`firmdate.network.substitutes`,
into which the item itself, its substitutes where the line allows them, and the item at the other locations flow. A
line with a rule of splits has a pool of its own, into which another location ships all of the line or nothing; or any
part of it, where the line may have several deliveries and each shipment of a location is one of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from firmdate.data.planning_data import PlanningData
from firmdate.network.activities import Activities, ActivityKind, Uses, join_posts, supply_posts, take_posts
from firmdate.network.catalog import Catalog, StockingPoints, encode
from firmdate.network.horizon import NO_DAY, FloatArray, IntArray
from firmdate.network.relations import pairs
from firmdate.network.substitutes import Substitutes, allocated, allows_substitutes, with_pools


@dataclass(frozen=True)
class ShipFrom:
    """Who may be served from other locations, and from where.

    Args:
        area: Per location: its balancing area, -1 without one.
        pool: Per order line, sorted by order and line: item code of its pool, -1 where only its own location ships.
        full: Per item code: units that another location ships at once or not at all; 0 for any number.
        counted: Per item code: units of the line of which every shipment counts as a delivery; 0 for all others.
    """

    area: IntArray
    pool: IntArray
    full: FloatArray
    counted: FloatArray

    def served(self, catalog: Catalog, keys: IntArray, served: IntArray) -> IntArray:
        """Where lines are served.

        Args:
            catalog: Items and locations, pools included.
            keys: Stocking point key of every line.
            served: Where they are served by their own locations.
        """
        if not (self.pool >= 0).any():
            return served
        return np.where(self.pool >= 0, catalog.join(self.pool, catalog.location_of(keys)), served)

    def others(self, catalog: Catalog, keys: IntArray) -> tuple[IntArray, IntArray]:
        """Positions of keys and the stocking point keys of the same item at the other locations of the area."""
        own = catalog.location_of(keys)
        at, other = pairs(self.area[own], np.where(self.area < 0, -2, self.area))
        away = other != own[at]
        at, other = at[away], other[away]
        return at, catalog.join(catalog.item_of(keys[at]), other)

    def sources(self, catalog: Catalog, found: Substitutes, served: IntArray) -> IntArray:
        """Keys of the item at all other locations that may ship what is served from some keys."""
        served = np.unique(served[np.isin(catalog.item_of(served), self.pool[self.pool >= 0])])
        return np.unique(self.others(catalog, found.real(catalog, served))[1])

    def whole_starts(self, catalog: Catalog, points: StockingPoints, activities: Activities) -> FloatArray:
        """Per activity: units that it ships at once or not at all; 0 for any number."""
        full = self.full[catalog.item_of(points.keys[activities.point])]
        return np.where(activities.kind == ActivityKind.SHIP_FROM, full, 0.0)

    def counted_starts(self, catalog: Catalog, points: StockingPoints, activities: Activities) -> FloatArray:
        """Per activity that fills the pool of a line whose shipments are counted: units of the line; 0 for others."""
        return self.counted[catalog.item_of(points.keys[activities.point])]


def read_ship_from(
    data: PlanningData, catalog: Catalog, substitutes: Substitutes
) -> tuple[ShipFrom, Substitutes, Catalog]:
    """Lines that other locations may ship; substitutes and catalog with the pools that this needs.

    Args:
        data: Planning data.
        catalog: Items and locations.
        substitutes: Substitutes.
    """
    demands, items = data["demands"], len(catalog.items)
    none = np.full(len(demands), -1)
    chosen = (demands["ship_from"] == "any").to_numpy(dtype=bool)
    if not chosen.any():
        nowhere = ShipFrom(np.full(len(catalog.locations), -1), none, np.zeros(items), np.zeros(items))
        return nowhere, substitutes, catalog
    order = np.lexsort((demands["line"].astype(str), demands["order"].astype(str)))
    demands, chosen = demands.iloc[order], chosen[order]
    area = _areas(data, catalog)
    ruled = ~demands["partial"].to_numpy(dtype=bool) | (demands["minimum_shipment"].fillna(0) > 0).to_numpy()
    ruled |= (demands["maximum_deliveries"] == 1).to_numpy()
    several = ~ruled & demands["maximum_deliveries"].notna().to_numpy()
    ruled |= several
    # What is reserved is reserved at its own location: a line with a rule of splits stays there.
    held = pd.MultiIndex.from_frame(data["reservations"][["order", "line"]].astype(object))
    lines = pd.MultiIndex.from_frame(demands[["order", "line"]].astype(object))
    chosen &= ~(ruled & lines.isin(held)) & ~allocated(data, demands["item"])
    chosen &= area[encode(demands["location"], catalog.locations)] >= 0
    rows = np.flatnonzero(chosen)
    item = encode(demands["item"], catalog.items)[rows]
    replaced = allows_substitutes(demands, substitutes.lines)[rows]
    own = np.where(ruled[rows], np.arange(len(rows)) + 1, 0)
    distinct, first, at = np.unique(
        np.column_stack([item, replaced, own]), axis=0, return_index=True, return_inverse=True
    )
    pool = none.copy()
    pool[rows] = items + np.asarray(at).reshape(-1)
    names = [
        _name(str(catalog.items[real]), bool(also), demands.iloc[rows[row]] if single else None)
        for (real, also, single), row in zip(distinct.tolist(), first.tolist(), strict=True)
    ]
    real = distinct[:, 0]
    units = np.where(distinct[:, 2] > 0, demands["quantity"].to_numpy(np.float64)[rows[first]], 0.0)
    full, counted = (np.where(several[rows[first]] == counts, units, 0.0) for counts in (False, True))
    found = replace(
        substitutes,
        real_of=np.concatenate([substitutes.real_of, real]),
        refused=np.concatenate([substitutes.refused, distinct[:, 1] == 0]),
    )
    rule = ShipFrom(area, pool, *(np.concatenate([np.zeros(items), part]) for part in (full, counted)))
    return rule, found, with_pools(catalog, real, names)


def _areas(data: PlanningData, catalog: Catalog) -> IntArray:
    """Number of the balancing area of every location; -1 without one."""
    table = data["locations"]
    area = np.full(len(catalog.locations), -1)
    names = pd.Index(sorted(table["balancing_area"].dropna().astype(object).unique()), dtype=object)
    area[encode(table["location"], catalog.locations)] = encode(table["balancing_area"], names)
    return area


def _name(item: str, replaced: bool, line: pd.Series | None) -> str:
    more = " or substitute" if replaced else ""
    whose = "" if line is None else f" for {line['order']}/{line['line']}"
    return f"{item} (any location{more}{whose})"


def shipping_activities(rule: ShipFrom, found: Substitutes, catalog: Catalog, points: StockingPoints) -> Activities:
    """How other locations ship into the pools: at once, on their own days of shipping; in the order of their names."""
    pools = np.flatnonzero(np.isin(catalog.item_of(points.keys), rule.pool[rule.pool >= 0]))
    at, sources = rule.others(catalog, found.real(catalog, points.keys[pools]))
    origin = points.find(sources)
    at, origin = at[origin >= 0], origin[origin >= 0]
    point, count = pools[at], len(at)
    calendar = points.calendars.shipping[origin]
    every, at_once, ones = np.arange(count), np.zeros(count, dtype=np.int64), np.ones(count)
    none = np.empty(0, dtype=np.int64)
    return Activities(
        kind=np.full(count, int(ActivityKind.SHIP_FROM)),
        point=point,
        origin=origin,
        label=catalog.locations.to_numpy(dtype=object)[catalog.location_of(points.keys[origin])],
        planned=np.full(count, -1),
        start_calendar=calendar,
        first_day=at_once,
        last_day=at_once + NO_DAY,
        unit_cost=0.0 * ones,
        rank=1.0 + catalog.location_of(points.keys[origin]) / max(len(catalog.locations), 1),
        posts=join_posts(
            supply_posts(every, point, at_once, calendar), take_posts(every, origin, ones, at_once, calendar)
        ),
        uses=Uses(none, none, np.empty(0), none),
    )
