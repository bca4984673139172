"""The schema is consistent in itself and says what the documentation needs."""

from __future__ import annotations

import json

import pytest

from firmdate.data.columns import Column, Table
from firmdate.data.planning_data import empty_frame
from firmdate.data.tables import MASTER_TABLES, TABLE, TABLES, describe_tables

COLUMNS = [
    pytest.param(table, column, id=f"{table.name}.{column.name}") for table in TABLES for column in table.columns
]


def test_tables_are_those_of_the_design() -> None:
    keys = {
        "items": "item",
        "locations": "location",
        "stocking_points": "item location",
        "lanes": "item origin destination mode",
        "bills_of_materials": "item location alternative component",
        "operations": "item location alternative",
        "operation_resources": "item location alternative resource",
        "resources": "resource",
        "resource_capacity": "resource start end",
        "suppliers": "supplier",
        "supplier_items": "supplier item location",
        "supplier_capacity": "supplier item start end",
        "calendars": "calendar start end",
        "on_hand": "item location bin",
        "reservations": "order line",
        "scheduled_receipts": "receipt",
        "planned_orders": "plan order",
        "planned_order_demands": "plan order kind name location",
        "demands": "order line",
        "substitutions": "item substitute location",
        "allocation_nodes": "node",
        "allocations": "item location node start end",
    }
    assert {table.name: " ".join(table.keys) for table in TABLES} == keys
    assert [table.name for table in TABLES] == list(keys)
    assert [table.name for table in TABLES if table.required] == ["demands"]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_every_column_is_described(table: Table, column: Column) -> None:
    assert column.description[:1].isupper()
    assert not column.description.endswith(".")
    assert "\n" not in column.description
    has_unit = column.kind == "number" or column.name.endswith("_days")
    assert bool(column.unit) == (has_unit and not column.name.endswith("priority"))


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_every_column_is_consistent(table: Table, column: Column) -> None:
    types = {"number": float, "integer": int, "flag": bool, "id": str, "text": str, "choice": str}
    if column.default is not None:
        assert type(column.default) is types[column.kind]
        assert not column.required
    assert bool(column.choices) == (column.kind == "choice")
    assert column.default is None or not column.choices or column.default in column.choices
    assert column.references is None or column.references in MASTER_TABLES
    assert not column.all_when_blank or (column.key and not column.never_blank)


def test_keys_come_first() -> None:
    for table in TABLES:
        assert table.names[: len(table.keys)] == table.keys
        assert len(set(table.names)) == len(table.names)


def test_description_of_the_schema_is_plain_data() -> None:
    described = json.loads(json.dumps(describe_tables()))
    assert len(described) == sum(len(table.columns) for table in TABLES)
    assert described[0] == {
        "table": "items",
        "table_description": "What is stocked, made, bought and sold",
        "column": "item",
        "kind": "id",
        "unit": "",
        "key": True,
        "required": True,
        "default": None,
        "choices": [],
        "minimum": None,
        "exclusive": False,
        "references": "items",
        "all_when_blank": False,
        "description": "Part number",
    }


def test_extra_columns_are_the_users_own() -> None:
    assert TABLE["demands"].column("x_channel").kind == "text"
    assert TABLE["demands"].allows("x_channel")
    assert not TABLE["items"].allows("x_channel")
    with pytest.raises(KeyError):
        TABLE["items"].column("x_channel")


def test_empty_frame_has_the_types_of_the_schema() -> None:
    types = empty_frame(TABLE["stocking_points"]).dtypes.astype(str).to_dict()
    assert types == {
        "item": "category",
        "location": "category",
        "coverage": "category",
        "minimum": "float64",
        "maximum": "float64",
        "multiple": "float64",
        "safety_stock": "float64",
        "share_target": "float64",
        "holding_cost": "float64",
        "search": "category",
        "search_components": "bool",
        "lead_time_days": "float64",
        "infinite_fence_days": "float64",
    }
    assert str(empty_frame(TABLE["demands"]).dtypes["requested_date"]) == "datetime64[s]"
    assert str(empty_frame(TABLE["demands"]).dtypes["tier"]) == "int64"
