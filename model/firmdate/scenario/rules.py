"""The blocks of a scenario that state rules of the backlog: models, and what their values are read with.

A block is a mapping of the file; a rule is off while its key is left out. A new rule is a class here (or in a module of
its own beside this one), one field of ``Scenario``, and its name in :data:`RULE_KEYS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from firmdate.data.suggest import did_you_mean, got, listed
from firmdate.data.tables import TABLE
from firmdate.data.values import parse_value
from firmdate.scenario.values import (
    Number,
    Text,
    choice_of,
    problem,
    read_days,
    read_flag,
    read_text,
    read_where,
    unique,
)

RULE_KEYS: tuple[str, ...] = (
    "fair_share",
    "priority_rule",
    "commitments",
    "selection",
    "strategies",
    "previous_run",
    "stability",
    "substitution",
)
"""Keys of a scenario that state rules: a block, a list of blocks, or one value; all are off by default."""


class Block(BaseModel):
    """Frozen, without unknown keys; equal when the values are equal, wherever they were written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __eq__(self, other: object) -> bool:
        """Compare the values, not their places."""
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]


def block_of(annotation: object) -> type[Block] | None:
    """The class of blocks that a field holds, also as a list or beside None."""
    if isinstance(annotation, type):
        return annotation if issubclass(annotation, Block) else None
    return next((found for part in get_args(annotation) if (found := block_of(part)) is not None), None)


def read_column(table: str, value: object) -> str:
    """Name of a column of a planning table, ``x_`` columns included."""
    text = read_text(value)
    if not TABLE[table].allows(text):
        names = TABLE[table].names
        hint = did_you_mean(text, names) or f"; columns: {listed(names, most=len(names))}"
        raise problem(f"unknown column of {table} {got(text)}{hint}")
    return text


def _demand_column(value: object) -> str:
    return read_column("demands", value)


def _count(value: object) -> int:
    number = read_days(value)
    if number < 1:
        raise problem(f"must be at least 1 {got(number)}")
    return number


def _positive(value: float) -> float:
    if value <= 0:
        raise problem(f"must be more than 0 {got(value)}")
    return value


def _list_of_one(value: object) -> object:
    """A single block or text where a list of them may stand."""
    return [value] if isinstance(value, (str, Mapping, BaseModel)) else value


Flag = Annotated[bool, BeforeValidator(read_flag)]
Count = Annotated[int, BeforeValidator(_count)]
Positive = Annotated[Number, AfterValidator(_positive)]
DemandColumn = Annotated[str, BeforeValidator(_demand_column)]


def _readable_values(name: str, values: tuple[str, ...]) -> None:
    """Refuse values that a column cannot have."""
    column = TABLE["demands"].column(name)
    for text in values:
        try:
            if text:
                parse_value(column, text)
        except ValueError as error:
            raise problem(f"{name}: {error}") from None


def _readable(where: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    for name, values in where.items():
        _readable_values(name, values)
    if not where:
        raise problem("names no column; write {column: value}, or leave it out")
    return where


Where = Annotated[
    dict[DemandColumn, Annotated[tuple[str, ...], BeforeValidator(read_where)]],
    AfterValidator(_readable),
]
"""Order lines by accepted values of their columns, as in a change."""


class RankedAttribute(Block):
    """One attribute by which order lines are ranked.

    Attributes:
        column: Column of ``demands``; blanks come last.
        sort: Smaller and earlier first, or larger and later first.
        order: Values in their order, best first; other values come after them, then blanks.
    """

    column: DemandColumn = Field(description="Column of demands, x_ columns included; blanks come last")
    sort: Annotated[Literal["ascending", "descending"], choice_of("ascending", "descending")] = Field(
        default="ascending", description="ascending: smaller or earlier first; descending: larger or later first"
    )
    order: Annotated[tuple[Text, ...], AfterValidator(unique)] = Field(
        default=(), description="Values in their order, best first; others come after them"
    )

    @model_validator(mode="after")
    def _one_order(self) -> Self:
        if self.order and "sort" in self.model_fields_set:
            raise problem("has both sort and order; an explicit order needs no sort")
        _readable_values(self.column, self.order)
        return self


def _by_name(value: object) -> object:
    return {"by": value} if isinstance(value, str) else value


class PriorityTiers(Block):
    """How calculated priorities become tiers.

    Attributes:
        by: ``attribute``: one tier per value of the first attribute; ``cut_points``: by the priority;
            ``distinct``: one tier per priority.
        cut_points: Largest priority of each tier but the last.
        limit: Most tiers; the last one takes the rest.
    """

    by: Annotated[Literal["attribute", "cut_points", "distinct"], choice_of("attribute", "cut_points", "distinct")] = (
        Field(
            description="attribute: a tier per value of the first attribute; cut_points; distinct: a tier per priority"
        )
    )
    cut_points: Annotated[tuple[Number, ...], AfterValidator(unique)] = Field(
        default=(), description="Largest priority of each tier but the last, ascending"
    )
    limit: Count | None = Field(default=None, description="Most tiers; the last one takes the rest")

    @model_validator(mode="after")
    def _matching(self) -> Self:
        if (self.by == "cut_points") != bool(self.cut_points):
            raise problem("cut_points go with by: cut_points, such as {by: cut_points, cut_points: [20, 50]}")
        if list(self.cut_points) != sorted(self.cut_points):
            raise problem("cut_points must ascend")
        if self.by == "cut_points" and self.limit is not None:
            raise problem("limit goes with by: attribute or distinct; cut points are a limit themselves")
        return self


class PriorityRule(Block):
    """Priorities 10, 20, 30, … of order lines by ranked attributes; 10 is best.

    Attributes:
        attributes: Attributes, the first decides; ties by the next one, then by order and line.
        tiers: How priorities become tiers; without it the tiers of the data stay.
    """

    attributes: Annotated[tuple[RankedAttribute, ...], BeforeValidator(_list_of_one)] = Field(
        description="Attributes in their rank; ties by the next one, then by order and line"
    )
    tiers: Annotated[PriorityTiers | None, BeforeValidator(_by_name)] = Field(
        default=None, description="How priorities become tiers; without it the tiers of the data stay"
    )

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.attributes:
            raise problem("attributes is an empty list; name at least one column")
        unique(tuple(attribute.column for attribute in self.attributes))
        return self


class Commitments(Block):
    """What ``scheduled_date`` means for lines that do not say it themselves.

    Attributes:
        enforce: Never later than scheduled while a plan can keep it.
        pull_in: May be earlier than scheduled.
    """

    enforce: Flag = Field(default=False, description="Never later than scheduled_date while any plan can keep it")
    pull_in: Flag = Field(default=True, description="May be delivered before scheduled_date")


class Selection(Block):
    """The lines that are planned; all others keep their result.

    Attributes:
        where: Accepted values by column of ``demands``.
    """

    where: Where = Field(description="Order lines that are planned: column of demands and value, or list of values")


Strategy = Literal["win", "gain", "improve", "redistribute", "fill", "lose", "skip"]

STRATEGIES: tuple[Strategy, ...] = ("win", "gain", "improve", "redistribute", "fill", "lose", "skip")
"""Strategies of a segment, the strongest first."""

_OTHERWISE = ("stop", "continue", "gain", "improve", "redistribute", "fill", "lose", "skip")


class Segment(Block):
    """Order lines that follow one strategy.

    Attributes:
        where: Accepted values by column of ``demands``; all lines without it.
        strategy: What may happen to what the lines have.
        otherwise: What a winner does that cannot be on time: the run stops, it takes what it can get, or it follows
            another strategy.
    """

    where: Where | None = Field(default=None, description="Order lines of the segment; all others when left out")
    strategy: Annotated[Strategy, choice_of(*STRATEGIES)] = Field(description="What may happen to what the lines have")
    otherwise: Annotated[
        Literal["stop", "continue", "gain", "improve", "redistribute", "fill", "lose", "skip"], choice_of(*_OTHERWISE)
    ] = Field(
        default="continue",
        description="For win: stop the run, continue with what can be had, or follow another strategy",
    )

    @model_validator(mode="after")
    def _winners_only(self) -> Self:
        if self.strategy != "win" and "otherwise" in self.model_fields_set:
            raise problem(f"otherwise goes with strategy: win (got strategy: {self.strategy})")
        return self


class Stability(Block):
    """How much the promises and the orders of the previous run are preferred.

    Attributes:
        weight: Late days per unit that a moved delivery must save; in money, also what a changed order must save.
        level: Only among plans that are equally good for all tiers.
    """

    weight: Positive | None = Field(
        default=None, description="Late days (money with objective: cost) per unit that a moved delivery must save"
    )
    level: Flag = Field(default=False, description="Move nothing without a gain: a level below all tiers, above cost")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.weight is None) == (not self.level):
            raise problem("give one of weight: NUMBER and level: true")
        return self


Segments = Annotated[tuple[Segment, ...], BeforeValidator(_list_of_one)]
