"""Which line uses which share of the allocated supply, and when."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from firmdate.formulation.linear_program import LinearProgram
from firmdate.network.allocation import NEW_SUPPLY, SOURCE_NAMES
from firmdate.network.horizon import FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.plan.promise import serve_in_order
from firmdate.plan.result import RULE_TABLES
from firmdate.plan.whole_units import NOISE, Flows, denoise
from firmdate.plan.within_shares import COLUMNS, takes_problem
from firmdate.solver.block import dense_row
from firmdate.solver.highs import SolverOptions, minimize
from firmdate.solver.run_blocks import Solution


def allocation_use(network: Network, program: LinearProgram, solution: Solution, flows: Flows) -> pd.DataFrame:
    """One row per line, date and source; reserved stock is no part of it.

    Args:
        network: The network.
        program: Its linear program.
        solution: The solution.
        flows: What is done, in whole units.
    """
    allocation = network.allocation
    # Without existing supply there are no shares to take from: all of it is new.
    takes = _settled_takes(program, solution, flows) if len(allocation) else np.empty(0)
    line, day, quantity, delivery = _pieces(network, flows)
    row_of = np.full(len(network.deliveries), -1)
    row_of[allocation.row_delivery[1]] = allocation.row_delivery[0]
    row = row_of[delivery]
    bought, stocked = np.flatnonzero(row < 0), np.flatnonzero(row >= 0)
    stocked = stocked[np.lexsort((line[stocked], day[stocked], row[stocked]))]
    used = np.flatnonzero(takes > NOISE)
    used = used[np.lexsort((allocation.take_points[used], allocation.take_row[used]))]
    left, right, units = _cut(row[stocked], quantity[stocked], allocation.take_row[used], takes[used])
    piece, take = stocked[left], used[right]
    none = np.full(len(bought), -1)
    return _table(
        network,
        np.concatenate([line[piece], line[bought]]),
        np.concatenate([day[piece], day[bought]]),
        np.concatenate([allocation.take_kind[take], np.full(len(bought), NEW_SUPPLY)]),
        np.concatenate([allocation.source_node[allocation.take_source[take]], none]),
        np.concatenate([units, quantity[bought]]),
    )


def _settled_takes(program: LinearProgram, solution: Solution, flows: Flows) -> FloatArray:
    """What is taken from which source; decided again where the flows were rounded after the optimum."""
    x = solution.x.copy()
    x[program.columns_of("Start")], x[program.columns_of("Deliver")] = flows.start, flows.deliver
    take = program.columns_of("Take")
    if np.abs(x - solution.x).max(initial=0.0) <= NOISE:
        return denoise(x[take])
    position = next(i for i, level in enumerate(program.levels) if level.name == "allocation_level")
    columns = np.concatenate([np.arange(len(program.upper))[program.columns_of(name)] for name in COLUMNS])
    problem = replace(takes_problem(program, x), cost=dense_row(program.costs, position)[columns])
    answer = minimize(problem, SolverOptions(), "use of allocations")
    return denoise(answer.x[: take.stop - take.start])


def _pieces(network: Network, flows: Flows) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
    """Line, day and units of what lines of allocated items get, and the delivery that it is a part of."""
    deliveries, days, group = network.deliveries, network.horizon.days, network.allocation.class_group
    class_of = np.full(len(network.lines), -1)
    class_of[network.classes.line] = network.classes.line_class
    line, day, quantity = serve_in_order(network, flows)
    allocated = group[class_of[line]] >= 0
    line, day, quantity = line[allocated], day[allocated], quantity[allocated]
    key = class_of[line] * days + day
    order = np.lexsort((line, key))
    line, day, quantity, key = line[order], day[order], quantity[order], key[order]
    given = np.flatnonzero((flows.deliver > NOISE) & (group[deliveries.of_class] >= 0))
    given_key = deliveries.of_class[given] * days + deliveries.day[given]
    order = np.lexsort((network.routes.order[deliveries.route[given]], given_key))
    given, given_key = given[order], given_key[order]
    left, right, units = _cut(key, quantity, given_key, flows.deliver[given])
    return line[left], day[left], units, given[right]


def _cut(
    key: IntArray, quantity: FloatArray, other_key: IntArray, other: FloatArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Match two sorted lists of quantities that add up to the same for every key: positions in both, and units."""
    keys = np.unique(np.concatenate([key, other_key]))
    size = np.maximum(
        np.bincount(np.searchsorted(keys, key), quantity, len(keys)),
        np.bincount(np.searchsorted(keys, other_key), other, len(keys)),
    )
    base = np.cumsum(size) - size

    def ends(of_key: IntArray, units: FloatArray) -> FloatArray:
        total = np.cumsum(units)
        first = np.searchsorted(of_key, of_key)
        return np.asarray(base[np.searchsorted(keys, of_key)] + total - np.append(0.0, total)[first])

    end, other_end = ends(key, quantity), ends(other_key, other)
    cuts = np.unique(np.concatenate([end, other_end, base]))
    low, high = cuts[:-1], cuts[1:]
    wide = high - low > NOISE
    middle = (low + high)[wide] / 2
    left, right = np.searchsorted(end, middle), np.searchsorted(other_end, middle)
    inside = (left < len(end)) & (right < len(other_end))
    inside[inside] = key[left[inside]] == other_key[right[inside]]
    return left[inside], right[inside], np.round((high - low)[wide][inside], 9)


def _table(
    network: Network, line: IntArray, day: IntArray, kind: IntArray, node: IntArray, units: FloatArray
) -> pd.DataFrame:
    names = np.append(network.allocation.names.to_numpy(dtype=object), "")
    node = np.maximum(node, -1)
    size = len(names)
    key = ((line * network.horizon.days + day) * len(SOURCE_NAMES) + kind) * size + node + 1
    distinct, first, at = np.unique(key, return_index=True, return_inverse=True)
    frame = network.lines.frame.iloc[line[first]]
    own = network.lines.frame["allocation_node"].astype(object).fillna("").to_numpy(dtype=object)
    table = pd.DataFrame(
        {
            "order": frame["order"].astype(object).to_numpy(),
            "line": frame["line"].astype(object).to_numpy(),
            "date": network.horizon.date_of(day[first]),
            "node": own[line[first]],
            "source": np.array(SOURCE_NAMES, dtype=object)[kind[first]],
            "source_node": names[node[first]],
            "quantity": np.bincount(np.asarray(at).reshape(-1), units, len(distinct)).astype(np.float64),
        }
    )
    return table[list(RULE_TABLES["allocation_use"])]
