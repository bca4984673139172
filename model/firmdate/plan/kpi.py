"""Figures of a run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from firmdate.network.activities import ActivityKind
from firmdate.network.horizon import NO_DAY, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.plan.executed import Executed
from firmdate.plan.promise import Promises, ScheduleLines
from firmdate.plan.tables import extra_used, status
from firmdate.plan.whole_units import NOISE


def kpis(network: Network, by_item: Mapping[str, FloatArray], overloads: int, shortage: float) -> dict[str, float]:
    """All figures, by name; order lines only unless the name says forecast.

    Args:
        network: What was planned.
        by_item: Figures of every item, see :func:`item_figures`.
        overloads: Number of overloaded intervals.
        shortage: Units that the firm plan takes and nobody has.
    """
    figures = {name: float(values.sum()) for name, values in by_item.items()}
    figures["overloads"] = overloads
    figures["optimistic"] = int(len(network.firm.supply) > 0 and (shortage > NOISE or _overcommitted(network)))
    return figures


def item_figures(
    network: Network,
    shipped: ScheduleLines,
    promised: Promises,
    orders: pd.DataFrame,
    money: Mapping[str, FloatArray],
) -> dict[str, FloatArray]:
    """Figures that are sums over items, by name: one value per item.

    Args:
        network: What was planned.
        shipped: Schedule lines.
        promised: Promises.
        orders: The table of supply orders.
        money: The costs of every item.
    """
    lines, items = network.lines, network.catalog.items
    item = network.catalog.item_of(lines.key)
    order = (lines.frame["kind"].astype(object) == "order").to_numpy()

    def total(of: IntArray, values: npt.NDArray[np.generic]) -> FloatArray:
        return np.bincount(of, weights=values.astype(np.float64), minlength=len(items)).astype(np.float64)

    states = status(network, promised)
    figures = {"lines": total(item, order)}
    for state in ("on_time", "late", "partial", "unpromised"):
        figures[f"{state}_lines"] = total(item, order & (states == state))
    on_time, of_order = shipped.day <= lines.due_day[shipped.line], order[shipped.line]
    to_item = item[shipped.line]
    figures["quantity"] = total(item, lines.quantity * order)
    figures["on_time_quantity"] = total(to_item, shipped.quantity * (on_time & of_order))
    figures["late_quantity"] = total(to_item, shipped.quantity * (~on_time & of_order))
    figures["unfilled_quantity"] = figures["quantity"] - total(item, promised.quantity * order)
    figures["late_unit_days"] = total(item, promised.late_unit_days * order)
    tiers = lines.frame["tier"].to_numpy(np.int64)
    for tier in lines.tiers.of_orders.tolist():
        figures[f"late_unit_days_tier_{tier}"] = total(item, promised.late_unit_days * (order & (tiers == tier)))
    if lines.tiers.with_forecasts:
        figures["forecast_lines"] = total(item, ~order)
        figures["forecast_late_unit_days"] = total(item, promised.late_unit_days * ~order)
    figures |= money
    of_row = items.get_indexer(pd.Index(orders["item"].astype(object)))
    figures["new_orders"] = total(of_row, (orders["status"] == "new").to_numpy())
    moved = orders["status"].isin(["reduced", "delayed", "cancelled"])
    again = orders.loc[moved].duplicated(["plan", "order"])
    figures["changed_orders"] = total(of_row[moved], ~again.to_numpy())
    return figures


def _overcommitted(network: Network) -> bool:
    """True when the firm plan uses more of a capacity than there is."""
    return bool((network.firm_load > network.capacities.limit + NOISE).any())


def costs(network: Network, executed: Executed, load: FloatArray, stock: pd.DataFrame) -> dict[str, FloatArray]:
    """Money of every item for new supply, for overtime and extra units where there can be any, and for the stock."""
    items = len(network.catalog.items)
    kind = network.activities.kind[executed.activity]
    money = executed.quantity * network.activities.unit_cost[executed.activity]
    item = network.catalog.item_of(network.points.keys[network.activities.point[executed.activity]])
    figures = {
        f"{one.name.lower()}_cost": np.bincount(item, weights=money * (kind == one), minlength=items).astype(np.float64)
        for one in (ActivityKind.MAKE, ActivityKind.BUY, ActivityKind.TRANSFER)
    }
    figures["holding_cost"] = holding_cost(network, stock)
    if len(network.substitutes):
        cost = money * (kind == ActivityKind.SUBSTITUTION)
        figures["substitution_cost"] = np.bincount(item, weights=cost, minlength=items).astype(np.float64)
    if network.capacities.extra.any():  # of nobody's own: the first item stands for all
        figures["overtime_cost"] = np.zeros(items)
        figures["overtime_cost"][:1] = (extra_used(network, load) * network.capacities.extra_cost).sum()
    return {"total_cost": np.asarray(sum(figures.values())), **figures}


def holding_cost(network: Network, stock: pd.DataFrame) -> FloatArray:
    """Money of every item for the projected stock over the horizon."""
    catalog = network.catalog
    keys, rates = network.holding_rates
    if not rates.any() or stock.empty:
        return np.zeros(len(catalog.items))
    item = catalog.items.get_indexer(pd.Index(stock["item"]))
    key = catalog.join(item, catalog.locations.get_indexer(pd.Index(stock["location"])))
    days = (stock["date"].to_numpy().astype("datetime64[D]") - np.datetime64(network.horizon.start, "D")).astype(int)
    last = np.append(key[1:] != key[:-1], True)
    until = np.where(last, network.horizon.days, np.append(days[1:], NO_DAY))
    order = np.argsort(keys, kind="stable")
    at = np.minimum(np.searchsorted(keys, key, sorter=order), len(keys) - 1)
    rate = np.where(keys[order[at]] == key, rates[order[at]], 0.0)
    money = (stock["quantity"].to_numpy() * (until - days) * rate).clip(min=0)
    return np.bincount(item, weights=money, minlength=len(catalog.items)).astype(np.float64)
