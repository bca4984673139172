"""Releases proven: the scenario is solved again with a gating factor released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firmdate.plan.explain.phrases import release_text
from firmdate.plan.explain.release import ChangeText, Release, release_changes

if TYPE_CHECKING:
    from firmdate.plan.explain.reading import LineExplanation
    from firmdate.plan.result import Plan
    from firmdate.runs.stages import Progress


@dataclass(frozen=True)
class Verified:
    """What a release really brings.

    Attributes:
        release: What was released, as a sentence.
        changes: The changes of the scenario that do it, as they would stand in its file.
        line: The line's own promise after it: promise_date, days_late and status.
        improved: Lines that get an earlier date, or more units.
        worse: Lines that get a later date, or fewer units.
        late_unit_days: Change of late unit-days by tier; negative is better.
    """

    release: str
    changes: tuple[ChangeText, ...]
    line: Mapping[str, Any]
    improved: int
    worse: int
    late_unit_days: Mapping[int, float]


def verify_releases(
    plan: Plan, explained: LineExplanation, *, progress: Progress | None = None, workers: int | None = None
) -> list[Verified]:
    """Solve the scenario of a plan again with each release of a line.

    The whole scenario is solved, so that lines of other blocks that share a capacity are seen too.

    Args:
        plan: The plan that was explained; its data must still be where its scenario says.
        explained: The line.
        progress: Called with the stage, what is done and how much there is.
        workers: Blocks solved at a time.

    Returns:
        One outcome for every release that can be written as changes of the scenario.

    Raises:
        InputError: The data are gone or have changed so that the release hits nothing.
    """
    from firmdate.runs.solve import load_data

    data = load_data(plan.scenario)[0]
    found = []
    for row in explained.releases:
        changes = release_changes(data, release_of(row))
        if changes:
            found.append(_solved_again(plan, explained, row, changes, progress, workers))
    return found


def release_of(row: Mapping[str, Any]) -> Release:
    """The release that a row of ``releases`` or ``causes`` states."""
    own = {name: row[name] for name in ("kind", "name", "item", "location", "origin", "way", "start", "end")}
    return Release(**own, amount=float(row["amount"]), days=int(row["days"]))


def _solved_again(
    plan: Plan,
    explained: LineExplanation,
    row: Mapping[str, Any],
    changes: Sequence[ChangeText],
    progress: Progress | None,
    workers: int | None,
) -> Verified:
    from firmdate.plan.compare import compare
    from firmdate.runs.solve import solve

    every = [*plan.scenario.changes, *changes]
    after = solve(plan.scenario, progress=progress, workers=workers, changes=every)
    compared = compare(plan, after)
    promises = after.promises
    mine = (promises["order"].astype(object) == explained.promise["order"]) & (
        promises["line"].astype(object) == explained.promise["line"]
    )
    line = promises.loc[mine, ["promise_date", "days_late", "promised_quantity", "status"]].to_dict("records")[0]
    totals = compared.summary[compared.summary["dimension"] == "tier"]
    change = totals["change_late_unit_days"].round(6)
    return Verified(
        release=release_text(row),
        changes=tuple(changes),
        line={str(name): value for name, value in line.items()},
        improved=int(totals["improved"].sum()),
        worse=int(totals["worse"].sum()),
        late_unit_days=dict(zip(totals["group"].astype(int).tolist(), change.tolist(), strict=True)),
    )
