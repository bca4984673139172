"""Work on the workers of a Dask cluster.

A task carries its own input, so an input travels once: from here over the scheduler to the worker that takes the task.
What is needed by many tasks is sent to the workers beforehand. The scheduler keeps tasks until they are done; those of
a worker that dies run again on another one.
"""

from __future__ import annotations

import logging
import pickle
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

from firmdate.errors import FirmdateError, InputError, LimitError, Problem
from firmdate.solver.block import Block, BlockAnswer
from firmdate.solver.cache import signature
from firmdate.solver.highs import SolverOptions
from firmdate.solver.tiers import solve_levels

CONNECT_SECONDS = 10.0
WORKER_SECONDS = 60.0
"""So long is waited for a worker when there is none."""

TASKS_PER_THREAD = 2
"""So many tasks are on their way for every thread of the workers, so that none waits for its next input."""

_POLL_SECONDS = 2.0
_LOGGERS = ("distributed", "distributed.client", "distributed.core", "tornado", "tornado.application")

Result = TypeVar("Result")


class ClusterError(FirmdateError):
    """The cluster was lost in the middle of the work."""


class LostDataError(ClusterError):
    """Data that were sent to the workers are gone with them; they must be sent again."""


@dataclass(frozen=True)
class Solved:
    """What comes back from a worker: the answer of a block, and its log."""

    answer: BlockAnswer
    log: list[str]


class Cluster:
    """A connection to a Dask scheduler; see :func:`connect`.

    Args:
        client: The Dask client.
        address: Address of the scheduler.
    """

    def __init__(self, client: Any, address: str) -> None:
        self._client, self._address = client, address
        self._lock, self._watching = threading.Lock(), threading.Lock()
        self._deaths: list[str] = []
        self._without_workers: float | None = None
        self._watched: set[str] = set()
        self._workers()

    def slots(self) -> int:
        """Tasks that should be on their way at a time."""
        return TASKS_PER_THREAD * self.threads()

    def threads(self) -> int:
        """Threads of all workers, at least 1."""
        return max(1, sum(self._workers().values()))

    def _workers(self) -> dict[str, int]:
        """Threads of every worker. Workers that have come since the last time are watched from now on."""
        threads: dict[str, int] = self._client.nthreads()
        with self._watching:
            for worker in threads.keys() - self._watched:
                self._watched.add(worker)
                # Not the topic of all events: some of them cannot be sent, and end the connection.
                self._client.subscribe_topic(worker, partial(self._note, worker))
        return threads

    def deaths(self) -> list[str]:
        """What was lost since the last time of asking: one line for every worker that died."""
        with self._lock:
            deaths, self._deaths = self._deaths, []
        return deaths

    def solve(self, block: Block, options: SolverOptions) -> BlockAnswer:
        """Solve a block on a worker.

        Args:
            block: The block.
            options: Limits, and where the log goes.

        Raises:
            FirmdateError: What the solver raises; LimitError also where the block kills the workers that try it.
            ClusterError: The scheduler or all workers are gone.
        """
        seconds = options.deadline - time.monotonic()
        payload = pickle.dumps(block, protocol=5)
        solved = self.run(solve_block, (signature(), payload, seconds), block.name)
        options.log += solved.log
        return solved.answer

    def send_to_all(self, value: object) -> object:
        """Send a value to all workers, once, and give what stands for it in the arguments of a task."""
        with self._explained():
            return self._client.scatter(value, broadcast=True, hash=False)

    def run(self, work: Callable[..., Result], arguments: Sequence[object], name: str) -> Result:
        """Run a function of a module on a worker and wait for it.

        Args:
            work: The function.
            arguments: Its arguments.
            name: What it works on, for the log and for errors.

        Raises:
            FirmdateError: What the work raises.
            ClusterError: The scheduler or all workers are gone.
        """
        with self._explained():
            try:
                future = self._client.submit(work, *arguments, key=f"{name}/{uuid4().hex}", pure=False)
                result: Result = self._wait(future)
            except self._killed() as error:
                message = f"{name}: every worker that tried it was killed (out of memory?); give workers more memory"
                raise LimitError(message) from error
            return result

    def _wait(self, future: Any) -> Any:
        while True:
            try:
                return future.result(timeout=_POLL_SECONDS)
            except TimeoutError:
                if not future.done() and self._abandoned():
                    message = f"{self._address}: the cluster has no worker any more; start some, and solve again"
                    raise ClusterError(message) from None

    def _abandoned(self) -> bool:
        """There has been no worker for too long."""
        if self._workers():
            self._without_workers = None
            return False
        since = self._without_workers = self._without_workers or time.monotonic()
        return time.monotonic() - since > WORKER_SECONDS

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Errors of Dask as what they mean."""
        from distributed import CancelledError
        from distributed.comm import CommClosedError

        try:
            yield
        except CancelledError as error:
            if self._client.status == "running":
                raise LostDataError(f"{self._address}: workers died with data that others need") from error
            raise ClusterError(self._gone()) from error
        except (CommClosedError, OSError) as error:
            raise ClusterError(self._gone()) from error
        except ImportError as error:
            message = f"a worker of the cluster cannot import what it needs ({error}); install the same Firmdate there"
            raise InputError(Problem(self._address, "--cluster", message)) from error

    def _gone(self) -> str:
        return f"{self._address}: the scheduler of the cluster is gone; start it again, and solve again"

    def _killed(self) -> type[Exception]:
        from distributed import KilledWorker

        killed: type[Exception] = KilledWorker
        return killed

    def _note(self, worker: str, event: tuple[float, object]) -> None:
        """Remember a worker that died, and what runs again."""
        message = event[1]
        if not isinstance(message, dict) or message.get("action") != "remove-worker" or message.get("expected"):
            return
        tasks = {*message.get("processing-tasks", ()), *message.get("lost-computed-tasks", ())}
        names = sorted({str(task).partition("/")[0] for task in tasks})
        what = ", ".join(names) + (" run again" if len(names) > 1 else " runs again") if names else "nothing was lost"
        with self._lock:
            self._deaths.append(f"worker {worker} died: {what}")


@contextmanager
def connect(address: str) -> Iterator[Cluster]:
    """Connect to the scheduler of a cluster for the time of the work.

    Args:
        address: Such as ``tcp://10.0.0.1:8786``.

    Raises:
        InputError: Dask is not installed, no scheduler answers, or the cluster has no workers.
    """
    try:
        from distributed import Client
    except ImportError:
        message = 'a cluster needs dask.distributed; install it with: pip install "firmdate[cluster]"'
        raise InputError(Problem("", "--cluster", message)) from None
    with _quiet(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sending large graph")
        try:
            client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            message = "no scheduler of a Dask cluster answers here; start one with: dask scheduler"
            raise InputError(Problem(address, "--cluster", message)) from error
        try:
            try:
                client.wait_for_workers(1, timeout=CONNECT_SECONDS)
            except TimeoutError:
                message = f"the cluster has no workers; start some with: dask worker {address}"
                raise InputError(Problem(address, "--cluster", message)) from None
            yield Cluster(client, address)
        finally:
            client.close(timeout=1)


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask logs what goes wrong with tracebacks; here it becomes one line."""
    before = {name: logging.getLogger(name).level for name in _LOGGERS}
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def require_version(wanted: bytes) -> None:
    """Refuse work of another version, on a worker.

    Args:
        wanted: Signature of the sender.

    Raises:
        InputError: This worker has another version of Firmdate or of its libraries.
    """
    if signature() != wanted:
        message = "a worker has another version of Firmdate, HiGHS, numpy or scipy; install the same versions there"
        raise InputError(Problem("", "--cluster", message))


def solve_block(wanted: bytes, payload: bytes, seconds: float) -> Solved:
    """What a worker does: solve one block.

    Args:
        wanted: Signature of the sender; another version could give another answer.
        payload: The pickled block.
        seconds: Time that is left; infinite for no limit.

    Raises:
        InputError: The worker has another version of Firmdate or of its libraries.
    """
    require_version(wanted)
    options = SolverOptions(deadline=time.monotonic() + seconds)
    return Solved(solve_levels(pickle.loads(payload), options), options.log)
