"""What tests of commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from firmdate.plan.result import Plan
from firmdate.scenario.schema import Scenario

Solve = Callable[[Scenario], Plan]


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


Firmdate = Callable[..., Said]
