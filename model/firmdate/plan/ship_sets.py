"""What holds a late ship set back: its lines one by one, and the set without each of them.

The rest of the plan stays as it is. Only what supplies the lines of the set may change: a small program with one
binary per date, cut out of the program of the plan, is solved for each line of each late set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy.sparse import csc_array, csr_array, vstack

from firmdate.errors import InfeasibleError
from firmdate.formulation.linear_program import LinearProgram
from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.network.relations import relation
from firmdate.plan.own_days import OwnDays
from firmdate.plan.promise import Promises
from firmdate.plan.result import RULE_TABLES
from firmdate.solver.highs import Problem, SolverOptions, minimize
from firmdate.solver.run_blocks import Solution

ROW_SLACK = 1e-6
"""Rows are kept to the solver's tolerance, which the plan as it stands may have used."""


@dataclass(frozen=True)
class SetAnalysis:
    """The lines of late ship sets, by set and rank.

    Args:
        of_set: Ship set.
        line: Demand line.
        set_day: Day on which the set leaves, :data:`NO_DAY` when it does not.
        own_day: First day on which the line alone could leave; :data:`NO_DAY` when never inside the horizon.
        day_without: Day on which the set could leave without the line.
        improvement: Days by which it would leave sooner; a set that does not leave counts as unfilled units do.
        rank: 1 for the line that constrains the set most.
    """

    of_set: IntArray
    line: IntArray
    set_day: IntArray
    own_day: IntArray
    day_without: IntArray
    improvement: IntArray
    rank: IntArray

    def __len__(self) -> int:
        return len(self.line)


def analyse_sets(network: Network, program: LinearProgram, solution: Solution, promised: Promises) -> SetAnalysis:
    """Every line of every set of which some line is not on time."""
    of_line = network.lines.ship_set
    late = np.unique(of_line[(of_line >= 0) & (promised.day > network.lines.due_day)])
    if not len(late):
        none = np.empty(0, dtype=np.int64)
        return SetAnalysis(none, none, none, none, none, none, none)
    around = _Surroundings(network, program, solution)
    members, _ = relation(len(network.ship_sets), of_line[of_line >= 0], np.flatnonzero(of_line >= 0))
    parts = [_of_set(network, around, number, members.of(number), promised) for number in late.tolist()]
    return SetAnalysis(*(np.concatenate([part[i] for part in parts]) for i in range(7)))


def _of_set(
    network: Network, around: _Surroundings, number: int, lines: IntArray, promised: Promises
) -> tuple[IntArray, ...]:
    """The columns of the analysis for one set."""
    local = around.local(number)
    own = np.array([around.own_day(line, local) for line in lines.tolist()])
    set_day = int(promised.day[lines].max())
    without = np.empty(len(lines), dtype=np.int64)
    for k in range(len(lines)):
        others = np.delete(lines, k)
        soonest = int(np.delete(own, k).max(initial=0))
        # Lines that are there no sooner by themselves hold the set back as much.
        if len(others) and soonest >= set_day:
            without[k] = set_day
        elif len(others) == 1:
            other = int(own[1 - k])
            without[k] = other if other <= network.lines.last_day[others[0]] else NO_DAY
        else:
            without[k] = local().first_day_between(others, soonest, set_day) if len(others) else NO_DAY
    last = network.horizon.unfilled_day
    improvement = np.maximum(min(set_day, last) - np.minimum(without, last), 0)
    order = np.lexsort((np.arange(len(lines)), -own, -improvement))
    rank = np.arange(len(lines)) + 1
    columns = (np.full(len(lines), number), lines, np.full(len(lines), set_day), own, without, improvement)
    return (*(column[order] for column in columns), rank)


class _Surroundings:
    """The plan around the sets: values of all columns, and what supplies which stocking point."""

    def __init__(self, network: Network, program: LinearProgram, solution: Solution) -> None:
        self.network, self.program, self.x = network, program, solution.x
        self.own_days = OwnDays(network, program, solution.x)
        self.arrival = self.own_days.arrival
        self.class_of = np.full(len(network.lines), -1)
        self.class_of[network.classes.line] = network.classes.line_class
        self._classes = np.bincount(network.classes.line, minlength=len(network.lines))
        self.columns = csc_array(program.matrix)
        self.activity = program.matrix @ solution.x
        first, end = program.rows_of["backlog_balance"]
        self.kept = np.ones(program.matrix.shape[0], dtype=bool)
        self.kept[first:end] = False
        for rule in ("set_shipment", "ship_set"):
            first, end = program.rows_of[rule]
            self.kept[first:end] = False
        activities, posts = network.activities, network.activities.posts
        size = len(network.points)
        self._suppliers, _ = relation(size, activities.point, np.arange(len(activities)))
        takes = posts.quantity < 0
        self._taken, _ = relation(len(activities), posts.activity[takes], posts.point[takes])
        self._starts, _ = relation(len(activities), network.starts.activity, np.arange(len(network.starts)))
        self._nodes, _ = relation(size, network.nodes.point, np.arange(len(network.nodes)))
        of_class = network.ship_sets.of_class[network.deliveries.of_class]
        chosen = np.flatnonzero(of_class >= 0)
        self._deliveries, _ = relation(len(network.ship_sets), of_class[chosen], chosen)

    def own_day(self, line: int, local: Callable[[], _Local]) -> int:
        """First day on which a line could leave alone."""
        of_class, lines = int(self.class_of[line]), self.network.lines
        wanting = of_class >= 0 and self._classes[line] == 1 and self.network.classes.quantity[of_class] > 0
        if not wanting or not lines.planned[line] or not self.own_days.simple(of_class):
            return local().first_day(np.array([line]), until_latest=False)
        own = self._deliveries.of(int(lines.ship_set[line]))
        return self.own_days.first_day(of_class, own, int(lines.first_day[line]))

    def local(self, number: int) -> Callable[[], _Local]:
        """The small program around one set, made when it is asked for."""
        return cache(lambda: self._local(number))

    def _local(self, number: int) -> _Local:
        deliveries = self._deliveries.of(number)
        points = self._upstream(np.unique(self.network.routes.source[self.network.deliveries.route[deliveries]]))
        starts = self._members(self._starts, self._members(self._suppliers, points))
        nodes = self._members(self._nodes, points)
        offset = self.program.data.column_offsets()
        free = np.concatenate([offset["Start"] + starts, offset["Stock"] + nodes])
        return _Local(self, deliveries, offset["Deliver"] + deliveries, free)

    def _upstream(self, points: IntArray) -> IntArray:
        reached = points
        while len(points):
            found = np.unique(self._members(self._taken, self._members(self._suppliers, points)))
            points = np.setdiff1d(found, reached)
            reached = np.union1d(reached, points)
        return reached

    @staticmethod
    def _members(link: object, rows: IntArray) -> IntArray:
        none = np.empty(0, dtype=np.int64)
        return np.concatenate([none, *(link.of(row) for row in rows.tolist())])  # type: ignore[attr-defined]


class _Local:
    """What may change around one set: its deliveries, and the starts and the stock upstream of it."""

    def __init__(self, around: _Surroundings, deliveries: IntArray, own: IntArray, free: IntArray) -> None:
        network, program = around.network, around.program
        self._network, self._deliveries = network, deliveries
        self._arrival, self._bought = around.arrival[deliveries], network.deliveries.node[deliveries] < 0
        self._class_of = around.class_of
        self._upper = np.concatenate([np.full(len(own), np.inf), program.upper[free]])
        columns = np.concatenate([own, free])
        part = csr_array(around.columns[:, columns])
        rows = np.flatnonzero((np.diff(part.indptr) > 0) & around.kept)
        self._matrix = csr_array(part[rows])
        fixed = (around.activity - part @ around.x[columns])[rows]
        lower, upper = program.row_lower[rows] - fixed, program.row_upper[rows] - fixed
        slack = ROW_SLACK * np.maximum(1.0, np.abs(around.activity[rows]))
        self._lower, self._rows_upper = lower - slack, upper + slack
        self._integer = np.concatenate([np.zeros(len(own), dtype=bool), program.integer[free]])

    def first_day_between(self, lines: IntArray, soonest: int, latest: int) -> int:
        """:meth:`first_day` of lines that cannot leave before a day, and could by another one as things are."""
        day = self.first_day(lines, within=(soonest, latest))
        return day if day != NO_DAY else self.first_day(lines)

    def first_day(self, lines: IntArray, *, until_latest: bool = True, within: tuple[int, int] = (0, NO_DAY)) -> int:
        """First day on which some lines of the set can leave together; :data:`NO_DAY` when there is none.

        Args:
            lines: The lines.
            until_latest: Whether their latest acceptable dates hold.
            within: The first and the last day that are looked at.
        """
        network = self._network
        planned = network.lines.planned[lines]
        if not planned.all():
            return NO_DAY
        of_class = self._class_of
        # A line of which nothing is asked has no class.
        classes = np.unique(of_class[lines][of_class[lines] >= 0])
        classes = classes[network.classes.quantity[classes] > 0]
        first, last = int(network.lines.first_day[lines].max()), int(network.lines.last_day[lines].min())
        last = last if until_latest else NO_DAY
        if not len(classes):  # reserved stock covers them
            calendar = network.catalog.shipping_of(network.lines.key[lines])
            first = int(network.calendars.move(calendar, np.full(len(lines), first)).max())
        days = self._common_days(classes, first, last)
        days = days[(days >= within[0]) & (days <= within[1])]
        if not len(days) or not len(classes):
            return int(days[0]) if len(days) else NO_DAY
        return self._choose(classes, days)

    def _common_days(self, classes: IntArray, first: int, last: int) -> IntArray:
        """Days on which every class can be served."""
        network = self._network
        if not len(classes):
            return np.array([first]) if first <= min(last, network.horizon.days - 1) else np.empty(0, dtype=np.int64)
        of_class, day = network.deliveries.of_class[self._deliveries], np.maximum(self._arrival, first)
        asked = np.isin(of_class, classes) & (day <= last)
        common = np.unique(day[asked])
        for number in classes.tolist():
            mine = asked & (of_class == number)
            waits = common >= np.min(day[mine & self._bought], initial=NO_DAY)
            common = common[waits | np.isin(common, day[mine & ~self._bought])]
        return np.asarray(common, dtype=np.int64)

    def _choose(self, classes: IntArray, days: IntArray) -> int:
        """The first day on which supply for all of the classes is there."""
        network, own = self._network, len(self._deliveries)
        of_class, size = network.deliveries.of_class[self._deliveries], self._matrix.shape[1]
        quantity, count = network.classes.quantity[classes], len(days)
        allowed: BoolArray = np.zeros(own, dtype=bool)
        rows = [_beside(self._matrix, csr_array((self._matrix.shape[0], count)))]
        lower, upper = [self._lower], [self._rows_upper]
        for number, units in zip(classes.tolist(), quantity.tolist(), strict=True):
            mine = np.flatnonzero(of_class == number)
            stocked = mine[~self._bought[mine] & np.isin(self._arrival[mine], days)]
            bought = mine[self._bought[mine] & (self._arrival[mine] <= days[-1])]
            allowed[stocked], allowed[bought] = True, True
            on_day = _entries(np.searchsorted(days, self._arrival[stocked]), stocked, count, size)
            first = np.searchsorted(days, self._arrival[bought])
            by_day = csr_array(np.cumsum((on_day + _entries(first, bought, count, size)).toarray(), axis=0))
            everything = csr_array(np.tril(np.ones((count, count))))
            rows += [
                _beside(on_day, csr_array(-units * np.eye(count))),
                _beside(by_day, csr_array(-units * everything)),
            ]
            nothing, endless = np.zeros(count), np.full(count, np.inf)
            lower += [-endless, nothing]
            upper += [nothing, endless]
        rows.append(_beside(csr_array((1, size)), csr_array(np.ones((1, count)))))
        dates: FloatArray = days.astype(np.float64)
        problem = Problem(
            cost=np.concatenate([np.zeros(size), dates - dates[0]]),
            lower=np.zeros(size + count),
            upper=np.concatenate([np.where(allowed, self._upper[:own], 0.0), self._upper[own:], np.ones(count)]),
            matrix=csr_array(vstack(rows, format="csr")),
            row_lower=np.concatenate([*lower, [1.0]]),
            row_upper=np.concatenate([*upper, [1.0]]),
            integer=np.concatenate([self._integer, np.ones(count, dtype=bool)]),
        )
        try:
            answer = minimize(problem, SolverOptions(), "ship set")
        except InfeasibleError:
            return NO_DAY
        return int(days[int(np.argmax(answer.x[size:]))])


def _entries(rows: IntArray, columns: IntArray, height: int, width: int) -> csr_array:
    return csr_array((np.ones(len(columns)), (rows, columns)), shape=(height, width))


def _beside(left: csr_array, right: csr_array) -> csr_array:
    from scipy.sparse import hstack

    return csr_array(hstack([left, right], format="csr"))


def set_table(network: Network, found: SetAnalysis) -> pd.DataFrame:
    """The table ``ship_sets``: every line of every late set."""
    frame, horizon, arrival = network.lines.frame, network.horizon, network.lines.arrival
    table = pd.DataFrame(
        {
            "ship_set": network.ship_sets.name[found.of_set],
            "order": frame["order"].astype(object).to_numpy()[found.line],
            "line": frame["line"].astype(object).to_numpy()[found.line],
            "rank": found.rank,
            "set_date": horizon.date_of(arrival(found.set_day, found.line)),
            "own_date": horizon.date_of(arrival(found.own_day, found.line)),
            "date_without": horizon.date_of(arrival(found.day_without, found.line)),
            "improvement_days": found.improvement,
        }
    )
    return table[list(RULE_TABLES["ship_sets"])]
