"""What can hold an order line back: gating factors, numbered."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, unique

import numpy as np
import numpy.typing as npt

from firmdate.network.horizon import NO_DAY, IntArray
from firmdate.network.relations import distinct_rows

TextArray = npt.NDArray[np.object_]


@unique
class FactorKind(IntEnum):
    """The kinds of gating factors; ``ref`` of a factor is the position of what is named here."""

    RECEIPT = 0
    """Scheduled receipt."""
    PLANNED_ORDER = 1
    """Planned order, which is never advanced."""
    CAPACITY = 2
    """Capacity interval."""
    LEAD_TIME = 3
    """Activity."""
    SUPPLY = 4
    """Stocking point: all that it has is given away."""
    NO_SOURCE = 5
    """Stocking point that nothing supplies."""
    COMPETITION = 6
    """Stocking point whose stock went to lines that come first."""
    COST = 7
    """Stocking point whose lines are late because that costs less."""
    LATEST_ACCEPTABLE_DATE = 8
    """Stocking point of lines with a latest acceptable date."""
    EARLIEST_DATE = 9
    """Stocking point of lines that may not be delivered before a date."""
    PAST_REQUEST = 10
    """Stocking point of lines that were requested before the planning date."""
    CALENDAR = 11
    """Stocking point whose location is closed."""
    HORIZON = 12
    """Stocking point of lines that are requested after the horizon."""
    EFFECTIVITY = 13
    """Activity that is not effective yet: a lane, or a bill of materials."""
    SHIP_SET = 14
    """Stocking point of the line that the ship set waits for."""
    SCHEDULED_DATE = 15
    """Stocking point of lines that may not be pulled in before their scheduled date."""
    KEPT_RESULT = 16
    """Stocking point of lines that keep their result: locked, skipped, or not selected."""
    FILL = 17
    """Stocking point of lines that get no more than they had."""
    LOSE = 18
    """Stocking point of lines whose strategy gives them nothing."""
    CLOSED = 19
    """Activity whose origin, supplier or plant is closed."""
    FENCE = 21
    """Stocking point whose supply is infinite from a day on."""
    DELIVERY = 20
    """Stocking point of lines whose way to the customer takes too long."""
    ALLOCATION = 22
    """Stocking point of lines that may use no more of the supply, though there is some."""
    FAIR_SHARE = 23
    """Stocking point of lines that have their fair share."""
    LOT_SIZE = 24
    """Stocking point for which what is left makes no whole lot."""
    COMMITMENT = 25
    """Stocking point whose supply goes to lines with commitments first."""


@dataclass(frozen=True)
class Factors:
    """Distinct gating factors.

    Args:
        kind: A :class:`FactorKind`.
        ref: Position of what the kind names.
        day: First day that it stands for, :data:`NO_DAY` for none.
        end: Day after the last that it stands for.
    """

    kind: IntArray
    ref: IntArray
    day: IntArray
    end: IntArray

    def __len__(self) -> int:
        return len(self.kind)


@dataclass
class FactorList:
    """Collects factors; the same kind, reference and day is one factor."""

    _number: dict[tuple[int, int, int], int] = field(default_factory=dict)
    _end: list[int] = field(default_factory=list)

    def add(self, kind: FactorKind, ref: int, day: int = NO_DAY, end: int = NO_DAY) -> int:
        """Number of a factor."""
        return self._add((int(kind), ref, day), end)

    def _add(self, key: tuple[int, int, int], end: int) -> int:
        number = self._number.setdefault(key, len(self._end))
        if number == len(self._end):
            self._end.append(end)
        return number

    def add_many(self, kind: IntArray, ref: IntArray, day: IntArray, end: IntArray) -> IntArray:
        """Numbers of many factors."""
        if not len(kind):
            return np.empty(0, dtype=np.int64)
        distinct, at = distinct_rows(np.column_stack([kind, ref, day, end]))
        own = [self._add((kind, ref, day), end) for kind, ref, day, end in distinct.tolist()]
        return np.array(own, dtype=np.int64)[at]

    def finish(self) -> Factors:
        """All factors so far."""
        keys = np.array(list(self._number), dtype=np.int64).reshape(-1, 3)
        return Factors(keys[:, 0], keys[:, 1], keys[:, 2], np.array(self._end, dtype=np.int64))
