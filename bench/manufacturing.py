"""The manufacturing ladder: seeded clusters of five-level bills, solved as a user would.

A cluster makes four products from four assemblies, these from four subassemblies, and so on through five levels of
making; what the lowest level is made of is raw material of two suppliers. Every made item needs two of the four items
below it, so that components are shared inside the cluster. Three resources are shared too: one by the products, one by
the next two levels, one by the two below. Resources have weekly hours and suppliers weekly quantities, 70 to 110 % of
the average need of a quarter, so that another one is scarce in every cluster. Lead times are 1 to 5 days for making
and 7 to 28 days for raw material; on hand is up to a tenth of the need of every item. Every cluster has 30 orders of 1
to 10 units, due from 10 days ago to 90 days ahead, in tiers 1 to 3.

    python bench/manufacturing.py 100 300 1000
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from rung import WEEKS_OF_NEED, add_options, as_text, due_dates, run_rung, weekly, write_scenario, write_table

ORDERS_PER_CLUSTER = 30
MADE_LEVELS = 5
WIDTH = 4
RESOURCE_OF_LEVEL = np.array([0, 1, 1, 2, 2])
RESOURCES = 3
SUPPLIERS = 2
MAKE_DAYS = (1, 5)
BUY_DAYS = (7, 14, 21, 28)
QUANTITY_PER = (1, 1, 1, 2)
HOURS_PER_UNIT = (0.25, 0.5, 0.75, 1.0)
CAPACITY_SHARE = (0.7, 1.1)
STOCK_SHARE = 0.1
LOCATION = "PLANT"


@dataclass(frozen=True)
class Bills:
    """Components of all made items, as arrays clusters × made levels × width × 2.

    Args:
        component: Position of the component in the level below.
        quantity_per: Units of it in one unit.
    """

    component: np.ndarray
    quantity_per: np.ndarray


def write_clusters(folder: Path, clusters: int, *, seed: int = 1) -> Path:
    """Write the planning data and the scenario of one rung.

    Args:
        folder: Where to write; made when missing.
        clusters: Number of clusters.
        seed: Of the random numbers.

    Returns:
        The scenario file.
    """
    random = np.random.default_rng(seed)
    data = folder / "data"
    cluster = np.array([f"K{n:05d}" for n in range(clusters)])
    names = _named(cluster, [f"L{level}{k}" for level in range(MADE_LEVELS + 1) for k in range(1, WIDTH + 1)])
    names = names.reshape(clusters, MADE_LEVELS + 1, WIDTH)
    resources = _named(cluster, [f"R{k}" for k in range(1, RESOURCES + 1)])
    suppliers = _named(cluster, [f"S{k}" for k in range(1, SUPPLIERS + 1)])
    bills = _bills(random, clusters)
    need = _write_demands(random, data, names, bills)
    _write_makes(random, data, names, resources, bills, need)
    _write_buys(random, data, names[:, MADE_LEVELS], suppliers, need[:, MADE_LEVELS])
    held = np.floor(random.uniform(0, STOCK_SHARE, need.shape) * need).astype(np.int64)
    write_table(data, "on_hand", {"item": names.ravel(), "location": LOCATION, "quantity": held.ravel()})
    return write_scenario(folder, "manufacturing")


def _named(cluster: np.ndarray, endings: list[str]) -> np.ndarray:
    return np.array([[f"{name}-{ending}" for ending in endings] for name in cluster])


def _bills(random: np.random.Generator, clusters: int) -> Bills:
    """Two different components of the level below for every made item."""
    shape = (clusters, MADE_LEVELS, WIDTH)
    first = random.integers(0, WIDTH, shape)
    second = (first + random.integers(1, WIDTH, shape)) % WIDTH
    return Bills(np.stack([first, second], axis=-1), random.choice(QUANTITY_PER, (*shape, 2)))


def _write_demands(random: np.random.Generator, data: Path, names: np.ndarray, bills: Bills) -> np.ndarray:
    """Write the orders; the need of every item that follows from them: clusters × levels × width."""
    clusters = len(names)
    lines = clusters * ORDERS_PER_CLUSTER
    cluster = np.repeat(np.arange(clusters), ORDERS_PER_CLUSTER)
    product, quantity = random.integers(0, WIDTH, lines), random.integers(1, 11, lines)
    columns = {
        "order": [f"O{n:07d}" for n in range(lines)],
        "line": "1",
        "item": names[cluster, 0, product],
        "location": LOCATION,
        "quantity": quantity,
        "requested_date": due_dates(random, lines),
        "tier": random.integers(1, 4, lines),
    }
    write_table(data, "demands", columns)
    need = np.zeros((clusters, MADE_LEVELS + 1, WIDTH))
    np.add.at(need, (cluster, 0, product), quantity)
    every = np.arange(clusters)[:, None, None]
    for level in range(MADE_LEVELS):
        taken = need[:, level, :, None] * bills.quantity_per[:, level]
        np.add.at(need[:, level + 1], (every, bills.component[:, level]), taken)
    return need


def _write_makes(
    random: np.random.Generator, data: Path, names: np.ndarray, resources: np.ndarray, bills: Bills, need: np.ndarray
) -> None:
    """Write bills, operations and the hours of the resources."""
    made = names[:, :MADE_LEVELS]
    clusters = len(names)
    every, level = np.arange(clusters)[:, None, None, None], np.arange(1, MADE_LEVELS + 1)[None, :, None, None]
    columns = {
        "item": np.repeat(made.ravel(), 2),
        "location": LOCATION,
        "component": names[every, level, bills.component].ravel(),
        "quantity_per": bills.quantity_per.ravel(),
    }
    write_table(data, "bills_of_materials", columns)
    lead = random.integers(MAKE_DAYS[0], MAKE_DAYS[1] + 1, made.size)
    write_table(data, "operations", {"item": made.ravel(), "location": LOCATION, "lead_time_days": lead})
    hours = random.choice(HOURS_PER_UNIT, made.shape)
    columns = {
        "item": made.ravel(),
        "location": LOCATION,
        "resource": np.repeat(resources[:, RESOURCE_OF_LEVEL].ravel(), WIDTH),
        "hours_per_unit": hours.ravel(),
    }
    write_table(data, "operation_resources", columns)
    load = np.zeros(resources.shape)
    for at, resource in enumerate(RESOURCE_OF_LEVEL):
        load[:, resource] += (hours[:, at] * need[:, at]).sum(axis=1)
    write_table(data, "resource_capacity", weekly("resource", resources.ravel(), "hours", _share(random, load)))


def _write_buys(
    random: np.random.Generator, data: Path, raw: np.ndarray, suppliers: np.ndarray, need: np.ndarray
) -> None:
    """Write who sells the raw material, and how much a week; each supplier sells as many items as the other."""
    columns = {
        "supplier": np.repeat(suppliers.ravel(), WIDTH // SUPPLIERS),
        "item": raw.ravel(),
        "location": LOCATION,
        "lead_time_days": random.choice(BUY_DAYS, raw.size),
    }
    write_table(data, "supplier_items", columns)
    load = need.reshape(*suppliers.shape, WIDTH // SUPPLIERS).sum(axis=-1)
    write_table(data, "supplier_capacity", weekly("supplier", suppliers.ravel(), "quantity", _share(random, load)))


def _share(random: np.random.Generator, load: np.ndarray) -> np.ndarray:
    """What is there a week of a load of a quarter."""
    return np.ceil(random.uniform(*CAPACITY_SHARE, load.size) * load.ravel() / WEEKS_OF_NEED)


def main() -> None:
    """Run the rungs that are asked for and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clusters", nargs="*", type=int, default=[100, 300, 1000], help="sizes in clusters")
    add_options(parser)
    arguments = parser.parse_args()
    for clusters in arguments.clusters:
        write = partial(write_clusters, clusters=clusters)
        result = {
            "clusters": clusters,
            "lines": clusters * ORDERS_PER_CLUSTER,
            **run_rung(write, extra=arguments.option, repeat=arguments.repeat, heuristic=arguments.heuristic),
        }
        print(json.dumps(result) if arguments.json else as_text(result), flush=True)


if __name__ == "__main__":
    main()
