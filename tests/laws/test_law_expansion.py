"""The expansion of the templates equals the ordinary Pyomo model, row by row and column by column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
from hypothesis import given
from pyomo.repn import generate_standard_repn

from firmdate.formulation.expand import Expander, ExpansionError
from firmdate.formulation.linear_program import LinearProgram, declare, formulate
from firmdate.formulation.model_data import model_data
from firmdate.formulation.rules import CONSTRAINTS, Indexed
from firmdate.network.build import build_network
from firmdate.solver.highs import SolverOptions
from firmdate.solver.run_blocks import solve_program
from laws.law_settings import law
from laws.problem import PlanningProblem, problem
from laws.random_networks import problems


@dataclass(frozen=True)
class Row:
    """``lower ≤ coefficients · x ≤ upper``."""

    coefficients: np.ndarray
    lower: float
    upper: float

    def flipped(self) -> Row:
        """The same row times -1."""
        return Row(-self.coefficients, -self.upper, -self.lower)

    def equals(self, other: Row) -> bool:
        """Whether two rows say the same, but for rounding."""
        mine = np.append(self.coefficients, [self.lower, self.upper])
        return np.allclose(mine, np.append(other.coefficients, [other.lower, other.upper]), rtol=1e-12, atol=1e-12)


@law(20)
@given(problems())
def test_the_expanded_matrix_is_the_matrix_of_pyomo(planned: PlanningProblem) -> None:
    assert_expanded_as_pyomo(planned)


def assert_expanded_as_pyomo(planned: PlanningProblem) -> None:
    """Every row and column of the expansion is the one that Pyomo builds from the same rule."""
    network = build_network(planned.data(), planned.scenario())
    program = formulate(network)
    model = formulate(network, expand=False)
    column_of = _assert_same_columns(program, model)
    matrix = program.matrix.toarray()
    for indexed in CONSTRAINTS:
        start, end = program.rows_of[indexed.name]
        component = model.component(indexed.name)
        assert set(component) <= set(range(end - start))
        for index in range(end - start):
            expanded = Row(matrix[start + index], program.row_lower[start + index], program.row_upper[start + index])
            if index in component:
                built = _pyomo_row(component[index], column_of)
                assert expanded.equals(built) or expanded.equals(built.flipped()), f"{indexed.name}[{index}]"
            else:  # Pyomo has no rows without variables
                assert not expanded.coefficients.any()
                assert expanded.lower <= 0 <= expanded.upper


@law(10)
@given(problems())
def test_the_expanded_levels_are_the_objectives_of_pyomo(planned: PlanningProblem) -> None:
    network = build_network(planned.data(), planned.scenario())
    program = formulate(network)
    model = formulate(network, expand=False)
    column_of = _assert_same_columns(program, model)
    for cost, level in zip(program.costs.toarray(), program.levels, strict=True):
        built, constant = _linear(model.component(level.name)[level.member].expr, column_of)
        assert constant == 0
        np.testing.assert_allclose(cost, built, rtol=1e-12, atol=1e-12, err_msg=f"{level.name}[{level.member}]")


def _assert_same_columns(program: LinearProgram, model: Any) -> dict[int, int]:
    """Bounds and integers of every variable; column by variable."""
    column_of = {}
    for variable in program.data.variables:
        columns = program.columns_of(variable.name)
        component = model.component(variable.name)
        assert sorted(component) == list(range(columns.stop - columns.start))
        for index, column in enumerate(range(columns.start, columns.stop)):
            column_of[id(component[index])] = column
            upper = component[index].ub
            assert (component[index].lb, np.inf if upper is None else upper) == (0, program.upper[column])
            assert component[index].is_integer() == program.integer[column]
    assert len(column_of) == program.matrix.shape[1]
    return column_of


def _linear(expression: Any, column_of: dict[int, int]) -> tuple[np.ndarray, float]:
    found = generate_standard_repn(expression)
    assert found.is_linear()
    coefficients = np.zeros(len(column_of))
    for variable, value in zip(found.linear_vars, found.linear_coefs, strict=True):
        coefficients[column_of[id(variable)]] += value
    return coefficients, found.constant


def _pyomo_row(constraint: Any, column_of: dict[int, int]) -> Row:
    coefficients, constant = _linear(constraint.body, column_of)
    lower, upper = pyo.value(constraint.lower), pyo.value(constraint.upper)
    return Row(
        coefficients, -np.inf if lower is None else lower - constant, np.inf if upper is None else upper - constant
    )


@law(10)
@given(problems())
def test_the_first_tier_is_solved_alike_through_pyomo(planned: PlanningProblem) -> None:
    network = build_network(planned.data(), planned.scenario())
    program = formulate(network)
    solution = solve_program(program, SolverOptions(), workers=1)
    model = formulate(network, expand=False)
    if len(model.SHORTAGES):  # the level before the first tier
        limit = solution.values[0] + 1e-7
        model.firm_plan_first = pyo.Constraint(expr=pyo.quicksum(model.Shortage.values()) <= limit)
    solver = pyo.SolverFactory("appsi_highs")
    if program.integer.any():  # presolve of HiGHS 1.15 takes some of these problems for infeasible
        solver.highs_options = {"presolve": "off", "mip_rel_gap": 1e-9}
    answer = solver.solve(model)
    pyo.assert_optimal_termination(answer)
    active = next(model.component_data_objects(pyo.Objective, active=True))
    assert (active.parent_component().name, active.index()) == (program.levels[1].name, program.levels[1].member)
    assert pyo.value(active) == pytest.approx(solution.values[1], rel=1e-5, abs=1e-4)


UNKNOWN = {
    "power": lambda m, n: m.Stock[n] ** 2 <= 1,
    "product of variables": lambda m, n: m.Stock[n] * m.Stock[n] <= 1,
    "division": lambda m, n: m.Stock[n] / m.receipts[n] <= 1,
    "function": lambda m, n: pyo.exp(m.Stock[n]) <= 1,
    "arithmetic on an index": lambda m, n: m.Stock[n + 1] <= 1,
    "range": lambda m, n: pyo.inequality(0, m.Stock[n], 1),
    "name that is not declared": lambda m, n: m.Stocks[n] <= 1,
    "parameter of another pair": lambda m, n: sum(m.late_days[n, a] * m.Start[a] for a in m.POSTS_TO[n]) <= 1,
    "pair with its row exchanged": lambda m, n: (
        sum(m.post[p, a] * m.Start[a] for p in m.NODES for a in m.POSTS_TO[n]) <= 1
    ),
    "pair outside its relation": lambda m, n: sum(m.post[n, a] * m.Start[a] for a in m.STARTS) <= 1,
    "variable of another set": lambda m, n: m.Start[n] <= 1,
    "parameter of another set": lambda m, n: m.newly_due[n] * m.Stock[n] <= 1,
    "relation of another set": lambda m, n: sum(m.Deliver[d] for d in m.DELIVERED_FOR[n]) <= 1,
}


@pytest.mark.parametrize("rule", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_an_expression_that_is_not_known_is_an_error_that_names_the_constraint(rule: Any) -> None:
    rows = {
        "supplier_items": [{"supplier": "S1", "item": "A", "location": "L1", "lead_time_days": 2}],
        "on_hand": [{"item": "A", "location": "L1", "quantity": 1}],
        "stocking_points": [{"item": "A", "location": "L1", "safety_stock": 2}],
        "demands": [
            {"order": "D1", "line": "1", "item": "A", "location": "L1", "quantity": 5, "requested_date": "2021-01-05"}
        ],
    }
    small = problem(rows, {"horizon_days": 9})
    data = model_data(build_network(small.data(), small.scenario()))
    assert data.size("NODES") > 0

    def wanted_rule(m: Any, n: Any) -> Any:
        return rule(m, n)

    with pytest.raises(ExpansionError, match=r"^constraint wanted_rule: "):
        Expander(data, declare(data, fill=False)).constraints([Indexed("NODES", wanted_rule)])
