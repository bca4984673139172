"""One line explained from the tables of a run alone: as plain data, and as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from firmdate.data.suggest import did_you_mean, got, listed
from firmdate.errors import InputError, Problem
from firmdate.plan.explain.phrases import ROLES, Row, counted, number, records, release_phrase

if TYPE_CHECKING:
    from firmdate.plan.result import Plan


@dataclass(frozen=True)
class LineExplanation:
    """Why a line gets its date.

    Rows have the columns of their table; dates are ``pandas.Timestamp``.

    Attributes:
        promise: The line's row of ``promises``.
        deliveries: Its rows of ``deliveries``: date and quantity.
        explanation: Its row of ``explanations``; None for lines on time.
        chain: The steps from the line upstream to what holds it back, from ``chains``.
        releases: What would help, the best first, from ``releases``, each with its sentence as ``text``.
        cause: The root cause, from ``causes``: how many lines it holds back, and what releasing it would bring.
    """

    promise: Row
    deliveries: tuple[Row, ...]
    explanation: Row | None
    chain: tuple[Row, ...]
    releases: tuple[Row, ...]
    cause: Row | None

    @property
    def name(self) -> str:
        """``order/line``."""
        return f"{self.promise['order']}/{self.promise['line']}"

    @property
    def competing(self) -> tuple[str, ...]:
        """Lines that were served instead, each with the reason."""
        texts = self.explanation["competing"] if self.explanation is not None else ""
        return tuple(texts.split("; ")) if texts else ()

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values: dates as ISO text, missing values as None."""
        return {
            "promise": _plain(self.promise),
            "deliveries": [_plain(row) for row in self.deliveries],
            "explanation": _plain(self.explanation) if self.explanation is not None else None,
            "competing": list(self.competing),
            "chain": [_plain(row) for row in self.chain],
            "releases": [_plain(row) for row in self.releases],
            "cause": _plain(self.cause) if self.cause is not None else None,
        }

    def why(self) -> list[str]:
        """What a planner reads below the promise, line by line; nothing for lines on time."""
        if self.explanation is None:
            return []
        texts = ["why:"]
        texts += [f"  {_step_text(row)}" for row in self.chain]
        soonest = self.explanation["lead_time_date"]
        if pd.notna(soonest):
            texts.append(f"lead times alone allow {soonest:%Y-%m-%d}")
        if self.competing:
            texts += ["served instead:", *(f"  {text}" for text in self.competing)]
        if self.releases:
            texts += ["what would help:", *(f"  {row['text']}" for row in self.releases)]
        if self.cause is not None:
            texts.append(f"root cause {self.explanation['tag']}: {_extent(self.cause)}")
        return texts

    def __str__(self) -> str:
        """The explanation as text."""
        return "\n".join([f"{self.name}: {self.promise['status']}", *self.why()])


def explain_lines_of(plan: Plan, order: str, line: str | None = None) -> list[LineExplanation]:
    """Explain the lines that a user means.

    Args:
        plan: The plan.
        order: ``ORDER`` or ``ORDER/LINE``; both ids may contain slashes.
        line: Line of the order; None for all, or when ``order`` names it.

    Raises:
        InputError: There is no such line; names what comes near.
    """
    wanted = order.strip() if line is None else f"{order.strip()}/{line.strip()}"
    lines = _lines_of(plan.promises, wanted)
    return [_explained(plan, row) for row in records(lines)]


def summary(plan: Plan, most: int = 10) -> pd.DataFrame:
    """The largest causes: tag, reason, lines, late unit-days, value, and what would help.

    Args:
        plan: The plan.
        most: Causes that are shown.
    """
    held: pd.DataFrame = plan.causes[plan.causes["lines"] > 0]
    shown: pd.DataFrame = held.head(most)[["tag", "reason", "lines", "late_unit_days", "late_value", "text"]]
    return shown


def best_releases(plan: Plan, most: int = 10) -> pd.DataFrame:
    """The rows of ``causes`` whose release would bring most to all lines together, the best first.

    Args:
        plan: The plan.
        most: Releases that are shown.
    """
    helping = plan.causes[plan.causes["text"].fillna("") != ""]
    return helping.sort_values("gain_unit_days", ascending=False, kind="stable").head(most)


def _explained(plan: Plan, promise: Row) -> LineExplanation:
    deliveries = _rows_of(plan.deliveries, promise)[["date", "quantity"]]
    explanations = records(_rows_of(plan.explanations, promise))
    explanation = explanations[0] if explanations else None
    releases = [{**row, "text": release_phrase(row)} for row in records(_rows_of(plan.releases, promise))]
    chain: list[Row] = []
    causes: list[Row] = []
    if explanation is not None:
        chain = records(plan.chains[plan.chains["chain"] == explanation["chain"]])
        causes = records(plan.causes[plan.causes["cause"] == explanation["cause"]])
    return LineExplanation(
        promise=promise,
        deliveries=tuple(records(deliveries)),
        explanation=explanation,
        chain=tuple(chain),
        releases=tuple(releases),
        cause=causes[0] if causes else None,
    )


def _rows_of(table: pd.DataFrame, promise: Row) -> pd.DataFrame:
    mine = table["order"].astype(object) == promise["order"]
    found: pd.DataFrame = table[mine & (table["line"].astype(object) == promise["line"])]
    return found


def _lines_of(promises: pd.DataFrame, text: str) -> pd.DataFrame:
    """The lines that a user means by ``ORDER`` or ``ORDER/LINE``; both ids may contain slashes."""
    orders, lines = promises["order"].astype(object), promises["line"].astype(object)
    spaced = "/".join(part.strip() for part in text.split("/"))
    for chosen in (orders == text, (orders + "/" + lines) == text, (orders + "/" + lines) == spaced):
        if chosen.any():
            return promises[chosen]
    order, _, _ = text.rpartition("/")
    of_order = lines[orders == order]
    if len(of_order):
        known = [f"{order}/{line}" for line in of_order]
        hint = did_you_mean(text, known) or f"; this order has {listed(known)}"
    else:
        hint = did_you_mean(order or text, orders.unique()) or "; see promises of the run"
    raise InputError(Problem("promises", "order", f"no such order line {got(text)}{hint}"))


def _step_text(row: Row) -> str:
    """A step of the chain; what holds the line back is marked."""
    return f"{ROLES[row['role']]}{row['text']}"


def _extent(cause: Row) -> str:
    """How much a cause holds back."""
    value = f", value {number(cause['late_value'])}" if cause["late_value"] > 0 else ""
    lines = counted(int(cause["lines"]), "line")
    text = f"holds back {lines}, {number(cause['late_unit_days'])} late unit-days{value}"
    return f"{text}; {cause['text']}" if cause["text"] and cause["lines"] > 1 else text


def _plain(row: Row) -> dict[str, Any]:
    return {str(name): _plain_value(value) for name, value in row.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return value.item() if hasattr(value, "item") else value
