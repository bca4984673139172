"""Which orders are not those of the previous run, counted a second time."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd

from firmdate.plan.certify_backlog import EarlierRun
from firmdate.plan.certify_basis import Basis, Findings, plain

_WAY = ("type", "item", "location", "origin", "supplier", "alternative")
_NOISE = 1e-5


def check_order_changes(
    found: Findings,
    basis: Basis,
    orders: pd.DataFrame,
    listed: pd.DataFrame | None,
    previous: EarlierRun | None,
) -> None:
    """The table ``order_changes`` names exactly the ways and dates whose quantity is another one than before.

    Args:
        found: Where broken rules go.
        basis: Ids and days.
        orders: The table ``supply_orders``.
        listed: The table ``order_changes``; None where the run has none.
        previous: The run that ``previous_run`` names.
    """
    if previous is None or listed is None:
        return
    change: dict[tuple[object, ...], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for place, frame in enumerate((previous.supply_orders, orders)):
        day = basis.day(frame["start_date"])
        inside = (day >= 0) & (day < basis.days) | (place == 1)
        for key, units in _rows(frame, day, inside, "quantity"):
            change[key][place] += units
    wanted = {key: had for key, had in change.items() if abs(had[1] - had[0]) > _NOISE * max(1.0, had[0])}
    day, every = basis.day(listed["start_date"]), np.ones(len(listed), dtype=bool)
    stated = [dict(_rows(listed, day, every, name)) for name in ("previous_quantity", "quantity")]
    wrong = sorted(
        (key for key in {*wanted, *stated[0]} if not _agrees(wanted.get(key), [own.get(key) for own in stated])),
        key=str,
    )

    def where(row: int) -> str:
        *way, day = wrong[row]
        return " ".join([*(str(part) for part in way if part), basis.date(int(str(day)))])

    def detail(row: int) -> str:
        had, has = change[wrong[row]]
        return f"{plain(had)} before, {plain(has)} now"

    found.of("order_changes", where).add(np.ones(len(wrong), dtype=bool), "is not what has changed:", detail)


def _rows(
    frame: pd.DataFrame, day: np.ndarray, chosen: np.ndarray, column: str
) -> list[tuple[tuple[object, ...], float]]:
    texts = [frame[name].astype(object).where(frame[name].notna(), "").astype(str).tolist() for name in _WAY]
    units = frame[column].to_numpy(np.float64).tolist()
    keys = zip(*texts, day.tolist(), strict=True)
    return [(key, own) for key, own, used in zip(keys, units, chosen.tolist(), strict=True) if used]


def _agrees(had: list[float] | None, stated: list[float | None]) -> bool:
    if had is None or None in stated:
        return False
    return all(abs(one - (other or 0.0)) <= _NOISE * max(1.0, abs(one)) for one, other in zip(had, stated, strict=True))
