"""``python -m firmdate`` is the command line."""

from __future__ import annotations

from firmdate.cli import main

if __name__ == "__main__":
    main()
