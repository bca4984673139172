"""Rules of the backlog: priorities and tiers, commitments, strategies, results that are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from firmdate.plan.certify_basis import (
    BLANK_DAY,
    Basis,
    BoolArray,
    Findings,
    FloatArray,
    IntArray,
    find,
    numbers,
    plain,
    tolerance,
)
from firmdate.plan.certify_demand import Deliveries, Demand
from firmdate.plan.certify_priority import expected_tiers, matching

TextArray = npt.NDArray[np.object_]


class EarlierRun(Protocol):
    """The tables of the run that ``previous_run`` names."""

    @property
    def promises(self) -> pd.DataFrame:
        """One row per order line."""

    @property
    def deliveries(self) -> pd.DataFrame:
        """What shipped to a line on which date."""

    @property
    def supply_orders(self) -> pd.DataFrame:
        """Its supply plan."""


@dataclass(frozen=True)
class _Ruled:
    """The demand lines with their rules.

    Args:
        strategy: Strategy of each line; ``keep`` where it is locked or not selected.
        commit: Day of the enforced commitment; :data:`BLANK_DAY` without one.
        first: First day that the dates of the line and ``pull_in`` allow.
    """

    strategy: TextArray
    commit: IntArray
    first: IntArray


def check_backlog(
    found: Findings, basis: Basis, demand: Demand, promises: pd.DataFrame, previous: EarlierRun | None
) -> None:
    """All rules of the backlog.

    Args:
        found: Findings of any table.
        basis: Ids and days.
        demand: The demand lines and what is delivered.
        promises: The table of promises.
        previous: The run that ``previous_run`` names.
    """
    lines, shipped = demand.lines, demand.shipped
    line = find(demand.ids.keys(promises), lines.key)
    tier = expected_tiers(lines.frame, basis.scenario)
    found.of("promises", found.where).add(
        (line >= 0) & (np.append(tier, 0)[line] != numbers(promises["tier"])), "names another tier than its order line"
    )
    ruled = _read_rules(basis, demand)
    _check_first_days(found.of("deliveries", shipped.text), basis, ruled, shipped)
    rows = found.of("deliveries", lines.text)
    _check_results(rows, basis, demand, ruled, previous)
    _check_precedence(rows, basis, demand, ruled)


def _read_rules(basis: Basis, demand: Demand) -> _Ruled:
    scenario, lines, frame = basis.scenario, demand.lines, demand.lines.frame
    strategy = np.full(len(frame), "", dtype=object)
    shipped = demand.shipped
    on_time = _until(shipped.line, shipped.day, shipped.quantity, np.arange(len(lines)), lines.requested)
    late = on_time < lines.quantity - tolerance(lines.quantity)
    for segment in reversed(scenario.strategies):
        rows = matching(frame, segment.where or {})
        strategy[rows] = segment.strategy
        if segment.strategy == "win" and segment.otherwise not in ("stop", "continue"):
            # A winner that is late is no winner any more.
            strategy[rows & late] = segment.otherwise
    own = frame["strategy"].astype(object)
    strategy = np.where(own.notna(), own, strategy).astype(object)
    if scenario.selection is not None:
        strategy[~matching(frame, scenario.selection.where)] = "keep"
    strategy[frame["locked"].to_numpy(dtype=bool)] = "keep"
    commitments = scenario.commitments
    enforce = frame["enforce_commit"].fillna(float(bool(commitments and commitments.enforce))) > 0
    pull_in = frame["pull_in"].fillna(float(commitments is None or commitments.pull_in)) > 0
    scheduled = basis.day(frame["scheduled_date"])
    dated = scheduled < BLANK_DAY
    enforced = dated & enforce.to_numpy() & np.isin(strategy, ("", "gain", "improve"))
    stays = dated & ~pull_in.to_numpy() & ~np.isin(strategy, ("win", "keep", "skip"))
    return _Ruled(
        strategy=strategy,
        commit=np.where(enforced, scheduled, BLANK_DAY),
        first=np.where(stays, np.maximum(lines.first, scheduled), lines.first),
    )


def _check_first_days(found: Findings, basis: Basis, ruled: _Ruled, shipped: Deliveries) -> None:
    """Nothing that may not be pulled in ships before its scheduled date."""
    first = np.append(ruled.first, -BLANK_DAY)[shipped.line]
    found.add(
        (shipped.line >= 0) & (shipped.day < first) & (first > 0),
        "ships before the scheduled date from which it may not be pulled in,",
        lambda row: basis.date(first[row]),
    )


def _check_results(found: Findings, basis: Basis, demand: Demand, ruled: _Ruled, previous: EarlierRun | None) -> None:
    """Lines that keep their result, or may only get worse, have no more on a day than before; losers have nothing."""
    lines, shipped = demand.lines, demand.shipped
    held = _reserved(basis, demand)
    lost = (ruled.strategy == "lose") & (shipped.delivered > held + tolerance(lines.quantity))
    found.add(lost, "is delivered though its strategy is lose:", lambda row: plain(shipped.delivered[row]))
    capped = np.isin(ruled.strategy, ("keep", "skip", "fill"))
    if not capped.any():
        return
    before = _results_before(basis, demand, previous)
    rows = np.flatnonzero((shipped.line >= 0) & np.append(capped, False)[shipped.line])
    line, day = shipped.line[rows], shipped.day[rows]
    has = _until(shipped.line, shipped.day, shipped.quantity, line, day)
    had = _until(*before, line, day)
    over = np.zeros(len(lines), dtype=bool)
    over[line[has > np.maximum(had, held[line]) + tolerance(has)]] = True
    found.add(over, "gets more, or earlier, than the result that it keeps")


def _reserved(basis: Basis, demand: Demand) -> FloatArray:
    """Units that are physically reserved per line: they ship to it whatever the rules say."""
    table = basis.data["reservations"]
    line = find(demand.ids.keys(table), demand.lines.key)
    known = line >= 0
    quantity = table["quantity"].to_numpy(np.float64)
    return np.bincount(line[known], weights=quantity[known], minlength=len(demand.lines)).astype(np.float64)


_Dated = tuple[IntArray, IntArray, FloatArray]


def _results_before(basis: Basis, demand: Demand, previous: EarlierRun | None) -> _Dated:
    """Line, day and units that lines had: in the previous run, else all of it on the scheduled date."""
    lines = demand.lines
    scheduled = basis.day(lines.frame["scheduled_date"])
    own = scheduled < BLANK_DAY
    line = day = np.empty(0, dtype=np.int64)
    quantity = np.empty(0)
    if previous is not None:
        known = find(demand.ids.keys(previous.promises), lines.key)
        own[known[known >= 0]] = False
        line = find(demand.ids.keys(previous.deliveries), lines.key)
        day, quantity = basis.day(previous.deliveries["date"]), numbers(previous.deliveries["quantity"])
        day, quantity, line = day[line >= 0], quantity[line >= 0], line[line >= 0]
    rows = np.flatnonzero(own)
    return (
        np.concatenate([line, rows]),
        np.concatenate([day, scheduled[rows]]),
        np.concatenate([quantity, lines.quantity[rows]]),
    )


def _until(
    line: IntArray, day: IntArray, quantity: FloatArray, wanted_line: IntArray, wanted_day: IntArray
) -> FloatArray:
    """Units that lines have until days."""
    width = np.int64(4 * BLANK_DAY)
    key = line * width + day + BLANK_DAY
    order = np.argsort(key, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(quantity[order])])
    last = np.searchsorted(key[order], wanted_line * width + wanted_day + BLANK_DAY, side="right")
    first = np.searchsorted(key[order], wanted_line * width, side="left")
    return np.asarray(total[last] - total[first])


def _check_precedence(found: Findings, basis: Basis, demand: Demand, ruled: _Ruled) -> None:
    """No committed line is late while its stocking point ships to others in time, and no winner while it does so."""
    lines, shipped = demand.lines, demand.shipped
    strategy = ruled.strategy
    simple = _simple(basis, demand)
    committed = ruled.commit < BLANK_DAY
    rank = np.where(committed, 0, np.where(strategy == "win", 1, 2))
    rank[np.isin(strategy, ("keep", "skip", "gain", "improve")) & ~committed] = -1
    wanted = np.where(committed, ruled.commit, np.maximum(lines.requested, ruled.first))
    rows = np.flatnonzero((rank[: len(lines)] >= 0) & (rank < 2) & simple)
    if not len(rows):
        return
    has = _until(shipped.line, shipped.day, shipped.quantity, rows, np.minimum(wanted[rows], BLANK_DAY - 1))
    rows = rows[(has < lines.quantity[rows] - tolerance(lines.quantity[rows])) & (wanted[rows] >= ruled.first[rows])]
    other = np.flatnonzero((shipped.line >= 0) & (shipped.quantity > tolerance(shipped.quantity)))
    other = other[simple[shipped.line[other]] & (rank[shipped.line[other]] > 0)]
    point, ship = lines.point[shipped.line[other]], shipped.ship[other]
    for row in rows.tolist():
        first, last = ruled.first[row] - lines.way[row], wanted[row] - lines.way[row]
        takers = other[(point == lines.point[row]) & (ship >= first) & (ship <= last)]
        takers = takers[rank[shipped.line[takers]] > rank[row]]
        if len(takers):
            what = "its commitment" if rank[row] == 0 else "the date on which it must win"
            got = f"{lines.text(int(shipped.line[takers[0]]))} gets {plain(shipped.quantity[takers[0]])} by then"
            only = np.zeros(len(lines), dtype=bool)
            only[row] = True
            found.add(only, f"is later than {what} {basis.date(wanted[row])} though", _saying(got))


def _saying(text: str) -> Callable[[int], str]:
    return lambda _: text


def _simple(basis: Basis, demand: Demand) -> BoolArray:
    """Lines whose units can be exchanged freely.

    No shipping rule, no latest date, no reserved stock, no shares of supply, no substitutes, no other location.
    """
    frame, rule = demand.lines.frame, basis.scenario.substitution
    simple = frame["partial"].to_numpy(dtype=bool) & frame["minimum_shipment"].isna().to_numpy()
    simple &= (frame["maximum_deliveries"].isna() & ~frame["split_unfinished"].isin([False])).to_numpy()
    simple &= basis.scenario.split_unfinished | (frame["split_unfinished"].isin([True])).to_numpy()
    simple &= frame["ship_set"].isna().to_numpy() & frame["latest_acceptable_date"].isna().to_numpy()
    simple &= (frame["ship_from"] != "any").to_numpy()
    if len(basis.data["substitutions"]):
        stated = frame["substitution"]
        simple &= ~(stated.isin([True]) | (stated.isna() & (rule is not None and rule.lines))).to_numpy()
    shared = basis.data["allocations"]["item"]
    if len(shared):
        simple &= ~frame["item"].astype(object).isin(set(shared.dropna())).to_numpy() & ~shared.isna().any()
    simple &= (_reserved(basis, demand) == 0) & (frame["kind"].astype(object) == "order").to_numpy()
    return np.asarray(simple)
