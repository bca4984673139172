"""The linear program of a network as arrays, and as an ordinary Pyomo model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from scipy.sparse import csr_array

from firmdate.formulation.expand import Expander, Template
from firmdate.formulation.model_data import model_data, shipment_dates
from firmdate.formulation.rules import CONSTRAINTS, OBJECTIVES, Rule
from firmdate.formulation.sets import ModelData
from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.network.network import Network

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel


@dataclass(frozen=True)
class Level:
    """One level of the objective.

    Args:
        name: Name of its rule.
        member: Member of the rule's set (the tier), 0 where there is one.
    """

    name: str
    member: int


@dataclass(frozen=True)
class LinearProgram:
    """``row_lower ≤ matrix · x ≤ row_upper``, ``0 ≤ x ≤ upper``; the levels are minimized one after the other.

    Args:
        data: Sets, relations, parameters and variables.
        matrix: Coefficients, rows × columns.
        row_lower: Lower bounds of the rows.
        row_upper: Upper bounds of the rows.
        upper: Upper bounds of the columns.
        integer: Which columns are integers.
        prefer_whole: Which columns are units of items that only move whole.
        family: Per column: columns of one activity, of one class, … have one number.
        tier: Per column: tier of the lines that it serves, -1 for all other columns.
        costs: Costs of every level, levels × columns.
        levels: The levels in their order.
        rows_of: First row and row after the last of every constraint.
    """

    data: ModelData
    matrix: csr_array
    row_lower: FloatArray
    row_upper: FloatArray
    upper: FloatArray
    integer: BoolArray
    prefer_whole: BoolArray
    family: IntArray
    tier: IntArray
    costs: csr_array
    levels: tuple[Level, ...]
    rows_of: dict[str, tuple[int, int]]

    def columns_of(self, variable: str) -> slice:
        """The columns of a variable."""
        start = self.data.column_offsets()[variable]
        over = next(v.over for v in self.data.variables if v.name == variable)
        return slice(start, start + self.data.size(over))


@overload
def formulate(network: Network, *, expand: Literal[True] = True) -> LinearProgram: ...
@overload
def formulate(network: Network, *, expand: Literal[False]) -> ConcreteModel: ...


def formulate(network: Network, *, expand: bool = True) -> LinearProgram | ConcreteModel:
    """Formulate the model of a network.

    Args:
        network: All sets with their data.
        expand: True for arrays, expanded from the templates of the rules. False for an ordinary Pyomo model
            with the same rows, columns and objectives: for small models, other solvers, LP files and ``pprint``.
            Its objectives are named as the rules; the first tier's is active.
    """
    data = model_data(network)
    order = objective_order(data, money=network.money)
    return expand_program(data, order, column_attributes(network, data)) if expand else pyomo_model(data, order)


@dataclass(frozen=True)
class ColumnAttributes:
    """What the solver may know of columns beside the program itself; see :class:`LinearProgram`."""

    whole: BoolArray
    family: IntArray
    tier: IntArray


def column_attributes(network: Network, data: ModelData) -> ColumnAttributes:
    """Which columns move whole units, which belong together, and which serve a tier.

    Starts of one activity and deliveries of one class over one route are families; other columns are their own.
    """
    whole = np.zeros(data.columns, dtype=bool)
    family, tier = np.arange(data.columns), np.full(data.columns, -1)
    offsets, of_point = data.column_offsets(), network.points.whole_units
    starts, deliveries = network.starts.activity, network.deliveries
    first_class = data.columns + len(network.activities)

    def columns(name: str, size: int) -> slice:
        return slice(offsets[name], offsets[name] + size)

    started, delivered = columns("Start", len(starts)), columns("Deliver", len(deliveries))
    whole[started], family[started] = of_point[network.activities.point[starts]], data.columns + starts
    whole[delivered] = of_point[network.classes.point[deliveries.of_class]]
    family[delivered] = first_class + deliveries.service
    level, sets = network.classes.level.copy(), network.ship_sets
    # Lines of a set are decided together, with the best of them.
    of_set, member = sets.of_class[sets.of_class >= 0], np.flatnonzero(sets.of_class >= 0)
    best = np.full(len(sets), int(level.max(initial=0)))
    np.minimum.at(best, of_set, level[member])
    level[member] = best[of_set]
    tier[delivered] = level[deliveries.of_class]
    tier[columns("Backlog", len(network.backlog))] = level[network.backlog.of_class]
    tier[columns("SetDate", len(sets.date_set))] = best[sets.date_set]
    shipped = shipment_dates(network)
    tier[columns("Ship", len(shipped))] = level[shipped // network.horizon.days]
    return ColumnAttributes(whole, family, tier)


def objective_order(data: ModelData, *, money: bool) -> tuple[Level, ...]:
    """The levels in the order in which they are minimized.

    ``objective: tiers`` puts money below all tiers and stock targets; ``objective: cost`` puts it above them,
    so that the tiers only choose among the plans of least cost.
    """
    tiers = [Level(name, k) for k in range(data.size("TIERS")) for name in ("tier_level", "priority_level")]
    cost = [Level("cost_level", 0)]
    service = [
        *tiers,
        Level("premium_level", 0),
        Level("substitution_level", 0),
        Level("overload_level", 0),
        Level("target_level", 0),
        Level("rank_level", 0),
    ]
    middle = cost + service if money else service + cost
    return (Level("shortage_level", 0), *middle, Level("tidy_level", 0))


@dataclass(frozen=True)
class _Shell:
    """An empty Pyomo model, and the templates that it has given: the same for all data of the same names."""

    model: ConcreteModel
    templates: dict[Rule, Template]


_shells: dict[tuple[str, ...], _Shell] = {}


def expand_program(data: ModelData, order: tuple[Level, ...], attributes: ColumnAttributes) -> LinearProgram:
    """Expand all rules to arrays."""
    names = data.names()
    if names not in _shells:
        _shells[names] = _Shell(declare(data, fill=False), {})
    shell = _shells[names]
    expander = Expander(data, shell.model, shell.templates)
    rows, rows_of = expander.constraints(CONSTRAINTS)
    return LinearProgram(
        data=data,
        matrix=rows.matrix,
        row_lower=rows.lower,
        row_upper=rows.upper,
        upper=data.upper_bounds(),
        integer=data.integers(),
        prefer_whole=attributes.whole,
        family=attributes.family,
        tier=attributes.tier,
        costs=expander.objectives(OBJECTIVES, [(level.name, level.member) for level in order]),
        levels=order,
        rows_of=rows_of,
    )


def pyomo_model(data: ModelData, order: tuple[Level, ...]) -> ConcreteModel:
    """The ordinary Pyomo model; the objective of the first tier (or of cost) is active."""
    import pyomo.core as pyo

    model = declare(data, fill=True)
    for indexed in CONSTRAINTS:
        model.add_component(indexed.name, pyo.Constraint(getattr(model, indexed.over), rule=_or_trivial(indexed.rule)))
    for indexed in OBJECTIVES:
        objective = pyo.Objective(getattr(model, indexed.over), rule=indexed.rule)
        model.add_component(indexed.name, objective)
        objective.deactivate()
    first = order[1] if len(order) > 1 else order[0]
    model.component(first.name)[first.member].activate()
    return model


def _or_trivial(rule: Any) -> Any:
    """Pyomo refuses rows without a variable; such a row holds by construction of the network."""
    import pyomo.core as pyo

    def checked(m: Any, i: Any) -> Any:
        row = rule(m, i)
        return pyo.Constraint.Feasible if row is True else row

    return checked


def declare(data: ModelData, *, fill: bool) -> ConcreteModel:
    """Declare sets, relations, parameters and variables.

    Args:
        data: What to declare.
        fill: False leaves relations and parameters empty, so that the size of the data costs nothing:
            the expansion only needs their names.
    """
    import pyomo.core as pyo

    model = pyo.ConcreteModel()
    for index in data.sets:
        # A template iterates over its sets once, so that an empty set would give none.
        size = index.size if fill else max(index.size, 1)
        model.add_component(index.name, pyo.RangeSet(0, size - 1, doc=index.doc))
    for link in data.relations:
        members = {i: link.data.of(i).tolist() for i in range(link.data.rows)} if fill else None
        model.add_component(link.name, pyo.Set(model.component(link.of), initialize=members, doc=link.doc))
    for parameter in data.parameters:
        model.add_component(parameter.name, _parameter(model, data, parameter, fill=fill))
    for variable in data.variables:
        domain = pyo.NonNegativeIntegers if variable.whole else pyo.NonNegativeReals
        bounds = {i: (0, None if np.isinf(u) else u) for i, u in enumerate(variable.upper.tolist())} if fill else None
        component = pyo.Var(
            model.component(variable.over),
            domain=domain,
            bounds=(lambda _, i, b=bounds: b[i]) if bounds is not None else None,
            dense=fill,
            doc=variable.doc,
        )
        model.add_component(variable.name, component)
    return model


def _parameter(model: Any, data: ModelData, parameter: Any, *, fill: bool) -> Any:
    import pyomo.core as pyo

    if not parameter.paired:
        values = dict(enumerate(parameter.values.tolist())) if fill else {}
        return pyo.Param(
            model.component(parameter.over), initialize=values, mutable=True, within=pyo.Reals, doc=parameter.doc
        )
    link = next(r for r in data.relations if r.name == parameter.over)
    pairs: dict[tuple[int, int], float] = {}
    if fill:
        rows = np.repeat(np.arange(link.data.rows), np.diff(link.data.offsets))
        pairs = dict(
            zip(zip(rows.tolist(), link.data.targets.tolist(), strict=True), parameter.values.tolist(), strict=True)
        )
    of, members = model.component(link.of), model.component(link.members)
    return pyo.Param(of, members, initialize=pairs, mutable=True, within=pyo.Reals, doc=parameter.doc)
