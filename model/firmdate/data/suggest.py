"""Wording that all messages about input share: what was given, and what was probably meant."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

_LONGEST = 60
_MANY = 500
"""Comparing takes microseconds a word, so among more words only the neighbours are compared."""
_NEIGHBOURS = 100


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
    vocabulary = _vocabulary(tuple(known))
    matches = get_close_matches(word.casefold(), vocabulary.near(word.casefold()), n=1, cutoff=cutoff)
    return vocabulary.spelling[matches[0]] if matches else None


@dataclass(frozen=True)
class _Vocabulary:
    """Known words in lower case, with their spelling, in alphabetical order from the front and from the back."""

    spelling: dict[str, str]
    forwards: list[str]
    backwards: list[str]

    def near(self, word: str) -> list[str]:
        """The words that are worth comparing: all when they are few, else those that begin or end alike."""
        if len(self.spelling) <= _MANY:
            return list(self.spelling)
        ends = [text[::-1] for text in _neighbours(self.backwards, word[::-1])]
        return list(dict.fromkeys([*_neighbours(self.forwards, word), *ends]))


@lru_cache(maxsize=1)  # many messages in a row suggest from the same words
def _vocabulary(known: tuple[str, ...]) -> _Vocabulary:
    spelling: dict[str, str] = {}
    for word in known:
        spelling.setdefault(word.casefold(), word)
    if len(spelling) <= _MANY:
        return _Vocabulary(spelling, [], [])
    return _Vocabulary(spelling, sorted(spelling), sorted(word[::-1] for word in spelling))


def _neighbours(ordered: list[str], word: str) -> list[str]:
    place = bisect(ordered, word)
    return ordered[max(place - _NEIGHBOURS, 0) : place + _NEIGHBOURS]


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
