from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from firmdate.report.charts import BARS_SHOWN, CHARTS_SHOWN, HEIGHT, load_charts
from firmdate.report.page import PROMISES_SHOWN, render_page
from runs.hand_plan import KPIS, frame, hand_plan

VOID = {"meta", "rect", "line", "br"}


class Tags(HTMLParser):
    """Checks that tags nest, and collects the texts by element."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.seen: set[str] = set()
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.seen.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in {"td", "th"}:
            self.rows[-1][-1] += data


def test_page_shows_promises_latest_first() -> None:
    page = Tags(render_page(hand_plan()))
    promises = [row for row in page.rows if len(row) == 11]
    assert [row[0] for row in promises] == ["Order line", "0013/1", "NO/1", "0012/2", "0012/1"]
    assert promises[3][4:10] == ["40", "40", "2021-01-05", "2021-01-12", "7", "late"]
    assert promises[2][6:9] == ["2021-01-07", "none", ""]
    assert ["on_hand", "SEAL/DC", "negative on hand counts as 0", "-4", "0"] in page.rows


def test_page_needs_nothing_from_outside() -> None:
    page = render_page(hand_plan())
    assert "default-src 'none'" in page
    assert not re.search(r"(?:src|href)\s*=|url\(|@import|https?://", page)
    assert {"script", "link", "img", "iframe"}.isdisjoint(Tags(page).seen)
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_text_of_the_data_cannot_become_markup() -> None:
    promises = hand_plan().promises
    promises["item"] = "<script>alert(1)</script>"
    loads = hand_plan().resource_load.assign(resource='"><img>')
    page = render_page(hand_plan(promises=promises, resource_load=loads))
    assert {"script", "img"}.isdisjoint(Tags(page).seen)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_long_promises_are_cut_with_a_note() -> None:
    promises = pd.concat([hand_plan().promises] * 200, ignore_index=True)
    page = render_page(hand_plan(promises=promises))
    assert len([row for row in Tags(page).rows if len(row) == 11]) == 1 + PROMISES_SHOWN
    assert "The first 500 of 800 lines" in page


def test_optimistic_plan_says_so() -> None:
    assert "optimistic" not in re.sub("<dl>.*</dl>", "", render_page(hand_plan()), flags=re.DOTALL)
    assert "so these dates are optimistic" in render_page(hand_plan(kpis={**KPIS, "optimistic": 1.0}))


def test_empty_plan_has_a_page() -> None:
    empty = hand_plan(promises=frame("promises", ""), resource_load=frame("resource_load", ""), kpis={"lines": 0.0})
    page = render_page(empty)
    Tags(page)
    assert "None with a capacity." in page


def test_chart_bars_are_to_scale() -> None:
    charts, more = load_charts(hand_plan().resource_load, ("resource",))
    assert more == 0
    assert [chart.name for chart in charts] == ["RES_1", "RES_2"]
    full, half = charts[0].bars
    assert charts[0].highest == 45
    assert (full.load_height, full.load_y, full.capacity_y) == (HEIGHT, 0.0, pytest.approx(HEIGHT * 5 / 45, abs=0.01))
    assert full.over_height == pytest.approx(HEIGHT * 5 / 45, abs=0.01)
    assert half.load_height == pytest.approx(HEIGHT * 20 / 45, abs=0.01)
    assert full.title == "2021-01-04 to 2021-01-10: load 45, capacity 40, overload 5"
    assert charts[1].bars[0].capacity_y is None
    assert charts[1].bars[0].title.endswith("no limit")
    assert (charts[0].first, charts[0].last) == ("2021-01-04", "2021-01-17")


def test_long_and_many_charts_are_bounded_and_lose_no_load() -> None:
    days = 200
    start = pd.Timestamp("2021-01-01") + pd.to_timedelta(np.arange(days), unit="D")
    one = pd.DataFrame({"start": start, "end": start + pd.Timedelta(days=1), "load": 1.0, "capacity": 2.0})
    loads = pd.concat(
        [one.assign(resource=f"R{n:02d}", overload=float(n == 29), price=0.0) for n in range(30)], ignore_index=True
    )
    charts, more = load_charts(loads, ("resource",))
    assert (len(charts), more) == (CHARTS_SHOWN, 30 - CHARTS_SHOWN)
    assert charts[0].name == "R29"
    assert len(charts[0].bars) == BARS_SHOWN
    assert (charts[0].load, charts[0].capacity, charts[0].overload) == (days, 2.0 * days, days)


def test_suppliers_are_told_apart_by_item() -> None:
    both = pd.concat([hand_plan().supplier_load, hand_plan().supplier_load.assign(item="SEAL")], ignore_index=True)
    charts, _ = load_charts(both, ("supplier", "item"))
    assert [chart.name for chart in charts] == ["S1", "S1 · SEAL"]
