"""Lexicographic optimization: every level is solved to its optimum before the next.

After a level, the next one is restricted to the optimal face: a column with a non-zero reduced cost stays
at its bound, a row with a non-zero dual becomes an equality. By complementary slackness these are exactly the
optimal solutions of the level, without weights.

Integers (shipments that must be whole) are relaxed first. Where the relaxed optimum has them whole, it is the
optimum, and its face holds all others. Where not, the level is solved with integers on the face so far; if that
costs nothing, the relaxed face stays valid, else the level's optimum is kept by one more row. Once all levels of
service are solved, the integers stay as they are: ranks and costs choose among the flows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array, vstack

from firmdate.errors import FirmdateError, InfeasibleError
from firmdate.formulation.linear_program import Level
from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.solver.highs import Answer, Problem, SolverOptions, minimize

DUAL_TOLERANCE = 1e-7
LEVEL_TOLERANCE = 1e-6
WHOLE_TOLERANCE = 1e-6
FACE_SLACK = 1e-6
ROUND_VALUE = 1e-3

WHOLE_UNITS_COLUMNS = 5_000
"""Above so many free columns, whole units come from rounding alone."""

SERVICE_LEVELS = ("shortage_level", "tier_level", "priority_level", "overload_level", "target_level")
"""Levels that whole units must not worsen; the levels below only choose among equally good plans."""

TIER_LEVELS = ("shortage_level", "tier_level", "priority_level")
"""Levels that come before everything that looks at all lines at once."""


@dataclass(frozen=True)
class Block:
    """A part of the linear program that shares no row with the rest.

    Args:
        name: For the log and for errors.
        problem: Rows and columns; its cost is not used.
        costs: Costs of every level, levels × columns.
        levels: The levels in their order.
        whole: Columns that should be whole where that costs no service.
        family: Per column: columns of one activity or class have one family.
        tier: Per column: tier of the lines that it serves, -1 for all other columns.
    """

    name: str
    problem: Problem
    costs: csr_array
    levels: tuple[Level, ...]
    whole: BoolArray
    family: IntArray
    tier: IntArray

    def later(self, level: Level) -> BoolArray:
        """Columns of lines that one of :data:`TIER_LEVELS` need not know: worse tiers can be served by nothing."""
        if level.name == "shortage_level":
            return np.asarray(self.tier >= 0)
        return np.asarray(self.tier > level.member)

    def linked(self, columns: BoolArray) -> BoolArray:
        """All columns of the families of some columns."""
        return np.isin(self.family, self.family[columns])


@dataclass(frozen=True)
class BlockAnswer:
    """The lexicographic optimum of a block.

    Args:
        x: Values of the columns.
        values: Optimum of every level.
        price: Per row: dual of the first level in which it binds.
        price_level: Per row: position of that level, -1 where the row never binds.
        iterations: Iterations of all levels.
    """

    x: FloatArray
    values: FloatArray
    price: FloatArray
    price_level: IntArray
    iterations: int


def solve_levels(block: Block, options: SolverOptions) -> BlockAnswer:
    """Minimize the levels of a block one after the other.

    Levels that cost nothing in this block, or only where nothing is free any more, are skipped.
    """
    problem, service_face = block.problem, block.problem
    rows = len(problem.row_lower)
    price, price_level = np.zeros(rows), np.full(rows, -1, dtype=np.int64)
    x: FloatArray | None = None
    iterations = 0
    everyone = np.zeros(len(block.tier), dtype=bool)
    only_tiers = True
    last_service = max(i for i, level in enumerate(block.levels) if level.name in SERVICE_LEVELS)
    for position, level in enumerate(block.levels):
        cost = _dense(block.costs, position)
        if position > last_service and problem.integer.any():
            x = _complete(block, problem, x, options)
            problem = _with_fixed_integers(problem, x)
        if not np.any(cost[problem.lower < problem.upper]):
            continue
        title = f"{block.name}, {level.name} {level.member + 1}"
        # Once money has chosen among all lines, those of worse tiers cannot be left to later levels any more.
        only_tiers = only_tiers and level.name in TIER_LEVELS
        later = block.later(level) if only_tiers else everyone
        answer = _minimize(block.problem, problem, cost, later, options, title, integers=False)
        fresh = (price_level < 0) & (np.abs(answer.dual[:rows]) > DUAL_TOLERANCE)
        price[fresh], price_level[fresh] = answer.dual[:rows][fresh], position
        problem, answer = _next_face(block.problem, problem, cost, later, answer, options, title)
        x, iterations = np.where(later, np.nan, answer.x), iterations + answer.iterations
        if level.name in SERVICE_LEVELS:
            service_face = problem
    x = _whole(block, service_face, _complete(block, problem, x, options), options)
    return BlockAnswer(x, np.asarray(block.costs @ x), price, price_level, iterations)


def _complete(block: Block, face: Problem, x: FloatArray | None, options: SolverOptions) -> FloatArray:
    """A solution with a value for every column: that of the last level, unless it left some to later levels."""
    if x is not None and not np.isnan(x).any():
        return x
    nothing, none_later = np.zeros(len(face.cost)), np.zeros(len(face.cost), dtype=bool)
    title = f"{block.name}, all lines"
    answer = _minimize(block.problem, face, nothing, none_later, options, title, integers=True)
    return answer.x


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
    fixed = problem.lower >= problem.upper
    kept = np.flatnonzero(~fixed & ~later)
    value = np.where(fixed & ~later, problem.lower, 0.0)
    offset = problem.matrix @ value
    matrix = csr_array(problem.matrix[:, kept])
    used = np.flatnonzero(np.diff(matrix.indptr))
    part = Problem(
        cost=cost[kept],
        lower=problem.lower[kept],
        upper=problem.upper[kept],
        matrix=csr_array(matrix[used]),
        row_lower=(problem.row_lower - offset)[used],
        row_upper=(problem.row_upper - offset)[used],
        integer=problem.integer[kept] if integers else np.zeros(len(kept), dtype=bool),
    )
    answer = minimize(part, options, title)
    value[kept] = answer.x
    dual = np.zeros(len(problem.row_lower))
    dual[used] = answer.dual
    reduced_cost = cost - problem.matrix.T @ dual
    reduced_cost[later] = np.where(cost[later] == 0, reduced_cost[later], 0.0)
    return Answer(value, reduced_cost, dual, problem.matrix @ value, _total(cost, value), answer.iterations)


def _moved(bound: FloatArray, by: float) -> FloatArray:
    return np.asarray(bound + by * np.maximum(1.0, np.abs(bound)))


def _padded(bound: FloatArray, longer: FloatArray, value: float) -> FloatArray:
    """A bound for every row of a longer problem: the rows that keep optima were not in the whole problem."""
    return np.concatenate([bound, np.full(len(longer) - len(bound), value)])


def _total(cost: FloatArray, x: FloatArray) -> float:
    """Cost of a solution; a product of BLAS would wake its threads, which then spin beside the solver's."""
    return float((cost * x).sum())


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
    face = _on_optimal_face(problem, relaxed)
    if _is_whole(relaxed.x, problem.integer):
        return face, relaxed
    answer = _minimize(whole, problem, cost, later, options, f"{title}, with integers", integers=True)
    if answer.objective <= relaxed.objective + LEVEL_TOLERANCE * max(1.0, abs(relaxed.objective)):
        return face, answer
    return _with_optimum_row(problem, cost, answer.objective), answer


def _is_whole(x: FloatArray, integer: BoolArray) -> bool:
    values = x[integer]
    return bool(np.all(np.abs(values - np.rint(values)) <= WHOLE_TOLERANCE))


def _with_fixed_integers(problem: Problem, x: FloatArray) -> Problem:
    """Keep the integers as they are."""
    value = np.rint(x)
    lower = np.where(problem.integer, value, problem.lower)
    upper = np.where(problem.integer, value, problem.upper)
    return replace(problem, lower=lower, upper=upper, integer=np.zeros_like(problem.integer))


def _whole(block: Block, face: Problem, x: FloatArray, options: SolverOptions) -> FloatArray:
    """The same service in whole units, where that is possible near the solution; else the solution as it is.

    Only what is linked with a broken flow is free, so that the search stays small.
    """
    if _is_whole(x, block.whole):
        return x
    settled = block.whole & ~block.linked(_broken(x, block.whole))
    value = np.rint(x)
    lower = np.where(settled, value, face.lower)
    upper = np.where(settled, value, face.upper)
    if int((lower < upper).sum()) > WHOLE_UNITS_COLUMNS:
        return x
    cost = _blended_cost(block)
    problem = replace(face, cost=cost, lower=lower, upper=upper, integer=face.integer | block.whole)
    quick = replace(options, first_solution=True)
    try:
        return minimize(problem, quick, f"{block.name}, whole units").x
    except InfeasibleError:
        return x
    except FirmdateError:
        options.log.append(f"{block.name}: whole units were not found; the flows are rounded")
        return x


def _broken(x: FloatArray, whole: BoolArray) -> BoolArray:
    return np.asarray(whole & (np.abs(x - np.rint(x)) > WHOLE_TOLERANCE))


def _blended_cost(block: Block) -> FloatArray:
    """The levels below service as one: they only guide the choice among equally good plans in whole units."""
    cost = np.zeros(block.costs.shape[1])
    for position, level in enumerate(block.levels):
        if level.name not in SERVICE_LEVELS:
            row = _dense(block.costs, position)
            scale = np.abs(row).max(initial=0.0)
            cost += row / scale if scale > 0 else 0.0
    return cost


def _dense(costs: csr_array, row: int) -> FloatArray:
    dense = np.zeros(costs.shape[1])
    span = slice(costs.indptr[row], costs.indptr[row + 1])
    dense[costs.indices[span]] = costs.data[span]
    return dense


def _on_optimal_face(problem: Problem, answer: Answer) -> Problem:
    """Restrict a problem to the optimal solutions of the level just solved."""
    tight = np.abs(answer.reduced_cost) > DUAL_TOLERANCE
    at_lower = tight & (answer.reduced_cost > 0)
    at_upper = tight & (answer.reduced_cost < 0)
    lower = np.where(at_upper & np.isfinite(problem.upper), problem.upper, problem.lower)
    upper = np.where(at_lower & np.isfinite(problem.lower), problem.lower, problem.upper)
    binds = np.abs(answer.dual) > DUAL_TOLERANCE
    below = binds & (answer.dual > 0) & np.isfinite(problem.row_lower)
    above = binds & (answer.dual < 0) & np.isfinite(problem.row_upper)
    row_upper = np.where(below, problem.row_lower, problem.row_upper)
    row_lower = np.where(above, problem.row_upper, problem.row_lower)
    return replace(problem, lower=lower, upper=upper, row_lower=row_lower, row_upper=row_upper)


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
