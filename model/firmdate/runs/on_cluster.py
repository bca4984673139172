"""Scenarios of a batch on the workers of a Dask cluster. Data that several scenarios share are sent once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from firmdate.data.planning_data import PlanningData
from firmdate.data.read import read_planning_data
from firmdate.errors import FirmdateError
from firmdate.plan.result import Plan
from firmdate.runs.apart import Done
from firmdate.runs.solve import solve_data
from firmdate.scenario.schema import Scenario
from firmdate.solver.cache import signature
from firmdate.solver.cluster import Cluster, ClusterError, LostDataError, require_version
from firmdate.solver.workers import side_by_side

ATTEMPTS = 3
"""Data that died with all the workers that had them are sent again so often."""

Write = Callable[[Plan, Path], Path]
"""Writes the run of a plan into the folder of all runs and returns its folder."""


def run_on_cluster(
    cluster: Cluster, scenarios: Sequence[Scenario], runs_dir: Path, write: Write
) -> Iterator[tuple[int, Done]]:
    """Solve every scenario on a worker, write its run here, and yield its position and its end when it is done.

    Args:
        cluster: The cluster.
        scenarios: The scenarios.
        runs_dir: Folder of all runs.
        write: Writes a run.

    Raises:
        ClusterError: The cluster was lost.
    """
    sources = _Sources(cluster)

    def work(scenario: Scenario) -> Done:
        began = time.perf_counter()
        path, error = None, ""
        try:
            path = write(_solved(cluster, sources, scenario), runs_dir)
        except ClusterError:
            raise
        except FirmdateError as wrong:
            error = str(wrong)
        except Exception as wrong:
            error = f"internal error ({type(wrong).__name__}: {wrong})"
        return Done(path, error, time.perf_counter() - began)

    return side_by_side(work, scenarios, cluster.slots())


def _solved(cluster: Cluster, sources: _Sources, scenario: Scenario) -> Plan:
    for attempt in range(1, ATTEMPTS + 1):
        data = sources.sent(scenario.data)
        try:
            return cluster.run(solve_elsewhere, (signature(), scenario, data), scenario.name)
        except LostDataError:
            sources.forget(scenario.data, data)
            if attempt == ATTEMPTS:
                raise
    raise AssertionError


class _Sources:
    """Planning data by their source, each read once and sent once."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._lock = threading.Lock()
        self._sent: dict[str, object] = {}

    def sent(self, source: str) -> object:
        """What stands for the data of a source on the cluster."""
        with self._lock:
            if source not in self._sent:
                self._sent[source] = self._cluster.send_to_all(read_planning_data(source))
            return self._sent[source]

    def forget(self, source: str, sent: object) -> None:
        """Send the data again next time, unless that was done already."""
        with self._lock:
            if self._sent.get(source) is sent:
                del self._sent[source]


def solve_elsewhere(wanted: bytes, scenario: Scenario, data: PlanningData) -> Plan:
    """What a worker does: solve one scenario.

    Args:
        wanted: Signature of the sender; another version could give another plan.
        scenario: The scenario.
        data: Its planning data as they were read.

    Raises:
        FirmdateError: as :func:`firmdate.runs.solve.solve`, and where the worker has another version.
    """
    require_version(wanted)
    return solve_data(scenario, data, workers=1)
