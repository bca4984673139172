"""The command line: ``firmdate COMMAND``. Heavy packages are imported by the command that needs them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main", "run"]

INTERRUPTED = 130


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code."""
    sys.exit(run(sys.argv[1:] if args is None else args))


def run(args: Sequence[str]) -> int:
    """Run one command and return its exit code; whatever goes wrong is said on standard error.

    Args:
        args: The words after ``firmdate``.
    """
    try:
        from firmdate.cli.app import run as run_command
    except KeyboardInterrupt:  # while it is still being imported
        return INTERRUPTED
    return run_command(args)
