"""The scenario as a JSON Schema, for completion and checking in an editor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any, Literal, get_args, get_origin

from firmdate.data.columns import Column, Table
from firmdate.data.tables import TABLES
from firmdate.scenario.rules import RULE_KEYS, Block
from firmdate.scenario.schema import SUPPLY_SOURCES, Change, Scenario
from firmdate.scenario.values import (
    KPI_MEANINGS,
    MAX_HORIZON_DAYS,
    MAX_SHIFT_DAYS,
    RULE_KPI_MEANINGS,
    TIER_KPI_PATTERN,
    UNPROMISED,
)

Schema = dict[str, Any]

_DATE: Schema = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_BLANK: Schema = {"type": "null"}
_FLAG: Schema = {"enum": [True, False, "yes", "no"]}
_SHIFT: Schema = {"type": "integer", "minimum": -MAX_SHIFT_DAYS, "maximum": MAX_SHIFT_DAYS}


def scenario_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a scenario file, for values as YAML 1.2 reads them.

    Returns:
        A new dictionary that ``json.dumps`` can write. The columns of a change depend on its table.
    """
    properties: dict[str, Schema] = {
        "extends": {"description": "Scenario file whose values hold where this one has none", "type": "string"}
    }
    for key, field in Scenario.model_fields.items():
        properties[key] = {"description": field.description or "", **_scenario_value(key)}
        if isinstance(field.default, (str, int)):
            properties[key]["default"] = field.default
    del properties["name"]["default"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Firmdate scenario",
        "type": "object",
        "properties": properties,
        "anyOf": [{"required": ["extends"]}, {"required": ["data", "planning_date"]}],
        "additionalProperties": False,
        "$defs": {"change": _change(), **{table.name: _columns(table, _cell) for table in TABLES}},
    }


def _scenario_value(key: str) -> Schema:
    choices = get_args(Scenario.model_fields[key].annotation)
    special: dict[str, Schema] = {
        "planning_date": _DATE,
        "horizon_days": {"type": "integer", "minimum": 1, "maximum": MAX_HORIZON_DAYS},
        "infinite_fence_days": {
            "type": ["integer", "string"],
            "pattern": "^none$",
            "minimum": 0,
            "maximum": MAX_HORIZON_DAYS,
            "default": "none",
        },
        "supply_sources": {
            "type": "array",
            "items": {"enum": list(SUPPLY_SOURCES)},
            "minItems": 1,
            "uniqueItems": True,
            "default": list(SUPPLY_SOURCES),
        },
        "supply_plans": {"type": "array", "items": _SCALAR, "uniqueItems": True, "default": []},
        "changes": {"type": ["array", "null"], "items": {"$ref": "#/$defs/change"}},
        "expect": _expect(),
    }
    if key in special:
        return special[key]
    if key in RULE_KEYS:
        return _of_type(Scenario.model_fields[key].annotation)
    return {"enum": list(choices)} if choices else dict(_SCALAR)


def _block(model: type[Block]) -> Schema:
    """A block of rules: its keys by their types."""
    fields = model.model_fields
    schema: Schema = {
        "type": "object",
        "properties": {
            key: {"description": field.description or "", **_of_type(field.annotation)} for key, field in fields.items()
        },
        "additionalProperties": False,
    }
    required = [key for key, field in fields.items() if field.is_required()]
    return {**schema, "required": required} if required else schema


def _of_type(annotation: Any) -> Schema:
    """The values that a type of Python reads from YAML."""
    origin, args = get_origin(annotation), get_args(annotation)
    schema: Schema
    if isinstance(annotation, type):
        scalars: dict[type, Schema] = {bool: _FLAG, int: {"type": "integer"}, float: {"type": "number"}, dt.date: _DATE}
        schema = _block(annotation) if issubclass(annotation, Block) else dict(scalars.get(annotation, _SCALAR))
    elif origin is Annotated:
        schema = _of_type(args[0])
    elif origin is Literal:
        schema = {"enum": list(args)}
    elif origin is tuple:
        one = _of_type(args[0])
        schema = {"anyOf": [one, {"type": "array", "items": one}]}
    elif origin is dict:
        schema = {"type": "object", "additionalProperties": {"anyOf": [_of_type(args[1]), _BLANK]}}
    else:
        schema = {"anyOf": [_BLANK if part is type(None) else _of_type(part) for part in args]}
    return schema


def _expect() -> Schema:
    number = {"type": "number"}
    promise = {"anyOf": [_DATE, {"const": UNPROMISED}]}
    return {
        "type": ["object", "null"],
        "properties": {
            **{
                name: {**number, "description": meaning}
                for name, meaning in {**KPI_MEANINGS, **RULE_KPI_MEANINGS}.items()
            },
            "promises": {
                "description": f"Promise date, or {UNPROMISED}, by ORDER/LINE",
                "type": ["object", "null"],
                "propertyNames": {"pattern": "^.+/.+$"},
                "additionalProperties": promise,
            },
        },
        "patternProperties": {f"^{TIER_KPI_PATTERN}$": number},
        "additionalProperties": False,
    }


def _change() -> Schema:
    """A change: its keys, and for every table which columns they may name."""
    properties: dict[str, Schema] = {
        key: {"description": field.description or ""} for key, field in Change.model_fields.items()
    }
    properties["table"]["enum"] = [table.name for table in TABLES]
    properties["drop"]["type"] = "boolean"
    for action in ("where", "set", "multiply", "increase", "shift_days"):
        properties[action].update({"type": "object", "minProperties": 1})
    properties["add"].update({"type": ["object", "array"], "minItems": 1})
    actions = [key for key in properties if key not in ("table", "where")]
    return {
        "type": "object",
        "properties": properties,
        "required": ["table"],
        "anyOf": [{"required": [action]} for action in actions],
        "additionalProperties": False,
        "allOf": [_for_table(table) for table in TABLES],
    }


def _for_table(table: Table) -> Schema:
    row = {"$ref": f"#/$defs/{table.name}"}
    required = [column.name for column in table.columns if column.required]
    full_row = {"allOf": [row, {"required": required}]} if required else row
    return {
        "if": {"properties": {"table": {"const": table.name}}, "required": ["table"]},
        "then": {
            "properties": {
                "where": _columns(table, _wanted),
                "set": row,
                "multiply": _columns(table, _number),
                "increase": _columns(table, _number),
                "shift_days": _columns(table, _days),
                "add": {"anyOf": [full_row, {"type": "array", "items": full_row}]},
            }
        },
    }


def _columns(table: Table, value_of: Callable[[Column], Schema | None]) -> Schema:
    """An object whose keys are the columns for which there is a value."""
    properties = {
        column.name: {"description": _description(column), **value}
        for column in table.columns
        if (value := value_of(column)) is not None
    }
    result: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    own = value_of(Column(table.extra_prefix, "text", "")) if table.extra_prefix else None
    if own is not None:
        result["patternProperties"] = {f"^{table.extra_prefix}": own}
    return result


def _description(column: Column) -> str:
    return f"{column.description} ({column.unit})" if column.unit else column.description


def _typed(column: Column) -> Schema:
    if column.kind == "choice":
        return {"enum": list(column.choices)}
    if column.kind in ("number", "integer"):
        return {"type": column.kind}
    return {"date": _DATE, "flag": _FLAG}.get(column.kind, _SCALAR)


def _cell(column: Column) -> Schema:
    """A new value; a blank where the column may be blank, a limit where it has one."""
    value = dict(_typed(column))
    if column.minimum is not None:
        value["exclusiveMinimum" if column.exclusive else "minimum"] = column.minimum
    return value if column.required else {"anyOf": [value, _BLANK]}


def _wanted(column: Column) -> Schema:
    value = {"anyOf": [_typed(column), _BLANK]}
    return {"anyOf": [value, {"type": "array", "items": value, "minItems": 1}]}


def _number(column: Column) -> Schema | None:
    return {"type": "number"} if column.kind in ("number", "integer") else None


def _days(column: Column) -> Schema | None:
    return _SHIFT if column.kind == "date" else None
