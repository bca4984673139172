"""A case as planning data and a scenario of Firmdate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from peer.case import Buy, Case, Make, Movement, Transfer
from peer.demands import LINE, DemandWriter
from peer.grid import Calendars, Grid, choose_grid
from peer.loads import ResourcePlan
from peer.ways import WayWriter, make_warnings, make_ways
from peer.windows import TOKEN_HOURS, Windows
from planning_files import PlanningFiles

_RECEIPT_TYPES = {"PO": "purchase", "DO": "transfer", "MO": "make"}


@dataclass(frozen=True)
class Converted:
    """Planning files of a case.

    Args:
        scenario: Path of the scenario file.
        grid: How dates stand for time steps.
        orders: Which demands an order of the planning data is for, and the share of its units that each gets.
        warnings: What the case uses and the planning data do not have, by name.
    """

    scenario: Path
    grid: Grid
    orders: Mapping[str, tuple[tuple[str, float], ...]]
    warnings: tuple[str, ...]


def convert(case: Case, folder: Path) -> Converted:
    """Write a case as planning data and a scenario into a folder."""
    grid, rounding = choose_grid(case)
    converter = _Converter(case, grid)
    converter.run()
    scenario = {
        "name": case.name,
        "planning_date": grid.planning_date(0),
        "horizon_days": grid.steps,
        "supply_sources": ["on_hand", "scheduled_receipts", "new_orders"],
    }
    warnings = [*case.warnings, *rounding, *converter.warnings()]
    path = converter.files.write(folder, scenario)
    return Converted(path, grid, converter.demands.orders, tuple(dict.fromkeys(warnings)))


class _Converter:
    """Turns the parts of one case into rows of planning tables."""

    def __init__(self, case: Case, grid: Grid) -> None:
        self.case = case
        self.grid = grid
        self.files = PlanningFiles()
        self.windows = Windows(self.files, grid, Calendars(case.non_working, grid))
        self.resources = ResourcePlan(case, grid)
        self.ways = WayWriter(self.files, grid, self.windows)
        every: tuple[Buy | Transfer | Make, ...] = (*case.buys, *case.transfers, *case.makes)
        self.rank_of = {priority: at + 1 for at, priority in enumerate(sorted({a.priority for a in every}))}
        # Stock below zero is owed already, like an issue at the start.
        owed = (Movement(p.item, p.location, case.start, -p.on_hand, "") for p in case.stock_points if p.on_hand < 0)
        self.issues = (*case.issues, *owed)
        first = 1 if self.issues else 0
        priorities = sorted({demand.priority for demand in case.demands})
        self.tier_of = {priority: at + 1 + first for at, priority in enumerate(priorities)}
        self.demands = DemandWriter(self.files, grid, self.tier_of)
        self._sellers: set[tuple[str, ...]] = set()

    def run(self) -> None:
        """Write everything."""
        self.stock()
        self.receipts()
        self.resources.write(self.files)
        for buy in self.case.buys:
            self.buy(buy)
        for transfer in self.case.transfers:
            self.transfer(transfer)
        for way in make_ways(self.case, self.grid, self.resources, self.rank_of):
            self.ways.write(way)
        self.demands.write(self.case.demands)
        self.items()

    def warnings(self) -> Iterator[str]:
        """What could not be expressed."""
        yield from make_warnings(self.case)
        yield from self.resources.warnings
        yield from self.ways.warnings
        yield from self.windows.warnings
        for point in self.case.stock_points:
            name = f"{point.item} at {point.location}"
            if len({step.value for step in point.safety_stock}) > 1:
                yield f"{name}: only the first safety stock is planned for, not how it changes over time"
            if any(step.value for step in point.max_stock):
                yield f"{name}: max_stock is not used; stock is not limited"
        orders: tuple[Buy | Transfer, ...] = (*self.case.buys, *self.case.transfers)
        for order in orders:
            if str(order.sizes):
                yield f"{order.id}: lot sizes ({order.sizes}) are not used; any quantity can be ordered"
        used = {order.validity.calendar for order in (*orders, *self.case.makes)}
        for calendar in self.case.non_working:
            if calendar not in used:
                yield f"non_working_periods {calendar}: nothing names this calendar, so it was not used"
        yield from self.demands.warnings

    def items(self) -> None:
        """Quantities of a case need not be whole."""
        used = {
            str(row[column])
            for table, column in (
                ("demands", "item"),
                ("on_hand", "item"),
                ("scheduled_receipts", "item"),
                ("supplier_items", "item"),
                ("stocking_points", "item"),
                ("lanes", "item"),
                ("operations", "item"),
                ("bills_of_materials", "component"),
            )
            for row in self.files.rows(table)
        }
        for item in sorted(used):
            self.files.add("items", {"item": item, "whole_units": "false"})

    def stock(self) -> None:
        """On hand; a stock point with infinite supply always has what is wanted."""
        for point in self.case.stock_points:
            key = {"item": point.item, "location": point.location}
            if point.infinite_supply:
                self.files.add("stocking_points", {**key, "search": "infinite"})
                continue
            if point.safety_stock:
                self.files.add("stocking_points", {**key, "safety_stock": max(point.safety_stock[0].value, 0)})
            if point.on_hand > 0:
                self.files.add("on_hand", {**key, "quantity": point.on_hand})

    def receipts(self) -> None:
        """Receipts, and issues as order lines that come before every demand."""
        for at, receipt in enumerate(self.case.receipts, start=1):
            row = {
                "receipt": f"receipt {at}",
                "type": _RECEIPT_TYPES.get(receipt.kind, "purchase"),
                "item": receipt.item,
                "location": receipt.location,
                "date": self.grid.planning_date(max(self.grid.at_or_after(receipt.date), 0)),
                "quantity": receipt.quantity,
            }
            self.files.add("scheduled_receipts", row)
        for at, issue in enumerate(self.issues, start=1):
            row = {
                "order": f"issue {at}",
                "line": LINE,
                "item": issue.item,
                "location": issue.location,
                "quantity": issue.quantity,
                "requested_date": self.grid.planning_date(max(self.grid.at_or_before(issue.date), 0)),
                "tier": 1,
            }
            self.files.add("demands", row)

    def buy(self, buy: Buy) -> None:
        """A purchase; one with loads or a validity is an operation without components."""
        steps = self.grid.whole_steps(buy.lead_time_days)
        takes = self.resources.buy_takes(buy)
        variants = self.windows.variants(buy.id, steps, buy.validity.calendar, (buy.validity,))
        rank = self.rank_of[buy.priority]
        for variant in variants:
            key = {"item": buy.item, "location": buy.location}
            seller = {"supplier": buy.supplier, **key}
            if not takes and self.windows.is_always(variant) and tuple(seller.values()) not in self._sellers:
                self._sellers.add(tuple(seller.values()))
                row = {**seller, "lead_time_days": variant.length, "rank": rank}
                self.files.add("supplier_items", row)
                continue
            key["alternative"] = variant.name
            self.files.add("operations", {**key, "lead_time_days": variant.length, "rank": rank})
            window = self.windows.resource(variant)
            hours = [(take.resource, take.amount) for take in takes] + ([(window, TOKEN_HOURS)] if window else [])
            for resource, amount in hours:
                self.files.add("operation_resources", {**key, "resource": resource, "hours_per_unit": amount})

    def transfer(self, transfer: Transfer) -> None:
        """A lane, one mode per window in which it may ship."""
        steps = self.grid.whole_steps(transfer.lead_time_days)
        validity = transfer.validity
        for variant in self.windows.variants(transfer.id, steps, validity.calendar, (validity,)):
            for at, (start, end) in enumerate(variant.windows, start=1):
                row = {
                    "item": transfer.item,
                    "origin": transfer.origin,
                    "destination": transfer.destination,
                    "mode": variant.name if len(variant.windows) == 1 else f"{variant.name} {at}",
                    "lead_time_days": variant.length,
                    "rank": self.rank_of[transfer.priority],
                }
                if not self.windows.is_always(variant):
                    row |= {
                        "effective_from": self.grid.planning_date(start),
                        "effective_to": self.grid.planning_date(end - 1),
                    }
                self.files.add("lanes", row)
