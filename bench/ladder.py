"""The ladder: seeded service-parts networks of growing size, solved as a user would.

A supplier sells 50 parts to the central warehouse (lead time 7 to 42 days, a weekly capacity of 80 % of the average
need of a quarter), which feeds three regional warehouses (5 days), each of which feeds four local ones (2 days).
Every part has ten order lines of 1 to 10 units, due from 10 days ago to 90 days ahead, in tiers 1 to 3.

    python bench/ladder.py 1000 5000 20000
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

PARTS_PER_SUPPLIER = 50
LINES_PER_PART = 10
LEAD_TIMES = (7, 14, 21, 28, 42)
PLANNING_DATE = np.datetime64("2026-01-05")
HORIZON_DAYS = 180
WEEKS_OF_NEED = 13


def write_network(folder: Path, parts: int, *, stock_everywhere: bool = False, seed: int = 1) -> Path:
    """Write the planning data and the scenario of one rung.

    Args:
        folder: Where to write; made when missing.
        parts: Number of parts.
        stock_everywhere: True for on hand at every location, False at the centre alone.
        seed: Of the random numbers.

    Returns:
        The scenario file.
    """
    random = np.random.default_rng(seed)
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    names = np.array([f"P{n:06d}" for n in range(parts)])
    suppliers = np.array([f"S{n:05d}" for n in range(-(-parts // PARTS_PER_SUPPLIER))])
    supplier_of = suppliers[np.arange(parts) // PARTS_PER_SUPPLIER]
    regions = [f"R{r}" for r in range(1, 4)]
    local = [f"L{r}{k}" for r in range(1, 4) for k in range(1, 5)]
    _write(data, "lanes", _lanes(regions))
    _write(
        data,
        "supplier_items",
        {
            "supplier": supplier_of,
            "item": names,
            "location": "C",
            "lead_time_days": random.choice(LEAD_TIMES, parts),
        },
    )
    lines = parts * LINES_PER_PART
    part = np.repeat(np.arange(parts), LINES_PER_PART)
    quantity = random.integers(1, 11, lines)
    due = PLANNING_DATE + random.integers(-10, 91, lines).astype("timedelta64[D]")
    _write(
        data,
        "demands",
        {
            "order": [f"O{n:07d}" for n in range(lines)],
            "line": "1",
            "item": names[part],
            "location": random.choice(local, lines),
            "quantity": quantity,
            "requested_date": due,
            "tier": random.integers(1, 4, lines),
        },
    )
    need = np.bincount(part // PARTS_PER_SUPPLIER, weights=quantity, minlength=len(suppliers))
    _write(data, "supplier_capacity", _capacity(suppliers, np.floor(0.8 * need / WEEKS_OF_NEED)))
    places = ["C", *regions, *local] if stock_everywhere else ["C"]
    _write(
        data,
        "on_hand",
        {
            "item": np.repeat(names, len(places)),
            "location": np.tile(places, parts),
            "quantity": random.integers(0, 21 if not stock_everywhere else 4, parts * len(places)),
        },
    )
    scenario = folder / "ladder.yaml"
    scenario.write_text(
        f"name: ladder\ndata: data\nplanning_date: {PLANNING_DATE}\nhorizon_days: {HORIZON_DAYS}\n", encoding="utf-8"
    )
    return scenario


def _lanes(regions: list[str]) -> dict[str, object]:
    rows = [("C", region, 5) for region in regions]
    rows += [(region, f"L{region[1:]}{k}", 2) for region in regions for k in range(1, 5)]
    origin, destination, days = zip(*rows, strict=True)
    return {"origin": origin, "destination": destination, "lead_time_days": days}


def _capacity(suppliers: np.ndarray, weekly: np.ndarray) -> dict[str, object]:
    weeks = -(-HORIZON_DAYS // 7)
    start = PLANNING_DATE + 7 * np.arange(weeks).astype("timedelta64[D]")
    return {
        "supplier": np.repeat(suppliers, weeks),
        "start": np.tile(start, len(suppliers)),
        "end": np.tile(start + np.timedelta64(7, "D"), len(suppliers)),
        "quantity": np.repeat(np.maximum(weekly, 1), weeks),
    }


def _write(folder: Path, table: str, columns: dict[str, object]) -> None:
    pd.DataFrame(columns).to_csv(folder / f"{table}.csv", index=False)


def run_rung(parts: int, *, stock_everywhere: bool, extra: list[str]) -> dict[str, object]:
    """Generate one rung, solve it with the command line in a process of its own, and read what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = write_network(Path(folder), parts, stock_everywhere=stock_everywhere)
        runs = Path(folder) / "runs"
        started = time.perf_counter()
        command = [sys.executable, "-m", "firmdate", "solve", str(scenario), "--runs", str(runs), "--quiet", *extra]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - started
        run = next(path for path in (runs / "ladder").iterdir() if (path / "run.json").exists())
        record = json.loads((run / "run.json").read_text(encoding="utf-8"))
        kpis = json.loads((run / "kpis.json").read_text(encoding="utf-8"))
    return {
        "parts": parts,
        "lines": parts * LINES_PER_PART,
        "stock": "everywhere" if stock_everywhere else "centre",
        "seconds": round(seconds, 2),
        "peak_mb": record["peak_mb"],
        "stages": record["stages"],
        "sizes": record["sizes"],
        "late_unit_days": [kpis[f"late_unit_days_tier_{tier}"] for tier in (1, 2, 3)],
    }


def main() -> None:
    """Run the rungs that are asked for and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", type=int, default=[1000, 5000, 20000], help="sizes in parts")
    parser.add_argument("--stock-everywhere", action="store_true", help="on hand at every location")
    parser.add_argument("--json", action="store_true", help="one object a line, with stages and sizes")
    parser.add_argument("--option", action="append", default=[], help="further option of firmdate solve")
    arguments = parser.parse_args()
    for parts in arguments.parts:
        result = run_rung(parts, stock_everywhere=arguments.stock_everywhere, extra=arguments.option)
        print(json.dumps(result) if arguments.json else _text(result), flush=True)


def _text(result: dict[str, object]) -> str:
    stages = result["stages"]
    assert isinstance(stages, dict)
    parts = ", ".join(f"{name} {stage['seconds']:.2f}" for name, stage in stages.items())
    return (
        f"{result['lines']:>9} lines: {result['seconds']:.2f} s, {result['peak_mb']:.0f} MB; "
        f"late unit-days {result['late_unit_days']}; stages: {parts}; {result['sizes']}"
    )


if __name__ == "__main__":
    main()
