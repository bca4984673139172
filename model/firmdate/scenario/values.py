"""Reading the values of a scenario, each from text (YAML) or typed (Python), with the message when it is wrong."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from firmdate.data.columns import Column
from firmdate.data.suggest import did_you_mean, got, listed
from firmdate.data.tables import TABLE
from firmdate.data.values import cell_text, parse_value

KPI_MEANINGS: Mapping[str, str] = {
    "lines": "Order lines; forecasts are counted apart",
    "on_time_lines": "Order lines that are complete on their requested date",
    "late_lines": "Order lines that are complete inside the horizon, after their requested date",
    "partial_lines": "Order lines of which a part is delivered inside the horizon",
    "unpromised_lines": "Order lines of which nothing is delivered inside the horizon",
    "quantity": "Units ordered",
    "on_time_quantity": "Units delivered on or before the requested date",
    "late_quantity": "Units delivered after the requested date",
    "unfilled_quantity": "Units that are not delivered inside the horizon",
    "late_unit_days": "Units × days late; what is not delivered counts until 30 days after the horizon",
    "forecast_lines": "Forecast lines, where there are some",
    "forecast_late_unit_days": "The late unit-days of forecasts, where there are some",
    "total_cost": "Money for making, buying, moving and holding",
    "make_cost": "Money for new make orders",
    "buy_cost": "Money for new purchases",
    "transfer_cost": "Money for new transfers",
    "holding_cost": "Money for the projected stock over the horizon",
    "substitution_cost": "Money for replacing items by substitutes; only where substitutes may be used",
    "overtime_cost": "Money for overtime and for extra units of suppliers; only where there can be any",
    "overloads": "Intervals in which a resource, supplier or lane is used above its capacity",
    "new_orders": "New make, transfer and buy orders",
    "changed_orders": "Planned orders that are reduced, delayed or cancelled",
    "optimistic": "1 where a firm supply plan needs more than there is, so that its dates are optimistic; else 0",
}
"""Figures of a run and what they mean; ``late_unit_days_tier_<n>`` comes in addition, for every tier."""

RULE_KPI_MEANINGS: Mapping[str, str] = {
    "broken_lots": "New orders that break their lot size, where lot_sizes is relaxed",
    "order_changes": "Ways and start dates whose quantity is not that of the previous run, where stability is stated",
    "commitments": "Order lines and forecasts with a commitment that is enforced",
    "broken_commitments": "Those that are later than committed",
    "changed_lines": "Lines whose promise date is not the one before (in the previous run, or scheduled)",
    "earlier_lines": "Lines that are promised earlier than before, or for the first time",
    "later_lines": "Lines that are promised later than before, or no longer",
}
"""Figures that a run has in addition where their rule is in use."""

KPI_NAMES: tuple[str, ...] = tuple(KPI_MEANINGS)
"""Figures of every run that ``expect`` may state; ``late_unit_days_tier_<n>`` comes in addition, for every tier."""

UNPROMISED = "unpromised"
MAX_HORIZON_DAYS = 36_525
MAX_SHIFT_DAYS = 36_525
NAME_PATTERN = r"\w(?:[\w .,()+@=&#-]*[\w)])?"
TIER_KPI_PATTERN = r"late_unit_days_tier_[0-9]+"

_DATE = Column("date", "date", "")
_NUMBER = Column("number", "number", "")
_FLAG = Column("flag", "flag", "")


def problem(message: str) -> PydanticCustomError:
    """The error of a validator, with exactly this message."""
    return PydanticCustomError("firmdate", "{message}", {"message": message})


def read_text(value: object) -> str:
    """The text of a scalar, without surrounding blanks; a blank is refused."""
    text = read_cell(value)
    if not text:
        raise problem("is blank; give a value, or leave the key out")
    return text


def read_cell(value: object) -> str:
    """The text of a scalar of YAML, Python, numpy or pandas, without surrounding blanks; a blank is the empty text."""
    if isinstance(value, str):
        text = value.strip()
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise problem(f"holds bytes that are no text {got(text.encode('utf-8', 'replace').decode())}")
        return text
    if isinstance(value, (Mapping, list, tuple, set, frozenset)):
        raise problem(f"must be one value (got a {'mapping' if isinstance(value, Mapping) else 'list'})")
    try:
        return "" if value is None else cell_text(value).strip()
    except ValueError as error:
        raise problem(str(error)) from None


def read_source(value: object) -> str:
    """Folder, workbook or URL of the data."""
    text = read_text(value)
    if any(ord(character) < 32 for character in text):
        raise problem(f"holds a control character {got(text)}; name a folder, a workbook or a URL")
    return text


def read_date(value: object) -> dt.date:
    """An ISO date."""
    day: dt.date = _typed(_DATE, value)
    return day


def read_number(value: object) -> float:
    """A finite number."""
    number: float = _typed(_NUMBER, value)
    return number


def read_flag(value: object) -> bool:
    """True or false, yes or no, as in the data."""
    flag: bool = _typed(_FLAG, value)
    return flag


def _typed(column: Column, value: object) -> Any:
    text = read_text(value)
    try:
        return parse_value(column, text)
    except ValueError as error:
        raise problem(str(error)) from None


def read_days(value: object) -> int:
    """A whole number of days, written with digits only."""
    text = read_text(value)
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise problem(f"not a whole number {got(text)}; write it with digits only")
    if len(text) > 10:
        raise problem(f"number too large {got(text)}; check its unit")
    return int(text)


def read_horizon(value: object) -> int:
    """Length of the horizon in days."""
    days = read_days(value)
    if not 1 <= days <= MAX_HORIZON_DAYS:
        raise problem(f"must be from 1 to {MAX_HORIZON_DAYS} days (got {days})")
    return days


def read_fence(value: object) -> int | None:
    """Days from the planning date on; None for ``none``."""
    if value is None or value == "none":
        return None
    days = read_days(value)
    if not 0 <= days <= MAX_HORIZON_DAYS:
        raise problem(f"must be from 0 to {MAX_HORIZON_DAYS} days (got {days})")
    return days


def read_shift(value: object) -> int:
    """Days by which a date is moved; negative moves it forward in time."""
    days = read_days(value)
    if abs(days) > MAX_SHIFT_DAYS or days == 0:
        raise problem(f"must be from -{MAX_SHIFT_DAYS} to {MAX_SHIFT_DAYS} days and not 0 (got {days})")
    return days


def read_name(value: object) -> str:
    """Name of a scenario, which is also the name of the folder of its runs."""
    text = read_text(value)
    if len(text.encode("utf-8", "replace")) > 100:
        raise problem(f"is longer than 100 bytes {got(text)}; the folder of the runs has this name")
    if not re.fullmatch(NAME_PATTERN, text):
        raise problem(
            f"cannot be the name of a folder {got(text)}; begin and end with a letter or digit, and use letters, "
            "digits, blanks and _ - . , ( ) + @ = & # between them"
        )
    return text


def read_choice(value: object, choices: tuple[str, ...]) -> str:
    """One of the choices."""
    text = read_text(value)
    if text not in choices:
        hint = did_you_mean(text, choices) or f"; choose one of: {', '.join(choices)}"
        raise problem(f"not an allowed value {got(text)}{hint}")
    return text


def read_table(value: object) -> str:
    """Name of a table of the planning data."""
    text = read_text(value)
    if text not in TABLE:
        raise problem(f"unknown table {got(text)}{did_you_mean(text, TABLE) or '; tables: ' + ', '.join(TABLE)}")
    return text


def read_where(value: object) -> tuple[str, ...]:
    """One value, or a list of values of which one must match; a blank is the empty text."""
    if not isinstance(value, (list, tuple)):
        return (read_cell(value),)
    if not value:
        raise problem("is an empty list, which no row can match; name a value, or leave the column out")
    return unique(tuple(read_cell(item) for item in value))


def read_rows(value: object) -> object:
    """One row, or a list of rows."""
    rows = [value] if isinstance(value, Mapping) else value
    if isinstance(rows, (list, tuple)) and not rows:
        raise problem("is an empty list; give the rows to add")
    return rows


def unique(values: tuple[str, ...]) -> tuple[str, ...]:
    """The values, none of which may stand there twice."""
    if len(set(values)) < len(values):
        raise problem(f"named twice: {listed([value for value, times in Counter(values).items() if times > 1])}")
    return values


def read_kpi(name: str) -> str:
    """Name of a figure."""
    if name not in KPI_NAMES and name not in RULE_KPI_MEANINGS and not re.fullmatch(TIER_KPI_PATTERN, name):
        raise problem(
            f"unknown figure {got(name)}{did_you_mean(name, KPI_NAMES) or '; figures: ' + ', '.join(KPI_NAMES)}"
        )
    return name


def read_order_line(name: str) -> str:
    """``ORDER/LINE``."""
    order, _, line = name.rpartition("/")
    if not order or not line:
        raise problem(f"no order line {got(name)}; write ORDER/LINE")
    return name


def read_promise(value: object) -> dt.date | str:
    """An ISO date, or ``unpromised``."""
    if value == UNPROMISED:
        return UNPROMISED
    try:
        return read_date(value)
    except PydanticCustomError as error:
        raise problem(f"{error.message()}, or {UNPROMISED}") from None


def choice_of(*choices: str) -> BeforeValidator:
    """Validator of a value that is one of the choices."""
    return BeforeValidator(lambda value: read_choice(value, choices))


Text = Annotated[str, BeforeValidator(read_text)]
Cell = Annotated[str, BeforeValidator(read_cell)]
Number = Annotated[float, BeforeValidator(read_number)]
