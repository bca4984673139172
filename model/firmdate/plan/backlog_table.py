"""What the rules of the backlog did to every line: priority, strategy, commitment, and the change against before."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from firmdate.backlog.results import line_keys
from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray
from firmdate.network.network import Network
from firmdate.plan.promise import Promises, ScheduleLines
from firmdate.plan.result import RULE_TABLES
from firmdate.plan.whole_units import NOISE

TextArray = npt.NDArray[np.object_]
DayArray = npt.NDArray[np.datetime64]

_NO_DATE = np.datetime64("NaT", "s")
_COMPARED = (("quantity", "quantity"), ("requested_date", "requested date"), ("tier", "tier"))
"""Columns of the promises that explain a change by themselves."""


def backlog_tables(
    network: Network, promises: pd.DataFrame, shipped: ScheduleLines, promised: Promises
) -> dict[str, pd.DataFrame]:
    """The table ``backlog`` where one of its rules is in use.

    Args:
        network: What was planned.
        promises: The table of promises.
        shipped: Schedule lines.
        promised: Promises.
    """
    rules, lines = network.rules, network.lines
    if rules.requests is None and not rules.priorities:
        return {}
    frame = rules.frame
    before = _before(network)
    change = _changes(before, promises)
    table = pd.DataFrame(
        {
            "order": frame["order"].astype(object).to_numpy(),
            "line": frame["line"].astype(object).to_numpy(),
            "tier": frame["tier"].to_numpy(),
            "priority": frame["priority"].to_numpy(np.float64),
            "strategy": rules.strategy,
            "scheduled_date": frame["scheduled_date"].to_numpy().astype("datetime64[s]"),
            "commitment": commitments(network, shipped),
            "previous_date": before["promise_date"].to_numpy().astype("datetime64[s]"),
            "promise_date": network.horizon.date_of(lines.arrival(promised.day)),
            "change": change,
            "why": _causes(network, before, promises, change),
        }
    )
    assert len(table) == len(lines)
    return {"backlog": table[list(RULE_TABLES["backlog"])]}


def backlog_figures(network: Network, tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Figures of commitments and changes, where there are some."""
    if "backlog" not in tables or network.rules.requests is None:
        return {}
    table = tables["backlog"]
    figures: dict[str, float] = {}
    made = table["commitment"] != ""
    if made.any():
        figures["commitments"] = int(made.sum())
        figures["broken_commitments"] = int((table["commitment"] == "broken").sum())
    counts = table["change"].value_counts()
    figures["changed_lines"] = int(counts.drop(["", "same"], errors="ignore").sum())
    figures["earlier_lines"] = int(counts.get("earlier", 0) + counts.get("gained", 0))
    figures["later_lines"] = int(counts.get("later", 0) + counts.get("lost", 0))
    return figures


def commitments(network: Network, shipped: ScheduleLines) -> TextArray:
    """``kept`` or ``broken`` per line, blank without a commitment: what is due by each date is delivered by then."""
    texts = np.full(len(network.lines), "", dtype=object)
    asked = network.rules.requests
    if asked is None:
        return texts
    rows = np.flatnonzero(~np.isnat(asked.commit))
    rows = rows[np.lexsort((asked.commit[rows], asked.line[rows]))]
    line, quantity = asked.line[rows], asked.quantity[rows]
    day = (asked.commit[rows] - np.datetime64(network.horizon.start, "D")).astype(np.int64)
    day -= network.lines.transit[line]
    due = _running(line, quantity)
    delivered = _delivered_by(shipped, line, day)
    texts[line] = "kept"
    texts[line[delivered < due - NOISE * np.maximum(1.0, due)]] = "broken"
    return texts


def _running(group: npt.NDArray[np.int64], values: FloatArray) -> FloatArray:
    total = np.cumsum(values)
    return np.asarray(total - np.concatenate([[0.0], total])[np.searchsorted(group, group, side="left")])


def _delivered_by(shipped: ScheduleLines, line: npt.NDArray[np.int64], day: npt.NDArray[np.int64]) -> FloatArray:
    """Units that lines have until days."""
    width = np.int64(NO_DAY)
    total = np.concatenate([[0.0], np.cumsum(shipped.quantity)])
    key = shipped.line * width + shipped.day
    last = np.searchsorted(key, line * width + np.clip(day, -1, width - 1), side="right")
    first = np.searchsorted(shipped.line, line, side="left")
    return np.asarray(total[np.maximum(last, first)] - total[first])


def _before(network: Network) -> pd.DataFrame:
    """The previous promise of every line; its scheduled date where the previous run does not know it."""
    frame, previous = network.rules.frame, network.rules.previous
    own = pd.DataFrame({"promise_date": frame["scheduled_date"].to_numpy().astype("datetime64[s]")})
    own["known"] = own["promise_date"].notna()
    own["reason"] = ""
    for name, _ in _COMPARED:
        own[name] = frame[name].to_numpy()
    if previous is None:
        return own
    at = line_keys(previous.promises).get_indexer(line_keys(frame))
    found = np.flatnonzero(at >= 0)
    own["known"] |= at >= 0
    for name in ("promise_date", "reason", *(name for name, _ in _COMPARED)):
        values = own[name].to_numpy(copy=True)
        values[found] = previous.promises[name].to_numpy()[at[found]].astype(values.dtype)
        own[name] = values
    return own


def _changes(before: pd.DataFrame, promises: pd.DataFrame) -> TextArray:
    """What became of each line: same, earlier, later, gained or lost a date; blank where nothing is known."""
    old = before["promise_date"].to_numpy().astype("datetime64[s]")
    new = promises["promise_date"].to_numpy().astype("datetime64[s]")
    had, has, known = ~np.isnat(old), ~np.isnat(new), before["known"].to_numpy(dtype=bool)
    cases: list[BoolArray] = [~known, had & has & (new < old), had & has & (new > old), has & ~had, had & ~has]
    return np.select(cases, ["", "earlier", "later", "gained", "lost"], "same").astype(object)


def _causes(network: Network, before: pd.DataFrame, promises: pd.DataFrame, change: TextArray) -> TextArray:
    """Why a line changed: its own data, its strategy, what holds it back now, or what no longer does."""
    causes = np.full(len(change), "", dtype=object)
    # Lists: single cells of frames are slow, and there are many lines.
    compared = [(words, before[name].tolist(), promises[name].tolist()) for name, words in _COMPARED]
    reasons, earlier_reasons = (frame["reason"].astype(object).tolist() for frame in (promises, before))
    for row in np.flatnonzero(~np.isin(change, ("", "same"))).tolist():
        own = [
            f"{words} was {_cell(was[row])} and is {_cell(now[row])}"
            for words, was, now in compared
            if was[row] != now[row]
        ]
        reason = str(reasons[row] if change[row] in ("later", "lost") else earlier_reasons[row])
        if change[row] in ("earlier", "gained") and reason:
            reason = f"no longer: {reason}"
        strategy = network.rules.strategy[row]
        fallback = f"strategy {strategy}" if strategy else ""
        causes[row] = "; ".join(own) or reason or fallback or _OTHER[str(change[row])]
    return causes


_OTHER = {
    "earlier": "supply is there earlier than the date that was given",
    "gained": "supply is there now",
    "later": "the line is on time for its requested date",
    "lost": "no supply is left",
}


def _cell(value: object) -> str:
    return (
        str(value.date())
        if isinstance(value, pd.Timestamp)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
