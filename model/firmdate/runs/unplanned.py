"""Rules that the planning data may state and that are not planned yet: said, never silently ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firmdate.errors import Problem

if TYPE_CHECKING:
    from firmdate.data.planning_data import PlanningData

_RULES = (
    ("supplier_items", "minimum", 1.0, "the smallest order quantity is not kept: new orders may be smaller"),
    ("supplier_items", "multiple", 1.0, "order multiples are not kept: new orders may have any quantity"),
)


def unplanned_rules(data: PlanningData) -> list[Problem]:
    """One warning for every column with values that the plan does not keep.

    Args:
        data: Planning data.
    """
    warnings = []
    for table, column, harmless, message in _RULES:
        frame = data[table]
        rows = frame.index[frame[column].fillna(0.0) > harmless]
        if len(rows):
            text = f"{message} ({len(rows)} rows)"
            warnings.append(Problem(data.where(table, int(rows[0])), column, text, warning=True))
    sets = data["demands"]["ship_set"].dropna()
    if len(sets):
        message = f"ship sets are not kept: their lines may be delivered on different dates ({len(sets)} rows)"
        place = data.where("demands", int(sets.index[0]))
        warnings.append(Problem(place, "ship_set", message, warning=True))
    return warnings
