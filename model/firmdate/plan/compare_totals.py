"""Totals of a comparison: groups of order lines, capacities, stocking points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from firmdate.plan.result import Plan
from firmdate.plan.side_by_side import side_by_side

CHANGES = ("improved", "worse", "unchanged", "added", "removed")
DIMENSIONS = ("tier", "customer", "region", "product_group")
"""Columns of order lines by which they are added up."""

_SIDES = ("base", "other")


def summarize(lines: pd.DataFrame) -> pd.DataFrame:
    """Totals of compared lines; see :class:`firmdate.plan.compare.Comparison`.

    Order lines count everywhere, forecasts in a row of their own. A dimension in which no line has a value is left out.

    Args:
        lines: The compared lines.
    """
    parts = {"value": lines["value"].fillna(0.0)}
    for change in CHANGES:
        parts[change] = (lines["change"] == change).astype("int64")
    for change in ("improved", "worse"):
        parts[f"{change}_value"] = parts["value"].where(parts[change] > 0, 0.0)
    for side in _SIDES:
        parts[f"{side}_late_lines"] = lines[f"{side}_status"].isin(["late", "partial", "unpromised"]).astype("int64")
        parts[f"{side}_late_unit_days"] = lines[f"{side}_late_unit_days"].fillna(0.0)
    figures = pd.DataFrame({"lines": 1, **parts}, index=lines.index)
    forecast = lines["kind"] == "forecast"
    orders, of_orders = lines[~forecast], figures[~forecast]
    totals = [_totals("all", pd.Series("", index=orders.index), of_orders)]
    totals += [_totals(name, orders[name], of_orders) for name in DIMENSIONS if (orders[name].fillna("") != "").any()]
    if forecast.any():
        totals.append(_totals("kind", lines.loc[forecast, "kind"], figures[forecast]))
    return pd.concat(totals, ignore_index=True)


def _totals(dimension: str, groups: pd.Series, figures: pd.DataFrame) -> pd.DataFrame:
    """One row per group, the one that changes most first; tiers best first."""
    totals = figures.groupby(groups.astype("int64" if dimension == "tier" else object), sort=True).sum()
    for figure in ("late_lines", "late_unit_days"):
        totals[f"change_{figure}"] = totals[f"other_{figure}"] - totals[f"base_{figure}"]
    if dimension != "tier":
        rank = pd.DataFrame(
            {
                "late": -totals["change_late_unit_days"].abs().round(6),
                "value": -(totals["improved_value"] + totals["worse_value"]).round(6),
                "lines": -totals["lines"],
            }
        )
        totals = totals.loc[rank.sort_values(["late", "value", "lines"], kind="stable").index]
    columns = ["lines", *CHANGES, "value", "improved_value", "worse_value"]
    columns += [f"{side}_{name}" for name in ("late_lines", "late_unit_days") for side in (*_SIDES, "change")]
    totals = totals[columns]
    totals.insert(0, "group", totals.index.astype(str))
    totals.insert(0, "dimension", dimension)
    return totals.reset_index(drop=True)


def compare_capacities(loads: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Totals of compared loads per resource, supplier and lane; see :class:`firmdate.plan.compare.Comparison`.

    Args:
        loads: Compared intervals by kind; the first column names what is loaded.
    """
    parts = []
    for kind, frame in loads.items():
        named = frame.rename(columns={kind: "name"})
        if "item" not in named:
            named = named.assign(item="")
        if kind == "lane":  # only the days on which a lane is used are written
            named = named.assign(base_capacity=np.nan, other_capacity=np.nan)
        parts.append(named.assign(kind=kind).drop(columns=["start", "end"]))
    every = pd.concat(parts, ignore_index=True)
    groups = every.groupby(["kind", "name", "item"], sort=True)
    figures = [str(column) for column in every.columns if str(column).startswith(_SIDES)]
    prices = [column for column in figures if column.endswith("_price")]
    totals = groups[figures].sum(min_count=1)
    totals[prices] = groups[prices].max()
    loads_and_overloads = [column for column in figures if column.endswith("load")]
    totals[loads_and_overloads] = totals[loads_and_overloads].fillna(0.0)
    totals = totals.reset_index()
    for figure in ("load", "overload"):
        totals[f"{figure}_change"] = totals[f"other_{figure}"] - totals[f"base_{figure}"]
    price = (totals["other_price"].fillna(0.0) - totals["base_price"].fillna(0.0)).abs()
    rank = pd.DataFrame(
        {
            "overload": -totals["overload_change"].abs().round(6),
            "price": -price.round(6),
            "load": -totals["load_change"].abs().round(6),
        }
    )
    order = rank.sort_values(["overload", "price", "load"], kind="stable").index
    return totals.loc[order].reset_index(drop=True)


def compare_points(lines: pd.DataFrame, base: Plan, other: Plan) -> pd.DataFrame:
    """Lines and stock per stocking point; see :class:`firmdate.plan.compare.Comparison`.

    Args:
        lines: The compared lines.
        base: The plan that the other one is measured against.
        other: The other plan.
    """
    figures = pd.DataFrame(
        {
            "lines": 1,
            "improved": (lines["change"] == "improved").astype("int64"),
            "worse": (lines["change"] == "worse").astype("int64"),
            **{f"{side}_late_unit_days": lines[f"{side}_late_unit_days"].fillna(0.0) for side in _SIDES},
        },
        index=lines.index,
    )
    keys = ("item", "location")
    demand = figures.groupby([lines["item"].astype(object), lines["location"].astype(object)]).sum()
    stock = side_by_side(_mean_stock(base, keys), _mean_stock(other, keys), keys, (), ("mean_stock",))
    stock = stock.drop(columns="_merge").astype(dict.fromkeys(keys, object))
    points = demand.reset_index().merge(stock, on=list(keys), how="outer")
    counts = ["lines", "improved", "worse"]
    numbers = [name for name in points.columns if name not in keys]
    points[numbers] = points[numbers].fillna(0.0)
    points[counts] = points[counts].astype("int64")
    for figure in ("late_unit_days", "mean_stock"):
        points[f"change_{figure}"] = points[f"other_{figure}"] - points[f"base_{figure}"]
    rank = pd.DataFrame(
        {"late": -points["change_late_unit_days"].abs().round(6), "stock": -points["change_mean_stock"].abs().round(6)}
    ).join(points[list(keys)])
    columns = [f"{side}_{name}" for name in ("late_unit_days", "mean_stock") for side in (*_SIDES, "change")]
    points = points[[*keys, *counts, *columns]]
    return points.loc[rank.sort_values(list(rank.columns)).index].reset_index(drop=True)


def _mean_stock(plan: Plan, keys: Sequence[str]) -> pd.DataFrame:
    """Units in stock on an average day of the horizon, per stocking point."""
    stock = plan.stock.sort_values([*keys, "date"], kind="stable")
    days = plan.scenario.horizon_days
    start = np.datetime64(plan.scenario.planning_date, "D")
    day = (stock["date"].to_numpy().astype("datetime64[D]") - start).astype("int64")
    same = np.ones(max(len(stock) - 1, 0), dtype=bool)
    for key in keys:
        values = stock[key].to_numpy(dtype=object)
        same &= values[1:] == values[:-1]
    until = np.append(np.where(same, day[1:], days), days)[: len(stock)]
    unit_days = stock["quantity"].to_numpy() * (until - day)
    means = pd.Series(unit_days / days).groupby([stock[key].to_numpy(dtype=object) for key in keys]).sum()
    return means.rename_axis(list(keys)).rename("mean_stock").reset_index()
