"""A small network of parts that share nothing, so that every part can be a block of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

SCENARIO = "name: parts\ndata: data\nplanning_date: 2026-01-05\nhorizon_days: 60\n"


def write_parts(folder: Path, parts: int = 12) -> Path:
    """Write parts that are bought from a supplier of their own and ship from a centre to two shops.

    Returns:
        The scenario file.
    """
    random = np.random.default_rng(7)
    data = folder / "data"
    data.mkdir(parents=True)
    tables = {name: [head] for name, head in HEADS.items()}
    tables["lanes"] += [",C,A,3", ",C,B,5"]
    for part in range(parts):
        tables["supplier_items"].append(f"S{part:02},P{part:02},C,{random.integers(3, 12)}")
        for week in range(0, 56, 7):
            start, end = (np.datetime64("2026-01-05") + week + days for days in (0, 7))
            tables["supplier_capacity"].append(f"S{part:02},{start},{end},{random.integers(2, 6)}")
        tables["on_hand"].append(f"P{part:02},C,{random.integers(0, 8)}")
        for line in range(8):
            due = np.datetime64("2026-01-01") + int(random.integers(0, 40))
            tables["demands"].append(
                f"O{part:02}{line},1,P{part:02},{random.choice(['A', 'B'])},{random.integers(1, 9)},{due},"
                f"{random.integers(1, 4)}"
            )
    for name, rows in tables.items():
        (data / f"{name}.csv").write_text("\n".join(rows) + "\n")
    scenario = folder / "parts.yaml"
    scenario.write_text(SCENARIO)
    return scenario


HEADS: Mapping[str, str] = {
    "lanes": "item,origin,destination,lead_time_days",
    "supplier_items": "supplier,item,location,lead_time_days",
    "supplier_capacity": "supplier,start,end,quantity",
    "on_hand": "item,location,quantity",
    "demands": "order,line,item,location,quantity,requested_date,tier",
}
