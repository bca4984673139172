"""Rules that tie deliveries together: ship sets."""

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
    inside = (of_row >= 0) & (shipped.day < BLANK_DAY)
    np.minimum.at(first, of_row[inside], shipped.day[inside])
    found.of("deliveries", shipped.text).add(
        inside & (shipped.day > first[of_row]),
        "is not on the date of its ship set:",
        lambda row: f"{names[of_row[row]]} leaves on {basis.date(first[of_row[row]])}",
    )
    leaves = np.append(first[:-1] < BLANK_DAY, False)
    found.of("deliveries", lines.text).add(
        leaves[at[:-1]] & (shipped.delivered < lines.quantity - tolerance(lines.quantity)),
        "is left behind by its ship set:",
        lambda row: f"{plain(shipped.delivered[row])} of {plain(lines.quantity[row])} leave with {names[at[row]]}",
    )
