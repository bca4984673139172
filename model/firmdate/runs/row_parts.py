"""The part of the data that each row of a run belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from firmdate.data.planning_data import PlanningData
from firmdate.network.capacity import lane_name
from firmdate.network.horizon import FloatArray, IntArray
from firmdate.network.parts import Parts

if TYPE_CHECKING:
    from firmdate.plan.assemble import PlanTables
    from firmdate.plan.result import Plan

_ALERT_KEYS: Mapping[str, tuple[str, ...]] = {
    "demands": ("order", "line"),
    "reservations": ("order", "line"),
    "on_hand": ("item", "location"),
    "scheduled_receipts": ("receipt",),
    "planned_orders": ("plan", "order"),
}
"""Columns that the key of an alert is made of, by table."""


def row_parts(tables: PlanTables | Plan, data: PlanningData, parts: Parts) -> dict[str, IntArray]:
    """Per table of a plan the part of every row; -1 where it is not known.

    Args:
        tables: Tables of the plan.
        data: Planning data that it was made from.
        parts: Their parts.
    """
    of_line = _of_items(tables.promises, parts)
    explained = _of_lines(tables.promises, of_line, tables.explanations)
    released = _of_lines(tables.promises, of_line, tables.releases)
    return {
        "promises": of_line,
        "lines": of_line,
        "deliveries": _of_lines(tables.promises, of_line, tables.deliveries),
        "deployments": _of_items(tables.deployments, parts),
        "supply_orders": _of_items(tables.supply_orders, parts),
        "resource_load": _of_names(data, parts, "resource", tables.resource_load),
        "supplier_load": _of_names(data, parts, "supplier", tables.supplier_load),
        "lane_load": _of_lanes(data, parts, tables.lane_load),
        "stock": _of_items(tables.stock, parts),
        "explanations": explained,
        "chains": of_line[tables.chains["chain"].to_numpy(np.int64) - 1],
        "releases": released,
        "causes": _of_causes(tables, explained, released),
    }


def overloads(tables: PlanTables | Plan, rows: Mapping[str, IntArray], count: int) -> FloatArray:
    """Number of overloaded intervals of every part.

    Args:
        tables: Tables of a plan.
        rows: Parts of their rows.
        count: Number of parts.
    """
    total = np.zeros(count)
    for name in ("resource_load", "supplier_load", "lane_load"):
        over = (getattr(tables, name)["overload"] > 0).to_numpy()
        total += np.bincount(rows[name][over], minlength=count)
    return total


def alert_parts(alerts: pd.DataFrame, data: PlanningData, parts: Parts) -> list[int]:
    """The part of every alert that planning gave; -1 where its row is not found."""
    found: list[int] = []
    known: dict[str, dict[str, int]] = {}
    for table, key in zip(alerts["table"].tolist(), alerts["key"].tolist(), strict=True):
        if table not in known:
            columns = _ALERT_KEYS.get(table, ())
            texts = [data[table][name].astype(object).fillna("").astype(str) for name in columns]
            keys = ["/".join(row) for row in zip(*texts, strict=True)]
            known[table] = dict(zip(keys, parts.of_row[table].tolist(), strict=True)) if columns else {}
        found.append(known[table].get(key, -1))
    return found


def _of_items(table: pd.DataFrame, parts: Parts) -> IntArray:
    codes, items = pd.factorize(table["item"].astype(object))
    return parts.of_items(pd.Index(items, dtype=object))[codes]


def _names(table: pd.DataFrame) -> pd.Index:
    return pd.Index(table["order"].astype(object) + "\0" + table["line"].astype(object))


def _of_lines(promises: pd.DataFrame, of_line: IntArray, table: pd.DataFrame) -> IntArray:
    return np.append(of_line, -1)[_names(promises).get_indexer(_names(table))] if len(table) else of_line[:0]


def _of_causes(tables: PlanTables | Plan, explained: IntArray, released: IntArray) -> IntArray:
    """Parts of the causes: of a line that each holds back, else of a line that its release would help."""
    part = np.full(len(tables.causes) + 1, -1)
    part[tables.explanations["cause"].to_numpy(np.int64)] = explained
    part, causes, releases = part[1:], tables.causes, tables.releases
    bare = np.flatnonzero(part < 0)
    if len(bare):
        near = np.flatnonzero(releases["name"].isin(causes["name"].iloc[bare].astype(object)).to_numpy(bool))
        part[bare] = _first_of(_factor_keys(releases.iloc[near]), released[near], _factor_keys(causes.iloc[bare]))
    return part


def _factor_keys(table: pd.DataFrame) -> list[tuple[object, ...]]:
    """What each row of releases or causes names."""
    columns = [table[name].astype(object).fillna("") for name in ("kind", "name", "item", "location", "origin", "way")]
    return list(zip(*columns, table["start"].astype(str), strict=True))


def _first_of(keys: list[tuple[object, ...]], parts: IntArray, wanted: list[tuple[object, ...]]) -> list[int]:
    known = dict(zip(keys, parts.tolist(), strict=True))
    return [known.get(key, -1) for key in wanted]


def _of_names(data: PlanningData, parts: Parts, kind: str, table: pd.DataFrame) -> IntArray:
    """Parts of the rows of a table of loads, by the rows of capacity with the same name."""
    capacity = data[f"{kind}_capacity"]
    item = [frame["item"].astype(object).fillna("") if "item" in frame else "" for frame in (capacity, table)]
    names = [frame[kind].astype(object) + "\0" + own for frame, own in zip((capacity, table), item, strict=True)]
    known = pd.Series(parts.of_row[f"{kind}_capacity"], index=pd.Index(names[0])).groupby(level=0).first()
    return np.append(known.to_numpy(np.int64), -1)[known.index.get_indexer(pd.Index(names[1]))]


def _of_lanes(data: PlanningData, parts: Parts, table: pd.DataFrame) -> IntArray:
    if not len(table):
        return np.empty(0, dtype=np.int64)
    rows = np.flatnonzero(data["lanes"]["capacity_per_day"].notna().to_numpy())
    lanes = data["lanes"].iloc[rows]
    columns = (lanes[name] for name in ("item", "origin", "destination", "mode"))
    part = dict(
        zip((lane_name(*lane) for lane in zip(*columns, strict=True)), parts.of_row["lanes"][rows], strict=True)
    )
    return np.array([part.get(name, -1) for name in table["lane"]], dtype=np.int64)
