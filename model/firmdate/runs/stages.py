"""Seconds and memory of every stage of a run, and who is told about them."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from firmdate.solver.progress import Progress

__all__ = ["Progress", "Stages", "peak_memory"]


@dataclass
class Stages:
    """Measures the stages of a run.

    Args:
        progress: Told when a stage begins.
        seconds: Wall seconds by stage.
        memory: Peak memory of the process at the end of each stage, in megabytes.
        elsewhere_mb: Peak memory of other processes that worked at the same time, without what they share.
    """

    progress: Progress | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    elsewhere_mb: float = 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        if self.progress is not None:
            self.progress(name, 0, 1)
        started = time.perf_counter()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - started, 4)
        self.memory[name] = round(peak_memory(), 1)

    def add(self, others: Iterable[Stages]) -> None:
        """Add the stages of other processes: their seconds, and the highest of their peaks."""
        for other in others:
            for name, seconds in other.seconds.items():
                self.seconds[name] = round(self.seconds.get(name, 0.0) + seconds, 4)
                self.memory[name] = max(self.memory.get(name, 0.0), other.memory[name])

    def peak_mb(self) -> float:
        """Peak memory of all processes together, at most."""
        return round(peak_memory() + self.elsewhere_mb, 1)

    def record(self) -> dict[str, object]:
        """The measurements, for ``run.json``."""
        return {name: {"seconds": self.seconds[name], "peak_mb": self.memory[name]} for name in self.seconds}


def peak_memory() -> float:
    """Peak memory of this process in megabytes; 0 on Windows, whose standard library does not tell."""
    if sys.platform == "win32":
        return 0.0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
