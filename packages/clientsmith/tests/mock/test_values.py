"""Values are what their schema says, the same every time, and they end."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from clientsmith.mock.validation import Direction
from hypothesis import given, settings
from hypothesis import strategies as st

_spec = importlib.util.spec_from_file_location("mock_conftest", Path(__file__).parent / "conftest.py")
assert _spec is not None
assert _spec.loader is not None
conftest = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = conftest
_spec.loader.exec_module(conftest)


def made(schema: Any, *, schemas: Any = None, direction: Direction = Direction.ANSWER, **arguments: Any) -> Any:
    """Return the value of a schema, which has to fit it."""
    service = conftest.service_of(conftest.of_schema(schema), components={"schemas": schemas or {}})
    plain = service.operations[0].responses["200"].contents[0].schema
    value = service.maker.make(plain, direction, **arguments)
    assert service.validator.mistakes(value, plain, direction) == []
    return value


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "uuid"},
        {"type": "string", "minLength": 40, "maxLength": 41},
        {"type": "string", "maxLength": 2},
        {"type": "string", "pattern": "^[A-Z]{3}-[0-9]+$"},
        {"type": "string", "pattern": "^(?=.*[a-z])[a-z0-9]{4,}$", "maxLength": 8},
        {"type": "integer", "minimum": 5, "exclusiveMaximum": 7},
        {"type": "integer", "multipleOf": 25, "minimum": 26},
        {"type": "number", "exclusiveMinimum": 0, "maximum": 0.5},
        {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
        {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}},
        {"allOf": [{"type": "string"}, {"maxLength": 4}, {"minLength": 4}]},
        {"type": "integer", "enum": [4], "allOf": [{"oneOf": [{"const": 1}, {"const": 4}]}]},
        {"type": ["string", "null"], "enum": [None, "x"]},
        {"anyOf": [{"type": "null"}, {"type": "object", "required": ["a"], "properties": {"a": {"type": "boolean"}}}]},
        {"type": "object", "required": ["undescribed"]},
        True,
    ],
    ids=str,
)
def test_a_value_fits_its_schema(schema: Any) -> None:
    """Formats, lengths, patterns, bounds, and what several parts say together."""
    assert made(schema) == made(schema)


def test_another_seed_gives_another_value() -> None:
    schema = {"type": "string", "format": "uuid"}
    values = {
        seed: conftest.get(conftest.service_of(conftest.of_schema(schema), seed=seed)).content for seed in (0, 0, 1)
    }
    assert len(set(values.values())) == 2


def test_examples_and_defaults_come_first_where_they_fit() -> None:
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "example": "Rex"},
            "size": {"type": "integer", "default": 7},
            "wrong": {"type": "integer", "example": "seven"},
        },
    }
    value = made(schema)
    assert (value["name"], value["size"]) == ("Rex", 7)
    assert isinstance(value["wrong"], int)


def test_what_travels_one_way_is_not_made_for_the_other() -> None:
    schema = {
        "type": "object",
        "required": ["id", "secret"],
        "properties": {"id": {"type": "string", "readOnly": True}, "secret": {"type": "string", "writeOnly": True}},
    }
    assert made(schema).keys() == {"id"}
    assert made(schema, direction=Direction.REQUEST).keys() == {"secret"}


def test_recursion_ends() -> None:
    """Where a property may be left out, or a list be empty; else there is no value, and `{}` stands for it."""
    node = {"type": "object", "properties": {"name": {"type": "string"}, "next": {"$ref": "#/components/schemas/Node"}}}
    tree = {"type": "object", "required": ["children"], "properties": {
        "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}  # fmt: skip
    assert made({"$ref": "#/components/schemas/Node"}, schemas={"Node": node}).keys() == {"name"}
    assert made({"$ref": "#/components/schemas/Tree"}, schemas={"Tree": tree}) == {"children": []}
    endless = {"type": "object", "required": ["it"], "properties": {"it": {"$ref": "#/components/schemas/Endless"}}}
    service = conftest.service_of(
        conftest.of_schema({"$ref": "#/components/schemas/Endless"}), components={"schemas": {"Endless": endless}}
    )
    assert conftest.get(service).content == b"{}"


@pytest.mark.parametrize("word", ["oneOf", "anyOf"])
def test_the_discriminator_names_the_alternative(word: str) -> None:
    def pet(**own: Any) -> dict[str, Any]:
        return {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}, **own}}

    members = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
    mapping = {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"}
    schema = {word: members, "discriminator": {"propertyName": "kind", "mapping": mapping}}
    schemas = {"Cat": pet(lives={"type": "integer"}), "Dog": pet(barks={"type": "boolean"})}
    value = made(schema, schemas=schemas)
    assert (value["kind"], "lives" in value) == ("cat", True)


_SCHEMAS = st.recursive(
    st.sampled_from(
        [
            {"type": "string"},
            {"type": "integer", "minimum": 3},
            {"type": "boolean"},
            {"enum": ["a", 1]},
            {"type": "string", "format": "date"},
        ]
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"type": st.just("array"), "items": inner, "minItems": st.integers(0, 2)}),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(
            lambda parts: {"type": "object", "properties": parts, "required": sorted(parts)}
        ),
        st.lists(inner, min_size=1, max_size=2).map(lambda members: {"anyOf": members}),
    ),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None)
@given(_SCHEMAS)
def test_whatever_the_schema_the_value_fits(schema: dict[str, Any]) -> None:
    json.dumps(made(schema))
