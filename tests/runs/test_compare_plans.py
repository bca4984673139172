from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from firmdate.plan.compare import compare
from firmdate.plan.result import Plan
from runs.hand_plan import KPIS, hand_plan


def promises(*rows: tuple[str, int, str | None, float]) -> pd.DataFrame:
    """Order, tier, promise date and promised quantity of lines of 10 units requested on 2021-01-05."""
    order, tier, date, promised = zip(*rows, strict=True)
    base = hand_plan().promises.iloc[[0] * len(rows)].reset_index(drop=True)
    dates = pd.to_datetime(pd.Series(date, dtype=object)).astype("datetime64[s]")
    return base.assign(
        order=pd.Series(order, dtype="str"),
        tier=np.array(tier),
        quantity=10.0,
        promise_date=dates,
        days_late=(dates - pd.Timestamp("2021-01-05")).dt.days.astype("Int64"),
        promised_quantity=np.array(promised, dtype="float64"),
    )


def test_lines_are_judged_by_their_promise_date_largest_change_first() -> None:
    base = hand_plan(
        "base",
        promises(
            ("A", 1, "2021-01-05", 10),
            ("B", 1, "2021-01-05", 10),
            ("C", 2, "2021-01-09", 10),
            ("D", 2, None, 4),
            ("E", 2, None, 4),
            ("F", 2, None, 4),
            ("G", 3, "2021-01-05", 10),
            ("H", 3, "2021-01-05", 10),
        ),
    )
    other = hand_plan(
        "other",
        promises(
            ("A", 1, "2021-01-05", 10),
            ("B", 1, "2021-01-07", 10),
            ("C", 2, "2021-01-06", 10),
            ("D", 2, "2021-01-25", 10),
            ("E", 2, None, 6),
            ("F", 2, None, 4),
            ("G", 3, None, 0),
            ("I", 3, "2021-01-05", 10),
        ),
    )
    comparison = compare(base, other)
    lines = comparison.lines.set_index("order")
    assert lines["change"].to_dict() == {
        "A": "unchanged",
        "B": "worse",
        "C": "improved",
        "D": "improved",
        "E": "improved",
        "F": "unchanged",
        "G": "worse",
        "H": "removed",
        "I": "added",
    }
    assert list(lines.index) == ["D", "G", "C", "B", "E", "H", "I", "A", "F"]
    assert lines.loc[["A", "B", "C"], "change_days"].tolist() == [0.0, 2.0, -3.0]
    assert lines.loc[["D", "E", "G", "H", "I"], "change_days"].isna().all()
    assert lines.loc["H", "item"] == "PUMP"
    assert lines.loc["H", "tier"] == 3
    assert pd.isna(lines.loc["I", "base_status"])

    summary = comparison.summary[comparison.summary["dimension"] == "tier"].set_index("group")
    counts = summary[["improved", "worse", "unchanged", "added", "removed"]]
    assert counts.to_numpy().tolist() == [[0, 1, 1, 0, 0], [3, 0, 1, 0, 0], [0, 1, 0, 1, 1]]
    assert counts.to_numpy().sum() == len(lines)


def test_summary_and_figures_come_from_both_plans() -> None:
    lines = hand_plan().lines
    lines.loc[1, "late_unit_days"] -= 35.0
    other = hand_plan("other", lines=lines, kpis={**KPIS, "late_unit_days_tier_2": 700.0, "new_orders": 3.0})
    comparison = compare(hand_plan("base"), other)
    late = comparison.summary.set_index(["dimension", "group"])["change_late_unit_days"]
    assert late.loc["tier"].to_dict() == {"1": 0.0, "2": -35.0, "3": 0.0}
    assert late.loc["customer"].to_dict() == {"BOLT & SON": -35.0, "ACME": 0.0, "": 0.0}
    assert late.loc["all"].to_dict() == {"": -35.0}
    figures = comparison.kpis.set_index("figure")
    assert figures.loc["late_unit_days_tier_2"].tolist() == [735.0, 700.0, -35.0]
    assert figures.loc["new_orders"].isna().tolist() == [True, False, True]
    assert (comparison.base, comparison.other) == ("base", "other")


def test_a_plan_compared_with_itself_is_unchanged() -> None:
    comparison = compare(hand_plan(), hand_plan())
    assert set(comparison.lines["change"]) == {"unchanged"}
    assert len(comparison.lines) == 4
    assert (comparison.kpis["change"] == 0).all()
    assert (comparison.resources[["load_change", "overload_change"]] == 0).to_numpy().all()


def test_loads_are_compared_by_interval_largest_overload_change_first() -> None:
    base = hand_plan()
    loads = base.resource_load.copy()
    loads["load"] = [40.0, 25.0, 9.0]
    loads["overload"] = [0.0, 0.0, 0.0]
    comparison = compare(base, hand_plan(resource_load=loads))
    got = comparison.resources[["resource", "load_change", "overload_change"]].to_numpy().tolist()
    assert got == [["RES_1", -5.0, -5.0], ["RES_2", 6.0, 0.0], ["RES_1", 5.0, 0.0]]
    (supplier,) = comparison.suppliers.to_dict("records")
    assert (supplier["base_price"], supplier["other_price"]) == (12.25, 12.25)


@pytest.mark.parametrize("lines", [0, 1])
def test_plans_without_lines_compare(lines: int) -> None:
    empty = hand_plan("empty", hand_plan().promises.iloc[:lines].reset_index(drop=True))
    comparison = compare(empty, hand_plan())
    assert comparison.lines["change"].value_counts().to_dict() == (
        {"added": 4} if not lines else {"added": 3, "unchanged": 1}
    )


def test_totals_count_every_line_once_with_its_value() -> None:
    worse = hand_plan().promises
    worse["promise_date"] += pd.Timedelta(days=3)
    summary = compare(hand_plan(), hand_plan("other", worse)).summary
    assert list(summary["dimension"].unique()) == ["all", "tier", "customer", "region", "product_group"]
    totals = summary.groupby("dimension")[["lines", "worse", "value", "worse_value"]].sum()
    assert (totals == [4, 2, 10750.0, 10000.0]).to_numpy().all()
    groups = summary[summary["dimension"] == "product_group"].set_index("group")
    assert groups.loc["valves", ["lines", "worse", "base_late_lines"]].tolist() == [2, 0, 2]


def test_forecasts_are_totals_of_their_own() -> None:
    lines = hand_plan().lines
    lines.loc[3, "kind"] = "forecast"
    summary = compare(hand_plan("base", lines=lines), hand_plan("other", lines=lines)).summary.set_index("dimension")
    assert summary.loc["all", "lines"] == 3
    assert summary.loc["kind", ["group", "lines"]].tolist() == ["forecast", 1]


def test_cause_is_what_holds_the_line_where_it_is_worse() -> None:
    better = hand_plan().promises
    better.loc[1, "promise_date"] = pd.Timestamp("2021-01-10")
    better.loc[1, ["gating_kind", "gating_name"]] = ["lead_time", "PUMP at DC"]
    causes = [compare(*plans).lines["cause"].iloc[0] for plans in _both_ways(hand_plan(), hand_plan("b", better))]
    assert causes == ["resource RES_1", "resource RES_1"]


def _both_ways(base: Plan, other: Plan) -> tuple[tuple[Plan, Plan], tuple[Plan, Plan]]:
    return (base, other), (other, base)


def test_stocking_points_have_their_lines_and_mean_stock() -> None:
    other = hand_plan("other")
    stock = other.stock.copy()
    stock.loc[stock["date"] == "2021-01-05", "quantity"] = 13.0
    points = compare(hand_plan(), replace(other, stock=stock)).points.set_index("item")
    # 30 days from 2021-01-01: 60 units on one day, then 13 on the 26 that are left.
    assert points.loc["PUMP", "base_mean_stock"] == pytest.approx(60 / 30)
    assert points.loc["PUMP", "change_mean_stock"] == pytest.approx(13 * 26 / 30)
    assert points.loc["PUMP", ["lines", "base_late_unit_days"]].tolist() == [2, 280]


def test_capacities_are_totals_over_intervals_with_the_highest_price() -> None:
    capacities = compare(hand_plan(), hand_plan()).capacities.set_index(["kind", "name"])
    first = capacities.loc[("resource", "RES_1")]
    assert first[["base_load", "base_capacity", "base_overload", "base_price"]].tolist() == [65.0, 80.0, 5.0, 0.5]
    assert np.isnan(capacities.loc[("resource", "RES_2"), "base_capacity"])
    assert np.isnan(capacities.loc[("lane", "PLANT-DC"), "base_capacity"])
