"""What is different between two plans: order lines, resources, suppliers and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.plan.result import Plan

LINE_KEYS = ("order", "line")
UNCHANGED_WITHIN = 1e-6
"""Quantities that differ by less than this (units) are the same."""

_GROUP = {"improved": 0, "worse": 0, "added": 1, "removed": 1, "unchanged": 2}
_ONE_SIDE = ("promise_date", "days_late", "promised_quantity", "status")
_COMMON = ("item", "location", "tier", "quantity", "requested_date")


@dataclass(frozen=True)
class Comparison:
    """Two plans side by side; what matters most comes first in every table.

    Args:
        base: Name of the plan that the other one is measured against.
        other: Name of the other plan.
        lines: One row per order line of either plan: order, line, item, location, tier, quantity, requested_date (of
            the other plan where it has the line), then promise_date, days_late, promised_quantity and status as
            ``base_…`` and ``other_…``, change_days (days that the promise date moves; negative is earlier; blank where
            one side has no date) and change (improved / worse / unchanged / added / removed).
        resources: One row per resource and interval of either plan: load, capacity, overload and price as ``base_…``
            and ``other_…``, load_change and overload_change (hours).
        suppliers: The same per supplier, item (blank: all items together) and interval (units).
        kpis: figure, base, other, change (other less base; blank where a plan lacks the figure).
        summary: One row per tier: improved, worse, unchanged, added, removed (lines), base_late_unit_days,
            other_late_unit_days, change_late_unit_days.
    """

    base: str
    other: str
    lines: pd.DataFrame
    resources: pd.DataFrame
    suppliers: pd.DataFrame
    kpis: pd.DataFrame
    summary: pd.DataFrame


def compare(base: Plan, other: Plan) -> Comparison:
    """Compare ``other`` with ``base``.

    A line is judged by its promise date: earlier is improved, later is worse, no date is later than any date; where
    neither plan completes the line, the one that promises more units is better.

    Args:
        base: The plan to measure against, such as the constrained plan of a scenario.
        other: The plan that is measured, such as its unconstrained plan or a what-if.
    """
    lines = _compare_lines(base.promises, other.promises)
    kpis = _compare_kpis(base.kpis, other.kpis)
    return Comparison(
        base=base.scenario.name,
        other=other.scenario.name,
        lines=lines,
        resources=_compare_loads(base.resource_load, other.resource_load, ("resource", "start", "end")),
        suppliers=_compare_loads(base.supplier_load, other.supplier_load, ("supplier", "item", "start", "end")),
        kpis=kpis,
        summary=_summarize(lines, kpis),
    )


def _side_by_side(
    base: pd.DataFrame, other: pd.DataFrame, keys: Sequence[str], common: Sequence[str], one_side: Sequence[str]
) -> pd.DataFrame:
    """Outer join on the keys, with ``_merge``; ``common`` columns are those of ``other`` where it has the row."""
    columns = [*keys, *common, *one_side]
    left, right = (_plain(frame[columns]) for frame in (base, other))
    both = left.merge(right, on=list(keys), how="outer", suffixes=("_of_base", "_of_other"), indicator=True)
    for column in common:
        both[column] = both[f"{column}_of_other"].where(both["_merge"] != "left_only", both[f"{column}_of_base"])
    named = {f"{column}_of_{side}": f"{side}_{column}" for column in one_side for side in ("base", "other")}
    both = both.rename(columns=named)
    return both[[*keys, *common, *named.values(), "_merge"]]


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts of one kind: categories of different plans would not join."""
    texts = frame.columns[[dtype.kind == "O" for dtype in frame.dtypes]]
    return frame.astype(dict.fromkeys(texts, "str"))


def _compare_lines(base: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    lines = _side_by_side(base, other, LINE_KEYS, _COMMON, _ONE_SIDE)
    days = (lines["other_promise_date"] - lines["base_promise_date"]).dt.days.astype("float64")
    lines["change_days"] = days
    # A line that has no date on one side moved further than any line that has one on both.
    gained, lost = lines["base_promise_date"].isna(), lines["other_promise_date"].isna()
    moved = np.select([gained & lost, gained, lost], [0.0, -np.inf, np.inf], default=days.fillna(0.0))
    units = (lines["other_promised_quantity"] - lines["base_promised_quantity"]).fillna(0.0)
    more = np.where(gained & lost & (units.abs() > UNCHANGED_WITHIN), units, 0.0)
    removed, added = lines["_merge"] == "left_only", lines["_merge"] == "right_only"
    lines["change"] = np.select(
        [removed, added, (moved < 0) | (more > 0), (moved > 0) | (more < 0)],
        ["removed", "added", "improved", "worse"],
        default="unchanged",
    )
    rank = pd.DataFrame(
        {
            "group": lines["change"].map(_GROUP),
            "days": -np.abs(moved),
            "units": -np.abs(more),
            "tier": lines["tier"],
            "order": lines["order"],
            "line": lines["line"],
        }
    )
    lines = lines.loc[rank.sort_values(list(rank.columns)).index]
    return lines.drop(columns="_merge").reset_index(drop=True)


def _compare_loads(base: pd.DataFrame, other: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    loads = _side_by_side(base, other, keys, (), ("load", "capacity", "overload", "price")).drop(columns="_merge")
    for figure in ("load", "overload"):
        loads[f"{figure}_change"] = loads[f"other_{figure}"].fillna(0.0) - loads[f"base_{figure}"].fillna(0.0)
    rank = pd.DataFrame({"overload": -loads["overload_change"].abs(), "load": -loads["load_change"].abs()})
    rank = rank.round(6).join(loads[list(keys)])
    return loads.loc[rank.sort_values(list(rank.columns)).index].reset_index(drop=True)


def _compare_kpis(base: Mapping[str, float], other: Mapping[str, float]) -> pd.DataFrame:
    """Figures in the order of the base plan, then those that only the other plan has."""
    figures = list(dict.fromkeys([*base, *other]))
    frame = pd.DataFrame(
        {
            "figure": pd.Series(figures, dtype=object),
            "base": pd.Series([base.get(name, np.nan) for name in figures], dtype="float64"),
            "other": pd.Series([other.get(name, np.nan) for name in figures], dtype="float64"),
        }
    )
    frame["change"] = frame["other"] - frame["base"]
    return frame


def _summarize(lines: pd.DataFrame, kpis: pd.DataFrame) -> pd.DataFrame:
    tiers = np.unique(lines["tier"].to_numpy(dtype="int64"))
    counts = pd.crosstab(lines["tier"].astype("int64"), lines["change"])
    changes = ["improved", "worse", "unchanged", "added", "removed"]
    summary = counts.reindex(index=tiers, columns=changes, fill_value=0)
    late = kpis.set_index("figure").reindex([f"late_unit_days_tier_{tier}" for tier in tiers])
    for side in ("base", "other", "change"):
        name = "change_late_unit_days" if side == "change" else f"{side}_late_unit_days"
        summary[name] = late[side].to_numpy()
    return summary.rename_axis(index="tier", columns=None).reset_index()
