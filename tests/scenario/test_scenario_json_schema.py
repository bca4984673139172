from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from firmdate.data.tables import TABLE, TABLES
from firmdate.scenario.files import load_scenario, scenario_json_schema
from firmdate.scenario.schema import Change, Scenario
from scenario.refusals import HEAD, write

EXAMPLE = """
name: res1-loses-a-shift
description: What if RES_1 loses one shift in week 2?
extends: tutorial.yaml
data: data/tutorial
planning_date: 2021-01-01
horizon_days: 180
supply_sources: [on_hand, scheduled_receipts, planned_orders, new_orders]
supply_plans: [WEEKLY]
planned_orders: adjust
mode: constrained
objective: tiers
changes:
  - {table: resource_capacity, where: {resource: RES_1, start: 2021-01-11}, multiply: {hours: 0.5}}
  - {table: demands, where: {customer: ACME}, set: {tier: 1}}
  - {table: supplier_capacity, where: {supplier: S1}, drop: true}
  - {table: scheduled_receipts,
     add: {receipt: X1, type: purchase, item: COMP_1, location: M1, date: 2021-01-04, quantity: 50}}
expect: {late_lines: 2}
"""

ALSO_RIGHT = [
    HEAD,
    "extends: tutorial.yaml\n",
    HEAD + "changes:\nexpect:\n",
    HEAD + "supply_plans: [WEEKLY, 12]\nresolution: week\n",
    HEAD + "expect: {late_unit_days_tier_2: 0.5, promises: {A/1: 2021-01-05, A/2: unpromised}}\n",
    HEAD + "changes: [{table: demands, where: {x_rush: true, line: [1, ~]}, set: {x_rush: ~, partial: no}}]\n",
    HEAD + "changes: [{table: on_hand, add: [{item: 12, location: L, quantity: -5}]}]\n",
    HEAD + "changes: [{table: demands, shift_days: {requested_date: -7}, increase: {quantity: 1.5}}]\n",
]

WRONG = [
    "data: x\n",
    HEAD + "horizn_days: 5\n",
    HEAD + "horizon_days: 0\n",
    HEAD + "horizon_days: 1.5\n",
    HEAD + "mode: fast\n",
    HEAD + "supply_sources: []\n",
    HEAD + "supply_sources: [stock]\n",
    HEAD + "supply_plans: WEEKLY\n",
    HEAD + "expect: {late_line: 2}\n",
    HEAD + "expect: {promises: {A: 2021-01-05}}\n",
    HEAD + "expect: {promises: {A/1: soon}}\n",
    HEAD + "changes: [{table: demand, drop: true}]\n",
    HEAD + "changes: [{table: demands}]\n",
    HEAD + "changes: [{table: demands, where: {}, drop: true}]\n",
    HEAD + "changes: [{table: demands, where: {hours: 1}, drop: true}]\n",
    HEAD + "changes: [{table: demands, where: {item: []}, drop: true}]\n",
    HEAD + "changes: [{table: demands, set: {tier: 0}}]\n",
    HEAD + "changes: [{table: demands, set: {kind: x}}]\n",
    HEAD + "changes: [{table: demands, multiply: {item: 2}}]\n",
    HEAD + "changes: [{table: demands, shift_days: {quantity: 2}}]\n",
    HEAD + "changes: [{table: on_hand, set: {x_rush: 2}}]\n",
    HEAD + "changes: [{table: on_hand, add: {item: A, location: L}}]\n",
    HEAD + "changes: [{table: on_hand, add: []}]\n",
]


class EditorLoader(yaml.SafeLoader):
    """Reads YAML as the language servers of editors do: a date is text."""


EditorLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith("timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "null": type(None),
}
CHECKED = {"type", "enum", "const", "anyOf", "allOf", "if", "then", "$ref", "properties", "patternProperties", "items"}
CHECKED |= {"additionalProperties", "propertyNames", "required", "minProperties", "minItems", "uniqueItems", "minimum"}
CHECKED |= {"maximum", "exclusiveMinimum", "pattern"}
SAID = {"$schema", "title", "description", "default", "format", "$defs"}


def is_type(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, TYPES[name])


def is_valid(schema: dict[str, Any], value: Any, root: dict[str, Any]) -> bool:
    """Judges by the part of JSON Schema that the scenario uses, and by nothing else."""
    assert schema.keys() <= CHECKED | SAID
    types = schema.get("type", [])
    checks = [
        not types or any(is_type(name, value) for name in ([types] if isinstance(types, str) else types)),
        "enum" not in schema or any(value == one and type(value) is type(one) for one in schema["enum"]),
        "const" not in schema or value == schema["const"],
        "anyOf" not in schema or any(is_valid(one, value, root) for one in schema["anyOf"]),
        all(is_valid(one, value, root) for one in schema.get("allOf", [])),
        "if" not in schema or not is_valid(schema["if"], value, root) or is_valid(schema["then"], value, root),
        "$ref" not in schema or is_valid(root["$defs"][schema["$ref"].rpartition("/")[2]], value, root),
    ]
    if isinstance(value, dict):
        checks.append(is_valid_object(schema, value, root))
    elif isinstance(value, list):
        checks += [
            len(value) >= schema.get("minItems", 0),
            not schema.get("uniqueItems") or len(set(value)) == len(value),
        ]
        checks += [is_valid(schema.get("items", {}), item, root) for item in value]
    elif isinstance(value, str):
        checks.append(re.search(schema.get("pattern", ""), value) is not None)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        checks.append(schema.get("minimum", value) <= value <= schema.get("maximum", value))
        checks.append("exclusiveMinimum" not in schema or value > schema["exclusiveMinimum"])
    return all(checks)


def is_valid_object(schema: dict[str, Any], value: dict[str, Any], root: dict[str, Any]) -> bool:
    names = schema.get("propertyNames", {})
    checks = [set(schema.get("required", [])) <= value.keys(), len(value) >= schema.get("minProperties", 0)]
    for key, inner in value.items():
        by_pattern = [one for pattern, one in schema.get("patternProperties", {}).items() if re.search(pattern, key)]
        named = [schema["properties"][key]] if key in schema.get("properties", {}) else []
        rest = schema.get("additionalProperties", True)
        if not named and not by_pattern:
            checks.append(is_valid(rest, inner, root) if isinstance(rest, dict) else rest)
        checks += [is_valid(one, inner, root) for one in [*named, *by_pattern]]
        checks.append(is_valid(names, key, root))
    return all(checks)


def accepts(text: str) -> bool:
    schema = scenario_json_schema()
    return is_valid(schema, yaml.load(text, Loader=EditorLoader), schema)


@pytest.mark.parametrize("text", [EXAMPLE, *ALSO_RIGHT])
def test_what_loads_is_valid_in_an_editor(tmp_path: Path, text: str) -> None:
    write(tmp_path, "tutorial.yaml", HEAD)
    load_scenario(write(tmp_path, "s.yaml", text))

    assert accepts(text)


@pytest.mark.parametrize("text", WRONG)
def test_what_is_refused_is_marked_in_an_editor(text: str) -> None:
    assert not accepts(text)


def test_a_full_validator_agrees() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="the full validator is not installed")
    schema = scenario_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    texts = [EXAMPLE, *ALSO_RIGHT, *WRONG]
    assert [text for text in texts if not validator.is_valid(yaml.load(text, Loader=EditorLoader))] == WRONG


def test_every_key_and_column_is_described() -> None:
    schema = scenario_json_schema()
    change = schema["$defs"]["change"]

    assert json.loads(json.dumps(schema)) == schema
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["properties"].keys() == {"extends", *Scenario.model_fields}
    assert change["properties"].keys() == set(Change.model_fields)
    assert change["properties"]["table"]["enum"] == list(TABLE)
    for one in (*schema["properties"].values(), *change["properties"].values()):
        assert one["description"]
    for table in TABLES:
        columns = schema["$defs"][table.name]["properties"]
        assert tuple(columns) == table.names
        assert all(column["description"] for column in columns.values())
    assert schema["properties"]["mode"]["enum"] == ["constrained", "unconstrained"]
    assert schema["properties"]["horizon_days"]["default"] == 180
    assert "(units per day)" in schema["$defs"]["lanes"]["properties"]["capacity_per_day"]["description"]
