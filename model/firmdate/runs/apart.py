"""Work done in processes of its own: one that is killed loses its own work only."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path

from firmdate.errors import FirmdateError

Work = Callable[[Path, Path], Path]
"""What is done with one pair of paths; a function of a module, since another process imports it."""


@dataclass(frozen=True)
class Done:
    """The end of one piece of work: a path, or why there is none.

    Args:
        path: What the work returned; None if it failed.
        error: Why it failed; blank if it did not.
        seconds: Wall-clock time that it took.
    """

    path: Path | None
    error: str
    seconds: float


@dataclass(frozen=True)
class _Running:
    at: int
    process: BaseProcess
    began: float


def run_apart(
    work: Work, arguments: Sequence[tuple[Path, Path]], *, workers: int, preload: Sequence[str] = ()
) -> Iterator[tuple[int, Done]]:
    """Do every piece of work in a fresh process, and yield its position and its end as soon as it is done.

    On Linux the processes are forked from a server that has imported ``preload`` and done nothing else, so a fresh
    process costs milliseconds instead of the seconds of the imports. When the iteration is left, whatever still runs
    is ended.

    Args:
        work: What to do.
        arguments: One pair of paths per piece of work; relative ones count from the current directory.
        workers: How many run at a time.
        preload: Modules that the work needs.
    """
    # Elsewhere a fork that does not exec is not safe with the numeric libraries of the system.
    context = _fork_server(preload) if sys.platform == "linux" else SpawnContext()
    waiting = list(enumerate(arguments))[::-1]
    running: dict[Connection, _Running] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                at, pair = waiting.pop()
                receiver, sender = context.Pipe(duplex=False)
                process = context.Process(target=_child, args=(Path.cwd(), work, pair, sender), daemon=False)
                with _interrupts_held_back():
                    process.start()
                    running[receiver] = _Running(at, process, time.perf_counter())
                sender.close()  # the only other end is the child's, so its death is the end of the pipe
            for ready in wait(list(running)):
                assert isinstance(ready, Connection)
                job = running.pop(ready)
                yield job.at, _end_of(job, ready)
    finally:
        for job in running.values():
            job.process.terminate()
            job.process.join()


def _fork_server(preload: Sequence[str]) -> ForkServerContext:
    """A context whose server has imported what the work needs.

    The imports take seconds, and an interrupt in that time finds no work that would have to be ended.
    """
    context = ForkServerContext()
    context.set_forkserver_preload(list(preload))
    with _output_nowhere():
        resource_tracker.ensure_running()  # the server would begin it, and it ends by unmasking the signal
        with _interrupts_held_back():
            forkserver.ensure_running()
    first = context.Process(target=os.getpid)
    first.start()
    first.join()
    return context


@contextmanager
def _output_nowhere() -> Iterator[None]:
    """What begins in the block has no hold on the output, so whoever reads that is not kept waiting by it."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [(number, os.dup(number)) for number in (1, 2) if _is_open(number)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for number, _ in kept:
            os.dup2(nowhere, number)
        yield
    finally:
        for number, copy in kept:
            os.dup2(copy, number)
            os.close(copy)
        os.close(nowhere)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """An interrupt waits until the block ends. What begins in it never hears of one: this process ends it instead."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _child(directory: Path, work: Work, arguments: tuple[Path, Path], sender: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends its children
    os.chdir(directory)
    try:
        sender.send((work(*arguments), ""))
    except FirmdateError as error:
        sender.send((None, str(error)))
    except Exception as error:
        sender.send((None, f"internal error ({type(error).__name__}: {error})"))


def _end_of(job: _Running, receiver: Connection) -> Done:
    path: Path | None = None
    try:
        path, error = receiver.recv()
    except EOFError:
        error = ""
    receiver.close()
    job.process.join()
    code = job.process.exitcode
    if path is None and not error:
        error = f"the process was killed by signal {-code} (out of memory?)" if code and code < 0 else ""
        error = error or f"the process ended with exit code {code} and without a result"
    return Done(path, error, time.perf_counter() - job.began)
