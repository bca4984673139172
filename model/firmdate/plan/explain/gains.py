"""How late lines are, and by how much the release of their gating factor makes them earlier at most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.plan.explain.factors import FactorKind, Factors
from firmdate.plan.explain.lines import Explained
from firmdate.plan.explain.room import Room
from firmdate.plan.promise import Promises, ScheduleLines

_TIMED = (FactorKind.RECEIPT, FactorKind.PLANNED_ORDER, FactorKind.LEAD_TIME)
_WANTED = (FactorKind.CAPACITY, FactorKind.SUPPLY, FactorKind.NO_SOURCE, FactorKind.COMPETITION)


@dataclass(frozen=True)
class LateLines:
    """What is late of every demand line.

    Args:
        unit_days: Late unit-days.
        units: Units that are late or never delivered.
        value: Their sales value: the revenue of the line, else the price of the item.
        days: Days late; until unfilled units stop counting for lines that are not completed.
        last: Day of the promise; that on which unfilled units stop counting for lines that are not completed.
    """

    unit_days: FloatArray
    units: FloatArray
    value: FloatArray
    days: IntArray
    last: IntArray


def late_lines(network: Network, shipped: ScheduleLines, promised: Promises) -> LateLines:
    """How much of each line is late."""
    lines, catalog = network.lines, network.catalog
    late = shipped.day > lines.due_day[shipped.line]
    units = np.bincount(shipped.line[late], weights=shipped.quantity[late], minlength=len(lines)).astype(np.float64)
    units += lines.quantity - promised.quantity
    revenue = lines.frame["revenue"].to_numpy(np.float64) / lines.quantity
    price = catalog.unit_price[catalog.item_of(lines.key)]
    last = np.where(promised.day == NO_DAY, network.horizon.unfilled_day, promised.day)
    days = np.where(lines.planned, np.maximum(last - lines.due_day, 0), 0)
    value = units * np.where(np.isnan(revenue), price, revenue)
    return LateLines(promised.late_unit_days, units, value, days, last)


def is_timed(factors: Factors, factor: IntArray) -> BoolArray:
    """Factors that are released by time: something must come earlier."""
    return np.isin(factors.kind[factor], _TIMED)


def gain_days(explained: Explained, late: LateLines, rows: IntArray) -> IntArray:
    """Days by which lines become earlier at most when their gating factor alone is released; 0 where that is in vain.

    Args:
        explained: Why lines are late.
        late: How late they are.
        rows: Lines with an explanation.
    """
    chain, chains = explained.line_chain[rows], explained.chains
    kind = explained.factors.kind[chains.main[chain]]
    known = chains.gain_days[chain]
    missing = np.isin(kind, _WANTED) & (known <= 0)
    # No capacity makes a line earlier than lead times alone allow.
    slack = np.where(explained.soonest[rows] == NO_DAY, late.days[rows], late.last[rows] - explained.soonest[rows])
    most = np.where(kind == FactorKind.CAPACITY, np.minimum(late.days[rows], slack), late.days[rows])
    gain = np.minimum(np.where(missing, most, known), most)
    alone = np.bincount(chains.also[0], minlength=len(chains))[chain] == 1
    return np.where(np.isin(kind, _TIMED + _WANTED) & alone, np.maximum(gain, 0), 0)


def at_most_worth(factors: Factors, factor: IntArray, amount: FloatArray, saved: FloatArray, room: Room) -> FloatArray:
    """A release of capacity saves at most its amount times its price: the optimum is concave in it."""
    limited = factors.kind[factor] == FactorKind.CAPACITY
    worth = np.append(room.unit_days, 0.0)[np.where(limited, factors.ref[factor], -1)]
    return np.where(worth > 0, np.minimum(saved, worth * amount), saved)
