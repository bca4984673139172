"""A network of purchases, stock and routes in linopy, with late unit-days of all tiers as the objective."""

from __future__ import annotations

from typing import Any

import linopy
import numpy as np
import pandas as pd
import xarray as xr

from firmdate.formulation.model_data import capacity_rows
from firmdate.network.capacity import CapacityKind
from firmdate.network.network import Network


def build(network: Network) -> Any:
    """Variables, rows and objective; the network of the ladder has no makes, planned orders, targets or shipments."""
    model = linopy.Model()
    nodes, backlog, deliveries = network.nodes, network.backlog, network.deliveries
    sizes = {"start": len(network.starts), "node": len(nodes), "delivery": len(deliveries), "row": len(backlog)}
    start, stock, deliver, late = (
        model.add_variables(lower=0, coords=[pd.RangeIndex(size, name=name)], name=name) if size else None
        for name, size in sizes.items()
    )
    stocked = np.flatnonzero(deliveries.node >= 0)
    carried = stock.shift(node=1).fillna(0).where(_array(nodes.previous >= 0, "node"), 0)
    balance = carried - stock - _summed(deliver, stocked, deliveries.node[stocked], None, "node", len(nodes))
    if start is not None:
        posts = network.posts
        balance += _summed(start, posts.start, posts.target, posts.quantity, "node", len(nodes))
    model.add_constraints(balance == _array(-nodes.receipts, "node"), name="stock_balance")
    every = np.arange(len(deliveries))
    before = late.shift(row=1).fillna(0).where(_array(backlog.previous >= 0, "row"), 0)
    balance = before - late - _summed(deliver, every, deliveries.backlog, None, "row", len(backlog))
    model.add_constraints(balance == _array(-backlog.newly_due, "row"), name="backlog_balance")
    used = capacity_rows(network, CapacityKind.SUPPLIER)
    left = network.capacities.available[used.interval] - network.firm_load[used.interval]
    uses = used.deliveries
    load = _summed(deliver, uses.start, uses.target, uses.quantity, "interval", len(left))
    if start is not None and len(used.starts.start):
        load += _summed(start, used.starts.start, used.starts.target, used.starts.quantity, "interval", len(left))
    model.add_constraints(load <= _array(np.maximum(left, 0.0), "interval"), name="supplier_capacity")
    days, late_days = backlog.days.astype(float), deliveries.late_days.astype(float)
    model.add_objective((late * _array(days, "row")).sum() + (deliver * _array(late_days, "delivery")).sum())
    return model


def _array(values: np.ndarray, over: str) -> Any:
    return xr.DataArray(values, dims=over, coords={over: np.arange(len(values))})


def _summed(variable: Any, members: np.ndarray, of: np.ndarray, weight: np.ndarray | None, over: str, size: int) -> Any:
    """Sum of the members of a relation by what they belong to, with a row for those that have none."""
    (own,) = variable.dims
    pairs = np.arange(len(members))
    part = variable.isel({own: members}).assign_coords({own: pairs})
    term = part * _array(np.ones(len(members)) if weight is None else weight, own)
    groups = xr.DataArray(of, dims=own, coords={own: pairs}, name=over)
    return term.groupby(groups).sum().reindex({over: np.arange(size)})
