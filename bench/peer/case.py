"""What a case in the schema ``neutral-supply-plan/1`` holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

Deliveries = Mapping[str, tuple[tuple[datetime, float], ...]]
"""Demand to its deliveries: point in time and quantity."""


@dataclass(frozen=True)
class Step:
    """A value that holds from a point in time on (None: from the beginning)."""

    start: datetime | None
    value: float


@dataclass(frozen=True)
class Validity:
    """When an order may start: between two points in time, and only in working time of a calendar."""

    first: datetime | None = None
    last: datetime | None = None
    calendar: str | None = None


@dataclass(frozen=True)
class Sizes:
    """Lot sizes of an order; None where there is none."""

    minimum: float | None = None
    multiple: float | None = None
    maximum: float | None = None

    def __str__(self) -> str:
        """The sizes that are given, for messages."""
        given = {"minimum": self.minimum, "multiple": self.multiple, "maximum": self.maximum}
        return ", ".join(f"{name} {value:g}" for name, value in given.items() if value)


@dataclass(frozen=True)
class StockPoint:
    """An item at a location."""

    item: str
    location: str
    on_hand: float
    safety_stock: tuple[Step, ...]
    max_stock: tuple[Step, ...]
    infinite_supply: bool


@dataclass(frozen=True)
class Movement:
    """A scheduled receipt or issue; ``kind`` is the order type MO, PO or DO, or blank."""

    item: str
    location: str
    date: datetime
    quantity: float
    kind: str


@dataclass(frozen=True)
class Load:
    """What an order takes of a resource; ``linear`` is the linear equivalent per unit, None when not given."""

    resource: str
    quantity: float
    per_lot: bool
    linear: float | None


@dataclass(frozen=True)
class Flow:
    """An input or output of a make: ``quantity`` per unit, ``fixed`` per lot, at an offset in days."""

    item: str
    location: str
    quantity: float
    fixed: float
    group: str | None
    rank: float
    offset_days: float
    validity: Validity


@dataclass(frozen=True)
class Buy:
    """A way of buying; the lead time includes the hard safety lead time."""

    id: str
    item: str
    location: str
    supplier: str
    lead_time_days: float
    priority: float
    sizes: Sizes
    validity: Validity
    loads: tuple[Load, ...]


@dataclass(frozen=True)
class Transfer:
    """A way of moving an item."""

    id: str
    item: str
    origin: str
    destination: str
    lead_time_days: float
    priority: float
    sizes: Sizes
    validity: Validity


@dataclass(frozen=True)
class Make:
    """A way of making one or several items."""

    id: str
    inputs: tuple[Flow, ...]
    outputs: tuple[Flow, ...]
    duration_days: float
    duration_per_unit_days: float
    priority: float
    sizes: Sizes
    validity: Validity
    loads: tuple[Load, ...]


@dataclass(frozen=True)
class Resource:
    """A number of parallel units or, when ``bucket_days`` is given, a quantity per bucket (0: as long as its step)."""

    id: str
    capacity: tuple[Step, ...]
    bucket_days: float | None
    max_early_days: float | None
    unlimited: bool


@dataclass(frozen=True)
class Option:
    """A way of delivering: what one ordered unit takes from which stock point, and how long it travels."""

    item: str
    location: str
    quantity_per: float
    lead_time_days: float
    rank: float


@dataclass(frozen=True)
class Demand:
    """What a customer wants; a lower priority is more important."""

    id: str
    item: str
    location: str
    quantity: float
    due: datetime
    priority: float
    min_shipment: float
    max_lateness_days: float | None
    group: str | None
    group_policy: str | None
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Case:
    """A whole case; ``expected`` is None when the file has no constrained plan to compare with."""

    name: str
    start: datetime
    end: datetime
    step_hours: float
    stock_points: tuple[StockPoint, ...]
    receipts: tuple[Movement, ...]
    issues: tuple[Movement, ...]
    buys: tuple[Buy, ...]
    transfers: tuple[Transfer, ...]
    makes: tuple[Make, ...]
    resources: tuple[Resource, ...]
    non_working: Mapping[str, tuple[tuple[datetime, datetime], ...]]
    demands: tuple[Demand, ...]
    expected: Deliveries | None
    warnings: tuple[str, ...]
