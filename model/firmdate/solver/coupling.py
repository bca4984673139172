"""Capacity that couples parts of the network which share nothing else.

Where such parts are large together, their capacity is left out at first. What they plan without it is the optimum
when it keeps the capacity; where it does not, the capacity counts and the parts that meet in it are solved together.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from firmdate.formulation.linear_program import LinearProgram
from firmdate.network.horizon import BoolArray, FloatArray
from firmdate.solver.connected import connected_parts

COUPLED_COLUMNS = 50_000
"""Smaller blocks are solved at once with their capacity: leaving it out may turn out to be for nothing."""

LARGEST_SHARE = 0.5
"""The largest part that is left without the capacity has at most this share of the columns of its block."""

CAPACITY_RULES = ("resource_capacity", "supplier_capacity", "lane_capacity")

EXCEEDED = 1e-6


def loose_rows(program: LinearProgram) -> BoolArray:
    """Rows of capacity without which large blocks fall apart."""
    capacity = np.zeros(program.matrix.shape[0], dtype=bool)
    for rule in CAPACITY_RULES:
        capacity[slice(*program.rows_of[rule])] = True
    if program.matrix.shape[1] < COUPLED_COLUMNS or not capacity.any():
        return np.zeros_like(capacity)
    count, block_of_column, block_of_row = connected_parts(program.matrix)
    without, part_of_column, _ = connected_parts(csr_array(program.matrix[np.flatnonzero(~capacity)]))
    columns = np.bincount(block_of_column, minlength=count)
    block_of_part = np.zeros(without, dtype=np.int64)
    block_of_part[part_of_column] = block_of_column
    largest = np.zeros(count, dtype=np.int64)
    np.maximum.at(largest, block_of_part, np.bincount(part_of_column, minlength=without))
    worth_it = (columns >= COUPLED_COLUMNS) & (largest <= LARGEST_SHARE * columns)
    return np.asarray(capacity & worth_it[block_of_row])


def exceeded_rows(program: LinearProgram, loose: BoolArray, x: FloatArray) -> BoolArray:
    """Rows that were left out and that a solution does not keep.

    Args:
        program: The program.
        loose: Rows that were left out.
        x: A solution of the rest.
    """
    rows = np.flatnonzero(loose)
    load, capacity = program.matrix[rows] @ x, program.row_upper[rows]
    exceeded = np.zeros_like(loose)
    exceeded[rows] = load > capacity + EXCEEDED * np.maximum(1.0, np.abs(capacity))
    return exceeded
