"""Root causes: late lines by gating factor, and what releasing each factor would bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.network.activities import ActivityKind
from firmdate.network.capacity import CapacityKind
from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.plan.explain.factors import FactorKind, Factors, TextArray
from firmdate.plan.explain.gains import LateLines, at_most_worth
from firmdate.plan.explain.lines import Explained
from firmdate.plan.explain.releases import Releases
from firmdate.plan.explain.room import Room

TAGS = (
    "supplier_delay",
    "supplier_capacity",
    "resource_capacity",
    "component_shortage",
    "transfer_blockage",
    "lead_time",
    "demand_spike",
    "cost",
    "ship_set",
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
    FactorKind.LATEST_ACCEPTABLE_DATE: "component_shortage",
    FactorKind.COMMITMENT: "component_shortage",
    FactorKind.ALLOCATION: "component_shortage",
    FactorKind.FAIR_SHARE: "component_shortage",
    FactorKind.COST: "cost",
    FactorKind.SHIP_SET: "ship_set",
}
_OF_RECEIPT = {"purchase": "supplier_delay", "transfer": "transfer_blockage", "make": "component_shortage"}
_OF_PLANNED = {
    ActivityKind.BUY: "supplier_delay",
    ActivityKind.TRANSFER: "transfer_blockage",
    ActivityKind.MAKE: "component_shortage",
}
_QUANTITIES = (FactorKind.CAPACITY, FactorKind.SUPPLY, FactorKind.COMPETITION)


@dataclass(frozen=True)
class Causes:
    """Gating factors with what they hold back, the largest first.

    Args:
        factor: Gating factor.
        tag: Position in :data:`TAGS`.
        lines: Lines that it gates.
        unit_days: Their late unit-days.
        value: Sales value of their late units.
        amount: Hours or units more that release it for all lines that it helps, 0 where time releases it.
        days: Days earlier that release it, 0 where more of it does.
        gain_lines: Lines that it helps, whatever holds them back.
        gain_days: Days by which one of them becomes earlier at most.
        gain_unit_days: Late unit-days that the release saves all of them at most.
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


def find_causes(
    network: Network, explained: Explained, late: LateLines, releases: Releases, room: Room, names: TextArray
) -> Causes:
    """Group late lines by gating factor and root cause, and count for each what its release brings to all lines.

    A factor that holds no line back itself, but whose release would help some, has a row without lines.

    Args:
        network: The network.
        explained: Why lines are late.
        late: How much of them is late.
        releases: What would help each line.
        room: What is left of capacities, and its worth.
        names: Per factor: a text by which equal causes are sorted.
    """
    rows = np.flatnonzero(explained.line_chain >= 0)
    gating = np.append(explained.chains.main, -1)[explained.line_chain]
    tags = np.append(_factor_tags(network, explained.factors), 0)
    tag = tags[gating]
    quantities = np.isin(np.append(explained.factors.kind, -1)[gating], _QUANTITIES)
    tag[_spikes(network) & quantities] = TAGS.index("demand_spike")
    own = gating * len(TAGS) + tag
    by_release = releases.factor * len(TAGS) + tags[releases.factor]
    by_release = np.where(releases.factor == gating[releases.line], own[releases.line], by_release)
    key, at = np.unique(np.concatenate([own[rows], by_release]), return_inverse=True)
    at, of_release = np.split(np.asarray(at).reshape(-1), [len(rows)])
    count, factor = len(key), key // len(TAGS)

    def total(values: FloatArray) -> FloatArray:
        return np.bincount(at, weights=values, minlength=count).astype(np.float64)

    def gained(values: FloatArray) -> FloatArray:
        return np.bincount(of_release, weights=values, minlength=count).astype(np.float64)

    days, most = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    np.maximum.at(days, of_release, releases.days)
    np.maximum.at(most, of_release, releases.gain_days)
    amount = gained(releases.amount)
    unit_days = total(late.unit_days[rows])
    order = np.lexsort((key % len(TAGS), names[factor].astype(str), -unit_days))
    cause_of = np.empty(count, dtype=np.int64)
    cause_of[order] = np.arange(count)
    line_cause = np.full(len(network.lines), -1)
    line_cause[rows] = cause_of[at]
    return Causes(
        factor=factor[order],
        tag=(key % len(TAGS))[order],
        lines=np.bincount(at, minlength=count)[order],
        unit_days=unit_days[order],
        value=total(late.value[rows])[order],
        amount=amount[order],
        days=days[order],
        gain_lines=np.bincount(of_release, minlength=count)[order],
        gain_days=most[order],
        gain_unit_days=at_most_worth(explained.factors, factor, amount, gained(releases.gain_unit_days), room)[order],
        line_cause=line_cause,
    )


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


def _factor_tags(network: Network, factors: Factors) -> IntArray:
    """Root cause of every factor, before spikes of demand are told apart."""
    of_kind = np.full(max(FactorKind) + 1, TAGS.index("data"))
    for kind, tag in _OF_RULE.items():
        of_kind[kind] = TAGS.index(tag)
    tags = of_kind[factors.kind]
    limits, capacities = factors.kind == FactorKind.CAPACITY, network.capacities
    of_capacity = np.array([TAGS.index(_OF_CAPACITY[kind]) for kind in sorted(CapacityKind)])
    tags[limits] = of_capacity[capacities.kind[capacities.group[factors.ref[limits]]]]
    for row in np.flatnonzero(np.isin(factors.kind, _TAGGED_ALONE)).tolist():
        tags[row] = TAGS.index(_tag(network, FactorKind(factors.kind[row]), int(factors.ref[row])))
    return np.asarray(tags, dtype=np.int64)


def _tag(network: Network, kind: FactorKind, ref: int) -> str:
    if kind == FactorKind.RECEIPT:
        return _OF_RECEIPT[network.receipts.kind[ref]]
    return _OF_PLANNED[_PLANNED_KINDS[str(network.planned.frame["type"].iloc[ref])]]


_TAGGED_ALONE = (FactorKind.RECEIPT, FactorKind.PLANNED_ORDER)
"""Kinds of which each factor has a tag of its own."""
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
