"""Checks of the supply network: bills that contain themselves, planned orders without a way, demand without supply."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.data.findings import Findings, cell, first_of_each, shown
from firmdate.data.keys import match_rows, positions, row_keys
from firmdate.data.suggest import counted, did_you_mean

_POINT = ("item", "location")
_LONGEST_CYCLE = 20


def check_supply(findings: Findings, supply_plans: Sequence[str]) -> None:
    """All checks of the supply network.

    Args:
        findings: Where problems go.
        supply_plans: Plans that the scenario reads; without any, every plan counts as a source.
    """
    _check_cycles(findings)
    _check_transfers(findings)
    _check_buys(findings)
    _check_makes(findings)
    _check_sources(findings, supply_plans)


def _check_cycles(findings: Findings) -> None:
    """No item is made of itself at a location; other locations may take it apart again."""
    bills = findings.data["bills_of_materials"]
    if not len(bills):
        return
    components = bills["component"].cat.categories
    items = bills["item"].cat.categories.union(components)
    head, tail = positions(bills["item"], items), positions(bills["component"], items)
    location = bills["location"].cat.codes.to_numpy()
    inside = np.flatnonzero(_on_cycle(head, tail, len(items)))
    cycles: dict[frozenset[int], tuple[int, ...]] = {}
    for place in np.unique(location[inside]).tolist():
        here = inside[(location[inside] == place) | (location[inside] < 0)]
        here = here[_on_cycle(head[here], tail[here], len(items))]
        for cycle in _shortest_cycles(head[here], tail[here]):
            rows = tuple(here[list(cycle)].tolist())
            cycles.setdefault(frozenset(rows), rows)
    for rows in sorted(cycles.values()):
        _report_cycle(findings, rows)


def _on_cycle(head: np.ndarray, tail: np.ndarray, size: int) -> np.ndarray:
    """Flag a row: item and component are parts of each other."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(head), dtype=np.int8), (head, tail)), shape=(size, size)).tocsr()
    _, part = connected_components(graph, directed=True, connection="strong")
    alone = np.bincount(part)[part[head]] == 1
    return np.asarray((part[head] == part[tail]) & (~alone | (head == tail)))


def _shortest_cycles(head: np.ndarray, tail: np.ndarray) -> list[tuple[int, ...]]:
    """A cycle through the first row of every group of items that contain each other, as positions of rows."""
    rows_of: dict[int, list[int]] = {}
    for row, item in enumerate(head.tolist()):
        rows_of.setdefault(item, []).append(row)
    seen: set[int] = set()
    cycles = []
    for first in range(len(head)):
        start = int(head[first])
        if start in seen:
            continue
        way: dict[int, int] = {}
        queue = deque([start])
        while queue:
            item = queue.popleft()
            for row in rows_of[item]:
                if int(tail[row]) not in way:
                    way[int(tail[row])] = row
                    queue.append(int(tail[row]))
        seen.update(way)
        rows = [way[start]]
        while int(head[rows[-1]]) != start:
            rows.append(way[int(head[rows[-1]])])
        cycles.append(tuple(reversed(rows)))
    return cycles


def _report_cycle(findings: Findings, rows: tuple[int, ...]) -> None:
    bills = findings.data["bills_of_materials"]
    names = [cell(bills, "item", row) for row in rows[:_LONGEST_CYCLE]]
    left_out = f"… ({counted(len(rows), 'item')})"
    chain = " → ".join([*names, *([left_out] if len(rows) > len(names) else []), names[0]])
    labels = bills.index.to_numpy()[list(rows[1:_LONGEST_CYCLE])].tolist()
    others = ", ".join(findings.data.where("bills_of_materials", label) for label in labels)
    message = f"the item is made of itself (got {chain})" + (f"; see also {others}" if others else "")
    findings.rows("bills_of_materials", "component", np.array(rows[:1]), lambda _: f"{message}; remove one of them")


def _check_transfers(findings: Findings) -> None:
    orders, lanes = findings.data["planned_orders"], findings.data["lanes"]
    transfer = (orders["type"] == "transfer").to_numpy()
    blank = orders["origin"].isna().to_numpy()
    message = "blank, but a planned transfer needs the location that ships; name it"
    findings.rows("planned_orders", "origin", transfer & blank, lambda _: message)
    same = transfer & (positions(orders["origin"], orders["location"].cat.categories) == _codes(orders, "location"))
    findings.rows(
        "planned_orders",
        "origin",
        same,
        lambda row: f"the transfer leads from a location to itself (got {cell(orders, 'origin', row)!r}); correct one",
    )
    way = ("item", "origin", "location")
    known = match_rows(orders, way, lanes, ("item", "origin", "destination")) >= 0
    every = lanes[lanes["item"].isna()]
    known |= match_rows(orders, way[1:], every, ("origin", "destination")) >= 0
    timeless = transfer & ~blank & ~same & ~known & orders["start_date"].isna().to_numpy()
    _report_timeless(findings, timeless, "no lane", way)


def _report_timeless(findings: Findings, rows: np.ndarray, missing: str, names: Sequence[str]) -> None:
    orders = findings.data["planned_orders"]

    def message(row: int) -> str:
        return f"blank, and {missing} gives the lead time (got {shown(orders, names, row)}); give the date"

    findings.rows("planned_orders", "start_date", rows, message)


def _check_buys(findings: Findings) -> None:
    """A buy names its supplier, unless exactly one sells the item for the location."""
    orders, sold = findings.data["planned_orders"], findings.data["supplier_items"]
    buy = (orders["type"] == "buy").to_numpy()
    blank = orders["supplier"].isna().to_numpy()
    first = match_rows(orders, _POINT, sold, _POINT)
    keys = row_keys(sold, _POINT)
    sellers = pd.Series(keys).groupby(keys).transform("size").to_numpy()
    fits = np.where(first >= 0, np.append(sellers, 0)[first], 0)

    def message(row: int) -> str:
        if not fits[row]:
            return f"blank, and no supplier sells this (got {shown(orders, _POINT, row)}); name the supplier"
        names = sold["supplier"][keys == keys[first[row]]]
        return f"blank, and {fits[row]} suppliers sell this (got {', '.join(sorted(names))}); name one of them"

    findings.rows("planned_orders", "supplier", buy & blank & (fits != 1), message)
    way = ("supplier", "item", "location")
    known = match_rows(orders, way, sold, way) >= 0
    timeless = buy & ~blank & ~known & orders["start_date"].isna().to_numpy()
    _report_timeless(findings, timeless, "no row of supplier_items", way)


def _check_makes(findings: Findings) -> None:
    """An alternative that a planned order names is one of an operation or of a bill of materials."""
    orders = findings.data["planned_orders"]
    operations, bills = findings.data["operations"], findings.data["bills_of_materials"]
    way = ("item", "location", "alternative")
    everywhere = bills[bills["location"].isna()]
    known = match_rows(orders, way, operations, way) >= 0
    known |= match_rows(orders, way, bills, way) >= 0
    known |= match_rows(orders, ("item", "alternative"), everywhere, ("item", "alternative")) >= 0
    wrong = (orders["type"] == "make").to_numpy() & orders["alternative"].notna().to_numpy() & ~known

    def message(row: int) -> str:
        item, location = cell(orders, "item", row), cell(orders, "location", row)
        rows = [frame[frame["item"] == item] for frame in (operations, bills)]
        names = {
            str(name)
            for frame in rows
            for name in frame["alternative"][(frame["location"] == location) | frame["location"].isna()]
        }
        text = cell(orders, "alternative", row)
        return f"no such alternative of {item!r} at {location!r} (got {text!r}){did_you_mean(text, sorted(names))}"

    findings.rows("planned_orders", "alternative", wrong, message)


def _codes(frame: pd.DataFrame, column: str) -> np.ndarray:
    return frame[column].cat.codes.to_numpy()


@dataclass(frozen=True)
class _Source:
    """Rows that bring items to locations.

    Args:
        rows: Frame of the rows.
        item: Column that names the item, blank when the rows bring every item.
        location: Column that names the location, blank when they bring it everywhere.
    """

    rows: pd.DataFrame
    item: str
    location: str

    def reaches(self, points: pd.DataFrame) -> np.ndarray:
        """Flag a stocking point: one of the rows brings the item there."""
        names = [(own, theirs) for own, theirs in (("item", self.item), ("location", self.location)) if theirs]
        found = match_rows(points, [own for own, _ in names], self.rows, [theirs for _, theirs in names])
        return np.asarray(found >= 0)


def _check_sources(findings: Findings, supply_plans: Sequence[str]) -> None:
    """Stocking points that are wanted, but to which nothing brings anything."""
    demands = findings.data["demands"]
    first, times = first_of_each(row_keys(demands, _POINT))
    wanted = demands.iloc[first]
    sources = _sources(findings, supply_plans)
    supplied = np.zeros(len(wanted), dtype=bool)
    for source in sources:
        supplied |= source.reaches(wanted)
    if supplied.all():
        return
    often = dict(zip(first.tolist(), times.tolist(), strict=True))
    brought = [source.rows[source.item] for source in sources if source.item]
    items = sorted({str(item) for column in brought for item in column.dropna().unique()})

    def message(row: int) -> str:
        item, location = cell(demands, "item", row), cell(demands, "location", row)
        hint = (
            did_you_mean(item, items) if item not in items else ""
        ) or "; add how it can come: a lane, a supplier, stock"
        lines = counted(often[row], "order line")
        return f"no source of supply (got item {item!r} at location {location!r}, wanted by {lines}){hint}"

    findings.rows("demands", "item", first[~supplied], message, warning=True)


def _sources(findings: Findings, supply_plans: Sequence[str]) -> list[_Source]:
    """Everything that brings items to locations; a bill, lane or rule for every item or location counts for all."""
    data = findings.data
    on_hand, plans = data["on_hand"], data["planned_orders"]
    points, lanes, bills = data["stocking_points"], data["lanes"], data["bills_of_materials"]
    if supply_plans:
        plans = plans[plans["plan"].isin(supply_plans)]
    return [
        _Source(on_hand[on_hand["quantity"] > 0], "item", "location"),
        _Source(data["scheduled_receipts"], "item", "location"),
        _Source(plans, "item", "location"),
        _Source(data["operations"], "item", "location"),
        _Source(data["supplier_items"], "item", "location"),
        _Source(
            points[(points["search"] != "supply_chain") | points["infinite_fence_days"].notna()], "item", "location"
        ),
        _Source(lanes[lanes["item"].notna()], "item", "destination"),
        _Source(lanes[lanes["item"].isna()], "", "destination"),
        _Source(bills[bills["location"].notna()], "item", "location"),
        _Source(bills[bills["location"].isna()], "item", ""),
    ]
