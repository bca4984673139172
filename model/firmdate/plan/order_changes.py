"""Which orders are not those of the previous run: other quantities, ways or start dates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from firmdate.network.network import Network
from firmdate.plan.result import RULE_TABLES
from firmdate.plan.whole_units import NOISE

WAY = ("type", "item", "location", "origin", "supplier", "alternative", "start_date")
"""What makes two orders the same, however they are numbered."""


def order_changes(network: Network, orders: pd.DataFrame) -> pd.DataFrame:
    """The table ``order_changes``: every way and start date with another quantity than in the previous run.

    Orders that the previous run started before the planning date have been placed since, and are no part of it.

    Args:
        network: What was planned, with the previous run.
        orders: The table of supply orders.
    """
    assert network.rules.previous is not None
    first = np.datetime64(network.horizon.start, "s")
    before = network.rules.previous.supply_orders
    days = (before["start_date"] - pd.Timestamp(first)).dt.days
    before = before[(days >= 0) & (days < network.horizon.days)]
    parts = []
    for name, frame in (("previous_quantity", before), ("quantity", orders)):
        rows = frame.loc[frame["quantity"] > 0, [*WAY, "quantity"]].astype(dict.fromkeys(WAY[:-1], object))
        rows[list(WAY[:-1])] = rows[list(WAY[:-1])].fillna("")
        parts.append(rows.groupby(list(WAY), sort=False)["quantity"].sum().rename(name))
    table = pd.concat(parts, axis=1).fillna(0.0).reset_index()
    had, has = table["previous_quantity"].to_numpy(np.float64), table["quantity"].to_numpy(np.float64)
    cases = [had <= NOISE, has <= NOISE, has > had]
    table["change"] = np.select(cases, ["new", "dropped", "more"], "less").astype(object)
    table = table[np.abs(has - had) > NOISE * np.maximum(1.0, had)]
    table["start_date"] = table["start_date"].astype("datetime64[s]")
    keys = ["item", "location", "type", "start_date", "origin", "supplier", "alternative"]
    table = table.sort_values(keys, kind="stable", ignore_index=True)
    return pd.DataFrame(table[list(RULE_TABLES["order_changes"])])
