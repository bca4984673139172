"""The page of a run: one HTML file that needs no network, light and dark, and prints."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import jinja2
import pandas as pd

from firmdate.report.charts import load_charts
from firmdate.runs.figures import late_unit_days, latest_first, shown
from firmdate.scenario.files import dump_scenario

if TYPE_CHECKING:
    from firmdate.plan.result import Plan

PAGE = "report.html"
"""Name of the page in a run."""
PROMISES_SHOWN = 500
ALERTS_SHOWN = 200

_STATUSES = ("on_time", "late", "partial", "unpromised")


def render_page(plan: Plan) -> str:
    """The page of a plan as HTML.

    Args:
        plan: What was planned; its first 500 promises are shown, the latest lines first.
    """
    resources, more_resources = load_charts(plan.resource_load, ("resource",))
    suppliers, more_suppliers = load_charts(plan.supplier_load, ("supplier", "item"))
    return _template().render(
        scenario=plan.scenario,
        kpis=plan.kpis,
        statuses=_STATUSES,
        late_unit_days=late_unit_days(plan.kpis),
        promises=_promise_rows(plan.promises),
        promises_of=len(plan.promises),
        loads=[
            ("Resources", "hours", resources, more_resources),
            ("Suppliers", "units", suppliers, more_suppliers),
        ],
        alerts=_text_rows(plan.data_alerts.head(ALERTS_SHOWN)),
        alert_heads=list(plan.data_alerts.columns),
        alerts_of=len(plan.data_alerts),
        made={name: _readable(value) for name, value in plan.run.items()},
        scenario_text=dump_scenario(plan.scenario),
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["shown"] = shown
    return environment.from_string(files("firmdate.report").joinpath("page.html.j2").read_text(encoding="utf-8"))


def _promise_rows(promises: pd.DataFrame) -> list[dict[str, str]]:
    """The first rows as texts, the latest lines first, then those on time by requested date."""
    late = promises["status"] != "on_time"
    on_time = promises[~late].sort_values("requested_date", kind="stable")
    frame = pd.concat([latest_first(promises[late]), on_time]).head(PROMISES_SHOWN)
    return [dict(zip(frame.columns, row, strict=True)) for row in _text_rows(frame)]


def _text_rows(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    return list(zip(*[[_text(value) for value in frame[name].astype(object)] for name in frame.columns], strict=True))


def _text(value: object) -> str:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return "" if value != value else shown(value)  # noqa: PLR0124 - NaN is not itself
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def _readable(value: object) -> str:
    """How an entry of ``run.json`` is shown: what belongs together on one line."""
    if isinstance(value, Mapping):
        nested = any(isinstance(one, Mapping | list | tuple) for one in value.values())
        pairs = [f"{name}{':' if nested else ''} {_readable(one)}" for name, one in value.items()]
        return "\n".join(pairs) if nested else ", ".join(pairs)
    if isinstance(value, list | tuple):
        return "\n".join(_readable(one) for one in value) or "none"
    return str(value)
