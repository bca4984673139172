"""Which algorithm of HiGHS for which block: the problems that a plan really solves, each with every choice of options.

    python bench/solver_choice.py                      both ladders
    python bench/solver_choice.py ../shared/data/brunel    and the orders of that folder
    python bench/solver_choice.py --coupled 1500       parts that all share one supplier

A row is one kind of network. Its problems are those of every block and level, in the order in which the plan solves
them, recorded once; then every choice solves every one of them cold, with one thread. Seconds are of the processor.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import brunel
from firmdate.formulation.linear_program import formulate
from firmdate.network.build import build_network
from firmdate.runs.solve import load_data, resolve
from firmdate.solver import tiers
from firmdate.solver.choice import choose
from firmdate.solver.highs import Answer, Problem, SolverOptions
from firmdate.solver.run_blocks import solve_program
from ladder import write_network
from manufacturing import write_clusters

TOLERANCE = 1e-6

DANTZIG, DEVEX, STEEPEST = 0, 1, 2


@dataclass(frozen=True)
class Choice:
    """Options of HiGHS; a strategy of 4 is the primal simplex method, 1 the dual one."""

    name: str
    solver: str = "simplex"
    presolve: str = "on"
    edge_weights: int = -1
    strategy: int = 1


CHOICES = (
    Choice("dual, HiGHS's own choice"),
    Choice("dual, Dantzig", edge_weights=DANTZIG),
    Choice("dual, devex", edge_weights=DEVEX),
    Choice("dual, steepest edge", edge_weights=STEEPEST),
    Choice("dual, HiGHS's own choice, no presolve", presolve="off"),
    Choice("dual, Dantzig, no presolve", presolve="off", edge_weights=DANTZIG),
    Choice("dual, devex, no presolve", presolve="off", edge_weights=DEVEX),
    Choice("primal", strategy=4),
    Choice("primal, no presolve", presolve="off", strategy=4),
    Choice("interior point, crossover", solver="ipx"),
)


@contextmanager
def recorded() -> Iterator[list[Problem]]:
    """Collect the problems without integers that are solved inside."""
    problems: list[Problem] = []
    minimize = tiers.minimize

    def record(problem: Problem, options: SolverOptions, title: str) -> Answer:
        if not problem.integer.any() and len(problem.cost):
            problems.append(problem)
        return minimize(problem, options, title)

    tiers.minimize = record
    try:
        yield problems
    finally:
        tiers.minimize = minimize


def problems_of(scenario: Path) -> list[Problem]:
    """The linear programs of all blocks and levels of a scenario."""
    resolved = resolve(scenario, {})
    network = build_network(load_data(resolved)[0], resolved, frozenset())
    with recorded() as problems:
        solve_program(formulate(network), SolverOptions(), workers=1)
    return problems


def seconds_of(problem: Problem, choice: Choice, limit: float) -> tuple[float, float | None]:
    """Processor seconds of one problem, and its optimum; None when there is none within the limit."""
    import highspy

    highs = highspy.Highs()
    options = {
        "output_flag": False,
        "threads": 1,
        "solver": choice.solver,
        "presolve": choice.presolve,
        "simplex_dual_edge_weight_strategy": choice.edge_weights,
        "simplex_primal_edge_weight_strategy": choice.edge_weights,
        "simplex_strategy": choice.strategy,
        "time_limit": limit,
    }
    for name, value in options.items():
        highs.setOptionValue(name, value)
    matrix = problem.matrix
    started = time.process_time()
    highs.passModel(
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
        matrix.indptr.astype(np.int32),
        matrix.indices.astype(np.int32),
        matrix.data,
        np.zeros(len(problem.cost), dtype=np.int32),
    )
    highs.run()
    optimal = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    objective = float(highs.getInfo().objective_function_value) if optimal else None
    return time.process_time() - started, objective


def measure(name: str, problems: list[Problem], limit: float) -> dict[str, object]:
    """Seconds of all problems together, by choice, and how many had no optimum or another one than the rest."""
    optimum: dict[int, float] = {}
    rows: list[dict[str, object]] = []
    for choice in (*CHOICES, None):
        total, failed = 0.0, 0
        for number, problem in enumerate(problems):
            used = choice or _own(problem)
            seconds, objective = seconds_of(problem, used, limit)
            total += seconds
            if objective is None:
                failed += 1
                continue
            known = optimum.setdefault(number, objective)
            failed += abs(objective - known) > TOLERANCE * max(1.0, abs(known))
        title = choice.name if choice else "what firmdate chooses"
        rows.append({"choice": title, "seconds": round(total, 6), "failed": failed})
    sizes = [problem.matrix.shape for problem in problems]
    largest = max(sizes, key=lambda shape: shape[1])
    return {"network": name, "problems": len(problems), "largest": largest, "choices": rows}


def _own(problem: Problem) -> Choice:
    """What the product chooses."""
    rows, columns = problem.matrix.shape
    own = choose(rows, columns, integers=False)
    return Choice("own", own.solver, own.presolve, own.edge_weights, strategy=1)


def networks(
    folder: Path, brunel_data: Path | None, parts: int, clusters: int, coupled: int
) -> Iterator[tuple[str, Path]]:
    """Names and scenarios."""
    if coupled:
        yield (
            f"service parts, {coupled} parts of one supplier",
            write_network(folder / "coupled", coupled, parts_per_supplier=coupled),
        )
        return
    yield f"service parts, {parts} parts, stock at the centre", write_network(folder / "centre", parts)
    yield (
        f"service parts, {parts} parts, stock everywhere",
        write_network(folder / "everywhere", parts, stock_everywhere=True),
    )
    yield f"manufacturing, {clusters} clusters", write_clusters(folder / "manufacturing", clusters)
    orders = None if brunel_data is None else brunel.write(brunel.read_orders(brunel_data), folder / "brunel")
    if orders is not None:
        yield "Brunel's orders", orders


def as_markdown(result: dict[str, object]) -> str:
    """A table of one network."""
    rows, largest = result["choices"], result["largest"]
    assert isinstance(rows, list)
    assert isinstance(largest, tuple)
    best = max(min(row["seconds"] for row in rows if not row["failed"]), 1e-6)
    lines = [
        f"{result['network']}: {result['problems']} problems, the largest {largest[0]} × {largest[1]}",
        "",
        "| choice | seconds | times the best | without the optimum |",
        "|---|--:|--:|--:|",
    ]
    for row in rows:
        ratio = row["seconds"] / best
        lines.append(f"| {row['choice']} | {row['seconds']:.2f} | {ratio:.2f} | {row['failed']} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure every network and print a table of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("brunel", nargs="?", type=Path, metavar="DATA_DIR", help="folder of the Brunel data")
    parser.add_argument("--parts", type=int, default=200, help="parts of the service-parts networks")
    parser.add_argument("--clusters", type=int, default=5, help="clusters of the manufacturing network")
    parser.add_argument("--coupled", type=int, default=0, metavar="PARTS", help="only parts that share one supplier")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for one problem")
    parser.add_argument("--json", action="store_true", help="one object a line instead of tables")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="choice-") as folder:
        asked = (arguments.brunel, arguments.parts, arguments.clusters, arguments.coupled)
        for name, scenario in networks(Path(folder), *asked):
            result = measure(name, problems_of(scenario), arguments.limit)
            print(json.dumps(result) if arguments.json else as_markdown(result), flush=True)


if __name__ == "__main__":
    main()
