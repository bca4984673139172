"""Blocks on a Dask cluster: equal answers, and every fault of the cluster ends well or in one line."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import firmdate as fd
from cli.said import Firmdate
from firmdate.data.planning_data import PlanningData
from firmdate.data.read import read_planning_data
from firmdate.errors import InputError, LimitError
from firmdate.network import parts
from firmdate.plan.result import PLAN_TABLES
from firmdate.runs import on_cluster, planning, portions, shards
from firmdate.runs.batch import batch
from firmdate.solver import blocks, cluster
from firmdate.solver.cluster import Cluster, ClusterError, LostDataError
from solver import cluster_work
from solver.many_parts import write_parts

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")

PARTS = 10

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True, scope="module")
def _every_part_is_a_block() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(blocks, "SMALL_BLOCK", 0)
        yield


@pytest.fixture(autouse=True, scope="module")
def _sockets_of_dask_end_here() -> Iterator[None]:
    """Dask leaves sockets to the garbage collector, which would warn in the middle of another test."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_parts(tmp_path_factory.mktemp("parts"), PARTS)


@pytest.fixture(scope="module")
def here(scenario: Path) -> fd.Plan:
    return fd.solve(scenario, workers=1)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster of two worker processes."""
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0", "silence_logs": 60}
    with distributed.LocalCluster(processes=True, **options) as local:
        yield local.scheduler_address


@pytest.fixture
def in_threads() -> Iterator[Any]:
    """A cluster with one worker in this process."""
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": ":0", "silence_logs": 60}
    quick = {"distributed.comm.timeouts.connect": "1s"}  # else a scheduler that is gone is missed for long
    with dask.config.set(quick), distributed.LocalCluster(processes=False, **options) as local:
        yield local


def assert_same(plan: fd.Plan, other: fd.Plan) -> None:
    for name in PLAN_TABLES:
        assert getattr(plan, name).equals(getattr(other, name)), name
    assert dict(plan.kpis) == dict(other.kpis)


def test_a_cluster_gives_the_same_plan(scenario: Path, here: fd.Plan, address: str) -> None:
    plan = fd.solve(scenario, cluster=address)
    assert_same(plan, here)
    assert plan.run["levels"] == here.run["levels"]
    solved = [line.partition(",")[0] for line in plan.log.splitlines()]
    assert solved == [line.partition(",")[0] for line in here.log.splitlines()]


def test_a_worker_that_dies_loses_nothing_and_the_log_says_so(
    scenario: Path, here: fd.Plan, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "solve_block", partial(cluster_work.dying_once, tmp_path / "died"))
    plan = fd.solve(scenario, cluster=address)
    assert (tmp_path / "died").exists()
    assert_same(plan, here)
    (death,) = [line for line in plan.log.splitlines() if line.startswith("worker ")]
    assert " died: block " in death
    assert death.endswith(("run again", "runs again"))


@pytest.fixture
def in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every part of the data is large enough for a worker of its own."""
    monkeypatch.setattr(parts, "PART_LINES", 1)
    monkeypatch.setattr(planning, "SHARD_LINES", 3)
    monkeypatch.setattr(shards, "PROCESS_LINES", 1)


@pytest.mark.usefixtures("in_portions")
def test_large_data_are_planned_in_portions(scenario: Path, here: fd.Plan, address: str, tmp_path: Path) -> None:
    plan = fd.solve(scenario, cluster=address, cache=tmp_path)
    assert_same(plan, here)
    assert "portions" in plan.run["stages"]
    again = fd.solve(scenario, cache=tmp_path, workers=1)
    assert again.run["sizes"]["blocks_solved_before"] == PARTS


@pytest.mark.usefixtures("in_portions")
def test_portions_of_a_worker_that_dies_run_again(
    scenario: Path, here: fd.Plan, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "plan_elsewhere", partial(cluster_work.dying_once_with_a_portion, tmp_path / "died"))
    plan = fd.solve(scenario, cluster=address)
    assert (tmp_path / "died").exists()
    assert_same(plan, here)
    (death,) = [line for line in plan.log.splitlines() if line.startswith("worker ")]
    assert " died: portion " in death


def test_what_is_known_does_not_travel(scenario: Path, here: fd.Plan, address: str, tmp_path: Path) -> None:
    fd.solve(scenario, cache=tmp_path, workers=1)
    plan = fd.solve(scenario, cache=tmp_path, cluster=address)
    assert_same(plan, here)
    assert plan.log.count("as solved before") == PARTS


def test_a_worker_of_another_version_is_refused(scenario: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "signature", lambda: b"another")
    with pytest.raises(InputError, match="a worker has another version of Firmdate"):
        fd.solve(scenario, cluster=address)


def test_time_that_is_up_is_up_on_a_cluster_too(scenario: Path, address: str) -> None:
    plan = fd.solve(scenario, cluster=address, time_limit=1e-6)
    assert plan.run["status"] == "limit"


def test_a_scheduler_that_is_gone_is_one_clear_line(
    firmdate: Firmdate, scenario: Path, in_threads: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_work, "in_this_process", [in_threads])
    monkeypatch.setattr(cluster, "solve_block", cluster_work.closing_the_scheduler)
    address = in_threads.scheduler_address
    said = firmdate("solve", scenario, "--cluster", address, "--runs", tmp_path, "--quiet", "--no-cache")
    wanted = f"error: {address}: the scheduler of the cluster is gone; start it again, and solve again\n"
    assert (said.code, said.out, said.err) == (4, "", wanted)
    assert list(tmp_path.iterdir()) == []


def test_no_scheduler_is_one_clear_line(
    firmdate: Firmdate, scenario: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    said = firmdate("solve", scenario, "--cluster", "tcp://127.0.0.1:9", "--runs", tmp_path, "--quiet")
    wanted = (
        "error: tcp://127.0.0.1:9: --cluster: no scheduler of a Dask cluster answers here; "
        "start one with: dask scheduler\n"
    )
    assert (said.code, said.out, said.err) == (1, "", wanted)


def test_a_cluster_without_workers_is_refused(scenario: Path, in_threads: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1.0)
    in_threads.scale(0)
    in_threads.sync(in_threads._correct_state)
    with pytest.raises(InputError, match="the cluster has no workers; start some with: dask worker inproc:"):
        fd.solve(scenario, cluster=in_threads.scheduler_address)


class Dead:
    """A client whose tasks never end well.

    Args:
        error: What the future raises.
    """

    def __init__(self, error: Exception) -> None:
        self._error = error

    def subscribe_topic(self, *_: object) -> None:
        """As Dask's."""

    def submit(self, *_: object, **__: object) -> Dead:
        """As Dask's."""
        return self

    def nthreads(self) -> dict[str, int]:
        """As Dask's."""
        return {}

    def done(self) -> bool:
        """As Dask's."""
        return False

    def result(self, **_: object) -> None:
        """As Dask's."""
        raise self._error


def test_a_block_that_kills_its_workers_is_named() -> None:
    class Killed(distributed.KilledWorker):  # type: ignore[misc]
        def __init__(self) -> None:
            Exception.__init__(self)

        def __str__(self) -> str:
            return "killed"

    with pytest.raises(LimitError, match=r"^block 7 of 9: every worker that tried it was killed"):
        Cluster(Dead(Killed()), "tcp://x").run(len, ("",), "block 7 of 9")


def test_a_cluster_that_has_lost_all_workers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "WORKER_SECONDS", 0.01)
    with pytest.raises(ClusterError, match=r"^tcp://x: the cluster has no worker any more"):
        Cluster(Dead(TimeoutError()), "tcp://x").run(len, ("",), "block 7 of 9")


def test_without_dask_the_extra_is_named(scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"install it with: pip install \"firmdate\[cluster\]\""):
        fd.solve(scenario, cluster="tcp://127.0.0.1:9")


def test_dask_is_not_imported_unless_it_is_used(scenario: Path) -> None:
    code = "import sys, firmdate; firmdate.solve(sys.argv[1]); print({'dask', 'distributed'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code, str(scenario)], capture_output=True, text=True, check=True)
    assert said.stdout == "set()\n"


def what_ifs(scenario: Path) -> list[Path]:
    """Two scenarios on the same data, one of which cannot be solved."""
    changes = {
        "more": "{table: demands, where: {order: O031}, set: {quantity: 20}}",
        "wrong": "{table: demands, where: {order: NONE}, set: {quantity: 1}}",
    }
    paths = [scenario.with_name(f"{name}.yaml") for name in changes]
    for path, change in zip(paths, changes.values(), strict=True):
        path.write_text(f"extends: parts.yaml\nchanges:\n  - {change}\n")
    return paths


def test_a_batch_on_a_cluster_writes_the_runs_of_a_batch_here(
    firmdate: Firmdate, scenario: Path, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = what_ifs(scenario)
    read: list[str] = []

    def reading(source: str) -> PlanningData:
        read.append(source)
        return read_planning_data(source)

    monkeypatch.setattr(on_cluster, "read_planning_data", reading)
    monkeypatch.setattr(blocks, "SMALL_BLOCK", 4000)  # as in the workers
    there = firmdate("batch", *paths, "--cluster", address, "--runs", "there")
    here = firmdate("batch", *paths, "--runs", "here")
    assert there.code == here.code == 5
    assert len(read) == 1
    errors = [[line for line in said.err.splitlines() if line.startswith("error")] for said in (there, here)]
    assert errors[0] == errors[1] != []
    runs = [next(path for path in Path(folder, "more").iterdir()) for folder in ("there", "here")]
    for file in [*(f"{table}.csv" for table in PLAN_TABLES), "kpis.json"]:
        assert (runs[0] / file).read_bytes() == (runs[1] / file).read_bytes(), file
    assert (runs[0] / "report.html").exists()


def test_data_that_died_with_their_workers_are_sent_again(
    scenario: Path, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []

    def run(self: Cluster, work: object, arguments: tuple[object, ...], name: str) -> fd.Plan:
        sent.append(arguments[2])
        if len(sent) < on_cluster.ATTEMPTS:
            raise LostDataError("lost")
        return original(self, on_cluster.solve_elsewhere, arguments, name)

    original = Cluster.run
    monkeypatch.setattr(Cluster, "run", run)
    result = batch(what_ifs(scenario)[:1], cluster=address, runs_dir=tmp_path, baselines=tmp_path / "none")
    assert [one.status for one in result.results] == ["ok"]
    assert len({id(one) for one in sent}) == on_cluster.ATTEMPTS
