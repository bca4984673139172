"""Ships a day's orders of a microchip producer from plants with a daily capacity, as early as possible.

    python bench/brunel.py ../shared/data/brunel [--json] [--keep DIR]

An order takes one unit of a plant's daily capacity, whatever its quantity. A plant is eligible for an order when it
has the product, does not serve only other customers, and, unless the service level is CRF, has a port from which a
freight lane starts. Orders with the same eligible plants are alike: they ask for the same item. A plant is a
supplier, its daily capacity is supplier capacity, and every order is wanted on day 1.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import firmdate
from csv_input import DataError, read_columns, run
from planning_files import PlanningFiles

DAYS = 7
DAY_1 = date(2013, 5, 26)
LOCATION = "DOCK"


@dataclass(frozen=True)
class Orders:
    """The orders and what the plants can do.

    Args:
        plants_of: Order to its eligible plants, sorted; empty when there is none.
        capacity: Plant to the orders that it can ship in a day.
    """

    plants_of: dict[str, tuple[str, ...]]
    capacity: dict[str, int]


def read_orders(folder: Path) -> Orders:
    """Read the tables and find the eligible plants of every order.

    Raises:
        DataError: a file or column is missing, an order is listed twice, or a capacity is not a whole number.
    """
    has_product = _sets(read_columns(folder / "ProductsPerPlant.csv", ("product_id", "plant_code")))
    only_for = _sets(read_columns(folder / "VmiCustomers.csv", ("plant_code", "customers")))
    departures = {port for (port,) in read_columns(folder / "FreightRates.csv", ("orig_port_cd",))}
    ports = read_columns(folder / "PlantPorts.csv", ("plant_code", "port"))
    ships = {plant for plant, port in ports if port in departures}
    plants_of: dict[str, tuple[str, ...]] = {}
    columns = ("order_id", "product_id", "customer", "service_level")
    for order, product, customer, service_level in read_columns(folder / "OrderList.csv", columns):
        if order in plants_of:
            raise DataError(f"{folder / 'OrderList.csv'}: order {order} is listed twice")
        plants_of[order] = tuple(
            sorted(
                plant
                for plant in has_product.get(product, set())
                if (plant not in only_for or customer in only_for[plant]) and (service_level == "CRF" or plant in ships)
            )
        )
    return Orders(plants_of, _capacities(folder / "WhCapacities.csv"))


def _sets(rows: Sequence[tuple[str, ...]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for key, value in rows:
        found[key].add(value)
    return dict(found)


def _capacities(path: Path) -> dict[str, int]:
    """Orders a day that each plant can ship; a fraction of an order cannot be shipped."""
    found = {}
    for plant, capacity in read_columns(path, ("plant_id", "daily_capacity")):
        try:
            found[plant] = math.floor(float(capacity))
        except (ValueError, OverflowError):
            raise DataError(f"{path}: daily_capacity of {plant} must be a number (got {capacity!r})") from None
    return found


def planning_files(orders: Orders) -> PlanningFiles:
    """Planning data: one item per set of eligible plants, one order line per order that any plant can ship."""
    files = PlanningFiles()
    items: dict[tuple[str, ...], str] = {}
    for order, plants in orders.plants_of.items():
        able = tuple(plant for plant in plants if plant in orders.capacity)
        if not able:
            continue
        if able not in items:
            items[able] = f"ITEM_{len(items) + 1}"
            files.add("items", {"item": items[able], "description": "from " + " or ".join(able)})
            for plant in able:
                row = {"supplier": plant, "item": items[able], "location": LOCATION, "lead_time_days": 0}
                files.add("supplier_items", row)
        line = {"order": order, "line": "1", "item": items[able], "location": LOCATION, "quantity": 1}
        files.add("demands", {**line, "requested_date": DAY_1.isoformat()})
    for plant, capacity in orders.capacity.items():
        for day in range(DAYS):
            start = DAY_1 + timedelta(days=day)
            interval = {"start": start.isoformat(), "end": (start + timedelta(days=1)).isoformat()}
            files.add("supplier_capacity", {"supplier": plant, **interval, "quantity": capacity})
    return files


def write(orders: Orders, folder: Path) -> Path | None:
    """Write planning data and scenario; None when no order can be shipped by any plant."""
    scenario = {
        "name": "brunel",
        "description": "Orders of one day from plants with a daily capacity.",
        "planning_date": DAY_1.isoformat(),
        "horizon_days": DAYS,
        "supply_sources": ["new_orders"],
    }
    files = planning_files(orders)
    return files.write(folder, scenario) if files.rows("demands") else None


def shipped_by_day(orders: Orders, folder: Path) -> list[int]:
    """Solve; how many orders have shipped by the end of day 1, 2, … (cumulative)."""
    scenario = write(orders, folder)
    if scenario is None:
        return [0] * DAYS
    plan = firmdate.solve(scenario)
    promised = plan.promises.loc[plan.promises["status"].isin(["on_time", "late"]), "promise_date"].dt.date
    return [int((promised <= DAY_1 + timedelta(days=day)).sum()) for day in range(DAYS)]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Ship the orders of the Brunel data as early as possible.")
    parser.add_argument("data", type=Path, metavar="DATA_DIR", help="folder with OrderList.csv and the other tables")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the planning data in DIR")
    options = parser.parse_args()
    orders = read_orders(options.data)
    with tempfile.TemporaryDirectory(prefix="brunel-") as folder:
        shipped = shipped_by_day(orders, options.keep or Path(folder))
    # An order that ships on day n is n - 1 days late: on each of the days 1 … n - 1 it was still to be shipped.
    total_delay = sum(shipped[-1] - count for count in shipped)
    unshipped = len(orders.plants_of) - shipped[-1]
    without_plant = sum(not plants for plants in orders.plants_of.values())
    if options.json:
        result = {"orders": len(orders.plants_of), "shipped_by_day": shipped, "total_delay_days": total_delay}
        print(json.dumps(result))
        return
    print(f"{len(orders.plants_of)} orders, {len(orders.capacity)} plants")
    for day, count in enumerate(shipped, start=1):
        print(f"shipped by the end of day {day}: {count}")
    print(f"total delay of the shipped orders: {total_delay} days")
    print(f"not shipped within {DAYS} days: {unshipped}, of which {without_plant} have no eligible plant")


if __name__ == "__main__":
    run(main)
