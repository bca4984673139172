"""Checks of typed planning data: what the formulation relies on, and what a planner would want to know."""

from __future__ import annotations

from collections.abc import Sequence

from firmdate.data.check_allocation import check_allocation
from firmdate.data.check_lines import check_lines
from firmdate.data.check_lots import check_lots
from firmdate.data.check_references import check_references
from firmdate.data.check_rows import check_rows
from firmdate.data.check_ship_from import check_ship_from
from firmdate.data.check_sources import check_sources
from firmdate.data.check_substitutions import check_substitutions
from firmdate.data.check_supply import check_supply
from firmdate.data.findings import Findings
from firmdate.data.planning_data import PlanningData
from firmdate.errors import Problem


def check_planning_data(
    data: PlanningData,
    supply_plans: Sequence[str] = (),
    *,
    stated_in: str = "",
    substitutes: bool = False,
    fenced: bool = False,
) -> list[Problem]:
    """Everything that is wrong or doubtful in typed planning data.

    Keys, unknown ids, ranges, intervals, bills of materials that contain themselves, planned orders that cannot be
    followed, and demand that nothing supplies.

    Args:
        data: Planning data, as read or as changed by a scenario.
        supply_plans: Plans of ``planned_orders`` that the scenario reads.
        stated_in: Where the scenario names them, as ``file:line:column``.
        substitutes: Order lines that do not say it themselves may get substitutes.
        fenced: From some day of the horizon on, supply of everything is taken as infinite.

    Returns:
        Errors and warnings by table and row; more than 20 alike in one column are counted, not listed.
    """
    findings = Findings(data)
    check_rows(findings)
    check_references(findings, supply_plans, stated_in)
    check_supply(findings)
    if not fenced:
        check_sources(findings, supply_plans, substitutes)
    check_allocation(findings)
    check_ship_from(findings)
    check_lines(findings)
    check_lots(findings)
    check_substitutions(findings)
    return findings.problems()
