"""Files that appear whole or not at all, and what to say when they cannot be written."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from firmdate.errors import InputError, Problem


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A hidden file beside ``path`` to write to, which becomes ``path`` when the block ends well.

    Raises:
        InputError: if it cannot be written there.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        raise InputError(cannot_write(error, path, "choose another file; nothing was written")) from error
    finally:
        with suppress(OSError):  # gone, or never begun
            unfinished.unlink()


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all.

    Raises:
        InputError: if it cannot be written there.
    """
    with whole_file(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def cannot_write(error: OSError, place: Path, advice: str) -> Problem:
    """What is wrong with a place that cannot be written to, and what to do.

    Args:
        error: What the operating system said.
        place: File or folder that was wanted.
        advice: What to do instead, such as ``choose another file``.
    """
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        wrong = f"the disk is full; free some space or {advice}"
    elif error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        wrong = f"no permission to write here; {advice}"
    elif error.errno in {errno.ENOTDIR, errno.EEXIST}:
        wrong = f"{_file_in_the_way(place)} is a file where a folder is needed; move it or {advice}"
    elif error.errno == errno.EISDIR:
        wrong = f"is a folder where a file is needed; {advice}"
    else:
        wrong = f"cannot be written ({error.strerror or error}); {advice}"
    return Problem(str(place), "", wrong)


def reason(error: Exception) -> str:
    """Why something failed, without the number and the path that an operating system's error repeats."""
    return str((isinstance(error, OSError) and error.strerror) or error)


def _file_in_the_way(place: Path) -> Path:
    return next((folder for folder in (place, *place.parents) if folder.is_file()), place)
