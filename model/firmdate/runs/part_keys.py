"""What the plan of a part of the data depends on, as numbers: equal keys, equal plans."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from firmdate.backlog.results import PreviousRun
from firmdate.data.planning_data import PlanningData
from firmdate.data.tables import MASTER_TABLES
from firmdate.network.parts import Whole
from firmdate.scenario.schema import Scenario

BitArray = npt.NDArray[np.uint64]

_NOT_PLANNED_WITH = {"name", "previous_run", "description", "data", "expect", "changes"}
"""Keys of a scenario that its plan does not depend on once the data are changed."""

_MIXER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class PartKeys:
    """Keys of planning data.

    Args:
        common: Hash of everything that all parts depend on, the program included.
        own: Two numbers for each part, made of its rows in whatever order.
        input_hash: Hash of all data and of the options, as ``run.json`` states it.
    """

    common: str
    own: BitArray
    input_hash: str


def part_keys(data: PlanningData, scenario: Scenario, whole: Whole, previous: PreviousRun | None = None) -> PartKeys:
    """The keys of all parts of checked planning data.

    Args:
        data: Planning data, with the changes of the scenario.
        scenario: The scenario.
        whole: Its parts, and the tiers of its lines.
        previous: Results that are kept or preferred.
    """
    parts, options = whole.parts, scenario.model_dump_json(exclude=_NOT_PLANNED_WITH)
    own = np.zeros((parts.count, 2), dtype=np.uint64)
    common, every = hashlib.sha256(signature()), hashlib.sha256()
    common.update(options.encode())
    common.update(repr(None if whole.tiers is None else whole.tiers.keys.tolist()).encode())
    common.update(" ".join(table for table in MASTER_TABLES if data.complete(table)).encode())
    with np.errstate(over="ignore"):
        for number, table in enumerate(sorted(data.frames)):
            frame, part = data[table], parts.of_row[table]
            every.update(f"{table}:{len(frame)}".encode())
            if not len(frame):
                continue
            rows: BitArray = pd.util.hash_pandas_object(frame, index=False).to_numpy().astype(np.uint64)
            every.update(str(int(rows.sum())).encode())
            mixed = _mixed(rows, number)
            other = _mixed(mixed, 1)
            shared = part < 0
            common.update(f"{table}:{int(mixed[shared].sum())}:{int(other[shared].sum())}".encode())
            for column, values in enumerate((mixed, other)):
                np.add.at(own[:, column], part[~shared], values[~shared])
    if previous is not None:
        for frame in (previous.promises, previous.deliveries, previous.supply_orders, previous.deployments):
            every.update(str(int(pd.util.hash_pandas_object(frame, index=False).sum())).encode())
    every.update(options.encode())
    return PartKeys(common.hexdigest(), own, every.hexdigest())


def _mixed(values: BitArray, number: int) -> BitArray:
    """Other numbers that look as random, so that sums of several tables do not cancel out."""
    bits = (values ^ (np.uint64(number + 1) * _MIXER)) * np.uint64(0xBF58476D1CE4E5B9)
    return np.asarray(bits ^ (bits >> np.uint64(29)), dtype=np.uint64)


@cache
def signature() -> bytes:
    """Hash of the program: its source, and the versions of what it calculates with."""
    from firmdate.runs.record import versions

    digest = hashlib.sha256(repr(versions()).encode())
    root = Path(__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.digest()
