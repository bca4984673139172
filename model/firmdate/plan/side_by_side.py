"""Two tables with the same columns as one: rows that belong together stand side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd


def side_by_side(
    base: pd.DataFrame, other: pd.DataFrame, keys: Sequence[str], common: Sequence[str], one_side: Sequence[str]
) -> pd.DataFrame:
    """Outer join of two tables.

    Args:
        base: One table.
        other: The other one.
        keys: Columns that say which rows belong together.
        common: Columns that both sides should agree on; those of ``other`` are taken where it has the row.
        one_side: Columns that are kept of both, as ``base_…`` and ``other_…``.

    Returns:
        The columns in that order, and ``_merge`` (left_only / right_only / both).
    """
    columns = [*keys, *common, *one_side]
    left, right = (_plain(frame[columns]) for frame in (base, other))
    both = left.merge(right, on=list(keys), how="outer", suffixes=("_of_base", "_of_other"), indicator=True)
    for column in common:
        both[column] = both[f"{column}_of_other"].where(both["_merge"] != "left_only", both[f"{column}_of_base"])
    named = {f"{column}_of_{side}": f"{side}_{column}" for column in one_side for side in ("base", "other")}
    both = both.rename(columns=named)
    return both[[*keys, *common, *named.values(), "_merge"]]


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts of one kind: categories of different plans would not join."""
    texts = frame.columns[[dtype.kind == "O" for dtype in frame.dtypes]]
    return frame.astype(dict.fromkeys(texts, "str"))
