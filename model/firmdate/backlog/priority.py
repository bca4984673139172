"""Priorities of order lines by ranked attributes, and the tiers that follow from them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from firmdate.backlog.where import require_column
from firmdate.scenario.rules import PriorityTiers, RankedAttribute
from firmdate.scenario.schema import Scenario

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

STEP = 10.0
"""Priorities are 10, 20, 30, …, so that an override fits between two of them."""


def with_priorities(demands: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Order lines with the priorities and tiers that the scenario's rule gives them.

    Args:
        demands: The table ``demands``, sorted by order and line.
        scenario: With or without a rule; ``override_priority`` of a line counts in both cases.

    Returns:
        The same rows with ``priority`` and ``tier`` replaced where a rule does it.

    Raises:
        InputError: The rule names a column of the user's own that is not in the data.
    """
    override = demands["override_priority"].to_numpy(np.float64)
    overridden = ~np.isnan(override)
    rule = scenario.priority_rule
    if rule is None:
        if not overridden.any():
            return demands
        return demands.assign(priority=np.where(overridden, override, demands["priority"].to_numpy(np.float64)))
    for attribute in rule.attributes:
        require_column(demands, attribute.column, scenario, "priority_rule")
    ranks = [_ranks(demands[attribute.column], attribute) for attribute in rule.attributes]
    calculated = _calculated(ranks)
    priority = np.where(overridden, override, calculated)
    changed = demands.assign(priority=priority)
    if rule.tiers is None:
        return changed
    return changed.assign(tier=_tiers(rule.tiers, ranks[0], calculated, priority))


def _calculated(ranks: list[IntArray]) -> FloatArray:
    """10, 20, 30, … in the order of the ranks; rows are sorted by order and line, which settles ties."""
    order = np.lexsort([np.arange(len(ranks[0])), *ranks[::-1]])
    priority = np.empty(len(order))
    priority[order] = STEP * np.arange(1, len(order) + 1)
    return priority


def _ranks(values: pd.Series, attribute: RankedAttribute) -> IntArray:
    """Rank of each line by one attribute, 0 is best; blanks are worst whichever way it is sorted."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        texts = values.cat.categories.tolist()
        position = _positions(texts, attribute)
        found = np.append(position, -1)[values.cat.codes.to_numpy()]
        return np.where(found < 0, len(texts) + len(attribute.order), found)
    if attribute.order:
        return _ranks(pd.Series(pd.Categorical(_texts(values))), attribute)
    dated = pd.api.types.is_datetime64_dtype(values.dtype)
    numbers = values.to_numpy().astype("datetime64[D]").astype(np.float64) if dated else values
    numbers = np.asarray(numbers, dtype=np.float64)
    blank = values.isna().to_numpy()
    numbers = np.where(blank, np.inf, -numbers if attribute.sort == "descending" else numbers)
    return np.unique(numbers, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _texts(values: pd.Series) -> pd.Series:
    """Numbers, dates and flags as they are written: ``5``, ``2021-01-04``, ``true``."""
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return pd.Series(values.dt.strftime("%Y-%m-%d"))
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.map({True: "true", False: "false"})
    return pd.Series([None if np.isnan(value) else f"{value:.15g}" for value in values.tolist()], dtype=object)


def _positions(texts: list[str], attribute: RankedAttribute) -> IntArray:
    """Rank of each distinct text: as listed, others after those; numbers among texts are compared as numbers."""
    listed = {text: place for place, text in enumerate(attribute.order)}
    try:
        keys: list[tuple[float, str]] = [(float(text), "") for text in texts]
    except ValueError:
        keys = [(0.0, text) for text in texts]
    order = sorted(range(len(texts)), key=keys.__getitem__, reverse=attribute.sort == "descending")
    place = {texts[at]: len(listed) + rank for rank, at in enumerate(order)}
    return np.array([listed.get(text, place[text]) for text in texts], dtype=np.int64)


def _tiers(tiers: PriorityTiers, first: IntArray, calculated: FloatArray, priority: FloatArray) -> IntArray:
    """Tier of each line; an overridden priority falls into the tier of the priorities around it."""
    if tiers.by == "cut_points":
        return np.searchsorted(np.array(tiers.cut_points), priority, side="left") + 1
    if tiers.by == "distinct":
        tier = np.unique(priority, return_inverse=True)[1].reshape(-1) + 1
    else:
        order = np.argsort(calculated)
        value = np.unique(first, return_inverse=True)[1].reshape(-1)[order]
        at = np.searchsorted(calculated[order], priority, side="right") - 1
        tier = value[np.maximum(at, 0)] + 1
    return np.minimum(tier, tiers.limit or len(priority)).astype(np.int64)
