"""The pages as templates: one file that needs no network, light and dark, and prints."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import pandas as pd

from firmdate.report.axis import short
from firmdate.report.pack import Field
from firmdate.report.rows import cell_text
from firmdate.runs.figures import shown

ROWS_WITHOUT_SCRIPT = 25
"""Lines that stand in the page as they are; a script shows the others."""
if TYPE_CHECKING:
    import jinja2

CELL_CLASSES: Mapping[str, str] = {"number": "n", "signed": "n", "date": "d", "word": "d", "text": "id"}
_WHOLE_PAGES = ("run.html.j2", "comparison.html.j2")
_PAGES = ("layout.html.j2", "parts.html.j2", *_WHOLE_PAGES)


def render(page: str, content: Mapping[str, object]) -> str:
    """A page as HTML.

    Args:
        page: Name of the template.
        content: What it names.
    """
    import markupsafe

    script, style = _asset("page.js"), _asset("page.css")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    every = {
        **content,
        "script": markupsafe.Markup(script),
        "style": markupsafe.Markup(style),
        "script_hash": f"sha256-{digest}",
        "css": CELL_CLASSES,
    }
    return str(_environment().get_template(page).render(every))


def compile_template(page: str) -> None:
    """Make a page's template ready: the environment keeps it, and those that it is made of.

    Args:
        page: Name of the template.
    """
    environment = _environment()
    for name in _PAGES:
        if name == page or name not in _WHOLE_PAGES:
            environment.get_template(name)


@cache
def _asset(name: str) -> str:
    return files("firmdate.report").joinpath("pages", name).read_text(encoding="utf-8")


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.DictLoader({name: _asset(name) for name in _PAGES}),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = shown
    return environment


def first_rows(lines: pd.DataFrame, fields: Sequence[Field]) -> list[dict[str, str]]:
    """The first lines as texts, for browsers without a script."""
    first = lines.head(ROWS_WITHOUT_SCRIPT)
    keys = [one.key for one in fields if one.place == "table"]
    columns = [[cell_text(value) for value in first[key].astype(object)] for key in keys]
    return [dict(zip(keys, row, strict=True)) for row in zip(*columns, strict=True)]


def shown_short(value: float | None) -> str:
    """A figure of a tile: without decimals where it is large, in millions where it is very large.

    >>> shown_short(36_232_784.0), shown_short(10177.85), shown_short(12.5)
    ('36.23M', '10,178', '12.5')
    """
    if value is not None and abs(value) >= 1_000_000:
        return short(value)
    return shown(round(value)) if value is not None and abs(value) >= 1000 else shown(value)


def readable(value: object) -> str:
    """How an entry of ``run.json`` is shown: what belongs together on one line."""
    if isinstance(value, Mapping):
        nested = any(isinstance(one, Mapping | list | tuple) for one in value.values())
        pairs = [f"{name}{':' if nested else ''} {readable(one)}" for name, one in value.items()]
        return "\n".join(pairs) if nested else ", ".join(pairs)
    if isinstance(value, list | tuple):
        return "\n".join(readable(one) for one in value) or "none"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
