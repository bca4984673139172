"""Capacity of a case: what its resources offer per interval, and what one unit of an order takes of them.

A resource of n parallel units is a number of hours per interval. An order occupies it for its whole duration, but an
operation of the planning data takes its hours on its start date. So an operation that is longer than an interval is
cut into stages of one interval each, and every stage takes its share of the hours (see ``ways.py``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from peer.case import Buy, Case, Load, Make, Resource
from peer.grid import Grid, pieces
from planning_files import PlanningFiles

MOST_STAGES = 24
"""Operations are cut into at most about this many stages."""


@dataclass(frozen=True)
class Take:
    """What one unit takes of a resource: at its start, or spread over its duration."""

    resource: str
    amount: float
    spread: bool


class ResourcePlan:
    """The limited resources of a case, the intervals in which they are offered, and what orders take of them."""

    def __init__(self, case: Case, grid: Grid) -> None:
        self._grid = grid
        self._limited = {r.id: r for r in case.resources if r.capacity and not r.unlimited}
        self._interval = _interval_lengths(case, grid, self._limited)
        self.warnings: list[str] = [
            f"resource {r.id}: max_early_days is not used; work may be done earlier"
            for r in case.resources
            if r.max_early_days is not None
        ]

    def stage_steps(self, loads: Iterable[Load]) -> int:
        """Length in steps of the stages of an operation with these loads; 0 when it need not be cut."""
        return max((self._interval.get(load.resource, 0) for load in loads), default=0)

    def takes(self, make: Make) -> list[Take]:
        """What one unit of a make takes of each limited resource."""
        found = []
        for load in self._limited_loads(make.loads):
            if load.per_lot and load.linear is None and make.duration_days > 0:
                self.warnings.append(
                    f"make {make.id}: the load on {load.resource} is per lot and has no linear equivalent; only what it"
                    " takes per unit was used"
                )
            if self._limited[load.resource].bucket_days is None:
                found.append(Take(load.resource, _days_per_unit(make, load) * 24, spread=True))
            else:
                per_unit = 0.0 if load.per_lot else load.quantity
                found.append(Take(load.resource, per_unit if load.linear is None else load.linear, spread=False))
        return found

    def buy_takes(self, buy: Buy) -> list[Take]:
        """What one bought unit takes at the order date of each limited resource."""
        found = []
        for load in self._limited_loads(buy.loads):
            amount = load.quantity if load.linear is None else load.linear
            per_step = 1.0 if self._limited[load.resource].bucket_days is not None else self._grid.hours
            found.append(Take(load.resource, amount * per_step, spread=False))
        return found

    def _limited_loads(self, loads: Iterable[Load]) -> list[Load]:
        return [load for load in loads if load.resource in self._limited]

    def write(self, files: PlanningFiles) -> None:
        """Write the limited resources and their capacity."""
        for resource in self._limited.values():
            files.add("resources", {"resource": resource.id})
            for start, end, amount in self._offered(resource):
                if end <= 0:
                    continue
                row = {
                    "start": self._grid.planning_date(max(start, 0)),
                    "end": self._grid.planning_date(end),
                    "hours": amount,
                }
                files.add("resource_capacity", {"resource": resource.id, **row})

    def _offered(self, resource: Resource) -> list[tuple[int, int, float]]:
        """Intervals of a resource: first step, step after the last, and what is offered in all."""
        constant = pieces(resource.capacity, self._grid)
        if resource.bucket_days is None:
            length = self._interval.get(resource.id, 1)
            # What runs at the end of a shorter last interval runs side by side like in a full one.
            full = length * self._grid.hours
            return [
                (at, min(at + length, end), units * full)
                for start, end, units in constant
                for at in range(max(start, 0), end, length)
            ]
        steps = resource.bucket_days * 24 / self._grid.hours
        return [bucket for piece in constant for bucket in _buckets(*piece, steps)]


def _buckets(start: int, end: int, quantity: float, steps: float) -> list[tuple[int, int, float]]:
    """Buckets of so many steps within a piece (0: one bucket); one shorter than a step offers its share per step."""
    if steps == 0:
        return [(start, end, quantity)]
    if steps < 1:
        return [(at, at + 1, quantity / steps) for at in range(max(start, 0), end)]
    edges = [start + round(k * steps) for k in range(math.ceil((end - start) / steps))]
    return list(zip(edges, [*edges[1:], end], [quantity] * len(edges), strict=True))


def _days_per_unit(make: Make, load: Load) -> float:
    """Days of one parallel unit that one unit of a make takes.

    A duration per unit says it by itself. For a fixed duration the file gives a linear equivalent, which can be read
    as units of the resource for the whole duration, or as days; the smaller is taken, since the larger would refuse
    what the expected plan does.

    >>> from peer.case import Sizes, Validity
    >>> make = Make("m", (), (), 2.0, 0.0, 1.0, Sizes(), Validity(), ())
    >>> _days_per_unit(make, Load("r", 1, True, 0.1))
    0.1
    """
    per_unit = load.quantity * make.duration_per_unit_days
    if make.duration_days == 0:
        return per_unit
    if load.linear is None:
        return per_unit if load.per_lot else load.quantity * (make.duration_days + make.duration_per_unit_days)
    held = load.linear * (make.duration_days + make.duration_per_unit_days)
    return max(per_unit, min(load.linear, held))


def _interval_lengths(case: Case, grid: Grid, limited: Mapping[str, Resource]) -> dict[str, int]:
    """Per resource of parallel units, the length of its intervals in steps.

    Every operation on resources that are used together is a whole number of intervals, so all that start in one
    interval still run at its end, side by side. Short intervals make the timing exact, long ones keep the problem
    small.
    """
    groups: list[tuple[set[str], list[int]]] = []
    for make in case.makes:
        loaded = (limited.get(load.resource) for load in make.loads)
        names = {resource.id for resource in loaded if resource is not None and resource.bucket_days is None}
        duration = grid.whole_steps(make.duration_days + make.duration_per_unit_days)
        if not names or duration == 0:
            continue
        joined = [group for group in groups if group[0] & names]
        groups = [group for group in groups if not group[0] & names]
        groups.append((names.union(*(g[0] for g in joined)), [duration, *(d for g in joined for d in g[1])]))
    return {name: _interval(durations) for names, durations in groups for name in names}


def _interval(durations: list[int]) -> int:
    """The shortest interval that divides all durations without too many stages.

    >>> _interval([24]), _interval([48]), _interval([1, 7])
    (1, 2, 1)
    """
    common = math.gcd(*durations)
    wanted = max(durations) / MOST_STAGES
    fitting = [length for length in range(1, common + 1) if common % length == 0 and length >= wanted]
    return fitting[0] if fitting else max(common, math.ceil(wanted))
