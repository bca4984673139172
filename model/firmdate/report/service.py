"""Who waits, and for what: totals of order lines by group and by cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from firmdate.plan.compare_totals import DIMENSIONS
from firmdate.plan.explain.phrases import records, release_text
from firmdate.plan.explain.reading import best_releases
from firmdate.plan.result import Plan
from firmdate.report.rows import has_text, rows_of
from firmdate.runs.figures import gating_text, shown

CAUSES_SHOWN = 15
GROUPS_SHOWN = 10
RELEASES_SHOWN = 10

KINDS: Mapping[str, str] = {
    "resource": "resource capacity",
    "supplier": "supplier capacity",
    "lane": "lane capacity",
    "receipt": "scheduled receipt",
    "planned_order": "planned order",
    "supply": "no supply left",
    "lead_time": "lead time",
    "latest_acceptable_date": "latest acceptable date",
    "earliest_date": "earliest date",
    "scheduled_date": "scheduled date, not pulled in",
    "kept_result": "keeps its result",
    "fill": "strategy fill",
    "lose": "strategy lose",
    "no_source": "no source",
    "past_request": "requested in the past",
    "delivery_lead_time": "way to the customer",
    "infinite_fence": "fence of infinite supply",
    "horizon": "beyond the horizon",
    "fair_share": "fair share",
    "lot_size": "whole lots",
    "commitment": "commitment of others",
}
"""What a kind of gating factor is called."""


@dataclass(frozen=True)
class Service:
    """Totals of the order lines of one group.

    Args:
        name: The group.
        lines: Order lines.
        on_time: Of them on time.
        open: Of them without a date (partial or unpromised).
        late_unit_days: Units × days late.
        value_late: Sales value of the lines that are not on time.
    """

    name: str
    lines: int
    on_time: int
    open: int
    late_unit_days: float
    value_late: float

    @property
    def late(self) -> int:
        """Lines with a date that is late."""
        return self.lines - self.on_time - self.open

    @property
    def share(self) -> float:
        """Share of the lines that is on time, in percent."""
        return 100 * self.on_time / self.lines if self.lines else 0.0


@dataclass(frozen=True)
class Cause:
    """What holds some order lines back.

    Args:
        kind: Kind of gating factor.
        name: Name of it; blank for the total of the kind.
        lines: Lines that it gates.
        late_unit_days: Their units × days late.
        value: Their sales value.
        share: Percent of all late unit-days (of all lines, where no day is known).
        until: The same, of this and all causes before it.
        find: What finds its lines in the table.
    """

    kind: str
    name: str
    lines: int
    late_unit_days: float
    value: float
    share: float
    until: float
    find: str


def service_by(orders: pd.DataFrame) -> dict[str, tuple[list[Service], int]]:
    """Per dimension that has values the groups, those that wait most first, and how many more there are."""
    found = {}
    for dimension in DIMENSIONS:
        if dimension != "tier" and not has_text(orders[dimension]):
            continue
        groups = _services(orders, dimension)
        shown = len(groups) if dimension == "tier" else GROUPS_SHOWN
        found[dimension] = (groups[:shown], max(len(groups) - shown, 0))
    return found


def _services(orders: pd.DataFrame, dimension: str) -> list[Service]:
    on_time = orders["status"] == "on_time"
    figures = pd.DataFrame(
        {
            "lines": 1,
            "on_time": on_time.astype("int64"),
            "open": orders["status"].isin(["partial", "unpromised"]).astype("int64"),
            "late_unit_days": orders["late_unit_days"].fillna(0.0),
            "value_late": orders["value"].fillna(0.0).where(~on_time, 0.0),
        },
        index=orders.index,
    )
    totals = figures.groupby(by_value(orders[dimension]), sort=True).sum()
    if dimension != "tier":
        totals = totals.sort_values(["late_unit_days", "lines"], ascending=False, kind="stable")
    return [
        Service(
            str(row.Index) or "(none)",
            int(row.lines),
            int(row.on_time),
            int(row.open),
            float(row.late_unit_days),
            float(row.value_late),
        )
        for row in rows_of(totals)
    ]


def by_value(column: pd.Series) -> pd.Series:
    """A column to group by: text groups in the order of their texts, also where they are categories."""
    if column.dtype == "category":
        used = column.cat.remove_unused_categories()
        return used.cat.reorder_categories(sorted(used.cat.categories))
    return column if pd.api.types.is_numeric_dtype(column.dtype) else column.astype(object).fillna("")


def causes(orders: pd.DataFrame) -> tuple[list[Cause], list[Cause], int]:
    """What holds lines back: totals by root cause, then the single causes, and how many more of these there are.

    The causes of the most late unit-days come first. Root causes are the column ``tag``, or the kind of gating factor
    where there is none.

    Args:
        orders: Order lines without forecasts.
    """
    gated = orders[(orders["gating_kind"].notna() & (orders["gating_kind"] != "")).to_numpy(bool)]
    figures = pd.DataFrame(
        {
            "lines": 1,
            "late_unit_days": gated["late_unit_days"].fillna(0.0),
            "value": gated["value"].fillna(0.0),
        },
        index=gated.index,
    )
    kind, name = by_value(gated["gating_kind"]), by_value(gated["gating_name"])
    root = by_value(gated["tag"]) if "tag" in gated else kind
    by_kind = figures.groupby([root, pd.Series("", index=gated.index)], sort=True).sum()
    single = figures.groupby([kind, name], sort=True).sum()
    return _ranked(by_kind, len(by_kind)), _ranked(single, CAUSES_SHOWN), max(len(single) - CAUSES_SHOWN, 0)


def releases_that_help(plan: Plan) -> list[tuple[str, ...]]:
    """What would help most: the change, lines and days forward, and late unit-days that it saves at most."""
    return [
        (
            release_text(row),
            shown(row["gain_lines"]),
            shown(row["gain_days"]),
            shown(row["gain_unit_days"]),
        )
        for row in records(best_releases(plan, RELEASES_SHOWN))
    ]


def _ranked(totals: pd.DataFrame, most: int) -> list[Cause]:
    """The largest, with their share of all."""
    totals = totals.sort_values(["late_unit_days", "lines"], ascending=False, kind="stable")
    weight = totals["late_unit_days"] if totals["late_unit_days"].sum() > 0 else totals["lines"]
    share = 100 * weight / max(float(weight.sum()), 1e-9)
    rows: Sequence[tuple[str, str]] = list(totals.index[:most])
    return [
        Cause(
            kind=KINDS.get(kind, kind.replace("_", " ")),
            name=name,
            lines=int(row.lines),
            late_unit_days=float(row.late_unit_days),
            value=float(row.value),
            share=float(own),
            until=float(until),
            find=f'"{gating_text(kind.replace("_", " "), name)}"',
        )
        for (kind, name), row, own, until in zip(
            rows, rows_of(totals.head(most)), share.head(most), share.cumsum().head(most), strict=True
        )
    ]
