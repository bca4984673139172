"""What gates each line, as columns of the promises."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.horizon import NO_DAY, BoolArray, IntArray
from firmdate.network.network import Network
from firmdate.plan.explain.factors import FactorKind, TextArray
from firmdate.plan.explain.lines import Explained
from firmdate.plan.explain.texts import FactorTexts, chain_reasons

_GIVEN_AWAY = ("supply",)
_LACKS = ("supply", "latest_acceptable_date")
_NO_COMMON_DATE = "the lines of its ship set have no date in common"


@dataclass(frozen=True)
class Gating:
    """What gates each line, blank for lines on time; one entry per demand line.

    Args:
        kind: receipt, resource, supplier, lane, lead_time, supply, planned_order, latest_acceptable_date, horizon, …
        name: Name of it.
        day: Day that it stands for, :data:`NO_DAY` where none.
        reason: One sentence.
    """

    kind: TextArray
    name: TextArray
    day: IntArray
    reason: TextArray


def gating(network: Network, explained: Explained, described: FactorTexts) -> Gating:
    """The gating factor of every line that is not on time, and the rules of splits that wait for it."""
    chains = explained.chains
    reasons = np.append(chain_reasons(chains, described), "")
    factor = np.append(chains.main, -1)[explained.line_chain]

    def column(texts: TextArray) -> TextArray:
        return np.asarray(np.append(texts, "")[factor])

    day = np.append(described.day, NO_DAY)[factor]
    reason = reasons[explained.line_chain]
    late, lines = explained.line_chain >= 0, network.lines
    for row in np.flatnonzero(late & (lines.most > 0)).tolist():
        reason[row] = f"{reason[row]}; at most {lines.most[row]} deliveries"
    # Others that got the stock need not come first: this line could not use it.
    unfinished = late & lines.complete
    given_away = unfinished & np.isin(column(described.kind), _GIVEN_AWAY)
    reason[given_away] = "not all of it can come inside the horizon"
    reason[given_away & (lines.last_day < NO_DAY)] = "not all of it can come by the latest acceptable date"
    reason[unfinished] += "; nothing of it is delivered unless all of it is"
    blocked = late & (lines.minimum > 0) & np.isin(column(described.kind), _LACKS)
    free = blocked & (np.append(explained.factors.kind, -1)[factor] == FactorKind.COMPETITION)
    reason[free & ~unfinished] = "too little of " + column(described.name)[free & ~unfinished] + " is left"
    for row in np.flatnonzero(blocked).tolist():
        reason[row] = f"{reason[row]}; no shipment of it is smaller than {lines.minimum[row]:g}"
    reason[late & _apart(network) & np.isin(column(described.kind), _LACKS)] = _NO_COMMON_DATE
    return Gating(column(described.kind), column(described.name), day, reason)


def _apart(network: Network) -> BoolArray:
    """Lines of ship sets of which one line may only be delivered after the last day of another."""
    lines = network.lines
    rows = np.flatnonzero(lines.ship_set >= 0)
    of_set, count = lines.ship_set[rows], int(lines.ship_set.max(initial=-1)) + 1
    first, last = np.zeros(count + 1, dtype=np.int64), np.full(count + 1, NO_DAY)
    np.maximum.at(first, of_set, lines.first_day[rows])
    np.minimum.at(last, of_set, lines.last_day[rows])
    return np.asarray((first > last)[lines.ship_set])
