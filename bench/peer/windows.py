"""When something may start: validity dates and working calendars, as variants of one activity.

Firmdate's activities have one lead time. One that runs in working time takes longer when it meets a closed period,
so it becomes one variant per length, each allowed in the windows in which it has that length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from peer.case import Validity
from peer.grid import Calendars, Grid
from planning_files import PlanningFiles

WINDOW_HOURS = 1e6
"""Hours of a window resource: more than any plan takes."""

TOKEN_HOURS = 1e-3
"""Hours that one unit takes of a window resource."""


@dataclass(frozen=True)
class Variant:
    """Something of one length in steps; ``windows`` are first start and start after the last."""

    name: str
    length: int
    windows: tuple[tuple[int, int], ...]


class Windows:
    """Finds variants and writes the window resources that operations take a token of."""

    def __init__(self, files: PlanningFiles, grid: Grid, calendars: Calendars) -> None:
        self._files = files
        self._grid = grid
        self._calendars = calendars
        self._names: dict[tuple[tuple[int, int], ...], str] = {}
        self.warnings: list[str] = []

    def variants(
        self, name: str, steps: int, calendar: str | None, validity: Sequence[Validity] = (), rest: int = 0
    ) -> list[Variant]:
        """The variants of something of so many working steps.

        It is valid when any part of it lies inside the dates: the schema does not say whether its start or its end
        counts, and the wider reading never refuses what the expected plan does.

        Args:
            name: Name of the activity.
            steps: Its length in working steps.
            calendar: Its working calendar.
            validity: Dates between which it is valid, all of them.
            rest: Steps that follow until its output is ready, when it is the first of several stages.
        """
        if calendar is not None and not self._calendars.has(calendar):
            self.warnings.append(f"{name}: calendar {calendar} has no non-working periods in the file")
        valid_from = max([0, *(self._grid.at_or_after(v.first) for v in validity if v.first)])
        after = min([self._grid.steps, *(self._grid.at_or_before(v.last) + 1 for v in validity if v.last)])
        by_length: dict[int, list[tuple[int, int]]] = {}
        for start, end, length in self._calendars.windows(calendar, steps):
            first = max(start, valid_from - length - rest)
            if first < min(end, after):
                by_length.setdefault(length, []).append((first, min(end, after)))
        if not by_length:
            self.warnings.append(f"{name}: it can never start inside the horizon and was not used")
        return [
            Variant(name if len(by_length) == 1 else f"{name} ({length} steps)", length, tuple(windows))
            for length, windows in by_length.items()
        ]

    def is_always(self, variant: Variant) -> bool:
        """True when the variant may start on every step."""
        return variant.windows == ((0, self._grid.steps),)

    def resource(self, variant: Variant) -> str | None:
        """The resource that is there in the windows only; None when the variant may always start."""
        if self.is_always(variant):
            return None
        if variant.windows not in self._names:
            name = f"window {len(self._names) + 1}"
            self._names[variant.windows] = name
            self._files.add("resources", {"resource": name})
            for start, end in variant.windows:
                row = {
                    "start": self._grid.planning_date(start),
                    "end": self._grid.planning_date(end),
                    "hours": WINDOW_HOURS,
                }
                self._files.add("resource_capacity", {"resource": name, **row})
        return self._names[variant.windows]
