"""What vendors say of paging and of tags, in one form."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.model.pipeline import model
from clientsmith.openapi.extensions import PagingHint, TagHint, paging_hint, tag_hints
from clientsmith.openapi.load import read_document
from clientsmith.openapi.source import Source

LIMIT = {"name": "limit", "in": "parameters", "type": "limit"}


@pytest.mark.parametrize(
    ("name", "extension", "hint"),
    [
        (
            "x-ms-pageable",
            {"nextLinkName": "next.link"},
            PagingHint("next-link", "", "query", ("value",), ("next", "link")),
        ),
        ("x-ms-pageable", {"nextLinkName": None, "itemName": "rows"}, PagingHint("single", "", "query", ("rows",))),
        (
            "x-speakeasy-pagination",
            {
                "type": "cursor",
                "inputs": [{"name": "after", "in": "requestBody", "type": "cursor"}],
                "outputs": {"results": "$.data.items", "nextCursor": "$.data.next"},
            },
            PagingHint("token", "after", "body", ("data", "items"), ("data", "next")),
        ),
        (
            "x-speakeasy-pagination",
            {"type": "offsetLimit", "inputs": [LIMIT, {"name": "page", "in": "parameters", "type": "page"}]},
            PagingHint("page-number", "page", size="limit"),
        ),
        (
            "x-speakeasy-pagination",
            {"type": "url", "outputs": {"nextUrl": "$['next']"}},
            PagingHint("next-link", next_path=("next",)),
        ),
        (
            "x-fern-pagination",
            {"cursor": "$request.cursor", "next_cursor": "$response.page.next", "results": "$response.data"},
            PagingHint("token", "cursor", "query", ("data",), ("page", "next")),
        ),
        ("x-fern-pagination", {"offset": "$request.page"}, PagingHint("page-number", "page")),
        ("x-fern-pagination", {"offset": "$request.o", "step": "$request.n"}, PagingHint("offset", "o", size="n")),
        ("x-fern-pagination", {"next_uri": "$response.next"}, PagingHint("next-link", next_path=("next",))),
    ],
)
def test_paging_has_one_form(name: str, extension: Any, hint: PagingHint) -> None:
    found = paging_hint({name: extension})
    assert found is not None
    assert found.evidence == name
    assert (found.scheme, found.parameter, found.location, found.size) == (
        hint.scheme,
        hint.parameter,
        hint.location,
        hint.size,
    )
    assert (found.items_path, found.next_path) == (hint.items_path, hint.next_path)


@pytest.mark.parametrize(
    "extensions",
    [
        {},
        {"x-ms-pageable": None},
        {"x-ms-pageable": "yes"},
        {"x-speakeasy-pagination": {"type": "cursor", "inputs": [1, {"name": 2}], "outputs": []}},
        {"x-fern-pagination": {"cursor": "$request[?@.a]"}},
        {"x-fern-pagination": True},
    ],
)
def test_what_cannot_be_understood_is_no_hint(extensions: dict[str, Any]) -> None:
    assert paging_hint(extensions) is None


def test_true_means_what_the_document_says() -> None:
    root = {"x-fern-pagination": {"cursor": "$request.after", "next_cursor": "$response.next"}}
    hint = paging_hint({"x-fern-pagination": True}, root)
    assert hint is not None
    assert (hint.parameter, hint.next_path) == ("after", ("next",))


def test_tags_have_names_for_people_and_a_place() -> None:
    root = {
        "tags": [
            {"name": "pets", "summary": "All pets", "parent": "animals", "kind": "nav", "description": "d"},
            {"name": "shops", "x-displayName": "Pet shops", "summary": 1},
            "no tag",
        ],
        "x-tagGroups": [{"name": "Trade", "tags": ["shops", "orders", 1]}, {"tags": ["pets"]}],
    }
    assert tag_hints(root) == {
        "orders": TagHint(parent="Trade"),
        "pets": TagHint("All pets", "animals", "nav", "d"),
        "shops": TagHint("Pet shops", "Trade"),
    }


@pytest.mark.parametrize(
    ("extension", "scheme"),
    [
        pytest.param(
            {
                "x-speakeasy-pagination": {
                    "type": "cursor",
                    "inputs": [{"name": "from", "in": "parameters", "type": "cursor"}],
                    "outputs": {"results": "$.found", "nextCursor": "$.further"},
                }
            },
            "token",
            id="x-speakeasy-pagination",
        ),
        pytest.param(
            {
                "x-fern-pagination": {
                    "cursor": "$request.from",
                    "next_cursor": "$response.further",
                    "results": "$response.found",
                }
            },
            "token",
            id="x-fern-pagination",
        ),
        pytest.param(
            {"x-fern-pagination": {"cursor": "$request.no", "results": "$response.found"}}, "", id="no such one"
        ),
    ],
)
def test_lists_with_unusual_names_are_paged_where_an_extension_says_so(extension: Any, scheme: str) -> None:
    item = {"type": "object", "properties": {"id": {"type": "string"}}}
    found = {"type": "object", "properties": {"found": {"type": "array", "items": item}, "further": {"type": "string"}}}
    operation = {
        **extension,
        "operationId": "list_things",
        "parameters": [{"name": "from", "in": "query", "schema": {"type": "string"}}],
        "responses": {"200": {"description": "d", "content": {"application/json": {"schema": found}}}},
    }
    root = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/things": {"get": operation}}}
    api, _, _ = model(read_document(Source("test", data=root))[0])
    paging = api.root.operations[0].paging
    if not scheme:
        assert paging is None or not paging.evidence.startswith("certain")
        return
    assert paging is not None
    assert (paging.scheme.value, paging.parameter, paging.next_path) == (scheme, "from", ("further",))
    assert paging.evidence.startswith("certain")
