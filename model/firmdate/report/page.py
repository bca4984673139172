"""The page of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from firmdate.data.suggest import counted
from firmdate.report.basis import MOST_EXPLAINED, PageBasis
from firmdate.report.basis_taken import page_basis
from firmdate.report.charts import bottlenecks, load_charts
from firmdate.report.flows import WIDTH, flow_map
from firmdate.report.lines import LINE_FIELDS, lines_of, pack_of
from firmdate.report.pack import Pack, used_fields
from firmdate.report.rows import text_rows
from firmdate.report.service import causes, releases_that_help, service_by
from firmdate.report.template import compile_template, first_rows, readable, render, shown_short
from firmdate.report.timeline import Orders, burn_down, promise_timeline
from firmdate.runs.apart import found_beside
from firmdate.runs.figures import late_unit_days, shown
from firmdate.scenario.files import dump_scenario

if TYPE_CHECKING:
    from firmdate.plan.result import Plan

PAGE = "report.html"
"""Name of the page in a run."""
ALERTS_SHOWN = 200
LINES_BESIDE = 50_000
"""More lines are worth another process."""
_TEMPLATE = "run.html.j2"

STATUSES = ("on_time", "late", "partial", "unpromised")
_SECTIONS = (
    ("figures", "Figures"),
    ("time", "Over time"),
    ("causes", "Causes"),
    ("lines", "Order lines"),
    ("loads", "Capacity"),
    ("network", "Network"),
    ("alerts", "Data alerts"),
    ("made", "How it was made"),
)
_NAMES = {"resource": ("resource",), "supplier": ("supplier", "item"), "lane": ("lane",)}


def render_page(plan: Plan, basis: PageBasis | None = None, *, processes: bool = False) -> str:
    """The page of a plan as HTML.

    All order lines are in it, or as many as fit into 5 MB, the latest first.

    Args:
        plan: What was planned.
        basis: What the page shows of the large tables of the plan, where it is known.
        processes: Whether another process may pack the lines.
    """
    basis = basis or page_basis(plan)
    orders = Orders.among(plan.scenario, basis.lines, basis.deliveries)
    lines = lines_of(basis)
    fields = used_fields(LINE_FIELDS, lines)
    given = (basis, lines, fields, f"firmdate explain {plan.scenario.name}")
    with found_beside(pack_of, given, processes=processes and len(lines) > LINES_BESIDE) as packed:
        content = _content(plan, basis, orders) | {"fields": fields, "rows": first_rows(lines, fields)}
        pack = packed()
    late = int((basis.lines["status"] != "on_time").sum())
    return render(_TEMPLATE, content | {"pack": pack, "lines_note": _lines_note(plan, pack, late)})


def _content(plan: Plan, basis: PageBasis, orders: Orders) -> dict[str, object]:
    """What the page shows besides the lines."""
    kinds, single, more_causes = causes(orders.lines)
    loads = {"resource": plan.resource_load, "supplier": plan.supplier_load, "lane": plan.lane_load}
    return {
        "title": plan.scenario.name,
        "sections": _SECTIONS,
        "scenario": plan.scenario,
        "kpis": plan.kpis,
        "tiles": _tiles(plan, orders.lines),
        "statuses": [(status, plan.kpis.get(f"{status}_lines", 0.0)) for status in STATUSES],
        "service": service_by(orders.lines),
        "money": bool((orders.lines["value"] > 0).any()),
        "timeline": promise_timeline(orders),
        "timeline_note": _without_date(orders),
        "backlog": burn_down(orders),
        "kinds": kinds,
        "causes": single,
        "more_causes": more_causes,
        "releases": releases_that_help(plan),
        "loads": [
            load_charts("Resources", "hours", plan.resource_load, _NAMES["resource"]),
            load_charts("Suppliers", "units", plan.supplier_load, _NAMES["supplier"]),
        ],
        "bottlenecks": bottlenecks([(kind, frame, _NAMES[kind]) for kind, frame in loads.items()]),
        "map": flow_map(basis),
        "map_width": f"{WIDTH:g}",
        "alerts": text_rows(plan.data_alerts.head(ALERTS_SHOWN)),
        "alert_heads": list(plan.data_alerts.columns),
        "alerts_of": len(plan.data_alerts),
        "made": {name: readable(value) for name, value in plan.run.items()},
        "scenario_text": dump_scenario(plan.scenario),
    }


def prepare_page() -> None:
    """Do what every page needs before its plan is known."""
    compile_template(_TEMPLATE)


def _tiles(plan: Plan, orders: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    """Headline figures: name, value, what to add, colour."""
    kpis = plan.kpis
    lines = kpis.get("lines", 0.0)
    late_value = float(orders.loc[orders["status"] != "on_time", "value"].sum())
    value = float(orders["value"].sum())

    def share(part: float, whole: float) -> str:
        return f"{100 * part / whole:.1f} %" if whole else ""

    def count(status: str) -> tuple[str, str, str, str]:
        number = kpis.get(f"{status}_lines", 0.0)
        return (status.replace("_", " "), shown(number), share(number, lines), status if number else "")

    by_tier = ", ".join(f"tier {tier}: {shown(days)}" for tier, days in late_unit_days(kpis).items())
    return [
        ("order lines", shown(lines), f"{shown(kpis.get('quantity'))} units", ""),
        *(count(status) for status in STATUSES),
        ("late unit-days", shown_short(kpis.get("late_unit_days")), by_tier, ""),
        *([("value not on time", shown_short(late_value), share(late_value, value), "")] if value else []),
        ("total cost", shown_short(kpis.get("total_cost")), "", ""),
        ("overloads", shown(kpis.get("overloads")), "", "unpromised" if kpis.get("overloads") else ""),
    ]


def _lines_note(plan: Plan, pack: Pack, late: int) -> str:
    """What the table of lines holds."""
    lines, forecasts = (int(plan.kpis.get(name, 0)) for name in ("lines", "forecast_lines"))
    orders, also = counted(lines, "order line"), counted(forecasts, "forecast")
    every = f"{lines + forecasts:,} lines: {orders}, and {also} that no figure above counts" if forecasts else orders
    said = f"{every if pack.left_out else f'All {every}'}; the latest first. Open one to see why it gets its date."
    if late <= MOST_EXPLAINED:
        return said
    return f"{said} The {MOST_EXPLAINED:,} latest hold the whole chain; firmdate explain shows that of every line."


def _without_date(orders: Orders) -> str:
    """What the promise timeline does not show at its place."""
    without = int(orders.lines["promise_date"].isna().sum())
    before = int((orders.lines["requested_date"] < pd.Timestamp(orders.scenario.planning_date)).sum())
    said = [f"{shown(without)} lines have no date and are not shown"] if without else []
    said += [f"the first mark counts {shown(before)} requested before the planning date"] if before else []
    return "; ".join(said)
