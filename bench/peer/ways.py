"""Ways of making: operations, bills of materials and hours for the makes of a case.

What one operation of the planning data cannot say is built from several. One whose hours are spread over its
duration, or whose inputs are needed after its start, becomes a chain of stages with work in process between them
(which may wait where the original may not, so the plan can only get better by that).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from peer.case import Case, Flow, Validity
from peer.grid import Grid
from peer.loads import ResourcePlan, Take
from peer.windows import TOKEN_HOURS, Windows
from planning_files import PlanningFiles


@dataclass(frozen=True)
class Need:
    """An input of one output unit, at an offset in steps from the start."""

    item: str
    location: str
    quantity: float
    offset: int
    validity: Validity


@dataclass(frozen=True)
class Way:
    """One way of getting one unit of an item at a location by work, ready ``end`` steps after the start."""

    name: str
    item: str
    location: str
    rank: int
    needs: tuple[Need, ...]
    takes: tuple[Take, ...]
    duration: int
    end: int
    stage_steps: int
    calendar: str | None
    validity: tuple[Validity, ...]


def make_ways(case: Case, grid: Grid, resources: ResourcePlan, rank_of: Mapping[float, int]) -> Iterator[Way]:
    """Every way of making: one per output that is needed and combination of alternate inputs."""
    wanted = _wanted(case)
    for make in case.makes:
        outputs = [flow for flow in make.outputs if flow.quantity > 0]
        used = [flow for flow in outputs if (flow.item, flow.location) in wanted]
        takes = resources.takes(make)
        duration = grid.whole_steps(make.duration_days + make.duration_per_unit_days)
        for output in used:
            share = 1 / (output.quantity * len(used))
            for at, inputs in enumerate(_combinations(make.inputs)):
                yield Way(
                    name=make.id if at == 0 else f"{make.id} / {at + 1}",
                    item=output.item,
                    location=output.location,
                    rank=rank_of[make.priority] + at,
                    needs=tuple(_need(flow, share, grid) for flow in inputs),
                    takes=tuple(Take(take.resource, take.amount * share, take.spread) for take in takes),
                    duration=duration,
                    end=duration + grid.whole_steps(output.offset_days),
                    stage_steps=resources.stage_steps(make.loads),
                    calendar=make.validity.calendar,
                    validity=(make.validity, *(flow.validity for flow in inputs if flow.group is not None)),
                )


def make_warnings(case: Case) -> Iterator[str]:
    """What the ways of making leave out, by name."""
    wanted = _wanted(case)
    for make in case.makes:
        if not any(flow.quantity > 0 for flow in make.outputs):
            yield f"make {make.id}: it has no output per unit and was not used"
        if sum((flow.item, flow.location) in wanted for flow in make.outputs) > 1:
            yield (
                f"make {make.id}: several outputs are needed; each is made by itself with an equal share of inputs"
                " and capacity"
            )
        if any(flow.fixed for flow in (*make.inputs, *make.outputs)):
            yield f"make {make.id}: qty_fixed per lot is not used, only qty_per"
        if str(make.sizes):
            yield f"make {make.id}: lot sizes ({make.sizes}) are not used; any quantity can be made"


def _wanted(case: Case) -> set[tuple[str, str]]:
    """Stock points from which something takes."""
    return {
        *((flow.item, flow.location) for make in case.makes for flow in make.inputs),
        *((option.item, option.location) for demand in case.demands for option in demand.options),
        *((issue.item, issue.location) for issue in case.issues),
        *((transfer.item, transfer.origin) for transfer in case.transfers),
    }


def _combinations(inputs: tuple[Flow, ...]) -> Iterator[tuple[Flow, ...]]:
    """All inputs with one of each group of alternates, preferred ones first."""
    fixed = [flow for flow in inputs if flow.group is None]
    names = list(dict.fromkeys(flow.group for flow in inputs if flow.group is not None))
    groups = [[flow for flow in inputs if flow.group == name] for name in names]
    choices = itertools.product(*groups)
    for chosen in sorted(choices, key=lambda flows: (sum(flow.rank for flow in flows), [flow.rank for flow in flows])):
        yield (*fixed, *chosen)


def _need(flow: Flow, share: float, grid: Grid) -> Need:
    # An alternate that is not valid rules its combination out; any other input is then simply not needed.
    validity = flow.validity if flow.group is None else Validity()
    return Need(flow.item, flow.location, flow.quantity * share, grid.whole_steps(flow.offset_days), validity)


class WayWriter:
    """Writes ways as operations, bills of materials and operation resources."""

    def __init__(self, files: PlanningFiles, grid: Grid, windows: Windows) -> None:
        self._files = files
        self._grid = grid
        self._windows = windows
        self._aliases: set[tuple[str, str, str]] = set()
        self.warnings: list[str] = []

    def write(self, way: Way) -> None:
        """Write one way with all its stages."""
        stages = self._stages(way)
        loaded = [start for start, _ in stages if _is_loaded(way, start)]
        before: str | None = None
        for at, (start, end) in enumerate(stages):
            is_last = at == len(stages) - 1
            item = way.item if is_last else f"{way.name} > {way.item} @ {way.location} > stage {at + 1}"
            takes = [
                (take.resource, take.amount / (len(loaded) if take.spread else 1))
                for take in way.takes
                if (start in loaded if take.spread else start == 0)
            ]
            bill = self._bill(way, start)
            if before is not None:
                bill.append({"component": before, "quantity_per": 1})
            validity, rest = ((), 0) if at else (way.validity, way.end - end)
            for variant in self._windows.variants(way.name, end - start, way.calendar, validity, rest):
                key = {"item": item, "location": way.location, "alternative": variant.name}
                rank = way.rank if is_last else 1
                self._files.add("operations", {**key, "lead_time_days": variant.length, "rank": rank})
                for row in bill:
                    self._files.add("bills_of_materials", {**key, **row})
                window = self._windows.resource(variant)
                for resource, hours in takes + ([(window, TOKEN_HOURS)] if window else []):
                    self._files.add("operation_resources", {**key, "resource": resource, "hours_per_unit": hours})
            before = item

    def _stages(self, way: Way) -> list[tuple[int, int]]:
        """First step and end of the stages: the way is cut where it takes something."""
        points = {0, *(need.offset for need in way.needs)}
        if way.stage_steps:
            points.update(range(0, max(way.duration - way.stage_steps + 1, 1), way.stage_steps))
        ordered = sorted(points)
        if ordered[-1] > way.end:
            self.warnings.append(f"{way.name}: it takes something after its output is ready; the output waits for that")
        return list(itertools.pairwise([*ordered, max(way.end, ordered[-1])]))

    def _bill(self, way: Way, start: int) -> list[dict[str, object]]:
        """Bill of materials rows of the inputs that are needed at the start of a stage."""
        needs: dict[str, Need] = {}
        for need in (need for need in way.needs if need.offset == start):
            component = self._component(need, way.location)
            if component in needs:
                self.warnings.append(f"{way.name}: input {component} is named twice; the quantities are added up")
            before = needs[component].quantity if component in needs else 0.0
            needs[component] = replace(need, quantity=need.quantity + before)
        return [
            {"component": component, "quantity_per": need.quantity, **self._valid(need.validity)}
            for component, need in needs.items()
        ]

    def _valid(self, validity: Validity) -> dict[str, object]:
        """Validity columns of a bill of materials."""
        first, last = validity.first, validity.last
        return {
            "effective_from": self._grid.planning_date(self._grid.at_or_after(first)) if first else None,
            "effective_to": self._grid.planning_date(self._grid.at_or_before(last)) if last else None,
        }

    def _component(self, need: Need, location: str) -> str:
        """The component; one from another location gets a name of its own and a lane without lead time."""
        if need.location == location:
            return need.item
        alias = f"{need.item} from {need.location}"
        if not any(known[:2] == (need.item, need.location) for known in self._aliases):
            key = {"item": alias, "location": need.location}
            self._files.add("operations", {**key, "lead_time_days": 0})
            self._files.add("bills_of_materials", {**key, "component": need.item, "quantity_per": 1})
        if (need.item, need.location, location) not in self._aliases:
            lane = {"item": alias, "origin": need.location, "destination": location, "lead_time_days": 0}
            self._files.add("lanes", lane)
        self._aliases.add((need.item, need.location, location))
        return alias


def _is_loaded(way: Way, start: int) -> bool:
    """True when the stage takes a share of the hours that are spread over the duration."""
    step = max(way.stage_steps, 1)
    return start % step == 0 and 0 <= start <= max(way.duration - step, 0)
