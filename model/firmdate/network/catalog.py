"""Ids as numbers: items, locations, and the stocking points that a plan can need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from firmdate.data.planning_data import PlanningData
from firmdate.network.horizon import BoolArray, Calendars, FloatArray, IntArray

TextArray = npt.NDArray[np.object_]

_ITEM_COLUMNS = (
    ("demands", "item"),
    ("items", "item"),
    ("on_hand", "item"),
    ("scheduled_receipts", "item"),
    ("planned_orders", "item"),
    ("planned_order_demands", "name"),
    ("stocking_points", "item"),
    ("lanes", "item"),
    ("bills_of_materials", "item"),
    ("bills_of_materials", "component"),
    ("operations", "item"),
    ("supplier_items", "item"),
    ("supplier_capacity", "item"),
    ("substitutions", "item"),
    ("substitutions", "substitute"),
)
_LOCATION_COLUMNS = (
    ("demands", "location"),
    ("locations", "location"),
    ("on_hand", "location"),
    ("scheduled_receipts", "location"),
    ("planned_orders", "location"),
    ("planned_orders", "origin"),
    ("planned_order_demands", "location"),
    ("stocking_points", "location"),
    ("lanes", "origin"),
    ("lanes", "destination"),
    ("bills_of_materials", "location"),
    ("operations", "location"),
    ("supplier_items", "location"),
    ("substitutions", "location"),
)


def _used(data: PlanningData, columns: Iterable[tuple[str, str]]) -> pd.Index:
    """Sorted distinct ids in some columns."""
    found: set[str] = set()
    for table, column in columns:
        if data[table].empty:
            continue
        values = data[table][column].dropna()
        found.update(values.cat.categories[np.unique(values.cat.codes)])
    return pd.Index(sorted(found), dtype=object)


def encode(values: pd.Series, index: pd.Index) -> IntArray:
    """Positions of a column of ids in an index; -1 where blank or not in it."""
    if len(values) == 0:
        return np.empty(0, dtype=np.int64)
    of_category = index.get_indexer(pd.Index(values.cat.categories.astype(object)))
    codes = values.cat.codes.to_numpy()
    return np.where(codes >= 0, np.append(of_category, -1)[codes], -1).astype(np.int64)


@dataclass(frozen=True)
class LocationCalendars:
    """Codes of the calendars of every location, or of every stocking point's location.

    Args:
        working: On its days things are made there.
        shipping: On its days transfers and deliveries to customers leave.
        receiving: On its days transfers and purchases arrive.
    """

    working: IntArray
    shipping: IntArray
    receiving: IntArray

    def take(self, rows: IntArray) -> LocationCalendars:
        """Those of some locations."""
        return LocationCalendars(self.working[rows], self.shipping[rows], self.receiving[rows])

    @property
    def either(self) -> IntArray:
        """The shipping calendar where it is that of working, else the one of every day."""
        return np.where(self.working == self.shipping, self.shipping, 0)


@dataclass(frozen=True)
class Catalog:
    """All items and locations of the planning data, numbered in alphabetical order.

    Args:
        items: Item ids.
        locations: Location ids.
        whole_units: Per item: True when only whole units move.
        unit_cost: Per item: value of one unit in stock.
        unit_price: Per item: sales price of one unit.
        calendars: Calendars of the locations.
        product_group: Per item: its group, blank where it has none.
        region: Per location: its region, blank where it has none.
    """

    items: pd.Index
    locations: pd.Index
    whole_units: BoolArray
    unit_cost: FloatArray
    unit_price: FloatArray
    calendars: LocationCalendars
    product_group: TextArray
    region: TextArray

    @cached_property
    def size(self) -> int:
        """Number of possible stocking points."""
        return len(self.items) * len(self.locations)

    def point_keys(self, frame: pd.DataFrame, item: str = "item", location: str = "location") -> IntArray:
        """One number per row for its item and location; -1 when one of them is blank."""
        items = encode(frame[item], self.items)
        locations = encode(frame[location], self.locations)
        return self.join(items, locations)

    def join(self, items: IntArray, locations: IntArray) -> IntArray:
        """The key of an item at a location; -1 when one of them is missing."""
        return np.where((items >= 0) & (locations >= 0), items * len(self.locations) + locations, -1)

    def item_of(self, keys: IntArray) -> IntArray:
        """Item codes of stocking point keys."""
        return keys // max(len(self.locations), 1)

    def location_of(self, keys: IntArray) -> IntArray:
        """Location codes of stocking point keys."""
        return keys % max(len(self.locations), 1)

    def shipping_of(self, keys: IntArray) -> IntArray:
        """Codes of the shipping calendars of the locations of stocking point keys."""
        return self.calendars.shipping[self.location_of(keys)]

    def name(self, key: int) -> str:
        """``item at location`` for messages."""
        item, location = divmod(int(key), len(self.locations))
        return f"{self.items[item]} at {self.locations[location]}"


def read_catalog(data: PlanningData, calendars: Calendars) -> Catalog:
    """Number the items and locations and attach their own attributes.

    Items that occur with a fractional quantity are planned in fractions, whatever ``whole_units`` says
    (the check warns of them): a plan in whole units could never serve them.
    """
    items, locations = _used(data, _ITEM_COLUMNS), _used(data, _LOCATION_COLUMNS)
    whole = np.ones(len(items), dtype=bool)
    cost, price = np.zeros(len(items)), np.zeros(len(items))
    item_rows = encode(data["items"]["item"], items)
    whole[item_rows] = data["items"]["whole_units"].to_numpy()
    cost[item_rows] = data["items"]["unit_cost"].to_numpy()
    price[item_rows] = data["items"]["unit_price"].to_numpy()
    whole[list(_fractional_items(data, items))] = False
    location_rows = encode(data["locations"]["location"], locations)
    return Catalog(
        items=items,
        locations=locations,
        whole_units=whole,
        unit_cost=cost,
        unit_price=price,
        calendars=_location_calendars(data, location_rows, len(locations), calendars),
        product_group=_texts(data["items"]["product_group"], item_rows, len(items)),
        region=_texts(data["locations"]["region"], location_rows, len(locations)),
    )


def _location_calendars(data: PlanningData, rows: IntArray, size: int, calendars: Calendars) -> LocationCalendars:
    """The calendars of all locations; a blank one for shipping or receiving is that of working."""
    index = pd.Index(calendars.names, dtype=object)
    stated = {name: np.full(size, -1) for name in ("calendar", "shipping_calendar", "receiving_calendar")}
    for name, codes in stated.items():
        codes[rows] = encode(data["locations"][name], index)
    working, shipping, receiving = stated.values()
    working = np.maximum(working, 0)
    return LocationCalendars(
        working, np.where(shipping >= 0, shipping, working), np.where(receiving >= 0, receiving, working)
    )


def _texts(values: pd.Series, rows: IntArray, size: int) -> TextArray:
    """A column of texts in the order of ids; blank where there is none."""
    texts = np.full(size, "", dtype=object)
    texts[rows] = values.astype(object).where(values.notna(), "").to_numpy()
    return texts


def _fractional_items(data: PlanningData, items: pd.Index) -> set[int]:
    """Codes of the items that are wanted or received in fractions.

    A fraction on hand needs no such treatment: the whole part of it is used.
    """
    found: set[int] = set()
    for table in ("demands", "scheduled_receipts"):
        frame = data[table]
        fractional = frame["quantity"].to_numpy() % 1 > 0
        found.update(encode(frame["item"], items)[fractional].tolist())
    return found


@dataclass(frozen=True)
class StockingPoints:
    """The stocking points that a plan can need, numbered by item, then location.

    Args:
        keys: Sorted keys (see :meth:`Catalog.join`), one per stocking point.
        calendars: Calendars of each point's location.
        whole_units: True where only whole units move.
    """

    keys: IntArray
    calendars: LocationCalendars
    whole_units: BoolArray

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, rows: IntArray) -> StockingPoints:
        """Some of the points, in ascending order."""
        return StockingPoints(self.keys[rows], self.calendars.take(rows), self.whole_units[rows])

    def find(self, keys: IntArray) -> IntArray:
        """Numbers of the points with these keys; -1 where there is none."""
        if not len(self.keys):
            return np.full(len(keys), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, at, -1)


def stocking_points(catalog: Catalog, keys: IntArray) -> StockingPoints:
    """The stocking points with these keys (duplicates and blanks are dropped)."""
    distinct = np.unique(keys[keys >= 0])
    return StockingPoints(
        keys=distinct,
        calendars=catalog.calendars.take(catalog.location_of(distinct)),
        whole_units=catalog.whole_units[catalog.item_of(distinct)],
    )
