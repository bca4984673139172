"""Parts of the planning data that have nothing to do with each other: the plan of all is the union of their plans.

Two items belong together when anything may couple them: a bill of materials, a planned order, a capacity that they
share. What this module does not know couples everything, so a table, a column or a
rule that is new is planned as one part until somebody has thought about it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from firmdate.data.planning_data import PlanningData
from firmdate.data.tables import TABLE
from firmdate.network.catalog import encode
from firmdate.network.classes import Tiers, tiers_of
from firmdate.network.horizon import BoolArray, IntArray
from firmdate.scenario.schema import Scenario

COMMON = -1
"""Part of a row that belongs to all parts."""

PART_LINES = 200
"""Small parts are put together up to about this many order lines, since each has its price."""

_BY_ITEM = (
    "items",
    "stocking_points",
    "bills_of_materials",
    "operations",
    "operation_resources",
    "supplier_items",
    "on_hand",
    "reservations",
    "scheduled_receipts",
    "planned_orders",
    "demands",
)
"""Tables of which every row belongs to its item."""

_FOR_ALL = ("locations", "resources", "suppliers", "calendars")
"""Tables that all parts see."""

_KNOWN: Mapping[str, frozenset[str]] = {
    table: frozenset(columns.split())
    for table, columns in {
        "items": "item description unit_cost unit_price whole_units product_group",
        "locations": "location description region calendar shipping_calendar receiving_calendar balancing_area",
        "stocking_points": "item location coverage minimum maximum safety_stock holding_cost search "
        "search_components lead_time_days infinite_fence_days",
        "lanes": "item origin destination mode lead_time_days unit_cost rank capacity_per_day effective_from "
        "effective_to",
        "bills_of_materials": "item location alternative component quantity_per effective_from effective_to",
        "operations": "item location alternative lead_time_days unit_cost rank",
        "operation_resources": "item location alternative resource hours_per_unit",
        "resources": "resource location description",
        "resource_capacity": "resource start end hours",
        "suppliers": "supplier description calendar",
        "supplier_items": "supplier item location lead_time_days unit_cost rank",
        "supplier_capacity": "supplier item start end quantity",
        "calendars": "calendar start end working",
        "on_hand": "item location bin quantity",
        "reservations": "order line item location quantity",
        "scheduled_receipts": "receipt type item location date quantity origin supplier",
        "planned_orders": "plan order type item location quantity start_date due_date origin supplier alternative",
        "planned_order_demands": "plan order kind name location date quantity",
        "demands": "order line kind item location quantity requested_date tier priority customer revenue "
        "penalty_per_day scheduled_date earliest_date latest_acceptable_date partial minimum_shipment "
        "maximum_deliveries split_unfinished delivery_lead_time_days",
    }.items()
}
"""Columns of which it is known what they couple."""

_OPTIONS = frozenset(
    {
        *("name", "description", "data", "planning_date", "horizon_days", "supply_sources", "supply_plans"),
        *("planned_orders", "mode", "objective", "resolution", "changes", "expect", "split_unfinished"),
        "infinite_fence_days",
    }
)
"""Keys of a scenario that couple nothing."""


@dataclass(frozen=True)
class Parts:
    """Parts of planning data, numbered by their first item.

    Args:
        items: All items that occur, sorted.
        of_item: Per item: its part.
        of_row: Per table and row: its part, or :data:`COMMON`.
        count: Number of parts; at least 1.
    """

    items: pd.Index
    of_item: IntArray
    of_row: Mapping[str, IntArray]
    count: int

    def of_items(self, items: pd.Index) -> IntArray:
        """The part of each of some items; 0 for what is not known."""
        at = self.items.get_indexer(items)
        return np.where(at >= 0, np.append(self.of_item, 0)[at], 0)


@dataclass(frozen=True)
class Whole:
    """What the network of some parts of the data takes from all of them, so that its numbers mean the same.

    Args:
        parts: The parts of the data.
        tiers: Tiers of all lines; None where there is one part, which knows them itself.
    """

    parts: Parts
    tiers: Tiers | None


def whole_of(data: PlanningData, scenario: Scenario) -> Whole:
    """What all parts of checked planning data share."""
    parts, demands = find_parts(data, scenario), data["demands"]
    ranks = np.zeros(len(demands), dtype=np.int64)  # strategies couple all
    return Whole(parts, None if parts.count == 1 else tiers_of(demands, ranks))


def find_parts(data: PlanningData, scenario: Scenario) -> Parts:
    """The parts of planning data that have been checked.

    Args:
        data: Planning data, with the changes of the scenario.
        scenario: The scenario; a rule of which it is not known what it couples couples all.
    """
    items = _items(data)
    if couples_all(data, scenario) or len(items) < 2:
        rows = {table: np.zeros(len(frame), dtype=np.int64) for table, frame in data.frames.items()}
        rows |= {table: np.full(len(data[table]), COMMON) for table in _FOR_ALL}
        return Parts(items, np.zeros(len(items), dtype=np.int64), rows, 1)
    graph = _Graph(data, items)
    component = graph.components()
    part = _together(component[: len(items)], items, _lines_of(data, items))
    names = np.zeros(int(component.max()) + 1, dtype=np.int64)  # what no item uses belongs to the first part
    names[component[: len(items)]] = part
    return Parts(items, part, _rows(data, graph, names[component]), int(part.max()) + 1)


def couples_all(data: PlanningData, scenario: Scenario) -> bool:
    """Whether something may couple any two items."""
    for key, field in type(scenario).model_fields.items():
        if key not in _OPTIONS and getattr(scenario, key) != field.get_default(call_default_factory=True):
            return True
    for table in (table for table, frame in data.frames.items() if len(frame)):
        frame = data[table]
        if table not in _KNOWN:
            return True
        unknown = [name for name in frame.columns if name in TABLE[table].names and name not in _KNOWN[table]]
        if any(_stated(frame[name], TABLE[table].column(name).default) for name in unknown):
            return True
    if data["demands"]["priority"].nunique(dropna=False) > 1:  # weighed by how many worse ones there are
        return True
    lanes = data["lanes"]
    return bool((lanes["item"].isna() & lanes["capacity_per_day"].notna()).any())


def _stated(values: pd.Series, default: object) -> bool:
    """Whether a column says anything that its default does not."""
    said = values.notna()
    return bool((said if default is None else said & (values.astype(object) != default)).any())


def subset(data: PlanningData, parts: Parts, chosen: BoolArray) -> PlanningData:
    """The planning data of some parts, with what all of them share.

    Args:
        data: The planning data.
        parts: Their parts.
        chosen: Per part: whether it is wanted.
    """
    wanted = np.append(chosen, True)  # COMMON is the last
    frames = {}
    for table, frame in data.frames.items():
        kept = wanted[parts.of_row[table]]
        frames[table] = frame if kept.all() else _with_used_texts(frame[kept])
    return PlanningData(data.source, frames, data.places)


def _with_used_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """The same rows with the categories that occur in them."""
    columns = {}
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes = column.cat.codes.to_numpy()
            used = np.unique(codes[codes >= 0])
            fresh = np.where(codes >= 0, np.searchsorted(used, codes), -1)
            own = pd.Categorical.from_codes(fresh, categories=column.cat.categories[used], validate=False)
            column = pd.Series(own, index=frame.index)
        columns[name] = column
    return pd.DataFrame(columns, index=frame.index)


_ITEM_COLUMNS = (
    *((table, "item") for table in (*_BY_ITEM, "lanes", "supplier_capacity")),
    ("bills_of_materials", "component"),
)


def _items(data: PlanningData) -> pd.Index:
    """All items that occur, sorted."""
    found: set[str] = set()
    for table, column in _ITEM_COLUMNS:
        if data[table].empty:
            continue
        values = data[table][column]
        used = np.unique(values.cat.codes)
        found.update(values.cat.categories[used[used >= 0]])
    consumed = data["planned_order_demands"]
    found.update(consumed["name"][(consumed["kind"] == "component").to_numpy()].dropna().astype(object))
    return pd.Index(sorted(found), dtype=object)


class _Graph:
    """Items and what couples them: vertices 0 to ``len(items) - 1`` are items, then suppliers and resources."""

    def __init__(self, data: PlanningData, items: pd.Index) -> None:
        self._data, self._items, self._size = data, items, len(items)
        self._ends: list[tuple[IntArray, IntArray]] = []
        shared = data["supplier_capacity"]
        self.supplier = self._vertices(shared["supplier"][shared["item"].isna()])
        self.resource = self._vertices(data["resource_capacity"]["resource"])
        self.order_item = self._planned_items()
        self._link_all()

    def _vertices(self, names: pd.Series) -> tuple[pd.Index, int]:
        """Vertices for the names in a column."""
        index = pd.Index(sorted(names.dropna().astype(object).unique()), dtype=object)
        first, self._size = self._size, self._size + len(index)
        return index, first

    def items_of(self, table: str, column: str = "item") -> IntArray:
        """Item of every row of a table; -1 where it is blank."""
        return encode(self._data[table][column], self._items)

    def vertices_of(self, vertices: tuple[pd.Index, int], names: pd.Series) -> IntArray:
        """Vertex of every name; -1 where it has none."""
        at = encode(names, vertices[0])
        return np.where(at >= 0, at + vertices[1], -1)

    def _link(self, one: IntArray, other: IntArray) -> None:
        both = (one >= 0) & (other >= 0)
        self._ends.append((one[both], other[both]))

    def _planned_items(self) -> IntArray:
        """Item of the planned order of every row of ``planned_order_demands``."""
        orders, consumed = self._data["planned_orders"], self._data["planned_order_demands"]
        return _looked_up(orders, consumed, ("plan", "order"), self.items_of("planned_orders"))

    def _link_all(self) -> None:
        data = self._data
        self._link(self.items_of("bills_of_materials"), self.items_of("bills_of_materials", "component"))
        for table in ("supplier_items", "planned_orders", "supplier_capacity"):
            self._link(self.items_of(table), self.vertices_of(self.supplier, data[table]["supplier"]))
        used = data["operation_resources"]
        self._link(self.items_of("operation_resources"), self.vertices_of(self.resource, used["resource"]))
        consumed = data["planned_order_demands"]
        kind = consumed["kind"].astype(object).to_numpy()
        for name, vertex in (
            ("component", self.items_of("planned_order_demands", "name")),
            ("resource", self.vertices_of(self.resource, consumed["name"])),
            ("supplier", self.vertices_of(self.supplier, consumed["name"])),
        ):
            self._link(self.order_item, np.where(kind == name, vertex, -1))
        held = data["reservations"]
        lines = self.items_of("demands")
        self._link(self.items_of("reservations"), _looked_up(data["demands"], held, ("order", "line"), lines))

    def components(self) -> IntArray:
        """Connected part of every vertex."""
        one, other = (np.concatenate(ends) for ends in zip(*self._ends, strict=True))
        graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(self._size, self._size))
        return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _looked_up(wanted: pd.DataFrame, given: pd.DataFrame, keys: tuple[str, str], values: IntArray) -> IntArray:
    """For every row of one table the value of the row of another with the same keys; -1 where there is none."""
    if not len(given):
        return np.empty(0, dtype=np.int64)
    one, other = (pd.MultiIndex.from_arrays([frame[key].astype(object) for key in keys]) for frame in (wanted, given))
    return np.append(values, -1)[one.get_indexer(other)]


def _lines_of(data: PlanningData, items: pd.Index) -> IntArray:
    return np.bincount(encode(data["demands"]["item"], items), minlength=len(items)).astype(np.int64)


def _together(component: IntArray, items: pd.Index, lines: IntArray) -> IntArray:
    """Part of every item: small components together, numbered by their first item.

    A part is full when it has enough lines, or when the name of a component says so: behind such a name the parts are
    the same again, whatever has changed before.
    """
    _, first, of_item = np.unique(component, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    order = np.argsort(first, kind="stable")
    rank[order] = np.arange(len(first))
    number = rank[np.asarray(of_item).reshape(-1)]
    size = np.bincount(number, weights=lines).astype(np.int64) + 1
    mark = pd.util.hash_array(items.to_numpy(dtype=object)[first[order]]).astype(np.float64) / 2.0**64
    ends = mark * PART_LINES < size
    part = np.empty(len(first), dtype=np.int64)
    current = filled = 0
    for place, (own, last) in enumerate(zip(size.tolist(), ends.tolist(), strict=True)):
        part[place] = current
        filled += own
        if last or filled >= PART_LINES:
            current, filled = current + 1, 0
    return part[number]


def _rows(data: PlanningData, graph: _Graph, part: IntArray) -> dict[str, IntArray]:
    """Part of every row of every table, from the parts of vertices."""
    own = np.append(part, COMMON)
    rows = {table: own[graph.items_of(table)] for table in (*_BY_ITEM, "lanes")}
    rows |= {table: np.full(len(data[table]), COMMON) for table in _FOR_ALL}
    used = graph.vertices_of(graph.resource, data["resource_capacity"]["resource"])
    limited = data["supplier_capacity"]
    item = graph.items_of("supplier_capacity")
    rows["resource_capacity"] = own[used]
    rows["supplier_capacity"] = own[np.where(item >= 0, item, graph.vertices_of(graph.supplier, limited["supplier"]))]
    rows["planned_order_demands"] = np.where(graph.order_item >= 0, own[graph.order_item], 0)
    unknown = {table: np.full(len(frame), COMMON) for table, frame in data.frames.items() if table not in rows}
    return {**unknown, **rows}
