"""The scenario: what a planner may state in its YAML file, with types, defaults and limits.

Values may come as text (from YAML, where every scalar stays the text that was written) or typed (from Python).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)

from firmdate.scenario.fair_share import FairShare
from firmdate.scenario.rules import Block, Commitments, PriorityRule, Segments, Selection, Stability
from firmdate.scenario.substitution import Substitution
from firmdate.scenario.values import (
    Cell,
    Number,
    Text,
    choice_of,
    problem,
    read_date,
    read_fence,
    read_flag,
    read_horizon,
    read_kpi,
    read_name,
    read_order_line,
    read_promise,
    read_rows,
    read_shift,
    read_source,
    read_table,
    read_where,
    unique,
)
from firmdate.scenario.yaml_text import Node

SupplySource = Literal["on_hand", "scheduled_receipts", "planned_orders", "new_orders"]

SUPPLY_SOURCES: tuple[SupplySource, ...] = ("on_hand", "scheduled_receipts", "planned_orders", "new_orders")
"""Every kind of supply that may be promised, in the order in which documentation lists them."""

_LAST_DAY = dt.date(9998, 12, 31)  # leaves room for what is planned beyond the horizon

ACTIONS = ("set", "multiply", "increase", "shift_days")
"""What a change can do to the cells of a row."""


class Edit(NamedTuple):
    """What a change does to one column: text for ``set``, a number, or days for ``shift_days``."""

    action: str
    column: str
    argument: Any


class Change(Block):
    """One change of the planning data: edit rows, drop rows, or add rows.

    Attributes:
        table: Name of the table.
        where: Accepted values by column, as text; a row is hit when every column has one of them. The empty text
            matches a blank. Without it every row is hit.
        set: New value by column, as text; the empty text blanks the cell (or gives it its default).
        multiply: Factor by column of numbers.
        increase: Number to be added, by column of numbers; negative decreases.
        shift_days: Days to be added, by column of dates; negative makes them earlier.
        drop: True to remove the rows.
        add: Rows to be added, each with its values by column, as text.
    """

    table: Annotated[str, BeforeValidator(read_table)] = Field(description="Table that is changed")
    where: dict[str, Annotated[tuple[str, ...], BeforeValidator(read_where)]] = Field(
        default_factory=dict,
        description="Rows that are changed: column and value, or list of values; all rows when left out",
    )
    set: dict[str, Cell] = Field(default_factory=dict, description="New value by column")
    multiply: dict[str, Number] = Field(default_factory=dict, description="Factor by column of numbers")
    increase: dict[str, Number] = Field(
        default_factory=dict, description="Number to be added by column of numbers; negative decreases"
    )
    shift_days: dict[str, Annotated[int, BeforeValidator(read_shift)]] = Field(
        default_factory=dict, description="Days to be added by column of dates; negative makes them earlier"
    )
    drop: Annotated[bool, BeforeValidator(read_flag)] = Field(default=False, description="Remove the rows")
    add: Annotated[tuple[dict[str, Cell], ...], BeforeValidator(read_rows)] = Field(
        default=(), description="Row to be added, or list of rows"
    )

    _shown: str = PrivateAttr(default="")
    _node: Node | None = PrivateAttr(default=None)

    @model_validator(mode="wrap")
    @classmethod
    def _checked_once(cls, value: Any, handler: ModelWrapValidatorHandler[Change]) -> Change:
        if isinstance(value, Change):
            return value
        change = handler(value)
        change._refuse_contradictions()
        return change

    def _refuse_contradictions(self) -> None:
        edits = [name for name in ACTIONS if name in self.model_fields_set]
        if self.add:
            others = [name for name in ("where", *edits, "drop") if name in self.model_fields_set]
            if others:
                raise problem(f"add stands alone with its table (got {', '.join(others)} too); write two changes")
            return
        empty = [name for name in ("where", *edits) if name in self.model_fields_set and not getattr(self, name)]
        if empty:
            raise problem(f"{empty[0]} names no column; leave it out, or write {{column: value}}")
        if self.drop and edits:
            raise problem(f"drop cannot be combined with {' and '.join(edits)}; write two changes")
        if not self.drop and not edits:
            raise problem("changes nothing; give set, multiply, increase, shift_days, drop: true, or add")
        named = [column for name in edits for column in getattr(self, name)]
        for column in named:
            if named.count(column) > 1:
                raise problem(f"{column} is changed twice by the same change; write two changes, in their order")

    @property
    def edits(self) -> list[Edit]:
        """Every edit of a column, in the order of the actions."""
        return [Edit(action, column, value) for action in ACTIONS for column, value in getattr(self, action).items()]

    def remember(self, shown: str, node: Node | None = None) -> None:
        """Keep where the change was written.

        Args:
            shown: Name of the file, or what else it came from.
            node: The change as it stands in the file.
        """
        self._shown, self._node = shown, node

    def place(self, *path: str | int) -> str:
        """``file:line:column`` of a key of the change, or of the change itself."""
        if self._node is None:
            return self._shown
        line, column = self._node.position(path)
        return f"{self._shown}:{line}:{column}"


class Expect(Block):
    """Figures that must come out; ``batch`` fails when one does not.

    Attributes:
        figures: Value by name of the figure, as in ``kpis.json``.
        promises: Promise date, or ``unpromised``, by ``ORDER/LINE``.
    """

    figures: dict[Annotated[str, AfterValidator(read_kpi)], Number] = Field(default_factory=dict)
    promises: dict[
        Annotated[str, AfterValidator(read_order_line)],
        Annotated[dt.date | Literal["unpromised"], BeforeValidator(read_promise)],
    ] = Field(default_factory=dict)


def _nest_figures(value: object) -> object:
    """``{late_lines: 2, promises: {...}}``, as it is written, as the fields of :class:`Expect`."""
    if not isinstance(value, Mapping):
        return Expect() if value is None else value
    figures = {name: figure for name, figure in value.items() if name != "promises"}
    promises = value.get("promises")
    return {"figures": figures, "promises": {} if promises is None else promises}


def _blank_is_empty(value: object) -> object:
    return () if value is None else value


def _named_source(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise problem(f"is an empty list; name at least one of: {', '.join(SUPPLY_SOURCES)}")
    return values


class Scenario(Block):
    """One question to the plan: which data, from which day on, by which rules, and with which changes.

    Dates of the plan are ``planning_date <= d < planning_date + horizon_days``.
    """

    name: Annotated[str, BeforeValidator(read_name)] = Field(
        default="scenario", description="Name of the scenario and of the folder of its runs; the file's name by default"
    )
    description: Cell = Field(default="", description="One line for reports")
    data: Annotated[str, BeforeValidator(read_source)] = Field(
        description="Folder, workbook or SQL URL with the planning data, relative to this file"
    )
    planning_date: Annotated[dt.date, BeforeValidator(read_date)] = Field(
        description="First day on which anything can be planned"
    )
    horizon_days: Annotated[int, BeforeValidator(read_horizon)] = Field(
        default=180, description="Number of days that are planned, from the planning date on"
    )
    supply_sources: Annotated[
        tuple[Annotated[SupplySource, choice_of(*SUPPLY_SOURCES)], ...],
        AfterValidator(unique),
        AfterValidator(_named_source),
    ] = Field(default=SUPPLY_SOURCES, description="Kinds of supply that may be promised")
    supply_plans: Annotated[tuple[Text, ...], AfterValidator(unique)] = Field(
        default=(), description="Plans of planned_orders that are read"
    )
    planned_orders: Annotated[Literal["adjust", "firm", "ignore"], choice_of("adjust", "firm", "ignore")] = Field(
        default="adjust",
        description="firm: as given; adjust: may be reduced or delayed, never advanced; ignore: left out",
    )
    mode: Annotated[Literal["constrained", "unconstrained"], choice_of("constrained", "unconstrained")] = Field(
        default="constrained", description="unconstrained measures capacities and does not enforce them"
    )
    objective: Annotated[Literal["tiers", "cost"], choice_of("tiers", "cost")] = Field(
        default="tiers",
        description="tiers: by priority tier, then cost; cost: one objective in money",
    )
    lot_sizes: Annotated[Literal["exact", "relaxed", "off"], choice_of("exact", "relaxed", "off")] = Field(
        default="exact",
        description="exact: new orders keep minimum, multiple, maximum, packs; relaxed: as far as purchases can be "
        "rounded up, the others are listed in broken_lots; off: ignored",
    )
    split_unfinished: Annotated[bool, BeforeValidator(read_flag)] = Field(
        default=True, description="False: an order line gets nothing unless all of it can come inside the horizon"
    )
    infinite_fence_days: Annotated[int | None, BeforeValidator(read_fence)] = Field(
        default=None, description="Days from the planning date after which supply is taken as infinite, or none"
    )
    resolution: Annotated[Literal["day", "week"], choice_of("day", "week")] = Field(
        default="day", description="Length of a period of the plan; week is coarser and faster"
    )
    priority_rule: PriorityRule | None = Field(
        default=None, description="Priorities of order lines by ranked attributes"
    )
    commitments: Commitments | None = Field(
        default=None, description="What scheduled_date means for lines that do not say it themselves"
    )
    selection: Selection | None = Field(
        default=None, description="The only order lines that are planned; all others keep their result"
    )
    strategies: Segments = Field(
        default=(), description="Segments of order lines with their strategy; the first counts"
    )
    previous_run: Cell = Field(
        default="", description="Folder of a run, or of the runs of a scenario, whose results are kept or preferred"
    )
    stability: Stability | None = Field(
        default=None, description="How much promises and orders of previous_run are preferred"
    )
    substitution: Substitution | None = Field(
        default=None, description="Who may get substitutes where the order lines do not say it"
    )
    fair_share: FairShare | None = Field(
        default=None, description="How lines of one tier share what is too little for all of them"
    )
    changes: Annotated[tuple[Change, ...], BeforeValidator(_blank_is_empty)] = Field(
        default=(), description="The what-if, applied in order; each change must hit at least one row"
    )
    expect: Annotated[Expect, BeforeValidator(_nest_figures)] = Field(
        default=Expect(), description="Figures that must come out"
    )

    _path: str = PrivateAttr(default="")
    _origins: Mapping[str, str] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _horizon_ends(self) -> Self:
        if (_LAST_DAY - self.planning_date).days < self.horizon_days:
            raise problem(f"the horizon ends after {_LAST_DAY} (got {self.planning_date} + {self.horizon_days} days)")
        return self

    @property
    def path(self) -> str:
        """Absolute path of the file that was loaded; blank for a scenario that was made in Python."""
        return self._path

    @property
    def origins(self) -> Mapping[str, str]:
        """Where each value came from: ``default``, ``file:line:column``, ``--set`` or ``argument``.

        Keys are the keys of the file, ``changes[0]`` for each change (``changes`` when there is none) and
        ``expect.late_lines`` or ``expect.promises.ORDER/LINE`` for each expected value (``expect`` when there is none).
        """
        if self._origins:
            return self._origins
        return {key: "argument" if key in self.model_fields_set else "default" for key in type(self).model_fields}

    def remember(self, path: str, origins: Mapping[str, str]) -> None:
        """Keep the file and where each value came from."""
        self._path, self._origins = path, dict(origins)
