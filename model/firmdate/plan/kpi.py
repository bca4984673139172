"""Figures of a run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from firmdate.network.activities import ActivityKind
from firmdate.network.horizon import NO_DAY, FloatArray
from firmdate.network.network import Network
from firmdate.plan.executed import Executed
from firmdate.plan.promise import Promises, ScheduleLines
from firmdate.plan.tables import extra_used, status
from firmdate.plan.whole_units import NOISE


def kpis(
    network: Network,
    shipped: ScheduleLines,
    promised: Promises,
    orders: pd.DataFrame,
    overloads: int,
    money: Mapping[str, float],
    shortage: float,
) -> dict[str, float]:
    """All figures, by name; order lines only unless the name says forecast.

    Args:
        network: What was planned.
        shipped: Schedule lines.
        promised: Promises.
        orders: The table of supply orders.
        overloads: Number of overloaded intervals.
        money: The costs.
        shortage: Units that the firm plan takes and nobody has.
    """
    lines = network.lines
    order = (lines.frame["kind"].astype(object) == "order").to_numpy()
    states = status(network, promised)
    figures: dict[str, float] = {"lines": int(order.sum())}
    for state in ("on_time", "late", "partial", "unpromised"):
        figures[f"{state}_lines"] = int((states[order] == state).sum())
    on_time = shipped.day <= lines.due_day[shipped.line]
    of_order = order[shipped.line]
    wanted = float(lines.quantity[order].sum())
    figures["quantity"] = wanted
    figures["on_time_quantity"] = float(shipped.quantity[on_time & of_order].sum())
    figures["late_quantity"] = float(shipped.quantity[~on_time & of_order].sum())
    figures["unfilled_quantity"] = wanted - float(promised.quantity[order].sum())
    figures["late_unit_days"] = float(promised.late_unit_days[order].sum())
    tiers = lines.frame["tier"].to_numpy(np.int64)
    for tier in np.unique(tiers[order]).tolist():
        figures[f"late_unit_days_tier_{tier}"] = float(promised.late_unit_days[order & (tiers == tier)].sum())
    if not order.all():
        figures["forecast_lines"] = int((~order).sum())
        figures["forecast_late_unit_days"] = float(promised.late_unit_days[~order].sum())
    figures |= money
    figures["overloads"] = overloads
    figures["new_orders"] = int((orders["status"] == "new").sum())
    changed = orders.loc[orders["status"].isin(["reduced", "delayed", "cancelled"]), ["plan", "order"]]
    figures["changed_orders"] = len(changed.drop_duplicates())
    figures["optimistic"] = int(len(network.firm.supply) > 0 and (shortage > NOISE or _overcommitted(network)))
    return {name: round(value, 6) + 0.0 for name, value in figures.items()}


def _overcommitted(network: Network) -> bool:
    """True when the firm plan uses more of a capacity than there is."""
    return bool((network.firm_load > network.capacities.limit + NOISE).any())


def costs(network: Network, executed: Executed, load: FloatArray, stock: pd.DataFrame) -> dict[str, float]:
    """Money for new supply, for overtime and extra units where there can be any, and for the projected stock."""
    kind = network.activities.kind[executed.activity]
    money = executed.quantity * network.activities.unit_cost[executed.activity]
    figures = {
        "make_cost": float(money[kind == ActivityKind.MAKE].sum()),
        "buy_cost": float(money[kind == ActivityKind.BUY].sum()),
        "transfer_cost": float(money[kind == ActivityKind.TRANSFER].sum()),
        "holding_cost": holding_cost(network, stock),
    }
    if len(network.substitutes):
        figures["substitution_cost"] = float(money[kind == ActivityKind.SUBSTITUTION].sum())
    if network.capacities.extra.any():
        figures["overtime_cost"] = float((extra_used(network, load) * network.capacities.extra_cost).sum())
    return {"total_cost": sum(figures.values()), **figures}


def holding_cost(network: Network, stock: pd.DataFrame) -> float:
    """Money for the projected stock over the horizon."""
    if not network.holding_cost.any() or stock.empty:
        return 0.0
    catalog = network.catalog
    key = catalog.join(
        catalog.items.get_indexer(pd.Index(stock["item"])), catalog.locations.get_indexer(pd.Index(stock["location"]))
    )
    point = network.points.find(key)
    days = (stock["date"].to_numpy().astype("datetime64[D]") - np.datetime64(network.horizon.start, "D")).astype(int)
    last = np.append(key[1:] != key[:-1], True)
    until = np.where(last, network.horizon.days, np.append(days[1:], NO_DAY))
    rate = np.where(point >= 0, network.holding_cost[point], 0.0)
    return float((stock["quantity"].to_numpy() * (until - days) * rate).clip(min=0).sum())
