"""``firmdate compare``: one scenario constrained and unconstrained, or a scenario and a what-if."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from firmdate.cli.completion import complete_runs
from firmdate.cli.options import (
    Means,
    cache_folder,
    cache_options,
    cluster_option,
    json_option,
    quiet_option,
    runs_option,
    set_option,
)
from firmdate.cli.output import show_table

if TYPE_CHECKING:
    import pandas as pd

    from firmdate.plan.compare import Comparison
    from firmdate.plan.result import Plan
    from firmdate.scenario.schema import Scenario

ROWS_SHOWN = 20
_LINE_HEADS = {
    "order": "order",
    "line": "line",
    "item": "item",
    "location": "location",
    "tier": "tier",
    "base_promise_date": "base promise",
    "other_promise_date": "other promise",
    "change_days": "days",
    "base_status": "base status",
    "other_status": "other status",
    "change": "change",
    "cause": "cause",
}
_TOTAL_HEADS = {
    "lines": "lines",
    "improved": "improved",
    "worse": "worse",
    "unchanged": "unchanged",
    "added": "added",
    "removed": "removed",
    "improved_value": "value improved",
    "worse_value": "value worse",
    "base_late_unit_days": "late unit-days: base",
    "other_late_unit_days": "other",
    "change_late_unit_days": "change",
}
_CAPACITY_HEADS = {
    "kind": "kind",
    "name": "name",
    "item": "item",
    "base_load": "load: base",
    "other_load": "other",
    "base_overload": "overload: base",
    "other_overload": "other ",
    "base_price": "price: base",
    "other_price": "other  ",
}
_POINT_HEADS = {
    "item": "item",
    "location": "location",
    "lines": "lines",
    "improved": "improved",
    "worse": "worse",
    "change_late_unit_days": "late unit-days",
    "base_mean_stock": "mean stock: base",
    "other_mean_stock": "other",
}
_INTERVAL_HEADS = {
    "name": "name",
    "item": "item",
    "start": "start",
    "end": "end",
    "base_load": "load: base",
    "other_load": "other",
    "base_capacity": "capacity: base",
    "other_capacity": "other ",
    "base_overload": "overload: base",
    "other_overload": "other  ",
}
GROUPS_SHOWN = 10


@click.command()
@click.argument("base", metavar="SCENARIO_OR_RUN", shell_complete=complete_runs)
@click.argument("other", metavar="[OTHER]", required=False, shell_complete=complete_runs)
@click.option(
    "--to",
    "targets",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    multiple=True,
    help="Write all rows as FILE.xlsx, or a page as FILE.html; may be given several times.",
)
@set_option
@runs_option
@json_option
@cluster_option
@cache_options
@quiet_option
@click.pass_obj
def compare(
    written: list[Path],
    *,
    base: str,
    other: str | None,
    targets: tuple[Path, ...],
    overrides: tuple[str, ...],
    runs_dir: Path,
    as_json: bool,
    cluster: str | None,
    cache: Path | None,
    no_cache: bool,
    quiet: bool,
) -> None:
    """Compare two plans: what moves, by how much, at which resource and supplier.

    With one scenario, its constrained plan against its unconstrained one (capacities measured, not enforced). With
    two, the first against the second. Scenario files are solved and their runs written; a run, or the name of a
    scenario that has runs, is read. --set counts for the scenarios that are solved.
    """
    from firmdate.cli.tables import to_json
    from firmdate.plan.compare import compare as compare_plans

    for target in targets:
        _require(target)
    means = Means(cache_folder(cache, no_cache, runs_dir), cluster=cluster)
    if other is None:
        plans = [_solved(scenario, runs_dir, means, written, quiet) for scenario in _both_modes(base, overrides)]
    else:
        if overrides and not (_is_scenario_file(base) or _is_scenario_file(other)):
            raise click.UsageError("--set changes scenarios that are solved, and both are runs; name a scenario file")
        plans = [_plan(text, overrides, runs_dir, means, written, quiet) for text in (base, other)]
    comparison = compare_plans(*plans)
    tables = comparison.tables
    for target in targets:
        _write(target, comparison, plans[0], plans[1])
    if as_json:
        click.echo(to_json({"base": comparison.base, "other": comparison.other, **tables}))
    else:
        _show(comparison)
        click.echo("".join(f"\nwritten: {target}" for target in targets), nl=bool(targets))


def _require(target: Path) -> None:
    """Refuse what could not be written later, before the work."""
    from firmdate.errors import InputError, Problem
    from firmdate.report.export import require_workbook

    if target.suffix.lower() == ".xlsx":
        require_workbook(target)
    elif target.suffix.lower() not in {".html", ".htm"}:
        raise InputError(Problem("", "--to", f"must end with .xlsx or .html (got {target})"))


def _write(target: Path, comparison: Comparison, base: Plan, other: Plan) -> None:
    from firmdate.report.comparison import render_comparison
    from firmdate.report.export import write_workbook
    from firmdate.runs.whole import write_text

    if target.suffix.lower() == ".xlsx":
        write_workbook(comparison.tables, target)
    else:
        write_text(target, render_comparison(comparison, base, other))


def _is_scenario_file(text: str) -> bool:
    return Path(text).suffix in {".yaml", ".yml"}


def _both_modes(text: str, overrides: tuple[str, ...]) -> tuple[Scenario, Scenario]:
    """The scenario constrained and unconstrained.

    The unconstrained one has a name of its own, so that the latest run of the scenario stays the constrained one.
    """
    from firmdate.scenario.files import load_scenario, override_scenario

    if not _is_scenario_file(text):
        raise click.UsageError("comparing with the unconstrained plan needs a scenario file; or name two runs")
    scenario = load_scenario(text, [*overrides, "mode=constrained"])
    return scenario, override_scenario(scenario, ["mode=unconstrained", f"name={scenario.name}-unconstrained"])


def _plan(
    text: str, overrides: tuple[str, ...], runs_dir: Path, means: Means, written: list[Path], quiet: bool
) -> Plan:
    """The plan of a scenario file, or of a run that was made."""
    from firmdate.runs.store import read_run, resolve_run
    from firmdate.scenario.files import load_scenario

    if _is_scenario_file(text):
        return _solved(load_scenario(text, overrides), runs_dir, means, written, quiet)
    return read_run(resolve_run(text, runs_dir))


def _solved(scenario: Scenario, runs_dir: Path, means: Means, written: list[Path], quiet: bool) -> Plan:
    from firmdate.cli.solve import solve_and_write

    plan, run = solve_and_write(scenario, runs_dir, means, quiet=quiet)
    written.append(run)
    return plan


def _show(comparison: Comparison) -> None:
    from firmdate.cli.tables import text_table

    click.echo(f"base: {comparison.base}\nother: {comparison.other}\n")
    click.echo(_headline(comparison))
    click.echo("\nby tier:")
    totals = comparison.summary
    show_table(text_table(totals[totals["dimension"] == "tier"], _total_heads(totals, "tier")), indent="  ")
    lines = comparison.lines[comparison.lines["change"] != "unchanged"]
    _show_first("order lines that change", lines, _LINE_HEADS, coloured_by="change")
    for dimension in ("customer", "region", "product_group"):
        groups = totals[(totals["dimension"] == dimension) & (totals["unchanged"] < totals["lines"])]
        title = f"by {dimension.replace('_', ' ')}, where lines change"
        _show_first(title, groups, _total_heads(totals, dimension), most=GROUPS_SHOWN)
    _show_first("resources, suppliers and lanes that change", _moved_capacities(comparison), _CAPACITY_HEADS)
    _show_first("intervals that change", _moved_intervals(comparison), _INTERVAL_HEADS, most=GROUPS_SHOWN)
    points = comparison.points
    moved = points[(points["change_late_unit_days"].abs() > 1e-6) | (points["change_mean_stock"].abs() > 1e-6)]
    _show_first("stocking points that change", moved, _POINT_HEADS, most=GROUPS_SHOWN)
    figures = comparison.kpis[~(comparison.kpis["change"].abs() <= 1e-6)]
    _show_first("figures that change", figures, most=len(figures))


def _headline(comparison: Comparison) -> str:
    """The whole comparison in two lines."""
    from firmdate.data.suggest import counted
    from firmdate.runs.figures import shown, shown_change

    every = comparison.summary.iloc[0] if len(comparison.summary) else None
    if every is None or every["dimension"] != "all":
        return "no order lines"
    counts = [f"{shown(every['improved'])} improved", f"{shown(every['worse'])} worse"]
    counts += [f"{shown(every[name])} {name}" for name in ("unchanged", "added", "removed") if every[name]]
    late = [shown(every[f"{side}_late_unit_days"]) for side in ("base", "other")]
    change = shown_change(every["change_late_unit_days"])
    return (
        f"{counted(int(every['lines']), 'order line')}: {', '.join(counts)}\n"
        f"value improved {shown(every['improved_value'])}, worse {shown(every['worse_value'])}; "
        f"late unit-days {late[0]} to {late[1]} ({change})"
    )


def _total_heads(totals: pd.DataFrame, dimension: str) -> dict[str, str]:
    """Columns of totals that say something: lines that are added or removed only where there are some."""
    unused = {name for name in ("added", "removed") if not totals[name].any()}
    heads = {name: head for name, head in _TOTAL_HEADS.items() if name not in unused}
    return {"group": dimension.replace("_", " "), **heads}


def _moved_intervals(comparison: Comparison) -> pd.DataFrame:
    """Intervals of resources and suppliers, the largest change of overload first."""
    import pandas as pd

    resources = comparison.resources.rename(columns={"resource": "name"}).assign(item="")
    every = pd.concat([resources, comparison.suppliers.rename(columns={"supplier": "name"})], ignore_index=True)
    overload, load = every["overload_change"].abs().round(6), every["load_change"].abs().round(6)
    rank = pd.DataFrame({"overload": -overload, "load": -load})[(overload > 0) | (load > 0)]
    return every.loc[rank.sort_values(["overload", "load"], kind="stable").index]


def _moved_capacities(comparison: Comparison) -> pd.DataFrame:
    frame = comparison.capacities
    price = (frame["other_price"].fillna(0.0) - frame["base_price"].fillna(0.0)).abs()
    moved = (frame["load_change"].abs() > 1e-6) | (frame["overload_change"].abs() > 1e-6) | (price > 1e-6)
    return frame[moved]


def _show_first(
    title: str,
    frame: pd.DataFrame,
    heads: dict[str, str] | None = None,
    *,
    most: int = ROWS_SHOWN,
    coloured_by: str = "",
) -> None:
    from firmdate.cli.tables import text_table

    if not len(frame):
        click.echo(f"\n{title}: none")
        return
    count = f"the first {most} of {len(frame):,}" if len(frame) > most else f"{len(frame):,}"
    click.echo(f"\n{title} ({count}):")
    show_table(text_table(frame.head(most), heads, coloured_by), indent="  ")
