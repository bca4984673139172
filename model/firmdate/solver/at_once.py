"""Several levels solved by one linear program.

Their costs are added with weights that are far apart. No weight makes that exact; what does is the optimal basis: its
duals for the costs of each level prove, one after the other on the face of those before, that its solution is the
optimum. Levels that are not proven are solved on their own, so the weights decide about time only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from firmdate.errors import InfeasibleError
from firmdate.formulation.linear_program import Level
from firmdate.network.horizon import BoolArray, FloatArray
from firmdate.solver.block import SERVICE_LEVELS, is_whole
from firmdate.solver.highs import Answer, Problem, SolverOptions, TimeLimitError, minimize_and_price
from firmdate.solver.level_part import DUAL_TOLERANCE, level_part, on_optimal_face

WEIGHT = 300.0
"""How much more a unit of one level counts than one of the next."""

MOST_LEVELS = 3
"""More levels would spread the weights over more digits than the solver has."""

BOUND_TOLERANCE = 1e-6
"""Relative; a value that is as near to its bound is at it."""


@dataclass(frozen=True)
class Proven:
    """The optimum of one level.

    Args:
        face: All optimal solutions.
        answer: The one that is found, with the duals of this level.
    """

    face: Problem
    answer: Answer


def levels_at_once(levels: Sequence[Level], position: int, is_active: Callable[[int], bool]) -> list[int]:
    """Positions of the levels that are solved with one of them: ranks of commitments, or levels that only choose.

    The tiers are solved one by one: those that come first need not know the lines of the others.

    Args:
        levels: All levels.
        position: The first of them.
        is_active: Whether something that a level costs is still free.
    """
    together: list[int] = []
    for place in range(position, len(levels)):
        if not is_active(place):
            continue
        ranks = levels[place].name == levels[position].name == "commitment_level"
        chooses = not {levels[place].name, levels[position].name} & set(SERVICE_LEVELS)
        if len(together) == MOST_LEVELS or not (ranks or chooses):
            break
        together.append(place)
    return together


def minimize_at_once(
    face: Problem, costs: Sequence[FloatArray], later: BoolArray, options: SolverOptions, title: str
) -> list[Proven]:
    """Minimize levels one after the other on a face by one linear program.

    Args:
        face: Optimal solutions of the levels before.
        costs: Costs of the levels.
        later: Columns that they need not know.
        options: Limits, and where the log goes.
        title: For the log.

    Returns:
        The first levels, as many as are proven, all with the same solution; none where its integers are fractions.

    Raises:
        TimeLimitError: The time limit was hit.
    """
    weighted = np.zeros(len(later))
    for cost in costs:
        weighted = WEIGHT * weighted + cost / max(float(np.abs(cost).max()), DUAL_TOLERANCE)
    part = level_part(face, weighted, later, integers=False)
    try:
        solved, duals = minimize_and_price(part.problem, [cost[part.kept] for cost in costs], options, title)
    except InfeasibleError:  # the tolerances of the face contradict each other
        return []
    except TimeLimitError as error:
        x = None if error.x is None else part.with_values(error.x)
        raise TimeLimitError(str(error), -np.inf, x) from None
    if not is_whole(solved.x, face.integer[part.kept]):
        return []
    proven: list[Proven] = []
    for cost, dual in zip(costs, duals, strict=False):
        answer = replace(part, cost=cost).full(solved.x, dual, 0 if proven else solved.iterations)
        if not _is_optimal(face, answer, later):
            break
        face = on_optimal_face(face, answer)
        proven.append(Proven(face, answer))
    return proven


def _is_optimal(face: Problem, answer: Answer, later: BoolArray) -> bool:
    """Whether the duals prove it: what could be moved to lower the cost is at its bound."""
    columns = _can_move(answer.x, face.lower, face.upper, answer.reduced_cost) & ~later
    return not columns.any() and not _can_move(answer.activity, face.row_lower, face.row_upper, answer.dual).any()


def _can_move(value: FloatArray, lower: FloatArray, upper: FloatArray, price: FloatArray) -> BoolArray:
    """Where a price asks for less and the value is above its lower bound, or the other way round."""
    noise = BOUND_TOLERANCE * np.maximum(1.0, np.abs(value))
    down = (price > DUAL_TOLERANCE) & (value > lower + noise)
    return np.asarray(down | ((price < -DUAL_TOLERANCE) & (value < upper - noise)))
