"""For each rule of the certificate a copy of the hand-made plan that breaks it, and what must be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Edit = tuple[str, str, str]


@dataclass(frozen=True)
class Corrupted:
    """A copy of the hand-made plan that breaks a rule.

    Args:
        name: Name of the case.
        edits: Table, text that is replaced, and its replacement.
        expected: A line of the certificate.
        scenario: Other values of the scenario.
    """

    name: str
    edits: tuple[Edit, ...]
    expected: str
    scenario: Mapping[str, object] = field(default_factory=dict)


def _case(name: str, expected: str, *edits: Edit, **scenario: object) -> Corrupted:
    return Corrupted(name, edits, expected, scenario)


DELIVERIES = (
    _case(
        "before its requested date",
        "deliveries SO1/2 2021-03-08: ships before its requested date 2021-03-09",
        ("deliveries", "SO1,2,2021-03-10", "SO1,2,2021-03-08"),
    ),
    _case(
        "before its earliest date",
        "deliveries SO2/1 2021-03-10: ships before its earliest date 2021-03-11",
        ("deliveries", "SO2,1,2021-03-15", "SO2,1,2021-03-10"),
    ),
    _case(
        "after its latest date",
        "deliveries SO2/1 2021-03-15: ships after its latest acceptable date 2021-03-12",
        ("data.demands", "2021-03-31,false", "2021-03-12,false"),
    ),
    _case(
        "on a weekend",
        "deliveries SO1/2 2021-03-13: is not on a shipping day of its location",
        ("deliveries", "SO1,2,2021-03-10", "SO1,2,2021-03-13"),
    ),
    _case(
        "after the horizon",
        "deliveries SO1/2 2021-04-30: lies outside the horizon",
        ("deliveries", "SO1,2,2021-03-10", "SO1,2,2021-04-30"),
    ),
    _case(
        "before the planning date",
        "deliveries SO6/1 2021-02-26: lies outside the horizon",
        ("deliveries", "SO6,1,2021-03-11", "SO6,1,2021-02-26"),
    ),
    _case(
        "of an unknown line",
        "deliveries SO9/1 2021-03-10: there is no such order line",
        ("deliveries", "SO1,2,2021-03-10", "SO9,1,2021-03-10"),
    ),
    _case(
        "of more than is wanted",
        "deliveries SO1/2: delivers more than is wanted: 31 of 30",
        ("deliveries", "SO1,2,2021-03-10,30", "SO1,2,2021-03-10,31"),
    ),
    _case(
        "in two pieces",
        "deliveries SO2/1: must be delivered at once, but has 2 deliveries",
        ("deliveries", "SO2,1,2021-03-15,20", "SO2,1,2021-03-15,10\nSO2,1,2021-03-16,10"),
    ),
    _case(
        "of a piece",
        "deliveries SO2/1 2021-03-15: is not the whole quantity of a line that must be delivered at once, 20",
        ("deliveries", "SO2,1,2021-03-15,20", "SO2,1,2021-03-15,19"),
    ),
    _case(
        "below the smallest shipment",
        "deliveries SO8/1 2021-03-08: is smaller than the smallest shipment of its line, 3",
        ("deliveries", "SO8,1,2021-03-08,5", "SO8,1,2021-03-08,2"),
    ),
    _case(
        "of a fraction",
        "deliveries SO3/1 2021-03-05: a fraction of an item that moves in whole units: 24.5",
        ("deliveries", "SO3,1,2021-03-05,25", "SO3,1,2021-03-05,24.5"),
    ),
    _case(
        "of nothing",
        "deliveries SO3/1 2021-03-05: its quantity is no number of units",
        ("deliveries", "SO3,1,2021-03-05,25", "SO3,1,2021-03-05,0"),
    ),
)

PROMISES = (
    _case(
        "missing",
        "promises SO3/1: an order line without a promise",
        ("promises", "SO3,1,PART,DC,25,2021-03-05,2021-03-05,0,25,on_time,1\n", ""),
    ),
    _case(
        "twice",
        "promises SO7/1: an order line with several promises: 2",
        (
            "promises",
            "SO7,1,GEAR,DC,3,2021-03-03,,,0,unpromised,1\n",
            "SO7,1,GEAR,DC,3,2021-03-03,,,0,unpromised,1\n" * 2,
        ),
    ),
    _case("of an unknown line", "promises SO9/1: there is no such order line", ("promises", "SO7,1", "SO9,1")),
    _case(
        "too early",
        "promises SO1/2: its promise date is not the date on which its deliveries complete it: 2021-03-09, expected "
        "2021-03-10",
        ("promises", "2021-03-10,1,30,late", "2021-03-09,0,30,on_time"),
    ),
    _case(
        "too late",
        "promises SO1/2: its promise date is not the date on which its deliveries complete it: 2021-03-11, expected "
        "2021-03-10",
        ("promises", "2021-03-10,1,30,late", "2021-03-11,2,30,late"),
    ),
    _case(
        "for an incomplete line",
        "promises SO8/1: its promise date is not the date on which its deliveries complete it: 2021-03-08, expected "
        "(blank)",
        ("promises", "2021-03-08,,,5,partial", "2021-03-08,2021-03-08,0,5,on_time"),
    ),
    _case(
        "left out",
        "promises SO3/1: its promise date is not the date on which its deliveries complete it: (blank), expected "
        "2021-03-05",
        ("promises", "2021-03-05,2021-03-05,0,25,on_time", "2021-03-05,,,25,partial"),
    ),
    _case(
        "of another quantity",
        "promises SO8/1: its promised quantity is not what is delivered: 6, expected 5",
        ("promises", "5,partial", "6,partial"),
    ),
    _case(
        "with other days late",
        "promises SO6/1: its days late do not follow from its dates: 10, expected 17",
        ("promises", "2021-03-11,17", "2021-03-11,10"),
    ),
    _case(
        "never, with days late",
        "promises SO8/1: its days late do not follow from its dates: 51, expected (blank)",
        ("promises", "2021-03-08,,,5", "2021-03-08,,51,5"),
    ),
    _case(
        "late but called on time",
        "promises SO1/2: its status does not follow from its deliveries: on_time, expected late",
        ("promises", "1,30,late", "1,30,on_time"),
    ),
    _case(
        "partial but called unpromised",
        "promises SO8/1: its status does not follow from its deliveries: unpromised, expected partial",
        ("promises", "5,partial", "5,unpromised"),
    ),
    _case(
        "nothing but called partial",
        "promises SO7/1: its status does not follow from its deliveries: partial, expected unpromised",
        ("promises", "0,unpromised", "0,partial"),
    ),
    _case(
        "of another item",
        "promises SO5/1: names another item than its order line",
        ("promises", "SO5,1,BOLT", "SO5,1,OIL"),
    ),
    _case(
        "of another location",
        "promises SO6/1: names another location than its order line",
        ("promises", "SO6,1,END,M1", "SO6,1,END,DC"),
    ),
    _case(
        "of another wanted quantity",
        "promises SO6/1: names another quantity than its order line",
        ("promises", "SO6,1,END,M1,5,", "SO6,1,END,M1,6,"),
    ),
    _case(
        "of another requested date",
        "promises SO7/1: names another requested date than its order line",
        ("promises", "GEAR,DC,3,2021-03-03", "GEAR,DC,3,2021-03-04"),
    ),
    _case(
        "of another tier",
        "promises SO7/1: names another tier than its order line",
        ("promises", "0,unpromised,1", "0,unpromised,2"),
    ),
)

P1 = "WEEKLY,P1,make,END,M1,,,1,2021-03-08,2021-03-08,40,40,kept,2021-03-03"
P2_ON_DATE = "WEEKLY,P2,transfer,END,DC,M1,,,2021-03-10,2021-03-10,40,30,reduced,2021-03-08"
P2_LATER = "WEEKLY,P2,transfer,END,DC,M1,,,2021-03-10,2021-03-15,40,10,delayed,2021-03-12"
P3 = "WEEKLY,P3,buy,COMP,M1,,S1,,2021-03-12,2021-03-12,60,60,kept,2021-03-07"
P4 = "WEEKLY,P4,make,END,M1,,,1,2021-03-09,,20,0,cancelled,"

SUPPLY_ORDERS = (
    _case(
        "of an unknown type",
        "supply_orders N6 2021-03-05: its type is none of make, transfer, buy",
        ("supply_orders", "N6,buy", "N6,find"),
    ),
    _case(
        "of a negative quantity",
        "supply_orders N5 2021-03-08: its quantity is no number of units",
        ("supply_orders", "2.5,new", "-2.5,new"),
    ),
    _case(
        "new, of nothing", "supply_orders N6 2021-03-05: a new order of nothing", ("supply_orders", "6,new", "0,new")
    ),
    _case(
        "without a start date",
        "supply_orders N6 2021-03-05: has a quantity but not both its dates",
        ("supply_orders", "6,new,2021-03-01", "6,new,"),
    ),
    _case(
        "before the planning date",
        "supply_orders N6 2021-03-05: lies outside the horizon: from 2021-02-28 to 2021-03-05",
        ("supply_orders", "6,new,2021-03-01", "6,new,2021-02-28"),
    ),
    _case(
        "after the horizon",
        "supply_orders N6 2021-04-30: lies outside the horizon: from 2021-03-01 to 2021-04-30",
        ("supply_orders", "2021-03-05,0,6,new", "2021-04-30,0,6,new"),
    ),
    _case(
        "of a fraction",
        "supply_orders N1 2021-03-11: a fraction of an item that moves in whole units: 14.5",
        ("supply_orders", "15,new", "14.5,new"),
    ),
    _case(
        "new but not wanted",
        "supply_orders N1 2021-03-11: is new, but new_orders is no supply source of the scenario",
        supply_sources=("on_hand", "scheduled_receipts", "planned_orders"),
    ),
    _case(
        "planned but not wanted",
        "supply_orders WEEKLY/P1 2021-03-08: is planned, but the scenario does not read planned orders",
        supply_sources=("on_hand", "scheduled_receipts", "new_orders"),
    ),
    _case(
        "planned but ignored",
        "supply_orders WEEKLY/P4 (blank): is planned, but the scenario does not read planned orders",
        planned_orders="ignore",
    ),
    _case(
        "of a plan that is not read",
        "supply_orders OTHER/P6 2021-03-08: is no planned order of the plans that the scenario reads",
        ("supply_orders", P4, f"{P4}\nOTHER,P6,make,END,M1,,,1,2021-03-08,2021-03-08,10,10,kept,2021-03-03"),
    ),
    _case(
        "planned but called new",
        "supply_orders WEEKLY/P1 2021-03-08: is called new, but it is a planned order",
        ("supply_orders", P1, P1.replace("kept", "new")),
    ),
    _case(
        "of another type than planned",
        "supply_orders WEEKLY/P1 2021-03-08: has another type than its planned order",
        ("supply_orders", P1, P1.replace("make", "buy")),
    ),
    _case(
        "of another place than planned",
        "supply_orders WEEKLY/P1 2021-03-08: supplies another stocking point than its planned order",
        ("supply_orders", P1, P1.replace("M1", "DC")),
    ),
    _case(
        "from another origin than planned",
        "supply_orders WEEKLY/P2 2021-03-15: ships from another origin than its planned order",
        ("supply_orders", P2_LATER, P2_LATER.replace("M1", "R1")),
    ),
    _case(
        "with another planned date",
        "supply_orders WEEKLY/P2 2021-03-15: planned_date is not the due date of its planned order, 2021-03-10",
        ("supply_orders", P2_LATER, P2_LATER.replace("2021-03-10", "2021-03-15")),
    ),
    _case(
        "with another planned quantity",
        "supply_orders WEEKLY/P2 2021-03-15: planned_quantity is not that of its planned order, 40",
        ("supply_orders", P2_LATER, P2_LATER.replace("40,10", "10,10")),
    ),
    _case(
        "from another supplier than planned",
        "supply_orders WEEKLY/P3 2021-03-12: has another supplier than its planned order",
        ("supply_orders", P3, P3.replace("S1", "S2")),
    ),
    _case(
        "from a supplier of a higher rank",
        "supply_orders WEEKLY/P3 2021-03-12: its supplier is not the one of the lowest rank",
        ("supply_orders", P3, P3.replace("S1", "S2")),
        ("data.planned_orders", "2021-03-12,,S1", "2021-03-12,,"),
    ),
    _case(
        "by another alternative than planned",
        "supply_orders WEEKLY/P1 2021-03-08: has another alternative than its planned order",
        ("data.planned_orders", "2021-03-08,,,\nWEEKLY,P2", "2021-03-08,,,SLOW\nWEEKLY,P2"),
    ),
    _case(
        "by an alternative of a higher rank",
        "supply_orders WEEKLY/P1 2021-03-08: its alternative is not the one of the lowest rank",
        ("supply_orders", P1, P1.replace(",,1,", ",,SLOW,")),
    ),
    _case(
        "on a lane of a higher rank",
        "supply_orders WEEKLY/P2 2021-03-10: moves on a lane that has not the lowest rank",
        ("deployments", "standard,2021-03-08", "air,2021-03-08"),
    ),
    _case(
        "of more than planned",
        "supply_orders WEEKLY/P2: supplies more than planned: 41 of 40",
        ("supply_orders", P2_LATER, P2_LATER.replace("40,10", "40,11")),
    ),
    _case(
        "earlier than planned",
        "supply_orders WEEKLY/P2 2021-03-09: advances its planned order, due 2021-03-10",
        ("supply_orders", P2_ON_DATE, "WEEKLY,P2,transfer,END,DC,M1,,,2021-03-10,2021-03-09,40,30,reduced,2021-03-05"),
    ),
    _case(
        "with another distance between its dates",
        "supply_orders WEEKLY/P1 2021-03-09: does not keep the distance between the dates of its planned order; "
        "expected 2021-03-08",
        ("supply_orders", P1, P1.replace("2021-03-08,40,40,kept", "2021-03-09,40,40,delayed")),
    ),
    _case(
        "on a weekend",
        "supply_orders WEEKLY/P2 2021-03-14: does not keep the distance between the dates of its planned order; "
        "expected 2021-03-15",
        ("supply_orders", P2_LATER, P2_LATER.replace("2021-03-15", "2021-03-14")),
    ),
    _case(
        "reduced but called kept",
        "supply_orders WEEKLY/P2 2021-03-10: its status does not fit its quantity and date: kept, expected reduced",
        ("supply_orders", "reduced", "kept"),
    ),
    _case(
        "delayed but called reduced",
        "supply_orders WEEKLY/P2 2021-03-15: its status does not fit its quantity and date: reduced, expected delayed",
        ("supply_orders", "delayed", "reduced"),
    ),
    _case(
        "cancelled with a date",
        "supply_orders WEEKLY/P4 2021-03-09: is cancelled, but has a date",
        ("supply_orders", "2021-03-09,,20,0,cancelled", "2021-03-09,2021-03-09,20,0,cancelled"),
    ),
    _case(
        "not listed",
        "supply_orders WEEKLY/P4: is a planned order of the horizon, but is not listed",
        ("supply_orders", f"{P4}\n", ""),
    ),
    _case(
        "due after the horizon",
        "supply_orders WEEKLY/P5: is due after the horizon, but is listed",
        ("supply_orders", P4, f"{P4}\nWEEKLY,P5,buy,COMP,M1,,S1,,2021-05-20,,70,0,cancelled,"),
    ),
    _case(
        "that takes components before the planning date",
        "supply_orders WEEKLY/P1 2021-03-08: takes units outside the horizon, on 2021-02-26",
        ("data.planned_order_demands", "COMP,,2021-03-02", "COMP,,2021-02-26"),
    ),
    _case(
        "that takes hours before the planning date",
        "supply_orders WEEKLY/P1 2021-03-08: takes resource hours outside the horizon, on 2021-02-27",
        ("data.planned_order_demands", "RES_1,,2021-03-04", "RES_1,,2021-02-27"),
    ),
    _case(
        "that takes supplier capacity after the horizon",
        "supply_orders WEEKLY/P3 2021-03-12: takes supplier capacity outside the horizon, on 2021-05-01",
        ("data.planned_order_demands", "WEEKLY,P1,comp", "WEEKLY,P3,supplier,S1,,2021-05-01,60\nWEEKLY,P1,comp"),
    ),
)

NEW_ORDERS = (
    _case(
        "without coverage",
        "supply_orders N6 2021-03-05: a new order for a stocking point without coverage",
        ("data.stocking_points", "BOLT,DC,requirement", "BOLT,DC,none"),
    ),
    _case(
        "where supply is assumed",
        "supply_orders N5 2021-03-08: a new order where supply is assumed and not searched",
        ("data.stocking_points", "BOLT,DC,", "OIL,DC,requirement,infinite,,true\nBOLT,DC,"),
    ),
    _case(
        "before the assumed lead time",
        "supply_orders N6 2021-03-04: does not keep its lead time: 4 days from 2021-03-01, expected 2021-03-05",
        ("supply_orders", "2021-03-05,0,6,new", "2021-03-04,0,6,new"),
    ),
    _case(
        "after no lead time",
        "supply_orders N6 2021-03-05: does not keep its lead time: 0 days from 2021-03-01, expected 2021-03-01",
        ("data.stocking_points", "lead_time,4", "infinite,4"),
    ),
    _case(
        "make without an operation",
        "supply_orders N1 2021-03-11: no operation and no bill of materials makes this",
        ("supply_orders", ",,1,,2021-03-11", ",,FAST,,2021-03-11"),
    ),
    _case(
        "make faster than its operation",
        "supply_orders N1 2021-03-11: does not keep its lead time: 3 days from 2021-03-09, expected 2021-03-12",
        ("supply_orders", "15,new,2021-03-08", "15,new,2021-03-09"),
    ),
    _case(
        "make on a weekend",
        "supply_orders N1 2021-03-11: does not start on a working day but on 2021-03-07",
        ("supply_orders", "15,new,2021-03-08", "15,new,2021-03-07"),
    ),
    _case(
        "make without an effective bill",
        "supply_orders N1 2021-03-11: no row of its bill of materials is effective on 2021-03-08",
        ("data.bills_of_materials", "COMP,2,,", "COMP,2,2021-03-09,"),
    ),
    _case(
        "buy that nobody sells",
        "supply_orders N5 2021-03-08: no row of supplier_items sells this",
        ("supply_orders", "OIL,DC,,S1", "OIL,DC,,S2"),
    ),
    _case(
        "buy without a supplier",
        "supply_orders N5 2021-03-08: no row of supplier_items sells this",
        ("supply_orders", "OIL,DC,,S1", "OIL,DC,,"),
    ),
    _case(
        "buy faster than its supplier",
        "supply_orders N5 2021-03-05: does not keep its lead time: 4 days from 2021-03-02, expected 2021-03-08",
        ("supply_orders", "2021-03-08,0,2.5,new", "2021-03-05,0,2.5,new"),
    ),
    _case(
        "buy on a weekend",
        "supply_orders N5 2021-03-10: does not start on a working day but on 2021-03-06",
        ("supply_orders", "2021-03-08,0,2.5,new,2021-03-02", "2021-03-10,0,2.5,new,2021-03-06"),
    ),
)

MAKES = (
    _case(
        "by a bill of the location",
        "stock COMP at M1 2021-03-08: more is used than is there: 10 units are missing",
        ("data.bills_of_materials", "COMP,2,,\n", "COMP,2,,\nEND,M1,,COMP,6,,\n"),
    ),
    _case(
        "by a bill of the location that is not effective",
        "supply_orders N1 2021-03-11: no row of its bill of materials is effective on 2021-03-08",
        ("data.bills_of_materials", "COMP,2,,\n", "COMP,2,,\nEND,M1,,COMP,6,,2021-03-07\n"),
    ),
    _case(
        "by a row of the bill that ends on the start date",
        "stock COMP at M1 2021-03-08: is not what comes and goes: 50, expected 35",
        ("data.bills_of_materials", "COMP,2,,\n", "COMP,3,,2021-03-08\n"),
    ),
    _case(
        "by a bill without an operation",
        "supply_orders N1 2021-03-11: does not keep its lead time: 0 days from 2021-03-08, expected 2021-03-08",
        ("data.bills_of_materials", "COMP,2,,\n", "COMP,2,,\nEND,,KIT,COMP,2,,\n"),
        ("supply_orders", ",,1,,2021-03-11", ",,KIT,,2021-03-11"),
    ),
    _case(
        "by a bill of every location that has its operation elsewhere",
        "supply_orders N7 2021-03-10: no operation and no bill of materials makes this",
        ("supply_orders", P4, f"{P4}\n,N7,make,END,DC,,,1,,2021-03-10,0,1,new,2021-03-10"),
    ),
    _case(
        "without a search for components",
        "stock COMP at M1 2021-03-08: is not what comes and goes: 50, expected 80",
        ("data.stocking_points", "BOLT,DC", "END,M1,requirement,supply_chain,,false\nBOLT,DC"),
    ),
    _case(
        "planned, with components of the bill",
        "stock COMP at M1 2021-03-02: is not what comes and goes: 80, expected 170",
        ("data.planned_order_demands", "WEEKLY,P1,component,COMP,,2021-03-02,90\n", ""),
    ),
    _case(
        "planned, with components of the bill on its planned start",
        "stock COMP at M1 2021-03-03: a date with a change that is not written, with 50",
        ("data.planned_order_demands", "WEEKLY,P1,component,COMP,,2021-03-02,90\n", ""),
        ("data.bills_of_materials", "COMP,2,,\n", "COMP,3,,2021-03-03\nEND,M1,SLOW,COMP,4,,\n"),
    ),
    _case(
        "planned, with components of another location",
        "stock COMP at DC 2021-03-02: more is used than is there: 90 units are missing",
        ("data.planned_order_demands", "COMP,,2021-03-02", "COMP,DC,2021-03-02"),
    ),
    _case(
        "planned, with hours of the operation",
        "resource_load RES_1 2021-03-01: its load is not that of the orders: 5, expected 4",
        ("data.planned_order_demands", "WEEKLY,P1,resource,RES_1,,2021-03-04,5\n", ""),
    ),
    _case(
        "of a bought item, with a stated supplier",
        "supplier_load S1 2021-03-01: its load is not that of the orders: 62.5, expected 2.5",
        ("data.planned_order_demands", "WEEKLY,P1,comp", "WEEKLY,P3,supplier,S2,,2021-03-07,60\nWEEKLY,P1,comp"),
    ),
)

DEPLOYMENTS = (
    _case(
        "of nothing",
        "deployments PART M1 > DC 2021-03-03 (N4): its quantity is no number of units",
        ("deployments", "5,N4", "0,N4"),
    ),
    _case(
        "after the horizon",
        "deployments PART M1 > DC 2021-03-03 (N4): lies outside the horizon",
        ("deployments", "2021-03-08,5,N4", "2021-05-08,5,N4"),
    ),
    _case(
        "of a fraction",
        "deployments PART M1 > DC 2021-03-03 (N4): a fraction of an item that moves in whole units: 4.5",
        ("deployments", "5,N4", "4.5,N4"),
    ),
    _case(
        "without a lane",
        "deployments PART M1 > DC 2021-03-03 (N4): no such lane",
        ("deployments", "standard,2021-03-03", "sea,2021-03-03"),
    ),
    _case(
        "before its lane is effective",
        "deployments PART M1 > DC 2021-03-02 (N3): ships when its lane is not effective",
        ("data.lanes", "2021-03-02,2021-03-31", "2021-03-03,2021-03-31"),
    ),
    _case(
        "after its lane is effective",
        "deployments PART M1 > DC 2021-03-03 (N4): ships when its lane is not effective",
        ("data.lanes", "2021-03-02,2021-03-31", "2021-03-02,2021-03-02"),
    ),
    _case(
        "on a weekend",
        "deployments PART M1 > DC 2021-03-06 (N4): does not ship on a working day but on 2021-03-06",
        ("deployments", "2021-03-03,2021-03-08,5,N4", "2021-03-06,2021-03-09,5,N4"),
    ),
    _case(
        "faster than its lane",
        "deployments PART M1 > DC 2021-03-03 (N4): does not keep the lead time of its lane: arrives 2021-03-05, "
        "expected 2021-03-08",
        ("deployments", "2021-03-03,2021-03-08,5,N4", "2021-03-03,2021-03-05,5,N4"),
    ),
    _case(
        "faster than the lane of every item",
        "deployments PART M1 > DC 2021-03-02 (N3): does not keep the lead time of its lane: arrives 2021-03-05, "
        "expected 2021-03-04",
        ("data.lanes", "PART,M1", "GEAR,M1"),
    ),
    _case(
        "of another quantity than ordered",
        "deployments PART M1 > DC 2021-03-03 (N4): is not what the transfer in supply_orders moves: 4, ordered 5",
        ("deployments", "5,N4", "4,N4"),
    ),
    _case(
        "of another date than ordered",
        "deployments END M1 > DC 2021-03-12 (P2): is not what the transfer in supply_orders moves: 10, ordered 0",
        ("deployments", "2021-03-12,2021-03-15,10,P2", "2021-03-12,2021-03-16,10,P2"),
    ),
    _case(
        "missing",
        "supply_orders N4 2021-03-08: a transfer without its deployment",
        ("deployments", "PART,M1,DC,standard,2021-03-03,2021-03-08,5,N4\n", ""),
    ),
)

CAPACITY = (
    _case(
        "hours of a resource",
        "resource_load RES_1 2021-03-01: uses more than its capacity: 5 of 4 that are left",
        ("data.resource_capacity", "2021-03-08,8", "2021-03-08,4"),
    ),
    _case(
        "hours on a day without capacity",
        "resource_load RES_1 2021-03-08: uses more than its capacity: 1.5 of 0 that are left",
        ("data.resource_capacity", "RES_1,2021-03-08,2021-03-15,8\n", ""),
    ),
    _case(
        "units of a supplier",
        "supplier_load S1 2021-03-01: uses more than its capacity: 62.5 of 61 that are left",
        ("data.supplier_capacity", "200", "61"),
    ),
    _case(
        "units of an item of a supplier",
        "supplier_load S1 COMP 2021-03-01: uses more than its capacity: 60 of 59 that are left",
        ("data.supplier_capacity", "150", "59"),
    ),
    _case(
        "units on a lane",
        "lane_load M1 > DC (standard) 2021-03-08: uses more than its capacity: 30 of 20 that are left",
        ("data.lanes", "50", "20"),
    ),
    _case(
        "units on a lane of an item",
        "lane_load PART: M1 > DC (standard) 2021-03-02: uses more than its capacity: 25 of 24 that are left",
        ("data.lanes", "3,1,,", "3,1,24,"),
    ),
    _case(
        "hours that are not written",
        "resource_load RES_1 2021-03-08: no row has this load: 1.5 on this date",
        ("resource_load", "RES_1,2021-03-08,2021-03-15,1.5,8,0\n", ""),
    ),
    _case(
        "units that are not written",
        "lane_load M1 > DC (standard) 2021-03-11: no row has this load: 10 on this date",
        ("lane_load", "M1 > DC (standard),2021-03-11,2021-03-12,10,50,0\n", ""),
    ),
    _case(
        "another load of a resource",
        "resource_load RES_1 2021-03-08: its load is not that of the orders: 2, expected 1.5",
        ("resource_load", "1.5", "2"),
    ),
    _case(
        "another load of a supplier",
        "supplier_load S1 2021-03-01: its load is not that of the orders: 60, expected 62.5",
        ("supplier_load", "62.5", "60"),
    ),
    _case(
        "another load of an item of a supplier",
        "supplier_load S1 COMP 2021-03-01: its load is not that of the orders: 62.5, expected 60",
        ("supplier_load", "60,150", "62.5,150"),
    ),
    _case(
        "another load of a lane",
        "lane_load M1 > DC (standard) 2021-03-08: its load is not that of the orders: 31, expected 30",
        ("lane_load", "30,50", "31,50"),
    ),
    _case(
        "another capacity",
        "resource_load RES_1 2021-03-01: its capacity is not that of the planning data: 9, expected 8",
        ("resource_load", "5,8", "9,9"),
    ),
    _case(
        "another overload",
        "resource_load RES_1 2021-03-01: its overload is not its load above its capacity: 1, expected 0",
        ("resource_load", "5,8,0", "5,8,1"),
    ),
    _case(
        "another interval",
        "resource_load RES_1 2021-03-01: is no interval of the planning data",
        ("resource_load", "2021-03-01,2021-03-08", "2021-03-01,2021-03-07"),
    ),
    _case(
        "an interval where there is capacity",
        "resource_load RES_1 2021-03-15: is no interval of the planning data",
        ("data.resource_capacity", "2021-03-15,8\n", "2021-03-15,8\nRES_1,2021-03-20,2021-03-22,8\n"),
        ("resource_load", "1.5,8,0\n", "1.5,8,0\nRES_1,2021-03-15,2021-03-21,0,0,0\n"),
    ),
    _case(
        "an interval after the horizon",
        "resource_load RES_1 2021-04-26: lies outside the horizon",
        ("resource_load", "1.5,8,0\n", "1.5,8,0\nRES_1,2021-04-26,2021-05-03,0,0,0\n"),
    ),
    _case(
        "a row that is written twice",
        "resource_load RES_1 2021-03-08: overlaps the row before it",
        ("resource_load", "1.5,8,0\n", "1.5,8,0\nRES_1,2021-03-08,2021-03-15,1.5,8,0\n"),
    ),
    _case(
        "a lane without capacity",
        "lane_load M1 > DC (air) 2021-03-08: is not in the planning data",
        ("lane_load", "(standard)", "(air)"),
    ),
)

OVERTIME = (
    _case(
        "more overtime than there can be",
        "resource_load RES_1 2021-03-01: uses more than its capacity: 5 of 4.5 that are left",
        ("data.resource_capacity", "4,2,30", "4,0.5,30"),
    ),
    _case(
        "more extra units than there can be",
        "supplier_load S1 COMP 2021-03-01: uses more than its capacity: 60 of 59 that are left",
        ("data.supplier_capacity", "50,10,3", "50,9,3"),
    ),
    _case(
        "overtime that nobody works",
        "overtime RES_1 2021-03-01: is not what the orders use beyond the capacity: 2, expected 1",
        ("overtime", "1,2,30,30", "2,2,30,60"),
    ),
    _case(
        "overtime that is not written",
        "overtime RES_1 2021-03-01: must be written once: 1",
        ("overtime", "resource,RES_1,,2021-03-01,2021-03-08,1,2,30,30\n", ""),
    ),
    _case("the cost of overtime", "overtime S1 2021-03-01: its cost is not right", ("overtime", "10,3,30", "10,3,20")),
    _case(
        "overtime of something else",
        "overtime RES_1: its kind is none of resource, supplier",
        ("overtime", "resource,", "lane,"),
    ),
)

STOCK = (
    _case(
        "units that are not there",
        "stock COMP at M1 2021-03-02: more is used than is there: 10 units are missing",
        ("data.on_hand", "COMP,M1,,150", "COMP,M1,,60"),
    ),
    _case(
        "components that are not there",
        "stock COMP at M1 2021-03-08: more is used than is there: 10 units are missing",
        ("data.bills_of_materials", "COMP,2", "COMP,6"),
    ),
    _case(
        "units that are shipped before they are there",
        "stock END at M1 2021-03-05: more is used than is there: 30 units are missing",
        ("supply_orders", P2_ON_DATE, P2_ON_DATE.replace("reduced,2021-03-08", "reduced,2021-03-05")),
    ),
    _case(
        "bins below nothing",
        "stock END at DC 2021-03-02: more is used than is there: 10 units are missing",
        ("data.on_hand", "END,DC,B,-2", "END,DC,B,-20"),
        ("data.reservations", "END,DC,4", "END,DC,0"),
    ),
    _case(
        "stock on hand that is no source",
        "stock PART at M1 2021-03-02: more is used than is there: 25 units are missing",
        supply_sources=("scheduled_receipts", "planned_orders", "new_orders"),
    ),
    _case(
        "receipts that are no source",
        "stock COMP at M1 2021-03-01: is not what comes and goes: 170, expected 150",
        supply_sources=("on_hand", "planned_orders", "new_orders"),
    ),
    _case(
        "reserved units given to others",
        "stock END at DC 2021-03-02: reserved units are given to others: 0 of 4 are left",
        ("data.reservations", "SO1,1,", "SO1,2,"),
    ),
    _case(
        "another quantity",
        "stock COMP at M1 2021-03-08: is not what comes and goes: 51, expected 50",
        ("stock", "2021-03-08,50", "2021-03-08,51"),
    ),
    _case(
        "a date without its row",
        "stock END at M1 2021-03-12: a date with a change that is not written, with 0",
        ("stock", "END,M1,2021-03-12,0\n", ""),
    ),
    _case(
        "the planning date without its row",
        "stock PART at M1 2021-03-01: a date with a change that is not written, with 30",
        ("stock", "PART,M1,2021-03-01,30\n", ""),
    ),
    _case(
        "a row that is written twice",
        "stock END at M1 2021-03-12: is written twice",
        ("stock", "END,M1,2021-03-12,0\n", "END,M1,2021-03-12,0\nEND,M1,2021-03-12,0\n"),
    ),
    _case(
        "a date after the horizon",
        "stock END at M1 2021-04-30: lies outside the horizon",
        ("stock", "END,M1,2021-03-12,0\n", "END,M1,2021-03-12,0\nEND,M1,2021-04-30,0\n"),
    ),
)

F3 = "WEEKLY,F3,buy,COMP,M1,,S1,,2021-03-08,2021-03-08,20,20,kept,2021-03-03"

FIRM = (
    _case(
        "of another quantity",
        "supply_orders WEEKLY/F2 2021-03-06: a firm order with another quantity than planned, 30",
        ("supply_orders", "30,30,kept", "30,29,kept"),
    ),
    _case(
        "on another date",
        "supply_orders WEEKLY/F3 2021-03-09: a firm order with another date than planned, 2021-03-08",
        ("supply_orders", "2021-03-08,20,20", "2021-03-09,20,20"),
    ),
    _case(
        "with another start",
        "supply_orders WEEKLY/F2 2021-03-06: a firm order with another start date than planned, 2021-03-04",
        ("supply_orders", "kept,2021-03-04", "kept,2021-03-03"),
    ),
    _case(
        "that is not kept",
        "supply_orders WEEKLY/F3 2021-03-08: a firm order that is not kept but reduced",
        ("supply_orders", "20,20,kept", "20,20,reduced"),
    ),
    _case(
        "in two pieces",
        "supply_orders WEEKLY/F3: a firm order in several pieces",
        ("supply_orders", F3, f"{F3}\n{F3}"),
    ),
    _case(
        "that is not listed",
        "supply_orders WEEKLY/F3: is a planned order of the horizon, but is not listed",
        ("supply_orders", f"{F3}\n", ""),
    ),
    _case(
        "beside a new order for more than is left",
        "resource_load RES_1 2021-03-08: uses more than its capacity: 0.5 of 0.4 that are left",
        ("data.resource_capacity", "2021-03-15,8", "2021-03-15,0.4"),
    ),
    _case(
        "beside a new order where nothing is left",
        "resource_load RES_1 2021-03-01: uses more than its capacity: 0.5 of 0 that are left",
        ("supply_orders", "2021-03-11,0,5,new,2021-03-08", "2021-03-08,0,5,new,2021-03-05"),
    ),
    _case(
        "with an overload that is not shown",
        "lane_load M1 > DC (standard) 2021-03-04: its overload is not its load above its capacity: 0, expected 10",
        ("lane_load", "30,20,10", "30,20,0"),
    ),
    _case(
        "beside a line that gets what is not there",
        "stock END at M1 2021-03-02: more is used than is there: 5 units are missing",
        ("deliveries", "SO2,1,2021-03-02,10", "SO2,1,2021-03-02,45"),
    ),
    _case(
        "with stock above what is forgiven",
        "stock COMP at M1 2021-03-01: is not what comes and goes: 60, expected -30",
        ("stock", "2021-03-01,-30", "2021-03-01,60"),
    ),
    _case(
        "with stock that grows without a shortage",
        "stock COMP at M1 2021-03-08: is not what comes and goes: -15, expected -20",
        ("stock", "2021-03-08,-20", "2021-03-08,-15"),
    ),
)

SPLIT = (
    _case(
        "before its components are there",
        "stock COMP at M1 2021-03-02: more is used than is there: 1 units are missing",
        ("data.on_hand", "45", "44"),
    ),
    _case(
        "before the components of the later piece are there",
        "stock COMP at M1 2021-03-08: more is used than is there: 45 units are missing",
        ("data.scheduled_receipts", "2021-03-05", "2021-03-09"),
    ),
    _case(
        "without the hours of the later piece",
        "resource_load RES_1 2021-03-08: uses more than its capacity: 2.5 of 2 that are left",
        ("data.resource_capacity", "2021-03-15,8", "2021-03-15,2"),
    ),
)

WEEKS = (
    _case(
        "with a delivery on a Tuesday",
        "deliveries SO1/1 2021-03-09: is not on a shipping day of its location",
        ("deliveries", "2021-03-08", "2021-03-09"),
    ),
    _case(
        "with a shipment on a Tuesday",
        "deployments OIL M1 > DC 2021-03-02 (N1): does not ship on a working day but on 2021-03-02",
        ("deployments", "2021-03-01,2021-03-08", "2021-03-02,2021-03-08"),
    ),
    _case(
        "with an arrival in a week that is shut",
        "deployments OIL M1 > DC 2021-03-08 (N2): does not keep the lead time of its lane: arrives 2021-03-15, "
        "expected 2021-03-22",
        ("deployments", "2021-03-22", "2021-03-15"),
    ),
)

RESERVED = (
    _case(
        "for a better tier",
        "stock END at DC 2021-03-02: reserved units are given to others: 7 of 8 are left",
        ("deliveries", "SO1,1,2021-03-02,2", "SO1,1,2021-03-02,3"),
    ),
    _case(
        "for an earlier date of the same tier",
        "stock END at DC 2021-03-04: reserved units are given to others: 0 of 6 are left",
        ("data.demands", "2021-03-02,2", "2021-03-02,1"),
    ),
    _case(
        "for the first of two orders of the same tier and date",
        "stock END at DC 2021-03-04: reserved units are given to others: 0 of 6 are left",
        ("data.demands", "2021-03-02,2", "2021-03-04,1"),
    ),
)

MEASURED = (
    _case(
        "with an overload that is not shown",
        "resource_load RES_1 2021-03-01: its overload is not its load above its capacity: 0, expected 1",
        ("resource_load", "5,4,1", "5,4,0"),
    ),
    _case(
        "with capacities that are enforced",
        "supplier_load S1 2021-03-01: uses more than its capacity: 62.5 of 60 that are left",
        mode="constrained",
    ),
)
