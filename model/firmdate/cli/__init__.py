"""The command line: ``firmdate COMMAND``. Heavy packages are imported by the command that needs them."""

from __future__ import annotations

from firmdate.cli.app import main, run

__all__ = ["main", "run"]
