"""More plans made by hand: firm and split planned orders, weeks, measured capacity, competing reservations."""

from __future__ import annotations

from dataclasses import replace

from hand_written_plan import DATA, PLAN, HandPlan

NO_DATA = {name: text.splitlines()[0] + "\n" for name, text in DATA.items()}
OVERTIME = HandPlan().changed(
    (
        "data.resource_capacity",
        "hours\nRES_1,2021-03-01,2021-03-08,8",
        "hours,overtime_hours,overtime_cost\nRES_1,2021-03-01,2021-03-08,4,2,30",
    ),
    ("data.resource_capacity", "2021-03-15,8", "2021-03-15,8,,"),
    ("data.supplier_capacity", "quantity\n", "quantity,extra_quantity,extra_cost\n"),
    ("data.supplier_capacity", ",200", ",200,,"),
    ("data.supplier_capacity", ",150", ",50,10,3"),
    ("resource_load", "5,8,0", "5,4,0"),
    ("supplier_load", "60,150,0", "60,50,0"),
)
OVERTIME = replace(
    OVERTIME,
    plan={
        **OVERTIME.plan,
        "overtime": "kind,name,item,start,end,quantity,limit,unit_cost,cost\n"
        "resource,RES_1,,2021-03-01,2021-03-08,1,2,30,30\n"
        "supplier,S1,COMP,2021-03-01,2021-03-15,10,10,3,30\n",
    },
)
NO_PLAN = {name: text.splitlines()[0] + "\n" for name, text in PLAN.items()}
_LINE = ",,,true,"


def _demands(*rows: str) -> str:
    return NO_DATA["demands"] + "".join(f"{row}{_LINE}\n" for row in rows)


def _with(text: str, *rows: str) -> str:
    return text + "".join(f"{row}\n" for row in rows)


FIRM = HandPlan(
    {
        **NO_DATA,
        **{name: DATA[name] for name in ("locations", "calendars", "lanes", "bills_of_materials", "operations")},
        **{name: DATA[name] for name in ("operation_resources", "suppliers", "supplier_items", "supplier_capacity")},
        "lanes": DATA["lanes"].replace("50", "20"),
        "resource_capacity": DATA["resource_capacity"].replace("03-08,8", "03-08,3"),
        "on_hand": _with(NO_DATA["on_hand"], "COMP,M1,,50"),
        "planned_orders": _with(
            NO_DATA["planned_orders"],
            "WEEKLY,F1,make,END,M1,40,2021-02-26,2021-03-02,,,",
            "WEEKLY,F2,transfer,END,DC,30,,2021-03-06,M1,,",
            "WEEKLY,F3,buy,COMP,M1,20,2021-03-03,2021-03-08,,S1,",
        ),
        "demands": _demands("SO1,1,END,DC,30,2021-03-05,1", "SO2,1,END,M1,15,2021-03-02,1"),
    },
    {
        **NO_PLAN,
        "promises": _with(
            NO_PLAN["promises"],
            "SO1,1,END,DC,30,2021-03-05,2021-03-08,3,30,late,1",
            "SO2,1,END,M1,15,2021-03-02,2021-03-11,9,15,late,1",
        ),
        "deliveries": _with(NO_PLAN["deliveries"], "SO1,1,2021-03-08,30", "SO2,1,2021-03-02,10", "SO2,1,2021-03-11,5"),
        "deployments": _with(NO_PLAN["deployments"], "END,M1,DC,standard,2021-03-04,2021-03-06,30,F2"),
        "supply_orders": _with(
            NO_PLAN["supply_orders"],
            ",N1,make,END,M1,,,1,,2021-03-11,0,5,new,2021-03-08",
            "WEEKLY,F1,make,END,M1,,,1,2021-03-02,2021-03-02,40,40,kept,2021-03-01",
            "WEEKLY,F2,transfer,END,DC,M1,,,2021-03-06,2021-03-06,30,30,kept,2021-03-04",
            "WEEKLY,F3,buy,COMP,M1,,S1,,2021-03-08,2021-03-08,20,20,kept,2021-03-03",
        ),
        "resource_load": _with(
            NO_PLAN["resource_load"], "RES_1,2021-03-01,2021-03-08,4,3,1", "RES_1,2021-03-08,2021-03-15,0.5,8,0"
        ),
        "supplier_load": _with(
            NO_PLAN["supplier_load"], "S1,,2021-03-01,2021-03-15,20,200,0", "S1,COMP,2021-03-01,2021-03-15,20,150,0"
        ),
        "lane_load": _with(NO_PLAN["lane_load"], "M1 > DC (standard),2021-03-04,2021-03-05,30,20,10"),
        "stock": _with(
            NO_PLAN["stock"],
            "COMP,M1,2021-03-01,-30",
            "COMP,M1,2021-03-08,-20",
            "END,M1,2021-03-02,30",
            "END,M1,2021-03-04,0",
            "END,DC,2021-03-06,30",
            "END,DC,2021-03-08,0",
        ),
    },
    {"planned_orders": "firm"},
)
"""F1 takes 80 COMP of 50 and 4 hours of 3, F2 ships 30 on a lane for 20: its dates are optimistic, but as given."""

FORGIVEN = FIRM.changed(
    ("stock", "COMP,M1,2021-03-01,-30\nCOMP,M1,2021-03-08,-20", "COMP,M1,2021-03-01,0\nCOMP,M1,2021-03-08,10")
)
"""The same, where the 30 COMP that nobody has are not a debt that F3 must pay."""

SPLIT = HandPlan(
    {
        **NO_DATA,
        **{name: DATA[name] for name in ("locations", "calendars", "operations", "operation_resources")},
        **{name: DATA[name] for name in ("resource_capacity", "bills_of_materials")},
        "on_hand": _with(NO_DATA["on_hand"], "COMP,M1,,45"),
        "scheduled_receipts": _with(NO_DATA["scheduled_receipts"], "R1,purchase,COMP,M1,2021-03-05,45"),
        "planned_orders": _with(NO_DATA["planned_orders"], "WEEKLY,P1,make,END,M1,40,2021-03-03,2021-03-08,,,"),
        "planned_order_demands": DATA["planned_order_demands"],
        "demands": _demands("SO1,1,END,M1,40,2021-03-08,1"),
    },
    {
        **NO_PLAN,
        "promises": _with(NO_PLAN["promises"], "SO1,1,END,M1,40,2021-03-08,2021-03-12,4,40,late,1"),
        "deliveries": _with(NO_PLAN["deliveries"], "SO1,1,2021-03-08,20", "SO1,1,2021-03-12,20"),
        "supply_orders": _with(
            NO_PLAN["supply_orders"],
            "WEEKLY,P1,make,END,M1,,,1,2021-03-08,2021-03-08,40,20,reduced,2021-03-03",
            "WEEKLY,P1,make,END,M1,,,1,2021-03-08,2021-03-12,40,20,delayed,2021-03-07",
        ),
        "resource_load": _with(
            NO_PLAN["resource_load"], "RES_1,2021-03-01,2021-03-08,2.5,8,0", "RES_1,2021-03-08,2021-03-15,2.5,8,0"
        ),
        "stock": _with(
            NO_PLAN["stock"],
            "COMP,M1,2021-03-01,45",
            "COMP,M1,2021-03-02,0",
            "COMP,M1,2021-03-05,45",
            "COMP,M1,2021-03-08,0",
        ),
    },
)
"""Half of P1 waits four days for components: its take of 2021-03-06 moves to Monday, its hours of 2021-03-08 stay."""

WEEKS = HandPlan(
    {
        **NO_DATA,
        "locations": _with(NO_DATA["locations"], "M1,WEEK", "DC,SHUT"),
        "calendars": _with(DATA["calendars"], "SHUT,2021-03-15,2021-03-22,false"),
        "lanes": DATA["lanes"],
        "on_hand": _with(NO_DATA["on_hand"], "OIL,M1,,15"),
        "demands": _demands("SO1,1,OIL,DC,10,2021-03-03,1", "SO2,1,OIL,DC,5,2021-03-03,2"),
    },
    {
        **NO_PLAN,
        "promises": _with(
            NO_PLAN["promises"],
            "SO1,1,OIL,DC,10,2021-03-03,2021-03-08,5,10,late,1",
            "SO2,1,OIL,DC,5,2021-03-03,2021-03-22,19,5,late,2",
        ),
        "deliveries": _with(NO_PLAN["deliveries"], "SO1,1,2021-03-08,10", "SO2,1,2021-03-22,5"),
        "deployments": _with(
            NO_PLAN["deployments"],
            "OIL,M1,DC,standard,2021-03-01,2021-03-08,10,N1",
            "OIL,M1,DC,standard,2021-03-08,2021-03-22,5,N2",
        ),
        "supply_orders": _with(
            NO_PLAN["supply_orders"],
            ",N1,transfer,OIL,DC,M1,,,,2021-03-08,0,10,new,2021-03-01",
            ",N2,transfer,OIL,DC,M1,,,,2021-03-22,0,5,new,2021-03-08",
        ),
        "lane_load": _with(
            NO_PLAN["lane_load"],
            "M1 > DC (standard),2021-03-01,2021-03-02,10,50,0",
            "M1 > DC (standard),2021-03-08,2021-03-09,5,50,0",
        ),
        "stock": _with(NO_PLAN["stock"], "OIL,M1,2021-03-01,5", "OIL,M1,2021-03-08,0"),
    },
    {"resolution": "week"},
)
"""Everything happens on Mondays, and at DC not on that of the week in which it is shut."""

RESERVED = HandPlan(
    {
        **NO_DATA,
        "on_hand": _with(NO_DATA["on_hand"], "END,DC,,10"),
        "reservations": _with(NO_DATA["reservations"], "SO1,1,END,DC,8", "SO2,1,END,DC,8"),
        "demands": _demands("SO1,1,END,DC,8,2021-03-02,2", "SO2,1,END,DC,8,2021-03-04,1"),
    },
    {
        **NO_PLAN,
        "promises": _with(
            NO_PLAN["promises"],
            "SO1,1,END,DC,8,2021-03-02,,,2,partial,2",
            "SO2,1,END,DC,8,2021-03-04,2021-03-04,0,8,on_time,1",
        ),
        "deliveries": _with(NO_PLAN["deliveries"], "SO1,1,2021-03-02,2", "SO2,1,2021-03-04,8"),
        "stock": _with(NO_PLAN["stock"], "END,DC,2021-03-01,10", "END,DC,2021-03-02,8", "END,DC,2021-03-04,0"),
    },
)
"""16 units of 10 are reserved: the better tier keeps its 8, though the other line wants its units earlier."""

MEASURED = HandPlan(scenario={"mode": "unconstrained"}).changed(
    ("data.resource_capacity", "2021-03-08,8", "2021-03-08,4"),
    ("data.lanes", "50", "25"),
    ("data.supplier_capacity", "200", "60"),
    ("resource_load", "5,8,0", "5,4,1"),
    ("supplier_load", "62.5,200,0", "62.5,60,2.5"),
    ("lane_load", "30,50,0", "30,25,5"),
    ("lane_load", "10,50,0", "10,25,0"),
    ("lane_load", "10,50,0", "10,25,0"),
)
"""Capacities that are measured and not enforced."""
