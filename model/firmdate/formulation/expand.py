"""Templates to arrays: every rule is walked once, whatever the number of rows.

``templatize_rule`` of Pyomo gives the expression of a rule with index templates in place of indices.
Here an index template is an integer array, a sum over a relation is a gather through its arrays, a
parameter is an array look-up and a variable is a column offset. Any expression that is not known is an
error that names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array, csr_array

from firmdate.formulation.rules import Indexed, Rule
from firmdate.formulation.sets import IndexedRelation, ModelData
from firmdate.network.horizon import FloatArray, IntArray
from firmdate.network.relations import ranges

Template = tuple[Any, Any]
"""The expression of a rule with index templates in place of indices, and its own index template."""


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
        position: Pair of that relation per term; None where they are all pairs in their order.
        parent: The level outside, None for the rows themselves.
        count: How many terms come from each term of the parent.
    """

    rows: IntArray
    index: int
    values: IntArray
    members: str
    relation: str = ""
    of: int = 0
    position: IntArray | None = None
    parent: _Terms | None = None
    count: IntArray | None = None


class _Sink:
    """Collects coefficients and constants of rows."""

    def __init__(self, rows: int) -> None:
        self.rows: list[IntArray] = []
        self.columns: list[IntArray] = []
        self.values: list[FloatArray] = []
        self.constant = np.zeros(rows)


class Expander:
    """Expands rules over the data of one model."""

    def __init__(self, data: ModelData, model: Any, templates: dict[Rule, Template] | None = None) -> None:
        """Prepare look-ups.

        Args:
            data: Sets, relations, parameters and variables.
            model: The (empty) Pyomo model whose components the rules name.
            templates: Templates that the same model has given before; new ones are added.
        """
        self._templates = {} if templates is None else templates
        self._data = data
        self._model = model
        self._relations: dict[str, IndexedRelation] = {r.name: r for r in data.relations}
        self._parameters = {p.name: p for p in data.parameters}
        self._variables = {v.name: v.over for v in data.variables}
        self._offsets = data.column_offsets()
        self._costs_only = False

    def constraints(self, rules: Sequence[Indexed]) -> tuple[ExpandedRows, dict[str, tuple[int, int]]]:
        """All rows of some constraints under each other, and the rows of each by its name."""
        parts = [self._expand(indexed, self._data.size(indexed.over)) for indexed in rules]
        ends = np.cumsum([len(sink.constant) for sink, _ in parts]).tolist()
        starts = [0, *ends[:-1]]
        bound = -np.concatenate([sink.constant for sink, _ in parts])
        lower = np.full(len(bound), -np.inf)
        for (_, relation), start, end in zip(parts, starts, ends, strict=True):
            if relation == "==":
                lower[start:end] = bound[start:end]
        matrix = self._matrix([sink for sink, _ in parts], starts, len(bound))
        names = [indexed.name for indexed in rules]
        return ExpandedRows(matrix, lower, bound), dict(zip(names, zip(starts, ends, strict=True), strict=True))

    def objectives(self, rules: Sequence[Indexed], order: Sequence[tuple[str, int]]) -> csr_array:
        """One row of costs per name of a rule and member of its set, in the order asked for."""
        self._costs_only = True
        asked = {name for name, _ in order}
        rules = [indexed for indexed in rules if indexed.name in asked]
        sinks = {indexed.name: self._expand(indexed, self._data.size(indexed.over))[0] for indexed in rules}
        self._costs_only = False
        for name, sink in sinks.items():
            place = np.full(len(sink.constant), -1)
            for position, (of, member) in enumerate(order):
                if of == name:
                    place[member] = position
            sink.rows = [place[part] for part in sink.rows]
        return self._matrix(list(sinks.values()), [0] * len(sinks), len(order))

    def _matrix(self, sinks: Sequence[_Sink], starts: Sequence[int], rows: int) -> csr_array:
        """The coefficients of several rules, whose rows begin at ``starts``."""
        none = np.empty(0, dtype=np.int32)
        row = [part + start if start else part for sink, start in zip(sinks, starts, strict=True) for part in sink.rows]
        column = [part for sink in sinks for part in sink.columns]
        value = [part for sink in sinks for part in sink.values]
        # HiGHS takes narrow indices, and they halve what is moved.
        coordinates = tuple(
            np.concatenate([none, *part], dtype=np.int32, casting="same_kind") for part in (row, column)
        )
        shape = (rows, self._data.columns)
        return csr_array(coo_array((np.concatenate([np.empty(0), *value]), coordinates), shape=shape))

    def _expand(self, indexed: Indexed, rows: int) -> tuple[_Sink, str]:
        """Walk the template of a rule; rows of ``≥`` are turned into ``≤``."""
        from pyomo.core.expr import EqualityExpression, InequalityExpression

        sink = _Sink(rows)
        if rows == 0:
            return sink, "<="
        self._name = indexed.name
        template, index = self._template(indexed)
        every = np.arange(rows)
        terms = _Terms(every, id(index[0]), every, indexed.over)
        if isinstance(template, (EqualityExpression, InequalityExpression)):
            left, right = template.args
            self._add(left, terms, np.ones(1), sink)
            self._add(right, terms, -np.ones(1), sink)
            return sink, "==" if isinstance(template, EqualityExpression) else "<="
        self._add(template, terms, np.ones(1), sink)
        return sink, ""

    def _template(self, indexed: Indexed) -> Template:
        """The template of a rule: it holds names alone, so it is made once for all data."""
        from pyomo.core.expr.template_expr import templatize_rule

        if indexed.rule not in self._templates:
            try:
                made = templatize_rule(self._model, indexed.rule, getattr(self._model, indexed.over))
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise ExpansionError(f"constraint {self._name}: Pyomo cannot make a template of it: {error}") from error
            self._templates[indexed.rule] = made
        return self._templates[indexed.rule]

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
            value = np.broadcast_to(factor, terms.rows.shape)
            kept = value != 0 if self._costs_only else slice(None)
            sink.rows.append(terms.rows[kept])
            sink.columns.append(column[kept])
            sink.values.append(value[kept])
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
                # Over all rows, the terms are the pairs of the relation in their order.
                position = None if terms.parent is None else ranges(link.data.offsets[row], count)
                values = link.data.targets if position is None else link.data.targets[position]
            else:
                members, name, of, position = source.local_name, "", 0, None
                size = self._data.size(members)
                count = np.full(len(terms.rows), size)
                values = np.tile(np.arange(size), len(terms.rows))
            factor = np.repeat(factor, count) if len(factor) == len(terms.rows) != 1 else factor
            rows = np.repeat(terms.rows, count)
            terms = _Terms(rows, id(iterator), values, members, name, of, position, terms, count)
        self._add(node._local_args_[0], terms, factor, sink)

    def _add_product(self, node: Any, terms: _Terms, factor: FloatArray, sink: _Sink) -> None:
        """A number times something."""
        left, right = node.args
        if not self._is_constant(left):
            left, right = right, left
        if not self._is_constant(left):
            raise self._unknown(node)
        product = factor * self._number(left, terms)
        # A cost of nothing needs no entry; in a constraint it keeps its place, as in Pyomo's own matrix.
        if product.any() or not self._costs_only:
            self._add(right, terms, product, sink)

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
        if terms.parent is None or terms.count is None:
            raise self._unknown(node)
        return np.repeat(self._index(node, terms.parent, members), terms.count)

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
        if (of, index, parameter.over) != (terms.of, terms.index, terms.relation):
            raise self._unknown(node)
        return parameter.values if terms.position is None else parameter.values[terms.position]

    def _unknown(self, node: Any) -> ExpansionError:
        return ExpansionError(f"constraint {self._name}: cannot expand {type(node).__name__} {node}")


_SUMS = ("SumExpression", "LinearExpression", "NPV_SumExpression")
_PRODUCTS = ("ProductExpression", "MonomialTermExpression", "NPV_ProductExpression")
_NEGATIONS = ("NegationExpression", "NPV_NegationExpression")
