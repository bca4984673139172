"""What the rules are about: index sets, relations, parameters and variables with their data.

The names are the ones that ``rules.py`` uses. The same object fills an ordinary Pyomo model and gives
the arrays from which the expansion reads.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.horizon import BoolArray, FloatArray
from firmdate.network.relations import Relation


@dataclass(frozen=True)
class IndexSet:
    """A set of row numbers ``0 … size - 1``."""

    name: str
    size: int
    doc: str


@dataclass(frozen=True)
class IndexedRelation:
    """Which members of one set belong to each member of another."""

    name: str
    of: str
    members: str
    data: Relation
    doc: str


@dataclass(frozen=True)
class Parameter:
    """Numbers by the members of a set, or by the pairs of a relation (then in the relation's order).

    Args:
        name: Name in the rules.
        over: Name of the set or relation.
        values: One number per member or pair.
        doc: Meaning and unit.
        paired: True when ``over`` is a relation.
    """

    name: str
    over: str
    values: FloatArray
    doc: str
    paired: bool = False


@dataclass(frozen=True)
class Variable:
    """Decision variables over a set, from 0 to an upper bound.

    Args:
        name: Name in the rules.
        over: Name of the set.
        upper: Upper bounds, infinite where there is none.
        doc: Meaning and unit.
        whole: True where the variable is an integer.
    """

    name: str
    over: str
    upper: FloatArray
    doc: str
    whole: bool = False


@dataclass(frozen=True)
class ModelData:
    """All of them, in the order in which they are declared. Columns are numbered variable after variable."""

    sets: tuple[IndexSet, ...]
    relations: tuple[IndexedRelation, ...]
    parameters: tuple[Parameter, ...]
    variables: tuple[Variable, ...]

    def size(self, name: str) -> int:
        """Number of members of a set."""
        return next(s.size for s in self.sets if s.name == name)

    def column_offsets(self) -> dict[str, int]:
        """First column of each variable."""
        sizes = [self.size(variable.over) for variable in self.variables]
        starts = (np.cumsum(sizes) - sizes).tolist()
        return {variable.name: start for variable, start in zip(self.variables, starts, strict=True)}

    def names(self) -> tuple[str, ...]:
        """Names of everything, in order."""
        parts: tuple[tuple[IndexSet | IndexedRelation | Parameter | Variable, ...], ...]
        parts = (self.sets, self.relations, self.parameters, self.variables)
        return tuple(declared.name for part in parts for declared in part)

    @property
    def columns(self) -> int:
        """Number of columns."""
        return sum(self.size(variable.over) for variable in self.variables)

    def upper_bounds(self) -> FloatArray:
        """Upper bound of every column."""
        return np.concatenate([variable.upper for variable in self.variables] or [np.empty(0)])

    def integers(self) -> BoolArray:
        """Which columns are integers."""
        parts = [np.full(self.size(variable.over), variable.whole) for variable in self.variables]
        return np.concatenate(parts or [np.empty(0, dtype=bool)])
