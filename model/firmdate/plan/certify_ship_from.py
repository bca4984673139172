"""The written shipments of other locations: allowed to the line, in its area, and no more than it gets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.plan.certify_basis import (
    Basis,
    Findings,
    FloatArray,
    IntArray,
    date_text,
    find,
    numbers,
)
from firmdate.plan.certify_demand import Demand, check_delivered


@dataclass(frozen=True)
class OtherShipments:
    """The rows of ``shipped_from``.

    Args:
        frame: The table.
        line: Order line; -1 where it is unknown.
        own: Stocking point of the line.
        other: Stocking point that ships.
        day: Day of shipment.
        quantity: Units.
    """

    frame: pd.DataFrame
    line: IntArray
    own: IntArray
    other: IntArray
    day: IntArray
    quantity: FloatArray

    def text(self, row: int) -> str:
        """Who gets it, when, and from where."""
        order, line, place = (str(self.frame[name].iloc[row]) for name in ("order", "line", "ship_from"))
        return f"{order}/{line} {date_text(self.frame['date'].iloc[row])} from {place}"


def read_other_shipments(basis: Basis, demand: Demand, frame: pd.DataFrame) -> OtherShipments:
    """Number the written shipments."""
    item = basis.items.codes(frame["item"])
    return OtherShipments(
        frame=frame,
        line=find(demand.ids.keys(frame), demand.lines.key),
        own=basis.point(item, basis.locations.codes(frame["location"])),
        other=basis.point(item, basis.locations.codes(frame["ship_from"])),
        day=basis.day(frame["date"]),
        quantity=numbers(frame["quantity"]),
    )


def check_other_shipments(found: Findings, basis: Basis, demand: Demand, sent: OtherShipments) -> None:
    """All rules of shipments of other locations but the stock that they take."""
    lines, known = demand.lines, sent.line >= 0
    found.add(~(sent.quantity > 0) | ~np.isfinite(sent.quantity), "its quantity is no number of units")
    found.add(~basis.inside(sent.day), "lies outside the horizon")
    found.add(basis.broken_units(basis.items.codes(sent.frame["item"]), sent.quantity), "is a fraction of a whole unit")
    found.add(~known, "there is no such order line")
    found.add(known & (np.append(lines.point, -1)[sent.line] != sent.own), "its order line is for something else")
    allowed = np.append((lines.frame["ship_from"] == "any").to_numpy(dtype=bool), False)
    found.add(known & ~allowed[sent.line], "its order line is shipped by its own location only")
    table = basis.data["locations"]
    areas = dict(zip(table["location"].astype(object), table["balancing_area"].astype(object), strict=True))
    apart = [
        pd.isna(areas.get(one)) or areas.get(one) != areas.get(other) or one == other
        for one, other in zip(sent.frame["location"], sent.frame["ship_from"], strict=True)
    ]
    found.add(np.array(apart, dtype=bool), "is no other location of the balancing area")
    check_delivered(found, demand, sent.line, sent.day, sent.quantity, "shipped")
    _check_number(found, demand, sent)
    frame = lines.frame
    ruled = ~frame["partial"].to_numpy(dtype=bool) | (frame["maximum_deliveries"] == 1).to_numpy()
    ruled |= (frame["minimum_shipment"].fillna(0) > 0).to_numpy()
    part = np.abs(sent.quantity - np.append(lines.quantity, 0.0)[sent.line]) > 2e-6 * np.maximum(1.0, sent.quantity)
    found.add(known & np.append(ruled, False)[sent.line] & part, "its order line is not split over locations")


def _check_number(found: Findings, demand: Demand, sent: OtherShipments) -> None:
    """Every date and location that ships is one of the deliveries of which a line may have so many."""
    lines, shipped = demand.lines, demand.shipped
    most = lines.frame["maximum_deliveries"].to_numpy(np.float64)
    away: dict[tuple[int, int], float] = {}
    places: dict[int, set[tuple[int, int]]] = {}
    for line, day, other, units in zip(
        sent.line.tolist(), sent.day.tolist(), sent.other.tolist(), sent.quantity.tolist(), strict=True
    ):
        if line >= 0 and most[line] > 0:
            away[line, day] = away.get((line, day), 0.0) + units
            places.setdefault(line, set()).add((day, other))
    if not places:
        return
    got: dict[tuple[int, int], float] = {}
    rows = np.flatnonzero(np.isin(shipped.line, list(places)))
    for line, day, units in zip(
        shipped.line[rows].tolist(), shipped.ship[rows].tolist(), shipped.quantity[rows].tolist(), strict=True
    ):
        got[line, day] = got.get((line, day), 0.0) + units
    for line, own in places.items():
        alone = sum(
            at == line and units - away.get((at, day), 0.0) > 2e-6 * max(1.0, units) for (at, day), units in got.items()
        )
        wrong = (sent.line == line) & (len(own) + alone > most[line])
        found.add(wrong, f"its order line has {len(own) + alone} deliveries, but at most {most[line]:g} are allowed")
