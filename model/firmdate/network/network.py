"""The network of a scenario: everything that the formulation needs, as arrays.

Built once for the whole problem; all rows are in an order that depends on ids and dates alone, so that
the order of the input rows changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmdate.backlog.requests import Backlog
from firmdate.network.activities import Activities
from firmdate.network.alerts import Alert
from firmdate.network.allocation import Allocation
from firmdate.network.bills import MakeData
from firmdate.network.capacity import Capacities
from firmdate.network.catalog import Catalog, StockingPoints
from firmdate.network.classes import Classes, Lines, TextArray
from firmdate.network.contract import Routes
from firmdate.network.fair_share import FairShares
from firmdate.network.firm import FirmPostings
from firmdate.network.horizon import BoolArray, Calendars, FloatArray, Horizon, IntArray
from firmdate.network.lots import Lots
from firmdate.network.opening import Receipts, Stock
from firmdate.network.planned import PlannedOrders
from firmdate.network.previous_orders import PreviousOrders
from firmdate.network.substitutes import Substitutes


@dataclass(frozen=True)
class Nodes:
    """Stocking point × date, sorted by point and day.

    Args:
        point: Stocking point.
        day: Day.
        previous: Node of the same point before it, -1 for the first.
        receipts: Units that arrive (or, negative, are taken) whatever is decided.
        gap: Days until the next node of the point, or until the end of the horizon.
        shortage_limit: Units that firm planned orders take here.
    """

    point: IntArray
    day: IntArray
    previous: IntArray
    receipts: FloatArray
    gap: IntArray
    shortage_limit: FloatArray

    def __len__(self) -> int:
        return len(self.point)


@dataclass(frozen=True)
class Starts:
    """Activity × start date, sorted by activity and day."""

    activity: IntArray
    day: IntArray

    def __len__(self) -> int:
        return len(self.activity)


@dataclass(frozen=True)
class StartPairs:
    """What starts post or use: one row per start and node (or capacity interval), both sorted."""

    start: IntArray
    target: IntArray
    quantity: FloatArray


@dataclass(frozen=True)
class BacklogRows:
    """Cohort × date on which its backlog can change, sorted by cohort and day.

    A cohort of one due date has one row, whose backlog is what is never delivered.

    Args:
        of_class: Class.
        day: Day.
        previous: Row of the same cohort before it, -1 for the first.
        newly_due: Units that become due.
        days: Days until the next row of the cohort, or until unfilled units stop counting.
    """

    of_class: IntArray
    day: IntArray
    previous: IntArray
    newly_due: FloatArray
    days: IntArray

    def __len__(self) -> int:
        return len(self.of_class)

    @property
    def cohort(self) -> IntArray:
        """Number of the cohort of each row."""
        return np.asarray(np.cumsum(self.previous < 0) - 1, dtype=np.int64)

    @property
    def first_row(self) -> IntArray:
        """First row of each cohort; then the number of rows."""
        return np.append(np.flatnonzero(self.previous < 0), len(self))


@dataclass(frozen=True)
class Deliveries:
    """Cohort × route × date on which it can be served, sorted by cohort, route and day.

    Args:
        of_class: Class.
        service: Number of the cohort and route.
        route: Row of the routes: which stocking point ships, and over which transfers.
        node: Node that it is taken from, -1 where the route begins with a purchase.
        backlog: Backlog row that it reduces.
        ship_day: Day on which it leaves the source, or is ordered.
        day: Day on which the line is served. What is bought for a line of a ship set is there from this day on, and
            leaves with its set.
        late_days: Days late, where neither the backlog row nor the date of a ship set counts them.
    """

    of_class: IntArray
    service: IntArray
    route: IntArray
    node: IntArray
    backlog: IntArray
    ship_day: IntArray
    day: IntArray
    late_days: IntArray

    def __len__(self) -> int:
        return len(self.of_class)


@dataclass(frozen=True)
class StockTargets:
    """Nodes at which stock should not fall below a level."""

    node: IntArray
    level: FloatArray
    days: IntArray

    def __len__(self) -> int:
        return len(self.node)


@dataclass(frozen=True)
class ShipSets:
    """Ship sets and the dates on which they can leave.

    Args:
        name: Name of each set.
        of_line: Set of each demand line, -1 without one.
        of_class: Set of each class, -1 without one.
        last_day: Per set: last day on which every line may be delivered.
        date_set: Set of each candidate date, sorted by set and day.
        date_day: Day of each candidate date.
    """

    name: TextArray
    of_line: IntArray
    of_class: IntArray
    last_day: IntArray
    date_set: IntArray
    date_day: IntArray

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True)
class Network:
    """All sets of the model with their data.

    Args:
        horizon: Planning date and length.
        calendars: Working days.
        catalog: Items and locations.
        points: Stocking points that can be needed.
        makes: Ways of making.
        substitutes: What may take the place of what.
        whole_shipment: Per activity: units that another location ships at once or not at all; 0 for any number.
        counted_shipment: Per activity: units of the line that it serves, where each shipment is a delivery; 0 for
            all others.
        stock: On hand for everybody, per stocking point key.
        receipts: Scheduled receipts.
        planned: Planned orders that are read.
        firm: Fixed postings of firm planned orders.
        capacities: Capacity groups and intervals.
        firm_load: Per interval: load of firm planned orders.
        activities: What can be done.
        routes: How lines are served from the stocking points that are modelled.
        starts: Modelled activities by start date.
        posts: Starts × nodes.
        uses: Starts × capacity intervals.
        order_uses: Deliveries × capacity intervals, for routes that begin with a purchase.
        nodes: Stocking points by date.
        lines: Demand lines.
        classes: Classes of lines.
        backlog: Classes by date.
        deliveries: Classes by delivery date.
        targets: Stock targets.
        ship_sets: Lines that leave on one date.
        lots: Lot sizes of new orders.
        exact_lots: True where orders keep them exactly.
        allocation: Shares of existing supply, and who may use them.
        fair_shares: Who shares what is too little, day by day.
        measured: True where capacity is measured and not enforced.
        enforced: Per capacity group: True where it restricts the plan.
        money: True for one objective in money.
        move_weight: Late days (or money) that moving a unit from its previous date must save; None where a level of its
            own prefers previous dates.
        previous_orders: What stability prefers to make, move and buy again.
        daily_cost: Per class: money per unit and day late.
        holding_cost: Per point: money per unit and day.
        holding_rates: The same of every stocking point that the data name, by its key, also where nothing is planned.
        alerts: Corrections made to the data.
        rules: The order lines with the rules of the backlog.
        part: Per item: part of the planning data that has nothing to do with the others.
    """

    horizon: Horizon
    calendars: Calendars
    catalog: Catalog
    points: StockingPoints
    makes: MakeData
    substitutes: Substitutes
    whole_shipment: FloatArray
    counted_shipment: FloatArray
    stock: Stock
    receipts: Receipts
    planned: PlannedOrders
    firm: FirmPostings
    capacities: Capacities
    firm_load: FloatArray
    activities: Activities
    routes: Routes
    starts: Starts
    posts: StartPairs
    uses: StartPairs
    order_uses: StartPairs
    nodes: Nodes
    lines: Lines
    classes: Classes
    backlog: BacklogRows
    deliveries: Deliveries
    targets: StockTargets
    ship_sets: ShipSets
    lots: Lots
    exact_lots: bool
    allocation: Allocation
    fair_shares: FairShares
    measured: bool
    enforced: BoolArray
    money: bool
    move_weight: float | None
    previous_orders: PreviousOrders
    daily_cost: FloatArray
    holding_cost: FloatArray
    holding_rates: tuple[IntArray, FloatArray]
    alerts: tuple[Alert, ...]
    rules: Backlog
    part: IntArray
