"""A plan and its planning data, made by hand: every kind of supply once, and every table to the digit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from firmdate.data.planning_data import PlanningData
from firmdate.data.read import read_planning_data
from firmdate.plan.certify import certify
from firmdate.plan.result import PLAN_TABLES, RULE_TABLES
from firmdate.scenario.schema import Scenario

DATES = frozenset(
    ("date", "start", "end", "requested_date", "promise_date", "gating_date", "planned_date", "start_date")
) | {"ship_date", "arrival_date"}
NUMBERS = frozenset(("quantity", "promised_quantity", "planned_quantity", "load", "capacity", "overload", "price")) | {
    "days_late",
    "tier",
}

# 2021-03-01 is a Monday; M1, DC and S1 do not work on weekends.
DATA: Mapping[str, str] = {
    "items": "item,whole_units\nEND,true\nCOMP,true\nPART,true\nOIL,false\nBOLT,true\nGEAR,true\n",
    "locations": "location,calendar\nM1,WEEK\nDC,WEEK\nR1,\n",
    "calendars": """calendar,start,end,working
WEEK,2021-03-06,2021-03-08,false
WEEK,2021-03-13,2021-03-15,false
WEEK,2021-03-20,2021-03-22,false
WEEK,2021-03-27,2021-03-29,false
""",
    "stocking_points": """item,location,coverage,search,lead_time_days,search_components
BOLT,DC,requirement,lead_time,4,true
GEAR,DC,none,supply_chain,,true
""",
    "lanes": """item,origin,destination,mode,lead_time_days,rank,capacity_per_day,effective_from,effective_to
,M1,DC,standard,2,1,50,,
,M1,DC,air,1,2,,,
PART,M1,DC,standard,3,1,,2021-03-02,2021-03-31
""",
    "bills_of_materials": """item,location,alternative,component,quantity_per,effective_from,effective_to
END,,,COMP,2,,
""",
    "operations": "item,location,alternative,lead_time_days,rank\nEND,M1,,3,1\nEND,M1,SLOW,6,2\n",
    "operation_resources": "item,location,alternative,resource,hours_per_unit\nEND,M1,,RES_1,0.1\n",
    "resource_capacity": """resource,start,end,hours
RES_1,2021-03-01,2021-03-08,8
RES_1,2021-03-08,2021-03-15,8
""",
    "suppliers": "supplier,calendar\nS1,WEEK\nS2,\n",
    "supplier_items": "supplier,item,location,lead_time_days,rank\nS1,COMP,M1,5,1\nS1,OIL,DC,4,1\nS2,COMP,M1,9,2\n",
    "supplier_capacity": """supplier,item,start,end,quantity
S1,,2021-03-01,2021-03-15,200
S1,COMP,2021-03-01,2021-03-15,150
""",
    "on_hand": "item,location,bin,quantity\nCOMP,M1,,150\nEND,DC,A,12\nEND,DC,B,-2\nPART,M1,,30\nPART,R1,,-5\n",
    "reservations": "order,line,item,location,quantity\nSO1,1,END,DC,4\n",
    "scheduled_receipts": """receipt,type,item,location,date,quantity
OVERDUE,purchase,COMP,M1,2021-02-20,20
AFTER,purchase,PART,M1,2021-05-15,99
""",
    "planned_orders": """plan,order,type,item,location,quantity,start_date,due_date,origin,supplier,alternative
WEEKLY,P1,make,END,M1,40,2021-03-03,2021-03-08,,,
WEEKLY,P2,transfer,END,DC,40,,2021-03-10,M1,,
WEEKLY,P3,buy,COMP,M1,60,,2021-03-12,,S1,
WEEKLY,P4,make,END,M1,20,2021-03-04,2021-03-09,,,
WEEKLY,P5,buy,COMP,M1,70,,2021-05-20,,S1,
OTHER,P6,make,END,M1,10,2021-03-03,2021-03-08,,,
""",
    "planned_order_demands": """plan,order,kind,name,location,date,quantity
WEEKLY,P1,component,COMP,,2021-03-02,90
WEEKLY,P1,resource,RES_1,,2021-03-04,5
""",
    "demands": """order,line,item,location,quantity,requested_date,tier,earliest_date,latest_acceptable_date,partial,minimum_shipment
SO1,1,END,DC,10,2021-03-02,2,,,true,
SO1,2,END,DC,30,2021-03-09,1,,,true,
SO2,1,END,DC,20,2021-03-08,1,2021-03-11,2021-03-31,false,
SO3,1,PART,DC,25,2021-03-05,1,,,true,
SO4,1,OIL,DC,2.5,2021-03-05,1,,,true,
SO5,1,BOLT,DC,6,2021-03-03,1,,,true,
SO6,1,END,M1,5,2021-02-22,1,,,true,
SO7,1,GEAR,DC,3,2021-03-03,1,,,true,
SO8,1,PART,DC,10,2021-03-08,1,,,true,3
""",  # noqa: E501
}
"""CSV text of the planning data."""

PLAN: Mapping[str, str] = {
    "promises": """order,line,item,location,quantity,requested_date,promise_date,days_late,promised_quantity,status,tier
SO1,1,END,DC,10,2021-03-02,2021-03-02,0,10,on_time,2
SO1,2,END,DC,30,2021-03-09,2021-03-10,1,30,late,1
SO2,1,END,DC,20,2021-03-08,2021-03-15,7,20,late,1
SO3,1,PART,DC,25,2021-03-05,2021-03-05,0,25,on_time,1
SO4,1,OIL,DC,2.5,2021-03-05,2021-03-08,3,2.5,late,1
SO5,1,BOLT,DC,6,2021-03-03,2021-03-05,2,6,late,1
SO6,1,END,M1,5,2021-02-22,2021-03-11,17,5,late,1
SO7,1,GEAR,DC,3,2021-03-03,,,0,unpromised,1
SO8,1,PART,DC,10,2021-03-08,,,5,partial,1
""",
    "deliveries": """order,line,date,quantity
SO1,1,2021-03-02,10
SO1,2,2021-03-10,30
SO2,1,2021-03-15,20
SO3,1,2021-03-05,25
SO4,1,2021-03-08,2.5
SO5,1,2021-03-05,6
SO6,1,2021-03-11,5
SO8,1,2021-03-08,5
""",
    "deployments": """item,origin,destination,mode,ship_date,arrival_date,quantity,planned_order
END,M1,DC,standard,2021-03-08,2021-03-10,30,P2
END,M1,DC,standard,2021-03-11,2021-03-15,10,N2
END,M1,DC,standard,2021-03-12,2021-03-15,10,P2
PART,M1,DC,standard,2021-03-02,2021-03-05,25,N3
PART,M1,DC,standard,2021-03-03,2021-03-08,5,N4
""",
    "supply_orders": """plan,order,type,item,location,origin,supplier,alternative,planned_date,date,planned_quantity,quantity,status,start_date
,N1,make,END,M1,,,1,,2021-03-11,0,15,new,2021-03-08
,N2,transfer,END,DC,M1,,,,2021-03-15,0,10,new,2021-03-11
,N3,transfer,PART,DC,M1,,,,2021-03-05,0,25,new,2021-03-02
,N4,transfer,PART,DC,M1,,,,2021-03-08,0,5,new,2021-03-03
,N5,buy,OIL,DC,,S1,,,2021-03-08,0,2.5,new,2021-03-02
,N6,buy,BOLT,DC,,,,,2021-03-05,0,6,new,2021-03-01
WEEKLY,P1,make,END,M1,,,1,2021-03-08,2021-03-08,40,40,kept,2021-03-03
WEEKLY,P2,transfer,END,DC,M1,,,2021-03-10,2021-03-10,40,30,reduced,2021-03-08
WEEKLY,P2,transfer,END,DC,M1,,,2021-03-10,2021-03-15,40,10,delayed,2021-03-12
WEEKLY,P3,buy,COMP,M1,,S1,,2021-03-12,2021-03-12,60,60,kept,2021-03-07
WEEKLY,P4,make,END,M1,,,1,2021-03-09,,20,0,cancelled,
""",  # noqa: E501
    "resource_load": """resource,start,end,load,capacity,overload
RES_1,2021-03-01,2021-03-08,5,8,0
RES_1,2021-03-08,2021-03-15,1.5,8,0
""",
    "supplier_load": """supplier,item,start,end,load,capacity,overload
S1,,2021-03-01,2021-03-15,62.5,200,0
S1,COMP,2021-03-01,2021-03-15,60,150,0
""",
    "lane_load": """lane,start,end,load,capacity,overload
M1 > DC (standard),2021-03-08,2021-03-09,30,50,0
M1 > DC (standard),2021-03-11,2021-03-12,10,50,0
M1 > DC (standard),2021-03-12,2021-03-13,10,50,0
""",
    "stock": """item,location,date,quantity
COMP,M1,2021-03-01,170
COMP,M1,2021-03-02,80
COMP,M1,2021-03-08,50
COMP,M1,2021-03-12,110
END,DC,2021-03-01,10
END,DC,2021-03-02,0
END,M1,2021-03-08,10
END,M1,2021-03-12,0
PART,M1,2021-03-01,30
PART,M1,2021-03-02,5
PART,M1,2021-03-03,0
""",
}
"""CSV text of the written tables; the columns that are not certified are left blank."""


@dataclass(frozen=True)
class HandPlan:
    """Planning data and written tables as CSV text, and the scenario.

    Args:
        data: Planning data by table.
        plan: Written tables by name.
        scenario: Values of the scenario other than its data, planning date and horizon.
    """

    data: Mapping[str, str] = field(default_factory=lambda: DATA)
    plan: Mapping[str, str] = field(default_factory=lambda: PLAN)
    scenario: Mapping[str, object] = field(default_factory=dict)

    def changed(self, *edits: tuple[str, str, str], **scenario: object) -> HandPlan:
        """A copy with text replaced.

        Args:
            edits: Table of the plan (or ``data.table``), the text that is replaced (the whole table, when blank), and
                the text that takes its place.
            scenario: Other values of the scenario.
        """
        data, plan = dict(self.data), dict(self.plan)
        for table, old, new in edits:
            tables, name = (data, table.removeprefix("data.")) if table.startswith("data.") else (plan, table)
            assert old in tables[name], f"{table} has no {old!r}"
            tables[name] = tables[name].replace(old, new, 1) if old else new
        return HandPlan(data, plan, {**self.scenario, **scenario})

    def violations(self, folder: Path) -> list[str]:
        """What the certificate finds."""
        return certify(WrittenTables.of(self.plan), read_data(folder, self.data), self.resolved())

    def resolved(self) -> Scenario:
        """The scenario."""
        values = {"supply_plans": ("WEEKLY",), **self.scenario}
        return Scenario(data="data", planning_date=dt.date(2021, 3, 1), horizon_days=60, **values)  # type: ignore[arg-type]


@dataclass(frozen=True)
class WrittenTables:
    """The tables of a plan as frames."""

    promises: pd.DataFrame
    deliveries: pd.DataFrame
    deployments: pd.DataFrame
    supply_orders: pd.DataFrame
    resource_load: pd.DataFrame
    supplier_load: pd.DataFrame
    lane_load: pd.DataFrame
    stock: pd.DataFrame
    rule_tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @classmethod
    def of(cls, tables: Mapping[str, str]) -> WrittenTables:
        """Tables from CSV text."""
        frames = {name: written(name, text) for name, text in tables.items()}
        rules = {name: frames.pop(name) for name in tables if name in RULE_TABLES}
        return cls(**frames, rule_tables=rules)


@cache
def written(table: str, text: str) -> pd.DataFrame:
    """A written table from CSV text, with the types that a plan has."""
    header, *lines = text.splitlines()
    names = header.split(",")
    rows: Sequence[Sequence[str]] = [line.split(",") for line in lines]
    cells = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    columns: dict[str, pd.Series] = {}
    for name in {**PLAN_TABLES, **RULE_TABLES}[table]:
        raw = pd.Series(cells.get(name, [""] * len(rows)), dtype=object)
        if name in DATES:
            columns[name] = pd.to_datetime(raw.replace("", None), format="%Y-%m-%d").astype("datetime64[s]")
        elif name in NUMBERS:
            columns[name] = pd.Series([float(cell) if cell else np.nan for cell in raw], dtype="float64")
        else:
            columns[name] = raw
    return pd.DataFrame(columns)


def read_data(folder: Path, tables: Mapping[str, str]) -> PlanningData:
    """Planning data of CSV text; a table is read once for all tests, since nothing changes it."""
    data = _READ.get("data") or _READ.setdefault("data", read_planning_data(_write(folder, DATA)))
    changed = {name: text for name, text in tables.items() if DATA.get(name) != text}
    if not changed:
        return data
    own = read_planning_data(
        _write(folder, {"demands": "order,line,item,location,quantity,requested_date\n", **changed})
    )
    for name in changed:
        data = data.with_table(name, own[name])
    return data


_READ: dict[str, PlanningData] = {}


def _write(folder: Path, tables: Mapping[str, str]) -> Path:
    own = folder / f"data{len(list(folder.iterdir()))}"
    own.mkdir()
    for name, text in tables.items():
        (own / f"{name}.csv").write_text(text, encoding="utf-8")
    return own
