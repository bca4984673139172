"""Connected parts of a matrix: rows and columns that hang together through its nonzeros."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from firmdate.network.horizon import IntArray


def connected_parts(matrix: csr_array) -> tuple[int, IntArray, IntArray]:
    """Number of connected parts, the part of every column and the part of every row.

    Args:
        matrix: The matrix; what is stored counts as a nonzero.
    """
    rows, columns = matrix.shape
    entries = coo_array(matrix)
    size, one = rows + columns, np.ones(matrix.nnz, dtype=np.int8)
    both = coo_array((one, (entries.row + columns, entries.col)), shape=(size, size))
    count, part = connected_components(both, directed=False)
    return int(count), part[:columns].astype(np.int64), part[columns:].astype(np.int64)
