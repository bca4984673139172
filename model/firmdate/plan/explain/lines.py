"""What holds each order line back: rules of the line itself, the chain of its last delivery, or a lack of supply."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.network.relations import distinct_rows
from firmdate.plan.executed import Executed, stock_changes
from firmdate.plan.explain.alternatives import Alternatives, alternatives, with_capacity_first
from firmdate.plan.explain.chains import Chains, Steps, Tracer
from firmdate.plan.explain.factors import FactorKind, FactorList, Factors
from firmdate.plan.explain.free_stock import FreeStock
from firmdate.plan.explain.lead_times import earliest_days
from firmdate.plan.explain.room import Room
from firmdate.plan.explain.rules import rule_of_items, with_cost_first
from firmdate.plan.explain.shortage import Shortages, Way
from firmdate.plan.explain.start_days import StartDays
from firmdate.plan.explain.supplies import Supplies, all_supplies, tight_inputs
from firmdate.plan.promise import Promises, ScheduleLines
from firmdate.plan.ship_sets import SetAnalysis
from firmdate.plan.whole_units import NOISE


@dataclass(frozen=True)
class Explained:
    """Why lines are late.

    Args:
        factors: Distinct gating factors.
        chains: Distinct chains.
        line_chain: Per demand line: its chain, -1 for lines on time.
        last_units: Per demand line: units of the last delivery, or those that are never delivered.
        alternatives: Other capacities that would help chains.
        supplies: All that arrives at stocking points.
        soonest: Per demand line: first day that lead times alone allow, :data:`NO_DAY` where nothing supplies it.
    """

    factors: Factors
    chains: Chains
    line_chain: IntArray
    last_units: FloatArray
    alternatives: Alternatives
    supplies: Supplies
    soonest: IntArray


def explain_lines(
    network: Network,
    executed: Executed,
    shipped: ScheduleLines,
    promised: Promises,
    room: Room,
    sets: SetAnalysis | None = None,
) -> Explained:
    """The chain of every line that is not on time."""
    factors = FactorList()
    supplies = all_supplies(network, executed)
    finder = _Finder(network, shipped, promised, factors)
    late = finder.apply_rules(sets)
    missing = promised.day[late] == NO_DAY
    start_days = StartDays(network)
    key, change = stock_changes(network, executed, shipped)
    free = FreeStock(network.horizon.days, *_by_point(network, key, change))
    shortages = Shortages(network, executed, supplies, room, start_days, free)
    traced = finder.roots(finder.hold_shares(late[~missing], shortages), supplies)
    inputs = tight_inputs(network, executed, supplies, room, start_days)
    roots, at = np.unique(traced, return_inverse=True)
    tracer = Tracer(network, executed, supplies, inputs, room, factors)
    lost = finder.lost(supplies.point[roots], supplies.day[roots])
    chains = tracer.trace(roots, lost)
    line_chain = finder.chain
    line_chain[finder.traced] = np.asarray(at).reshape(-1)
    more = finder.missing_chains(late[missing], shortages)
    others = _single_chains(more, factors, len(chains))
    line_chain[finder.ruled] += len(chains)
    every = _joined(chains, others)
    tier = np.full(len(every), NO_DAY)
    np.minimum.at(tier, line_chain[late], network.lines.level[late])
    waited = _waited_for(every, more, len(chains), factors)
    other_ways = alternatives(network, every.steps, every.also, waited, tier, room, factors)
    found = factors.finish()
    every, other_ways = with_capacity_first(every, other_ways, found.kind[every.main] == FactorKind.LEAD_TIME)
    every = with_cost_first(network, every, factors, shortages)
    point = network.points.find(network.lines.key)
    soonest = np.maximum(np.append(earliest_days(network), NO_DAY)[point], network.lines.first_day)
    soonest = network.calendars.move(np.append(network.points.calendars.shipping, 0)[point], soonest)
    return Explained(factors.finish(), every, line_chain, finder.last_units, other_ways, supplies, soonest)


def _last_first_day(network: Network) -> IntArray:
    """Per line: the first day on which the last of its parts may be delivered."""
    allowed = network.lines.first_day.copy()
    np.maximum.at(allowed, network.lines.parts.line, network.lines.parts.first_day)
    return allowed


def _by_point(network: Network, key: IntArray, change: FloatArray) -> tuple[IntArray, FloatArray]:
    """Changes of stock by stocking point × day instead of stocking point key × day."""
    days = network.horizon.days
    point = network.points.find(key // days)
    known = point >= 0
    return point[known] * days + key[known] % days, change[known]


class _Finder:
    """Sorts late lines by what their explanation begins with."""

    def __init__(self, network: Network, shipped: ScheduleLines, promised: Promises, factors: FactorList) -> None:
        self._network, self._promised, self._factors = network, promised, factors
        lines = network.lines
        self.chain = np.full(len(lines), -1)
        self.last = np.full(len(lines), -1)
        np.maximum.at(self.last, shipped.line, shipped.day)
        final = shipped.day == self.last[shipped.line]
        self.last_units = np.where(promised.day == NO_DAY, lines.quantity - promised.quantity, 0.0)
        dated = final & (promised.day[shipped.line] != NO_DAY)
        self.last_units[shipped.line[dated]] = shipped.quantity[dated]
        self._point = network.points.find(lines.served_key)
        self._item_rule = rule_of_items(network)
        working = network.calendars.next_working == np.arange(network.horizon.days)
        self._working_before = np.maximum.accumulate(np.where(working, np.arange(network.horizon.days), -1), axis=1)
        self.traced = np.empty(0, dtype=np.int64)
        self.ruled = np.empty(0, dtype=np.int64)
        self._ways: list[tuple[Way, int]] = []

    def _rule(self, rows: IntArray, kind: FactorKind, day: IntArray) -> None:
        """One rule holds some lines back."""
        if not len(rows):
            return
        ref = np.where(self._point[rows] >= 0, self._point[rows], 0)
        factor = self._factors.add_many(np.full(len(rows), int(kind)), ref, day, day)
        self._add(rows, factor)

    def _add(self, rows: IntArray, factor: IntArray) -> None:
        distinct, at = np.unique(factor, return_inverse=True)
        self.chain[rows] = len(self._ways) + np.asarray(at).reshape(-1)
        self._ways += [(Way((), (), 0), int(own)) for own in distinct]
        self.ruled = np.concatenate([self.ruled, rows])

    def _wait_for_sets(self, sets: SetAnalysis) -> IntArray:
        """Lines that could leave sooner than their ship set wait for the line that constrains it most."""
        first = sets.line[sets.rank == 1]
        most = np.zeros(len(self._network.ship_sets), dtype=np.int64)
        most[sets.of_set[sets.rank == 1]] = first
        waits = np.flatnonzero((sets.rank > 1) & (sets.own_day < sets.set_day))
        rows = sets.line[waits]
        day = self._network.lines.arrival(sets.set_day[waits], rows)
        point = np.maximum(self._point[most[sets.of_set[waits]]], 0)
        self._add(rows, self._factors.add_many(np.full(len(rows), int(FactorKind.SHIP_SET)), point, day, day))
        return np.asarray(rows)

    def apply_rules(self, sets: SetAnalysis | None) -> IntArray:
        """Rules of the line itself and of its ship set; gives the other lines that are not on time."""
        lines, day = self._network.lines, self._promised.day
        late = np.flatnonzero(day > lines.due_day)
        if sets is not None and len(sets):
            late = np.setdiff1d(late, self._wait_for_sets(sets))
        late = np.setdiff1d(late, self._hold_results(late))
        calendar = np.append(self._network.points.calendars.shipping, 0)[self._point]
        self._first = self._network.calendars.move(calendar, lines.first_day)
        outside = (self._first[late] == NO_DAY) & (self.last[late] < 0)
        after = outside & (lines.first_day[late] >= self._network.horizon.days)
        for kind, rows in ((FactorKind.HORIZON, late[after]), (FactorKind.CALENDAR, late[outside & ~after])):
            self._rule(rows, kind, np.full(len(rows), NO_DAY))
        late = late[~outside]
        late = np.setdiff1d(late, self._far_customers(late))
        # Nothing can be delivered before the first day that is allowed and on which the location works.
        before = self._day_before(late)
        allowed = _last_first_day(self._network)
        first = (day[late] != NO_DAY) & (before < allowed[late])
        rows, late = late[first], late[~first]
        on = self.last[rows]
        closed = on > allowed[rows]
        past = ~closed & (lines.due_day[rows] < 0) & (on == 0)
        self._rule(rows[closed], FactorKind.CALENDAR, on[closed])
        rest, arrival = ~closed & ~past, lines.arrival(on, rows)
        # Who asked in time may only be too far away.
        far = past & (lines.arrival(lines.due_day[rows], rows) >= 0)
        self._rule(rows[past & ~far], FactorKind.PAST_REQUEST, arrival[past & ~far])
        self._rule(rows[far], FactorKind.DELIVERY, arrival[far])
        kinds = self._date_rules(rows)
        for kind in np.unique(kinds[rest]).tolist():
            chosen = rest & (kinds == kind)
            self._rule(rows[chosen], FactorKind(kind), arrival[chosen])
        return np.asarray(late)

    def _far_customers(self, late: IntArray) -> IntArray:
        """Lines whose latest acceptable date is over before anything could arrive."""
        lines = self._network.lines
        far = (lines.last_day[late] < 0) & (lines.arrival(lines.last_day[late], late) >= 0) & (self.last[late] < 0)
        self._rule(late[far], FactorKind.DELIVERY, lines.transit[late[far]])
        return np.asarray(late[far])

    def _date_rules(self, rows: IntArray) -> IntArray:
        """Which rule says that some lines may not be delivered earlier."""
        lines, strategy = self._network.lines, self._network.rules.strategy[rows]
        pulled = ~lines.waits[rows] & (lines.first_day[rows] > np.maximum(lines.due_day[rows], 0))
        cases = [np.isin(strategy, ("keep", "skip")), strategy == "fill", pulled]
        kinds = [int(kind) for kind in (FactorKind.KEPT_RESULT, FactorKind.FILL, FactorKind.SCHEDULED_DATE)]
        return np.asarray(np.select(cases, kinds, int(FactorKind.EARLIEST_DATE)), dtype=np.int64)

    def _hold_results(self, late: IntArray) -> IntArray:
        """Lines that are not complete because no more is asked for: all that they may have is delivered."""
        network, promised = self._network, self._promised
        if network.rules.requests is None:
            return late[:0]
        parts, lines = network.lines.parts, network.lines
        asked = np.bincount(parts.line, weights=parts.quantity, minlength=len(lines)) + lines.reserved
        held = lines.planned & (asked < lines.quantity - NOISE) & (promised.quantity >= asked - NOISE)
        rows = late[held[late] & (promised.day[late] == NO_DAY)]
        kinds = np.where(network.rules.strategy[rows] == "lose", int(FactorKind.LOSE), self._date_rules(rows))
        for kind in np.unique(kinds).tolist():
            chosen = rows[kinds == kind]
            self._rule(chosen, FactorKind(kind), np.full(len(chosen), NO_DAY))
        return np.asarray(rows)

    def hold_shares(self, rows: IntArray, shortages: Shortages) -> IntArray:
        """Rules of sharing, for lines that could have supply sooner and may not; gives the other lines."""
        rule = np.append(self._item_rule, -1)[self._network.catalog.item_of(self._network.lines.key[rows])]
        shared = np.flatnonzero(np.isin(rule, (FactorKind.ALLOCATION, FactorKind.FAIR_SHARE)))
        if not len(shared):
            return rows
        keys = np.column_stack([self._point[rows[shared]], self._day_before(rows[shared])])
        distinct, at = distinct_rows(keys)
        held: BoolArray = np.asarray((distinct >= 0).all(axis=1))
        held[held] = shortages.is_free(*distinct[held].T)
        chosen = shared[held[at]]
        for kind in np.unique(rule[chosen]).tolist():
            own = rows[chosen[rule[chosen] == kind]]
            self._rule(own, FactorKind(kind), self.last[own])
        return np.asarray(np.delete(rows, chosen))

    def _day_before(self, rows: IntArray) -> IntArray:
        """The working day before the last delivery of some lines; -1 where there is none."""
        calendar = np.append(self._network.points.calendars.shipping, 0)[self._point[rows]]
        last = self.last[rows]
        before = self._working_before[calendar, np.maximum(last - 1, 0)]
        return np.asarray(np.where(last > 0, before, -1))

    def lost(self, point: IntArray, day: IntArray) -> IntArray:
        """Factors of lines for which nothing is found but that others were served."""
        kind = FactorKind.COST if self._network.money else FactorKind.COMPETITION
        return self._factors.add_many(np.full(len(point), int(kind)), point, day, day)

    def roots(self, rows: IntArray, supplies: Supplies) -> IntArray:
        """The supply that the last delivery of each line waited for; other lines waited for nothing."""
        point, last = self._point[rows], self.last[rows]
        supply = supplies.latest(point, last)
        waited = (supply >= 0) & (np.append(supplies.day, -1)[supply] > self._day_before(rows))
        self._add(rows[~waited], self.lost(point[~waited], last[~waited]))
        self.traced = rows[waited]
        return np.asarray(supply[waited])

    def missing_chains(self, rows: IntArray, shortages: Shortages) -> list[tuple[Way, int]]:
        """Chains of lines that are not completed, and all chains of rules before them."""
        network, lines = self._network, self._network.lines
        end = network.horizon.days - 1
        calendar = np.append(network.points.calendars.shipping, 0)[self._point[rows]]
        limit = self._working_before[calendar, np.clip(lines.last_day[rows], 0, end)]
        # A line that may not be delivered any more is told from those that lack supply.
        limit = np.where((lines.last_day[rows] < 0) | (limit < self._first[rows]), -1, limit)
        keys, at = distinct_rows(np.column_stack([self._point[rows], limit]))
        dear = self._too_dear(rows, at, keys, shortages)
        last = np.where(lines.last_day[rows] < NO_DAY, lines.arrival(lines.last_day[rows], rows), NO_DAY)
        keys, at = distinct_rows(np.column_stack([self._point[rows], limit, dear, last]))
        first = len(self._ways)
        self._ways += [
            self._left_open(point, day, shortages) if dear else self._missing(point, day, last_date, shortages)
            for point, day, dear, last_date in keys.tolist()
        ]
        self.chain[rows] = first + at
        self.ruled = np.concatenate([self.ruled, rows])
        return self._ways

    def _too_dear(self, rows: IntArray, at: IntArray, keys: IntArray, shortages: Shortages) -> BoolArray:
        """Lines whose penalty is not worth what a further unit would cost, also where nothing were full."""
        network = self._network
        if not network.money:
            return np.zeros(len(rows), dtype=bool)
        ways = [shortages.way(point, day) if day >= 0 else None for point, day in keys.tolist()]
        cost = np.array([way.cost if way else -1.0 for way in ways])[at]
        ready = np.array([way.ready if way else 0 for way in ways], dtype=np.int64)[at]
        penalty = network.lines.frame["penalty_per_day"].to_numpy(np.float64)[rows]
        saved = penalty * (network.horizon.unfilled_day - np.maximum(ready, network.lines.due_day[rows]))
        return np.asarray((cost > 0) & (cost >= saved - NOISE))

    def _left_open(self, point: int, day: int, shortages: Shortages) -> tuple[Way, int]:
        """The way that costs more than lines that are left open."""
        way = shortages.way(point, day)
        return Way((), way.steps, way.ready), self._factors.add(FactorKind.COST, point)

    def _missing(self, point: int, day: int, last_date: int, shortages: Shortages) -> tuple[Way, int]:
        """What lines lack that want a further unit at a point until a working day, and the gating factor."""
        calendar = int(self._network.points.calendars.shipping[point])
        end = int(self._working_before[calendar, self._network.horizon.days - 1])
        later = shortages.way(point, end)
        if self._network.money and day >= 0 and not shortages.way(point, day).blocked:
            return self._left_open(point, day, shortages)
        if day < 0 or (day < end and not later.blocked):
            in_time = shortages.way(point, day) if day >= 0 else later
            later = replace(later, steps=in_time.steps, instead=in_time.blocked)
            return later, self._factors.add(FactorKind.LATEST_ACCEPTABLE_DATE, point, last_date, last_date)
        way = shortages.way(point, day)
        if not way.blocked:
            rule = int(self._item_rule[self._network.catalog.item_of(self._network.points.keys[[point]])[0]])
            return way, self._factors.add(FactorKind(rule) if rule >= 0 else FactorKind.COMPETITION, point)
        main = way.blocked[0]
        return way, self._factors.add(main.kind, main.ref, main.day, main.end)


def _single_chains(ways: list[tuple[Way, int]], factors: FactorList, first: int) -> Chains:
    """Chains of rules and of missing supply."""
    main = np.array([factor for _, factor in ways], dtype=np.int64)
    per_unit = np.ones(len(ways))
    pairs: list[tuple[int, int]] = []
    steps: list[tuple[int, int, int, int]] = []
    for number, (way, factor) in enumerate(ways):
        pairs.append((number, factor))
        for blocked in way.blocked:
            own = factors.add(blocked.kind, blocked.ref, blocked.day, blocked.end)
            if own == factor:
                per_unit[number] = blocked.per_unit
            elif (number, own) not in pairs[-len(way.blocked) :]:
                pairs.append((number, own))
        steps += [(first + number, *step) for step in way.steps if step[0] >= 0]
    also = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    step = np.array(steps, dtype=np.int64).reshape(-1, 4)
    none = np.full(len(step), -1)
    never = np.full(len(step), NO_DAY)
    return Chains(
        main=main,
        per_unit=per_unit,
        gain_days=np.zeros(len(ways), dtype=np.int64),
        also=(also[:, 0], also[:, 1]),
        steps=Steps(step[:, 0], step[:, 1], none, none, step[:, 2], never, never, np.ones(len(step)), step[:, 3] + 1),
    )


def _waited_for(
    chains: Chains, ways: list[tuple[Way, int]], first: int, factors: FactorList
) -> tuple[IntArray, IntArray]:
    """Pairs of chain and capacity interval: what chains wait for, or could do with instead."""
    known, (chain, factor) = factors.finish(), chains.also
    limited = known.kind[factor] == FactorKind.CAPACITY
    instead = [
        (first + number, blocked.ref)
        for number, (way, _) in enumerate(ways)
        for blocked in way.instead
        if blocked.kind == FactorKind.CAPACITY
    ]
    own = np.array(instead, dtype=np.int64).reshape(-1, 2)
    return np.concatenate([chain[limited], own[:, 0]]), np.concatenate([known.ref[factor[limited]], own[:, 1]])


def _joined(traced: Chains, others: Chains) -> Chains:
    """Both kinds of chains; the steps of the others are numbered already."""
    one, two = traced.steps, others.steps
    return Chains(
        main=np.concatenate([traced.main, others.main]),
        per_unit=np.concatenate([traced.per_unit, others.per_unit]),
        gain_days=np.concatenate([traced.gain_days, others.gain_days]),
        also=(
            np.concatenate([traced.also[0], others.also[0] + len(traced)]),
            np.concatenate([traced.also[1], others.also[1]]),
        ),
        steps=Steps(
            chain=np.concatenate([one.chain, two.chain]),
            activity=np.concatenate([one.activity, two.activity]),
            receipt=np.concatenate([one.receipt, two.receipt]),
            planned=np.concatenate([one.planned, two.planned]),
            point=np.concatenate([one.point, two.point]),
            start=np.concatenate([one.start, two.start]),
            day=np.concatenate([one.day, two.day]),
            per_unit=np.concatenate([one.per_unit, two.per_unit]),
            before=np.concatenate([one.before, two.before]),
        ),
    )
