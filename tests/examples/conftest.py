"""Shipped scenarios, each solved once for all tests."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

import firmdate
from firmdate.plan.result import Plan

ROOT = Path(__file__).resolve().parents[2]


@cache
def _solved(name: str) -> Plan:
    return firmdate.solve(ROOT / "scenarios" / f"{name}.yaml")


@pytest.fixture(scope="session")
def shipped_plan() -> Callable[[str], Plan]:
    """The plan of a shipped scenario, by name."""
    return _solved


@pytest.fixture(scope="session")
def scenarios() -> Path:
    """The folder of the shipped scenarios."""
    return ROOT / "scenarios"
