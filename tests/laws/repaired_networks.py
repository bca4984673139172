"""From raw random rows to planning tables that the check accepts: by construction, never by rejecting a draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from laws.problem import Cell, PlanningProblem, Row, Rows, date_of

ITEMS, LOCATIONS = ("A", "B", "C", "D"), ("L1", "L2", "L3", "L4")
RESOURCES, SUPPLIERS = ("R1", "R2"), ("S1", "S2")
CONSUMED = {"resource": RESOURCES, "supplier": SUPPLIERS}
LIMITED_PURCHASES: tuple[Row, ...] = (
    {"supplier": "S1", "item": None},
    {"supplier": "S1", "item": "A"},
    {"supplier": "S2", "item": None},
)

Raw = dict[str, Any]


@dataclass(frozen=True)
class Kinds:
    """Which kinds of rules a problem may have.

    Args:
        integers: Lines that ship at once, in smallest quantities or in sets.
        objective: Objective of all problems, blank for any.
        mode: Mode of all problems, blank for any.
    """

    integers: bool = True
    objective: str = ""
    mode: str = ""


@dataclass(frozen=True)
class _Shape:
    """Ids and length of one problem."""

    items: Sequence[str]
    locations: Sequence[str]
    days: int
    weekly: bool

    def item(self, number: int) -> str:
        return self.items[number % len(self.items)]

    def location(self, number: int) -> str:
        return self.locations[number % len(self.locations)]

    def place(self, raw: Raw) -> Raw:
        """A raw row with its item and location."""
        return {**raw, "item": self.item(raw["item"]), "location": self.location(raw["location"])}

    def day(self, number: int) -> int:
        """A day from a week before the horizon to a few days after it."""
        return number if number < self.days + 2 else number % self.days

    def window(self, raw: Raw) -> Raw:
        """A raw row with its effectivity."""
        own = {name: value for name, value in raw.items() if name not in ("from_day", "to_days")}
        begin = None if raw["from_day"] is None else self.day(raw["from_day"])
        end = None if raw["to_days"] is None else (begin or 0) + raw["to_days"]
        own["effective_from"] = None if begin is None else date_of(begin)
        own["effective_to"] = None if end is None else date_of(end)
        return own


def repaired(raw: Raw, kinds: Kinds) -> PlanningProblem:
    """A problem from raw rows."""
    items, locations, days = raw["size"]
    options = raw["options"]
    shape = _Shape(ITEMS[:items], LOCATIONS[:locations], days, options["resolution"] == "week")
    calendars = _calendars(raw["calendars"])
    names = sorted({str(row["calendar"]) for row in calendars})
    tables: dict[str, Rows] = {
        "items": [{"item": item, **own} for item, own in zip(shape.items, raw["items"] or (), strict=False)],
        "locations": _locations(shape, raw, names),
        "stocking_points": _distinct((_stocking_point(shape, own) for own in raw["stocking_points"]), "item location"),
        "lanes": _lanes(shape, raw["lanes"]),
        "bills_of_materials": _bills(shape, raw["bills_of_materials"]),
        "operations": _distinct(map(shape.place, raw["operations"]), "item location alternative"),
        "resource_capacity": _capacity(shape, [{"resource": name} for name in RESOURCES], "hours", raw),
        "suppliers": _masters("supplier", SUPPLIERS, raw["calendar_of"][4:], names),
        "supplier_items": _distinct(map(shape.place, raw["supplier_items"]), "supplier item location"),
        "supplier_capacity": _capacity(shape, LIMITED_PURCHASES, "quantity", raw),
        "calendars": calendars,
        "on_hand": _distinct(map(shape.place, raw["on_hand"]), "item location bin"),
        "scheduled_receipts": [_receipt(shape, n, own) for n, own in enumerate(raw["scheduled_receipts"])],
        "demands": [_demand(shape, kinds, n, own) for n, own in enumerate(raw["demands"])],
    }
    if not kinds.integers:
        for name in ("lanes", "operations", "supplier_items"):
            tables[name] = [{**row, "minimum": None, "multiple": None} for row in tables[name]]
    tables["operation_resources"] = _hours(shape, tables, raw["operation_resources"])
    tables["reservations"] = _reservations(tables["demands"], raw["reservations"])
    planned = [_planned(shape, tables, number, own) for number, own in enumerate(raw["planned_orders"])]
    tables["planned_orders"] = planned
    tables["planned_order_demands"] = _consumed(shape, planned, raw["planned_order_demands"])
    plans = sorted({str(row["plan"]) for row in planned})
    named = tuple(plan for plan in options["supply_plans"] if plan in plans)
    chosen = {
        "horizon_days": days,
        "supply_plans": named if named or len(plans) == 1 else tuple(plans),
        "objective": kinds.objective or options["objective"],
        "mode": kinds.mode or options["mode"],
    }
    return PlanningProblem(tables, {**options, **chosen})


def _distinct(rows: Iterable[Row], key: str) -> list[Row]:
    """The first row of every key."""
    first: dict[tuple[Cell, ...], Row] = {}
    for row in rows:
        first.setdefault(tuple(row[name] for name in key.split()), row)
    return list(first.values())


def _calendars(closed: Sequence[Sequence[tuple[int, int]]]) -> list[Row]:
    return [
        {"calendar": name, "start": date_of(day), "end": date_of(day + length), "working": False}
        for name, own in zip(("C1", "C2"), closed, strict=True)
        for day, length in own
    ]


def _masters(column: str, names: Sequence[str], calendar_of: Sequence[str | None], known: Sequence[str]) -> list[Row]:
    """A complete master table with calendars; none where there are no calendars."""
    if not known:
        return []
    calendars = [name if name in known else None for name in calendar_of]
    return [{column: name, "calendar": calendar} for name, calendar in zip(names, calendars, strict=False)]


def _locations(shape: _Shape, raw: Raw, known: Sequence[str]) -> list[Row]:
    """The locations with the days on which they work, ship and receive."""
    rows = _masters("location", shape.locations, raw["calendar_of"], known)
    ways = [[name if name in known else None for name in way] for way in raw["ways_of"]]
    return [
        {**row, "shipping_calendar": ships, "receiving_calendar": receives}
        for row, (ships, receives) in zip(rows, ways, strict=False)
    ]


def _stocking_point(shape: _Shape, raw: Raw) -> Row:
    return {**shape.place(raw), "maximum": raw["minimum"] + raw["maximum"]}


def _lanes(shape: _Shape, raw: Sequence[Raw]) -> list[Row]:
    rows = []
    for own in raw:
        item = None if own["item"] is None else shape.item(own["item"])
        origin, destination = shape.location(own["origin"]), shape.location(own["destination"])
        if origin != destination:
            rows.append({**shape.window(own), "item": item, "origin": origin, "destination": destination})
    return _distinct(rows, "item origin destination mode")


def _bills(shape: _Shape, raw: Sequence[Raw]) -> list[Row]:
    """Bills in which an item is made of later items only, so that nothing is made of itself."""
    rows = []
    for own in raw:
        item, component = sorted((shape.item(own["item"]), shape.item(own["component"])))
        location = None if own["location"] is None else shape.location(own["location"])
        if item < component:
            rows.append({**shape.window(own), "item": item, "location": location, "component": component})
    return _distinct(rows, "item location alternative component")


def _hours(shape: _Shape, tables: dict[str, Rows], raw: Sequence[Raw]) -> list[Row]:
    """Resource hours of ways of making that operations or bills of materials name."""
    ways = sorted(
        {
            (str(row["item"]), str(location), str(row["alternative"]))
            for row in (*tables["operations"], *tables["bills_of_materials"])
            for location in ([row["location"]] if row["location"] else shape.locations)
        }
    )
    names = ("item", "location", "alternative")
    rows = [
        {
            **dict(zip(names, ways[own["way"] % len(ways)], strict=True)),
            "resource": own["resource"],
            "hours_per_unit": own["hours_per_unit"],
        }
        for own in raw
        if ways
    ]
    return _distinct(rows, "item location alternative resource")


def _capacity(shape: _Shape, groups: Sequence[Row], column: str, raw: Raw) -> list[Row]:
    """Intervals that do not overlap, one after the other with gaps; whole weeks when the plan is by the week."""
    rows = []
    table = "supplier_capacity" if column == "quantity" else "resource_capacity"
    for group, pieces in zip(groups, raw[table], strict=True):
        day = -3
        for gap, length, quantity in pieces or ():
            days = 7 * max(1, length // 7) if shape.weekly else length
            interval = {"start": date_of(day + gap), "end": date_of(day + gap + days), column: quantity}
            rows.append({**group, **interval})
            day += gap + days
    return rows


def _receipt(shape: _Shape, number: int, raw: Raw) -> Row:
    row = {name: value for name, value in shape.place(raw).items() if name != "day"}
    return {"receipt": f"X{number}", **row, "date": date_of(shape.day(raw["day"]))}


def _demand(shape: _Shape, kinds: Kinds, number: int, raw: Raw) -> Row:
    """An order line whose dates and smallest shipment agree with each other."""
    row = {name: value for name, value in shape.place(raw).items() if name not in ("day", "earliest", "latest")}
    requested = shape.day(raw["day"])
    earliest = None if raw["earliest"] is None else shape.day(raw["earliest"])
    first = requested if earliest is None else max(requested, earliest)
    smallest = raw["minimum_shipment"]
    return {
        "order": f"D{number // 2}",
        "line": str(number % 2),
        **row,
        "requested_date": date_of(requested),
        "earliest_date": None if earliest is None else date_of(earliest),
        "latest_acceptable_date": None if raw["latest"] is None else date_of(first + raw["latest"]),
        "partial": raw["partial"] or not kinds.integers,
        "ship_set": raw["ship_set"] if kinds.integers else None,
        "minimum_shipment": min(smallest, raw["quantity"]) if kinds.integers and smallest is not None else None,
    }


def _reservations(demands: Rows, raw: Sequence[Raw]) -> list[Row]:
    rows = []
    for own in raw:
        line = demands[own["demand"] % len(demands)]
        held = {name: line[name] for name in ("order", "line", "item", "location")}
        rows.append({**held, "quantity": own["quantity"]})
    return _distinct(rows, "order line")


def _planned(shape: _Shape, tables: dict[str, Rows], number: int, raw: Raw) -> Row:
    """A planned order with its origin, supplier or alternative, and with a start date where none can be derived."""
    own = shape.place(raw)
    row = {name: own[name] for name in ("plan", "type", "item", "location", "quantity")}
    row["order"] = f"W{number}"
    item, location = own["item"], own["location"]
    others = [name for name in shape.locations if name != location]
    if row["type"] == "transfer" and not others:
        row["type"] = "make"
    derived = True
    if row["type"] == "transfer":
        row["origin"] = others[own["origin"] % len(others)]
        known = {(r["item"], r["origin"], r["destination"]) for r in tables["lanes"]}
        derived = bool(known & {(item, row["origin"], location), (None, row["origin"], location)})
    elif row["type"] == "buy":
        sellers = [r["supplier"] for r in tables["supplier_items"] if (r["item"], r["location"]) == (item, location)]
        named = own["way"] is not None or len(sellers) != 1
        row["supplier"] = SUPPLIERS[(own["way"] or 0) % 2] if named else None
        derived = not named or row["supplier"] in sellers
    else:
        bills = [r for r in tables["bills_of_materials"] if r["item"] == item and r["location"] in (None, location)]
        made = [r for r in tables["operations"] if (r["item"], r["location"]) == (item, location)]
        ways = [r["alternative"] for r in (*made, *bills)]
        row["alternative"] = ways[own["way"] % len(ways)] if ways and own["way"] is not None else None
    due, lead_time = shape.day(own["day"]), own["lead_time"]
    if lead_time is None and not derived:
        lead_time = 2
    return {**row, "start_date": None if lead_time is None else date_of(due - lead_time), "due_date": date_of(due)}


def _consumed(shape: _Shape, planned: Rows, raw: Sequence[Raw]) -> list[Row]:
    """What some planned orders take, on days around their due date."""
    rows = []
    for own in raw if planned else ():
        order = planned[own["order"] % len(planned)]
        ids = CONSUMED.get(own["kind"], shape.items)
        placed = own["kind"] == "component" and own["location"] is not None
        due = order["due_date"]
        assert isinstance(due, type(date_of(0)))
        row = {"plan": order["plan"], "order": order["order"], "kind": own["kind"], "name": ids[own["name"] % len(ids)]}
        row["location"] = shape.location(own["location"]) if placed else None
        rows.append({**row, "date": due - (date_of(own["before"]) - date_of(0)), "quantity": own["quantity"]})
    return _distinct(rows, "plan order kind name location")
