"""What a plan delivers, per demand and per priority, and the comparison with the expected plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from peer.case import Case, Deliveries, Demand

TOLERANCE = 1e-6
"""Quantities and unit-days that differ by less, relative to their size, are equal."""

Verdict = Literal["better", "equal", "worse", "not compared"]


@dataclass(frozen=True)
class Outcome:
    """What is delivered of some quantity.

    Args:
        on_time: Units delivered by the due date.
        late: Units delivered after it.
        short: Units never delivered inside the horizon.
        late_unit_days: Days after the due date, summed over late units.
        unit_days: The same with short units counted until the end of the horizon; the figure that is compared.
    """

    on_time: float = 0.0
    late: float = 0.0
    short: float = 0.0
    late_unit_days: float = 0.0
    unit_days: float = 0.0

    def __add__(self, other: Outcome) -> Outcome:
        """Both together."""
        return Outcome(
            self.on_time + other.on_time,
            self.late + other.late,
            self.short + other.short,
            self.late_unit_days + other.late_unit_days,
            self.unit_days + other.unit_days,
        )

    def rounded(self) -> dict[str, float]:
        """The figures without the noise of floating point."""
        return {name: round(value, 6) + 0.0 for name, value in vars(self).items()}


@dataclass(frozen=True)
class PriorityResult:
    """One priority of a case; ``expected`` is None when there is nothing to compare with."""

    priority: float
    planned: Outcome
    expected: Outcome | None
    verdict: Verdict


def outcome_of(demand: Demand, deliveries: Iterable[tuple[datetime, float]], end: datetime) -> Outcome:
    """What the deliveries of a demand are worth; more than was ordered counts for nothing.

    >>> from datetime import datetime
    >>> due = datetime(2021, 1, 1)
    >>> demand = Demand("d", "i", "l", 10, due, 1, 0, None, None, None, ())
    >>> outcome_of(demand, [(due, 4), (datetime(2021, 1, 3), 5)], datetime(2021, 1, 11))
    Outcome(on_time=4, late=5, short=1, late_unit_days=10.0, unit_days=20.0)
    """
    left = demand.quantity
    on_time = late = late_unit_days = 0.0
    for moment, quantity in sorted(deliveries):
        taken = min(quantity, left)
        left -= taken
        days = max((moment - demand.due) / timedelta(days=1), 0.0)
        on_time += taken if days <= TOLERANCE else 0
        late += taken if days > TOLERANCE else 0
        late_unit_days += taken * days
    until_end = left * max((end - demand.due) / timedelta(days=1), 0.0)
    return Outcome(on_time, late, left, late_unit_days, late_unit_days + until_end)


def outcomes(case: Case, deliveries: Deliveries, end: datetime) -> dict[str, Outcome]:
    """Outcome of every demand."""
    return {demand.id: outcome_of(demand, deliveries.get(demand.id, ()), end) for demand in case.demands}


def compare(case: Case, planned: Mapping[str, Outcome], expected: Mapping[str, Outcome] | None) -> list[PriorityResult]:
    """Compare by priority, the best one first; after the first that is better, a worse one is the price of it."""
    results: list[PriorityResult] = []
    for priority in sorted({demand.priority for demand in case.demands}):
        ids = [demand.id for demand in case.demands if demand.priority == priority]
        ours = sum((planned[id_] for id_ in ids), Outcome())
        theirs = None if expected is None else sum((expected[id_] for id_ in ids), Outcome())
        results.append(PriorityResult(priority, ours, theirs, _verdict(ours, theirs)))
    return results


def _verdict(planned: Outcome, expected: Outcome | None) -> Verdict:
    if expected is None:
        return "not compared"
    difference = planned.unit_days - expected.unit_days
    if abs(difference) <= TOLERANCE * max(abs(expected.unit_days), 1.0):
        return "equal"
    return "better" if difference < 0 else "worse"


def is_worse(results: Iterable[PriorityResult]) -> bool:
    """True when the first priority that differs from the expected plan is worse."""
    verdict = next((result.verdict for result in results if result.verdict in ("better", "worse")), "equal")
    return verdict == "worse"


def broken_promises(case: Case, deliveries: Deliveries) -> list[str]:
    """Deliveries that the demands do not allow: too early, too late, or too much."""
    found = []
    for demand in case.demands:
        rows = deliveries.get(demand.id, ())
        latest = None if demand.max_lateness_days is None else demand.due + timedelta(days=demand.max_lateness_days)
        for moment, quantity in rows:
            if moment < max(demand.due, case.start) or (latest is not None and moment > latest):
                found.append(f"demand {demand.id}: {quantity:g} delivered at {moment}, which it does not allow")
        if sum(quantity for _, quantity in rows) > demand.quantity * (1 + TOLERANCE):
            found.append(f"demand {demand.id}: more is delivered than ordered")
    return found
