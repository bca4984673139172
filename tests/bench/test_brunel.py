"""Shipments from plants with a daily capacity, against a maximum flow for each number of days."""

from __future__ import annotations

import csv
import json
import random
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

import brunel
import csv_input


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def most_shipped(folder: Path, days: int) -> int:
    """The most orders that can ship within so many days, without the program under test."""
    sells = {(row["plant_code"], row["product_id"]) for row in table(folder / "ProductsPerPlant.csv")}
    vmi = [(row["plant_code"], row["customers"]) for row in table(folder / "VmiCustomers.csv")]
    lanes = {row["orig_port_cd"] for row in table(folder / "FreightRates.csv")}
    ports = {row["plant_code"] for row in table(folder / "PlantPorts.csv") if row["port"] in lanes}
    capacity = {row["plant_id"]: int(row["daily_capacity"]) for row in table(folder / "WhCapacities.csv")}
    closed = {plant for plant, _ in vmi}
    kinds = Counter(
        (row["product_id"], row["customer"], row["service_level"] == "CRF") for row in table(folder / "OrderList.csv")
    )
    plants = sorted(capacity)
    sink = len(kinds) + len(plants) + 1
    arcs = [(0, at, count) for at, count in enumerate(kinds.values(), start=1)]
    for at, (product, customer, crf) in enumerate(kinds, start=1):
        for of_plant, plant in enumerate(plants, start=len(kinds) + 1):
            open_to = plant not in closed or (plant, customer) in vmi
            if (plant, product) in sells and open_to and (crf or plant in ports):
                arcs.append((at, of_plant, sum(kinds.values())))
    arcs += [(at, sink, capacity[plant] * days) for at, plant in enumerate(plants, start=len(kinds) + 1)]
    source, target, flow = (np.array(column, dtype=np.int32) for column in zip(*arcs, strict=True))
    graph = csr_array((flow, (source, target)), shape=(sink + 1, sink + 1))
    return int(maximum_flow(graph, 0, sink).flow_value)


def best(folder: Path) -> list[int]:
    # Shipping the most by every day at once is possible: plants work side by side and goods need no time.
    return [most_shipped(folder, days) for days in range(1, brunel.DAYS + 1)]


def test_real_orders_ship_as_early_as_any_plan_could(shared: Path, tmp_path: Path) -> None:
    folder = shared / "data" / "brunel"
    orders = brunel.read_orders(folder)
    assert len(orders.plants_of) == 9215
    assert brunel.shipped_by_day(orders, tmp_path) == best(folder)


def write_random_orders(folder: Path, seed: int) -> None:
    """A small data set of the same form, with every rule in it."""
    chance = random.Random(seed)
    plants, products, customers = [f"P{n}" for n in range(5)], [f"{n:04d}" for n in range(8)], ["NO", "C2", "C3"]

    def write(name: str, header: str, rows: list[tuple[object, ...]]) -> None:
        text = "\n".join([header, *(",".join(map(str, row)) for row in rows)])
        (folder / name).write_text(text + "\n", encoding="utf-8")

    write(
        "OrderList.csv",
        "order_id,customer,product_id,service_level",
        [
            (f"{n}.7", chance.choice(customers), chance.choice(products), chance.choice(["CRF", "DTD", "DTP"]))
            for n in range(60)
        ],
    )
    pairs = [(plant, product) for plant in plants for product in products if chance.random() < 0.4]
    write("ProductsPerPlant.csv", "plant_code,product_id", pairs)
    write("VmiCustomers.csv", "plant_code,customers", [("P0", "NO"), ("P3", "C2")])
    write("PlantPorts.csv", "plant_code,port", [(plant, f"PORT{at % 3}") for at, plant in enumerate(plants)])
    write("FreightRates.csv", "carrier,orig_port_cd", [("V1", "PORT0"), ("V1", "PORT1")])
    write("WhCapacities.csv", "plant_id,daily_capacity", [(plant, chance.randrange(4)) for plant in plants])


@pytest.mark.parametrize("seed", range(4))
def test_made_up_orders_ship_as_early_as_any_plan_could(tmp_path: Path, seed: int) -> None:
    write_random_orders(tmp_path, seed)
    assert brunel.shipped_by_day(brunel.read_orders(tmp_path), tmp_path / "run") == best(tmp_path)


def test_the_program_prints_one_json_object_and_counts_orders_without_a_plant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_random_orders(tmp_path, 1)
    (tmp_path / "WhCapacities.csv").write_text("Plant ID,Daily Capacity \nP1,2\n", encoding="utf-8")
    (tmp_path / "ProductsPerPlant.csv").write_text("Plant Code,Product ID\nP1,0001\n", encoding="utf-8")
    (tmp_path / "OrderList.csv").write_text(
        "order_id,customer,product_id,service_level\n1,NO,0001,DTD\n2,NO,0001,DTD\n3,NO,0001,CRF\n4,NO,0002,CRF\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(sys, "argv", ["brunel.py", str(tmp_path), "--json", "--keep", str(tmp_path / "kept")])
    brunel.main()
    assert json.loads(capsys.readouterr().out) == {
        "orders": 4,
        "shipped_by_day": [2, 3, 3, 3, 3, 3, 3],
        "total_delay_days": 1,
    }
    assert (tmp_path / "kept" / "scenario.yaml").exists()


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    write_random_orders(tmp_path, 1)
    (tmp_path / "PlantPorts.csv").write_text("plant_code,harbour\nP1,PORT0\n", encoding="utf-8")
    with pytest.raises(csv_input.DataError, match=r"PlantPorts\.csv: column port is missing"):
        brunel.read_orders(tmp_path)
