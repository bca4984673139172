"""Order lines: what is delivered to them, by which rules, and what is promised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.plan.certify_basis import (
    BLANK_DAY,
    Basis,
    BoolArray,
    Findings,
    FloatArray,
    Ids,
    IntArray,
    date_text,
    find,
    joint,
    numbers,
    plain,
    shared_keys,
    sums,
    tolerance,
)


@dataclass(frozen=True)
class Lines:
    """The demand lines.

    Args:
        frame: The table ``demands``.
        key: Key of order and line.
        item: Item.
        location: Location that ships.
        point: Stocking point that ships.
        quantity: Units that are wanted.
        way: Days from the shipment to the customer; all days are those at the customer.
        requested: Requested day; may lie before the planning date.
        first: First day on which the line may be delivered.
        last: Last day on which it may be delivered; :data:`BLANK_DAY` without a limit.
    """

    frame: pd.DataFrame
    key: IntArray
    item: IntArray
    location: IntArray
    point: IntArray
    quantity: FloatArray
    way: IntArray
    requested: IntArray
    first: IntArray
    last: IntArray

    def __len__(self) -> int:
        return len(self.key)

    def text(self, row: int) -> str:
        """``order/line``."""
        return line_text(self.frame, row)


@dataclass(frozen=True)
class Deliveries:
    """The written deliveries.

    Args:
        frame: The table.
        line: Position of the demand line; -1 where it is unknown.
        day: Day of arrival at the customer.
        ship: Day on which it leaves.
        quantity: Units.
        delivered: Per demand line: units in the whole horizon.
    """

    frame: pd.DataFrame
    line: IntArray
    day: IntArray
    ship: IntArray
    quantity: FloatArray
    delivered: FloatArray

    def text(self, row: int) -> str:
        """``order/line date``."""
        return f"{line_text(self.frame, row)} {date_text(self.frame['date'].iloc[row])}"


@dataclass(frozen=True)
class LineIds:
    """Orders and lines of the demands."""

    orders: Ids
    lines: Ids

    def keys(self, frame: pd.DataFrame) -> IntArray:
        """Key of order and line of every row; -1 where one of them is in no demand."""
        return joint(
            (self.orders.codes(frame["order"]), len(self.orders)), (self.lines.codes(frame["line"]), len(self.lines))
        )


def line_text(frame: pd.DataFrame, row: int) -> str:
    """``order/line`` of a row."""
    return f"{frame['order'].iloc[row]}/{frame['line'].iloc[row]}"


@dataclass(frozen=True)
class Demand:
    """The demand lines and what is delivered to them.

    Args:
        lines: The demand lines.
        ids: Orders and lines.
        shipped: The written deliveries.
    """

    lines: Lines
    ids: LineIds
    shipped: Deliveries


def read_demand(basis: Basis, deliveries: pd.DataFrame) -> Demand:
    """Read the demand lines and the written deliveries.

    Args:
        basis: Ids and days.
        deliveries: The table ``deliveries``.
    """
    lines, ids = _read_lines(basis)
    return Demand(lines, ids, _read_deliveries(basis, lines, ids, deliveries))


def _read_lines(basis: Basis) -> tuple[Lines, LineIds]:
    """Number the demand lines."""
    frame = basis.data["demands"]
    ids = LineIds(Ids.of([frame["order"]]), Ids.of([frame["line"]]))
    requested = basis.day(frame["requested_date"])
    item, location = basis.items.codes(frame["item"]), basis.locations.codes(frame["location"])
    earliest = basis.day(frame["earliest_date"], -BLANK_DAY)
    way = frame["delivery_lead_time_days"].to_numpy(np.int64)
    return Lines(
        frame=frame,
        key=ids.keys(frame),
        item=item,
        location=location,
        point=basis.point(item, location),
        quantity=frame["quantity"].to_numpy(np.float64),
        way=way,
        requested=requested,
        first=np.maximum(np.maximum(requested, earliest), way),
        last=basis.day(frame["latest_acceptable_date"]),
    ), ids


def _read_deliveries(basis: Basis, lines: Lines, ids: LineIds, frame: pd.DataFrame) -> Deliveries:
    """Number the deliveries and add them up by line."""
    line = find(ids.keys(frame), lines.key)
    quantity = numbers(frame["quantity"])
    known = line >= 0
    delivered = sums(line[known], np.nan_to_num(quantity[known]), len(lines))
    day = basis.day(frame["date"])
    ship = np.where(day < BLANK_DAY, day - np.append(lines.way, 0)[line], BLANK_DAY)
    return Deliveries(frame, line, day, ship, quantity, delivered)


def check_deliveries(found: Findings, basis: Basis, demand: Demand) -> None:
    """All rules of deliveries."""
    lines, shipped = demand.lines, demand.shipped
    line, quantity = shipped.line, shipped.quantity
    known = line >= 0
    found.add(~known, "there is no such order line")
    found.add(~(quantity > 0) | ~np.isfinite(quantity), "its quantity is no number of units")
    found.add(~basis.inside(shipped.ship), "lies outside the horizon")
    _check_dates(found, basis, lines, shipped)
    broken = basis.broken_units(np.append(lines.item, -1)[line], quantity)
    found.add(broken, "a fraction of an item that moves in whole units:", lambda row: plain(quantity[row]))
    wanted = np.append(lines.quantity, np.nan)[line]
    smallest = np.append(np.nan_to_num(lines.frame["minimum_shipment"].to_numpy(np.float64)), 0.0)[line]
    smallest = np.minimum(smallest, wanted)
    found.add(
        known & (quantity < smallest - tolerance(smallest)),
        "is smaller than the smallest shipment of its line,",
        lambda row: plain(smallest[row]),
    )
    at_once = ~np.append(lines.frame["partial"].to_numpy(dtype=bool), True)[line]
    found.add(
        known & at_once & (quantity < wanted - tolerance(wanted)),
        "is not the whole quantity of a line that must be delivered at once,",
        lambda row: plain(wanted[row]),
    )
    rows = found.of("deliveries", lines.text)
    pieces = np.bincount(line[known], minlength=len(lines))
    whole = ~lines.frame["partial"].to_numpy(dtype=bool)
    rows.add(whole & (pieces > 1), "must be delivered at once,", lambda row: f"but has {pieces[row]} deliveries")
    rows.add(
        shipped.delivered > lines.quantity + tolerance(lines.quantity),
        "delivers more than is wanted:",
        lambda row: f"{plain(shipped.delivered[row])} of {plain(lines.quantity[row])}",
    )


def _check_dates(found: Findings, basis: Basis, lines: Lines, shipped: Deliveries) -> None:
    """Between the first and the last date of the line, on shipping days of its location."""
    line, day = shipped.line, shipped.day
    known = line >= 0
    requested = np.append(lines.requested, -BLANK_DAY)[line]
    found.add(known & (day < requested), "ships before its requested date", lambda row: basis.date(requested[row]))
    earliest = np.append(basis.day(lines.frame["earliest_date"], -BLANK_DAY), -BLANK_DAY)[line]
    found.add(known & (day < earliest), "ships before its earliest date", lambda row: basis.date(earliest[row]))
    last = np.append(lines.last, BLANK_DAY)[line]
    found.add(known & (day > last), "ships after its latest acceptable date", lambda row: basis.date(last[row]))
    calendar = basis.shipping[np.append(lines.location, -1)[line]]
    closed = basis.inside(shipped.ship) & ~basis.calendars.works(calendar, shipped.ship)
    found.add(known & closed, "is not on a shipping day of its location")


def check_shipments(found: Findings, basis: Basis, demand: Demand, frame: pd.DataFrame | None) -> None:
    """The written shipments are the deliveries of lines with a way to the customer, that many days before.

    Args:
        found: Findings of any table.
        basis: Ids and days.
        demand: The demand lines and their deliveries.
        frame: The table ``shipments``; None where it is not written.
    """
    lines, shipped = demand.lines, demand.shipped
    if frame is None:
        if lines.way.any():
            found.texts.append("shipments: the table is missing, though lines have a way to the customer")
        return
    line = find(demand.ids.keys(frame), lines.key)
    ship, day = basis.day(frame["ship_date"]), basis.day(frame["date"])
    rows = found.of("shipments", lambda row: f"{line_text(frame, row)} {date_text(frame['ship_date'].iloc[row])}")
    rows.add((line >= 0) & (day - ship != np.append(lines.way, 0)[line]), "does not take the days that its way takes")
    far = (shipped.line >= 0) & (np.append(lines.way, 0)[shipped.line] > 0)
    ours, theirs = shared_keys((shipped.line[far], shipped.day[far]), (line, day))
    count = int(max(ours.max(initial=-1), theirs.max(initial=-1))) + 1
    difference = sums(ours, shipped.quantity[far], count) - sums(
        theirs, np.nan_to_num(numbers(frame["quantity"])), count
    )
    rows.add((np.abs(difference) > tolerance(difference))[theirs], "is not what is delivered")
    missing = np.flatnonzero(far)[(np.abs(difference) > tolerance(difference))[ours] & ~np.isin(ours, theirs)]
    none = np.zeros(len(shipped.line), dtype=bool)
    none[missing] = True
    found.of("deliveries", shipped.text).add(none, "has no row in shipments")


@dataclass(frozen=True)
class Completion:
    """When the deliveries complete each line.

    Args:
        first: First day by which the line is complete within the noise; :data:`BLANK_DAY` when never.
        last: Day of its last delivery; :data:`BLANK_DAY` when it is never complete.
    """

    first: IntArray
    last: IntArray


def _completion(lines: Lines, shipped: Deliveries) -> Completion:
    rows = np.flatnonzero((shipped.line >= 0) & (shipped.day < BLANK_DAY))
    rows = rows[np.lexsort((shipped.day[rows], shipped.line[rows]))]
    line, day = shipped.line[rows], shipped.day[rows]
    total = np.cumsum(np.nan_to_num(shipped.quantity[rows]))
    before = np.concatenate([[0.0], total])[np.searchsorted(line, line, side="left")]
    enough = total - before >= (lines.quantity - tolerance(lines.quantity))[line]
    first, last = np.full(len(lines), BLANK_DAY), np.full(len(lines), -1)
    np.minimum.at(first, line[enough], day[enough])
    np.maximum.at(last, line, day)
    return Completion(first, np.where(first < BLANK_DAY, last, BLANK_DAY))


def check_promises(found: Findings, basis: Basis, demand: Demand, frame: pd.DataFrame) -> None:
    """Every line has one promise, which is what its deliveries keep."""
    lines, shipped = demand.lines, demand.shipped
    line = find(demand.ids.keys(frame), lines.key)
    known = line >= 0
    found.add(~known, "there is no such order line")
    times = np.bincount(line[known], minlength=len(lines))
    rows = found.of("promises", lines.text)
    rows.add(times == 0, "an order line without a promise")
    rows.add(times > 1, "an order line with several promises:", lambda row: str(times[row]))
    _check_copied(found, basis, lines, line, frame)
    done = _completion(lines, shipped)
    first, last = np.append(done.first, BLANK_DAY)[line], np.append(done.last, BLANK_DAY)[line]
    promised = basis.day(frame["promise_date"])
    found.add(
        known & ((promised < first) | (promised > last)),
        "its promise date is not the date on which its deliveries complete it:",
        lambda row: f"{basis.date(promised[row])}, expected {basis.date(first[row])}",
    )
    delivered, wanted = np.append(shipped.delivered, 0.0)[line], np.append(lines.quantity, 0.0)[line]
    quantity = numbers(frame["promised_quantity"])
    found.add(
        known & ~(np.abs(quantity - delivered) <= tolerance(wanted)),
        "its promised quantity is not what is delivered:",
        lambda row: f"{plain(quantity[row])}, expected {plain(delivered[row])}",
    )
    late = np.maximum(promised - np.append(lines.requested, 0)[line], 0).astype(np.float64)
    late[promised == BLANK_DAY] = np.nan
    _check_lateness(found, known, late, delivered > tolerance(wanted), frame)


def _check_copied(found: Findings, basis: Basis, lines: Lines, line: IntArray, frame: pd.DataFrame) -> None:
    """What a promise repeats of its line."""
    known = line >= 0

    def differs(values: np.ndarray, written: np.ndarray) -> BoolArray:
        return np.asarray(known & (np.append(values, values[:1])[line] != written) if len(values) else known)

    found.add(differs(lines.item, basis.items.codes(frame["item"])), "names another item than its order line")
    found.add(
        differs(lines.location, basis.locations.codes(frame["location"])), "names another location than its order line"
    )
    found.add(differs(lines.quantity, numbers(frame["quantity"])), "names another quantity than its order line")
    found.add(
        differs(lines.requested, basis.day(frame["requested_date"])), "names another requested date than its order line"
    )


def _check_lateness(found: Findings, known: BoolArray, late: FloatArray, some: BoolArray, frame: pd.DataFrame) -> None:
    """Days late (blank without a promise date) and status follow from the promise date and the deliveries."""
    written, blank = numbers(frame["days_late"]), np.isnan(late)
    found.add(
        known & (written != late) & ~(np.isnan(written) & blank),
        "its days late do not follow from its dates:",
        lambda row: f"{plain(written[row])}, expected {plain(late[row])}",
    )
    expected = np.select([late == 0, ~blank, some], ["on_time", "late", "partial"], "unpromised")
    status = frame["status"].astype(object).to_numpy()
    found.add(
        known & (status != expected),
        "its status does not follow from its deliveries:",
        lambda row: f"{status[row]}, expected {expected[row]}",
    )


def check_delivered(
    found: Findings, demand: Demand, line: IntArray, day: IntArray, quantity: FloatArray, what: str
) -> None:
    """No more of a delivery comes in some other way than is delivered to the line with the shipment of that day.

    Args:
        found: Findings of the table that says what came in that way.
        demand: The demand lines and what is delivered.
        line: Order line of each of its rows; -1 where it is unknown.
        day: Day of shipment.
        quantity: Units.
        what: What was done with them: ``replaced``, ``shipped``.
    """
    shipped = demand.shipped
    ours, theirs = shared_keys((line, day), (shipped.line, shipped.ship))
    count = int(max(ours.max(initial=-1), theirs.max(initial=-1))) + 1
    units = sums(ours, np.nan_to_num(quantity), count)
    delivered = sums(theirs, np.nan_to_num(shipped.quantity), count)
    found.add(
        (line >= 0) & (units > delivered + tolerance(delivered))[ours],
        f"more is {what} than is delivered:",
        lambda row: f"{plain(units[ours[row]])} of {plain(delivered[ours[row]])}",
    )
