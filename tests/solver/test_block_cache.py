"""Answers of blocks are found again, bit for bit, and nothing that is wrong with the cache changes a plan."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from scipy.sparse import csr_array

import firmdate as fd
from firmdate.formulation.linear_program import LinearProgram, formulate
from firmdate.network.build import build_network
from firmdate.plan.result import PLAN_TABLES
from firmdate.runs.solve import load_data
from firmdate.scenario.files import load_scenario
from firmdate.solver import blocks, cache
from firmdate.solver.block import Block, BlockAnswer
from firmdate.solver.blocks import Slicer, split
from firmdate.solver.cache import BlockCache, block_key
from firmdate.solver.highs import SolverOptions
from firmdate.solver.run_blocks import Solution, solve_program
from laws.law_settings import law
from laws.problem import PlanningProblem
from laws.random_networks import problems
from solver.many_parts import write_parts

PARTS = 12
CHANGES = {
    "quantity": "{table: demands, where: {order: O031}, set: {quantity: 20}}",
    "line less": "{table: demands, where: {order: O031}, drop: true}",
    "part more": "{table: demands, add: {order: NEW, line: 1, item: A, location: A, quantity: 3,"
    " requested_date: 2026-01-09, tier: 2}}",
    "capacity": "{table: supplier_capacity, where: {supplier: S03}, multiply: {quantity: 2}}",
    "tier": "{table: demands, where: {order: [O030, O031, O032, O033]}, set: {tier: 2}}",
}


@pytest.fixture(autouse=True)
def _every_part_is_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "SMALL_BLOCK", 0)


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    return write_parts(tmp_path, PARTS)


def program_of(scenario: Path) -> LinearProgram:
    loaded = load_scenario(scenario)
    return formulate(build_network(load_data(loaded)[0], loaded))


def cut(program: LinearProgram) -> list[Block]:
    parts = split(program)
    slicer = Slicer(program, parts)
    return [slicer.block(number) for number in range(len(parts))]


def bits(solution: Solution) -> tuple[bytes, ...]:
    return tuple(part.tobytes() for part in (solution.x, solution.values, solution.price, solution.price_level))


def same_plan(one: fd.Plan, other: fd.Plan) -> bool:
    return dict(one.kpis) == dict(other.kpis) and all(
        getattr(one, name).equals(getattr(other, name)) for name in PLAN_TABLES
    )


def counts(plan: fd.Plan) -> tuple[object, object]:
    sizes = plan.run["sizes"]
    assert isinstance(sizes, dict)
    return sizes["blocks"], sizes["blocks_solved_before"]


@law(25)
@given(problems())
def test_kept_answers_are_those_of_a_new_solve_to_the_bit(planned: PlanningProblem) -> None:
    program = formulate(build_network(planned.data(), planned.scenario()))
    known = BlockCache()
    alone = solve_program(program, SolverOptions(), workers=1)
    first = solve_program(program, SolverOptions(), workers=1, cache=known)
    second = solve_program(program, SolverOptions(), workers=1, cache=known)
    assert bits(alone) == bits(first) == bits(second)
    assert second.cached == second.blocks
    assert second.iterations == alone.iterations


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_what_if_solves_only_what_it_changes(scenario: Path, change: str) -> None:
    folder = scenario.parent / "cache"
    assert counts(fd.solve(scenario, cache=folder)) == (PARTS, 0)
    what_if = scenario.with_name("what-if.yaml")
    what_if.write_text(f"extends: parts.yaml\nchanges:\n  - {change}\n")
    plan = fd.solve(what_if, cache=folder)
    sizes = plan.run["sizes"]
    assert isinstance(sizes, dict)
    assert sizes["blocks"] - sizes["blocks_solved_before"] == 1
    again = fd.solve(what_if, cache=folder)
    assert counts(again) == (sizes["blocks"], sizes["blocks"])
    fresh = fd.solve(what_if)
    assert same_plan(plan, fresh)
    assert same_plan(again, fresh)
    assert plan.run["warnings"] == fresh.run["warnings"]


def test_groups_of_parts_stay_what_they_are_when_another_part_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "SMALL_BLOCK", 500)
    scenario = write_parts(tmp_path, 60)
    before = {block_key(block) for block in cut(program_of(scenario))}
    orders = scenario.parent / "data" / "demands.csv"
    more = [f"N{n},1,P30,A,2,2026-01-{10 + n},2" for n in range(15)]
    orders.write_text(orders.read_text() + "\n".join(more) + "\n")
    after = {block_key(block) for block in cut(program_of(scenario))}
    assert 10 < len(before) < 60
    assert 0 < len(after - before) <= 4


def edited(values: np.ndarray) -> np.ndarray:
    changed = values.copy()
    changed[-1] = ~changed[-1] if changed.dtype == bool else np.where(np.isfinite(changed[-1]), changed[-1] + 1, 1)
    return changed


CHANGED: dict[str, Callable[[Block], Block]] = {
    name: lambda block, name=name: replace(
        block, problem=replace(block.problem, **{name: edited(getattr(block.problem, name))})
    )
    for name in ("lower", "upper", "row_lower", "row_upper", "integer")
}
CHANGED |= {
    name: lambda block, name=name: replace(block, **{name: edited(getattr(block, name))}) for name in ("whole", "tier")
}


def with_matrix(block: Block, matrix: csr_array) -> Block:
    return replace(block, problem=replace(block.problem, matrix=matrix))


CHANGED |= {
    "matrix": lambda block: with_matrix(block, block.problem.matrix * 2),
    "entries": lambda block: with_matrix(block, csr_array(block.problem.matrix[:, ::-1])),
    "costs": lambda block: replace(block, costs=block.costs * 2),
    "level of a cost": lambda block: replace(block, costs=csr_array(block.costs[::-1])),
    "levels": lambda block: replace(block, levels=block.levels[::-1]),
    "family": lambda block: replace(block, family=np.zeros_like(block.family)),
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_everything_that_decides_an_answer_is_in_its_key(scenario: Path, change: Callable[[Block], Block]) -> None:
    block = cut(program_of(scenario))[0]
    assert block_key(change(block)) != block_key(block)


def test_names_and_numbers_of_the_whole_are_not_in_a_key(scenario: Path) -> None:
    block = cut(program_of(scenario))[0]
    assert block_key(replace(block, name="another", family=block.family + 1000)) == block_key(block)


def answer(seed: int = 0) -> BlockAnswer:
    random = np.random.default_rng(seed)
    x = np.where(random.random(1000) < 0.2, random.random(1000), 0.0)
    x[:3] = (-0.0, 5e-324, np.inf)
    values = random.random(4)
    return BlockAnswer(x, values, random.random(50) - 0.5, random.integers(-1, 4, 50), 77, values, 4)


def key(number: int) -> bytes:
    """A key; many end with zeros, which some types of numpy would cut off."""
    return number.to_bytes(2, "little") + bytes(14)


def kept(folder: Path, *numbers: int) -> Path:
    """A pack with some answers."""
    store = BlockCache(folder)
    before = set(folder.glob("*.blocks"))
    for number in numbers:
        store.put(key(number), answer(number))
    store.save()
    assert store.warnings == []
    (pack,) = set(folder.glob("*.blocks")) - before
    return pack


def test_an_answer_comes_back_to_the_bit(tmp_path: Path) -> None:
    kept(tmp_path, 0, 1, 256)
    store = BlockCache(tmp_path)
    for number in (0, 1, 256):
        got, wanted = store.get(key(number)), answer(number)
        assert got is not None
        assert (got.iterations, got.proven) == (wanted.iterations, wanted.proven)
        for name in ("x", "values", "price", "price_level", "bounds"):
            assert getattr(got, name).tobytes() == getattr(wanted, name).tobytes()
            assert getattr(got, name).dtype == getattr(wanted, name).dtype
            assert getattr(got, name).flags.writeable
    assert store.get(key(2)) is None


def cut_short(pack: Path) -> None:
    pack.write_bytes(pack.read_bytes()[:-9])


def cut_in_the_index(pack: Path) -> None:
    pack.write_bytes(pack.read_bytes()[:60])


def emptied(pack: Path) -> None:
    pack.write_bytes(b"")


def of_another_version(pack: Path) -> None:
    content = bytearray(pack.read_bytes())
    content[20] ^= 255
    pack.write_bytes(content)


def of_another_program(pack: Path) -> None:
    pack.write_text("order,line\n" * 100)


def damaged_index(pack: Path) -> None:
    content = bytearray(pack.read_bytes())
    content[50] ^= 255
    pack.write_bytes(content)


def damaged_answer(pack: Path) -> None:
    content = bytearray(pack.read_bytes())
    content[-9] ^= 1
    pack.write_bytes(content)


FAULTS = (
    (cut_short, "it is truncated"),
    (cut_in_the_index, "it is truncated"),
    (emptied, "it is not a file of kept answers"),
    (of_another_version, "it is from another version"),
    (of_another_program, "it is not a file of kept answers"),
    (damaged_index, "it is truncated"),
    (damaged_answer, "its content is damaged"),
)


@pytest.mark.parametrize(("fault", "why"), FAULTS, ids=[fault.__name__ for fault, _ in FAULTS])
def test_a_spoiled_file_is_said_removed_and_made_again(scenario: Path, fault: Callable[[Path], None], why: str) -> None:
    folder = scenario.parent / "cache"
    wanted = fd.solve(scenario, cache=folder)
    (pack,) = folder.iterdir()
    fault(pack)
    plan = fd.solve(scenario, cache=folder)
    assert same_plan(plan, wanted)
    assert plan.run["warnings"] == [
        f"{pack}: kept answers are not used and removed ({why}); their blocks are solved again"
    ]
    assert fd.solve(scenario, cache=folder).run["warnings"] == []
    assert counts(fd.solve(scenario, cache=folder)) == (PARTS, PARTS)


def test_a_folder_that_cannot_be_made_is_said(scenario: Path) -> None:
    plan = fd.solve(scenario, cache=scenario / "cache")
    assert plan.run["warnings"] == [
        f"{scenario / 'cache'}: answers could not be kept for the next solve (Not a directory)"
    ]


def test_what_is_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    packs = [kept(tmp_path, number) for number in range(3)]
    for age, pack in zip((30, 20, 10), packs, strict=True):
        os.utime(pack, (time.time() - age, time.time() - age))
    store = BlockCache(tmp_path, most_bytes=int(3.5 * packs[0].stat().st_size))
    assert store.get(key(0)) is not None
    store.put(key(9), answer(9))
    store.save()
    assert not packs[1].exists()
    assert len(list(tmp_path.iterdir())) == 3
    reader = BlockCache(tmp_path)
    assert [reader.get(key(number)) is not None for number in (0, 1, 2, 9)] == [True, False, True, True]


def test_there_are_never_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_PACKS", 3)
    for number in range(6):
        kept(tmp_path, number)
    assert len(list(tmp_path.iterdir())) == 3


def test_what_a_killed_process_left_is_removed_after_a_day(tmp_path: Path) -> None:
    old, young = tmp_path / ".writing-1-1", tmp_path / ".writing-2-2"
    for leftover in (old, young):
        leftover.write_bytes(b"half")
    os.utime(old, (time.time() - 100_000, time.time() - 100_000))
    kept(tmp_path, 1)
    assert young.exists()
    assert not old.exists()


def test_a_file_that_vanishes_is_no_fault(tmp_path: Path) -> None:
    pack = kept(tmp_path, 1)
    store = BlockCache(tmp_path)
    pack.unlink()
    assert store.get(key(1)) is None
    store.save()
    assert store.warnings == []


def churn(folder: Path, seed: int) -> list[str]:
    """Keep and find answers again and again, with little room."""
    wrong = []
    for turn in range(25):
        store = BlockCache(folder, most_bytes=20_000)
        for number in range(8):
            found = store.get(key(number))
            if found is not None and found.x.tobytes() != answer(number).x.tobytes():
                wrong.append(f"answer {number}")
        store.put(key((turn + seed) % 8), answer((turn + seed) % 8))
        store.save()
        wrong += store.warnings
    return wrong


def test_two_processes_share_a_folder(tmp_path: Path) -> None:
    with get_context("spawn").Pool(2) as pool:
        assert pool.starmap(churn, [(tmp_path, 0), (tmp_path, 3)]) == [[], []]
    assert {path.suffix for path in tmp_path.iterdir()} == {".blocks"}
