"""Rules that the planning data may state and that are not planned yet: said, never silently ignored."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from firmdate.data.suggest import counted
from firmdate.errors import Problem

if TYPE_CHECKING:
    from firmdate.data.planning_data import PlanningData
    from firmdate.scenario.schema import Scenario

OLD_BACKLOG_DAYS = 366
"""A backlog of which even the newest line is older than this is more likely a wrong planning date."""

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
            text = f"{message} ({counted(len(rows), 'row')})"
            warnings.append(Problem(data.where(table, int(rows[0])), column, text, warning=True))
    return warnings


def missed_horizon(data: PlanningData, scenario: Scenario) -> list[Problem]:
    """A warning when no line is wanted near the horizon: the planning date is then probably that of other data.

    Args:
        data: Planning data.
        scenario: For its planning date and horizon.
    """
    wanted = data["demands"]["requested_date"]
    if not len(wanted):
        return []
    first, last = wanted.min().date(), wanted.max().date()
    end = scenario.planning_date + dt.timedelta(days=scenario.horizon_days - 1)
    if first > end:
        what = f"every line is requested after the horizon, which ends on {end} (the first on {first})"
    elif (scenario.planning_date - last).days > OLD_BACKLOG_DAYS:
        what = f"every line was requested more than a year before {scenario.planning_date} (the last on {last})"
    else:
        return []
    where = scenario.origins["planning_date"]
    return [Problem(where, "planning_date", f"{what}; is it the date of these data?", warning=True)]
