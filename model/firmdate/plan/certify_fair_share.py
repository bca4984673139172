"""Fair share: no unit that somebody got could have gone to somebody of the same group with a smaller part.

What cannot be judged from the tables alone is not judged: lines that ship at once or keep an earlier result, what
substitutes and allocation give, and items that are coupled with whole lots or lines at once. Of what is left, a unit
could have gone elsewhere where both are served from one stocking point, or from one origin on lanes without limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from firmdate.plan.certify_basis import BLANK_DAY, Basis, BoolArray, Findings, FloatArray, IntArray, find, plain, sums
from firmdate.plan.certify_demand import Demand
from firmdate.plan.certify_priority import expected_tiers
from firmdate.plan.certify_supply import Supply

_MOST_SHARERS = 300
"""Groups of more than these are not judged; their parts are made equal in so many rounds at most."""

_NOISE = 1e-6
_SMALL = 0.01
"""Units that may be given of items that are no whole units."""


@dataclass(frozen=True)
class _Group:
    """Those who share an item, day by day.

    Args:
        keys: Line or stocking point of each sharer.
        location: Its location.
        days: Days on which something is due or delivered, ascending.
        filled: Units got up to each day, shape (days, sharers).
        due: Units that are due.
        base: What the units are measured by.
        unit: Units that could be given.
    """

    keys: IntArray
    location: IntArray
    days: IntArray
    filled: FloatArray
    due: FloatArray
    base: FloatArray
    unit: float

    def better(self, giver: int, taker: int, rows: slice) -> bool:
        """Whether the smaller part would be larger on all of these days."""
        left = (self.filled[rows, giver] - self.unit) / self.base[rows, giver]
        grown = (self.filled[rows, taker] + self.unit) / self.base[rows, taker]
        return bool((left > grown + _NOISE).all())


def check_fair_shares(found: Findings, basis: Basis, demand: Demand, supply: Supply, stock: pd.DataFrame) -> None:
    """All rules of fair share.

    Args:
        found: Findings of any table.
        basis: Ids and days.
        demand: The demand lines and what is delivered.
        supply: The written supply.
        stock: The table ``stock``.
    """
    scenario, rule = basis.scenario, basis.scenario.fair_share
    if rule is None or scenario.objective == "cost" or len(basis.data["allocations"]):
        return
    if scenario.priority_rule or scenario.strategies or scenario.selection or scenario.stability:
        return
    lines, shipped = demand.lines, demand.shipped
    by_line = rule.between == "lines"
    texts: dict[int, str] = {}
    moves = None if by_line else _Moves(basis, supply, stock)
    for rows in _groups(basis, demand):
        group = _read_group(basis, demand, rows)
        if group is None:
            continue
        for day, giver, taker in _unfair(group, by_line):
            if moves is None or moves.could_go(group, day, giver, taker):
                line = rows[(rows if by_line else lines.point[rows]) == group.keys[giver]]
                row = np.flatnonzero(np.isin(shipped.line, line) & (shipped.day == group.days[day]))[0]
                other = lines.text(int(group.keys[taker])) if by_line else basis.point_text(int(group.keys[taker]))
                texts[int(row)] = f"{_part(group, day, giver)}, while {other} has {_part(group, day, taker)}"
                break
    wrong = np.zeros(len(shipped.line), dtype=bool)
    wrong[list(texts)] = True
    found.of("deliveries", shipped.text).add(wrong, "is more than a fair share:", lambda row: texts[row])


def _part(group: _Group, day: int, who: int) -> str:
    return f"{plain(group.filled[day, who])} of {plain(group.base[day, who])}"


def _groups(basis: Basis, demand: Demand) -> Iterator[IntArray]:
    """Lines of one item, tier and priority of which every unit could be given to every other."""
    lines, rule = demand.lines, basis.scenario.fair_share
    tier, simple = expected_tiers(lines.frame, basis.scenario), _simple(basis, demand)
    priority = np.nan_to_num(lines.frame["priority"].to_numpy(np.float64), nan=np.inf)
    order = (lines.frame["kind"].astype(object) == "order").to_numpy()
    judged = order & _judged_items(basis, bool((_at_once(basis, demand)).any()))[lines.item]
    if rule is not None and rule.tiers:
        judged &= np.isin(tier, rule.tiers)
    rows = np.flatnonzero(judged)
    _, group = np.unique(np.column_stack([lines.item, tier, priority])[rows], axis=0, return_inverse=True)
    group = np.asarray(group).reshape(-1)
    wrong = sums(group, (~simple[rows]).astype(np.float64), int(group.max(initial=-1)) + 1) > 0
    rows = rows[np.argsort(group, kind="stable")]
    group = np.sort(group)
    ends = np.flatnonzero(np.diff(group, append=-1)) + 1
    for start, end in pairwise([0, *ends.tolist()]):
        if end - start > 1 and not wrong[group[start]]:
            yield rows[start:end]


def _at_once(basis: Basis, demand: Demand) -> BoolArray:
    """Lines that may not ship in any quantity on any day."""
    frame = demand.lines.frame
    free = frame["partial"].to_numpy(dtype=bool) & frame["minimum_shipment"].isna().to_numpy()
    free &= frame["maximum_deliveries"].isna().to_numpy() & frame["ship_set"].isna().to_numpy()
    stated = frame["split_unfinished"]
    free &= np.where(stated.isna(), basis.scenario.split_unfinished, stated.isin([True])).astype(bool)
    return np.asarray(~free)


def _simple(basis: Basis, demand: Demand) -> BoolArray:
    """Lines that ship in any quantity at once, keep nothing, and have no stock of their own."""
    frame = demand.lines.frame
    simple = ~_at_once(basis, demand) & ~frame["locked"].to_numpy(dtype=bool) & (demand.lines.way == 0)
    simple &= (frame["ship_from"].astype(object) != "any").to_numpy()
    for name in ("latest_acceptable_date", "scheduled_date", "strategy"):
        simple &= frame[name].isna().to_numpy()
    simple[find(demand.ids.keys(basis.data["reservations"]), demand.lines.key)] = False
    return np.asarray(simple)


def _judged_items(basis: Basis, coupled: bool) -> BoolArray:
    """Items without substitutes and lots, and where whole lots or lines are about, those that nothing couples."""
    data, judged = basis.data, np.append(np.ones(len(basis.items), dtype=bool), False)
    bills, uses = data["bills_of_materials"], data["operation_resources"]
    # Makes in fractions of components are rounded after the shares.
    excluded = [data["substitutions"]["item"], data["substitutions"]["substitute"], bills["item"], bills["component"]]
    for name in ("supplier_items", "lanes", "operations"):
        table = data[name]
        lots = table[["minimum", "maximum", "multiple", "pack_sizes"]].notna().any(axis=1).to_numpy()
        excluded.append(table["item"][lots])
        coupled |= bool(lots.any())
        if (lots & table["item"].isna().to_numpy()).any():
            judged[:] = False
    if coupled:
        lanes = data["lanes"]
        limited = lanes["capacity_per_day"].notna().to_numpy()
        excluded += [uses["item"], lanes["item"][limited]]
        excluded += [data["supplier_items"]["item"]] if len(data["supplier_capacity"]) else []
        if (limited & lanes["item"].isna().to_numpy()).any():
            judged[:] = False
    for column in excluded:
        judged[basis.items.codes(column.astype(object))] = False
    return judged


def _read_group(basis: Basis, demand: Demand, rows: IntArray) -> _Group | None:
    """What a group got and wanted; None where it does not share or is too large to judge."""
    lines, shipped, rule = demand.lines, demand.shipped, basis.scenario.fair_share
    if rule is None:
        return None
    due_day = basis.calendars.move(basis.shipping[lines.location[rows]], lines.first[rows])
    rows, due_day = rows[due_day < basis.days], due_day[due_day < basis.days]
    own = rows if rule.between == "lines" else lines.point[rows]
    keys, first, sharer = np.unique(own, return_index=True, return_inverse=True)
    if not 1 < len(keys) <= _MOST_SHARERS:
        return None
    delivery = np.flatnonzero(np.isin(shipped.line, rows) & basis.inside(shipped.day) & np.isfinite(shipped.quantity))
    of_delivery = sharer[find(shipped.line[delivery], rows)]
    days = np.unique(np.concatenate([due_day, shipped.day[delivery]]))
    filled, due = np.zeros((len(days), len(keys))), np.zeros((len(days), len(keys)))
    np.add.at(filled, (np.searchsorted(days, shipped.day[delivery]), of_delivery), shipped.quantity[delivery])
    np.add.at(due, (np.searchsorted(days, due_day), sharer), lines.quantity[rows])
    filled, due = np.cumsum(filled, axis=0), np.cumsum(due, axis=0)
    base = np.where(due > 0, due, np.nan)
    if rule.rule == "even":
        base = np.ones_like(due)
    elif rule.rule != "proportional":
        base = np.broadcast_to(_whole_bases(basis, lines.point[rows[first]], due[-1]), due.shape)
    unit = 1.0 if basis.whole_items[lines.item[rows[0]]] else _SMALL
    return _Group(keys, lines.location[rows[first]], days, filled, due, base, unit)


def _whole_bases(basis: Basis, point: IntArray, total: FloatArray) -> FloatArray:
    """All demand; or the target, where there is one and the rule is about it."""
    rule, table = basis.scenario.fair_share, basis.data["stocking_points"]
    if rule is None or rule.rule != "target":
        return total
    target = np.nan_to_num(np.append(table["share_target"].to_numpy(np.float64), 0.0)[find(point, basis.points(table))])
    return np.where(target > 0, target, total)


def _unfair(group: _Group, by_line: bool) -> Iterator[tuple[int, int, int]]:
    """Day, who got too much on it and who too little: exchanging a unit would make the smaller part larger.

    Between lines of a location the unit is given back when the other gets his next; between locations never.
    """
    got = np.diff(group.filled, axis=0, prepend=0.0)
    wanting = group.due - group.filled >= group.unit - _NOISE
    with np.errstate(invalid="ignore"):
        grown = np.where(wanting, (group.filled + group.unit) / group.base, np.inf)
        left = np.where(got > _NOISE, (group.filled - group.unit) / group.base, -np.inf)
    for day in np.flatnonzero(left.max(axis=1) > grown.min(axis=1) + _NOISE).tolist():
        for giver in np.argsort(-left[day], kind="stable").tolist():
            for taker in np.argsort(grown[day], kind="stable").tolist():
                if grown[day, taker] >= left[day, giver] - _NOISE:
                    break
                later = np.flatnonzero(got[day + 1 :, taker] >= group.unit - _NOISE)
                if by_line and group.location[giver] == group.location[taker]:
                    end = day + 1 + int(later[0]) if len(later) else len(group.days)
                elif not by_line and wanting[-1, taker]:
                    end = len(group.days)
                else:
                    continue
                if group.better(giver, taker, slice(day, end)):
                    yield day, giver, taker


class _Moves:
    """Transfers that could have gone to another location."""

    def __init__(self, basis: Basis, supply: Supply, stock: pd.DataFrame) -> None:
        self._basis, self._supply = basis, supply
        moves = supply.moves
        usable = supply.new_moves & (moves.lane >= 0) & (moves.arrival < BLANK_DAY) & basis.inside(moves.ship)
        usable &= np.isnan(np.append(supply.ways.lanes.capacity, np.nan)[moves.lane])
        self._rows = np.flatnonzero(usable)
        self._into = basis.point(moves.item, moves.destination)[self._rows]
        self._stock = (basis.points(stock), basis.day(stock["date"]), stock["quantity"].to_numpy(np.float64))
        table = basis.data["stocking_points"]
        odd = (table["search"] != "supply_chain") | (table["coverage"] != "requirement")
        odd |= table["infinite_fence_days"].notna()
        self._odd = basis.points(table)[odd.to_numpy(dtype=bool)]

    def could_go(self, group: _Group, day: int, giver: int, taker: int) -> bool:
        """Whether a unit that came to one location for a day could have come to another."""
        basis, moves = self._basis, self._supply.moves
        point, place, when = int(group.keys[giver]), int(group.location[taker]), int(group.days[day])
        if basis.scenario.mode != "constrained" or int(group.keys[taker]) in self._odd:
            return False
        if not basis.calendars.works(basis.shipping[[place]], np.array([when]))[0]:
            return False
        rows = self._rows[self._into == point]
        rows = rows[(moves.arrival[rows] <= when) & (moves.quantity[rows] >= group.unit - _NOISE)]
        return any(
            self._arrives(int(row), place) <= when
            and self._left(point, int(moves.arrival[row]), when) >= group.unit - _NOISE
            for row in rows
        )

    def _arrives(self, row: int, place: int) -> int:
        """Day on which a transfer would arrive at another location."""
        basis, moves, lanes = self._basis, self._supply.moves, self._supply.ways.lanes
        if moves.origin[row] == place:
            return int(moves.ship[row])
        lane = int(lanes.row(moves.item[[row]], moves.origin[[row]], np.array([place]), moves.mode[[row]])[0])
        ship = int(moves.ship[row])
        if lane < 0 or not np.isnan(lanes.capacity[lane]) or not lanes.first_day[lane] <= ship <= lanes.last_day[lane]:
            return BLANK_DAY
        return int(basis.calendars.move(basis.receiving[[place]], np.array([ship + lanes.lead_time[lane]]))[0])

    def _left(self, point: int, start: int, end: int) -> float:
        """Least stock of a stocking point from a day to the day before another."""
        points, day, quantity = self._stock
        mine = np.flatnonzero((points == point) & (day < end))
        inside = mine[day[mine] > start]
        at_start = mine[day[mine] <= start]
        least = float(quantity[inside].min(initial=np.inf))
        if start < end:  # nothing is said of a stocking point before it has stock
            least = min(least, float(quantity[at_start[np.argmax(day[at_start])]]) if len(at_start) else 0.0)
        return least
