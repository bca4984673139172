"""Checks across tables, each with its exact message: ids, bills of materials, planned orders, sources of supply."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest
from data_samples import SAMPLE, check, check_lines, check_only, read_csv

from firmdate.data.check import check_planning_data
from firmdate.data.read import read_frames
from firmdate.data.suggest import counted
from firmdate.runs.solve import load_data
from firmdate.scenario.files import load_scenario

DEMANDS = "order,line,item,location,quantity,requested_date\n"
ORDERS = "plan,order,type,item,location,quantity,start_date,due_date,origin,supplier,alternative\n"


def test_unknown_ids(tmp_path: Path) -> None:
    found = check(
        tmp_path,
        locations="location,calendar\nP1,WEAK\nW1,\n",
        lanes="item,origin,destination,lead_time_days\n,P1,W1,3\nNOO,P2,W1,3\n0012,P2,W1,3\n",
        bills_of_materials="item,component,quantity_per\n0012,CMOP,1\n",
        operation_resources="item,location,resource,hours_per_unit\n0012,P1,RES1,1\n",
        supplier_items="supplier,item,location,lead_time_days\nS3,COMP,P1,14\nS1,NO,W1,7\nS1,3.1,W1,7\nS1,NA,W1,7\n",
        planned_order_demands="""plan,order,kind,name,location,date,quantity
WEEKLY,M1,component,COMPO,P1,2021-01-05,200
WEEKLY,M1,resource,COMP,,2021-01-05,200
WEEKLY,M1,supplier,S1,,2021-01-05,200
""",
        demands=f"{DEMANDS}0001,1,0012,W11,10,2021-01-08\n",
    )
    assert found == [
        "locations.csv:2: calendar: unknown calendar (got 'WEAK'); did you mean 'WEEK'?",
        "lanes.csv:3: item: unknown item (got 'NOO'); did you mean 'NO'?",
        "lanes.csv:3: origin: unknown location (got 'P2' in 2 rows); the locations are: P1, W1",
        "bills_of_materials.csv:2: component: unknown item (got 'CMOP'); did you mean 'COMP'?",
        "operation_resources.csv:2: resource: unknown resource (got 'RES1'); did you mean 'RES_1'?",
        "supplier_items.csv:2: supplier: unknown supplier (got 'S3'); the suppliers are: S1, S2",
        "supplier_items.csv:4: item: unknown item (got '3.1'); did you mean '3.10'?",
        "planned_order_demands.csv:2: name: unknown item (got 'COMPO'); did you mean 'COMP'?",
        "planned_order_demands.csv:3: name: unknown resource (got 'COMP'); the resources are: RES_1",
        "demands.csv:2: location: unknown location (got 'W11'); did you mean 'W1'?",
    ]


def test_a_master_table_that_is_missing_is_inferred_from_use(tmp_path: Path) -> None:
    masters = ("items", "locations", "resources", "suppliers", "calendars")
    without = {name: text for name, text in SAMPLE.items() if name not in masters}
    assert [line for line in check_only(tmp_path, **without) if "whole units" not in line] == []
    empty = {name: SAMPLE[name].partition("\n")[0] + "\n" for name in masters}
    assert [line for line in check(tmp_path / "empty", **empty) if "whole units" not in line] == []


def test_capacity_that_limits_nothing(tmp_path: Path) -> None:
    without = {name: text for name, text in SAMPLE.items() if name not in ("resources", "suppliers")}
    without["resource_capacity"] += "RES1,2021-01-04,2021-01-11,40\nRES1,2021-01-11,2021-01-18,40\n"
    without["supplier_capacity"] += "ACME,,2021-01-04,2021-01-11,40\n"
    assert check_only(tmp_path, **without) == [
        "warning: resource_capacity.csv:4: resource: nothing uses this resource, so its capacity limits nothing "
        "(got 'RES1' in 2 rows); did you mean 'RES_1'?",
        "warning: supplier_capacity.csv:4: supplier: nothing uses this supplier, so its capacity limits nothing "
        "(got 'ACME'); correct the name, or remove the row",
    ]


def test_hours_without_an_operation(tmp_path: Path) -> None:
    hours = "item,location,alternative,resource,hours_per_unit\n0012,P1,,RES_1,1\n0012,P1,C,RES_1,1\nNO,P1,,RES_1,1\n"
    names = "operation_resources.csv:{}: item, location, alternative: no operation and no bill of materials makes this"
    assert check(tmp_path, operation_resources=hours) == [
        f"{names.format(3)} (got item '0012', location 'P1', alternative 'C'); add one, or remove the row",
        f"{names.format(4)} (got item 'NO', location 'P1', alternative '1'); add one, or remove the row",
    ]
    bill_only = check(
        tmp_path / "bill", operation_resources=hours.rsplit("\n", 3)[0], operations="item,location,lead_time_days\n"
    )
    assert bill_only == []


def test_reservations_of_unknown_lines(tmp_path: Path) -> None:
    found = check(
        tmp_path,
        reservations="""order,line,item,location,quantity
0001,1,0012,W1,4
0001,2,0012,W1,4
0001,77,0012,W1,4
0002,1,0012,W1,4
0001,02,0012,W1,4
""",
    )
    assert found == [
        "reservations.csv:3: order, line: no such line of order '0001' (got '2'); did you mean '02'?",
        "reservations.csv:4: order, line: no such line of order '0001' (got '77')"
        "; add it to demands, or remove the row",
        "reservations.csv:5: order, line: no such order (got '0002'); did you mean '0001'?",
        "warning: reservations.csv:6: item: the order line wants 'NO' (got '0012'); reserve what it wants",
    ]


def test_demands_of_unknown_planned_orders(tmp_path: Path) -> None:
    found = check(
        tmp_path,
        planned_order_demands="""plan,order,kind,name,location,date,quantity
WEEKLY,MM1,component,COMP,P1,2021-01-05,200
WEEKLI,M1,component,COMP,P1,2021-01-05,200
MONTH,M1,component,COMP,P1,2021-01-05,200
""",
    )
    assert found == [
        "planned_order_demands.csv:2: plan, order: no such planned order in plan 'WEEKLY' "
        "(got 'MM1'); did you mean 'M1'?",
        "planned_order_demands.csv:3: plan, order: no such plan (got 'WEEKLI'); did you mean 'WEEKLY'?",
        "planned_order_demands.csv:4: plan, order: no such plan (got 'MONTH')"
        "; add it to planned_orders, or remove the row",
    ]


def test_plans_that_a_scenario_reads(tmp_path: Path) -> None:
    file, rule = "planned_orders.csv: plan", "the scenario reads a plan that is not there"
    assert check(tmp_path, plans=["WEEKLY", "WEEKLI", "DAY"]) == [
        f"{file}: {rule} (got 'WEEKLI'); did you mean 'WEEKLY'?",
        f"{file}: {rule} (got 'DAY'); the plans are: WEEKLY",
    ]
    assert check_only(tmp_path / "none", plans=["WEEKLY"], demands=DEMANDS) == [
        f"planned_orders: plan: {rule} (got 'WEEKLY'); there are no planned orders at all"
    ]


def test_bills_that_contain_themselves(tmp_path: Path) -> None:
    bills = """item,location,component,quantity_per
A,,B,1
B,,C,1
C,P1,A,1
D,,A,1
E,P1,F,1
F,P2,E,1
G,,G,1
H,P1,B,1
C,,X,1
"""
    assert check_only(tmp_path, demands=DEMANDS, bills_of_materials=bills) == [
        "bills_of_materials.csv:2: component: the item is made of itself (got A → B → C → A); "
        "see also bills_of_materials.csv:3, bills_of_materials.csv:4; remove one of them",
        "bills_of_materials.csv:8: component: the item is made of itself (got G → G); remove one of them",
    ]


def test_planned_orders_that_cannot_be_followed(tmp_path: Path) -> None:
    found = check(
        tmp_path,
        planned_orders=ORDERS
        + """WEEKLY,M1,make,0012,P1,1,,2021-01-14,,,B
WEEKLY,M2,make,0012,P1,1,,2021-01-14,,,C
WEEKLY,T1,transfer,0012,W1,50,,2021-01-14,,,
WEEKLY,T2,transfer,0012,W1,50,,2021-01-14,W1,,
WEEKLY,T3,transfer,0012,P1,50,,2021-01-14,W1,,
WEEKLY,T4,transfer,0012,P1,50,2021-01-10,2021-01-14,W1,,
WEEKLY,T5,transfer,NO,W1,50,,2021-01-14,P1,,
WEEKLY,B1,buy,COMP,P1,200,,2021-01-18,,,
WEEKLY,B2,buy,COMP,W1,200,2021-01-04,2021-01-18,,,
WEEKLY,B3,buy,0012,W1,200,,2021-01-18,,,
WEEKLY,B4,buy,0012,P1,200,,2021-01-18,,S1,
WEEKLY,B5,buy,0012,P1,200,2021-01-04,2021-01-18,,S1,
""",
        supplier_items=SAMPLE["supplier_items"] + "S2,0012,W1,3,,,,\nS1,0012,W1,3,,,,\n",
    )
    assert found == [
        "planned_orders.csv:3: alternative: no such alternative of '0012' at 'P1' (got 'C')",
        "planned_orders.csv:4: origin: blank, but a planned transfer needs the location that ships; name it",
        "planned_orders.csv:5: origin: the transfer leads from a location to itself (got 'W1'); correct one",
        "planned_orders.csv:6: start_date: blank, and no lane gives the lead time "
        "(got item '0012', origin 'W1', location 'P1'); give the date",
        "planned_orders.csv:10: supplier: blank, and no supplier sells this (got item 'COMP', location 'W1'); "
        "name the supplier",
        "planned_orders.csv:11: supplier: blank, and 2 suppliers sell this (got S1, S2); name one of them",
        "planned_orders.csv:12: start_date: blank, and no row of supplier_items gives the lead time "
        "(got supplier 'S1', item '0012', location 'P1'); give the date",
    ]


def test_an_alternative_that_is_misspelt(tmp_path: Path) -> None:
    operations = "item,location,alternative,lead_time_days\n0012,P1,,2\n0012,P1,NIGHT,2\n0012,W1,NIGHTS,2\n"
    orders = f"{ORDERS}WEEKLY,M1,make,0012,P1,100,2021-01-05,2021-01-10,,,NIGTH\n"
    assert check(tmp_path, operations=operations, planned_orders=orders) == [
        "planned_orders.csv:2: alternative: no such alternative of '0012' at 'P1' (got 'NIGTH'); did you mean 'NIGHT'?"
    ]


SOURCES = {
    "on_hand": "item,location,quantity\nA,L,1\n",
    "scheduled_receipts": "receipt,type,item,location,date,quantity\nR,make,A,L,2021-01-01,1\n",
    "planned_orders": "plan,order,type,item,location,quantity,due_date\nP,1,make,A,L,1,2021-01-01\n",
    "operations": "item,location,lead_time_days\nA,L,1\n",
    "bills_of_materials": "item,component,quantity_per\nA,B,1\n",
    "supplier_items": "supplier,item,location,lead_time_days\nS,A,L,1\n",
    "stocking_points": "item,location,search\nA,L,infinite\n",
    "lanes": "item,origin,destination,lead_time_days\n,M,L,1\n",
}


@pytest.mark.parametrize("table", SOURCES)
def test_every_source_of_supply_counts(tmp_path: Path, table: str) -> None:
    demands = f"{DEMANDS}1,1,A,L,1,2021-01-01\n2,1,A,L,1,2021-01-01\n"
    warning = (
        "warning: demands.csv:2: item: no source of supply (got item 'A' at location 'L', wanted by 2 order lines)"
        "; add how it can come: a lane, a supplier, stock"
    )
    assert check_only(tmp_path, demands=demands) == [warning]
    assert check_only(tmp_path / table, demands=demands, **{table: SOURCES[table]}) == []
    elsewhere = SOURCES[table].replace("\nA,L", "\nA,M").replace(",A,L,", ",A,M,").replace(",M,L,", ",L,M,")
    if table != "bills_of_materials":
        assert check_only(tmp_path / "elsewhere", demands=demands, **{table: elsewhere}) == [warning]


def test_what_is_no_source_of_supply(tmp_path: Path) -> None:
    demands = f"{DEMANDS}1,1,AXLE,L,1,2021-01-01\n"
    warning = (
        "warning: demands.csv:2: item: no source of supply (got item 'AXLE' at location 'L', wanted by 1 order line)"
        "; add how it can come: a lane, a supplier, stock"
    )
    for name, table, text in (
        ("none in stock", "on_hand", "item,location,quantity\nAXLE,L,0\n"),
        ("bill of another location", "bills_of_materials", "item,location,component,quantity_per\nAXLE,M,B,1\n"),
        ("lane of another item", "lanes", "item,origin,destination,lead_time_days\nB,M,L,1\n"),
    ):
        assert check_only(tmp_path / name, demands=demands, **{table: text}) == [warning]
    assert check_only(tmp_path, demands=demands, on_hand="item,location,quantity\nAXEL,L,1\n") == [
        f"{warning.partition('; ')[0]}; did you mean 'AXEL'?"
    ]
    orders = SOURCES["planned_orders"].replace("A,L", "AXLE,L") + "Q,1,make,B,L,1,2021-01-01\n"
    assert check_only(tmp_path / "plan", plans=["P"], demands=demands, planned_orders=orders) == []
    assert check_only(tmp_path / "other plan", plans=["Q"], demands=demands, planned_orders=orders) == [warning]


SUBSTITUTIONS = {
    "the substitute": ("A,C,,one_way\n", True),
    "not the other way round": ("C,A,,one_way\n", False),
    "the other way round": ("C,A,,mutual\n", True),
    "at its location": ("A,C,L,one_way\n", True),
    "at another location": ("A,C,M,one_way\n", False),
    "no chain": ("A,B,,mutual\nB,C,,mutual\n", False),
    "a class": ("A,B,,form_fit_function\nC,B,L,form_fit_function\n", True),
    "a class of another location": ("A,B,,form_fit_function\nC,B,M,form_fit_function\n", False),
}


@pytest.mark.parametrize(("rows", "counts"), SUBSTITUTIONS.values(), ids=SUBSTITUTIONS.keys())
def test_a_substitute_is_a_source_for_lines_that_may_get_it(tmp_path: Path, rows: str, counts: bool) -> None:
    demands = DEMANDS.rstrip() + ",substitution\n1,1,A,L,1,2021-01-01,true\n2,1,A,L,1,2021-01-01,\n"
    tables = {
        "demands": demands,
        "on_hand": "item,location,quantity\nC,L,9\n",
        "substitutions": f"item,substitute,location,direction\n{rows}",
    }
    data = read_csv(tmp_path, tables)
    for substitutes, wanting in ((False, 1), (True, 0)):
        found = [str(problem) for problem in check_planning_data(data, substitutes=substitutes)]
        expected = wanting if counts else 2
        assert len(found) == bool(expected)
        assert all(f"wanted by {counted(expected, 'order line')}" in text for text in found)


def test_behind_a_fence_of_the_scenario_supply_of_everything_is_there(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "demands.csv").write_text(DEMANDS + "1,1,A,L,1,2021-01-05\n")
    path = tmp_path / "s.yaml"
    path.write_text("data: data\nplanning_date: 2021-01-04\nhorizon_days: 30\n")
    found = {fence: len(load_data(load_scenario(path, (f"infinite_fence_days={fence}",)))[2]) for fence in (9, 30)}
    assert found == {9: 0, 30: 1}


def test_rows_in_any_order_give_the_same_findings(tmp_path: Path) -> None:
    data = read_csv(tmp_path, reservations="order,line,item,location,quantity\n9,1,0012,W1,4\n8,1,0012,W1,4\n")
    expected = sorted(check_lines(data, tmp_path))
    assert len(expected) == 2
    for name in ("reservations", "demands", "lanes"):
        data = data.with_table(name, data[name].iloc[::-1])
    assert sorted(check_lines(data, tmp_path)) == expected


def test_frames_are_checked_alike() -> None:
    frames = {"demands": pd.read_csv(io.StringIO(DEMANDS + "1,1,A,L,0,2021-01-01\n"))}
    assert [str(problem) for problem in check_planning_data(read_frames(frames))] == [
        "demands:1: quantity: must be more than 0 (got 0)",
        "demands:1: item: no source of supply (got item 'A' at location 'L', wanted by 1 order line)"
        "; add how it can come: a lane, a supplier, stock",
    ]
