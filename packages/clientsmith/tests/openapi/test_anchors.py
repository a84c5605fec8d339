"""References by name become references by pointer (JSON Schema 2020-12, section 8.2)."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.openapi.anchors import find_anchors, lower_anchors, mentions_anchors

SCHEMAS: dict[str, Any] = {
    "Pet": {"$anchor": "pet", "type": "object"},
    "Address": {
        "$id": "https://a.test/address",
        "$defs": {"Street": {"$anchor": "street", "type": "string"}},
        "properties": {"street": {"$ref": "#street"}, "again": {"$ref": "#/$defs/Street"}, "home": {"$ref": "#"}},
    },
    "Tree": {"$dynamicAnchor": "node", "properties": {"children": {"items": {"$dynamicRef": "#node"}}}},
}


def lowered(schema: Any) -> Any:
    root, _ = lower_anchors({"components": {"schemas": {**SCHEMAS, "Here": schema}}})
    return root["components"]["schemas"]["Here"]


@pytest.mark.parametrize(
    ("reference", "pointer"),
    [
        pytest.param("#pet", "/components/schemas/Pet", id="anchor"),
        pytest.param("https://a.test/address", "/components/schemas/Address", id="$id"),
        pytest.param(
            "https://a.test/address#street", "/components/schemas/Address/$defs/Street", id="anchor below $id"
        ),
        pytest.param(
            "https://a.test/address#/$defs/Street", "/components/schemas/Address/$defs/Street", id="pointer below $id"
        ),
        pytest.param("#node", "/components/schemas/Tree", id="a dynamic anchor is an anchor"),
    ],
)
def test_names_become_pointers(reference: str, pointer: str) -> None:
    assert lowered({"$ref": reference, "description": "d"}) == {"$ref": f"#{pointer}", "description": "d"}


@pytest.mark.parametrize(
    "reference", ["#street", "#/components/schemas/Pet", "other.json#pet", "#", "http://[", "#missing"]
)
def test_what_is_no_name_here_stays(reference: str) -> None:
    schema = {"$ref": reference}
    assert lowered(schema) is schema


def test_references_below_an_id_start_there() -> None:
    root, _ = lower_anchors({"components": {"schemas": SCHEMAS}})
    properties = root["components"]["schemas"]["Address"]["properties"]
    street = {"$ref": "#/components/schemas/Address/$defs/Street"}
    assert properties == {"street": street, "again": street, "home": {"$ref": "#/components/schemas/Address"}}


def test_a_tree_contains_itself() -> None:
    root, findings = lower_anchors({"components": {"schemas": SCHEMAS}})
    items = root["components"]["schemas"]["Tree"]["properties"]["children"]["items"]
    assert (items, findings) == ({"$ref": "#/components/schemas/Tree"}, [])


def test_a_tree_that_others_extend_is_a_note() -> None:
    more = {"Strict": {"$dynamicAnchor": "node", "$ref": "#/components/schemas/Tree"}}
    _, findings = lower_anchors({"components": {"schemas": {**SCHEMAS, **more}}})
    assert [finding.rule for finding in findings] == ["dynamic-reference"]


def test_names_in_examples_are_examples_and_properties_may_have_any_name() -> None:
    schema = {"default": {"$ref": "#pet"}, "properties": {"default": {"$ref": "#pet"}, "value": {"$ref": "#pet"}}}
    there = {"$ref": "#/components/schemas/Pet"}
    assert lowered(schema) == {"default": {"$ref": "#pet"}, "properties": {"default": there, "value": there}}


def test_a_document_without_such_a_reference_is_not_copied() -> None:
    root = {"a": [{"$anchor": "x"}], "b": {"$ref": "#/a/0"}}
    assert lower_anchors(root)[0] is root
    assert find_anchors(root) == {"x": "/a/0"}


@pytest.mark.parametrize(
    ("text", "found"), [('{"$id": 1}', True), ("$anchor: x", True), ("$identity, $ref, id", False)]
)
def test_most_documents_need_not_be_searched(text: str, found: bool) -> None:
    assert mentions_anchors(text) is found
