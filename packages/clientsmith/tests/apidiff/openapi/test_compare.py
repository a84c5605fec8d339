"""Versions, places, words and limits of a comparison, at small documents."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from clientsmith.apidiff.difference import Difference, Kind
from clientsmith.apidiff.openapi import compare_documents, compare_specs
from clientsmith.findings import InputError

Document = dict[str, Any]
FAR = date(2030, 1, 1)


def described(schema: Any, *, version: str = "3.1.0", where: str = "response", **more: Any) -> Document:
    """A document with one operation that sends or answers what ``schema`` says."""
    content = {"content": {"application/json": {"schema": schema}}}
    operation: Document = {"operationId": "act", "responses": {"200": {"description": "Done"}}}
    if where == "response":
        operation["responses"]["200"] |= content
    else:
        operation["requestBody"] = {"required": True} | content
    return {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": {"/act": {"post": operation}}} | more


def rules(old: Any, new: Any, **options: Any) -> list[str]:
    found = compare_documents(described(old, **options), described(new, **options), today=FAR)
    return [one.rule for one in found]


# --- versions --------------------------------------------------------------------------------------------------------

_OF_3_0 = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "nullable": True},
        "age": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
        "kind": {"type": "string", "enum": ["a"]},
        "photo": {"type": "string", "format": "byte"},
        "file": {"type": "string", "format": "binary"},
        "friend": {"nullable": True, "allOf": [{"$ref": "#/components/schemas/Friend"}]},
        "state": {"type": "string", "enum": ["on", "off"], "nullable": True, "example": "on"},
    },
}
_OF_3_1 = {
    "type": "object",
    "properties": {
        "name": {"type": ["string", "null"]},
        "age": {"type": "integer", "exclusiveMinimum": 0},
        "kind": {"const": "a"},
        "photo": {"type": "string", "contentEncoding": "base64"},
        "file": {"type": "string", "contentMediaType": "application/octet-stream"},
        "friend": {"anyOf": [{"$ref": "#/components/schemas/Friend"}, {"type": "null"}]},
        "state": {"oneOf": [{"enum": ["off", "on"], "examples": ["on"]}, {"type": "null"}]},
    },
}
_COMPONENTS = {"schemas": {"Friend": {"type": "object", "properties": {"name": {"type": "string"}}}}}


@pytest.mark.parametrize("where", ["request", "response"])
def test_the_same_in_the_words_of_3_0_and_of_3_1_is_no_change(where: str) -> None:
    old = described(_OF_3_0, version="3.0.3", where=where, components=_COMPONENTS)
    new = described(_OF_3_1, version="3.1.0", where=where, components=_COMPONENTS)
    assert compare_documents(old, new) == []
    assert compare_documents(new, old) == []


def test_the_same_in_the_words_of_swagger_2_and_of_3_is_no_change() -> None:
    old = {
        "swagger": "2.0",
        "info": {"title": "T", "version": "1"},
        "host": "a.test",
        "basePath": "/v1",
        "schemes": ["https"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "securityDefinitions": {"login": {"type": "basic"}},
        "security": [{"login": []}],
        "definitions": {"Pet": {"type": "object", "properties": {"name": {"type": "string"}}}},
        "paths": {
            "/pets": {
                "post": {
                    "parameters": [
                        {"name": "pet", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Pet"}},
                        {"name": "tags", "in": "query", "type": "array", "items": {"type": "string"}},
                    ],
                    "responses": {"200": {"description": "Done", "schema": {"$ref": "#/definitions/Pet"}}},
                }
            }
        },
    }
    pet = {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}
    tags = {"type": "array", "items": {"type": "string"}}
    new = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://a.test/v1"}],
        "security": [{"login": []}],
        "components": {
            "securitySchemes": {"login": {"type": "http", "scheme": "basic"}},
            "schemas": {"Pet": {"type": "object", "properties": {"name": {"type": "string"}}}},
        },
        "paths": {
            "/pets": {
                "post": {
                    "parameters": [{"name": "tags", "in": "query", "explode": False, "schema": tags}],
                    "requestBody": {"required": True, "content": pet},
                    "responses": {"200": {"description": "Done", "content": pet}},
                }
            }
        },
    }
    assert compare_documents(old, new) == []


# --- schemas that mean the same --------------------------------------------------------------------------------------

_SAME: dict[str, tuple[Any, Any]] = {
    "one alternative": ({"anyOf": [{"type": "string"}]}, {"type": "string"}),
    "alternatives of plain types": ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"type": ["integer", "string"]}),
    "alternatives in alternatives": (
        {"anyOf": [{"anyOf": [{"type": "string"}, {"type": "integer"}]}, {"type": "boolean"}]},
        {"anyOf": [{"type": "boolean"}, {"type": "string"}, {"type": "integer"}]},
    ),
    "an integer is a number": ({"type": ["number", "integer"]}, {"type": "number"}),
    "merged and written out": (
        {"allOf": [{"type": "object", "required": ["a"]}, {"properties": {"a": {"type": "string"}}}]},
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
    ),
    "properties are those of an object": ({"properties": {"a": {}}}, {"type": "object", "properties": {"a": {}}}),
    "the tighter bound counts": ({"allOf": [{"maximum": 5}, {"maximum": 9}], "type": "number"}, {"type": "number", "maximum": 5.0}),
    "true is anything": (True, {}),
    "an empty schema of others": ({"type": "object", "additionalProperties": {}}, {"type": "object"}),
    "a text and a number of it": ({"type": "number", "default": 1}, {"type": "number", "default": 1.0}),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), _SAME.values(), ids=_SAME)
def test_schemas_that_allow_the_same_are_no_change(old: Any, new: Any) -> None:
    assert rules(old, new) == []
    assert rules(new, old, where="request") == []


_OTHER: dict[str, tuple[Any, Any, str, str]] = {
    "an integer where any number was": ({"type": "number"}, {"type": "integer"}, "type-specialized", "type-generalized"),
    "null": ({"type": "string"}, {"type": ["string", "null"]}, "became-nullable", "became-not-nullable"),
    "null by an alternative": (
        {"type": "string", "minLength": 1},
        {"oneOf": [{"type": "string", "minLength": 1}, {"type": "null"}]},
        "became-nullable",
        "became-not-nullable",
    ),
    "more than, and at least": (
        {"type": "number", "minimum": 5},
        {"type": "number", "exclusiveMinimum": 5},
        "min-increased",
        "min-decreased",
    ),
    "a condition": ({"type": "string"}, {"type": "string", "not": {"const": "a"}}, "constraint-added", "constraint-removed"),
    "nothing at all": ({"type": "string"}, False, "type-changed", "type-changed"),
    "a map of anything": (
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "object"},
        "type-generalized",
        "type-specialized",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "there", "back"), _OTHER.values(), ids=_OTHER)
def test_a_change_of_a_schema_has_its_name_both_ways(old: Any, new: Any, there: str, back: str) -> None:
    assert [rule.partition("-")[2].partition("-")[2] for rule in rules(old, new)] == [there]
    assert [rule.partition("-")[2].partition("-")[2] for rule in rules(new, old)] == [back]


def test_what_is_narrower_breaks_who_sends_and_what_is_wider_breaks_who_receives() -> None:
    wide, narrow = {"enum": ["a", "b"], "type": "string"}, {"enum": ["a"], "type": "string"}

    def kind(old: Any, new: Any, where: str) -> Kind:
        [found] = compare_documents(described(old, where=where), described(new, where=where))
        return found.kind

    assert kind(wide, narrow, "request") is Kind.BREAKING
    assert kind(narrow, wide, "request") is Kind.ADDITION
    assert kind(wide, narrow, "response") is Kind.ADDITION
    assert kind(narrow, wide, "response") is Kind.BREAKING


# --- places and words ------------------------------------------------------------------------------------------------

_OLD_TEXT = """\
openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /pets:
    get:
      operationId: list_pets
      responses:
        '200':
          description: Pets
          content:
            application/json:
              schema: {$ref: 'schemas.yaml#/Pet'}
"""


def test_places_are_those_of_the_file_that_was_changed(tmp_path: Path) -> None:
    for name, kind in (("old", "integer"), ("new", "string")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "api.yaml").write_text(_OLD_TEXT, encoding="utf-8")
        text = f"Pet:\n  type: object\n  properties:\n    id:\n      type: {kind}\n"
        (folder / "schemas.yaml").write_text(text, encoding="utf-8")
    [found] = compare_specs(str(tmp_path / "old" / "api.yaml"), str(tmp_path / "new" / "api.yaml"))
    assert found.rule == "response-property-type-changed"
    assert found.old is not None
    assert found.new is not None
    assert (found.new.file, found.new.line, found.new.column) == (str(tmp_path / "new" / "schemas.yaml"), 4, 5)
    assert (found.old.file, found.old.pointer) == (str(tmp_path / "old" / "schemas.yaml"), "/Pet/properties/id")


def test_places_of_swagger_2_are_those_of_its_author() -> None:
    old = {
        "swagger": "2.0",
        "info": {"title": "T", "version": "1"},
        "definitions": {"Pet": {"type": "object", "properties": {"id": {"type": "integer"}}}},
        "paths": {
            "/pets": {"get": {"responses": {"200": {"description": "", "schema": {"$ref": "#/definitions/Pet"}}}}}
        },
    }
    new = json.loads(json.dumps(old))
    new["definitions"]["Pet"]["properties"]["id"]["type"] = "string"
    [found] = compare_documents(old, new)
    assert found.new is not None
    assert found.new.pointer == "/definitions/Pet/properties/id"


def test_a_change_of_what_many_use_is_told_once_with_those_who_use_it() -> None:
    def document(kind: str) -> Document:
        answer = {"200": {"description": "", "content": {"a/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}}
        paths = {f"/{name}": {"get": {"responses": answer}} for name in ("a", "b", "c")}
        pet = {"type": "object", "properties": {"id": {"type": kind}}}
        return {
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": paths,
            "components": {"schemas": {"Pet": pet}},
        }

    [found] = compare_documents(document("integer"), document("string"))
    assert found.subject == "Pet.id"
    assert found.message == "received from GET /a and 2 others: type integer → string"


def test_what_is_written_in_place_is_told_with_its_path() -> None:
    old = {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "integer"}}}}
    new = {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "boolean"}}}}
    [found] = compare_documents(described(old), described(new))
    assert found.subject == "POST /act"
    assert found.message == "response 200, `[].id`: type integer → boolean"


def test_a_name_for_clients_only_is_said_to_be_one() -> None:
    old, new = described({}), described({})
    new["paths"]["/act"]["post"]["operationId"] = "do"
    [found] = compare_documents(old, new)
    assert found.kind is Kind.BREAKING
    assert found.advice.startswith("the wire is as before, and generated clients have another name")


def test_sunsets_are_held_against_the_day_that_is_given() -> None:
    old, new = described({}), described({})
    new["paths"]["/act"]["post"] |= {"deprecated": True, "x-sunset": "2030-01-20T00:00:00Z"}
    near = [one.rule for one in compare_documents(old, new, today=FAR)]
    assert near == ["api-sunset-date-too-small", "endpoint-deprecated-with-sunset"]
    assert [one.rule for one in compare_documents(old, new, today=date(2029, 1, 1))] == [
        "endpoint-deprecated-with-sunset"
    ]


# --- trees that contain themselves, and documents that are meant to harm ---------------------------------------------


def _tree(kind: str) -> Document:
    node = {
        "type": "object",
        "properties": {
            "value": {"type": kind},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/N"}},
        },
    }
    return described({"$ref": "#/components/schemas/N"}, components={"schemas": {"N": node}})


def test_a_tree_that_contains_itself_is_compared_once() -> None:
    [found] = compare_documents(_tree("integer"), _tree("string"))
    assert found.subject == "N.value"


def _inherits_itself() -> Any:
    return {"allOf": [{"$ref": "#/components/schemas/A"}, {"type": "object"}]}


def _doubling(depth: int) -> Document:
    """Each schema holds the next one twice: 2^depth when written out."""
    schemas: Document = {
        f"S{index}": {"allOf": [{"$ref": f"#/components/schemas/S{index + 1}"}] * 2} for index in range(depth)
    }
    schemas[f"S{depth}"] = {"type": "string"}
    return schemas


_HARMFUL: dict[str, tuple[Any, Document]] = {
    "a schema that is itself": ({"$ref": "#/components/schemas/A"}, {"A": {"$ref": "#/components/schemas/A"}}),
    "two that are each other": (
        {"$ref": "#/components/schemas/A"},
        {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}},
    ),
    "one that inherits from itself": ({"$ref": "#/components/schemas/A"}, {"A": _inherits_itself()}),
    "one that is one of itself": (
        {"$ref": "#/components/schemas/A"},
        {"A": {"oneOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]}},
    ),
    "alternatives of itself": (
        {"$ref": "#/components/schemas/A"},
        {"A": {"oneOf": [{"$ref": "#/components/schemas/A"}, {"type": "object"}, {"minLength": 2}]}},
    ),
    "doubling": ({"$ref": "#/components/schemas/S0"}, _doubling(60)),
    "a list for a schema": ([1, 2], {}),
    "words of the wrong type": (
        {"type": 5, "properties": [1], "required": {"a": 1}, "enum": "x", "allOf": {"a": 1}, "minimum": "1", "oneOf": 3},
        {},
    ),
    "values of the wrong type": (
        {"type": [{}], "format": [], "pattern": 5, "discriminator": {"mapping": [1], "propertyName": {}}, "default": {"a": []}},
        {},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("schema", "schemas"), _HARMFUL.values(), ids=_HARMFUL)
def test_a_schema_that_is_meant_to_harm_is_compared_all_the_same(schema: Any, schemas: Document) -> None:
    harmful = described(schema, components={"schemas": schemas})
    plain = described({"type": "object", "properties": {"a": {"type": "string"}}})
    began = time.perf_counter()
    for where in (harmful, plain):
        assert isinstance(compare_documents(harmful, where), list)
        assert isinstance(compare_documents(where, harmful), list)
    assert compare_documents(harmful, harmful) == []
    assert time.perf_counter() - began < 5


_BROKEN_PARTS: dict[str, Document] = {
    "paths": {"paths": {"/a": []}},
    "methods": {"paths": {"/a": {"get": [], "put": "x"}}},
    "parameters": {"paths": {"/a": {"get": {"parameters": [1, {"name": 5}, {"in": "query"}, {"$ref": 4}], "tags": 3}}}},
    "answers": {"paths": {"/a": {"get": {"responses": {"200": 7, "x": {"content": [1], "headers": 4, "links": 2}}}}}},
    "empty keys": {"paths": {"/a": {"get": {"responses": {"": {"description": "x"}}}}}},
    "body": {
        "paths": {"/a": {"post": {"requestBody": {"content": {"": {"schema": 1, "encoding": 7}}}, "callbacks": 4}}}
    },
    "security": {
        "security": [1, {"a": 2}],
        "components": {"securitySchemes": {"a": 3, "b": {"flows": 2}}},
    },
    "servers": {"servers": [1, {"url": 3}, {"url": "/", "variables": {"a": 1}}]},
    "info": {"info": [], "tags": {"a": 1}, "webhooks": {"w": {"post": 1}}, "x-webhooks": 3},
    "sunset": {"paths": {"/a": {"get": {"deprecated": True, "x-sunset": {"a": 1}, "x-stability-level": 4}}}},
}


@pytest.mark.parametrize("broken", _BROKEN_PARTS.values(), ids=_BROKEN_PARTS)
def test_parts_of_the_wrong_type_are_no_crash(broken: Document) -> None:
    whole = described({"type": "string"})
    document = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {}}} | broken
    for other in (whole, document):
        assert all(isinstance(one, Difference) for one in compare_documents(document, other))
        assert all(isinstance(one, Difference) for one in compare_documents(other, document))


def test_a_schema_that_is_nested_without_end_is_one_refusal() -> None:
    deep: Any = {"type": "string"}
    for _ in range(5000):
        deep = {"type": "array", "items": deep}
    with pytest.raises(InputError, match="nested too deeply"):
        compare_documents(described(deep, version="3.0.0"), described({}))


def test_what_is_no_description_is_one_refusal(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not an OpenAPI document"):
        compare_documents({"a": 1}, described({}), old_file="old.yaml")
    with pytest.raises(InputError, match="there is no such file"):
        compare_specs(str(tmp_path / "nothing.yaml"), str(tmp_path / "nothing.yaml"))
