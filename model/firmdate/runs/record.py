"""What ``run.json`` says about how a plan was made."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from firmdate.formulation.linear_program import Level, LinearProgram
    from firmdate.network.horizon import BoolArray, FloatArray
    from firmdate.network.network import Network
    from firmdate.solver.run_blocks import Solution


@dataclass(frozen=True)
class Outcome:
    """What was found of every level of the objective.

    Args:
        levels: The levels in their order.
        values: Value of every level.
        bounds: Per level: no plan that is as good in all levels before it has a lower value.
        proven: Per level: whether the value is the optimum.
    """

    levels: tuple[Level, ...]
    values: FloatArray
    bounds: FloatArray
    proven: BoolArray

    @classmethod
    def of(cls, program: LinearProgram, solution: Solution) -> Outcome:
        """The outcome of one program."""
        return cls(program.levels, solution.values, solution.bounds, solution.proven)

    @classmethod
    def total(cls, outcomes: Sequence[Outcome]) -> Outcome:
        """The outcome of parts that have nothing to do with each other, with the same levels."""
        return cls(
            outcomes[0].levels,
            np.sum([one.values for one in outcomes], axis=0),
            np.sum([one.bounds for one in outcomes], axis=0),
            np.all([one.proven for one in outcomes], axis=0),
        )


def plan_warnings(kpis: Mapping[str, float], outcome: Outcome) -> list[str]:
    """What the reader of a plan must know."""
    warnings = []
    if kpis["optimistic"]:
        warnings.append(
            "the firm supply plan is infeasible, so its dates are optimistic; see check, or use planned_orders: adjust"
        )
    if not outcome.proven.all():
        tiers = [
            _proof(level, value, bound, proven)
            for level, value, bound, proven in _known(outcome)
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


def total_sizes(parts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Sizes of all parts together."""
    return {name: sum(part[name] for part in parts) for name in parts[0]}


def levels(outcome: Outcome) -> list[dict[str, object]]:
    """Value of every level that costs something, and what is proven of it.

    A level that is not proven has a lower bound: no plan that is as good in all levels before it is better than that.
    """
    record: list[dict[str, object]] = []
    for level, value, bound, proven in _known(outcome):
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


def _known(outcome: Outcome) -> Iterator[tuple[Level, float, float, bool]]:
    """Every level with its value, its lower bound, and whether they are proven to be the same."""
    columns = (outcome.values.tolist(), outcome.bounds.tolist(), outcome.proven.tolist())
    return zip(outcome.levels, *columns, strict=True)


def _proof(level: Level, value: float, bound: float, proven: bool) -> str:
    if proven:
        return f"tier {level.member + 1} proven"
    return f"tier {level.member + 1} at most {value - bound:,.0f} of its {value:,.0f} late unit-days above the optimum"
