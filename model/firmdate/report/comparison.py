"""The page of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from firmdate.report.axis import Tick, number_ticks
from firmdate.report.charts import load_charts
from firmdate.report.pack import Field, pack_lines, used_fields
from firmdate.report.rows import rows_of, text_rows
from firmdate.report.service import causes
from firmdate.report.template import first_rows, readable, render, shown_short
from firmdate.report.timeline import HEIGHT, Layer, Orders, Rect, TimeChart, burn_down_of_both
from firmdate.runs.figures import shown, shown_change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firmdate.plan.compare import Comparison
    from firmdate.plan.result import Plan

GROUPS_SHOWN = 12
ROWS_SHOWN = 40
"""Capacities and stocking points in the page; the others are in the workbook of the comparison."""
BARS_EACH_WAY = 14
"""Days by which dates move that have a bar of their own; what moves further is in the last one."""

CHANGES = ("improved", "worse", "unchanged", "added", "removed")
FIELDS = (
    Field("name", "Order line"),
    Field("item", "Item"),
    Field("location", "Location", narrow=False),
    Field("customer", "Customer", narrow=False),
    Field("tier", "Tier", "number", chosen=True, narrow=False),
    Field("base_promise_date", "Base date", "date", narrow=False, since="requested_date"),
    Field("other_promise_date", "Other date", "date", narrow=False, since="base_promise_date"),
    Field("change_days", "Days", "signed"),
    Field("status", "Status", narrow=False),
    Field("change_late_unit_days", "Late unit-days ±", "signed", narrow=False),
    Field("change", "Change", "word", chosen=True),
    Field("cause", "Cause", narrow=False),
    Field("base_reason", "Why in the base plan", place="reason", names=("item", "location", "cause")),
    Field("other_reason", "Why in the other plan", place="reason", names=("item", "location", "cause")),
    Field("quantity", "Quantity", "number", place="detail"),
    Field("requested_date", "Requested", "date", place="detail"),
    Field("base_promised_quantity", "Promised quantity, base", "number", place="detail", product=("quantity",)),
    Field("other_promised_quantity", "Promised quantity, other", "number", place="detail", product=("quantity",)),
    Field("base_late_unit_days", "Late unit-days, base", "number", place="detail"),
    Field("other_late_unit_days", "Late unit-days, other", "number", place="detail"),
    Field("value", "Value", "number", place="detail"),
    Field("region", "Region", place="detail", chosen=True),
    Field("product_group", "Item group", place="detail", chosen=True),
    Field("kind", "Kind", place="detail"),
)
_SECTIONS = (
    ("figures", "Figures"),
    ("time", "Over time"),
    ("causes", "Causes"),
    ("lines", "Order lines"),
    ("loads", "Capacity"),
    ("points", "Stocking points"),
    ("made", "How it was made"),
)
_MADE = ("input_hash", "options", "versions")
_TOTAL_HEADS = ("Lines", "Improved", "Worse", "Value improved", "Value worse", "Late unit-days", "Change")
_CAPACITY_HEADS = ("Name", "Kind", "Load: base", "Other", "Overload: base", "Other", "Price: base", "Other")
_POINT_HEADS = ("Item", "Location", "Lines", "Improved", "Worse", "Late unit-days", "Mean stock: base", "Other")


def render_comparison(comparison: Comparison, base: Plan, other: Plan) -> str:
    """The page of a comparison as HTML.

    All order lines are in it, or as many as fit into 5 MB, those that change most first.

    Args:
        comparison: What is different.
        base: The plan that the other one is measured against.
        other: The other plan.
    """
    lines = _lines(comparison.lines)
    fields = used_fields(FIELDS, lines)
    worse, improved = (_causes(lines, change) for change in ("worse", "improved"))
    content = {
        "title": f"{other.scenario.name} against {base.scenario.name}",
        "sections": _SECTIONS,
        "base": base.scenario,
        "other": other.scenario,
        "tiles": _tiles(comparison),
        "shares": _shares(comparison),
        "total_heads": _TOTAL_HEADS,
        "totals": _totals(comparison.summary),
        "backlog": burn_down_of_both(Orders.of(base), Orders.of(other)),
        "moves": _moves(lines),
        "status_changes": _status_changes(lines),
        "worse": worse,
        "improved": improved,
        "fields": fields,
        "rows": first_rows(lines, fields),
        "pack": pack_lines(lines, fields),
        "loads": [
            load_charts("Resources", "hours", _loads(comparison.resources), ("resource",)),
            load_charts("Suppliers", "units", _loads(comparison.suppliers), ("supplier", "item")),
        ],
        "capacity_heads": _CAPACITY_HEADS,
        "capacities": _capacities(comparison.capacities),
        "capacities_of": len(comparison.capacities),
        "point_heads": _POINT_HEADS,
        "points": _points(_moved_points(comparison.points)),
        "points_of": len(_moved_points(comparison.points)),
        "figures": [
            (row.figure.replace("_", " "), shown(row.base), shown(row.other), shown_change(row.change))
            for row in rows_of(comparison.kpis)
        ],
        "made": [
            (
                plan.scenario.name,
                {name: readable(plan.run[name]) for name in ("input_hash", "options", "versions") if name in plan.run},
            )
            for plan in (base, other)
        ],
    }
    return render("comparison.html.j2", content)


def _lines(lines: pd.DataFrame) -> pd.DataFrame:
    before, after = (lines[f"{side}_status"].fillna("").astype(object) for side in ("base", "other"))
    status = (before + " → " + after).where(before != after, after).str.replace("_", " ")
    return lines.assign(
        name=lines["order"].astype(object) + "/" + lines["line"].astype(object),
        status=status,
    )


def _tiles(comparison: Comparison) -> list[tuple[str, str, str, str]]:
    """Headline figures: name, value, what to add, colour."""
    every = comparison.summary[comparison.summary["dimension"] == "all"]
    total = every.iloc[0] if len(every) else pd.Series(0.0, index=comparison.summary.columns)
    figures = comparison.kpis.set_index("figure")
    tiles = [("order lines", shown(total["lines"]), "", "")]
    for change, colour in (
        ("improved", "improved"),
        ("worse", "worse"),
        ("unchanged", ""),
        ("added", ""),
        ("removed", ""),
    ):
        count = float(total[change])
        value = f"value {shown_short(total[f'{change}_value'])}" if f"{change}_value" in total else ""
        if count or change in {"improved", "worse", "unchanged"}:
            tiles.append((change, shown(count), value, colour if count else ""))
    sides = [float(total[f"{side}_late_unit_days"]) for side in ("base", "other")]
    tiles.append(_moved("late unit-days", sides[0], sides[1]))
    names = {"on_time_lines": "lines on time", "total_cost": "total cost", "overloads": "overloads"}
    for figure, name in names.items():
        if figure in figures.index:
            base, other = figures.loc[figure, ["base", "other"]].to_numpy(np.float64)
            tiles.append(_moved(name, float(base), float(other)))
    return tiles


def _moved(name: str, base: float, other: float) -> tuple[str, str, str, str]:
    change = other - base
    whole = round(change) if abs(change) >= 1000 else change
    against = f"{shown_change(whole)} from {shown_short(base)}" if shown(whole) != "0" else "as in the base plan"
    return (name, shown_short(other), against, "")


def _shares(comparison: Comparison) -> list[tuple[str, float]]:
    every = comparison.summary[comparison.summary["dimension"] == "all"]
    return [(change, float(every[change].sum())) for change in CHANGES]


def _totals(summary: pd.DataFrame) -> list[tuple[str, list[tuple[str, ...]], int]]:
    """Per dimension its name, the rows of its first groups, and how many more groups there are."""
    found = []
    for dimension, groups in summary[summary["dimension"] != "all"].groupby("dimension", sort=False):
        kept = groups if dimension == "tier" else groups.head(GROUPS_SHOWN)
        rows = [
            (
                row.group or "(none)",
                *(shown(value) for value in (row.lines, row.improved, row.worse, row.improved_value, row.worse_value)),
                shown(row.other_late_unit_days),
                shown_change(row.change_late_unit_days),
            )
            for row in rows_of(kept)
        ]
        found.append((str(dimension).replace("_", " "), rows, len(groups) - len(kept)))
    return found


def _moves(lines: pd.DataFrame) -> TimeChart:
    """How many lines move by how many days."""
    days = lines.loc[lines["change_days"].fillna(0.0) != 0, "change_days"].to_numpy(np.float64)
    clipped = np.clip(days, -BARS_EACH_WAY, BARS_EACH_WAY).astype(np.int64)
    counts = np.bincount(clipped + BARS_EACH_WAY, minlength=2 * BARS_EACH_WAY + 1).astype(np.float64)
    top, y_ticks = number_ticks(float(counts.max(initial=0.0)), whole=True)
    width = 100 / len(counts)
    names = [_move_name(at - BARS_EACH_WAY) for at in range(len(counts))]
    rects = [
        Rect(
            x=round(at * width + width * 0.1, 3),
            y=round(HEIGHT * (1 - counts[at] / top), 3),
            width=round(width * 0.8, 3),
            height=round(HEIGHT * counts[at] / top, 3),
            css="improved" if at < BARS_EACH_WAY else "worse",
            title=f"{names[at]} days: {shown(counts[at])} lines",
        )
        for at in np.flatnonzero(counts)
    ]
    earlier, later = int((days < 0).sum()), int((days > 0).sum())
    ticks = [
        Tick(round((at + 0.5) * width, 2), names[at], minor=at % 14 == 7, middle=True)
        for at in range(0, len(counts), 7)
    ]
    layers = [Layer("earlier", "improved", "", counts), Layer("later", "worse", "", counts)]
    title = "Days by which promise dates move"
    summary = f"{shown(earlier)} lines get an earlier date and {shown(later)} a later one"
    rows = [[names[at], shown(counts[at])] for at in np.flatnonzero(counts)]
    return TimeChart(title, summary, layers, rects, ticks, y_ticks, ["days", "lines"], rows)


def _move_name(days: int) -> str:
    more = "" if abs(days) < BARS_EACH_WAY else "…"
    return f"{days:+d}{more}" if days else "0"


def _status_changes(lines: pd.DataFrame) -> list[tuple[str, str]]:
    changed = lines.loc[lines["status"].str.contains("→"), "status"]
    return [(str(name), shown(count)) for name, count in changed.value_counts().sort_index().items()]


def _causes(lines: pd.DataFrame, change: str) -> Sequence[object]:
    """What holds back the lines that become worse, or held back those that improve."""
    side = "base" if change == "improved" else "other"
    rows = lines[(lines["change"] == change) & (lines["kind"] != "forecast")]
    frame = rows.assign(
        gating_kind=rows[f"{side}_gating_kind"],
        gating_name=rows[f"{side}_gating_name"],
        late_unit_days=rows["change_late_unit_days"].abs(),
    )
    return causes(frame)[1]


def _loads(loads: pd.DataFrame) -> pd.DataFrame:
    """Compared intervals as a load table: the base plan, with the load of the other one."""
    names = {f"base_{figure}": figure for figure in ("load", "capacity", "overload", "price")}
    plain = loads.rename(columns=names)
    figures = ["load", "other_load", "overload", "price"]
    return plain.assign(**{name: plain[name].fillna(0.0) for name in figures})


def _capacities(capacities: pd.DataFrame) -> list[tuple[str, ...]]:
    return [
        (
            f"{row.name} · {row.item}" if row.item else row.name,
            row.kind,
            *(shown(value) for value in (row.base_load, row.other_load, row.base_overload, row.other_overload)),
            *(shown(value) for value in (row.base_price, row.other_price)),
        )
        for row in rows_of(capacities.head(ROWS_SHOWN))
    ]


def _moved_points(points: pd.DataFrame) -> pd.DataFrame:
    return points[(points["change_late_unit_days"].abs() > 1e-6) | (points["change_mean_stock"].abs() > 1e-6)]


def _points(points: pd.DataFrame) -> list[tuple[str, ...]]:
    moved = points.head(ROWS_SHOWN).assign(
        change_late_unit_days=points["change_late_unit_days"].head(ROWS_SHOWN).map(shown_change)
    )
    names = [
        "item",
        "location",
        "lines",
        "improved",
        "worse",
        "change_late_unit_days",
        "base_mean_stock",
        "other_mean_stock",
    ]
    return text_rows(moved[names])
