"""Checks of the supply network: bills that contain themselves, planned orders without a way."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
import pandas as pd

from firmdate.data.findings import Findings, cell, shown
from firmdate.data.keys import match_rows, positions, row_keys
from firmdate.data.suggest import counted, did_you_mean

_POINT = ("item", "location")
_LONGEST_CYCLE = 20


def check_supply(findings: Findings) -> None:
    """Checks of bills and planned orders.

    Args:
        findings: Where problems go.
    """
    _check_cycles(findings)
    _check_transfers(findings)
    _check_buys(findings)
    _check_makes(findings)


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
