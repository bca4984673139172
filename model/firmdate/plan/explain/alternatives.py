"""Other ways to help a line: full capacities upstream that its tier would pay for, though its units do not use them.

The optimum has a price for every full interval. Where it is 0 for all tiers up to that of the line, more capacity
helps none of them, however much; where it is not, the line may get its units another way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from firmdate.network.activities import ActivityKind
from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.network.relations import pairs
from firmdate.plan.explain.chains import Chains, Steps
from firmdate.plan.explain.factors import FactorKind, FactorList
from firmdate.plan.explain.room import Room


@dataclass(frozen=True)
class Alternatives:
    """The best other capacity of chains, one row per chain that has one.

    Args:
        chain: Chain.
        factor: Gating factor, a capacity interval.
        per_unit: Units or hours per unit of the line.
        worth: Late unit-days that one more unit or hour saves at most.
    """

    chain: IntArray
    factor: IntArray
    per_unit: FloatArray
    worth: FloatArray


def alternatives(
    network: Network,
    steps: Steps,
    also: tuple[IntArray, IntArray],
    waited: tuple[IntArray, IntArray],
    tier: IntArray,
    room: Room,
    factors: FactorList,
) -> Alternatives:
    """The capacity that is worth most among those on other, quicker ways to the stocking points of each chain.

    Args:
        network: The network.
        steps: Steps of the chains.
        also: Pairs of chain and gating factor: these are no alternatives.
        waited: Pairs of chain and interval: capacities for which the activities of the chain wait.
        tier: Per chain: position of the best tier of its lines.
        room: What is left of capacities, and its worth.
        factors: All factors; new ones are added.
    """
    chain, group, day, per_unit, delay = _groups(network, steps, waited)
    best = np.full(len(chain), -1)
    for value in np.unique(tier[chain]).tolist():
        rows = np.flatnonzero(tier[chain] == value)
        best[rows] = _best_until(network, room, value)[group[rows], day[rows]]
    capacities = network.capacities
    known = (best >= 0) & (np.append(capacities.start, 0)[best] + delay < day)
    chain, interval, per_unit = chain[known], best[known], per_unit[known]
    kind = np.full(len(chain), int(FactorKind.CAPACITY))
    factor = factors.add_many(kind, interval, capacities.start[interval], capacities.end[interval])
    width = np.int64(max(int(factor.max(initial=0)), int(also[1].max(initial=0))) + 1)
    fresh = ~np.isin(chain * width + factor, also[0] * width + also[1])
    chain, factor, per_unit = chain[fresh], factor[fresh], per_unit[fresh]
    worth = room.unit_days[interval[fresh]]
    order = np.lexsort((factor, -worth * per_unit, chain))
    first = order[np.unique(chain[order], return_index=True)[1]]
    return Alternatives(chain[first], factor[first], per_unit[first], worth[first])


def with_capacity_first(chains: Chains, found: Alternatives, chosen: BoolArray) -> tuple[Chains, Alternatives]:
    """Name the capacity on the better way instead of what the worse way, which was taken, ends in.

    Args:
        chains: Chains.
        found: Other capacities that would help them.
        chosen: Chains whose own gating factor is to give way.

    Returns:
        The chains, and the alternatives of the others.
    """
    named = chosen[found.chain]
    chain, factor = found.chain[named], found.factor[named]
    main, per_unit, gain = chains.main.copy(), chains.per_unit.copy(), chains.gain_days.copy()
    main[chain], per_unit[chain], gain[chain] = factor, found.per_unit[named], 0
    kept = ~np.isin(chains.also[0], chain)
    pairs_of = np.concatenate([chains.also[0][kept], chain]), np.concatenate([chains.also[1][kept], factor])
    order = np.argsort(pairs_of[0], kind="stable")
    also = (pairs_of[0][order], pairs_of[1][order])
    rest = Alternatives(found.chain[~named], found.factor[~named], found.per_unit[~named], found.worth[~named])
    return replace(chains, main=main, per_unit=per_unit, gain_days=gain, also=also), rest


def _groups(
    network: Network, steps: Steps, waited: tuple[IntArray, IntArray]
) -> tuple[IntArray, IntArray, IntArray, FloatArray, IntArray]:
    """Chain, capacity group, day before which it would help, use per unit of the line, and days from use to arrival.

    What an activity of the chain itself uses counts only where the chain waited for it.
    """
    activities, uses = network.activities, network.activities.uses
    new = np.flatnonzero((activities.planned < 0) & (activities.kind != ActivityKind.SOURCE))
    step, at = pairs(steps.point, activities.point[new])
    activity = new[at]
    row, use = pairs(activity, uses.activity)
    step, activity = step[row], activity[row]
    width = np.int64(len(network.capacities.kind) + 1)
    waits = waited[0] * width + network.capacities.group[waited[1]]
    helps = np.isin(steps.chain[step] * width + uses.group[use], waits) | (activity != steps.activity[step])
    step, activity, use = step[helps], activity[helps], use[helps]
    day = np.minimum(steps.before[step], network.horizon.days - 1)
    gives = activities.posts.quantity > 0
    lead_time = np.zeros(len(activities), dtype=np.int64)
    lead_time[activities.posts.activity[gives]] = activities.posts.offset[gives]
    wait = lead_time[activity] - uses.offset[use]
    per_unit = steps.per_unit[step] * uses.quantity[use]
    keys = np.column_stack([steps.chain[step], uses.group[use], day])
    distinct, first, of_key = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    delay = np.full(len(distinct), NO_DAY)
    np.minimum.at(delay, np.asarray(of_key).reshape(-1), wait)
    return distinct[:, 0], distinct[:, 1], distinct[:, 2], per_unit[first], delay


def _best_until(network: Network, room: Room, tier: int) -> IntArray:
    """``best[group, day]``: the interval until a day worth most to a tier, else to a better one; -1 for none."""
    capacities = network.capacities
    worth = np.where((room.tier >= 0) & (room.tier <= tier), room.unit_days, 0.0)
    worth[(room.tier == tier) & (worth > 0)] += worth.max(initial=0.0)
    by_day = worth[capacities.interval_of]
    top = np.maximum.accumulate(by_day, axis=1)
    fresh = np.where(by_day >= top, np.arange(by_day.shape[1]), 0)
    at = np.maximum.accumulate(fresh, axis=1)
    return np.where(top > 0, np.take_along_axis(capacities.interval_of, at, axis=1), -1)
