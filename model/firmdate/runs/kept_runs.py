"""What is remembered of runs beside them, so that a what-if takes over the parts that it does not change.

Each record names a run folder, the files in it as they were left, the keys of its parts, and the part of every row.
A run whose files are not what they were, or a record that is not whole, is no reason to fail: the parts are planned.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from firmdate.network.horizon import FloatArray, IntArray
from firmdate.runs.columns import frame_arrays, frame_of, with_objects
from firmdate.runs.part_keys import BitArray, PartKeys
from firmdate.solver.kept_files import make_room

MOST_RECORDS = 20
MOST_BYTES = 500_000_000
"""All records together; those that were not used for longest go first."""

_SUFFIX = ".run.npz"
_UNFINISHED = ".writing-"
_PAGE = "page/"
_CAUSES = "causes"
_STALE_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Record:
    """What is remembered of one run.

    Args:
        run: Its folder.
        keys: Two numbers for each of its parts.
        row_parts: Per table: part of every row.
        figures: Figures that are sums, per part.
        levels: Names and members of the levels of the objective.
        level_values: Value of every level in every part.
        alerts: Alerts of the data, each with its part in front.
        causes: Table ``causes``, with texts as objects.
        path: The file of the record.
    """

    run: Path
    keys: BitArray
    row_parts: Mapping[str, IntArray]
    figures: Mapping[str, FloatArray]
    levels: list[list[object]]
    level_values: FloatArray
    alerts: list[list[object]]
    causes: pd.DataFrame
    path: Path = Path()


@dataclass(frozen=True)
class Sums:
    """What is added up over parts.

    Args:
        figures: Figures by name, per part.
        levels: The levels of the objective, with names and members.
        level_values: Value of every level in every part.
        alerts: Alerts of the data, each with its part in front.
    """

    figures: Mapping[str, FloatArray]
    levels: list[list[object]]
    level_values: FloatArray
    alerts: list[list[object]]

    @property
    def complete(self) -> bool:
        """Whether it is known of everything to which part it belongs."""
        return not np.isnan(self.level_values).any() and all(int(str(row[0])) >= 0 for row in self.alerts)


@dataclass(frozen=True)
class Pending:
    """What will be remembered of a run once it is published."""

    keys: PartKeys
    sums: Sums
    rows: Mapping[str, IntArray]
    causes: pd.DataFrame


class KeptRuns:
    """The records of a folder.

    What is wrong with it never stops a solve: it is said in ``warnings``.

    ``pending`` is what a solve leaves to be remembered once its run is published.

    Args:
        folder: Folder of the records, made when something is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warnings: list[str] = []
        self.pending: Pending | None = None

    def best(self, keys: PartKeys) -> Record | None:
        """The intact run of the same kind that has most of some parts; None where there is none."""
        found: tuple[int, Path] | None = None
        for path in sorted(self.folder.glob(f"{keys.common[:32]}-*{_SUFFIX}")):
            try:
                with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
                    same = int(np.isin(_joined(content["keys"]), _joined(keys.own)).sum())
                    intact = _intact(json.loads(content["text"].tobytes()))
            except FileNotFoundError:  # another process has made room
                continue
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
                self._discard(path)
                continue
            if not intact:
                with suppress(OSError):  # its run was removed or changed
                    path.unlink()
            elif same and (found is None or same >= found[0]):
                found = (same, path)
        return None if found is None else self._load(found[1])

    def _load(self, path: Path) -> Record | None:
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
                text = json.loads(content["text"].tobytes())
                record = Record(
                    run=Path(text["run"]),
                    keys=content["keys"],
                    row_parts={name: content[f"rows_{name}"] for name in text["files"]},
                    figures=dict(zip(text["figures"], content["figures"], strict=True)),
                    levels=text["levels"],
                    level_values=content["level_values"],
                    alerts=text["alerts"],
                    causes=frame_of(_CAUSES, content),
                    path=path,
                )
            os.utime(path)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            self._discard(path)
            return None
        return record

    def _discard(self, path: Path) -> None:
        self.warnings.append(
            f"{path}: what was remembered of a run is damaged and removed; its parts are planned again"
        )
        with suppress(OSError):
            path.unlink()

    def remember_run(self, run: Path, page: Mapping[str, npt.NDArray[Any]] | None = None) -> None:
        """Remember a published run, when its solve left something to be remembered, and make room for it.

        Args:
            run: Its folder.
            page: What its page is made of, as arrays.
        """
        if self.pending is not None:
            sums = self.pending.sums
            rows = dict(self.pending.rows)
            keys = self.pending.keys
            causes = with_objects(self.pending.causes)
            record = Record(run, keys.own, rows, sums.figures, sums.levels, sums.level_values, sums.alerts, causes)
            self._write(keys, record, page or {})

    def _write(self, keys: PartKeys, record: Record, page: Mapping[str, npt.NDArray[Any]]) -> None:
        files = {
            name: [status.st_size, status.st_mtime_ns]
            for name in record.row_parts
            for status in [(record.run / f"{name}.csv").stat()]
        }
        text = {
            "run": str(record.run.resolve()),
            "files": files,
            "figures": list(record.figures),
            "levels": record.levels,
            "alerts": record.alerts,
        }
        arrays: dict[str, Any] = {f"rows_{name}": part.astype(np.int32) for name, part in record.row_parts.items()}
        arrays |= frame_arrays(_CAUSES, record.causes)
        arrays |= {f"{_PAGE}{name}": array for name, array in page.items()}
        name = f"{keys.common[:32]}-{time.time_ns()}-{os.getpid()}"
        unfinished = self.folder / f"{_UNFINISHED}{name}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                np.savez(
                    file,
                    text=np.frombuffer(json.dumps(text).encode(), dtype=np.uint8),
                    keys=record.keys,
                    figures=np.array(list(record.figures.values())),
                    level_values=record.level_values,
                    **arrays,
                )
            unfinished.rename(self.folder / f"{name}{_SUFFIX}")
            self._make_room()
        except OSError as error:
            self.warnings.append(f"{self.folder}: the run could not be remembered ({error.strerror})")
        finally:
            unfinished.unlink(missing_ok=True)

    def _make_room(self) -> None:
        for leftover in self.folder.glob(f"{_UNFINISHED}*"):
            with suppress(OSError):  # another process was quicker
                if leftover.is_dir() and time.time() - leftover.stat().st_mtime > _STALE_SECONDS:
                    shutil.rmtree(leftover)
        make_room(self.folder.glob(f"*{_SUFFIX}"), MOST_RECORDS, MOST_BYTES)


def kept_page(record: Path) -> dict[str, npt.NDArray[Any]] | None:
    """What the page of a remembered run was made of, as arrays; None where that is not there.

    Args:
        record: File of what is remembered of the run.
    """
    try:
        with record.open("rb") as file, np.load(file, allow_pickle=False) as content:
            found = {name.removeprefix(_PAGE): content[name] for name in content.files if name.startswith(_PAGE)}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return found or None


def matched(old: BitArray, new: BitArray) -> IntArray:
    """Of every old part the new part with the same key; -1 where there is none."""
    keys, wanted = _joined(new), _joined(old)
    order = np.argsort(keys)
    at = np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)
    return np.where(keys[order[at]] == wanted, order[at], -1)


def _joined(keys: BitArray) -> np.ndarray:
    """Both numbers of each part as one complex value that compares as a pair."""
    pairs = np.ascontiguousarray(keys, dtype="<u8")
    return pairs.view([("one", "<u8"), ("other", "<u8")]).reshape(-1)


def _intact(text: Mapping[str, object]) -> bool:
    """Whether the files of a run are what they were."""
    run, files = Path(str(text["run"])), text["files"]
    assert isinstance(files, dict)
    try:
        return all(
            [status.st_size, status.st_mtime_ns] == known
            for name, known in files.items()
            for status in [(run / f"{name}.csv").stat()]
        )
    except OSError:
        return False
