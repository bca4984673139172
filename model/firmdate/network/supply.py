"""New supply that the network allows: makes, transfers, buys and assumed sources.

Only what a demand or a stock target can need is built: from the needed stocking points the search goes
upstream over lanes, bills of materials and suppliers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.data.planning_data import PlanningData
from firmdate.network.activities import Activities, ActivityKind, Posts, Uses, join_posts, supply_posts, take_posts
from firmdate.network.bills import MakeData
from firmdate.network.capacity import Capacities, CapacityKind
from firmdate.network.catalog import Catalog, StockingPoints, encode
from firmdate.network.horizon import NO_DAY, BoolArray, Calendars, Horizon, IntArray
from firmdate.network.relations import pairs
from firmdate.network.substitutes import Substitutes


@dataclass(frozen=True)
class Lanes:
    """Lanes between stocking points: blank items filled in, only where needed.

    Args:
        row: Row of the lanes table.
        origin: Stocking point key that ships.
        destination: Stocking point key that receives.
    """

    row: IntArray
    origin: IntArray
    destination: IntArray


@dataclass(frozen=True)
class Policy:
    """How each stocking point key with a row in ``stocking_points`` is supplied.

    Args:
        key: Sorted stocking point keys.
        row: Row of the table.
        new_orders: False where no new order may be created (``coverage: none``).
        assumed_lead_time: Days in which supply is assumed without a search; -1 where it is searched.
        components: False where components of a make are not searched.
        fence: Days after which supply is infinite; :data:`NO_DAY` where the row does not say it.
    """

    key: IntArray
    row: IntArray
    new_orders: BoolArray
    assumed_lead_time: IntArray
    components: BoolArray
    fence: IntArray

    def keys_where(self, mask: BoolArray) -> IntArray:
        """Keys of the rows of a mask."""
        return self.key[mask]


def read_policy(data: PlanningData, catalog: Catalog) -> Policy:
    """Coverage and search of the stocking points."""
    table = data["stocking_points"]
    key = catalog.point_keys(table)
    order = np.argsort(key, kind="stable")
    table = table.iloc[order]
    search = table["search"].astype(object).to_numpy()
    lead_time = np.nan_to_num(table["lead_time_days"].to_numpy(np.float64)).astype(np.int64)
    return Policy(
        key=key[order],
        row=order,
        new_orders=(table["coverage"].astype(object) != "none").to_numpy(),
        assumed_lead_time=np.where(search == "infinite", 0, np.where(search == "lead_time", lead_time, -1)),
        components=table["search_components"].to_numpy(),
        fence=table["infinite_fence_days"].fillna(NO_DAY).to_numpy(np.int64),
    )


class SupplyNetwork:
    """Lanes, ways of making and suppliers, searched upstream from what is needed."""

    def __init__(
        self,
        data: PlanningData,
        catalog: Catalog,
        makes: MakeData,
        policy: Policy,
        horizon: Horizon,
        substitutes: Substitutes,
    ) -> None:
        self._substitutes = substitutes
        self._data = data
        self._catalog = catalog
        self._makes = makes
        self._policy = policy
        self._horizon = horizon
        lanes = data["lanes"]
        self._lane_origin = encode(lanes["origin"], catalog.locations)
        self._lane_destination = encode(lanes["destination"], catalog.locations)
        item = encode(lanes["item"], catalog.items)
        self._own_rows = np.flatnonzero(item >= 0)
        self._shared_rows = np.flatnonzero(item < 0)
        self._own_destination = catalog.join(item, self._lane_destination)[self._own_rows]
        self._own_origin = catalog.join(item, self._lane_origin)[self._own_rows]
        self._mode = encode(lanes["mode"], pd.Index(sorted(set(lanes["mode"].astype(object))), dtype=object))

    def needed(self, roots: IntArray) -> IntArray:
        """Keys of all stocking points from which the roots can be supplied, the roots included, pools left out."""
        reached = np.unique(roots[roots >= 0])
        frontier = reached
        while frontier.size:
            searched = self._searched(frontier)
            options = self._makes.options(self._searched(frontier))
            components = self._makes.components(options).target
            found = np.concatenate([self.lanes(searched).origin, components, self._replacing(components)])
            frontier = np.setdiff1d(found[found >= 0], reached)
            reached = np.union1d(reached, frontier)
        return reached

    def _searched(self, keys: IntArray) -> IntArray:
        """The keys that new orders may supply through the network."""
        assumed = self._policy.keys_where(~self._policy.new_orders | (self._policy.assumed_lead_time >= 0))
        return np.setdiff1d(keys[~self._substitutes.is_pool(self._catalog, keys)], assumed)

    def _replacing(self, components: IntArray) -> IntArray:
        """Keys of the substitutes of components, where makes may take them."""
        used = self._substitutes.components and len(self._substitutes) > 0
        return self._substitutes.keys(self._catalog, components) if used else components[:0]

    def lanes(self, keys: IntArray) -> Lanes:
        """Lanes into these (distinct) stocking points; a lane of the item replaces one of every item."""
        point, at = pairs(keys, self._own_destination)
        own = Lanes(self._own_rows[at], self._own_origin[at], keys[point])
        point, at = pairs(self._catalog.location_of(keys), self._lane_destination[self._shared_rows])
        row = self._shared_rows[at]
        origin = self._catalog.join(self._catalog.item_of(keys[point]), self._lane_origin[row])
        shared = Lanes(row, origin, keys[point])
        replaced = pd.MultiIndex.from_arrays([shared.origin, shared.destination, self._mode[shared.row]]).isin(
            pd.MultiIndex.from_arrays([own.origin, own.destination, self._mode[own.row]])
        )
        kept = ~replaced
        return Lanes(
            np.concatenate([own.row, shared.row[kept]]),
            np.concatenate([own.origin, shared.origin[kept]]),
            np.concatenate([own.destination, shared.destination[kept]]),
        )

    def transfers(self, points: StockingPoints, capacities: Capacities) -> Activities:
        """One activity per lane and item that is needed."""
        lanes = self.lanes(self._searched(points.keys))
        order = np.lexsort((self._mode[lanes.row], lanes.origin, lanes.destination))
        row = lanes.row[order]
        origin, point = points.find(lanes.origin[order]), points.find(lanes.destination[order])
        table = self._data["lanes"]
        count = len(row)
        start_calendar = points.calendars.shipping[origin]
        lead_time = table["lead_time_days"].to_numpy(np.int64)[row]
        first = np.where(table["effective_from"].isna(), 0, self._horizon.day_of(table["effective_from"]))[row]
        every = np.arange(count)
        posts = join_posts(
            supply_posts(every, point, lead_time, points.calendars.receiving[point]),
            take_posts(every, origin, np.ones(count), np.zeros(count, dtype=np.int64), start_calendar),
        )
        group = capacities.of_lane(row)
        limited = np.flatnonzero(group >= 0)
        return Activities(
            kind=np.full(count, int(ActivityKind.TRANSFER)),
            point=point,
            origin=origin,
            label=table["mode"].astype(object).to_numpy()[row],
            planned=np.full(count, -1),
            start_calendar=start_calendar,
            first_day=np.maximum(first, 0),
            last_day=self._horizon.day_of(table["effective_to"])[row],
            unit_cost=table["unit_cost"].to_numpy(np.float64)[row],
            rank=table["rank"].to_numpy(np.float64)[row],
            posts=posts,
            uses=Uses(limited, group[limited], np.ones(len(limited)), np.zeros(len(limited), dtype=np.int64)),
        )

    def buys(self, points: StockingPoints, capacities: Capacities, calendars: Calendars) -> Activities:
        """One activity per supplier that sells a needed item at a location."""
        table = self._data["supplier_items"]
        point, row = pairs(self._searched(points.keys), self._catalog.point_keys(table))
        point = points.find(self._searched(points.keys)[point])
        supplier = table["supplier"].astype(object).to_numpy()[row]
        order = np.lexsort((supplier.astype(str), point))
        point, row, supplier = point[order], row[order], supplier[order]
        count = len(row)
        suppliers = self._data["suppliers"]
        names = pd.Index(suppliers["supplier"].astype(object))
        calendar_of = np.maximum(encode(suppliers["calendar"], pd.Index(calendars.names, dtype=object)), 0)
        start_calendar = np.append(calendar_of, 0)[names.get_indexer(pd.Index(supplier))]
        every = np.arange(count)
        sellers = table["supplier"].iloc[row]
        groups = (
            capacities.named(CapacityKind.SUPPLIER, sellers),
            capacities.named_item(CapacityKind.SUPPLIER, sellers, self._catalog.item_of(points.keys[point])),
        )
        return Activities(
            kind=np.full(count, int(ActivityKind.BUY)),
            point=point,
            origin=np.full(count, -1),
            label=supplier,
            planned=np.full(count, -1),
            start_calendar=start_calendar,
            first_day=np.zeros(count, dtype=np.int64),
            last_day=np.full(count, NO_DAY),
            unit_cost=table["unit_cost"].to_numpy(np.float64)[row],
            rank=table["rank"].to_numpy(np.float64)[row],
            posts=supply_posts(
                every, point, table["lead_time_days"].to_numpy(np.int64)[row], points.calendars.receiving[point]
            ),
            uses=_unit_uses(every, groups),
        )

    def new_makes(self, points: StockingPoints, capacities: Capacities) -> Activities:
        """One activity per way of making a needed item."""
        options = self._makes.options(self._searched(points.keys))
        point = points.find(options.key)
        count = len(options)
        every = np.arange(count)
        calendar = points.calendars.working[point]
        components = self._makes.components(options)
        unsearched = np.isin(options.key, self._policy.keys_where(~self._policy.components))[components.option]
        dated = np.zeros(count, dtype=bool)
        dated[components.option[(components.first_day > 0) | (components.last_day < NO_DAY)]] = True
        # A bill that is not searched takes nothing, but still says on which days it holds.
        kept = ~unsearched | dated[components.option]
        taken = Posts(
            activity=components.option[kept],
            point=points.find(components.target[kept]),
            quantity=np.where(unsearched, 0.0, -components.quantity)[kept],
            offset=np.zeros(int(kept.sum()), dtype=np.int64),
            calendar=calendar[components.option[kept]],
            first_start=components.first_day[kept],
            last_start=components.last_day[kept],
        )
        hours = self._makes.resources(options)
        group = capacities.named(CapacityKind.RESOURCE, self._data["operation_resources"]["resource"])[hours.target]
        limited = (group >= 0) & (hours.quantity > 0)
        return Activities(
            kind=np.full(count, int(ActivityKind.MAKE)),
            point=point,
            origin=np.full(count, -1),
            label=self._makes.alternatives.to_numpy(dtype=object)[options.alternative],
            planned=np.full(count, -1),
            start_calendar=calendar,
            first_day=np.zeros(count, dtype=np.int64),
            last_day=np.full(count, NO_DAY),
            unit_cost=options.unit_cost,
            rank=options.rank,
            posts=join_posts(supply_posts(every, point, options.lead_time, calendar), taken),
            uses=Uses(
                hours.option[limited],
                group[limited],
                hours.quantity[limited],
                np.zeros(int(limited.sum()), dtype=np.int64),
            ),
        )

    def assumed(self, points: StockingPoints) -> Activities:
        """Supply that is assumed at points with ``search: infinite`` or ``lead_time``."""
        mask = (self._policy.assumed_lead_time >= 0) & self._policy.new_orders
        point = points.find(self._policy.key[mask])
        lead_time = self._policy.assumed_lead_time[mask][point >= 0]
        point = point[point >= 0]
        first = np.zeros(len(point), dtype=np.int64)
        return self._sources(point, first, lead_time, points.calendars.receiving[point])

    def fenced(self, points: StockingPoints, wanted: IntArray, fence: int | None) -> Activities:
        """Supply that is infinite from a day on, whatever else is searched.

        Where all fences are the same, nothing upstream can be there sooner, and only what is wanted needs a source.

        Args:
            points: Stocking points.
            wanted: Keys of stocking points at which something is wanted.
            fence: Days of stocking points that do not say it themselves; None without a fence.
        """
        policy, none = self._policy, np.full(len(points), NO_DAY if fence is None else fence)
        at = points.find(policy.key)
        own = np.flatnonzero((at >= 0) & (policy.fence != NO_DAY))
        day = none.copy()
        day[at[own]] = policy.fence[own]
        day[self._substitutes.is_pool(self._catalog, points.keys)] = NO_DAY
        if not len(own):
            day[~np.isin(points.keys, wanted)] = NO_DAY
        point = np.flatnonzero(day < self._horizon.days)
        at_once = np.zeros(len(point), dtype=np.int64)
        return self._sources(point, day[point], at_once, at_once)

    @staticmethod
    def _sources(point: IntArray, first: IntArray, lead_time: IntArray, calendar: IntArray) -> Activities:
        count = len(point)
        none = np.empty(0, dtype=np.int64)
        return Activities(
            kind=np.full(count, int(ActivityKind.SOURCE)),
            point=point,
            origin=np.full(count, -1),
            label=np.full(count, "", dtype=object),
            planned=np.full(count, -1),
            start_calendar=np.zeros(count, dtype=np.int64),
            first_day=first,
            last_day=np.full(count, NO_DAY),
            unit_cost=np.zeros(count),
            rank=np.ones(count),
            posts=supply_posts(np.arange(count), point, lead_time, calendar),
            uses=Uses(none, none, np.empty(0), none),
        )


def _unit_uses(activity: IntArray, groups: tuple[IntArray, ...]) -> Uses:
    """One unit of every group that is limited, on the start day."""
    parts = [(activity[group >= 0], group[group >= 0]) for group in groups]
    rows = np.concatenate([part[0] for part in parts])
    count = len(rows)
    return Uses(rows, np.concatenate([part[1] for part in parts]), np.ones(count), np.zeros(count, dtype=np.int64))
