"""What the certificate measures a plan against: ids as numbers, days, calendars, and where findings go.

The modules ``certify*`` read the planning data and the written tables alone. They share no code with the
network, the formulation and the solver, so that an error there cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat

import numpy as np
import numpy.typing as npt
import pandas as pd

from firmdate.data.planning_data import PlanningData
from firmdate.scenario.schema import Scenario

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

BLANK_DAY = 2**31
"""Day number of a blank date, and of a date that no working day of the horizon reaches."""

TOLERANCE = 1e-6
"""Relative size below which a difference of quantities is noise of floating-point sums."""

SHOWN_ROWS = 20
"""Rows that are named for each broken rule; the others are counted."""


def tolerance(volume: FloatArray) -> FloatArray:
    """Largest difference that is still noise, for sums of this volume (units or hours)."""
    return TOLERANCE * np.maximum(1.0, volume)


def numbers(column: pd.Series) -> FloatArray:
    """A column of numbers of a written table; NaN where blank."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiu":
        return column.to_numpy(dtype=np.float64)
    return np.asarray(pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan))


def joint(*parts: tuple[IntArray, int]) -> IntArray:
    """One key of several codes, each with the number of its codes; -1 where one of them is missing."""
    codes, size = parts[0]
    key, missing = codes.astype(np.int64), codes < 0
    for codes, size in parts[1:]:
        key = key * max(size, 1) + codes
        missing = missing | (codes < 0)
    return np.where(missing, -1, key)


def pairs(keys: IntArray, table: IntArray) -> tuple[IntArray, IntArray]:
    """Every pair of positions with the same key; missing keys (-1) match nothing."""
    order = np.argsort(table, kind="stable")
    ranked = table[order]
    first = np.searchsorted(ranked, keys, side="left")
    count = np.where(keys >= 0, np.searchsorted(ranked, keys, side="right") - first, 0)
    left = np.repeat(np.arange(len(keys)), count)
    inside = np.arange(len(left)) - np.repeat(np.cumsum(count) - count, count)
    right = order[first[left] + inside]
    return left.astype(np.int64), right.astype(np.int64)


def sums(groups: IntArray, quantity: FloatArray, count: int) -> FloatArray:
    """Total quantity of each group."""
    return np.bincount(groups, weights=quantity, minlength=count).astype(np.float64)


def find(keys: IntArray, table: IntArray) -> IntArray:
    """Position of the first row with each key; -1 where there is none."""
    if not len(table):
        return np.full(len(keys), -1, dtype=np.int64)
    order = np.argsort(table, kind="stable")
    ranked = table[order]
    at = np.minimum(np.searchsorted(ranked, keys), len(ranked) - 1)
    return np.where((ranked[at] == keys) & (keys >= 0), order[at], -1)


def shared_keys(left: tuple[IntArray, ...], right: tuple[IntArray, ...]) -> tuple[IntArray, IntArray]:
    """One key per row of two lists of rows with the same columns: equal rows have equal keys."""
    columns = [np.concatenate(column) for column in zip(left, right, strict=True)]
    order = np.lexsort(columns)
    fresh = np.zeros(len(order), dtype=bool)
    for column in columns:
        fresh[1:] |= column[order][1:] != column[order][:-1]
    keys = np.empty(len(order), dtype=np.int64)
    keys[order] = np.cumsum(fresh)
    return keys[: len(left[0])], keys[len(left[0]) :]


@dataclass(frozen=True)
class Ids:
    """Ids of one kind, numbered.

    Args:
        names: The distinct ids.
    """

    names: npt.NDArray[np.object_]

    @classmethod
    def of(cls, columns: Iterable[pd.Series]) -> Ids:
        """The ids of some columns; blanks are left out."""
        found = pd.unique(np.concatenate([_texts(column) for column in columns]))
        return cls(found[~pd.isna(found) & (found != "")])

    @cached_property
    def _code(self) -> dict[str, int]:
        return dict(zip(self.names.tolist(), range(len(self.names)), strict=True))

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, code: int) -> str:
        """The id of a code; ``(blank)`` for -1."""
        return str(self.names[code]) if code >= 0 else "(blank)"

    def codes(self, column: pd.Series) -> IntArray:
        """Code of every row; -1 where blank (or not among the ids)."""
        texts = _texts(column)
        known = np.fromiter(map(self._code.get, texts, repeat(-1)), dtype=np.int64, count=len(texts))
        if isinstance(column.dtype, pd.CategoricalDtype):
            return np.asarray(np.append(known, -1)[column.array.codes])
        return known


def _texts(column: pd.Series) -> npt.NDArray[np.object_]:
    """The categories of a column of categories, and the values of another."""
    values = column.dtype.categories if isinstance(column.dtype, pd.CategoricalDtype) else column
    return values.to_numpy(dtype=object)


@dataclass(frozen=True)
class Calendars:
    """The next working day of every calendar.

    Args:
        names: Calendars; code -1 is the calendar of those that have none.
        next_working: ``next_working[code, day]``: first working day on or after a day of the horizon, and
            :data:`BLANK_DAY` where none is left. The last column stands for all days after the horizon, the last row
            for the blank calendar.
    """

    names: Ids
    next_working: IntArray

    def move(self, calendar: IntArray, day: IntArray) -> IntArray:
        """First working day on or after some days; days before the planning date count from it on."""
        return np.asarray(self.next_working[calendar, np.clip(day, 0, self.next_working.shape[1] - 1)])

    def works(self, calendar: IntArray, day: IntArray) -> BoolArray:
        """Whether some days are working days; days outside the horizon are none."""
        return np.asarray(self.move(calendar, day) == day)


def read_calendars(table: pd.DataFrame, first: np.datetime64, days: int, resolution: str) -> Calendars:
    """Working days of all calendars; a day without a row is one.

    With ``resolution: week`` only the first day of a week (from the planning date on) is one, when the week has any.
    """
    names = Ids.of([table["calendar"]])
    working = np.ones((len(names) + 1, days), dtype=bool)
    starts = np.clip(day_numbers(table["start"], first), 0, days)
    length = np.maximum(np.clip(day_numbers(table["end"], first), 0, days) - starts, 0)
    row = np.repeat(np.arange(len(table)), length)
    day = starts[row] + np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    working[names.codes(table["calendar"])[row], day] = table["working"].to_numpy(dtype=bool)[row]
    if resolution == "week":
        week = np.arange(0, days, 7)
        open_weeks = np.logical_or.reduceat(working, week, axis=1)
        working[:] = False
        working[:, week] = open_weeks
    candidates = np.where(working, np.arange(days), BLANK_DAY)
    later = np.minimum.accumulate(candidates[:, ::-1], axis=1)[:, ::-1]
    return Calendars(names, np.column_stack([later, np.full(len(working), BLANK_DAY)]).astype(np.int64))


def day_numbers(column: pd.Series, first: np.datetime64, blank: int = BLANK_DAY) -> IntArray:
    """Days from the planning date to each date."""
    dates = column if column.dtype.kind == "M" else pd.to_datetime(column)
    whole = dates.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(whole), blank, (whole - first).astype(np.int64))


@dataclass(frozen=True)
class Basis:
    """The planning data with ids and dates as numbers.

    Args:
        data: The planning data with the scenario's changes.
        scenario: The scenario.
        first: The planning date.
        items: All items of the data and the plan.
        locations: All locations of the data and the plan.
        calendars: Working days.
        working: Code of the calendar of every location, then -1 for no location.
        shipping: The same for what leaves.
        receiving: The same for transfers and purchases that arrive.
    """

    data: PlanningData
    scenario: Scenario
    first: np.datetime64
    items: Ids
    locations: Ids
    calendars: Calendars
    working: IntArray
    shipping: IntArray
    receiving: IntArray

    @property
    def days(self) -> int:
        """Length of the horizon."""
        return self.scenario.horizon_days

    @cached_property
    def whole_items(self) -> BoolArray:
        """Per item, then for no item: it moves in whole units; what is wanted or received in fractions does not."""
        items = self.data["items"]
        whole = np.append(np.ones(len(self.items), dtype=bool), False)
        whole[self.items.codes(items["item"])] = items["whole_units"].to_numpy(dtype=bool)
        for table in ("demands", "scheduled_receipts"):
            frame = self.data[table]
            fraction = frame["quantity"].to_numpy(np.float64) % 1 > 0
            whole[self.items.codes(frame["item"])[fraction]] = False
        return whole

    def broken_units(self, item: IntArray, quantity: FloatArray) -> BoolArray:
        """Quantities of whole-unit items that are no whole numbers."""
        far = np.abs(quantity - np.rint(quantity)) > tolerance(np.abs(quantity))
        return np.asarray(far & self.whole_items[item])

    def day(self, column: pd.Series, blank: int = BLANK_DAY) -> IntArray:
        """Days of a column of dates from the planning date on."""
        return day_numbers(column, self.first, blank)

    def date(self, day: int) -> str:
        """The date of a day, for messages."""
        return str(self.first + np.timedelta64(int(day), "D")) if day < BLANK_DAY else "(blank)"

    def inside(self, day: IntArray) -> BoolArray:
        """Whether days lie in the horizon."""
        return np.asarray((day >= 0) & (day < self.days))

    def point(self, item: IntArray, location: IntArray) -> IntArray:
        """Key of an item at a location."""
        return joint((item, len(self.items)), (location, len(self.locations)))

    def points(self, frame: pd.DataFrame, item: str = "item", location: str = "location") -> IntArray:
        """Key of the item and location of every row."""
        return self.point(self.items.codes(frame[item]), self.locations.codes(frame[location]))

    def point_text(self, key: int) -> str:
        """``item at location``."""
        item, location = divmod(int(key), max(len(self.locations), 1))
        return f"{self.items[item]} at {self.locations[location]}"

    def item_of(self, key: IntArray) -> IntArray:
        """Item of stocking point keys."""
        return key // max(len(self.locations), 1)

    def location_of(self, key: IntArray) -> IntArray:
        """Location of stocking point keys."""
        return key % max(len(self.locations), 1)


_ITEM_COLUMNS = (
    ("items", "item"),
    ("stocking_points", "item"),
    ("lanes", "item"),
    ("bills_of_materials", "item"),
    ("bills_of_materials", "component"),
    ("operations", "item"),
    ("operation_resources", "item"),
    ("supplier_items", "item"),
    ("supplier_capacity", "item"),
    ("on_hand", "item"),
    ("reservations", "item"),
    ("scheduled_receipts", "item"),
    ("planned_orders", "item"),
    ("planned_order_demands", "name"),
    ("demands", "item"),
)
_LOCATION_COLUMNS = (
    ("locations", "location"),
    ("stocking_points", "location"),
    ("lanes", "origin"),
    ("lanes", "destination"),
    ("bills_of_materials", "location"),
    ("operations", "location"),
    ("operation_resources", "location"),
    ("supplier_items", "location"),
    ("on_hand", "location"),
    ("reservations", "location"),
    ("scheduled_receipts", "location"),
    ("planned_orders", "location"),
    ("planned_orders", "origin"),
    ("planned_order_demands", "location"),
    ("demands", "location"),
)


def read_basis(
    data: PlanningData, scenario: Scenario, plan_items: Iterable[pd.Series], plan_locations: Iterable[pd.Series]
) -> Basis:
    """Number all ids and read the calendars.

    Args:
        data: The planning data with the scenario's changes.
        scenario: The scenario.
        plan_items: Columns of the plan that name items.
        plan_locations: Columns of the plan that name locations.
    """
    first = np.datetime64(scenario.planning_date, "D")
    items = Ids.of([*(data[table][column] for table, column in _ITEM_COLUMNS), *plan_items])
    locations = Ids.of([*(data[table][column] for table, column in _LOCATION_COLUMNS), *plan_locations])
    calendars = read_calendars(data["calendars"], first, scenario.horizon_days, scenario.resolution)
    return Basis(data, scenario, first, items, locations, calendars, *_calendars_of(data, locations, calendars))


def _calendars_of(data: PlanningData, locations: Ids, calendars: Calendars) -> list[IntArray]:
    """Working, shipping and receiving calendar of every location; where one of the latter is blank it is the first."""
    table = data["locations"]
    rows = locations.codes(table["location"])
    works = calendars.names.codes(table["calendar"])
    found = []
    for name in ("calendar", "shipping_calendar", "receiving_calendar"):
        stated = calendars.names.codes(table[name])
        codes = np.full(len(locations) + 1, -1, dtype=np.int64)
        codes[rows] = np.where(stated >= 0, stated, works)
        codes[-1] = -1
        found.append(codes)
    return found


def date_text(date: object) -> str:
    """A date of a table for messages."""
    return "(blank)" if date is pd.NaT or date is None else str(date)[:10]


def plain(value: float) -> str:
    """A quantity for messages, without noise.

    >>> [plain(value) for value in (60.0, 1 / 3, -1e-12, float("nan"))]
    ['60', '0.333333', '0', '(blank)']
    """
    if np.isnan(value):
        return "(blank)"
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@dataclass(frozen=True)
class Findings:
    """Broken rules of one table, as text.

    Args:
        table: Table of the plan.
        where: Text of the key of a row.
        texts: Where the texts go; shared by all tables.
    """

    table: str
    where: Callable[[int], str]
    texts: list[str] = field(default_factory=list)

    def add(self, broken: BoolArray, rule: str, detail: Callable[[int], str] | None = None) -> None:
        """Name the rows that break a rule.

        Args:
            broken: Per row of the table: it breaks the rule.
            rule: What is wrong.
            detail: What is wrong in a row, after the rule.
        """
        rows = np.flatnonzero(broken)
        for row in rows[:SHOWN_ROWS].tolist():
            more = f" {detail(row)}" if detail else ""
            self.texts.append(f"{self.table} {self.where(row)}: {rule}{more}")
        if len(rows) > SHOWN_ROWS:
            self.texts.append(f"{self.table}: {len(rows) - SHOWN_ROWS} more rows: {rule.rstrip(':,;')}")

    def of(self, table: str, where: Callable[[int], str]) -> Findings:
        """Findings of another table into the same list."""
        return Findings(table, where, self.texts)
