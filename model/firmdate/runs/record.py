"""What ``run.json`` says about how a plan was made."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firmdate.formulation.linear_program import Level, LinearProgram
    from firmdate.network.network import Network
    from firmdate.solver.run_blocks import Solution


def plan_warnings(kpis: Mapping[str, float], program: LinearProgram, solution: Solution) -> list[str]:
    """What the reader of a plan must know."""
    warnings = []
    if kpis["optimistic"]:
        warnings.append(
            "the firm supply plan is infeasible, so its dates are optimistic; see check, or use planned_orders: adjust"
        )
    if not solution.proven.all():
        tiers = [
            _proof(level, value, bound, proven)
            for level, value, bound, proven in _known(program, solution)
            if level.name == "tier_level"
        ]
        warnings.append(
            f"the time limit was hit: {', '.join(tiers)}; lines of a tier that is not proven may be later than they "
            "need be, whatever their reasons say"
        )
    return warnings


def versions() -> dict[str, str]:
    """Versions of everything that a plan depends on."""
    from firmdate import __version__

    packages = {name: version(name) for name in ("pyomo", "highspy", "pandas", "numpy", "scipy")}
    return {"firmdate": __version__, "python": platform.python_version(), **packages}


def sizes(network: Network, program: LinearProgram, solution: Solution) -> dict[str, int]:
    """How large the problem was."""
    rows, columns = program.matrix.shape
    return {
        "lines": len(network.lines),
        "classes": len(network.classes),
        "stocking_points": len(network.points),
        "activities": len(network.activities),
        "nodes": len(network.nodes),
        "rows": rows,
        "columns": columns,
        "nonzeros": program.matrix.nnz,
        "blocks": solution.blocks,
        "blocks_solved_before": solution.cached,
        "iterations": solution.iterations,
    }


def levels(program: LinearProgram, solution: Solution) -> list[dict[str, object]]:
    """Value of every level that costs something, and what is proven of it.

    A level that is not proven has a lower bound: no plan that is as good in all levels before it is better than that.
    """
    record: list[dict[str, object]] = []
    for level, value, bound, proven in _known(program, solution):
        if abs(value) <= 1e-9:
            continue
        named = {"level": level.name, "member": level.member + 1}
        if proven:
            record.append({**named, "optimum": round(value, 6)})
        else:
            least = round(bound, 6) if math.isfinite(bound) else None
            gap = None if least is None else round((value - bound) / abs(value), 6)
            record.append({**named, "value": round(value, 6), "bound": least, "gap": gap})
    return record


def _known(program: LinearProgram, solution: Solution) -> Iterator[tuple[Level, float, float, bool]]:
    """Every level with its value, its lower bound, and whether they are proven to be the same."""
    columns = (solution.values.tolist(), solution.bounds.tolist(), solution.proven.tolist())
    return zip(program.levels, *columns, strict=True)


def _proof(level: Level, value: float, bound: float, proven: bool) -> str:
    if proven:
        return f"tier {level.member + 1} proven"
    return f"tier {level.member + 1} at most {value - bound:,.0f} of its {value:,.0f} late unit-days above the optimum"
