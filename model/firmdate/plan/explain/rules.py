"""Rules that hold lines back although there is supply: allocation, fair shares, lots, and money."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from firmdate.network.activities import ActivityKind
from firmdate.network.horizon import NO_DAY, BoolArray, IntArray
from firmdate.network.network import Network
from firmdate.plan.explain.chains import Chains
from firmdate.plan.explain.factors import FactorKind, FactorList
from firmdate.plan.explain.start_days import StartDays


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


def with_cost_first(network: Network, chains: Chains, factors: FactorList, start_days: StartDays) -> Chains:
    """Name cost instead of a lead time where a quicker way is open and was not taken because it is dearer.

    Args:
        network: The network; nothing changes unless all is money.
        chains: Chains.
        factors: All factors; new ones are added.
        start_days: When activities can start.
    """
    if not network.money:
        return chains
    known = factors.finish()
    timed = np.flatnonzero(known.kind[chains.main] == FactorKind.LEAD_TIME)
    main, also = chains.main.copy(), chains.also[1].copy()
    order = np.argsort(network.activities.point, kind="stable")
    for factor in np.unique(main[timed]).tolist():
        activity = int(known.ref[factor])
        if _has_dearer_way(network, order, activity, int(known.day[factor]), int(known.end[factor]), start_days):
            cost = factors.add(FactorKind.COST, int(network.activities.point[activity]))
            changed = main == factor
            own = changed[chains.also[0]] & (also == factor)
            main[changed], also[own] = cost, cost
    return replace(chains, main=main, also=(chains.also[0], also))


def _has_dearer_way(
    network: Network, by_point: IntArray, activity: int, start: int, end: int, start_days: StartDays
) -> bool:
    """Whether a dearer activity, which takes the same as another one, could arrive before it."""
    activities = network.activities
    point = activities.point[activity]
    first, last = np.searchsorted(activities.point[by_point], [point, point + 1])
    beside = by_point[first:last]
    kind = activities.kind[beside]
    same = (kind == ActivityKind.BUY) | (
        (kind == ActivityKind.TRANSFER) & (activities.origin[beside] == activities.origin[activity])
    )
    same &= (kind == activities.kind[activity]) & (activities.planned[beside] < 0)
    dearer = beside[same & (activities.unit_cost[beside] > activities.unit_cost[activity])]
    for other in dearer.tolist():
        begin = start_days.opens(other, max(start, int(activities.first_day[other])))
        if begin <= int(activities.last_day[other]) and start_days.arrival(other, begin) < end:
            return True
    return False
