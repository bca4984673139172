"""Demand that nothing supplies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.data.check_ship_from import with_others
from firmdate.data.findings import Findings, cell, first_of_each
from firmdate.data.keys import match_rows, row_keys
from firmdate.data.suggest import counted, did_you_mean

_POINT = ("item", "location")


@dataclass(frozen=True)
class _Source:
    """Rows that bring items to locations.

    Args:
        rows: Frame of the rows.
        item: Column that names the item, blank when the rows bring every item.
        location: Column that names the location, blank when they bring it everywhere.
    """

    rows: pd.DataFrame
    item: str
    location: str

    def reaches(self, points: pd.DataFrame) -> np.ndarray:
        """Flag a stocking point: one of the rows brings the item there."""
        names = [(own, theirs) for own, theirs in (("item", self.item), ("location", self.location)) if theirs]
        found = match_rows(points, [own for own, _ in names], self.rows, [theirs for _, theirs in names])
        return np.asarray(found >= 0)


def check_sources(findings: Findings, supply_plans: Sequence[str], substitutes: bool) -> None:
    """Stocking points that are wanted, but to which nothing brings anything, nor anything in their place.

    Args:
        findings: Where problems go.
        supply_plans: Plans that the scenario reads; without any, every plan counts as a source.
        substitutes: Order lines that do not say it themselves may get substitutes.
    """
    demands = findings.data["demands"]
    sources = _sources(findings, supply_plans)
    keys = row_keys(demands, _POINT)
    first, _ = first_of_each(keys)
    bare = first[~_supplied(demands.iloc[first], sources)]
    if not len(bare):
        return
    replaced = bare[_replaced(demands.iloc[bare], findings.data["substitutions"], sources)]
    stated = demands["substitution"]
    allowed = np.where(stated.isna(), substitutes, stated.isin([True])).astype(bool)
    without = np.flatnonzero(np.isin(keys, keys[bare]) & ~(allowed & np.isin(keys, keys[replaced])))
    # What any location of an area may ship can come from the others.
    without = without[~((demands["ship_from"] == "any").to_numpy() & with_others(findings))[without]]
    place, times = first_of_each(keys[without])
    rows = without[place]
    often = dict(zip(rows.tolist(), times.tolist(), strict=True))
    brought = [source.rows[source.item] for source in sources if source.item]
    items = sorted({str(item) for column in brought for item in column.dropna().unique()})

    def message(row: int) -> str:
        item, location = cell(demands, "item", row), cell(demands, "location", row)
        hint = (
            did_you_mean(item, items) if item not in items else ""
        ) or "; add how it can come: a lane, a supplier, stock"
        lines = counted(often[row], "order line")
        return f"no source of supply (got item {item!r} at location {location!r}, wanted by {lines}){hint}"

    findings.rows("demands", "item", rows, message, warning=True)


def _supplied(points: pd.DataFrame, sources: Sequence[_Source]) -> np.ndarray:
    """Flag the stocking points to which something brings their item."""
    supplied = np.zeros(len(points), dtype=bool)
    for source in sources:
        supplied |= source.reaches(points)
    return supplied


def _replaced(points: pd.DataFrame, table: pd.DataFrame, sources: Sequence[_Source]) -> np.ndarray:
    """Flag the stocking points to which something brings what may take the place of their item."""
    found = np.zeros(len(points), dtype=bool)
    if not len(table):
        return found
    rows = table[["item", "substitute", "location", "direction"]].astype(object)
    turned = rows[rows["direction"] != "one_way"].rename(columns={"item": "substitute", "substitute": "item"})
    links = pd.concat([rows, turned], ignore_index=True)
    start = pd.DataFrame({"at": np.arange(len(points)), "item": points["item"].astype(object).to_numpy()})
    start["location"] = points["location"].astype(object).to_numpy()
    reached = _reached(start, links[links["direction"] != "form_fit_function"])
    alike, known = links[links["direction"] == "form_fit_function"], start
    frontier = start
    while len(frontier):
        frontier = _reached(frontier, alike)
        every = pd.concat([known, frontier], ignore_index=True).drop_duplicates()
        known, frontier = every, every.iloc[len(known) :]
    reached = pd.concat([reached, known.iloc[len(start) :]], ignore_index=True)
    named = pd.DataFrame({name: pd.Categorical(reached[name]) for name in _POINT})
    found[reached["at"].to_numpy(np.int64)[_supplied(named, sources)]] = True
    return found


def _reached(points: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """What stands in for the items of stocking points in one step."""
    steps = points.merge(links, on="item", suffixes=("", "_of_link"))
    here = steps["location_of_link"].isna() | (steps["location_of_link"] == steps["location"])
    steps = steps.loc[here, ["at", "substitute", "location"]]
    return steps.rename(columns={"substitute": "item"}).drop_duplicates(ignore_index=True)


def _sources(findings: Findings, supply_plans: Sequence[str]) -> list[_Source]:
    """Everything that brings items to locations; a bill, lane or rule for every item or location counts for all."""
    data = findings.data
    on_hand, plans = data["on_hand"], data["planned_orders"]
    points, lanes, bills = data["stocking_points"], data["lanes"], data["bills_of_materials"]
    if supply_plans:
        plans = plans[plans["plan"].isin(supply_plans)]
    return [
        _Source(on_hand[on_hand["quantity"] > 0], "item", "location"),
        _Source(data["scheduled_receipts"], "item", "location"),
        _Source(plans, "item", "location"),
        _Source(data["operations"], "item", "location"),
        _Source(data["supplier_items"], "item", "location"),
        _Source(
            points[(points["search"] != "supply_chain") | points["infinite_fence_days"].notna()], "item", "location"
        ),
        _Source(lanes[lanes["item"].notna()], "item", "destination"),
        _Source(lanes[lanes["item"].isna()], "", "destination"),
        _Source(bills[bills["location"].notna()], "item", "location"),
        _Source(bills[bills["location"].isna()], "item", ""),
    ]
