"""Files that are kept for the next solve, within bounds of number and size."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def make_room(files: Iterable[Path], most_files: int, most_bytes: int) -> None:
    """Remove the files that were not used for longest until the others keep the bounds.

    Args:
        files: Files of one kind; another process may remove them at the same time.
        most_files: How many may stay.
        most_bytes: What they may have together.
    """
    found = []
    for path in files:
        with suppress(OSError):  # another process was quicker
            status = path.stat()
            found.append((status.st_mtime_ns, status.st_size, path))
    total = 0
    for count, (_, size, path) in enumerate(sorted(found, reverse=True), start=1):
        total += size
        if total > most_bytes or count > most_files:
            with suppress(OSError):
                path.unlink()
