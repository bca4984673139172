"""A plan whose tables stand in files already and are read when somebody looks at them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from firmdate.plan.result import Plan

if TYPE_CHECKING:
    import pandas as pd

    from firmdate.network.horizon import IntArray
    from firmdate.scenario.schema import Scenario


@dataclass(frozen=True)
class TakenRows:
    """What a plan takes over from an earlier run.

    Args:
        record: File of what is remembered of that run.
        new_part: Per part of it the part of this plan that is the same; -1 where there is none.
        old_row: Per promise of it the row among the promises of this plan; -1 where it is not taken over.
        fresh_row: The same, of the promises of the fresh plan.
        fresh: The plan of the other parts.
        fresh_parts: Per table of the fresh plan the part of every row.
    """

    record: Path
    new_part: IntArray
    old_row: IntArray
    fresh_row: IntArray
    fresh: Plan
    fresh_parts: Mapping[str, IntArray]


class WrittenPlan(Plan):
    """A plan in files.

    Args:
        folder: Where its tables stand; nobody else's.
        read: Reads a table of a folder by its name.
        scenario: The resolved scenario.
        kpis: Figures by name.
        run: How it was made.
        log: The solver's log.
        taken: What of it was taken over from an earlier run, where that is known.
    """

    def __init__(
        self,
        folder: Path,
        read: Callable[[Path, str], pd.DataFrame],
        scenario: Scenario,
        kpis: Mapping[str, float],
        run: Mapping[str, object],
        log: str,
        taken: TakenRows | None = None,
    ) -> None:
        values = {"folder": folder, "_read": read, "_moved": False}
        values |= {"scenario": scenario, "kpis": kpis, "run": run, "log": log, "rule_tables": {}, "taken": taken}
        self.__dict__.update(values)

    folder: Path
    taken: TakenRows | None
    _read: Callable[[Path, str], pd.DataFrame]
    _moved: bool

    def moved_to(self, folder: Path) -> None:
        """The files are somewhere else now, where they belong to a run."""
        self.__dict__.update(folder=folder, _moved=True)

    def know(self, name: str, table: pd.DataFrame) -> None:
        """A table, or the order lines, that is in memory and need not be read."""
        self.__dict__[name] = table

    def discard(self) -> None:
        """Remove the files unless they belong to a run."""
        if not self._moved:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _table(self, name: str) -> pd.DataFrame:
        return self._read(self.folder, name)

    @cached_property
    def promises(self) -> pd.DataFrame:
        """Table ``promises``."""
        return self._table("promises")

    @cached_property
    def lines(self) -> pd.DataFrame:
        """Table ``lines``."""
        return self._table("lines")

    @cached_property
    def deliveries(self) -> pd.DataFrame:
        """Table ``deliveries``."""
        return self._table("deliveries")

    @cached_property
    def deployments(self) -> pd.DataFrame:
        """Table ``deployments``."""
        return self._table("deployments")

    @cached_property
    def supply_orders(self) -> pd.DataFrame:
        """Table ``supply_orders``."""
        return self._table("supply_orders")

    @cached_property
    def resource_load(self) -> pd.DataFrame:
        """Table ``resource_load``."""
        return self._table("resource_load")

    @cached_property
    def supplier_load(self) -> pd.DataFrame:
        """Table ``supplier_load``."""
        return self._table("supplier_load")

    @cached_property
    def lane_load(self) -> pd.DataFrame:
        """Table ``lane_load``."""
        return self._table("lane_load")

    @cached_property
    def stock(self) -> pd.DataFrame:
        """Table ``stock``."""
        return self._table("stock")

    @cached_property
    def data_alerts(self) -> pd.DataFrame:
        """Table ``data_alerts``."""
        return self._table("data_alerts")

    @cached_property
    def explanations(self) -> pd.DataFrame:
        """Table ``explanations``."""
        return self._table("explanations")

    @cached_property
    def chains(self) -> pd.DataFrame:
        """Table ``chains``."""
        return self._table("chains")

    @cached_property
    def releases(self) -> pd.DataFrame:
        """Table ``releases``."""
        return self._table("releases")

    @cached_property
    def causes(self) -> pd.DataFrame:
        """Table ``causes``."""
        return self._table("causes")
