"""What a table and a column are: the vocabulary in which ``tables.py`` states the schema."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Kind = Literal["id", "text", "number", "integer", "date", "flag", "choice"]
Value = str | float | int | bool


@dataclass(frozen=True)
class Column:
    """One column of a planning table.

    Args:
        name: Header of the column.
        kind: How a cell is read: ``id`` and ``text`` stay text, ``choice`` is one of ``choices``.
        description: One line in a planner's words.
        unit: Unit of a number, blank for everything else.
        key: True when the column is part of the table's key.
        required: True when neither the column nor a cell in it may be blank.
        default: Value of a blank cell or of a missing column; None leaves it blank.
        choices: Allowed values of a ``choice``.
        minimum: Smallest allowed number.
        exclusive: True when ``minimum`` itself is refused too.
        references: Name of the master table that lists the ids of this column.
        all_when_blank: True when a blank means "every".
    """

    name: str
    kind: Kind
    description: str
    unit: str = ""
    key: bool = False
    required: bool = False
    default: Value | None = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    exclusive: bool = False
    references: str | None = None
    all_when_blank: bool = False

    @property
    def is_text(self) -> bool:
        """True for the kinds that are held as categories of text."""
        return self.kind in ("id", "text", "choice")

    @property
    def never_blank(self) -> bool:
        """True when every row has a value after reading."""
        return self.required or self.default is not None


@dataclass(frozen=True)
class Table:
    """One planning table.

    Args:
        name: Name of the table: file name, sheet name or name in the database.
        description: One line in a planner's words.
        columns: All columns, keys first.
        extra_prefix: Further columns whose name begins so are kept as text; blank allows none.
        required: True when there is nothing to plan without it.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    extra_prefix: str = ""
    required: bool = False

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Column names in schema order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Names of the columns that together identify a row."""
        return tuple(column.name for column in self.columns if column.key)

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column:
        """The column of that name; an extra column is an optional text.

        Raises:
            KeyError: The table has no such column.
        """
        if name not in self._by_name and self.allows(name):
            return Column(name, "text", "A column of your own, for priority rules and reports")
        return self._by_name[name]

    def allows(self, name: str) -> bool:
        """True when a column of that name may be in the table."""
        return name in self._by_name or bool(self.extra_prefix and name.startswith(self.extra_prefix))
