"""Promise dates in a real multi-echelon supply chain without stock: the longest path of its stage times.

    python bench/willems.py ../shared/data/willems2008 --chain 3 [--json]

Every stage makes its own item; one unit takes one unit of each source stage and the stage's time, rounded up to whole
days. There is no stock and no capacity, and every stage with a demand of its own gets one order on day 0.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import tempfile
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import firmdate
from csv_input import DataError, read_columns, run
from planning_files import PlanningFiles

DAY_0 = dt.date(2021, 1, 1)
LOCATION = "CHAIN"


@dataclass(frozen=True)
class Chain:
    """One chain.

    Args:
        days: Stage to its time in whole days.
        sources: Stage to the stages of which one unit takes one unit.
        wanted: Stages with a demand of their own.
    """

    days: dict[str, int]
    sources: dict[str, tuple[str, ...]]
    wanted: tuple[str, ...]


def read_chain(folder: Path, number: str) -> Chain:
    """Read one chain.

    Raises:
        DataError: a file, a column or the chain is missing, a stage is listed twice or not at all, a time is no
            number, or no stage has a demand.
    """
    path = folder / "stages.csv"
    rows = read_columns(path, ("chain", "Stage Name", "stageTime", "avgDemand"))
    mine = [row[1:] for row in rows if row[0] == number]
    if not mine:
        known = ", ".join(dict.fromkeys(row[0] for row in rows))
        raise DataError(f"{path}: there is no chain {number} (the file has {known})")
    days = {stage: whole_days(time, f"{path}: stageTime of {stage}") for stage, time, _ in mine}
    if len(days) < len(mine):
        raise DataError(f"{path}: chain {number} lists a stage twice")
    wanted = tuple(stage for stage, _, demand in mine if demand)
    if not wanted:
        raise DataError(f"{path}: no stage of chain {number} has an avgDemand")
    links = read_columns(folder / "links.csv", ("chain", "sourceStage", "destinationStage"))
    sources: dict[str, tuple[str, ...]] = {}
    for source, destination in dict.fromkeys(link[1:] for link in links if link[0] == number):
        for stage in (source, destination):
            if stage not in days:
                raise DataError(f"{folder / 'links.csv'}: chain {number} has no stage {stage}")
        sources[destination] = (*sources.get(destination, ()), source)
    return Chain(days, sources, wanted)


def whole_days(text: str, where: str) -> int:
    """A time in days, rounded up; a missing one counts as 0.

    >>> whole_days("2.1", ""), whole_days("3", ""), whole_days("", "")
    (3, 3, 0)
    """
    try:
        time = Decimal(text or "0")
    except InvalidOperation:
        raise DataError(f"{where} must be a number (got {text!r})") from None
    if not time.is_finite() or time < 0:
        raise DataError(f"{where} must be 0 or more (got {text})")
    return math.ceil(time)


def planning_files(chain: Chain) -> PlanningFiles:
    """Planning data: a stage is an item with an operation and a bill of its source stages."""
    files = PlanningFiles()
    for stage, days in chain.days.items():
        key = {"item": stage, "location": LOCATION}
        files.add("operations", {**key, "lead_time_days": days})
        for source in chain.sources.get(stage, ()):
            files.add("bills_of_materials", {**key, "component": source, "quantity_per": 1})
    for stage in chain.wanted:
        line = {"order": stage, "line": "1", "item": stage, "location": LOCATION, "quantity": 1}
        files.add("demands", {**line, "requested_date": DAY_0.isoformat()})
    return files


def promises(chain: Chain, folder: Path) -> dict[str, int]:
    """Solve; days from day 0 to the promise date of every demand stage.

    Raises:
        DataError: a demand stage gets no promise date.
    """
    scenario = {
        "name": "willems",
        "description": "One unit at every demand stage of a chain without stock.",
        "planning_date": DAY_0.isoformat(),
        # No path is longer than all stages one after the other.
        "horizon_days": sum(chain.days.values()) + 1,
        "supply_sources": ["new_orders"],
    }
    plan = firmdate.solve(planning_files(chain).write(folder, scenario))
    promised = plan.promises[plan.promises["status"].isin(["on_time", "late"])]
    dates = zip(promised["order"].astype(str), promised["promise_date"].dt.date, strict=True)
    found = {stage: (date - DAY_0).days for stage, date in dates}
    missing = [stage for stage in chain.wanted if stage not in found]
    if missing:
        raise DataError(f"no promise date for {', '.join(missing)}")
    return {stage: found[stage] for stage in chain.wanted}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Promise dates in one chain of the Willems data.")
    parser.add_argument("data", type=Path, metavar="DATA_DIR", help="folder with stages.csv and links.csv")
    parser.add_argument("--chain", required=True, metavar="N", help="number of the chain")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    chain = read_chain(options.data, options.chain)
    with tempfile.TemporaryDirectory(prefix="willems-") as folder:
        days = promises(chain, Path(folder))
    if options.json:
        number = int(options.chain) if options.chain.isdecimal() else options.chain
        print(json.dumps({"chain": number, "promises": days}))
        return
    for stage, day in days.items():
        print(f"{stage:<32}{day:>6} days")


if __name__ == "__main__":
    run(main)
