"""Capacity of a case: what its resources offer, and what one unit of an order takes of them.

A resource of n parallel units is occupied by an order for the whole of its duration, but an operation of the
planning data takes its hours on its start date. All orders of duration D that start in any D consecutive steps run
side by side at the last of them. So the resource is written once per alignment of windows of that length: each
window offers what is there at its last step, and every order takes its hours of all alignments. That is exact when
all orders on the resource are equally long; else they are cut into stages of a common length (see ``ways.py``).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from peer.case import Buy, Case, Load, Make, Resource
from peer.grid import Grid, pieces
from planning_files import PlanningFiles

MOST_STAGES = 24
"""Operations are cut into at most about this many stages."""

MOST_ALIGNMENTS = 24
"""Windows are laid at most about so many ways; fewer than all can only make the plan better."""


@dataclass(frozen=True)
class Take:
    """What one unit takes of a resource: at its start, or spread over its duration."""

    resource: str
    amount: float
    spread: bool


@dataclass(frozen=True)
class Alignments:
    """The windows of a resource of parallel units: their length in steps, and the steps by which they are shifted."""

    length: int
    shifts: tuple[int, ...]

    def names(self, resource: str) -> list[str]:
        """One name per alignment."""
        if len(self.shifts) == 1:
            return [resource]
        return [f"{resource} (windows from step {shift})" for shift in self.shifts]


class ResourcePlan:
    """The limited resources of a case, the intervals in which they are offered, and what orders take of them."""

    def __init__(self, case: Case, grid: Grid) -> None:
        self._grid = grid
        self._limited = {r.id: r for r in case.resources if r.capacity and not r.unlimited}
        self._windows = _windows(case, grid, self._limited)
        self._quantities = {1.0, *(demand.quantity for demand in case.demands)}
        self.warnings: list[str] = [
            f"resource {r.id}: max_early_days is not used; work may be done earlier"
            for r in case.resources
            if r.max_early_days is not None
        ]
        known = {r.id for r in case.resources if r.capacity or r.unlimited}
        activities: tuple[Buy | Make, ...] = (*case.buys, *case.makes)
        self.warnings += [
            f"{activity.id}: resource {load.resource} has no capacity in the file, so it does not limit anything"
            for activity in activities
            for load in activity.loads
            if load.resource not in known
        ]

    def stage_steps(self, loads: Iterable[Load]) -> int:
        """Length in steps of the stages of an operation with these loads; 0 when it need not be cut."""
        return max((self._of(load).length for load in loads if load.resource in self._windows), default=0)

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
                hours = self._days_per_unit(make, load) * 24
                found += [Take(name, hours, spread=True) for name in self._of(load).names(load.resource)]
            else:
                per_unit = 0.0 if load.per_lot else load.quantity
                found.append(Take(load.resource, per_unit if load.linear is None else load.linear, spread=False))
        return found

    def buy_takes(self, buy: Buy) -> list[Take]:
        """What one bought unit takes of each limited resource at the order date."""
        found = []
        for load in self._limited_loads(buy.loads):
            amount = load.quantity if load.linear is None else load.linear
            if self._limited[load.resource].bucket_days is None:
                windows = self._of(load)
                hours = amount * windows.length * self._grid.hours
                found += [Take(name, hours, spread=False) for name in windows.names(load.resource)]
            else:
                found.append(Take(load.resource, amount, spread=False))
        return found

    def _limited_loads(self, loads: Iterable[Load]) -> list[Load]:
        return [load for load in loads if load.resource in self._limited]

    def _of(self, load: Load) -> Alignments:
        return self._windows.get(load.resource, Alignments(1, (0,)))

    def _days_per_unit(self, make: Make, load: Load) -> float:
        """Days of one parallel unit that one unit of a make takes.

        A duration per unit says it by itself. For a fixed duration the file gives a linear equivalent, which can be
        read as units of the resource for the whole duration, or as days. The reading that belongs to a lot size or to
        an ordered quantity is taken; without one the smaller, since the larger could refuse what the expected plan
        does.
        """
        duration, per_unit = make.duration_days, load.quantity * make.duration_per_unit_days
        whole = duration + make.duration_per_unit_days
        if duration == 0:
            return per_unit
        if load.linear is None:
            return per_unit if load.per_lot else load.quantity * whole
        as_units, as_days = load.linear * whole, load.linear
        if per_unit > 0:
            return max(per_unit, min(as_units, as_days))
        if math.isclose(as_units, as_days) or self._is_lot(make, load.quantity / load.linear):
            return as_units
        if not self._is_lot(make, load.quantity * duration / load.linear):
            self.warnings.append(
                f"make {make.id}: lp_load_per_unit on {load.resource} fits no lot size;"
                f" {min(as_units, as_days):g} days per unit were used"
            )
            return min(as_units, as_days)
        return as_days

    def _is_lot(self, make: Make, quantity: float) -> bool:
        """True when something is made or ordered in this quantity."""
        sizes = (make.sizes.minimum, make.sizes.multiple, make.sizes.maximum)
        known = {*self._quantities, *(size for size in sizes if size)}
        return any(math.isclose(quantity, size, rel_tol=1e-3) for size in known)

    def write(self, files: PlanningFiles) -> None:
        """Write the limited resources and their capacity."""
        for resource in self._limited.values():
            if resource.bucket_days is not None:
                steps = resource.bucket_days * 24 / self._grid.hours
                constant = pieces(resource.capacity, self._grid)
                intervals = [bucket for piece in constant for bucket in _buckets(*piece, steps)]
                self._write(files, resource.id, intervals)
                continue
            windows = self._windows.get(resource.id, Alignments(1, (0,)))
            for name, shift in zip(windows.names(resource.id), windows.shifts, strict=True):
                self._write(files, name, self._offered(resource, windows.length, shift))

    def _write(self, files: PlanningFiles, name: str, intervals: list[tuple[int, int, float]]) -> None:
        files.add("resources", {"resource": name})
        for start, end, amount in intervals:
            if end > 0:
                days = self._grid.planning_date(max(start, 0)), self._grid.planning_date(end)
                files.add("resource_capacity", {"resource": name, "start": days[0], "end": days[1], "hours": amount})

    def _offered(self, resource: Resource, length: int, shift: int) -> list[tuple[int, int, float]]:
        """Windows of one alignment: first step, step after the last, and the hours of what is there at the last."""
        units = [0.0] * self._grid.steps
        for start, end, value in pieces(resource.capacity, self._grid):
            units[max(start, 0) : end] = [value] * (end - max(start, 0))
        edges = [0, *range(shift or length, self._grid.steps, length), self._grid.steps]
        hours = length * self._grid.hours
        return [(start, end, units[end - 1] * hours) for start, end in itertools.pairwise(edges)]


def _buckets(start: int, end: int, quantity: float, steps: float) -> list[tuple[int, int, float]]:
    """Buckets of so many steps within a piece (0: one bucket); one shorter than a step offers its share per step."""
    if steps == 0:
        return [(start, end, quantity)]
    if steps < 1:
        return [(at, at + 1, quantity / steps) for at in range(max(start, 0), end)]
    edges = [start + round(k * steps) for k in range(math.ceil((end - start) / steps))]
    return list(zip(edges, [*edges[1:], end], [quantity] * len(edges), strict=True))


def _windows(case: Case, grid: Grid, limited: Mapping[str, Resource]) -> dict[str, Alignments]:
    """Windows of every resource of parallel units; resources that are used together have the same."""
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
    lengths = {name: window_length(durations) for names, durations in groups for name in names}
    return {
        name: Alignments(length, tuple(range(0, length, math.ceil(length / MOST_ALIGNMENTS))))
        for name, length in lengths.items()
    }


def window_length(durations: list[int]) -> int:
    """The longest window of which all durations are multiples, unless that needs too many stages.

    >>> window_length([24, 24]), window_length([48, 24]), window_length([1, 7]), window_length([1, 240])
    (24, 24, 1, 10)
    """
    return max(math.gcd(*durations), math.ceil(max(durations) / MOST_STAGES))
