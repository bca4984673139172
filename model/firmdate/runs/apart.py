"""Work done in processes of its own: one that is killed loses its own work only."""

from __future__ import annotations

import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar, cast

from firmdate.errors import FirmdateError

Given = TypeVar("Given")
Found = TypeVar("Found")
Context = ForkContext | ForkServerContext | SpawnContext

Work = Callable[[Path, Path], Path]
"""What is done with one pair of paths; a function of a module, since another process imports it."""

Task = Callable[[Connection, Any], None]
"""What a process does with its argument; what it says goes into the connection."""


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
class Said:
    """Something that a process has said.

    Args:
        at: Position of its argument.
        message: What it said.
    """

    at: int
    message: Any


@dataclass(frozen=True)
class Ended:
    """The end of a process.

    Args:
        at: Position of its argument.
        how: How it ended, in words, for when it ended too early.
        seconds: Wall-clock time that it took.
    """

    at: int
    how: str
    seconds: float


@dataclass(frozen=True)
class _Running:
    at: int
    process: BaseProcess
    began: float

    def ended(self) -> Ended:
        self.process.join()
        code = self.process.exitcode
        how = f"the process ended with exit code {code} and without a result"
        if code and code < 0:
            how = f"the process was killed by signal {-code} (out of memory?)"
        return Ended(self.at, how, time.perf_counter() - self.began)


def run_apart(
    work: Work, arguments: Sequence[tuple[Path, Path]], *, workers: int, preload: Sequence[str] = ()
) -> Iterator[tuple[int, Done]]:
    """Do every piece of work in a fresh process, and yield its position and its end as soon as it is done.

    Args:
        work: What to do.
        arguments: One pair of paths per piece of work; relative ones count from the current directory.
        workers: How many run at a time.
        preload: Modules that the work needs.
    """
    given = ((Path.cwd(), work, pair) for pair in arguments)
    results: dict[int, tuple[Path | None, str]] = {}
    for event in listen(_work, given, workers=workers, preload=preload):
        if isinstance(event, Said):
            results[event.at] = event.message
        else:
            path, error = results.pop(event.at, (None, event.how))
            yield event.at, Done(path, error, event.seconds)


def listen(
    task: Task, arguments: Iterable[object], *, workers: int, preload: Sequence[str] | None = None
) -> Generator[Said | Ended, None, None]:
    """Begin a process for every argument, and yield what they say, and their ends, as it comes.

    On Linux the processes are forked, so that each costs milliseconds instead of the seconds of the imports: from a
    server that has imported ``preload`` and done nothing else, or else from this process, which gives them its memory.
    When the iteration is left, whatever still runs is ended.

    Args:
        task: What a process does. A function of a module.
        arguments: What it gets; the next one is taken when there is a process for it.
        workers: How many run at a time.
        preload: Modules that the task needs, for a fresh process; None for one that knows what this one knows.
    """
    context = _context(preload)
    waiting = enumerate(arguments)
    running: dict[Connection, _Running] = {}
    try:
        while True:
            for at, argument in islice(waiting, workers - len(running)):
                with _interrupts_held_back():
                    receiver, process = _begun(context, task, argument, list(running))
                    running[receiver] = _Running(at, process, time.perf_counter())
            if not running:
                return
            for ready in wait(list(running)):
                assert isinstance(ready, Connection)
                try:
                    yield Said(running[ready].at, ready.recv())
                except EOFError:
                    ready.close()
                    yield running.pop(ready).ended()
    finally:
        for job in running.values():
            job.process.terminate()
            job.process.join()


@contextmanager
def found_beside(find: Callable[[Given], Found], given: Given, *, processes: bool) -> Iterator[Callable[[], Found]]:
    """Find something in a process that knows what this one knows, while the block does something else.

    Args:
        find: What finds it. A function of a module.
        given: What it gets.
        processes: Whether there may be another process.

    Yields:
        What waits for it, and raises what was raised there. Where there is no other process, or it was killed, it is
        found here.
    """
    if not processes:
        yield partial(find, given)
        return
    with _interrupts_held_back():
        receiver, process = _begun(_context(None), _find, (find, given))

    def result() -> Found:
        try:
            found, error = receiver.recv()
        except EOFError:
            return find(given)
        if error is not None:
            raise error
        return cast(Found, found)

    try:
        yield result
    finally:
        process.terminate()
        process.join()
        receiver.close()


def _find(sender: Connection, given: tuple[Callable[[object], object], object]) -> None:
    find, argument = given
    try:
        sender.send((find(argument), None))
    except Exception as error:
        sender.send((None, error))


def _context(preload: Sequence[str] | None) -> Context:
    """How processes begin. Away from Linux, forks are not safe with the numeric libraries of the system."""
    if sys.platform != "linux":
        return SpawnContext()
    return ForkContext() if preload is None else _fork_server(preload)


def _begun(
    context: Context, task: Task, argument: object, others: Sequence[Connection] = ()
) -> tuple[Connection, BaseProcess]:
    """A process that has begun, and what receives what it says.

    Args:
        context: How it begins.
        task: What it does.
        argument: What it gets.
        others: What receives what other processes say.
    """
    receiver, sender = context.Pipe(duplex=False)
    # A fork has what receives, too: while anybody does, nobody learns from a broken pipe that this process is gone.
    inherited = [receiver, *others] if isinstance(context, ForkContext) else []
    process = context.Process(target=_child, args=(task, sender, argument, inherited), daemon=False)
    with warnings.catch_warnings():
        # Python warns of threads whose locks a fork would copy. Ours wait for work; BLAS and Arrow know of forks.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    sender.close()  # the only other end is the child's, so its death is the end of the pipe
    return receiver, process


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
    try:
        _say_nothing()
        yield
    finally:
        for number, copy in kept:
            os.dup2(copy, number)
            os.close(copy)


def _say_nothing() -> None:
    """Output of this process goes nowhere."""
    numbers = [number for number in (1, 2) if _is_open(number)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in numbers:
        os.dup2(nowhere, number)
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


def _child(task: Task, sender: Connection, argument: object, inherited: Sequence[Connection]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends its children
    for connection in inherited:
        connection.close()
    _say_nothing()
    task(sender, argument)


def _work(sender: Connection, given: tuple[Path, Work, tuple[Path, Path]]) -> None:
    directory, work, arguments = given
    os.chdir(directory)
    try:
        sender.send((work(*arguments), ""))
    except FirmdateError as error:
        sender.send((None, str(error)))
    except Exception as error:
        sender.send((None, f"internal error ({type(error).__name__}: {error})"))
