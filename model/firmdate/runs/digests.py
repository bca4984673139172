"""Digests of the files of a run: what was cut off or edited afterwards is noticed before it is read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from firmdate.errors import InputError, Problem
from firmdate.runs.whole import reason


def file_digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in a folder, by name.

    Raises:
        OSError: if one cannot be read.
    """
    return {path.name: _digest(path) for path in sorted(folder.iterdir()) if path.is_file()}


def require_unchanged(folder: Path, digests: Mapping[str, object]) -> None:
    """Refuse a run whose files are not as they were written.

    Args:
        folder: The run.
        digests: SHA-256 by name, as the run records it.

    Raises:
        InputError: names every file that is missing or has changed.
    """
    problems = [
        Problem(str(folder / name), "", wrong)
        for name, digest in digests.items()
        if (wrong := _wrong(folder / name, digest))
    ]
    if problems:
        raise InputError(problems)


def _wrong(path: Path, digest: object) -> str:
    """What is wrong with a file of a run; blank for nothing."""
    try:
        if _digest(path) == digest:
            return ""
    except FileNotFoundError:
        return "is missing: the run is damaged; solve its scenario again"
    except OSError as error:
        return f"cannot be read ({reason(error)})"
    return "is not as it was written: it is damaged, or was edited; solve the scenario of the run again"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
