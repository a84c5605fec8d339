"""How each scheme judges a request: tables of what a request says, and what becomes of it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from clientsmith.server import (
    Answer,
    PassOn,
    Refusal,
    RequestFacts,
    VersionScheme,
    capability_list,
    fixed_version,
    header_versions,
    media_type_of,
    microversions,
    path_versions,
    query_versions,
    semver_floor,
    simple_api,
    simple_meta,
    simple_meta_tag,
)
from clientsmith.server.seen import KEY
from hypothesis import given
from hypothesis import strategies as st

DATES = ["2025-01-01", "2026-06-01"]


def judge(scheme: VersionScheme, path: str = "/pets", method: str = "GET", **headers: str) -> PassOn | Refusal | Answer:
    where, _, query = path.partition("?")
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    return scheme.judge(RequestFacts(method, where, query, lambda name: named.get(name, "")))


def passed(scheme: VersionScheme, path: str = "/pets", **headers: str) -> tuple[str, dict[str, str]]:
    verdict = judge(scheme, path, **headers)
    assert isinstance(verdict, PassOn), verdict
    return str(verdict.version), dict(verdict.headers)


def refused(scheme: VersionScheme, path: str = "/pets", **headers: str) -> Refusal:
    verdict = judge(scheme, path, **headers)
    assert isinstance(verdict, Refusal), verdict
    return verdict


# --- header and query ---


def test_a_header_is_echoed_and_varied_on() -> None:
    scheme = header_versions("X-V", versions=DATES)
    assert passed(scheme, X_V="2026-06-01") == (
        "2026-06-01",
        {"X-V": "2026-06-01", "api-supported-versions": "2025-01-01, 2026-06-01", "Vary": "X-V"},
    )


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ("2031-01-01", "UnsupportedApiVersion", "does not speak API version '2031-01-01'; it speaks 2025-01-01, 2026-06-01"),
        ("latest", "MalformedApiVersion", "the header X-V says 'latest'; it has to be a date, such as 2026-06-01"),
        ("", "ApiVersionRequired", "a request has to say which API version it wants, in the header X-V"),
        ("x" * 90, "MalformedApiVersion", "says '" + "x" * 63 + "…'"),
        ("a\x1b[31m", "MalformedApiVersion", r"says 'a?[31m'"),
    ],
    ids=["unsupported", "malformed", "absent", "long", "escape"],
)  # fmt: skip
def test_a_header_is_refused_with_what_there_is(said: str, code: str, words: str) -> None:
    refusal = refused(header_versions("X-V", versions=DATES, required=True), X_V=said)
    assert (refusal.status, refusal.code, refusal.members) == (400, code, {"supported_versions": DATES})
    assert words in refusal.detail
    assert dict(refusal.headers) == {"api-supported-versions": "2025-01-01, 2026-06-01", "Vary": "X-V"}


@pytest.mark.parametrize(
    ("query", "version"),
    [
        ("", "2025-01-01"),
        ("api-version=2026-06-01", "2026-06-01"),
        ("a=1&API-Version=2026-06-01", "2026-06-01"),
        ("api-version=2026%2D06%2D01", "2026-06-01"),
        ("api-version=2026-06-01&api-version=2026-06-01", "2026-06-01"),
        ("my-api-version=2026-06-01", "2025-01-01"),
    ],
)
def test_a_query_says_its_version(query: str, version: str) -> None:
    assert passed(query_versions(versions=DATES), f"/pets?{query}") == (
        version,
        {"API-Version": version, "api-supported-versions": "2025-01-01, 2026-06-01"},
    )


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("api-version=", "the query parameter api-version says ''"),
        ("api-version=1", "says '1'; it has to be a date"),
        ("api-version=2025-01-01&api-version=2026-06-01", "says '2025-01-01, 2026-06-01'; it has to be one version"),
    ],
    ids=["empty", "malformed", "two different"],
)
def test_a_query_that_is_not_clear_is_refused(query: str, words: str) -> None:
    refusal = refused(query_versions(versions=DATES), f"/pets?{query}")
    assert (refusal.status, refusal.code) == (400, "MalformedApiVersion")
    assert words in refusal.detail


def test_what_answers_say_can_be_renamed_and_left_out() -> None:
    assert passed(query_versions(versions=DATES, echo="", supported="")) == ("2025-01-01", {})
    assert passed(fixed_version("registry/2.0", "Docker-Distribution-Api-Version")) == (
        "registry/2.0",
        {"Docker-Distribution-Api-Version": "registry/2.0"},
    )
    with pytest.raises(ValueError, match="no name of a header field"):
        header_versions("X V", versions=DATES)


# --- path ---


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("/v2/pets", "v2"),
        ("/v2", "v2"),
        ("/v1/", "v1"),
        ("/", "None"),
        ("/healthz", "None"),
        ("/vets/7", "None"),
        ("/12/pets", "None"),
        ("/v2pets", "None"),
        ("/pets/v9", "None"),
        ("/V2/pets", "None"),
    ],
)
def test_the_first_segment_may_be_a_version(path: str, version: str) -> None:
    assert passed(path_versions(["v1", "v2"]), path)[0] == version


@pytest.mark.parametrize("path", ["/v3/pets", "/v0", "/v10/", "/v2beta1/pets"])
def test_a_version_that_is_none_of_ours_is_404(path: str) -> None:
    refusal = refused(path_versions(["v1", "v2"]), path)
    assert (refusal.status, refusal.code) == (404, "UnsupportedApiVersion")
    assert refusal.members == {"supported_versions": ["v1", "v2"]}


def test_a_prefix_stands_before_the_version() -> None:
    scheme = path_versions(["2025-01-01", "2026-06-01"], prefix="/api/", echo="X-V")
    assert passed(scheme, "/api/2026-06-01/pets")[1]["X-V"] == "2026-06-01"
    assert passed(scheme, "/2031-01-01/pets") == ("None", {})
    assert refused(scheme, "/api/2031-01-01/pets").status == 404
    with pytest.raises(ValueError, match="begin and end with a slash"):
        path_versions(["v1"], prefix="/api")
    with pytest.raises(ValueError, match="one segment"):
        path_versions(["registry/2.0"])


# --- microversions ---

COMPUTE = microversions("compute", oldest="2.1", newest="2.95", older_headers=("X-OpenStack-Nova-API-Version",))


@pytest.mark.parametrize(
    ("headers", "version"),
    [
        ({}, "2.1"),
        ({"OpenStack_API_Version": "compute 2.30"}, "2.30"),
        ({"OpenStack_API_Version": "Compute \t 2.30"}, "2.30"),
        ({"OpenStack_API_Version": ",, compute 02.030,"}, "2.30"),
        ({"OpenStack_API_Version": "compute latest"}, "2.95"),
        ({"OpenStack_API_Version": "volume 3.50"}, "2.1"),
        ({"OpenStack_API_Version": "volume 3.50, compute 2.9"}, "2.9"),
        ({"OpenStack_API_Version": "compute 2.9, compute 2.10"}, "2.10"),
        ({"OpenStack_API_Version": "2.30"}, "2.1"),
        ({"X_OpenStack_Nova_API_Version": "2.7"}, "2.7"),
        ({"X_OpenStack_Nova_API_Version": "2.7", "OpenStack_API_Version": "compute 2.8"}, "2.8"),
        ({"X_OpenStack_Nova_API_Version": "latest"}, "2.95"),
    ],
    ids=[
        "none: the minimum", "said", "capitals and spaces", "zeros and empty parts", "latest", "another service's", "one of two", "twice: the last",
        "no service", "the older header", "the new header wins", "latest in the older one",
    ],
)  # fmt: skip
def test_a_microversion_is_executed_and_echoed(headers: dict[str, str], version: str) -> None:
    assert passed(COMPUTE, **headers) == (
        version,
        {
            "OpenStack-API-Version": f"compute {version}",
            "X-OpenStack-Nova-API-Version": version,
            "Vary": "OpenStack-API-Version, X-OpenStack-Nova-API-Version",
        },
    )


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ("2.96", 406, "UnsupportedApiVersion"),
        ("2.0", 406, "UnsupportedApiVersion"),
        ("3.1", 406, "UnsupportedApiVersion"),
        ("2.x", 400, "MalformedApiVersion"),
        ("", 400, "MalformedApiVersion"),
        ("2.latest", 400, "MalformedApiVersion"),
        ("2.1 2.2", 400, "MalformedApiVersion"),
    ],
)
def test_a_microversion_out_of_range_is_406_and_no_number_400(said: str, status: int, code: str) -> None:
    refusal = refused(COMPUTE, OpenStack_API_Version=f"compute {said}")
    assert (refusal.status, refusal.code) == (status, code)
    assert refusal.members == {"min_version": "2.1", "max_version": "2.95"}
    fields = dict(refusal.headers)
    assert fields["OpenStack-API-Maximum-Version"] == fields["X-OpenStack-Nova-API-Maximum-Version"] == "2.95"
    assert "OpenStack-API-Version" not in fields


def test_a_refusal_has_the_body_of_openstacks_guideline() -> None:
    request = RequestFacts("GET", "/pets", "", lambda name: "")
    kind, body = COMPUTE.render(refused(COMPUTE, OpenStack_API_Version="compute 3.1"), request)
    assert kind == "application/json"
    assert json.loads(body) == {
        "errors": [
            {
                "status": 406,
                "title": "Not Acceptable",
                "detail": "this service does not speak API version '3.1'; it speaks 2.1 to 2.95",
                "code": "UnsupportedApiVersion",
                "min_version": "2.1",
                "max_version": "2.95",
                "links": [],
            }
        ]
    }


def test_the_version_document_needs_no_version() -> None:
    scheme = microversions("compute", oldest="2.1", newest="2.95", next_oldest="2.53", not_before=date(2027, 4, 1))
    answer = judge(scheme, "/", OpenStack_API_Version="compute nonsense")
    assert isinstance(answer, Answer)
    assert json.loads(answer.body) == {
        "versions": [
            {
                "id": "v2.1",
                "status": "CURRENT",
                "min_version": "2.1",
                "max_version": "2.95",
                "links": [{"rel": "self", "href": ""}],
                "next_min_version": "2.53",
                "not_before": "2027-04-01",
            }
        ]
    }
    assert isinstance(judge(scheme, "/", method="POST"), PassOn)
    assert isinstance(judge(microversions("compute", oldest="2.1", newest="2.9", discovery=""), "/"), PassOn)


@pytest.mark.parametrize("service", ["", "two words", "a,b"])
def test_a_service_type_is_one_word(service: str) -> None:
    with pytest.raises(ValueError, match=r"type of a service|cannot stand"):
        microversions(service, oldest="2.1", newest="2.2")


@given(st.text(max_size=40))
def test_whatever_a_microversion_header_says_is_judged(text: str) -> None:
    for verdict in (judge(COMPUTE, OpenStack_API_Version=text), judge(COMPUTE, X_OpenStack_Nova_API_Version=text)):
        assert isinstance(verdict, PassOn | Refusal)
        assert not isinstance(verdict, Refusal) or verdict.status in (400, 406)


# --- floor ---


@pytest.mark.parametrize(
    ("said", "version"), [("", "None"), ("0.8.0", "0.8.0"), ("0.10.0", "0.10.0"), ("9.0.0", "9.0.0")]
)
def test_a_floor_lets_newer_ones_in(said: str, version: str) -> None:
    scheme = semver_floor("X-V", "0.8.0", current="0.9.1")
    assert passed(scheme, X_V=said) == (version, {"X-V": "0.9.1", "Vary": "X-V"})


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("0.1.0", "the request is made for API version 0.1.0; this service requires version 0.8.0 or higher"),
        ("0.8.0-rc.1", "made for API version 0.8.0-rc.1;"),
        ("1", "the header X-V says '1'; it has to be a semantic version"),
        ("", "a request has to say its version in the header X-V; this service requires"),
    ],
    ids=["too old", "a pre-release of the floor", "malformed", "absent"],
)
def test_a_floor_says_what_is_required_and_what_was_given(said: str, words: str) -> None:
    refusal = refused(semver_floor("X-V", "0.8.0", required=True), X_V=said)
    assert (refusal.status, refusal.members) == (400, {"min_version": "0.8.0"})
    assert words in refusal.detail


def test_a_floor_is_not_above_the_service_itself() -> None:
    with pytest.raises(ValueError, match="older than the floor"):
        semver_floor("X-V", "0.8.0", current="0.7.0")


# --- Simple API ---

V1_JSON, V1_HTML = "application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.v1+html"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "text/html"),
        ("*/*", "text/html"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        (V1_JSON, V1_JSON),
        (f"{V1_JSON}, {V1_HTML}; q=0.1, text/html; q=0.01", V1_JSON),
        (f"{V1_HTML}, {V1_JSON}", V1_JSON),
        (f"{V1_JSON};q=0.1, {V1_HTML};q=0.2", V1_HTML),
        ("application/vnd.pypi.simple.latest+json", V1_JSON),
        ("application/vnd.pypi.simple.latest+html", V1_HTML),
        ("application/*", V1_JSON),
        ("text/*", "text/html"),
        (f"{V1_JSON};q=0, */*", "text/html"),
        (f"{V1_JSON.upper()}", V1_JSON),
        ("*/*;q=0.1, " + V1_HTML, V1_HTML),
    ],
)
def test_an_index_answers_in_the_type_that_is_liked_best(accept: str, chosen: str) -> None:
    verdict = judge(simple_api(), "/simple/pets/", Accept=accept)
    assert isinstance(verdict, PassOn)
    assert (verdict.media_type, str(verdict.version), verdict.headers) == (chosen, "1.4", (("Vary", "Accept"),))
    assert media_type_of({KEY: verdict}) == chosen


@pytest.mark.parametrize(
    ("scheme", "path", "accept"),
    [
        (simple_api(), "/simple/pets/", "application/vnd.pypi.simple.v2+json"),
        (simple_api(), "/simple/pets/", "application/json"),
        (simple_api(), "/simple/pets/", f"{V1_JSON};q=0"),
        (simple_api(), "/simple/pets/", f"{V1_JSON};q=high"),
        (simple_api(html=""), "/simple/pets/", "text/html"),
        (simple_api(), "/simple/pets/?format=application/vnd.pypi.simple.v9%2Bjson", V1_JSON),
    ],
    ids=["v2", "plain JSON", "not wanted", "weight unreadable", "only JSON", "format= goes first"],
)
def test_an_index_says_406_where_nothing_fits(scheme: Any, path: str, accept: str) -> None:
    refusal = refused(scheme, path, Accept=accept)
    assert (refusal.status, refusal.code) == (406, "NotAcceptable")
    assert V1_JSON in refusal.members["supported_media_types"]  # type: ignore[operator]


def test_serializations_may_be_of_two_versions() -> None:
    scheme = simple_api(json="1.5", html="1.4")
    assert passed(scheme, "/simple/", Accept=V1_JSON)[0] == "1.5"
    assert passed(scheme, "/simple/", Accept="text/html")[0] == "1.4"
    assert passed(scheme, "/simple/?format=application/vnd.pypi.simple.v1%2Bhtml", Accept=V1_JSON)[0] == "1.4"


def test_files_are_not_negotiated() -> None:
    assert passed(simple_api(), "/files/pets-1.0.tar.gz", Accept="application/x-tar") == ("None", {})


def test_the_version_of_a_page_stands_in_its_body() -> None:
    assert simple_meta("1.4") == {"api-version": "1.4"}
    assert simple_meta_tag("1.4") == '<meta name="pypi:repository-version" content="1.4">'
    with pytest.raises(ValueError, match=r"Major\.Minor"):
        simple_meta_tag('1.4"><script>')
    with pytest.raises(ValueError, match=r"version 1\.x"):
        simple_api(json="2.0")


@given(st.text(alphabet="aptextml/*+;q=.01, vndj", max_size=60))
def test_whatever_an_accept_says_is_judged(text: str) -> None:
    assert isinstance(judge(simple_api(), "/simple/", Accept=text), PassOn | Refusal)


# --- capabilities ---


def test_a_list_of_versions_and_features_is_a_document() -> None:
    scheme = capability_list(
        ["v1.15", "r0.6.1"], features={"org.example.x": True, "y": False}, path="/client/versions",
        below=path_versions(["v3"], prefix="/client/"),
    )  # fmt: skip
    answer = judge(scheme, "/client/versions")
    assert isinstance(answer, Answer)
    assert json.loads(answer.body) == {
        "versions": ["r0.6.1", "v1.15"],
        "unstable_features": {"org.example.x": True, "y": False},
    }
    assert passed(scheme, "/client/v3/rooms")[0] == "v3"
    assert refused(scheme, "/client/v4/rooms").status == 404
    assert isinstance(judge(scheme, "/client/versions", method="POST"), PassOn)
