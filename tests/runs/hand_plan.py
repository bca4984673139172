"""A small plan made by hand, with a line of every status, for tests of what comes after the solve."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping

import pandas as pd

from firmdate.plan.result import PLAN_TABLES, Plan
from firmdate.runs.table_files import DATES, INTEGERS, NUMBERS
from firmdate.scenario.files import make_scenario

TABLES: Mapping[str, str] = {
    "promises": """\
0012,1,PUMP,DC,60,2021-01-05,2021-01-05,0,60,on_time,1,,,,
0012,2,PUMP,DC,40,2021-01-05,2021-01-12,7,40,late,2,resource,RES_1,2021-01-04,waits for RES_1 until 2021-01-11
0013,1,"VALVE, 1/2""\",DC,10,2021-01-06,,,4,partial,2,supplier,S1,2021-01-06,only 4 of 10 can be bought from S1
NO,1,"VALVE, 1/2""\",DC,5,2021-01-07,,,0,unpromised,3,item,SEAL,,no supply of <SEAL> & co inside the horizon
""",
    "lines": """\
0012,1,order,ACME,EAST,pumps,6000,0
0012,2,order,BOLT & SON,EAST,pumps,4000,280
0013,1,order,ACME,EAST,valves,500,455
NO,1,order,,EAST,valves,250,265.3333333333333
""",
    "deliveries": """\
0012,1,2021-01-05,60
0012,2,2021-01-08,0.3333333333333333
0012,2,2021-01-12,39.666666666666664
0013,1,2021-01-08,4
""",
    "deployments": "PUMP,PLANT,DC,standard,2021-01-03,2021-01-05,60,T-1",
    "supply_orders": """\
WEEKLY,M-1,make,PUMP,PLANT,,,1,2021-01-08,2021-01-10,40,40,delayed,2021-01-04
,NEW-BUY-1,buy,"VALVE, 1/2""\",DC,,S1,,,2021-01-08,0,4,new,2021-01-06
""",
    "resource_load": """\
RES_1,2021-01-04,2021-01-11,45,40,5,0.5
RES_1,2021-01-11,2021-01-18,20,40,0,0
RES_2,2021-01-04,2021-01-11,3,,0,0
""",
    "supplier_load": "S1,2021-01-04,2021-01-11,4,4,0,12.25,",
    "lane_load": "PLANT-DC,2021-01-03,2021-01-04,60,100,0,0",
    "stock": "PUMP,DC,2021-01-04,60\nPUMP,DC,2021-01-05,-0.0",
    "data_alerts": "on_hand,SEAL/DC,negative on hand counts as 0,-4,0",
    "explanations": """\
0012,2,resource_capacity,1,1,277.66666666666663,3000,2021-01-05,0012/1 (tier 1)
0013,1,supplier_capacity,3,2,330,60,2021-01-08,
NO,1,component_shortage,2,3,265.3333333333333,,,
""",
    "chains": """\
1,1,supply,make,1,PUMP,PLANT,2021-01-11,2021-01-12,made PUMP at PLANT from 2021-01-11 to 2021-01-12
1,2,gating,resource,RES_1,,,,2021-01-04,resource RES_1 is full from 2021-01-04 to 2021-01-10
2,1,gating,supplier,S1,,,,2021-01-06,supplier S1 is full from 2021-01-06 to 2021-01-12
3,1,gating,supply,SEAL at DC,SEAL,DC,,,all supply of SEAL at DC is given to lines that come first
""",
    "releases": """\
0012,2,1,resource,RES_1,,,,,2021-01-04,2021-01-11,5,hours,0,7,277.66666666666663
""",
    "causes": """\
1,resource_capacity,resource,RES_1,,,,,2021-01-04,2021-01-11,1,277.66666666666663,3000,resource RES_1 is full,\
5,hours,0,1,7,277.66666666666663,0.5,5 h more on RES_1 in the week from 2021-01-04 would help
2,component_shortage,supply,SEAL at DC,SEAL,DC,,,2021-01-04,,1,265.3333333333333,0,no SEAL is left,5,units,0,0,0,0,0,
3,supplier_capacity,supplier,S1,,,,,2021-01-06,2021-01-13,1,330,60,supplier S1 is full,6,units,0,0,0,0,12.25,
""",
}
"""Rows of every table, as CSV."""

KPIS = {
    "lines": 4.0,
    "on_time_lines": 1.0,
    "late_lines": 1.0,
    "partial_lines": 1.0,
    "unpromised_lines": 1.0,
    "quantity": 115.0,
    "late_unit_days": 1000.0 + 1 / 3,
    "late_unit_days_tier_1": 0.0,
    "late_unit_days_tier_2": 735.0,
    "late_unit_days_tier_3": 265.0 + 1 / 3,
    "total_cost": 1234.5,
    "overloads": 1.0,
    "optimistic": 0.0,
}


def frame(table: str, rows: str) -> pd.DataFrame:
    """CSV rows as a table of a plan, with the types that a plan has."""
    cells = zip(*csv.reader(rows.splitlines()), strict=True) if rows else [()] * len(PLAN_TABLES[table])
    columns = {}
    for name, texts in zip(PLAN_TABLES[table], cells, strict=True):
        if name in DATES:
            columns[name] = pd.Series([pd.Timestamp(text) if text else pd.NaT for text in texts], dtype="datetime64[s]")
        elif name in INTEGERS:
            columns[name] = pd.Series([int(text) if text else pd.NA for text in texts], dtype=INTEGERS[name])
        elif name in NUMBERS:
            columns[name] = pd.Series([float(text or "nan") for text in texts], dtype="float64")
        else:
            columns[name] = pd.Series(texts, dtype="str")
    return pd.DataFrame(columns)


def hand_plan(
    name: str = "hand-made",
    promises: pd.DataFrame | None = None,
    resource_load: pd.DataFrame | None = None,
    kpis: Mapping[str, float] | None = None,
    expect: Mapping[str, object] | None = None,
    lines: pd.DataFrame | None = None,
) -> Plan:
    """The plan, with other promises, loads, figures or expectations where given."""
    tables = {table: frame(table, rows) for table, rows in TABLES.items()}
    scenario = make_scenario(
        {"name": name, "data": "data", "planning_date": dt.date(2021, 1, 1), "horizon_days": 30, "expect": expect or {}}
    )
    return Plan(
        scenario=scenario,
        promises=tables["promises"] if promises is None else promises,
        deliveries=tables["deliveries"],
        deployments=tables["deployments"],
        supply_orders=tables["supply_orders"],
        resource_load=tables["resource_load"] if resource_load is None else resource_load,
        supplier_load=tables["supplier_load"],
        lane_load=tables["lane_load"],
        stock=tables["stock"],
        data_alerts=tables["data_alerts"],
        kpis=dict(KPIS if kpis is None else kpis),
        run={"input_hash": "0123456789abcdef", "status": "optimal", "stages": [{"stage": "solve", "seconds": 0.25}]},
        log="Model status: Optimal\n",
        explanations=tables["explanations"],
        chains=tables["chains"],
        releases=tables["releases"],
        causes=tables["causes"],
        lines=tables["lines"] if lines is None else lines,
    )
