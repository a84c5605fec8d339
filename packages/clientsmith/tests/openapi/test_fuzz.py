"""No document makes us fail: what is wrong with it is a finding, or one `InputError`."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from clientsmith.findings import InputError, Severity
from clientsmith.model.ir import Api
from clientsmith.model.pipeline import model
from clientsmith.openapi.load import read_document
from clientsmith.openapi.source import Source
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SPECS = Path(__file__).parents[1] / "specs"
DOCUMENTS = [
    json.loads((SPECS / f"{name}.json").read_text())
    for name in ("naas-v2", "oai-petstore-expanded-v2", "oai-tictactoe")
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
# Values that look like what a document has at many places, so that mutations reach deep.
WORDS = [
    "type",
    "properties",
    "items",
    "$ref",
    "allOf",
    "oneOf",
    "anyOf",
    "enum",
    "get",
    "post",
    "parameters",
    "responses",
    "content",
    "schema",
    "in",
    "name",
]
openapi_like = st.recursive(
    json_values
    | st.sampled_from(["string", "object", "array", "null", "path", "query", "#/components/schemas/Pet", "#", ""]),
    lambda inner: st.dictionaries(st.sampled_from(WORDS), inner, max_size=4) | st.lists(inner, max_size=3),
    max_leaves=8,
)


def read(data: Any) -> Api | None:
    try:
        document, _findings = read_document(Source("fuzz", data=data))
        api, _resolver, _noticed = model(document)
    except InputError:
        return None
    return api


def parts(value: Any) -> list[tuple[Any, Any]]:
    """Return every place of a document as its container and key."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [deeper for key in keys for deeper in parts(value[key])]


@given(json_values)
def test_any_json_value_is_refused_or_read(data: Any) -> None:
    read(data)


@given(
    st.dictionaries(
        st.sampled_from(["openapi", "swagger", "info", "paths", "components", "servers", "security"]), openapi_like
    )
)
def test_anything_that_looks_like_openapi_is_refused_or_read(data: Any) -> None:
    data.setdefault("openapi", "3.0.0")
    read(data)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(DOCUMENTS), st.lists(st.tuples(st.integers(0, 10_000), openapi_like), min_size=1, max_size=4))
def test_a_damaged_document_is_still_read(document: Any, damages: list[tuple[int, Any]]) -> None:
    """An operation is lost only with an error that says so, and all methods keep names of their own."""
    damaged = copy.deepcopy(document)
    for where, value in damages:
        places = parts(damaged)
        container, key = places[where % len(places)]
        container[key] = value
    try:
        loaded, _ = read_document(Source("fuzz", data=damaged))
        api, _, findings = model(loaded)
    except InputError:
        return
    paths = loaded.root.get("paths")
    items = [item for item in paths.values() if isinstance(item, dict)] if isinstance(paths, dict) else []
    whole = sum(
        isinstance(item.get(method), dict) for item in items for method in ("get", "put", "post", "delete", "patch")
    )
    lost = sum(finding.severity is Severity.ERROR for finding in findings)
    assert len(api.operations) >= whole - lost
    names = [operation.name for operation in api.root.operations]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)
