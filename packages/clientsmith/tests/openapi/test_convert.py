"""Older documents say the same in 3.1's words, and findings still point at what the author wrote."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.openapi.load import Document, read_document
from clientsmith.openapi.pointer import Moves, look_up
from clientsmith.openapi.source import Source


def converted(root: dict[str, Any]) -> Document:
    return read_document(Source("test", data=root))[0]


def schema_3_0(schema: dict[str, Any]) -> Any:
    root = {"openapi": "3.0.3", "paths": {"/x": {}}, "components": {"schemas": {"A": schema}}}
    return converted(root).root["components"]["schemas"]["A"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"type": "string", "nullable": True}, {"type": ["string", "null"]}, id="nullable"),
        pytest.param({"type": "string", "nullable": False}, {"type": "string"}, id="not nullable"),
        pytest.param(
            {"type": "string", "enum": ["a"], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
            id="nullable enum",
        ),
        pytest.param(
            {"$ref": "#/x", "nullable": True}, {"anyOf": [{"$ref": "#/x"}, {"type": "null"}]}, id="nullable reference"
        ),
        pytest.param(
            {"anyOf": [{"$ref": "#/x"}, {"nullable": True}]},
            {"anyOf": [{"$ref": "#/x"}, {"type": "null"}]},
            id="nullable alternative",
        ),
        pytest.param({"nullable": True}, {}, id="nullable alone"),
        pytest.param(
            {"oneOf": [{"type": "string"}], "nullable": True},
            {"oneOf": [{"type": "string"}, {"type": "null"}]},
            id="nullable union",
        ),
        pytest.param(
            {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
            {"type": "integer", "exclusiveMinimum": 0},
            id="bound",
        ),
        pytest.param(
            {"type": "integer", "maximum": 9, "exclusiveMaximum": False},
            {"type": "integer", "maximum": 9},
            id="no bound",
        ),
        pytest.param(
            {
                "type": "object",
                "example": {"nullable": True},
                "properties": {"a": {"type": "string", "nullable": True}},
            },
            {"type": "object", "example": {"nullable": True}, "properties": {"a": {"type": ["string", "null"]}}},
            id="properties, but no examples",
        ),
        pytest.param({"nullable": True}, {}, id="anything"),
        pytest.param(
            {"$ref": "#/x", "type": "object", "properties": {}, "description": "d", "x-a": 1},
            {"$ref": "#/x", "description": "d", "x-a": 1},
            id="what stands beside a reference",
        ),
        pytest.param(
            {"discriminator": "kind"}, {"discriminator": {"propertyName": "kind"}}, id="discriminator by name"
        ),
        pytest.param(
            {"$ref": {"type": "string", "nullable": True}}, {"$ref": {"type": "string", "nullable": True}}, id="no text"
        ),
    ],
)
def test_schemas_of_3_0(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert schema_3_0(before) == after


def test_a_3_1_document_is_not_touched() -> None:
    schema = {"$ref": "#/x", "type": "object"}
    root = {"openapi": "3.1.0", "paths": {"/x": {}}, "components": {"schemas": {"A": schema}}}
    assert converted(root).root is root


def test_nullable_in_a_3_1_document_is_what_its_author_meant() -> None:
    text = '{"openapi": "3.1.0", "paths": {"/x": {}}, "components": {"schemas": {"A": {"type": "string", "nullable": true}}}}'
    document, findings = read_document(Source("test", text))
    assert document.root["components"]["schemas"]["A"] == {"type": ["string", "null"]}
    assert [finding.rule for finding in findings] == ["nullable-word"]


def test_schemas_are_found_wherever_they_stand() -> None:
    """In callbacks, in the headers of a form's part, below `allOf` and `not`."""
    schema = {"type": "string", "nullable": True}
    callback = {"{$url}": {"post": {"parameters": [{"name": "a", "in": "query", "schema": schema}]}}}
    form = {"content": {"multipart/form-data": {"encoding": {"a": {"headers": {"H": {"schema": schema}}}}}}}
    operation = {"callbacks": {"done": callback}, "requestBody": form}
    root = converted({"openapi": "3.0.0", "paths": {"/x": {"post": operation}}}).root["paths"]["/x"]["post"]
    now = {"type": ["string", "null"]}
    assert root["callbacks"]["done"]["{$url}"]["post"]["parameters"][0]["schema"] == now
    assert look_up(root, "/requestBody/content/multipart~1form-data/encoding/a/headers/H/schema") == now


def test_what_needs_no_change_is_not_copied() -> None:
    schema = {"type": "string"}
    assert schema_3_0(schema) is schema


def test_a_reference_that_became_an_alternative_points_back() -> None:
    document = converted(
        {"openapi": "3.0.0", "paths": {"/x": {}}, "components": {"schemas": {"A": {"$ref": "#/b", "nullable": True}}}}
    )
    assert document.original("/components/schemas/A/anyOf/0/$ref") == "/components/schemas/A/$ref"


# --- Swagger 2.0 -----------------------------------------------------------------------------------------------------

SWAGGER: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Old", "version": "1"},
    "host": "example.com",
    "basePath": "/v1/",
    "schemes": ["http", "https"],
    "consumes": ["application/json"],
    "produces": ["application/json"],
    "x-kept": True,
    "parameters": {
        "Limit": {"name": "limit", "in": "query", "type": "integer", "exclusiveMinimum": True, "minimum": 0},
        "Body": {"name": "thing", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Thing"}},
    },
    "responses": {"Gone": {"description": "Gone", "schema": {"$ref": "#/definitions/Thing"}}},
    "securityDefinitions": {
        "login": {"type": "basic"},
        "oauth": {
            "type": "oauth2",
            "flow": "accessCode",
            "authorizationUrl": "a",
            "tokenUrl": "t",
            "scopes": {"s": ""},
        },
    },
    "definitions": {"Thing": {"type": "object", "properties": {"a": {"type": "string", "x-nullable": True}}}},
    "paths": {
        "/things": {
            "parameters": [{"$ref": "#/parameters/Limit"}],
            "post": {
                "consumes": ["application/json", "text/json"],
                "parameters": [
                    {"$ref": "#/parameters/Body"},
                    {
                        "name": "ids",
                        "in": "query",
                        "type": "array",
                        "items": {"type": "string"},
                        "collectionFormat": "pipes",
                    },
                    {
                        "name": "all",
                        "in": "query",
                        "type": "array",
                        "items": {"type": "string"},
                        "collectionFormat": "multi",
                    },
                    {"name": "csv", "in": "query", "type": "array", "items": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "description": "ok",
                        "schema": {"$ref": "#/definitions/Thing"},
                        "headers": {"N": {"type": "integer"}},
                    },
                    "404": {"$ref": "#/responses/Gone"},
                },
            },
        },
        "/file": {
            "post": {
                "consumes": ["multipart/form-data"],
                "produces": ["image/png"],
                "parameters": [
                    {"name": "file", "in": "formData", "type": "file", "required": True},
                    {"name": "note", "in": "formData", "type": "string", "description": "why"},
                ],
                "responses": {"200": {"description": "ok", "schema": {"type": "file"}}},
            }
        },
    },
}


@pytest.fixture(scope="module")
def old() -> Document:
    return converted(SWAGGER)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/servers", [{"url": "https://example.com/v1"}, {"url": "http://example.com/v1"}]),
        ("/x-kept", True),
        ("/components/securitySchemes/login", {"type": "http", "scheme": "basic"}),
        ("/components/securitySchemes/oauth/flows/authorizationCode/scopes", {"s": ""}),
        ("/components/schemas/Thing/properties/a/type", ["string", "null"]),
        ("/components/parameters/Limit/schema", {"type": "integer", "exclusiveMinimum": 0}),
        ("/paths/~1things/post/requestBody/required", True),
        ("/paths/~1things/post/requestBody/content/text~1json/schema/$ref", "#/definitions/Thing"),
        ("/paths/~1things/post/parameters/0/style", "pipeDelimited"),
        ("/paths/~1things/post/parameters/0/explode", False),
        ("/paths/~1things/post/parameters/1/explode", True),
        ("/paths/~1things/post/parameters/2/style", "form"),
        ("/paths/~1things/post/parameters/2/explode", False),
        ("/paths/~1things/post/responses/200/content/application~1json/schema/$ref", "#/definitions/Thing"),
        ("/paths/~1things/post/responses/200/headers/N/schema/type", "integer"),
        ("/paths/~1file/post/requestBody/content/multipart~1form-data/schema/properties/file/format", "binary"),
        ("/paths/~1file/post/requestBody/content/multipart~1form-data/schema/required", ["file"]),
        ("/paths/~1file/post/responses/200/content/image~1png/schema/format", "binary"),
    ],
)
def test_the_parts_of_swagger_have_their_places(old: Document, pointer: str, value: object) -> None:
    assert look_up(old.root, pointer) == value


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ("/components/schemas/Thing/properties/a", "/definitions/Thing/properties/a"),
        ("/components/parameters/Limit/schema", "/parameters/Limit"),
        ("/components/responses/Gone", "/responses/Gone"),
        ("/paths/~1things/post/requestBody", "/paths/~1things/post/parameters/0"),
        ("/paths/~1things/post/parameters/0", "/paths/~1things/post/parameters/1"),
        ("/paths/~1things/post/parameters/0/schema/items", "/paths/~1things/post/parameters/1/items"),
        (
            "/paths/~1things/post/responses/200/content/application~1json/schema",
            "/paths/~1things/post/responses/200/schema",
        ),
        (
            "/paths/~1file/post/requestBody/content/multipart~1form-data/schema/properties/note",
            "/paths/~1file/post/parameters/1",
        ),
        ("/servers", "/host"),
        ("/info/title", "/info/title"),
    ],
)
def test_findings_point_at_what_the_author_wrote(old: Document, now: str, before: str) -> None:
    assert old.original(now) == before


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("/definitions/Thing", "/components/schemas/Thing"),
        ("/parameters/Limit", "/components/parameters/Limit"),
        ("/responses/Gone/description", "/components/responses/Gone/description"),
    ],
)
def test_references_find_what_moved(old: Document, before: str, now: str) -> None:
    assert old.current(before) == now


def swagger(operation: dict[str, Any], **parts: Any) -> Any:
    """The one operation of a Swagger document, converted."""
    root = {"swagger": "2.0", "host": "a.test", "paths": {"/x": {"post": operation}}, **parts}
    return converted(root).root["paths"]["/x"]["post"]


def test_a_form_keeps_all_its_media_types_and_how_lists_are_written() -> None:
    tags = {"name": "tags", "in": "formData", "type": "array", "items": {"type": "string"}, "collectionFormat": "multi"}
    operation = swagger(
        {"consumes": ["multipart/form-data", "application/x-www-form-urlencoded"], "parameters": [tags]}
    )
    content = operation["requestBody"]["content"]
    assert list(content) == ["multipart/form-data", "application/x-www-form-urlencoded"]
    for media in content.values():
        assert media["encoding"] == {"tags": {"style": "form", "explode": True}}
        assert media["schema"]["properties"]["tags"] == {"type": "array", "items": {"type": "string"}}


def test_examples_of_responses_stand_with_their_media_type() -> None:
    response = {"description": "d", "schema": {"type": "object"}, "examples": {"application/json": {"a": 1}}}
    operation = swagger({"responses": {"200": response}})
    assert operation["responses"]["200"]["content"]["application/json"]["example"] == {"a": 1}


def test_an_operation_with_another_scheme_has_its_own_server() -> None:
    assert swagger({"schemes": ["http"]}, schemes=["https"])["servers"] == [{"url": "http://a.test"}]
    assert "servers" not in swagger({"schemes": ["http", "https"]}, schemes=["https"])


def test_the_host_of_azure_has_variables() -> None:
    host = {"hostTemplate": "{vault}.example.net", "parameters": [{"$ref": "#/parameters/Vault"}]}
    vault = {"name": "vault", "in": "path", "type": "string", "default": "main", "description": "Which one."}
    root = {"swagger": "2.0", "paths": {"/x": {}}, "basePath": "/v1", "parameters": {"Vault": vault}}
    server = {
        "url": "https://{vault}.example.net/v1",
        "variables": {"vault": {"default": "main", "description": "Which one."}},
    }
    assert converted({**root, "x-ms-parameterized-host": host}).root["servers"] == [server]
    without = {**host, "useSchemePrefix": False, "hostTemplate": "{vault}"}
    assert converted({**root, "x-ms-parameterized-host": without}).root["servers"][0]["url"] == "{vault}/v1"


def test_paths_that_differ_in_their_query_stand_beside_the_others() -> None:
    more = {"/x?comp=lease": {"put": {}}, "/x?comp=tier&id={id}": {"put": {}}, "/x?{id}": {"put": {}}}
    document = converted({"swagger": "2.0", "paths": {"/x": {"get": {}}}, "x-ms-paths": more})
    assert list(document.root["paths"]) == ["/x", "/x?comp=lease", "/x?comp=tier", "/x?{id}"]
    assert document.original("/paths/~1x?comp=tier/put") == "/x-ms-paths/~1x?comp=tier&id={id}/put"


@pytest.mark.parametrize(
    ("parts", "rule"),
    [
        pytest.param(
            {"parameters": [{"name": "a", "in": "query", "type": "array", "collectionFormat": "tsv"}]},
            "collection-format",
            id="tabs",
        ),
        pytest.param(
            {"parameters": [{"name": "a", "in": "body"}, {"name": "b", "in": "formData"}]},
            "body-twice",
            id="two bodies",
        ),
        pytest.param(
            {"consumes": ["text/plain"], "parameters": [{"name": "a", "in": "formData", "type": "file"}]},
            "form-with-file",
            id="file",
        ),
    ],
)
def test_what_openapi_3_has_no_word_for_is_a_finding(parts: dict[str, Any], rule: str) -> None:
    source = Source("test", data={"swagger": "2.0", "paths": {"/x": {"post": parts}}})
    _, findings = read_document(source)
    assert [finding.rule for finding in findings] == [rule]


def test_only_schemes_of_http_count() -> None:
    root = {"swagger": "2.0", "host": "a.test", "schemes": ["wss"], "paths": {"/x": {}}}
    document, findings = read_document(Source("test", data=root))
    assert document.root["servers"] == [{"url": "https://a.test"}]
    assert [finding.rule for finding in findings] == ["scheme-unknown"]


@pytest.mark.parametrize("flow", ["implicit", "password", "application", "accessCode"])
def test_every_flow_has_its_word(flow: str) -> None:
    words = {"application": "clientCredentials", "accessCode": "authorizationCode"}
    scheme = {"type": "oauth2", "flow": flow, "tokenUrl": "https://a.test/t", "x-a": 1}
    root = converted({"swagger": "2.0", "paths": {"/x": {}}, "securityDefinitions": {"o": scheme}}).root
    flows = {words.get(flow, flow): {"tokenUrl": "https://a.test/t", "scopes": {}}}
    assert root["components"]["securitySchemes"]["o"] == {"type": "oauth2", "x-a": 1, "flows": flows}


def test_moves_know_the_longest_prefix() -> None:
    moves = Moves({"/a": "/b"})
    moves.record(now="/a/c", before="/d")
    assert moves.original("/a/c/e") == "/d/e"
    assert moves.original("/a/x") == "/b/x"
    assert moves.original("/ab") == "/ab"
    assert moves.current("/d/e") == "/a/c/e"
