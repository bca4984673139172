"""Chains: from the last delivery of a late line upstream to the factors that hold it back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.network.relations import distinct_rows, pairs, relation
from firmdate.plan.executed import Executed
from firmdate.plan.explain.factors import FactorKind, FactorList
from firmdate.plan.explain.room import Room
from firmdate.plan.explain.supplies import EXECUTED, FIRM, RECEIPT, Supplies, TightInputs

LONGEST_CHAIN = 64
"""Chains that are longer go round in circles: moves without lead time that feed each other."""


@dataclass(frozen=True)
class Steps:
    """The steps of chains, from the line upstream: one row per chain and step.

    Args:
        chain: Chain.
        activity: Activity that supplies, -1 for a receipt, a firm planned order or opening stock.
        receipt: Row of the receipts, else -1.
        planned: Row of the planned orders, else -1.
        point: Stocking point that is supplied.
        start: Day of start, order or shipment, :data:`NO_DAY` for none.
        day: Day of arrival, :data:`NO_DAY` where nothing arrives.
        per_unit: Units supplied per unit of the line.
        before: Day before which it would have to arrive to help.
    """

    chain: IntArray
    activity: IntArray
    receipt: IntArray
    planned: IntArray
    point: IntArray
    start: IntArray
    day: IntArray
    per_unit: FloatArray
    before: IntArray


@dataclass(frozen=True)
class Chains:
    """Distinct chains.

    Args:
        main: Per chain: the gating factor.
        per_unit: Per chain: units or hours of the gating factor per unit of the line.
        gain_days: Per chain: days by which the line can be earlier when the factor is released just enough, 0 where
            no delivery says so.
        also: Pairs of chain and factor: all that must be released together, the gating factor first.
        steps: The supply on the way.
    """

    main: IntArray
    per_unit: FloatArray
    gain_days: IntArray
    also: tuple[IntArray, IntArray]
    steps: Steps

    def __len__(self) -> int:
        return len(self.main)


@dataclass(frozen=True)
class _Leaves:
    """Ends of chains: one row per executed row or supply that ends there."""

    factor: IntArray
    per_unit: FloatArray
    gain_days: IntArray


class Tracer:
    """Follows tight inputs upstream, for all chains at once."""

    def __init__(
        self,
        network: Network,
        executed: Executed,
        supplies: Supplies,
        inputs: TightInputs,
        room: Room,
        factors: FactorList,
    ) -> None:
        self._network, self._executed, self._supplies = network, executed, supplies
        rank = self._worth_ranks(inputs, room)
        order = np.lexsort((inputs.supply >= 0, rank, inputs.row))
        self._row, self._input_supply = inputs.row[order], inputs.supply[order]
        self._per_unit = inputs.per_unit[order]
        self._kind, self._ref = inputs.kind[order], inputs.ref[order]
        self._of_row = relation(len(executed), self._row, np.arange(len(order)))[0]
        self._factor = np.full(len(order), -1)
        leaf = self._input_supply < 0
        self._factor[leaf] = self._leaf_factors(leaf, factors)
        self._gain = self._gains()
        self._own = self._own_factors(factors)

    def _worth_ranks(self, inputs: TightInputs, room: Room) -> IntArray:
        """Which of several inputs names the gating factor, the lowest first.

        What ends in a capacity that is worth something comes before all that is fixed (lead times, receipts, planned
        orders), and that before stock that went to others and capacity that alone is worth nothing.
        """
        supplies, leaf = self._supplies, inputs.supply < 0
        limited = inputs.kind == FactorKind.CAPACITY
        worth = limited & (np.append(room.tier, 0)[np.where(limited, inputs.ref, -1)] >= 0)
        rank = np.where(leaf, np.select([worth, limited], [0, 3], 1), 4)
        of_supply = np.where(np.isin(supplies.kind, (RECEIPT, FIRM)), 1, 2)
        moved = supplies.kind == EXECUTED
        for _ in range(LONGEST_CHAIN):
            of_row = np.full(len(self._executed), 4)
            np.minimum.at(of_row, inputs.row, rank)
            of_supply[moved] = np.where(of_row[supplies.ref[moved]] == 4, 2, of_row[supplies.ref[moved]])
            before, rank = rank, np.where(leaf, rank, of_supply[inputs.supply])
            if np.array_equal(before, rank):
                break
        return rank

    def _leaf_factors(self, leaf: BoolArray, factors: FactorList) -> IntArray:
        network = self._network
        kind, ref, row = self._kind[leaf], self._ref[leaf], self._row[leaf]
        start, arrival = self._executed.starts.day[row], self._executed.arrival_day[row]
        limited = kind == FactorKind.CAPACITY
        lead_time = kind == FactorKind.LEAD_TIME
        interval = np.where(limited, ref, 0)
        first = np.append(network.capacities.start, 0)[interval]
        last = np.append(network.capacities.end, 0)[interval]
        day = np.where(limited, first, np.where(lead_time, start, arrival))
        return factors.add_many(kind, ref, day, np.where(limited, last, arrival))

    def _gains(self) -> IntArray:
        """Days that each input can gain at most, when it is a factor that is released just enough."""
        start = self._executed.starts.day[self._row]
        first = np.append(self._network.capacities.start, 0)[np.where(self._kind == FactorKind.CAPACITY, self._ref, -1)]
        arrival = self._executed.arrival_day[self._row]
        by_kind = [start - first, arrival - start, start]
        kinds = [FactorKind.CAPACITY, FactorKind.LEAD_TIME, FactorKind.PLANNED_ORDER]
        return np.select([self._kind == int(kind) for kind in kinds], by_kind, 0)

    def _own_factors(self, factors: FactorList) -> IntArray:
        """Per supply the factor that it is itself: a receipt, a firm order, or stock that went to others; else -1."""
        supplies = self._supplies
        own = np.full(len(supplies), -1)
        slack = np.ones(len(self._executed), dtype=bool)
        slack[self._row] = False
        is_slack = np.zeros(len(supplies), dtype=bool)
        moved = supplies.kind == EXECUTED
        is_slack[moved] = slack[supplies.ref[moved]]
        lost = FactorKind.COST if self._network.money else FactorKind.COMPETITION
        kinds = np.full(len(supplies), int(lost))
        kinds[supplies.kind == RECEIPT] = int(FactorKind.RECEIPT)
        kinds[supplies.kind == FIRM] = int(FactorKind.PLANNED_ORDER)
        given = (kinds == FactorKind.RECEIPT) | (kinds == FactorKind.PLANNED_ORDER)
        rows = np.flatnonzero(~moved | is_slack)
        ref = np.where(given, supplies.ref, supplies.point)[rows]
        own[rows] = factors.add_many(kinds[rows], ref, supplies.day[rows], supplies.day[rows])
        return own

    def trace(self, roots: IntArray, lost: IntArray) -> Chains:
        """The chains of some supplies.

        Args:
            roots: Supplies with which chains begin.
            lost: Factor of each chain that only goes round in circles.
        """
        main, per_unit, gain, steps = self._follow(roots)
        chain, factor = self._all_factors(roots)
        first = np.full(len(roots), -1)
        first[chain[::-1]] = factor[::-1]
        circular = main < 0
        main[circular] = np.where(first[circular] >= 0, first[circular], lost[circular])
        also = _main_first(main, chain, factor)
        return Chains(main, per_unit, gain, also, steps)

    def _follow(self, roots: IntArray) -> tuple[IntArray, FloatArray, IntArray, Steps]:
        """The main way of each chain: the first input of every step."""
        supplies, count = self._supplies, len(roots)
        main, per_unit = np.full(count, -1), np.ones(count)
        gain = np.zeros(count, dtype=np.int64)
        chain, supply = np.arange(count), roots
        seen: list[tuple[IntArray, IntArray, FloatArray]] = []
        for _ in range(LONGEST_CHAIN):
            if not len(chain):
                break
            seen.append((chain, supply, per_unit[chain]))
            own = self._own[supply]
            ends = own >= 0
            main[chain[ends]] = own[ends]
            gain[chain[ends]] = supplies.day[supply[ends]]
            chain, supply = chain[~ends], supply[~ends]
            used = self._of_row.offsets[supplies.ref[supply]]
            per_unit[chain] *= self._per_unit[used]
            leaf = self._factor[used] >= 0
            main[chain[leaf]], gain[chain[leaf]] = self._factor[used[leaf]], self._gain[used[leaf]]
            chain, supply = chain[~leaf], self._input_supply[used[~leaf]]
        return main, per_unit, gain, self._steps(seen)

    def _steps(self, seen: list[tuple[IntArray, IntArray, FloatArray]]) -> Steps:
        none = np.empty(0, dtype=np.int64)
        chain = np.concatenate([none, *(part[0] for part in seen)])
        supply = np.concatenate([none, *(part[1] for part in seen)])
        per_unit = np.concatenate([np.empty(0), *(part[2] for part in seen)])
        order = np.argsort(chain, kind="stable")
        chain, supply = chain[order], supply[order]
        supplies, executed = self._supplies, self._executed
        kind, ref = supplies.kind[supply], supplies.ref[supply]
        moved = kind == EXECUTED
        row = np.where(moved, ref, -1)
        planned = np.where(kind == FIRM, ref, np.append(executed.planned, -1)[row])
        return Steps(
            chain=chain,
            activity=np.append(executed.activity, -1)[row],
            receipt=np.where(kind == RECEIPT, ref, -1),
            planned=planned,
            point=supplies.point[supply],
            start=np.append(executed.starts.day, NO_DAY)[row],
            day=supplies.day[supply],
            per_unit=per_unit[order],
            before=supplies.day[supply],
        )

    def _all_factors(self, roots: IntArray) -> tuple[IntArray, IntArray]:
        """All ends upstream of each chain, as pairs of chain and factor."""
        supplies = self._supplies
        width = np.int64(max(len(supplies), 1))
        known = np.arange(len(roots)) * width + roots
        fresh = known
        found: list[tuple[IntArray, IntArray]] = []
        while len(fresh):
            chain, supply = fresh // width, fresh % width
            own = self._own[supply]
            found.append((chain[own >= 0], own[own >= 0]))
            chain, supply = chain[own < 0], supply[own < 0]
            at, used = pairs(supplies.ref[supply], self._row)
            chain = chain[at]
            leaf = self._factor[used] >= 0
            found.append((chain[leaf], self._factor[used[leaf]]))
            fresh = np.setdiff1d(chain[~leaf] * width + self._input_supply[used[~leaf]], known)
            known = np.union1d(known, fresh)
        none = np.empty(0, dtype=np.int64)
        return np.concatenate([none, *(part[0] for part in found)]), np.concatenate([none, *(p[1] for p in found)])


def _main_first(main: IntArray, chain: IntArray, factor: IntArray) -> tuple[IntArray, IntArray]:
    """Distinct pairs of chain and factor, sorted by chain, the main factor of each chain first."""
    chain = np.concatenate([np.arange(len(main)), chain])
    factor = np.concatenate([main, factor])
    distinct, _ = distinct_rows(np.column_stack([chain, factor != main[chain], factor]))
    return distinct[:, 0], distinct[:, 2]
