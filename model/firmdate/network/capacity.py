"""Resources, suppliers and lanes with a limit, cut into intervals of the horizon."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import pandas as pd

from firmdate.data.planning_data import PlanningData
from firmdate.data.suggest import counted
from firmdate.errors import InputError, Problem
from firmdate.network.catalog import Catalog, encode
from firmdate.network.horizon import BoolArray, FloatArray, Horizon, IntArray


class CapacityKind(IntEnum):
    """What is limited."""

    RESOURCE = 0
    SUPPLIER = 1
    LANE = 2


@dataclass(frozen=True)
class Capacities:
    """Everything that is limited ("groups"), and its capacity per interval.

    The intervals of a group cover the whole horizon without a gap: days without a row have an
    interval of capacity 0, so that every use of capacity falls in exactly one interval.

    Args:
        kind: Per group: a :class:`CapacityKind`.
        name: Per group: resource, supplier or ``origin > destination (mode)``.
        item: Per group: item code when only that item is limited, else -1.
        row: Per group: row of its lane in the lanes table, else -1.
        group: Per interval: its group.
        start: Per interval: first day.
        end: Per interval: day after the last.
        available: Per interval: hours (resource) or units (supplier, lane).
        extra: Per interval: overtime hours or extra units that can be had beyond these.
        extra_cost: Per interval: money per hour or unit of them.
        interval_of: ``interval_of[group, day]``: the interval of a day.
    """

    kind: IntArray
    name: tuple[str, ...]
    item: IntArray
    row: IntArray
    group: IntArray
    start: IntArray
    end: IntArray
    available: FloatArray
    extra: FloatArray
    extra_cost: FloatArray
    interval_of: IntArray

    @property
    def limit(self) -> FloatArray:
        """Per interval: the most that can be had, overtime and extra units included."""
        return self.available + self.extra

    def less(self, load: FloatArray) -> Capacities:
        """The capacity that is left beside a fixed load per interval; the load takes the regular part first."""
        left = np.maximum(self.available - load, 0.0)
        return replace(self, available=left, extra=np.minimum(np.maximum(self.limit - load, 0.0), self.extra))

    def named(self, kind: CapacityKind, names: pd.Series) -> IntArray:
        """The group without an item of each name; -1 where the name is unlimited."""
        mine = np.flatnonzero((self.kind == kind) & (self.item < 0))
        index = pd.Index([self.name[g] for g in mine], dtype=object)
        found = encode(names, index)
        return np.where(found >= 0, np.append(mine, -1)[found], -1)

    def named_item(self, kind: CapacityKind, names: pd.Series, items: IntArray) -> IntArray:
        """The group of each name that limits just this item; -1 where there is none."""
        mine = np.flatnonzero((self.kind == kind) & (self.item >= 0))
        suppliers = pd.Index(sorted({self.name[g] for g in mine}), dtype=object)
        own = pd.MultiIndex.from_arrays(
            [suppliers.get_indexer(pd.Index([self.name[g] for g in mine], dtype=object)), self.item[mine]]
        )
        found = own.get_indexer(pd.MultiIndex.from_arrays([encode(names, suppliers), items]))
        return np.where(found >= 0, np.append(mine, -1)[found], -1)

    def of_lane(self, rows: IntArray) -> IntArray:
        """The group of each row of the lanes table; -1 where the lane is unlimited."""
        lanes = np.flatnonzero(self.kind == CapacityKind.LANE)
        if not lanes.size:
            return np.full(len(rows), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.row[lanes], rows), len(lanes) - 1)
        return np.where(self.row[lanes][at] == rows, lanes[at], -1)


def read_capacities(data: PlanningData, catalog: Catalog, horizon: Horizon, resolution: str) -> Capacities:
    """Capacities of resources, suppliers and lanes.

    An interval that begins before the planning date keeps its whole quantity for the days that are left: the
    planner states what is still free. Raises :class:`InputError` when ``resolution: week`` would lose an interval.
    """
    resource = data["resource_capacity"]
    supplier = data["supplier_capacity"]
    if resolution == "week":
        _refuse_short_intervals(data, ("resource_capacity", "supplier_capacity"))
    parts = [
        _dated_groups(CapacityKind.RESOURCE, resource, _HOURS, np.full(len(resource), -1), horizon),
        _dated_groups(CapacityKind.SUPPLIER, supplier, _UNITS, encode(supplier["item"], catalog.items), horizon),
        _lane_groups(data["lanes"], catalog, horizon),
    ]
    groups = pd.concat([part[0] for part in parts], ignore_index=True)
    first = np.cumsum([0] + [len(part[0]) for part in parts])
    intervals = pd.concat(
        [part[1].assign(group=part[1]["group"] + at) for part, at in zip(parts, first, strict=False)], ignore_index=True
    )
    intervals = intervals.sort_values(["group", "start"], kind="stable", ignore_index=True)
    lengths = (intervals["end"] - intervals["start"]).to_numpy(np.int64)
    of_day = np.repeat(np.arange(len(intervals)), lengths).reshape(len(groups), horizon.days)
    return Capacities(
        kind=groups["kind"].to_numpy(np.int64),
        name=tuple(groups["name"]),
        item=groups["item"].to_numpy(np.int64),
        row=groups["row"].to_numpy(np.int64),
        group=intervals["group"].to_numpy(np.int64),
        start=intervals["start"].to_numpy(np.int64),
        end=intervals["end"].to_numpy(np.int64),
        available=intervals["available"].to_numpy(np.float64),
        extra=intervals["extra"].to_numpy(np.float64),
        extra_cost=intervals["extra_cost"].to_numpy(np.float64),
        interval_of=of_day,
    )


_GROUP_COLUMNS = ["kind", "name", "item", "row"]
_INTERVAL_COLUMNS = ["group", "start", "end", "available", "extra", "extra_cost"]
_NOTHING = {"available": 0.0, "extra": 0.0, "extra_cost": 0.0}


def _no_groups() -> tuple[pd.DataFrame, pd.DataFrame]:
    types = {"group": "int64", "start": "int64", "end": "int64"}
    intervals = pd.DataFrame({name: pd.Series(dtype=types.get(name, "float64")) for name in _INTERVAL_COLUMNS})
    groups = {name: pd.Series(dtype="object" if name == "name" else "int64") for name in _GROUP_COLUMNS}
    return pd.DataFrame(groups), intervals


_HOURS = ("resource", "hours", "overtime_hours", "overtime_cost")
_UNITS = ("supplier", "quantity", "extra_quantity", "extra_cost")
"""Columns of the name, the quantity, what can be had beyond it, and the price of that."""


def _dated_groups(
    kind: CapacityKind, table: pd.DataFrame, columns: tuple[str, str, str, str], items: IntArray, horizon: Horizon
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Groups and gapless intervals of a table with start, end and quantity."""
    if table.empty:
        return _no_groups()
    name, quantity, extra, price = columns
    frame = pd.DataFrame(
        {
            "name": table[name].astype(object).to_numpy(),
            "item": items,
            "start": np.clip(horizon.day_of(table["start"]), 0, horizon.days),
            "end": np.clip(horizon.day_of(table["end"]), 0, horizon.days),
            "available": table[quantity].to_numpy(np.float64),
            "extra": table[extra].to_numpy(np.float64),
            "extra_cost": table[price].to_numpy(np.float64),
        }
    ).sort_values(["name", "item", "start"], kind="stable")
    groups = frame[["name", "item"]].drop_duplicates(ignore_index=True).assign(kind=int(kind), row=-1)
    frame["group"] = frame.groupby(["name", "item"], sort=True).ngroup()
    frame = frame[frame["start"] < frame["end"]]
    return groups[_GROUP_COLUMNS], _fill_gaps(frame[_INTERVAL_COLUMNS], len(groups), horizon.days)


def _fill_gaps(intervals: pd.DataFrame, groups: int, days: int) -> pd.DataFrame:
    """Add intervals of capacity 0 for the days that no interval covers."""
    edge = pd.DataFrame({"group": np.arange(groups), "start": days, "end": days, **_NOTHING})
    every = pd.concat([intervals, edge]).sort_values(["group", "start"], kind="stable")
    previous_end = every.groupby("group")["end"].shift(fill_value=0).to_numpy(np.int64)
    gap = previous_end < every["start"].to_numpy(np.int64)
    gaps = pd.DataFrame(
        {
            "group": every["group"].to_numpy()[gap],
            "start": previous_end[gap],
            "end": every["start"].to_numpy()[gap],
            **_NOTHING,
        }
    )
    return pd.concat([intervals, gaps], ignore_index=True)


def _lane_groups(lanes: pd.DataFrame, catalog: Catalog, horizon: Horizon) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One group per lane with a capacity, one interval per day."""
    rows = np.flatnonzero(lanes["capacity_per_day"].notna().to_numpy())
    if not len(rows):
        return _no_groups()
    limited = lanes.iloc[rows]
    groups = pd.DataFrame(
        {
            "kind": int(CapacityKind.LANE),
            "name": [
                lane_name(*lane)
                for lane in zip(
                    limited["item"], limited["origin"], limited["destination"], limited["mode"], strict=True
                )
            ],
            "item": encode(limited["item"], catalog.items),
            "row": rows,
        }
    )
    start = np.tile(np.arange(horizon.days), len(rows))
    intervals = pd.DataFrame(
        {
            "group": np.repeat(np.arange(len(rows)), horizon.days),
            "start": start,
            "end": start + 1,
            **_NOTHING,
            "available": np.repeat(limited["capacity_per_day"].to_numpy(np.float64), horizon.days),
        }
    )
    return groups[_GROUP_COLUMNS], intervals


def lane_name(item: object, origin: object, destination: object, mode: object) -> str:
    """``origin > destination (mode)`` with the item in front when the lane is its own."""
    text = f"{origin} > {destination} ({mode})"
    return text if item is None or item != item else f"{item}: {text}"  # noqa: PLR0124


def _refuse_short_intervals(data: PlanningData, tables: tuple[str, ...]) -> None:
    """In weeks, capacity stated by the day would fall between the planned days."""
    problems = []
    for table in tables:
        frame = data[table]
        short = frame.index[(frame["end"] - frame["start"]).dt.days < 7]
        if len(short):
            message = (
                f"{counted(len(short), 'interval')} shorter than a week; "
                "state capacity by the week, or use resolution: day"
            )
            problems.append(Problem(data.where(table, short[0]), "end", message))
    if problems:
        raise InputError(problems)


def enforced_groups(capacities: Capacities, binding: frozenset[int] | None, *, measured: bool) -> BoolArray:
    """Capacity groups that restrict the plan.

    Args:
        capacities: All groups.
        binding: Groups of lanes that do; None for all of them.
        measured: True where no capacity does.
    """
    enforced = np.full(len(capacities.kind), not measured)
    if binding is not None:
        enforced[capacities.kind == CapacityKind.LANE] = False
        enforced[list(binding)] = True
    return enforced
