"""A greedy planner, the reference that an optimum must never be worse than.

Order lines are planned one after the other: best tier first, then by requested date, then by order. For a line the
planner takes the stock that nobody else needs, then walks down the bill: it buys, moves or makes what is missing, as
late as the line allows and in whole units, each start limited by the capacity that is left and by what its components
can be had by then. What cannot be had by the requested date is asked for on the next date on which more can be had.
What was tried and did not work is taken back. Nothing is ever taken from a line that was planned before.

    python bench/heuristic.py SCENARIO [--json]

It reads the tables of the two ladders, not every table of the planning data.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

UNFILLED_DAYS = 30
"""What is never delivered is late until so many days after the horizon."""

TABLES = (
    "demands",
    "on_hand",
    "lanes",
    "bills_of_materials",
    "operations",
    "operation_resources",
    "resource_capacity",
    "supplier_items",
    "supplier_capacity",
)

Point = tuple[str, str]
"""Item and location."""


@dataclass
class Limit:
    """Capacity by interval: first day, day after the last, and what is left."""

    first: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    left: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Way:
    """One way to supply a point; all of it starts on one day and arrives ``lead`` days later.

    Args:
        lead: Days.
        inputs: Points that it takes from on the day of the start, and how much a unit.
        limit: Capacity that it uses on that day; None is unlimited.
        use: Capacity used by a unit.
    """

    lead: int
    inputs: tuple[tuple[Point, int], ...]
    limit: Limit | None
    use: float


@dataclass(frozen=True)
class Line:
    """An order line; days count from the planning date."""

    tier: int
    due: int
    order: str
    point: Point
    quantity: int


class Planner:
    """Stock, capacity and what has been planned so far.

    Args:
        days: Length of the horizon.
        on_hand: Units by point.
        ways: Ways to supply each point, the first is tried first.
    """

    def __init__(self, days: int, on_hand: dict[Point, int], ways: dict[Point, list[Way]]) -> None:
        self.days = days
        self._ways = ways
        self._stock = {point: np.full(days, quantity, dtype=np.int64) for point, quantity in on_hand.items()}
        self._undo: list[tuple[np.ndarray | list[float], int, float]] = []

    def plan(self, line: Line) -> list[tuple[int, int]]:
        """Plan one line for good: day and units of each delivery."""
        delivered: list[tuple[int, int]] = []
        missing, day = line.quantity, max(line.due, 0)
        while missing > 0 and day < self.days:
            got, later = self._obtain(line.point, missing, day)
            self._undo.clear()
            if got:
                delivered.append((day, got))
            missing, day = missing - got, max(later, day + 1)
        return delivered

    def _obtain(self, point: Point, wanted: int, day: int) -> tuple[int, int]:
        """Take up to so many units by a day; how many, and the next day on which there may be more."""
        got, later = self._from_stock(point, wanted, day)
        for way in self._ways.get(point, []):
            if got == wanted:
                break
            started, next_start = self._start(way, wanted - got, day - way.lead)
            got += started
            later = min(later, next_start + way.lead)
        return got, later

    def _from_stock(self, point: Point, wanted: int, day: int) -> tuple[int, int]:
        """Take what no earlier line needs later."""
        stock = self._stock.get(point)
        if stock is None:
            return 0, self.days
        free = np.minimum.accumulate(stock[day:][::-1])[::-1]
        got = min(wanted, int(free[0]))
        if got > 0:
            self._change(stock, day, -got)
        more = int(np.argmax(free > free[0]))
        return got, day + more if more else self.days

    def _start(self, way: Way, wanted: int, last: int) -> tuple[int, int]:
        """Start up to so many units by a day, as late as possible; how many, and the next day worth trying."""
        if last < 0:
            return 0, 0
        if last >= self.days:
            last = self.days - 1
        if way.limit is None:
            return self._attempt(way, wanted, last)
        started, limit, later = 0, way.limit, 0
        for window in range(bisect_right(limit.first, last) - 1, -1, -1):
            day = min(last, limit.end[window] - 1)
            possible = min(wanted - started, math.floor(limit.left[window] / way.use + 1e-9))
            if possible <= 0:
                continue
            got, inputs_later = self._attempt(way, possible, day)
            started += got
            self._change(limit.left, window, -got * way.use)
            if got < possible:
                later = inputs_later
            if started == wanted or got < possible:
                break
        return started, max(later, self._next_window(way, last))

    def _next_window(self, way: Way, last: int) -> int:
        """First day after a day in an interval that has capacity left."""
        limit = way.limit
        assert limit is not None
        for window in range(bisect_right(limit.end, last + 1), len(limit.first)):
            if limit.left[window] >= way.use - 1e-9:
                return max(limit.first[window], last + 1)
        return self.days

    def _attempt(self, way: Way, wanted: int, day: int) -> tuple[int, int]:
        """Take the inputs of up to so many units on a day; what one input lacks is given back by the others."""
        later = self.days
        while wanted > 0:
            mark, possible, short = len(self._undo), wanted, later
            for point, per in way.inputs:
                got, more = self._obtain(point, wanted * per, day)
                units = got // per
                if units < possible:
                    possible, short = units, more
                elif units == possible < wanted:
                    short = max(short, more)
            if possible == wanted:
                return wanted, later
            self._take_back(mark)
            wanted, later = possible, short
        return 0, later

    def _change(self, of: np.ndarray | list[float], at: int, by: float) -> None:
        """Change stock from a day on, or the capacity left in an interval."""
        if isinstance(of, list):
            of[at] += by
        else:
            of[at:] += int(by)
        self._undo.append((of, at, by))

    def _take_back(self, mark: int) -> None:
        while len(self._undo) > mark:
            of, at, by = self._undo.pop()
            if isinstance(of, list):
                of[at] -= by
            else:
                of[at:] -= int(by)


def read_tables(scenario: Path) -> tuple[Planner, list[Line]]:
    """Read the planning data of a scenario.

    Raises:
        SystemExit: There is a table that the heuristic does not know.
    """
    options = yaml.safe_load(scenario.read_text(encoding="utf-8"))
    planning_date, days = np.datetime64(str(options["planning_date"])), int(options["horizon_days"])
    folder = scenario.parent / options["data"]
    unknown = sorted({path.stem for path in folder.iterdir()} - set(TABLES))
    if unknown:
        raise SystemExit(f"{folder}: the heuristic does not read {', '.join(unknown)}")
    tables = {path.stem: pd.read_csv(path, dtype=str, keep_default_na=False) for path in folder.glob("*.csv")}
    ways: dict[Point, list[Way]] = {}
    _read_buys(tables, planning_date, ways)
    _read_makes(tables, planning_date, ways)
    demands = tables["demands"]
    _read_lanes(tables, sorted(set(demands["item"])), ways)
    due = _days(demands["requested_date"], planning_date)
    columns = (demands["tier"], due, demands["order"], demands["item"], demands["location"], demands["quantity"])
    lines = [Line(int(t), d, o, (i, at), int(q)) for t, d, o, i, at, q in zip(*columns, strict=True)]
    on_hand: dict[Point, int] = {}
    if "on_hand" in tables:
        held = tables["on_hand"]
        for item, location, quantity in zip(held["item"], held["location"], held["quantity"], strict=True):
            on_hand[item, location] = on_hand.get((item, location), 0) + int(quantity)
    return Planner(days, on_hand, ways), lines


def _days(dates: pd.Series, planning_date: np.datetime64) -> list[int]:
    return (dates.to_numpy().astype("datetime64[D]") - planning_date).astype(int).tolist()


def _limits(tables: dict[str, pd.DataFrame], name: str, amount: str, planning_date: np.datetime64) -> dict[str, Limit]:
    """Capacities by name, their intervals in the order of time."""
    limits: dict[str, Limit] = {}
    table = tables.get(f"{name}_capacity")
    if table is None:
        return limits
    table = table.sort_values([name, "start"])
    first, end = _days(table["start"], planning_date), _days(table["end"], planning_date)
    for whose, start, stop, left in zip(table[name], first, end, table[amount].astype(float), strict=True):
        limit = limits.setdefault(whose, Limit())
        limit.first.append(start)
        limit.end.append(stop)
        limit.left.append(left)
    return limits


def _read_buys(tables: dict[str, pd.DataFrame], planning_date: np.datetime64, ways: dict[Point, list[Way]]) -> None:
    limits = _limits(tables, "supplier", "quantity", planning_date)
    table = tables["supplier_items"]
    columns = (table["supplier"], table["item"], table["location"], table["lead_time_days"])
    for supplier, item, location, lead in zip(*columns, strict=True):
        ways.setdefault((item, location), []).append(Way(int(lead), (), limits.get(supplier), 1.0))


def _read_makes(tables: dict[str, pd.DataFrame], planning_date: np.datetime64, ways: dict[Point, list[Way]]) -> None:
    if "operations" not in tables:
        return
    limits = _limits(tables, "resource", "hours", planning_date)
    bills, uses, operations = tables["bills_of_materials"], tables["operation_resources"], tables["operations"]
    inputs: dict[Point, list[tuple[Point, int]]] = {}
    columns = (bills["item"], bills["location"], bills["component"], bills["quantity_per"])
    for item, location, component, per in zip(*columns, strict=True):
        inputs.setdefault((item, location), []).append(((component, location), int(per)))
    columns = (uses["item"], uses["location"], uses["resource"], uses["hours_per_unit"])
    used = {
        (item, location): (limits.get(name), float(hours)) for item, location, name, hours in zip(*columns, strict=True)
    }
    columns = (operations["item"], operations["location"], operations["lead_time_days"])
    for item, location, lead in zip(*columns, strict=True):
        limit, hours = used.get((item, location), (None, 0.0))
        way = Way(int(lead), tuple(inputs.get((item, location), [])), limit, hours)
        ways.setdefault((item, location), []).append(way)


def _read_lanes(tables: dict[str, pd.DataFrame], items: list[str], ways: dict[Point, list[Way]]) -> None:
    """Lanes without an item are lanes of every item."""
    if "lanes" not in tables:
        return
    table = tables["lanes"]
    for origin, destination, lead in zip(table["origin"], table["destination"], table["lead_time_days"], strict=True):
        for item in items:
            way = Way(int(lead), (((item, origin), 1),), None, 0.0)
            ways.setdefault((item, destination), []).append(way)


def late_unit_days(scenario: Path) -> dict[int, int]:
    """Late unit-days of each tier in the plan of the heuristic."""
    planner, lines = read_tables(scenario)
    late: dict[int, int] = {}
    for line in sorted(lines, key=lambda line: (line.tier, line.due, line.order)):
        delivered = planner.plan(line)
        unfilled = line.quantity - sum(quantity for _, quantity in delivered)
        total = sum(quantity * max(day - line.due, 0) for day, quantity in delivered)
        late[line.tier] = late.get(line.tier, 0) + total + unfilled * (planner.days + UNFILLED_DAYS - line.due)
    return late


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", type=Path)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    started = time.perf_counter()
    late = late_unit_days(arguments.scenario)
    seconds = round(time.perf_counter() - started, 2)
    if arguments.json:
        print(json.dumps({"seconds": seconds, "late_unit_days": late}))
        return
    for tier, amount in sorted(late.items()):
        print(f"tier {tier}: {amount} late unit-days")
    print(f"{seconds} s")


if __name__ == "__main__":
    main()
