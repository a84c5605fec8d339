"""Requests, responses and header fields: what is made of what users give and services send."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.core.rest import Headers, HttpRequest, HttpResponse, with_query


@pytest.mark.parametrize(
    "other",
    [Headers({"x-a": "1", "B": "2"}), {"X-A": "1", "b": "2"}, {"b": "2", "x-a": "1"}],
    ids=["fields", "a mapping", "in another order"],
)
def test_header_fields_are_equal_whatever_their_case(other: object) -> None:
    """Names compare without case (RFC 9110, section 5.1); values do not."""
    assert Headers({"X-A": "1", "B": "2"}) == other


@pytest.mark.parametrize("other", [{"X-A": "2"}, {}, {"X-A": "1", "B": "1"}, {1: "1"}, "X-A: 1", None], ids=repr)
def test_header_fields_differ_from_others(other: object) -> None:
    """Anything may be compared."""
    assert Headers({"X-A": "1"}) != other


@pytest.mark.parametrize(
    "bodies",
    [{"json": 1, "content": b"x"}, {"form": {"a": 1}, "content": b"x"}, {"json": 1, "form": {"a": 1}}],
    ids=["json and content", "form and content", "json and form"],
)
def test_a_request_has_one_body(bodies: dict[str, Any]) -> None:
    """None of two is dropped in silence."""
    with pytest.raises(ValueError, match="one body: give json, form or content"):
        HttpRequest("POST", "/", **bodies)


@pytest.mark.parametrize(
    ("url", "with_it"),
    [
        ("/a", "/a?q=1"),
        ("/a?b=2", "/a?b=2&q=1"),
        ("/a?", "/a?q=1"),
        ("/a#part", "/a?q=1#part"),
        ("/a?b=2#part?", "/a?b=2&q=1#part?"),
    ],
    ids=["no query", "a query", "an empty one", "a fragment", "both"],
)
def test_parameters_are_added_to_the_query(url: str, with_it: str) -> None:
    """Never to the fragment, which is not sent."""
    assert HttpRequest("GET", url, params={"q": 1}).url == with_query(url, "q=1") == with_it


@pytest.mark.parametrize("charset", ["idna", "undefined", "hex", "no-such", ""])
def test_a_charset_that_cannot_be_used_is_read_as_utf_8(charset: str) -> None:
    """The service chooses the name, and Python has codecs of that name that are none of text."""
    headers = {"Content-Type": f"text/plain; charset={charset}"}
    response = HttpResponse(HttpRequest("GET", "/"), 200, headers, b"h\xc3\xa9 \xff")
    assert response.text() == "h\u00e9 \ufffd"


@pytest.mark.parametrize("content", [bytearray(b"abc"), memoryview(b"abc")], ids=["bytearray", "memoryview"])
def test_what_is_like_bytes_is_bytes(content: Any) -> None:
    """Not an iterable of numbers; and it may be sent again."""
    request = HttpRequest("PUT", "/", content=content)
    assert (request.content, request.is_replayable) == (b"abc", True)
