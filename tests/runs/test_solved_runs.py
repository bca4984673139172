"""The outer layer on a plan that was really solved."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import firmdate as fd
from firmdate.data.read import read_planning_data
from firmdate.data.write import write_planning_data
from firmdate.plan.result import PLAN_TABLES
from firmdate.report.page import render_page
from firmdate.runs.verify import verify_releases
from runs.test_report_page import Tags, unpacked

SCENARIO = Path(__file__).parents[2] / "scenarios" / "tutorial.yaml"


@pytest.fixture(scope="module")
def plan() -> fd.Plan:
    return fd.solve(SCENARIO)


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_solved_plan_reads_back(plan: fd.Plan, tmp_path: Path, file_format: str) -> None:
    if file_format == "parquet":
        pytest.importorskip("pyarrow")
    got = fd.read_run(fd.write_run(plan, tmp_path, file_format=file_format))
    for name, columns in PLAN_TABLES.items():
        table = getattr(got, name)
        assert tuple(table.columns) == columns
        wanted = getattr(plan, name).astype(table.dtypes.to_dict())  # a table without rows has no types of its own
        pd.testing.assert_frame_equal(table, wanted, atol=1e-6, obj=name)
    assert got.kpis == dict(plan.kpis)
    assert got.scenario == plan.scenario


def test_runs_of_one_scenario_diff_clean(plan: fd.Plan, tmp_path: Path) -> None:
    first = fd.write_run(plan, tmp_path)
    second = fd.write_run(fd.solve(SCENARIO), tmp_path)
    for name in (*(f"{table}.csv" for table in PLAN_TABLES), "kpis.json", "scenario.yaml"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_unconstrained_plan_is_never_worse(plan: fd.Plan) -> None:
    comparison = fd.compare(plan, fd.solve(SCENARIO, mode="unconstrained"))
    assert set(comparison.lines["change"]) <= {"improved", "unchanged"}
    assert comparison.summary[["worse", "added", "removed"]].to_numpy().sum() == 0
    by_tier = comparison.summary[comparison.summary["dimension"].isin(["all", "tier"])]
    assert (by_tier["change_late_unit_days"] <= 0).all()


def test_page_of_a_solved_plan_is_well_formed(plan: fd.Plan) -> None:
    text = render_page(plan)
    Tags(text)
    assert unpacked(text)["n"] == len(plan.promises)


def test_releases_are_verified_by_solving_again(plan: fd.Plan) -> None:
    (proof, *_) = verify_releases(plan, plan.explain("SO_1016", "1"))
    assert proof.release == "1.2 h more on RES_1 in the week from 2021-01-04"
    assert proof.changes[0]["where"] == {"resource": "RES_1", "start": "2021-01-04"}
    assert proof.late_unit_days[1] == 0
    assert proof.late_unit_days[2] < 0
    assert proof.improved >= 1


def test_late_unit_days_of_the_lines_are_those_of_the_figures(plan: fd.Plan) -> None:
    lines = plan.order_lines
    orders = lines[lines["kind"] == "order"]
    assert orders["late_unit_days"].sum() == pytest.approx(plan.kpis["late_unit_days"])
    for tier, of_tier in orders.groupby("tier"):
        assert of_tier["late_unit_days"].sum() == pytest.approx(plan.kpis[f"late_unit_days_tier_{tier}"])


def test_lines_have_their_customer_group_and_value(plan: fd.Plan) -> None:
    line = plan.order_lines.set_index(["order", "line"]).loc[("SO_1001", "1")]
    wanted = ["order", "ACME", "WEST", "spares", 1800.0]
    assert line[["kind", "customer", "region", "product_group", "value"]].tolist() == wanted
    forecast = plan.order_lines.set_index(["order", "line"]).loc[("FC_MAR", "3")]
    assert (forecast["kind"], forecast["value"]) == ("forecast", 12 * 95.0)


def test_a_workbook_of_the_data_gives_the_same_plan(plan: fd.Plan, tmp_path: Path) -> None:
    for library in ("xlsxwriter", "python_calamine"):
        pytest.importorskip(library)
    write_planning_data(read_planning_data(plan.scenario.data), tmp_path / "tutorial.xlsx")
    again = fd.solve(SCENARIO, data=str(tmp_path / "tutorial.xlsx"))
    pd.testing.assert_frame_equal(again.promises, plan.promises)
    pd.testing.assert_frame_equal(again.supply_orders, plan.supply_orders)
