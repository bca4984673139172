"""Reads a case in the schema ``neutral-supply-plan/1`` from JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from peer.case import (
    Buy,
    Case,
    Deliveries,
    Demand,
    Flow,
    Load,
    Make,
    Movement,
    Option,
    Resource,
    Sizes,
    Step,
    StockPoint,
    Transfer,
    Validity,
)
from peer.records import CaseError, Record, as_date, as_number

SCHEMA = "neutral-supply-plan/1"


def read_case(path: Path) -> Case:
    """Read a case from a file.

    Raises:
        CaseError: the file is not JSON, not of this schema, or a field that is needed is missing.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CaseError(f"{path}: cannot be read as JSON: {error}") from None
    return parse_case(content, str(path))


def parse_case(content: object, where: str = "case") -> Case:
    """A case from parsed JSON (errors as in :func:`read_case`)."""
    every: list[Record] = []
    top = Record(content, where, every)
    if top.text("schema") != SCHEMA:
        raise CaseError(f"{where}: schema must be {SCHEMA} (got {top.text('schema')})")
    for remark in ("source", "licence", "tests", "items", "locations", "lp", "lp_reference"):
        top.get(remark)
    return Case(
        name=top.text("name", where),
        start=top.date("start"),
        end=top.date("horizon_end"),
        step_hours=top.number("time_step_hours", 24),
        stock_points=tuple(_stock_point(record) for record in top.records("stock_points")),
        receipts=tuple(_movement(record) for record in top.records("scheduled_receipts")),
        issues=tuple(_movement(record) for record in top.records("scheduled_issues")),
        buys=tuple(_buy(record) for record in top.records("buy")),
        transfers=tuple(_transfer(record) for record in top.records("transfer")),
        makes=tuple(_make(record) for record in top.records("make")),
        resources=tuple(_resource(record) for record in top.records("resources")),
        non_working=_non_working(top.record("non_working_periods")),
        demands=tuple(_demand(record) for record in top.records("demands")),
        expected=_expected(top),
        warnings=tuple(warning for record in every for warning in record.unused()),
    )


def _steps(record: Record, name: str) -> tuple[Step, ...]:
    """A number, or a list of values that hold from a date on."""
    value = record.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        return (Step(None, as_number(value, f"{record.where}: {name}")),)
    return tuple(Step(step.maybe_date("from"), step.number("value")) for step in record.records(name))


def _validity(record: Record) -> Validity:
    return Validity(
        record.maybe_date("effective_from"), record.maybe_date("effective_to"), record.maybe_text("working_calendar")
    )


def _sizes(record: Record) -> Sizes:
    inner = record.record("sizes")
    return Sizes(
        *(
            inner.maybe_number(name) if record.get(name) is None else record.maybe_number(name)
            for name in ("min_qty", "multiple", "max_qty")
        )
    )


def _stock_point(record: Record) -> StockPoint:
    return StockPoint(
        record.text("item"),
        record.text("location"),
        record.number("on_hand", 0),
        _steps(record, "safety_stock"),
        _steps(record, "max_stock"),
        record.flag("infinite_supply"),
    )


def _movement(record: Record) -> Movement:
    return Movement(
        record.text("item"),
        record.text("location"),
        record.date("date"),
        record.number("qty"),
        record.text("order_type", ""),
    )


def _loads(record: Record) -> tuple[Load, ...]:
    return tuple(
        Load(
            load.text("resource"),
            load.number("qty", 1),
            load.text("mode", "per_unit") == "per_lot",
            load.maybe_number("lp_load_per_unit"),
        )
        for load in record.records("loads")
    )


def _buy(record: Record) -> Buy:
    supplier, item, location = record.text("supplier"), record.text("item"), record.text("location")
    return Buy(
        record.text("id", f"Purchase {item} @ {location} from {supplier}"),
        item,
        location,
        supplier,
        record.number("lead_time_days", 0) + record.number("hard_safety_lead_time_days", 0),
        record.number("priority", 1),
        _sizes(record),
        _validity(record),
        _loads(record),
    )


def _transfer(record: Record) -> Transfer:
    item, origin, destination = record.text("item"), record.text("from"), record.text("to")
    return Transfer(
        record.text("id", f"Ship {item} from {origin} to {destination}"),
        item,
        origin,
        destination,
        record.number("lead_time_days", 0),
        record.number("priority", 1),
        _sizes(record),
        _validity(record),
    )


def _flow(record: Record, location: str | None) -> Flow:
    return Flow(
        record.text("item"),
        record.text("location", location),
        record.number("qty_per", 0 if record.get("qty_fixed") is not None else 1),
        record.number("qty_fixed", 0),
        record.maybe_text("group"),
        record.number("rank", 1),
        record.number("offset_days", 0),
        _validity(record),
    )


def _make(record: Record) -> Make:
    location = record.maybe_text("location")
    return Make(
        record.text("id"),
        tuple(_flow(flow, location) for flow in record.records("inputs")),
        tuple(_flow(flow, location) for flow in record.records("outputs")),
        record.number("duration_days", 0),
        record.number("duration_per_unit_days", 0),
        record.number("priority", 1),
        _sizes(record),
        _validity(record),
        _loads(record),
    )


def _resource(record: Record) -> Resource:
    bucketed = record.maybe_text("type") == "bucket" or record.get("bucket_days") is not None
    return Resource(
        record.text("id"),
        _steps(record, "capacity"),
        record.number("bucket_days", 0) if bucketed else None,
        record.maybe_number("max_early_days"),
        record.flag("unlimited"),
    )


def _non_working(record: Record) -> Mapping[str, tuple[tuple[datetime, datetime], ...]]:
    return {
        calendar: tuple((period.date("from"), period.date("to")) for period in record.records(calendar))
        for calendar in record.names()
    }


def _demand(record: Record) -> Demand:
    item, location = record.text("item"), record.text("location")
    options = tuple(
        Option(
            option.text("item", item),
            option.text("location", location),
            option.number("qty_per", 1),
            option.number("lead_time_days", 0),
            option.number("rank", 1),
        )
        for option in record.records("delivery_options")
    )
    return Demand(
        record.text("id"),
        item,
        location,
        record.number("qty"),
        record.date("due"),
        record.number("priority", 10),
        record.number("min_shipment", 0),
        record.maybe_number("max_lateness_days"),
        record.maybe_text("group"),
        record.maybe_text("group_policy"),
        options or (Option(item, location, 1, 0, 1),),
    )


def _expected(top: Record) -> Deliveries | None:
    """The expected constrained deliveries; the rest of ``expected`` is for people to read."""
    expected = top.get("expected")
    constrained = expected.get("constrained") if isinstance(expected, dict) else None
    deliveries = constrained.get("deliveries") if isinstance(constrained, dict) else None
    if not isinstance(deliveries, dict):
        return None
    where = f"{top.where}: expected.constrained.deliveries"
    return {
        str(demand): tuple((as_date(day, where), as_number(quantity, where)) for day, quantity in rows)
        for demand, rows in deliveries.items()
    }
