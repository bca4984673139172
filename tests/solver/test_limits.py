"""Limits of time and memory, and blocks that HiGHS does not solve: the best that is known, or one clear error."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

import firmdate as fd
from cli.said import Firmdate
from firmdate.errors import LimitError
from firmdate.solver import blocks, highs, tiers
from firmdate.solver.choice import Choice
from firmdate.solver.highs import Answer, Problem, SolverFailureError, SolverOptions, TimeLimitError
from laws.law_settings import law
from solver.many_parts import write_parts

PARTS = 4
LONG = 1e6
"""A time limit that is not hit by itself."""


@pytest.fixture(autouse=True, scope="module")
def _every_part_is_a_block() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(blocks, "SMALL_BLOCK", 0)
        yield


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_parts(tmp_path_factory.mktemp("parts"), PARTS)


@pytest.fixture(scope="module")
def optimal(scenario: Path) -> fd.Plan:
    return fd.solve(scenario, workers=1)


def levels(plan: fd.Plan) -> dict[tuple[str, int], dict[str, float]]:
    record = plan.run["levels"]
    assert isinstance(record, list)
    return {(level["level"], level["member"]): level for level in record}


def stop_after(solves: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the time be up after some solves."""
    done = 0

    def minimize(problem: Problem, options: SolverOptions, title: str) -> Answer:
        nonlocal done
        if np.isfinite(options.deadline):
            done += 1
            if done > solves:
                raise TimeLimitError(title, -np.inf)
        return highs.minimize(problem, options, title)

    monkeypatch.setattr(tiers, "minimize", minimize)


@pytest.mark.parametrize("solves", [0, 2, PARTS, PARTS + 1, 2 * PARTS, 3 * PARTS])
def test_at_the_limit_the_first_tiers_are_proven_and_the_rest_is_bounded(
    scenario: Path, optimal: fd.Plan, monkeypatch: pytest.MonkeyPatch, solves: int
) -> None:
    stop_after(solves, monkeypatch)
    plan = fd.solve(scenario, workers=1, time_limit=LONG)
    assert plan.run["status"] == "limit"
    assert plan.run["certified"] is True
    best = levels(optimal)
    for tier in (1, 2, 3):
        got, wanted = levels(plan)["tier_level", tier], best["tier_level", tier]["optimum"]
        if solves >= tier * PARTS:
            assert got == {"level": "tier_level", "member": tier, "optimum": wanted}
            assert plan.kpis[f"late_unit_days_tier_{tier}"] == optimal.kpis[f"late_unit_days_tier_{tier}"]
        else:
            assert got["bound"] <= wanted < got["value"]
            assert got["gap"] == pytest.approx(1 - got["bound"] / got["value"], abs=1e-6)
    (warning,) = plan.run["warnings"]  # type: ignore[misc]
    assert str(warning).startswith("the time limit was hit: ")
    assert str(warning).count("proven,") + str(warning).count("proven;") == solves // PARTS


def test_a_tier_that_is_solved_in_part_is_bounded_by_what_is_solved(
    scenario: Path, optimal: fd.Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_after(PARTS + 2, monkeypatch)
    second = levels(fd.solve(scenario, workers=1, time_limit=LONG))["tier_level", 2]
    assert 0 < second["bound"] <= levels(optimal)["tier_level", 2]["optimum"]


def test_a_limit_that_is_not_hit_changes_nothing(scenario: Path, optimal: fd.Plan) -> None:
    plan = fd.solve(scenario, workers=1, time_limit=LONG)
    assert plan.run["status"] == "optimal"
    assert plan.run["levels"] == optimal.run["levels"]
    assert plan.promises.equals(optimal.promises)
    assert plan.supply_orders.equals(optimal.supply_orders)


def test_what_was_cut_short_is_not_kept_as_an_answer(
    scenario: Path, tmp_path: Path, optimal: fd.Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        stop_after(PARTS + 1, patched)
        assert fd.solve(scenario, workers=1, cache=tmp_path, time_limit=LONG).run["status"] == "limit"
    plan = fd.solve(scenario, workers=1, cache=tmp_path)
    assert plan.run["levels"] == optimal.run["levels"]
    assert plan.promises.equals(optimal.promises)


def test_a_plan_cut_short_is_written_and_the_exit_code_says_so(
    firmdate: Firmdate, scenario: Path, tmp_path: Path
) -> None:
    said = firmdate("solve", scenario, "--runs", tmp_path, "--time-limit", "0.000001")
    assert said.code == 3
    assert "warning: the time limit was hit: tier 1 at most " in said.err
    run = fd.read_run(Path(said.out.rpartition("run: ")[2].strip()))
    assert run.run["status"] == "limit"
    assert run.kpis["unpromised_lines"] == run.kpis["lines"]


@law(50)
@given(st.integers(0, 2**32 - 1))
def test_any_duals_prove_a_bound_and_the_optimal_ones_the_optimum(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, columns = random.integers(1, 6), random.integers(1, 8)
    matrix = csr_array(random.integers(-2, 4, (rows, columns)).astype(float))
    x = random.integers(0, 4, columns).astype(float)
    slack = random.choice([0.0, 1.0, np.inf], (2, rows))
    problem = Problem(
        cost=random.integers(-2, 5, columns).astype(float),
        lower=np.zeros(columns),
        upper=x + random.integers(0, 3, columns),
        matrix=matrix,
        row_lower=matrix @ x - slack[0],
        row_upper=matrix @ x + slack[1],
        integer=np.zeros(columns, dtype=bool),
    )
    best = highs.minimize(problem, SolverOptions(), "small")
    assert highs._dual_bound(problem, best.dual) == pytest.approx(best.objective, abs=1e-6)
    assert highs._dual_bound(problem, random.normal(size=rows)) <= best.objective + 1e-6


def test_where_simplex_stalls_interior_point_is_tried(
    scenario: Path, optimal: fd.Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(highs, "ITERATIONS_PER_LINE", 0)
    monkeypatch.setattr(highs, "ITERATIONS_AT_LEAST", 1)
    plan = fd.solve(scenario, workers=1)
    assert "block 1 of 4, tier_level 1: HiGHS gave up; once more with solver ipx" in plan.log
    for key, level in levels(optimal).items():
        if key[0] == "tier_level":
            assert levels(plan)[key]["optimum"] == pytest.approx(level["optimum"])


def test_a_block_that_nothing_solves_is_named_with_its_parts(
    firmdate: Firmdate, scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(highs, "ITERATIONS_PER_LINE", 0)
    monkeypatch.setattr(highs, "ITERATIONS_AT_LEAST", 1)
    monkeypatch.setattr(highs, "other", lambda *_, **__: Choice("simplex", "off", -1))
    with pytest.raises(SolverFailureError) as failed:
        fd.solve(scenario, workers=1)
    assert str(failed.value).startswith("block ")
    assert ", tier_level 1: HiGHS ended twice without an answer: Iteration limit reached [block" in str(failed.value)
    assert ", items P0" in str(failed.value)
    said = firmdate("solve", scenario, "--runs", tmp_path / "runs", "--quiet")
    assert (said.code, said.out) == (4, "")
    assert not (tmp_path / "runs" / "parts").exists()


def test_where_memory_runs_out_the_block_is_named_with_its_size(
    firmdate: Firmdate, scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(*_: object) -> Answer:
        raise MemoryError

    monkeypatch.setattr(highs, "_minimize", exhausted)
    with pytest.raises(LimitError, match=r"block . of 4, tier_level 1: memory ran out \([0-9]+ rows, [0-9]+ columns"):
        fd.solve(scenario, workers=1)
    said = firmdate("solve", scenario, "--runs", tmp_path, "--no-cache", "--quiet")
    assert said.code == 3
    assert ", items P0" in said.err
    assert list(tmp_path.iterdir()) == []


def test_memory_that_runs_out_before_the_solver_names_the_block_too(
    scenario: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(blocks.Slicer, "block", exhausted)
    with pytest.raises(LimitError, match=r"^memory ran out in block . of 4: [0-9]+ rows, [0-9]+ columns, items P0"):
        fd.solve(scenario, workers=1)


INTERRUPTED = """
import sys, time
from pathlib import Path
from firmdate.cli import main
from firmdate.solver import tiers

def minimize(*_):
    Path("started").touch()
    time.sleep(600)

tiers.minimize = minimize
main(["solve", sys.argv[1], "--quiet"])
"""


def test_interrupted_solve_leaves_nothing(scenario: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(scenario)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    while not (tmp_path / "started").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert (out, err.strip()) == ("", "interrupted: nothing was written")
    assert process.returncode == 130
    assert [path.name for path in tmp_path.iterdir()] == ["started"]
