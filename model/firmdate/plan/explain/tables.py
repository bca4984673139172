"""The tables of a run that say why lines are late: explanations, chains, releases and causes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.network.horizon import NO_DAY, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.plan.executed import Executed
from firmdate.plan.explain.causes import TAGS, Causes, cause_order, find_causes
from firmdate.plan.explain.competing import Competitors, committed_first, competing_lines
from firmdate.plan.explain.factors import FactorKind, TextArray
from firmdate.plan.explain.gains import LateLines, late_lines
from firmdate.plan.explain.gating import Gating, gating
from firmdate.plan.explain.lines import Explained, explain_lines
from firmdate.plan.explain.phrases import records, release_phrase
from firmdate.plan.explain.releases import Releases, line_releases
from firmdate.plan.explain.reserved import with_reserved_first
from firmdate.plan.explain.room import Room
from firmdate.plan.explain.rules import commit_days, rule_of_items
from firmdate.plan.explain.texts import FactorTexts, Texts, factor_texts
from firmdate.plan.promise import Promises, ScheduleLines
from firmdate.plan.result import PLAN_TABLES
from firmdate.plan.ship_sets import SetAnalysis

_STEP_KINDS = np.array(["make", "transfer", "buy", "source", "receipt", "planned_order", "stock"], dtype=object)
_STEP_KINDS = np.append(_STEP_KINDS, ["substitution", "transfer", "transfer"])


@dataclass(frozen=True)
class WhyLate:
    """Everything that a run says about its late lines.

    Args:
        gating: Columns of the promises.
        explanations: One row per line that is not on time.
        chains: The steps of each distinct chain.
        releases: What would help each line, cheapest first.
        causes: Root causes, the largest first.
    """

    gating: Gating
    explanations: pd.DataFrame
    chains: pd.DataFrame
    releases: pd.DataFrame
    causes: pd.DataFrame


def why_late(
    network: Network,
    executed: Executed,
    shipped: ScheduleLines,
    promised: Promises,
    room: Room,
    sets: SetAnalysis,
) -> WhyLate:
    """Explain all lines that are not on time."""
    explained = explain_lines(network, executed, shipped, promised, room, sets)
    texts = Texts(network)
    late = late_lines(network, shipped, promised)
    releases = line_releases(explained, late, room)
    others = competing_lines(network, executed, shipped, explained)
    explained = with_reserved_first(network, explained, others)
    described = factor_texts(texts, explained.factors)
    causes = find_causes(network, explained, late, releases, room, described.reason)
    unsorted = _cause_table(network, explained, described, causes, room)
    order = cause_order(unsorted)
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(1, len(order) + 1)
    return WhyLate(
        gating=gating(network, explained, described),
        explanations=_explanation_table(network, explained, causes, number, late, others),
        chains=_chain_table(network, explained, texts, described),
        releases=_release_table(network, explained, described, releases),
        causes=unsorted.assign(cause=number).iloc[order].reset_index(drop=True),
    )


def _explanation_table(
    network: Network, explained: Explained, causes: Causes, number: IntArray, late: LateLines, others: Competitors
) -> pd.DataFrame:
    rows = np.flatnonzero(explained.line_chain >= 0)
    cause = causes.line_cause[rows]
    table = pd.DataFrame(
        {
            "order": _ids(network, "order", rows),
            "line": _ids(network, "line", rows),
            "tag": np.array(TAGS, dtype=object)[causes.tag[cause]],
            "cause": number[cause],
            "chain": _chain_numbers(explained)[explained.line_chain[rows]],
            "late_unit_days": np.round(late.unit_days[rows], 9),
            "late_value": np.round(late.value[rows], 9),
            "lead_time_date": network.horizon.date_of(network.lines.arrival(explained.soonest[rows], rows)),
            "competing": _competing_texts(network, others)[rows],
        }
    )
    return table[list(PLAN_TABLES["explanations"])]


def _ids(network: Network, column: str, rows: IntArray) -> TextArray:
    return np.asarray(network.lines.frame[column].astype(object).to_numpy()[rows])


def _chain_numbers(explained: Explained) -> IntArray:
    """Number of each chain: that of the first line that uses it, as in the promises, from 1; 0 where none does."""
    rows = np.flatnonzero(explained.line_chain >= 0)
    distinct, first = np.unique(explained.line_chain[rows], return_index=True)
    number = np.zeros(len(explained.chains), dtype=np.int64)
    number[distinct] = rows[first] + 1
    return number


def _competing_texts(network: Network, others: Competitors) -> TextArray:
    """``SO_1/1 (tier 1); SO_2/1 (requested 2021-01-04)`` per line."""
    lines = network.lines
    texts = np.full(len(lines), "", dtype=object)
    if not len(others.line):
        return texts
    names = (_ids(network, "order", others.other) + "/") + _ids(network, "line", others.other)
    tiers = lines.frame["tier"].to_numpy()[others.other].astype(str).astype(object)
    dates = lines.frame["requested_date"].dt.strftime("%Y-%m-%d").to_numpy(dtype=object)[others.other]
    better_tier = lines.level[others.other] < lines.level[others.line]
    better_priority = lines.priority[others.other] < lines.priority[others.line]
    earlier = lines.due_day[others.other] < lines.due_day[others.line]
    rule = np.append(rule_of_items(network), -1)[network.catalog.item_of(lines.key[others.other])]
    shared = (rule == FactorKind.FAIR_SHARE) & (lines.key[others.other] != lines.key[others.line])
    nodes = lines.frame["allocation_node"].astype(object).fillna("").to_numpy(dtype=object)
    node, own_node = nodes[others.other], nodes[others.line]
    days = network.horizon.date_of(commit_days(network)[others.other]).astype("datetime64[D]")
    committed = np.datetime_as_string(days).astype(object)
    why = np.where(earlier, "requested " + dates, "fewest late unit-days of the tier")
    why = np.where(shared & ~better_tier & ~better_priority, "its own fair share", why)
    if network.money:
        penalty = lines.frame["penalty_per_day"].to_numpy(np.float64)
        why = np.where(penalty[others.other] > penalty[others.line], "higher penalty", why)
    else:
        why = np.where(better_priority, "better priority", why)
        why = np.where(better_tier, "tier " + tiers, why)
    why = np.where((rule == FactorKind.ALLOCATION) & (node != own_node) & (node != ""), "allocation of " + node, why)
    won = network.rules.strategy == "win"
    why = np.where(won[others.other] & ~won[others.line], "it must win", why)
    why = np.where(committed_first(network, others.line, others.other), "committed for " + committed, why)
    found = names + " (" + why.astype(object) + ")"
    for line, text in zip(others.line.tolist(), found.tolist(), strict=True):
        texts[line] = f"{texts[line]}; {text}" if texts[line] else text
    return texts


def _chain_table(network: Network, explained: Explained, texts: Texts, described: FactorTexts) -> pd.DataFrame:
    """Steps of supply from the line upstream, then the gating factor, then what else must change with it."""
    steps, chains = explained.chains.steps, explained.chains
    number = _chain_numbers(explained)
    kind = np.where(steps.activity >= 0, np.append(network.activities.kind, 0)[steps.activity], 6)
    kind = np.where((kind >= 4) & (steps.activity >= 0), kind + 3, kind)
    kind = np.where(steps.receipt >= 0, 4, np.where((steps.planned >= 0) & (steps.activity < 0), 5, kind))
    chain, factor = chains.also
    main = factor == chains.main[chain]
    point_item = np.array([texts.item(point) for point in range(len(network.points))], dtype=object)
    point_location = np.array([texts.location(point) for point in range(len(network.points))], dtype=object)
    table = pd.DataFrame(
        {
            "chain": number[np.concatenate([steps.chain, chain])],
            "step": 0,
            "role": np.concatenate(
                [np.full(len(steps.chain), "supply", dtype=object), np.where(main, "gating", "also").astype(object)]
            ),
            "kind": np.concatenate([_STEP_KINDS[kind], described.kind[factor]]),
            "name": np.concatenate([_step_names(texts, explained), described.name[factor]]),
            "item": np.concatenate([point_item[steps.point], described.item[factor]]),
            "location": np.concatenate([point_location[steps.point], described.location[factor]]),
            "start": network.horizon.date_of(np.concatenate([steps.start, np.full(len(chain), NO_DAY)])),
            "date": network.horizon.date_of(np.concatenate([steps.day, described.day[factor]])),
            "text": np.concatenate([_step_texts(texts, explained), described.reason[factor]]),
        }
    )
    rank = np.concatenate([np.zeros(len(steps.chain)), np.where(main, 1, 2)])
    order = np.lexsort((np.arange(len(table)), rank, table["chain"].to_numpy()))
    table = table.iloc[order[table["chain"].to_numpy()[order] > 0]].reset_index(drop=True)
    table["step"] = table.groupby("chain").cumcount() + 1
    return table[list(PLAN_TABLES["chains"])]


def _step_names(texts: Texts, explained: Explained) -> TextArray:
    """Receipt, planned order, or supplier, alternative, origin or mode of each step."""
    steps = explained.chains.steps
    labels = texts.network.activities.label
    names = np.full(len(steps.chain), "", dtype=object)
    moved, received, planned = steps.activity >= 0, steps.receipt >= 0, steps.planned >= 0
    names[moved] = labels[steps.activity[moved]]
    names[received] = np.array(texts.network.receipts.name, dtype=object)[steps.receipt[received]]
    names[planned] = texts.network.planned.frame["order"].astype(object).to_numpy()[steps.planned[planned]]
    return names


def _step_texts(texts: Texts, explained: Explained) -> TextArray:
    """One sentence per step; equal steps of several chains are written once."""
    steps = explained.chains.steps
    columns = (steps.activity, steps.receipt, steps.planned, steps.point, steps.start, steps.day)
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    known = {row: _step_text(texts, *row) for row in dict.fromkeys(rows)}
    own = np.empty(len(rows), dtype=object)
    own[:] = [known[row] for row in rows]
    return own


def _step_text(texts: Texts, activity: int, receipt: int, planned: int, point: int, start: int, day: int) -> str:
    on = f" on {texts.date(day)}" if day != NO_DAY else ""
    if receipt >= 0:
        return f"receipt {texts.receipt(receipt)} of {texts.place(point)} arrives{on}"
    order = f" (planned order {texts.planned(planned)})" if planned >= 0 else ""
    if activity < 0:
        return f"{texts.place(point)} is there{on}{order}"
    if day == NO_DAY:
        return f"to {texts.activity(activity)}{order} is the way that lacks least"
    if start == day:
        return f"{texts.done(activity)}{order}{on}"
    return f"{texts.done(activity)}{order} from {texts.date(start)} to {texts.date(day)}"


def _factor_columns(network: Network, explained: Explained, described: FactorTexts, factor: IntArray) -> pd.DataFrame:
    """The columns that name gating factors."""
    factors = explained.factors
    start, end = described.day[factor], np.full(len(factor), NO_DAY)
    limited = factors.kind[factor] == FactorKind.CAPACITY
    end = np.where(limited, factors.end[factor], end)
    wanted = np.isin(factors.kind[factor], (FactorKind.SUPPLY, FactorKind.NO_SOURCE, FactorKind.COMPETITION))
    start = np.where(wanted & (start == NO_DAY), 0, start)
    return pd.DataFrame(
        {
            "kind": described.kind[factor],
            "name": described.name[factor],
            "item": described.item[factor],
            "location": described.location[factor],
            "origin": described.origin[factor],
            "way": described.way[factor],
            "start": network.horizon.date_of(start),
            "end": network.horizon.date_of(end),
        }
    )


def _release_table(network: Network, explained: Explained, described: FactorTexts, releases: Releases) -> pd.DataFrame:
    table = _factor_columns(network, explained, described, releases.factor)
    table["order"] = _ids(network, "order", releases.line)
    table["line"] = _ids(network, "line", releases.line)
    table["release"] = releases.rank
    table["amount"] = np.round(releases.amount, 9)
    table["unit"] = _units(table["kind"], releases.amount)
    table["days"] = releases.days
    table["gain_days"] = releases.gain_days
    table["gain_unit_days"] = np.round(releases.gain_unit_days, 9)
    return table[list(PLAN_TABLES["releases"])]


def _units(kind: pd.Series, amount: FloatArray) -> TextArray:
    """Unit of the amounts."""
    return np.where(amount > 0, np.where((kind == "resource").to_numpy(), "hours", "units"), "").astype(object)


def _cause_table(
    network: Network, explained: Explained, described: FactorTexts, causes: Causes, room: Room
) -> pd.DataFrame:
    table = _factor_columns(network, explained, described, causes.factor)
    factors = explained.factors
    limited = factors.kind[causes.factor] == FactorKind.CAPACITY
    price = np.append(room.price, 0.0)[np.where(limited, factors.ref[causes.factor], -1)]
    table["cause"] = np.arange(1, len(table) + 1)
    table["tag"] = np.array(TAGS, dtype=object)[causes.tag]
    table["lines"] = causes.lines
    table["late_unit_days"] = np.round(causes.unit_days, 9)
    table["late_value"] = np.round(causes.value, 9)
    table["amount"] = np.round(causes.amount, 9)
    table["unit"] = _units(table["kind"], causes.amount)
    table["days"] = causes.days
    table["gain_lines"] = causes.gain_lines
    table["gain_days"] = causes.gain_days
    table["gain_unit_days"] = np.round(causes.gain_unit_days, 9)
    table["price"] = np.round(price, 9)
    table["reason"] = described.reason[causes.factor]
    phrases = np.empty(len(table), dtype=object)
    phrases[:] = [release_phrase(row) for row in records(table)]
    table["text"] = phrases
    return table[list(PLAN_TABLES["causes"])]
