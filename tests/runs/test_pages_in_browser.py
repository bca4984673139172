"""The pages in a real browser: they load alone, and searching, sorting, paging and opening work, also by keyboard."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from firmdate.plan.compare import compare
from firmdate.plan.result import Plan
from firmdate.report.comparison import render_comparison
from firmdate.report.page import render_page
from runs.hand_plan import hand_plan

sync_api = pytest.importorskip("playwright.sync_api", reason="the tests of the pages need playwright")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="the tests of the pages need Chromium or Chrome on the path")

LINES = 130
PHONE, DESKTOP = (390, 844), (1280, 900)


def many_lines() -> Plan:
    """The plan made by hand with 130 lines: LATE-3 is the latest, the others are on time."""
    plan = hand_plan()
    late, on_time = plan.promises.iloc[[1] * 4], plan.promises.iloc[[0] * (LINES - 4)]
    promises = pd.concat([late, on_time], ignore_index=True)
    names = [f"LATE-{at}" for at in range(4)] + [f"SO-{at}" for at in range(4, LINES)]
    promises["order"] = pd.Series(names, dtype="str")
    promises["days_late"] = pd.array([1, 2, 3, 14] + [0] * (LINES - 4), dtype="Int64")
    facts = pd.concat([plan.lines.iloc[[1] * 4], plan.lines.iloc[[0] * (LINES - 4)]], ignore_index=True)
    lines = facts.assign(order=promises["order"], line=promises["line"])
    deliveries = plan.deliveries.iloc[[1, 2]].assign(order="LATE-3", line="2")
    return replace(plan, promises=promises, lines=lines, deliveries=deliveries)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        browser = playwright.chromium.launch(executable_path=BROWSER, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    base = many_lines()
    worse = base.promises.copy()
    worse.loc[5, "promise_date"] += pd.Timedelta(days=3)
    other = replace(base, promises=worse, scenario=hand_plan("what-if").scenario)
    texts = {"run": render_page(base), "comparison": render_comparison(compare(base, other), base, other)}
    folder = tmp_path_factory.mktemp("pages")
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


@pytest.fixture
def opened(browser: Any, pages: dict[str, Path]) -> Iterator[Any]:
    """Opens a page and waits for its script; whatever the browser complains about is a failure."""
    complaints: list[str] = []
    contexts = []

    def open_page(name: str, size: tuple[int, int] = DESKTOP, scheme: str = "light", after: str = "") -> Any:
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        url = pages[name].as_uri()
        page.on("console", lambda message: complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on(
            "request",
            lambda asked: None if asked.url.partition("#")[0] == url else complaints.append(f"asks for {asked.url}"),
        )
        page.goto(url + after)
        page.wait_for_selector("html[data-ready=true]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def wait_until_said(page: Any, beginning: str) -> None:
    sync_api.expect(page.locator("#lines-said")).to_have_text(re.compile(f"^{beginning}\\b"))


def first_cells(page: Any) -> list[str]:
    return [text.strip() for text in page.locator("#lines-table > tbody > tr:not(.detail) > th").all_inner_texts()]


@pytest.mark.parametrize("name", ["run", "comparison"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_page_fits_and_asks_for_nothing(
    opened: Any, tmp_path: Path, name: str, scheme: str, size: tuple[int, int]
) -> None:
    page = opened(name, size, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    shot = tmp_path / f"{name}-{scheme}-{size[0]}.png"
    page.screenshot(path=str(shot), full_page=True)
    assert shot.stat().st_size > 10_000
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (dark == "rgb(255, 255, 255)") == (scheme == "light")


def test_search_finds_words_anywhere_and_phrases_at_the_beginning(opened: Any) -> None:
    page = opened("run")
    said = page.locator("#lines-said")
    page.fill("#lines-search", "late-1 bolt")
    wait_until_said(page, "1 to 1")
    assert first_cells(page) == ["LATE-1/2"]
    page.fill("#lines-search", '"resource RES_1"')
    wait_until_said(page, "1 to 4")
    assert said.inner_text() == "1 to 4 of 4 lines found, of 130"
    page.fill("#lines-search", "no such line")
    wait_until_said(page, "0 lines")
    assert first_cells(page) == []


def test_a_cause_shows_its_lines(opened: Any) -> None:
    page = opened("run")
    page.click("button.find >> text=RES_1")
    assert page.input_value("#lines-search") == '"resource RES_1"'
    assert len(first_cells(page)) == 4
    assert page.evaluate("document.activeElement.id") == "lines-search"


def test_lines_are_chosen_by_status(opened: Any) -> None:
    page = opened("run")
    page.get_by_label("Status").select_option("late")
    assert page.locator("#lines-said").inner_text() == "1 to 4 of 4 lines found, of 130"


def test_sorting_puts_largest_numbers_first_and_turns(opened: Any) -> None:
    page = opened("run")
    head = page.locator("#lines-table thead th", has_text="Days late")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert first_cells(page)[:4] == ["LATE-3/2", "LATE-2/2", "LATE-1/2", "LATE-0/2"]
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    page.locator("#lines-table thead th", has_text="Order line").get_by_role("button").click()
    assert head.get_attribute("aria-sort") is None
    assert first_cells(page)[:6] == ["LATE-0/2", "LATE-1/2", "LATE-2/2", "LATE-3/2", "SO-4/1", "SO-5/1"]
    assert first_cells(page)[10] == "SO-10/1"  # numbers in names count as numbers


def test_pages_turn_from_first_to_last(opened: Any) -> None:
    page = opened("run")
    said = page.locator("#lines-said")
    assert said.inner_text() == "1 to 25 of 130 lines"
    assert page.get_by_role("button", name="Previous page").is_disabled()
    page.get_by_role("button", name="Next page").click()
    assert said.inner_text() == "26 to 50 of 130 lines"
    page.get_by_role("button", name="Last page").click()
    assert said.inner_text() == "126 to 130 of 130 lines"
    assert len(first_cells(page)) == 5
    assert page.get_by_role("button", name="Next page").is_disabled()
    page.get_by_label("Rows").select_option("100")
    assert said.inner_text() == "1 to 100 of 130 lines"


def test_a_line_opens_and_says_why(opened: Any) -> None:
    page = opened("run")
    page.fill("#lines-search", "LATE-3")
    wait_until_said(page, "1 to 1")
    button = page.locator("#lines-table tbody th button")
    button.click()
    assert button.get_attribute("aria-expanded") == "true"
    detail = page.locator(f"#{button.get_attribute('aria-controls')}").inner_text()
    assert "waits for RES_1 until 2021-01-11" in detail
    assert "RES_1 from 2021-01-04: load 45 of 40 hours; one more is worth 0.5" in detail
    assert re.search(r"2021-01-08\s+0\.33\s+2021-01-12\s+39\.67", detail)
    assert re.search(r"2021-01-05\s+60\s+from PLANT\s+2021-01-03", detail)
    button.click()
    assert page.locator("tr.detail").count() == 0


def test_what_is_packed_once_stands_in_every_line(opened: Any) -> None:
    page = opened("run", after="#line=LATE-0/2")
    row = page.locator("#lines-table > tbody > tr").first.inner_text()
    assert re.search(r"2021-01-05\s+2021-01-12", row)
    detail = page.locator("tr.detail").inner_text()
    assert "RES_1 from 2021-01-04: load 45 of 40 hours" in detail
    assert re.search(r"Promised quantity\s+40\b", detail)
    assert "firmdate explain hand-made LATE-0/2" in detail  # the plan made by hand has no chain of this line


def test_a_page_opens_at_a_line(opened: Any) -> None:
    page = opened("run", after="#line=LATE-2/2")
    assert first_cells(page) == ["LATE-2/2"]
    assert "waits for RES_1" in page.locator("tr.detail").inner_text()


def test_everything_is_reached_by_keyboard(opened: Any) -> None:
    page = opened("run")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.focus("#lines-search")
    page.keyboard.type("LATE-0")
    wait_until_said(page, "1 to 1")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('tbody button.open')"):
            break
    page.keyboard.press("Enter")
    assert page.locator("tr.detail").count() == 1
    page.keyboard.press("Space")
    assert page.locator("tr.detail").count() == 0
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_pictures_have_words(opened: Any) -> None:
    for name in ("run", "comparison"):
        page = opened(name)
        assert page.locator("svg:not([role=img][aria-label])").count() == 0
        assert page.locator("svg").count() >= 5
        assert (
            page.locator("input:visible, select:visible").count()
            == page.locator("label :is(input, select):visible").count()
        )
        assert page.locator("table:not(:has(caption)):visible").count() == 0
        assert page.locator("thead th:not([scope])").count() == 0


def test_comparison_opens_with_both_reasons(opened: Any) -> None:
    page = opened("comparison")
    assert first_cells(page)[0] == "SO-5/1"
    page.locator("#lines-tools label", has_text="Change").locator("select").select_option("worse")
    assert page.locator("#lines-said").inner_text() == "1 to 1 of 1 lines found, of 130"
    page.locator("#lines-tools label", has_text="Change").locator("select").select_option("")
    page.fill("#lines-search", "LATE-0")
    wait_until_said(page, "1 to 1")
    page.locator("#lines-table tbody th button").click()
    detail = page.locator("tr.detail").inner_text()
    assert detail.count("waits for RES_1 until 2021-01-11") == 2
