"""A what-if takes over the parts of an earlier run that it does not change, and writes the same bytes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from firmdate.cli.options import Means
from firmdate.cli.solve import solve_and_write
from firmdate.network import parts
from firmdate.plan.result import Plan
from firmdate.report import basis, basis_taken, lines, page
from firmdate.scenario.files import load_scenario
from firmdate.scenario.schema import Scenario

ITEMS = 12
CHANGES = {
    "a line asks for more": "{table: demands, where: {order: O00, line: 2}, set: {quantity: 30}}",
    "an order more": "{table: demands, add: {order: O03b, line: 1, item: P05, location: L, quantity: 4, "
    "requested_date: 2026-01-12}}",
    "an order less": "{table: demands, where: {order: O03}, drop: true}",
    "a supplier's week": "{table: supplier_capacity, where: {supplier: S07, start: 2026-01-12}, set: {quantity: 0}}",
}


def write_data(folder: Path) -> Path:
    """Items that share nothing, with late orders, stock, negative stock and names that need quotes."""
    data = folder / "data"
    data.mkdir()
    names = [f"P{n:02d}" for n in range(ITEMS)]
    tables = {
        "lanes": ["origin,destination,lead_time_days", "C,L,3"],
        "supplier_items": ["supplier,item,location,lead_time_days,unit_cost"]
        + [f"S{n:02d},{name},C,{2 + n % 5},{n}.25" for n, name in enumerate(names)],
        "supplier_capacity": ["supplier,start,end,quantity"]
        + [
            f"S{n:02d},2026-01-{day:02d},2026-01-{day + 7:02d},{4 + n % 3}" for n in range(ITEMS) for day in (5, 12, 19)
        ],
        "on_hand": ["item,location,bin,quantity"] + [f"{name},C,,{n % 4 - 1}" for n, name in enumerate(names)],
        "demands": ["order,line,item,location,quantity,requested_date,tier,customer"]
        + [
            f'O{(n * 7) % ITEMS:02d},{line},{name},L,{3 + n * line % 6},2026-01-{6 + n * line % 20:02d},{line},"A, {n}"'
            for n, name in enumerate(names)
            for line in (1, 2, 3)
        ],
    }
    for table, rows in tables.items():
        (data / f"{table}.csv").write_text("\n".join(rows) + "\n")
    (folder / "base.yaml").write_text("name: base\ndata: data\nplanning_date: 2026-01-05\nhorizon_days: 40\n")
    return folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(parts, "PART_LINES", 1)
    return write_data(tmp_path)


def what_if(folder: Path, change: str) -> Scenario:
    path = folder / "what-if.yaml"
    path.write_text(f"extends: base.yaml\nname: what-if\nchanges:\n  - {change}\n")
    return load_scenario(path)


def solved(scenario: Scenario, folder: Path, cache: Path | None) -> Path:
    return solve_and_write(scenario, folder / "runs", Means(cache, 1), quiet=True)[1]


def taken_over(run: Path) -> int:
    return int(json.loads((run / "run.json").read_text())["sizes"]["parts_taken_over"])


def same_files(one: Path, other: Path) -> None:
    names = sorted(path.name for path in one.glob("*.csv"))
    assert names == sorted(path.name for path in other.glob("*.csv"))
    for name in [*names, "kpis.json"]:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    records = [json.loads((run / "run.json").read_text()) for run in (one, other)]
    assert records[0]["levels"] == records[1]["levels"]
    assert records[0]["input_hash"] == records[1]["input_hash"]


def same_page(one: Path, other: Path) -> None:
    """Pages that differ in how they were made only."""
    pages = [(run / "report.html").read_text() for run in (one, other)]
    assert all('id="made"' in text for text in pages)
    shown = [re.sub(r'<section[^>]*id="made".*?</section>', "", text, flags=re.DOTALL) for text in pages]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_taken_over_is_what_would_have_been_planned(folder: Path, change: str) -> None:
    cache = folder / "cache"
    base = solved(load_scenario(folder / "base.yaml"), folder, cache)
    assert taken_over(base) == 0
    scenario = what_if(folder, change)
    anew, quick = (solved(scenario, folder, place) for place in (None, cache))
    assert taken_over(quick) >= ITEMS - 3
    same_files(quick, anew)
    same_page(quick, anew)


@pytest.mark.parametrize(
    ("most", "spare", "looked_at_again"), [(12, 1.5, False), (12, 1.0, True), (10_000, 1.2, False)]
)
def test_a_page_looks_at_fresh_lines_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch, most: int, spare: float, looked_at_again: bool
) -> None:
    for module in (basis, basis_taken, lines, page):
        monkeypatch.setattr(module, "MOST_EXPLAINED", most)
    for module in (basis, basis_taken, lines):
        monkeypatch.setattr(module, "MOST_SUPPLY", most)
    monkeypatch.setattr(basis, "SPARE", spare)
    cache = folder / "cache"
    solved(load_scenario(folder / "base.yaml"), folder, cache)
    scenario = what_if(folder, CHANGES["an order less"])
    anew = solved(scenario, folder, None)
    seen: list[int] = []

    def looked_at(plan: Plan, rows: dict[str, basis.IntArray]) -> basis.PageBasis:
        seen.append(len(plan.promises))
        return basis.basis_of_tables(plan, rows)

    monkeypatch.setattr(basis_taken, "basis_of_tables", looked_at)
    quick = solved(scenario, folder, cache)
    assert any(count > 2 * ITEMS for count in seen) == looked_at_again
    same_page(quick, anew)


def test_the_same_again_takes_over_what_was_taken_over(folder: Path) -> None:
    cache = folder / "cache"
    scenario = what_if(folder, CHANGES["an order less"])
    solved(load_scenario(folder / "base.yaml"), folder, cache)
    first, again = (solved(scenario, folder, cache) for _ in range(2))
    assert taken_over(again) == ITEMS - 1
    same_files(again, first)


@pytest.mark.parametrize("damage", ["table", "record", "run"])
def test_what_is_not_as_it_was_is_planned_again(folder: Path, damage: str) -> None:
    cache = folder / "cache"
    base = solved(load_scenario(folder / "base.yaml"), folder, cache)
    if damage == "table":
        path = base / "promises.csv"
        path.write_bytes(path.read_bytes().replace(b"late", b"soon"))
    elif damage == "record":
        path = next(cache.glob("*.run.npz"))
        path.write_bytes(path.read_bytes()[:1000])
    else:
        base.rename(folder / "elsewhere")
    scenario = what_if(folder, CHANGES["a line asks for more"])
    run = solved(scenario, folder, cache)
    assert taken_over(run) == 0
    same_files(run, solved(scenario, folder, None))
    warnings = json.loads((run / "run.json").read_text())["warnings"]
    assert any("is damaged" in text for text in warnings) == (damage == "record")
