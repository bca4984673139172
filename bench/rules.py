"""What the rules of a backlog cost: the ladder of service parts with and without them.

The network is that of ``ladder.py``. Rules are added to the same lines:

- commitments: every other line has a scheduled date up to six weeks after its requested date, all of them enforced;
- sets: one line of ten leaves together with another line of another part of the same supplier, in the order of dates;
- allocation: a tree of three levels (company, regions, local warehouses) in which every node is given its share of the
  supply by percentage, for two periods.

    python bench/rules.py 1000
    python bench/rules.py 1000 --rule commitments --rule sets
"""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from ladder import LINES_PER_PART, PARTS_PER_SUPPLIER, write_network
from rung import HORIZON_DAYS, PLANNING_DATE, add_options, as_text, run_rung, write_table

RULES = ("commitments", "sets", "allocation")
LATEST_COMMITMENT = 42
LINES_IN_SETS = 10
"""One line of so many is in a set."""

REGION_SHARES = {"R1": 50, "R2": 30, "R3": 20}
LOCAL_SHARE = 25
FIRST_PERIOD = 60


def write_rules(folder: Path, parts: int, rules: tuple[str, ...], *, seed: int = 1) -> Path:
    """Write the ladder's network with some rules.

    Args:
        folder: Where to write; made when missing.
        parts: Number of parts.
        rules: Of :data:`RULES`.
        seed: Of the random numbers.

    Returns:
        The scenario file.
    """
    scenario = write_network(folder, parts, seed=seed)
    random = np.random.default_rng(seed + 1)
    demands = pd.read_csv(folder / "data" / "demands.csv", dtype=str)
    requested = demands["requested_date"].to_numpy().astype("datetime64[D]")
    if "commitments" in rules:
        scheduled = requested + random.integers(0, LATEST_COMMITMENT, len(demands)).astype("timedelta64[D]")
        every_other = np.arange(len(demands)) % 2 == 0
        demands["scheduled_date"] = np.where(every_other, np.maximum(scheduled, PLANNING_DATE).astype(str), "")
        demands["enforce_commit"] = np.where(every_other, "true", "")
    if "sets" in rules:
        demands["ship_set"] = _sets(requested)
    if "allocation" in rules:
        demands["allocation_node"] = demands["location"]
        _write_allocation(folder / "data")
    demands.to_csv(folder / "data" / "demands.csv", index=False)
    return scenario


def _sets(requested: np.ndarray) -> np.ndarray:
    """Lines of one supplier in pairs: each with the one that is requested next, of those that are in sets."""
    names = np.full(len(requested), "", dtype=object)
    rows = np.arange(0, len(requested), LINES_IN_SETS)
    supplier = rows // (PARTS_PER_SUPPLIER * LINES_PER_PART)
    order = rows[np.lexsort((rows, requested[rows], supplier))]
    pairs = order[: len(order) // 2 * 2].reshape(-1, 2)
    whole = pairs[:, 0] // (PARTS_PER_SUPPLIER * LINES_PER_PART) == pairs[:, 1] // (PARTS_PER_SUPPLIER * LINES_PER_PART)
    for number, pair in enumerate(pairs[whole].tolist()):
        names[pair] = f"K{number:06d}"
    return names


def _write_allocation(data: Path) -> None:
    local = [(f"L{region[1:]}{k}", region) for region in REGION_SHARES for k in range(1, 5)]
    tree = [("COMPANY", ""), *((region, "COMPANY") for region in REGION_SHARES), *local]
    nodes, parents = zip(*tree, strict=True)
    write_table(data, "allocation_nodes", {"node": nodes, "parent": parents})
    shares = {"COMPANY": 100, **REGION_SHARES, **{name: LOCAL_SHARE for name, _ in local}}
    ends = [PLANNING_DATE + np.timedelta64(day, "D") for day in (0, FIRST_PERIOD, HORIZON_DAYS)]
    write_table(
        data,
        "allocations",
        {
            "node": [name for name in shares for _ in ends[1:]],
            "start": ends[:-1] * len(shares),
            "end": ends[1:] * len(shares),
            "percent": [share for share in shares.values() for _ in ends[1:]],
        },
    )


def main() -> None:
    """Run the network without rules, with each rule, and with all of them, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", type=int, default=[1000], help="sizes in parts")
    parser.add_argument("--rule", action="append", choices=RULES, help="only these rules, together")
    add_options(parser)
    arguments = parser.parse_args()
    chosen = [tuple(arguments.rule)] if arguments.rule else [(), *((rule,) for rule in RULES), RULES]
    for parts in arguments.parts:
        for rules in chosen:
            result = {
                "parts": parts,
                "lines": parts * LINES_PER_PART,
                "rules": list(rules),
                **run_rung(
                    partial(write_rules, parts=parts, rules=rules), extra=arguments.option, repeat=arguments.repeat
                ),
            }
            print(json.dumps(result) if arguments.json else f"{rules}: {as_text(result)}", flush=True)


if __name__ == "__main__":
    main()
