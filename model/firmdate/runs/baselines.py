"""Accepted results of scenarios, and what differs from them or from a scenario's ``expect``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from firmdate.errors import InputError
from firmdate.runs.store import read_kpis, write_kpis
from firmdate.runs.table_files import format_number, read_table, write_table
from firmdate.runs.whole import cannot_write
from firmdate.scenario.schema import Expect
from firmdate.scenario.values import UNPROMISED

TOLERANCE = 1e-6
"""Figures are the same within this, relative to the larger one and absolute near zero."""

NO_LINE = "no such line"
_KEYS = ["order", "line"]


@dataclass(frozen=True)
class Mismatch:
    """One figure or promise date that is not what was wanted.

    Args:
        against: ``expect`` or ``baseline``.
        figure: Name of the figure, or ``promise ORDER/LINE``.
        wanted: What was stated or accepted.
        got: What the plan has.
    """

    against: str
    figure: str
    wanted: str
    got: str

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.figure}: {self.against} {self.wanted}, got {self.got}"


@dataclass(frozen=True)
class Baseline:
    """The accepted figures and promises of a scenario."""

    kpis: Mapping[str, float]
    promises: pd.DataFrame


def read_baseline(folder: Path) -> Baseline | None:
    """The accepted result in a folder; None where none was accepted yet.

    Raises:
        InputError: if there is one that cannot be read.
    """
    if not (folder / "kpis.json").exists():
        return None
    return Baseline(read_kpis(folder), read_table(folder, "promises"))


def accept_baseline(folder: Path, kpis: Mapping[str, float], promises: pd.DataFrame) -> None:
    """Make a result the accepted one.

    Raises:
        InputError: if it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_table(promises, folder, "promises", "csv")
        write_kpis(kpis, folder)
    except OSError as error:
        raise InputError(cannot_write(error, folder, "choose another folder with --baselines")) from error


def against_expect(expect: Expect, kpis: Mapping[str, float], promises: pd.DataFrame) -> tuple[Mismatch, ...]:
    """Every figure and promise date that the scenario states and that does not hold."""
    unmet = [
        Mismatch("expect", figure, _shown(wanted), _shown(kpis.get(figure)))
        for figure, wanted in expect.figures.items()
        if not _same(wanted, kpis.get(figure))
    ]
    wanted_dates = {name: str(wanted) for name, wanted in expect.promises.items()}
    if wanted_dates:
        got_dates = _dates_by_line(promises)
        unmet += [
            Mismatch("expect", f"promise {name}", wanted, got_dates.get(name, NO_LINE))
            for name, wanted in wanted_dates.items()
            if wanted != got_dates.get(name)
        ]
    return tuple(unmet)


def against_baseline(baseline: Baseline, kpis: Mapping[str, float], promises: pd.DataFrame) -> tuple[Mismatch, ...]:
    """Every figure and promise date that moved since it was accepted."""
    figures = [
        Mismatch("baseline", figure, _shown(baseline.kpis.get(figure)), _shown(kpis.get(figure)))
        for figure in dict.fromkeys([*baseline.kpis, *kpis])
        if not _same(baseline.kpis.get(figure), kpis.get(figure))
    ]
    return (*figures, *_moved_promises(baseline.promises, promises))


def _moved_promises(base: pd.DataFrame, other: pd.DataFrame) -> list[Mismatch]:
    columns = [*_KEYS, "promise_date"]
    left, right = (frame[columns].astype(dict.fromkeys(_KEYS, object)) for frame in (base, other))
    both = left.merge(right, on=_KEYS, how="outer", suffixes=("_base", "_other"), indicator=True)
    same = both["promise_date_base"].eq(both["promise_date_other"])
    same |= both["promise_date_base"].isna() & both["promise_date_other"].isna()
    moved = both[~same | (both["_merge"] != "both")]
    wanted = _date_texts(moved["promise_date_base"]).mask(moved["_merge"] == "right_only", NO_LINE)
    got = _date_texts(moved["promise_date_other"]).mask(moved["_merge"] == "left_only", NO_LINE)
    names = moved["order"] + "/" + moved["line"]
    return [
        Mismatch("baseline", f"promise {name}", before, after)
        for name, before, after in zip(names, wanted, got, strict=True)
    ]


def _dates_by_line(promises: pd.DataFrame) -> dict[str, str]:
    names = promises["order"].astype(object) + "/" + promises["line"].astype(object)
    return dict(zip(names, _date_texts(promises["promise_date"]), strict=True))


def _date_texts(dates: pd.Series) -> pd.Series:
    texts: pd.Series = dates.dt.strftime("%Y-%m-%d").astype(object)
    return texts.where(dates.notna(), UNPROMISED)


def _same(wanted: float | None, got: float | None) -> bool:
    if wanted is None or got is None:
        return False
    if math.isnan(wanted) or math.isnan(got):
        return math.isnan(wanted) and math.isnan(got)
    return math.isclose(wanted, got, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _shown(value: float | None) -> str:
    return "no such figure" if value is None else format_number(value)
