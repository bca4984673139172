"""The same rules expanded, written by hand in numpy, and built by plain Pyomo: CPU seconds and ratios.

    python bench/expansion.py                 about 70,000 and 700,000 columns, Pyomo at the first
    python bench/expansion.py --all           Pyomo at both

All three give the same matrix; the program checks it.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import coo_array, csr_array

from firmdate.formulation.linear_program import LinearProgram, formulate
from firmdate.formulation.model_data import (
    EARLY_POINTS_PER_DAY,
    NEW_ORDER_POINTS,
    NEW_TRANSFER_POINTS,
    capacity_rows,
)
from firmdate.network.build import build_network
from firmdate.network.capacity import CapacityKind
from firmdate.network.network import Network
from firmdate.runs.solve import load_data, resolve
from ladder import write_network

PARTS = (300, 3000)
ROUNDS = 9


@dataclass(frozen=True)
class Arrays:
    """A linear program as arrays."""

    matrix: csr_array
    row_lower: np.ndarray
    row_upper: np.ndarray
    upper: np.ndarray
    costs: csr_array


def by_hand(network: Network) -> Arrays:
    """The program of a network of purchases, stock and routes, assembled without any rule.

    The network of the ladder has no makes, planned orders, stock targets or smallest shipments.
    """
    nodes, starts, backlog, deliveries = network.nodes, network.starts, network.backlog, network.deliveries
    supplier = capacity_rows(network, CapacityKind.SUPPLIER)
    stock_at = len(starts)
    deliver_at = stock_at + len(nodes)
    backlog_at = deliver_at + len(deliveries)
    columns = backlog_at + len(backlog)
    backlog_row, supplier_row = len(nodes), len(nodes) + len(backlog)
    rows = supplier_row + len(supplier.interval)
    every_node, every_delivery, every_backlog = (np.arange(len(x)) for x in (nodes, deliveries, backlog))
    later = np.flatnonzero(nodes.previous >= 0)
    before = np.flatnonzero(backlog.previous >= 0)
    stocked = np.flatnonzero(deliveries.node >= 0)
    entries = (
        (later, stock_at + nodes.previous[later], np.ones(len(later))),
        (network.posts.target, network.posts.start, network.posts.quantity),
        (every_node, stock_at + every_node, np.full(len(nodes), -1.0)),
        (deliveries.node[stocked], deliver_at + stocked, np.full(len(stocked), -1.0)),
        (backlog_row + before, backlog_at + backlog.previous[before], np.ones(len(before))),
        (backlog_row + deliveries.backlog, deliver_at + every_delivery, np.full(len(deliveries), -1.0)),
        (backlog_row + every_backlog, backlog_at + every_backlog, np.full(len(backlog), -1.0)),
        (supplier_row + supplier.starts.target, supplier.starts.start, supplier.starts.quantity),
        (
            supplier_row + supplier.deliveries.target,
            deliver_at + supplier.deliveries.start,
            supplier.deliveries.quantity,
        ),
    )
    row, column, value = (np.concatenate(part) for part in zip(*entries, strict=True))
    matrix = csr_array(coo_array((value, (row, column)), shape=(rows, columns)))
    left = network.capacities.available[supplier.interval] - network.firm_load[supplier.interval]
    equal = np.concatenate([-nodes.receipts, -backlog.newly_due])
    row_upper = np.concatenate([equal, np.maximum(left, 0.0)])
    row_lower = np.concatenate([equal, np.full(len(left), -np.inf)])
    return Arrays(matrix, row_lower, row_upper, np.full(columns, np.inf), _costs_by_hand(network, columns))


def _costs_by_hand(network: Network, columns: int) -> csr_array:
    """Costs of every level: shortage, tiers with their priorities, overload, target, rank, cost, tidiness."""
    starts, backlog, deliveries, routes = network.starts, network.backlog, network.deliveries, network.routes
    deliver_at = len(starts) + len(network.nodes)
    backlog_at = deliver_at + len(deliveries)
    tiers = int(network.lines.level.max()) + 1
    tidy = 2 * tiers + 5
    level = network.classes.level
    late = np.flatnonzero(deliveries.late_days > 0)
    early = EARLY_POINTS_PER_DAY * (network.horizon.days - deliveries.ship_day)
    bought = np.where(routes.order[deliveries.route] >= 0, NEW_ORDER_POINTS + early, 0.0)
    points = bought + routes.legs[deliveries.route] * (NEW_TRANSFER_POINTS + early)
    entries = (
        (1 + 2 * level[backlog.of_class], backlog_at + np.arange(len(backlog)), backlog.days.astype(float)),
        (1 + 2 * level[deliveries.of_class[late]], deliver_at + late, deliveries.late_days[late].astype(float)),
        (np.full(len(deliveries), tidy), deliver_at + np.arange(len(deliveries)), points),
    )
    row, column, value = (np.concatenate(part) for part in zip(*entries, strict=True))
    return csr_array(coo_array((value, (row, column)), shape=(tidy + 1, columns)))


def by_pyomo(network: Network) -> Any:
    """The ordinary Pyomo model and its standard form."""
    from pyomo.environ import Objective
    from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

    model = formulate(network, expand=False)
    for objective in model.component_data_objects(Objective, active=True):
        objective.deactivate()
    model.nothing = Objective(expr=0.0)
    return LinearStandardFormCompiler().write(model, mixed_form=True)


def hand_over(program: LinearProgram, cost: np.ndarray | None = None) -> Any:
    """Pass a program to HiGHS; a HiGHS instance that holds it."""
    import highspy

    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    columns, matrix = program.matrix.shape[1], program.matrix
    highs.passModel(
        columns,
        matrix.shape[0],
        matrix.nnz,
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        np.zeros(columns) if cost is None else cost,
        np.zeros(columns),
        program.upper,
        program.row_lower,
        program.row_upper,
        matrix.indptr.astype(np.int32, copy=False),
        matrix.indices.astype(np.int32, copy=False),
        matrix.data,
        np.zeros(columns, dtype=np.int32),
    )
    return highs


def check_equal(program: LinearProgram, hand: Arrays) -> None:
    """Stop when the expansion and the hand-written program differ."""
    for one, other in ((program.matrix, hand.matrix), (program.costs, hand.costs)):
        if one.shape != other.shape or abs(one - other).sum() > 1e-9:
            raise SystemExit("the matrices differ")
    for name in ("row_lower", "row_upper", "upper"):
        if not np.array_equal(getattr(program, name), getattr(hand, name)):
            raise SystemExit(f"{name} differs")


def timed(*works: Callable[[], Any], rounds: int = ROUNDS) -> list[float]:
    """Median CPU seconds of some works, taken in turns (all of them run in one thread)."""
    seconds: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, taken in zip(works, seconds, strict=True):
            gc.collect()
            started = time.process_time()
            work()
            taken.append(time.process_time() - started)
    return [statistics.median(taken) for taken in seconds]


def run(parts: int, with_pyomo: bool) -> None:
    """Measure one size and print it."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = resolve(write_network(Path(folder), parts), {})
        network = build_network(load_data(scenario)[0], scenario)
    program = formulate(network)
    check_equal(program, by_hand(network))
    works = (lambda: formulate(network), lambda: hand_over(program), lambda: by_hand(network))
    expand_seconds, over_seconds, hand_seconds = timed(*works)
    rows, columns = program.matrix.shape
    print(f"{columns:,} columns, {rows:,} rows, {program.matrix.nnz:,} nonzeros")
    print(f"  expanded                {expand_seconds:8.3f} s")
    print(f"  handed over to HiGHS    {over_seconds:8.3f} s")
    both = expand_seconds + over_seconds
    print(
        f"  by hand in numpy        {hand_seconds:8.3f} s   expanded and handed over: {both / hand_seconds:.2f} x that"
    )
    if with_pyomo:
        started = time.process_time()
        form = by_pyomo(network)
        pyomo_seconds = time.process_time() - started
        if form.A.nnz != program.matrix.nnz:
            raise SystemExit(f"Pyomo's matrix has {form.A.nnz} nonzeros")
        ratio = pyomo_seconds / both
        print(f"  plain Pyomo             {pyomo_seconds:8.3f} s   expanded and handed over: 1/{ratio:.0f} of that")


def main() -> None:
    """Measure both sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="plain Pyomo at both sizes")
    parser.add_argument("--parts", type=int, nargs="*", default=list(PARTS), help="parts of the networks")
    arguments = parser.parse_args()
    for number, parts in enumerate(arguments.parts):
        run(parts, with_pyomo=arguments.all or number == 0)


if __name__ == "__main__":
    main()
