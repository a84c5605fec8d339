"""OpenAPI 3.0 to 3.1: only schemas differ (OpenAPI 3.1, appendix "Differences"; JSON Schema 2020-12).

A table says which kind of thing stands under which key, so that no example or default is ever mistaken for a schema.
Parts without a change are not copied.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from .data import is_array, is_object
from .pointer import Moves, join

__all__ = ["METHODS", "upgrade_schemas"]

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


class _Under(NamedTuple):
    """What stands under a key: one thing of ``kind``, or a list or map ("many") of them."""

    kind: str
    many: bool = False


_OPERATION: Final = {
    "parameters": _Under("parameter", many=True),
    "requestBody": _Under("body"),
    "responses": _Under("response", many=True),
}
_CHILDREN: Final[Mapping[str, Mapping[str, _Under]]] = {
    "document": {"paths": _Under("path", many=True), "components": _Under("components")},
    "components": {
        "schemas": _Under("schema", many=True),
        "parameters": _Under("parameter", many=True),
        "headers": _Under("parameter", many=True),
        "requestBodies": _Under("body", many=True),
        "responses": _Under("response", many=True),
        "pathItems": _Under("path", many=True),
    },
    "path": {"parameters": _Under("parameter", many=True), **dict.fromkeys(METHODS, _Under("operation"))},
    "operation": _OPERATION,
    "parameter": {"schema": _Under("schema"), "content": _Under("media", many=True)},
    "body": {"content": _Under("media", many=True)},
    "response": {"content": _Under("media", many=True), "headers": _Under("parameter", many=True)},
    "media": {"schema": _Under("schema")},
    "schema": {
        "properties": _Under("schema", many=True),
        "allOf": _Under("schema", many=True),
        "anyOf": _Under("schema", many=True),
        "oneOf": _Under("schema", many=True),
        "items": _Under("schema"),
        "additionalProperties": _Under("schema"),
        "not": _Under("schema"),
    },
}
# A file of schemas only, or the target of a `$ref`, has schemas directly under one of these.
_FRAGMENT_PARTS: Final = {"definitions": _Under("schema", many=True), "schemas": _Under("schema", many=True)}


def upgrade_schemas(root: dict[str, Any]) -> tuple[dict[str, Any], Moves]:
    """Return ``root`` with every schema in the dialect of OpenAPI 3.1, and what moved on the way."""
    moves = Moves()
    children = {**_FRAGMENT_PARTS, **_CHILDREN["document"]}
    return _upgrade_children(root, children, "", moves), moves


def _upgrade(value: Any, kind: str, pointer: str, moves: Moves) -> Any:
    if not is_object(value):
        return value
    upgraded = _upgrade_children(value, _CHILDREN[kind], pointer, moves)
    return _upgrade_schema(upgraded, pointer, moves) if kind == "schema" else upgraded


def _upgrade_children(
    value: dict[str, Any], children: Mapping[str, _Under], pointer: str, moves: Moves
) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for key in value.keys() & children.keys():
        child, under = value[key], children[key]
        new = (
            _upgrade_many(child, under.kind, join(pointer, key), moves)
            if under.many
            else _upgrade(child, under.kind, join(pointer, key), moves)
        )
        if new is not child:
            changed[key] = new
    # Key order is the document's, whatever changed.
    return {key: changed.get(key, child) for key, child in value.items()} if changed else value


def _upgrade_many(value: Any, kind: str, pointer: str, moves: Moves) -> Any:
    if is_object(value):
        made = {key: _upgrade(child, kind, join(pointer, str(key)), moves) for key, child in value.items()}
        return made if any(made[key] is not value[key] for key in made) else value
    if is_array(value):
        items = [_upgrade(child, kind, f"{pointer}/{index}", moves) for index, child in enumerate(value)]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


_ALTERNATIVE: Final = re.compile(r"/(anyOf|oneOf)/\d+$")
_3_0_ONLY: Final = frozenset({"nullable", "x-nullable", "exclusiveMinimum", "exclusiveMaximum"})


def _upgrade_schema(schema: dict[str, Any], pointer: str, moves: Moves) -> dict[str, Any]:
    if schema.get("type") == "file":  # Swagger 2.0, in responses
        schema = {**schema, "type": "string", "format": "binary"}
    if not schema.keys() & _3_0_ONLY:
        return schema
    schema = _upgrade_bounds(schema)
    is_nullable = schema.get("nullable", schema.get("x-nullable")) is True
    rest = {key: value for key, value in schema.items() if key not in ("nullable", "x-nullable")}
    return _allow_null(rest, pointer, moves) if is_nullable else rest


def _upgrade_bounds(schema: dict[str, Any]) -> dict[str, Any]:
    """``minimum: 0, exclusiveMinimum: true`` becomes ``exclusiveMinimum: 0``."""
    schema = dict(schema)
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        flag = schema.get(exclusive)
        if flag is True and bound in schema:
            schema[exclusive] = schema.pop(bound)
        elif isinstance(flag, bool):
            del schema[exclusive]
    return schema


def _allow_null(schema: dict[str, Any], pointer: str, moves: Moves) -> dict[str, Any]:
    """Say "or null" in 3.1's words, where they belong."""
    if not schema and _ALTERNATIVE.search(pointer):  # how some generators write an optional value: `{nullable: true}`
        return {"type": "null"}
    if isinstance(schema.get("type"), str):
        nullable = {**schema, "type": [schema["type"], "null"]}
        if is_array(schema.get("enum")) and None not in schema["enum"]:
            nullable["enum"] = [*schema["enum"], None]
        return nullable
    for alternatives in ("anyOf", "oneOf"):
        if is_array(schema.get(alternatives)):
            return {**schema, alternatives: [*schema[alternatives], {"type": "null"}]}
    if "$ref" in schema or "allOf" in schema:
        moves.record_extract(now=join(pointer, "anyOf", "0"), before=pointer)
        return {"anyOf": [schema, {"type": "null"}]}
    return schema
