"""Allocated supply: nobody uses more than there is, whatever else the plan must keep."""

from __future__ import annotations

import pandas as pd
from hypothesis import given

from firmdate.data.check import check_planning_data
from laws.allocated_networks import allocated_problems
from laws.law_settings import law
from laws.problem import PlanningProblem, solved
from laws.test_law_expansion import assert_expanded_as_pyomo


@law(60)
@given(allocated_problems())
def test_every_plan_of_allocated_supply_is_certified(planned: PlanningProblem) -> None:
    found = solved(planned)
    assert not [p for p in check_planning_data(found.data, found.scenario.supply_plans) if not p.warning]
    found.certify()


@law(10)
@given(allocated_problems())
def test_the_rows_of_allocations_are_those_of_pyomo(planned: PlanningProblem) -> None:
    assert_expanded_as_pyomo(planned)


@law(6)
@given(allocated_problems())
def test_nodes_without_allocations_change_nothing(planned: PlanningProblem) -> None:
    off = planned.with_rows("allocations", [])
    lines = [{**line, "allocation_node": None} for line in planned.tables["demands"]]
    plain = off.with_rows("demands", lines).with_rows("allocation_nodes", [])
    first, second = solved(off).tables(), solved(plain).tables()
    for name in ("promises", "deliveries", "supply_orders"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name), obj=name)
