"""The reference pages of the command line and of the Python interface, from their help texts and docstrings."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any

import click

import firmdate
from firmdate.cli.app import cli

_SECTION = re.compile(r"^(Args|Attributes|Returns|Raises):$", re.MULTILINE)
_ENTRY = re.compile(r"^    (\S[^:\n]*):\s*(.*?)(?=^    \S|\Z)", re.MULTILINE | re.DOTALL)
_TITLES = {"Args": "argument", "Attributes": "attribute", "Raises": "raises"}
_ROLE = re.compile(r":\w+:`~?([^`]+)`")


def commands() -> str:
    """Every command with its usage, meaning, arguments and options."""
    return "\n\n".join(_command(name, command) for name, command in cli.commands.items())


def _command(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"firmdate {name}")
    usage = " ".join(context.command.collect_usage_pieces(context))
    parts = [f"## `firmdate {name}`", f"`firmdate {name} {usage}`", _paragraphs(command.help or "")]
    rows = [
        f"| {_names(option)} | {_cell(option.help or '')}{_default(option)} |"
        for option in command.params
        if isinstance(option, click.Option) and not option.hidden
    ]
    if rows:
        parts.append("\n".join(["| option | meaning |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def _names(option: click.Option) -> str:
    value = "" if option.is_flag else f" {option.metavar or _choices(option)}"
    return ", ".join(f"`{name}{value}`" for name in option.opts)


def _choices(option: click.Option) -> str:
    kind = option.type
    return "/".join(kind.choices) if isinstance(kind, click.Choice) else kind.name.upper()


def _default(option: click.Option) -> str:
    if option.is_flag or not option.show_default or option.default is None:
        return ""
    return f" Default: `{option.default}`."


def interface() -> str:
    """Every public name of the package with its signature and docstring."""
    names = [name for name in firmdate.__all__ if name != "__version__"]
    functions = [name for name in names if inspect.isfunction(getattr(firmdate, name))]
    classes = [name for name in names if name not in functions]
    return "\n\n".join(_entry(name, getattr(firmdate, name)) for name in [*functions, *classes])


def _entry(name: str, thing: Callable[..., Any]) -> str:
    text = inspect.cleandoc(thing.__doc__ or "")
    head, *rest = _SECTION.split(text)
    parts = [f"## `firmdate.{name}`"]
    if inspect.isfunction(thing):
        parts.append(f"<!-- not run: a signature -->\n```python\n{_signature(name, thing)}\n```")
    parts.append(_paragraphs(head))
    parts += [_docstring_section(title, body) for title, body in zip(rest[::2], rest[1::2], strict=True)]
    return "\n\n".join(part for part in parts if part)


def _signature(name: str, function: Callable[..., Any]) -> str:
    """The signature as it is written in the source."""
    (written,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    if not isinstance(written, ast.FunctionDef) or written.returns is None:
        raise TypeError(f"{name} is no function with annotations")
    text = f"{name}({ast.unparse(written.args)}) -> {ast.unparse(written.returns)}"
    return textwrap.fill(text, 100, subsequent_indent="    ", break_on_hyphens=False)


def _docstring_section(title: str, body: str) -> str:
    if title == "Returns":
        return f"Returns: {_paragraphs(inspect.cleandoc(body))}"
    rows = [f"| `{name}` | {_cell(text)} |" for name, text in _ENTRY.findall(body)]
    return "\n".join([f"| {_TITLES[title]} | meaning |", "|---|---|", *rows])


def _paragraphs(text: str) -> str:
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", inspect.cleandoc(text)))
    return "\n\n".join(_inline(part) for part in paragraphs if part)


def _cell(text: str) -> str:
    return _inline(" ".join(text.split())).replace("|", "\\|")


def _inline(text: str) -> str:
    """Docstring markup as Markdown: double backticks and roles become code."""
    return _ROLE.sub(r"`\1`", text).replace("``", "`")
