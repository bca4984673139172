"""Rows of frames for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from firmdate.runs.figures import shown


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a small frame, with their cells as attributes."""
    return iter(frame.itertuples())


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
