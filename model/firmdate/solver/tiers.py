"""Lexicographic optimization: every level is solved to its optimum before the next.

After a level, the next one is restricted to the optimal face: a column with a non-zero reduced cost stays
at its bound, a row with a non-zero dual becomes an equality. By complementary slackness these are exactly the
optimal solutions of the level, without weights.

Integers (shipments that must be whole) are relaxed first. Where the relaxed optimum has them whole, it is the
optimum, and its face holds all others. Where not, the level is solved with integers on the face so far; if that
costs nothing, the relaxed face stays valid, else the level's optimum is kept by one more row. Once all levels of
service are solved, the integers of order lines stay as they are: ranks and costs choose among the flows and lots.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array, vstack

from firmdate.errors import InfeasibleError, LimitError
from firmdate.network.horizon import BoolArray, FloatArray
from firmdate.solver.at_once import levels_at_once, minimize_at_once
from firmdate.solver.block import SERVICE_LEVELS, TIER_LEVELS, WHOLE_TOLERANCE, Block, BlockAnswer, dense_row, is_whole
from firmdate.solver.fair_share import share
from firmdate.solver.highs import Answer, Problem, SolverOptions, TimeLimitError, minimize
from firmdate.solver.integer_bounds import tightened
from firmdate.solver.level_part import DUAL_TOLERANCE, level_part, on_optimal_face
from firmdate.solver.set_search import search
from firmdate.solver.whole_units import whole_units

LEVEL_TOLERANCE = 1e-6
ROW_TOLERANCE = 1e-7
FACE_SLACK = 1e-6
ROUND_VALUE = 1e-3


def solve_levels(block: Block, options: SolverOptions) -> BlockAnswer:
    """Minimize the levels of a block one after the other."""
    steps = level_steps(block, options)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            answer: BlockAnswer = end.value
            return answer


def level_steps(block: Block, options: SolverOptions) -> Generator[None, None, BlockAnswer]:
    """Minimize the levels of a block, one at a time.

    Levels that cost nothing in this block, or only where nothing is free any more, are skipped. At the time limit the
    answer is the best plan so far.

    Args:
        block: The block.
        options: Limits, and where the log goes.

    Raises:
        InfeasibleError: No plan keeps all hard rules.
        LimitError: A limit was hit and not even a plan that serves nothing is known.
    """
    state = _State(block, options)
    for position in range(len(block.levels)):
        try:
            state.minimize(position)
        except TimeLimitError as error:
            return _cut_short(state, position, error)
        yield
    try:
        return state.finish()
    except TimeLimitError as error:
        return _cut_short(state, len(block.levels), error)


class _State:
    """What is known of a block after some of its levels."""

    def __init__(self, block: Block, options: SolverOptions) -> None:
        block, rows = replace(block, problem=tightened(block.problem)), len(block.problem.row_lower)
        self.block, self.options = block, options
        self.face = self._service_face = block.problem
        self.price, self.price_level = np.zeros(rows), np.full(rows, -1, dtype=np.int64)
        self.x: FloatArray | None = None
        self.iterations = 0
        self._only_tiers = True
        self._faces: tuple[Problem, ...] = ()
        self._home, self._solved_until = 0, -1
        self._last_service = max(i for i, level in enumerate(block.levels) if level.name in SERVICE_LEVELS)

    def later(self, position: int) -> BoolArray:
        """Columns that a level need not know."""
        level = self.block.levels[position]
        if self._only_tiers and level.name in TIER_LEVELS:
            return self.block.later(level)
        return np.zeros(len(self.block.tier), dtype=bool)

    def minimize(self, position: int) -> None:
        """Solve one level and go on to its optimal face."""
        block, options, level = self.block, self.options, self.block.levels[position]
        cost = dense_row(block.costs, position)
        served = self.face.integer & (block.tier != -1)
        if position > self._last_service and served.any():
            if self._faces:
                self.face, self._faces = self._faces[self._home], ()
            self.x = _complete(block, self.face, self.x, options)
            self.face = _with_fixed_integers(self.face, self.x, served)
        if position <= self._solved_until or not np.any(cost[self.face.lower < self.face.upper]):
            return
        title = f"{block.name}, {level.name} {level.member + 1}"
        if level.name == "fair_level":
            self._share(position, cost, title)
            return
        if self._at_once(position, title):
            return
        later = self.later(position)
        face, answer, dual = self._solved(cost, later, title)
        self._keep(position, face, answer, dual, later)

    def _solved(self, cost: FloatArray, later: BoolArray, title: str) -> tuple[Problem, Answer, FloatArray]:
        """The optimal face of a level, an optimum with integers, and the duals."""
        block, options, started = self.block, self.options, time.perf_counter()
        free = self.face.integer & (self.face.lower < self.face.upper) & ~later
        if free.any() and (block.set_of[free] >= 0).all():
            found = search(self._faces or (self.face,), cost, later, block.set_of, options)
            if found is not None:
                answer, before = found.answer, self.face
                self._faces, self._home = found.faces, found.home
                options.log.append(
                    f"{title}: {int(free.sum())} dates of ship sets: objective {answer.objective:.12g}, "
                    f"{found.programs} programs, {answer.iterations} iterations, {len(found.faces)} faces, "
                    f"{time.perf_counter() - started:.3f} s"
                )
                alone = len(found.faces) == 1
                face = found.faces[0] if alone else _with_optimum_row(before, cost, answer.objective)
                return face, answer, answer.dual[: len(self.price)]
        self._faces = ()
        answer = _minimize(block.problem, self.face, cost, later, options, title, integers=False)
        face, found_answer = _next_face(block.problem, self.face, cost, later, answer, options, title)
        return face, found_answer, answer.dual[: len(self.price)]

    def _at_once(self, position: int, title: str) -> bool:
        """Try to solve a level together with levels that follow."""
        block, free = self.block, self.face.lower < self.face.upper
        if len(self._faces) > 1:
            return False
        places = levels_at_once(block.levels, position, lambda place: bool(dense_row(block.costs, place)[free].any()))
        later = self.later(position)
        if len(places) < 2:
            return False
        costs = [dense_row(block.costs, place) for place in places]
        found = minimize_at_once(self.face, costs, later, self.options, f"{title}, {len(places)} levels at once")
        for place, one in zip(places, found, strict=False):
            self._keep(place, one.face, one.answer, one.answer.dual, later)
        self._faces = () if found else self._faces
        return bool(found)

    def _keep(self, position: int, face: Problem, answer: Answer, dual: FloatArray, later: BoolArray) -> None:
        """Go on to the optimal face of a level."""
        dual = dual[: len(self.price)]
        fresh = (self.price_level < 0) & (np.abs(dual) > DUAL_TOLERANCE)
        self.price[fresh], self.price_level[fresh] = dual[fresh], position
        self.face, self.x = face, np.where(later, np.nan, answer.x)
        self.iterations += answer.iterations
        self._solved_until = position
        level = self.block.levels[position].name
        # Once money has chosen among all lines, those of worse tiers cannot be left to later levels any more.
        self._only_tiers = self._only_tiers and level in TIER_LEVELS
        if level in SERVICE_LEVELS:
            self._service_face = face

    def _share(self, position: int, cost: FloatArray, title: str) -> None:
        """Make the parts of those who share as equal as can be."""
        level, later = self.block.levels[position], self.later(position)

        def solve(problem: Problem, costs: FloatArray, *, integers: bool) -> Answer:
            return _minimize(self.block.problem, problem, costs, later, self.options, title, integers=integers)

        fair = self.block.fair
        shared = share(self.face, cost, fair.part(fair.level == level.member), solve)
        if shared is None:
            self.options.log.append(f"{title}: lines that ship at once leave no fair shares")
            return
        self.face = self._service_face = shared.face
        self.x = np.where(later, np.nan, shared.answer.x)
        self.iterations += shared.iterations

    def finish(self) -> BlockAnswer:
        """The answer when all levels are solved."""
        block, options = self.block, self.options
        x = whole_units(block, self._service_face, _complete(block, self.face, self.x, options), options)
        values = np.asarray(block.costs @ x)
        return BlockAnswer(x, values, self.price, self.price_level, self.iterations, values, len(block.levels))


def _cut_short(state: _State, position: int, error: TimeLimitError) -> BlockAnswer:
    """The best plan that is known when a level was not solved in time, and what is proven of it."""
    block, face = state.block, state.face
    x = state.x
    if error.x is not None and position < len(block.levels):
        x = np.where(state.later(position), np.nan, error.x)
    if x is None or np.isnan(x).any():
        x = _serving_no_more(block, np.full(len(block.tier), np.nan) if x is None else x, state.options)
    values = np.asarray(block.costs @ x)
    bounds = values.copy()
    for later in range(position, len(block.levels)):
        bounds[later] = _least(dense_row(block.costs, later), face)
    if position < len(block.levels):
        bounds[position] = max(bounds[position], error.bound)
        level = block.levels[position]
        state.options.log.append(f"{block.name}: the time limit was hit in {level.name} {level.member + 1}")
    bounds = np.minimum(bounds, values)
    return BlockAnswer(x, values, state.price, state.price_level, state.iterations, bounds, position)


def _least(cost: FloatArray, face: Problem) -> float:
    """What a level costs at least, whatever is planned within the bounds of the columns."""
    up, down = cost > 0, cost < 0
    return float(cost[up] @ face.lower[up]) + float(cost[down] @ face.upper[down])


def _serving_no_more(block: Block, x: FloatArray, options: SolverOptions) -> FloatArray:
    """A plan that keeps what is known and neither starts nor ships anything else.

    Args:
        block: The block.
        x: Values of the columns, NaN where nothing is known.
        options: Where the log goes; the time limit does not hold, since hardly anything is left to decide.

    Raises:
        LimitError: This is no plan.
    """
    known, nothing = ~np.isnan(x), np.zeros(len(x))
    value = np.where(known, x, 0.0)
    settled = known | block.moves
    problem = replace(
        block.problem,
        lower=np.where(settled, value, block.problem.lower),
        upper=np.where(settled, value, block.problem.upper),
    )
    nobody, title = np.zeros(len(x), dtype=bool), f"{block.name}, nothing more"
    unlimited = replace(options, deadline=np.inf)
    try:
        return _minimize(block.problem, problem, nothing, nobody, unlimited, title, integers=False).x
    except InfeasibleError:
        message = f"{block.name}: the time limit was hit before any plan was found; raise the limit"
        raise LimitError(message) from None


def _complete(block: Block, face: Problem, x: FloatArray | None, options: SolverOptions) -> FloatArray:
    """A solution with a value for every column: that of the last level, unless it left some to later levels."""
    if x is not None and not np.isnan(x).any():
        return x
    nothing, none_later = np.zeros(len(face.cost)), np.zeros(len(face.cost), dtype=bool)
    title = f"{block.name}, all lines"
    try:
        return _minimize(block.problem, face, nothing, none_later, options, title, integers=True).x
    except TimeLimitError as error:
        raise TimeLimitError(str(error), -np.inf, error.x) from None  # a bound on nothing says nothing


def _minimize(
    whole: Problem,
    face: Problem,
    cost: FloatArray,
    later: BoolArray,
    options: SolverOptions,
    title: str,
    *,
    integers: bool,
) -> Answer:
    """Solve a level on the optimal face of the levels before, whose solutions are known to exist.

    The tolerances that those solutions have used can contradict each other in the last digits; then the face, but
    nothing of the whole problem, is widened by a little.
    """
    try:
        return _minimize_free(face, cost, later, options, title, integers=integers)
    except InfeasibleError:
        if face is whole:
            raise
    wider = replace(
        face,
        lower=np.where(whole.integer, face.lower, np.maximum(whole.lower, _moved(face.lower, -FACE_SLACK))),
        upper=np.where(whole.integer, face.upper, np.minimum(whole.upper, _moved(face.upper, FACE_SLACK))),
        row_lower=np.maximum(_padded(whole.row_lower, face.row_lower, -np.inf), _moved(face.row_lower, -FACE_SLACK)),
        row_upper=np.minimum(_padded(whole.row_upper, face.row_upper, np.inf), _moved(face.row_upper, FACE_SLACK)),
    )
    return _minimize_free(wider, cost, later, options, f"{title}, on a wider face", integers=integers)


def _minimize_free(
    problem: Problem, cost: FloatArray, later: BoolArray, options: SolverOptions, title: str, *, integers: bool
) -> Answer:
    """Solve a level over the columns that are still free and that it must know; the others keep their value.

    Lines of later tiers are served by nothing here; the reduced costs of their columns follow from the duals.
    """
    part = level_part(problem, cost, later, integers=integers)
    try:
        answer = minimize(part.problem, options, title)
    except TimeLimitError as error:
        x = None if error.x is None else part.with_values(error.x)
        raise TimeLimitError(str(error), error.bound + part.fixed_cost, x) from None
    return part.full(answer.x, answer.dual, answer.iterations)


def _moved(bound: FloatArray, by: float) -> FloatArray:
    return np.asarray(bound + by * np.maximum(1.0, np.abs(bound)))


def _padded(bound: FloatArray, longer: FloatArray, value: float) -> FloatArray:
    """A bound for every row of a longer problem: the rows that keep optima were not in the whole problem."""
    return np.concatenate([bound, np.full(len(longer) - len(bound), value)])


def _next_face(
    whole: Problem,
    problem: Problem,
    cost: FloatArray,
    later: BoolArray,
    relaxed: Answer,
    options: SolverOptions,
    title: str,
) -> tuple[Problem, Answer]:
    """The optimal solutions of a level, and one of them with integers where they are asked for."""
    face = on_optimal_face(problem, relaxed)
    if is_whole(relaxed.x, problem.integer):
        return face, relaxed
    rounded = _rounded_up(problem, cost, relaxed)
    if rounded is not None:
        return face, rounded
    answer = _minimize(whole, problem, cost, later, options, f"{title}, with integers", integers=True)
    if answer.objective <= relaxed.objective + LEVEL_TOLERANCE * max(1.0, abs(relaxed.objective)):
        return face, answer
    return _with_optimum_row(problem, cost, answer.objective), answer


def _rounded_up(problem: Problem, cost: FloatArray, relaxed: Answer) -> Answer | None:
    """The relaxed optimum with its integers rounded up, where that keeps all rows and costs nothing."""
    x = np.where(problem.integer, np.ceil(relaxed.x - WHOLE_TOLERANCE), relaxed.x)
    if np.any(cost[problem.integer]) or np.any(x > problem.upper + ROW_TOLERANCE):
        return None
    activity = problem.matrix @ x
    slack = ROW_TOLERANCE * np.maximum(1.0, np.abs(activity))
    if np.any(activity < problem.row_lower - slack) or np.any(activity > problem.row_upper + slack):
        return None
    return replace(relaxed, x=x, activity=activity)


def _with_fixed_integers(problem: Problem, x: FloatArray, chosen: BoolArray) -> Problem:
    """Keep some integers as they are."""
    value = np.rint(x)
    lower = np.where(chosen, value, problem.lower)
    upper = np.where(chosen, value, problem.upper)
    return replace(problem, lower=lower, upper=upper, integer=problem.integer & ~chosen)


def _with_optimum_row(problem: Problem, cost: FloatArray, value: float) -> Problem:
    """Keep the optimum of a level by a row ``cost · x ≤ optimum``."""
    row = csr_array(cost[None, :])
    # Any slack would be spent by the next level, in fractions of units that cannot be rounded afterwards.
    nearest = round(value)
    bound = nearest if abs(value - nearest) < ROUND_VALUE else value
    return replace(
        problem,
        matrix=csr_array(vstack([problem.matrix, row], format="csr")),
        row_lower=np.append(problem.row_lower, -np.inf),
        row_upper=np.append(problem.row_upper, bound + DUAL_TOLERANCE),
    )
