"""A small planning problem as rows of plain values, and the way through the stages of a solve."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from firmdate.data.planning_data import Places, PlanningData, empty_frames
from firmdate.data.raw import RawTable, object_column
from firmdate.data.tables import TABLE
from firmdate.data.typed import type_table
from firmdate.formulation.linear_program import LinearProgram, formulate
from firmdate.network.alerts import alert_table
from firmdate.network.build import build_network
from firmdate.network.network import Network
from firmdate.plan.assemble import PlanTables, assemble_plan, exceeded_groups, final_flows
from firmdate.plan.certify import ensure_certified
from firmdate.plan.whole_units import Flows
from firmdate.scenario.files import make_scenario
from firmdate.scenario.schema import Scenario
from firmdate.solver.highs import SolverOptions
from firmdate.solver.run_blocks import Solution, solve_program

PLANNING_DATE = dt.date(2021, 1, 4)
"""A Monday."""

Cell = str | float | int | bool | dt.date | None
Row = Mapping[str, Cell]
Rows = Sequence[Row]


def date_of(day: int) -> dt.date:
    """The date of a day number; day 0 is the planning date."""
    return PLANNING_DATE + dt.timedelta(days=day)


@dataclass(frozen=True)
class PlanningProblem:
    """Planning tables as rows (a missing column is blank), and the keys of a scenario.

    Args:
        tables: Rows by table.
        options: Scenario keys; ``data`` and ``planning_date`` are the same for all.
    """

    tables: Mapping[str, Rows]
    options: Mapping[str, object]

    def __repr__(self) -> str:
        tables = {
            name: [{column: _short(cell) for column, cell in row.items() if cell is not None} for row in rows]
            for name, rows in self.tables.items()
            if rows
        }
        return f"problem({tables!r}, {dict(self.options)!r})"

    def with_rows(self, table: str, rows: Rows) -> PlanningProblem:
        """The same problem with other rows in one table."""
        return replace(self, tables={**self.tables, table: rows})

    def with_options(self, **options: object) -> PlanningProblem:
        """The same problem with other scenario keys."""
        return replace(self, options={**self.options, **options})

    def data(self) -> PlanningData:
        """Typed planning data, as reading CSV files gives them."""
        frames, places = empty_frames(), {}
        for name, rows in self.tables.items():
            if rows:
                places[name] = Places(f"{name}.csv")
                frames[name] = _typed(name, rows)
        return PlanningData("problem", frames, places)

    def scenario(self) -> Scenario:
        """The scenario."""
        return make_scenario({"data": "problem", "planning_date": PLANNING_DATE, **self.options})


def problem(tables: Mapping[str, Rows], options: Mapping[str, object]) -> PlanningProblem:
    """A problem from what its ``repr`` prints."""
    return PlanningProblem(tables, options)


def _short(cell: Cell) -> Cell:
    return cell.isoformat() if isinstance(cell, dt.date) else cell


def _typed(name: str, rows: Rows) -> pd.DataFrame:
    header = list(dict.fromkeys(column for row in rows for column in row))
    columns = [object_column([row.get(column) for row in rows]) for column in header]
    raw = RawTable(name, f"{name}.csv", header, columns, np.arange(2, len(rows) + 2))
    frame, wrong = type_table(TABLE[name], raw)
    assert not wrong, wrong
    return frame


@dataclass(frozen=True)
class Solved:
    """The stages of one solve."""

    data: PlanningData
    scenario: Scenario
    network: Network
    program: LinearProgram
    solution: Solution
    flows: Flows

    def tables(self) -> PlanTables:
        """The tables of the plan."""
        return assemble_plan(self.network, self.program, self.solution, self.flows, alert_table([]))

    def certify(self) -> None:
        """Raise CertificateError when the plan breaks a rule."""
        tables = self.tables()
        ensure_certified(tables, self.data, self.scenario, None, tables.kpis)

    def level_values(self) -> dict[tuple[str, int], float]:
        """Optimum of every level by its rule and member."""
        names = [(level.name, level.member) for level in self.program.levels]
        return dict(zip(names, self.solution.values.tolist(), strict=True))


def solved(planned: PlanningProblem) -> Solved:
    """Solve a problem as the main job does, lane capacities being joined when they are exceeded."""
    return solved_data(planned.data(), planned.scenario())


def solved_data(data: PlanningData, scenario: Scenario) -> Solved:
    """The same for planning data."""
    binding: frozenset[int] = frozenset()
    while True:
        network = build_network(data, scenario, binding)
        program = formulate(network)
        solution = solve_program(program, SolverOptions(), workers=1)
        network, flows = final_flows(network, program, solution)
        exceeded = exceeded_groups(network, flows)
        if exceeded <= binding:
            return Solved(data, scenario, network, program, solution, flows)
        binding |= exceeded
