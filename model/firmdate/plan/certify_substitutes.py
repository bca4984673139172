"""The written substitutions: allowed by the data, for who may get them, and no more than they get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from firmdate.plan.certify_basis import (
    BLANK_DAY,
    Basis,
    Findings,
    FloatArray,
    IntArray,
    date_text,
    find,
    numbers,
    plain,
    shared_keys,
    sums,
    tolerance,
)
from firmdate.plan.certify_demand import Demand, check_delivered
from firmdate.plan.certify_postings import OrderPostings
from firmdate.plan.certify_supply import Supply


class Pair(NamedTuple):
    """A substitute that the data allow."""

    item: str
    substitute: str
    location: str
    ratio: float
    first: int
    last: int


@dataclass(frozen=True)
class Substitutions:
    """The rows of ``substitutions_used``.

    Args:
        frame: The table.
        item: Stocking point whose item is replaced.
        substitute: Stocking point of the substitute.
        day: Day.
        quantity: Units that are replaced.
        taken: Units of the substitute.
    """

    frame: pd.DataFrame
    item: IntArray
    substitute: IntArray
    day: IntArray
    quantity: FloatArray
    taken: FloatArray

    def text(self, row: int) -> str:
        """Who gets it, when, and what."""
        order, line, plan, supply_order, item, substitute = (
            str(self.frame[name].iloc[row]) for name in ("order", "line", "plan", "supply_order", "item", "substitute")
        )
        who = f"{order}/{line}" if order else "/".join(name for name in (plan, supply_order) if name)
        return f"{who} {date_text(self.frame['date'].iloc[row])} {substitute} for {item}"


def read_substitutions(basis: Basis, frame: pd.DataFrame) -> Substitutions:
    """Number the written substitutions."""
    location = basis.locations.codes(frame["location"])
    return Substitutions(
        frame=frame,
        item=basis.point(basis.items.codes(frame["item"]), location),
        substitute=basis.point(basis.items.codes(frame["substitute"]), location),
        day=basis.day(frame["date"]),
        quantity=numbers(frame["quantity"]),
        taken=numbers(frame["substitute_quantity"]),
    )


def check_substitutions(
    found: Findings, basis: Basis, demand: Demand, supply: Supply, postings: OrderPostings, used: Substitutions
) -> None:
    """All rules of substitutions but the stock that they take."""
    found.add(~(used.quantity > 0) | ~np.isfinite(used.quantity), "its quantity is no number of units")
    found.add(~basis.inside(used.day), "lies outside the horizon")
    item = basis.items.codes(used.frame["item"])
    found.add(basis.broken_units(item, used.quantity), "a fraction of an item that moves in whole units")
    pairs = allowed_pairs(basis)
    fits = [_fits(pairs, used, row) for row in range(len(used.frame))]
    found.add(~np.array(fits, dtype=bool), "no row of substitutions allows this, in this ratio, on this date")
    of_line = (used.frame["order"].astype(object) != "").to_numpy(dtype=bool)
    _check_lines(found, basis, demand, used, of_line)
    _check_makes(found, basis, supply, postings, used, of_line)


def _fits(pairs: list[Pair], used: Substitutions, row: int) -> bool:
    item, substitute, location = (str(used.frame[name].iloc[row]) for name in ("item", "substitute", "location"))
    day, quantity, taken = int(used.day[row]), used.quantity[row], used.taken[row]
    return any(
        (pair.item, pair.substitute) == (item, substitute)
        and pair.location in ("", location)
        and pair.first <= day <= pair.last
        and abs(taken - pair.ratio * quantity) <= 2e-6 * max(1.0, taken, quantity)
        for pair in pairs
    )


def _check_lines(found: Findings, basis: Basis, demand: Demand, used: Substitutions, of_line: np.ndarray) -> None:
    """Lines that allow substitutes get no more of them than is delivered to them."""
    lines = demand.lines
    line = find(demand.ids.keys(used.frame), lines.key)
    line = np.where(of_line, line, -1)
    found.add(of_line & (line < 0), "there is no such order line")
    known = line >= 0
    found.add(known & (np.append(lines.point, -1)[line] != used.item), "its order line is for something else")
    stated = lines.frame["substitution"]
    rule = basis.scenario.substitution
    allowed = np.where(stated.isna(), rule is not None and rule.lines, stated.isin([True]))
    found.add(known & ~np.append(allowed, False)[line], "its order line allows no substitute")
    check_delivered(found, demand, line, used.day, used.quantity, "replaced")


def _check_makes(
    found: Findings, basis: Basis, supply: Supply, postings: OrderPostings, used: Substitutions, of_line: np.ndarray
) -> None:
    """Makes get no more substitutes than they need of the component on the date."""
    made = ~of_line
    rule = basis.scenario.substitution
    found.add(made & (rule is None or not rule.components), "the scenario allows no substitutes of components")
    takes = postings.takes.where(~postings.takes.firm)
    names = used.frame.rename(columns={"order": "_", "supply_order": "order"})
    ours, theirs = shared_keys(
        (supply.ids.orders.codes(names["order"]), used.item, used.day),
        (supply.orders.order[takes.row], takes.target, takes.day),
    )
    count = int(max(ours.max(initial=-1), theirs.max(initial=-1))) + 1
    replaced = sums(ours, np.nan_to_num(used.quantity) * made, count)
    needed = sums(theirs, takes.quantity, count)
    found.add(
        made & (replaced > needed + tolerance(needed))[ours],
        "more is replaced than is needed:",
        lambda row: f"{plain(replaced[ours[row]])} of {plain(needed[ours[row]])}",
    )


def allowed_pairs(basis: Basis) -> list[Pair]:
    """Every substitution that the data allow: one way, both ways, or along the rows of a class."""
    table = basis.data["substitutions"]
    first = basis.day(table["effective_from"], -BLANK_DAY).tolist()
    last = basis.day(table["effective_to"]).tolist()
    pairs, linked = [], []
    for row, (begin, end) in enumerate(zip(first, last, strict=True)):
        item, substitute, place = (table[name].iloc[row] for name in ("item", "substitute", "location"))
        where, ratio = "" if pd.isna(place) else str(place), float(table["ratio"].iloc[row])
        way = Pair(str(item), str(substitute), where, ratio, begin, end)
        back = Pair(way.substitute, way.item, where, 1.0 / ratio, begin, end)
        direction = table["direction"].iloc[row]
        pairs += [way] if direction == "one_way" else [way, back]
        linked += [way, back] if direction == "form_fit_function" else []
    return pairs + _chains(linked)


def _chains(linked: list[Pair]) -> list[Pair]:
    """Pairs that several rows of a class link, however they do."""
    found: list[Pair] = []
    ends: set[tuple[str, str, str]] = {(pair.item, pair.substitute, pair.location) for pair in linked}
    frontier = linked
    while frontier:
        grown = []
        for one in frontier:
            for other in linked:
                place = one.location or other.location
                apart = one.location and other.location and one.location != other.location
                ends_here = (one.item, other.substitute, place)
                if other.item != one.substitute or apart or one.item == other.substitute or ends_here in ends:
                    continue
                ratio, begin, end = one.ratio * other.ratio, max(one.first, other.first), min(one.last, other.last)
                grown.append(Pair(one.item, other.substitute, place, ratio, begin, end))
        ends |= {(pair.item, pair.substitute, pair.location) for pair in grown}
        found += grown
        frontier = grown
    return found
