"""How HiGHS solves a problem: measured, see docs/performance.md."""

from __future__ import annotations

from dataclasses import dataclass, replace

TRANSPORT_COLUMNS_PER_ROW = 4.5
"""From here on a problem is mostly routes to order lines, see :func:`choose`."""

ROUTED_COLUMNS_PER_ROW = 2.6
"""From here on presolve takes longer than it saves, see :func:`choose`."""

DATED_COLUMNS_PER_ROW = 3
"""From here on a problem with integers is mostly routes, see :func:`choose`."""

INTERIOR_POINT_ROWS = 8_000
"""From here on the interior point wins, see :func:`choose`."""

DEFAULT_WEIGHTS, DANTZIG, DEVEX = -1, 0, 1

SUB_PROBLEMS = ("mip_heuristic_run_rins", "mip_heuristic_run_rens", "mip_heuristic_run_root_reduced_cost")


@dataclass(frozen=True)
class Choice:
    """Options of HiGHS for one problem."""

    solver: str
    presolve: str
    edge_weights: int
    searches: bool = True
    """Whether solutions with integers are searched for in sub-problems."""


def choose(rows: int, columns: int, *, integers: bool) -> Choice:
    """The options for a problem of some size.

    Routes to order lines have many columns a row and little that presolve could take away: simplex with Dantzig's
    rule and without presolve takes two thirds of the time of the default there. With rows of shares or ship sets
    beside them devex is faster, still without presolve. Where one capacity couples very many lines, the interior point
    (with crossover) takes a third to a half of the time of simplex. Where integers choose the dates of ship sets among
    routes, HiGHS spends most of its time on presolve and on searches of sub-problems; without them it takes a quarter
    to a tenth. Everything else takes the default: what earlier levels have settled, presolve takes away.
    """
    if rows >= INTERIOR_POINT_ROWS and not integers:
        return Choice("ipx", "on", DEFAULT_WEIGHTS)
    columns_per_row = columns / max(rows, 1)
    if integers:
        if columns_per_row >= DATED_COLUMNS_PER_ROW:
            return Choice("choose", "off", DEFAULT_WEIGHTS, searches=False)
        return Choice("choose", "choose", DEFAULT_WEIGHTS)
    if columns_per_row >= TRANSPORT_COLUMNS_PER_ROW:
        return Choice("simplex", "off", DANTZIG)
    if columns_per_row >= ROUTED_COLUMNS_PER_ROW:
        return Choice("simplex", "off", DEVEX)
    return Choice("choose", "choose", DEFAULT_WEIGHTS)


def other(choice: Choice, *, integers: bool) -> Choice:
    """What to try when the first choice has failed."""
    if integers:
        return replace(choice, presolve="off" if choice.presolve != "off" else "on")
    return Choice("simplex" if choice.solver == "ipx" else "ipx", "on", DEFAULT_WEIGHTS)
