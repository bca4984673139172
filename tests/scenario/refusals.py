"""What the tests of the scenario share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firmdate.errors import InputError

HEAD = "data: data\nplanning_date: 2021-01-01\n"


def refused(call: Callable[..., Any], *args: Any) -> list[str]:
    """The problems with which a call refuses its input, as they are printed."""
    with pytest.raises(InputError) as caught:
        call(*args)
    return [str(problem) for problem in caught.value.problems]


def write(folder: Path, name: str, text: str) -> Path:
    """A file with this text."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
