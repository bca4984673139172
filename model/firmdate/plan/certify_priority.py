"""Priorities and tiers as the scenario's rule gives them, computed a second time: by sorting tuples of values."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from firmdate.scenario.rules import RankedAttribute
from firmdate.scenario.schema import Scenario

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]


def matching(frame: pd.DataFrame, where: dict[str, tuple[str, ...]]) -> BoolArray:
    """Rows that have one of the values in every column; the empty text matches a blank."""
    found = np.ones(len(frame), dtype=bool)
    for name, wanted in where.items():
        cells = frame[name]
        given = [text for text in wanted if text]
        if pd.api.types.is_bool_dtype(cells.dtype):
            some = cells.map({True: ("true", "yes", "1"), False: ("false", "no", "0")})
            hit = np.array([any(text.lower() in names for text in given) for names in some], dtype=bool)
        elif pd.api.types.is_datetime64_dtype(cells.dtype):
            hit = cells.isin(pd.to_datetime(given)).to_numpy()
        elif pd.api.types.is_numeric_dtype(cells.dtype):
            flags = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}
            hit = cells.isin(
                [flags[text.lower()] if text.lower() in flags else float(text) for text in given]
            ).to_numpy()
        else:
            hit = cells.astype(object).isin(given).to_numpy()
        found &= hit | (cells.isna().to_numpy() if "" in wanted else False)
    return found


def expected_tiers(frame: pd.DataFrame, scenario: Scenario) -> FloatArray:
    """The tier of every row that is planned with."""
    rule = scenario.priority_rule
    given = frame["tier"].to_numpy(np.float64)
    if rule is None or rule.tiers is None:
        return given
    ranked = pd.DataFrame({"order": frame["order"].astype(str), "line": frame["line"].astype(str)})
    by = [str(place) for place in range(len(rule.attributes))]
    for place, attribute in zip(by, rule.attributes, strict=True):
        ranked[place] = _sort_values(frame[attribute.column], attribute)
    ranked = ranked.reset_index(drop=True).sort_values([*by, "order", "line"], kind="stable")
    calculated = pd.Series(10.0 * np.arange(1, len(ranked) + 1), index=ranked.index).sort_index()
    override = frame["override_priority"].reset_index(drop=True)
    priority = override.where(override.notna(), calculated)
    points = rule.tiers.cut_points
    if rule.tiers.by == "cut_points":
        tier = priority.map(lambda own: 1 + sum(own > point for point in points))
    elif rule.tiers.by == "distinct":
        tier = priority.rank(method="dense")
    else:
        value = ranked["0"].rank(method="dense").set_axis(calculated[ranked.index].to_numpy())
        tier = priority.map(lambda own: value[: max(own, 10.0)].iloc[-1]) if len(value) else priority
    return np.minimum(np.asarray(tier, dtype=np.float64), rule.tiers.limit or np.inf)


def _sort_values(cells: pd.Series, attribute: RankedAttribute) -> FloatArray:
    """A number per row by which smaller is better; blanks are last."""
    texts = cells.map(_text, na_action="ignore").astype(object)
    if attribute.order:
        listed = {text: float(place - len(attribute.order)) for place, text in enumerate(attribute.order)}
        own = texts.map(listed)
    else:
        own = pd.Series(np.nan, index=cells.index)
    if isinstance(cells.dtype, pd.CategoricalDtype):
        numeric = pd.to_numeric(texts, errors="coerce")
        values = numeric if (numeric.notna() | texts.isna()).all() else texts.rank(method="dense")
    else:
        values = cells.astype("int64").where(cells.notna()) if cells.dtype.kind == "M" else cells
    rank = values.astype("float64").rank(method="dense", ascending=attribute.sort == "ascending")
    return np.asarray(own.astype("float64").fillna(rank).fillna(np.inf), dtype=np.float64)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return f"{value:.15g}" if isinstance(value, (int, float)) else str(value)
