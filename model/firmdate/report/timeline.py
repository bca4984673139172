"""Lines and backlog over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from firmdate.plan.compare import LINE_KEYS
from firmdate.plan.result import Plan
from firmdate.report.axis import Buckets, Days, Tick, buckets, date_ticks, number_ticks
from firmdate.report.rows import positions
from firmdate.runs.figures import shown
from firmdate.scenario.schema import Scenario

FloatArray = npt.NDArray[np.float64]

TIERS_SHOWN = 5
"""Tiers with a colour of their own; the others are one band."""
POINTS = 240
"""Dates at which a line is drawn, at most."""
HEIGHT = 100.0
"""Height of the drawing area; its width is 100 too, and it is stretched."""


@dataclass(frozen=True)
class Layer:
    """One colour of a chart.

    Args:
        name: What it stands for.
        css: Class of its colour.
        shape: Path of an area or a line; blank for bars.
        values: Value at every date or in every group.
    """

    name: str
    css: str
    shape: str
    values: FloatArray


@dataclass(frozen=True)
class Rect:
    """A bar, from the top left of the drawing area."""

    x: float
    y: float
    width: float
    height: float
    css: str
    title: str


@dataclass(frozen=True)
class TimeChart:
    """A chart over dates.

    Args:
        title: What it shows.
        summary: The same in a sentence with figures, for those who do not see it.
        layers: Areas or lines, and what every colour means.
        rects: Bars and marks.
        x_ticks: Dates.
        y_ticks: Values.
        heads: Heads of the table behind it.
        rows: Rows of the table behind it.
    """

    title: str
    summary: str
    layers: Sequence[Layer]
    rects: Sequence[Rect]
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Orders:
    """Order lines and what is delivered to them.

    Args:
        scenario: The scenario of the plan.
        lines: Order lines without forecasts.
        deliveries: Position of the line (``line``), date and quantity of every delivery to them.
    """

    scenario: Scenario
    lines: pd.DataFrame
    deliveries: pd.DataFrame

    @classmethod
    def among(cls, scenario: Scenario, lines: pd.DataFrame, deliveries: pd.DataFrame) -> Orders:
        """Those that are no forecasts.

        Args:
            scenario: The scenario of the plan.
            lines: Order lines and forecasts.
            deliveries: Deliveries, with the position of their line.
        """
        is_order = (lines["kind"] != "forecast").to_numpy(bool)
        if is_order.all():
            return cls(scenario, lines, deliveries)
        place = np.where(is_order, np.cumsum(is_order) - 1, -1)
        moved = deliveries.assign(line=place[deliveries["line"].to_numpy()])
        return cls(scenario, lines[is_order], moved[moved["line"] >= 0])

    @classmethod
    def of(cls, plan: Plan) -> Orders:
        """Those of a plan."""
        line = positions(plan.order_lines, plan.deliveries, LINE_KEYS)
        return cls.among(plan.scenario, plan.order_lines, plan.deliveries.assign(line=line)[line >= 0])


def time_range(*plans: Orders) -> tuple[np.datetime64, np.datetime64]:
    """First and last day on which something is asked for or promised; never before the planning date."""
    start = min(np.datetime64(plan.scenario.planning_date, "D") for plan in plans)
    dates = [plan.lines[name].dropna() for plan in plans for name in ("requested_date", "promise_date")]
    last = max((np.datetime64(one.max().date(), "D") for one in dates if len(one)), default=start)
    end = max(start + np.timedelta64(plan.scenario.horizon_days, "D") for plan in plans)
    return start, max(min(last, end), start + np.timedelta64(6, "D"))


def promise_timeline(orders: Orders) -> TimeChart:
    """Order lines by the date on which they are promised, and how many are asked for by then."""
    groups, promises = buckets(*time_range(orders)), orders.lines
    layers = []
    for status, css in (("on_time", "on_time"), ("late", "late")):
        dates = promises.loc[promises["status"] == status, "promise_date"]
        layers.append(Layer(status.replace("_", " "), css, "", groups.count(dates)))
    asked = groups.count(promises["requested_date"])
    total = layers[0].values + layers[1].values
    top, y_ticks = number_ticks(float(max(total.max(initial=0.0), asked.max(initial=0.0))), whole=True)
    without = int(promises["promise_date"].isna().sum())
    summary = f"{shown(total.sum())} order lines by promise date, {shown(layers[1].values.sum())} of them late"
    summary += f"; {shown(without)} have no date" if without else ""
    rects = [*stacked(groups, layers, top), *_marks(groups, asked, top)]
    rows = [
        [name, *(shown(layer.values[at]) for layer in layers), shown(asked[at])] for at, name in enumerate(groups.names)
    ]
    layers.append(Layer("requested", "asked", "", asked))
    return TimeChart(
        f"Order lines by promise date, a bar a {groups.unit}",
        summary,
        layers,
        rects,
        date_ticks(groups.edges[0], groups.edges[-1]),
        y_ticks,
        [f"{groups.unit} from", "on time", "late", "requested"],
        rows,
    )


def stacked(groups: Buckets, layers: Sequence[Layer], top: float) -> list[Rect]:
    """Bars of several colours, one on the other."""
    base = np.zeros(len(groups))
    width = 100 / max(len(groups), 1)
    rects = []
    for layer in layers:
        for at in np.flatnonzero(layer.values):
            low, value = base[at], layer.values[at]
            rects.append(
                Rect(
                    x=round(at * width + width * 0.08, 3),
                    y=round(HEIGHT * (1 - (low + value) / top), 3),
                    width=round(width * 0.84, 3),
                    height=round(HEIGHT * value / top, 3),
                    css=layer.css,
                    title=f"{groups.names[at]}: {shown(value)} {layer.name}",
                )
            )
        base = base + layer.values
    return rects


def _marks(groups: Buckets, values: FloatArray, top: float) -> list[Rect]:
    width = 100 / max(len(groups), 1)
    return [
        Rect(
            x=round(at * width, 3),
            y=round(HEIGHT * (1 - values[at] / top) - 0.75, 3),
            width=round(width, 3),
            height=1.5,
            css="asked",
            title=f"{groups.names[at]}: {shown(values[at])} requested",
        )
        for at in np.flatnonzero(values)
    ]


def burn_down(orders: Orders) -> TimeChart:
    """Units that are due and not delivered yet, by tier."""
    days = _days(*time_range(orders))
    backlog = _backlog_by_tier(orders, days)
    total = backlog.sum(axis=0).to_numpy() if len(backlog) else np.zeros(len(days))
    top, y_ticks = number_ticks(float(total.max(initial=0.0)))
    low, layers = np.zeros(len(days)), []
    for number, (tier, values) in enumerate(backlog.iterrows(), start=1):
        high = low + values.to_numpy()
        layers.append(Layer(str(tier), f"tier{number}", _area(low, high, top), high - low))
        low = high
    peak = int(total.argmax()) if len(total) else 0
    summary = f"Backlog of {shown(total[0])} units at first, at most {shown(total[peak])} on {days[peak]}, "
    summary += f"{shown(total[-1])} on {days[-1]}"
    rows = [
        [str(day), *(shown(layer.values[at]) for layer in layers), shown(total[at])]
        for at, day in enumerate(days)
        if at % max(len(days) // 30, 1) == 0 or at == len(days) - 1
    ]
    return TimeChart(
        "Backlog: units due and not delivered, by tier",
        summary,
        layers,
        (),
        date_ticks(days[0], days[-1] + np.timedelta64(1, "D")),
        y_ticks,
        ["day", *(layer.name for layer in layers), "all"],
        rows,
    )


def burn_down_of_both(base: Orders, other: Orders) -> TimeChart:
    """Units that are due and not delivered yet, in two plans."""
    days = _days(*time_range(base, other))
    totals = [_backlog_by_tier(plan, days).sum(axis=0).to_numpy() * 1.0 for plan in (base, other)]
    totals = [total if len(total) else np.zeros(len(days)) for total in totals]
    top, y_ticks = number_ticks(float(max(total.max(initial=0.0) for total in totals)))
    names = (f"base: {base.scenario.name}", f"other: {other.scenario.name}")
    layers = [
        Layer(name, css, _step_line(total, top), total)
        for name, css, total in zip(names, ("base", "other"), totals, strict=True)
    ]
    area = [float(total.sum()) for total in totals]
    summary = f"Backlog over time: {shown(area[0])} unit-days in the base plan, {shown(area[1])} in the other"
    rows = [
        [str(day), *(shown(total[at]) for total in totals), shown(totals[1][at] - totals[0][at])]
        for at, day in enumerate(days)
        if at % max(len(days) // 30, 1) == 0 or at == len(days) - 1
    ]
    return TimeChart(
        "Backlog: units due and not delivered",
        summary,
        layers,
        (),
        date_ticks(days[0], days[-1] + np.timedelta64(1, "D")),
        y_ticks,
        ["day", "base", "other", "change"],
        rows,
    )


def _days(first: np.datetime64, last: np.datetime64) -> Days:
    step = max(-(-int((last - first).astype(int) + 1) // POINTS), 1)
    return np.arange(first, last + np.timedelta64(1, "D"), np.timedelta64(step, "D"))


def _backlog_by_tier(orders: Orders, days: Days) -> pd.DataFrame:
    """Backlog at the end of each day: one row per tier, the best first, the last ones together."""
    promises, deliveries = orders.lines, orders.deliveries
    tier = promises["tier"].to_numpy(np.int64)
    tiers = np.unique(tier)
    names = {int(one): f"tier {one}" for one in tiers}
    if len(tiers) > TIERS_SHOWN:
        names |= {int(one): f"tier {tiers[TIERS_SHOWN - 1]} and below" for one in tiers[TIERS_SHOWN - 1 :]}
    of_line = tier[deliveries["line"].to_numpy()]
    due_day = promises["requested_date"].to_numpy().astype("datetime64[D]")
    quantity = promises["quantity"].to_numpy(np.float64)
    shipped_day = deliveries["date"].to_numpy().astype("datetime64[D]")
    shipped = deliveries["quantity"].to_numpy(np.float64)
    backlog: dict[str, FloatArray] = {}
    for one in tiers.tolist():
        due = _until(days, due_day[tier == one], quantity[tier == one])
        done = _until(days, shipped_day[of_line == one], shipped[of_line == one])
        backlog[names[one]] = backlog.get(names[one], np.zeros(len(days))) + (due - done).clip(min=0.0).round(6)
    return pd.DataFrame(backlog, index=pd.Index(days.astype(str))).T


def _until(days: Days, dates: Days, quantity: FloatArray) -> FloatArray:
    """Sum of the quantities up to each day."""
    order = np.argsort(dates, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(quantity[order])])
    return np.asarray(total[np.searchsorted(dates[order], days, side="right")])


def _points(values: FloatArray, top: float) -> list[str]:
    """Corners of a step line: each value lasts until the next date."""
    at = np.repeat(np.arange(len(values) + 1), 2)[1:-1] * 100 / len(values)
    y = HEIGHT * (1 - np.repeat(values, 2) / top)
    return [f"{x:.4g} {height:.4g}" for x, height in zip(at.tolist(), y.tolist(), strict=True)]


def _step_line(values: FloatArray, top: float) -> str:
    return "M" + "L".join(_points(values, top))


def _area(low: FloatArray, high: FloatArray, top: float) -> str:
    if not (high > low).any():
        return ""
    return "M" + "L".join([*_points(high, top), *reversed(_points(low, top))]) + "Z"
