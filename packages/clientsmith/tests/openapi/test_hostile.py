"""Documents that are broken, or meant to harm: each ends in findings or in one refusal, soon, and never in a crash."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from clientsmith.findings import InputError
from clientsmith.model.pipeline import build_api
from clientsmith.openapi.load import Reading
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SPECS = Path(__file__).parents[1] / "specs"
SMALL = {
    "swagger.json": {
        "swagger": "2.0",
        "info": {"title": "Old", "version": "1"},
        "host": "a.test",
        "x-ms-parameterized-host": {"hostTemplate": "{a}.test", "parameters": [{"name": "a", "in": "path"}]},
        "x-ms-paths": {"/x?a=b": {"get": {"responses": {"200": {"description": "d"}}}}},
        "parameters": {"B": {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/A"}}},
        "definitions": {"A": {"type": "object", "discriminator": "kind", "properties": {"kind": {"type": "string"}}}},
        "paths": {
            "/x": {
                "post": {
                    "consumes": ["multipart/form-data"],
                    "parameters": [
                        {"name": "f", "in": "formData", "type": "file"},
                        {"name": "l", "in": "formData", "type": "array", "items": {"type": "string"}},
                    ],
                    "responses": {"200": {"description": "d", "schema": {"type": "file"}, "headers": {"H": {"type": "string"}}}},
                }
            }
        },
    },
    "modern.json": {
        "openapi": "3.2.0",
        "$self": "https://a.test/api.json",
        "info": {"title": "New", "version": "1"},
        "tags": [{"name": "a", "parent": "b"}],
        "x-tagGroups": [{"name": "g", "tags": ["a"]}],
        "components": {
            "mediaTypes": {"M": {"itemSchema": {"$ref": "#node"}}},
            "schemas": {
                "T": {"$id": "https://a.test/t", "$dynamicAnchor": "node", "properties": {"t": {"$dynamicRef": "#node"}}},
                "E": {"enum": ["a", "b"], "x-enum-varnames": ["A", "B"]},
            },
        },
        "paths": {
            "/x": {
                "query": {
                    "x-fern-pagination": {"cursor": "$request.c", "next_cursor": "$response.n"},
                    "parameters": [
                        {"name": "q", "in": "querystring", "content": {"application/x-www-form-urlencoded": {"schema": {}}}}
                    ],
                    "responses": {"200": {"content": {"text/event-stream": {"$ref": "#/components/mediaTypes/M"}}}},
                },
                "additionalOperations": {"LINK": {"responses": {}}},
            }
        },
    },
}  # fmt: skip


def build(path: Path) -> list[str] | None:
    """The rules of the findings, None if the document is refused."""
    try:
        _api, findings = build_api(str(path), reading=Reading())
    except InputError:
        return None
    return [finding.rule for finding in findings]


def places(value: Any) -> list[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [deeper for key in keys for deeper in places(value[key])]


ODD: list[Any] = [
    None, True, 0, -1, 1e300, "", "x", "#", "#/", "#/paths", "#node", "other.json", "https://a.test/t#node", "http://[",
    "\x00", "../..", [], {}, [[]], {"$ref": "#"}, {"$ref": 1}, {"in": "body"}, [None], "a" * 1000, {"": {"": None}},
]  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(SMALL)),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(ODD)), min_size=1, max_size=4),
    as_yaml=st.booleans(),
)
def test_a_damaged_document_is_read_or_refused(
    tmp_path: Path, name: str, changes: list[tuple[int, Any]], as_yaml: bool
) -> None:
    """Any part may be replaced by anything, in JSON as in YAML; also a part of what was put there."""
    root = json.loads(json.dumps(SMALL[name]))
    for where, value in changes:
        found = places(root)
        container, key = found[where % len(found)]
        container[key] = json.loads(json.dumps(value))
    path = tmp_path / ("api.yaml" if as_yaml else name)
    path.write_text(yaml.safe_dump(root) if as_yaml else json.dumps(root))
    build(path)


TEXTS = [path.read_bytes() for path in (SPECS / "redocly-museum.yaml", SPECS / "oai-petstore.json")]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.sampled_from(TEXTS),
    cut=st.tuples(st.integers(0, 30_000), st.integers(0, 60)),
    filler=st.binary(max_size=8)
    | st.sampled_from([b"\t", b"\n---\n", b"&a *a", b"<<: ", b"{{x}}", b"!!set ", b'"', b"\xff"]),
)
def test_any_bytes_are_read_or_refused(tmp_path: Path, text: bytes, cut: tuple[int, int], filler: bytes) -> None:
    """Bytes are cut out of a real document, and others put in their place."""
    start = cut[0] % len(text)
    path = tmp_path / "api"
    path.write_bytes(text[:start] + filler + text[start + cut[1] :])
    build(path)


HEAD = '{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/x": {"get": '
DEEP = 5_000


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(HEAD + '{"responses":' * DEEP + "1" + "}" * DEEP + "}}}", id="nesting in JSON"),
        pytest.param("openapi: 3.1.0\npaths: {}\nx: " + "[" * DEEP + "]" * DEEP, id="nesting in YAML"),
        pytest.param("openapi: 3.1.0\npaths: {}\nx: " + "- " * DEEP + "1", id="a staircase"),
        pytest.param("openapi: 3.1.0\npaths: &a\n  /x: *a\n", id="an alias in itself"),
        pytest.param("openapi: 3.1.0\npaths: {}\nx: " + "9" * 100_000, id="a long number"),
        pytest.param('{"openapi": "3.1.0", "paths": {}, "x": ' + "9" * 100_000 + "}", id="a long number in JSON"),
        pytest.param(
            "openapi: 3.1.0\npaths: {}\n" + "\n".join(f"k: {n}" for n in range(20_000)), id="one key 20,000 times"
        ),
    ],
)
def test_what_would_take_long_ends_soon(tmp_path: Path, text: str) -> None:
    (tmp_path / "api").write_text(text)
    started = time.perf_counter()
    build(tmp_path / "api")
    assert time.perf_counter() - started < 5


def test_merge_keys_that_double_are_bounded(tmp_path: Path) -> None:
    levels = [
        f"a{level}: &a{level} {{<<: *a{level - 1}, x{level}: *a{level - 1}, y{level}: *a{level - 1}}}"
        for level in range(1, 30)
    ]
    (tmp_path / "api.yaml").write_text("\n".join(["openapi: 3.0.0", "paths: {}", "a0: &a0 {k: 1}", *levels]))
    with pytest.raises(InputError, match="aliases"):
        build_api(str(tmp_path / "api.yaml"))


@pytest.mark.parametrize("target", ["api.json", "./api.json#", "#", "api.json#/paths"])
def test_a_document_that_refers_to_itself_ends(tmp_path: Path, target: str) -> None:
    root = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/x": {"$ref": target}}}
    (tmp_path / "api.json").write_text(json.dumps(root))
    assert build(tmp_path / "api.json") is not None


def test_many_missing_references_are_one_finding_each(tmp_path: Path) -> None:
    """A missing file is looked for once, and every place that needs it is named."""
    paths = {f"/{name}": {"$ref": f"gone.yaml#/{name}"} for name in "abc"}
    root = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}
    (tmp_path / "api.json").write_text(json.dumps(root, indent=1))
    _api, findings = build_api(str(tmp_path / "api.json"))
    missing = [finding for finding in findings if finding.rule == "missing-reference"]
    assert [finding.pointer for finding in missing] == ["/paths/~1a", "/paths/~1b", "/paths/~1c"]
    assert len({finding.line for finding in missing}) == 3
