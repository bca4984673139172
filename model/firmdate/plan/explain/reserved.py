"""Supply that goes to others although they would come later: lines with commitments, and those with another share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from firmdate.network.horizon import NO_DAY, IntArray
from firmdate.network.network import Network
from firmdate.network.relations import distinct_rows, pairs
from firmdate.plan.explain.chains import Chains, Steps
from firmdate.plan.explain.competing import Competitors, committed_first, line_ranks, of_other_node
from firmdate.plan.explain.factors import FactorKind, Factors
from firmdate.plan.explain.lines import Explained

_SAID = (FactorKind.ALLOCATION, FactorKind.FAIR_SHARE)
"""Gating factors that say already who shares what."""


def with_reserved_first(network: Network, explained: Explained, others: Competitors) -> Explained:
    """Name the commitment or the allocation that keeps supply for other lines, before what a line waits for instead.

    That is so where a line was served instead that has a commitment, or another share, and else would come later.

    Args:
        network: The network.
        explained: Why lines are late.
        others: Lines that were served instead.
    """
    rank, line, other = line_ranks(network), others.line, others.other
    said = np.isin(explained.factors.kind[explained.chains.main[explained.line_chain[line]]], _SAID)
    later = (rank[other] > rank[line]) & ~said
    committed = committed_first(network, line, other) & later
    shared = of_other_node(network, line, other) & later & ~np.isin(line, line[committed])
    rows, first = np.unique(line[committed | shared], return_index=True)
    if not len(rows):
        return explained
    kind = np.where(committed, int(FactorKind.COMMITMENT), int(FactorKind.ALLOCATION))[committed | shared][first]
    point = np.maximum(network.points.find(network.lines.served_key[rows]), 0)
    keys = np.column_stack([explained.line_chain[rows], kind, point])
    distinct, at = distinct_rows(keys)
    factor = np.arange(len(distinct)) + len(explained.factors)
    line_chain = explained.line_chain.copy()
    line_chain[rows] = len(explained.chains) + at
    return replace(
        explained,
        factors=_with_factors(explained.factors, distinct[:, 1], distinct[:, 2]),
        chains=_with_copies(explained.chains, distinct[:, 0], factor),
        line_chain=line_chain,
    )


def _with_factors(factors: Factors, kind: IntArray, ref: IntArray) -> Factors:
    never = np.full(len(kind), NO_DAY)
    return Factors(
        kind=np.concatenate([factors.kind, kind]),
        ref=np.concatenate([factors.ref, ref]),
        day=np.concatenate([factors.day, never]),
        end=np.concatenate([factors.end, never]),
    )


def _with_copies(chains: Chains, copied: IntArray, factor: IntArray) -> Chains:
    """The chains, and copies of some that are gated by another factor first."""
    number = np.arange(len(copied)) + len(chains)
    of_step, step = pairs(copied, chains.steps.chain)
    of_pair, pair = pairs(copied, chains.also[0])
    also_chain = np.concatenate([number, number[of_pair]])
    also_factor = np.concatenate([factor, chains.also[1][pair]])
    order = np.argsort(also_chain, kind="stable")
    steps = chains.steps
    return Chains(
        main=np.concatenate([chains.main, factor]),
        per_unit=np.concatenate([chains.per_unit, chains.per_unit[copied]]),
        gain_days=np.concatenate([chains.gain_days, np.zeros(len(copied), dtype=np.int64)]),
        also=(
            np.concatenate([chains.also[0], also_chain[order]]),
            np.concatenate([chains.also[1], also_factor[order]]),
        ),
        steps=Steps(
            chain=np.concatenate([steps.chain, number[of_step]]),
            activity=np.concatenate([steps.activity, steps.activity[step]]),
            receipt=np.concatenate([steps.receipt, steps.receipt[step]]),
            planned=np.concatenate([steps.planned, steps.planned[step]]),
            point=np.concatenate([steps.point, steps.point[step]]),
            start=np.concatenate([steps.start, steps.start[step]]),
            day=np.concatenate([steps.day, steps.day[step]]),
            per_unit=np.concatenate([steps.per_unit, steps.per_unit[step]]),
            before=np.concatenate([steps.before, steps.before[step]]),
        ),
    )
