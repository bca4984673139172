"""Writing a resolved scenario as YAML, with the origin of every value beside it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping

from firmdate.data.values import cell_text
from firmdate.scenario.rules import RULE_KEYS, Block
from firmdate.scenario.schema import Change, Scenario

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:[./-][A-Za-z0-9_]+)*", re.ASCII)
_OTHER_MEANING = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))
_ESCAPED = re.compile('["\\\\]|[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]')
_PASSWORD = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+://[^:/@]*):.*@")


def dump_scenario(scenario: Scenario) -> str:
    """The resolved scenario as YAML that loads to the same scenario.

    Every value has its origin beside it as a comment. ``data`` is absolute, and there is no ``extends``. A password in
    the URL of the data is left out, since the text is written into every run.

    Args:
        scenario: The scenario.
    """
    origins = scenario.origins
    lines = ["# Resolved scenario; beside each value stands where it comes from."]
    for key in type(scenario).model_fields:
        if key == "changes":
            lines.extend(_change_lines(scenario))
        elif key == "expect":
            lines.extend(_expect_lines(scenario))
        elif key not in RULE_KEYS or getattr(scenario, key):
            value = getattr(scenario, key)
            lines.append(
                _line(
                    f"{key}: {_without_password(value) if key == 'data' else _flow(value)}",
                    origins.get(key, "argument"),
                )
            )
    return "\n".join(lines) + "\n"


def _change_lines(scenario: Scenario) -> Iterator[str]:
    if not scenario.changes:
        yield _line("changes: []", scenario.origins.get("changes", "argument"))
        return
    yield "changes:"
    for position, change in enumerate(scenario.changes):
        origin = scenario.origins.get(f"changes[{position}]") or change.place() or "argument"
        yield _line(f"  - {_change_text(change)}", origin)


def _change_text(change: Change) -> str:
    pairs: dict[str, object] = {"table": change.table}
    if change.where:
        pairs["where"] = {name: values[0] if len(values) == 1 else values for name, values in change.where.items()}
    for action in ("set", "multiply", "increase", "shift_days"):
        if getattr(change, action):
            pairs[action] = getattr(change, action)
    if change.drop:
        pairs["drop"] = True
    if change.add:
        pairs["add"] = change.add[0] if len(change.add) == 1 else change.add
    return _flow(pairs)


def _expect_lines(scenario: Scenario) -> Iterator[str]:
    expect, origins = scenario.expect, scenario.origins
    if not expect.figures and not expect.promises:
        yield _line("expect: {}", origins.get("expect", "default"))
        return
    yield "expect:"
    for name, figure in expect.figures.items():
        yield _line(f"  {_flow(name)}: {_flow(figure)}", origins.get(f"expect.{name}", "argument"))
    if expect.promises:
        yield "  promises:"
    for line, day in expect.promises.items():
        yield _line(f"    {_flow(line)}: {_flow(day)}", origins.get(f"expect.promises.{line}", "argument"))


def _line(text: str, origin: str) -> str:
    return f"{text}  # {' '.join(origin.split())}"


def _flow(value: object) -> str:
    """A value in YAML's flow style, on one line."""
    if isinstance(value, Block):
        return _flow({key: getattr(value, key) for key in type(value).model_fields if key in value.model_fields_set})
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, dt.date)):
        return cell_text(value)
    return "none" if value is None else _quoted(str(value))


def _quoted(text: str) -> str:
    """Text without quotes where every YAML reader takes it as text, else in double quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _OTHER_MEANING:
        return text
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    if character in '"\\':
        return "\\" + character
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"


def _without_password(data: str) -> str:
    return _quoted(_PASSWORD.sub(r"\1@", data))
