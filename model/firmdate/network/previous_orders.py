"""What the previous run made, moved and bought: units per activity and start date, which stability prefers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.backlog.results import PreviousRun
from firmdate.network.activities import Activities, ActivityKind
from firmdate.network.catalog import Catalog, StockingPoints
from firmdate.network.horizon import BoolArray, FloatArray, Horizon, IntArray
from firmdate.network.planned import PlannedOrders

_TYPES = pd.Index(["make", "transfer", "buy"], dtype=object)
"""By ``ActivityKind``; supply that is assumed is a purchase without a supplier."""


@dataclass(frozen=True)
class PreviousOrders:
    """Units that stability prefers to start again, sorted by activity and day.

    Args:
        in_use: False where there is no previous run, or no preference for it.
        activity: Activity.
        day: Day on which it was started.
        quantity: Units that were started.
    """

    in_use: bool
    activity: IntArray
    day: IntArray
    quantity: FloatArray

    def __len__(self) -> int:
        return len(self.activity)

    def bought(self, activities: Activities) -> IntArray:
        """Purchases; they can be made again on their day only where they keep their stock."""
        return np.asarray(self.activity[activities.kind[self.activity] == ActivityKind.BUY])

    def grid(self, activity: IntArray, days: int) -> BoolArray | None:
        """Some activities × days, with the days of the previous run marked; None where it has none."""
        if not len(self):
            return None
        found = np.zeros((len(activity), days), dtype=bool)
        row = np.full(int(max(self.activity.max(initial=-1), activity.max(initial=-1))) + 1, -1)
        row[activity] = np.arange(len(activity))
        mine = row[self.activity]
        found[mine[mine >= 0], self.day[mine >= 0]] = True
        return found


def read_previous_orders(
    previous: PreviousRun | None,
    catalog: Catalog,
    points: StockingPoints,
    activities: Activities,
    planned: PlannedOrders,
    horizon: Horizon,
    *,
    weekly: bool,
) -> PreviousOrders:
    """Find the activities of the orders of a previous run.

    A planned order that the previous run does not know counts as if it had been started as planned: what a planner has
    put into the plan since then is no change.

    Args:
        previous: The previous run; None without one, or without stability.
        catalog: Items and locations.
        points: Stocking points.
        activities: What can be done.
        planned: Planned orders.
        horizon: Days.
        weekly: Everything happens on the first day of a week.
    """
    none = np.empty(0, dtype=np.int64)
    if previous is None:
        return PreviousOrders(False, none, none, np.empty(0))
    orders = previous.supply_orders[previous.supply_orders["quantity"] > 0].reset_index(drop=True)
    activity = _new(orders, previous.deployments, catalog, points, activities)
    of_plan, known = _planned(orders, previous.supply_orders, activities, planned)
    activity = np.where(of_plan >= 0, of_plan, activity)
    day, quantity = horizon.day_of(orders["start_date"]), orders["quantity"].to_numpy(np.float64)
    fresh = np.flatnonzero((activities.planned >= 0) & ~np.append(known, True)[activities.planned])
    activity = np.concatenate([activity, fresh])
    day = np.concatenate([day - day % 7 if weekly else day, activities.first_day[fresh]])
    quantity = np.concatenate([quantity, planned.quantity[activities.planned[fresh]]])
    rows = (activity >= 0) & (day >= 0) & (day < horizon.days)
    distinct, at = np.unique(activity[rows] * horizon.days + day[rows], return_inverse=True)
    units = np.bincount(np.asarray(at).reshape(-1), weights=quantity[rows], minlength=len(distinct))
    return PreviousOrders(True, distinct // horizon.days, distinct % horizon.days, units.astype(np.float64))


def _new(
    orders: pd.DataFrame,
    deployments: pd.DataFrame,
    catalog: Catalog,
    points: StockingPoints,
    activities: Activities,
) -> IntArray:
    """The activity of every order that was new, -1 where there is none any more."""

    def texts(frame: pd.DataFrame, column: str) -> pd.Series:
        return frame[column].astype(object).where(frame[column].notna(), "")

    def key(item: str, location: str) -> IntArray:
        places = catalog.locations.get_indexer(pd.Index(texts(orders, location)))
        return catalog.join(catalog.items.get_indexer(pd.Index(texts(orders, item))), places)

    moves = deployments.drop_duplicates(["planned_order", "item", "origin", "destination"])
    ends = ("order", "item", "origin", "location")
    moved = pd.MultiIndex.from_arrays(
        [texts(moves, name) for name in ("planned_order", "item", "origin", "destination")]
    ).get_indexer(pd.MultiIndex.from_arrays([texts(orders, name) for name in ends]))
    mode = np.append(texts(moves, "mode").to_numpy(dtype=object), "")[moved]
    kind = _TYPES.get_indexer(pd.Index(orders["type"].astype(object)))
    label = np.select(
        [kind == ActivityKind.MAKE, kind == ActivityKind.TRANSFER], [texts(orders, "alternative"), mode], "x"
    )
    label = np.where(kind == ActivityKind.BUY, texts(orders, "supplier"), label).astype(object)
    origin = np.where(kind == ActivityKind.TRANSFER, key("item", "origin"), -1)
    mine = np.flatnonzero((activities.planned < 0) & (activities.kind <= ActivityKind.SOURCE))
    ships = activities.origin[mine]
    index = pd.MultiIndex.from_arrays(
        [
            np.minimum(activities.kind[mine], int(ActivityKind.BUY)),
            points.keys[activities.point[mine]],
            np.where(ships >= 0, points.keys[ships], -1),
            activities.label[mine],
        ]
    )
    distinct = ~index.duplicated()
    at = index[distinct].get_indexer(pd.MultiIndex.from_arrays([kind, key("item", "location"), origin, label]))
    was_new = (texts(orders, "plan") == "").to_numpy()
    return np.where(was_new & (at >= 0), np.append(mine[distinct], -1)[at], -1)


def _planned(
    orders: pd.DataFrame, every: pd.DataFrame, activities: Activities, planned: PlannedOrders
) -> tuple[IntArray, BoolArray]:
    """The activity of every order that was planned, -1 for others; and the planned orders that the run knows."""
    index = pd.MultiIndex.from_arrays([planned.frame["plan"], planned.frame["order"]])

    def rows(frame: pd.DataFrame) -> IntArray:
        return np.asarray(
            index.get_indexer(pd.MultiIndex.from_arrays([frame[name].astype(object) for name in ("plan", "order")]))
        )

    of_order = np.full(len(planned) + 1, -1)
    adjustable = np.flatnonzero(activities.planned >= 0)
    of_order[activities.planned[adjustable]] = adjustable
    known = np.zeros(len(planned) + 1, dtype=bool)
    known[rows(every)] = True
    return of_order[rows(orders)], known[:-1]
