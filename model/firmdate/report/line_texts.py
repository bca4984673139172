"""Words about order lines, found once for all lines that share them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from firmdate.plan.explain.phrases import Row, records
from firmdate.report.rows import coded
from firmdate.runs.columns import compact
from firmdate.runs.figures import shown

if TYPE_CHECKING:
    from firmdate.plan.result import Plan

SHORTENED_BY = ("item", "location", "held_by", "gating_date")
"""Columns whose texts occur in the reason of a line: control characters stand for them, in this order."""


def held_by(lines: pd.DataFrame) -> pd.Series:
    """What holds each line back: kind and name."""
    (kind, kinds), (name, names) = (coded(lines[column]) for column in ("gating_kind", "gating_name"))
    pairs, which = np.unique(kind.astype(np.int64) * len(names) + name, return_inverse=True)
    texts = [
        f"{kinds[pair // len(names)].replace('_', ' ')} {names[pair % len(names)]}".strip() for pair in pairs.tolist()
    ]
    return compact(pd.Series(np.array([*texts, ""], dtype=object)[which], index=lines.index))


def capacity_facts(plan: Plan, lines: pd.DataFrame) -> pd.Series:
    """For lines that wait for a capacity: how full the interval is, and what one more unit would be worth."""
    fact, texts = np.zeros(len(lines), dtype=np.int64), [""]
    kinds, names, dates = lines["gating_kind"].astype(object), lines["gating_name"], lines["gating_date"]
    tables = {"resource": plan.resource_load, "supplier": plan.supplier_load, "lane": plan.lane_load}
    for kind, table in tables.items():
        rows = np.flatnonzero(kinds == kind)
        if not len(rows):
            continue
        loads = table.drop_duplicates([kind, "start"])
        intervals = pd.MultiIndex.from_arrays([loads[kind].astype(object), loads["start"]])
        at = pd.MultiIndex.from_arrays([names.iloc[rows].astype(object), dates.iloc[rows]])
        interval = intervals.get_indexer(at)
        used, which = np.unique(interval[interval >= 0], return_inverse=True)
        fact[rows[interval >= 0]] = which + len(texts)
        texts += [_capacity_fact(kind, row) for row in records(loads.iloc[used])]
    return compact(pd.Series(np.array(texts, dtype=object)[fact], index=lines.index))


def _capacity_fact(kind: str, row: Row) -> str:
    unit = "hours" if kind == "resource" else "units"
    worth = f"; one more is worth {shown(row['price'])}" if row["price"] > 0 else ""
    load = f"load {shown(row['load'])} of {shown(row['capacity'])} {unit}{worth}"
    return f"{row[kind]} from {row['start']:%Y-%m-%d}: {load}"


def paragraphs(owners: Sequence[int], sentences: Sequence[str]) -> pd.Series:
    """The sentences of each owner as one text, a sentence a line (groups of pandas take ten times as long)."""
    texts: dict[int, list[str]] = {}
    for owner, sentence in zip(owners, sentences, strict=True):
        texts.setdefault(owner, []).append(sentence)
    return pd.Series({owner: "\n".join(own) for owner, own in texts.items()}, dtype=object)


def shortened(values: pd.Series, names: Sequence[pd.Series]) -> pd.Series:
    """Sentences in which control characters stand for names that other columns hold.

    Args:
        values: Sentences.
        names: Columns of the same lines; the first one's texts become the first control character, and so on.
    """
    if values.empty:
        return values
    rows = zip(*(_texts(own) for own in names), strict=True)
    texts = values.astype(object).fillna("").tolist()
    signs = [chr(number + 1) for number in range(len(names))]
    for at, (text, row) in enumerate(zip(texts, rows, strict=True)):
        if text:
            for name, sign in zip(row, signs, strict=True):
                if len(name) > 1:
                    text = text.replace(name, sign)  # noqa: PLW2901
            texts[at] = text
    return pd.Series(texts, index=values.index, dtype=object)


def _texts(values: pd.Series) -> list[str]:
    if pd.api.types.is_datetime64_dtype(values.dtype):
        days = np.datetime_as_string(values.to_numpy().astype("datetime64[D]")).tolist()
        return ["" if day == "NaT" else day for day in days]
    return list(values.astype(object).fillna(""))
