"""What OpenAPI 3.2 brought is read as what it means."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.model.ir import Api, Location, Model, Ref
from clientsmith.model.pipeline import model
from clientsmith.openapi.load import read_document
from clientsmith.openapi.source import Source

JOB = {"type": "object", "properties": {"id": {"type": "string"}}}
FIELDS = {"type": "object", "properties": {"q": {"type": "string"}, "page": {"type": "integer"}}}


def api_of(item: dict[str, Any], **components: Any) -> tuple[Api, list[str]]:
    root = {
        "openapi": "3.2.0",
        "info": {"title": "New", "version": "1"},
        "servers": [{"url": "https://a.test", "name": "main"}],
        "paths": {"/jobs": item},
        "components": {"schemas": {"Job": JOB}, **components},
    }
    document, found = read_document(Source("test", data=root))
    api, _, noticed = model(document)
    return api, [finding.rule for finding in (*found, *noticed)]


def answering(content: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": "find_jobs", "responses": {"200": {"description": "d", "content": content}}}


@pytest.mark.parametrize(
    ("item", "method"),
    [({"query": answering({})}, "QUERY"), ({"additionalOperations": {"LINK": answering({})}}, "LINK")],
)
def test_any_method_is_an_operation(item: dict[str, Any], method: str) -> None:
    api, _ = api_of(item)
    assert [operation.method for operation in api.root.operations] == [method]


def test_media_types_are_shared_by_reference() -> None:
    media = {"Job": {"schema": {"$ref": "#/components/schemas/Job"}}}
    content = {"application/json": {"$ref": "#/components/mediaTypes/Job"}}
    api, rules = api_of({"get": answering(content)}, mediaTypes=media)
    [operation] = api.root.operations
    assert isinstance(operation.returns, Ref)
    assert isinstance(api.shapes[operation.returns.pointer], Model)
    assert "missing-reference" not in rules


def test_form_fields_in_the_query_string_are_one_exploded_parameter() -> None:
    content = {"application/x-www-form-urlencoded": {"schema": FIELDS}}
    search = {"name": "search", "in": "querystring", "content": content}
    api, rules = api_of({"get": {**answering({}), "parameters": [search]}})
    [parameter] = api.root.operations[0].parameters
    assert (parameter.location, parameter.style, parameter.explode) == (Location.QUERY, "form", True)
    assert "parameter-unknown" not in rules


def test_scopes_of_the_device_flow_are_scopes() -> None:
    flow = {"deviceAuthorizationUrl": "https://a.test/d", "tokenUrl": "https://a.test/t", "scopes": {"read": ""}}
    schemes = {"device": {"type": "oauth2", "flows": {"deviceAuthorization": flow}}}
    api, _ = api_of({"get": {**answering({}), "security": [{"device": ["read"]}]}}, securitySchemes=schemes)
    assert [scheme.scopes for scheme in api.security_schemes] == [("read",)]
