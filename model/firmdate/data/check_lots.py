"""Checks of lot sizes: packs that can be read, and limits that some order keeps."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from firmdate.data.findings import Findings, cell, shown
from firmdate.data.keys import positions

_TABLES = ("supplier_items", "lanes", "operations")
_NOISE = 1e-6
MOST_UNITS = 1e7
"""Largest pack, and largest order where bills that contain themselves leave no other bound."""


def parse_packs(text: str) -> tuple[float, ...]:
    """Sizes of packs from a text; empty where it is no list of sizes.

    >>> parse_packs("6/12/18")
    (6.0, 12.0, 18.0)
    """
    try:
        sizes = tuple(sorted({float(part) for part in re.split(r"[/;,\s]+", text.strip())}))
    except ValueError:
        return ()
    return sizes if all(0 < size < MOST_UNITS for size in sizes) else ()


def check_lots(findings: Findings) -> None:
    """Every row that states lot sizes can be kept by some order."""
    for table in _TABLES:
        frame = findings.data[table]
        if frame[["minimum", "multiple", "maximum", "pack_sizes", "pack_tolerance"]].notna().any(axis=None):
            _check_tolerance(findings, table, frame)
            _check_limits(findings, table, frame)


def _check_tolerance(findings: Findings, table: str, frame: pd.DataFrame) -> None:
    wrong = (frame["pack_tolerance"] >= 1).to_numpy(dtype=bool)
    message = "must be below 1, since it is a share such as 0.1"
    findings.rows(table, "pack_tolerance", wrong, lambda row: f"{message} (got {cell(frame, 'pack_tolerance', row)})")
    alone = (frame["pack_tolerance"].notna() & frame["pack_sizes"].isna()).to_numpy(dtype=bool)
    message = "pack_sizes is blank, so there is nothing that it is a tolerance of"
    findings.rows(table, "pack_tolerance", alone, lambda _: message, warning=True)


def _check_limits(findings: Findings, table: str, frame: pd.DataFrame) -> None:
    stated = np.flatnonzero(frame["pack_sizes"].notna()).tolist()
    packs = {row: parse_packs(str(frame["pack_sizes"].iat[row])) for row in stated}
    unread = np.array([row for row, sizes in packs.items() if not sizes], dtype=np.int64)
    findings.rows(
        table,
        "pack_sizes",
        unread,
        lambda row: f"is a list of pack sizes such as 6/12/18 (got {cell(frame, 'pack_sizes', row)!r})",
    )
    low, high = frame["minimum"].fillna(0.0).to_numpy(np.float64), frame["maximum"].fillna(np.inf).to_numpy(np.float64)
    findings.rows(
        table,
        "maximum",
        low > high,
        lambda row: f"lies below the minimum {low[row]:g} (got {high[row]:g})",
    )
    step = frame["multiple"].fillna(0.0).to_numpy(np.float64)
    step = np.where((step <= 0) & _whole(findings, frame), 1.0, step)
    step[list(packs)] = 0.0
    safe = np.where(step > 0, step, 1.0)
    highest = np.floor(np.where(np.isfinite(high), high, 0.0) / safe + _NOISE) * safe
    none = (step > 0) & np.isfinite(high) & (low <= high) & (highest < np.maximum(np.ceil(low / safe) * safe, safe))
    limits = ("minimum", "multiple", "maximum")
    message = "no order can keep these limits, so nothing would ever be ordered"
    findings.rows(table, "maximum", none, lambda row: f"{message} (got {shown(frame, limits, row)})")
    _check_packs(findings, table, frame, packs, high)


def _check_packs(
    findings: Findings, table: str, frame: pd.DataFrame, packs: dict[int, tuple[float, ...]], high: np.ndarray
) -> None:
    """The smallest pack is no larger than an order may be, and packs and multiple do not contradict each other."""
    tolerance = frame["pack_tolerance"].fillna(0.0).to_numpy(np.float64)
    large = [row for row, own in packs.items() if own and own[0] * (1 - tolerance[row]) > high[row] + _NOISE]
    findings.rows(
        table,
        "pack_sizes",
        np.array(large, dtype=np.int64),
        lambda row: f"even the smallest pack is more than the maximum {high[row]:g} (got {packs[row][0]:g})",
    )
    step = frame["multiple"].to_numpy(np.float64)
    odd = [row for row, own in packs.items() if step[row] > 0 and _not_multiples(own, float(step[row]))]
    findings.rows(
        table,
        "multiple",
        np.array(odd, dtype=np.int64),
        lambda row: f"not kept, since packs decide (got {shown(frame, ('multiple', 'pack_sizes'), row)}); leave it out",
        warning=True,
    )


def _not_multiples(packs: tuple[float, ...], step: float) -> bool:
    return any(abs(size - round(size / step) * step) > _NOISE for size in packs)


def _whole(findings: Findings, frame: pd.DataFrame) -> np.ndarray:
    """Rows of an item that only comes in whole units."""
    items = findings.data["items"]
    split = pd.Index(items["item"][~items["whole_units"]].astype("str").unique())
    return frame["item"].notna().to_numpy(dtype=bool) & (positions(frame["item"], split) < 0)
