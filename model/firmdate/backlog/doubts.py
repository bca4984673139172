"""Rules of a scenario that reach nothing: said, never silently ignored."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from firmdate.backlog.where import LineFilter, require_column
from firmdate.data.planning_data import PlanningData
from firmdate.data.suggest import did_you_mean, got
from firmdate.errors import Problem
from firmdate.scenario.schema import Scenario


def unused_rules(data: PlanningData, scenario: Scenario) -> list[Problem]:
    """A warning for every rule that has no effect on these data.

    Args:
        data: Planning data.
        scenario: The rules.

    Raises:
        InputError: A rule names a column of the user's own that is not in the data.
    """
    found = [*_empty_filters(data, scenario), *_unknown_values(data, scenario), *_unshared(data, scenario)]
    known = scenario.previous_run or data["demands"]["scheduled_date"].notna().any()
    if scenario.stability is not None and not known:
        found.append(("stability", "there is no previous_run and no scheduled_date that could be kept; name a run"))
    allocations = data["allocations"]
    if len(allocations):
        begin = pd.Timestamp(scenario.planning_date)
        end = begin + dt.timedelta(days=scenario.horizon_days)
        if ((allocations["end"] <= begin) | (allocations["start"] >= end)).all():
            found.append(("planning_date", "no period of allocations lies inside the horizon, so nothing is allocated"))
    return [
        Problem(scenario.origins.get(key.partition(".")[0], key), key, message, warning=True) for key, message in found
    ]


def _empty_filters(data: PlanningData, scenario: Scenario) -> list[tuple[str, str]]:
    """Segments and a selection that no order line is in."""
    if not scenario.strategies and scenario.selection is None:
        return []
    lines, found = LineFilter(data["demands"], scenario), []
    for at, segment in enumerate(scenario.strategies):
        if segment.where is not None and not lines.find(segment.where, "strategies").any():
            found.append((f"strategies.{at}.where", f"no order line is in this segment {_stated(segment.where)}"))
    chosen = scenario.selection
    if chosen is not None and not lines.find(chosen.where, "selection").any():
        found.append(("selection.where", f"no order line is selected, so none is planned {_stated(chosen.where)}"))
    return found


def _stated(where: dict[str, tuple[str, ...]]) -> str:
    return got(", ".join(f"{name}: {' or '.join(values)}" for name, values in where.items()))


def _unknown_values(data: PlanningData, scenario: Scenario) -> list[tuple[str, str]]:
    """Values in an explicit order of the priority rule that no order line has."""
    if scenario.priority_rule is None:
        return []
    lines, found = LineFilter(data["demands"], scenario), []
    for at, attribute in enumerate(scenario.priority_rule.attributes):
        require_column(data["demands"], attribute.column, scenario, "priority_rule")
        for value in attribute.order:
            if not lines.find({attribute.column: (value,)}, "priority_rule").any():
                values = sorted(set(data["demands"][attribute.column].dropna().astype(str)))
                message = (
                    f"no order line has this value of {attribute.column} {got(value)}{did_you_mean(value, values)}"
                )
                found.append((f"priority_rule.attributes.{at}.order", message))
    return found


def _unshared(data: PlanningData, scenario: Scenario) -> list[tuple[str, str]]:
    """A fair share in tiers without lines, or by targets that nothing has."""
    rule, found = scenario.fair_share, []
    if rule is None:
        return []
    if scenario.priority_rule is None:
        tiers = set(data["demands"]["tier"].tolist())
        found += [("fair_share.tiers", f"no order line is in this tier {got(t)}") for t in rule.tiers if t not in tiers]
    if rule.rule == "target" and not data["stocking_points"]["share_target"].notna().any():
        found.append(("fair_share.rule", "no stocking point has a share_target, so shares are in proportion to demand"))
    return found
