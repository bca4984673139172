"""What order lines have before a run: their deliveries in the previous run, or their scheduled date."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

BoolArray = npt.NDArray[np.bool_]
DayArray = npt.NDArray[np.datetime64]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

NOISE = 1e-6


@dataclass(frozen=True)
class PreviousRun:
    """The tables of an earlier run.

    Args:
        name: Where it was read from, for messages.
        promises: Its promises.
        deliveries: Its schedule lines.
        supply_orders: Its supply orders.
        deployments: Its transfers.
    """

    name: str
    promises: pd.DataFrame
    deliveries: pd.DataFrame
    supply_orders: pd.DataFrame
    deployments: pd.DataFrame


@dataclass(frozen=True)
class Results:
    """Units that lines have on dates, sorted by line and date.

    Args:
        line: Position of the order line.
        day: Date.
        quantity: Units, never more than the line asks for.
    """

    line: IntArray
    day: DayArray
    quantity: FloatArray

    def total(self, lines: int) -> FloatArray:
        """Units per line."""
        return np.bincount(self.line, weights=self.quantity, minlength=lines).astype(np.float64)

    def last(self, lines: int) -> DayArray:
        """Last date per line; NaT where a line has nothing."""
        found = np.full(lines, np.datetime64("NaT", "D"))
        found[self.line] = self.day
        return found

    def of(self, chosen: BoolArray) -> Results:
        """Those of some lines."""
        rows = chosen[self.line]
        return Results(self.line[rows], self.day[rows], self.quantity[rows])


def line_keys(frame: pd.DataFrame) -> pd.Index:
    """Order and line of every row as one text."""
    return pd.Index(frame["order"].astype(str).str.cat(frame["line"].astype(str), sep="\0"))


def read_results(demands: pd.DataFrame, previous: PreviousRun | None) -> Results:
    """What every line has.

    A line that the previous run knows has what it got there; any other line has its whole quantity on its
    ``scheduled_date``, or nothing without one.

    Args:
        demands: The table ``demands``, sorted by order and line.
        previous: The previous run, if there is one.
    """
    scheduled = demands["scheduled_date"].to_numpy().astype("datetime64[D]")
    quantity = demands["quantity"].to_numpy(np.float64)
    known = np.zeros(len(demands), dtype=bool)
    parts = []
    if previous is not None:
        keys = line_keys(demands)
        known = keys.isin(line_keys(previous.promises))
        shipped = previous.deliveries
        at = keys.get_indexer(line_keys(shipped))
        day = shipped["date"].to_numpy().astype("datetime64[D]")
        parts.append(Results(at[at >= 0], day[at >= 0], shipped["quantity"].to_numpy(np.float64)[at >= 0]))
    own = np.flatnonzero(~known & ~np.isnat(scheduled))
    parts.append(Results(own, scheduled[own], quantity[own]))
    line, day, units = (np.concatenate([getattr(part, name) for part in parts]) for name in ("line", "day", "quantity"))
    order = np.lexsort((day, line))
    return _within(Results(line[order], day[order], units[order]), quantity)


def _within(results: Results, wanted: FloatArray) -> Results:
    """No more than the line asks for now: what comes last is left out."""
    total = np.cumsum(results.quantity)
    before = np.concatenate([[0.0], total])[np.searchsorted(results.line, results.line, side="left")]
    end = np.minimum(total - before, wanted[results.line])
    begin = np.minimum(total - before - results.quantity, wanted[results.line])
    rows = end - begin > NOISE
    return Results(results.line[rows], results.day[rows], (end - begin)[rows])
