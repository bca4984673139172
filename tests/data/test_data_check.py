"""Every semantic check, with its exact message."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from data_samples import SAMPLE, read_csv

from firmdate.data.check import check_planning_data
from firmdate.data.planning_data import PlanningData
from firmdate.data.read import read_frames

DEMANDS = "order,line,item,location,quantity,requested_date\n"
ORDERS = "plan,order,type,item,location,quantity,start_date,due_date,origin,supplier,alternative\n"


def lines(data: PlanningData, folder: Path, plans: Sequence[str] = ()) -> list[str]:
    problems = check_planning_data(data, plans)
    return [("warning: " if problem.warning else "") + str(problem).replace(f"{folder}/", "") for problem in problems]


def check(folder: Path, *, plans: Sequence[str] = (), **changed: str) -> list[str]:
    """Problems of the sample with some tables changed."""
    return lines(read_csv(folder, SAMPLE, **changed), folder, plans)


def check_only(folder: Path, *, plans: Sequence[str] = (), **tables: str) -> list[str]:
    """Problems of nothing but these tables."""
    return lines(read_csv(folder, tables), folder, plans)


def test_the_sample_is_right(tmp_path: Path) -> None:
    assert check(tmp_path, plans=["WEEKLY"]) == []


def test_only_demands(tmp_path: Path) -> None:
    assert check_only(tmp_path, demands=DEMANDS) == []


def test_duplicate_keys(tmp_path: Path) -> None:
    found = check(
        tmp_path,
        lanes="item,origin,destination,mode,lead_time_days\n,P1,W1,,3\n0012,P1,W1,,3\n,P1,W1,standard,4\n",
        on_hand="item,location,bin,quantity\n0012,W1,,20\n0012,W1,A,20\n0012,W1,,2\n0012,W1,,3\n",
        reservations="order,line,item,location,quantity\n0001,1,0012,W1,4\n0001,1,0012,W1,5\n",
    )
    assert found == [
        "lanes.csv:4: item, origin, destination, mode: the key is there already, in lanes.csv:2 "
        "(got item blank, origin 'P1', destination 'W1', mode 'standard')",
        "on_hand.csv:4: item, location, bin: the key is there already, in on_hand.csv:2 "
        "(got item '0012', location 'W1', bin blank)",
        "on_hand.csv:5: item, location, bin: the key is there already, in on_hand.csv:2 "
        "(got item '0012', location 'W1', bin blank)",
        "reservations.csv:3: order, line: the key is there already, in reservations.csv:2 (got order '0001', line '1')",
    ]


def test_the_same_planned_order_in_two_plans(tmp_path: Path) -> None:
    row = "make,0012,P1,1,2021-01-05,2021-01-10,,,\n"
    found = check(
        tmp_path,
        planned_orders=f"{ORDERS}A,M1,{row}B,M1,{row}A,M1,{row}",
        planned_order_demands="plan,order,kind,name,location,date,quantity\n",
    )
    assert found == [
        "planned_orders.csv:4: plan, order: the key is there already, in planned_orders.csv:2 "
        "(got plan 'A', order 'M1')"
    ]


def test_ranges(tmp_path: Path) -> None:
    found = check(
        tmp_path,
        items="item,unit_cost\n0012,-1.5\nNO,0\nNA,\n12:30,\n3.10,\nCOMP,\n",
        stocking_points="item,location,multiple\n0012,W1,0\n",
        lanes="item,origin,destination,lead_time_days,capacity_per_day\n,P1,W1,-3,-1\n",
        resource_capacity="resource,start,end,hours\nRES_1,2021-01-04,2021-01-11,-40\n",
        scheduled_receipts="receipt,type,item,location,date,quantity\nR1,purchase,COMP,P1,2021-01-05,-100\n",
        demands=f"{DEMANDS}0001,1,0012,W1,0,2021-01-08\n0001,2,0012,W1,-1,2021-01-08\n".replace(
            "_date", "_date,tier", 1
        )
        .replace("0,2021-01-08", "0,2021-01-08,0")
        .replace("-1,2021-01-08", "-1,2021-01-08,1"),
    )
    assert found == [
        "items.csv:2: unit_cost: must not be negative (got -1.5)",
        "stocking_points.csv:2: multiple: must be more than 0 (got 0)",
        "lanes.csv:2: lead_time_days: must not be negative (got -3)",
        "lanes.csv:2: capacity_per_day: must not be negative (got -1)",
        "resource_capacity.csv:2: hours: must not be negative (got -40)",
        "scheduled_receipts.csv:2: quantity: must not be negative (got -100)",
        "demands.csv:2: quantity: must be more than 0 (got 0)",
        "demands.csv:2: tier: must be at least 1 (got 0)",
        "demands.csv:3: quantity: must be more than 0 (got -1)",
    ]


def test_on_hand_may_be_negative(tmp_path: Path) -> None:
    assert check(tmp_path, on_hand="item,location,quantity\n0012,W1,-20\n") == []


def test_numbers_that_a_scenario_made_infinite(tmp_path: Path) -> None:
    data = read_csv(tmp_path)
    data = data.with_table("demands", data["demands"].assign(quantity=[np.inf, -np.inf, 1.0, 1.0, 1.0]))
    assert lines(data, tmp_path) == [
        "demands.csv:2: quantity: not a finite number (got inf)",
        "demands.csv:3: quantity: not a finite number (got -inf)",
    ]


def test_many_mistakes_alike_are_counted(tmp_path: Path) -> None:
    rows = "".join(f"{number},1,0012,W1,0,2021-01-08\n" for number in range(100))
    found = check(tmp_path, demands=DEMANDS + rows, reservations="order,line,item,location,quantity\n")
    assert found[:20] == [f"demands.csv:{line}: quantity: must be more than 0 (got 0)" for line in range(2, 22)]
    assert found[20:] == ["demands.csv: quantity: and 80 more like it"]


def test_pairs_in_the_wrong_order(tmp_path: Path) -> None:
    demands = DEMANDS.replace("\n", ",earliest_date,latest_acceptable_date,minimum_shipment\n")
    found = check(
        tmp_path,
        stocking_points="item,location,coverage,minimum,maximum\n0012,W1,min_max,25,15\n",
        lanes="item,origin,destination,lead_time_days,effective_from,effective_to\n,P1,W1,3,2021-02-01,2021-01-31\n",
        bills_of_materials="item,component,quantity_per,effective_from,effective_to\n0012,COMP,1,2021-02-01,2021-01-31\n",
        planned_orders=f"{ORDERS}WEEKLY,M1,make,0012,P1,100,2021-01-12,2021-01-10,,,\n",
        demands=f"{demands}0001,1,0012,W1,10,2021-01-08,2021-02-01,2021-01-31,10.5\n",
    )
    assert found == [
        "stocking_points.csv:2: maximum: the maximum is below the minimum (got minimum '25', maximum '15')",
        "lanes.csv:2: effective_to: the lane ends before it begins "
        "(got effective_from '2021-02-01', effective_to '2021-01-31')",
        "bills_of_materials.csv:2: effective_to: the row ends before it begins "
        "(got effective_from '2021-02-01', effective_to '2021-01-31')",
        "planned_orders.csv:2: due_date: the order is due before it starts "
        "(got start_date '2021-01-12', due_date '2021-01-10')",
        "demands.csv:2: latest_acceptable_date: the last acceptable day is before the first "
        "(got earliest_date '2021-02-01', latest_acceptable_date '2021-01-31')",
        "demands.csv:2: quantity: the line is smaller than its smallest shipment "
        "(got minimum_shipment '10.5', quantity '10')",
    ]


def test_a_single_day_is_no_wrong_order(tmp_path: Path) -> None:
    lanes = "item,origin,destination,lead_time_days,effective_from,effective_to\n,P1,W1,3,2021-02-01,2021-02-01\n"
    assert check(tmp_path, lanes=lanes) == []


def test_overlapping_intervals(tmp_path: Path) -> None:
    found = check(
        tmp_path,
        resource_capacity="""resource,start,end,hours
RES_1,2021-01-18,2021-01-25,40
RES_1,2021-01-04,2021-02-01,40
RES_1,2021-02-01,2021-02-08,40
RES_1,2021-01-11,2021-01-12,8
RES_1,2021-03-01,2021-03-01,8
RES_1,2021-03-08,2021-03-01,8
""",
        supplier_capacity="""supplier,item,start,end,quantity
S1,,2021-01-01,2021-02-01,1000
S1,COMP,2021-01-01,2021-02-01,800
S1,,2021-01-31,2021-02-02,1000
S2,COMP,2021-01-15,2021-02-15,800
""",
    )
    assert found == [
        "resource_capacity.csv:2: start: the interval overlaps the one in resource_capacity.csv:3 "
        "(got 2021-01-18 to 2021-01-25, and there 2021-01-04 to 2021-02-01)",
        "resource_capacity.csv:5: start: the interval overlaps the one in resource_capacity.csv:3 "
        "(got 2021-01-11 to 2021-01-12, and there 2021-01-04 to 2021-02-01)",
        "resource_capacity.csv:6: end: the interval has no day; end is the day after the last "
        "(got start '2021-03-01', end '2021-03-01')",
        "resource_capacity.csv:7: end: the interval has no day; end is the day after the last "
        "(got start '2021-03-08', end '2021-03-01')",
        "supplier_capacity.csv:4: start: the interval overlaps the one in supplier_capacity.csv:2 "
        "(got 2021-01-31 to 2021-02-02, and there 2021-01-01 to 2021-02-01)",
    ]


def test_an_interval_that_is_there_twice_is_reported_once(tmp_path: Path) -> None:
    row = "RES_1,2021-01-04,2021-01-11,40\n"
    assert check(tmp_path, resource_capacity=f"resource,start,end,hours\n{row}{row}") == [
        "resource_capacity.csv:3: resource, start, end: the key is there already, in resource_capacity.csv:2 "
        "(got resource 'RES_1', start '2021-01-04', end '2021-01-11')"
    ]


def test_calendars_that_contradict_themselves(tmp_path: Path) -> None:
    found = check(
        tmp_path,
        calendars="""calendar,start,end,working
WEEK,2021-01-01,2021-02-01,true
WEEK,2021-01-09,2021-01-11,false
WEEK,2021-01-20,2021-02-20,true
WEEK,2021-02-10,2021-02-12,false
OTHER,2021-01-01,2021-02-01,false
""",
    )
    assert found == [
        "calendars.csv:3: start: the interval overlaps the one in calendars.csv:2 and contradicts it "
        "(got 2021-01-09 to 2021-01-11, and there 2021-01-01 to 2021-02-01)",
        "calendars.csv:5: start: the interval overlaps the one in calendars.csv:4 and contradicts it "
        "(got 2021-02-10 to 2021-02-12, and there 2021-01-20 to 2021-02-20)",
    ]


def test_stocking_points_that_lack_a_number(tmp_path: Path) -> None:
    points = "item,location,coverage,minimum,search\n0012,W1,min_max,,lead_time\nNO,W1,min_max,3,\n"
    assert check(tmp_path, stocking_points=points) == [
        "stocking_points.csv:2: lead_time_days: blank, but a search by lead_time needs it",
        "stocking_points.csv:2: minimum: blank, but coverage by min_max needs it",
        "stocking_points.csv:2: maximum: blank, but coverage by min_max needs it",
        "stocking_points.csv:3: maximum: blank, but coverage by min_max needs it",
    ]


def test_lanes_to_themselves(tmp_path: Path) -> None:
    lanes = "item,origin,destination,lead_time_days\n,P1,W1,3\n0012,W1,W1,1\n"
    assert check(tmp_path, lanes=lanes) == [
        "lanes.csv:3: destination: the lane leads from a location to itself (got 'W1')"
    ]


def test_fractions_of_whole_units(tmp_path: Path) -> None:
    found = check(
        tmp_path,
        on_hand="item,location,quantity\n0012,W1,1.5\nNO,W1,1.5\nCOMP,P1,0.25\n",
        demands=SAMPLE["demands"] + "".join(f"9,{line},,0012,W1,{line}.5,2021-01-08{',' * 12}\n" for line in (1, 2)),
    )
    hint = "; set its whole_units to false to split it"
    assert found == [
        f"warning: on_hand.csv:2: quantity: a fraction of an item that comes in whole units (got 1.5 of '0012'){hint}",
        f"warning: on_hand.csv:4: quantity: a fraction of an item that comes in whole units (got 0.25 of 'COMP'){hint}",
        "warning: demands.csv:7: quantity: a fraction of an item that comes in whole units "
        f"(got 1.5 of '0012' in 2 rows){hint}",
    ]


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
        "(got 'ACME')",
    ]


def test_hours_without_an_operation(tmp_path: Path) -> None:
    hours = "item,location,alternative,resource,hours_per_unit\n0012,P1,,RES_1,1\n0012,P1,C,RES_1,1\nNO,P1,,RES_1,1\n"
    names = "operation_resources.csv:{}: item, location, alternative: no operation and no bill of materials makes this"
    assert check(tmp_path, operation_resources=hours) == [
        f"{names.format(3)} (got item '0012', location 'P1', alternative 'C')",
        f"{names.format(4)} (got item 'NO', location 'P1', alternative '1')",
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
        "reservations.csv:4: order, line: no such line of order '0001' (got '77')",
        "reservations.csv:5: order, line: no such order (got '0002'); did you mean '0001'?",
        "warning: reservations.csv:6: item: the order line wants 'NO' (got '0012')",
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
        "planned_order_demands.csv:4: plan, order: no such plan (got 'MONTH')",
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
        "see also bills_of_materials.csv:3, bills_of_materials.csv:4",
        "bills_of_materials.csv:8: component: the item is made of itself (got G → G)",
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
        "planned_orders.csv:4: origin: blank, but a planned transfer needs the location that ships",
        "planned_orders.csv:5: origin: the transfer leads from a location to itself (got 'W1')",
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
    )
    for name, table, text in (
        ("none in stock", "on_hand", "item,location,quantity\nAXLE,L,0\n"),
        ("bill of another location", "bills_of_materials", "item,location,component,quantity_per\nAXLE,M,B,1\n"),
        ("lane of another item", "lanes", "item,origin,destination,lead_time_days\nB,M,L,1\n"),
    ):
        assert check_only(tmp_path / name, demands=demands, **{table: text}) == [warning]
    assert check_only(tmp_path, demands=demands, on_hand="item,location,quantity\nAXEL,L,1\n") == [
        f"{warning}; did you mean 'AXEL'?"
    ]
    orders = SOURCES["planned_orders"].replace("A,L", "AXLE,L") + "Q,1,make,B,L,1,2021-01-01\n"
    assert check_only(tmp_path / "plan", plans=["P"], demands=demands, planned_orders=orders) == []
    assert check_only(tmp_path / "other plan", plans=["Q"], demands=demands, planned_orders=orders) == [warning]


def test_rows_in_any_order_give_the_same_findings(tmp_path: Path) -> None:
    data = read_csv(tmp_path, reservations="order,line,item,location,quantity\n9,1,0012,W1,4\n8,1,0012,W1,4\n")
    expected = sorted(lines(data, tmp_path))
    assert len(expected) == 2
    for name in ("reservations", "demands", "lanes"):
        data = data.with_table(name, data[name].iloc[::-1])
    assert sorted(lines(data, tmp_path)) == expected


def test_frames_are_checked_alike() -> None:
    frames = {"demands": pd.read_csv(io.StringIO(DEMANDS + "1,1,A,L,0,2021-01-01\n"))}
    assert [str(problem) for problem in check_planning_data(read_frames(frames))] == [
        "demands:1: quantity: must be more than 0 (got 0)",
        "demands:1: item: no source of supply (got item 'A' at location 'L', wanted by 1 order line)",
    ]
