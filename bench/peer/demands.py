"""Demands of a case as order lines, with the points at which their deliveries arrive."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from datetime import timedelta

from peer.case import Demand, Option
from peer.grid import Grid
from planning_files import PlanningFiles

LINE = "1"
"""Line number of every order."""

_TOGETHER = ("alltogether", "inratio")
"""Policies under which the members of a group are delivered in the ratio of their quantities."""


class DemandWriter:
    """Writes demands, delivery points and groups.

    Args:
        files: Where the rows go.
        grid: Time.
        tier_of: Priority to tier.
    """

    def __init__(self, files: PlanningFiles, grid: Grid, tier_of: Mapping[float, int]) -> None:
        self._files = files
        self._grid = grid
        self._tier_of = tier_of
        self._points: dict[tuple[Option, ...], tuple[str, str]] = {}
        self.orders: dict[str, tuple[tuple[str, float], ...]] = {}
        self.warnings: list[str] = []

    def write(self, demands: Iterable[Demand]) -> None:
        """Write all demands; the members of a group that is delivered together are one order."""
        ordered = sorted(demands, key=_group_key)
        for group, members in itertools.groupby(ordered, key=_group_key):
            together = list(members)
            if group == ("", "") or len(together) == 1 or not self._can_join(group, together):
                for demand in together:
                    self._write_single(demand)
            else:
                self._write_group(group, together)

    def _can_join(self, group: tuple[str, str], members: list[Demand]) -> bool:
        """True when one order can stand for all members."""
        terms = {(demand.due, demand.priority, demand.max_lateness_days) for demand in members}
        if len(terms) > 1:
            self.warnings.append(
                f"group {group[0]}: group_policy {group[1]} is not used; due dates, priorities or lateness differ"
            )
        return len(terms) == 1

    def _write_single(self, demand: Demand) -> None:
        item, location = self._delivery_point(demand.options)
        self.orders[demand.id] = ((demand.id, 1.0),)
        row = self._line(demand, demand.id, item, location, demand.quantity)
        if demand.min_shipment >= demand.quantity:
            row["partial"] = "false"
        elif demand.min_shipment > 1:
            row["minimum_shipment"] = demand.min_shipment
        if demand.min_shipment > demand.quantity:
            self.warnings.append(
                f"demand {demand.id}: min_shipment is more than the order; the whole order is shipped at once, no more"
            )
        self._files.add("demands", row)

    def _write_group(self, group: tuple[str, str], members: list[Demand]) -> None:
        """One order of a set: a unit of it is made up of the members in the ratio of their quantities."""
        name, policy = group
        item = location = f"group {name}"
        total = sum(demand.quantity for demand in members)
        self._files.add("operations", {"item": item, "location": location, "lead_time_days": 0})
        shares: dict[str, float] = {}
        for demand in members:
            part, origin = self._delivery_point(demand.options)
            shares[part] = shares.get(part, 0.0) + demand.quantity / total
            self._add_once("lanes", {"item": part, "origin": origin, "destination": location, "lead_time_days": 0})
        for part, share in shares.items():
            row = {"item": item, "location": location, "component": part, "quantity_per": share}
            self._files.add("bills_of_materials", row)
        self.orders[item] = tuple((demand.id, demand.quantity / total) for demand in members)
        line = self._line(members[0], item, item, location, total)
        if policy == "alltogether":
            line["partial"] = "false"
        self._files.add("demands", line)

    def _line(self, demand: Demand, order: str, item: str, location: str, quantity: float) -> dict[str, object]:
        row: dict[str, object] = {
            "order": order,
            "line": LINE,
            "item": item,
            "location": location,
            "quantity": quantity,
            "requested_date": self._grid.planning_date(self._grid.at_or_before(demand.due)),
            "tier": self._tier_of[demand.priority],
        }
        if demand.max_lateness_days is not None:
            latest = demand.due + timedelta(days=demand.max_lateness_days)
            row["latest_acceptable_date"] = self._grid.planning_date(self._grid.at_or_before(latest))
        return row

    def _delivery_point(self, options: tuple[Option, ...]) -> tuple[str, str]:
        """Item and location at which a demand with these delivery options is served."""
        if len(options) == 1 and options[0].quantity_per == 1 and options[0].lead_time_days == 0:
            return options[0].item, options[0].location
        if options not in self._points:
            location = f"delivery {len(self._points) + 1}"
            same = {(option.item, option.quantity_per) for option in options} == {(options[0].item, 1.0)}
            item = options[0].item if same else f"{location} of {options[0].item}"
            for at, option in enumerate(options, start=1):
                self._deliver(option, f"option {at}", item, location)
            self._points[options] = (item, location)
        return self._points[options]

    def _deliver(self, option: Option, name: str, item: str, location: str) -> None:
        """A lane to the customer; what has to be picked or counted differently is first made ready for him."""
        steps, rank = self._grid.whole_steps(option.lead_time_days), max(round(option.rank), 0)
        lane = {"item": item, "origin": option.location, "destination": location}
        if item == option.item:
            self._files.add("lanes", {**lane, "mode": name, "lead_time_days": steps, "rank": rank})
            return
        self._add_once("lanes", {**lane, "mode": "ready", "lead_time_days": 0})
        key = {"item": item, "location": option.location, "alternative": name}
        self._files.add("operations", {**key, "lead_time_days": steps, "rank": rank})
        bill = {"component": option.item, "quantity_per": option.quantity_per}
        self._files.add("bills_of_materials", {**key, **bill})

    def _add_once(self, table: str, row: Mapping[str, object]) -> None:
        if row not in self._files.rows(table):
            self._files.add(table, row)


def _group_key(demand: Demand) -> tuple[str, str]:
    """Group and policy of a demand that is delivered together with others; blank for every other demand."""
    if demand.group is None or demand.group_policy not in _TOGETHER:
        return ("", "")
    return (demand.group, demand.group_policy)
