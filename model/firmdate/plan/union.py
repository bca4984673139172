"""The plan of parts of the data that have nothing to do with each other is the union of their plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from firmdate.network.horizon import IntArray
from firmdate.plan.assemble import PlanTables
from firmdate.plan.explain.causes import cause_order

SORT_KEYS: Mapping[str, tuple[str, ...]] = {
    "promises": ("order", "line"),
    "lines": ("order", "line"),
    "deliveries": ("order", "line"),
    "explanations": ("order", "line"),
    "releases": ("order", "line"),
    "deployments": ("item", "origin", "destination", "mode", "ship_date", "arrival_date", "planned_order"),
    "supply_orders": ("plan", "order", "start_date", "date"),
    "resource_load": ("resource", "start"),
    "supplier_load": ("supplier", "item", "start"),
    "lane_load": ("lane", "start"),
    "stock": ("item", "location", "date"),
    "data_alerts": ("table", "key", "rule", "before", "after"),
}
"""Columns by which each table is sorted; rows with the same values come from one part, in its order."""

MOST_NUMBERS = 1 << 62
"""So many combinations of keys can be told apart by one integer."""


def union(plans: Sequence[PlanTables], changed: pd.DataFrame) -> PlanTables:
    """The tables of all parts as if they had been planned together.

    Data of several parts have no tables of rules: a rule couples all.

    Args:
        plans: Tables of the parts, with numbers of chains and causes of their own.
        changed: Alerts of the changes of the scenario, which belong to no part.
    """
    if len(plans) == 1:
        return replace(plans[0], data_alerts=_alerts(changed, plans[0].data_alerts))
    plans = [_renumbered(plan, row) for plan, row in zip(plans, _promise_rows(plans), strict=True)]
    causes, plans = _causes(plans)
    frames = {name: _sorted([getattr(plan, name) for plan in plans], keys) for name, keys in SORT_KEYS.items()}
    chains = pd.concat([plan.chains for plan in plans], ignore_index=True)
    return PlanTables(
        promises=frames["promises"],
        deliveries=frames["deliveries"],
        deployments=frames["deployments"],
        supply_orders=frames["supply_orders"],
        resource_load=frames["resource_load"],
        supplier_load=frames["supplier_load"],
        lane_load=frames["lane_load"],
        stock=frames["stock"],
        data_alerts=_alerts(changed, frames["data_alerts"]),
        explanations=frames["explanations"],
        chains=chains.sort_values("chain", kind="stable", ignore_index=True),
        releases=frames["releases"],
        causes=causes,
        lines=frames["lines"],
        kpis=total_kpis([plan.kpis for plan in plans]),
        by_item={},
    )


def _alerts(changed: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    table = pd.concat([changed, others], ignore_index=True)
    return table.sort_values(list(SORT_KEYS["data_alerts"]), kind="stable", ignore_index=True)


def total_kpis(kpis: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Figures of all parts together; the figures of every part have the same names.

    >>> total_kpis([{"lines": 2.0, "optimistic": 1.0}, {"lines": 3.0, "optimistic": 1.0}])
    {'lines': 5.0, 'optimistic': 1.0}
    """
    totals = {name: float(sum(part[name] for part in kpis)) for name in kpis[0]}
    return {name: min(value, 1.0) if name == "optimistic" else value for name, value in totals.items()}


def _sorted(frames: Sequence[pd.DataFrame], keys: tuple[str, ...]) -> pd.DataFrame:
    with_rows = [frame for frame in frames if len(frame)] or list(frames[:1])
    if len(with_rows) == 1:
        return with_rows[0]
    table = pd.concat(with_rows, ignore_index=True)
    return table.iloc[_order(table, keys)].reset_index(drop=True)


def _order(table: pd.DataFrame, keys: Sequence[str]) -> IntArray:
    """The rows as the keys sort them, what is missing last; rows with the same keys stay as they are."""
    number, count = np.zeros(len(table), dtype=np.int64), 1
    for key in keys:
        codes, distinct = pd.factorize(table[key], sort=True)
        if count * (len(distinct) + 1) > MOST_NUMBERS:
            known, number = np.unique(number, return_inverse=True)
            count = len(known)
        number = number * (len(distinct) + 1) + np.where(codes < 0, len(distinct), codes)
        count *= len(distinct) + 1
    return np.argsort(number, kind="stable")


def _promise_rows(plans: Sequence[PlanTables]) -> list[IntArray]:
    """Per part the row of each of its promises among all promises."""
    keys = pd.concat([plan.promises[["order", "line"]] for plan in plans], ignore_index=True)
    order = _order(keys, SORT_KEYS["promises"])
    row = np.empty(len(order), dtype=np.int64)
    row[order] = np.arange(len(order))
    return np.split(row, np.cumsum([len(plan.promises) for plan in plans])[:-1])


def _renumbered(plan: PlanTables, row: IntArray) -> PlanTables:
    """A plan whose chains have the numbers of the lines that use them first among all promises."""
    number = np.append(0, row + 1)
    return replace(
        plan,
        explanations=plan.explanations.assign(chain=number[plan.explanations["chain"].to_numpy(np.int64)]),
        chains=plan.chains.assign(chain=number[plan.chains["chain"].to_numpy(np.int64)]),
    )


def _causes(plans: Sequence[PlanTables]) -> tuple[pd.DataFrame, list[PlanTables]]:
    """Causes of all parts, the largest first, and the explanations with their new numbers."""
    table = pd.concat([plan.causes for plan in plans], ignore_index=True)
    order = cause_order(table)
    number = np.empty(len(table), dtype=np.int64)
    number[order] = np.arange(1, len(table) + 1)
    offset, renamed = 0, []
    for plan in plans:
        own = np.append(0, number[offset : offset + len(plan.causes)])
        cause = own[plan.explanations["cause"].to_numpy(np.int64)]
        renamed.append(replace(plan, explanations=plan.explanations.assign(cause=cause)))
        offset += len(plan.causes)
    return table.assign(cause=number).iloc[order].reset_index(drop=True), renamed
