"""The figures of a plan as people read them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_TIER = "late_unit_days_tier_"


def late_unit_days(kpis: Mapping[str, float]) -> dict[int, float]:
    """Late unit-days by priority tier, best tier first.

    >>> late_unit_days({"late_lines": 1.0, "late_unit_days_tier_2": 0.0, "late_unit_days_tier_1": 6.0})
    {1: 6.0, 2: 0.0}
    """
    tiers = {int(name.removeprefix(_TIER)): value for name, value in kpis.items() if name.startswith(_TIER)}
    return {tier: tiers[tier] for tier in sorted(tiers)}


def shown(value: float | None) -> str:
    """A figure for people: thousands in groups, at most two decimals, a dash for none.

    >>> [shown(value) for value in (1234567.0, 0.5, 12.3456, None, float("nan"))]
    ['1,234,567', '0.5', '12.35', '–', '–']
    """
    if value is None or math.isnan(value):
        return "–"
    text = f"{value:,.2f}"
    text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def shown_change(value: float | None) -> str:
    """A change with its sign.

    >>> [shown_change(value) for value in (3.0, -0.25, 0.0, None)]
    ['+3', '-0.25', '0', '–']
    """
    text = shown(value)
    return f"+{text}" if value is not None and value > 0 and text not in {"0", "–"} else text


def latest_first(promises: pd.DataFrame) -> pd.DataFrame:
    """Promises sorted by how much they miss: those without a date, then by days late, then by tier.

    Args:
        promises: The promises of a plan; those that miss as much as each other stay in their order.
    """
    import numpy as np

    missed = -promises["days_late"].astype("float64").fillna(np.inf).to_numpy()
    dated = promises["promise_date"].notna().to_numpy()
    return promises.take(np.lexsort((promises["tier"].to_numpy(np.int64), missed, dated)))


def gating_text(kind: str, name: str) -> str:
    """What holds a line back, in two words; blank where nothing does.

    >>> gating_text("resource", "RES_1"), gating_text("horizon", ""), gating_text("", "")
    ('resource RES_1', 'horizon', '')
    """
    return " ".join(part for part in (kind, name) if part)
