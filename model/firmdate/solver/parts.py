"""What columns of the linear program are about, in the words of the planning data."""

from __future__ import annotations

import numpy as np

from firmdate.formulation.linear_program import LinearProgram
from firmdate.network.horizon import IntArray
from firmdate.network.network import Network

ITEMS_NAMED = 5


def describe_columns(network: Network, program: LinearProgram, columns: IntArray) -> str:
    """The items that some columns plan, the first few by name.

    Args:
        network: The network of the program.
        program: The program.
        columns: Positions of columns.
    """
    point = np.full(program.matrix.shape[1], -1)
    point[program.columns_of("Start")] = network.activities.point[network.starts.activity]
    point[program.columns_of("Stock")] = network.nodes.point
    point[program.columns_of("Deliver")] = network.classes.point[network.deliveries.of_class]
    named = point[columns]
    items = np.unique(network.points.keys[named[named >= 0]] // len(network.catalog.locations))
    names = [str(network.catalog.items[item]) for item in items[:ITEMS_NAMED].tolist()]
    more = f" and {len(items) - ITEMS_NAMED:,} more" if len(items) > ITEMS_NAMED else ""
    return f"items {', '.join(names)}{more}" if names else "no item"
