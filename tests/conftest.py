"""What all tests share."""

from __future__ import annotations

import os
import sys


def pytest_configure() -> None:
    """Let the commands that tests run keep compiled modules: without them each compiles the whole package anew."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
