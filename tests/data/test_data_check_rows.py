"""Checks inside one table, each with its exact message."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from data_samples import SAMPLE, check, check_lines, check_only, read_csv

DEMANDS = "order,line,item,location,quantity,requested_date\n"
ORDERS = "plan,order,type,item,location,quantity,start_date,due_date,origin,supplier,alternative\n"


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
        "(got item blank, origin 'P1', destination 'W1', mode 'standard'); remove one of the two rows",
        "on_hand.csv:4: item, location, bin: the key is there already, in on_hand.csv:2 "
        "(got item '0012', location 'W1', bin blank); remove one of the two rows",
        "on_hand.csv:5: item, location, bin: the key is there already, in on_hand.csv:2 "
        "(got item '0012', location 'W1', bin blank); remove one of the two rows",
        "reservations.csv:3: order, line: the key is there already, in reservations.csv:2 (got order '0001', line '1')"
        "; remove one of the two rows",
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
        "(got plan 'A', order 'M1'); remove one of the two rows"
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
    assert check_lines(data, tmp_path) == [
        "demands.csv:2: quantity: not a finite number (got inf); check what the changes of the scenario do to it",
        "demands.csv:3: quantity: not a finite number (got -inf); check what the changes of the scenario do to it",
    ]


def test_numbers_beyond_what_the_plan_can_tell_apart(tmp_path: Path) -> None:
    rows = "1,1,0012,W1,1e15,2021-01-08\n2,1,0012,W1,1e-9,2021-01-08\n3,1,0012,W1,1e12,2021-01-08\n"
    found = check(
        tmp_path,
        demands=DEMANDS + rows,
        reservations="order,line,item,location,quantity\n",
        on_hand="item,location,quantity\n0012,W1,-2e12\n",
    )
    assert found[:2] == [
        "on_hand.csv:2: quantity: number too large (got -2000000000000); "
        "the largest number is 1e+12; choose a larger unit",
        "demands.csv:2: quantity: number too large (got 1000000000000000); "
        "the largest number is 1e+12; choose a larger unit",
    ]
    assert found[2] == (
        "demands.csv:3: quantity: quantity too small (got 1e-09); "
        "the smallest quantity is 0.0001; choose a smaller unit"
    )
    assert all("too " not in line for line in found[3:])


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
        "(got 2021-01-18 to 2021-01-25, and there 2021-01-04 to 2021-02-01); end one where the other begins",
        "resource_capacity.csv:5: start: the interval overlaps the one in resource_capacity.csv:3 "
        "(got 2021-01-11 to 2021-01-12, and there 2021-01-04 to 2021-02-01); end one where the other begins",
        "resource_capacity.csv:6: end: the interval has no day; end is the day after the last "
        "(got start '2021-03-01', end '2021-03-01')",
        "resource_capacity.csv:7: end: the interval has no day; end is the day after the last "
        "(got start '2021-03-08', end '2021-03-01')",
        "supplier_capacity.csv:4: start: the interval overlaps the one in supplier_capacity.csv:2 "
        "(got 2021-01-31 to 2021-02-02, and there 2021-01-01 to 2021-02-01); end one where the other begins",
    ]


def test_an_interval_that_is_there_twice_is_reported_once(tmp_path: Path) -> None:
    row = "RES_1,2021-01-04,2021-01-11,40\n"
    assert check(tmp_path, resource_capacity=f"resource,start,end,hours\n{row}{row}") == [
        "resource_capacity.csv:3: resource, start, end: the key is there already, in resource_capacity.csv:2 "
        "(got resource 'RES_1', start '2021-01-04', end '2021-01-11'); remove one of the two rows"
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
        "(got 2021-01-09 to 2021-01-11, and there 2021-01-01 to 2021-02-01); end one where the other begins",
        "calendars.csv:5: start: the interval overlaps the one in calendars.csv:4 and contradicts it "
        "(got 2021-02-10 to 2021-02-12, and there 2021-01-20 to 2021-02-20); end one where the other begins",
    ]


def test_stocking_points_that_lack_a_number(tmp_path: Path) -> None:
    points = "item,location,coverage,minimum,search\n0012,W1,min_max,,lead_time\nNO,W1,min_max,3,\n"
    assert check(tmp_path, stocking_points=points) == [
        "stocking_points.csv:2: lead_time_days: blank, but a search by lead_time needs it"
        "; give the days, or search by supply_chain",
        "stocking_points.csv:2: minimum: blank, but coverage by min_max needs it",
        "stocking_points.csv:2: maximum: blank, but coverage by min_max needs it",
        "stocking_points.csv:3: maximum: blank, but coverage by min_max needs it",
    ]


def test_lanes_to_themselves(tmp_path: Path) -> None:
    lanes = "item,origin,destination,lead_time_days\n,P1,W1,3\n0012,W1,W1,1\n"
    assert check(tmp_path, lanes=lanes) == [
        "lanes.csv:3: destination: the lane leads from a location to itself (got 'W1')"
        "; name another one, or remove the row"
    ]


def test_fractions_of_whole_units(tmp_path: Path) -> None:
    found = check(
        tmp_path,
        on_hand="item,location,quantity\n0012,W1,1.5\nNO,W1,1.5\nCOMP,P1,0.25\n",
        demands=SAMPLE["demands"] + "".join(f"9,{line},,0012,W1,{line}.5,2021-01-08{',' * 13}\n" for line in (1, 2)),
    )
    hint = "; set its whole_units to false to split it"
    assert found == [
        f"warning: on_hand.csv:2: quantity: a fraction of an item that comes in whole units (got 1.5 of '0012'){hint}",
        f"warning: on_hand.csv:4: quantity: a fraction of an item that comes in whole units (got 0.25 of 'COMP'){hint}",
        "warning: demands.csv:7: quantity: a fraction of an item that comes in whole units "
        f"(got 1.5 of '0012' in 2 rows){hint}",
    ]
