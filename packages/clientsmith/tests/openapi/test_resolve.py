"""References are followed wherever they lead, and never where they should not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from clientsmith.openapi.load import load, read_document
from clientsmith.openapi.resolve import Node, Resolver
from clientsmith.openapi.source import Source


def resolver_of(**parts: Any) -> Resolver:
    return Resolver(read_document(Source("test", data={"openapi": "3.1.0", "paths": {"/": {}}, **parts}))[0])


def test_a_chain_of_references_ends_at_the_schema() -> None:
    resolver = resolver_of(components={"schemas": {"A": {"$ref": "#/components/schemas/B"}, "B": {"type": "string"}}})
    found = resolver.follow(Node({"$ref": "#/components/schemas/A"}, "/x"))
    assert found == Node({"type": "string"}, "/components/schemas/B")


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        pytest.param("#/paths/~1pets~1%7Bid%7D/get/summary", "one", id="escaped path"),
        pytest.param("#/components/schemas/C/allOf/0", {"type": "object"}, id="into allOf"),
        pytest.param("#/components/schemas/Caf%C3%A9", {"type": "null"}, id="percent encoding"),
        pytest.param("#", None, id="the document itself"),
    ],
)
def test_any_part_can_be_referred_to(reference: str, value: object) -> None:
    resolver = resolver_of(
        paths={"/pets/{id}": {"get": {"summary": "one"}}},
        components={"schemas": {"C": {"allOf": [{"type": "object"}]}, "Café": {"type": "null"}}},
    )
    found = resolver.follow(Node({"$ref": reference}, "/x"))
    assert found is not None
    assert value is None or found.value == value
    assert resolver.findings == []


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        pytest.param("#/components/schemas/Missing", "there is nothing", id="no target"),
        pytest.param("#anchor", "anchors are not supported", id="anchor"),
        pytest.param("http://example.com/a.json#/b", "references to URLs are not fetched", id="URL from a file"),
        pytest.param("other.json", "only .json, .yaml and .yml files beside the document", id="no base"),
    ],
)
def test_a_reference_that_leads_nowhere_is_a_finding(reference: str, reason: str) -> None:
    resolver = resolver_of()
    assert resolver.follow(Node({"$ref": reference}, "/paths")) is None
    [finding] = resolver.findings
    assert (finding.rule, finding.pointer) == ("missing-reference", "/paths")
    assert reason in finding.message


def test_a_circle_of_references_is_a_finding() -> None:
    resolver = resolver_of(
        components={"schemas": {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}}
    )
    assert resolver.follow(Node({"$ref": "#/components/schemas/A"}, "/x")) is None
    assert "leads back to itself" in resolver.findings[0].message


# --- other files -----------------------------------------------------------------------------------------------------


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A main document, schemas beside it, and more schemas below, which refer up again."""
    (tmp_path / "below").mkdir()
    main = {"openapi": "3.0.0", "info": {"title": "T", "version": "1"}, "paths": {"/x": {"$ref": "paths.yaml#/x"}}}
    main["components"] = {"schemas": {"Home": {"type": "string"}}}
    (tmp_path / "api.json").write_text(json.dumps(main))
    (tmp_path / "paths.yaml").write_text("x: {get: {responses: {200: {$ref: 'below/r.yaml#/ok'}}}}\n")
    (tmp_path / "below" / "r.yaml").write_text(
        "ok: {description: fine, schema: {$ref: '../api.json#/components/schemas/Home'}}\nschemas: {N: {nullable: true, type: string}}\n"
    )
    return tmp_path


def test_files_refer_to_each_other(tree: Path) -> None:
    resolver = Resolver(load(str(tree / "api.json"))[0])
    item = resolver.follow(resolver.root().child("paths").child("/x"))
    assert item is not None
    assert item.place == "paths.yaml#/x"
    response = resolver.follow(item.child("get").child("responses").child("200"))
    assert response is not None
    assert response.place == "below/r.yaml#/ok"
    home = resolver.follow(response.child("schema"))
    assert home == Node({"type": "string"}, "/components/schemas/Home")


def test_a_file_without_a_version_speaks_the_main_document_s_dialect(tree: Path) -> None:
    resolver = Resolver(load(str(tree / "api.json"))[0])
    found = resolver.follow(Node({"$ref": "below/r.yaml#/schemas/N"}, ""))
    assert found is not None
    assert found.value == {"type": ["string", "null"]}


@pytest.mark.parametrize("reference", ["/etc/passwd", "/etc/hosts.json", "secrets.txt", "file:///etc/x.json"])
def test_a_document_cannot_make_us_read_other_things(tree: Path, reference: str) -> None:
    (tree / "secrets.txt").write_text("secret: 1")
    resolver = Resolver(load(str(tree / "api.json"))[0])
    assert resolver.follow(Node({"$ref": reference}, "")) is None
    assert "secret" not in resolver.findings[0].message.replace(reference, "")


def test_a_url_document_refers_to_its_own_server_only() -> None:
    document, _ = read_document(Source("u", data={"openapi": "3.1.0", "paths": {}}, base="http://a.test/api.json"))
    resolver = Resolver(document)
    assert resolver.follow(Node({"$ref": "http://b.test/x.json#/a"}, "")) is None
    assert "another server" in resolver.findings[0].message
