"""Rules that hold lines back although there is supply: allocation, fair shares, lots, and money."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from firmdate.network.horizon import NO_DAY, BoolArray, IntArray
from firmdate.network.network import Network
from firmdate.plan.explain.chains import Chains, Steps
from firmdate.plan.explain.factors import FactorKind, FactorList
from firmdate.plan.explain.shortage import Shortages


def rule_of_items(network: Network) -> IntArray:
    """Per item the rule by which its supply is given out: allocation, fair share, or whole lots; -1 for none."""
    catalog, classes, lines = network.catalog, network.classes, network.lines
    rule = np.full(len(catalog.items), int(FactorKind.LOT_SIZE) if len(network.lots) else -1)
    allocated = len(network.allocation.class_group) > 0
    if not allocated and not len(network.fair_shares):
        return rule
    item = catalog.item_of(lines.key)

    def name(of_class: IntArray | BoolArray, kind: FactorKind) -> None:
        chosen = np.zeros(len(classes.level), dtype=bool)
        chosen[of_class] = True
        rule[item[classes.line[chosen[classes.line_class]]]] = int(kind)

    name(network.deliveries.of_class[network.fair_shares.delivery[1]], FactorKind.FAIR_SHARE)
    if allocated:
        name(network.allocation.class_group >= 0, FactorKind.ALLOCATION)
    return rule


def commit_days(network: Network) -> IntArray:
    """Per line the day of the commitment that is enforced for it; :data:`NO_DAY` without one."""
    classes = network.classes
    day = np.full(len(network.lines), NO_DAY)
    np.minimum.at(day, classes.line, classes.commit_day[classes.line_class])
    return day


def with_cost_first(network: Network, chains: Chains, factors: FactorList, shortages: Shortages) -> Chains:
    """Name cost instead of what a line waits for where another way is open that is sooner: it was not taken for money.

    Any other way counts: another supplier, origin, mode or alternative. It must be open from end to end; what is named
    is the step farthest upstream that could come sooner.

    Args:
        network: The network; nothing changes unless all is money.
        chains: Chains.
        factors: All factors; new ones are added.
        shortages: Finds open ways.
    """
    if not network.money:
        return chains
    waits = np.flatnonzero(np.isin(factors.finish().kind[chains.main], _WAITS))
    first, last = (np.searchsorted(chains.steps.chain, waits, side=side) for side in ("left", "right"))
    main, also = chains.main.copy(), chains.also[1].copy()
    named = np.full(len(chains), -1)
    for chain, begin, end in zip(waits.tolist(), first.tolist(), last.tolist(), strict=True):
        point = _farthest_open(chains.steps, range(begin, end), shortages)
        if point >= 0:
            named[chain] = factors.add(FactorKind.COST, point)
    dear = named[chains.also[0]] >= 0
    own = dear & (also == main[chains.also[0]])
    also[own] = named[chains.also[0][own]]
    main[named >= 0] = named[named >= 0]
    kept = ~dear | own
    return replace(chains, main=main, also=(chains.also[0][kept], also[kept]))


_WAITS = (FactorKind.LEAD_TIME, FactorKind.RECEIPT, FactorKind.PLANNED_ORDER, FactorKind.CAPACITY)


def _farthest_open(steps: Steps, rows: range, shortages: Shortages) -> int:
    """Stocking point of the last of the first steps of a chain that all could come sooner; -1 where none could."""
    found = -1
    for row in rows:
        day, point = int(steps.day[row]), int(steps.point[row])
        if day == NO_DAY or day < 1 or shortages.way(point, day - 1).blocked:
            break
        found = point
    return found
