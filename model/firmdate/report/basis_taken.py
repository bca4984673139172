"""The basis of a page whose run takes most rows over from an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from firmdate.plan.written import WrittenPlan
from firmdate.report.basis import MOST_EXPLAINED, MOST_SUPPLY, IntArray, PageBasis, basis_of_tables, first_to_arrive
from firmdate.report.rows import coded
from firmdate.runs.columns import categories_of
from firmdate.runs.figures import latest_first
from firmdate.runs.kept_runs import kept_page

if TYPE_CHECKING:
    from firmdate.plan.result import Plan
    from firmdate.plan.written import TakenRows


def page_basis(plan: Plan, rows: Mapping[str, IntArray] | None = None) -> PageBasis:
    """What the page of a plan shows of its large tables.

    Args:
        plan: What was planned. Where it takes rows over from an earlier run whose basis is kept, only its own rows are
            looked at.
        rows: Per table the part of every row, where it is known.
    """
    if isinstance(plan, WrittenPlan) and plan.taken is not None:
        arrays = kept_page(plan.taken.record)
        basis = None if arrays is None else joined(PageBasis.of(arrays), plan.taken)
        if basis is not None:
            return basis
    return basis_of_tables(plan, rows or {})


def joined(old: PageBasis, taken: TakenRows) -> PageBasis | None:
    """The rows of an earlier basis that are taken over, with those of the fresh plan; None where some are missing.

    Args:
        old: Basis of the page of the earlier run.
        taken: What is taken over from it.
    """
    own = basis_of_tables(taken.fresh, taken.fresh_parts)
    lines = _lines(old.lines, own.lines, taken)
    late = lines[(lines["status"] != "on_time").to_numpy(bool)]
    supply = _supply(old.supply, own.supply, taken)
    if supply is None or not latest_first(late)["told"].head(MOST_EXPLAINED).all():
        return None
    deliveries = [
        part.assign(line=row[part["line"].to_numpy()])
        for part, row in ((old.deliveries, taken.old_row), (own.deliveries, taken.fresh_row))
    ]
    deliveries[0] = deliveries[0][deliveries[0]["line"] >= 0]
    return PageBasis(
        lines,
        pd.concat(deliveries, ignore_index=True),
        supply,
        _together(old.flows, own.flows, taken),
        _together(old.places, own.places, taken),
    )


def _lines(old: pd.DataFrame, own: pd.DataFrame, taken: TakenRows) -> pd.DataFrame:
    kept = np.flatnonzero(taken.old_row >= 0)
    source = np.empty(len(kept) + len(own), dtype=np.int64)
    source[taken.old_row[kept]] = kept
    source[taken.fresh_row] = len(old) + np.arange(len(own))
    return pd.DataFrame(
        {name: _stacked(old[name], own[name]).take(source).reset_index(drop=True) for name in old.columns}
    )


def _stacked(old: pd.Series, own: pd.Series) -> pd.Series:
    """Both columns, one below the other; texts stay categories where the old ones are."""
    if old.dtype != "category":
        return pd.concat([old, own.astype(old.dtype)], ignore_index=True)
    codes, texts = coded(own)
    known = old.cat.categories
    place = known.get_indexer(pd.Index(texts, dtype=object))
    new = np.flatnonzero(place < 0)
    place[new] = len(known) + np.arange(len(new))
    every = np.concatenate([old.cat.codes.to_numpy(np.int64), place[codes]])
    return categories_of(every, [*known, *(texts[one] for one in new)], pd.RangeIndex(len(every)))


def _together(old: pd.DataFrame, own: pd.DataFrame, taken: TakenRows) -> pd.DataFrame:
    """Rows of parts that are taken over, then the fresh ones; parts are numbered as in the new run."""
    part = taken.new_part[old["part"].to_numpy()]
    kept = old.assign(part=part)[part >= 0]
    return pd.DataFrame({name: _stacked(kept[name], own[name]) for name in old.columns})


def _supply(old: pd.DataFrame, own: pd.DataFrame, taken: TakenRows) -> pd.DataFrame | None:
    """The first to arrive; None where too few are known."""
    ends = [frame.loc[frame["last"], "arrival"] for frame in (old, own)]
    every = _together(old, own, taken)
    if not any(len(end) for end in ends):
        return first_to_arrive(every)
    known = every[every["arrival"] < min(end.iloc[0] for end in ends if len(end))]
    if len(known) < MOST_SUPPLY:
        return None
    supply = first_to_arrive(known)
    supply.loc[len(supply) - 1, "last"] = True
    return supply
