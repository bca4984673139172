"""Parts of the data that have nothing to do with each other: planned together or apart, the run is the same."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given

from firmdate.data.check import check_planning_data
from firmdate.network import parts
from firmdate.network.parts import find_parts
from firmdate.plan.result import PLAN_TABLES
from firmdate.runs import planning, shards
from firmdate.runs.solve import solve_data
from firmdate.runs.table_files import write_table
from laws.law_settings import law
from laws.problem import Cell, PlanningProblem, Row
from laws.random_networks import Kinds, problems

_IDS = ("item", "component", "supplier", "resource", "order", "receipt", "ship_set", "name")
_SHARED = ("locations", "calendars")


def without_couplings(planned: PlanningProblem) -> PlanningProblem:
    """The problem without what couples all items whatever it says."""
    known = {table: columns - {"priority"} for table, columns in parts._KNOWN.items()}
    tables = {
        table: [
            {
                name: None if (table, name) == ("lanes", "capacity_per_day") and row.get("item") is None else cell
                for name, cell in row.items()
                if name in known[table]
            }
            for row in rows
        ]
        for table, rows in planned.tables.items()
        if table in known
    }
    options = {name: value for name, value in planned.options.items() if name in parts._OPTIONS}
    return PlanningProblem(tables, options)


def twice(planned: PlanningProblem) -> PlanningProblem:
    """The problem and a copy of it for other items, whose ids stand between its own."""

    def renamed(row: Row) -> dict[str, Cell]:
        return {name: f"{cell}b" if name in _IDS and cell is not None else cell for name, cell in row.items()}

    tables = dict(planned.tables)
    for table, rows in planned.tables.items():
        copied = [row for row in rows if table != "lanes" or row.get("item") is not None]
        if table not in _SHARED:
            tables[table] = [*rows, *map(renamed, copied)]
    return PlanningProblem(tables, planned.options)


def written(planned: PlanningProblem, part_lines: int, shard_lines: int) -> tuple[dict[str, bytes], object, object]:
    """The tables as they are written, the figures and the levels."""
    with pytest.MonkeyPatch.context() as patched, TemporaryDirectory() as folder:
        patched.setattr(parts, "PART_LINES", part_lines)
        patched.setattr(planning, "SHARD_LINES", shard_lines)
        plan = solve_data(planned.scenario(), planned.data(), workers=1)
        for name in PLAN_TABLES:
            write_table(getattr(plan, name), Path(folder), name, "csv")
        tables = {name: (Path(folder) / f"{name}.csv").read_bytes() for name in PLAN_TABLES}
    return tables, dict(plan.kpis), plan.run["levels"]


@law(8)
@given(problems(Kinds()))
def test_parts_planned_apart_give_the_run_of_all_together(planned: PlanningProblem) -> None:
    both = twice(without_couplings(planned))
    data = both.data()
    assume(not any(not problem.warning for problem in check_planning_data(data, both.scenario().supply_plans)))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parts, "PART_LINES", 1)
        assume(find_parts(data, both.scenario()).count > 1)
    together, apart = written(both, 1, shards.SHARD_LINES), written(both, 1, 1)
    for name, content in together[0].items():
        assert apart[0][name] == content, name
    assert apart[1:] == together[1:]
