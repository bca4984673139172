"""Planning data and a scenario that a program makes up, written in Firmdate's own file formats."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import yaml

from firmdate.errors import InputError, Problem

Row = Mapping[str, object]
"""Values by column; None is blank."""


class PlanningFiles:
    """Rows of planning tables, collected one by one and written as a folder of CSV files.

    >>> files = PlanningFiles()
    >>> files.add("on_hand", {"item": "PART", "location": "W1", "quantity": 5})
    >>> len(files.rows("on_hand"))
    1
    """

    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = defaultdict(list)

    def add(self, table: str, row: Row) -> None:
        """Add one row; a column that is left out, or None, is blank in the file."""
        self._rows[table].append(row)

    def rows(self, table: str) -> list[Row]:
        """The rows of a table so far."""
        return self._rows.get(table, [])

    def write(self, folder: Path, scenario: Mapping[str, object]) -> Path:
        """Write every table to ``folder/data`` and the scenario beside it.

        Args:
            folder: Folder to write into; it is created when missing.
            scenario: Keys of the scenario except ``data``.

        Returns:
            Path of the scenario file.

        Raises:
            InputError: ``folder/data`` is there and holds files, which would become part of the planning data.
        """
        data = folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        if any(data.iterdir()):
            raise InputError(Problem(str(data), "", "the folder is not empty; remove it or name another one"))
        for table, rows in self._rows.items():
            columns = list(dict.fromkeys(name for row in rows for name in row))
            with (data / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, columns, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
        path = folder / "scenario.yaml"
        text = yaml.safe_dump({**scenario, "data": "data"}, sort_keys=False, allow_unicode=True)
        path.write_text(text, encoding="utf-8")
        return path
