"""The planning tables for people: as text on the screen and as Markdown for the documentation."""

from __future__ import annotations

from firmdate.data.tables import TABLES, Column, Table


def text_schema() -> str:
    """All tables, one column a line."""
    return "\n\n".join(_text_table(table) for table in TABLES)


def markdown_schema() -> str:
    """All tables as sections of a Markdown document."""
    return "\n\n".join(["# Planning tables", *(_markdown_table(table) for table in TABLES)])


def _text_table(table: Table) -> str:
    names = max(len(column.name) for column in table.columns)
    kinds = max(len(_kind(column)) for column in table.columns)
    rows = [
        f"  {column.name:<{names}}  {_kind(column):<{kinds}}  {column.description}{_notes(column)}"
        for column in table.columns
    ]
    return "\n".join([f"{table.name}: {table.description}{_extra(table)}", *rows])


def _markdown_table(table: Table) -> str:
    rows = [
        f"| `{column.name}` | {_kind(column)} | {column.unit} | {_default(column)} | {_cell(column)} |"
        for column in table.columns
    ]
    heads = ["| column | type | unit | default | meaning |", "|---|---|---|---|---|"]
    return "\n".join([f"## `{table.name}`", "", f"{table.description}.{_extra(table)}", "", *heads, *rows])


def _kind(column: Column) -> str:
    return f"{column.kind}, key" if column.key else column.kind


def _default(column: Column) -> str:
    if column.required:
        return "required"
    if column.all_when_blank:
        return "every"
    if isinstance(column.default, bool):
        return "true" if column.default else "false"
    return "" if column.default is None else f"{column.default:g}" if column.kind == "number" else str(column.default)


def _notes(column: Column) -> str:
    default = _default(column)
    notes = [column.unit, default if column.required or not default else f"default {default}"]
    if column.choices:
        notes.append(" / ".join(column.choices))
    noted = "; ".join(note for note in notes if note)
    return f" ({noted})" if noted else ""


def _cell(column: Column) -> str:
    choices = ": " + " / ".join(f"`{choice}`" for choice in column.choices) if column.choices else ""
    return (column.description + choices).replace("|", "\\|")


def _extra(table: Table) -> str:
    return f" (columns that begin with {table.extra_prefix} are yours)" if table.extra_prefix else ""
