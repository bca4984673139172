"""The same linear program of the ladder through plain Pyomo, linopy and Firmdate: seconds, memory, optimum.

The program is the whole model of a service-parts network (bench/ladder.py) with one objective: late unit-days of all
tiers, which count alike. Everybody gets the same network in memory, builds the model in its own way, and solves it with
HiGHS, one thread, options as they come. Every tool runs in a process of its own, so that its memory is its own.

    python bench/peers.py                      100, 300, 1000 and 3000 parts
    python bench/peers.py 1000 --json
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from firmdate.formulation.linear_program import Level, LinearProgram, formulate
from firmdate.network.build import build_network
from firmdate.network.network import Network
from firmdate.runs.solve import load_data, resolve
from firmdate.runs.stages import peak_memory
from ladder import write_network

SIZES = (100, 300, 1000, 3000)
TOLERANCE = 1e-6

Solve = Callable[[], float]
"""Solves what was built and returns the optimum."""


def late_unit_days(program: LinearProgram) -> LinearProgram:
    """The program with late unit-days of all tiers as its only level, in fractions of units."""
    tiers = [at for at, level in enumerate(program.levels) if level.name == "tier_level"]
    cost = csr_array(program.costs[tiers].sum(axis=0)[None, :])
    level = Level("tier_level", len(tiers) - 1)
    return replace(program, costs=cost, levels=(level,), prefer_whole=np.zeros_like(program.prefer_whole))


def by_monolith(network: Network) -> Solve:
    """Expanded to arrays and handed to HiGHS in one piece."""
    import highspy

    from expansion import hand_over

    program = late_unit_days(formulate(network))

    def solve() -> float:
        highs = hand_over(program, np.asarray(program.costs.todense()).ravel())
        highs.setOptionValue("threads", 1)
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise SystemExit("HiGHS found no optimum")
        return float(highs.getInfo().objective_function_value)

    return solve


def by_blocks(network: Network) -> Solve:
    """Expanded to arrays and solved block by block, one after the other."""
    from firmdate.solver.highs import SolverOptions
    from firmdate.solver.run_blocks import solve_program

    program = late_unit_days(formulate(network))
    return lambda: float(solve_program(program, SolverOptions(), workers=1).values[0])


def _late_unit_days_in_pyomo(network: Network) -> Any:
    import pyomo.environ as pyo

    model = formulate(network, expand=False)
    for objective in model.component_data_objects(pyo.Objective, active=True):
        objective.deactivate()
    model.late_unit_days = pyo.Objective(expr=sum(model.tier_level[tier].expr for tier in model.TIERS))
    return model


def by_appsi(network: Network) -> Solve:
    """Pyomo's ordinary model through ``appsi_highs``."""
    import pyomo.environ as pyo

    model = _late_unit_days_in_pyomo(network)

    def solve() -> float:
        pyo.SolverFactory("appsi_highs").solve(model, options={"threads": 1})
        return float(pyo.value(model.late_unit_days))

    return solve


def by_new_highs(network: Network) -> Solve:
    """Pyomo's ordinary model through the newer ``highs``."""
    import pyomo.environ as pyo
    from pyomo.contrib.solver.common.factory import SolverFactory

    model = _late_unit_days_in_pyomo(network)

    def solve() -> float:
        SolverFactory("highs").solve(model, threads=1)
        return float(pyo.value(model.late_unit_days))

    return solve


def by_linopy(network: Network) -> Solve:
    """Linopy's arrays; the sums over relations are its ``groupby``."""
    from by_linopy import build

    model = build(network)

    def solve() -> float:
        model.solve(solver_name="highs", io_api="direct", threads=1, output_flag=False)
        return float(model.objective.value)

    return solve


@dataclass(frozen=True)
class Tool:
    """A way to build and solve.

    Args:
        name: For the table.
        build: Builds the model of a network.
        modules: What it imports, which does not count as its time.
    """

    name: str
    build: Callable[[Network], Solve]
    modules: tuple[str, ...]


TOOLS: Mapping[str, Tool] = {
    "blocks": Tool("Firmdate, in blocks", by_blocks, ("pyomo.core", "highspy", "firmdate.solver.run_blocks")),
    "monolith": Tool("Firmdate, in one piece", by_monolith, ("pyomo.core", "highspy", "expansion")),
    "appsi": Tool("Pyomo, `appsi_highs`", by_appsi, ("pyomo.environ", "highspy")),
    "highs": Tool("Pyomo, `highs`", by_new_highs, ("pyomo.environ", "highspy")),
    "linopy": Tool("linopy", by_linopy, ("by_linopy", "highspy")),
}


def run_one(tool: str, scenario: Path) -> dict[str, float]:
    """Build and solve with one tool in this process."""
    resolved = resolve(scenario, {})
    network = build_network(load_data(resolved)[0], resolved, frozenset())
    for module in TOOLS[tool].modules:
        import_module(module)
    before = peak_memory()
    clocks = [(time.perf_counter(), time.process_time())]
    solve = TOOLS[tool].build(network)
    clocks.append((time.perf_counter(), time.process_time()))
    objective = solve()
    clocks.append((time.perf_counter(), time.process_time()))
    (wall, cpu), (built, built_cpu), (solved, solved_cpu) = clocks
    return {
        "build_seconds": round(built - wall, 3),
        "solve_seconds": round(solved - built, 3),
        "build_cpu_seconds": round(built_cpu - cpu, 3),
        "solve_cpu_seconds": round(solved_cpu - built_cpu, 3),
        "peak_mb": round(peak_memory(), 1),
        "before_mb": round(before, 1),
        "objective": objective,
    }


def compare(parts: int, tools: list[str], limit: float) -> dict[str, object]:
    """All tools at one size, each in a process of its own.

    Raises:
        SystemExit: The optima differ.
    """
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        scenario = write_network(Path(folder), parts)
        results = {tool: _apart(tool, scenario, limit) for tool in tools}
        resolved = resolve(scenario, {})
        rows, columns = formulate(build_network(load_data(resolved)[0], resolved, frozenset())).matrix.shape
    found = [result["objective"] for result in results.values() if result is not None]
    if found and max(found) - min(found) > TOLERANCE * max(1.0, abs(found[0])):
        raise SystemExit(f"{parts} parts: the optima differ: {results}")
    return {"parts": parts, "rows": rows, "columns": columns, "tools": results}


def _apart(tool: str, scenario: Path, limit: float) -> dict[str, float] | None:
    """One tool in a process of its own; None when it takes more seconds of the processor than the limit."""
    command = [sys.executable, __file__, "--one", tool, str(scenario), "--limit", str(limit)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode == -signal.SIGXCPU:
        return None
    if done.returncode:
        raise SystemExit(f"{tool} failed:\n{done.stderr}")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def as_markdown(results: list[dict[str, Any]], limit: float) -> str:
    """One table for all sizes; seconds are of the processor, ratios are to the first tool's."""
    lines = [
        "| parts | columns | tool | build, s | solve, s | together | times the first | peak, MB |",
        "|--:|--:|---|--:|--:|--:|--:|--:|",
    ]
    for result in results:
        base = 0.0
        for tool, measured in result["tools"].items():
            start = f"| {result['parts']:,} | {result['columns']:,} | {TOOLS[tool].name} |"
            if measured is None:
                lines.append(f"{start} | | more than {limit:.0f} s | | |")
                continue
            build, solve = measured["build_cpu_seconds"], measured["solve_cpu_seconds"]
            both = build + solve
            base = base or both
            figures = f"{build:.2f} | {solve:.2f} | {both:.2f} | {both / base:.1f} | {measured['peak_mb']:.0f} |"
            lines.append(f"{start} {figures}")
    return "\n".join(lines)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", type=int, default=list(SIZES), help="sizes in parts")
    parser.add_argument("--tool", action="append", choices=list(TOOLS), help="only this one; may be repeated")
    parser.add_argument("--limit", type=float, default=600.0, help="seconds of the processor for one tool")
    parser.add_argument("--json", action="store_true", help="one object a size instead of a table")
    parser.add_argument("--one", nargs=2, metavar=("TOOL", "SCENARIO"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        limit = math.ceil(arguments.limit)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
        print(json.dumps(run_one(arguments.one[0], Path(arguments.one[1]))))
        return
    results = []
    for parts in arguments.parts:
        results.append(compare(parts, arguments.tool or list(TOOLS), arguments.limit))
        if arguments.json:
            print(json.dumps(results[-1]), flush=True)
    if arguments.json:
        return
    print(as_markdown(results, arguments.limit))
    print(", ".join(f"{name} {version(name)}" for name in ("highspy", "pyomo", "linopy", "numpy", "pandas")))


if __name__ == "__main__":
    main()
