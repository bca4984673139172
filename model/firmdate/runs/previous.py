"""The run whose results a scenario keeps or prefers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from firmdate.errors import InputError, Problem

if TYPE_CHECKING:
    from firmdate.backlog.results import PreviousRun
    from firmdate.scenario.schema import Scenario


def read_previous(scenario: Scenario) -> PreviousRun | None:
    """The run that ``previous_run`` names; None where it names none.

    Args:
        scenario: Names the folder of a run, or of the runs of a scenario, of which the latest counts.

    Raises:
        InputError: There is no such run, or it cannot be read.
    """
    if not scenario.previous_run:
        return None
    from firmdate.backlog.results import PreviousRun
    from firmdate.runs.store import is_run, latest_run
    from firmdate.runs.table_files import read_table

    folder = Path(scenario.previous_run)
    if not is_run(folder):
        try:
            folder = latest_run(folder.parent, folder.name)
        except InputError:
            named = scenario.previous_run
            message = f"no such run (got {named}); name the folder of a run, or of the runs of a scenario"
            raise InputError(Problem(scenario.origins["previous_run"], "previous_run", message)) from None
    tables = (read_table(folder, name) for name in ("promises", "deliveries", "supply_orders", "deployments"))
    return PreviousRun(f"{folder.parent.name}/{folder.name}", *tables)
