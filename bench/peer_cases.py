"""Plans cases in the schema ``neutral-supply-plan/1`` with Firmdate and compares with the plan that they expect.

    python bench/peer_cases.py ../shared/cases/*.json [--json] [--certify] [--keep DIR]

Exit code 0: no priority is worse than expected (the best priority decides; a later one may pay for a better one that
improved); 1: one is; 2: a file cannot be read or planned.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import firmdate
from firmdate.errors import FirmdateError
from peer.case import Case, Deliveries
from peer.convert import Converted, convert
from peer.outcome import Outcome, PriorityResult, broken_promises, compare, is_worse, outcomes
from peer.read_case import read_case
from peer.records import CaseError


@dataclass(frozen=True)
class Result:
    """One planned case."""

    file: Path
    case: Case
    demands: dict[str, Outcome]
    priorities: list[PriorityResult]
    deliveries: Deliveries
    warnings: tuple[str, ...]

    @property
    def is_worse(self) -> bool:
        """True when the plan is worse than the expected one."""
        return is_worse(self.priorities)


def main(arguments: Sequence[str] | None = None) -> int:
    """Plan the cases and print the comparison; returns the exit code."""
    parser = argparse.ArgumentParser(description="Plan cases in the schema neutral-supply-plan/1 and compare.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="cases as JSON")
    parser.add_argument("--json", action="store_true", help="print a JSON list, one object a case")
    parser.add_argument("--certify", action="store_true", help="check the deliveries against the demands too")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the planning data of each case under DIR")
    options = parser.parse_args(arguments)
    results = []
    failed = False
    for file in options.files:
        try:
            result = run(file, options.keep)
            if options.certify:
                certify(result)
        except (CaseError, FirmdateError) as error:
            print(f"{file}: {error}", file=sys.stderr)
            failed = True
            continue
        results.append(result)
        if not options.json:
            print_result(result)
    if options.json:
        print(json.dumps([as_json(result) for result in results], indent=1))
    return 2 if failed else int(any(result.is_worse for result in results))


def run(file: Path, keep: Path | None = None) -> Result:
    """Convert, plan and compare one case.

    Raises:
        CaseError: the file is not a case of the schema.
        FirmdateError: no plan was found.
    """
    case = read_case(file)
    with tempfile.TemporaryDirectory(prefix="peer-case-") as folder:
        converted = convert(case, keep / file.stem if keep else Path(folder))
        deliveries = plan_deliveries(case, converted)
    end = max([case.end, *(moment for rows in (case.expected or {}).values() for moment, _ in rows)])
    planned = outcomes(case, deliveries, end)
    expected = None if case.expected is None else outcomes(case, case.expected, end)
    return Result(file, case, planned, compare(case, planned, expected), deliveries, converted.warnings)


def certify(result: Result) -> None:
    """Check the deliveries against the demands of the case itself (the plan was certified when it was solved).

    Raises:
        CaseError: a delivery is not allowed.
    """
    broken = broken_promises(result.case, result.deliveries)
    if broken:
        raise CaseError("; ".join(broken))


def plan_deliveries(case: Case, converted: Converted) -> Deliveries:
    """Solve the converted case; deliveries at points in time of the case."""
    rows = firmdate.solve(converted.scenario).deliveries
    due = {demand.id: demand.due for demand in case.demands}
    found: dict[str, list[tuple[datetime, float]]] = {}
    for order, date, quantity in zip(rows["order"].astype(str), rows["date"].dt.date, rows["quantity"], strict=True):
        moment = converted.grid.moment(converted.grid.step_of(date))
        for demand, share in converted.orders.get(order, ()):
            found.setdefault(demand, []).append((max(moment, due[demand]), share * float(quantity)))
    return {demand: tuple(deliveries) for demand, deliveries in found.items()}


def print_result(result: Result) -> None:
    """Print the tables of one case."""
    worse = "WORSE than expected" if result.is_worse else "not worse than expected"
    print(f"\n{result.case.name}: {worse}")
    head = ("on time", "late", "short", "late unit-days", "unit-days")
    print(f"  {'demand':<32}" + "".join(f"{name:>16}" for name in head))
    for name, outcome in result.demands.items():
        print(f"  {name:<32}" + _figures(outcome))
    for row in result.priorities:
        print(f"  {f'priority {row.priority:g}: {row.verdict}':<32}" + _figures(row.planned))
        if row.expected is not None:
            print(f"  {'  expected':<32}" + _figures(row.expected))
    for warning in result.warnings:
        print(f"  warning: {warning}")


def _figures(outcome: Outcome) -> str:
    return "".join(f"{value:>16.6g}" for value in outcome.rounded().values())


def as_json(result: Result) -> dict[str, object]:
    """One case as plain data."""
    expected = result.case.expected
    return {
        "case": result.case.name,
        "file": result.file.name,
        "worse": result.is_worse,
        "demands": [
            {
                "demand": demand.id,
                "priority": demand.priority,
                "quantity": demand.quantity,
                **result.demands[demand.id].rounded(),
                "deliveries": [
                    [moment.isoformat(), round(quantity, 6)]
                    for moment, quantity in result.deliveries.get(demand.id, ())
                ],
            }
            for demand in result.case.demands
        ],
        "priorities": [
            {
                "priority": row.priority,
                **row.planned.rounded(),
                "expected": None if row.expected is None else row.expected.rounded(),
                "verdict": row.verdict,
            }
            for row in result.priorities
        ],
        "compared": expected is not None,
        "warnings": list(result.warnings),
    }


if __name__ == "__main__":
    sys.exit(main())
