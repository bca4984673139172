"""What was corrected in the data, by which rule: the rows of ``data_alerts``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, order=True)
class Alert:
    """One correction.

    Args:
        table: Planning table of the row.
        key: Key of the row, its parts joined by ``/``.
        rule: Name of the rule that was applied.
        before: Value as given.
        after: Value as planned.
    """

    table: str
    key: str
    rule: str
    before: str
    after: str


def alert_table(alerts: Iterable[Alert]) -> pd.DataFrame:
    """Alerts as a sorted table, without duplicates."""
    rows = [(a.table, a.key, a.rule, a.before, a.after) for a in sorted(set(alerts))]
    return pd.DataFrame(rows, columns=["table", "key", "rule", "before", "after"]).astype("str")


def plain(number: float) -> str:
    """A number without noise: ``60`` and ``2.5``."""
    return f"{round(float(number), 6):.15g}"
