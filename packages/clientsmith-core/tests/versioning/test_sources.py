"""Where a service says its versions: each place read alone, and nothing that it may hold ever raises."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.core.rest import HttpRequest, HttpResponse
from clientsmith.core.versioning import Advertised, ApiVersion, VersionFormat
from clientsmith.core.versioning.sources import (
    AnswerSource,
    BodyPointer,
    BodySource,
    CapabilityList,
    ErrorBody,
    HeaderRange,
    HtmlMeta,
    MediaType,
    ResponseHeader,
    VersionDocument,
    at,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# Enough to find what is wrong, in a second on a busy machine; its own time is no property.
BOUNDED = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])

MAJOR_MINOR, MICROVERSION, DATE = VersionFormat.MAJOR_MINOR, VersionFormat.MICROVERSION, VersionFormat.DATE
SEMVER, NAMED = VersionFormat.SEMVER, VersionFormat.NAMED
URL = "https://api.test/a?sig=1"


def answer(headers: Any = (), content: bytes = b"") -> HttpResponse:
    return HttpResponse(HttpRequest("GET", URL), 200, headers, content)


def texts(said: Advertised | None) -> dict[str, Any] | None:
    """Return what an advertisement says, in words, without where it was said."""
    if said is None:
        return None
    found = {
        name: getattr(said, name)
        for name in ("current", "oldest", "newest", "family", "malformed", "status", "next_oldest", "not_before")
    }
    shown = {
        name: str(value) if isinstance(value, ApiVersion) else value
        for name, value in found.items()
        if value not in ("", None)
    }
    if said.versions:
        shown["versions"] = [str(version) for version in said.versions]
    if said.features:
        shown["features"] = set(said.features)
    return shown


# --- one text --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1.4", {"current": "1.4"}),
        (" 1.4\n", {"current": "1.4"}),
        ("1.10", {"current": "1.10"}),
        ("", {"malformed": "''"}),
        ("bad", {"malformed": "bad"}),
        ("x" * 200, {"malformed": "x" * 80}),
        (1.4, {"malformed": "1.4"}),
        (1, {"malformed": "1"}),
        (True, {"malformed": "True"}),
        (None, {"malformed": "None"}),
        (["1.4"], {"malformed": "['1.4']"}),
        ({"a": "x" * 200}, {"malformed": ("{'a': '" + "x" * 200)[:80]}),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_a_value_says(text: object, said: dict[str, Any]) -> None:
    """A number is no version, whatever it looks like: 1.10 would be 1.1 (R1)."""
    found = Advertised.of(text, MAJOR_MINOR, source="meta", url=URL)
    assert texts(found) == said
    assert (found.source, found.url) == ("meta", URL)


# --- in an answer ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "headers", "said", "where"),
    [
        (ResponseHeader("X-Version", MAJOR_MINOR), {"x-version": "1.4"}, {"current": "1.4"}, "the X-Version header"),
        (ResponseHeader("X-Version", MAJOR_MINOR), {}, None, ""),
        (ResponseHeader("X-Version", MAJOR_MINOR), {"X-Version": "bad"}, {"malformed": "bad"}, "the X-Version header"),
        (ResponseHeader("X-Version", MAJOR_MINOR), {"X-Version": ""}, {"malformed": "''"}, "the X-Version header"),
        (ResponseHeader("V", MICROVERSION, "compute "), {"V": "compute 2.1"}, {"current": "2.1"}, "the V header"),
        (ResponseHeader("V", MICROVERSION, "compute "), {"V": "volume 3.0, compute 2.1"}, {"current": "2.1"}, "the V header"),
        (ResponseHeader("V", MICROVERSION, "compute "), {"V": "volume 3.0"}, None, ""),
        (ResponseHeader("V", MICROVERSION, "compute "), {"V": "compute latest"}, {"malformed": "latest"}, "the V header"),
        (
            HeaderRange(MICROVERSION, oldest="Min", newest="Max"),
            {"Min": "1.1", "Max": "1.115"}, {"oldest": "1.1", "newest": "1.115"}, "the headers Min and Max",
        ),
        (HeaderRange(MICROVERSION, oldest="Min", newest="Max"), {"Max": "1.115"}, {"newest": "1.115"}, "the headers Min and Max"),
        (HeaderRange(MICROVERSION, oldest="Min", newest="Max"), {"Min": "?", "Max": "latest"}, None, ""),
        (
            HeaderRange(DATE, versions="api-supported-versions"), {"Api-Supported-Versions": "2025-01-01, 2026-06-01-preview ,x"},
            {"versions": ["2025-01-01", "2026-06-01-preview"]}, "the api-supported-versions header",
        ),
        (HeaderRange(DATE, versions="api-supported-versions"), {"api-supported-versions": ""}, None, ""),
        (HeaderRange(DATE, versions="api-supported-versions"), {}, None, ""),
        (
            MediaType(r"application/vnd\.x\.v([0-9]{1,9})\+json"), {"Content-Type": "Application/vnd.x.v2+JSON; charset=utf-8"},
            {"family": 2}, "the media type application/vnd.x.v2+json",
        ),
        (MediaType(r"application/vnd\.x\.v([0-9]{1,9})\+json"), {"Content-Type": "text/html"}, None, ""),
        (MediaType(r"application/vnd\.x\.v([0-9]{1,9})\+json"), {}, None, ""),
        (MediaType(r"application/x\.v(.*)"), {"Content-Type": "application/x.v" + "9" * 5000}, None, ""),
    ],
)  # fmt: skip
def test_what_header_fields_say(source: AnswerSource, headers: dict[str, str], said: Any, where: str) -> None:
    """What is not there, or speaks of another service, is None; what is no version is malformed."""
    found = source.read(answer(headers))
    assert texts(found) == said
    if found is not None:
        assert (found.source, found.url) == (where, URL)


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        (ResponseHeader("X-Version", DATE), ("X-Version",)),
        (HeaderRange(DATE, oldest="Min", newest="Max"), ("Min", "Max")),
        (HeaderRange(DATE, versions="All"), ("All",)),
        (MediaType("x"), ("Content-Type",)),
    ],
)
def test_which_fields_are_looked_at(source: AnswerSource, fields: tuple[str, ...]) -> None:
    """An answer that has none of them is not looked at at all."""
    assert source.fields == fields


# --- in a body -------------------------------------------------------------------------------------------------------

POINTER = BodyPointer("/meta/api-version", MAJOR_MINOR)
META = HtmlMeta("pypi:repository-version", MAJOR_MINOR)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"meta": {"api-version": "1.4"}}, {"current": "1.4"}),
        ({"meta": {"api-version": 1.4}}, {"malformed": "1.4"}),
        ({"meta": {"api-version": "1.4.2"}}, {"malformed": "1.4.2"}),
        ({"meta": {"api-version": None}}, None),
        ({"meta": {}}, None),
        ({"meta": "1.4"}, None),
        ({"meta": ["1.4"]}, None),
        ([], None),
        (None, None),
        ("1.4", None),
    ],
)
def test_what_a_place_of_a_body_says(document: object, said: Any) -> None:
    """A place that is not there says nothing."""
    found = POINTER.read_document(document, URL)
    assert texts(found) == said
    assert found is None or (found.source, found.url) == ("meta.api-version", URL)


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("", {"a": [{"b/c": {"~": 1}}, 2]}),
        ("/a/1", 2),
        ("/a/0/b~1c/~0", 1),
        ("/a/2", None),
        ("/a/01", None),
        ("/a/-", None),
        ("/a/٠", None),
        ("/a/0/b~1c/~0/x", None),
        ("/b", None),
    ],
)
def test_json_pointers(pointer: str, found: object) -> None:
    """RFC 6901; what leads nowhere is None."""
    assert at({"a": [{"b/c": {"~": 1}}, 2]}, pointer) == found


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ('<!DOCTYPE html><head><meta name="pypi:repository-version" content="1.4"></head>', {"current": "1.4"}),
        ("<META content='1.0' name='pypi:repository-version' />", {"current": "1.0"}),
        ('<meta name="pypi:repository-version">', {"malformed": "''"}),
        ('<meta name="pypi:repository-version" content="1.0"><meta name="pypi:repository-version" content="2.0">', {"current": "1.0"}),
        ('<head></head><body><meta name="pypi:repository-version" content="2.0">', None),
        ('<body class="x"><meta name="pypi:repository-version" content="2.0">', None),
        ('<meta name="generator" content="1.4">', None),
        ('<!-- <meta name="pypi:repository-version" content="2.0"> -->', None),
        ("<" * 5000, None),
        ('<![x[<meta name="pypi:repository-version" content="1.4">', None),
        ("", None),
        ({"pypi:repository-version": "1.4"}, {"current": "1.4"}),
        ({"pypi:repository-version": None}, None),
        ({}, None),
        (None, None),
    ],
)  # fmt: skip
def test_what_a_page_says(page: object, said: Any) -> None:
    """In its head; a description that somebody uploaded is in its body."""
    found = META.read_document(page, URL)
    assert texts(found) == said
    assert found is None or found.source == '<meta name="pypi:repository-version">'


@pytest.mark.parametrize(
    ("source", "document", "said"),
    [
        (
            CapabilityList(NAMED), {"versions": ["r0.6.1", "v1.11", "v9x", 3], "unstable_features": {"a": True, "b": False}},
            {"versions": ["r0.6.1", "v1.11"], "features": {"a"}},
        ),
        (CapabilityList(NAMED), {"versions": []}, None),
        (CapabilityList(NAMED), {"versions": {"v1": 1}}, None),
        (CapabilityList(NAMED, features="/features"), {"features": ["a", "b"]}, {"features": {"a", "b"}}),
        (
            CapabilityList(MAJOR_MINOR, versions="/http_api_version", features="/capabilities"),
            {"http_api_version": "1.23", "capabilities": {"history": {}, "flush": {}}},
            {"current": "1.23", "features": {"history", "flush"}},
        ),
        (CapabilityList(NAMED), "v1", None),
        (CapabilityList(NAMED), None, None),
    ],
    ids=["Matrix", "empty", "no list", "features alone", "Kinto", "a text", "nothing"],
)  # fmt: skip
def test_what_a_list_of_capabilities_says(source: CapabilityList, document: object, said: Any) -> None:
    """A feature that is off is there as well, and counts for nothing."""
    assert texts(source.read_document(document, URL)) == said


NOVA = {
    "versions": [
        {"id": "v2.0", "status": "SUPPORTED", "version": "", "min_version": "", "links": []},
        {"id": "v2.1", "status": "CURRENT", "version": "2.104", "min_version": "2.1"},
    ]
}
GLANCE = {"versions": [{"id": f"v2.{minor}", "status": "SUPPORTED"} for minor in (15, 13, 9)]}


@pytest.mark.parametrize(
    ("document", "endpoint", "said"),
    [
        (NOVA, "https://api.test", {"oldest": "2.1", "newest": "2.104", "status": "CURRENT"}),
        (NOVA, "https://api.test/v2.1", {"oldest": "2.1", "newest": "2.104", "status": "CURRENT"}),
        (NOVA, "https://api.test/compute/v2.1/9f0c", {"oldest": "2.1", "newest": "2.104", "status": "CURRENT"}),
        (NOVA, "https://api.test/v2", {"status": "SUPPORTED"}),
        (NOVA, "https://api.test/v3", None),
        (
            {"versions": [NOVA["versions"][0], {**NOVA["versions"][1], "status": "DEPRECATED"}]}, "https://api.test",
            {"status": "SUPPORTED"},
        ),
        ({"version": NOVA["versions"][1]}, "https://api.test/v2.1", {"oldest": "2.1", "newest": "2.104", "status": "CURRENT"}),
        (
            {"versions": {"values": [{"id": "v3.14", "status": "stable", "min_version": "x", "max_version": "3.14"}]}},
            "https://api.test/v3", {"newest": "3.14", "status": "stable"},
        ),
        (GLANCE, "https://api.test", {"versions": ["2.15", "2.13", "2.9"], "status": "SUPPORTED"}),
        (GLANCE, "https://api.test/v2", {"versions": ["2.15", "2.13", "2.9"], "status": "SUPPORTED"}),
        (
            {"versions": [{"id": "v1", "max_version": "1.39", "min_version": "1.0", "next_min_version": "1.10", "not_before": "2027-01-01"}]},
            "", {"oldest": "1.0", "newest": "1.39", "next_oldest": "1.10", "not_before": "2027-01-01"},
        ),
        (
            {"versions": [{"id": "v2", "status": "CURRENT", "max_version": "2.9"}, {"id": "v3", "status": "EXPERIMENTAL", "max_version": "3.1"}]},
            "", {"newest": "2.9", "status": "CURRENT"},
        ),
        ({"versions": []}, "", None),
        ({"versions": [1, "v2", None]}, "", None),
        ({"version": "2.1"}, "", None),
        ({}, "", None),
        ([], "", None),
        (None, "", None),
    ],
    ids=[
        "nova", "nova of its endpoint", "nova of a project", "nova before microversions", "nova of another major", "a better one without a range",
        "an endpoint's own",
        "keystone", "glance", "glance of its endpoint", "placement", "the current one", "empty", "no objects", "a text", "{}", "[]", "null",
    ],
)  # fmt: skip
def test_what_a_version_document_says(document: object, endpoint: str, said: Any) -> None:
    """In all three shapes; of several versions the endpoint's, else the one that the service calls current."""
    assert texts(VersionDocument().read_document(document, URL, endpoint)) == said


def test_a_path_for_endpoints_that_do_not_say_their_version() -> None:
    """A service behind a name of its own."""
    assert texts(VersionDocument("/v2").read_document(NOVA, URL, "https://nova.test")) == {"status": "SUPPORTED"}


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("format", "sent", "body", "said"),
    [
        (
            MICROVERSION, "1.99", {"errors": [{"status": 406, "title": "Not Acceptable", "max_version": "1.39", "min_version": "1.0"}]},
            {"oldest": "1.0", "newest": "1.39"},
        ),
        (
            MICROVERSION, "2.999",
            {"itemNotAcceptable": {"code": 406, "message": "Version 2.999 is not supported by the API. Minimum is 2.1 and maximum is 2.104."}},
            {"oldest": "2.1", "newest": "2.104"},
        ),
        (
            SEMVER, "0.1.0", {"detail": "The request specified API version 0.1.0 but this server requires version 0.8.0 or higher."},
            {"oldest": "0.8.0"},
        ),
        (
            DATE, "2027-01-01",
            {"error": {"code": "UnsupportedApiVersionValue", "message": "The supported versions are '2025-01-01,2026-06-01'."}},
            {"versions": ["2025-01-01", "2026-06-01"]},
        ),
        (DATE, "2027-01-01", {"error": {"code": "InvalidApiVersionParameter", "message": "no"}}, {}),
        (DATE, "2027-01-01", {"message": "version 2027-01-01 is unknown"}, {}),
        (DATE, "2027-01-01", {"message": "2027-01-01 is in the future"}, None),
        (DATE, "2027-01-01", {"message": "the version is bad"}, None),
        (MAJOR_MINOR, "1.4", {"message": "package version 1.40 has no wheel"}, None),
        (MAJOR_MINOR, "1.4", {"message": "package version 1.4.2 has no wheel"}, None),
        (MICROVERSION, "2.1", {"message": "name is too long"}, None),
        (MICROVERSION, "2.1", {"min_version": 2.1, "max_version": None}, None),
        (MICROVERSION, "2.1", [], None),
        (MICROVERSION, "2.1", None, None),
        (MICROVERSION, "2.1", {"errors": "bad", "error": ["x"]}, None),
    ],
    ids=[
        "placement", "nova", "Prefect", "Azure", "a code alone", "words that quote it", "words that quote it, of no version",
        "words that do not quote it", "a longer version", "a longer version with three parts", "another mistake", "no texts", "a list", "nothing",
        "other shapes",
    ],
)  # fmt: skip
def test_what_the_body_of_a_refusal_says(format: VersionFormat, sent: str, body: object, said: Any) -> None:
    """A range, a list, a floor, or only that it is about versions; None where it is about something else (R8)."""
    found = ErrorBody(format, sent).read_document(body, URL)
    assert texts(found) == said


# --- anything at all -------------------------------------------------------------------------------------------------

SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.sampled_from(
    ["1.4", "v2.1", "2026-06-01", "version 1.4 or higher", "CURRENT", "minimum 1.0 maximum 2.0"]
))  # fmt: skip
KEYS = st.one_of(
    st.text(max_size=5),
    st.sampled_from(["meta", "api-version", "versions", "version", "values", "id", "status", "min_version", "max_version",
                     "errors", "error", "code", "message", "detail", "unstable_features", "next_min_version", "not_before"]),
)  # fmt: skip
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
BODY_SOURCES: list[BodySource] = [
    POINTER, META, CapabilityList(NAMED), VersionDocument(), VersionDocument("/v2.1"), ErrorBody(MAJOR_MINOR, "1.4"), ErrorBody(VersionFormat.OPAQUE, "x"),
]  # fmt: skip


@BOUNDED
@given(JSON, st.sampled_from(["", "https://api.test", "https://api.test/v2.1/x", "no url"]))
def test_no_body_makes_a_source_raise(document: object, endpoint: str) -> None:
    """What it says is then decided about."""
    for source in BODY_SOURCES:
        found = source.read_document(document, URL, endpoint)
        assert found is None or isinstance(str(found), str)


@BOUNDED
@given(st.text(max_size=300) | st.from_regex(r"<(meta|body|!\[|head)[^>]{0,20}>?.{0,40}"))
def test_no_page_makes_a_source_raise(page: str) -> None:
    """Broken HTML is the rule."""
    META.read_document(page, URL)


@BOUNDED
@given(st.text(max_size=60))
def test_no_header_field_makes_a_source_raise(value: str) -> None:
    """It may say anything."""
    for source in (
        ResponseHeader("V", MAJOR_MINOR), ResponseHeader("V", MICROVERSION, "compute "), HeaderRange(DATE, versions="V"),
        HeaderRange(DATE, oldest="V", newest="V"), MediaType(r"a/v([0-9]{1,9})"),
    ):  # fmt: skip
        source.read(answer([("V", value), ("Content-Type", value)]))
