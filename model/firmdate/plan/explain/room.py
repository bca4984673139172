"""What is left of capacities in the optimum, and what more of them is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.formulation.linear_program import Level, LinearProgram
from firmdate.formulation.model_data import capacity_rows
from firmdate.network.capacity import CapacityKind
from firmdate.network.horizon import FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.solver.run_blocks import Solution


@dataclass(frozen=True)
class Room:
    """What is left of the capacity intervals, and what more of them is worth.

    Args:
        left: Per interval: hours or units.
        price: Per interval: what one more unit is worth in the best level that it helps (the dual of its row).
        tier: Per interval: position of the tier that it helps first, -1 where it makes no line earlier.
        unit_days: Per interval: late unit-days that one more unit saves that tier at most, 0 where it only helps a
            preference inside the tier, or money.
    """

    left: FloatArray
    price: FloatArray
    tier: IntArray
    unit_days: FloatArray


def capacity_room(network: Network, program: LinearProgram, solution: Solution, load: FloatArray) -> Room:
    """Per capacity interval: what is left, and what one more unit is worth."""
    price = np.zeros(len(network.capacities.group))
    level = np.full(len(price), -1, dtype=np.int64)
    for kind in CapacityKind:
        first, end = program.rows_of[f"{kind.name.lower()}_capacity"]
        interval = capacity_rows(network, kind).interval
        price[interval], level[interval] = np.abs(solution.price[first:end]), solution.price_level[first:end]
    tier = [_tier_of(network, one) for one in program.levels]
    in_units = np.array([one.name == "tier_level" for one in program.levels] + [False])
    return Room(
        left=network.capacities.limit - load,
        price=price,
        tier=np.array([*tier, -1])[level],
        unit_days=np.where(in_units[level], price, 0.0),
    )


def _tier_of(network: Network, level: Level) -> int:
    """Tier whose lines a level of the objective makes earlier; -1 for the other levels."""
    if network.measured:
        return -1
    if level.name in ("tier_level", "priority_level"):
        return level.member
    return 0 if network.money and level.name == "cost_level" else -1
