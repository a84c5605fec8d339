"""What every face does alike: ASGI and WSGI, bare and behind frameworks."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

import pytest
from clientsmith.server import (
    Lifecycle,
    PassOn,
    Refusal,
    RequestFacts,
    fixed_version,
    header_versions,
    path_versions,
    problem_details,
    query_versions,
)

MakeService = Callable[..., Any]

VERSIONS = ["2025-01-01", "2025-09-01", "2026-06-01"]
DATES = header_versions("X-API-Version", versions=VERSIONS)


def test_the_version_reaches_the_application_and_the_answer(make_service: MakeService) -> None:
    reply = make_service(DATES).ask(X_API_Version="2025-09-01")
    assert (reply.status, reply.body) == (200, b"2025-09-01")
    assert reply["X-API-Version"] == "2025-09-01"
    assert reply["api-supported-versions"] == "2025-01-01, 2025-09-01, 2026-06-01"


def test_a_request_without_a_version_gets_the_oldest(make_service: MakeService) -> None:
    """It may come from a client that was written before there were versions."""
    reply = make_service(DATES).ask()
    assert (reply.body, reply["X-API-Version"]) == (b"2025-01-01", "2025-01-01")


def test_an_unsupported_version_never_reaches_the_application(make_service: MakeService) -> None:
    service = make_service(DATES)
    reply = service.ask(X_API_Version="2031-01-01")
    assert (reply.status, service.calls) == (400, [])
    assert reply["Content-Type"] == "application/problem+json"
    assert reply["Content-Length"] == str(len(reply.body))
    assert reply["Vary"] == "X-API-Version"
    assert reply["api-supported-versions"] == "2025-01-01, 2025-09-01, 2026-06-01"
    assert reply["X-API-Version"] is None  # nothing was executed
    assert json.loads(reply.body) == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "this service does not speak API version '2031-01-01'; it speaks 2025-01-01, 2025-09-01, 2026-06-01",
        "code": "UnsupportedApiVersion",
        "supported_versions": VERSIONS,
    }


def test_what_the_application_says_wins_and_lists_are_added_to(make_service: MakeService) -> None:
    own = {"Vary": "Accept", "Link": '</next>; rel="next"', "X-API-Version": "own", "Sunset": "own"}
    lifecycle = Lifecycle(
        deprecated=datetime(2026, 1, 1, tzinfo=UTC), sunset=datetime(2027, 1, 1, tzinfo=UTC), link="/why"
    )
    reply = make_service(DATES, own, lifecycle=lifecycle).ask(X_API_Version="2026-06-01")
    assert (reply["X-API-Version"], reply["Sunset"]) == ("own", "own")
    assert reply["Vary"] == "Accept, X-API-Version"
    assert reply.all("Link") == ['</next>; rel="next"', '</why>; rel="deprecation"']
    assert reply["Deprecation"] == "@1767225600"


def test_a_refused_head_has_the_length_and_no_body(make_service: MakeService) -> None:
    service = make_service(DATES)
    head = service.ask(method="HEAD", X_API_Version="1999-01-01")
    get = service.ask(X_API_Version="1999-01-01")
    assert (head.status, head.body, head["Content-Length"]) == (400, b"", str(len(get.body)))


def test_a_head_is_judged_like_a_get(make_service: MakeService) -> None:
    reply = make_service(DATES).ask(method="HEAD", X_API_Version="2026-06-01")
    assert (reply.status, reply["X-API-Version"]) == (200, "2026-06-01")


def test_a_cors_preflight_passes_untouched(make_service: MakeService) -> None:
    """A browser asks whether it may send the header field; it does not send it with the question."""
    service = make_service(header_versions("X-API-Version", versions=VERSIONS, required=True))
    asked = {"Access_Control_Request_Method": "GET", "Access_Control_Request_Headers": "x-api-version"}
    reply = service.ask(method="OPTIONS", Origin="https://example.test", **asked)
    assert (reply.status, service.calls, reply["X-API-Version"]) == (200, ["OPTIONS /pets"], None)


def test_an_options_of_ones_own_is_judged(make_service: MakeService) -> None:
    assert make_service(DATES).ask(method="OPTIONS", X_API_Version="1999-01-01").status == 400


def test_a_path_that_the_framework_does_not_know_says_the_version_too(make_service: MakeService) -> None:
    reply = make_service(DATES).ask("/nothing", X_API_Version="2026-06-01")
    assert (reply.status, reply["X-API-Version"]) == (404, "2026-06-01")


def test_unversioned_routes_are_none_of_its_business(make_service: MakeService) -> None:
    scheme = header_versions("X-API-Version", versions=VERSIONS, required=True)
    service = make_service(scheme, unversioned=["/docs", "/pe*"])
    reply = service.ask()
    assert (reply.status, reply.body, reply["api-supported-versions"]) == (200, b"None", None)
    assert service.ask("/other").status == 400


def test_a_deprecated_version_is_told_and_works(make_service: MakeService) -> None:
    lifecycle = Lifecycle(
        version="2025-01-01",
        deprecated=datetime(2026, 1, 1, tzinfo=UTC),
        sunset=datetime(2027, 1, 1, tzinfo=UTC),
        link="https://example.test/changes",
        successor="https://example.test/docs/2026-06-01",
    )
    service = make_service(DATES, {}, lifecycle=lifecycle)
    reply = service.ask(X_API_Version="2025-01-01")
    assert (reply.status, reply["Deprecation"]) == (200, "@1767225600")
    assert reply["Sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
    assert reply.all("Link") == [
        '<https://example.test/changes>; rel="deprecation"',
        '<https://example.test/docs/2026-06-01>; rel="successor-version"',
    ]
    assert service.ask(X_API_Version="2026-06-01")["Deprecation"] is None


def test_after_its_sunset_it_is_gone_where_that_was_asked_for(make_service: MakeService) -> None:
    sunset = datetime(2026, 7, 1, tzinfo=UTC)
    lifecycle = Lifecycle(version="2025-01-01", sunset=sunset, successor="/docs", refuse_after_sunset=True)
    times = iter([datetime(2026, 6, 30, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)])
    service = make_service(DATES, {}, lifecycle=[lifecycle], now=lambda: next(times))
    assert service.ask(X_API_Version="2025-01-01").status == 200
    reply = service.ask(X_API_Version="2025-01-01")
    assert (reply.status, len(service.calls)) == (410, 1)
    assert reply["Sunset"] == "Wed, 01 Jul 2026 00:00:00 GMT"
    assert reply["Vary"] == "X-API-Version"
    assert json.loads(reply.body) == {
        "type": "about:blank",
        "title": "Gone",
        "status": 410,
        "detail": "API version 2025-01-01 was retired on 2026-07-01; use /docs",
        "code": "ApiRetired",
        "sunset": "2026-07-01T00:00:00+00:00",
        "successor": "/docs",
        "supported_versions": ["2025-09-01", "2026-06-01"],
    }


def test_a_mounted_application_is_judged_by_the_path_below_its_mount(make_service: MakeService) -> None:
    service = make_service(path_versions(["v1", "v2"]))
    assert service.ask("/v2/pets", root="/shop")["API-Version"] == "v2"
    assert service.ask("/v3/pets", root="/shop").status == 404
    assert service.ask("/pets", root="/v3").status == 200


def test_a_mount_may_be_the_version(make_service: MakeService) -> None:
    reply = make_service(fixed_version("v2")).ask("/pets", root="/v2")
    assert (reply.body, reply["API-Version"]) == (b"v2", "v2")


class Careless:
    """A scheme of somebody's own that echoes what it was sent."""

    render = staticmethod(problem_details)

    def __init__(self, outcome: Callable[[tuple[tuple[str, str], ...]], PassOn | Refusal]) -> None:
        self.outcome = outcome

    def judge(self, request: RequestFacts) -> PassOn | Refusal:
        return self.outcome((("X-Echo", unquote(request.query)),))


@pytest.mark.parametrize(
    "outcome",
    [lambda fields: PassOn(None, fields), lambda fields: Refusal(400, "Code", "detail", {}, fields)],
    ids=["passed on", "refused"],
)
def test_a_careless_scheme_fails_rather_than_writing_a_field_of_the_callers(
    make_service: MakeService, outcome: Any
) -> None:
    service = make_service(Careless(outcome))
    assert service.ask("/pets?harmless")["X-Echo"] == "harmless"
    with pytest.raises(ValueError, match=r"the value of X-Echo, 'a\\r\\nSet-Cookie: b' cannot stand in a header field"):
        service.ask("/pets?a%0d%0aSet-Cookie:%20b")


@pytest.mark.parametrize(
    "text",
    ["2026-06-01\r\nX-Evil: 1", "2026-06-01\x00", "é", "x" * 5000, "2026-06-01, 2025-01-01", '"><script>'],
    ids=["line end", "zero", "not ASCII", "long", "twice", "markup"],
)
def test_what_a_request_says_gets_into_no_header_field(make_service: MakeService, text: str) -> None:
    """A proxy may hand on what no server should have let in."""
    if not text.isprintable() or not text.isascii():
        reply = make_service(query_versions(versions=VERSIONS)).ask(f"/pets?api-version={quote(text)}")
    else:
        reply = make_service(DATES).ask(X_API_Version=text)
    assert reply.status == 400
    assert not any(text in value or "\n" in value for _, value in reply.fields)
    assert len(reply.body) < 700
