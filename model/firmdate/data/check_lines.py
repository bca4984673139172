"""Checks of order lines whose columns leave each other without effect."""

from __future__ import annotations

import numpy as np
import pandas as pd

from firmdate.data.findings import Findings, cell, shown


def check_lines(findings: Findings) -> None:
    """Warn of commitments without a date, splits that are excluded, and ship sets that have no common date."""
    demands = findings.data["demands"]
    undated = (demands["enforce_commit"].isin([True]) & demands["scheduled_date"].isna()).to_numpy(dtype=bool)
    message = "there is no scheduled_date that could be enforced; give the date"
    findings.rows("demands", "enforce_commit", undated, lambda _: message, warning=True)
    split = (~demands["partial"].astype(bool) & (demands["maximum_deliveries"] > 1)).to_numpy(dtype=bool)
    findings.rows(
        "demands",
        "maximum_deliveries",
        split,
        lambda row: f"without effect, since partial is false (got {cell(demands, 'maximum_deliveries', row)})",
        warning=True,
    )
    if demands["ship_set"].notna().any():
        _check_sets(findings, demands)


def _check_sets(findings: Findings, demands: pd.DataFrame) -> None:
    """A set can leave on a day that all of its lines accept."""
    way = pd.to_timedelta(demands["delivery_lead_time_days"].fillna(0).to_numpy(np.int64), unit="D")
    first = demands[["requested_date", "earliest_date"]].max(axis=1) - way
    last = demands["latest_acceptable_date"] - way
    name = demands["ship_set"].astype(object)
    latest_first, earliest_last = first.groupby(name).transform("max"), last.groupby(name).transform("min")
    wrong = (latest_first > earliest_last).to_numpy(dtype=bool) & (last == earliest_last).to_numpy(dtype=bool)

    def message(row: int) -> str:
        got = shown(demands, ("ship_set", "latest_acceptable_date"), row)
        other = latest_first.iloc[row].date()
        return f"another line of the set is not wanted before {other}, so the set never leaves (got {got})"

    findings.rows("demands", "latest_acceptable_date", wrong, message, warning=True)
