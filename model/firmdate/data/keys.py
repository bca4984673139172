"""Ids as integers: looking ids up, telling rows apart by several columns, matching rows of two tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

_LARGEST = 2**62


def positions(values: pd.Series, ids: pd.Index) -> np.ndarray:
    """Position of each row's id in ``ids``; -1 where it is blank or not among them.

    Args:
        values: Categorical column, shape (rows,).
        ids: Distinct ids.
    """
    found = ids.get_indexer(values.cat.categories)
    return np.append(found, -1)[values.cat.codes.to_numpy()].astype(np.int64)


def row_keys(frame: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """One integer a row, equal where all named columns are equal; a blank is a value of its own.

    Args:
        frame: Typed frame.
        names: Columns to compare.
    """
    key = np.zeros(len(frame), dtype=np.int64)
    size = 1
    if not len(frame):
        return key
    for name in names:
        values = frame[name]
        if isinstance(values.dtype, pd.CategoricalDtype):
            codes, distinct = values.cat.codes.to_numpy(), len(values.cat.categories)
        else:
            codes, unique = pd.factorize(values)
            distinct = len(unique)
        key, size = _combine(key, size, np.asarray(codes).astype(np.int64) + 1, distinct + 1)
    return key


def match_rows(
    left: pd.DataFrame, left_names: Sequence[str], right: pd.DataFrame, right_names: Sequence[str]
) -> np.ndarray:
    """Position of the first row of ``right`` with the same ids; -1 where there is none.

    A blank matches a blank.

    Args:
        left: Typed frame that is looked up, shape (rows, ...).
        left_names: Its id columns.
        right: Typed frame that is looked in.
        right_names: Its id columns, in the same order.
    """
    if not len(left) or not len(right):  # most tables are empty
        return np.full(len(left), -1)
    keys_left = np.zeros(len(left), dtype=np.int64)
    keys_right = np.zeros(len(right), dtype=np.int64)
    unknown = np.zeros(len(left), dtype=bool)
    for left_name, right_name in zip(left_names, right_names, strict=True):
        ours, theirs = left[left_name], right[right_name]
        ids = theirs.cat.categories
        codes = positions(ours, ids)
        unknown |= (codes < 0) & ours.notna().to_numpy()
        both = np.concatenate([keys_left, keys_right])
        more = np.concatenate([codes, theirs.cat.codes.to_numpy().astype(np.int64)]) + 1
        both, _ = _combine(both, int(both.max(initial=0)) + 1, more, len(ids) + 1)
        keys_left, keys_right = both[: len(left)], both[len(left) :]
    distinct, first = np.unique(keys_right, return_index=True)
    place = pd.Index(distinct).get_indexer(pd.Index(keys_left))
    return np.where((place < 0) | unknown, -1, np.append(first, -1)[place])


def _combine(key: np.ndarray, size: int, codes: np.ndarray, distinct: int) -> tuple[np.ndarray, int]:
    """One key for pairs of a key below ``size`` and a code below ``distinct``."""
    if size * distinct >= _LARGEST:
        key, unique = pd.factorize(key)
        size = len(unique)
    return key * distinct + codes, size * distinct
