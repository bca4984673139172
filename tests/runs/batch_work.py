"""Takes the place of a solve in a batch: the answer is a run that lies ready, or one of the ways to fail."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

from firmdate.errors import InfeasibleError


def work(path: Path, runs_dir: Path) -> Path:
    """Copy the run ``solved`` beside the scenario, unless the scenario's name says how to fail."""
    match path.stem:
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exits":
            os._exit(7)
        case "leaves":
            sys.exit(0)
        case "infeasible":
            raise InfeasibleError("the rules contradict each other")
        case "defect":
            raise ZeroDivisionError("by accident")
        case "slow":
            (path.parent / "writing").write_text(str(os.getpid()))
            (path.parent / "writing").rename(path.parent / "started")
            time.sleep(600)
    run = runs_dir / path.stem / "20210101T000000000Z-01234567"
    shutil.copytree(path.parent / "solved", run, dirs_exist_ok=True)
    return run
