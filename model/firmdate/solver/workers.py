"""Work side by side in threads of this process: HiGHS works without the interpreter's lock, and nothing is copied."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

_POLL_SECONDS = 0.2


def available_workers() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def side_by_side(work: Callable[[Task], Result], tasks: Sequence[Task], workers: int) -> Iterator[tuple[int, Result]]:
    """Results of all tasks with their positions, as they come.

    The caller's thread only waits, so that an interrupt is answered at once; the threads are daemons, so that an
    unfinished task does not hold up the end of the process. The first error of a task is raised, and no further
    task is begun.

    Args:
        work: Done for every task.
        tasks: What to do, begun in this order.
        workers: How many tasks are worked on at a time.
    """
    waiting = iter(enumerate(tasks))
    lock, stopped = threading.Lock(), threading.Event()
    done: queue.SimpleQueue[tuple[int, Result | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        while not stopped.is_set():
            with lock:
                position, task = next(waiting, (-1, None))
            if position < 0 or task is None:
                return
            try:
                done.put((position, work(task), None))
            except BaseException as error:  # raised again by the caller's thread
                done.put((position, None, error))
                return

    for _ in range(min(workers, len(tasks))):
        threading.Thread(target=run, daemon=True).start()
    try:
        for _ in range(len(tasks)):
            yield _next_result(done)
    finally:
        stopped.set()


def _next_result(done: queue.SimpleQueue[tuple[int, Result | None, BaseException | None]]) -> tuple[int, Result]:
    while True:
        try:
            position, result, error = done.get(timeout=_POLL_SECONDS)
        except queue.Empty:  # only there so that an interrupt is seen on every platform
            continue
        if error is not None:
            raise error
        return position, result  # type: ignore[return-value]
