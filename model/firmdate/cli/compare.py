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
}


@click.command()
@click.argument("base", metavar="SCENARIO_OR_RUN", shell_complete=complete_runs)
@click.argument("other", metavar="[OTHER]", required=False, shell_complete=complete_runs)
@click.option(
    "--to", "workbook", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.xlsx", help="Write all rows."
)
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
    workbook: Path | None,
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
    scenario that has runs, is read.
    """
    from firmdate.cli.tables import to_json
    from firmdate.plan.compare import compare as compare_plans
    from firmdate.report.export import require_workbook, write_workbook

    if workbook is not None:
        require_workbook(workbook)
    means = Means(cache_folder(cache, no_cache, runs_dir), cluster=cluster)
    if other is None:
        plans = [_solved(scenario, runs_dir, means, written, quiet) for scenario in _both_modes(base)]
    else:
        plans = [_plan(text, runs_dir, means, written, quiet) for text in (base, other)]
    comparison = compare_plans(*plans)
    tables = {
        "summary": comparison.summary,
        "kpis": comparison.kpis,
        "lines": comparison.lines,
        "resources": comparison.resources,
        "suppliers": comparison.suppliers,
    }
    if workbook is not None:
        write_workbook(tables, workbook)
    if as_json:
        click.echo(to_json({"base": comparison.base, "other": comparison.other, **tables}))
    else:
        _show(comparison)
        if workbook is not None:
            click.echo(f"\nwritten: {workbook}")


def _is_scenario_file(text: str) -> bool:
    return Path(text).suffix in {".yaml", ".yml"}


def _both_modes(text: str) -> tuple[Scenario, Scenario]:
    """The scenario constrained and unconstrained.

    The unconstrained one has a name of its own, so that the latest run of the scenario stays the constrained one.
    """
    from firmdate.scenario.files import load_scenario, override_scenario

    if not _is_scenario_file(text):
        raise click.UsageError("comparing with the unconstrained plan needs a scenario file; or name two runs")
    scenario = load_scenario(text, ["mode=constrained"])
    return scenario, override_scenario(scenario, ["mode=unconstrained", f"name={scenario.name}-unconstrained"])


def _plan(text: str, runs_dir: Path, means: Means, written: list[Path], quiet: bool) -> Plan:
    """The plan of a scenario file, or of a run that was made."""
    from firmdate.runs.store import read_run, resolve_run
    from firmdate.scenario.files import load_scenario

    if _is_scenario_file(text):
        return _solved(load_scenario(text), runs_dir, means, written, quiet)
    return read_run(resolve_run(text, runs_dir))


def _solved(scenario: Scenario, runs_dir: Path, means: Means, written: list[Path], quiet: bool) -> Plan:
    from firmdate.cli.solve import solve_and_write

    plan, run = solve_and_write(scenario, runs_dir, means, quiet=quiet)
    written.append(run)
    return plan


def _show(comparison: Comparison) -> None:
    from firmdate.cli.tables import text_table

    click.echo(f"base: {comparison.base}\nother: {comparison.other}\n\norder lines by tier:")
    show_table(text_table(comparison.summary), indent="  ")
    lines = comparison.lines[comparison.lines["change"] != "unchanged"]
    _show_first("order lines that change", lines, _LINE_HEADS, coloured_by="change")
    for what, loads in (("resource", comparison.resources), ("supplier", comparison.suppliers)):
        changed = loads[(loads["load_change"].abs() > 1e-6) | (loads["overload_change"].abs() > 1e-6)]
        names = [str(name) for name in loads.columns]
        heads = {name: name.replace("_", " ") for name in names if not name.endswith(("_price", "_change"))}
        _show_first(f"{what} loads that change", changed, heads)
    figures = comparison.kpis[~(comparison.kpis["change"].abs() <= 1e-6)]
    _show_first("figures that change", figures, most=len(figures))


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
