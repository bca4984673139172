"""A what-if on the service-parts ladder, against the full solve of the same data.

python bench/what_if.py 5000 20000
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ladder import write_network

WHAT_IFS = {
    "one demand line": "{table: demands, where: {order: O0000005}, set: {quantity: 9}}",
    "one week of a supplier": "{table: supplier_capacity, where: {supplier: S00001, start: 2026-01-19}, "
    "multiply: {quantity: 0.5}}",
}


def solve(scenario: Path, runs: Path) -> tuple[float, float]:
    """Seconds and seconds of processor of one ``firmdate solve``, as a process of its own."""
    command = [sys.executable, "-m", "firmdate", "solve", str(scenario), "--runs", str(runs), "--quiet"]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"firmdate solve ended with exit code {process.returncode}")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime


def main() -> None:
    """Print seconds of the full solve and of each what-if, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", type=int, default=[5000], help="sizes in parts")
    for parts in parser.parse_args().parts:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            base = write_network(folder, parts)
            wall, processor = solve(base, folder / "runs")
            print(f"{parts} parts, full: {wall:.1f} s, {processor:.1f} s of processor", flush=True)
            for title, change in WHAT_IFS.items():
                other = folder / "what-if.yaml"
                other.write_text(f"extends: {base.name}\nname: what-if\nchanges:\n  - {change}\n", encoding="utf-8")
                own_wall, own = solve(other, folder / "runs")
                shares = f"{own_wall / wall:.2f} of the time, {own / processor:.2f} of the processor"
                print(f"  {title}: {own_wall:.1f} s, {own:.1f} s of processor; {shares}", flush=True)


if __name__ == "__main__":
    main()
