from __future__ import annotations

from cli.conftest import firmdate

__all__ = ["firmdate"]
