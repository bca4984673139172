"""Who is told how far the work is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with the stage, what is done, how much there is, and what is known so far (blank for nothing)."""

    def __call__(self, stage: str, done: int, total: int, note: str = "") -> None:
        """Take note."""
