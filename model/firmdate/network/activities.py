"""What can be done: activities, and what each unit of them posts.

An activity is started on a day. One unit of it posts quantities to stocking points (plus makes,
minus takes) and uses capacity, each at an offset of days from the start. A planned order is an
activity with an upper bound. A new kind of supply adds rows here and edits nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from firmdate.network.horizon import NO_DAY, FloatArray, IntArray

TextArray = npt.NDArray[np.object_]


class ActivityKind(IntEnum):
    """The kinds of supply."""

    MAKE = 0
    TRANSFER = 1
    BUY = 2
    SOURCE = 3
    """Supply that is assumed and not searched (``search: lead_time`` or ``infinite``, or after an infinite fence)."""
    SUBSTITUTION = 4
    """A substitute takes the place of an item, in the pool of those that allow it."""
    ITSELF = 5
    """The item itself goes into its pool."""
    SHIP_FROM = 6
    """Another location ships to the customer, by way of a pool."""


@dataclass(frozen=True)
class Posts:
    """What one unit of an activity posts to stock, one row per posting.

    Args:
        activity: Position of the activity.
        point: Stocking point.
        quantity: Units per unit of the activity; positive supplies, negative takes.
        offset: Days after the start.
        calendar: Calendar whose next working day it moves to.
        first_start: First start day on which the posting holds (effectivity).
        last_start: Last start day on which the posting holds.
    """

    activity: IntArray
    point: IntArray
    quantity: FloatArray
    offset: IntArray
    calendar: IntArray
    first_start: IntArray
    last_start: IntArray

    def __len__(self) -> int:
        return len(self.activity)


@dataclass(frozen=True)
class Uses:
    """What one unit of an activity uses of a capacity, one row per use.

    Args:
        activity: Position of the activity.
        group: Capacity group.
        quantity: Hours or units per unit of the activity.
        offset: Days after the start.
    """

    activity: IntArray
    group: IntArray
    quantity: FloatArray
    offset: IntArray

    def __len__(self) -> int:
        return len(self.activity)


@dataclass(frozen=True)
class Activities:
    """One row per activity.

    Args:
        kind: An :class:`ActivityKind`.
        point: Stocking point that is supplied.
        origin: Stocking point that ships (transfer), else -1.
        label: Supplier of a buy, alternative of a make, mode of a transfer.
        planned: Position of its planned order, else -1.
        start_calendar: Calendar on whose working days it can start.
        first_day: First day on which it can start.
        last_day: Last day on which it can start.
        unit_cost: Money per unit.
        rank: Lower is preferred; 1 is best.
        posts: Postings to stock.
        uses: Uses of capacity.
    """

    kind: IntArray
    point: IntArray
    origin: IntArray
    label: TextArray
    planned: IntArray
    start_calendar: IntArray
    first_day: IntArray
    last_day: IntArray
    unit_cost: FloatArray
    rank: FloatArray
    posts: Posts
    uses: Uses

    def __len__(self) -> int:
        return len(self.kind)

    @cached_property
    def lead_time(self) -> IntArray:
        """Days from the start to the arrival of what is supplied."""
        return self._of_supply(self.posts.offset)

    @cached_property
    def arrival_calendar(self) -> IntArray:
        """Calendar on whose days what is supplied arrives."""
        return self._of_supply(self.posts.calendar)

    def _of_supply(self, values: IntArray) -> IntArray:
        found = np.zeros(len(self), dtype=np.int64)
        supplies = self.posts.quantity > 0
        found[self.posts.activity[supplies]] = values[supplies]
        return found


def concatenate(parts: Sequence[Activities]) -> Activities:
    """Several lists of activities as one; postings and uses follow their activity."""
    first = np.cumsum([0] + [len(part) for part in parts])
    own = [field.name for field in fields(Activities) if field.name not in ("posts", "uses")]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in own}
    posts = {field.name: np.concatenate([getattr(part.posts, field.name) for part in parts]) for field in fields(Posts)}
    uses = {field.name: np.concatenate([getattr(part.uses, field.name) for part in parts]) for field in fields(Uses)}
    posts["activity"] = np.concatenate([p.posts.activity + at for p, at in zip(parts, first, strict=False)])
    uses["activity"] = np.concatenate([p.uses.activity + at for p, at in zip(parts, first, strict=False)])
    return Activities(**joined, posts=Posts(**posts), uses=Uses(**uses))


def join_posts(*parts: Posts) -> Posts:
    """Postings of the same activities, ordered by activity."""
    order = np.argsort(np.concatenate([part.activity for part in parts]), kind="stable")
    columns = {field.name: np.concatenate([getattr(p, field.name) for p in parts])[order] for field in fields(Posts)}
    return Posts(**columns)


def join_uses(*parts: Uses) -> Uses:
    """Uses of the same activities, ordered by activity."""
    order = np.argsort(np.concatenate([part.activity for part in parts]), kind="stable")
    columns = {field.name: np.concatenate([getattr(p, field.name) for p in parts])[order] for field in fields(Uses)}
    return Uses(**columns)


def supply_posts(activity: IntArray, point: IntArray, lead_time: IntArray, calendar: IntArray) -> Posts:
    """One unit arrives a lead time after the start, on a working day."""
    always = np.full(len(activity), NO_DAY)
    return Posts(activity, point, np.ones(len(activity)), lead_time, calendar, -always, always)


def take_posts(
    activity: IntArray, point: IntArray, quantity: FloatArray, offset: IntArray, calendar: IntArray
) -> Posts:
    """Units are taken some days after the start, on a working day."""
    always = np.full(len(activity), NO_DAY)
    return Posts(activity, point, -quantity, offset, calendar, -always, always)
