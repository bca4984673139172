"""Rules that tie deliveries together: ship sets and splits."""

from __future__ import annotations

import numpy as np

from firmdate.plan.certify_basis import BLANK_DAY, Basis, Findings, plain, tolerance
from firmdate.plan.certify_demand import Demand


def check_ship_sets(found: Findings, basis: Basis, demand: Demand) -> None:
    """A ship set leaves whole and on one date, or not at all."""
    lines, shipped = demand.lines, demand.shipped
    column = lines.frame["ship_set"].astype(object)
    member = column.notna().to_numpy(dtype=bool)
    if not member.any():
        return
    names, of_line = np.unique(column[member].to_numpy(dtype=str), return_inverse=True)
    at = np.full(len(lines) + 1, -1)
    at[:-1][member] = np.asarray(of_line).reshape(-1)
    first = np.full(len(names) + 1, BLANK_DAY)
    of_row = at[shipped.line]
    inside = (of_row >= 0) & (shipped.ship < BLANK_DAY)
    np.minimum.at(first, of_row[inside], shipped.ship[inside])
    found.of("deliveries", shipped.text).add(
        inside & (shipped.ship > first[of_row]),
        "is not on the date of its ship set:",
        lambda row: f"{names[of_row[row]]} leaves on {basis.date(first[of_row[row]])}",
    )
    leaves = np.append(first[:-1] < BLANK_DAY, False)
    found.of("deliveries", lines.text).add(
        leaves[at[:-1]] & (shipped.delivered < lines.quantity - tolerance(lines.quantity)),
        "is left behind by its ship set:",
        lambda row: f"{plain(shipped.delivered[row])} of {plain(lines.quantity[row])} leave with {names[at[row]]}",
    )


def check_splits(found: Findings, basis: Basis, demand: Demand) -> None:
    """No line has more deliveries than it accepts, and what may not stay unfinished is complete or not begun."""
    lines, shipped = demand.lines, demand.shipped
    rows = found.of("deliveries", lines.text)
    most = lines.frame["maximum_deliveries"].to_numpy(np.float64)
    known = shipped.line >= 0
    dates = np.unique(shipped.line[known] * np.int64(2**32) + shipped.day[known]) // np.int64(2**32)
    count = np.bincount(dates, minlength=len(lines))
    rows.add(
        np.nan_to_num(most, nan=np.inf) < count,
        "has more deliveries than it accepts:",
        lambda row: f"{count[row]} of {plain(most[row])}",
    )
    stated = lines.frame["split_unfinished"]
    follows = stated.isna() & (lines.frame["kind"].astype(object) == "order") & (not basis.scenario.split_unfinished)
    must = (stated.isin([False]) | follows).to_numpy(dtype=bool)
    rows.add(
        must & (shipped.delivered > 0) & (shipped.delivered < lines.quantity - tolerance(lines.quantity)),
        "is begun and never finished:",
        lambda row: f"{plain(shipped.delivered[row])} of {plain(lines.quantity[row])}",
    )
