"""Deliveries within the shares of allocated supply, where whole units have made them more than the shares can cover."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, hstack

from firmdate.formulation.linear_program import LinearProgram
from firmdate.network.activities import ActivityKind
from firmdate.network.horizon import FloatArray
from firmdate.network.network import Network
from firmdate.plan.whole_units import NOISE, Flows
from firmdate.solver.highs import Problem, SolverOptions, minimize

ROWS = ("allocation", "allocation_share", "allocation_protection", "allocation_of_rest")
COLUMNS = ("Take", "ShareLeft", "OpenLeft")


def takes_problem(program: LinearProgram, x: FloatArray) -> Problem:
    """What is taken from which share, everything else being settled; no costs.

    Args:
        program: The linear program.
        x: Values of its columns; those of the shares do not matter.
    """
    rows = np.arange(program.rows_of[ROWS[0]][0], program.rows_of[ROWS[-1]][1])
    spans = [program.columns_of(name) for name in COLUMNS]
    columns = np.concatenate([np.arange(span.start, span.stop) for span in spans])
    settled = x.copy()
    settled[columns] = 0.0
    matrix = program.matrix[rows]
    fixed = matrix @ settled
    return Problem(
        cost=np.zeros(len(columns)),
        lower=np.zeros(len(columns)),
        upper=program.upper[columns],
        matrix=csr_array(matrix[:, columns]),
        row_lower=program.row_lower[rows] - fixed,
        row_upper=program.row_upper[rows] - fixed,
        integer=np.zeros(len(columns), dtype=bool),
    )


def within_shares(network: Network, program: LinearProgram, x: FloatArray, flows: Flows) -> Flows:
    """The same deliveries, less what no share covers: the worst lines get less, and what must stay whole gets nothing.

    Args:
        network: The network.
        program: Its linear program.
        x: Its solution, before whole units.
        flows: What is done, in whole units.
    """
    start, deliver = program.columns_of("Start"), program.columns_of("Deliver")
    if not len(network.allocation):
        return flows
    done, started, given = x.copy(), flows.start, flows.deliver.copy()
    done[start], done[deliver] = started, given
    if np.abs(done - x).max(initial=0.0) <= NOISE:
        return flows
    # What is cut for one bucket leaves more for the others, so this ends when nothing lacks.
    while True:
        done[start], done[deliver] = started, given
        lacking = _lacking(program, done)
        if not (lacking > NOISE).any():
            return Flows(started, given)
        given = _cut(network, given, lacking)
        started = _out_of_pools(network, started, given)


def _lacking(program: LinearProgram, x: FloatArray) -> FloatArray:
    """Per use of an allocation: units that no share covers, as few as possible in total."""
    problem = takes_problem(program, x)
    first, end = program.rows_of[ROWS[0]]
    uses, size = end - first, len(problem.cost)
    every = np.arange(uses)
    missing = csr_array((np.full(uses, -1.0), (every, every)), shape=(problem.matrix.shape[0], uses))
    elastic = Problem(
        cost=np.concatenate([np.zeros(size), np.ones(uses)]),
        lower=np.zeros(size + uses),
        upper=np.concatenate([problem.upper, np.full(uses, np.inf)]),
        matrix=csr_array(hstack([problem.matrix, missing], format="csr")),
        row_lower=problem.row_lower,
        row_upper=problem.row_upper,
        integer=np.zeros(size + uses, dtype=bool),
    )
    return minimize(elastic, SolverOptions(), "deliveries within allocations").x[size:]


def _cut(network: Network, deliver: FloatArray, lacking: FloatArray) -> FloatArray:
    """Take the units that lack from the worst lines of each use."""
    row, delivery = network.allocation.row_delivery
    classes, deliveries, given = network.classes, network.deliveries, deliver.copy()
    line = classes.some_line[deliveries.of_class]
    whole = network.lines.split_by_rule[line]
    for use in np.flatnonzero(lacking > NOISE).tolist():
        left = float(lacking[use])
        mine = delivery[row == use]
        worst = np.lexsort(
            (mine, classes.priority[deliveries.of_class[mine]], classes.level[deliveries.of_class[mine]])
        )
        for own in mine[worst[::-1]].tolist():
            units = min(left, float(given[own]))
            if units <= NOISE or left <= NOISE:
                continue
            if network.points.whole_units[classes.point[deliveries.of_class[own]]]:
                units = min(float(np.ceil(units - NOISE)), float(given[own]))
            left -= units
            given[own] -= units
            if whole[own]:
                given[_together(network, line, own)] = 0.0
    return given


def _out_of_pools(network: Network, start: FloatArray, deliver: FloatArray) -> FloatArray:
    """What came into a pool and nobody takes any more stays what it was: first the item itself, then substitutes."""
    kind, posts = network.activities.kind[network.starts.activity], network.posts
    fills = kind >= ActivityKind.SUBSTITUTION
    if not fills.any():
        return start
    stocked = network.deliveries.node >= 0
    left = np.bincount(posts.target, weights=posts.quantity * start[posts.start], minlength=len(network.nodes))
    left -= np.bincount(network.deliveries.node[stocked], weights=deliver[stocked], minlength=len(network.nodes))
    into = np.flatnonzero(fills[posts.start] & (posts.quantity > 0))
    into = into[np.argsort(kind[posts.start[into]] != ActivityKind.ITSELF, kind="stable")]
    kept = start.copy()
    for row in into[left[posts.target[into]] > NOISE].tolist():
        node, own = int(posts.target[row]), int(posts.start[row])
        units = min(float(left[node]), float(kept[own]))
        if units > NOISE:
            kept[own] -= units
            left[node] -= units
    return kept


def _together(network: Network, line: np.ndarray, delivery: int) -> np.ndarray:
    """Deliveries of a line that must not be cut alone, and of its ship set."""
    of_set = network.lines.ship_set
    own = int(line[delivery])
    return np.asarray((of_set[line] == of_set[own]) if of_set[own] >= 0 else (line == own))
