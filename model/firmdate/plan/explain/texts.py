"""Gating factors and steps as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from firmdate.network.activities import ActivityKind
from firmdate.network.capacity import CapacityKind
from firmdate.network.horizon import NO_DAY, IntArray
from firmdate.network.network import Network
from firmdate.plan.explain.chains import Chains
from firmdate.plan.explain.factors import FactorKind, Factors, TextArray
from firmdate.plan.explain.rules import rule_of_items

_VERBS = {
    ActivityKind.MAKE: "make",
    ActivityKind.TRANSFER: "move",
    ActivityKind.BUY: "buy",
    ActivityKind.SOURCE: "get",
    ActivityKind.SUBSTITUTION: "replace",
    ActivityKind.ITSELF: "take",
    ActivityKind.SHIP_FROM: "ship",
}
_DONE = {
    ActivityKind.MAKE: "made",
    ActivityKind.TRANSFER: "moved",
    ActivityKind.BUY: "bought",
    ActivityKind.SOURCE: "got",
    ActivityKind.SUBSTITUTION: "replaced",
    ActivityKind.ITSELF: "taken",
    ActivityKind.SHIP_FROM: "shipped",
}


@dataclass(frozen=True)
class FactorTexts:
    """Gating factors as columns of tables, one entry per factor.

    Args:
        kind: ``receipt``, ``resource``, ``supplier``, ``lane``, ``lead_time``, ``supply``, ….
        name: Receipt, resource, supplier, lane, planned order, or ``item at location``.
        item: Item that it concerns, blank for none.
        location: Location that it concerns, blank for none.
        origin: Origin of a transfer, blank else.
        way: Supplier, alternative or mode of an activity or a lane; plan of a planned order; type of a receipt.
        day: Day that it stands for, :data:`NO_DAY` for none.
        reason: One sentence.
    """

    kind: TextArray
    name: TextArray
    item: TextArray
    location: TextArray
    origin: TextArray
    way: TextArray
    day: IntArray
    reason: TextArray


class Texts:
    """Names of what a network holds."""

    def __init__(self, network: Network) -> None:
        self.network = network
        catalog = network.catalog
        width = max(len(catalog.locations), 1)
        # Lists: single values of arrays and enumerations are slow, and there are many texts.
        self._items = [str(item) for item in catalog.items[network.points.keys // width].tolist()]
        self._locations = [str(location) for location in catalog.locations[network.points.keys % width].tolist()]
        self._places = [f"{item} at {location}" for item, location in zip(self._items, self._locations, strict=True)]
        kinds, activities = {int(kind): kind for kind in ActivityKind}, network.activities
        self._kind = [kinds[kind] for kind in activities.kind.tolist()]
        self._point, self._origin = activities.point.tolist(), activities.origin.tolist()
        self._label = activities.label.tolist()
        days = np.arange(network.horizon.days)
        self._dates: list[str] = np.datetime_as_string(network.horizon.date_of(days), unit="D").tolist()
        self._last = np.datetime64(network.horizon.start, "D")
        uses = network.activities.uses
        self._user = np.full(len(network.capacities.kind), -1)
        self._user[uses.group] = uses.activity
        self._orders = network.planned.frame["order"].astype(str).tolist()
        self._rules: list[int] = rule_of_items(network)[network.points.keys // width].tolist()

    def item(self, point: int) -> str:
        """Item of a stocking point."""
        return self._items[point]

    def location(self, point: int) -> str:
        """Location of a stocking point."""
        return self._locations[point]

    def rule_of(self, point: int) -> int:
        """The rule by which supply of the item is given out, -1 for none."""
        return self._rules[point]

    def place(self, point: int) -> str:
        """``item at location``."""
        return self._places[point]

    def date(self, day: int) -> str:
        """ISO date of a day, which may lie after the horizon."""
        if 0 <= day < len(self._dates):
            return self._dates[day]
        return str(self._last + np.timedelta64(day, "D"))

    def planned(self, order: int) -> str:
        """Id of a planned order."""
        return str(self._orders[order])

    def receipt(self, row: int) -> str:
        """Id of a scheduled receipt."""
        return self.network.receipts.name[row]

    def receipt_point(self, row: int) -> int:
        """Stocking point of a scheduled receipt."""
        return int(self.network.points.find(self.network.receipts.key[[row]])[0])

    def planned_point(self, order: int) -> int:
        """Stocking point of a planned order."""
        return int(self.network.points.find(self.network.planned.key[[order]])[0])

    def activity(self, activity: int, verbs: dict[ActivityKind, str] = _VERBS) -> str:
        """``make KIT at M1``, ``move KIT from M1 to EAST``, ``buy BOLT at M1 from S1``."""
        kind, point, origin = self._kind[activity], self._point[activity], self._origin[activity]
        if kind is ActivityKind.TRANSFER and origin >= 0:
            return f"{verbs[kind]} {self.item(point)} from {self.location(origin)} to {self.location(point)}"
        supplier = f" from {self._label[activity]}" if kind is ActivityKind.BUY else ""
        return f"{verbs[kind]} {self.place(point)}{supplier}"

    def ends(self, activity: int) -> tuple[int, int, str]:
        """Stocking point, origin (-1 for none), and supplier, alternative or mode of an activity."""
        return self._point[activity], self._origin[activity], str(self._label[activity])

    def user_of(self, group: int) -> int:
        """An activity that uses a capacity."""
        return int(self._user[group])

    def done(self, activity: int) -> str:
        """The same as something done."""
        return self.activity(activity, _DONE)


class _Described(NamedTuple):
    """One gating factor as words."""

    kind: str
    name: str
    reason: str
    day: int
    item: str = ""
    location: str = ""
    origin: str = ""
    way: str = ""


def factor_texts(texts: Texts, factors: Factors) -> FactorTexts:
    """All columns of some factors."""
    rows = zip(factors.kind.tolist(), factors.ref.tolist(), factors.day.tolist(), factors.end.tolist(), strict=True)
    kinds = {int(kind): kind for kind in FactorKind}
    found = [_describe(texts, kinds[kind], ref, day, end) for kind, ref, day, end in rows]

    def column(name: str) -> TextArray:
        own = np.empty(len(found), dtype=object)
        own[:] = [getattr(described, name) for described in found]
        return own

    return FactorTexts(
        kind=column("kind"),
        name=column("name"),
        item=column("item"),
        location=column("location"),
        origin=column("origin"),
        way=column("way"),
        day=np.array([described.day for described in found], dtype=np.int64),
        reason=column("reason"),
    )


def _describe(texts: Texts, kind: FactorKind, ref: int, day: int, end: int) -> _Described:
    """One factor in words."""
    if kind == FactorKind.CAPACITY:
        return _capacity(texts, ref)
    if kind in (FactorKind.LEAD_TIME, FactorKind.EFFECTIVITY, FactorKind.CLOSED):
        return _of_activity(texts, kind, ref, day, end)
    if kind == FactorKind.RECEIPT:
        point, name = texts.receipt_point(ref), texts.receipt(ref)
        reason = f"waits for receipt {name} of {texts.place(point)} on {texts.date(day)}"
        return _Described("receipt", name, reason, day, texts.item(point), texts.location(point))
    if kind == FactorKind.PLANNED_ORDER:
        point, name = texts.planned_point(ref), texts.planned(ref)
        reason = f"waits for planned order {name} of {texts.place(point)} on {texts.date(day)}"
        plan = str(texts.network.planned.frame["plan"].iloc[ref])
        return _Described("planned_order", name, reason, day, texts.item(point), texts.location(point), way=plan)
    if kind == FactorKind.HORIZON:
        return _Described("horizon", "", _RULES[kind], NO_DAY)
    name = _NAMES[kind]
    date = texts.date(day) if day != NO_DAY else ""
    on, before, until = (f" {date}", f" before {date}", f" until {date}") if date else ("", _ALWAYS, "")
    place, location = texts.place(ref), texts.location(ref)
    sooner = f" before {date}" if date else ""
    words = _RULES[kind]
    if kind == FactorKind.SUPPLY:
        words = _SHARED.get(texts.rule_of(ref), words)
    reason = words.format(place=place, location=location, date=date, on=on, before=before, until=until, sooner=sooner)
    return _Described(name, texts.place(ref), reason, day, texts.item(ref), texts.location(ref))


def _of_activity(texts: Texts, kind: FactorKind, activity: int, day: int, end: int) -> _Described:
    point, origin, way = texts.ends(activity)
    reason = f"lead time to {texts.activity(activity)}: from {texts.date(day)} to {texts.date(end)}"
    if kind == FactorKind.EFFECTIVITY:
        until = f" before {texts.date(day)}" if day != NO_DAY else " in time"
        reason = f"not effective{until}: {texts.activity(activity)}"
    name = texts.place(point)
    if kind == FactorKind.CLOSED:
        bought = texts.network.activities.kind[activity] == ActivityKind.BUY
        name = way if bought else texts.location(origin if origin >= 0 else point)
        reason = f"{name} is closed{_ALWAYS} to {texts.activity(activity)}"
    return _Described(
        kind=_NAMES[kind],
        name=name,
        reason=reason,
        day=end if kind == FactorKind.LEAD_TIME else day,
        item=texts.item(point),
        location=texts.location(point),
        origin=texts.location(origin) if origin >= 0 else "",
        way=way,
    )


_ALWAYS = " on every day that is left"

_NAMES = {kind: kind.name.lower() for kind in FactorKind} | {
    FactorKind.FENCE: "infinite_fence",
    FactorKind.DELIVERY: "delivery_lead_time",
    FactorKind.CLOSED: "calendar",
    FactorKind.COMPETITION: "supply",
}
"""What each kind is called."""

_RULES = {
    FactorKind.SUPPLY: "all supply of {place} inside the horizon is given out",
    FactorKind.NO_SOURCE: "nothing supplies {place}: no lane, bill of materials, supplier or receipt",
    FactorKind.COMPETITION: "stock of {place} went to lines that come first",
    FactorKind.COST: "supplying {place} in time costs no less than the penalty for being late",
    FactorKind.LATEST_ACCEPTABLE_DATE: "too little supply is left for {place} by the latest acceptable date{on}",
    FactorKind.EARLIEST_DATE: "the customer accepts delivery from {date} on",
    FactorKind.PAST_REQUEST: "requested before the planning date; delivered on the first day that is left",
    FactorKind.FENCE: "supply of {place} is taken as infinite from {date} on",
    FactorKind.DELIVERY: "the way to the customer takes until {date} even when it is shipped at once",
    FactorKind.SCHEDULED_DATE: "may not be pulled in before its scheduled date {date}",
    FactorKind.KEPT_RESULT: "keeps its earlier result{on}",
    FactorKind.FILL: "its strategy fill gives it no more than before{on}",
    FactorKind.LOSE: "its strategy lose gives it nothing",
    FactorKind.CALENDAR: "{location} is closed{before}",
    FactorKind.SHIP_SET: "the ship set waits for {place}{until}",
    FactorKind.HORIZON: "requested after the horizon; plan more days",
    FactorKind.ALLOCATION: "its allocation lets it use no more of {place}{sooner}",
    FactorKind.FAIR_SHARE: "it has its fair share of {place}; no more is given{sooner}",
    FactorKind.COMMITMENT: "supply of {place} is kept for lines with commitments",
    FactorKind.LOT_SIZE: "what is left for {place} makes no whole lot",
}

_SHARED: dict[int, str] = {
    FactorKind.ALLOCATION: "all supply of {place} inside the horizon is given out by allocation",
    FactorKind.FAIR_SHARE: "all supply of {place} inside the horizon is given out in fair shares",
}
"""The same where a rule says who gets what there is too little of."""


def _capacity(texts: Texts, interval: int) -> _Described:
    capacities = texts.network.capacities
    group, start, end = (int(column[interval]) for column in (capacities.group, capacities.start, capacities.end))
    kind, name = CapacityKind(int(capacities.kind[group])).name.lower(), capacities.name[group]
    item = int(capacities.item[group])
    item_name = str(texts.network.catalog.items[item]) if item >= 0 else ""
    own = f" for {item_name}" if item_name and kind == "supplier" else ""
    span = f"on {texts.date(start)}" if end == start + 1 else f"from {texts.date(start)} to {texts.date(end - 1)}"
    state = "is full" if capacities.limit[interval] > 0 else "has no capacity"
    reason = f"{kind} {name} {state}{own} {span}"
    if kind != "lane":
        return _Described(kind, name, reason, start, item_name)
    activity = texts.user_of(group)
    activities = texts.network.activities
    point = int(activities.point[activity])
    ends = texts.location(point), texts.location(int(activities.origin[activity])), str(activities.label[activity])
    return _Described(kind, name, reason, start, texts.item(point), *ends)


def chain_reasons(chains: Chains, described: FactorTexts) -> TextArray:
    """One sentence per chain: the gating factor, and what else must change with it."""
    reasons = described.reason[chains.main].copy() if len(chains) else np.empty(0, dtype=object)
    chain, factor = chains.also
    for number, other in zip(chain.tolist(), factor.tolist(), strict=True):
        if other != chains.main[number]:
            reasons[number] = f"{reasons[number]}; also {described.reason[other]}"
    return reasons
