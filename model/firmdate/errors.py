"""The errors that Firmdate raises, each with the exit code of the command line.

A user's mistake is always an :class:`InputError`, never a traceback; a solver
status is always turned into a plan or into one of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong with the input, and where.

    Args:
        where: ``file:line`` (or ``file:line:column`` in YAML, ``book.xlsx[sheet]:row``,
            ``url[table]:row``); the file alone when the whole of it is meant.
        column: Name of the table column or scenario key, blank when the row or file is meant.
        message: What is wrong, what was given, what was expected, and what to do.
        warning: True when the plan can still be made.
    """

    where: str
    column: str
    message: str
    warning: bool = False

    def __str__(self) -> str:
        """``file:line: column: message``, as compilers print it."""
        return ": ".join(part for part in (self.where, self.column, self.message) if part)


class FirmdateError(Exception):
    """Base of every error that Firmdate raises on purpose."""

    exit_code = 4


class InputError(FirmdateError):
    """The data or the scenario is wrong; carries every problem that was found."""

    exit_code = 1

    def __init__(self, problems: Iterable[Problem] | Problem) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        """Keep the problems when a worker process sends the error home."""
        return (type(self), (self.problems,))


class InfeasibleError(FirmdateError):
    """The hard rules contradict each other; the message names the rules and lines in conflict."""

    exit_code = 2


class LimitError(FirmdateError):
    """A limit of time or memory was hit before an answer was proven."""

    exit_code = 3


class CertificateError(FirmdateError):
    """The written plan breaks a balance, a capacity or a date; nothing was published."""

    exit_code = 4
