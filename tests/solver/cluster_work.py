"""What workers of a cluster do in tests instead of, or before, solving a block."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from firmdate.runs.portions import plan_elsewhere
from firmdate.solver.cluster import Solved, solve_block

in_this_process: list[Any] = []
"""The cluster whose worker is a thread of this process."""


def dying_once(marker: Path, wanted: bytes, payload: bytes, seconds: float) -> Solved:
    """Kill the worker when this is called for the first time."""
    _die_once(marker)
    return solve_block(wanted, payload, seconds)


def dying_once_with_a_portion(marker: Path, wanted: bytes, payload: bytes) -> object:
    """The same for portions."""
    _die_once(marker)
    return plan_elsewhere(wanted, payload)


def _die_once(marker: Path) -> None:
    try:
        os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def closing_the_scheduler(*_: object) -> Solved:
    """End the scheduler in the middle of the work."""
    (local,) = in_this_process
    local.loop.add_callback(local.scheduler.close)
    time.sleep(0.5)
    raise AssertionError
