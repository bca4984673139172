"""Templates to arrays: every rule is walked once, whatever the number of rows.

``templatize_rule`` of Pyomo gives the expression of a rule with index templates in place of indices.
Here an index template is an integer array, a sum over a relation is a gather through its arrays, a
parameter is an array look-up and a variable is a column offset. Any expression that is not known is an
error that names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array, csr_array

from firmdate.formulation.rules import Indexed
from firmdate.formulation.sets import IndexedRelation, ModelData
from firmdate.network.horizon import FloatArray, IntArray
from firmdate.network.relations import ranges


class ExpansionError(NotImplementedError):
    """A rule uses an expression that the expansion does not know."""


@dataclass(frozen=True)
class ExpandedRows:
    """Rows ``lower ≤ matrix · x ≤ upper``.

    Args:
        matrix: Coefficients, rows × columns.
        lower: Lower bounds of the rows.
        upper: Upper bounds of the rows.
    """

    matrix: csr_array
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True)
class _Terms:
    """The terms that an expression stands for, inside one more sum than its parent.

    Args:
        rows: Row of every term.
        index: Identity of the index template that this level binds.
        values: Its value per term.
        members: Set whose members the values are.
        relation: Relation that it runs over, blank for a whole set.
        of: Identity of the index template whose related members it runs over.
        position: Pair of that relation per term.
        parent: The level outside, None for the rows themselves.
        origin: Term of the parent from which each term comes.
    """

    rows: IntArray
    index: int
    values: IntArray
    members: str
    relation: str = ""
    of: int = 0
    position: IntArray | None = None
    parent: _Terms | None = None
    origin: IntArray | None = None


class _Sink:
    """Collects coefficients and constants of rows."""

    def __init__(self, rows: int) -> None:
        self.rows: list[IntArray] = []
        self.columns: list[IntArray] = []
        self.values: list[FloatArray] = []
        self.constant = np.zeros(rows)


class Expander:
    """Expands rules over the data of one model."""

    def __init__(self, data: ModelData, model: Any) -> None:
        """Prepare look-ups.

        Args:
            data: Sets, relations, parameters and variables.
            model: The (empty) Pyomo model whose components the rules name.
        """
        self._data = data
        self._model = model
        self._relations: dict[str, IndexedRelation] = {r.name: r for r in data.relations}
        self._parameters = {p.name: p for p in data.parameters}
        self._variables = {v.name: v.over for v in data.variables}
        self._offsets = data.column_offsets()

    def constraint(self, indexed: Indexed) -> ExpandedRows:
        """All rows of a constraint."""
        rows = self._data.size(indexed.over)
        sink, relation = self._expand(indexed, rows)
        matrix = self._matrix(sink, rows)
        bound = -sink.constant
        infinite = np.full(rows, np.inf)
        if relation == "==":
            return ExpandedRows(matrix, bound, bound)
        return ExpandedRows(matrix, -infinite, bound)

    def objective(self, indexed: Indexed) -> csr_array:
        """One row of costs per member of the set."""
        rows = self._data.size(indexed.over)
        sink, _ = self._expand(indexed, rows)
        return self._matrix(sink, rows)

    def _matrix(self, sink: _Sink, rows: int) -> csr_array:
        empty = np.empty(0, dtype=np.int64)
        coordinates = (np.concatenate([empty, *sink.rows]), np.concatenate([empty, *sink.columns]))
        values = np.concatenate([np.empty(0), *sink.values])
        return csr_array(coo_array((values, coordinates), shape=(rows, self._data.columns)))

    def _expand(self, indexed: Indexed, rows: int) -> tuple[_Sink, str]:
        """Walk the template of a rule; rows of ``≥`` are turned into ``≤``."""
        from pyomo.core.expr import EqualityExpression, InequalityExpression
        from pyomo.core.expr.template_expr import templatize_rule

        sink = _Sink(rows)
        if rows == 0:
            return sink, "<="
        self._name = indexed.name
        try:
            template, index = templatize_rule(self._model, indexed.rule, getattr(self._model, indexed.over))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ExpansionError(f"constraint {self._name}: Pyomo cannot make a template of it: {error}") from error
        every = np.arange(rows)
        terms = _Terms(every, id(index[0]), every, indexed.over)
        if isinstance(template, (EqualityExpression, InequalityExpression)):
            left, right = template.args
            self._add(left, terms, np.ones(1), sink)
            self._add(right, terms, -np.ones(1), sink)
            return sink, "==" if isinstance(template, EqualityExpression) else "<="
        self._add(template, terms, np.ones(1), sink)
        return sink, ""

    def _add(self, node: Any, terms: _Terms, factor: FloatArray, sink: _Sink) -> None:
        """Add ``factor`` × an expression to the rows; ``factor`` has one entry, or one per term."""
        kind = type(node).__name__
        if kind in _SUMS:
            for part in node.args:
                self._add(part, terms, factor, sink)
        elif kind == "TemplateSumExpression":
            self._add_sum(node, terms, factor, sink)
        elif kind in _PRODUCTS:
            self._add_product(node, terms, factor, sink)
        elif kind in _NEGATIONS:
            self._add(node.args[0], terms, -factor, sink)
        elif self._is_variable(node):
            name = node.args[0].local_name
            column = self._offsets[name] + self._index(node.args[1], terms, self._variables[name])
            sink.rows.append(terms.rows)
            sink.columns.append(column)
            sink.values.append(np.broadcast_to(factor, terms.rows.shape))
        else:
            value = np.broadcast_to(factor * self._number(node, terms), terms.rows.shape)
            if terms.parent is None:
                sink.constant += value
            else:
                sink.constant += np.bincount(terms.rows, weights=value, minlength=len(sink.constant))

    def _add_sum(self, node: Any, terms: _Terms, factor: FloatArray, sink: _Sink) -> None:
        """A sum over the members of a relation (or of a whole set)."""
        for iterators in node.template_iters():
            if len(iterators) != 1:
                raise self._unknown(node)
            iterator = iterators[0]
            source = iterator._set
            if type(source).__name__.endswith("GetItemExpression"):
                link = self._relations[source.args[0].local_name]
                members, name, of = link.members, link.name, id(source.args[1])
                row = self._index(source.args[1], terms, link.of)
                count = link.data.offsets[row + 1] - link.data.offsets[row]
                position = ranges(link.data.offsets[row], count)
                values = link.data.targets[position]
            else:
                members, name, of, position = source.local_name, "", 0, None
                size = self._data.size(members)
                count = np.full(len(terms.rows), size)
                values = np.tile(np.arange(size), len(terms.rows))
            origin = np.repeat(np.arange(len(terms.rows)), count)
            factor = factor[origin] if len(factor) == len(terms.rows) != 1 else factor
            terms = _Terms(terms.rows[origin], id(iterator), values, members, name, of, position, terms, origin)
        self._add(node._local_args_[0], terms, factor, sink)

    def _add_product(self, node: Any, terms: _Terms, factor: FloatArray, sink: _Sink) -> None:
        """A number times something."""
        left, right = node.args
        if self._is_constant(left):
            self._add(right, terms, factor * self._number(left, terms), sink)
        elif self._is_constant(right):
            self._add(left, terms, factor * self._number(right, terms), sink)
        else:
            raise self._unknown(node)

    def _is_constant(self, node: Any) -> bool:
        return not hasattr(node, "is_potentially_variable") or not node.is_potentially_variable()

    def _is_variable(self, node: Any) -> bool:
        return type(node).__name__ == "Numeric_GetItemExpression" and node.args[0].local_name in self._offsets

    def _index(self, node: Any, terms: _Terms, members: str) -> IntArray:
        """Values of an index template, members of a set: bound here, or by a level outside."""
        if id(node) == terms.index:
            if terms.members != members:
                raise ExpansionError(f"constraint {self._name}: an index of {members} is one of {terms.members}")
            return terms.values
        if terms.parent is None or terms.origin is None:
            raise self._unknown(node)
        return self._index(node, terms.parent, members)[terms.origin]

    def _number(self, node: Any, terms: _Terms) -> FloatArray:
        """Values of an expression without variables; one entry, or one per term."""
        if isinstance(node, (int, float)):
            return np.array([float(node)])
        kind = type(node).__name__
        if kind.endswith("GetItemExpression") and node.args[0].local_name in self._parameters:
            return self._parameter(node, terms)
        if kind in _NEGATIONS:
            return -self._number(node.args[0], terms)
        if kind in _PRODUCTS:
            return self._number(node.args[0], terms) * self._number(node.args[1], terms)
        if kind in _SUMS:
            return np.asarray(sum(self._number(part, terms) for part in node.args))
        raise self._unknown(node)

    def _parameter(self, node: Any, terms: _Terms) -> FloatArray:
        parameter = self._parameters[node.args[0].local_name]
        if not parameter.paired:
            return parameter.values[self._index(node.args[1], terms, parameter.over)]
        of, index = (id(part) for part in node.args[1:])
        if (of, index, parameter.over) != (terms.of, terms.index, terms.relation) or terms.position is None:
            raise self._unknown(node)
        return parameter.values[terms.position]

    def _unknown(self, node: Any) -> ExpansionError:
        return ExpansionError(f"constraint {self._name}: cannot expand {type(node).__name__} {node}")


_SUMS = ("SumExpression", "LinearExpression", "NPV_SumExpression")
_PRODUCTS = ("ProductExpression", "MonomialTermExpression", "NPV_ProductExpression")
_NEGATIONS = ("NegationExpression", "NPV_NegationExpression")
