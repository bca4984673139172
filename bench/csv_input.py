"""CSV files of public data sets, whose columns may be called a little differently from one copy to the next."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Sequence
from pathlib import Path


class DataError(Exception):
    """A file or column is missing, or a value cannot be read; the message says which."""


def _plain(name: str) -> str:
    """A column name without case, blanks and punctuation: ``Stage Name`` and ``stage_name`` are the same."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def read_columns(path: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Some columns of a CSV file, as stripped text.

    Args:
        path: The file.
        columns: Names of the columns, in the order of the values in each row; case, blanks and underscores in
            the file's own names do not matter.

    Raises:
        DataError: the file or a column is missing.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            rows = [row for row in reader if any(row)]
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    found = {_plain(name): at for at, name in reversed(list(enumerate(header)))}
    missing = [name for name in columns if _plain(name) not in found]
    if missing:
        raise DataError(f"{path}: column {', '.join(missing)} is missing (the file has {', '.join(header)})")
    at = [found[_plain(name)] for name in columns]
    return [tuple(row[i].strip() if i < len(row) else "" for i in at) for row in rows]


def run(main: Callable[[], None]) -> None:
    """Run a program; a mistake in its input is one line on stderr and exit code 1."""
    from firmdate.errors import FirmdateError

    try:
        main()
    except (DataError, FirmdateError) as error:
        print(error, file=sys.stderr)
        sys.exit(1)
