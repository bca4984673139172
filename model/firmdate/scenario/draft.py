"""A scenario in the making: values of several layers with their places, typed and checked all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from firmdate.data.suggest import did_you_mean, got
from firmdate.errors import InputError, Problem
from firmdate.scenario.change_check import check_change
from firmdate.scenario.rules import block_of
from firmdate.scenario.schema import Change, Expect, Scenario
from firmdate.scenario.yaml_text import Node

_CHANGE_KEYS = tuple(Change.model_fields)
_SCENARIO_KEYS = (*Scenario.model_fields, "extends")


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of the scenario before it is typed.

    Args:
        value: Text, list or mapping as written, or a typed value of Python.
        shown: The file, ``--set`` or ``argument``.
        at: Line and column in the file.
        node: The value in the file, for the places inside of it.
    """

    value: object
    shown: str
    at: tuple[int, int] | None = None
    node: Node | None = None

    def place(self, path: Sequence[str | int] = ()) -> str:
        """``file:line:column`` of the value, or of a value inside of it."""
        at = self.node.position(path) if self.node is not None and path else self.at
        return f"{self.shown}:{at[0]}:{at[1]}" if at else self.shown

    def inside(self, key: str, value: object) -> Entry:
        """A value of this mapping as an entry of its own."""
        if self.node is None or not isinstance(self.node.value, dict):
            return Entry(value, self.shown)
        return Entry(value, self.shown, self.node.position([key]), self.node.value[key])


@dataclass
class Draft:
    """Values that were collected so far; a later one replaces an earlier one of the same key.

    Args:
        shown: The file to which a missing key would have to be added, or what else the scenario comes from.
        values: Values by key; expected ones by ``expect.late_lines`` and ``expect.promises.ORDER/LINE``.
        changes: Changes in their order.
        problems: What is wrong already.
    """

    shown: str
    values: dict[str, Entry] = field(default_factory=dict)
    changes: list[Change | Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def put_expect(self, entry: Entry) -> None:
        """Take the expected figures one by one, so that a later layer can replace one of them."""
        value = entry.value
        if isinstance(value, Expect):
            value = {**value.figures, "promises": value.promises}
        if not isinstance(value, Mapping):
            self.values.update({} if value is None else {"expect": entry})
            return
        for name, figure in value.items():
            inner = entry.inside(name, figure)
            if name != "promises":
                self.values[f"expect.{name}"] = inner
            elif isinstance(figure, Mapping):
                for line, day in figure.items():
                    self.values[f"expect.promises.{line}"] = inner.inside(line, day)
            elif figure is not None:
                self.values["expect.promises"] = inner

    def forget(self, prefix: str) -> None:
        """Forget a key and everything inside of it."""
        self.values = {
            key: entry for key, entry in self.values.items() if key != prefix and not key.startswith(f"{prefix}.")
        }

    def add_changes(self, entry: Entry) -> None:
        """Append changes."""
        value = entry.value
        if value is None:
            return
        if not isinstance(value, (list, tuple)):
            message = f"must be a list of changes, each beginning with '-' {_got(value)}"
            self.problems.append(Problem(entry.place(), "changes", message))
            return
        nodes = entry.node.value if entry.node is not None and isinstance(entry.node.value, list) else None
        for position, change in enumerate(value):
            if nodes is not None:
                node = nodes[position]
                self.changes.append(Entry(change, entry.shown, (node.line, node.column), node))
            else:
                self.changes.append(Entry(change, f"{entry.shown} changes[{position}]"))

    def finish(self, path: str) -> Scenario:
        """Type and check everything.

        Args:
            path: Absolute path of the scenario file, blank when there is none.

        Raises:
            InputError: With every unknown key, missing key, wrong type and wrong change.
        """
        problems: list[Problem] = []
        changes = tuple(change for entry in self.changes if (change := _read_change(entry, problems)) is not None)
        try:
            scenario = Scenario.model_validate({**self._nested(), "changes": changes})
        except ValidationError as error:
            raise InputError([*self.problems, *self._translated(error), *problems]) from None
        if self.problems or problems:
            raise InputError([*self.problems, *problems])
        scenario.remember(path, self._origins(changes))
        return scenario

    def _nested(self) -> dict[str, Any]:
        nested: dict[str, Any] = {}
        expect: dict[str, Any] = {}
        promises: dict[str, Any] = {}
        for key, entry in self.values.items():
            if key.startswith("expect.promises."):
                promises[key.removeprefix("expect.promises.")] = entry.value
            elif key.startswith("expect."):
                expect[key.removeprefix("expect.")] = entry.value
            else:
                nested[key] = entry.value
        if promises:
            expect.setdefault("promises", promises)
        return {"expect": expect, **nested} if expect else nested

    def _translated(self, error: ValidationError) -> list[Problem]:
        problems = []
        for one in error.errors(include_url=False):
            parts = [part for part in one["loc"] if part != "[key]"] or ["planning_date"]  # it speaks about the horizon
            if parts[:2] == ["expect", "figures"]:
                del parts[1]
            length = next((n for n in range(len(parts), 0, -1) if _dotted(parts[:n]) in self.values), 0)
            entry = self.values.get(_dotted(parts[:length]))
            where = self.shown if entry is None else entry.place(parts[length:])
            known, description = _keys_around(parts)
            problems.append(Problem(where, _dotted(parts), _message(one, known, description)))
        return problems

    def _origins(self, changes: Sequence[Change]) -> dict[str, str]:
        origins = {}
        for key in Scenario.model_fields:
            inside = [name for name in self.values if name.startswith(f"{key}.")]
            if key == "changes" and changes:
                origins.update({f"changes[{position}]": change.place() for position, change in enumerate(changes)})
            elif inside:
                origins.update({name: self.values[name].place() for name in inside})
            else:
                origins[key] = self.values[key].place() if key in self.values else "default"
        return origins


def _keys_around(parts: Sequence[str | int]) -> tuple[Sequence[str], str]:
    """The keys beside a key of the scenario or of a block in it, and what the key means."""
    fields, known, description = Scenario.model_fields, _SCENARIO_KEYS, ""
    for position, part in enumerate(parts):
        if isinstance(part, int):
            continue
        if part not in fields:
            break
        description = fields[part].description or ""
        inner = block_of(fields[part].annotation)
        if inner is None or position == len(parts) - 1:
            break
        fields, known = inner.model_fields, tuple(inner.model_fields)
    return known, description


def _read_change(entry: Change | Entry, problems: list[Problem]) -> Change | None:
    """One change, typed and checked against the table schema; adds what is wrong with it to the problems."""
    if isinstance(entry, Change):
        return entry
    try:
        change = Change.model_validate(entry.value)
        if change is entry.value:  # made by hand, or taken from another scenario: keep its place, and leave it alone
            change = change.model_copy()
        if not change.place():
            change.remember(entry.shown, entry.node)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            parts = [part for part in one["loc"] if part != "[key]"]
            key = _dotted([part for part in parts if not isinstance(part, int)])
            problems.append(Problem(entry.place(parts), key or "changes", _message(one, _CHANGE_KEYS, "")))
        return None
    problems.extend(check_change(change))
    return change


def _message(error: ErrorDetails, known: Sequence[str], description: str) -> str:
    """What is wrong, in a planner's words; the validators of the schema have their own."""
    kind = error["type"]
    if kind == "missing":
        return "is missing, and it has no default" + (f" ({description})" if description else "") + "; add it"
    if kind == "extra_forbidden":
        return f"unknown key{did_you_mean(str(error['loc'][-1]), known) or '; keys: ' + ', '.join(known)}"
    if kind in ("dict_type", "model_type"):
        return f"must be a mapping of keys and values {_got(error['input'])}"
    if kind == "tuple_type":
        return f"must be a list, such as [a, b] {_got(error['input'])}"
    return error["msg"]


def _got(value: object) -> str:
    if isinstance(value, Mapping):
        return "(got a mapping)"
    if isinstance(value, (list, tuple)):
        return "(got a list)"
    return "(got a blank)" if value is None else got(value)


def _dotted(parts: Sequence[str | int]) -> str:
    return ".".join(map(str, parts))
