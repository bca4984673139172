"""The dates of ship sets: a search over linear programs that differ in the dates which are open.

Each set leaves early or late: a set that the linear optimum lets leave by parts on several dates is tried with the
dates up to one of them, and with those after it. What is worse than the best plan is given up, so the search ends with
the optimum. The relaxed optimum is near it, since no stock is taken for a set but on a date that it chooses.

What is as good as the best is kept as a list of faces, the optimal solutions of the linear programs that hold it. The
next level searches each of them; no row has to keep the optimum, which fractions of dates would only soften.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.solver.block import WHOLE_TOLERANCE
from firmdate.solver.highs import Answer, Bounded, Problem, SolverFailureError, SolverOptions, TimeLimitError
from firmdate.solver.level_part import LevelPart, level_part, on_optimal_face

EQUAL = 1e-7
"""Relative difference of values that are the same."""

PROGRAMS = 400
"""After so many linear programs of a level the search is given up."""

MOST_FACES = 12
"""More faces than this would cost more in the levels that follow than they save."""


@dataclass(frozen=True)
class Found:
    """The optimum of a level.

    Args:
        faces: Problems of whose optimal solutions some is a best plan; together they have all best plans.
        answer: A best plan, with the duals of its linear program.
        home: Position of the face that has it.
        programs: How many linear programs were solved.
    """

    faces: tuple[Problem, ...]
    answer: Answer
    home: int
    programs: int


def search(
    faces: Sequence[Problem], cost: FloatArray, later: BoolArray, set_of: IntArray, options: SolverOptions
) -> Found | None:
    """Minimize a level over problems whose only integers are dates of ship sets.

    Args:
        faces: The problems; they differ in bounds only.
        cost: Costs of the level.
        later: Columns that it need not know.
        set_of: Set of each column that is a date, by date; -1 for all others.
        options: Limits.

    Returns:
        None where the search was given up.

    Raises:
        TimeLimitError: The time limit was hit.
    """
    best = _Best()
    try:
        for face in faces:
            _Tree(level_part(face, cost, later, integers=True), set_of, options, best).grow()
    except SolverFailureError:
        return None
    except TimeLimitError as error:
        x = None if best.end is None else best.end.answer().x
        raise TimeLimitError(str(error), -np.inf, x) from None
    if best.end is None or best.programs > PROGRAMS:
        return None
    tops: list[_Node] = []
    for node in best.ends:
        top = node.top(best.value)
        if top.value <= best.limit and not any(other is top for other in tops):
            tops.append(top)
    home = next(i for i, top in enumerate(tops) if top is best.end.top(best.value))
    if len(tops) > MOST_FACES:
        return None
    answer = replace(best.end.answer(), iterations=best.iterations)
    return Found(tuple(top.face() for top in tops), answer, home, best.programs)


def _noise(value: float) -> float:
    """Values that differ from one by less are the same."""
    return EQUAL * max(1.0, abs(value))


@dataclass
class _Best:
    """The best plan so far, the ends of branches that are as good, and what it took."""

    value: float = np.inf
    end: _Node | None = None
    ends: list[_Node] = field(default_factory=list)
    programs: int = 0
    iterations: int = 0

    @property
    def limit(self) -> float:
        """Values up to this are as good."""
        return self.value + _noise(self.value) if np.isfinite(self.value) else np.inf

    def accept(self, node: _Node) -> None:
        """Note a plan that is better."""
        self.value, self.end = node.value, node
        self.ends = [end for end in self.ends if end.value <= self.limit]
        self.ends.append(node)


@dataclass(frozen=True)
class _Node:
    """A linear program with some dates closed, and its optimum."""

    part: LevelPart
    lower: FloatArray
    upper: FloatArray
    value: float
    solution: Answer
    basis: Any
    parent: _Node | None
    depth: int

    def top(self, value: float) -> _Node:
        """The largest program on the way here whose optimum is as good already: its face has all of them."""
        node = self
        while node.parent is not None and node.parent.value >= value - _noise(value):
            node = node.parent
        return node

    def answer(self) -> Answer:
        """The optimum for the whole problem."""
        return self.part.full(self.solution.x, self.solution.dual, self.solution.iterations)

    def face(self) -> Problem:
        """The optimal solutions."""
        whole, kept = self.part.whole, self.part.kept
        lower, upper = whole.lower.copy(), whole.upper.copy()
        lower[kept], upper[kept] = self.lower, self.upper
        return on_optimal_face(replace(whole, lower=lower, upper=upper), self.answer())


class _Tree:
    """The search in one problem."""

    def __init__(self, part: LevelPart, set_of: IntArray, options: SolverOptions, best: _Best) -> None:
        self._part, self._best = part, best
        self._program = Bounded(part.problem, options) if len(part.kept) else None
        self._dates = np.flatnonzero(part.problem.integer)
        group = set_of[part.kept[self._dates]]
        self._first = np.flatnonzero(np.diff(group, prepend=-1))
        self._group = np.cumsum(np.diff(group, prepend=-1) != 0) - 1
        self._grain = 1.0

    def grow(self) -> None:
        """Search until nothing is left that could be better."""
        problem, best = self._part.problem, self._best
        root = self._solve(problem.lower, problem.upper, None)
        if root is None or root.value > best.limit:
            return
        self._grain = _noise(root.value)
        open_nodes = [self._entry(root)]
        while open_nodes and best.programs <= PROGRAMS:
            node = heapq.heappop(open_nodes)[-1]
            if node.value > best.limit:
                return
            branch = self._branch(node)
            if branch is None:
                if node.value < best.value - _noise(node.value):
                    best.accept(node)
                else:
                    best.ends.append(node)
            elif node.value >= best.value - _noise(node.value):
                best.ends.append(node)
            else:
                for lower, upper in branch:
                    child = self._solve(lower, upper, node)
                    if child is not None and child.value <= best.limit:
                        heapq.heappush(open_nodes, self._entry(child))

    def _entry(self, node: _Node) -> tuple[int, int, int, _Node]:
        """The least value first; of equal ones the deepest, which is soonest a plan."""
        return round(node.value / self._grain), -node.depth, self._best.programs, node

    def _solve(self, lower: FloatArray, upper: FloatArray, parent: _Node | None) -> _Node | None:
        self._best.programs += 1
        part, basis = self._part, None if parent is None else parent.basis
        if self._program is None:
            none = np.empty(0)
            nothing = Answer(none, none, np.zeros(len(part.used)), np.zeros(len(part.used)), 0.0, 0)
            return _Node(part, lower, upper, part.fixed_cost, nothing, None, None, 0)
        found = self._program.minimize(lower, upper, basis)
        if found is None:
            return None
        solution, basis = found
        self._best.iterations += solution.iterations
        value = solution.objective + part.fixed_cost
        if parent is None:
            return _Node(part, lower, upper, value, solution, basis, None, 0)
        # What is more closed costs no less, whatever the last digits say.
        return _Node(part, lower, upper, max(value, parent.value), solution, basis, parent, parent.depth + 1)

    def _branch(self, node: _Node) -> tuple[tuple[FloatArray, FloatArray], ...] | None:
        """The bounds of two programs that have all plans of one between them; None where that one has only whole sets.

        Of the sets that leave by parts, the one is taken that is most undecided between early and late dates.
        """
        if not len(self._dates):
            return None
        x = node.solution.x[self._dates]
        if np.all(np.abs(x - np.rint(x)) <= WHOLE_TOLERANCE):
            return None
        running = np.cumsum(x)
        early = running - np.append(0.0, running)[self._first][self._group]
        total = early[np.append(self._first[1:], len(x)) - 1]
        undecided = np.minimum(early, total[self._group] - early)
        at = int(np.argmax(undecided))
        if undecided[at] > WHOLE_TOLERANCE:
            mine = np.flatnonzero(self._group == self._group[at])
            return self._without(node, mine[mine > at]), self._without(node, mine[mine <= at])
        # A part of it leaves, and a part never.
        at = int(np.argmax(np.minimum(x, 1.0 - x)))
        lower = node.lower.copy()
        lower[self._dates[at]] = 1.0
        return (lower, node.upper), self._without(node, np.array([at]))

    def _without(self, node: _Node, dates: IntArray) -> tuple[FloatArray, FloatArray]:
        upper = node.upper.copy()
        upper[self._dates[dates]] = 0.0
        return node.lower, upper
