"""Checks of the allocation tree and its shares."""

from __future__ import annotations

import numpy as np
import pandas as pd

from firmdate.data.findings import Findings, cell, shown
from firmdate.data.keys import positions

_ALL = 100.0


def check_allocation(findings: Findings) -> None:
    """A tree without circles, and shares that are either percentages or quantities."""
    frame = findings.data["allocation_nodes"]
    if len(frame):
        _check_percent(findings, "allocation_nodes", "protection")
        _check_circles(findings, frame)
    frame = findings.data["allocations"]
    if len(frame):
        _check_percent(findings, "allocations", "percent")
        _check_amounts(findings, frame)


def _check_percent(findings: Findings, table: str, column: str) -> None:
    frame = findings.data[table]
    wrong = (frame[column] > _ALL).to_numpy() & np.isfinite(frame[column].to_numpy())
    findings.rows(table, column, wrong, lambda row: f"must be at most 100 (got {cell(frame, column, row)})")


def _check_circles(findings: Findings, frame: pd.DataFrame) -> None:
    """Whoever goes up from a node must arrive at the top."""
    ids = frame["node"].cat.categories
    own = positions(frame["node"], ids)
    parent_of = np.full(len(ids) + 1, len(ids))
    above = positions(frame["parent"], ids)
    parent_of[own] = np.where(above >= 0, above, len(ids))
    reached = parent_of.copy()
    for _ in range(len(ids).bit_length() + 1):
        reached = reached[reached]
    wrong = reached[own] < len(ids)
    message = "its parents lead back to the node, or to a circle of nodes; give one of them no parent"
    findings.rows(
        "allocation_nodes", "parent", wrong, lambda row: f"{message} (got {shown(frame, ('node', 'parent'), row)})"
    )


def _check_amounts(findings: Findings, frame: pd.DataFrame) -> None:
    percent, quantity = frame["percent"].notna().to_numpy(), frame["quantity"].notna().to_numpy()
    findings.rows("allocations", "percent", ~percent & ~quantity, lambda _: "blank, and quantity too; give one of them")
    findings.rows(
        "allocations",
        "quantity",
        percent & quantity,
        lambda row: f"percent and quantity exclude each other (got {shown(frame, ('percent', 'quantity'), row)})",
    )
