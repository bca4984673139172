"""Releasing gating factors as far as they go, and what that does to the levels of service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from firmdate.network.horizon import IntArray
from firmdate.plan.executed import executed_starts, loads
from firmdate.plan.explain.factors import FactorKind
from firmdate.plan.explain.lines import Explained, explain_lines
from firmdate.plan.explain.release import ChangeText, Release, release_changes
from firmdate.plan.explain.room import Room, capacity_room
from firmdate.plan.explain.texts import FactorTexts, Texts, factor_texts
from firmdate.plan.promise import Promises, promises, schedule
from laws.problem import PlanningProblem, Solved, solved
from laws.side_by_side import Tables, apart, changed, number_of, services, side_by_side

MUCH = 1000.0
"""Hours or units by which capacity and supply are released: more than any problem can use."""

NOISE = 1e-4

OWN_RULES = (
    FactorKind.PAST_REQUEST,
    FactorKind.HORIZON,
    FactorKind.CALENDAR,
    FactorKind.EARLIEST_DATE,
)
"""Rules of the line itself, which no supply and no capacity can change."""


@dataclass(frozen=True)
class Why:
    """A solved problem with its explanations."""

    found: Solved
    explained: Explained
    texts: FactorTexts
    promised: Promises
    room: Room

    def late_lines(self) -> list[int]:
        """Lines that are held back by something that can be released."""
        factors, chains = self.explained.factors, self.explained.chains
        lines = np.flatnonzero(self.explained.line_chain >= 0)
        kind = factors.kind[chains.main[self.explained.line_chain[lines]]]
        rules = [int(rule) for rule in OWN_RULES]
        return [int(line) for line in lines[~np.isin(kind, rules)]]

    def named(self, line: int) -> IntArray:
        """All factors that are named for a line, the gating factor first."""
        chain, factor = self.explained.chains.also
        return np.asarray(factor[chain == self.explained.line_chain[line]])

    def level(self, line: int) -> int:
        """Position of the line's tier."""
        return int(self.found.network.lines.level[line])


def why(found: Solved) -> Why:
    """Explain a solved problem."""
    network = found.network
    executed, shipped = executed_starts(network, found.flows), schedule(network, found.flows)
    promised = promises(network, shipped)
    room = capacity_room(network, found.program, found.solution, loads(network, executed))
    explained = explain_lines(network, executed, shipped, promised, room)
    return Why(found, explained, factor_texts(Texts(network), explained.factors), promised, room)


def full_release(known: Why, factor: int, line: int) -> list[ChangeText]:
    """The changes that release a factor as far as it goes."""
    network, texts = known.found.network, known.texts
    kind, day = texts.kind[factor], int(texts.day[factor])
    if kind == "latest_acceptable_date":
        row = network.lines.frame.iloc[line]
        keys = {"order": str(row["order"]), "line": str(row["line"])}
        return [{"table": "demands", "where": keys, "set": {kind: ""}}]
    begin = pd.Timestamp(network.horizon.start)
    dated = day < network.horizon.days and kind not in ("supply", "no_source")
    start = begin + pd.Timedelta(days=day) if dated else begin
    length = int(known.explained.factors.end[factor]) - day if kind in ("resource", "supplier") else 1
    columns = {name: getattr(texts, name)[factor] for name in ("kind", "name", "item", "location", "origin", "way")}
    release = Release(**columns, start=start, end=start + pd.Timedelta(days=length), amount=MUCH, days=day)
    if kind == "planned_order":
        release = replace(release, days=_days_to_the_planning_date(known, int(known.explained.factors.ref[factor])))
    if kind in ("supply", "no_source") and "scheduled_receipts" not in known.found.scenario.supply_sources:
        return _on_hand(known, release)
    return release_changes(known.found.data, release)


def _days_to_the_planning_date(known: Why, order: int) -> int:
    """Days by which a planned order can be earlier at most; a firm one may have begun before the planning date."""
    planned = known.found.network.planned
    firm = known.found.scenario.planned_orders == "firm"
    return max(int((planned.due_day if firm else planned.first_day)[order]), 0)


def _on_hand(known: Why, release: Release) -> list[ChangeText]:
    """More stock, where receipts do not count; nothing where stock does not count either."""
    if "on_hand" not in known.found.scenario.supply_sources:
        return []
    row = {"item": release.item, "location": release.location, "bin": "release", "quantity": MUCH}
    return [{"table": "on_hand", "add": row}]


def release_of_all(known: Why, line: int) -> list[ChangeText] | None:
    """The changes that release all that is named for a line; None where something cannot be released."""
    changes: list[ChangeText] = []
    for factor in known.named(line).tolist():
        own = full_release(known, factor, line)
        if not own:
            return None
        changes += [change for change in own if change not in changes]
    return changes


@dataclass(frozen=True)
class Beside:
    """Problems side by side, solved and explained.

    Args:
        planned: All of them as one problem.
        count: How many they are.
        known: The one problem, explained.
    """

    planned: PlanningProblem
    count: int
    known: Why

    def number(self, line: int) -> int:
        """The problem of a line."""
        return number_of(self.known.found.network.lines.frame["order"].iloc[line])

    def vain(self, releases: Sequence[tuple[int, Sequence[ChangeText], Sequence[int]]]) -> list[int]:
        """Lines that are not helped, and neither is a line that comes first.

        Args:
            releases: Problem, changes of its data, and the lines that they are to help.
        """
        if not releases:
            return []
        rows, wanted = apart(self.planned, self.count), [number for number, _, _ in releases]
        copies = [changed(rows[number], changes) for number, changes, _ in releases]
        after = services(solved(side_by_side(copies, self.planned.options)), len(copies))
        before = services(self.known.found, self.count).value[wanted]
        differs = np.abs(after.value - before) > NOISE * np.maximum(1.0, np.abs(before))
        found = []
        for at, (_, _, lines) in enumerate(releases):
            for line in lines:
                first = np.flatnonzero(differs[at] & (after.tier <= self.known.level(line)))[:1]
                found += [] if (after.value[at, first] < before[at, first]).any() else [line]
        return found

    def what_is_named(self) -> list[tuple[int, Sequence[ChangeText], Sequence[int]]]:
        """What is named for each line released as far as it goes, once for all lines for which it is the same."""
        releases: dict[str, tuple[int, Sequence[ChangeText], list[int]]] = {}
        for line in self.known.late_lines():
            changes = release_of_all(self.known, line)
            if changes is not None:
                key = f"{self.number(line)} {sorted(map(repr, changes))}"
                releases.setdefault(key, (self.number(line), changes, []))[2].append(line)
        return list(releases.values())

    def reasons(self, lines: Sequence[int]) -> list[str]:
        """What is said of some lines, to be shown when a law fails."""
        texts, frame = self.known.texts.reason, self.known.found.network.lines.frame
        return [f"{frame['order'].iloc[line]}: {texts[self.known.named(line)].tolist()}" for line in lines]


def beside(tables: Sequence[Tables], options: Mapping[str, object]) -> Beside:
    """Solve problems side by side, and explain them."""
    planned = side_by_side(tables, options)
    return Beside(planned, len(tables), why(solved(planned)))
