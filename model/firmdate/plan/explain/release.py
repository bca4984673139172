"""Releases: what a planner would change to release a gating factor, as changes of a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from firmdate.data.planning_data import PlanningData

ChangeText = Mapping[str, object]
"""One change of a scenario, as it is written in YAML."""

NEW_RECEIPT = "firmdate-release"
"""Receipt by which a release supplies what is missing."""


@dataclass(frozen=True)
class Release:
    """A gating factor, and by how much it is released.

    Args:
        kind: Kind of the factor, as in the table ``causes``.
        name: Its name.
        item: Item, blank for none.
        location: Location (destination of a transfer).
        origin: Origin of a transfer.
        way: Supplier, alternative or mode; plan of a planned order.
        start: Date on which capacity begins or supply is wanted.
        end: Date after the last, for capacity.
        amount: Hours or units more.
        days: Days earlier, or fewer days of lead time.
    """

    kind: str
    name: str
    item: str
    location: str
    origin: str
    way: str
    start: pd.Timestamp
    end: pd.Timestamp
    amount: float
    days: int


def release_changes(data: PlanningData, release: Release) -> list[ChangeText]:
    """The changes of the planning data that release a factor; empty where no change of the data can.

    Args:
        data: Planning data.
        release: What is released.
    """
    makers = {
        "resource": _more_hours,
        "supplier": _more_from_supplier,
        "lane": _wider_lane,
        "receipt": _earlier_receipt,
        "planned_order": _earlier_order,
        "lead_time": _shorter_lead_time,
        "effectivity": _effective_at_once,
        "supply": _more_supply,
        "no_source": _more_supply,
    }
    maker = makers.get(release.kind)
    return maker(data, release) if maker is not None else []


def _more_hours(data: PlanningData, release: Release) -> list[ChangeText]:
    return _more_capacity(data, release, "resource_capacity", {"resource": release.name}, "hours")


def _more_from_supplier(data: PlanningData, release: Release) -> list[ChangeText]:
    keys = {"supplier": release.name, "item": release.item}
    return _more_capacity(data, release, "supplier_capacity", keys, "quantity")


def _more_capacity(
    data: PlanningData, release: Release, table: str, keys: dict[str, str], column: str
) -> list[ChangeText]:
    """Add to the row in whose interval the release begins, or add a row where none covers it."""
    frame = data[table]
    mine = (frame["start"] <= release.start) & (release.start < frame["end"])
    for name, value in keys.items():
        mine &= _text(frame[name]) == value
    amount = _number(release.amount)
    if mine.any():
        start = frame.loc[mine, "start"].iloc[0]
        return [{"table": table, "where": {**keys, "start": _date(start)}, "increase": {column: amount}}]
    row = {**keys, "start": _date(release.start), "end": _date(release.end), column: amount}
    return [{"table": table, "add": {name: value for name, value in row.items() if value != ""}}]


def _lane_keys(data: PlanningData, release: Release) -> dict[str, str] | None:
    """Key of the lane of an item: its own, or the one of every item."""
    lanes = data["lanes"]
    mine = (_text(lanes["origin"]) == release.origin) & (_text(lanes["destination"]) == release.location)
    mine &= _text(lanes["mode"]) == release.way
    ends = {"origin": release.origin, "destination": release.location, "mode": release.way}
    for item in (release.item, ""):
        if (mine & (_text(lanes["item"]) == item)).any():
            return {"item": item, **ends}
    return None


def _wider_lane(data: PlanningData, release: Release) -> list[ChangeText]:
    keys = _lane_keys(data, release)
    amount = _number(release.amount)
    return [{"table": "lanes", "where": keys, "increase": {"capacity_per_day": amount}}] if keys else []


def _earlier_receipt(_: PlanningData, release: Release) -> list[ChangeText]:
    return [
        {
            "table": "scheduled_receipts",
            "where": {"receipt": release.name},
            "shift_days": {"date": -release.days},
        }
    ]


def _earlier_order(data: PlanningData, release: Release) -> list[ChangeText]:
    keys = {"plan": release.way, "order": release.name}
    frame = data["planned_orders"]
    mine = (_text(frame["plan"]) == release.way) & (_text(frame["order"]) == release.name)
    dates = [name for name in ("start_date", "due_date") if frame.loc[mine, name].notna().any()]
    changes: list[ChangeText] = [
        {"table": "planned_orders", "where": keys, "shift_days": dict.fromkeys(dates, -release.days)}
    ]
    stated = data["planned_order_demands"]
    if ((_text(stated["plan"]) == release.way) & (_text(stated["order"]) == release.name)).any():
        changes.append({"table": "planned_order_demands", "where": keys, "shift_days": {"date": -release.days}})
    return changes


def _shorter_lead_time(data: PlanningData, release: Release) -> list[ChangeText]:
    place = {"item": release.item, "location": release.location}
    if release.origin:
        keys = _lane_keys(data, release)
        tables = [("lanes", keys)] if keys else []
    else:
        tables = [
            ("supplier_items", {"supplier": release.way, **place}),
            ("operations", {**place, "alternative": release.way}),
            ("stocking_points", place),
        ]
    for table, keys in tables:
        frame = data[table]
        mine = frame["lead_time_days"].fillna(0) > 0
        for name, value in keys.items():
            mine &= _text(frame[name]) == value
        if mine.any():
            days = min(release.days, int(frame.loc[mine, "lead_time_days"].iloc[0]))
            return [{"table": table, "where": keys, "increase": {"lead_time_days": -days}}]
    return []


def _effective_at_once(data: PlanningData, release: Release) -> list[ChangeText]:
    keys = _lane_keys(data, release) if release.origin else None
    return [{"table": "lanes", "where": keys, "set": {"effective_from": ""}}] if keys else []


def _more_supply(_: PlanningData, release: Release) -> list[ChangeText]:
    row = {
        "receipt": NEW_RECEIPT,
        "type": "purchase",
        "item": release.item,
        "location": release.location,
        "date": _date(release.start),
        "quantity": _number(release.amount),
    }
    return [{"table": "scheduled_receipts", "add": row}]


def _text(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), "").astype(object)


def _date(value: pd.Timestamp) -> str:
    return f"{value:%Y-%m-%d}"


def _number(value: float) -> float | int:
    return int(value) if float(value).is_integer() else round(value, 6)
