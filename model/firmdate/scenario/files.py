"""Loading a scenario: defaults < extends < file < ``--set`` or arguments, with the origin of every value."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from firmdate.data.suggest import did_you_mean, got
from firmdate.errors import InputError, Problem
from firmdate.scenario.draft import Draft, Entry
from firmdate.scenario.dump import dump_scenario
from firmdate.scenario.json_schema import scenario_json_schema
from firmdate.scenario.rules import RULE_KEYS
from firmdate.scenario.schema import Scenario
from firmdate.scenario.values import NAME_PATTERN
from firmdate.scenario.yaml_text import Node, parse_yaml, read_yaml

__all__ = [
    "dump_scenario",
    "load_scenario",
    "make_scenario",
    "override_scenario",
    "resolve_data",
    "scenario_json_schema",
]

Overrides = Mapping[str, object] | Sequence[str]
"""``{"mode": "unconstrained"}`` from Python, or ``["mode=unconstrained"]`` from ``--set``."""

_NOT_INHERITED = ("name", "description", "expect")
_LISTS = ("supply_sources", "supply_plans")
_PATHS = ("data", "previous_run")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://(.*)", re.DOTALL)


@dataclass(frozen=True)
class _Layer:
    """One scenario file of a chain."""

    path: Path
    shown: str
    root: Node


def load_scenario(path: str | Path, overrides: Overrides = ()) -> Scenario:
    """Load a scenario file with everything that it extends.

    A key of the file replaces the same key of the file that it extends; its changes come after the other's. The name,
    the description and ``expect`` are not inherited, since they speak about one file. ``data`` is relative to the
    file in which it stands, and to the current folder in an override.

    Args:
        path: The file.
        overrides: ``key=value`` texts of ``--set``, or values by key. ``expect.late_lines`` sets one expected
            figure; a list is written with commas or as ``[a, b]``; ``changes`` come after those of the file.

    Raises:
        InputError: With every mistake that was found, each with its ``file:line:column``.
    """
    with _without_collector():
        return _load(Path(path), overrides)


def _load(path: Path, overrides: Overrides) -> Scenario:
    layers = _read_layers(path)
    draft = Draft(str(path))
    for layer in layers:
        _put_layer(draft, layer, inherited=layer is not layers[-1])
    draft.values.setdefault("name", Entry(_name_of(path), "default"))
    _put_overrides(draft, overrides)
    return draft.finish(str(path.absolute()))


def make_scenario(values: Mapping[str, object]) -> Scenario:
    """A scenario from values of Python.

    Args:
        values: Values by key, as in a scenario file, as text or typed; ``data`` is relative to the current folder.

    Raises:
        InputError: With every mistake that was found.
    """
    draft = Draft("argument")
    _put_overrides(draft, values)
    return draft.finish("")


def override_scenario(scenario: Scenario, overrides: Overrides) -> Scenario:
    """The same scenario with some values replaced, and changes appended.

    Args:
        scenario: A scenario that was loaded or made.
        overrides: As for :func:`load_scenario`.

    Raises:
        InputError: With every mistake that was found.
    """
    draft = Draft(scenario.path or "argument")
    origins = scenario.origins
    for key in type(scenario).model_fields:
        if key not in ("changes", "expect"):
            draft.values[key] = Entry(getattr(scenario, key), origins.get(key, "argument"))
    for name, figure in scenario.expect.figures.items():
        draft.values[f"expect.{name}"] = Entry(figure, origins.get(f"expect.{name}", "argument"))
    for line, day in scenario.expect.promises.items():
        key = f"expect.promises.{line}"
        draft.values[key] = Entry(day, origins.get(key, "argument"))
    draft.changes.extend(scenario.changes)
    _put_overrides(draft, overrides)
    return draft.finish(scenario.path)


def resolve_data(text: str, folder: str | Path) -> str:
    """Folder, workbook or URL of the data as an absolute one.

    Args:
        text: As written; a path, or a URL such as ``sqlite:///stock.db``, in which a path may be relative too.
        folder: What a relative path is relative to.

    >>> resolve_data("duckdb:///../stock.duckdb?access_mode=read_only", "/plans/weekly")
    'duckdb:////plans/stock.duckdb?access_mode=read_only'
    """
    url = _URL.fullmatch(text)
    if re.search(r"[\x00-\x1f]", text):  # the schema refuses it
        return text
    if url is None:
        return str((Path(folder) / text).resolve())
    scheme, rest = url.groups()
    file, mark, options = rest[1:].partition("?")
    in_a_file = scheme.partition("+")[0] in ("sqlite", "duckdb") and rest.startswith("/") and file
    if not in_a_file or file.startswith((":", "file:", "md:")):
        return text
    return f"{scheme}:///{(Path(folder) / file).resolve()}{mark}{options}"


@contextmanager
def _without_collector() -> Iterator[None]:
    """No search for cyclic garbage meanwhile: a file of 50,000 changes makes a million values and no garbage."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _name_of(path: Path) -> str:
    """The file's name without its ending, with what cannot be in the name of a scenario replaced."""
    short = re.sub(r"[^\w .,()+@=&#-]", "-", path.stem).encode()[:100].decode(errors="ignore")
    name = re.search(NAME_PATTERN, short)
    return name.group() if name else "scenario"


def _read_layers(path: Path) -> list[_Layer]:
    """The file and those that it extends, the outermost base first."""
    layers = [_read_layer(path, str(path))]
    while (base := _base_of(layers)) is not None:
        layers.append(_read_layer(*base))
    return layers[::-1]


def _read_layer(path: Path, shown: str) -> _Layer:
    root = read_yaml(path, shown)
    if root.value is None:
        raise InputError(Problem(shown, "", "is empty; write at least data and planning_date"))
    if not isinstance(root.value, dict):
        kind = "a list" if isinstance(root.value, list) else "one value"
        message = f"must be a mapping of keys and values, such as planning_date: 2021-01-01 (got {kind})"
        raise InputError(Problem(f"{shown}:{root.line}:{root.column}", "", message))
    return _Layer(path, shown, root)


def _base_of(layers: Sequence[_Layer]) -> tuple[Path, str] | None:
    """The file that the last layer extends, and its name in messages."""
    last = layers[-1]
    root = last.root.value
    if not isinstance(root, dict) or "extends" not in root:
        return None
    name = root["extends"].value
    line, column = last.root.position(["extends"])
    where = f"{last.shown}:{line}:{column}"
    if not isinstance(name, str) or not name.strip():
        raise InputError(Problem(where, "extends", "must be the name of one scenario file, relative to this file"))
    path = last.path.parent / name
    shown = os.path.normpath(Path(last.shown).parent / name)
    if not path.is_file():
        near = sorted(file.name for file in path.parent.glob("*.y*ml")) if path.parent.is_dir() else []
        hint = did_you_mean(path.name, near) or "; it is looked for relative to this file"
        message = f"there is no such file {got(shown)}{hint}"
        raise InputError(Problem(where, "extends", message))
    if os.path.realpath(path) in [os.path.realpath(layer.path) for layer in layers]:
        chain = " -> ".join([*(layer.shown for layer in layers), shown])
        raise InputError(
            Problem(where, "extends", f"the files extend each other in a circle: {chain}; remove one extends")
        )
    return path, shown


def _put_layer(draft: Draft, layer: _Layer, inherited: bool) -> None:
    root = layer.root
    for key, node in root.value.items() if isinstance(root.value, dict) else ():
        if key == "extends" or (inherited and key in _NOT_INHERITED):
            continue
        value = node.plain()
        if key in _PATHS and isinstance(value, str) and value.strip():
            value = resolve_data(value.strip(), layer.path.parent)
        _put(draft, key, Entry(value, layer.shown, root.position([key]), node))


def _put_overrides(draft: Draft, overrides: Overrides) -> None:
    if isinstance(overrides, Mapping):
        for key, value in overrides.items():
            _put_override(draft, str(key), value, "argument")
        return
    for text in [overrides] if isinstance(overrides, str) else overrides:
        key, equals, value = text.partition("=")
        if equals:
            _put_override(draft, key.strip(), value.strip(), "--set")
        else:
            draft.problems.append(Problem("--set", "", f"write key=value {got(text)}, such as horizon_days=90"))


def _put_override(draft: Draft, key: str, value: object, shown: str) -> None:
    if key == "extends":
        draft.problems.append(Problem(shown, key, "can only stand in a file; load that file instead"))
        return
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if isinstance(value, str):
        try:
            value = _parsed(key, value, f"{shown} {key}")
        except InputError as error:
            draft.problems.extend(error.problems)
            return
    if key in ("expect", "expect.promises"):
        draft.forget(key)
    _put(draft, key, Entry(value, shown))


def _parsed(key: str, text: str, shown: str) -> object:
    """The text of an override, with lists and mappings read as YAML."""
    if key in _PATHS and text:
        return resolve_data(text, Path.cwd())
    if key in _LISTS and not text.startswith("["):
        return [part.strip() for part in text.split(",")] if text else []
    if key in (*_LISTS, *RULE_KEYS, "changes", "expect", "expect.promises"):
        return parse_yaml(text, shown).plain()
    return text


def _put(draft: Draft, key: str, entry: Entry) -> None:
    if key == "changes":
        draft.add_changes(entry)
    elif key == "expect":
        draft.put_expect(entry)
    elif key == "expect.promises":
        draft.put_expect(Entry({"promises": entry.value}, entry.shown))
    else:
        draft.values[key] = entry
