"""Frames as plain arrays, which numpy keeps in a file without pickling anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Arrays = Mapping[str, npt.NDArray[Any]]

_TEXTS, _LENGTHS, _CODES, _DAYS, _PLAIN = ("texts", "lengths", "codes", "seconds", "plain")


def compact(texts: pd.Series) -> pd.Series:
    """A column of texts as categories, or as objects where most are distinct; what is missing is blank."""
    codes, distinct = pd.factorize(texts.astype(object) if texts.dtype == "category" else texts)
    names = np.asarray(distinct, dtype=object)
    if (codes < 0).any():
        blank = np.flatnonzero(names == "")
        if not len(blank):
            blank, names = np.array([len(names)]), np.append(names, "")
        codes = np.where(codes < 0, blank[0], codes)
    if 2 * len(names) > len(codes):
        return pd.Series(names[codes], index=texts.index, dtype=object)
    return categories_of(codes, names, texts.index)


def categories_of(codes: npt.NDArray[np.integer[Any]], texts: Sequence[str] | Any, index: pd.Index) -> pd.Series:
    """A column of categories.

    Args:
        codes: Position of every row's text.
        texts: Distinct texts.
        index: Labels of the rows.
    """
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(texts, dtype=object)), index=index)


def with_objects(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its texts as objects; what is missing is blank."""
    texts = [name for name in frame.columns if isinstance(frame[name].dtype, pd.StringDtype | pd.CategoricalDtype)]
    return frame.assign(**{name: frame[name].astype(object).fillna("") for name in texts})


def frame_arrays(name: str, frame: pd.DataFrame) -> dict[str, npt.NDArray[Any]]:
    """The columns of a frame as arrays whose names begin with its name; its index is not kept.

    Args:
        name: Name of the frame.
        frame: Columns of texts (objects or categories), dates, numbers and flags, without missing texts.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    for number, column in enumerate(frame.columns):
        key, values = f"{name}/{number}/{column}", frame[column]
        if values.dtype == "category":
            arrays[f"{key}/{_CODES}"] = values.cat.codes.to_numpy()
            arrays |= _text_arrays(key, values.cat.categories.tolist())
        elif values.dtype == object:
            arrays |= _text_arrays(key, values.tolist())
        elif pd.api.types.is_datetime64_dtype(values.dtype):
            arrays[f"{key}/{_DAYS}"] = values.to_numpy().astype("datetime64[s]").astype(np.int64)
        else:
            arrays[f"{key}/{_PLAIN}"] = values.to_numpy()
    return arrays


def frame_of(name: str, arrays: Arrays) -> pd.DataFrame:
    """The frame that :func:`frame_arrays` made arrays of.

    Raises:
        ValueError: The arrays are not those of a frame.
    """
    keys: dict[tuple[int, str], dict[str, str]] = {}
    for key in arrays:
        owner, _, rest = key.partition("/")
        if owner == name:
            number, column, kind = rest.split("/")
            keys.setdefault((int(number), column), {})[kind] = key
    return pd.DataFrame({column: _column(kinds, arrays) for (_, column), kinds in sorted(keys.items())})


def _column(kinds: Mapping[str, str], arrays: Arrays) -> pd.Series | npt.NDArray[Any]:
    if _PLAIN in kinds:
        return arrays[kinds[_PLAIN]]
    if _DAYS in kinds:
        return arrays[kinds[_DAYS]].astype("datetime64[s]")
    if _TEXTS not in kinds or _LENGTHS not in kinds:
        raise ValueError("a column has no texts")
    whole, ends = arrays[kinds[_TEXTS]].tobytes().decode(), np.cumsum(arrays[kinds[_LENGTHS]]).tolist()
    texts = [whole[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)] if ends else []
    if _CODES not in kinds:
        return pd.Series(texts, dtype=object)
    codes = arrays[kinds[_CODES]]
    return categories_of(codes, texts, pd.RangeIndex(len(codes)))


def _text_arrays(key: str, texts: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    whole = np.frombuffer("".join(texts).encode(), dtype=np.uint8)
    return {f"{key}/{_TEXTS}": whole, f"{key}/{_LENGTHS}": np.array([len(text) for text in texts], dtype=np.int32)}
