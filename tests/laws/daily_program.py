"""The planning problem day by day: a row for every stocking point and day, a start on every day, a line at a time.

This is the model as a textbook writes it, straight from the tables and without any reduction: no events, no
classes, no routes. It only knows the levels of service, which are what the event grid must keep exactly.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from laws.lexicographic import PlainProgram
from laws.problem import PLANNING_DATE, PlanningProblem

Record = Mapping[str, Any]
Point = tuple[str, str]

UNFILLED_DAYS = 30

LARGEST_ORDER = 2_000.0
"""Far more than random problems ask for."""
PREMIUM = (10**6, "premium_level")
"""Money for overtime and extra units: the level after all tiers."""


@dataclass(frozen=True)
class Way:
    """Something that can be started: what one unit supplies, takes and uses, and when.

    Args:
        days: Days on which it may start.
        supplies: Point and days after the start.
        takes: Point, units, days after the start, first and last start day on which it is taken.
        uses: Name of a capacity, units, days after the start.
        most: Most units of all starts together.
        minimum: Smallest order, 0 without one.
        multiple: Units of which an order is a whole multiple, 0 without one.
        components: What is taken are components, which may have substitutes.
        made: What is supplied is made there, and not received.
        origin: Point that ships; what is taken elsewhere is used there.
        at_once: What is supplied is there on the day of the start, open or not.
    """

    days: Sequence[int]
    supplies: tuple[Point, int]
    takes: Sequence[tuple[Point, float, int, int, int]] = ()
    uses: Sequence[tuple[object, float, int]] = ()
    most: float | None = None
    minimum: float = 0.0
    multiple: float = 0.0
    components: bool = False
    made: bool = False
    origin: Point | None = None
    at_once: bool = False


class DailyProgram:
    """Builds the program of one problem."""

    def __init__(self, planned: PlanningProblem) -> None:
        data = planned.data()
        self.tables: dict[str, list[dict[str, Any]]] = {name: _records(data[name]) for name in data.frames}
        self.scenario = planned.scenario()
        self.days = self.scenario.horizon_days
        self.program = PlainProgram()
        self.items = sorted(
            {i for name in ("item", "component", "substitute") for i in self._all(name)} | self._consumed()
        )
        self.locations = sorted({p for name in ("location", "origin", "destination") for p in self._all(name)})
        self.calendar_of = self._calendars_of("calendar")
        self.shipping_of = self._calendars_of("shipping_calendar")
        self.receiving_of = self._calendars_of("receiving_calendar")
        self.supplier_calendar = {row["supplier"]: row["calendar"] for row in self.tables["suppliers"]}
        names = ("calendar", "shipping_calendar", "receiving_calendar")
        self.working = {name: self._working_days(name) for name in {None}.union(*map(self._all, names))}
        self.balance = {point: self._balance_rows() for point in product(self.items, self.locations)}
        self.pools: dict[Point, list[int]] = {}
        self.replacing = list(replacing(self.tables["substitutions"]))

    def optima(self) -> dict[tuple[int, str], float]:
        """Optimum of the shortage and of every tier and its priorities, by level number and name."""
        self._read_capacities()
        self._supply()
        orders = self._planned_orders()
        if self.scenario.planned_orders == "firm":
            self._fix(orders)
        self._open_capacities()
        ways = list(self._new_ways()) if "new_orders" in self.scenario.supply_sources else []
        if self.scenario.planned_orders == "adjust":
            ways += [self._adjustable(row) for row in orders if row["quantity"] > 0]
        for way in (*ways, *self._beyond_fences()):
            self._add_way(way)
        self._demand()
        return self.program.optima()

    # -- dates -----------------------------------------------------------------------------------------------------

    def day(self, date: dt.date) -> int:
        """Day number of a date."""
        return (date - PLANNING_DATE).days

    def _working_days(self, name: str | None) -> list[bool]:
        working = [True] * self.days
        for row in self.tables["calendars"]:
            for day in range(max(self.day(row["start"]), 0), min(self.day(row["end"]), self.days)):
                if row["calendar"] == name:
                    working[day] = row["working"]
        if self.scenario.resolution == "week":
            return [day % 7 == 0 and any(working[day : day + 7]) for day in range(self.days)]
        return working

    def moved(self, calendar: str | None, day: int) -> int | None:
        """The next working day; None outside the horizon."""
        return next((d for d in range(day, self.days) if d >= 0 and self.working[calendar][d]), None)

    def _at(self, calendars: Mapping[str, str | None], point: Point, day: int) -> int | None:
        """The day of a point's calendar on or after a day; None before or after the horizon."""
        return self.moved(calendars.get(point[1]), day) if day >= 0 else None

    def _calendars_of(self, column: str) -> dict[str, str | None]:
        return {row["location"]: row[column] or row["calendar"] for row in self.tables["locations"]}

    def _days_from(self, calendar: str | None, first: int = 0, last: int | None = None) -> list[int]:
        end = self.days if last is None else min(last + 1, self.days)
        return [day for day in range(max(first, 0), end) if self.working[calendar][day]]

    @property
    def _lines(self) -> bool:
        return self.scenario.substitution is not None and self.scenario.substitution.lines

    @property
    def _components(self) -> bool:
        return self.scenario.substitution is not None and self.scenario.substitution.components

    # -- rows ------------------------------------------------------------------------------------------------------

    def _all(self, column: str) -> set[str]:
        return {row[column] for rows in self.tables.values() for row in rows if row.get(column) is not None}

    def _consumed(self) -> set[str]:
        return {row["name"] for row in self.tables["planned_order_demands"] if row["kind"] == "component"}

    def _balance_rows(self) -> list[int]:
        """Stock before + what arrives - stock after = 0 on every day."""
        rows = [self.program.row(0.0, 0.0) for _ in range(self.days)]
        for day, row in enumerate(rows):
            stock = self.program.column()
            self.program.put(row, stock, -1.0)
            if day + 1 < self.days:
                self.program.put(rows[day + 1], stock, 1.0)
        return rows

    def _pool(self, point: Point) -> list[int]:
        """The rows from which those take who allow substitutes: nothing stays in them overnight."""
        ways = [way for way in self.replacing if way[0] == point[0] and way[2] in (None, point[1])]
        if not ways:
            return self.balance[point]
        if point not in self.pools:
            self.pools[point] = [self.program.row(0.0, 0.0) for _ in range(self.days)]
            itself = (point[0], point[0], None, 1.0, None, None)
            for _, item, _, ratio, first, last in [itself, *ways]:
                source = (item, point[1])
                begin = 0 if first is None else self.day(first)
                used, ships = self.calendar_of.get(point[1]), self.shipping_of.get(point[1])
                end = None if last is None else self.day(last)
                for day in sorted({*self._days_from(used, begin, end), *self._days_from(ships, begin, end)}):
                    column = self.program.column()
                    self.program.put(self.pools[point][day], column, 1.0)
                    self.program.put(self.balance[source][day], column, -ratio)
        return self.pools[point]

    def _give(self, point: Point, day: int, quantity: float) -> None:
        row = self.balance[point][day]
        bound = self.program.bounds[row][0] - quantity
        self.program.bounds[row] = (bound, bound)

    def _add_way(self, way: Way) -> None:
        """A column for every day on which the whole of it lies inside the horizon."""
        total = None if way.most is None else self.program.row(-float("inf"), way.most)
        for start in way.days:
            arrives = self.calendar_of if way.made else self.receiving_of
            arrival = start if way.at_once else self._at(arrives, way.supplies[0], start + way.supplies[1])
            takes = [
                (
                    point,
                    units,
                    self._at(self.shipping_of if point == way.origin else self.calendar_of, point, start + after),
                )
                for point, units, after, first, last in way.takes
                if first <= start <= last
            ]
            used = [(name, units, start + after) for name, units, after in way.uses]
            inside = all(0 <= day < self.days for _, _, day in used) and all(day is not None for _, _, day in takes)
            if arrival is None or not inside:
                continue
            column = self.program.column()
            self._lot(way, column)
            self.program.put(self.balance[way.supplies[0]][arrival], column, 1.0)
            for point, units, day in takes:
                rows = self._pool(point) if way.components and self._components else self.balance[point]
                self.program.put(rows[day], column, -units)
            for name, units, day in used:
                if name in self.capacity_row:
                    self.program.put(self.capacity_row[name][day], column, units)
            if total is not None:
                self.program.put(total, column, 1.0)

    def _lot(self, way: Way, column: int) -> None:
        """An order is at least the minimum, or nothing, and a whole multiple."""
        if way.multiple > 0:
            number = self.program.column(integer=True)
            row = self.program.row(0.0, 0.0)
            self.program.put(row, column, 1.0)
            self.program.put(row, number, -way.multiple)
        if way.minimum > 0:
            something = self.program.column(1.0, integer=True)
            for lower, upper, units in ((0.0, float("inf"), way.minimum), (-float("inf"), 0.0, LARGEST_ORDER)):
                row = self.program.row(lower, upper)
                self.program.put(row, column, 1.0)
                self.program.put(row, something, -units)

    # -- capacities ------------------------------------------------------------------------------------------------

    def _read_capacities(self) -> None:
        """Quantity per capacity and interval; days without an interval have an interval of their own with nothing."""
        self.intervals: dict[object, list[list[Any]]] = {}
        for table, name, column, extra, price in (
            ("resource_capacity", "resource", "hours", "overtime_hours", "overtime_cost"),
            ("supplier_capacity", "supplier", "quantity", "extra_quantity", "extra_cost"),
        ):
            for row in self.tables[table]:
                days = range(max(self.day(row["start"]), 0), min(self.day(row["end"]), self.days))
                interval = [days, row[column], row[extra], row[price]]
                self.intervals.setdefault((name, row[name], row.get("item")), []).append(interval)
        for lane, row in enumerate(self.tables["lanes"]):
            if row["capacity_per_day"] is not None:
                per_day = [[range(day, day + 1), row["capacity_per_day"], 0.0, 0.0] for day in range(self.days)]
                self.intervals["lane", lane, None] = per_day

    def _load(self, name: object, day: int, quantity: float) -> None:
        """Take firm use off a capacity; nothing is left where there is none."""
        for interval in self.intervals.get(name, ()):
            if day in interval[0]:
                beyond = max(quantity - interval[1], 0.0)
                interval[1:3] = max(interval[1] - quantity, 0.0), max(interval[2] - beyond, 0.0)

    def _open_capacities(self) -> None:
        """One row per capacity and interval; none when capacity is measured only."""
        self.capacity_row: dict[object, dict[int, int]] = {}
        if self.scenario.mode == "unconstrained":
            return
        for name, intervals in self.intervals.items():
            rows = dict.fromkeys(range(self.days), self.program.row(-float("inf"), 0.0))
            for days, quantity, extra, price in intervals:
                row = self.program.row(-float("inf"), quantity)
                rows.update(dict.fromkeys(days, row))
                if extra > 0 and len(days):
                    bought = self.program.column(extra)
                    self.program.put(row, bought, -1.0)
                    self.program.charge(PREMIUM, bought, max(price, 1e-3))
            self.capacity_row[name] = rows

    # -- supply that is there --------------------------------------------------------------------------------------

    def _supply(self) -> None:
        sources = self.scenario.supply_sources
        stock: dict[Point, float] = {}
        for row in self.tables["on_hand"] if "on_hand" in sources else ():
            stock[row["item"], row["location"]] = stock.get((row["item"], row["location"]), 0.0) + row["quantity"]
        stock = {point: max(quantity, 0.0) for point, quantity in stock.items()}
        self.reserved = self._reserve(stock)
        for point, quantity in stock.items():
            self._give(point, 0, quantity)
        for row in self.tables["scheduled_receipts"] if "scheduled_receipts" in sources else ():
            if self.day(row["date"]) < self.days:
                self._give((row["item"], row["location"]), max(self.day(row["date"]), 0), row["quantity"])

    def _reserve(self, stock: dict[Point, float]) -> dict[tuple[str, str], float]:
        """Take reserved units off the stock: the better tier, then the earlier date, first."""
        asked = {(row["order"], row["line"]): row["quantity"] for row in self.tables["reservations"]}
        lines = [row for row in self.tables["demands"] if (row["order"], row["line"]) in asked]
        reserved = {}
        for row in sorted(lines, key=lambda r: (r["tier"], r["requested_date"], r["order"], r["line"])):
            point, line = (row["item"], row["location"]), (row["order"], row["line"])
            granted = min(asked[line], row["quantity"], stock.get(point, 0.0))
            reserved[line] = float(int(granted)) if self._is_whole(row["item"]) else granted
            stock[point] = stock.get(point, 0.0) - reserved[line]
        return reserved

    # -- new supply ------------------------------------------------------------------------------------------------

    def _new_ways(self) -> Iterable[Way]:
        policies = {(row["item"], row["location"]): row for row in self.tables["stocking_points"]}
        for point in self.balance:
            default = {"coverage": "requirement", "search": "supply_chain", "search_components": True}
            policy = policies.get(point, default)
            if policy["coverage"] == "none":
                continue
            if policy["search"] != "supply_chain":
                wait = policy["lead_time_days"] if policy["search"] == "lead_time" else 0
                yield Way(self._days_from(None), (point, int(wait)))
                continue
            yield from self._makes(point, components=policy["search_components"])
            yield from self._transfers(point)
            yield from self._buys(point)

    def _beyond_fences(self) -> Iterable[Way]:
        """Supply is infinite after so many days."""
        stated = {(row["item"], row["location"]): row["infinite_fence_days"] for row in self.tables["stocking_points"]}
        for point in self.balance:
            own = stated.get(point)
            fence = self.scenario.infinite_fence_days if own is None else int(own)
            if fence is not None:
                yield Way(self._days_from(None, fence), (point, 0), at_once=True)

    def alternatives(self, point: Point, *, planned: bool = False) -> dict[str, tuple[int, int]]:
        """Lead time and rank of every way of making; a bill without an operation takes no time.

        A bill for every location is one where no operation of it stands anywhere; where something is planned to be
        made and nothing else says how, it always is.
        """
        item, location = point
        operations = [row for row in self.tables["operations"] if row["item"] == item]
        ways = {r["alternative"]: (r["lead_time_days"], r["rank"]) for r in operations if r["location"] == location}
        elsewhere = {row["alternative"] for row in operations}
        bills = [row for row in self.tables["bills_of_materials"] if row["item"] == item]
        for row in bills:
            if row["location"] == location or (row["location"] is None and row["alternative"] not in elsewhere):
                ways.setdefault(row["alternative"], (0, 1))
        if planned and not ways:
            ways = {row["alternative"]: (0, 1) for row in bills if row["location"] is None}
        return ways

    def bill(self, point: Point, alternative: str) -> list[Record]:
        """Rows of the bill of the location, else of the bill of every location."""
        bills = self.tables["bills_of_materials"]
        rows = [r for r in bills if (r["item"], r["alternative"]) == (point[0], alternative)]
        return [r for r in rows if r["location"] == point[1]] or [r for r in rows if r["location"] is None]

    def window(self, row: Record) -> tuple[int, int]:
        """First and last start day on which a row holds."""
        first = -(10**6) if row["effective_from"] is None else self.day(row["effective_from"])
        return first, 10**6 if row["effective_to"] is None else self.day(row["effective_to"])

    def hours(self, point: Point, alternative: str) -> list[tuple[object, float]]:
        """Resources of a way of making."""
        key = (*point, alternative)
        rows = [r for r in self.tables["operation_resources"] if (r["item"], r["location"], r["alternative"]) == key]
        return [(("resource", r["resource"], None), r["hours_per_unit"]) for r in rows]

    def _makes(self, point: Point, *, components: bool) -> Iterable[Way]:
        for alternative, (lead_time, _) in self.alternatives(point).items():
            bill = self.bill(point, alternative)
            windows = [self.window(row) for row in bill]
            days = self._days_from(self.calendar_of.get(point[1]))
            yield Way(
                days=[d for d in days if not bill or any(first <= d <= last for first, last in windows)],
                supplies=(point, lead_time),
                takes=[
                    ((row["component"], point[1]), row["quantity_per"], 0, *window)
                    for row, window in zip(bill, windows, strict=True)
                    if components and row["quantity_per"] > 0
                ],
                uses=[(name, hours, 0) for name, hours in self.hours(point, alternative) if hours > 0],
                minimum=self._operation(point, alternative).get("minimum") or 0.0,
                multiple=self._operation(point, alternative).get("multiple") or 0.0,
                components=True,
                made=True,
            )

    def _operation(self, point: Point, alternative: str) -> Record:
        key = (*point, alternative)
        rows = [r for r in self.tables["operations"] if (r["item"], r["location"], r["alternative"]) == key]
        return rows[0] if rows else {}

    def lanes(self, item: str, origin: str | None, destination: str) -> list[tuple[int, Record]]:
        """Lanes of an item into a location; one of the item replaces one of every item of the same ends and mode."""
        lanes = list(enumerate(self.tables["lanes"]))
        own = {(r["origin"], r["destination"], r["mode"]) for _, r in lanes if r["item"] == item}
        return [
            (number, row)
            for number, row in lanes
            if row["destination"] == destination
            and origin in (None, row["origin"])
            and (row["item"] == item or (row["item"] is None and (row["origin"], destination, row["mode"]) not in own))
        ]

    def _transfers(self, point: Point) -> Iterable[Way]:
        for number, row in self.lanes(point[0], None, point[1]):
            yield Way(
                days=self._days_from(self.shipping_of.get(row["origin"]), *self.window(row)),
                supplies=(point, row["lead_time_days"]),
                origin=(point[0], row["origin"]),
                takes=[((point[0], row["origin"]), 1.0, 0, 0, self.days)],
                uses=[(("lane", number, None), 1.0, 0)],
                minimum=row["minimum"] or 0.0,
                multiple=row["multiple"] or 0.0,
            )

    def _buys(self, point: Point) -> Iterable[Way]:
        for row in self.tables["supplier_items"]:
            if (row["item"], row["location"]) == point:
                yield Way(
                    days=self._days_from(self.supplier_calendar.get(row["supplier"])),
                    supplies=(point, row["lead_time_days"]),
                    uses=[(name, 1.0, 0) for name in _purchase(row["supplier"], point[0])],
                    minimum=row["minimum"] or 0.0,
                    multiple=row["multiple"] or 0.0,
                )

    # -- planned orders --------------------------------------------------------------------------------------------

    def _planned_orders(self) -> list[Record]:
        """Orders of the plans that the scenario reads; the only plan need not be named, an order of nothing is none."""
        rows = self.tables["planned_orders"] if "planned_orders" in self.scenario.supply_sources else []
        plans = self.scenario.supply_plans or {row["plan"] for row in rows}
        return [row for row in rows if row["plan"] in plans and row["quantity"] > 0]

    def _planned(self, row: Record) -> tuple[int, int, list[tuple[Point, float, int]], list[tuple[object, float, int]]]:
        """Start day, due day, and what the whole order takes and uses on which day."""
        point, due = (row["item"], row["location"]), self.day(row["due_date"])
        takes: list[tuple[Point, float]] = []
        uses: dict[str, list[tuple[object, float]]] = {"resource": [], "supplier": [], "lane": []}
        lead_time, bill = 0, []
        if row["type"] == "make":
            ways = self.alternatives(point, planned=True)
            named = row["alternative"] if row["alternative"] is not None else ""
            alternative = named or min(ways, key=lambda way: (ways[way][1], way), default="")
            if alternative in ways:
                lead_time, bill = ways[alternative][0], self.bill(point, alternative)
                uses["resource"] = [(name, h * row["quantity"]) for name, h in self.hours(point, alternative)]
        elif row["type"] == "transfer":
            lanes = self.lanes(point[0], row["origin"], point[1])
            takes.append(((point[0], row["origin"]), row["quantity"]))
            if lanes:
                number, lane = min(lanes, key=lambda pair: (pair[1]["item"] is None, pair[1]["rank"], pair[1]["mode"]))
                lead_time, uses["lane"] = lane["lead_time_days"], [(("lane", number, None), row["quantity"])]
        else:
            sold = [r for r in self.tables["supplier_items"] if (r["item"], r["location"]) == point]
            supplier = row["supplier"] or sold[0]["supplier"]
            lead_time = next((r["lead_time_days"] for r in sold if r["supplier"] == supplier), 0)
            uses["supplier"] = [(name, row["quantity"]) for name in _purchase(supplier, point[0])]
        start = due - lead_time if row["start_date"] is None else self.day(row["start_date"])
        stated_takes, stated_uses, kinds = self._stated(row)
        if "component" not in kinds:
            effective = [r for r in bill if self.window(r)[0] <= start <= self.window(r)[1]]
            takes += [((r["component"], point[1]), r["quantity_per"] * row["quantity"]) for r in effective]
        derived = [use for kind, own in uses.items() if kind not in kinds for use in own]
        return (
            start,
            due,
            stated_takes + [(taken, units, start) for taken, units in takes],
            stated_uses + [(name, units, start) for name, units in derived],
        )

    def _stated(self, row: Record) -> tuple[list[tuple[Point, float, int]], list[tuple[object, float, int]], set[str]]:
        """What ``planned_order_demands`` states for an order."""
        takes: list[tuple[Point, float, int]] = []
        uses: list[tuple[object, float, int]] = []
        kinds = set()
        for own in self.tables["planned_order_demands"]:
            if (own["plan"], own["order"]) != (row["plan"], row["order"]):
                continue
            day, kind = self.day(own["date"]), own["kind"]
            kinds.add(kind)
            if kind == "component":
                takes.append(((own["name"], own["location"] or row["location"]), own["quantity"], day))
            elif kind == "resource":
                uses.append((("resource", own["name"], None), own["quantity"], day))
            else:
                uses += [(name, own["quantity"], day) for name in _purchase(own["name"], row["item"])]
        return takes, uses, kinds

    def _adjustable(self, row: Record) -> Way:
        """A planned order that may be reduced or delayed, all its dates together."""
        start, due, takes, uses = self._planned(row)
        known = [use for use in uses if use[0] in self.intervals]
        earliest = min(start, due, *[t[2] for t in takes], *[u[2] for u in known])
        size = row["quantity"]
        moved = row["type"] == "transfer"
        calendar = self.shipping_of.get(row["origin"]) if moved else None
        return Way(
            days=self._days_from(calendar, start + max(-earliest, 0)),
            supplies=((row["item"], row["location"]), due - start),
            takes=[(point, units / size, day - start, 0, self.days) for point, units, day in takes if units > 0],
            uses=[(name, units / size, day - start) for name, units, day in known],
            most=size,
            components=row["type"] == "make",
            made=row["type"] == "make",
            origin=(row["item"], row["origin"]) if moved else None,
        )

    def _fix(self, orders: Sequence[Record]) -> None:
        """Firm orders as given; what they take and nobody has is a shortage, which is minimized first."""
        taken: dict[tuple[Point, int], float] = {}
        for row in orders:
            _, due, takes, uses = self._planned(row)
            if due >= self.days:
                continue
            self._give((row["item"], row["location"]), max(due, 0), row["quantity"])
            for point, units, day in takes:
                if day < self.days:
                    taken[point, max(day, 0)] = taken.get((point, max(day, 0)), 0.0) + units
            for name, units, day in uses:
                if day < self.days:
                    self._load(name, max(day, 0), units)
        for (point, day), units in taken.items():
            self._give(point, day, -units)
            short = self.program.column(units)
            self.program.put(self.balance[point][day], short, 1.0)
            self.program.charge((-1, "shortage_level"), short, 1.0)

    # -- demand ----------------------------------------------------------------------------------------------------

    def _demand(self) -> None:
        rows = self.tables["demands"]
        tiers = sorted({(row["kind"] == "forecast", row["tier"]) for row in rows})
        self._read_sets(rows)
        wanted = [row for row in rows if self._first_day(row) < self.days]
        for row in wanted:
            level = tiers.index((row["kind"] == "forecast", row["tier"]))
            same = {_priority(r) for r in wanted if (r["kind"] == "forecast", r["tier"]) == tiers[level]}
            self._line(row, level, weight=sum(other > _priority(row) for other in same))

    def _read_sets(self, rows: list[dict[str, Any]]) -> None:
        """One choice per ship set and day on which all of its lines may be delivered."""
        self.set_days: dict[str, dict[int, int]] = {}
        for name in {row["ship_set"] for row in rows} - {None}:
            windows = [set(self._line_days(row)) for row in rows if row["ship_set"] == name]
            common = sorted(set.intersection(*windows))
            self.set_days[name] = {day: self.program.column(1.0, integer=True) for day in common}

    def _line_days(self, row: Record) -> list[int]:
        stated = row["latest_acceptable_date"]
        latest = self.days if stated is None else self._shipped(row, stated)
        return self._days_from(self.shipping_of.get(row["location"]), self._first_day(row), latest)

    def _first_day(self, row: Record) -> int:
        earliest = 0 if row["earliest_date"] is None else self._shipped(row, row["earliest_date"])
        return max(self._shipped(row, row["requested_date"]), earliest, 0)

    def _shipped(self, row: Record, date: dt.date) -> int:
        """The day of shipment that arrives at the customer on a date."""
        return self.day(date) - int(row["delivery_lead_time_days"])

    def _line(self, row: Record, level: int, weight: int) -> None:
        """Delivered on some days + never delivered = wanted."""
        point, due = (row["item"], row["location"]), max(self._shipped(row, row["requested_date"]), 0)
        quantity = row["quantity"] - self.reserved.get((row["order"], row["line"]), 0.0)
        partial = row["partial"] and row["maximum_deliveries"] != 1
        smallest = quantity if not partial else min(row["minimum_shipment"] or 0.0, quantity)
        ships = not partial or smallest > (1.0 if self._is_whole(row["item"]) else 0.0)
        wanted = self.program.row(quantity, quantity)
        columns = [(self.program.column(), self.days + UNFILLED_DAYS - due)]
        allowed = row["substitution"] if row["substitution"] is not None else self._lines
        source = self._pool(point) if allowed else self.balance[point]
        together = self.set_days.get(row["ship_set"])
        few = self._few(row, reserved=row["quantity"] - quantity)
        for day in self._line_days(row) if together is None else together:
            delivered = self.program.column()
            self.program.put(source[day], delivered, -1.0)
            columns.append((delivered, day - due))
            if together is not None:
                whole = self.program.row(0.0, 0.0)
                self.program.put(whole, delivered, 1.0)
                self.program.put(whole, together[day], -quantity)
            elif ships:
                something = self.program.column(1.0, integer=True)
                for lower, upper, units in ((0.0, float("inf"), smallest), (-float("inf"), 0.0, quantity)):
                    size = self.program.row(lower, upper)
                    self.program.put(size, delivered, 1.0)
                    self.program.put(size, something, -units)
            if few is not None and together is None:
                self._count(few, day, delivered, quantity)
        if row["split_unfinished"] in (False,) and partial and together is None:
            finished, all_of_it = self.program.column(1.0, integer=True), self.program.row(0.0, 0.0)
            self.program.put(all_of_it, finished, -quantity)
            for column, _ in columns[1:]:
                self.program.put(all_of_it, column, 1.0)
        for column, late in columns:
            self.program.put(wanted, column, 1.0)
            self.program.charge((2 * level, "tier_level"), column, late)
            self.program.charge((2 * level + 1, "priority_level"), column, late * weight)

    def _few(self, row: Record, reserved: float) -> tuple[int, int] | None:
        """The row that counts deliveries, and the day on which reserved stock goes alone, which is one of them."""
        most = row["maximum_deliveries"]
        if most in (None, 1) or not row["partial"]:
            return None
        days = self._line_days(row)
        alone = reserved > 0 and reserved >= (row["minimum_shipment"] or 0.0) and bool(days) and most > 1
        return self.program.row(-float("inf"), most - 1.0 if alone else most), days[0] if alone else -1

    def _count(self, few: tuple[int, int], day: int, delivered: int, quantity: float) -> None:
        """A day with a delivery is one more, unless reserved stock goes on it anyway."""
        if day != few[1]:
            chosen, size = self.program.column(1.0, integer=True), self.program.row(-float("inf"), 0.0)
            self.program.put(size, delivered, 1.0)
            self.program.put(size, chosen, -quantity)
            self.program.put(few[0], chosen, 1.0)

    def _is_whole(self, item: str) -> bool:
        """Whether an item moves in whole units: it may, and it is not wanted or received in fractions."""
        split = any(row["item"] == item and not row["whole_units"] for row in self.tables["items"])
        moved = (*self.tables["demands"], *self.tables["scheduled_receipts"])
        return not split and not any(row["item"] == item and row["quantity"] % 1 for row in moved)


def replacing(rows: Sequence[Record]) -> Iterable[tuple[str, str, str | None, float, Any, Any]]:
    """Item, substitute, location, ratio and dates of every substitution; a class has no ratios, dates and locations."""
    alike: dict[str, set[str]] = {}
    for row in rows:
        item, other = row["item"], row["substitute"]
        if row["direction"] == "form_fit_function":
            joined = alike.get(item, {item}) | alike.get(other, {other})
            alike.update(dict.fromkeys(joined, joined))
            continue
        dates = row["effective_from"], row["effective_to"]
        yield item, other, row["location"], row["ratio"], *dates
        if row["direction"] == "mutual":
            yield other, item, row["location"], 1 / row["ratio"], *dates
    for item, joined in alike.items():
        for other in joined - {item}:
            yield item, other, None, 1.0, None, None


def _priority(row: Record) -> float:
    return float("inf") if row["priority"] is None else row["priority"]


def _purchase(supplier: str, item: str) -> list[object]:
    """Capacities that a purchase uses: of the supplier, and of the supplier for the item."""
    return [("supplier", supplier, None), ("supplier", supplier, item)]


def _records(frame: Any) -> list[dict[str, Any]]:
    """Rows with None for blanks and dates as dates."""
    columns = {
        name: [None if blank else value for value, blank in zip(frame[name].tolist(), frame[name].isna(), strict=True)]
        for name in frame.columns
    }
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return [{name: value.date() if hasattr(value, "date") else value for name, value in row.items()} for row in rows]
