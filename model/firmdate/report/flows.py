"""Where stock flows: the transfers of a plan as a map of locations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from firmdate.report.basis import PageBasis
from firmdate.report.rows import rows_of
from firmdate.runs.figures import shown

FLOWS_SHOWN = 40
"""So many transfers between locations are drawn, the largest first."""
WIDTH = 960.0
_NODE_WIDTH = 9.0
_ROW = 46.0
_MARGIN = 8.0
_LABEL = 160.0
_THICKEST = 42.0


@dataclass(frozen=True)
class Place:
    """A location on the map.

    Args:
        name: The location.
        x: Left of its bar.
        y: Middle of its bar.
        height: Height of its bar.
        facts: What is made, bought and delivered there.
    """

    name: str
    x: float
    y: float
    height: float
    facts: str


@dataclass(frozen=True)
class Flow:
    """Everything that moves from one location to another.

    Args:
        origin: Where it leaves.
        destination: Where it arrives.
        quantity: Units.
        moves: Number of transfers.
        items: Number of items.
        path: The curve on the map; blank where it is not drawn.
        width: Its thickness.
    """

    origin: str
    destination: str
    quantity: float
    moves: int
    items: int
    path: str
    width: float

    @property
    def title(self) -> str:
        """What it says on hovering."""
        return f"{self.origin} to {self.destination}: {shown(self.quantity)} units in {shown(self.moves)} transfers"


@dataclass(frozen=True)
class Link:
    """Units from one location to another."""

    origin: str
    destination: str
    quantity: float


@dataclass(frozen=True)
class FlowMap:
    """The map, and how many flows are left out."""

    places: Sequence[Place]
    flows: Sequence[Flow]
    height: float
    more: int


def flow_map(basis: PageBasis) -> FlowMap:
    """The map of a plan's transfers, from left to right in the direction of most flows."""
    flows_ = basis.flows.assign(**{name: basis.flows[name].astype(object) for name in ("origin", "destination")})
    totals = (
        flows_.groupby(["origin", "destination"])[["quantity", "moves", "items"]]
        .sum()
        .reset_index()
        .sort_values(["quantity", "origin", "destination"], ascending=[False, True, True])
    )
    drawn = totals.head(FLOWS_SHOWN)
    links = [Link(str(row.origin), str(row.destination), float(row.quantity)) for row in rows_of(drawn)]
    places = _positions(links, _facts(basis.places))
    ports = _ports(links, {place.name: place for place in places})
    flows = [
        Flow(link.origin, link.destination, link.quantity, int(row.moves), int(row.items), *port)
        for link, row, port in zip(links, rows_of(drawn), ports, strict=True)
    ]
    lowest = max((place.y + max(place.height / 2, _ROW / 2) for place in places), default=0.0)
    return FlowMap(places, flows, round(lowest + _MARGIN, 1), len(totals) - len(drawn))


def _ranks(links: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Column of every location: one more than the furthest location that feeds it.

    A flow that would close a circle (back to where its goods come from) is not followed.
    """
    below: dict[str, set[str]] = {}
    for origin, destination in links:  # largest first, so the main direction wins
        if origin != destination and not _reaches(below, destination, origin):
            below.setdefault(origin, set()).add(destination)
    names = sorted({name for link in links for name in link})
    rank = dict.fromkeys(names, 0)
    for _ in names:
        moved = False
        for origin in sorted(below):
            for destination in below[origin]:
                if rank[destination] <= rank[origin]:
                    rank[destination], moved = rank[origin] + 1, True
        if not moved:
            break
    return rank


def _reaches(below: dict[str, set[str]], start: str, goal: str) -> bool:
    seen, frontier = {start}, [start]
    while frontier:
        name = frontier.pop()
        if name == goal:
            return True
        fresh = below.get(name, set()) - seen
        seen |= fresh
        frontier += fresh
    return False


def _positions(links: Sequence[Link], facts: dict[str, str]) -> list[Place]:
    """Where each location stands: columns by rank, within a column near what feeds it."""
    rank = _ranks([(link.origin, link.destination) for link in links])
    columns: list[list[str]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for name in sorted(rank):
        columns[rank[name]].append(name)
    through = _through(links)
    largest = max(through.values(), default=1.0) or 1.0
    height = {name: max(_THICKEST * units / largest, 10.0) for name, units in through.items()}
    room = {name: max(height[name] + _MARGIN, _ROW) for name in rank}
    tallest = max((sum(room[name] for name in column) for column in columns), default=0.0)
    middle: dict[str, float] = {}
    for column in columns:
        column.sort(key=lambda name: (_pull(name, links, middle), name))
        space = (tallest - sum(room[name] for name in column)) / len(column)
        top = _MARGIN
        for name in column:
            middle[name] = top + (room[name] + space) / 2
            top += room[name] + space
    gap = (WIDTH - _LABEL - _NODE_WIDTH) / max(len(columns) - 1, 1)
    return [
        Place(name, round(gap * rank[name], 1), round(middle[name], 1), round(height[name], 1), facts.get(name, ""))
        for name in sorted(rank)
    ]


def _through(links: Sequence[Link]) -> dict[str, float]:
    """Units that come to or leave a location, whichever is more."""
    into: dict[str, float] = {}
    out: dict[str, float] = {}
    for link in links:
        into[link.destination] = into.get(link.destination, 0.0) + link.quantity
        out[link.origin] = out.get(link.origin, 0.0) + link.quantity
    return {name: max(into.get(name, 0.0), out.get(name, 0.0)) for name in into | out}


def _pull(name: str, links: Sequence[Link], middle: dict[str, float]) -> float:
    """Where a location would like to be: the mean of what feeds it."""
    fed = [link for link in links if link.destination == name and link.origin in middle]
    total = sum(link.quantity for link in fed)
    return sum(middle[link.origin] * link.quantity for link in fed) / total if total else 0.0


def _ports(links: Sequence[Link], at: dict[str, Place]) -> list[tuple[str, float]]:
    """Curve and thickness of every flow; at a location they stand side by side, in the order of their other ends."""
    largest = max(_through(links).values(), default=1.0) or 1.0
    width = [max(_THICKEST * link.quantity / largest, 1.2) for link in links]
    start = _stacked([link.origin for link in links], [at[link.destination].y for link in links], width, at)
    end = _stacked([link.destination for link in links], [at[link.origin].y for link in links], width, at)
    return [
        (_curve(at[link.origin], at[link.destination], start[number], end[number]), round(width[number], 1))
        for number, link in enumerate(links)
    ]


def _stacked(
    names: Sequence[str], towards: Sequence[float], width: Sequence[float], at: dict[str, Place]
) -> list[float]:
    """Middle of each flow at one of its ends."""
    total = dict.fromkeys(names, 0.0)
    for name, one in zip(names, width, strict=True):
        total[name] += one
    top = {name: at[name].y - total[name] / 2 for name in total}
    middle = [0.0] * len(names)
    for number in sorted(range(len(names)), key=lambda number: (towards[number], number)):
        middle[number] = top[names[number]] + width[number] / 2
        top[names[number]] += width[number]
    return middle


def _curve(origin: Place, destination: Place, start: float, end: float) -> str:
    x0, x1 = origin.x + _NODE_WIDTH, destination.x
    if x1 <= x0:  # back or within a column: a bow below
        low = max(start, end) + _ROW * 0.7
        return f"M{x0:g} {start:.1f}C{x0 + 40:g} {low:.1f} {x1 - 40:g} {low:.1f} {x1:g} {end:.1f}"
    bend = (x0 + x1) / 2
    return f"M{x0:g} {start:.1f}C{bend:g} {start:.1f} {bend:g} {end:.1f} {x1:g} {end:.1f}"


def _facts(places: pd.DataFrame) -> dict[str, str]:
    """What is made, bought and delivered at each location."""
    keys = [places[name].astype(object) for name in ("location", "what")]
    totals = places.groupby(keys)["quantity"].sum().unstack("what", fill_value=0)
    facts: dict[str, list[str]] = {}
    for what in ("made", "bought", "delivered"):
        if what in totals:
            for name, value in totals.loc[totals[what] > 0, what].items():
                facts.setdefault(str(name), []).append(f"{shown(value)} {what}")
    return {name: ", ".join(texts) for name, texts in facts.items()}
