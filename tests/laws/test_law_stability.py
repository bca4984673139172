"""Stability: certified against its previous run, and the same data give the same plan again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmdate.backlog.requests import read_backlog
from firmdate.backlog.results import PreviousRun
from firmdate.formulation.linear_program import formulate
from firmdate.network.build import build_network
from firmdate.plan.assemble import PlanTables, assemble_plan, final_flows
from firmdate.plan.certify import ensure_certified
from firmdate.solver.highs import SolverOptions
from firmdate.solver.run_blocks import solve_program
from laws.law_settings import law
from laws.problem import PlanningProblem, Solved, solved
from laws.random_networks import Kinds, problems


def solved_after(planned: PlanningProblem, tables: PlanTables) -> Solved:
    """Solve a problem after another plan, with all lane capacities enforced."""
    data, scenario = planned.data(), planned.scenario()
    earlier = PreviousRun("earlier", tables.promises, tables.deliveries, tables.supply_orders, tables.deployments)
    network = build_network(data, scenario, None, read_backlog(data, scenario, earlier))
    program = formulate(network)
    solution = solve_program(program, SolverOptions(), workers=1)
    network, flows = final_flows(network, program, solution)
    found = Solved(data, scenario, network, program, solution, flows)
    written = assemble_plan(network, program, solution, found.flows, tables.data_alerts[:0])
    ensure_certified(written, data, scenario, earlier)
    return found


@law(10)
@given(problems(), st.integers(0, 6), st.sampled_from([{"level": True}, {"weight": 2}]))
def test_plans_that_prefer_a_previous_run_are_certified(
    planned: PlanningProblem, gone: int, stability: dict[str, object]
) -> None:
    before = solved(planned).tables()
    lines = list(planned.tables["demands"])
    left = [row for place, row in enumerate(lines) if place != gone] or lines
    solved_after(
        planned.with_rows("demands", left).with_rows("reservations", []).with_options(stability=stability), before
    )


@law(10)
@given(problems(Kinds(integers=False)))
def test_the_same_data_are_planned_the_same_way_again(planned: PlanningProblem) -> None:
    before = solved(planned)
    rounded = np.abs(before.flows.start - before.solution.x[before.program.columns_of("Start")]).max(initial=0.0)
    again = solved_after(planned.with_options(stability={"level": True}), before.tables())
    if rounded <= 1e-6 and len(before.solution.x) and planned.options["objective"] == "tiers":
        values = again.level_values()
        assert values["stability_level", 0] == pytest.approx(0.0, abs=1e-4)
        assert values["order_stability_level", 0] == pytest.approx(0.0, abs=1e-4)
