"""Root causes: late lines by gating factor, and what releasing each factor would bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.network.activities import ActivityKind
from firmdate.network.capacity import CapacityKind
from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.plan.explain.factors import FactorKind, Factors, TextArray
from firmdate.plan.explain.lines import Explained
from firmdate.plan.explain.room import Room
from firmdate.plan.promise import Promises, ScheduleLines

TAGS = (
    "supplier_delay",
    "supplier_capacity",
    "resource_capacity",
    "component_shortage",
    "transfer_blockage",
    "lead_time",
    "demand_spike",
    "cost",
    "data",
)
"""Root causes; ``cost`` is one only where all is money."""

SPIKE_FACTOR = 3.0
"""A line that asks more than so many times the median of its item is a spike …"""

SPIKE_LINES = 4
"""… where the item has at least so many lines."""

_OF_CAPACITY = {
    CapacityKind.RESOURCE: "resource_capacity",
    CapacityKind.SUPPLIER: "supplier_capacity",
    CapacityKind.LANE: "transfer_blockage",
}
_OF_RULE = {
    FactorKind.LEAD_TIME: "lead_time",
    FactorKind.FENCE: "lead_time",
    FactorKind.SUPPLY: "component_shortage",
    FactorKind.COMPETITION: "component_shortage",
    FactorKind.COST: "cost",
}
_OF_RECEIPT = {"purchase": "supplier_delay", "transfer": "transfer_blockage", "make": "component_shortage"}
_OF_PLANNED = {
    ActivityKind.BUY: "supplier_delay",
    ActivityKind.TRANSFER: "transfer_blockage",
    ActivityKind.MAKE: "component_shortage",
}
_QUANTITIES = (FactorKind.CAPACITY, FactorKind.SUPPLY, FactorKind.COMPETITION)


@dataclass(frozen=True)
class LateLines:
    """What is late of every demand line.

    Args:
        unit_days: Late unit-days.
        units: Units that are late or never delivered.
        value: Their sales value: the revenue of the line, else the price of the item.
        days: Days late; until unfilled units stop counting for lines that are not completed.
        last: Day of the promise; that on which unfilled units stop counting for lines that are not completed.
    """

    unit_days: FloatArray
    units: FloatArray
    value: FloatArray
    days: IntArray
    last: IntArray


@dataclass(frozen=True)
class Causes:
    """Gating factors with what they hold back, the largest first.

    Args:
        factor: Gating factor.
        tag: Position in :data:`TAGS`.
        lines: Lines that it gates.
        unit_days: Their late unit-days.
        value: Sales value of their late units.
        amount: Hours or units more that release it, 0 where time releases it.
        days: Days earlier that release it, 0 where more of it does.
        gain_lines: Lines that become earlier.
        gain_days: Days by which one of them becomes earlier at most.
        gain_unit_days: Late unit-days that the release saves at most.
        line_cause: Per demand line: its cause, -1 for lines on time.
    """

    factor: IntArray
    tag: IntArray
    lines: IntArray
    unit_days: FloatArray
    value: FloatArray
    amount: FloatArray
    days: IntArray
    gain_lines: IntArray
    gain_days: IntArray
    gain_unit_days: FloatArray
    line_cause: IntArray


def late_lines(network: Network, shipped: ScheduleLines, promised: Promises) -> LateLines:
    """How much of each line is late."""
    lines, catalog = network.lines, network.catalog
    late = shipped.day > lines.due_day[shipped.line]
    units = np.bincount(shipped.line[late], weights=shipped.quantity[late], minlength=len(lines)).astype(np.float64)
    units += lines.quantity - promised.quantity
    revenue = lines.frame["revenue"].to_numpy(np.float64) / lines.quantity
    price = catalog.unit_price[catalog.item_of(lines.key)]
    last = np.where(promised.day == NO_DAY, network.horizon.unfilled_day, promised.day)
    days = np.where(lines.planned, np.maximum(last - lines.due_day, 0), 0)
    value = units * np.where(np.isnan(revenue), price, revenue)
    return LateLines(promised.late_unit_days, units, value, days, last)


def find_causes(network: Network, explained: Explained, late: LateLines, room: Room, names: TextArray) -> Causes:
    """Group late lines by gating factor and root cause.

    Args:
        network: The network.
        explained: Why lines are late.
        late: How much of them is late.
        room: What is left of capacities, and its worth.
        names: Per factor: a text by which equal causes are sorted.
    """
    chains, factors = explained.chains, explained.factors
    rows = np.flatnonzero(explained.line_chain >= 0)
    chain = explained.line_chain[rows]
    tag = _factor_tags(network, factors)[chains.main[chain]]
    tag[_spikes(network)[rows] & np.isin(factors.kind[chains.main[chain]], _QUANTITIES)] = TAGS.index("demand_spike")
    key, at = np.unique(chains.main[chain] * len(TAGS) + tag, return_inverse=True)
    at = np.asarray(at).reshape(-1)
    gain = gain_days(explained, late, rows)
    held = np.where(gain > 0, explained.last_units[rows], 0.0)
    factor = key // len(TAGS)
    timed, most = is_timed(factors, factor), np.zeros(len(key), dtype=np.int64)
    np.maximum.at(most, at, gain)

    def total(values: FloatArray) -> FloatArray:
        return np.bincount(at, weights=values, minlength=len(key)).astype(np.float64)

    amount = np.where(timed, 0.0, total(held * chains.per_unit[chain]))
    unit_days = total(late.unit_days[rows])
    order = np.lexsort((key % len(TAGS), names[factor].astype(str), -unit_days))
    cause_of = np.empty(len(key), dtype=np.int64)
    cause_of[order] = np.arange(len(key))
    line_cause = np.full(len(network.lines), -1)
    line_cause[rows] = cause_of[at]
    saved = at_most_worth(factors, factor, amount, np.minimum(total(held * gain), unit_days), room)
    return Causes(
        factor=factor[order],
        tag=(key % len(TAGS))[order],
        lines=np.bincount(at, minlength=len(key))[order],
        unit_days=unit_days[order],
        value=total(late.value[rows])[order],
        amount=amount[order],
        days=np.where(timed, most, 0)[order],
        gain_lines=np.bincount(at[gain > 0], minlength=len(key))[order],
        gain_days=most[order],
        gain_unit_days=saved[order],
        line_cause=line_cause,
    )


_TIMED = (FactorKind.RECEIPT, FactorKind.PLANNED_ORDER, FactorKind.LEAD_TIME)
_WANTED = (FactorKind.CAPACITY, FactorKind.SUPPLY, FactorKind.NO_SOURCE, FactorKind.COMPETITION)


def cause_order(causes: pd.DataFrame) -> IntArray:
    """The order of the rows of ``causes``: most late unit-days first, then by what they say.

    Args:
        causes: Table ``causes``, in any order.
    """
    names = ("reason", "tag", "kind", "name", "item", "location", "origin", "way")
    texts = [pd.factorize(causes[name].astype(object), sort=True)[0] for name in names]
    days = [causes[name].to_numpy().astype("datetime64[D]").astype(np.int64) for name in ("start", "end")]
    size = -causes["late_unit_days"].to_numpy(np.float64).round(6)
    return np.asarray(np.lexsort((*days[::-1], *texts[::-1], size)), dtype=np.int64)


def is_timed(factors: Factors, factor: IntArray) -> BoolArray:
    """Factors that are released by time: something must come earlier."""
    return np.isin(factors.kind[factor], _TIMED)


def gain_days(explained: Explained, late: LateLines, rows: IntArray) -> IntArray:
    """Days by which lines become earlier at most when their gating factor alone is released; 0 where that is in vain.

    Args:
        explained: Why lines are late.
        late: How late they are.
        rows: Lines with an explanation.
    """
    chain, chains = explained.line_chain[rows], explained.chains
    kind = explained.factors.kind[chains.main[chain]]
    known = chains.gain_days[chain]
    missing = np.isin(kind, _WANTED) & (known <= 0)
    # No capacity makes a line earlier than lead times alone allow.
    slack = np.where(explained.soonest[rows] == NO_DAY, late.days[rows], late.last[rows] - explained.soonest[rows])
    most = np.where(kind == FactorKind.CAPACITY, np.minimum(late.days[rows], slack), late.days[rows])
    gain = np.minimum(np.where(missing, most, known), most)
    alone = np.bincount(chains.also[0], minlength=len(chains))[chain] == 1
    return np.where(np.isin(kind, _TIMED + _WANTED) & alone, np.maximum(gain, 0), 0)


def at_most_worth(factors: Factors, factor: IntArray, amount: FloatArray, saved: FloatArray, room: Room) -> FloatArray:
    """A release of capacity saves at most its amount times its price: the optimum is concave in it."""
    limited = factors.kind[factor] == FactorKind.CAPACITY
    worth = np.append(room.unit_days, 0.0)[np.where(limited, factors.ref[factor], -1)]
    return np.where(worth > 0, np.minimum(saved, worth * amount), saved)


def _factor_tags(network: Network, factors: Factors) -> IntArray:
    """Root cause of every factor, before spikes of demand are told apart."""
    tags = [_tag(network, FactorKind(kind), ref) for kind, ref in zip(factors.kind, factors.ref, strict=True)]
    return np.array([TAGS.index(tag) for tag in tags], dtype=np.int64)


def _tag(network: Network, kind: FactorKind, ref: int) -> str:
    if kind == FactorKind.CAPACITY:
        capacities = network.capacities
        return _OF_CAPACITY[CapacityKind(int(capacities.kind[capacities.group[ref]]))]
    if kind == FactorKind.RECEIPT:
        return _OF_RECEIPT[network.receipts.kind[ref]]
    if kind == FactorKind.PLANNED_ORDER:
        return _OF_PLANNED[_PLANNED_KINDS[str(network.planned.frame["type"].iloc[ref])]]
    return _OF_RULE.get(kind, "data")


_PLANNED_KINDS = {"make": ActivityKind.MAKE, "transfer": ActivityKind.TRANSFER, "buy": ActivityKind.BUY}


def _spikes(network: Network) -> BoolArray:
    """Lines that ask far more than the other lines of their item."""
    lines = network.lines
    item = network.catalog.item_of(lines.key)
    order = np.lexsort((lines.quantity, item))
    first = np.searchsorted(item[order], np.arange(len(network.catalog.items)))
    count = np.bincount(item, minlength=len(network.catalog.items))
    middle = first + (count - 1) // 2
    median = np.append(lines.quantity[order], 0.0)[np.minimum(middle, len(lines))]
    return np.asarray((count[item] >= SPIKE_LINES) & (lines.quantity > SPIKE_FACTOR * median[item]))
