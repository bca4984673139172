"""The certificate accepts plans that hold, and names the row of each rule that a plan breaks."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import corrupted_plans as corrupted
import hand_written_variants as variants
import pandas as pd
import pytest
from corrupted_plans import Corrupted
from hand_written_plan import HandPlan, WrittenTables, read_data

from firmdate.errors import CertificateError
from firmdate.plan import certify as certify_module
from firmdate.plan.certify import certify, ensure_certified

BASE = HandPlan()
VALID = {
    "every kind of supply": BASE,
    "fractions of an item that is wanted in fractions": BASE.changed(("data.items", "OIL,false", "OIL,true")),
    "firm planned orders": variants.FIRM,
    "firm planned orders whose shortage is forgiven": variants.FORGIVEN,
    "a planned order in two pieces": variants.SPLIT,
    "weeks": variants.WEEKS,
    "competing reservations": variants.RESERVED,
    "measured capacities": variants.MEASURED,
    "overtime and extra units": variants.OVERTIME,
}


def cases(group: Sequence[Corrupted]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", group, ids=lambda case: case.name)


def check(plan: HandPlan, case: Corrupted, folder: Path) -> None:
    assert case.expected in plan.changed(*case.edits, **case.scenario).violations(folder)


@pytest.mark.parametrize("plan", VALID.values(), ids=VALID.keys())
def test_a_plan_that_holds_has_no_violation(plan: HandPlan, tmp_path: Path) -> None:
    assert plan.violations(tmp_path) == []


@cases(corrupted.DELIVERIES)
def test_a_delivery(case: Corrupted, tmp_path: Path) -> None:
    check(BASE, case, tmp_path)


@cases(corrupted.PROMISES)
def test_a_promise(case: Corrupted, tmp_path: Path) -> None:
    check(BASE, case, tmp_path)


@cases(corrupted.SUPPLY_ORDERS)
def test_a_supply_order(case: Corrupted, tmp_path: Path) -> None:
    check(BASE, case, tmp_path)


@cases(corrupted.NEW_ORDERS)
def test_a_new_order(case: Corrupted, tmp_path: Path) -> None:
    check(BASE, case, tmp_path)


@cases(corrupted.MAKES)
def test_a_make(case: Corrupted, tmp_path: Path) -> None:
    check(BASE, case, tmp_path)


@cases(corrupted.DEPLOYMENTS)
def test_a_deployment(case: Corrupted, tmp_path: Path) -> None:
    check(BASE, case, tmp_path)


@cases(corrupted.CAPACITY)
def test_a_capacity(case: Corrupted, tmp_path: Path) -> None:
    check(BASE, case, tmp_path)


@cases(corrupted.OVERTIME)
def test_overtime(case: Corrupted, tmp_path: Path) -> None:
    check(variants.OVERTIME, case, tmp_path)


@cases(corrupted.STOCK)
def test_stock(case: Corrupted, tmp_path: Path) -> None:
    check(BASE, case, tmp_path)


@cases(corrupted.FIRM)
def test_a_firm_order(case: Corrupted, tmp_path: Path) -> None:
    check(variants.FIRM, case, tmp_path)


@cases(corrupted.SPLIT)
def test_a_planned_order_in_pieces(case: Corrupted, tmp_path: Path) -> None:
    check(variants.SPLIT, case, tmp_path)


@cases(corrupted.WEEKS)
def test_a_plan_in_weeks(case: Corrupted, tmp_path: Path) -> None:
    check(variants.WEEKS, case, tmp_path)


@cases(corrupted.RESERVED)
def test_stock_that_is_reserved(case: Corrupted, tmp_path: Path) -> None:
    check(variants.RESERVED, case, tmp_path)


@cases(corrupted.MEASURED)
def test_a_capacity_that_is_measured(case: Corrupted, tmp_path: Path) -> None:
    check(variants.MEASURED, case, tmp_path)


def test_a_violation_is_the_only_one_where_nothing_else_depends_on_it(tmp_path: Path) -> None:
    plan = BASE.changed(("promises", "2021-03-11,17", "2021-03-11,10"))
    assert plan.violations(tmp_path) == ["promises SO6/1: its days late do not follow from its dates: 10, expected 17"]


def test_twenty_rows_of_a_rule_are_named_and_the_others_counted(tmp_path: Path) -> None:
    rows = "".join(f"SO9,{line},2021-03-10,1\n" for line in range(25))
    texts = BASE.changed(("deliveries", "SO8,1,2021-03-08,5\n", f"SO8,1,2021-03-08,5\n{rows}")).violations(tmp_path)
    assert texts[:2] == [f"deliveries SO9/{line} 2021-03-10: there is no such order line" for line in (0, 1)]
    assert texts[19:] == [
        "deliveries SO9/19 2021-03-10: there is no such order line",
        "deliveries: 5 more rows: there is no such order line",
    ]


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    tables = WrittenTables.of(BASE.plan)
    turned = WrittenTables(
        **{
            field.name: getattr(tables, field.name).iloc[::-1]
            for field in fields(tables)
            if field.name != "rule_tables"
        }
    )
    data = read_data(tmp_path, BASE.data)
    for name in BASE.data:
        data = data.with_table(name, data[name].iloc[::-1])
    assert certify(turned, data, BASE.resolved()) == []


def test_tables_may_have_categories_and_nullable_numbers(tmp_path: Path) -> None:
    tables = WrittenTables.of(BASE.plan)
    texts = {
        field.name: getattr(tables, field.name)
        .replace("", None)
        .astype(dict.fromkeys(getattr(tables, field.name).select_dtypes(object).columns, "category"))
        for field in fields(tables)
        if field.name != "rule_tables"
    }
    promises = texts["promises"].astype({"days_late": pd.Int64Dtype()})
    plan = replace(WrittenTables(**texts), promises=promises)
    assert certify(plan, read_data(tmp_path, BASE.data), BASE.resolved()) == []


def test_an_empty_plan_of_unpromised_lines_holds(tmp_path: Path) -> None:
    unpromised = variants.NO_PLAN["promises"] + "SO1,1,END,DC,8,2021-03-02,,,0,unpromised,2\n"
    plan = HandPlan(
        {**variants.NO_DATA, "demands": variants.RESERVED.data["demands"].rsplit("\n", 2)[0] + "\n"},
        {**variants.NO_PLAN, "promises": unpromised},
    )
    assert plan.violations(tmp_path) == []


def test_a_plan_that_does_not_hold_is_refused_with_all_its_violations(tmp_path: Path) -> None:
    plan = BASE.changed(("promises", "5,partial", "6,unpromised"))
    with pytest.raises(CertificateError) as caught:
        ensure_certified(WrittenTables.of(plan.plan), read_data(tmp_path, plan.data), plan.resolved())
    assert str(caught.value).splitlines()[1:] == [
        "promises SO8/1: its promised quantity is not what is delivered: 6, expected 5",
        "promises SO8/1: its status does not follow from its deliveries: unpromised, expected partial",
    ]


def test_a_plan_that_holds_is_not_refused(tmp_path: Path) -> None:
    ensure_certified(WrittenTables.of(BASE.plan), read_data(tmp_path, BASE.data), BASE.resolved())


def test_the_certificate_shares_no_code_with_the_formulation() -> None:
    allowed = ("firmdate.data", "firmdate.scenario", "firmdate.errors", "firmdate.plan.certify_")
    modules = sorted(Path(certify_module.__file__).parent.glob("certify*.py"))
    trees = [ast.parse(module.read_text(encoding="utf-8")) for module in modules]
    imported = {node.module for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {
        name.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    own = {str(name) for name in imported if str(name).startswith("firmdate")}
    assert own
    assert {name for name in own if not name.startswith(allowed)} == set()
