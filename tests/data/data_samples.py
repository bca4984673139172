"""Planning data for the tests of the data layer: every table, every kind of value, and the traps among ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from firmdate.data.check import check_planning_data
from firmdate.data.planning_data import PlanningData
from firmdate.data.read import read_planning_data
from firmdate.errors import InputError

SAMPLE: Mapping[str, str] = {
    "items": '''item,description,unit_cost,unit_price,whole_units,product_group
0012,Bracket,1.5,3,true,NO
NO,"Rod, ""long""",0.25,,false,3.10
NA,=1+1,,,,
12:30,Ölfilter,2,4.75,yes,
3.10,null,1e-3,1E2,0,12
COMP,Componént,,,,
''',
    "locations": """location,description,region,calendar,balancing_area
P1,Plant,EU,WEEK,A
W1,Warehouse,EU,,A
""",
    "stocking_points": """item,location,coverage,minimum,maximum,multiple,safety_stock,holding_cost,search,search_components,lead_time_days
0012,W1,min_max,15,25,5,,0.2,lead_time,no,7
NO,W1,,,,,,,,,
""",  # noqa: E501
    "lanes": """item,origin,destination,mode,lead_time_days,unit_cost,rank,capacity_per_day,effective_from,effective_to
,P1,W1,,3,0.5,,100,,
0012,P1,W1,air,1,5,2,,2021-01-01,9999-12-31
""",
    "bills_of_materials": """item,location,alternative,component,quantity_per,effective_from,effective_to
0012,,,COMP,2,,
0012,P1,B,COMP,2.5,2021-02-01,
""",
    "operations": """item,location,alternative,lead_time_days,unit_cost,rank
0012,P1,,2,1,
0012,P1,B,3,1,2
""",
    "operation_resources": """item,location,alternative,resource,hours_per_unit
0012,P1,,RES_1,0.05
""",
    "resources": """resource,location,description
RES_1,P1,Press
""",
    "resource_capacity": """resource,start,end,hours
RES_1,2021-01-04,2021-01-11,40
RES_1,2021-01-11,2021-01-18,40
""",
    "suppliers": """supplier,description,calendar
S1,Acme,WEEK
S2,,
""",
    "supplier_items": """supplier,item,location,lead_time_days,unit_cost,rank,minimum,multiple
S1,COMP,P1,14,0.1,,10,5
S1,NO,W1,7,,,,
S1,NA,W1,7,,,,
S1,12:30,W1,7,,,,
S2,3.10,W1,7,,,,
""",
    "supplier_capacity": """supplier,item,start,end,quantity
S1,,2021-01-01,2021-02-01,1000
S1,COMP,2021-01-01,2021-02-01,800
""",
    "calendars": """calendar,start,end,working
WEEK,2021-01-09,2021-01-11,false
WEEK,2021-01-16,2021-01-18,false
""",
    "on_hand": """item,location,bin,quantity
0012,W1,A-1,20
0012,W1,,-8
""",
    "reservations": """order,line,item,location,quantity
0001,1,0012,W1,4
""",
    "scheduled_receipts": """receipt,type,item,location,date,quantity,origin,supplier
R1,purchase,COMP,P1,2021-01-05,100,,S1
R2,transfer,0012,W1,2021-01-06,5,P1,
""",
    "planned_orders": """plan,order,type,item,location,quantity,start_date,due_date,origin,supplier,alternative
WEEKLY,M1,make,0012,P1,100,2021-01-05,2021-01-10,,,
WEEKLY,T1,transfer,0012,W1,50,,2021-01-14,P1,,
WEEKLY,B1,buy,COMP,P1,200,2021-01-04,2021-01-18,,,
""",
    "planned_order_demands": """plan,order,kind,name,location,date,quantity
WEEKLY,M1,component,COMP,P1,2021-01-05,200
WEEKLY,M1,resource,RES_1,,2021-01-05,5
""",
    "demands": """order,line,kind,item,location,quantity,requested_date,tier,priority,customer,revenue,penalty_per_day,scheduled_date,earliest_date,latest_acceptable_date,partial,minimum_shipment,ship_set,allocation_node,x_channel
0001,1,order,0012,W1,10,2021-01-08,1,2.5,ACME,99.95,0.5,2021-01-09,2021-01-07,2021-02-01,no,2,SET-1,NO,web
0001,02,,NO,W1,2.75,2021-01-08,,,NO,,,,,,,,,,
NO,1,forecast,NA,W1,1,2021-01-31,3,,NA,,,,,,,,,,
NA,1,,12:30,W1,7,2021-03-01,,,null,,,,,,,,,,NaN
null,12:30,,3.10,W1,7,2021-03-01,,,nan,,,,,,,,,,-
""",  # noqa: E501
    "substitutions": """item,substitute,location,rank,ratio,direction,unit_cost,effective_from,effective_to
0012,NO,,,,,,,
NO,0012,W1,2,0.5,mutual,1.5,2021-01-01,2021-03-01
""",
    "allocation_nodes": """node,parent,rank,protection
EU,,,
NO,EU,2,50
""",
    "allocations": """item,location,node,start,end,percent,quantity,percent_of
,,EU,2021-01-01,2021-04-01,,5,
0012,W1,NO,2021-01-01,2021-02-01,40,,remaining
""",
}
"""CSV text of every table; correct and complete."""


def write_csv(folder: Path, tables: Mapping[str, str] = SAMPLE, **changed: str) -> Path:
    """Write CSV tables to a folder and return it; ``changed`` tables replace those of the same name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**tables, **changed}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    return folder


def problems_of(action: Callable[[], object], folder: Path) -> list[str]:
    """The problems that an action raises, as lines in which the folder is left out."""
    with pytest.raises(InputError) as caught:
        action()
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def read_problems(folder: Path, tables: Mapping[str, str] = SAMPLE, **changed: str) -> list[str]:
    """The problems of reading CSV tables."""
    write_csv(folder, tables, **changed)
    return problems_of(lambda: read_planning_data(folder), folder)


def read_csv(folder: Path, tables: Mapping[str, str] = SAMPLE, **changed: str) -> PlanningData:
    """Planning data of CSV tables."""
    return read_planning_data(write_csv(folder, tables, **changed))


def check_lines(data: PlanningData, folder: Path, plans: Sequence[str] = ()) -> list[str]:
    """What the checks find, as lines in which the folder is left out."""
    problems = check_planning_data(data, plans)
    return [("warning: " if problem.warning else "") + str(problem).replace(f"{folder}/", "") for problem in problems]


def check(folder: Path, *, plans: Sequence[str] = (), **changed: str) -> list[str]:
    """Problems of the sample with some tables changed."""
    return check_lines(read_csv(folder, SAMPLE, **changed), folder, plans)


def check_only(folder: Path, *, plans: Sequence[str] = (), **tables: str) -> list[str]:
    """Problems of nothing but these tables."""
    return check_lines(read_csv(folder, tables), folder, plans)
