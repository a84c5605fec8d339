"""Several spellings, one form."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.openapi.lowering import lower_words

FORM = {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}


@pytest.mark.parametrize(
    ("extensions", "members"),
    [
        pytest.param({"x-enum-varnames": ["Up", "Down"]}, [("Up", None), ("Down", None)], id="x-enum-varnames"),
        pytest.param({"x-enumNames": ["Up", "Down"]}, [("Up", None), ("Down", None)], id="x-enumNames"),
        pytest.param(
            {"x-enum-varnames": ["Up", "Down"], "x-enum-descriptions": ["a", "b"]},
            [("Up", "a"), ("Down", "b")],
            id="with descriptions",
        ),
        pytest.param({"x-speakeasy-enums": {"u": "Up"}}, [("Up", None), (None, None)], id="a map"),
        pytest.param(
            {"x-fern-enum": {"d": {"name": "Down", "description": "b"}}},
            [(None, None), ("Down", "b")],
            id="x-fern-enum",
        ),
    ],
)
def test_members_of_enums_have_one_spelling(extensions: dict[str, Any], members: list[tuple[Any, Any]]) -> None:
    schema = {"enum": ["u", "d"], **extensions}
    expected = [
        {"value": value, **{key: text for key, text in (("name", name), ("description", description)) if text}}
        for value, (name, description) in zip(schema["enum"], members, strict=True)
    ]
    assert lower_words({"x": schema}, "")["x"]["x-ms-enum"] == {"values": expected}


def test_null_has_no_name() -> None:
    schema = lower_words({"x": {"enum": ["u", "d", None], "x-enumNames": ["Up", "Down"]}}, "")["x"]
    assert [value["name"] for value in schema["x-ms-enum"]["values"]] == ["Up", "Down"]


@pytest.mark.parametrize(
    "schema",
    [
        {"enum": ["u", "d"], "x-enumNames": ["Up"]},
        {"enum": ["u", "d"], "x-enumNames": [1, None]},
        {"enum": ["u"], "x-enumNames": ["Up"]},
        {"enum": ["u", "d"], "x-enumNames": ["Up", "Down"], "x-ms-enum": {"name": "Direction"}},
        {"enum": "u", "x-enumNames": ["Up"]},
        {"in": "querystring", "content": {"application/json": {}}},
        {"example": {"enum": ["u", "d"], "x-enumNames": ["Up", "Down"]}},
    ],
    ids=["too few", "no text", "one member", "said already", "no list", "no form", "an example"],
)
def test_what_says_nothing_stays(schema: dict[str, Any]) -> None:
    root = {"x": schema}
    assert lower_words(root, "") is root


def test_a_query_string_of_form_fields_is_an_exploded_object() -> None:
    root = {"parameters": [{"name": "q", "in": "querystring", "content": FORM}]}
    query = {"name": "q", "in": "query", "style": "form", "explode": True, "schema": {"type": "object"}}
    assert lower_words(root, "") == {"parameters": [query]}


def test_documents_that_mention_none_are_not_walked() -> None:
    root = {"parameters": [{"name": "q", "in": "querystring", "content": FORM}]}
    assert lower_words(root, "no such word") is root
