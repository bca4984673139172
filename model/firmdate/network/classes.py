"""Order lines, and the classes of lines that are interchangeable for the objective and the rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from firmdate.backlog.requests import Backlog
from firmdate.errors import InfeasibleError
from firmdate.network.alerts import Alert
from firmdate.network.catalog import StockingPoints
from firmdate.network.horizon import NO_DAY, BoolArray, Calendars, FloatArray, Horizon, IntArray
from firmdate.network.line_parts import LineParts, read_parts
from firmdate.network.relations import distinct_rows

TextArray = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Tiers:
    """Levels of order lines: orders by the rank of their strategy and by tier, then forecasts.

    Forecasts are always served below every order.

    Args:
        keys: Sorted distinct rows: 1 for forecasts, rank of the strategy, tier.
    """

    keys: IntArray

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def of_orders(self) -> IntArray:
        """Tiers of orders, the best first."""
        return np.unique(self.keys[self.keys[:, 0] == 0, 2])

    @property
    def with_forecasts(self) -> bool:
        """Whether there are forecasts."""
        return bool(self.keys[:, 0].any())

    def levels(self, frame: pd.DataFrame, rank: IntArray) -> IntArray:
        """Position of every line in these tiers."""
        own, of_line = distinct_rows(_tier_keys(frame, rank))
        place = {tuple(key): position for position, key in enumerate(self.keys.tolist())}
        level = np.array([place[tuple(key)] for key in own.tolist()], dtype=np.int64)
        return level[of_line]


def tiers_of(frame: pd.DataFrame, rank: IntArray) -> Tiers:
    """Tiers of order lines.

    Args:
        frame: Rows of ``demands``.
        rank: Rank of the strategy of each.
    """
    return Tiers(distinct_rows(_tier_keys(frame, rank))[0])


def _tier_keys(frame: pd.DataFrame, rank: IntArray) -> IntArray:
    forecast = (frame["kind"] == "forecast").to_numpy()
    return np.column_stack([forecast, rank, frame["tier"].to_numpy(np.int64)]).astype(np.int64)


@dataclass(frozen=True)
class Lines:
    """The demand lines, sorted by order and line.

    Args:
        frame: Their rows of ``demands``.
        key: Stocking point key.
        served_key: Stocking point key that it is served from: that of the item, or the pool of its substitutes.
        quantity: Units asked for.
        reserved: Units that reserved stock covers.
        transit: Days from the shipment to the arrival at the customer. All days of a line are days of shipment: its
            dates less these days.
        due_day: Requested date; may lie before the planning date.
        first_day: First day on which the line may be delivered.
        last_day: Last day on which the line may be delivered; :data:`NO_DAY` without a limit.
        whole: True where the line must be delivered at once (``partial: false``).
        minimum: Smallest shipment, 0 without one.
        most: Most deliveries, 0 for any number; lines that are delivered at once have none.
        complete: True where nothing is delivered unless all of it can be inside the horizon.
        level: Position of its tier in the objective: order tiers first, best first, then forecast tiers.
        priority: Rank of its priority within the tier, 0 is best.
        planned: False for lines that are requested after the horizon; they are not planned.
        set_name: Names of the ship sets in alphabetical order.
        ship_set: Ship set of the line, -1 without one; its lines ship at once.
        waits: True where the customer accepts delivery only some time after the requested date.
        winner: True where the line must be on time before any other is served.
        parts: What is planned of each line.
        tiers: Tiers that occur, of these lines or of all that they are a part of.
    """

    frame: pd.DataFrame
    key: IntArray
    served_key: IntArray
    quantity: FloatArray
    reserved: FloatArray
    transit: IntArray
    due_day: IntArray
    first_day: IntArray
    last_day: IntArray
    whole: BoolArray
    minimum: FloatArray
    most: IntArray
    complete: BoolArray
    level: IntArray
    priority: IntArray
    planned: BoolArray
    set_name: TextArray
    ship_set: IntArray
    waits: BoolArray
    winner: BoolArray
    parts: LineParts
    tiers: Tiers

    def __len__(self) -> int:
        return len(self.key)

    def arrival(self, day: IntArray, line: IntArray | None = None) -> IntArray:
        """Days at the customer of shipments on days, to all lines or to some."""
        transit = self.transit if line is None else self.transit[line]
        return np.where(day == NO_DAY, NO_DAY, day + transit)

    @property
    def split_by_rule(self) -> BoolArray:
        """Lines of which not every split is allowed."""
        return np.asarray(self.whole | (self.minimum > 0) | (self.most > 0) | self.complete)


@dataclass(frozen=True)
class Classes:
    """Classes of lines that are served one after the other.

    Args:
        point: Stocking point that serves the class.
        level: Level of the objective.
        priority: Rank of the priority within the tier.
        whole: True where the (single) line is delivered at once.
        minimum: Smallest shipment of the (single) line.
        ship_set: Ship set of the (single) line, -1 without one.
        node: Allocation node, by its place in ``node_names``; -1 without one, or where nothing is allocated.
        node_names: Ids of the allocation nodes that lines name.
        penalty: Money per unit and day late; 0 unless classes are formed by it.
        quantity: Units that new deliveries must cover.
        line: The planned lines in the order in which they are served: by class, due date, order, line. A line of which
            parts have rules of their own stands in several classes.
        line_class: Class of each of these lines.
        wanted: Units of each of them that new deliveries must cover.
        line_first_day: First day of delivery of each of them.
        commit_day: Day of the commitment; :data:`NO_DAY` without one.
        kept: True where the commitment is a result that is kept.
        previous_day: Preferred day; :data:`NO_DAY` without one.
        mixed: True where classes with such rules compete with others of the same rank at the same stocking point.
    """

    point: IntArray
    level: IntArray
    priority: IntArray
    whole: BoolArray
    minimum: FloatArray
    ship_set: IntArray
    node: IntArray
    node_names: pd.Index
    penalty: FloatArray
    quantity: FloatArray
    line: IntArray
    line_class: IntArray
    wanted: FloatArray
    line_first_day: IntArray
    commit_day: IntArray
    kept: BoolArray
    previous_day: IntArray
    mixed: BoolArray

    def __len__(self) -> int:
        return len(self.point)

    @property
    def some_line(self) -> IntArray:
        """A line of every class; the only one where lines have rules of their own."""
        line = np.zeros(len(self), dtype=np.int64)
        line[self.line_class] = self.line
        return line


def read_lines(
    backlog: Backlog,
    key: IntArray,
    reserved: FloatArray,
    horizon: Horizon,
    calendars: Calendars,
    calendar: IntArray,
    tiers: Tiers,
) -> tuple[Lines, list[Alert]]:
    """The demand lines with their dates as days of shipment.

    Args:
        backlog: The lines with the rules of the backlog.
        key: Stocking point key of each line.
        reserved: Units of each line that reserved stock covers.
        horizon: Planning date.
        calendars: Working days.
        calendar: Calendar of the location that ships each line.
        tiers: Tiers of all lines that these are a part of.

    Raises:
        InfeasibleError: Date rules of a line contradict each other; all such lines are named.
    """
    frame = backlog.frame
    transit = frame["delivery_lead_time_days"].to_numpy(np.int64)
    days = [horizon.day_of(frame[name]) for name in ("requested_date", "earliest_date", "latest_acceptable_date")]
    due, earliest, latest = (np.where(day == NO_DAY, NO_DAY, day - transit) for day in days)
    first = np.maximum(np.maximum(due, 0), np.where(earliest == NO_DAY, 0, earliest))
    planned = first < horizon.days
    _refuse_contradictions(frame, due, earliest, latest)
    set_name, ship_set = _ship_sets(frame)
    quantity = frame["quantity"].to_numpy(np.float64)
    most = frame["maximum_deliveries"].fillna(0).to_numpy(np.int64)
    whole = ~frame["partial"].to_numpy() | (most == 1) | (ship_set >= 0)
    parts = read_parts(backlog, quantity - reserved, first, transit, calendar, horizon, calendars)
    lines = Lines(
        frame=frame,
        key=key,
        served_key=key,
        quantity=quantity,
        reserved=reserved,
        transit=transit,
        due_day=due,
        first_day=parts.soonest,
        last_day=latest,
        whole=whole,
        minimum=np.nan_to_num(frame["minimum_shipment"].to_numpy(np.float64)),
        most=np.where(whole, 0, most),
        complete=~whole & frame["split_unfinished"].isin([False]).to_numpy(),
        level=tiers.levels(frame, backlog.rank),
        priority=_priorities(frame),
        planned=planned,
        set_name=set_name,
        ship_set=ship_set,
        waits=first > np.maximum(due, 0),
        winner=(backlog.strategy == "win") & (frame["kind"].astype(object) == "order").to_numpy(),
        parts=parts,
        tiers=tiers,
    )
    return lines, _not_planned(frame, np.flatnonzero(~planned))


def _not_planned(frame: pd.DataFrame, rows: IntArray) -> list[Alert]:
    """Lines that are requested after the horizon."""
    frame = frame.iloc[rows]
    names = frame["order"].astype(str) + "/" + frame["line"].astype(str)
    dates = frame["requested_date"].dt.strftime("%Y-%m-%d")
    rule = "requested_after_the_horizon_not_planned"
    return [Alert("demands", name, rule, date, "") for name, date in zip(names, dates, strict=True)]


def _ship_sets(frame: pd.DataFrame) -> tuple[TextArray, IntArray]:
    """Names of the ship sets in alphabetical order, and the set of each line (-1 without one)."""
    if not frame["ship_set"].notna().any():
        return np.empty(0, dtype=object), np.full(len(frame), -1)
    codes, names = pd.factorize(frame["ship_set"].astype(object), sort=True)
    return np.asarray(names, dtype=object), np.asarray(codes, dtype=np.int64)


def _priorities(frame: pd.DataFrame) -> IntArray:
    """Ranks of the priority, lower first, blank last; the same rank for all when no line has one."""
    priority = frame["priority"].to_numpy(np.float64)
    return np.unique(np.where(np.isnan(priority), np.inf, priority), return_inverse=True)[1].astype(np.int64)


def _refuse_contradictions(frame: pd.DataFrame, due: IntArray, earliest: IntArray, latest: IntArray) -> None:
    """Hard date rules that no plan can keep."""
    found = []
    for name, day in (("requested_date", due), ("earliest_date", earliest)):
        rows = np.flatnonzero((latest != NO_DAY) & (day != NO_DAY) & (latest < day))
        found += [
            f"line {frame['order'].iloc[row]}/{frame['line'].iloc[row]}: latest_acceptable_date "
            f"{frame['latest_acceptable_date'].iloc[row].date()} lies before {name} {frame[name].iloc[row].date()}"
            for row in rows
        ]
    if found:
        rules = "\n".join(sorted(found))
        raise InfeasibleError(f"hard rules contradict each other; change one date of each line:\n{rules}")


def read_classes(
    lines: Lines, points: StockingPoints, *, by_penalty: bool, by_node: bool = False, by_line: bool = False
) -> Classes:
    """Group the planned lines; a line with a rule of its own is a class of its own.

    Args:
        lines: The demand lines.
        points: Stocking points.
        by_penalty: True when lines of another ``penalty_per_day`` are another class.
        by_node: True when lines of another allocation node are another class.
        by_line: True when every line is a class of its own.
    """
    parts = lines.parts
    rows = np.flatnonzero(lines.planned[parts.line])
    own = lines.split_by_rule | (lines.last_day != NO_DAY) | lines.waits | by_line
    point = points.find(lines.served_key)
    single = np.where(own, np.arange(len(lines)) + 1, 0)
    penalty = lines.frame["penalty_per_day"].to_numpy(np.float64) if by_penalty else np.zeros(len(lines))
    penalties, penalty_rank = np.unique(penalty, return_inverse=True)
    nodes = lines.frame["allocation_node"].cat
    node = nodes.codes.to_numpy().astype(np.int64) if by_node else np.full(len(lines), -1)
    keys = np.column_stack([point, lines.level, lines.priority, single, penalty_rank, node])[parts.line[rows]]
    distinct, of_part = distinct_rows(np.column_stack([keys, parts.rule[rows]]))
    order = np.lexsort((rows, lines.due_day[parts.line[rows]], of_part))
    part, line_class = rows[order], of_part[order]
    sole = distinct[:, 3] - 1
    some = np.zeros(len(distinct), dtype=np.int64)
    some[line_class] = part
    return Classes(
        point=distinct[:, 0],
        level=distinct[:, 1],
        priority=distinct[:, 2],
        whole=np.where(sole >= 0, lines.whole[sole], False) if len(lines) else np.empty(0, dtype=bool),
        minimum=np.where(sole >= 0, lines.minimum[sole], 0.0) if len(lines) else np.empty(0),
        ship_set=np.where(sole >= 0, lines.ship_set[sole], -1) if len(lines) else np.empty(0, dtype=np.int64),
        node=distinct[:, 5],
        node_names=nodes.categories,
        penalty=penalties[distinct[:, 4]],
        quantity=np.bincount(line_class, weights=parts.quantity[part], minlength=len(distinct)).astype(np.float64),
        line=parts.line[part],
        line_class=line_class,
        wanted=parts.quantity[part],
        line_first_day=parts.first_day[part],
        commit_day=parts.commit_day[some],
        kept=parts.kept[some],
        previous_day=parts.previous_day[some],
        mixed=_mixed(distinct),
    )


def _mixed(keys: IntArray) -> BoolArray:
    """Classes of a stocking point and rank of which one has a rule of the backlog, when there are several."""
    same = distinct_rows(keys[:, [0, 1, 2, 4]])[1]
    ruled = np.bincount(same, weights=keys[:, 6] > 0, minlength=1) > 0
    return np.asarray(ruled[same] & (np.bincount(same, minlength=1) > 1)[same])


CHAIN_DATES = 4
"""A class with more due dates than this carries its backlog from date to date; else every due date has its own row."""


@dataclass(frozen=True)
class Cohorts:
    """Classes by due date, or whole classes whose backlog is carried from date to date.

    What a cohort of one due date gets on a date is late by a number of days that is known, so one row for the whole
    cohort replaces the rows of all dates. Which line of the class gets it is settled afterwards, by due date.

    Args:
        of_class: Class.
        due_day: Due date, not before the planning date; of a chain the first one.
        chain: True where the backlog is carried from date to date.
        line_cohort: Cohort of each line, in the order of the lines of the classes.
    """

    of_class: IntArray
    due_day: IntArray
    chain: BoolArray
    line_cohort: IntArray

    def __len__(self) -> int:
        return len(self.of_class)


def read_cohorts(lines: Lines, classes: Classes) -> Cohorts:
    """Cut classes by due date where they have few of them."""
    due = np.maximum(lines.due_day, 0)[classes.line]
    width = np.int64(NO_DAY)
    keys, at = np.unique(classes.line_class * width + due, return_inverse=True)
    dates = np.bincount(keys // width, minlength=len(classes))
    ruled = classes.mixed | (classes.commit_day != NO_DAY) | (classes.previous_day != NO_DAY)
    chained = (dates > CHAIN_DATES)[keys // width] & ~ruled[keys // width]
    first = np.concatenate([[0], np.cumsum(dates)])[:-1]
    representative = np.where(chained, first[keys // width], np.arange(len(keys)))
    kept, cohort = np.unique(representative, return_inverse=True)
    return Cohorts(
        of_class=keys[kept] // width,
        due_day=keys[kept] % width,
        chain=chained[kept],
        line_cohort=np.asarray(cohort).reshape(-1)[np.asarray(at).reshape(-1)],
    )
