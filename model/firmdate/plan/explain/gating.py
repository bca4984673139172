"""What gates each line, as columns of the promises."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.horizon import NO_DAY, IntArray
from firmdate.network.network import Network
from firmdate.plan.explain.factors import TextArray
from firmdate.plan.explain.lines import Explained
from firmdate.plan.explain.texts import FactorTexts, chain_reasons

_GIVEN_AWAY = ("supply",)


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
    return Gating(column(described.kind), column(described.name), day, reason)
