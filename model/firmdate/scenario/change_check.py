"""Checks of a change against the table schema: what can be told without the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from firmdate.data.columns import Column, Table
from firmdate.data.suggest import did_you_mean, got, listed
from firmdate.data.tables import TABLE
from firmdate.data.values import cell_text, parse_value
from firmdate.errors import Problem
from firmdate.scenario.schema import Change, Edit


def check_change(change: Change) -> list[Problem]:
    """Everything about a change that the table schema refuses: columns, kinds, choices, limits, blanks.

    Returns:
        Problems with the place of the key in the scenario.
    """
    table = TABLE[change.table]
    problems = [
        change_problem(change, message, "where", name)
        for name, values in change.where.items()
        for message in _where_messages(table, name, values)
    ]
    for edit in change.edits:
        message = _edit_message(table, edit)
        if message:
            problems.append(change_problem(change, message, edit.action, edit.column))
    for position, row in enumerate(change.add):
        problems.extend(
            change_problem(change, message, "add", position, *names) for names, message in _row_messages(table, row)
        )
    return problems


def change_problem(change: Change, message: str, *path: str | int) -> Problem:
    """A problem at a key of a change.

    Args:
        change: The change.
        message: What is wrong.
        path: Keys, and position in a list, from the change to the value.
    """
    key = ".".join(str(part) for part in path if not isinstance(part, int))
    return Problem(change.place(*path), key or "changes", message)


def value_message(column: Column, text: str) -> str:
    """Why a text cannot be the value of a column; blank when it can.

    Args:
        column: Column of the table schema.
        text: The value without surrounding blanks; the empty text is a blank.
    """
    if not text:
        return "blank, but a value is needed; fill it in" if column.required else ""
    try:
        value = parse_value(column, text)
    except ValueError as error:
        return str(error)
    if column.kind not in ("number", "integer") or not isinstance(value, (int, float)) or not too_small(column, value):
        return ""
    return f"{limit_text(column)} {got(text)}"


def too_small(column: Column, value: float) -> bool:
    """True when a number is below the least value of its column."""
    if column.minimum is None:
        return False
    return value <= column.minimum if column.exclusive else value < column.minimum


def limit_text(column: Column) -> str:
    """The rule about the least value of a column, as the checks of the data word it."""
    if column.exclusive:
        return f"must be more than {column.minimum:g}"
    return f"must be at least {column.minimum:g}" if column.minimum else "must not be negative"


def number_text(value: float) -> str:
    """A computed number without the noise of its last digits.

    >>> number_text(1.1 * 3), number_text(5.0)
    ('3.3', '5')
    """
    return cell_text(float(f"{value:.12g}"))


def unknown_column(table: Table, name: str) -> str:
    """The message about a column that a table does not have."""
    hint = did_you_mean(name, table.names) or f"; columns: {listed(table.names, most=len(table.names))}"
    return f"unknown column of {table.name} {got(name)}{hint}"


def _where_messages(table: Table, name: str, values: tuple[str, ...]) -> Iterator[str]:
    if not table.allows(name):
        yield unknown_column(table, name)
        return
    column = table.column(name)
    for text in values:
        try:
            if text:
                parse_value(column, text)
        except ValueError as error:
            yield str(error)


def _edit_message(table: Table, edit: Edit) -> str:
    if not table.allows(edit.column):
        return unknown_column(table, edit.column)
    column = table.column(edit.column)
    if edit.action == "set":
        return value_message(column, edit.argument)
    if edit.action == "shift_days":
        return "" if column.kind == "date" else f"shift_days moves dates only (got a column of kind {column.kind})"
    if column.kind not in ("number", "integer"):
        other = "shift_days" if column.kind == "date" else "set"
        return f"{edit.action} works on numbers only (got a column of kind {column.kind}); use {other}"
    if edit.action == "increase" and column.kind == "integer" and edit.argument % 1:
        return f"not a whole number {got(edit.argument)}; {edit.column} holds whole numbers only"
    return ""


def _row_messages(table: Table, row: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], str]]:
    missing = [column.name for column in table.columns if column.required and column.name not in row]
    for name, text in row.items():
        if not table.allows(name):
            yield (name,), unknown_column(table, name)
        elif message := value_message(table.column(name), text):
            yield (name,), message
    if missing:
        yield (), f"the row has no {listed(missing, most=len(missing))}; every row of {table.name} needs it"
