"""What gates each line, as columns of the promises."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.horizon import NO_DAY, IntArray
from firmdate.plan.explain.factors import TextArray
from firmdate.plan.explain.lines import Explained
from firmdate.plan.explain.texts import FactorTexts, chain_reasons


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


def gating(explained: Explained, described: FactorTexts) -> Gating:
    """The gating factor of every line that is not on time."""
    chains = explained.chains
    reasons = np.append(chain_reasons(chains, described), "")
    factor = np.append(chains.main, -1)[explained.line_chain]

    def column(texts: TextArray) -> TextArray:
        return np.asarray(np.append(texts, "")[factor])

    day = np.append(described.day, NO_DAY)[factor]
    return Gating(column(described.kind), column(described.name), day, reasons[explained.line_chain])
