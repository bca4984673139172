"""Small cases in the schema ``neutral-supply-plan/1``, put together from their parts."""

from __future__ import annotations

import json
from pathlib import Path

Json = dict[str, object]


def demand(quantity: float = 10, due: str = "2021-01-01", **fields: object) -> Json:
    """A demand ``D`` of ``PART`` at ``W``."""
    return {"id": "D", "item": "PART", "location": "W", "qty": quantity, "due": due, "priority": 1, **fields}


def buy(days: float = 3, **fields: object) -> Json:
    """A purchase of ``PART`` at ``W``."""
    return {"id": "buy", "item": "PART", "location": "W", "supplier": "S", "lead_time_days": days, **fields}


def make(days: float = 1, inputs: list[Json] | None = None, **fields: object) -> Json:
    """A make of ``PART`` at ``W``."""
    output = {"item": "PART", "location": "W", "qty_per": 1}
    return {"id": "make", "location": "W", "duration_days": days, "inputs": inputs or [], "outputs": [output], **fields}


def part(item: str = "COMP", quantity: float = 1, location: str = "W", **fields: object) -> Json:
    """An input of a make."""
    return {"item": item, "location": location, "qty_per": quantity, **fields}


def stock(item: str = "PART", on_hand: float = 0, location: str = "W", **fields: object) -> Json:
    """A stock point."""
    return {"item": item, "location": location, "on_hand": on_hand, **fields}


def moved(date: str, quantity: float, item: str = "PART") -> Json:
    """A scheduled receipt or issue."""
    return {"item": item, "location": "W", "date": date, "qty": quantity}


def case(demands: list[Json], end: str = "2021-02-01", step: float = 24, **parts: object) -> Json:
    """A case that starts on Friday 2021-01-01."""
    return {
        "schema": "neutral-supply-plan/1",
        "name": "small",
        "start": "2021-01-01",
        "horizon_end": end,
        "time_step_hours": step,
        "demands": demands,
        **parts,
    }


def expecting(content: Json, **deliveries: list[list[object]]) -> Json:
    """The case with an expected constrained plan."""
    return {**content, "expected": {"constrained": {"deliveries": deliveries}}}


def written(content: Json, folder: Path) -> Path:
    """The case as a file."""
    path = folder / "small.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
