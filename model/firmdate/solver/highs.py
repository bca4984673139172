"""HiGHS: the only module that knows the solver. A status is never returned: it is an answer or an error."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from firmdate.errors import FirmdateError, InfeasibleError, LimitError
from firmdate.network.horizon import BoolArray, FloatArray

MIP_GAP = 1e-9
MIP_TOLERANCE = 1e-9
"""A row or integer that is broken by more; the default of 1e-6 shows in written quantities."""

REDUCED_COST_NOISE = 1e-9

ITERATIONS_PER_LINE, ITERATIONS_AT_LEAST = 3, 20_000
"""Simplex may take so many iterations for every row and column: a limit that every machine hits alike.

What is solved at all takes a tenth of it; behind it simplex stalls, and interior point is tried.
"""

FIRST_SOLUTION_NODES = 500
"""A search for any solution with integers ends after so many nodes: a limit that every machine hits alike."""


@dataclass(frozen=True)
class Problem:
    """Minimize ``cost · x`` under ``row_lower ≤ matrix · x ≤ row_upper``, ``lower ≤ x ≤ upper``."""

    cost: FloatArray
    lower: FloatArray
    upper: FloatArray
    matrix: csr_array
    row_lower: FloatArray
    row_upper: FloatArray
    integer: BoolArray


@dataclass(frozen=True)
class Answer:
    """An optimal solution.

    Args:
        x: Values of the columns.
        reduced_cost: Reduced costs of the columns (0 for an integer problem).
        dual: Duals of the rows (0 for an integer problem).
        activity: Values of the rows.
        objective: Optimal value.
        iterations: Iterations of simplex and interior point.
    """

    x: FloatArray
    reduced_cost: FloatArray
    dual: FloatArray
    activity: FloatArray
    objective: float
    iterations: int


@dataclass
class SolverOptions:
    """How HiGHS is run.

    Args:
        deadline: Value of ``time.monotonic()`` after which no answer is waited for.
        first_solution: True to stop at the first solution with integers.
        log: Lines of the log are added here.
    """

    deadline: float = float("inf")
    first_solution: bool = False
    log: list[str] = field(default_factory=list)


class SolverFailureError(FirmdateError):
    """HiGHS ended without an answer and without a reason that the model explains."""


class TimeLimitError(LimitError):
    """The time limit was hit before the optimum was proven.

    Args:
        message: What was being solved.
        bound: No solution has a lower objective than this.
        x: A feasible solution, None where none is known.
    """

    def __init__(self, message: str, bound: float, x: FloatArray | None = None) -> None:
        super().__init__(message)
        self.bound, self.x = bound, x


def minimize(problem: Problem, options: SolverOptions, title: str) -> Answer:
    """Solve a problem to its optimum; where one algorithm gives up, with another one.

    Args:
        problem: The problem.
        options: Limits, algorithm and where the log goes.
        title: What is solved, for the log and for errors.

    Raises:
        InfeasibleError: No solution exists.
        TimeLimitError: The time limit was hit first.
        LimitError: Memory ran out.
        SolverFailureError: HiGHS gave up.
    """
    if not len(problem.cost):
        none = np.empty(0)
        return Answer(none, none, np.zeros(len(problem.row_lower)), np.zeros(len(problem.row_lower)), 0.0, 0)
    if time.monotonic() >= options.deadline:
        raise TimeLimitError(f"{title}: the time limit was hit", -np.inf)
    try:
        return _minimize(problem, options, title)
    except MemoryError:
        raise LimitError(_out_of_memory(problem, title)) from None


def _minimize(problem: Problem, options: SolverOptions, title: str) -> Answer:
    import highspy

    wanted = highspy.HighsModelStatus
    infeasible = (wanted.kInfeasible, wanted.kUnboundedOrInfeasible)
    choice = choose(problem)
    highs = _load(problem, options, choice)
    status = _run(highs, problem, options, title)
    if status in infeasible or (status == wanted.kOptimal and not _is_feasible(highs)):
        # Presolve of HiGHS 1.15 takes some feasible problems for infeasible, and leaves some integers broken.
        choice = replace(choice, presolve="off")
        status = _run_again(highs, problem, options, choice, title)
    if not _is_answer(highs, status, options) and status not in (*infeasible, wanted.kTimeLimit, wanted.kMemoryLimit):
        choice = _other(choice, problem)
        options.log.append(f"{title}: HiGHS gave up; once more with solver {choice.solver}, presolve {choice.presolve}")
        status = _run_again(highs, problem, options, choice, title)
    if status in infeasible:
        raise InfeasibleError(f"{title}: no plan keeps all hard rules")
    if status == wanted.kMemoryLimit:
        raise LimitError(_out_of_memory(problem, title))
    if status == wanted.kTimeLimit:
        raise TimeLimitError(f"{title}: the time limit was hit", *_so_far(highs, problem))
    if not _is_answer(highs, status, options):
        raise SolverFailureError(f"{title}: HiGHS ended twice without an answer: {highs.modelStatusToString(status)}")
    return _answer(highs, problem)


def _out_of_memory(problem: Problem, title: str) -> str:
    rows, columns = problem.matrix.shape
    size = f"{rows:,} rows, {columns:,} columns, {problem.matrix.nnz:,} nonzeros"
    return f"{title}: memory ran out ({size}); try a shorter horizon_days, resolution: week, or more memory"


def _is_answer(highs: Any, status: Any, options: SolverOptions) -> bool:
    import highspy

    if status == highspy.HighsModelStatus.kOptimal:
        return True
    stopped = status == highspy.HighsModelStatus.kSolutionLimit and options.first_solution
    return stopped and highs.getInfo().mip_node_count >= 0 and bool(highs.getSolution().value_valid)


def _run(highs: Any, problem: Problem, options: SolverOptions, title: str) -> Any:
    """Run HiGHS, and say in the log how it went."""
    started = time.perf_counter()
    highs.run()
    status, info = highs.getModelStatus(), highs.getInfo()
    options.log.append(
        f"{title}: {len(problem.row_lower)} rows, {len(problem.cost)} columns, {problem.matrix.nnz} nonzeros: "
        f"{highs.modelStatusToString(status)}, objective {info.objective_function_value:.12g}, "
        f"{_iterations(highs)} iterations, {time.perf_counter() - started:.3f} s"
    )
    return status


def _run_again(highs: Any, problem: Problem, options: SolverOptions, choice: Choice, title: str) -> Any:
    highs.clearSolver()
    _apply(highs, problem, choice)
    return _run(highs, problem, options, title)


def _iterations(highs: Any) -> int:
    info = highs.getInfo()
    return max(int(info.simplex_iteration_count), 0) + max(int(info.ipm_iteration_count), 0)


def _so_far(highs: Any, problem: Problem) -> tuple[float, FloatArray | None]:
    """A bound on the objective, and a feasible solution, from a run that was cut short."""
    solution = highs.getSolution()
    x = np.array(solution.col_value) if solution.value_valid and _is_feasible(highs) else None
    if problem.integer.any():
        return float(highs.getInfo().mip_dual_bound), x
    return _dual_bound(problem, np.array(solution.row_dual)) if solution.dual_valid else -np.inf, x


def _dual_bound(problem: Problem, dual: FloatArray) -> float:
    """What any duals prove, by weak duality; computed here, since HiGHS works on a problem that it has changed."""
    useless = ((dual > 0) & np.isneginf(problem.row_lower)) | ((dual < 0) & np.isposinf(problem.row_upper))
    dual = np.where(useless, 0.0, dual)
    reduced = problem.cost - problem.matrix.T @ dual
    reduced[np.abs(reduced) <= REDUCED_COST_NOISE] = 0.0
    total = 0.0
    for price, lower, upper in (
        (dual, problem.row_lower, problem.row_upper),
        (reduced, problem.lower, problem.upper),
    ):
        total += float(price[price > 0] @ lower[price > 0]) + float(price[price < 0] @ upper[price < 0])
    return total


def _is_feasible(highs: Any) -> bool:
    """The solution keeps rows, bounds and integers, as HiGHS itself measures it."""
    import highspy

    return bool(highs.getInfo().primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible))


TRANSPORT_COLUMNS_PER_ROW = 6
"""From here on a problem is mostly routes to order lines, see :func:`choose`."""


DATED_COLUMNS_PER_ROW = 3
"""From here on a problem with integers is mostly routes, see :func:`choose`."""

_SUB_PROBLEMS = ("mip_heuristic_run_rins", "mip_heuristic_run_rens", "mip_heuristic_run_root_reduced_cost")

INTERIOR_POINT_ROWS = 8_000
"""From here on the interior point wins, see :func:`choose`."""


@dataclass(frozen=True)
class Choice:
    """Options of HiGHS for one problem."""

    solver: str
    presolve: str
    edge_weights: int
    searches: bool = True
    """Whether solutions with integers are searched for in sub-problems."""


def choose(problem: Problem) -> Choice:
    """How HiGHS solves a problem; measured, see docs/performance.md.

    Routes to order lines have many columns a row and little that presolve could take away: simplex with Dantzig's
    rule and without presolve takes two thirds of the time of the default there. Where one capacity couples very many
    lines, the interior point (with crossover) takes a third to a half of the time of simplex. Where integers choose the
    dates of ship sets among routes, HiGHS spends most of its time on presolve and on searches of sub-problems; without
    them it takes a quarter to a tenth. Everything else takes the default.
    """
    if len(problem.row_lower) >= INTERIOR_POINT_ROWS and not problem.integer.any():
        return Choice("ipx", "on", -1)
    columns_per_row = len(problem.cost) / max(len(problem.row_lower), 1)
    if problem.integer.any() and columns_per_row >= DATED_COLUMNS_PER_ROW:
        return Choice("choose", "off", -1, searches=False)
    if columns_per_row >= TRANSPORT_COLUMNS_PER_ROW and not problem.integer.any():
        return Choice("simplex", "off", 0)
    return Choice("choose", "choose", -1)


def _other(choice: Choice, problem: Problem) -> Choice:
    """What to try when the first choice has failed."""
    if problem.integer.any():
        return replace(choice, presolve="off" if choice.presolve != "off" else "on")
    return Choice("simplex" if choice.solver == "ipx" else "ipx", "on", -1)


def _apply(highs: Any, problem: Problem, choice: Choice) -> None:
    highs.setOptionValue("solver", choice.solver)
    highs.setOptionValue("presolve", choice.presolve)
    highs.setOptionValue("simplex_dual_edge_weight_strategy", choice.edge_weights)
    if not problem.integer.any():
        most = ITERATIONS_AT_LEAST + ITERATIONS_PER_LINE * sum(problem.matrix.shape)
        highs.setOptionValue("simplex_iteration_limit", min(most, 2**31 - 1))


def _load(problem: Problem, options: SolverOptions, choice: Choice) -> Any:
    """A HiGHS instance that holds the problem."""
    import highspy

    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("random_seed", 0)
    _apply(highs, problem, choice)
    for name in _SUB_PROBLEMS:
        highs.setOptionValue(name, choice.searches or options.first_solution)
    highs.setOptionValue("mip_rel_gap", MIP_GAP)
    highs.setOptionValue("mip_feasibility_tolerance", MIP_TOLERANCE)
    if options.first_solution:
        highs.setOptionValue("mip_max_improving_sols", 1)
        highs.setOptionValue("mip_max_nodes", FIRST_SOLUTION_NODES)
    if np.isfinite(options.deadline):
        highs.setOptionValue("time_limit", max(options.deadline - time.monotonic(), 0.01))
    matrix = problem.matrix
    status = highs.passModel(
        len(problem.cost),
        len(problem.row_lower),
        matrix.nnz,
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        problem.cost,
        problem.lower,
        problem.upper,
        problem.row_lower,
        problem.row_upper,
        matrix.indptr.astype(np.int32, copy=False),
        matrix.indices.astype(np.int32, copy=False),
        matrix.data,
        problem.integer.astype(np.int32),
    )
    if status == highspy.HighsStatus.kError:
        raise SolverFailureError("HiGHS refused the problem")
    return highs


class Bounded:
    """A linear problem that is solved again and again with other bounds, each time from a basis that is near.

    Args:
        problem: The problem; integers may be fractions.
        options: Limits.
    """

    def __init__(self, problem: Problem, options: SolverOptions) -> None:
        self._problem, self._options = replace(problem, integer=np.zeros(len(problem.cost), dtype=bool)), options
        self._lower, self._upper = problem.lower.copy(), problem.upper.copy()
        choice = replace(choose(self._problem), solver="simplex", presolve="off")
        self._highs = _load(self._problem, options, choice)

    def minimize(self, lower: FloatArray, upper: FloatArray, basis: Any = None) -> tuple[Answer, Any] | None:
        """An optimal solution and its basis; None where there is none.

        Args:
            lower: Lower bounds of the columns.
            upper: Upper bounds.
            basis: Basis of a solution that is near.

        Raises:
            TimeLimitError: The time limit was hit.
            SolverFailureError: HiGHS gave up.
        """
        import highspy

        highs, title = self._highs, "dates of ship sets"
        left = self._options.deadline - time.monotonic()
        if left <= 0:
            raise TimeLimitError(f"{title}: the time limit was hit", -np.inf)
        changed = np.flatnonzero((lower != self._lower) | (upper != self._upper)).astype(np.int32)
        if len(changed):
            highs.changeColsBounds(len(changed), changed, lower[changed], upper[changed])
            self._lower, self._upper = lower.copy(), upper.copy()
        if basis is not None:
            highs.setBasis(basis)
        if np.isfinite(left):
            highs.setOptionValue("time_limit", highs.getRunTime() + left)
        highs.run()
        status, wanted = highs.getModelStatus(), highspy.HighsModelStatus
        if status == wanted.kInfeasible:
            return None
        if status == wanted.kTimeLimit:
            raise TimeLimitError(f"{title}: the time limit was hit", -np.inf)
        if status != wanted.kOptimal:
            raise SolverFailureError(f"{title}: HiGHS ended without an answer: {highs.modelStatusToString(status)}")
        return _answer(highs, self._problem), highs.getBasis()


def _answer(highs: Any, problem: Problem) -> Answer:
    solution = highs.getSolution()
    x = np.array(solution.col_value)
    columns, rows = len(problem.cost), len(problem.row_lower)
    has_duals = bool(solution.dual_valid)
    return Answer(
        x=x,
        reduced_cost=np.array(solution.col_dual) if has_duals else np.zeros(columns),
        dual=np.array(solution.row_dual) if has_duals else np.zeros(rows),
        activity=np.array(solution.row_value) if rows else np.empty(0),
        objective=float(highs.getInfo().objective_function_value),
        iterations=_iterations(highs),
    )


def version() -> str:
    """Version of HiGHS."""
    import highspy

    return str(highspy.Highs().version())
