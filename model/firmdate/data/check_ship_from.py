"""Checks of order lines that other locations may ship."""

from __future__ import annotations

import numpy as np
import pandas as pd

from firmdate.data.findings import Findings, cell
from firmdate.data.keys import positions


def check_ship_from(findings: Findings) -> None:
    """Warn of lines that any location of an area may ship, but that only their own can."""
    demands = findings.data["demands"]
    chosen = (demands["ship_from"] == "any").to_numpy(dtype=bool)
    if not chosen.any():
        return
    alone = chosen & ~with_others(findings)

    def lonely(row: int) -> str:
        place = cell(demands, "location", row)
        return f"no other location shares a balancing_area with location {place!r}, so only it ships (got 'any')"

    findings.rows("demands", "ship_from", alone, lonely, warning=True)
    named = findings.data["allocations"]["item"]
    if not len(named):
        return
    shared = demands["item"].astype(object).isin(set(named.dropna())).to_numpy() | bool(named.isna().any())

    def allocated(row: int) -> str:
        item, place = cell(demands, "item", row), cell(demands, "location", row)
        return f"supply of item {item!r} is allocated, so only location {place!r} ships (got 'any')"

    findings.rows("demands", "ship_from", chosen & ~alone & shared, allocated, warning=True)


def with_others(findings: Findings) -> np.ndarray:
    """Order lines whose location shares its balancing area with others."""
    locations = findings.data["locations"]
    area = locations["balancing_area"].astype(object)
    several = (area.notna() & area.duplicated(keep=False)).to_numpy(dtype=bool)
    names = pd.Index(locations["location"].astype(object), dtype="str")
    first = ~names.duplicated()  # two rows of one location are a finding of their own
    at = positions(findings.data["demands"]["location"], names[first])
    return np.asarray(np.append(several[first], False)[at])
