"""Reading one Parquet file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from firmdate.data.raw import RawColumn, RawTable, object_column, typed_column
from firmdate.data.suggest import shown_path
from firmdate.errors import InputError, Problem

_PANDAS_INDEX = re.compile(r"__index_level_\d+__")
"""Column in which pandas stores the index of a frame; it is no part of the table."""


def read_parquet_table(name: str, path: Path) -> RawTable:
    """The columns of a Parquet file as text; the label of a row is its number, from 1.

    Args:
        name: Name of the table.
        path: The file.

    Raises:
        InputError: pyarrow is not installed, or the file cannot be read.
    """
    file = shown_path(path)
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        message = "reading Parquet needs pyarrow; install firmdate[parquet]"
        raise InputError(Problem(file, "", message)) from None
    try:
        table = pq.ParquetFile(path).read(use_threads=False)
    except (OSError, pa.ArrowException) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(Problem(file, "", f"not a Parquet file that can be read ({reason}); write it again")) from None
    places = [place for place, name in enumerate(table.column_names) if not _PANDAS_INDEX.fullmatch(name)]
    columns = [_read_column(table.column(place)) for place in places]
    header = [table.column_names[place].strip() for place in places]
    return RawTable(name, file, header, columns, np.arange(1, table.num_rows + 1))


def _read_column(chunks: Any) -> RawColumn:
    import pyarrow as pa
    import pyarrow.compute as pc

    column = chunks.combine_chunks()
    if pa.types.is_null(column.type):
        return RawColumn(np.full(len(column), -1, dtype=np.intp), [])
    if pa.types.is_nested(column.type):
        return object_column(column.to_pylist())
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    codes = pc.fill_null(column.indices, -1).to_numpy(zero_copy_only=False)
    return typed_column(codes.astype(np.intp), column.dictionary.to_pylist())
