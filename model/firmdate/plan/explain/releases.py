"""What would help each line: the release of its gating factor, and of the best other capacity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.horizon import FloatArray, IntArray
from firmdate.network.relations import pairs
from firmdate.plan.explain.factors import FactorKind
from firmdate.plan.explain.gains import LateLines, at_most_worth, gain_days, is_timed
from firmdate.plan.explain.lines import Explained
from firmdate.plan.explain.room import Room


@dataclass(frozen=True)
class Releases:
    """What would help lines, sorted by line, the best first.

    Args:
        line: Demand line.
        rank: 1 for the best, 2 for the next, ….
        factor: Gating factor that is released.
        amount: Hours or units more, 0 where time releases it.
        days: Days earlier, 0 where more of it does.
        gain_days: Days by which the line becomes earlier at most.
        gain_unit_days: Late unit-days that it saves at most.
    """

    line: IntArray
    rank: IntArray
    factor: IntArray
    amount: FloatArray
    days: IntArray
    gain_days: IntArray
    gain_unit_days: FloatArray


def line_releases(explained: Explained, late: LateLines, room: Room) -> Releases:
    """One or two releases per line, where a change of supply or capacity can help."""
    chains, factors, other = explained.chains, explained.factors, explained.alternatives
    rows = np.flatnonzero(explained.line_chain >= 0)
    chain = explained.line_chain[rows]
    gain = gain_days(explained, late, rows)
    held = explained.last_units[rows]
    own = np.flatnonzero(gain > 0)
    timed = is_timed(factors, chains.main[chain[own]])
    amount = np.where(timed, 0.0, held[own] * chains.per_unit[chain[own]])
    saved = np.minimum(held[own] * gain[own], late.unit_days[rows[own]])
    saved = at_most_worth(factors, chains.main[chain[own]], amount, saved, room)
    at, row = pairs(chain, other.chain)
    other_amount = held[at] * other.per_unit[row]
    other_saved = np.minimum(other_amount * other.worth[row], late.unit_days[rows[at]])
    other_days = np.minimum(np.ceil(other_saved / np.maximum(held[at], 1e-9)), late.days[rows[at]]).astype(np.int64)
    line = np.concatenate([rows[own], rows[at]])
    saved = np.concatenate([saved, other_saved])
    factor = np.concatenate([chains.main[chain[own]], other.factor[row]])
    # Lead times seldom can be changed, capacity and receipts can.
    order = np.lexsort((-saved, factors.kind[factor] == FactorKind.LEAD_TIME, line))
    line = line[order]
    return Releases(
        line=line,
        rank=np.arange(len(line)) - np.searchsorted(line, line, side="left") + 1,
        factor=factor[order],
        amount=np.concatenate([amount, other_amount])[order],
        days=np.concatenate([np.where(timed, gain[own], 0), np.zeros(len(at), dtype=np.int64)])[order],
        gain_days=np.concatenate([gain[own], other_days])[order],
        gain_unit_days=saved[order],
    )
