"""Load against capacity, as the bars and lines of small charts; the page draws them as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from firmdate.runs.figures import shown

CHARTS_SHOWN = 24
"""So many resources or suppliers get a chart: the most overloaded first, then the fullest."""
BARS_SHOWN = 60
"""Intervals of a chart; more of them are added up in neighbouring groups."""
WIDTH, HEIGHT = 600.0, 70.0
"""Size of the drawing area, in the units of the SVG."""


@dataclass(frozen=True)
class Bar:
    """One interval of a chart: position and heights from the top of the drawing area, and the text on hovering.

    ``capacity_y`` is None where nothing limits the interval.
    """

    x: float
    width: float
    load_y: float
    load_height: float
    over_height: float
    capacity_y: float | None
    title: str


@dataclass(frozen=True)
class LoadChart:
    """Load and capacity of one resource, supplier or lane over the horizon."""

    name: str
    load: float
    capacity: float
    overload: float
    highest: float
    first: str
    last: str
    bars: tuple[Bar, ...]

    @property
    def used(self) -> float:
        """Share of the capacity that is used; zero where there is none."""
        return self.load / self.capacity if self.capacity > 0 else 0.0


def load_charts(loads: pd.DataFrame, name_columns: tuple[str, ...]) -> tuple[list[LoadChart], int]:
    """The charts of a load table, and how many further ones are not shown.

    Args:
        loads: resource_load, supplier_load or lane_load of a plan.
        name_columns: Columns that name what is loaded; blanks are left out of the name.
    """
    names = loads[name_columns[0]].astype(object)
    for column in name_columns[1:]:
        extra = loads[column].astype(object)
        names = names + (" · " + extra).where(extra != "", "")
    totals = loads.groupby(names, sort=True)[["load", "capacity", "overload"]].sum()
    used = totals["load"] / totals["capacity"].where(totals["capacity"] > 0)
    order = pd.DataFrame({"overload": -totals["overload"].round(6), "used": -used.fillna(0.0), "name": totals.index})
    shown = order.sort_values(["overload", "used", "name"]).index[:CHARTS_SHOWN]
    charts = [_chart(str(name), loads[names == name].sort_values("start")) for name in shown]
    return charts, len(totals) - len(charts)


def _chart(name: str, loads: pd.DataFrame) -> LoadChart:
    group = (np.arange(len(loads)) * min(BARS_SHOWN, len(loads))) // len(loads)
    rows = loads.groupby(group).agg(
        start=("start", "min"), end=("end", "max"), load=("load", "sum"), overload=("overload", "sum")
    )
    rows["capacity"] = loads["capacity"].groupby(group).sum(min_count=1)
    highest = float(np.nanmax(rows[["load", "capacity"]].to_numpy(), initial=0.0)) or 1.0
    begin, end = rows["start"].min(), rows["end"].max()
    left = _scaled((rows["start"] - begin).dt.days, (end - begin).days, WIDTH)
    right = _scaled((rows["end"] - begin).dt.days, (end - begin).days, WIDTH)
    load, over = (_scaled(rows[column], highest, HEIGHT) for column in ("load", "overload"))
    capacity = _scaled(rows["capacity"], highest, HEIGHT)
    bars = [
        Bar(
            x=left[at],
            width=max(right[at] - left[at] - 1.0, 0.5),
            load_y=HEIGHT - load[at],
            load_height=load[at],
            over_height=min(over[at], load[at]),
            capacity_y=None if np.isnan(capacity[at]) else HEIGHT - capacity[at],
            title=_title(row),
        )
        for at, row in enumerate(rows.itertuples())
    ]
    return LoadChart(
        name=name,
        load=float(rows["load"].sum()),
        capacity=float(rows["capacity"].sum()),
        overload=float(rows["overload"].sum()),
        highest=highest,
        first=f"{begin:%Y-%m-%d}",
        last=f"{end - pd.Timedelta(days=1):%Y-%m-%d}",
        bars=tuple(bars),
    )


def _scaled(values: pd.Series, highest: float, size: float) -> list[float]:
    return (values.astype("float64") / highest * size).round(2).tolist()


def _title(bar: Any) -> str:
    """What a bar says on hovering."""
    limit = "no limit" if np.isnan(bar.capacity) else f"capacity {shown(bar.capacity)}"
    over = f", overload {shown(bar.overload)}" if bar.overload > 0 else ""
    return f"{bar.start:%Y-%m-%d} to {bar.end - pd.Timedelta(days=1):%Y-%m-%d}: load {shown(bar.load)}, {limit}{over}"
