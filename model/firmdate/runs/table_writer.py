"""Tables of a large run, written by another process while this one goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from firmdate.runs.apart import beside
from firmdate.runs.table_files import write_table

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS_HERE = 50_000
"""Up to so many rows of all tables, another process is not worth its price."""


@contextmanager
def tables_written(
    tables: Mapping[str, pd.DataFrame], folder: Path, file_format: str, *, processes: bool
) -> Iterator[Callable[[], None]]:
    """Write tables, in another process where that pays, while the block does something else.

    Args:
        tables: Frames by the names of their files.
        folder: Where they are written.
        file_format: ``csv`` or ``parquet``.
        processes: Whether there may be another process.

    Yields:
        What waits until all tables are written; it writes itself what the process did not, should that have been
        killed, and raises OSError where a file cannot be written.
    """

    def write(names: set[str]) -> None:
        for name in names:
            write_table(tables[name], folder, name, file_format)

    if not processes or sum(map(len, tables.values())) <= MOST_ROWS_HERE:
        yield lambda: write(set(tables))
        return
    with beside(_write, (tables, folder.absolute(), file_format)) as said:

        def finish() -> None:
            left = set(tables)
            try:
                while left:
                    message = said.recv()
                    if isinstance(message, OSError):
                        raise message
                    left.remove(message)
            except EOFError:
                write(left)

        yield finish


def _write(sender: Connection, given: tuple[Mapping[str, pd.DataFrame], Path, str]) -> None:
    """Write tables in this process, and say after each that it is written."""
    tables, folder, file_format = given
    try:
        for name, frame in tables.items():
            write_table(frame, folder, name, file_format)
            sender.send(name)
    except OSError as error:
        sender.send(error)
