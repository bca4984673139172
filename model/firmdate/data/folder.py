"""Planning data in a folder: one CSV or Parquet file a table."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from firmdate.data.csv_file import read_csv_table
from firmdate.data.raw import RawTable, Reader
from firmdate.data.suggest import closest, did_you_mean, got, shown_path
from firmdate.data.tables import TABLE
from firmdate.errors import InputError, Problem

FORMATS = (".csv", ".parquet")


def find_tables(folder: Path) -> tuple[dict[str, Reader], list[Problem]]:
    """The tables of a folder, each with what reads it, and files that are no table.

    Files of other types, and files whose name begins with ``.`` or ``_``, are not looked at.

    Args:
        folder: An existing folder.

    Raises:
        InputError: The folder cannot be listed.
    """
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() in FORMATS)
    except OSError as error:
        raise InputError(
            Problem(shown_path(folder), "", f"the folder cannot be read ({error.strerror}); check its permissions")
        ) from None
    readers: dict[str, Reader] = {}
    used: dict[str, Path] = {}
    problems = []
    for file in files:
        if file.name.startswith((".", "_")):
            continue
        name = file.stem
        if name not in TABLE:
            problems.append(Problem(shown_path(file), "", unknown_table(name, file.suffix)))
        elif name in used:
            message = f"the table {name!r} is there twice, also as {used[name].name!r}; remove one of them"
            problems.append(Problem(shown_path(file), "", message))
        else:
            used[name] = file
            readers[name] = partial(_read_file, name, file)
    return readers, problems


def unknown_table(name: str, suffix: str = "") -> str:
    """The message for a table whose name the schema does not know."""
    match = closest(name, TABLE)
    hint = did_you_mean(name + suffix, [match + suffix]) if match else ""
    return f"unknown table {got(name + suffix)}{hint or '; a name that begins with _ is left out'}"


def _read_file(name: str, file: Path) -> RawTable:
    if file.suffix.lower() == ".parquet":
        from firmdate.data.parquet_file import read_parquet_table

        return read_parquet_table(name, file)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(
            Problem(shown_path(file), "", f"cannot be read ({error.strerror}); it must be a file that you may read")
        ) from None
    return read_csv_table(name, shown_path(file), content)
