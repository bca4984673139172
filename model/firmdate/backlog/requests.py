"""From commitments, strategies, a selection and a previous run to what the network is asked for, line by line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from firmdate.backlog.priority import with_priorities
from firmdate.backlog.results import (
    NOISE,
    BoolArray,
    DayArray,
    FloatArray,
    IntArray,
    PreviousRun,
    Results,
    read_results,
)
from firmdate.backlog.where import LineFilter
from firmdate.data.planning_data import PlanningData
from firmdate.errors import InputError, Problem
from firmdate.scenario.rules import STRATEGIES
from firmdate.scenario.schema import Scenario

TextArray = npt.NDArray[np.object_]

PLAIN_RANK = 2
"""Rank of lines without a strategy; winners have 0, gainers 1, and fillers, which come last, 3."""

_RANKS = {"win": 0, "gain": 1, "improve": 2, "redistribute": 2, "fill": 3, "lose": 3, "skip": 2, "": PLAIN_RANK}
_NO_DAY = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Requests:
    """Parts of order lines with rules of their own; most lines are one request.

    Args:
        line: Position of the order line.
        quantity: Units.
        first: Not before this date; NaT without such a rule.
        commit: Not later than this date while a plan can keep it; NaT without.
        kept: True where that is the result of a line that is not planned anew: it comes before all commitments.
        previous: Date on which the line has these units; NaT where it has none, or where stability is off.
    """

    line: IntArray
    quantity: FloatArray
    first: DayArray
    commit: DayArray
    kept: BoolArray
    previous: DayArray


@dataclass(frozen=True)
class Backlog:
    """Order lines as the rules of the backlog make them.

    Args:
        frame: The table ``demands``, sorted by order and line, with the priorities and tiers that are planned with.
        rank: Rank of each line before its tier, 0 is served first.
        strategy: Strategy of each line, blank without one; ``keep`` for locked lines and those that are not selected.
        requests: What is asked for; None where every line simply asks for its quantity.
        results: What every line has; None where no rule needs to know.
        previous: The previous run, if there is one.
        priorities: True where priorities are calculated or overridden.
    """

    frame: pd.DataFrame
    rank: IntArray
    strategy: TextArray
    requests: Requests | None
    results: Results | None
    previous: PreviousRun | None
    priorities: bool


def read_backlog(
    data: PlanningData,
    scenario: Scenario,
    previous: PreviousRun | None = None,
    fallen: frozenset[tuple[str, str]] = frozenset(),
) -> Backlog:
    """Apply the rules of the backlog to the order lines.

    Args:
        data: Planning data.
        scenario: The rules.
        previous: The run that ``previous_run`` names.
        fallen: Order and line of winners that cannot be on time and follow another strategy.

    Raises:
        InputError: A locked line has no result, or a rule names a column that is not there.
    """
    demands = data["demands"]
    demands = demands.iloc[np.lexsort((demands["line"].astype(str), demands["order"].astype(str)))]
    frame = with_priorities(demands, scenario)
    ranked = frame is not demands
    frame = _with_splits(frame, scenario)
    nothing = np.full(len(frame), "", dtype=object)
    if not _in_use(frame, scenario):
        rank = np.zeros(len(frame), dtype=np.int64)
        return Backlog(frame, rank, nothing, None, None, None, ranked)
    strategy = _strategies(frame, scenario, fallen)
    results = read_results(frame, previous)
    _refuse_locked_without_result(data, frame, results)
    rank = np.array([_RANKS.get(name, PLAIN_RANK) for name in strategy.tolist()], dtype=np.int64)
    requests = _Requester(frame, scenario, strategy, results).requests()
    return Backlog(frame, rank, strategy, requests, results, previous, ranked)


def _with_splits(frame: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Order lines that do not say whether they may stay unfinished follow the scenario; forecasts always may."""
    stated = frame["split_unfinished"]
    follows = stated.isna() & (frame["kind"].astype(object) == "order")
    if scenario.split_unfinished or not follows.any():
        return frame
    return frame.assign(split_unfinished=stated.astype(object).mask(follows, False))


def _in_use(frame: pd.DataFrame, scenario: Scenario) -> bool:
    """Whether any rule beside the priorities is in use."""
    stated = (scenario.commitments, scenario.selection, scenario.strategies, scenario.stability, scenario.previous_run)
    by_line = frame[["enforce_commit", "pull_in", "strategy"]].notna().any().any()
    return any(stated) or bool(by_line) or bool(frame["locked"].any())


def _strategies(frame: pd.DataFrame, scenario: Scenario, fallen: frozenset[tuple[str, str]]) -> TextArray:
    """Strategy of every line: locked and unselected lines keep, then the line's own, then its segment's."""
    lines = LineFilter(frame, scenario)
    strategy = np.full(len(frame), "", dtype=object)
    for segment in scenario.strategies[::-1]:
        rows = lines.find(segment.where, "strategies")
        strategy[rows] = segment.strategy
        if segment.strategy == "win" and segment.otherwise in STRATEGIES and fallen:
            strategy[rows & _named(frame, fallen)] = segment.otherwise
    own = frame["strategy"].notna().to_numpy()
    strategy[own] = frame["strategy"].astype(object).to_numpy()[own]
    if scenario.selection is not None:
        strategy[~lines.find(scenario.selection.where, "selection")] = "keep"
    strategy[frame["locked"].to_numpy(dtype=bool)] = "keep"
    return strategy


def _named(frame: pd.DataFrame, lines: frozenset[tuple[str, str]]) -> BoolArray:
    keys = zip(frame["order"].astype(str), frame["line"].astype(str), strict=True)
    return np.fromiter((key in lines for key in keys), dtype=bool, count=len(frame))


def _refuse_locked_without_result(data: PlanningData, frame: pd.DataFrame, results: Results) -> None:
    has = results.total(len(frame)) > 0
    has |= ~frame["scheduled_date"].isna().to_numpy()
    wrong = frame.index[frame["locked"].to_numpy(dtype=bool) & ~has]
    if len(wrong):
        message = "the line has no result that could be kept; give it a scheduled_date, or name a previous_run with it"
        raise InputError([Problem(data.where("demands", int(label)), "locked", message) for label in sorted(wrong)])


class _Requester:
    """Cuts lines into requests."""

    def __init__(self, frame: pd.DataFrame, scenario: Scenario, strategy: TextArray, results: Results) -> None:
        count = len(frame)
        self._scenario, self._results = scenario, results
        self._quantity = frame["quantity"].to_numpy(np.float64)
        self._scheduled = frame["scheduled_date"].to_numpy().astype("datetime64[D]")
        self._kept = np.isin(strategy, ("keep", "skip"))
        self._capped = strategy == "fill"
        self._lost = strategy == "lose"
        self._secured = np.isin(strategy, ("gain", "improve"))
        commitments = scenario.commitments
        own = np.isin(strategy, ("", "improve", "gain"))
        enforced = _flag(frame["enforce_commit"], default=commitments is not None and commitments.enforce)
        self._enforced = enforced & own & ~np.isnat(self._scheduled)
        pulled = _flag(frame["pull_in"], default=commitments is None or commitments.pull_in)
        self._stays = ~pulled & ~np.isnat(self._scheduled) & ~self._kept & (strategy != "win")
        self._whole = ~frame["partial"].to_numpy(dtype=bool) | (frame["minimum_shipment"].fillna(0.0) > 0).to_numpy()
        self._whole |= (frame["ship_set"].notna() | frame["maximum_deliveries"].notna()).to_numpy()
        self._whole |= frame["split_unfinished"].isin([False]).to_numpy()
        self._total = results.total(count)

    def requests(self) -> Requests:
        """All requests, sorted by line and date."""
        stable = self._scenario.stability is not None
        fixed = self._kept | self._capped
        wants = fixed | self._secured | stable
        once = self._whole & ~fixed
        cut = self._results.of(wants & ~once & ~self._lost)
        covered = cut.total(len(self._quantity))
        complete = once & (self._total >= self._quantity - NOISE)
        had = np.where(complete & wants, self._results.last(len(self._quantity)), _NO_DAY)
        rest = np.flatnonzero((self._quantity - covered > NOISE) & ~fixed & ~self._lost)
        line = np.concatenate([cut.line, rest])
        day = np.concatenate([cut.day, had[rest]])
        quantity = np.concatenate([cut.quantity, (self._quantity - covered)[rest]])
        order = np.lexsort((day, line))
        line, day, quantity = line[order], day[order], quantity[order]
        scheduled = self._scheduled[line]
        commit = np.where(self._kept[line] | self._secured[line], day, _NO_DAY)
        commit = np.where(self._enforced[line], np.fmin(commit, scheduled), commit)
        first = np.where((self._kept | self._capped)[line], day, _NO_DAY)
        first = np.where(self._stays[line], np.fmax(first, scheduled), first)
        return Requests(line, quantity, first, commit, self._kept[line], day if stable else np.full(len(day), _NO_DAY))


def _flag(values: pd.Series, *, default: bool) -> BoolArray:
    """A flag that may be blank."""
    return np.asarray(values.fillna(float(default)).to_numpy(np.float64) > 0)
