"""Checks of what may take the place of what."""

from __future__ import annotations

import numpy as np
import pandas as pd

from firmdate.data.findings import Findings, cell, shown
from firmdate.data.keys import match_rows, positions

_NOISE = 1e-6
_WAY = ("item", "substitute", "location")


def check_substitutions(findings: Findings) -> None:
    """No item replaces itself, and rows that go both ways agree."""
    frame = findings.data["substitutions"]
    if not len(frame):
        return
    items = frame["item"].cat.categories
    same = positions(frame["substitute"], items) == frame["item"].cat.codes.to_numpy()
    findings.rows(
        "substitutions",
        "substitute",
        same,
        lambda row: f"an item cannot replace itself (got {cell(frame, 'item', row)!r}); name another one",
    )
    _check_ratios(findings, frame, ~same)


def _check_ratios(findings: Findings, frame: pd.DataFrame, usable: np.ndarray) -> None:
    """Two rows that go both ways between the same items have ratios that undo each other."""
    other = match_rows(frame, _WAY, frame, ("substitute", "item", "location"))
    ratio = frame["ratio"].to_numpy(np.float64)
    both = (frame["direction"] != "one_way").to_numpy(dtype=bool)
    wrong = usable & (other >= 0) & (other < np.arange(len(frame))) & both & both[other]
    wrong &= np.abs(ratio * ratio[other] - 1.0) > _NOISE

    def message(row: int) -> str:
        where = findings.data.where("substitutions", int(frame.index[other[row]]))
        got = shown(frame, ("item", "substitute", "ratio"), row)
        return f"contradicts the row of the other way in {where} (got {got}); it must be {1 / ratio[other[row]]:g}"

    findings.rows("substitutions", "ratio", wrong, message)
