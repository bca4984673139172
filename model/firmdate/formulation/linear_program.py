"""The linear program of a network as arrays, and as an ordinary Pyomo model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from scipy.sparse import csr_array

from firmdate.formulation.expand import Expander, Template
from firmdate.formulation.model_data import model_data, shipment_dates
from firmdate.formulation.rules import CONSTRAINTS, OBJECTIVES, Rule
from firmdate.formulation.set_data import gatherings
from firmdate.formulation.sets import ModelData
from firmdate.formulation.split_data import split_rows
from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.network import Network

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel


COMMITTED = -2
"""What stands for the tier of columns that serve lines with a commitment, which comes before all tiers."""

_TIER_LEVELS = ("tier_level", "priority_level", "fair_level")


@dataclass(frozen=True)
class FairRows:
    """Rows that compare those who share; one entry per sharer and day.

    Args:
        row: Row of the comparison.
        filled: Column of what the sharer has got.
        common: Column of the part that everybody has.
        whole: True where only whole units move.
        level: Level of the tier.
    """

    row: IntArray
    filled: IntArray
    common: IntArray
    whole: BoolArray
    level: IntArray

    def part(self, rows: BoolArray | IntArray) -> FairRows:
        """Some of the entries."""
        return FairRows(self.row[rows], self.filled[rows], self.common[rows], self.whole[rows], self.level[rows])


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
        tier: Per column: tier of the lines that it serves, :data:`COMMITTED` for those with a commitment, -1 for all
            other columns.
        part: Per column: part of the planning data, -1 for columns that do not say it themselves.
        set_of: Per column: ship set whose dates it chooses, -1 for all other columns.
        costs: Costs of every level, levels × columns.
        levels: The levels in their order.
        rows_of: First row and row after the last of every constraint.
        fair: Rows that compare those who share.
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
    part: IntArray
    set_of: IntArray
    costs: csr_array
    levels: tuple[Level, ...]
    rows_of: dict[str, tuple[int, int]]
    fair: FairRows

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
    winners = np.unique(network.lines.level[network.lines.winner])
    order = objective_order(data, money=network.money, winners=len(winners))
    return expand_program(data, order, column_attributes(network, data)) if expand else pyomo_model(data, order)


@dataclass(frozen=True)
class ColumnAttributes:
    """What the solver may know of columns beside the program itself; see :class:`LinearProgram`."""

    whole: BoolArray
    family: IntArray
    tier: IntArray
    part: IntArray
    set_of: IntArray


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
    sets = network.ship_sets
    # What is committed was decided before all tiers, so no tier may leave it out.
    level = np.where(network.classes.commit_day == NO_DAY, network.classes.level, COMMITTED)
    # Lines of a set are decided together, with the best of them.
    of_set, member = sets.of_class[sets.of_class >= 0], np.flatnonzero(sets.of_class >= 0)
    best = np.full(len(sets), int(level.max(initial=0)))
    np.minimum.at(best, of_set, level[member])
    level[member] = best[of_set]
    tier[delivered] = level[deliveries.of_class]
    tier[columns("Backlog", len(network.backlog))] = level[network.backlog.of_class]
    tier[columns("SetDate", len(sets.date_set))] = best[sets.date_set]
    waiting = gatherings(network).of_class
    tier[columns("Waiting", len(waiting))] = level[waiting]
    shares = network.fair_shares
    tier[columns("Filled", len(shares))] = shares.row_level
    whole[columns("Filled", len(shares))] = shares.whole
    tier[columns("CommonPart", len(shares.group_level))] = shares.group_level
    shipped = shipment_dates(network)
    tier[columns("Ship", len(shipped))] = level[shipped // network.horizon.days]
    splits = split_rows(network)
    tier[columns("OnDay", len(splits.day))] = _line_levels(network, level, splits.day_line)
    tier[columns("Finished", len(splits.finish_line))] = _line_levels(network, level, splits.finish_line)
    set_of = np.full(data.columns, -1)
    set_of[columns("SetDate", len(sets.date_set))] = sets.date_set
    return ColumnAttributes(whole, family, tier, _parts(network, data), set_of)


def _line_levels(network: Network, level: IntArray, rows: IntArray) -> IntArray:
    """The best level of all classes of some lines."""
    if not len(rows):
        return rows
    best = np.full(len(network.lines), int(level.max()))
    np.minimum.at(best, network.classes.line, level[network.classes.line_class])
    return best[rows]


def _parts(network: Network, data: ModelData) -> IntArray:
    """Part of the planning data of every column; -1 for columns that only others tell it of."""
    part, offsets = np.full(data.columns, -1), data.column_offsets()
    of_point = network.part[network.catalog.item_of(network.points.keys)]
    points = (
        ("Start", network.activities.point[network.starts.activity]),
        ("Stock", network.nodes.point),
        ("Deliver", network.classes.point[network.deliveries.of_class]),
        ("Backlog", network.classes.point[network.backlog.of_class]),
    )
    for name, point in points:
        part[offsets[name] : offsets[name] + len(point)] = of_point[point]
    return part


def objective_order(data: ModelData, *, money: bool, winners: int = 0) -> tuple[Level, ...]:
    """The levels in the order in which they are minimized.

    ``objective: tiers`` puts money below all tiers and stock targets; ``objective: cost`` puts it above them, so that
    the tiers only choose among the plans of least cost, and of these the ones that spend least: a penalty must be more
    than what avoids it. Commitments and winners come before money in any case.

    Args:
        data: Sets of the model.
        money: True for one objective in money.
        winners: How many of the tiers are those of winners.
    """
    tiers = [Level(name, k) for k in range(data.size("TIERS")) for name in _TIER_LEVELS]
    commitments = [Level("commitment_level", k) for k in range(data.size("COMMITMENTS"))]
    last = (
        "premium_level",
        "substitution_level",
        "allocation_level",
        "overload_level",
        "target_level",
        "stability_level",
        "order_stability_level",
        "due_order_level",
        "rank_level",
    )
    first = len(_TIER_LEVELS) * winners
    cost, service = [Level("cost_level", 0)], [*tiers[first:], *(Level(name, 0) for name in last)]
    middle = [*cost, Level("spending_level", 0), *service] if money else service + cost
    return (Level("shortage_level", 0), *commitments, *tiers[:first], *middle, Level("tidy_level", 0))


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
        part=attributes.part,
        set_of=attributes.set_of,
        costs=expander.objectives(OBJECTIVES, [(level.name, level.member) for level in order]),
        levels=order,
        rows_of=rows_of,
        fair=_fair_rows(data, rows_of["fair_share"][0], attributes),
    )


def _fair_rows(data: ModelData, first_row: int, attributes: ColumnAttributes) -> FairRows:
    """The rows of the constraint ``fair_share`` with their columns."""
    offsets = data.column_offsets()
    group = next(link.data.targets for link in data.relations if link.name == "SHARER_GROUP")
    every = np.arange(len(group))
    filled = offsets["Filled"] + every
    whole, level = attributes.whole[filled], attributes.tier[filled]
    return FairRows(first_row + every, filled, offsets["CommonPart"] + group, whole, level)


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
    first = next((level for level in order if level.name in ("tier_level", "cost_level")), order[0])
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
