"""Where the rows of a changed table come from, and rows that the changes gave the same key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from firmdate.data.findings import shown
from firmdate.data.keys import row_keys
from firmdate.data.planning_data import Places, PlanningData
from firmdate.errors import Problem
from firmdate.scenario.change_check import change_problem
from firmdate.scenario.edited_table import NEVER, EditedTable
from firmdate.scenario.schema import Change

MOST_REPEATED = 20
"""So many keys that several rows of a table have are reported one by one; the rest is counted."""


@dataclass(frozen=True)
class RowPlaces(Mapping[int, str]):
    """``file:line`` of changed and added rows by label, worked out when a message asks for it.

    Args:
        known: Places of the table before the scenario.
        labels: Labels of the rows that were changed or added, ascending.
        added_by: Number of the change that added the row, NEVER for a row of the data; shape as ``labels``.
        last_change: Number of the last change of its cells, NEVER for none; shape as ``labels``.
        changes: All changes of the scenario.
    """

    known: Places
    labels: np.ndarray
    added_by: np.ndarray
    last_change: np.ndarray
    changes: Sequence[Change]

    def __getitem__(self, label: int) -> str:
        """Place of a changed or added row."""
        position = int(np.searchsorted(self.labels, label))
        if position == len(self.labels) or self.labels[position] != label:
            return self.known.added[label]
        added_by, last_change = int(self.added_by[position]), int(self.last_change[position])
        place = self.known.of(label) if added_by == NEVER else self.changes[added_by].place()
        return place if last_change == NEVER else f"{place} (changed at {self.changes[last_change].place()})"

    def __iter__(self) -> Iterator[int]:
        """Labels of all rows that have a place of their own."""
        yield from {*self.labels.tolist(), *self.known.added}

    def __len__(self) -> int:
        """Number of these labels."""
        return sum(1 for _ in self)


def changed_places(data: PlanningData, table: EditedTable, changes: Sequence[Change]) -> Places:
    """Places of a table in which changed and added rows name the change.

    Args:
        data: The data before the changes.
        table: The table after them.
        changes: All changes of the scenario.
    """
    known = data.places.get(table.table.name, Places(""))
    labels = table.labels()
    touched = np.flatnonzero((table.last_change != NEVER) | (table.added_by != NEVER))
    rows = touched[np.argsort(labels[touched], kind="stable")]
    return replace(known, added=RowPlaces(known, labels[rows], table.added_by[rows], table.last_change[rows], changes))


def repeated_keys(data: PlanningData, name: str, table: EditedTable, changes: Sequence[Change]) -> Iterator[Problem]:
    """A problem for every key that a change gave to a second row.

    Args:
        data: The data after the changes.
        name: Name of the table.
        table: The table after the changes.
        changes: All changes of the scenario.
    """
    changed_by = table.key_change[table.rows()]
    if not (changed_by != NEVER).any():
        return
    frame = data[name]
    keys = pd.Series(row_keys(frame, table.table.keys))
    rows = np.flatnonzero(keys.duplicated(keep=False).to_numpy())
    groups = pd.DataFrame({"key": keys[rows].to_numpy(), "row": rows, "change": changed_by[rows]})
    groups = groups.sort_values(["key", "change", "row"], kind="stable")
    last = groups.drop_duplicates("key", keep="last")
    last = last[last["change"] != NEVER].sort_values("row")
    first = groups.drop_duplicates("key").set_index("key")["row"]
    for key, row, number in last.head(MOST_REPEATED).itertuples(index=False):
        other = data.where(name, int(frame.index[first[key]]))
        message = f"makes two rows of {name} the same; the key is there already, in {other}"
        yield change_problem(changes[number], f"{message} (got {shown(frame, table.table.keys, row)})")
    if len(last) > MOST_REPEATED:
        yield Problem(
            changes[int(last["change"].iloc[-1])].place(), "changes", f"and {len(last) - MOST_REPEATED:,} more like it"
        )
