"""On which days the stock of a modelled stocking point can change."""

from __future__ import annotations

import numpy as np

from firmdate.network.expansion import DatedPosts, Service
from firmdate.network.horizon import BoolArray, IntArray


def stock_days_of(
    supplied: BoolArray, targets: BoolArray, fine: BoolArray, row_of: IntArray, posts: DatedPosts, served: Service
) -> BoolArray:
    """Days that need a node: of supply and targets, where stock counts (``fine``) of every take; none before supply."""
    stock_days = supplied | targets
    stocked = served.from_stock
    for point, day in ((posts.point, posts.day), (served.source[stocked], served.ship_day[stocked])):
        rows = fine[point]
        stock_days[row_of[point[rows]], day[rows]] = True
    return np.asarray(stock_days & np.maximum.accumulate(supplied, axis=1))
