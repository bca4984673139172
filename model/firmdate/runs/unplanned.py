"""Data that fit the scenario badly: said, never silently ignored."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from firmdate.errors import Problem

if TYPE_CHECKING:
    from firmdate.data.planning_data import PlanningData
    from firmdate.scenario.schema import Scenario

OLD_BACKLOG_DAYS = 366
"""A backlog of which even the newest line is older than this is more likely a wrong planning date."""


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


def worthless_lines(data: PlanningData, scenario: Scenario) -> list[Problem]:
    """A warning when money decides and lateness costs none: what costs anything to supply then stays open.

    Args:
        data: Planning data.
        scenario: For its objective.
    """
    late = data["demands"]["penalty_per_day"]
    if scenario.objective != "cost" or late.fillna(0).gt(0).any():
        return []
    what = "no line has a penalty_per_day, so a line that costs anything to supply stays open"
    advice = "state penalties in demands, or use objective: tiers"
    return [Problem(scenario.origins["objective"], "objective", f"{what}; {advice}", warning=True)]
