"""A small plan made by hand, with a line of every status, for tests of what comes after the solve."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pandas as pd

from firmdate.plan.result import PLAN_TABLES, Plan
from firmdate.runs.table_files import DATES, INTEGERS, NUMBERS
from firmdate.scenario.files import make_scenario

TABLES: Mapping[str, Sequence[tuple[object, ...]]] = {
    "promises": (
        ("0012", "1", "PUMP", "DC", 60, "2021-01-05", "2021-01-05", 0, 60, "on_time", 1, "", "", None, ""),
        ("0012", "2", "PUMP", "DC", 40, "2021-01-05", "2021-01-12", 7, 40, "late", 2)
        + ("resource", "RES_1", "2021-01-04", "waits for RES_1, which is full until 2021-01-11"),
        ("0013", "1", 'VALVE, 1/2"', "DC", 10, "2021-01-06", None, None, 4, "partial", 2)
        + ("supplier", "S1", "2021-01-06", "only 4 of 10 can be bought from S1"),
        ("NO", "1", 'VALVE, 1/2"', "DC", 5, "2021-01-07", None, None, 0, "unpromised", 3)
        + ("item", "SEAL", None, "no supply of <SEAL> & co inside the horizon"),
    ),
    "deliveries": (
        ("0012", "1", "2021-01-05", 60),
        ("0012", "2", "2021-01-08", 1 / 3),
        ("0012", "2", "2021-01-12", 40 - 1 / 3),
        ("0013", "1", "2021-01-08", 4),
    ),
    "deployments": (("PUMP", "PLANT", "DC", "standard", "2021-01-03", "2021-01-05", 60, "T-1"),),
    "supply_orders": (
        ("WEEKLY", "M-1", "make", "PUMP", "PLANT", "", "", "1", "2021-01-08", "2021-01-10", 40, 40, "delayed")
        + ("2021-01-04",),
        ("", "NEW-BUY-1", "buy", 'VALVE, 1/2"', "DC", "", "S1", "", None, "2021-01-08", 0, 4, "new", "2021-01-06"),
    ),
    "resource_load": (
        ("RES_1", "2021-01-04", "2021-01-11", 45, 40, 5, 0.5),
        ("RES_1", "2021-01-11", "2021-01-18", 20, 40, 0, 0),
        ("RES_2", "2021-01-04", "2021-01-11", 3, None, 0, 0),
    ),
    "supplier_load": (("S1", "2021-01-04", "2021-01-11", 4, 4, 0, 12.25, ""),),
    "lane_load": (("PLANT-DC", "2021-01-03", "2021-01-04", 60, 100, 0, 0),),
    "stock": (("PUMP", "DC", "2021-01-04", 60), ("PUMP", "DC", "2021-01-05", -0.0)),
    "data_alerts": (("on_hand", "SEAL/DC", "negative on hand counts as 0", "-4", "0"),),
}
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


def frame(table: str, rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    """Rows as a table of a plan with the types that a plan has."""
    raw = pd.DataFrame(list(rows), columns=list(PLAN_TABLES[table]), dtype=object)
    columns = {}
    for name in raw.columns:
        column = raw[name]
        if name in DATES:
            columns[name] = pd.to_datetime(column).astype("datetime64[s]")
        elif name in INTEGERS:
            columns[name] = pd.array([pd.NA if value is None else value for value in column], dtype=INTEGERS[name])
        elif name in NUMBERS:
            columns[name] = column.astype("float64")
        else:
            columns[name] = column
    return pd.DataFrame(columns)


def hand_plan(
    name: str = "hand-made",
    promises: pd.DataFrame | None = None,
    resource_load: pd.DataFrame | None = None,
    kpis: Mapping[str, float] | None = None,
    expect: Mapping[str, object] | None = None,
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
    )
