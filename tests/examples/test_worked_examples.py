"""The worked examples of the sources, to the digit, in every table that they concern."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from plan_rows import rows

import firmdate as fd
from firmdate.plan.result import Plan

Solve = Callable[[str], Plan]


def promises(plan: Plan) -> dict[str, tuple[object, ...]]:
    return {f"{row[0]}/{row[1]}": row[2:] for row in rows(plan, "promises", "order", "line", "promise_date", "status")}


def deliveries(plan: Plan, order: str) -> list[tuple[object, ...]]:
    return rows(plan, "deliveries", "date", "quantity", order=order)


def test_planned_make_posts_components_and_hours_at_start_and_the_item_at_the_due_date(shipped_plan: Solve) -> None:
    plan = shipped_plan("planned-orders")
    columns = ("start_date", "date", "planned_date", "planned_quantity", "quantity", "status")
    assert rows(plan, "supply_orders", *columns, order="MAKE_1") == [
        ("2021-01-05", "2021-01-10", "2021-01-10", 100, 100, "kept")
    ]
    assert rows(plan, "resource_load", "resource", "start", "end", "load", "capacity", "overload") == [
        ("RES_1", "2021-01-05", "2021-01-06", 5, 5, 0),
        ("RES_1", "2021-01-12", "2021-01-13", 0, 5, 0),
    ]
    stock = dict(rows(plan, "stock", "date", "quantity", item="COMP_1"))
    assert stock["2021-01-05"] == 0
    assert set(list(stock.values())[:-1]) <= {200}
    assert deliveries(plan, "SO_1") == [("2021-01-10", 100)]
    assert promises(plan)["SO_1/1"] == ("2021-01-10", "on_time")


def test_planned_transfer_leaves_the_origin_when_it_ships_and_reaches_the_destination_when_it_is_due(
    shipped_plan: Solve,
) -> None:
    plan = shipped_plan("planned-orders")
    columns = ("item", "origin", "destination", "mode", "ship_date", "arrival_date", "quantity", "planned_order")
    [deployment] = rows(plan, "deployments", *columns)
    assert deployment[:-1] == ("PART_1", "M1", "L1", "standard", "2021-01-07", "2021-01-10", 50)
    assert "MOVE_1" in str(deployment[-1])
    stock = rows(plan, "stock", "location", "date", "quantity", item="PART_1")
    assert ("M1", "2021-01-07", 30) in stock
    assert deliveries(plan, "SO_2") == [("2021-01-10", 50)]


def test_planned_buy_takes_supplier_capacity_on_its_order_date(shipped_plan: Solve) -> None:
    plan = shipped_plan("planned-orders")
    columns = ("type", "supplier", "start_date", "date", "quantity", "status")
    assert rows(plan, "supply_orders", *columns, order="BUY_1") == [
        ("buy", "S1", "2021-01-05", "2021-01-15", 40, "kept")
    ]
    assert ("S1", "2021-01-04", "2021-01-11", 40, 60, 0) in rows(
        plan, "supplier_load", "supplier", "start", "end", "load", "capacity", "overload"
    )
    assert deliveries(plan, "SO_3") == [("2021-01-15", 40)]


def test_a_make_without_hours_is_split_and_the_rest_waits_for_hours(shipped_plan: Solve) -> None:
    plan = shipped_plan("planned-orders-short-hours")
    assert deliveries(plan, "SO_1") == [("2021-01-10", 60), ("2021-01-17", 40)]
    assert promises(plan)["SO_1/1"] == ("2021-01-17", "late")
    assert rows(plan, "resource_load", "start", "load", "capacity", "overload") == [
        ("2021-01-05", 3, 3, 0),
        ("2021-01-12", 2, 5, 0),
    ]
    assert sorted(rows(plan, "supply_orders", "start_date", "date", "quantity", order="MAKE_1")) == [
        ("2021-01-05", "2021-01-10", 60),
        ("2021-01-12", "2021-01-17", 40),
    ]
    [line] = rows(plan, "promises", "gating_kind", "gating_name", "days_late", order="SO_1")
    assert line == ("resource", "RES_1", 7)
    assert plan.kpis["optimistic"] == 0


def test_a_firm_plan_with_too_few_hours_keeps_its_dates_and_says_that_they_are_optimistic(shipped_plan: Solve) -> None:
    plan = shipped_plan("planned-orders-short-hours-firm")
    assert deliveries(plan, "SO_1") == [("2021-01-10", 100)]
    assert promises(plan)["SO_1/1"] == ("2021-01-10", "on_time")
    assert ("RES_1", "2021-01-05", 5, 3, 2) in rows(
        plan, "resource_load", "resource", "start", "load", "capacity", "overload"
    )
    assert plan.kpis["optimistic"] == 1
    assert shipped_plan("planned-orders").kpis["optimistic"] == 0


def test_a_firm_plan_with_too_few_components_is_optimistic(tmp_path: Path) -> None:
    """10 KIT of 10 PART, of which 4 are there; a buyer of PART makes it feasible."""
    tables = {
        "demands": "order,line,item,location,quantity,requested_date\nSO,1,KIT,W,10,2021-01-20\n",
        "planned_orders": "plan,order,type,item,location,quantity,start_date,due_date\n"
        "P,M1,make,KIT,W,10,2021-01-10,2021-01-12\n",
        "planned_order_demands": "plan,order,kind,name,date,quantity\nP,M1,component,PART,2021-01-10,10\n",
        "on_hand": "item,location,quantity\nPART,W,4\n",
    }
    (tmp_path / "data").mkdir()
    for name, text in tables.items():
        (tmp_path / "data" / f"{name}.csv").write_text(text)
    scenario = tmp_path / "firm.yaml"
    scenario.write_text("data: data\nplanning_date: 2021-01-04\nhorizon_days: 30\nsupply_plans: [P]\n")
    short = fd.solve(scenario, planned_orders="firm")
    assert (short.kpis["on_time_lines"], short.kpis["optimistic"], short.kpis["overloads"]) == (1, 1, 0)
    assert "the firm supply plan is infeasible" in str(short.run["warnings"])
    assert fd.solve(scenario, planned_orders="adjust").kpis["optimistic"] == 0
    (tmp_path / "data" / "supplier_items.csv").write_text("supplier,item,location,lead_time_days\nS,PART,W,2\n")
    assert fd.solve(scenario, planned_orders="firm").kpis["optimistic"] == 0


def test_negative_bins_are_added_up_and_a_negative_sum_counts_as_nothing(shipped_plan: Solve) -> None:
    plan = shipped_plan("negative-on-hand")
    assert sorted(rows(plan, "supply_orders", "item", "type", "quantity", "status")) == [
        ("PART_A", "buy", 13, "new"),
        ("PART_B", "buy", 25, "new"),
    ]
    [alert] = rows(plan, "data_alerts", "table", "key", "before", "after")
    assert (alert[0], alert[2:]) == ("on_hand", ("-4", "0"))
    assert "PART_B" in str(alert[1])


def test_the_gap_of_a_reservation_above_on_hand_is_supplied_anew(shipped_plan: Solve) -> None:
    plan = shipped_plan("reservation")
    assert rows(plan, "supply_orders", "item", "type", "date", "quantity", "status") == [
        ("PART_1", "buy", "2021-01-08", 5, "new")
    ]
    assert deliveries(plan, "SO_1") == [("2021-01-04", 5), ("2021-01-08", 5)]
    assert len(rows(plan, "data_alerts", "key", table="reservations")) == 1


def test_reserved_stock_is_not_given_to_another_line_of_a_better_tier(shipped_plan: Solve) -> None:
    plan = shipped_plan("reservation-kept")
    assert deliveries(plan, "SO_1") == [("2021-01-04", 5), ("2021-01-08", 5)]
    assert deliveries(plan, "SO_2") == [("2021-01-08", 3)]
    assert sum(row[0] for row in rows(plan, "supply_orders", "quantity")) == 8  # type: ignore[misc]


def test_min_max_orders_are_rounded_to_the_multiple(shipped_plan: Solve) -> None:
    plan = shipped_plan("min-max-multiple")
    assert sorted(rows(plan, "supply_orders", "item", "type", "quantity", "status")) == [
        ("PART_A", "buy", 12, "new"),
        ("PART_B", "buy", 10, "new"),
        ("PART_C", "buy", 15, "new"),
    ]


def test_a_line_that_may_be_split_is_delivered_by_date(shipped_plan: Solve) -> None:
    plan = shipped_plan("split-by-date")
    assert deliveries(plan, "SO_1") == [("2021-03-01", 80), ("2021-03-10", 20)]
    assert promises(plan)["SO_1/1"] == ("2021-03-10", "late")


def test_a_line_that_may_not_be_split_is_delivered_once(shipped_plan: Solve) -> None:
    plan = shipped_plan("split-by-date-whole-line")
    assert deliveries(plan, "SO_1") == [("2021-03-10", 100)]
    assert promises(plan)["SO_1/1"] == ("2021-03-10", "late")


def test_a_new_order_is_promised_in_its_period_without_disturbing_the_others(shipped_plan: Solve) -> None:
    plan = shipped_plan("period-atp")
    assert deliveries(plan, "NEW") == [("2021-02-15", 3)]
    assert deliveries(plan, "SO_4") == [("2021-01-25", 5), ("2021-02-01", 1)]
    on_time = [line for line, (_, status) in promises(plan).items() if status == "on_time"]
    assert sorted(on_time) == ["NEW/1", "SO_1/1", "SO_2/1", "SO_3/1", "SO_5/1", "SO_6/1", "SO_7/1", "SO_8/1"]


def test_a_backlog_is_served_by_requested_date_as_receipts_arrive(shipped_plan: Solve) -> None:
    plan = shipped_plan("backlog")
    assert promises(plan) == {
        "SO_1/1": ("2021-01-11", "late"),
        "SO_2/1": ("2021-01-18", "late"),
        "SO_3/1": ("2021-01-25", "late"),
    }
    assert rows(plan, "promises", "order", "days_late") == [("SO_1", 7), ("SO_2", 12), ("SO_3", 13)]
    assert deliveries(plan, "SO_2") == [("2021-01-18", 10)]


@pytest.mark.parametrize("name", ["planned-orders", "planned-orders-short-hours", "backlog", "period-atp"])
def test_all_stock_that_is_not_delivered_stays(shipped_plan: Solve, name: str) -> None:
    plan = shipped_plan(name)
    assert all(quantity >= 0 for (quantity,) in rows(plan, "stock", "quantity"))  # type: ignore[operator]
