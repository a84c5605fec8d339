"""Parameters: every style of OpenAPI 3.1, and no value that gets out of its place."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
import uritemplate
from clientsmith.core.operations import Operation, Parameter, cookie, header, path, query
from clientsmith.core.rest import HttpRequest
from hypothesis import assume, given
from hypothesis import strategies as st

BLUE = "blue"
COLOURS = ["blue", "black", "brown"]
RGB = {"R": 100, "G": 200, "B": 150}


def request_of(parameter: Parameter, value: Any, template: str = "/x") -> HttpRequest:
    return Operation("GET", template, parameters={"p": parameter}, responses={200: None}).request({"p": value})


def query_of(parameter: Parameter, value: Any) -> str:
    return request_of(parameter, value).url.partition("?")[2]


@pytest.mark.parametrize(
    ("style", "explode", "text", "array", "members"),
    [
        ("matrix", False, ";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"),
        ("matrix", True, ";color=blue", ";color=blue;color=black;color=brown", ";R=100;G=200;B=150"),
        ("label", False, ".blue", ".blue,black,brown", ".R,100,G,200,B,150"),
        ("label", True, ".blue", ".blue.black.brown", ".R=100.G=200.B=150"),
        ("simple", False, "blue", "blue,black,brown", "R,100,G,200,B,150"),
        ("simple", True, "blue", "blue,black,brown", "R=100,G=200,B=150"),
    ],
)
def test_path_styles(style: Any, explode: bool, text: str, array: str, members: str) -> None:
    """The table of OpenAPI 3.1.1, section 4.8.12.4; label lists of RFC 6570 are joined by commas unless exploded."""
    parameter = path("color", style=style, explode=explode)
    for value, expected in [(BLUE, text), (COLOURS, array), (RGB, members)]:
        assert request_of(parameter, value, "/{color}").url == f"/{expected}"


@pytest.mark.parametrize(
    ("style", "explode", "array", "members"),
    [
        ("form", False, "color=blue,black,brown", "color=R,100,G,200,B,150"),
        ("form", True, "color=blue&color=black&color=brown", "R=100&G=200&B=150"),
        ("spaceDelimited", False, "color=blue%20black%20brown", "color=R%20100%20G%20200%20B%20150"),
        ("pipeDelimited", False, "color=blue%7Cblack%7Cbrown", "color=R%7C100%7CG%7C200%7CB%7C150"),
        ("deepObject", True, None, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
    ],
)
def test_query_styles(style: Any, explode: bool, array: str | None, members: str) -> None:
    """The table of OpenAPI 3.1.1, section 4.8.12.4."""
    parameter = query("color", style=style, explode=explode)
    assert query_of(parameter, RGB) == members
    if array is not None:
        assert query_of(parameter, COLOURS) == array
    assert query_of(query("color"), "") == "color=", "an empty text is a value"


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        pytest.param(query("p"), [], "", id="empty list"),
        pytest.param(query("p", explode=False), [], "", id="empty list in one field"),
        pytest.param(query("p"), {}, "", id="empty object"),
        pytest.param(query("p", explode=False), {}, "", id="empty object in one field"),
        pytest.param(query("p", style="deepObject"), {}, "", id="empty deep object"),
        pytest.param(query("p"), {"a": None, "b": 1}, "b=1", id="null in an object"),
        pytest.param(query("p", explode=False), {"a": None, "b": 1}, "p=b,1", id="null in an object in one field"),
        pytest.param(
            query("p", style="deepObject"),
            {"a": {"b": None, "c": [1, 2]}},
            "p%5Ba%5D%5Bc%5D%5B0%5D=1&p%5Ba%5D%5Bc%5D%5B1%5D=2",
            id="deep",
        ),
        pytest.param(query("p", allow_reserved=True), "/a:b,c?d&e=f#g+h", "p=/a:b,c?d%26e%3Df%23g%2Bh", id="reserved"),
        pytest.param(
            query("p", allow_reserved=True, explode=False), ["/a,b", "c:d"], "p=/a%2Cb,c:d", id="reserved, joined"
        ),
        pytest.param(query("p", as_json=True), {"a": [1, None]}, "p=%7B%22a%22%3A%5B1%2Cnull%5D%7D", id="JSON"),
        pytest.param(query("p", as_json=True), [], "p=%5B%5D", id="empty JSON list"),
        pytest.param(query("a[]"), ["x"], "a%5B%5D=x", id="name with brackets"),
    ],
)
def test_what_the_table_leaves_open(parameter: Parameter, value: Any, expected: str) -> None:
    assert query_of(parameter, value) == expected


@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
@pytest.mark.parametrize("value", [[], {}, "", None], ids=repr)
def test_nothing_cannot_be_part_of_a_path(style: Any, value: Any) -> None:
    """``/pets/.`` would be ``/pets/`` to everybody on the way."""
    with pytest.raises(ValueError, match="p is "):
        request_of(path("p", style=style), value, "/x/{p}/y")


def test_headers_and_cookies_have_one_field_each() -> None:
    """``simple`` for headers, ``form`` without exploding for cookies."""
    assert request_of(header("X", explode=True), RGB).headers["X"] == "R=100,G=200,B=150"
    assert request_of(header("X"), RGB).headers["X"] == "R,100,G,200,B,150"
    assert request_of(header("X", as_json=True), RGB).headers["X"] == '{"R":100,"G":200,"B":150}'
    assert request_of(cookie("c"), COLOURS).headers["Cookie"] == "c=blue,black,brown"
    assert request_of(cookie("c", as_json=True), [1]).headers["Cookie"] == "c=%5B1%5D"


# --- properties ------------------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["a&b=c", "#", "?", "%41", "+", "a b", "../..", "a;b", "\r\nX: 1", "\0", ",", "|", "[0]", "ü"]
)
LISTS = st.lists(TEXTS, min_size=1, max_size=4)
# Sorted, as the library that we compare with sorts them.
OBJECTS = st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=4).map(lambda value: dict(sorted(value.items())))
TEMPLATES = {
    "simple": (path("p"), "/{p}"),
    "simple*": (path("p", explode=True), "/{p*}"),
    "matrix": (path("p", style="matrix"), "{;p}"),
    "matrix*": (path("p", style="matrix", explode=True), "{;p*}"),
    "label*": (path("p", style="label", explode=True), "{.p*}"),
}


@pytest.mark.parametrize(("parameter", "template"), TEMPLATES.values(), ids=TEMPLATES)
@given(value=TEXTS.filter(bool) | LISTS.filter(all) | OBJECTS.filter(lambda value: all(value.values())))
def test_paths_are_what_rfc_6570_says(parameter: Parameter, template: str, value: Any) -> None:
    """By a library that knows nothing else; but for dot segments, which we escape."""
    theirs = uritemplate.expand(template, p=value).removeprefix("/")
    assume(theirs not in (".", ".."))
    assert request_of(parameter, value, "/{p}").url.removeprefix("/") == theirs


@pytest.mark.parametrize("explode", [True, False], ids=["exploded", "joined"])
@given(value=TEXTS | LISTS | OBJECTS)
def test_queries_are_what_rfc_6570_says(explode: bool, value: Any) -> None:
    """By a library that knows nothing else."""
    template = "{?p*}" if explode else "{?p}"
    assert "?" + query_of(query("p", explode=explode), value) == uritemplate.expand(template, p=value)


@given(st.lists(st.tuples(st.sampled_from(["form", "deepObject", "reserved", "json"]), TEXTS), max_size=5))
def test_no_value_breaks_out_of_its_query_field(rows: list[tuple[str, str]]) -> None:
    """Parsed by the standard library, every field has the value that was given, and there are no others."""
    kinds = {
        "form": lambda name: query(name),
        "deepObject": lambda name: query(name, style="deepObject"),
        "reserved": lambda name: query(name, allow_reserved=True),
        "json": lambda name: query(name, as_json=True),
    }
    names = [f"p{index}" for index in range(len(rows))]
    parameters = {name: kinds[kind](name) for name, (kind, _) in zip(names, rows, strict=True)}
    given = {
        name: {text: text} if kind == "deepObject" else text for name, (kind, text) in zip(names, rows, strict=True)
    }
    url = Operation("GET", "/x", parameters=parameters, responses={200: None}).request(given).url
    parts = urlsplit(url)
    assert (parts.path, parts.fragment) == ("/x", "")
    assert url.isascii()
    assert url.isprintable()
    assert " " not in url
    expected = [
        (f"{name}[{text}]", text) if kind == "deepObject" else (name, json.dumps(text, ensure_ascii=False) if kind == "json" else text)
        for name, (kind, text) in zip(names, rows, strict=True)
    ]  # fmt: skip
    assert [(key, json.dumps(json.loads(value), ensure_ascii=False) if parameters.get(key, parameters[key[:2]]).as_json else value)
            for key, value in parse_qsl(parts.query, keep_blank_values=True)] == expected  # fmt: skip


@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
@pytest.mark.parametrize("explode", [True, False], ids=["exploded", "joined"])
@given(value=LISTS | OBJECTS | TEXTS)
def test_no_value_breaks_out_of_its_path_segment(style: Any, explode: bool, value: Any) -> None:
    """Whatever is in it, the URL has as many segments as the template."""
    try:
        url = request_of(path("p", style=style, explode=explode), value, "/x/{p}/y").url
    except ValueError:
        return  # it would have been empty
    assert url.count("/") == 3
    assert not {"?", "#", "\r", "\n", " "} & set(url)
    assert url.split("/")[2] not in ("", ".", "..")


@given(TEXTS, TEXTS)
def test_no_value_breaks_out_of_its_cookie_or_header(first: str, second: str) -> None:
    """A line break in a header is refused, in a cookie escaped; no cookie becomes two."""
    operation: Operation[None] = Operation(
        "GET", "/x", parameters={"a": cookie("a"), "b": cookie("b")}, responses={200: None}
    )
    cookies = operation.request({"a": first, "b": second}).headers["Cookie"]
    assert [unquote(pair.partition("=")[2]) for pair in cookies.split("; ")] == [first, second]
    if set(first) & {"\r", "\n", "\0"}:
        with pytest.raises(ValueError, match="contains a line break or NUL"):
            request_of(header("X"), first)
    else:
        assert request_of(header("X"), first).headers["X"] == first
