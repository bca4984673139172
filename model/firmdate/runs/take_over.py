"""A run from the parts of an earlier one that are as they were, and fresh plans of the others."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.plan.explain.causes import cause_order
from firmdate.runs.columns import with_objects
from firmdate.runs.kept_runs import KeptRuns, Pending, Record, Sums, matched
from firmdate.runs.row_parts import alert_parts, overloads, row_parts
from firmdate.runs.splice import Spliced, SpliceError, TableRows, read_rows, renumbered, splice, write_spliced
from firmdate.runs.table_files import write_table

if TYPE_CHECKING:
    from firmdate.data.planning_data import PlanningData
    from firmdate.formulation.linear_program import Level
    from firmdate.network.parts import Parts
    from firmdate.plan.assemble import PlanTables
    from firmdate.plan.result import Plan
    from firmdate.runs.part_keys import PartKeys
    from firmdate.runs.shards import PlannedShard

MOST_FRESH = 0.25
"""Above this share of the order lines all is planned again: fresh rows are dearer to merge than to sort."""

_PLAIN = (
    *("lines", "deliveries", "deployments", "supply_orders", "resource_load", "supplier_load", "lane_load", "stock"),
    "releases",
)
"""Tables without numbers of other rows."""
_SPLICED = ("promises", *_PLAIN, "chains", "explanations")
_READERS = 2


@dataclass(frozen=True)
class Offer:
    """An earlier run from which parts can be taken over.

    Args:
        record: What is remembered of it.
        new_part: Per part of it: the part that is the same; -1 where there is none.
        fresh: Per part of the new run: whether it must be planned.
    """

    record: Record
    new_part: IntArray
    fresh: BoolArray


@dataclass(frozen=True)
class Taken:
    """A run that was put together.

    Args:
        rows: Part of every row of every table.
        sums: The sums of all parts.
        causes: Table ``causes``.
        old_row: Per promise of the earlier run the row among those of this run; -1 where it is not taken over.
        fresh_row: The same, of the promises of the fresh parts.
        fresh_parts: Part of every row of every table of the fresh parts.
    """

    rows: Mapping[str, IntArray]
    sums: Sums
    causes: pd.DataFrame
    old_row: IntArray
    fresh_row: IntArray
    fresh_parts: Mapping[str, IntArray]


def offer(kept: KeptRuns, keys: PartKeys, lines: IntArray) -> Offer | None:
    """The earlier run to take parts from; None where none has enough of them.

    Args:
        kept: Earlier runs.
        keys: Keys of the parts that are wanted.
        lines: Order lines of every part.
    """
    record = kept.best(keys) if len(keys.own) > 1 else None
    if record is None:
        return None
    new_part = matched(record.keys, keys.own)
    fresh = np.ones(len(keys.own), dtype=bool)
    fresh[new_part[new_part >= 0]] = False
    if not fresh.any():  # one part at least is planned, so that there is a log and all tables have rows to begin with
        least = int(np.argmin(lines))
        fresh[least], new_part[new_part == least] = True, -1
    return Offer(record, new_part, fresh) if lines[fresh].sum() <= MOST_FRESH * lines.sum() else None


def sums_of(planned: Sequence[PlannedShard], levels: Sequence[Level], data: PlanningData, parts: Parts) -> Sums:
    """What is added up over parts, of the portions that were planned."""
    alerts = pd.concat([one.tables.data_alerts for one in planned], ignore_index=True)
    found = alert_parts(alerts, data, parts)
    names = planned[0].figures
    return Sums(
        figures={name: np.sum([one.figures[name] for one in planned], axis=0) for name in names},
        levels=[[level.name, level.member] for level in levels],
        level_values=np.sum([one.level_values for one in planned], axis=0),
        alerts=[[part, *row] for part, row in zip(found, alerts.to_numpy(dtype=object).tolist(), strict=True)],
    )


def with_overloads(sums: Sums, tables: PlanTables | Plan, rows: Mapping[str, IntArray], count: int) -> Sums:
    """The sums with the number of overloaded intervals among the figures."""
    figures = {**sums.figures, "overloads": overloads(tables, rows, count)}
    return Sums(figures, sums.levels, sums.level_values, sums.alerts)


class EarlierRows:
    """The rows of the tables of an earlier run, read and written by threads while something else is done.

    Args:
        record: What is remembered of the run.
    """

    def __init__(self, record: Record) -> None:
        self._pool = ThreadPoolExecutor(_READERS)
        self._rows = {
            name: self._pool.submit(read_rows, record.run / f"{name}.csv", record.row_parts[name]) for name in _SPLICED
        }
        self._written: list[Future[None]] = []

    def take(self, name: str) -> TableRows:
        """The rows of a table, which are not kept.

        Raises:
            SpliceError: It has other rows than are remembered of it.
            OSError: It cannot be read.
        """
        return self._rows.pop(name).result()

    def write(self, path: Path, old: TableRows, fresh: TableRows, spliced: Spliced) -> None:
        """Let a thread write a table."""
        self._written.append(self._pool.submit(write_spliced, path, old, fresh, spliced))

    def finish(self) -> None:
        """Wait until all tables are written.

        Raises:
            OSError: One cannot be written.
        """
        while self._written:
            self._written.pop().result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)


def take_over(
    given: Offer,
    earlier: EarlierRows,
    tables: PlanTables,
    sums: Sums,
    changed: pd.DataFrame,
    data: PlanningData,
    parts: Parts,
    folder: Path,
) -> Taken:
    """Write the tables of a run: rows of an earlier one, and those of the fresh parts.

    Args:
        given: The earlier run.
        earlier: Its rows.
        tables: Tables of the fresh parts.
        sums: Their sums.
        changed: Alerts of the changes of the scenario.
        data: All planning data.
        parts: All parts.
        folder: Where the tables are written.

    Returns:
        The rows and the sums of the run.

    Raises:
        SpliceError: The earlier run is not what is remembered of it.
        OSError: A file cannot be read or written.
    """
    rows = row_parts(tables, data, parts)
    own = with_overloads(sums, tables, rows, parts.count)
    total = _total(given, own, parts.count)
    writer = _Writer(given, earlier, folder, rows)
    old_row, fresh_row = writer.table("promises", tables.promises)
    for name in _PLAIN:
        writer.table(name, getattr(tables, name))
    chain, own_chain = np.append(0, old_row + 1), np.append(0, fresh_row + 1)
    causes, cause, own_cause = writer.causes(tables.causes)
    kept = old_row >= 0
    same = bool((old_row[kept] == np.flatnonzero(kept)).all())
    number = own_chain[tables.chains["chain"].to_numpy(np.int64)]
    writer.table("chains", tables.chains.assign(chain=number), () if same else (("chain", chain),))
    number = own_chain[tables.explanations["chain"].to_numpy(np.int64)]
    ranks = own_cause[tables.explanations["cause"].to_numpy(np.int64)]
    moved = (("cause", cause), *(() if same else (("chain", chain),)))
    writer.table("explanations", tables.explanations.assign(chain=number, cause=ranks), moved)
    alerts = pd.DataFrame([row[1:] for row in total.alerts], columns=list(changed.columns)).astype("str")
    alerts = pd.concat([changed, alerts], ignore_index=True)
    alerts = alerts.sort_values(list(alerts.columns), kind="stable", ignore_index=True)
    write_table(alerts, folder, "data_alerts", "csv")
    earlier.finish()
    return Taken(writer.parts, total, causes, old_row, fresh_row, rows)


def _total(given: Offer, own: Sums, count: int) -> Sums:
    record, kept = given.record, given.new_part >= 0
    if list(record.figures) != list(own.figures) or record.levels != own.levels:
        raise SpliceError("the earlier run has other figures")

    def joined(old: FloatArray, fresh: FloatArray) -> FloatArray:
        values = np.zeros((*old.shape[:-1], count))
        values[..., given.new_part[kept]] = old[..., kept]
        return np.asarray(values + fresh)

    alerts = [[int(given.new_part[int(str(row[0]))]), *row[1:]] for row in record.alerts]
    return Sums(
        figures={name: joined(record.figures[name], own.figures[name]) for name in own.figures},
        levels=own.levels,
        level_values=joined(record.level_values, own.level_values),
        alerts=[row for row in alerts if int(str(row[0])) >= 0] + own.alerts,
    )


class _Writer:
    """Writes tables from old and fresh rows, and notes the part of every row."""

    def __init__(self, given: Offer, earlier: EarlierRows, folder: Path, rows: Mapping[str, IntArray]) -> None:
        self._given, self._earlier, self._folder, self._rows = given, earlier, folder, rows
        self.parts: dict[str, IntArray] = {}

    def table(
        self, name: str, frame: pd.DataFrame, numbers: Sequence[tuple[str, IntArray]] = ()
    ) -> tuple[IntArray, IntArray]:
        """Write one table; gives the new row of every old one (-1 for none) and of every fresh one."""
        path = self._folder / f"{name}.csv"
        old = self._earlier.take(name)
        keep = self._given.new_part[old.part] >= 0
        fresh = self._fresh(name, frame)
        if numbers:
            old = renumbered(name, old, numbers, keep)
        spliced = splice(name, old, keep, fresh)
        path.unlink()
        self._earlier.write(path, old, fresh, spliced)
        old_row, fresh_row = spliced.new_rows(len(old))
        part = np.empty(len(spliced.kept) + len(fresh), dtype=np.int64)
        part[old_row[spliced.kept]] = self._given.new_part[old.part[spliced.kept]]
        part[fresh_row] = fresh.part
        self.parts[name] = part
        return old_row, fresh_row

    def _fresh(self, name: str, frame: pd.DataFrame) -> TableRows:
        write_table(frame, self._folder, name, "csv")
        return read_rows(self._folder / f"{name}.csv", self._rows[name])

    def causes(self, fresh: pd.DataFrame) -> tuple[pd.DataFrame, IntArray, IntArray]:
        """Rank all causes anew; gives them, and the new number of every old and every fresh one (0 for none)."""
        record = self._given.record
        old, part = record.causes, record.row_parts["causes"]
        if len(old) != len(part):
            raise SpliceError("causes.csv has other rows than were written")
        kept = np.flatnonzero(self._given.new_part[part] >= 0)
        fresh = with_objects(fresh)
        table = pd.concat([old.iloc[kept], fresh], ignore_index=True) if len(fresh) else old.iloc[kept]
        order = cause_order(table)
        number = np.empty(len(table), dtype=np.int64)
        number[order] = np.arange(1, len(table) + 1)
        parts = np.concatenate([self._given.new_part[part[kept]], self._rows["causes"]])
        self.parts["causes"] = parts[order]
        table = table.assign(cause=number).iloc[order]
        write_table(table, self._folder, "causes", "csv")
        of_old = np.zeros(len(old) + 1, dtype=np.int64)
        of_old[kept + 1] = number[: len(kept)]
        return table, of_old, np.append(0, number[len(kept) :])


@contextmanager
def unfinished_folder(kept: KeptRuns) -> Iterator[Path]:
    """A hidden folder for the tables of a run, removed when something goes wrong."""
    folder = kept.folder / f".writing-{time.time_ns()}-{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def pending_of(keys: PartKeys, sums: Sums, plan: Plan, data: PlanningData, parts: Parts) -> Pending | None:
    """What will be remembered of a run that was planned as a whole; None where it cannot be told apart by parts."""
    if parts.count < 2 or not sums.complete or plan.rule_tables or plan.kpis["optimistic"]:
        return None
    rows = row_parts(plan, data, parts)
    if any((part < 0).any() for part in rows.values()):
        return None
    return Pending(keys, with_overloads(sums, plan, rows, parts.count), rows, plan.causes)
