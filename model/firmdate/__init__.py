"""Firmdate: feasible promise dates and deployment quantities by exact optimization.

>>> import firmdate as fd  # doctest: +SKIP
>>> plan = fd.solve("scenarios/tutorial.yaml")  # doctest: +SKIP
>>> plan.promises  # doctest: +SKIP

Every public name is imported when it is first used, so that ``import firmdate`` and ``firmdate --help`` stay fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firmdate.plan.compare import Comparison, compare
    from firmdate.plan.result import Plan
    from firmdate.runs.solve import solve
    from firmdate.runs.store import read_run, write_run
    from firmdate.scenario.files import load_scenario
    from firmdate.scenario.schema import Scenario

__version__ = "0.1.0"

__all__ = [
    "Comparison",
    "Plan",
    "Scenario",
    "__version__",
    "compare",
    "load_scenario",
    "read_run",
    "solve",
    "write_run",
]

_HOME = {
    "Comparison": "firmdate.plan.compare",
    "Plan": "firmdate.plan.result",
    "Scenario": "firmdate.scenario.schema",
    "compare": "firmdate.plan.compare",
    "load_scenario": "firmdate.scenario.files",
    "read_run": "firmdate.runs.store",
    "solve": "firmdate.runs.solve",
    "write_run": "firmdate.runs.store",
}


def __getattr__(name: str) -> object:
    """Import a public name from its home on first use.

    Raises:
        AttributeError: if the package has no such name.
    """
    if name not in _HOME:
        raise AttributeError(f"module 'firmdate' has no attribute {name!r}")
    value: object = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Names for completion in an interactive session."""
    return sorted(__all__)
