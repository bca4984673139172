"""Lines that must win: on time before any other line is served, or else what their segment says."""

from __future__ import annotations

import numpy as np

from firmdate.backlog.where import LineFilter
from firmdate.errors import InfeasibleError
from firmdate.network.network import Network
from firmdate.plan.promise import promises, schedule
from firmdate.plan.whole_units import Flows
from firmdate.scenario.rules import STRATEGIES
from firmdate.scenario.schema import Scenario


def lost_winners(
    network: Network, flows: Flows, scenario: Scenario, fallen: frozenset[tuple[str, str]]
) -> frozenset[tuple[str, str]]:
    """Order and line of winners that are not on time and follow another strategy then.

    Args:
        network: What was planned.
        flows: The plan in whole units.
        scenario: Its segments say what becomes of them.
        fallen: Those that follow another strategy already.

    Raises:
        InfeasibleError: Winners are not on time, and their segment stops the run.
    """
    lines, rules = network.lines, network.rules
    won = rules.strategy == "win"
    if not won.any():
        return frozenset()
    calendar = network.catalog.shipping_of(lines.key)
    day = promises(network, schedule(network, flows)).day
    late = won & (day > np.maximum(network.calendars.move(calendar, lines.first_day), lines.due_day))
    otherwise = np.full(len(lines), "continue", dtype=object)
    found = LineFilter(rules.frame, scenario)
    for segment in scenario.strategies[::-1]:
        otherwise[found.find(segment.where, "strategies")] = segment.otherwise
    otherwise[rules.frame["strategy"].notna().to_numpy()] = "continue"
    names = list(zip(rules.frame["order"].astype(str), rules.frame["line"].astype(str), strict=True))
    stopped = np.flatnonzero(late & (otherwise == "stop")).tolist()
    if stopped:
        listed = "\n".join(f"line {'/'.join(names[row])}: cannot be on time, and it must win" for row in stopped)
        raise InfeasibleError(f"winners lose; let their segment continue, or give it another strategy:\n{listed}")
    falls = np.flatnonzero(late & np.isin(otherwise, STRATEGIES)).tolist()
    return frozenset(names[row] for row in falls) - fallen
