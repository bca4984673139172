"""What the ladders share: writing tables, weekly capacity, and one rung solved as a user would."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from heuristic import late_unit_days

PLANNING_DATE = np.datetime64("2026-01-05")
HORIZON_DAYS = 180
WEEKS_OF_NEED = 13
TIERS = (1, 2, 3)

Columns = Mapping[str, object]
Writer = Callable[[Path], Path]
"""Writes the planning data and the scenario of one rung into a folder and returns the scenario."""


def write_table(folder: Path, table: str, columns: Columns) -> None:
    """Write one table of the planning data."""
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(columns).to_csv(folder / f"{table}.csv", index=False)


def write_scenario(folder: Path, name: str) -> Path:
    """Write the scenario beside its data."""
    scenario = folder / f"{name}.yaml"
    scenario.write_text(
        f"name: {name}\ndata: data\nplanning_date: {PLANNING_DATE}\nhorizon_days: {HORIZON_DAYS}\n", encoding="utf-8"
    )
    return scenario


def due_dates(random: np.random.Generator, lines: int) -> np.ndarray:
    """Requested dates from 10 days ago to 90 days ahead."""
    return PLANNING_DATE + random.integers(-10, 91, lines).astype("timedelta64[D]")


def weekly(kind: str, names: np.ndarray, measure: str, amount: np.ndarray) -> dict[str, object]:
    """Capacity of every name in every week of the horizon.

    Args:
        kind: Column of the name (``supplier``, ``resource``).
        names: Who has the capacity.
        measure: Column of the amount (``quantity``, ``hours``).
        amount: Amount a week, one a name.
    """
    weeks = -(-HORIZON_DAYS // 7)
    start = PLANNING_DATE + 7 * np.arange(weeks).astype("timedelta64[D]")
    return {
        kind: np.repeat(names, weeks),
        "start": np.tile(start, len(names)),
        "end": np.tile(start + np.timedelta64(7, "D"), len(names)),
        measure: np.repeat(amount, weeks),
    }


def run_rung(write: Writer, *, extra: list[str], repeat: int = 1, heuristic: bool = False) -> dict[str, object]:
    """Generate one rung, solve it with the command line in processes of their own, and read what was written.

    Args:
        write: Writes the planning data and the scenario.
        extra: Further options of ``firmdate solve``.
        repeat: How often it is solved; the run of median wall time is reported.
        heuristic: True to plan it with the greedy heuristic too.
    """
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        scenario = write(Path(folder))
        written = time.perf_counter() - started
        runs = [_solve(scenario, Path(folder) / f"runs{n}", extra) for n in range(repeat)]
        result = sorted(runs, key=lambda run: float(run["seconds"]))[(repeat - 1) // 2]
        result["seconds"] = round(statistics.median(float(run["seconds"]) for run in runs), 2)
        result = {"repeats": repeat, "generate_seconds": round(written, 2), **result}
        if heuristic:
            started = time.perf_counter()
            late = late_unit_days(scenario)
            seconds = round(time.perf_counter() - started, 2)
            result["heuristic"] = {"seconds": seconds, "late_unit_days": [late.get(tier, 0) for tier in TIERS]}
    return result


def _solve(scenario: Path, runs: Path, extra: list[str]) -> dict[str, float | object]:
    command = [sys.executable, "-m", "firmdate", "solve", str(scenario), "--runs", str(runs), "--quiet", *extra]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        # wait4 gives the usage of this one process and of its workers, which getrusage would add up over all rungs.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"firmdate solve ended with exit code {process.returncode}")
    run = next(path.parent for path in runs.glob("*/*/run.json"))
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    kpis = json.loads((run / "kpis.json").read_text(encoding="utf-8"))
    return {
        "seconds": seconds,
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_mb": record["peak_mb"],
        "stages": record["stages"],
        "sizes": record["sizes"],
        "late_unit_days": [kpis.get(f"late_unit_days_tier_{tier}", 0.0) for tier in TIERS],
        "optimum": tier_optima(record["levels"], scenario),
    }


def tier_optima(levels: Iterable[Mapping[str, object]], scenario: Path) -> list[float]:
    """Least late unit-days of each tier: of the linear program, before whole units.

    Args:
        levels: As ``run.json`` states them. They count from the planning date on.
        scenario: The days before that, which no plan can save, come from its demands.
    """
    demands = pd.read_csv(scenario.parent / "data" / "demands.csv", usecols=["requested_date", "quantity", "tier"])
    overdue = (PLANNING_DATE - demands["requested_date"].to_numpy().astype("datetime64[D]")).astype(int).clip(min=0)
    lost = (demands["quantity"] * overdue).groupby(demands["tier"]).sum()
    found = {level["member"]: level["optimum"] for level in levels if level["level"] == "tier_level"}
    return [round(float(str(found.get(tier, 0.0))) + float(lost.get(tier, 0)), 6) for tier in TIERS]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of every ladder."""
    parser.add_argument("--json", action="store_true", help="one object a line, with stages and sizes")
    parser.add_argument("--repeat", type=int, default=1, help="solve each rung so often and report the median")
    parser.add_argument("--heuristic", action="store_true", help="plan with the greedy heuristic too")
    parser.add_argument("--option", action="append", default=[], help="further option of firmdate solve")


def as_text(result: Mapping[str, object]) -> str:
    """One line about a rung."""
    stages, heuristic = result["stages"], result.get("heuristic")
    assert isinstance(stages, dict)
    parts = ", ".join(f"{name} {stage['seconds']:.2f}" for name, stage in stages.items())
    text = (
        f"{result['lines']:>9} lines: {result['seconds']:.2f} s, {result['cpu_seconds']:.2f} s of processor, "
        f"{result['peak_mb']:.0f} MB; late unit-days {result['late_unit_days']} "
        f"(optimum {result['optimum']}); stages: {parts}; {result['sizes']}"
    )
    if isinstance(heuristic, dict):
        text += f"; heuristic {heuristic['late_unit_days']} in {heuristic['seconds']:.2f} s"
    return text
