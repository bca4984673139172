"""The programs of ``bench/`` and the public data that they read."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared cases and data beside the project, or FIRMDATE_SHARED."""
    folder = Path(os.environ.get("FIRMDATE_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"the shared data are not at {folder}; set FIRMDATE_SHARED to their folder")
    return folder
