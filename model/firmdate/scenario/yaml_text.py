"""YAML as text with places: every scalar stays the text that was written, and every value knows its line.

The file is read event by event, so limits, duplicate keys, tags and aliases are judged before any value exists,
and nothing of the file is ever constructed as a Python object other than text, lists and mappings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import yaml

from firmdate.errors import InputError, Problem

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 32
MAX_VALUES = 2_000_000

_BLANK = frozenset(("", "~", "null"))
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HINTS = {
    "\t": "indent with spaces, not with tabs",
    "@": "put the text in quotes",
    "`": "put the text in quotes",
    "%": "put the text in quotes",
}


@dataclass(slots=True)
class Node:
    """One value of a YAML file.

    Args:
        value: Text (None for a blank: nothing, ``~`` or ``null`` without quotes), list or mapping.
        line: Line of its first character, from 1.
        column: Column of its first character, from 1.
        keys: Line and column of every key of a mapping.
    """

    value: str | list[Node] | dict[str, Node] | None
    line: int
    column: int
    keys: dict[str, tuple[int, int]] | None = None

    def plain(self) -> object:
        """The value with its content as plain text, lists and dictionaries."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def position(self, path: Iterable[str | int]) -> tuple[int, int]:
        """Line and column of a key, or of an item of a list, inside of this value.

        Args:
            path: Keys and positions from here to there; a part that was not written is passed over.
        """
        node = self
        at = (self.line, self.column)
        for part in path:
            if isinstance(node.value, dict) and node.keys is not None and part in node.keys:
                at = node.keys[str(part)]
                node = node.value[str(part)]
            elif isinstance(node.value, list) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                at = (node.line, node.column)
        return at


def read_yaml(path: Path, shown: str) -> Node:
    """Read a YAML file.

    Args:
        path: The file.
        shown: Its name in messages.

    Raises:
        InputError: The file cannot be read, is not UTF-8, or is refused by :func:`parse_yaml`.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _refused(shown, "there is no such file") from None
    except IsADirectoryError:
        raise _refused(shown, "is a folder; name a scenario file in it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _refused(shown, f"cannot be read ({reason})") from None
    if len(content) > MAX_BYTES:
        raise _refused(shown, f"is larger than {MAX_BYTES // 2**20} MB; put rows into a table of the data instead")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8 (got byte 0x{content[error.start]:02x}); save the file as UTF-8"
        raise _refused(f"{shown}:{line}", message) from None
    return parse_yaml(text, shown)


def parse_yaml(text: str, shown: str) -> Node:
    """Parse one YAML document into text, lists and mappings with their places.

    Args:
        text: The document.
        shown: Name of the file in messages.

    Returns:
        The root of the document; a blank when there is nothing but comments.

    Raises:
        InputError: The text is not YAML, or uses what a scenario must not use: two documents, tags, merge keys,
            duplicate keys, keys that are not text, more than ``MAX_DEPTH`` levels, or more than ``MAX_VALUES``
            values when every alias counts with all that it stands for.
    """
    bad = _CONTROL.search(text)
    if bad:
        line = text.count("\n", 0, bad.start()) + 1
        column = bad.start() - text.rfind("\n", 0, bad.start())
        message = f"holds a control character (got U+{ord(bad.group()):04X}); save the file as plain text"
        raise _refused(f"{shown}:{line}:{column}", message)
    builder = _Builder(shown)
    loader = _LOADER(text)
    try:
        while builder.take(loader.get_event()):
            pass
    except yaml.MarkedYAMLError as error:
        raise InputError([*builder.problems, _syntax_problem(error, text, shown)]) from None
    finally:
        loader.dispose()
    if builder.problems:
        raise InputError(builder.problems)
    return builder.root


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been read yet.

    Args:
        node: The list or mapping.
        anchor: Its anchor.
        first: Number of values up to its beginning.
        depth: Levels in it that were seen so far, itself included, aliases expanded.
        key: Key of a mapping whose value comes next; None when a key comes next.
    """

    node: Node
    anchor: str | None
    first: int
    depth: int = 1
    key: str | None = None

    @property
    def wants_key(self) -> bool:
        """True when the next event is a key."""
        return self.key is None and self.node.keys is not None


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A value that aliases can stand for, with its number of values and of levels, aliases expanded."""

    node: Node
    values: int
    depth: int


@dataclass
class _Builder:
    """Builds the tree from the events and refuses what must not be in it."""

    shown: str
    problems: list[Problem] = field(default_factory=list)
    root: Node = field(default_factory=lambda: Node(None, 1, 1))
    documents: int = 0
    values: int = 0
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, _Anchor | None] = field(default_factory=dict)

    def take(self, event: yaml.Event) -> bool:
        """Take the next event of the parser; False when it was the last one."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._start(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._stop(event, "a second document begins here; keep one scenario in a file")
        return not isinstance(event, yaml.StreamEndEvent)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._count(event, event.tag)
        parent = self.stack[-1] if self.stack else None
        if parent is not None and parent.key is None and parent.node.keys is not None:
            self._key(parent, event)
            return
        text = event.value
        node = Node(None if text in _BLANK and not event.style else text, *_position(event))
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchor(node, 1, 0)
        self._attach(node)

    def _key(self, parent: _Open, event: yaml.ScalarEvent) -> None:
        name, keys = event.value, parent.node.keys or {}
        if name == "<<" and not event.style:
            self._problem(event, "merge keys are not read; write the keys out, or use extends")
        elif event.anchor is not None:
            self._problem(event, "a key cannot be an anchor; put the anchor before the value")
        elif name in keys:
            self._problem(event, f"duplicate key {name!r} (first in line {keys[name][0]}); keep one of them")
        if parent.node.keys is not None:
            parent.node.keys.setdefault(name, _position(event))
        parent.key = name

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        self._count(event, event.tag)
        self._check_depth(event, 1)
        line, column = _position(event)
        mapping = isinstance(event, yaml.MappingStartEvent)
        parent = self.stack[-1] if self.stack else None
        if parent is not None and parent.wants_key:
            self._stop(event, "a key must be text (got a list or mapping)")
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        node = Node({}, line, column, {}) if mapping else Node([], line, column)
        self.stack.append(_Open(node, event.anchor, self.values))

    def _end(self) -> None:
        closed = self.stack.pop()
        if closed.anchor is not None:
            self.anchors[closed.anchor] = _Anchor(closed.node, self.values - closed.first + 1, closed.depth)
        self._attach(closed.node, closed.depth)

    def _alias(self, event: yaml.AliasEvent) -> None:
        parent = self.stack[-1] if self.stack else None
        if event.anchor not in self.anchors:
            self._stop(event, f"unknown alias *{event.anchor}; write the anchor &{event.anchor} before it")
        known = self.anchors[event.anchor]
        if known is None:
            self._stop(event, f"alias *{event.anchor} stands inside of its own anchor")
        if parent is not None and parent.wants_key:
            self._stop(event, f"a key must be text (got alias *{event.anchor})")
        self.values += known.values
        if self.values > MAX_VALUES:
            self._stop(event, f"alias *{event.anchor} makes the file expand to more than {MAX_VALUES:,} values")
        self._check_depth(event, known.depth)
        self._attach(known.node, known.depth)

    def _attach(self, node: Node, depth: int = 0) -> None:
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if parent.depth <= depth:
            parent.depth = depth + 1
        content = parent.node.value
        if isinstance(content, list):
            content.append(node)
        elif isinstance(content, dict) and parent.key is not None:
            content.setdefault(parent.key, node)
            parent.key = None

    def _check_depth(self, event: yaml.Event, more: int) -> None:
        if len(self.stack) + more > MAX_DEPTH:
            self._stop(event, f"is nested deeper than {MAX_DEPTH} levels; a scenario needs 5")

    def _count(self, event: yaml.NodeEvent, tag: str | None) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            self._stop(event, f"has more than {MAX_VALUES:,} values; put rows into a table of the data instead")
        if tag is not None:
            self._problem(event, f"tags are not read (got {tag}); write the value alone")

    def _problem(self, event: yaml.Event, message: str) -> None:
        self.problems.append(Problem(self._place(event), "", message))

    def _stop(self, event: yaml.Event, message: str) -> NoReturn:
        raise InputError([*self.problems, Problem(self._place(event), "", message)])

    def _place(self, event: yaml.Event) -> str:
        line, column = _position(event)
        return f"{self.shown}:{line}:{column}"


def _position(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, shown: str) -> Problem:
    """The parser's complaint with its place, and what to do about the usual causes."""
    said = ", ".join(part for part in (error.problem, error.context) if part)
    mark = error.problem_mark
    if mark is None:
        return Problem(shown, "", f"is not YAML: {said}")
    hint = ""
    if said.startswith("mapping values are not allowed"):
        hint = "; put a text that holds ': ' in quotes"
    elif "cannot start any token" in said:
        found = text.splitlines()[mark.line][mark.column : mark.column + 1]
        hint = f"; {_HINTS[found]}" if found in _HINTS else ""
    return Problem(f"{shown}:{mark.line + 1}:{mark.column + 1}", "", f"is not YAML: {said}{hint}")


def _refused(where: str, message: str) -> InputError:
    return InputError(Problem(where, "", message))
