"""Checks that ids which one table names are there in the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from firmdate.data.findings import Findings, cell, shown
from firmdate.data.keys import match_rows, positions
from firmdate.data.suggest import closest, did_you_mean, got
from firmdate.data.tables import MASTER_TABLES, TABLES
from firmdate.errors import Problem

_NOUNS = {name: name.removesuffix("s").replace("_", " ") for name in MASTER_TABLES}
_FEW = 6
_CONSUMED = {"component": "items", "resource": "resources", "supplier": "suppliers"}


def check_references(findings: Findings, supply_plans: Sequence[str], stated_in: str = "") -> None:
    """All checks of ids.

    Args:
        findings: Where problems go.
        supply_plans: Plans that the scenario reads.
        stated_in: Where the scenario names them.
    """
    _check_masters(findings)
    _check_consumed(findings)
    _check_unused_capacity(findings)
    _check_operation_resources(findings)
    _check_reservations(findings)
    _check_planned_order_demands(findings)
    _check_supply_plans(findings, supply_plans, stated_in)


def master_ids(findings: Findings, master: str) -> pd.Index:
    """The ids that a master table lists."""
    return findings.data[master].iloc[:, 0].cat.categories


def _check_masters(findings: Findings) -> None:
    """Ids that a master table lacks. A master that is missing is inferred from use, so it lacks nothing."""
    for table in TABLES:
        for column in table.columns:
            master = column.references
            if master and master != table.name and findings.data.complete(master):
                frame = findings.data[table.name]
                unknown = (positions(frame[column.name], master_ids(findings, master)) < 0) & frame[
                    column.name
                ].notna().to_numpy()
                _report_unknown(findings, table.name, column.name, unknown, master)


def _report_unknown(findings: Findings, table: str, column: str, unknown: np.ndarray, master: str) -> None:
    if not unknown.any():
        return
    frame, ids = findings.data[table], master_ids(findings, master).tolist()

    def message(row: int, often: str) -> str:
        text = cell(frame, column, row)
        hint = did_you_mean(text, ids)
        if not hint and len(ids) <= _FEW:
            hint = f"; the {master} are: {', '.join(ids)}"
        return f"unknown {_NOUNS[master]} (got {text!r}{often}){hint}"

    findings.values(table, column, unknown, message)


def _check_consumed(findings: Findings) -> None:
    """What a planned order consumes is an item, a resource or a supplier, by its kind."""
    frame = findings.data["planned_order_demands"]
    for kind, master in _CONSUMED.items():
        if findings.data.complete(master):
            unknown = (frame["kind"] == kind).to_numpy() & (positions(frame["name"], master_ids(findings, master)) < 0)
            _report_unknown(findings, "planned_order_demands", "name", unknown, master)


def _check_unused_capacity(findings: Findings) -> None:
    """Capacity that limits nothing: without a master table this is how a misspelt id shows."""
    data = findings.data
    consumed = data["planned_order_demands"]
    if not data.complete("resources"):
        used = [data["operation_resources"]["resource"], consumed["name"][consumed["kind"] == "resource"]]
        _report_unused(findings, "resource_capacity", "resource", used)
    if not data.complete("suppliers"):
        used = [data[table]["supplier"] for table in ("supplier_items", "planned_orders", "scheduled_receipts")]
        used.append(consumed["name"][consumed["kind"] == "supplier"])
        _report_unused(findings, "supplier_capacity", "supplier", used)


def _report_unused(findings: Findings, table: str, column: str, used: Sequence[pd.Series]) -> None:
    frame = findings.data[table]
    ids = sorted({str(text) for part in used for text in part.dropna().unique()})

    def message(row: int, often: str) -> str:
        text = cell(frame, column, row)
        rule = f"nothing uses this {column}, so its capacity limits nothing"
        return f"{rule} (got {text!r}{often}){did_you_mean(text, ids) or '; correct the name, or remove the row'}"

    findings.values(table, column, positions(frame[column], pd.Index(ids, dtype="str")) < 0, message, warning=True)


def _check_operation_resources(findings: Findings) -> None:
    """Hours belong to an operation, or to a bill of materials that is made without lead time."""
    frame = findings.data["operation_resources"]
    operations, bills = findings.data["operations"], findings.data["bills_of_materials"]
    names = ("item", "location", "alternative")
    everywhere = bills[bills["location"].isna()]
    known = match_rows(frame, names, operations, names) >= 0
    known |= match_rows(frame, names, bills, names) >= 0
    known |= match_rows(frame, ("item", "alternative"), everywhere, ("item", "alternative")) >= 0

    def message(row: int) -> str:
        what = shown(frame, names, row)
        return f"no operation and no bill of materials makes this (got {what}); add one, or remove the row"

    findings.rows("operation_resources", ", ".join(names), ~known, message)


def _check_reservations(findings: Findings) -> None:
    """A reservation is held by an order line that is there, and is of the item that it wants."""
    frame, demands = findings.data["reservations"], findings.data["demands"]
    place = match_rows(frame, ("order", "line"), demands, ("order", "line"))
    orders = demands["order"].cat.categories.tolist() if (place < 0).any() else []

    def unknown(row: int) -> str:
        order, line = cell(frame, "order", row), cell(frame, "line", row)
        same_order = demands["line"][demands["order"] == order]
        if len(same_order):
            return f"no such line of order {order!r} {got(line)}{_meant(line, same_order.tolist(), 'demands')}"
        return f"no such order {got(order)}{_meant(order, orders, 'demands')}"

    findings.rows("reservations", "order, line", place < 0, unknown)
    items = demands["item"].cat.categories
    wanted = np.append(demands["item"].cat.codes.to_numpy(), -1)[place]
    other = (place >= 0) & (positions(frame["item"], items) != wanted)

    def other_item(row: int) -> str:
        return f"the order line wants {items[wanted[row]]!r} (got {cell(frame, 'item', row)!r}); reserve what it wants"

    findings.rows("reservations", "item", other, other_item, warning=True)


def _check_planned_order_demands(findings: Findings) -> None:
    frame, orders = findings.data["planned_order_demands"], findings.data["planned_orders"]
    place = match_rows(frame, ("plan", "order"), orders, ("plan", "order"))

    def unknown(row: int) -> str:
        plan, order = cell(frame, "plan", row), cell(frame, "order", row)
        same_plan = orders["order"][orders["plan"] == plan]
        if len(same_plan):
            hint = _meant(order, same_plan.tolist(), "planned_orders")
            return f"no such planned order in plan {plan!r} {got(order)}{hint}"
        return f"no such plan {got(plan)}{_meant(plan, orders['plan'].cat.categories.tolist(), 'planned_orders')}"

    findings.rows("planned_order_demands", "plan, order", place < 0, unknown)


def _check_supply_plans(findings: Findings, supply_plans: Sequence[str], stated_in: str) -> None:
    data = findings.data
    plans = data["planned_orders"]["plan"].cat.categories.tolist()
    for plan in supply_plans:
        if plan in plans:
            continue
        if not plans:
            hint = "; there are no planned orders at all"
        elif closest(plan, plans):
            hint = did_you_mean(plan, plans)
        else:
            hint = f"; the plans are: {', '.join(plans)}"
        message = f"the scenario reads a plan that is not there {got(plan)}{hint}"
        place = (stated_in, "supply_plans") if stated_in else (data.file("planned_orders"), "plan")
        findings.add("planned_orders", Problem(*place, message))


def _meant(word: str, known: Sequence[str], table: str) -> str:
    """What was probably meant, or where to look."""
    return did_you_mean(word, known) or f"; add it to {table}, or remove the row"
