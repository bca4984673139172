"""HiGHS: the only module that knows the solver. A status is never returned: it is an answer or an error."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from firmdate.errors import FirmdateError, InfeasibleError, LimitError
from firmdate.network.horizon import BoolArray, FloatArray
from firmdate.solver.choice import SUB_PROBLEMS, Choice, choose, other

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
    return _answer(_minimized(problem, options, title), problem)


def minimize_and_price(
    problem: Problem, costs: Sequence[FloatArray], options: SolverOptions, title: str
) -> tuple[Answer, list[FloatArray]]:
    """Solve a problem without integers, and give the duals of its optimal basis for other costs.

    Args:
        problem: The problem.
        costs: The other costs.
        options: Limits, algorithm and where the log goes.
        title: What is solved, for the log and for errors.

    Returns:
        An optimal solution; the duals of the rows, as long as there is a basis: as many as costs, or none.

    Raises:
        InfeasibleError: No solution exists.
        TimeLimitError: The time limit was hit first.
        LimitError: Memory ran out.
        SolverFailureError: HiGHS gave up.
    """
    import highspy

    highs = _minimized(problem, options, title)
    duals: list[FloatArray] = []
    status, basic = highs.getBasicVariables()
    for cost in costs:
        if status == highspy.HighsStatus.kOk:
            known = np.where(basic >= 0, cost[np.maximum(basic, 0)], 0.0)
            status, dual = highs.getBasisTransposeSolve(known)
            duals.append(np.array(dual))
    return _answer(highs, problem), duals if status == highspy.HighsStatus.kOk else []


def _minimized(problem: Problem, options: SolverOptions, title: str) -> Any:
    """HiGHS with an optimal solution of a problem that has columns."""
    if time.monotonic() >= options.deadline:
        raise TimeLimitError(f"{title}: the time limit was hit", -np.inf)
    try:
        return _minimize(problem, options, title)
    except MemoryError:
        raise LimitError(_out_of_memory(problem, title)) from None


def _choice(problem: Problem) -> Choice:
    rows, columns = problem.matrix.shape
    return choose(rows, columns, integers=bool(problem.integer.any()))


def _minimize(problem: Problem, options: SolverOptions, title: str) -> Any:
    import highspy

    wanted = highspy.HighsModelStatus
    infeasible = (wanted.kInfeasible, wanted.kUnboundedOrInfeasible)
    choice = _choice(problem)
    highs = _load(problem, options, choice)
    status = _run(highs, problem, options, title)
    if status in infeasible or (status == wanted.kOptimal and not _is_feasible(highs)):
        # Presolve of HiGHS 1.15 takes some feasible problems for infeasible, and leaves some integers broken.
        choice = replace(choice, presolve="off")
        status = _run_again(highs, problem, options, choice, title)
    if not _is_answer(highs, status, options) and status not in (*infeasible, wanted.kTimeLimit, wanted.kMemoryLimit):
        choice = other(choice, integers=bool(problem.integer.any()))
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
    return highs


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
    for name in SUB_PROBLEMS:
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
        self._choice = replace(_choice(self._problem), solver="simplex")
        self._highs = _load(self._problem, options, self._choice)

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
        infeasible = (wanted.kInfeasible, wanted.kUnboundedOrInfeasible)
        if status in infeasible and basis is None and self._choice.presolve != "off":
            status = self._without_presolve()
        if status in infeasible:
            return None
        if status == wanted.kTimeLimit:
            raise TimeLimitError(f"{title}: the time limit was hit", -np.inf)
        if status != wanted.kOptimal:
            raise SolverFailureError(f"{title}: HiGHS ended without an answer: {highs.modelStatusToString(status)}")
        return _answer(highs, self._problem), highs.getBasis()

    def _without_presolve(self) -> Any:
        """Once more: presolve takes some feasible problems for infeasible."""
        self._highs.clearSolver()
        self._highs.setOptionValue("presolve", "off")
        self._highs.run()
        return self._highs.getModelStatus()


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
