"""OpenAPI 3.0 to 3.1: only schemas differ (OpenAPI 3.1, appendix "Differences"; JSON Schema 2020-12).

A table says which kind of thing stands under which key, so that no example or default is ever mistaken for a schema.
A file that others refer to may hold anything, at any depth: what a part of it is, is told by its keys (`kind_of`).
Parts without a change are not copied.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from .data import is_array, is_object
from .pointer import Moves, join

__all__ = ["METHODS", "kind_of", "upgrade_fragment", "upgrade_schemas"]

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


class _Under(NamedTuple):
    """What stands under a key: one thing of ``kind``, or a list or map ("many") of them."""

    kind: str
    many: bool = False


_OPERATION: Final = {
    "parameters": _Under("parameter", many=True),
    "requestBody": _Under("body"),
    "responses": _Under("response", many=True),
    "callbacks": _Under("callback", many=True),
}
_CHILDREN: Final[Mapping[str, Mapping[str, _Under]]] = {
    "document": {
        "paths": _Under("path", many=True),
        "components": _Under("components"),
        "webhooks": _Under("path", many=True),
        "x-webhooks": _Under("path", many=True),
    },
    "components": {
        "schemas": _Under("schema", many=True),
        "parameters": _Under("parameter", many=True),
        "headers": _Under("parameter", many=True),
        "requestBodies": _Under("body", many=True),
        "responses": _Under("response", many=True),
        "pathItems": _Under("path", many=True),
        "callbacks": _Under("callback", many=True),
    },
    "path": {"parameters": _Under("parameter", many=True), **dict.fromkeys(METHODS, _Under("operation"))},
    "operation": _OPERATION,
    "parameter": {"schema": _Under("schema"), "content": _Under("media", many=True)},
    "body": {"content": _Under("media", many=True)},
    "response": {"content": _Under("media", many=True), "headers": _Under("parameter", many=True)},
    "media": {"schema": _Under("schema"), "encoding": _Under("encoding", many=True)},
    "encoding": {"headers": _Under("parameter", many=True)},
    "schema": {
        "properties": _Under("schema", many=True),
        "allOf": _Under("schema", many=True),
        "anyOf": _Under("schema", many=True),
        "oneOf": _Under("schema", many=True),
        "items": _Under("schema"),
        "additionalProperties": _Under("schema"),
        "not": _Under("schema"),
        "patternProperties": _Under("schema", many=True),
        "definitions": _Under("schema", many=True),
        "$defs": _Under("schema", many=True),
    },
}
# What only one kind of thing has. Where several fit, the first wins: an operation has `parameters`, and so has a path.
_SIGNS: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("parameter", frozenset({"in"})),
    ("operation", frozenset({"responses", "operationId", "requestBody"})),
    ("path", frozenset({"get", "put", "post", "delete", "patch", "head", "options"})),
    ("body", frozenset({"content"})),  # a response, too: both have media types
    ("media", frozenset({"schema"})),
    (
        "schema",
        frozenset(
            {
                "$ref", "additionalProperties", "allOf", "anyOf", "enum", "format", "items", "nullable", "oneOf",
                "properties", "type", "x-nullable",
            }
        ),
    ),
)  # fmt: skip


@dataclass(slots=True)
class _Run:
    """What one up-conversion knows on its way."""

    moves: Moves = field(default_factory=Moves)
    siblings_count: bool = False  # 3.1 and later: what stands beside a `$ref` counts


def upgrade_schemas(root: dict[str, Any], *, siblings_count: bool = False) -> tuple[dict[str, Any], Moves]:
    """Return ``root`` with every schema in the dialect of OpenAPI 3.1, and what moved on the way."""
    run = _Run(siblings_count=siblings_count)
    return _upgrade_children(root, _CHILDREN["document"], "", run), run.moves


def upgrade_fragment(root: Any, *, siblings_count: bool = False) -> tuple[Any, Moves]:
    """Do the same for a file that is no whole document, but holds what documents refer to."""
    run = _Run(siblings_count=siblings_count)
    return _upgrade_parts(root, "", run), run.moves


def kind_of(value: dict[str, Any]) -> str:
    """Return what a part of a description is, judged by its keys; "" for a collection of parts."""
    for kind, signs in _SIGNS:
        found = signs & value.keys()
        # A collection may have a member called `items` or `type`; what such a key holds in a description is known.
        if any(not is_object(value[key]) or key in _HOLDS_OBJECTS for key in found):
            return kind
    return ""


_HOLDS_OBJECTS: Final = frozenset(
    {"responses", "requestBody", "content", "schema", "items", "properties", "additionalProperties", *METHODS}
)


def _upgrade_parts(value: Any, pointer: str, run: _Run) -> Any:
    if not is_object(value):
        return value
    if kind := kind_of(value):
        return _upgrade(value, kind, pointer, run)
    made = {key: _upgrade_parts(child, join(pointer, key), run) for key, child in value.items()}
    return made if any(made[key] is not value[key] for key in made) else value


def _upgrade(value: Any, kind: str, pointer: str, run: _Run) -> Any:
    if not is_object(value):
        return value
    if kind == "callback":  # a map of path items by expression
        return _upgrade_many(value, "path", pointer, run)
    upgraded = _upgrade_children(value, _CHILDREN[kind], pointer, run)
    return _upgrade_schema(upgraded, pointer, run) if kind == "schema" else upgraded


def _upgrade_children(value: dict[str, Any], children: Mapping[str, _Under], pointer: str, run: _Run) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for key in value.keys() & children.keys():
        child, under = value[key], children[key]
        new = (
            _upgrade_many(child, under.kind, join(pointer, key), run)
            if under.many
            else _upgrade(child, under.kind, join(pointer, key), run)
        )
        if new is not child:
            changed[key] = new
    # Key order is the document's, whatever changed.
    return {key: changed.get(key, child) for key, child in value.items()} if changed else value


def _upgrade_many(value: Any, kind: str, pointer: str, run: _Run) -> Any:
    if is_object(value):
        made = {key: _upgrade(child, kind, join(pointer, str(key)), run) for key, child in value.items()}
        return made if any(made[key] is not value[key] for key in made) else value
    if is_array(value):
        items = [_upgrade(child, kind, f"{pointer}/{index}", run) for index, child in enumerate(value)]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


_ALTERNATIVE: Final = re.compile(r"/(anyOf|oneOf)/\d+$")
_3_0_ONLY: Final = frozenset({"nullable", "x-nullable", "exclusiveMinimum", "exclusiveMaximum"})
# OpenAPI 3.0 says that what stands beside a `$ref` is ignored. What only comments on the value, or says that it may be
# null, is meant all the same; a second structure there is usually a leftover, as in `type: object` beside a `$ref`.
_BESIDE_REFERENCE: Final = frozenset(
    {
        "$ref", "default", "deprecated", "description", "example", "examples", "externalDocs", "nullable", "readOnly",
        "summary", "title", "writeOnly", "xml",
    }
)  # fmt: skip


def _upgrade_schema(schema: dict[str, Any], pointer: str, run: _Run) -> dict[str, Any]:
    if not run.siblings_count and len(schema) > 1 and isinstance(schema.get("$ref"), str):
        kept = {key: value for key, value in schema.items() if key in _BESIDE_REFERENCE or key.startswith("x-")}
        schema = kept if len(kept) < len(schema) else schema
    if schema.get("type") == "file":  # Swagger 2.0, in responses
        schema = {**schema, "type": "string", "format": "binary"}
    if isinstance(schema.get("discriminator"), str):  # Swagger 2.0: the name of a property
        schema = {**schema, "discriminator": {"propertyName": schema["discriminator"]}}
    if not schema.keys() & _3_0_ONLY:
        return schema
    schema = _upgrade_bounds(schema)
    is_nullable = schema.get("nullable", schema.get("x-nullable")) is True
    rest = {key: value for key, value in schema.items() if key not in ("nullable", "x-nullable")}
    return _allow_null(rest, pointer, run) if is_nullable else rest


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


def _allow_null(schema: dict[str, Any], pointer: str, run: _Run) -> dict[str, Any]:
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
        run.moves.record_extract(now=join(pointer, "anyOf", "0"), before=pointer)
        return {"anyOf": [schema, {"type": "null"}]}
    return schema
