"""All constraints and objective levels of the model, one function each.

``m`` is a Pyomo model. A rule is written once and used twice: Pyomo builds it row by row
(``formulate(..., expand=False)``), and the expansion turns its template into arrays. To add a
constraint, write one function here, add it to :data:`CONSTRAINTS`, and give the sets, relations and
parameters that it names in ``model_data.py``.
"""

# The rules talk to a Pyomo model, which has no static types.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Rule = Callable[[Any, Any], Any]


def stock_balance(m: Any, n: Any) -> Any:
    """Stock carried in + receipts + what activities post = stock carried out + deliveries (units)."""
    carried_in = sum(m.Stock[p] for p in m.CARRIED_INTO[n])
    posted = sum(m.post[n, a] * m.Start[a] for a in m.POSTS_TO[n])
    short = sum(m.Shortage[s] for s in m.SHORTAGES_AT[n])
    delivered = sum(m.Deliver[d] for d in m.DELIVERED_FROM[n])
    return carried_in + m.receipts[n] + posted + short == m.Stock[n] + delivered


def backlog_balance(m: Any, b: Any) -> Any:
    """Backlog before + newly due = delivered + backlog after (units)."""
    before = sum(m.Backlog[p] for p in m.BACKLOG_BEFORE[b])
    return before + m.newly_due[b] == sum(m.Deliver[d] for d in m.DELIVERED_FOR[b]) + m.Backlog[b]


def resource_capacity(m: Any, r: Any) -> Any:
    """Hours of all starts in an interval ≤ hours available + overtime, plus overload where it is only measured."""
    load = sum(m.hours[r, a] * m.Start[a] for a in m.RESOURCE_STARTS[r])
    more = sum(m.ResourceExtra[e] for e in m.RESOURCE_EXTRAS[r])
    return load <= m.resource_available[r] + more + sum(m.ResourceOverload[o] for o in m.RESOURCE_OVERLOADS[r])


def supplier_capacity(m: Any, s: Any) -> Any:
    """Units ordered in an interval ≤ quantity that the supplier offers + extra, plus overload where only measured."""
    load = sum(m.ordered[s, a] * m.Start[a] for a in m.SUPPLIER_STARTS[s])
    load += sum(m.route_ordered[s, d] * m.Deliver[d] for d in m.SUPPLIER_DELIVERIES[s])
    more = sum(m.SupplierExtra[e] for e in m.SUPPLIER_EXTRAS[s])
    return load <= m.supplier_available[s] + more + sum(m.SupplierOverload[o] for o in m.SUPPLIER_OVERLOADS[s])


def lane_capacity(m: Any, k: Any) -> Any:
    """Units shipped on a day ≤ capacity of the lane, plus overload where it is only measured."""
    load = sum(m.shipped[k, a] * m.Start[a] for a in m.LANE_STARTS[k])
    return load <= m.lane_available[k] + sum(m.LaneOverload[o] for o in m.LANE_OVERLOADS[k])


def planned_quantity(m: Any, o: Any) -> Any:
    """All starts of a planned order ≤ its planned quantity (units)."""
    return sum(m.Start[a] for a in m.PLANNED_STARTS[o]) <= m.planned[o]


def stock_target(m: Any, g: Any) -> Any:
    """Stock at the end of a date + what is missing ≥ target (units)."""
    return sum(m.Stock[n] for n in m.TARGET_NODE[g]) + m.BelowTarget[g] >= m.target[g]


def smallest_shipment(m: Any, d: Any) -> Any:
    """A delivery of a line with a smallest shipment is at least that (units), or nothing."""
    return sum(m.Deliver[k] for k in m.SHIPMENT_OF[d]) >= m.smallest[d] * m.Ship[d]


def largest_shipment(m: Any, d: Any) -> Any:
    """A delivery of a line with a smallest shipment only happens when it ships (units)."""
    return sum(m.Deliver[k] for k in m.SHIPMENT_OF[d]) <= m.largest[d] * m.Ship[d]


def delivery_day(m: Any, d: Any) -> Any:
    """A line with a most number of deliveries gets units on a date only when that date is chosen (units).

    What other locations ship to it on the date is counted by itself.
    """
    own = m.open_units[d] * m.OnDay[d]
    return sum(m.Deliver[k] for k in m.DELIVERED_ON[d]) <= own + sum(m.Start[a] for a in m.SHIPPED_ON[d])


def number_of_deliveries(m: Any, k: Any) -> Any:
    """Dates on which a line is delivered + shipments of other locations ≤ its most deliveries."""
    shipped = sum(m.Counted[s] for s in m.SHIPMENTS_OF[k])
    return sum(m.OnDay[d] for d in m.DAYS_OF[k]) + shipped <= m.most_deliveries[k]


def counted_shipment(m: Any, k: Any) -> Any:
    """Another location ships to a line with a most number of deliveries only when that is counted (units)."""
    return sum(m.Start[a] for a in m.COUNTED_START[k]) <= m.counted_units[k] * m.Counted[k]


def whole_line(m: Any, k: Any) -> Any:
    """A line that is not split when the rest cannot come gets all of its units inside the horizon, or none."""
    return sum(m.Deliver[d] for d in m.DELIVERIES_OF[k]) == m.line_units[k] * m.Finished[k]


def set_shipment(m: Any, k: Any) -> Any:
    """A line of a ship set gets units from stock on the date of its set only (units)."""
    wanted = sum(m.set_quantity[k, j] * m.SetDate[j] for j in m.SET_DATE_OF[k])
    return sum(m.Deliver[d] for d in m.SET_SHIPMENT_OF[k]) <= wanted


def ship_set(m: Any, k: Any) -> Any:
    """What waits for a set + what comes for a line = all of it on the date of the set + what waits on (units)."""
    before = sum(m.Waiting[p] for p in m.GATHERED_BEFORE[k])
    leaves = sum(m.gathered_units[k, j] * m.SetDate[j] for j in m.GATHERED_FOR[k])
    return before + sum(m.Deliver[d] for d in m.GATHERED_BY[k]) == leaves + m.Waiting[k]


def smallest_order(m: Any, k: Any) -> Any:
    """New orders of a start are at least their smallest quantity each (units)."""
    return sum(m.Start[a] for a in m.LOT_ORDER_START[k]) >= m.order_at_least[k] * m.Orders[k]


def largest_order(m: Any, k: Any) -> Any:
    """New orders of a start are at most their largest quantity each (units)."""
    return sum(m.Start[a] for a in m.LOT_ORDER_START[k]) <= m.order_at_most[k] * m.Orders[k]


def order_multiple(m: Any, k: Any) -> Any:
    """A new order is a whole multiple (units)."""
    return sum(m.Start[a] for a in m.LOT_MULTIPLE_START[k]) == m.multiple[k] * m.Multiples[k]


def full_packs(m: Any, k: Any) -> Any:
    """A new order is at least what its packs must hold (units)."""
    held = sum(m.Start[a] for a in m.LOT_PACKED_START[k])
    return held >= sum(m.least_in_pack[k, p] * m.Packs[p] for p in m.PACKS_OF[k])


def packs_hold(m: Any, k: Any) -> Any:
    """A new order is at most what its packs can hold (units)."""
    held = sum(m.Start[a] for a in m.LOT_PACKED_START[k])
    return held <= sum(m.most_in_pack[k, p] * m.Packs[p] for p in m.PACKS_OF[k])


def whole_shipment(m: Any, k: Any) -> Any:
    """Another location ships all of a line that is not split over locations, or nothing of it (units)."""
    return sum(m.Start[a] for a in m.WHOLE_SHIPMENT_START[k]) == m.shipment_units[k] * m.ShipsFrom[k]


def allocation(m: Any, u: Any) -> Any:
    """Units delivered from stock to the lines of a node in a bucket = what they take from shares and new supply."""
    return sum(m.Deliver[d] for d in m.ALLOCATED_DELIVERIES[u]) == sum(m.Take[k] for k in m.TAKES_FOR[u])


def allocation_share(m: Any, s: Any) -> Any:
    """What was left of a share + its growth + new supply = what is taken + what is left (units)."""
    before = sum(m.ShareLeft[p] for p in m.SOURCE_BEFORE[s]) + m.share_growth[s]
    fresh = sum(m.fresh_units[s, a] * m.Start[a] for a in m.FRESH_SUPPLY[s])
    return before + fresh == m.ShareLeft[s] + sum(m.Take[k] for k in m.TAKES_FROM[s])


def allocation_protection(m: Any, q: Any) -> Any:
    """Unprotected units before + growth = what nodes of better rank take + what is left of them (units)."""
    before = sum(m.OpenLeft[p] for p in m.OPEN_BEFORE[q]) + m.open_growth[q]
    return before == m.OpenLeft[q] + sum(m.Take[k] for k in m.STOLEN_FROM[q])


def allocation_of_rest(m: Any, r: Any) -> Any:
    """Of each unit that better ranks use, a part must be left of a share that is a part of the rest (units)."""
    left = sum(m.ShareLeft[s] for s in m.REST_OF[r])
    return left + m.rest_part[r] * sum(m.ShareLeft[s] for s in m.REST_OTHERS[r]) >= m.rest_least[r]


def filled(m: Any, f: Any) -> Any:
    """Units that somebody who shares has got up to a day = those of the day before + deliveries (units)."""
    before = sum(m.Filled[p] for p in m.SHARER_BEFORE[f])
    return m.Filled[f] == before + sum(m.Deliver[d] for d in m.SHARER_DELIVERIES[f])


def fair_share(m: Any, f: Any) -> Any:
    """Units got ≥ the common part of the group × demand, target or 1 (units)."""
    return m.Filled[f] >= sum(m.share_base[f] * m.CommonPart[g] for g in m.SHARER_GROUP[f])


def previous_order(m: Any, k: Any) -> Any:
    """Units started as the previous run has started them ≤ its units + what is ordered beyond (units)."""
    again = sum(m.Start[a] for a in m.STARTED_AGAIN[k]) + sum(m.Deliver[d] for d in m.SHIPPED_AGAIN[k])
    return again <= m.previous_units[k] + m.OrderedMore[k]


def shortage_level(m: Any, _: Any) -> Any:
    """Units that firm planned orders take and nobody has: the firm plan is served first."""
    return sum(m.Shortage[s] for s in m.SHORTAGES)


def commitment_level(m: Any, k: Any) -> Any:
    """Unit-days after the date of a result that is kept or of an enforced commitment (unit-days)."""
    late = sum(m.days_after[k, d] * m.Deliver[d] for d in m.COMMITMENT_LATE[k])
    late += sum(m.set_days_after[k, j] * m.SetDate[j] for j in m.COMMITMENT_SETS[k])
    return late + sum(m.days_open[k, b] * m.Backlog[b] for b in m.COMMITMENT_OPEN[k])


def tier_level(m: Any, k: Any) -> Any:
    """Late unit-days of a tier (unit-days): backlog × days that it lasts, deliveries and sets × days late."""
    late = sum(m.late_days[k, d] * m.Deliver[d] for d in m.TIER_LATE[k])
    late += sum(m.set_late_days[k, j] * m.SetDate[j] for j in m.TIER_SETS[k])
    return late + sum(m.backlog_days[k, b] * m.Backlog[b] for b in m.TIER_BACKLOG[k])


def priority_level(m: Any, k: Any) -> Any:
    """Late unit-days inside a tier, better priorities weighing more: breaks ties of the tier's optimum."""
    late = sum(m.priority_late_days[k, d] * m.Deliver[d] for d in m.PRIORITY_LATE[k])
    late += sum(m.set_priority_days[k, j] * m.SetDate[j] for j in m.PRIORITY_SETS[k])
    return late + sum(m.priority_backlog_days[k, b] * m.Backlog[b] for b in m.PRIORITY_BACKLOG[k])


def allocation_level(m: Any, o: Any) -> Any:
    """Order in which shares are used: own, those above, unallocated, those of worse ranks, new supply (points)."""
    bought = sum(m.bought_points[o, d] * m.Deliver[d] for d in m.BOUGHT_FOR_NODES[o])
    return sum(m.take_points[k] * m.Take[k] for k in m.TAKES) + bought


def overload_level(m: Any, _: Any) -> Any:
    """Overload where capacity is measured (hours and units)."""
    resources = sum(m.ResourceOverload[o] for o in m.RESOURCE_OVERLOAD_SET)
    suppliers = sum(m.SupplierOverload[o] for o in m.SUPPLIER_OVERLOAD_SET)
    return resources + suppliers + sum(m.LaneOverload[o] for o in m.LANE_OVERLOAD_SET)


def fair_level(m: Any, k: Any) -> Any:
    """Minus the parts that everybody has, day by day: the smallest parts are made as large as can be, one by one."""
    return -sum(m.share_weight[k, g] * m.CommonPart[g] for g in m.SHARE_GROUPS_OF[k])


def premium_level(m: Any, _: Any) -> Any:
    """Money for overtime hours and extra units (a free one counts a little): only as much as the tiers need."""
    overtime = sum(m.resource_extra_points[e] * m.ResourceExtra[e] for e in m.RESOURCE_EXTRA_SET)
    return overtime + sum(m.supplier_extra_points[e] * m.SupplierExtra[e] for e in m.SUPPLIER_EXTRA_SET)


def substitution_level(m: Any, k: Any) -> Any:
    """Units replaced or shipped by other locations × (1 + rank): the item and the location of the line first."""
    return sum(m.replaced[k, a] * m.Start[a] for a in m.SUBSTITUTIONS[k])


def target_level(m: Any, _: Any) -> Any:
    """Unit-days below the stock targets."""
    return sum(m.below_days[g] * m.BelowTarget[g] for g in m.TARGETS)


def stability_level(m: Any, k: Any) -> Any:
    """Units that are not delivered on the date on which the previous run delivered them."""
    moved = sum(m.Deliver[d] for d in m.MOVED[k]) + sum(m.Backlog[b] for b in m.DROPPED[k])
    return moved + sum(m.set_units_moved[k, j] * m.SetDate[j] for j in m.MOVED_SETS[k])


def order_stability_level(m: Any, k: Any) -> Any:
    """Units that are made, moved or bought in another way or on another date than in the previous run."""
    new = sum(m.Start[a] for a in m.STARTED_NEW[k]) + sum(m.OrderedMore[j] for j in m.ORDERED_MORE[k])
    return new + sum(m.new_legs[k, d] * m.Deliver[d] for d in m.SHIPPED_NEW[k])


def due_order_level(m: Any, k: Any) -> Any:
    """Late unit-days of lines that differ by a rule of the backlog only, earlier due dates weighing more."""
    late = sum(m.due_late_days[k, d] * m.Deliver[d] for d in m.DUE_LATE[k])
    late += sum(m.set_due_days[k, j] * m.SetDate[j] for j in m.DUE_SETS[k])
    return late + sum(m.due_open_days[k, b] * m.Backlog[b] for b in m.DUE_OPEN[k])


def rank_level(m: Any, _: Any) -> Any:
    """Units of new supply × (rank - 1): preferred lanes, suppliers and alternatives first."""
    routes = sum(m.route_rank_above[d] * m.Deliver[d] for d in m.DELIVERIES)
    return sum(m.rank_above[a] * m.Start[a] for a in m.STARTS) + routes


def cost_level(m: Any, _: Any) -> Any:
    """Money: making, buying and moving, overtime and extra units, holding stock, and penalties for late unit-days."""
    late = sum(m.backlog_penalty[b] * m.Backlog[b] for b in m.BACKLOGS)
    late += sum(m.late_penalty[d] * m.Deliver[d] for d in m.DELIVERIES)
    late += sum(m.set_penalty[j] * m.SetDate[j] for j in m.SET_DATES)
    return spending_level(m, _) + late


def spending_level(m: Any, _: Any) -> Any:
    """Money without penalties: what costs as much as the penalty that it avoids is not done."""
    supply = sum(m.unit_cost[a] * m.Start[a] for a in m.STARTS)
    supply += sum(m.resource_extra_cost[e] * m.ResourceExtra[e] for e in m.RESOURCE_EXTRA_SET)
    supply += sum(m.supplier_extra_cost[e] * m.SupplierExtra[e] for e in m.SUPPLIER_EXTRA_SET)
    supply += sum(m.route_cost[d] * m.Deliver[d] for d in m.DELIVERIES)
    supply += sum(m.ordered_more_cost[k] * m.OrderedMore[k] for k in m.PREVIOUS_ORDERS)
    return supply + sum(m.holding_cost[n] * m.Stock[n] for n in m.NODES)


def tidy_level(m: Any, _: Any) -> Any:
    """No more new orders, no more change of planned orders, nothing earlier than needed (points of ``model_data``)."""
    routes = sum(m.route_untidiness[d] * m.Deliver[d] for d in m.DELIVERIES)
    return sum(m.untidiness[a] * m.Start[a] for a in m.STARTS) + routes


@dataclass(frozen=True)
class Indexed:
    """A rule and the set over which it holds."""

    over: str
    rule: Rule

    @property
    def name(self) -> str:
        """Name of the constraint or objective."""
        return self.rule.__name__


CONSTRAINTS = (
    Indexed("NODES", stock_balance),
    Indexed("BACKLOGS", backlog_balance),
    Indexed("RESOURCE_INTERVALS", resource_capacity),
    Indexed("SUPPLIER_INTERVALS", supplier_capacity),
    Indexed("LANE_INTERVALS", lane_capacity),
    Indexed("PLANNED_ORDERS", planned_quantity),
    Indexed("TARGETS", stock_target),
    Indexed("SHIPMENTS", smallest_shipment),
    Indexed("SHIPMENTS", largest_shipment),
    Indexed("DELIVERY_DAYS", delivery_day),
    Indexed("FEW_DELIVERIES", number_of_deliveries),
    Indexed("WHOLE_LINES", whole_line),
    Indexed("SET_SHIPMENTS", set_shipment),
    Indexed("SET_GATHERINGS", ship_set),
    Indexed("LOT_ORDERS", smallest_order),
    Indexed("LOT_ORDERS", largest_order),
    Indexed("LOT_MULTIPLES", order_multiple),
    Indexed("LOT_PACKED", full_packs),
    Indexed("LOT_PACKED", packs_hold),
    Indexed("WHOLE_SHIPMENTS", whole_shipment),
    Indexed("COUNTED_SHIPMENTS", counted_shipment),
    Indexed("ALLOCATED_USES", allocation),
    Indexed("ALLOCATION_SOURCES", allocation_share),
    Indexed("OPEN_SHARES", allocation_protection),
    Indexed("RESTS", allocation_of_rest),
    Indexed("SHARERS", filled),
    Indexed("SHARERS", fair_share),
    Indexed("PREVIOUS_ORDERS", previous_order),
)

OBJECTIVES = (
    Indexed("ONE", shortage_level),
    Indexed("COMMITMENTS", commitment_level),
    Indexed("TIERS", tier_level),
    Indexed("TIERS", priority_level),
    Indexed("TIERS", fair_level),
    Indexed("ONE", premium_level),
    Indexed("ONE", substitution_level),
    Indexed("ONE", allocation_level),
    Indexed("ONE", overload_level),
    Indexed("ONE", target_level),
    Indexed("ONE", stability_level),
    Indexed("ONE", order_stability_level),
    Indexed("ONE", due_order_level),
    Indexed("ONE", rank_level),
    Indexed("ONE", cost_level),
    Indexed("ONE", spending_level),
    Indexed("ONE", tidy_level),
)
