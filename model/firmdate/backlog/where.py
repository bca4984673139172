"""Order lines by accepted values of their columns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from firmdate.data.suggest import did_you_mean, got
from firmdate.data.tables import TABLE
from firmdate.errors import InputError, Problem
from firmdate.scenario.edited_table import EditedTable
from firmdate.scenario.schema import Scenario

BoolArray = npt.NDArray[np.bool_]


class LineFilter:
    """Finds order lines; texts are compared as codes.

    Args:
        demands: The table ``demands``.
        scenario: For the place of a wrong column.
    """

    def __init__(self, demands: pd.DataFrame, scenario: Scenario) -> None:
        self._demands, self._scenario = demands, scenario
        self._table = EditedTable(TABLE["demands"], demands)

    def find(self, where: Mapping[str, tuple[str, ...]] | None, key: str) -> BoolArray:
        """Which lines have one of the values in every column.

        Args:
            where: Accepted values by column; None accepts every line.
            key: Key of the scenario, for errors.

        Raises:
            InputError: A column of the user's own is not in the data.
        """
        rows = np.arange(len(self._demands))
        for name, values in (where or {}).items():
            require_column(self._demands, name, self._scenario, key)
            rows = self._table.find(TABLE["demands"].column(name), values, rows)
        found = np.zeros(len(self._demands), dtype=bool)
        found[rows] = True
        return found


def require_column(demands: pd.DataFrame, name: str, scenario: Scenario, key: str) -> None:
    """Refuse a column of the user's own that the data do not have.

    Args:
        demands: The table ``demands``.
        name: Name of the column.
        scenario: For the place of the key.
        key: Key of the scenario that names the column.

    Raises:
        InputError: There is no such column.
    """
    if name not in demands:
        hint = did_you_mean(name, demands.columns) or "; add the column, or name another one"
        raise InputError(Problem(scenario.origins.get(key, key), key, f"demands has no column {got(name)}{hint}"))
