"""JSON objects that know which of their fields were used, so that nothing is dropped in silence."""

from __future__ import annotations

from datetime import datetime

_REMARKS = frozenset({"comment", "description", "name", "note", "notes", "order_type", "reference", "status", "type"})


class CaseError(Exception):
    """The file is not a case of this schema; the message says where and why."""


class Record:
    """One JSON object.

    Args:
        fields: What the JSON holds at this place.
        where: The place, for messages.
        every: List to which this record and all records inside it are added.
    """

    def __init__(self, fields: object, where: str, every: list[Record]) -> None:
        if not isinstance(fields, dict):
            raise CaseError(f"{where}: an object is expected (got {fields!r})")
        self.where = where
        self._fields = fields
        self._asked = set(_REMARKS)
        self._every = every
        every.append(self)

    def get(self, name: str) -> object:
        """The field as it stands; None when it is missing."""
        self._asked.add(name)
        return self._fields.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        """The field as text.

        Raises:
            CaseError: it is missing and has no default.
        """
        value = self.get(name)
        if value is None and default is None:
            raise CaseError(f"{self.where}: {name} is missing")
        return str(default if value is None else value)

    def maybe_text(self, name: str) -> str | None:
        """The field as text, or None when it is missing."""
        value = self.get(name)
        return None if value is None else str(value)

    def number(self, name: str, default: float | None = None) -> float:
        """The field as a number; ``default``, or an error, when it is missing."""
        value = self.get(name)
        return as_number(default if value is None else value, f"{self.where}: {name}")

    def maybe_number(self, name: str) -> float | None:
        """The field as a number, or None when it is missing."""
        return None if self.get(name) is None else self.number(name)

    def date(self, name: str) -> datetime:
        """The field as a point in time."""
        return as_date(self.text(name), f"{self.where}: {name}")

    def maybe_date(self, name: str) -> datetime | None:
        """The field as a point in time, or None when it is missing."""
        return None if self.get(name) is None else self.date(name)

    def flag(self, name: str) -> bool:
        """The field as true or false; false when it is missing."""
        return bool(self.get(name))

    def record(self, name: str) -> Record:
        """The object in a field; an empty one when it is missing."""
        return Record(self.get(name) or {}, f"{self.where}: {name}", self._every)

    def records(self, name: str) -> list[Record]:
        """The objects in a list; none when it is missing."""
        value = self.get(name)
        if not isinstance(value, list | None):
            raise CaseError(f"{self.where}: {name} must be a list (got {value!r})")
        return [
            Record(fields, f"{self.where}: {name}[{_label(fields, at)}]", self._every)
            for at, fields in enumerate(value or [])
        ]

    def names(self) -> tuple[str, ...]:
        """Names of all fields."""
        return tuple(self._fields)

    def unused(self) -> list[str]:
        """A warning for each field that nothing asked for."""
        return [
            f"{self.where}: {name} is not known and was not used" for name in self._fields if name not in self._asked
        ]


def _label(fields: object, at: int) -> str:
    return str(fields.get("id", at)) if isinstance(fields, dict) else str(at)


def as_number(value: object, where: str) -> float:
    """A JSON number.

    Raises:
        CaseError: it is none.
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise CaseError(f"{where} must be a number (got {value!r})")
    return float(value)


def as_date(value: object, where: str) -> datetime:
    """An ISO date with or without a time of day.

    Raises:
        CaseError: it is neither.
    """
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        raise CaseError(f"{where} must be an ISO date (got {value!r})") from None
