"""Lot sizes and smallest shipments, to the digit, and the certificate of lot sizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from plan_rows import rows

import firmdate as fd
from firmdate.plan.certify import certify
from firmdate.plan.result import Plan
from firmdate.runs.solve import load_data
from laws.problem import Solved, date_of, problem, solved

Solve = Callable[[str], Plan]


def test_packs_round_up_as_far_as_there_is_stock(shipped_plan: Solve) -> None:
    plan = shipped_plan("rule-lot-sizes")
    assert rows(plan, "deliveries", "date", "quantity", order="SO_1") == [("2021-01-11", 6)]
    assert rows(plan, "deployments", "item", "quantity") == [("BOLT", 6)]


def test_a_need_above_the_maximum_is_several_whole_orders(shipped_plan: Solve) -> None:
    plan = shipped_plan("rule-lot-sizes")
    assert rows(plan, "supply_orders", "type", "quantity", item="PUMP") == [("buy", 20), ("buy", 20)]
    assert rows(plan, "supply_orders", "type", "quantity", item="KIT") == [("make", 20)]
    assert rows(plan, "deliveries", "quantity", order="SO_2") == [(37,)]


def test_without_lot_sizes_orders_are_what_is_wanted(shipped_plan: Solve) -> None:
    plan = fd.solve(shipped_plan("rule-lot-sizes").scenario, lot_sizes="off")
    assert sorted(rows(plan, "supply_orders", "item", "quantity")) == [("BOLT", 8), ("KIT", 7), ("PUMP", 37)]


def relaxed(**capacity: float) -> Solved:
    """Items that are bought in lots, and a kit that is made in lots; ``capacity`` limits what can be bought of one."""
    place, bought = {"location": "DC"}, {"location": "DC", "supplier": "S", "lead_time_days": 1}
    lots = {"PUMP": {"minimum": 10, "multiple": 5}, "NUT": {"maximum": 4}, "PIN": {"pack_sizes": "6/10"}}
    lines = [("PUMP", 8, 3), ("PUMP", 1, 4), ("PUMP", 4, 5), ("NUT", 7, 3), ("PIN", 13, 3), ("KIT", 7, 6)]
    window = {"start": date_of(0), "end": date_of(30)}
    planned = problem(
        {
            "supplier_items": [{**bought, "item": item, **lot} for item, lot in lots.items()],
            "supplier_capacity": [{**window, "supplier": "S", "item": k, "quantity": v} for k, v in capacity.items()],
            "operations": [{**place, "item": "KIT", "lead_time_days": 2, "minimum": 20}],
            "demands": [
                {
                    **place,
                    "order": item,
                    "line": str(day),
                    "item": item,
                    "quantity": units,
                    "requested_date": date_of(day),
                }
                for item, units, day in lines
            ],
        },
        {"horizon_days": 20, "lot_sizes": "relaxed"},
    )
    return solved(planned)


def test_relaxed_purchases_are_rounded_up_and_later_ones_shrink() -> None:
    """8, 1 and 4 pumps are ordered as 10 and 10; makes take components from others, so the kit is only listed."""
    found = relaxed()
    tables = found.tables()
    assert certify(tables, found.data, found.scenario) == []
    assert tables.kpis["late_unit_days"] == 0
    orders = tables.supply_orders[["item", "quantity"]].to_numpy().tolist()
    assert sorted(orders) == [["KIT", 7], ["NUT", 3], ["NUT", 4], ["PIN", 16], ["PUMP", 10], ["PUMP", 10]]
    broken = tables.rule_tables["broken_lots"]
    assert broken[["order", "quantity", "rule", "lot_quantity"]].to_numpy().tolist() == [
        ["NEW-MAKE-KIT-1", 7, "minimum", 20]
    ]
    assert tables.kpis["broken_lots"] == 1


def test_relaxed_purchases_that_their_supplier_cannot_round_up_are_listed_and_certified() -> None:
    found = relaxed(PUMP=14, PIN=14)
    tables = found.tables()
    assert certify(tables, found.data, found.scenario) == []
    broken = tables.rule_tables["broken_lots"]
    assert broken[["item", "quantity", "rule", "lot_quantity"]].to_numpy().tolist() == [
        ["PIN", 13, "pack_sizes", 16],
        ["PUMP", 13, "multiple", 15],
        ["KIT", 7, "minimum", 20],
    ]
    silent = replace(tables, rule_tables={**tables.rule_tables, "broken_lots": broken[1:]})
    assert certify(silent, found.data, found.scenario) == [
        "supply_orders NEW-BUY-PIN-1 2021-01-05: breaks its lot size and is not in broken_lots"
    ]
    nut = tables.supply_orders.set_index("order")["quantity"].loc["NEW-BUY-NUT-1"]
    one_more = broken.iloc[[0]].assign(order="NEW-BUY-NUT-1", quantity=nut)
    wrong = replace(tables, rule_tables={**tables.rule_tables, "broken_lots": pd.concat([broken, one_more])})
    assert certify(wrong, found.data, found.scenario) == [
        "supply_orders NEW-BUY-NUT-1 2021-01-07: is in broken_lots and keeps its lot size"
    ]


@pytest.mark.parametrize(
    ("item", "quantity", "expected"),
    [
        ("PUMP", 8, "is smaller than the smallest order: 8 of 10"),
        ("PUMP", 24, "is larger than the largest order: 24 of 20"),
        ("PUMP", 13, "is no whole multiple: 13, multiple 4"),
        ("KIT", 7, "is smaller than the smallest order: 7 of 20"),
    ],
)
def test_the_certificate_names_orders_that_break_their_lot(
    shipped_plan: Solve, item: str, quantity: float, expected: str
) -> None:
    plan = shipped_plan("rule-lot-sizes")
    data, _, _ = load_data(plan.scenario)
    orders = plan.supply_orders.copy()
    orders.loc[orders.index[orders["item"] == item][0], "quantity"] = quantity
    assert any(expected in text for text in certify(replace(plan, supply_orders=orders), data, plan.scenario))


def test_the_certificate_names_transfers_that_are_no_whole_packs(shipped_plan: Solve) -> None:
    plan = shipped_plan("rule-lot-sizes")
    data, _, _ = load_data(plan.scenario)
    moves = plan.deployments.assign(quantity=8.0)
    texts = certify(replace(plan, deployments=moves), data, plan.scenario)
    assert any("is not made of whole packs of 6/12/18" in text for text in texts)


@pytest.mark.parametrize(
    ("whole", "available", "asked", "moved", "delivered"),
    [
        (True, 8, 8, 0, 0),
        (True, 9, 9, 9, 9),
        (True, 12, 12, 11, 11),
        (True, 40, 12, 18, 12),
        (True, 40, 29, 29, 29),
        (False, 8.9, 8.9, 0, 0),
        (False, 9.5, 9.5, 9.5, 9.5),
        (False, 40, 11.5, 18, 11.5),
        (False, 17.5, 17.5, 11, 11),
    ],
)
def test_packs_with_a_tolerance_hold_a_little_more_or_less(
    whole: bool, available: float, asked: float, moved: float, delivered: float
) -> None:
    """Packs of 10 within a tenth: 9 to 11 units in one, 18 to 22 in two, 27 to 33 in three."""
    lane = {"item": "A", "origin": "DC", "destination": "SHOP", "lead_time_days": 1, "unit_cost": 1}
    line = {"order": "SO", "line": "1", "item": "A", "location": "SHOP", "quantity": asked}
    packed = problem(
        {
            "items": [{"item": "A", "whole_units": whole}],
            "on_hand": [{"item": "A", "location": "DC", "quantity": available}],
            "lanes": [{**lane, "pack_sizes": "10", "pack_tolerance": 0.1}],
            "demands": [{**line, "requested_date": date_of(3)}],
        },
        {"horizon_days": 10},
    )
    found = solved(packed)
    tables = found.tables()
    assert (tables.deployments["quantity"].sum(), tables.deliveries["quantity"].sum()) == pytest.approx(
        (moved, delivered)
    )
    assert certify(tables, found.data, found.scenario) == []
    if moved:
        wrong = tables.deployments.assign(quantity=12.0)
        texts = certify(replace(tables, deployments=wrong), found.data, found.scenario)
        assert any("is not made of whole packs of 10" in text for text in texts)


@pytest.mark.parametrize("mode", ["exact", "relaxed"])
@pytest.mark.parametrize(
    ("lot", "asked", "orders"),
    [
        ({"pack_sizes": "6/12/18", "maximum": 20}, 40, [[18, 12, 12]]),  # 42 units, at most 18 in one
        ({"pack_sizes": "6", "minimum": 13, "maximum": 20}, 20, [[18, 18]]),  # 18 is the only quantity
        ({"pack_sizes": "10/25", "maximum": 60}, 95, [[60, 35]]),
        ({"pack_sizes": "10/25", "maximum": 24}, 25, [[20, 10]]),  # no order may hold a pack of 25
        ({"pack_sizes": "4", "multiple": 3, "minimum": 8}, 8, [[8]]),  # packs decide, not the multiple
        ({"pack_sizes": "10/25", "minimum": 20, "maximum": 60}, 95, [[35], [60]]),  # one order a day
        ({"pack_sizes": "10", "pack_tolerance": 0.1, "maximum": 11}, 22, [[11], [11]]),
    ],
)
def test_more_packs_than_one_order_may_hold_are_several_orders(
    lot: dict[str, object], asked: float, orders: list[list[float]], mode: str
) -> None:
    """Those of one date together; where packs cannot always be cut, one order a date."""
    bought = {"supplier": "S", "item": "A", "location": "SHOP", "lead_time_days": 1, "unit_cost": 1}
    line = {"order": "SO", "line": "1", "item": "A", "location": "SHOP", "quantity": asked}
    wanted = [{**line, "requested_date": date_of(3)}]
    found = solved(
        problem({"supplier_items": [{**bought, **lot}], "demands": wanted}, {"horizon_days": 10, "lot_sizes": mode})
    )
    plan = found.tables()
    by_date = [sorted(own, reverse=True) for _, own in plan.supply_orders.groupby("start_date")["quantity"]]
    assert sorted(by_date) == orders
    assert certify(plan, found.data, found.scenario) == []
    assert plan.deliveries["quantity"].sum() == asked


def test_a_line_waits_for_its_smallest_shipment_or_leaves_the_stock_to_others(shipped_plan: Solve) -> None:
    late, in_time = shipped_plan("rule-minimum-shipment"), shipped_plan("rule-minimum-shipment-in-time")
    assert rows(late, "deliveries", "order", "date", "quantity") == [("SO_1", "2021-01-15", 15)]
    assert rows(in_time, "deliveries", "order", "date", "quantity") == [("SO_2", "2021-01-11", 10)]


def test_few_deliveries_are_on_the_best_dates_and_what_cannot_be_finished_is_not_begun(shipped_plan: Solve) -> None:
    plan = shipped_plan("rule-splits")
    expected = [("SO_1", "2021-01-13", 18), ("SO_1", "2021-01-19", 12), ("SO_3", "2021-01-11", 15)]
    assert rows(plan, "deliveries", "order", "date", "quantity") == expected
    assert "at most 2 deliveries" in str(rows(plan, "promises", "reason", order="SO_1"))
    assert "nothing of it is delivered unless all of it is" in str(rows(plan, "promises", "reason", order="SO_2"))
    split = fd.solve(plan.scenario, changes=[{"table": "demands", "set": {"split_unfinished": ""}}])
    assert rows(split, "deliveries", "order", "date", "quantity", order="SO_2") == [("SO_2", "2021-01-11", 20)]


@pytest.mark.parametrize(
    ("order", "date", "expected"),
    [
        ("SO_1", "2021-01-15", "SO_1/1: has more deliveries than it accepts: 3 of 2"),
        ("SO_2", "2021-01-11", "SO_2/1: is begun and never finished: 20 of 30"),
    ],
)
def test_the_certificate_names_splits_that_are_not_allowed(
    shipped_plan: Solve, order: str, date: str, expected: str
) -> None:
    plan = shipped_plan("rule-splits")
    data, _, _ = load_data(plan.scenario)
    one = plan.deliveries.iloc[[0]].assign(order=order, date=pd.Timestamp(date), quantity=20.0)
    texts = certify(replace(plan, deliveries=pd.concat([plan.deliveries, one])), data, plan.scenario)
    assert any(expected in text for text in texts)
