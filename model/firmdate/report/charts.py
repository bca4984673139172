"""Load against capacity, as the bars and lines of small charts; the page draws them as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.report.rows import rows_of
from firmdate.runs.figures import shown

CHARTS_SHOWN = 12
"""So many resources or suppliers get a chart: the most overloaded first, then the fullest."""
NAMES_SHOWN = 40
"""So many further ones get a row in a table."""
BARS_SHOWN = 52
"""Intervals of a chart; more of them are added up in neighbouring groups."""
UNEVEN = 1.5
"""Where the longest interval of a chart is so many times the shortest, bars stand for a day of each."""
BOTTLENECKS_SHOWN = 12
SMALLEST_PRICE = 0.005
"""Prices below would be shown as zero."""
WIDTH, HEIGHT = 600.0, 70.0
"""Size of the drawing area, in the units of the SVG."""


@dataclass(frozen=True)
class Bar:
    """One interval of a chart: position and heights from the top of the drawing area, and the text on hovering.

    ``capacity_y`` is None where nothing limits the interval; ``other_y`` is None but in comparisons, where it is the
    load of the other plan.
    """

    x: float
    width: float
    load_y: float
    load_height: float
    over_height: float
    capacity_y: float | None
    price: float
    title: str
    cells: tuple[str, ...]
    other_y: float | None = None


@dataclass(frozen=True)
class LoadChart:
    """Load and capacity of one resource, supplier or lane over the horizon; ``other`` is the load of another plan.

    ``highest`` is what the top of the chart stands for, ``per`` of what: a ``bar``, or a ``day`` of it.
    """

    name: str
    load: float
    capacity: float
    overload: float
    price: float
    highest: float
    per: str
    first: str
    last: str
    bars: tuple[Bar, ...]
    other: float = 0.0

    @property
    def used(self) -> float:
        """Share of the capacity that is used; zero where there is none."""
        return self.load / self.capacity if self.capacity > 0 else 0.0

    @property
    def compares(self) -> bool:
        """Whether the chart shows two plans."""
        return any(bar.other_y is not None for bar in self.bars)


@dataclass(frozen=True)
class Loads:
    """Charts of one kind of capacity.

    Args:
        title: Resources, suppliers or lanes.
        unit: Unit of the load.
        charts: The charts.
        others: Name, load, capacity and overload of those without a chart.
        more: How many more there are.
    """

    title: str
    unit: str
    charts: Sequence[LoadChart]
    others: Sequence[tuple[str, str, str, str]]
    more: int


def named_loads(loads: pd.DataFrame, name_columns: tuple[str, ...]) -> pd.DataFrame:
    """A load table with a column ``name``: blanks are left out of the name."""
    names = loads[name_columns[0]].astype(object)
    for column in name_columns[1:]:
        extra = loads[column].astype(object).fillna("")
        names = names + (" · " + extra).where(extra != "", "")
    return loads.assign(name=names.astype(object))


def load_charts(title: str, unit: str, loads: pd.DataFrame, name_columns: tuple[str, ...]) -> Loads:
    """The charts of a load table.

    Args:
        title: Resources, suppliers or lanes.
        unit: Unit of the load.
        loads: resource_load, supplier_load or lane_load of a plan; columns ``other_load`` and ``other_capacity``,
            where there are some, are those of another plan.
        name_columns: Columns that name what is loaded; blanks are left out of the name.
    """
    loads = named_loads(loads, name_columns)
    totals = loads.groupby("name", sort=True)[["load", "capacity", "overload"]].sum()
    used = totals["load"] / totals["capacity"].where(totals["capacity"] > 0)
    order = pd.DataFrame({"overload": -totals["overload"].round(6), "used": -used.fillna(0.0), "id": totals.index})
    if "other_load" in loads:
        order.insert(0, "change", -(loads["other_load"] - loads["load"]).abs().groupby(loads["name"]).sum().round(6))
    ranked = order.sort_values(list(order.columns)).index
    rows = dict(list(loads[loads["name"].isin(ranked[:CHARTS_SHOWN])].groupby("name")))
    charts = [_chart(str(name), rows[name].sort_values("start")) for name in ranked[:CHARTS_SHOWN]]
    listed = totals.loc[ranked[CHARTS_SHOWN : CHARTS_SHOWN + NAMES_SHOWN]]
    others = [
        (str(row.Index), shown(float(row.load)), shown(float(row.capacity)), shown(float(row.overload)))
        for row in rows_of(listed)
    ]
    return Loads(title, unit, charts, others, max(len(totals) - CHARTS_SHOWN - NAMES_SHOWN, 0))


def bottlenecks(loads: Sequence[tuple[str, pd.DataFrame, tuple[str, ...]]]) -> list[tuple[str, ...]]:
    """The intervals in which one more unit is worth most: what, from, load, capacity, price.

    Args:
        loads: Kind, load table and the columns that name what is loaded.
    """
    parts = [named_loads(frame, names).assign(kind=kind) for kind, frame, names in loads]
    every = pd.concat([part[["kind", "name", "start", "load", "capacity", "price"]] for part in parts])
    worth = every[every["price"] > SMALLEST_PRICE].sort_values(
        ["price", "kind", "name", "start"], ascending=[False, True, True, True]
    )
    return [
        (f"{row.kind} {row.name}", f"{row.start:%Y-%m-%d}", shown(row.load), shown(row.capacity), shown(row.price))
        for row in rows_of(worth.head(BOTTLENECKS_SHOWN))
    ]


def _chart(name: str, loads: pd.DataFrame) -> LoadChart:
    intervals = _intervals(loads)
    length = (intervals["end"] - intervals["start"]).astype(np.float64)
    uneven = bool(length.max() > UNEVEN * length.min())
    drawn = {name: intervals[name] / (length if uneven else 1.0) for name in ("load", "capacity", "overload", "other")}
    every = [drawn[column] for column in ("load", "capacity", "other")]
    highest = max((float(np.nanmax(values)) for values in every if not np.isnan(values).all()), default=0.0) or 1.0
    start, end = intervals["start"], intervals["end"]
    begin, last = start.min(), end.max()
    days = float(last - begin)
    left, right = ((edge - begin) / days * WIDTH for edge in (start, end))
    load, over, capacity, other = (
        (drawn[column] / highest * HEIGHT).round(2) for column in ("load", "overload", "capacity", "other")
    )
    dearest = float(np.nan_to_num(intervals["price"]).max())
    texts = [_Interval(*row) for row in zip(*(intervals[column].tolist() for column in _COLUMNS), strict=True)]
    bars = [
        Bar(
            x=round(float(left[at]), 2),
            width=round(max(float(right[at] - left[at]) - 1.0, 0.5), 2),
            load_y=round(HEIGHT - float(load[at]), 2),
            load_height=float(load[at]),
            over_height=float(min(over[at], load[at])),
            capacity_y=None if np.isnan(capacity[at]) else round(HEIGHT - float(capacity[at]), 2),
            price=round(text.price / dearest, 2) if dearest > 0 and text.price > 0 else 0.0,
            title=text.title,
            cells=text.cells,
            other_y=None if np.isnan(other[at]) or other[at] + load[at] == 0 else round(HEIGHT - float(other[at]), 2),
        )
        for at, text in enumerate(texts)
    ]
    return LoadChart(
        name=name,
        load=float(intervals["load"].sum()),
        capacity=float(np.nan_to_num(intervals["capacity"]).sum()),
        overload=float(intervals["overload"].sum()),
        price=dearest,
        highest=highest,
        per="day" if uneven else "bar",
        first=_iso(begin),
        last=_iso(last - 1),
        bars=tuple(bars),
        other=float(np.nan_to_num(intervals["other"]).sum()),
    )


def _intervals(loads: pd.DataFrame) -> dict[str, np.ndarray]:
    """The intervals of a chart as columns; where there are many, neighbours are added up."""
    count = min(BARS_SHOWN, len(loads))
    first = np.unique(-(-np.arange(count) * len(loads) // count))
    ends = np.append(first[1:], len(loads)) - 1
    days = {name: loads[name].to_numpy().astype("datetime64[D]").astype(np.int64) for name in ("start", "end")}
    figures = {name: loads[name].to_numpy(np.float64) for name in ("load", "overload", "capacity", "price")}
    for name in ("other_load", "other_capacity"):
        figures[name] = loads[name].to_numpy(np.float64) if name in loads else np.full(len(loads), np.nan)
    limited = np.add.reduceat(~np.isnan(figures["capacity"]), first)
    return {
        "start": days["start"][first],
        "end": days["end"][ends],
        "load": np.add.reduceat(figures["load"], first),
        "overload": np.add.reduceat(figures["overload"], first),
        "capacity": np.where(limited, np.add.reduceat(np.nan_to_num(figures["capacity"]), first), np.nan),
        "price": np.maximum.reduceat(figures["price"], first),
        "other": np.add.reduceat(figures["other_load"], first),
        "other_capacity": np.add.reduceat(figures["other_capacity"], first),
    }


_COLUMNS = ("start", "end", "load", "overload", "capacity", "price", "other", "other_capacity")


@dataclass(frozen=True)
class _Interval:
    """One interval, to be put in words."""

    start: int
    end: int
    load: float
    overload: float
    capacity: float
    price: float
    other: float
    other_capacity: float

    @property
    def cells(self) -> tuple[str, ...]:
        """A row of the table behind the chart."""
        other = [] if np.isnan(self.other) else [shown(self.other)]
        return (_iso(self.start), shown(self.load), *other, *map(shown, (self.capacity, self.overload, self.price)))

    @property
    def title(self) -> str:
        """What the bar says on hovering."""
        limit = "no limit" if np.isnan(self.capacity) else f"capacity {shown(self.capacity)}"
        over = f", overload {shown(self.overload)}" if self.overload > 0 else ""
        price = f", one more is worth {shown(self.price)}" if self.price > 0 else ""
        other = ""
        if not np.isnan(self.other):
            other = f" (in the other plan {shown(self.other)} of {shown(self.other_capacity)})"
        return f"{_iso(self.start)} to {_iso(self.end - 1)}: load {shown(self.load)}{other}, {limit}{over}{price}"


def _iso(day: int) -> str:
    return str(np.datetime64(int(day), "D"))
