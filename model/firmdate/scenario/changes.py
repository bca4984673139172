"""Applying the changes of a scenario to planning data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from firmdate.data.columns import Column
from firmdate.data.planning_data import PlanningData
from firmdate.data.suggest import counted, did_you_mean, got
from firmdate.data.tables import TABLE
from firmdate.data.values import LARGEST_INTEGER
from firmdate.errors import InputError, Problem
from firmdate.scenario.change_alerts import Rounded, alert_frame
from firmdate.scenario.change_check import change_problem, check_change, limit_text, number_text
from firmdate.scenario.edited_table import EditedTable
from firmdate.scenario.row_places import changed_places, repeated_keys
from firmdate.scenario.schema import Change, Edit, Scenario

MOST_PROBLEMS = 100
"""So many problems are reported; then the rest of the changes is not tried."""

_MOST_SUGGESTIONS = 1_000
_NEARLY = 1e-9
_LAST_DAY = np.datetime64("9999-12-31", "s")


def apply_changes(data: PlanningData, scenario: Scenario) -> tuple[PlanningData, pd.DataFrame]:
    """Planning data after the changes of a scenario.

    Changes are applied in their order, and ``where`` sees what earlier ones did. A cell that several changes touch
    takes them in that order, and is listed with the rule ``changed_twice``; a whole number that ``multiply`` makes
    fractional is rounded up and listed with the rule ``rounded_up``.

    Args:
        data: Planning data; not changed.
        scenario: Its ``changes`` are applied.

    Returns:
        New planning data, in which every changed or added row knows its place in the scenario, and the data alerts:
        columns table, key, rule, before, after, all text, sorted by table and row.

    Raises:
        InputError: A change hits no row, names a column that the data do not have, gives a value that its column
            refuses, or makes two rows of the same key. All changes are tried before it is raised.
    """
    if not scenario.changes:
        return data, alert_frame({})
    problems = [problem for change in scenario.changes for problem in check_change(change)]
    if problems:
        raise InputError(problems)
    editor = _Editor(data, scenario.changes)
    for number, change in enumerate(scenario.changes):
        editor.apply(number, change)
        if len(editor.problems) >= MOST_PROBLEMS:
            message = f"too many problems; {counted(len(scenario.changes) - number - 1, 'change')} not tried"
            raise InputError([*editor.problems, Problem(change.place(), "changes", message)])
    return editor.finish()


@dataclass
class _Editor:
    """Applies changes one after the other, and collects what is wrong."""

    data: PlanningData
    changes: Sequence[Change]
    tables: dict[str, EditedTable] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    rounded: list[Rounded] = field(default_factory=list)

    def apply(self, number: int, change: Change) -> None:
        """Apply one change."""
        if change.table not in self.tables:
            self.tables[change.table] = EditedTable(TABLE[change.table], self.data[change.table])
        table = self.tables[change.table]
        if not self._has_columns(change, table):
            return
        for row in change.add:
            table.add(number, row)
        if change.add:
            return
        rows = self._rows(change, table)
        if not len(rows):
            return
        if change.drop:
            table.drop(rows)
        for edit in change.edits:
            if edit.action == "set":
                table.put(number, edit.column, rows, table.value(edit.column, edit.argument))
            else:
                self._compute(number, table, edit, rows)

    def finish(self) -> tuple[PlanningData, pd.DataFrame]:
        """The changed data and the alerts.

        Raises:
            InputError: With everything that is wrong.
        """
        frames = {name: table.finish() for name, table in self.tables.items()}
        places = {name: changed_places(self.data, table, self.changes) for name, table in self.tables.items()}
        data = replace(
            self.data,
            frames=MappingProxyType({**self.data.frames, **frames}),
            places=MappingProxyType({**self.data.places, **places}),
        )
        for name, table in self.tables.items():
            self.problems.extend(repeated_keys(data, name, table, self.changes))
        if self.problems:
            raise InputError(self.problems)
        return data, alert_frame(self.tables, self.rounded)

    def _has_columns(self, change: Change, table: EditedTable) -> bool:
        """Whether the data have the user's own columns that a change names."""
        paths: list[tuple[str | int, ...]] = [("where", name) for name in change.where]
        paths.extend((edit.action, edit.column) for edit in change.edits)
        paths.extend(("add", position, name) for position, row in enumerate(change.add) for name in row)
        unknown = [path for path in paths if path[-1] not in table.names]
        for path in unknown:
            name = str(path[-1])
            message = f"the data have no such column in {change.table} {got(name)}{did_you_mean(name, table.names)}"
            self.problems.append(change_problem(change, message, *path))
        return not unknown

    def _rows(self, change: Change, table: EditedTable) -> np.ndarray:
        """Positions of the rows that a change hits; none when that is a problem."""
        rows: np.ndarray | None = None
        for name, wanted in change.where.items():
            rows = table.find(table.table.column(name), wanted, rows)
        if rows is None:
            rows = table.rows()
        if not len(rows):
            self.problems.append(_no_row(change, table))
            return rows
        for name, wanted in change.where.items():
            for value in wanted if len(wanted) > 1 else ():
                column = table.table.column(name)
                if not len(table.find(column, [value], rows)) and not len(table.find(column, [value])):
                    message = f"no row of {change.table} has this value {got(value)}{_near(table, column, value)}"
                    self.problems.append(change_problem(change, message, "where", name, wanted.index(value)))
        return rows

    def _compute(self, number: int, table: EditedTable, edit: Edit, rows: np.ndarray) -> None:
        """Change cells to what follows from their value; a blank stays blank."""
        name = edit.column
        values = table.array(name)[rows]
        given = ~np.isnat(values) if edit.action == "shift_days" else ~np.isnan(values.astype(np.float64))
        rows, values = rows[given], values[given]
        if not len(rows):
            message = f"{name} is blank in every row that is hit; use set to give it a value"
        elif edit.action == "shift_days":
            after = values + np.timedelta64(edit.argument, "D")
            message = f"moves {name} beyond the year 9999 {got(edit.argument)}" if (after > _LAST_DAY).any() else ""
        else:
            before = values.astype(np.float64)
            with np.errstate(over="ignore"):
                after = before * edit.argument if edit.action == "multiply" else before + edit.argument
            column = table.table.column(name)
            if column.kind == "integer":
                after = self._whole(table, name, rows, after)
            message = _out_of_range(column, before, after)
        if message:
            self.problems.append(change_problem(self.changes[number], message, edit.action, name))
        else:
            table.put(number, name, rows, after)

    def _whole(self, table: EditedTable, name: str, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Whole numbers, rounded up: part of a day of lead time is a day on which nothing has arrived yet."""
        slack = _NEARLY * np.maximum(1.0, np.abs(values))
        whole: np.ndarray = np.ceil(values - slack)
        fraction = np.abs(whole - values) > slack
        if fraction.any():
            self.rounded.append(Rounded(table.table.name, name, rows[fraction], values[fraction], whole[fraction]))
        return whole


def _out_of_range(column: Column, before: np.ndarray, after: np.ndarray) -> str:
    """What is wrong with the first computed number that its column refuses; blank when all are right."""
    too_large = ~np.isfinite(after)
    if column.kind == "integer":
        too_large |= np.abs(after) > LARGEST_INTEGER
    if too_large.any():
        return f"makes {column.name} too large (from {number_text(before[too_large][0])})"
    if column.minimum is None:
        return ""
    too_small = after <= column.minimum if column.exclusive else after < column.minimum
    if not too_small.any():
        return ""
    first = int(np.argmax(too_small))
    change = f"{number_text(before[first])} becomes {number_text(after[first])}"
    return f"{column.name} {limit_text(column)} ({change}; {counted(int(too_small.sum()), 'row')})"


def _no_row(change: Change, table: EditedTable) -> Problem:
    """Why a change hits no row: a value that is nowhere, or values that never meet."""
    if not len(table.rows()):
        return change_problem(
            change, f"hits no row: {change.table} has no rows; use add, or change another table", "table"
        )
    met = []
    for name, wanted in change.where.items():
        column = table.table.column(name)
        rows = len(table.find(column, wanted))
        values = " or ".join(repr(value) if value else "a blank" for value in wanted[:3])
        values += f" or … ({len(wanted)} values)" if len(wanted) > 3 else ""
        if not rows:
            near = _near(table, column, wanted[0])
            return change_problem(change, f"hits no row: no row of {change.table} has {values}{near}", "where", name)
        met.append(f"{name} {values} in {counted(rows, 'row')}")
    return change_problem(
        change, f"hits no row of {change.table}: never together ({', '.join(met)}); drop one of the conditions", "where"
    )


def _near(table: EditedTable, column: Column, value: str) -> str:
    """``; did you mean …?`` when the column has a text that is close, and few enough to look through."""
    if not column.is_text or len(texts := table.texts_of(column.name)) > _MOST_SUGGESTIONS:
        return ""
    return did_you_mean(value, texts)
