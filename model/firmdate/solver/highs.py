"""HiGHS: the only module that knows the solver. A status is never returned: it is an answer or an error."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from firmdate.errors import FirmdateError, InfeasibleError, LimitError
from firmdate.network.horizon import BoolArray, FloatArray

MIP_GAP = 1e-9
MIP_TOLERANCE = 1e-9
"""A row or integer that is broken by more; the default of 1e-6 shows in written quantities."""

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


def minimize(problem: Problem, options: SolverOptions, title: str) -> Answer:
    """Solve a problem to its optimum.

    Args:
        problem: The problem.
        options: Limits, algorithm and where the log goes.
        title: What is solved, for the log and for errors.

    Raises:
        InfeasibleError: No solution exists.
        LimitError: The time limit was hit first.
        SolverFailureError: HiGHS gave up.
    """
    import highspy

    if not len(problem.cost):
        none = np.empty(0)
        return Answer(none, none, np.zeros(len(problem.row_lower)), np.zeros(len(problem.row_lower)), 0.0, 0)
    wanted = highspy.HighsModelStatus
    infeasible = (wanted.kInfeasible, wanted.kUnboundedOrInfeasible)
    highs = _load(problem, options)
    started = time.perf_counter()
    highs.run()
    status = highs.getModelStatus()
    if status in infeasible or (status == wanted.kOptimal and not _is_feasible(highs)):
        # Presolve of HiGHS 1.15 takes some feasible problems for infeasible, and leaves some integers broken.
        highs.clearSolver()
        highs.setOptionValue("presolve", "off")
        highs.run()
        status = highs.getModelStatus()
    info = highs.getInfo()
    seconds = time.perf_counter() - started
    iterations = max(int(info.simplex_iteration_count), 0) + max(int(info.ipm_iteration_count), 0)
    options.log.append(
        f"{title}: {len(problem.row_lower)} rows, {len(problem.cost)} columns, {problem.matrix.nnz} nonzeros: "
        f"{highs.modelStatusToString(status)}, objective {info.objective_function_value:.12g}, "
        f"{iterations} iterations, {seconds:.3f} s"
    )
    if status in infeasible:
        raise InfeasibleError(f"{title}: no plan keeps all hard rules")
    if status in (wanted.kTimeLimit, wanted.kInterrupt):
        raise LimitError(f"{title}: the time limit was hit; raise it, or plan a shorter horizon")
    found_first = status == wanted.kSolutionLimit and options.first_solution and info.mip_node_count >= 0
    if status != wanted.kOptimal and not (found_first and bool(highs.getSolution().value_valid)):
        raise SolverFailureError(f"{title}: HiGHS ended with status {highs.modelStatusToString(status)}")
    return _answer(highs, problem, iterations)


def _is_feasible(highs: Any) -> bool:
    """The solution keeps rows, bounds and integers, as HiGHS itself measures it."""
    import highspy

    return bool(highs.getInfo().primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible))


TRANSPORT_COLUMNS_PER_ROW = 6
"""From here on a problem is mostly routes to order lines, see :func:`choose`."""


@dataclass(frozen=True)
class Choice:
    """Options of HiGHS for one problem."""

    solver: str
    presolve: str
    edge_weights: int


def choose(problem: Problem) -> Choice:
    """How HiGHS solves a problem; measured, see docs/performance.md.

    Routes to order lines have many columns a row and little that presolve could take away: simplex with Dantzig's
    rule and without presolve takes two thirds of the time of the default there. Everything else takes the default.
    """
    routes = len(problem.cost) >= TRANSPORT_COLUMNS_PER_ROW * max(len(problem.row_lower), 1)
    if routes and not problem.integer.any():
        return Choice("simplex", "off", 0)
    return Choice("choose", "choose", -1)


def _load(problem: Problem, options: SolverOptions) -> Any:
    """A HiGHS instance that holds the problem."""
    import highspy

    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("random_seed", 0)
    choice = choose(problem)
    highs.setOptionValue("solver", choice.solver)
    highs.setOptionValue("presolve", choice.presolve)
    highs.setOptionValue("simplex_dual_edge_weight_strategy", choice.edge_weights)
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


def _answer(highs: Any, problem: Problem, iterations: int) -> Answer:
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
        iterations=iterations,
    )


def version() -> str:
    """Version of HiGHS."""
    import highspy

    return str(highspy.Highs().version())
