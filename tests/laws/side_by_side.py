"""Many small planning problems as one: each keeps to itself, so one solve gives the optimum of every one of them.

Building and formulating a network costs the same for three lines as for three thousand, which is what most laws wait
for. Names are told apart by the number of the problem in front of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from firmdate.data.planning_data import PlanningData
from firmdate.data.tables import TABLE
from firmdate.network.horizon import FloatArray, IntArray
from firmdate.solver.connected import connected_parts
from laws.problem import Cell, PlanningProblem, Row, Rows, Solved

_NAMED = ("item", "location", "resource", "supplier", "order", "receipt", "name")
_MASTERS = ("items", "locations", "resources", "suppliers")
_SERVICE = ("shortage_level", "tier_level", "priority_level")

Change = Mapping[str, Any]
Tables = Mapping[str, Rows]


def side_by_side(tables: Sequence[Tables], options: Mapping[str, object]) -> PlanningProblem:
    """One problem of many, whose options are the same. Calendars and plans are those of the first."""
    names = dict.fromkeys(name for one in tables for name in one)
    own = {name: _own_columns(name) for name in names}
    return PlanningProblem(
        {
            name: [_renamed(row, own[name], number) for number, one in enumerate(tables) for row in one.get(name, ())]
            if name != "calendars"
            else tables[0][name]
            for name in names
        },
        options,
    )


def _own_columns(table: str) -> frozenset[str]:
    """Columns whose names belong to one of the problems."""
    columns = TABLE[table].columns
    return frozenset(column.name for column in columns if column.name in _NAMED or column.references in _MASTERS)


def _renamed(row: Row, columns: frozenset[str], number: int) -> Row:
    return {name: f"{number}:{cell}" if name in columns and cell else cell for name, cell in row.items()}


def number_of(name: object) -> int:
    """Number of the problem to which a name belongs."""
    return int(str(name).split(":", 1)[0])


def apart(problem: PlanningProblem, count: int) -> list[dict[str, list[Row]]]:
    """The rows of each of the problems of a problem, still under their names in it."""
    parts: list[dict[str, list[Row]]] = [{name: [] for name in problem.tables} for _ in range(count)]
    for table, rows in problem.tables.items():
        own = _own_columns(table)
        for row in rows:
            known = [cell for name, cell in row.items() if name in own and cell]
            for number in [number_of(known[0])] if known else range(count):
                parts[number][table].append(row)
    return parts


def rows_of(data: PlanningData) -> dict[str, list[Row]]:
    """The tables of planning data as rows."""
    tables = {}
    for name, frame in data.frames.items():
        plain = frame.astype(object).where(frame.notna(), None)
        tables[name] = [{str(key): _cell(cell) for key, cell in row.items()} for row in plain.to_dict("records")]
    return tables


def _cell(cell: Any) -> Cell:
    return cell.date() if isinstance(cell, pd.Timestamp) else cell


def changed(tables: Mapping[str, Sequence[Row]], changes: Iterable[Change]) -> dict[str, Rows]:
    """Rows after changes of a scenario."""
    after: dict[str, Rows] = dict(tables)
    for change in changes:
        rows = list(after.get(change["table"], ()))
        if "add" in change:
            rows.append({name: _dated(name, cell) for name, cell in change["add"].items()})
        else:
            hit = [_matches(row, change["where"]) for row in rows]
            assert any(hit), change
            rows = [_set(row, change) if one else row for row, one in zip(rows, hit, strict=True)]
        after[change["table"]] = rows
    return after


def _matches(row: Row, where: Mapping[str, str]) -> bool:
    return all(("" if row.get(name) is None else str(row[name])) == value for name, value in where.items())


def _set(row: Row, change: Change) -> Row:
    cells: dict[str, Any] = dict(row)
    for name, value in change.get("increase", {}).items():
        cells[name] = cells[name] + value
    for name, value in change.get("shift_days", {}).items():
        cells[name] = cells[name] + dt.timedelta(days=value)
    for name, value in change.get("set", {}).items():
        cells[name] = _dated(name, value)
    return cells


def _dated(name: str, cell: Any) -> Cell:
    """Dates of a change are text."""
    if cell == "":
        return None
    return dt.date.fromisoformat(cell) if name in ("start", "end", "date") else cell


@dataclass(frozen=True)
class Services:
    """Levels of service of problems side by side.

    Args:
        tier: Per level: its tier, -1 where it comes before all tiers.
        value: Problems × levels, best level first.
    """

    tier: IntArray
    value: FloatArray


def services(found: Solved, count: int) -> Services:
    """What the optimum of each of some problems is, level by level."""
    program = found.program
    owner = _owners(found)
    own = [number for number, level in enumerate(program.levels) if level.name in _SERVICE]
    value = np.zeros((count, len(own)))
    for at, number in enumerate(own):
        cost = program.costs[[number], :]
        column = cost.indices
        value[:, at] = np.bincount(owner[column], cost.data * found.solution.x[column], minlength=count)
    names = [program.levels[number] for number in own]
    return Services(np.array([-1 if one.name == _SERVICE[0] else one.member for one in names]), value)


def _owners(found: Solved) -> IntArray:
    """Per column of the program the problem to which it belongs; 0 for those that nothing tells."""
    network, program = found.network, found.program
    count, part_of_column, part_of_row = connected_parts(program.matrix)
    owner = np.zeros(count, dtype=np.int64)
    width = len(network.catalog.locations)
    place = np.array([number_of(name) for name in network.catalog.locations])[network.points.keys % width]
    owner[part_of_row[slice(*program.rows_of["stock_balance"])]] = place[network.nodes.point]
    of_class = np.empty(len(network.classes.level), dtype=np.int64)
    orders = network.lines.frame["order"].to_numpy()
    of_class[network.classes.line_class] = [number_of(orders[line]) for line in network.classes.line.tolist()]
    owner[part_of_column[program.columns_of("Deliver")]] = of_class[network.deliveries.of_class]
    owner[part_of_column[program.columns_of("Backlog")]] = of_class[network.backlog.of_class]
    return np.asarray(owner[part_of_column])
