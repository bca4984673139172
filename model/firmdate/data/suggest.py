"""Wording that all messages about input share: what was given, and what was probably meant."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

_LONGEST = 60
_MANY = 2000


def got(value: object) -> str:
    """``(got 'value')``, shortened when it is long.

    >>> got("1,5")
    "(got '1,5')"
    """
    text = str(value)
    return f"(got {text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'!r})"


def shown_path(path: Path) -> str:
    """The path as messages name it: from the current directory on, when it is below that."""
    absolute = path.absolute()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(path)


def closest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word that was probably meant, if any is close; case does not count.

    >>> closest("Lane", ["items", "lanes"])
    'lanes'
    """
    folded = word.casefold()
    by_folded: dict[str, str] = {}
    for candidate in known:
        by_folded.setdefault(candidate.casefold(), candidate)
    candidates = list(by_folded)
    if len(candidates) > _MANY:  # comparing takes microseconds each, so look only at those that begin or end alike
        candidates = [*_neighbours(folded, candidates), *(t[::-1] for t in _neighbours(folded[::-1], candidates, -1))]
    matches = get_close_matches(folded, candidates, n=1, cutoff=cutoff)
    return by_folded[matches[0]] if matches else None


def _neighbours(word: str, words: Iterable[str], step: int = 1) -> list[str]:
    """The words before and after a word in alphabetical order; with step -1 all are spelt backwards."""
    ordered = sorted(text[::step] for text in words)
    place = bisect(ordered, word)
    return ordered[max(place - _MANY // 4, 0) : place + _MANY // 4]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?``, or nothing when no known word is close."""
    match = closest(word, known)
    return f"; did you mean {match!r}?" if match is not None else ""


def listed(words: Sequence[str], most: int = 6) -> str:
    """The words separated by commas, the first few when there are many."""
    return ", ".join(words[:most]) + (f", … ({len(words)} in all)" if len(words) > most else "")


def counted(number: int, noun: str) -> str:
    """The number with its noun, in the plural where it needs one.

    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
