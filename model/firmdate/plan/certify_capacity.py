"""Capacity of resources, suppliers and lanes against the load that the written orders put on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.plan.certify_basis import (
    Basis,
    BoolArray,
    Findings,
    FloatArray,
    IntArray,
    joint,
    numbers,
    plain,
    sums,
    tolerance,
)
from firmdate.plan.certify_orders import check_taken
from firmdate.plan.certify_postings import OrderPostings, Postings
from firmdate.plan.certify_supply import Supply


@dataclass(frozen=True)
class Limits:
    """Capacity per group (a resource, a supplier, a supplier with one item, a lane) and interval.

    Args:
        table: Table of the plan in which the loads are written.
        limited: Groups with any row; the others are unlimited. Sorted.
        group: Per interval of the horizon: its group. Sorted by group and start.
        start: First day.
        end: Day after the last day.
        available: Hours or units.
        extra: Overtime hours or extra units that may be used beyond these.
        extra_cost: Money for one of them.
        name: Name of a group, for messages.
    """

    table: str
    limited: IntArray
    group: IntArray
    start: IntArray
    end: IntArray
    available: FloatArray
    extra: FloatArray
    extra_cost: FloatArray
    name: Callable[[int], str]

    def interval(self, group: IntArray, day: IntArray) -> IntArray:
        """The interval of a group that holds a day; -1 where none does."""
        if not len(self.group):
            return np.full(len(group), -1, dtype=np.int64)
        width = np.int64(2**32)
        at = np.searchsorted(self.group * width + self.start, group * width + day, side="right") - 1
        holds = (at >= 0) & (self.group[at] == group) & (day < self.end[at])
        return np.where(holds, at, -1)

    def next_start(self, group: IntArray, day: IntArray, last: int) -> IntArray:
        """First day of the next interval of a group after a day; ``last`` where there is none."""
        width = np.int64(2**32)
        at = np.searchsorted(self.group * width + self.start, group * width + day, side="right")
        mine = np.append(self.group, -1)[at] == group
        return np.where(mine, np.append(self.start, last)[at], last)


@dataclass(frozen=True)
class Written:
    """A written table of loads.

    Args:
        frame: The table.
        group: Group of every row; -1 where it is unknown.
        start: First day.
        end: Day after the last day.
        load: Hours or units.
        capacity: Hours or units; NaN where blank.
        overload: Hours or units.
    """

    frame: pd.DataFrame
    group: IntArray
    start: IntArray
    end: IntArray
    load: FloatArray
    capacity: FloatArray
    overload: FloatArray


def check_capacities(
    found: Findings,
    supply: Supply,
    postings: OrderPostings,
    tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
    overtime: pd.DataFrame,
) -> None:
    """Capacities are kept where they are enforced, and the written loads are right.

    Args:
        found: Where findings go.
        supply: The written supply.
        postings: What it uses.
        tables: The written ``resource_load``, ``supplier_load`` and ``lane_load``.
        overtime: The written ``overtime``.
    """
    resources, suppliers, lanes = tables
    kind = overtime["kind"].astype(object)
    found.of("overtime", lambda row: str(overtime["name"].iloc[row])).add(
        ~kind.isin(["resource", "supplier"]).to_numpy(), "its kind is none of resource, supplier"
    )
    _check_resources(found, supply, postings.hours, resources, overtime[kind == "resource"])
    _check_suppliers(found, supply, postings, suppliers, overtime[kind == "supplier"])
    _check_lanes(found, supply, postings.shipments, lanes)


_RESOURCES = ("resource", "hours", "overtime_hours", "overtime_cost")
_SUPPLIERS = ("supplier", "quantity", "extra_quantity", "extra_cost")


def _limits(basis: Basis, names: tuple[str, str, str, str], group: IntArray, name: Callable[[int], str]) -> Limits:
    """Intervals of ``resource_capacity`` or ``supplier_capacity``, cut to the horizon."""
    kind = names[0]
    table = basis.data[f"{kind}_capacity"]
    start = np.maximum(basis.day(table["start"]), 0)
    end = np.minimum(basis.day(table["end"]), basis.days)
    order = np.lexsort((start, group))
    order = order[(start < end)[order]]
    available, extra, cost = (table[column].to_numpy(np.float64)[order] for column in names[1:])
    first, end = start[order], end[order]
    return Limits(f"{kind}_load", np.unique(group), group[order], first, end, available, extra, cost, name)


def _written(basis: Basis, frame: pd.DataFrame, group: IntArray) -> Written:
    return Written(
        frame=frame,
        group=group,
        start=basis.day(frame["start"]),
        end=basis.day(frame["end"]),
        load=numbers(frame["load"]),
        capacity=numbers(frame["capacity"]),
        overload=numbers(frame["overload"]),
    )


def _check_resources(
    found: Findings, supply: Supply, hours: Postings, frame: pd.DataFrame, overtime: pd.DataFrame
) -> None:
    """Hours of resources."""
    basis, resources = supply.basis, supply.ways.resources
    group = resources.codes(basis.data["resource_capacity"]["resource"])
    limits = _limits(basis, _RESOURCES, group, lambda code: resources[code])
    check_taken(found, supply, hours.where(np.isin(hours.target, limits.limited)), "takes resource hours")
    _check(found, basis, limits, hours, _written(basis, frame, resources.codes(frame["resource"])))
    _check_overtime(found, basis, limits, hours, resources.codes(overtime["name"]), overtime)


def _check_suppliers(
    found: Findings, supply: Supply, postings: OrderPostings, frame: pd.DataFrame, overtime: pd.DataFrame
) -> None:
    """A purchase counts for its supplier, and for its supplier with its item."""
    basis, ways = supply.basis, supply.ways
    table, size = basis.data["supplier_capacity"], len(basis.items) + 1

    def group_of(supplier: IntArray, item: IntArray) -> IntArray:
        return joint((supplier, len(ways.supplier_ids)), (item + 1, size))

    def name(group: int) -> str:
        supplier, item = divmod(group, size)
        return ways.supplier_ids[supplier] + (f" {basis.items[item - 1]}" if item else "")

    stated = group_of(ways.supplier_ids.codes(table["supplier"]), basis.items.codes(table["item"]))
    limits = _limits(basis, _SUPPLIERS, stated, name)
    bought = postings.purchases
    every = np.concatenate([np.full(len(postings.purchased), -1), postings.purchased])
    twice = Postings(
        row=np.tile(bought.row, 2),
        target=group_of(np.tile(bought.target, 2), every),
        day=np.tile(bought.day, 2),
        stated=np.tile(bought.stated, 2),
        quantity=np.tile(bought.quantity, 2),
        firm=np.tile(bought.firm, 2),
    )
    limited = np.isin(twice.target, limits.limited)
    of_supplier, of_item = limited[: len(every) // 2], limited[len(every) // 2 :]
    check_taken(found, supply, bought.where(of_supplier | of_item), "takes supplier capacity")
    group = group_of(ways.supplier_ids.codes(frame["supplier"]), basis.items.codes(frame["item"]))
    _check(found, basis, limits, twice, _written(basis, frame, group))
    extra = group_of(ways.supplier_ids.codes(overtime["name"]), basis.items.codes(overtime["item"]))
    _check_overtime(found, basis, limits, twice, extra, overtime)


def _check_lanes(found: Findings, supply: Supply, shipments: Postings, frame: pd.DataFrame) -> None:
    """A lane with a capacity has it on every day."""
    basis, lanes = supply.basis, supply.ways.lanes
    limited = np.flatnonzero(~np.isnan(lanes.capacity))
    names = pd.Index(lanes.names(limited), dtype=object)
    at = names.get_indexer(pd.Index(frame["lane"].astype(object)))
    group = np.where(at >= 0, np.append(limited, -1)[at], -1)
    written = _written(basis, frame, group)
    used = np.isin(shipments.target, limited)
    days = np.concatenate([shipments.day[used], written.start[at >= 0]])
    of_day = np.concatenate([shipments.target[used], group[at >= 0]])
    distinct = np.unique(np.column_stack([of_day, days])[basis.inside(days)], axis=0).reshape(-1, 2)
    limits = Limits(
        table="lane_load",
        limited=limited,
        group=distinct[:, 0],
        start=distinct[:, 1],
        end=distinct[:, 1] + 1,
        available=lanes.capacity[distinct[:, 0]],
        extra=np.zeros(len(distinct)),
        extra_cost=np.zeros(len(distinct)),
        name=lambda row: str(lanes.names(np.array([row]))[0]),
    )
    _check(found, basis, limits, shipments, written)


def _check(found: Findings, basis: Basis, limits: Limits, uses: Postings, written: Written) -> None:
    """Every use falls in one interval; days without an interval have no capacity."""
    limited = uses.where(np.isin(uses.target, limits.limited) & basis.inside(uses.day))
    if basis.scenario.mode == "constrained":
        _check_enforced(found, basis, limits, limited)
    everything = uses.where((uses.target >= 0) & basis.inside(uses.day))

    def text(row: int) -> str:
        names = [
            str(written.frame[name].iloc[row])
            for name in (limits.table.removesuffix("_load"), "item")
            if name in written.frame
        ]
        return f"{' '.join(name for name in names if name not in ('', 'nan', 'None'))} {basis.date(written.start[row])}"

    rows = found.of(limits.table, text)
    _check_intervals(rows, basis, limits, written)
    _check_written(rows, limits, everything, written, enforced=basis.scenario.mode == "constrained")
    _check_complete(found, basis, limits, limited, written)


def _check_enforced(found: Findings, basis: Basis, limits: Limits, uses: Postings) -> None:
    """Other orders use no more than firm planned orders leave."""
    intervals = len(limits.group)
    interval = limits.interval(uses.target, uses.day)
    keys, at = np.unique(np.where(interval >= 0, interval, intervals + uses.target), return_inverse=True)
    inside = keys < intervals
    firm = sums(at, uses.quantity * uses.firm, len(keys))
    load = sums(at, uses.quantity * ~uses.firm, len(keys))
    capacity = np.append(limits.available + limits.extra, 0.0)[np.where(inside, keys, -1)]
    left = np.maximum(capacity - firm, 0.0)
    first = np.full(len(keys), basis.days, dtype=np.int64)
    np.minimum.at(first, at, uses.day)

    def text(row: int) -> str:
        key = int(keys[row])
        if inside[row]:
            return f"{limits.name(int(limits.group[key]))} {basis.date(limits.start[key])}"
        return f"{limits.name(key - intervals)} {basis.date(first[row])}"

    found.of(limits.table, text).add(
        load > left + tolerance(np.maximum(capacity, load)),
        "uses more than its capacity:",
        lambda row: f"{plain(load[row])} of {plain(left[row])} that are left",
    )


def _check_intervals(rows: Findings, basis: Basis, limits: Limits, written: Written) -> None:
    """Written intervals are those of the data, cut to the horizon, or lie where there is no capacity."""
    known = written.group >= 0
    rows.add(~known, "is not in the planning data")
    outside = (written.start < 0) | (written.end > basis.days) | ~(written.start < written.end)
    rows.add(outside, "lies outside the horizon")
    known &= ~outside
    order = np.lexsort((written.start, written.group))
    group, start, end = written.group[order], written.start[order], written.end[order]
    overlaps = np.zeros(len(order), dtype=bool)
    overlaps[order[1:]] = (group[1:] == group[:-1]) & (start[1:] < end[:-1])
    rows.add(known & overlaps, "overlaps the row before it")
    interval = limits.interval(written.group, written.start)
    same = (np.append(limits.start, -1)[interval] == written.start) & (
        np.append(limits.end, -1)[interval] == written.end
    )
    free = limits.next_start(written.group, written.start, basis.days) >= written.end
    limited = np.isin(written.group, limits.limited)
    rows.add(known & limited & ~np.where(interval >= 0, same, free), "is no interval of the planning data")
    capacity = np.where(limited, np.append(limits.available, 0.0)[interval], np.nan)
    differs = np.abs(written.capacity - capacity) > tolerance(np.nan_to_num(capacity))
    rows.add(
        known & (differs | (np.isnan(written.capacity) != np.isnan(capacity))),
        "its capacity is not that of the planning data:",
        lambda row: f"{plain(written.capacity[row])}, expected {plain(capacity[row])}",
    )


def _check_written(rows: Findings, limits: Limits, uses: Postings, written: Written, *, enforced: bool) -> None:
    """Load and overload of every written interval."""
    width = np.int64(2**32)
    order = np.argsort(uses.target * width + uses.day, kind="stable")
    keys = (uses.target * width + uses.day)[order]
    total = np.concatenate([[0.0], np.cumsum(uses.quantity[order])])
    first, last = (np.searchsorted(keys, written.group * width + day) for day in (written.start, written.end))
    load = np.where(written.group >= 0, total[last] - total[first], 0.0)
    noise = tolerance(np.maximum(load, total[-1] * 1e-9))
    rows.add(
        (written.group >= 0) & ~(np.abs(written.load - load) <= noise),
        "its load is not that of the orders:",
        lambda row: f"{plain(written.load[row])}, expected {plain(load[row])}",
    )
    limited = np.isin(written.group, limits.limited)
    extra = np.append(limits.extra, 0.0)[limits.interval(written.group, written.start)] if enforced else 0.0
    overload = np.where(limited, np.maximum(written.load - np.nan_to_num(written.capacity) - extra, 0.0), 0.0)
    rows.add(
        ~(np.abs(written.overload - overload) <= tolerance(np.maximum(load, overload))),
        "its overload is not its load above its capacity:",
        lambda row: f"{plain(written.overload[row])}, expected {plain(overload[row])}",
    )


def _check_overtime(
    found: Findings, basis: Basis, limits: Limits, uses: Postings, group: IntArray, frame: pd.DataFrame
) -> None:
    """What is used beyond the regular capacity is written, up to its limit, at its price."""
    interval = limits.interval(uses.target, uses.day)
    load = sums(interval[interval >= 0], uses.quantity[interval >= 0], len(limits.group))
    enforced = basis.scenario.mode == "constrained"
    extra = np.minimum(np.maximum(load - limits.available, 0.0), limits.extra) * enforced
    start, quantity = basis.day(frame["start"]), numbers(frame["quantity"])
    at = limits.interval(group, start)
    rows = found.of("overtime", lambda row: f"{frame['name'].iloc[row]} {basis.date(start[row])}")
    known = (
        (at >= 0)
        & (start == np.append(limits.start, -1)[at])
        & (basis.day(frame["end"]) == np.append(limits.end, -1)[at])
    )
    rows.add(~known, "is no interval of the planning data")
    expected = np.append(extra, 0.0)[at]
    rows.add(
        known & ~(np.abs(quantity - expected) <= tolerance(np.append(load, 0.0)[at])),
        "is not what the orders use beyond the capacity:",
        lambda row: f"{plain(quantity[row])}, expected {plain(expected[row])}",
    )
    price, limit = np.append(limits.extra_cost, np.nan)[at], np.append(limits.extra, np.nan)[at]
    for column, value in (("limit", limit), ("unit_cost", price), ("cost", quantity * price)):
        wrong = known & ~(np.abs(numbers(frame[column]) - value) <= tolerance(value))
        rows.add(wrong, f"its {column} is not right")
    times = sums(at[known], np.ones(int(known.sum())), len(extra))

    def text(row: int) -> str:
        return f"{limits.name(int(limits.group[row]))} {basis.date(int(limits.start[row]))}"

    found.of("overtime", text).add(
        ((extra > 2 * tolerance(load)) & (times == 0)) | (times > 1),
        "must be written once:",
        lambda row: plain(extra[row]),
    )


def _check_complete(found: Findings, basis: Basis, limits: Limits, uses: Postings, written: Written) -> None:
    """Every load on a limited group is in one written row."""
    width = np.int64(2**32)
    rows = np.argsort(written.group * width + written.start, kind="stable")
    group, start, end = written.group[rows], written.start[rows], written.end[rows]
    at = np.searchsorted(group * width + start, uses.target * width + uses.day, side="right") - 1
    shown: BoolArray = (at >= 0) & (np.append(group, -1)[at] == uses.target) & (uses.day < np.append(end, 0)[at])
    lost = uses.where(~shown)
    keys, of_key = np.unique(lost.target * width + lost.day, return_inverse=True)
    load = sums(of_key, lost.quantity, len(keys))

    def text(row: int) -> str:
        name, day = divmod(int(keys[row]), int(width))
        return f"{limits.name(name)} {basis.date(day)}"

    found.of(limits.table, text).add(
        load > tolerance(load) * 2, "no row has this load:", lambda row: f"{plain(load[row])} on this date"
    )
