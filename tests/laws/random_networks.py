"""Random planning problems: small, but with every kind of supply, date and rule.

Rows are repaired while they are drawn, so that every problem passes the check of the planning data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from laws.problem import Cell, PlanningProblem, Row, Rows, date_of

Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass(frozen=True)
class Kinds:
    """Which kinds of rules a problem may have.

    Args:
        integers: Lines that ship at once or in smallest quantities.
        objectives: Objectives of the scenario.
        modes: Modes of the scenario.
        weeks: Plans by the week.
    """

    integers: bool = True
    objectives: Sequence[str] = ("tiers", "tiers", "cost")
    modes: Sequence[str] = ("constrained", "constrained", "constrained", "unconstrained")
    weeks: bool = True


@dataclass(frozen=True)
class _Shape:
    """Ids and length of one problem."""

    items: Sequence[str]
    locations: Sequence[str]
    days: int
    weekly: bool

    @property
    def item(self) -> st.SearchStrategy[str]:
        return st.sampled_from(self.items)

    @property
    def location(self) -> st.SearchStrategy[str]:
        return st.sampled_from(self.locations)

    def day(self, before: int = 0, after: int = 0) -> st.SearchStrategy[int]:
        return st.integers(-before, self.days - 1 + after)


@st.composite
def problems(draw: Draw, kinds: Kinds = Kinds()) -> PlanningProblem:
    """Planning data and a scenario that the check accepts."""
    shape = _Shape(
        items=["A", "B", "C", "D"][: draw(st.integers(1, 4))],
        locations=["L1", "L2", "L3", "L4"][: draw(st.integers(1, 4))],
        days=draw(st.integers(10, 40)),
        weekly=kinds.weeks and draw(_one_in(10)),
    )
    calendars = draw(_calendars(shape))
    names = sorted({str(row["calendar"]) for row in calendars})
    bills, operations, hours = draw(_ways_of_making(shape))
    sold = draw(_rows(_supplier_item(shape), 4, ("supplier", "item", "location")))
    lanes = draw(_rows(_lane(shape), 5, ("item", "origin", "destination", "mode"))) if len(shape.locations) > 1 else []
    demands = draw(_rows(_demand(shape, kinds), 7, ("order", "line"), at_least=1))
    planned = draw(_planned_orders(shape, lanes, sold, operations, bills))
    tables: dict[str, Rows] = {
        "items": draw(_items(shape)),
        "locations": draw(_masters("location", shape.locations, names)),
        "stocking_points": draw(_rows(_stocking_point(shape), 4, ("item", "location"))),
        "lanes": lanes,
        "bills_of_materials": bills,
        "operations": operations,
        "operation_resources": hours,
        "resource_capacity": draw(_capacity(shape, "resource", ["R1", "R2"], "hours")),
        "suppliers": draw(_masters("supplier", ["S1", "S2"], names)),
        "supplier_items": sold,
        "supplier_capacity": draw(_supplier_capacity(shape)),
        "calendars": calendars,
        "on_hand": draw(_rows(_on_hand(shape), 5, ("item", "location", "bin"))),
        "reservations": draw(_reservations(demands)),
        "scheduled_receipts": draw(_rows(_receipt(shape), 4, ("receipt",))),
        "planned_orders": planned,
        "planned_order_demands": draw(_planned_order_demands(shape, planned)),
        "demands": demands,
    }
    return PlanningProblem(tables, draw(_options(shape, kinds, planned)))


def _options(shape: _Shape, kinds: Kinds, planned: Rows) -> st.SearchStrategy[dict[str, object]]:
    plans = sorted({str(row["plan"]) for row in planned})
    sources = ("on_hand", "scheduled_receipts", "planned_orders", "new_orders")
    some = st.lists(st.sampled_from(sources), min_size=1, unique=True).map(tuple)
    return st.fixed_dictionaries(
        {
            "horizon_days": st.just(shape.days),
            "resolution": st.just("week" if shape.weekly else "day"),
            "mode": st.sampled_from(kinds.modes),
            "objective": st.sampled_from(kinds.objectives),
            "planned_orders": st.sampled_from(["adjust", "adjust", "firm", "ignore"]),
            "supply_sources": st.one_of(st.just(sources), st.just(sources), st.just(sources), some),
            "supply_plans": st.lists(st.sampled_from(plans), unique=True).map(tuple) if plans else st.just(()),
        }
    )


def _one_in(times: int) -> st.SearchStrategy[bool]:
    return st.sampled_from([False] * (times - 1) + [True])


def _maybe(values: st.SearchStrategy[Any], times: int = 2) -> st.SearchStrategy[Any]:
    """A value once in so many times, else a blank."""
    return _one_in(times).flatmap(lambda given: values if given else st.none())


def _rows(
    row: st.SearchStrategy[Row], most: int, key: Sequence[str], at_least: int = 0
) -> st.SearchStrategy[list[Row]]:
    """Rows without a repeated key."""
    return st.lists(
        row, min_size=at_least, max_size=most, unique_by=lambda values: tuple(values[name] for name in key)
    )


def _window(shape: _Shape) -> st.SearchStrategy[tuple[Cell, Cell]]:
    """Effectivity: mostly always, else from a day, to a day, or both."""
    span = st.tuples(shape.day(3), st.integers(0, 15))
    window = st.one_of(
        span.map(lambda pair: (date_of(pair[0]), None)),
        span.map(lambda pair: (None, date_of(pair[0]))),
        span.map(lambda pair: (date_of(pair[0]), date_of(pair[0] + pair[1]))),
    )
    return _maybe(window, 4).map(lambda drawn: drawn or (None, None))


def _with_window(row: dict[str, Any]) -> Row:
    first, last = row.pop("window")
    return {**row, "effective_from": first, "effective_to": last}


def _masters(column: str, names: Sequence[str], calendars: Sequence[str]) -> st.SearchStrategy[list[Row]]:
    """All rows of a master table with their calendars, or no row at all."""
    if not calendars:
        return st.just([])
    calendar = st.sampled_from([None, *calendars, *calendars])
    each = st.tuples(*[calendar for _ in names])
    return each.map(lambda own: [{column: n, "calendar": c} for n, c in zip(names, own, strict=True)])


def _items(shape: _Shape) -> st.SearchStrategy[list[Row]]:
    row = st.fixed_dictionaries({"unit_cost": st.integers(0, 5), "whole_units": st.sampled_from([True, True, False])})
    listed = st.tuples(*[row for _ in shape.items])
    rows = listed.map(lambda own: [{"item": i, **values} for i, values in zip(shape.items, own, strict=True)])
    return st.one_of(st.just([]), rows)


def _calendars(shape: _Shape) -> st.SearchStrategy[list[Row]]:
    """Weekends, or any days that are not worked."""
    closed = st.tuples(shape.day(3), st.integers(1, 9))
    holidays = st.lists(closed, max_size=3, unique=True)
    weekends = st.just([(day, 2) for day in range(5, shape.days, 7)])
    calendar = st.one_of(st.just([]), weekends, holidays)
    return st.tuples(calendar, calendar).map(
        lambda both: [
            {"calendar": name, "start": date_of(day), "end": date_of(day + length), "working": False}
            for name, own in zip(("C1", "C2"), both, strict=True)
            for day, length in own
        ]
    )


def _stocking_point(shape: _Shape) -> st.SearchStrategy[Row]:
    row = st.fixed_dictionaries(
        {
            "item": shape.item,
            "location": shape.location,
            "coverage": st.sampled_from(["requirement", "requirement", "min_max", "none"]),
            "minimum": st.integers(0, 12),
            "maximum": st.integers(0, 12),
            "multiple": _maybe(st.integers(1, 5), 3),
            "safety_stock": st.sampled_from([0, 0, 3, 10]),
            "holding_cost": st.sampled_from([0, 10, 365]),
            "search": st.sampled_from(["supply_chain", "supply_chain", "supply_chain", "lead_time", "infinite"]),
            "search_components": st.sampled_from([True, True, False]),
            "lead_time_days": st.integers(0, 15),
        }
    )
    return row.map(lambda own: {**own, "maximum": own["minimum"] + own["maximum"]})


def _lane(shape: _Shape) -> st.SearchStrategy[Row]:
    ends = [(a, b) for a in shape.locations for b in shape.locations if a != b]
    row = st.fixed_dictionaries(
        {
            "item": st.one_of(shape.item, shape.item, st.none()),
            "ends": st.sampled_from(ends),
            "mode": st.sampled_from(["standard", "standard", "air"]),
            "lead_time_days": st.integers(0, 6),
            "unit_cost": st.integers(0, 3),
            "rank": st.integers(1, 3),
            "capacity_per_day": _maybe(st.integers(0, 8), 3),
            "window": _window(shape),
        }
    )

    def named(own: dict[str, Any]) -> Row:
        origin, destination = own.pop("ends")
        return _with_window({**own, "origin": origin, "destination": destination})

    return row.map(named)


@st.composite
def _ways_of_making(draw: Draw, shape: _Shape) -> tuple[Rows, Rows, Rows]:
    """Bills, operations and their resources; items are made of later items only, so nothing is made of itself."""
    bills: Rows = []
    if len(shape.items) > 1:
        bills = draw(_rows(_bill(shape), 5, ("item", "location", "alternative", "component")))
    operations = draw(_rows(_operation(shape), 4, ("item", "location", "alternative")))
    made = {(str(row["item"]), row["location"], str(row["alternative"])) for row in [*bills, *operations]}
    ways = sorted(
        {(item, place, way) for item, given, way in made for place in ([given] if given else shape.locations)}
    )
    if not ways:
        return bills, operations, []
    use = st.fixed_dictionaries(
        {
            "way": st.sampled_from(ways),
            "resource": st.sampled_from(["R1", "R1", "R2"]),
            "hours_per_unit": st.sampled_from([1, 0.5, 2, 0]),
        }
    )
    uses = draw(_rows(use, 3, ("way", "resource")))
    hours = [
        {"item": item, "location": place, "alternative": way, **{k: v for k, v in row.items() if k != "way"}}
        for row in uses
        for item, place, way in [row["way"]]
    ]
    return bills, operations, hours


def _bill(shape: _Shape) -> st.SearchStrategy[Row]:
    pairs = [(a, b) for a in shape.items for b in shape.items if a < b]
    row = st.fixed_dictionaries(
        {
            "parts": st.sampled_from(pairs),
            "location": _maybe(shape.location),
            "alternative": st.sampled_from(["1", "1", "2"]),
            "quantity_per": st.sampled_from([1, 1, 2, 3, 0.5, 0]),
            "window": _window(shape),
        }
    )

    def named(own: dict[str, Any]) -> Row:
        item, component = own.pop("parts")
        return _with_window({**own, "item": item, "component": component})

    return row.map(named).map(lambda own: {"item": own["item"], **own})


def _operation(shape: _Shape) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(
        {
            "item": shape.item,
            "location": shape.location,
            "alternative": st.sampled_from(["1", "1", "2"]),
            "lead_time_days": st.integers(0, 5),
            "unit_cost": st.integers(0, 3),
            "rank": st.integers(1, 3),
        }
    )


def _intervals(shape: _Shape) -> st.SearchStrategy[list[tuple[int, int, int]]]:
    """Start, end and quantity of intervals that do not overlap; whole weeks when the plan is by the week."""
    lengths = [7, 14] if shape.weekly else [1, 1, 2, 7, 30]
    piece = st.tuples(st.sampled_from([0, 0, 1, 4]), st.sampled_from(lengths), st.integers(0, 20))

    def laid_out(pieces: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
        placed, day = [], -3
        for gap, length, quantity in pieces:
            placed.append((day + gap, day + gap + length, quantity))
            day += gap + length
        return placed

    return st.lists(piece, min_size=1, max_size=6).map(laid_out)


def _interval_rows(names: Row, column: str, intervals: Sequence[tuple[int, int, int]]) -> list[Row]:
    return [
        {**names, "start": date_of(start), "end": date_of(end), column: quantity} for start, end, quantity in intervals
    ]


def _capacity(shape: _Shape, name: str, ids: Sequence[str], column: str) -> st.SearchStrategy[list[Row]]:
    each = st.tuples(*[_maybe(_intervals(shape), 2) for _ in ids])
    return each.map(
        lambda own: [
            row for i, given in zip(ids, own, strict=True) if given for row in _interval_rows({name: i}, column, given)
        ]
    )


def _supplier_capacity(shape: _Shape) -> st.SearchStrategy[list[Row]]:
    """Limits of a supplier for all items together and for one item."""
    limits = [{"supplier": "S1", "item": None}, {"supplier": "S1", "item": "A"}, {"supplier": "S2", "item": None}]
    each = st.tuples(*[_maybe(_intervals(shape), 3) for _ in limits])
    return each.map(
        lambda own: [
            row
            for names, given in zip(limits, own, strict=True)
            if given
            for row in _interval_rows(names, "quantity", given)
        ]
    )


def _supplier_item(shape: _Shape) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(
        {
            "supplier": st.sampled_from(["S1", "S2"]),
            "item": shape.item,
            "location": shape.location,
            "lead_time_days": st.integers(0, 12),
            "unit_cost": st.integers(0, 4),
            "rank": st.integers(1, 3),
        }
    )


def _on_hand(shape: _Shape) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(
        {
            "item": shape.item,
            "location": shape.location,
            "bin": st.sampled_from([None, None, "X"]),
            "quantity": st.integers(-6, 15),
        }
    )


def _receipt(shape: _Shape) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(
        {
            "receipt": st.integers(1, 9).map(lambda number: f"R-{number}"),
            "type": st.sampled_from(["purchase", "transfer", "make"]),
            "item": shape.item,
            "location": shape.location,
            "date": shape.day(3, 3).map(date_of),
            "quantity": st.integers(0, 15),
        }
    )


def _demand(shape: _Shape, kinds: Kinds) -> st.SearchStrategy[Row]:
    row = st.fixed_dictionaries(
        {
            "order": st.integers(1, 9).map(lambda number: f"D{number}"),
            "line": st.sampled_from(["1", "1", "2"]),
            "kind": st.sampled_from(["order", "order", "order", "forecast"]),
            "item": st.one_of(st.just(shape.items[0]), shape.item),
            "location": st.one_of(st.just(shape.locations[-1]), shape.location),
            "quantity": st.one_of(st.integers(1, 20), st.integers(1, 20), st.sampled_from([0.5, 2.5])),
            "requested": shape.day(8, 2),
            "tier": st.sampled_from([1, 1, 2, 3]),
            "priority": _maybe(st.integers(1, 3), 3),
            "penalty_per_day": st.sampled_from([0, 1, 5]),
            "earliest": _maybe(shape.day(2, 1), 6),
            "latest": _maybe(st.integers(0, 12), 6),
            "partial": st.booleans() if kinds.integers else st.just(True),
            "minimum_shipment": _maybe(st.integers(0, 8), 4) if kinds.integers else st.none(),
        }
    )
    return row.map(_repaired_demand)


def _repaired_demand(own: dict[str, Any]) -> Row:
    """Dates and smallest shipments that agree with each other."""
    requested, earliest, latest = own.pop("requested"), own.pop("earliest"), own.pop("latest")
    smallest = own.pop("minimum_shipment")
    first = requested if earliest is None else max(requested, earliest)
    return {
        **own,
        "requested_date": date_of(requested),
        "earliest_date": None if earliest is None else date_of(earliest),
        "latest_acceptable_date": None if latest is None else date_of(first + latest),
        "minimum_shipment": None if smallest is None else min(smallest, own["quantity"]),
    }


def _reservations(demands: Rows) -> st.SearchStrategy[list[Row]]:
    held = st.tuples(st.sampled_from(demands), st.integers(0, 12)).map(
        lambda pair: {**{name: pair[0][name] for name in ("order", "line", "item", "location")}, "quantity": pair[1]}
    )
    return _rows(held, 2, ("order", "line"))


@st.composite
def _planned_orders(
    draw: Draw, shape: _Shape, lanes: Rows, sold: Rows, operations: Rows, bills: Rows
) -> list[Row]:
    """Planned orders with and without a way that the other tables know."""
    kinds = ["make", "buy", *(["transfer"] if len(shape.locations) > 1 else [])]
    row = st.fixed_dictionaries(
        {
            "plan": st.sampled_from(["P1", "P1", "P2"]),
            "order": st.integers(1, 9).map(lambda number: f"W{number}"),
            "type": st.sampled_from(kinds),
            "item": shape.item,
            "location": shape.location,
            "quantity": st.integers(0, 20),
            "due": shape.day(2, 4),
            "lead_time": _maybe(st.integers(0, 6)),
        }
    )
    rows = draw(_rows(row, 4, ("plan", "order")))
    return [draw(_completed_order(shape, own, lanes, sold, operations, bills)) for own in rows]


@st.composite
def _completed_order(
    draw: Draw, shape: _Shape, own: dict[str, Any], lanes: Rows, sold: Rows, operations: Rows, bills: Rows
) -> Row:
    """A planned order with its origin, supplier or alternative, and with a start date where none is derived."""
    item, place = own["item"], own["location"]
    row = {name: own[name] for name in ("plan", "order", "type", "item", "location", "quantity")}
    derived = True
    if own["type"] == "transfer":
        row["origin"] = draw(st.sampled_from([name for name in shape.locations if name != place]))
        ways = {(lane["item"], lane["origin"], lane["destination"]) for lane in lanes}
        derived = bool(ways & {(item, row["origin"], place), (None, row["origin"], place)})
    elif own["type"] == "buy":
        sellers = [r["supplier"] for r in sold if (r["item"], r["location"]) == (item, place)]
        row["supplier"] = None if len(sellers) == 1 and draw(st.booleans()) else draw(st.sampled_from(["S1", "S2"]))
        derived = row["supplier"] is None or row["supplier"] in sellers
    else:
        ways = [r["alternative"] for r in operations if (r["item"], r["location"]) == (item, place)]
        ways += [r["alternative"] for r in bills if r["item"] == item and r["location"] in (None, place)]
        row["alternative"] = draw(st.sampled_from([None, *ways]))
    lead_time = own["lead_time"] if derived or own["lead_time"] is not None else 2
    start = None if lead_time is None else date_of(own["due"] - lead_time)
    return {**row, "start_date": start, "due_date": date_of(own["due"])}


@st.composite
def _planned_order_demands(draw: Draw, shape: _Shape, planned: Rows) -> list[Row]:
    """What some planned orders take, on days around their due date."""
    if not planned:
        return []
    names = {"component": shape.items, "resource": ["R1", "R2"], "supplier": ["S1", "S2"]}
    row = st.fixed_dictionaries(
        {
            "of": st.sampled_from(planned),
            "kind": st.sampled_from(["component", "component", "resource", "supplier"]),
            "name": st.integers(0, 3),
            "location": _maybe(shape.location, 4),
            "before": st.integers(-2, 6),
            "quantity": st.integers(0, 15),
        }
    )
    drawn = draw(st.lists(row, max_size=3))
    rows: dict[tuple[Cell, ...], Row] = {}
    for own in drawn:
        of, ids = own["of"], names[own["kind"]]
        place = own["location"] if own["kind"] == "component" else None
        key = (of["plan"], of["order"], own["kind"], ids[own["name"] % len(ids)], place)
        day = of["due_date"] - (date_of(own["before"]) - date_of(0))
        fields = dict(zip(("plan", "order", "kind", "name", "location"), key, strict=True))
        rows.setdefault(key, {**fields, "date": day, "quantity": own["quantity"]})
    return list(rows.values())
