"""The ladder: seeded service-parts networks of growing size, solved as a user would.

A supplier sells 50 parts to the central warehouse (lead time 7 to 42 days, a weekly capacity of 80 % of the average
need of a quarter), which feeds three regional warehouses (5 days), each of which feeds four local ones (2 days).
Every part has ten order lines of 1 to 10 units, due from 10 days ago to 90 days ahead, in tiers 1 to 3.

    python bench/ladder.py 1000 5000 20000
    python bench/ladder.py --stock-everywhere 1000
"""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path

import numpy as np

from rung import WEEKS_OF_NEED, add_options, as_text, due_dates, run_rung, weekly, write_scenario, write_table

PARTS_PER_SUPPLIER = 50
LINES_PER_PART = 10
LEAD_TIMES = (7, 14, 21, 28, 42)
CAPACITY_SHARE = 0.8


def write_network(
    folder: Path,
    parts: int,
    *,
    stock_everywhere: bool = False,
    seed: int = 1,
    parts_per_supplier: int = PARTS_PER_SUPPLIER,
) -> Path:
    """Write the planning data and the scenario of one rung.

    Args:
        folder: Where to write; made when missing.
        parts: Number of parts.
        stock_everywhere: True for on hand at every location, False at the centre alone.
        seed: Of the random numbers.
        parts_per_supplier: Parts that share the capacity of a supplier.

    Returns:
        The scenario file.
    """
    random = np.random.default_rng(seed)
    data = folder / "data"
    names = np.array([f"P{n:06d}" for n in range(parts)])
    suppliers = np.array([f"S{n:05d}" for n in range(-(-parts // parts_per_supplier))])
    supplier_of = suppliers[np.arange(parts) // parts_per_supplier]
    regions = [f"R{r}" for r in range(1, 4)]
    local = [f"L{r}{k}" for r in range(1, 4) for k in range(1, 5)]
    write_table(data, "lanes", _lanes(regions))
    write_table(
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
    due = due_dates(random, lines)
    write_table(
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
    need = np.bincount(part // parts_per_supplier, weights=quantity, minlength=len(suppliers))
    capacity = np.maximum(np.floor(CAPACITY_SHARE * need / WEEKS_OF_NEED), 1)
    write_table(data, "supplier_capacity", weekly("supplier", suppliers, "quantity", capacity))
    places = ["C", *regions, *local] if stock_everywhere else ["C"]
    write_table(
        data,
        "on_hand",
        {
            "item": np.repeat(names, len(places)),
            "location": np.tile(places, parts),
            "quantity": random.integers(0, 21 if not stock_everywhere else 4, parts * len(places)),
        },
    )
    return write_scenario(folder, "ladder")


def _lanes(regions: list[str]) -> dict[str, object]:
    rows = [("C", region, 5) for region in regions]
    rows += [(region, f"L{region[1:]}{k}", 2) for region in regions for k in range(1, 5)]
    origin, destination, days = zip(*rows, strict=True)
    return {"origin": origin, "destination": destination, "lead_time_days": days}


def main() -> None:
    """Run the rungs that are asked for and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", type=int, default=[1000, 5000, 20000], help="sizes in parts")
    parser.add_argument("--stock-everywhere", action="store_true", help="on hand at every location")
    add_options(parser)
    arguments = parser.parse_args()
    everywhere = arguments.stock_everywhere
    for parts in arguments.parts:
        result = {
            "parts": parts,
            "lines": parts * LINES_PER_PART,
            "stock": "everywhere" if everywhere else "centre",
            **run_rung(
                partial(write_network, parts=parts, stock_everywhere=everywhere),
                extra=arguments.option,
                repeat=arguments.repeat,
                heuristic=arguments.heuristic,
            ),
        }
        print(json.dumps(result) if arguments.json else as_text(result), flush=True)


if __name__ == "__main__":
    main()
