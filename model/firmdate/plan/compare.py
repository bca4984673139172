"""What is different between two plans: order lines, groups of them, capacities, stocking points and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.plan.compare_totals import compare_capacities, compare_points, summarize
from firmdate.plan.result import Plan
from firmdate.plan.side_by_side import side_by_side

LINE_KEYS = ("order", "line")
UNCHANGED_WITHIN = 1e-6
"""Quantities that differ by less than this (units) are the same."""

_GROUP = {"improved": 0, "worse": 0, "added": 1, "removed": 1, "unchanged": 2}
_COMMON = (
    "item",
    "location",
    "tier",
    "quantity",
    "requested_date",
    "kind",
    "customer",
    "region",
    "product_group",
    "value",
)
_ONE_SIDE = (
    "promise_date",
    "days_late",
    "promised_quantity",
    "status",
    "late_unit_days",
    "gating_kind",
    "gating_name",
    "reason",
)
_LOADS = ("load", "capacity", "overload", "price")


@dataclass(frozen=True)
class Comparison:
    """Two plans side by side; what matters most comes first in every table.

    Args:
        base: Name of the plan that the other one is measured against.
        other: Name of the other plan.
        lines: One row per order line of either plan: order, line, then what the line is (item, location, tier,
            quantity, requested_date, kind, customer, region, product_group, value: of the other plan where it has the
            line), then promise_date, days_late, promised_quantity, status, late_unit_days, gating_kind, gating_name and
            reason as ``base_…`` and ``other_…``, change_days (days that the promise date moves; negative is earlier;
            blank where one side has no date), change_late_unit_days, change (improved / worse / unchanged / added /
            removed) and cause (what holds the line back in the plan in which it is worse).
        summary: Totals of order lines: dimension (all / tier / customer / region / product_group, and kind for
            forecasts), group, lines, improved, worse, unchanged, added, removed (lines), value, improved_value,
            worse_value (money), and late_lines and late_unit_days as ``base_…``, ``other_…`` and ``change_…``.
        capacities: One row per resource, supplier and lane: kind, name, item, and load, capacity (blank for lanes),
            overload (sums) and price (the highest of an interval) as ``base_…`` and ``other_…``, load_change and
            overload_change.
        resources: One row per resource and interval of either plan: load, capacity, overload and price as ``base_…``
            and ``other_…``, load_change and overload_change (hours).
        suppliers: The same per supplier, item (blank: all items together) and interval (units).
        lanes: The same per lane and day (units).
        points: One row per stocking point: item, location, lines, improved, worse, and late_unit_days and mean_stock
            (units, over the horizon) as ``base_…``, ``other_…`` and ``change_…``.
        kpis: figure, base, other, change (other less base; blank where a plan lacks the figure).
    """

    base: str
    other: str
    lines: pd.DataFrame
    summary: pd.DataFrame
    capacities: pd.DataFrame
    resources: pd.DataFrame
    suppliers: pd.DataFrame
    lanes: pd.DataFrame
    points: pd.DataFrame
    kpis: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by name, the most condensed first."""
        names = ("summary", "kpis", "lines", "capacities", "resources", "suppliers", "lanes", "points")
        return {name: getattr(self, name) for name in names}


def compare(base: Plan, other: Plan) -> Comparison:
    """Compare ``other`` with ``base``.

    A line is judged by its promise date: earlier is improved, later is worse, no date is later than any date; where
    neither plan completes the line, the one that promises more units is better.

    Args:
        base: The plan to measure against, such as the constrained plan of a scenario.
        other: The plan that is measured, such as its unconstrained plan or a what-if.
    """
    lines = _compare_lines(base.order_lines, other.order_lines)
    resources = _compare_loads(base.resource_load, other.resource_load, ("resource", "start", "end"))
    suppliers = _compare_loads(base.supplier_load, other.supplier_load, ("supplier", "item", "start", "end"))
    lanes = _compare_loads(base.lane_load, other.lane_load, ("lane", "start", "end"))
    return Comparison(
        base=base.scenario.name,
        other=other.scenario.name,
        lines=lines,
        summary=summarize(lines),
        capacities=compare_capacities({"resource": resources, "supplier": suppliers, "lane": lanes}),
        resources=resources,
        suppliers=suppliers,
        lanes=lanes,
        points=compare_points(lines, base, other),
        kpis=_compare_kpis(base.kpis, other.kpis),
    )


def _compare_lines(base: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    lines = side_by_side(base, other, LINE_KEYS, _COMMON, _ONE_SIDE)
    days = (lines["other_promise_date"] - lines["base_promise_date"]).dt.days.astype("float64")
    lines["change_days"] = days
    late = lines["other_late_unit_days"].fillna(0.0) - lines["base_late_unit_days"].fillna(0.0)
    lines["change_late_unit_days"] = late
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
    lines["cause"] = _causes(lines)
    rank = pd.DataFrame(
        {
            "group": lines["change"].map(_GROUP),
            "days": -np.abs(moved),
            "units": -np.abs(more),
            "tier": lines["tier"],
            "late": -late.abs(),
            "order": lines["order"],
            "line": lines["line"],
        }
    )
    lines = lines.loc[rank.sort_values(list(rank.columns)).index]
    return lines.drop(columns="_merge").reset_index(drop=True)


def _causes(lines: pd.DataFrame) -> pd.Series:
    """What holds each line back in the plan in which it is worse: kind and name."""
    texts = {
        side: (kind.fillna("").str.replace("_", " ") + " " + name.fillna("")).str.strip()
        for side in ("base", "other")
        for kind, name in [(lines[f"{side}_gating_kind"], lines[f"{side}_gating_name"])]
    }
    in_base = lines["change"].isin(["improved", "removed"])
    return texts["base"].where(in_base, texts["other"])


def _compare_loads(base: pd.DataFrame, other: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    loads = side_by_side(base, other, keys, (), _LOADS).drop(columns="_merge")
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
