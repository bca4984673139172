from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest

from firmdate.plan.compare import compare
from firmdate.report.basis_taken import page_basis
from firmdate.report.charts import BARS_SHOWN, CHARTS_SHOWN, HEIGHT, NAMES_SHOWN, bottlenecks, load_charts
from firmdate.report.comparison import render_comparison
from firmdate.report.flows import flow_map
from firmdate.report.lines import lines_of
from firmdate.report.pack import MOST_CHARACTERS, Field, pack_lines
from firmdate.report.page import render_page
from firmdate.report.service import causes, service_by
from firmdate.report.timeline import Orders, burn_down, promise_timeline
from runs.hand_plan import KPIS, frame, hand_plan

VOID = {"meta", "br", "input"}


class Tags(HTMLParser):
    """Checks that tags nest, and collects the texts by element."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.seen: set[str] = set()
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        found = dict(attrs)
        self.ids += [found["id"]] if found.get("id") else []
        self.targets += [found["href"]] if found.get("href") else []
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
        if {"td", "th"} & set(self.open[-3:]):
            self.rows[-1][-1] += data


def unpacked_text(page: str) -> str:
    """The lines as they stand in a page."""
    (packed,) = re.findall(r'id="packed-lines">([^<]*)<', page)
    return str(packed)


def unpacked(page: str) -> dict[str, Any]:
    """What the script of a page works with."""
    return json.loads(gzip.decompress(base64.b64decode(unpacked_text(page))))  # type: ignore[no-any-return]


def pages() -> dict[str, str]:
    base, other = hand_plan(), hand_plan("other")
    return {"run": render_page(base), "comparison": render_comparison(compare(base, other), base, other)}


def test_page_shows_lines_latest_first() -> None:
    page = Tags(render_page(hand_plan()))
    rows = [row for row in page.rows if len(row) == 11]
    assert [row[0] for row in rows] == ["Order line", "0013/1", "NO/1", "0012/2", "0012/1"]
    assert rows[3][4:] == ["2", "40", "2021-01-05", "2021-01-12", "7", "late", "resource RES_1"]
    assert ["on_hand", "SEAL/DC", "negative on hand counts as 0", "-4", "0"] in page.rows


def test_an_opened_line_shows_its_chain_its_rivals_and_what_would_help() -> None:
    data = unpacked(render_page(hand_plan()))
    columns = {field["key"]: column for field, column in zip(data["fields"], data["columns"], strict=True)}
    row = columns["name"]["texts"].index("0012/2")

    def said(key: str) -> str:
        column = columns[key]
        return str(column["texts"][row if column["values"] is None else column["values"][row]])

    assert said("chain").split("\n") == [
        "made PUMP at PLANT from 2021-01-11 to 2021-01-12",
        "held by: resource RES_1 is full from 2021-01-04 to 2021-01-10",
    ]
    assert said("competing") == "0012/1 (tier 1)"
    assert said("helps").startswith("5 h more on RES_1 in the week from 2021-01-04 would bring it forward")
    assert said("tag") == "resource_capacity"


@pytest.mark.parametrize("kind", ["run", "comparison"])
def test_page_needs_nothing_from_outside(kind: str) -> None:
    page = pages()[kind]
    assert not re.search(r"\bsrc\s*=|url\(|@import|https?://", page)
    tags = Tags(page)
    assert {"link", "img", "iframe"}.isdisjoint(tags.seen)
    assert {target[:1] for target in tags.targets} == {"#"}
    assert {target[1:] for target in tags.targets} <= set(tags.ids)
    assert len(tags.ids) == len(set(tags.ids))
    assert "prefers-color-scheme: dark" in page
    assert "prefers-reduced-motion" in page
    assert "@media print" in page


@pytest.mark.parametrize("kind", ["run", "comparison"])
def test_policy_allows_the_one_script_only(kind: str) -> None:
    page = pages()[kind]
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def test_text_of_the_data_cannot_become_markup() -> None:
    promises = hand_plan().promises
    promises["item"] = "<img onerror=alert(1)>"
    loads = hand_plan().resource_load.assign(resource='"><img>')
    plan = hand_plan(promises=promises, resource_load=loads)
    for page in (render_page(plan), render_comparison(compare(plan, plan), plan, plan)):
        assert "img" not in Tags(page).seen
        assert "&lt;img onerror=alert(1)&gt;" in page


def test_pack_holds_every_cell() -> None:
    lines = lines_of(page_basis(hand_plan()))
    data = unpacked(render_page(hand_plan()))
    assert data["n"] == 4
    cells = dict(zip((field["key"] for field in data["fields"]), data["columns"], strict=True))
    assert cells["name"] == {"kind": "text", "values": None, "texts": ["0013/1", "NO/1", "0012/2", "0012/1"]}
    assert cells["quantity"]["values"] == [10, 5, 40, 60]
    assert cells["days_late"]["values"] == [None, None, 7, 0]
    epoch = pd.Timestamp("1970-01-01")
    assert cells["requested_date"]["values"] == [(date - epoch).days for date in lines["requested_date"]]
    assert cells["promise_date"] == {"kind": "date", "values": [None, None, 7, 0], "short": True}
    assert cells["promised_quantity"] == {"kind": "number", "values": [4, 0, None, None], "short": True}
    # The reason names RES_1 once only: in the column of what holds the line back.
    assert cells["reason"]["texts"][2] == "waits for RES_1 until 2021-01-11"
    assert cells["fact"]["texts"][cells["fact"]["values"][2]] == (
        "RES_1 from 2021-01-04: load 45 of 40 hours; one more is worth 0.5"
    )
    deliveries, supply = data["attached"]
    assert deliveries["key"] == [0, 2, 0]  # of 0013/1 one, of 0012/2 two; 0012/1 gets all at once
    assert [column["values"] for column in deliveries["columns"]][1] == [4, 0.3333, 39.6667]
    assert supply["byPoint"]
    assert supply["columns"][2]["texts"] == ["bought from S1", "from PLANT"]


def test_sentences_name_other_columns_once() -> None:
    lines = pd.DataFrame(
        {"item": ["A1", "B2"], "why": ["waits for A1", "waits for B2"], "day": pd.to_datetime(["2021-01-04", None])}
    )
    lines["why"] += [" on 2021-01-04", ""]
    pack = pack_lines(lines, (Field("item", "Item"), Field("why", "Why", names=("item", "day"))))
    data = json.loads(gzip.decompress(base64.b64decode(pack.text)))
    assert data["columns"][1]["texts"] == ["waits for \x01 on \x02", "waits for \x01"]


def test_lines_that_do_not_fit_are_left_out_from_the_end() -> None:
    rng = np.random.default_rng(3)
    lines = pd.DataFrame({"name": [f"L{at}" for at in range(3000)], "n": rng.random(3000)})
    fields = (Field("name", "Line"), Field("n", "N", "number"))
    whole = pack_lines(lines, fields)
    assert (whole.lines, whole.left_out) == (3000, 0)
    cut = pack_lines(lines, fields, most=len(whole.text) // 2)
    assert len(cut.text) <= len(whole.text) // 2
    assert cut.lines + cut.left_out == 3000
    assert 1000 < cut.lines < 2000
    data = json.loads(gzip.decompress(base64.b64decode(cut.text)))
    assert data["columns"][0]["texts"][-1] == f"L{cut.lines - 1}"


def test_a_page_of_two_hundred_thousand_lines_has_room_for_all() -> None:
    """A line takes so few characters that 200,000 of them stay below 5 MB, with room for what is said once."""
    rng = np.random.default_rng(7)
    count = 20_000
    base = hand_plan()
    number = rng.permutation(10 * count)[:count]
    names = pd.Series([f"SO{at:07d}" for at in number], dtype="str")
    item, place = rng.integers(0, count, count), rng.integers(0, 12, count)
    asked = pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 90, count), "D").as_unit("s")
    promises = (
        base.promises.iloc[[1] * count]
        .reset_index(drop=True)
        .assign(
            order=names.to_numpy(),
            line="1",
            item=[f"P{at:06d}" for at in item],
            location=[f"L{at}" for at in place],
            quantity=rng.integers(1, 11, count).astype(np.float64),
            requested_date=asked,
            gating_name=[f"S{at:05d}" for at in item // 50],
            days_late=pd.array(rng.integers(1, 150, count), dtype="Int64"),
        )
    )
    promises["promised_quantity"] = promises["quantity"]
    promises["promise_date"] = asked + pd.to_timedelta(promises["days_late"].astype("int64"), "D").dt.as_unit("s")
    late = promises["quantity"] * promises["days_late"].astype("float64")
    facts = (
        base.lines.iloc[[1] * count]
        .reset_index(drop=True)
        .assign(order=names.to_numpy(), line="1", late_unit_days=late.to_numpy())
    )
    pack = unpacked_text(render_page(hand_plan(promises=promises, lines=facts)))
    assert len(pack) * 200_000 / count < MOST_CHARACTERS


def test_optimistic_plan_says_so() -> None:
    assert "so these dates are optimistic" not in render_page(hand_plan())
    assert "so these dates are optimistic" in render_page(hand_plan(kpis={**KPIS, "optimistic": 1.0}))


def test_empty_plan_has_pages() -> None:
    empty = hand_plan(promises=frame("promises", ""), resource_load=frame("resource_load", ""), kpis={"lines": 0.0})
    page = render_page(empty)
    Tags(page)
    assert "None with a capacity." in page
    assert "Every order line is on time." in page
    Tags(render_comparison(compare(empty, empty), empty, empty))


def test_timeline_counts_every_dated_line_once() -> None:
    chart = promise_timeline(Orders.of(hand_plan()))
    by_name = {layer.name: layer.values.sum() for layer in chart.layers}
    assert by_name == {"on time": 1, "late": 1, "requested": 4}
    assert chart.summary == "2 order lines by promise date, 1 of them late; 2 have no date"


def test_backlog_is_what_is_due_and_not_delivered() -> None:
    chart = burn_down(Orders.of(hand_plan()))
    table = {row[0]: row[1:] for row in chart.rows}
    assert chart.heads == ["day", "tier 1", "tier 2", "tier 3", "all"]
    assert table["2021-01-04"] == ["0", "0", "0", "0"]
    assert table["2021-01-05"] == ["0", "40", "0", "40"]  # the 60 of tier 1 are delivered on the day
    assert table["2021-01-07"] == ["0", "50", "5", "55"]
    assert table["2021-01-08"] == ["0", "45.67", "5", "50.67"]
    assert table["2021-01-12"] == ["0", "6", "5", "11"]


def test_causes_add_up_and_find_their_lines() -> None:
    kinds, single, more = causes(hand_plan().order_lines)
    assert more == 0
    assert [(cause.kind, cause.lines, cause.late_unit_days) for cause in kinds] == [
        ("supplier capacity", 1, 455.0),
        ("resource capacity", 1, 280.0),
        ("item", 1, pytest.approx(265.333333)),
    ]
    assert kinds[-1].until == pytest.approx(100.0)
    assert [cause.find for cause in single] == ['"supplier S1"', '"resource RES_1"', '"item SEAL"']
    assert set(lines_of(page_basis(hand_plan()))["held_by"]) == {"", *(cause.find.strip('"') for cause in single)}


def test_service_is_counted_by_every_dimension() -> None:
    service = service_by(hand_plan().order_lines)
    assert list(service) == ["tier", "customer", "region", "product_group"]
    (first, *_), more = service["customer"]
    assert more == 0
    assert (first.name, first.lines, first.on_time, first.late, first.open) == ("ACME", 2, 1, 0, 1)
    assert (first.share, first.value_late) == (50.0, 500.0)


def test_flows_go_from_left_to_right() -> None:
    moves = pd.concat([hand_plan().deployments] * 3, ignore_index=True)
    moves["origin"], moves["destination"] = ["A", "B", "C"], ["B", "C", "A"]
    moves["quantity"] = [30.0, 20.0, 5.0]
    plan = hand_plan()
    moved = plan.__class__(**{**vars(plan), "deployments": moves})
    places = {place.name: place for place in flow_map(page_basis(moved)).places}
    # The smallest flow closes the circle, so it is the one that goes back.
    assert places["A"].x < places["B"].x < places["C"].x
    (flow,) = flow_map(page_basis(plan)).flows
    assert (flow.origin, flow.destination, flow.quantity, flow.moves, flow.items) == ("PLANT", "DC", 60.0, 1, 1)


def test_chart_bars_are_to_scale() -> None:
    loads = load_charts("Resources", "hours", hand_plan().resource_load, ("resource",))
    assert (loads.more, loads.others) == (0, [])
    assert [chart.name for chart in loads.charts] == ["RES_1", "RES_2"]
    full, half = loads.charts[0].bars
    assert loads.charts[0].highest == 45
    assert (full.load_height, full.load_y, full.capacity_y) == (HEIGHT, 0.0, pytest.approx(HEIGHT * 5 / 45, abs=0.01))
    assert full.over_height == pytest.approx(HEIGHT * 5 / 45, abs=0.01)
    assert half.load_height == pytest.approx(HEIGHT * 20 / 45, abs=0.01)
    assert full.title == "2021-01-04 to 2021-01-10: load 45, capacity 40, overload 5, one more is worth 0.5"
    assert (full.price, half.price) == (1.0, 0.0)
    assert loads.charts[1].bars[0].capacity_y is None
    assert loads.charts[1].bars[0].title.endswith("no limit")
    assert (loads.charts[0].first, loads.charts[0].last) == ("2021-01-04", "2021-01-17")


def test_long_and_many_charts_are_bounded_and_lose_no_load() -> None:
    days = 200
    start = pd.Timestamp("2021-01-01") + pd.to_timedelta(np.arange(days), unit="D")
    one = pd.DataFrame({"start": start, "end": start + pd.Timedelta(days=1), "load": 1.0, "capacity": 2.0})
    loads = pd.concat(
        [one.assign(resource=f"R{n:02d}", overload=float(n == 29), price=0.0) for n in range(60)], ignore_index=True
    )
    found = load_charts("Resources", "hours", loads, ("resource",))
    assert (len(found.charts), len(found.others), found.more) == (
        CHARTS_SHOWN,
        NAMES_SHOWN,
        60 - CHARTS_SHOWN - NAMES_SHOWN,
    )
    first = found.charts[0]
    assert first.name == "R29"
    assert len(first.bars) == BARS_SHOWN
    assert (first.load, first.capacity, first.overload) == (days, 2.0 * days, days)


def test_suppliers_are_told_apart_by_item() -> None:
    both = pd.concat([hand_plan().supplier_load, hand_plan().supplier_load.assign(item="SEAL")], ignore_index=True)
    found = load_charts("Suppliers", "units", both, ("supplier", "item"))
    assert [chart.name for chart in found.charts] == ["S1", "S1 · SEAL"]


def test_bottlenecks_are_the_dearest_intervals() -> None:
    plan = hand_plan()
    loads = [("resource", plan.resource_load, ("resource",)), ("supplier", plan.supplier_load, ("supplier", "item"))]
    assert bottlenecks(loads) == [
        ("supplier S1", "2021-01-04", "4", "4", "12.25"),
        ("resource RES_1", "2021-01-04", "45", "40", "0.5"),
    ]


def test_comparison_shows_what_moves() -> None:
    worse = hand_plan().promises
    worse.loc[0, "promise_date"] = pd.Timestamp("2021-01-08")
    base, other = hand_plan("base"), hand_plan("what-if", worse)
    page = Tags(render_comparison(compare(base, other), base, other))
    lines = [row for row in page.rows if len(row) == 12]
    assert len(lines) == 5
    assert lines[1][0] == "0012/1"
    assert lines[1][5:8] == ["2021-01-05", "2021-01-08", "3"]
    assert lines[1][10] == "worse"
    assert ["+3", "1"] in page.rows
    assert ["ACME", "2", "0", "1", "0", "6,000", "455", "0"] in page.rows


def test_causes_of_a_comparison_find_their_lines() -> None:
    better = hand_plan().promises
    better.loc[1, "promise_date"] = pd.Timestamp("2021-01-10")
    base, other = hand_plan("base"), hand_plan("other", better)
    text = render_comparison(compare(base, other), base, other)
    cells = dict(zip((field["key"] for field in unpacked(text)["fields"]), unpacked(text)["columns"], strict=True))
    (find,) = re.findall(r'data-find="&#34;([^"]*)&#34;"', text)
    assert find == "resource RES_1"
    assert cells["cause"]["texts"][0] == find
