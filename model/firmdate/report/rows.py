"""Rows of frames for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from firmdate.runs.figures import shown


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a small frame, with their cells as attributes."""
    return iter(frame.itertuples())


def positions(wanted: pd.DataFrame, given: pd.DataFrame, keys: Sequence[str]) -> npt.NDArray[np.int64]:
    """Row of ``wanted`` (the first one) that each row of ``given`` belongs to; -1 where none does.

    Args:
        wanted: Rows that are looked for.
        given: Rows that belong to them.
        keys: Text columns that say which belong together.
    """
    names = [
        pd.Index(frame[keys[0]].astype(object) + "\0" + frame[keys[1]].astype(object)) for frame in (wanted, given)
    ]
    codes, distinct = pd.factorize(names[0])
    first = np.full(len(distinct) + 1, -1)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return np.asarray(first[pd.Index(distinct).get_indexer(names[1])], dtype=np.int64)


def coded(values: pd.Series) -> tuple[npt.NDArray[np.int64], list[str]]:
    """A column of texts as positions in a list of texts; what is missing is blank."""
    if values.dtype == "category":
        codes, texts = values.cat.codes.to_numpy(), values.cat.categories.tolist()
    else:
        codes, distinct = pd.factorize(values)
        texts = list(distinct)
    texts = [str(text) for text in texts]
    if (codes < 0).any():
        texts = texts if "" in texts else [*texts, ""]
        codes = np.where(codes < 0, texts.index(""), codes)
    return codes.astype(np.int64), texts


def has_text(values: pd.Series) -> bool:
    """Whether a column of texts has one that is not blank."""
    return bool(((values != "") & values.notna()).any())


def text_rows(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """A frame as rows of texts."""
    return list(
        zip(*[[cell_text(value) for value in frame[name].astype(object)] for name in frame.columns], strict=True)
    )


def cell_text(value: object) -> str:
    """A value as people read it; blank where there is none."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return "" if value != value else shown(value)  # noqa: PLR0124 - NaN is not itself
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]
