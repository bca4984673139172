"""What the rules of the backlog name: commitments, the order of due dates, and moves against the previous run."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from firmdate.network.horizon import NO_DAY, FloatArray, IntArray
from firmdate.network.network import Network


class Declarations(Protocol):
    """Collects what is declared; see ``model_data``."""

    def index(self, name: str, size: int, doc: str) -> None:
        """Declare an index set."""

    def relate(self, name: str, of: str, members: str, source: IntArray, target: IntArray, doc: str) -> IntArray:
        """Declare a relation from pairs and give the order in which parameters of its pairs must stand."""

    def paired(self, name: str, over: str, values: FloatArray, doc: str) -> None:
        """Declare a number of every pair of a relation."""


def declare_backlog_rules(b: Declarations, network: Network) -> None:
    """Everything that the rules of the backlog name."""
    _commitments(b, network)
    _due_order(b, network)
    _moves(b, network)


def commitment_ranks(network: Network) -> tuple[IntArray, int]:
    """Per class the rank of its commitment, and how many ranks there are.

    Results that are kept come first, then commitments by tier, best first; -1 for classes without one.
    """
    classes = network.classes
    committed = np.flatnonzero(classes.commit_day != NO_DAY)
    key = np.where(classes.kept, -1, classes.level)[committed]
    ranks, of_class = np.unique(key, return_inverse=True)
    rank = np.full(len(classes), -1)
    rank[committed] = np.asarray(of_class).reshape(-1)
    return rank, len(ranks)


def _commitments(b: Declarations, network: Network) -> None:
    classes, deliveries, backlog = network.classes, network.deliveries, network.backlog
    rank, ranks = commitment_ranks(network)
    b.index("COMMITMENTS", ranks, "Results that are kept, then commitments by tier")
    late_days = deliveries.day - classes.commit_day[deliveries.of_class]
    alone = classes.ship_set[deliveries.of_class] < 0
    late = np.flatnonzero((rank[deliveries.of_class] >= 0) & (late_days > 0) & alone)
    order = b.relate(
        "COMMITMENT_LATE", "COMMITMENTS", "DELIVERIES", rank[deliveries.of_class[late]], late, "Later than committed"
    )
    b.paired("days_after", "COMMITMENT_LATE", late_days[late][order].astype(np.float64), "Days after the commitment")
    rows = np.flatnonzero(rank[backlog.of_class] >= 0)
    order = b.relate(
        "COMMITMENT_OPEN", "COMMITMENTS", "BACKLOGS", rank[backlog.of_class[rows]], rows, "Never delivered"
    )
    days = np.maximum(network.horizon.unfilled_day - classes.commit_day[backlog.of_class[rows]], 1)
    b.paired("days_open", "COMMITMENT_OPEN", days[order].astype(np.float64), "Days from the commitment to the end")


def _due_order(b: Declarations, network: Network) -> None:
    """Lines that would be one class but for a rule of the backlog are still served by due date."""
    deliveries, backlog = network.deliveries, network.backlog
    weight = due_weights(network)
    rows = np.flatnonzero((deliveries.late_days > 0) & (weight[deliveries.backlog] > 0))
    order = b.relate(
        "DUE_LATE", "ONE", "DELIVERIES", np.zeros(len(rows), dtype=np.int64), rows, "Late, due before others"
    )
    days = weight[deliveries.backlog[rows]] * deliveries.late_days[rows]
    b.paired("due_late_days", "DUE_LATE", days[order], "Weighted days")
    rows = np.flatnonzero(weight > 0)
    order = b.relate(
        "DUE_OPEN", "ONE", "BACKLOGS", np.zeros(len(rows), dtype=np.int64), rows, "Open, due before others"
    )
    b.paired("due_open_days", "DUE_OPEN", (weight[rows] * backlog.days[rows])[order], "Weighted days")


def due_weights(network: Network) -> FloatArray:
    """Per backlog row of mixed classes: how many later due dates compete with it; 0 elsewhere."""
    classes, backlog = network.classes, network.backlog
    weight = np.zeros(len(backlog))
    rows = np.flatnonzero(classes.mixed[backlog.of_class])
    if not len(rows):
        return weight
    of_class = backlog.of_class[rows]
    rank = np.column_stack([classes.point, classes.level, classes.priority])[of_class]
    group = np.unique(rank, axis=0, return_inverse=True)[1].reshape(-1)
    # A commitment that comes earlier breaks ties of due dates, so that whole lines and not parts of them are late.
    pairs, at = np.unique(
        np.column_stack([group, backlog.day[rows], classes.commit_day[of_class]]), axis=0, return_inverse=True
    )
    after = np.searchsorted(pairs[:, 0], pairs[:, 0], side="right") - 1
    weight[rows] = (after - np.arange(len(pairs)))[np.asarray(at).reshape(-1)]
    return weight


def moved_units(network: Network) -> tuple[FloatArray, FloatArray]:
    """1 per delivery and per backlog row that is not what the previous run promised, else 0.

    Lines of ship sets move with the date of their set.
    """
    classes, deliveries, backlog = network.classes, network.deliveries, network.backlog
    moved = is_moved(classes.previous_day[deliveries.of_class], deliveries.day)
    moved[classes.ship_set[deliveries.of_class] >= 0] = 0.0
    dropped = classes.previous_day[backlog.of_class] != NO_DAY
    return moved, dropped.astype(np.float64)


def is_moved(previous: IntArray, day: IntArray) -> FloatArray:
    """1 where a day is not that of the previous run, else 0; also where there was none."""
    return np.asarray((previous != NO_DAY) & (day != previous), dtype=np.float64)


def _moves(b: Declarations, network: Network) -> None:
    """Units that are not delivered on the date on which the previous run delivered them."""
    moved, dropped = (np.flatnonzero(units) for units in moved_units(network))
    if network.move_weight is not None:
        moved, dropped = moved[:0], dropped[:0]
    b.relate("MOVED", "ONE", "DELIVERIES", np.zeros_like(moved), moved, "Deliveries off their previous date")
    b.relate("DROPPED", "ONE", "BACKLOGS", np.zeros_like(dropped), dropped, "What had a date and gets none")


def priority_weights(network: Network) -> FloatArray:
    """Per class: how many worse priorities its tier has (0 where all are the same)."""
    classes = network.classes
    width = int(classes.priority.max(initial=0)) + 1
    key = classes.level * width + classes.priority
    distinct = np.unique(key)
    worse = np.searchsorted(distinct, (classes.level + 1) * width) - 1
    own = np.searchsorted(distinct, key)
    return (worse - own).astype(np.float64)
