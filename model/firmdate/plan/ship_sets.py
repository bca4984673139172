"""What holds a late ship set back: its lines one by one, and the set without each of them.

The rest of the plan stays as it is. Only what supplies the lines of the set may change: a small program with one
binary per date, cut out of the program of the plan, is solved for each line of each late set.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csc_array, csr_array, vstack

from firmdate.errors import InfeasibleError
from firmdate.formulation.linear_program import LinearProgram
from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.network.relations import relation
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
    own = np.array([local.first_day(lines[[k]], until_latest=False) for k in range(len(lines))])
    set_day = int(promised.day[lines].max())
    without = np.empty(len(lines), dtype=np.int64)
    for k in range(len(lines)):
        others = np.delete(lines, k)
        # Lines that are there no sooner by themselves hold the set back as much.
        if len(others) and np.delete(own, k).max() >= set_day:
            without[k] = set_day
        elif len(others) == 1:
            other = int(own[1 - k])
            without[k] = other if other <= network.lines.last_day[others[0]] else NO_DAY
        else:
            without[k] = local.first_day(others) if len(others) else NO_DAY
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
        self.columns = csc_array(program.matrix)
        self.activity = program.matrix @ solution.x
        first, end = program.rows_of["backlog_balance"]
        self.kept = np.ones(program.matrix.shape[0], dtype=bool)
        self.kept[first:end] = False
        first, end = program.rows_of["ship_set"]
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

    def local(self, number: int) -> _Local:
        """The small program around one set."""
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

    def first_day(self, lines: IntArray, *, until_latest: bool = True) -> int:
        """First day on which some lines of the set can leave together; :data:`NO_DAY` when there is none."""
        network = self._network
        planned = network.lines.planned[lines]
        if not planned.all():
            return NO_DAY
        of_class = np.full(len(network.lines), -1)
        of_class[network.classes.line] = network.classes.line_class
        # A line of which nothing is asked has no class.
        classes = np.unique(of_class[lines][of_class[lines] >= 0])
        classes = classes[network.classes.quantity[classes] > 0]
        first, last = int(network.lines.first_day[lines].max()), int(network.lines.last_day[lines].min())
        last = last if until_latest else NO_DAY
        if not len(classes):  # reserved stock covers them
            calendar = network.catalog.shipping_of(network.lines.key[lines])
            first = int(network.calendars.move(calendar, np.full(len(lines), first)).max())
        days = self._common_days(classes, first, last)
        if not len(days) or not len(classes):
            return int(days[0]) if len(days) else NO_DAY
        return self._choose(classes, days)

    def _common_days(self, classes: IntArray, first: int, last: int) -> IntArray:
        """Days on which every class can be served."""
        network = self._network
        if not len(classes):
            return np.array([first]) if first <= min(last, network.horizon.days - 1) else np.empty(0, dtype=np.int64)
        of_class, day = network.deliveries.of_class[self._deliveries], network.deliveries.day[self._deliveries]
        inside = (day >= first) & (day <= last)
        common = np.unique(day[inside])
        for number in classes.tolist():
            common = np.intersect1d(common, day[inside & (of_class == number)])
        return np.asarray(common, dtype=np.int64)

    def _choose(self, classes: IntArray, days: IntArray) -> int:
        """The first day on which supply for all of the classes is there."""
        network, own = self._network, len(self._deliveries)
        of_class, day = network.deliveries.of_class[self._deliveries], network.deliveries.day[self._deliveries]
        served = np.flatnonzero(np.isin(of_class, classes) & np.isin(day, days))
        allowed: BoolArray = np.zeros(own, dtype=bool)
        allowed[served] = True
        rows = np.searchsorted(classes, of_class[served]) * len(days) + np.searchsorted(days, day[served])
        number = len(classes) * len(days)
        quantity = np.repeat(network.classes.quantity[classes], len(days))
        size = self._matrix.shape[1]
        together = csr_array((np.ones(len(served)), (rows, served)), shape=(number, size))
        chosen = csr_array((-quantity, (np.arange(number), np.tile(np.arange(len(days)), len(classes)))))
        once = csr_array((np.ones(len(days)), (np.zeros(len(days), dtype=int), np.arange(len(days)))))
        matrix = vstack(
            [
                _beside(self._matrix, csr_array((self._matrix.shape[0], len(days)))),
                _beside(together, chosen),
                _beside(csr_array((1, size)), once),
            ],
            format="csr",
        )
        dates: FloatArray = days.astype(np.float64)
        problem = Problem(
            cost=np.concatenate([np.zeros(size), dates - dates[0]]),
            lower=np.zeros(size + len(days)),
            upper=np.concatenate([np.where(allowed, self._upper[:own], 0.0), self._upper[own:], np.ones(len(days))]),
            matrix=csr_array(matrix),
            row_lower=np.concatenate([self._lower, np.zeros(number), [1.0]]),
            row_upper=np.concatenate([self._rows_upper, np.zeros(number), [1.0]]),
            integer=np.concatenate([self._integer, np.ones(len(days), dtype=bool)]),
        )
        try:
            answer = minimize(problem, SolverOptions(), "ship set")
        except InfeasibleError:
            return NO_DAY
        return int(days[int(np.argmax(answer.x[size:]))])


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
