"""Collects what the rules name: sets, relations, numbers and variables, with their sizes."""

from __future__ import annotations

import numpy as np

from firmdate.formulation.sets import IndexedRelation, IndexSet, ModelData, Parameter, Variable
from firmdate.network.horizon import FloatArray, IntArray
from firmdate.network.relations import relation


class Builder:
    """Collects declarations and keeps names and sizes together."""

    def __init__(self) -> None:
        self.sets: list[IndexSet] = []
        self.relations: list[IndexedRelation] = []
        self.parameters: list[Parameter] = []
        self.variables: list[Variable] = []

    def index(self, name: str, size: int, doc: str) -> None:
        """Declare a set."""
        self.sets.append(IndexSet(name, size, doc))

    def relate(self, name: str, of: str, members: str, source: IntArray, target: IntArray, doc: str) -> IntArray:
        """Declare a relation from pairs and give the order in which parameters of its pairs must stand."""
        rows = next(s.size for s in self.sets if s.name == of)
        data, order = relation(rows, source, target)
        self.relations.append(IndexedRelation(name, of, members, data, doc))
        return order

    def number(self, name: str, over: str, values: FloatArray, doc: str) -> None:
        """Declare a number per member of a set."""
        self.parameters.append(Parameter(name, over, values.astype(np.float64, copy=False), doc))

    def paired(self, name: str, over: str, values: FloatArray, doc: str) -> None:
        """Declare a number per pair of a relation."""
        self.parameters.append(Parameter(name, over, values.astype(np.float64, copy=False), doc, paired=True))

    def variable(self, name: str, over: str, doc: str, upper: FloatArray | None = None, whole: bool = False) -> None:
        """Declare variables from 0 to an upper bound."""
        size = next(s.size for s in self.sets if s.name == over)
        self.variables.append(Variable(name, over, np.full(size, np.inf) if upper is None else upper, doc, whole))

    def build(self) -> ModelData:
        """All declarations, in their order."""
        return ModelData(tuple(self.sets), tuple(self.relations), tuple(self.parameters), tuple(self.variables))
