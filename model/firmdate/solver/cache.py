"""Answers of blocks, kept under the hash of everything that they depend on.

A block with the same hash has the same answer, bit for bit, so a what-if solves only the blocks that it changes. All
answers of one solve stand in one file, a pack: an index, then the answers one after the other. Packs are written beside
and renamed, so processes may share the folder; the packs that were not used for longest go first when it is full.
"""

from __future__ import annotations

import os
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import scipy

from firmdate.solver.block import Block, BlockAnswer
from firmdate.solver.kept_files import make_room

MOST_BYTES = 1_000_000_000
"""All packs of a folder together."""

MOST_PACKS = 500
"""Every pack costs each solve the reading of its index."""

_SUFFIX = ".blocks"
_UNFINISHED = ".writing-"
_STALE_SECONDS = 24 * 3600
_KEY_BYTES = 16
_MAGIC = b"firmdate blocks\n"
_INDEX = np.dtype([("key", f"V{_KEY_BYTES}"), ("start", "<i8"), ("size", "<i8"), ("check", "<u4")])
_COUNTS = 6

Array = npt.NDArray[np.generic]


def block_key(block: Block) -> bytes:
    """Hash of everything that the answer of a block depends on, and of nothing else: no name, no place in the whole.

    Args:
        block: The block.
    """
    problem, costs = block.problem, block.costs
    digest = blake2b(signature(), digest_size=_KEY_BYTES)
    digest.update(" ".join(f"{level.name}:{level.member}" for level in block.levels).encode())
    # Families are numbers of the whole program; only which columns have the same one matters.
    family = np.unique(block.family, return_inverse=True)[1]
    parts: tuple[tuple[Array, str], ...] = (
        (problem.matrix.indptr, "<i8"),
        (problem.matrix.indices, "<i4"),
        (problem.matrix.data, "<f8"),
        (problem.lower, "<f8"),
        (problem.upper, "<f8"),
        (problem.row_lower, "<f8"),
        (problem.row_upper, "<f8"),
        (problem.integer, "|u1"),
        (costs.indptr, "<i8"),
        (costs.indices, "<i4"),
        (costs.data, "<f8"),
        (block.whole, "|u1"),
        (family, "<i4"),
        (block.tier, "<i4"),
        (block.fair.row, "<i4"),
    )
    for values, kind in parts:
        digest.update(len(values).to_bytes(8, "little"))
        digest.update(np.ascontiguousarray(values, dtype=kind).data)
    return digest.digest()


@cache
def signature() -> bytes:
    """Hash of the programs that make an answer: versions of the libraries, and the code that calls the solver."""
    from firmdate.solver import block, highs, tiers, whole_units

    digest = blake2b(digest_size=_KEY_BYTES)
    digest.update(f"{highs.version()} {np.__version__} {scipy.__version__}".encode())
    for module in (block, highs, tiers, whole_units):
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.digest()


class BlockCache:
    """Answers by key: those of this solve in memory, those of earlier solves in a folder.

    What is wrong with the folder never stops a solve: it is said in ``warnings``, and the blocks are solved again.

    Args:
        folder: Folder of the packs, made when something is written; None keeps answers in memory only.
        most_bytes: Size of all packs above which the oldest are removed.
    """

    def __init__(self, folder: Path | None = None, most_bytes: int = MOST_BYTES) -> None:
        self.warnings: list[str] = []
        self.folder = folder
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._fresh: dict[bytes, bytes] = {}
        self._stored: dict[bytes, _Place] = {}
        self._used: set[Path] = set()
        self._saved: set[bytes] = set()
        if folder is not None:
            for path in _packs(folder):
                self._read_index(path)

    def get(self, key: bytes) -> BlockAnswer | None:
        """The answer of a block; None where there is none."""
        with self._lock:
            record = self._fresh.get(key)
            if record is None:
                record = self._read(key)
        return None if record is None else _unpacked(record)

    def put(self, key: bytes, answer: BlockAnswer) -> None:
        """Keep the answer of a block; it reaches the folder with :meth:`save`."""
        record = _packed(answer)
        with self._lock:
            self._fresh[key] = record

    def fresh(self) -> dict[bytes, bytes]:
        """The answers that were put here, for :meth:`keep` of another process."""
        return dict(self._fresh)

    def keep(self, answers: Mapping[bytes, bytes]) -> None:
        """Keep the answers of another process."""
        with self._lock:
            self._fresh.update(answers)

    def save(self) -> None:
        """Write what is new since the last time as one pack, mark what was used, and make room for it."""
        if self.folder is None:
            return
        for path in self._used:
            with suppress(OSError):
                os.utime(path)
        new = {key: record for key, record in self._fresh.items() if key not in self._saved}
        if not new:
            return
        self._saved.update(new)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._write(new)
            self._make_room()
        except OSError as error:
            self.warnings.append(f"{self.folder}: answers could not be kept for the next solve ({error.strerror})")

    def _read_index(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                places = _index(file, path.stat().st_size)
        except FileNotFoundError:  # another process has made room
            return
        except (OSError, ValueError) as error:
            self._discard(path, str(error))
            return
        self._stored.update({key: _Place(path, start, size, check) for key, start, size, check in places})

    def _read(self, key: bytes) -> bytes | None:
        place = self._stored.get(key)
        if place is None:
            return None
        try:
            with place.path.open("rb") as file:
                file.seek(place.start)
                record = file.read(place.size)
        except OSError:  # another process has made room
            del self._stored[key]
            return None
        if zlib.crc32(record) != place.check:
            self._stored = {key: other for key, other in self._stored.items() if other.path != place.path}
            self._discard(place.path, "its content is damaged")
            return None
        self._used.add(place.path)
        return record

    def _discard(self, path: Path, why: str) -> None:
        self.warnings.append(f"{path}: kept answers are not used and removed ({why}); their blocks are solved again")
        with suppress(OSError):
            path.unlink()

    def _write(self, records: dict[bytes, bytes]) -> None:
        assert self.folder is not None
        index = np.zeros(len(records), dtype=_INDEX)
        index["key"] = np.frombuffer(b"".join(records), dtype=f"V{_KEY_BYTES}")
        index["size"] = [len(record) for record in records.values()]
        index["check"] = [zlib.crc32(record) for record in records.values()]
        head = _MAGIC + signature() + len(records).to_bytes(8, "little")
        index["start"] = len(head) + index.nbytes + 4 + np.cumsum(index["size"]) - index["size"]
        name = f"{time.time_ns()}-{os.getpid()}"
        unfinished = self.folder / f"{_UNFINISHED}{name}"
        try:
            with unfinished.open("wb") as file:
                file.write(head)
                file.write(index.tobytes())
                file.write(zlib.crc32(index.tobytes()).to_bytes(4, "little"))
                file.writelines(records.values())
            unfinished.rename(self.folder / f"{name}{_SUFFIX}")
        finally:
            unfinished.unlink(missing_ok=True)

    def _make_room(self) -> None:
        assert self.folder is not None
        for leftover in self.folder.glob(f"{_UNFINISHED}*"):
            with suppress(OSError):  # another process was quicker
                if time.time() - leftover.stat().st_mtime > _STALE_SECONDS:
                    leftover.unlink()
        make_room(_packs(self.folder), MOST_PACKS, self._most_bytes)


@dataclass(frozen=True)
class _Place:
    """Where an answer stands."""

    path: Path
    start: int
    size: int
    check: int


def _packs(folder: Path) -> list[Path]:
    """The packs of a folder, oldest first."""
    return sorted(folder.glob(f"[0-9]*{_SUFFIX}")) if folder.is_dir() else []


def _index(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int, int]]:
    """Key, start, size and check of every answer of a pack.

    Raises:
        ValueError: if it is not a whole pack of this version.
    """
    head = file.read(len(_MAGIC) + _KEY_BYTES + 8)
    if not head.startswith(_MAGIC):
        raise ValueError("it is not a file of kept answers")
    if head[len(_MAGIC) : len(_MAGIC) + _KEY_BYTES] != signature():
        raise ValueError("it is from another version")
    count = int.from_bytes(head[-8:], "little")
    raw = file.read(min(count * _INDEX.itemsize, size))
    check = file.read(4)
    if len(raw) != count * _INDEX.itemsize or zlib.crc32(raw).to_bytes(4, "little") != check:
        raise ValueError("it is truncated")
    index = np.frombuffer(raw, dtype=_INDEX)
    if count and int(index["start"][-1] + index["size"][-1]) != size:
        raise ValueError("it is truncated")
    keys = [raw[at : at + _KEY_BYTES] for at in range(0, len(raw), _INDEX.itemsize)]
    return zip(keys, index["start"].tolist(), index["size"].tolist(), index["check"].tolist(), strict=True)


def _packed(answer: BlockAnswer) -> bytes:
    """An answer as bytes; most values are 0 and left out."""
    at, x = _non_zero(answer.x)
    priced, price = _non_zero(answer.price)
    counts = (len(answer.x), len(answer.price), len(answer.values), len(at), len(priced), answer.iterations)
    level = answer.price_level.astype("<i2")
    parts = (np.array(counts, dtype="<i8"), x, price, answer.values.astype("<f8"), at, priced, level)
    return b"".join(part.tobytes() for part in parts)


def _non_zero(values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Positions and values of all that is not 0; minus 0 is kept, since answers must be equal to the bit."""
    at = np.flatnonzero(np.ascontiguousarray(values, dtype="<f8").view(np.uint64))
    return at.astype("<i4"), values[at].astype("<f8")


def _unpacked(record: bytes) -> BlockAnswer:
    """The answer that was packed."""
    columns, rows, levels, filled, priced, iterations = np.frombuffer(record, "<i8", _COUNTS).tolist()
    position = 8 * _COUNTS

    def taken(kind: str, count: int) -> Array:
        nonlocal position
        values: Array = np.frombuffer(record, kind, count, position)
        position += values.nbytes
        return values

    x, price = np.zeros(columns), np.zeros(rows)
    x_values, price_values, values = taken("<f8", filled), taken("<f8", priced), taken("<f8", levels)
    x[taken("<i4", filled)] = x_values
    price[taken("<i4", priced)] = price_values
    level = taken("<i2", rows).astype(np.int64)
    # Only answers with all levels proven are kept, so the values are the bounds.
    return BlockAnswer(x, values.astype(np.float64), price, level, iterations, values.astype(np.float64), levels)
