"""The end of an API: what is announced, of which requests, and what a Lifecycle refuses to say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from clientsmith.core.versioning import ApiVersion, VersionFormat
from clientsmith.core.versioning.lifecycle import read_lifecycle
from clientsmith.server import Answer, ApiVersions, Lifecycle, RequestFacts, header_versions
from clientsmith.server.decision import Decider
from clientsmith.server.lifecycle import lifecycle_fields

SPRING, SUMMER, AUTUMN = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 6, 9))


def request(method: str = "GET", path: str = "/pets/7") -> RequestFacts:
    return RequestFacts(method, path, "", lambda name: "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "give `deprecated`, `sunset`, or both"),
        ({"deprecated": datetime(2026, 1, 1)}, r"deprecated=2026-01-01 00:00:00 has no time zone"),
        ({"deprecated": SUMMER, "sunset": SPRING}, r"is before the deprecation.*RFC 9745"),
        ({"deprecated": SUMMER, "refuse_after_sunset": True}, "needs a `sunset`"),
        ({"deprecated": SUMMER, "link": "https://a.test/x\r\nSet-Cookie: a"}, "percent-encode"),
        ({"deprecated": SUMMER, "successor": "<evil>"}, "percent-encode"),
        ({"deprecated": SUMMER, "route": "pets"}, r"'pets' is no route; write `/pets/\{id\}`"),
        ({"deprecated": "2026-07-01"}, r"deprecated='2026-07-01' is no moment; say datetime\("),
        ({"sunset": SUMMER.date()}, r"sunset=datetime.date\(2026, 6, 1\) is no moment"),
        ({"deprecated": SUMMER, "route": "/pets/<int:id>"}, r"matches no path, because of its '<'; write.*`\{id\}`"),
        ({"deprecated": SUMMER, "route": "/*/toys"}, r"because of its '\*'.*a star at the end only"),
        ({"deprecated": SUMMER, "route": "/pets/{id"}, r"because of its '\{'"),
    ],
    ids=[
        "nothing", "naive", "sunset before deprecation", "refuse after nothing", "line end", "bracket", "no route",
        "a text", "a day", "Flask's parameters", "a star within", "half a brace",
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_refused_at_once(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Lifecycle(**arguments)


@pytest.mark.parametrize(
    ("route", "method", "path", "concerned"),
    [
        ("/pets", "GET", "/pets", True),
        ("/pets", "GET", "/pets/7", False),
        ("/pets/{id}", "DELETE", "/pets/7", True),
        ("/pets/{id}", "GET", "/pets/7/toys", False),
        ("/pets/{id}/toys", "GET", "/pets/7/toys", True),
        ("DELETE /pets/{id}", "DELETE", "/pets/7", True),
        ("DELETE /pets/{id}", "GET", "/pets/7", False),
        ("GET /pets", "GET", "/pets", True),
        ("GET /pets", "HEAD", "/pets", True),
        ("GET /pets", "GET", "/pets/7", False),
        ("/v1/*", "GET", "/v1/pets/7", True),
        ("/v1/*", "GET", "/v10/pets", False),
        ("/a.c", "GET", "/abc", False),
        ("/v1/*", "GET", "/v1/a\nb", True),
        ("/pets/{id:int}", "GET", "/pets/7", True),
        ("/files/{rest:path}", "GET", "/files/a/b", True),
        ("/files/{rest:path}/meta", "GET", "/files/a/b/meta", True),
    ],
)
def test_a_route_is_a_pattern(route: str, method: str, path: str, concerned: bool) -> None:
    lifecycle = Lifecycle(deprecated=SPRING, route=route)
    assert lifecycle.concerns(request(method, path), None) is concerned


def test_of_several_conditions_all_have_to_fit() -> None:
    old = ApiVersion("v1", VersionFormat.NAMED)
    lifecycle = Lifecycle(
        deprecated=SPRING, version="v1", route="/pets/*", applies=lambda request: request.method == "GET"
    )
    assert lifecycle.concerns(request(), old)
    assert not lifecycle.concerns(request(), None)
    assert not lifecycle.concerns(request(), ApiVersion("v2", VersionFormat.NAMED))
    assert not lifecycle.concerns(request("PUT"), old)
    assert not lifecycle.concerns(request(path="/toys"), old)


@pytest.mark.parametrize(
    ("lifecycles", "fields"),
    [
        pytest.param([Lifecycle(deprecated=SPRING)], [("Deprecation", "@1772323200")], id="deprecated"),
        pytest.param(
            [Lifecycle(sunset=SUMMER, link="/why")],
            [("Sunset", "Mon, 01 Jun 2026 00:00:00 GMT"), ("Link", '</why>; rel="sunset"')],
            id="sunset alone",
        ),
        pytest.param(
            [Lifecycle(deprecated=SPRING, sunset=AUTUMN), Lifecycle(sunset=SUMMER)],
            [("Deprecation", "@1772323200"), ("Sunset", "Mon, 01 Jun 2026 00:00:00 GMT")],
            id="the earlier of two sunsets",
        ),
        pytest.param(
            [Lifecycle(deprecated=AUTUMN, sunset=AUTUMN), Lifecycle(sunset=SUMMER)],
            [("Deprecation", "@1780272000"), ("Sunset", "Mon, 01 Jun 2026 00:00:00 GMT")],
            id="together never a sunset before the deprecation",
        ),
        pytest.param(
            [Lifecycle(deprecated=SPRING, link="/a", successor="/b"), Lifecycle(deprecated=SPRING, link="/a", sunset_link="/c")],
            [
                ("Deprecation", "@1772323200"),
                ("Link", '</a>; rel="deprecation"'),
                ("Link", '</b>; rel="successor-version"'),
                ("Link", '</c>; rel="sunset"'),
            ],
            id="every link once",
        ),
        pytest.param(
            [Lifecycle(sunset=datetime(2026, 6, 1, 2, tzinfo=timezone(timedelta(hours=2))))],
            [("Sunset", "Mon, 01 Jun 2026 00:00:00 GMT")],
            id="another time zone",
        ),
    ],
)  # fmt: skip
def test_what_an_answer_says(lifecycles: list[Lifecycle], fields: list[tuple[str, str]]) -> None:
    assert list(lifecycle_fields(lifecycles)) == fields


def test_our_client_reads_what_we_write() -> None:
    fields = lifecycle_fields([Lifecycle(deprecated=SPRING, sunset=AUTUMN, link="https://example.test/why")])
    (notice,) = read_lifecycle(dict(fields), subject="it")
    assert (notice.since, notice.until, notice.link) == (SPRING, AUTUMN, "https://example.test/why")


def test_a_version_that_is_not_offered_cannot_have_an_end() -> None:
    """It would be said of no answer, and nobody would notice."""
    lifecycle = Lifecycle(deprecated=SPRING, version="2025-01-02")
    with pytest.raises(ValueError, match="about none of the versions offered: 2025-01-01"):
        ApiVersions(object, header_versions(versions=["2025-01-01"]), lifecycle=lifecycle)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("app", "versions", "options", "words"),
    [
        (header_versions(versions=["v1"]), object, {}, "comes after the application; <class 'object'> is none"),
        (object, "v1", {}, "'v1' is none"),
        (object, header_versions, {}, "<function header_versions at .*> is none"),
        (
            object,
            header_versions(versions=["v1"]),
            {"lifecycle": {"deprecated": SPRING}},
            "a list of them; 'deprecated'",
        ),
    ],
    ids=["in the other order", "a text", "not called", "a dict"],
)
def test_what_would_fail_each_request_fails_at_once(
    app: Any, versions: Any, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(TypeError, match=words):
        ApiVersions(app, versions, **options)


@pytest.mark.parametrize(
    ("successor", "advice"),
    [("", "use v2"), ("https://example.test/v2", "use https://example.test/v2")],
    ids=["the other versions", "what its author says"],
)
def test_what_is_retired_says_what_there_is_instead(successor: str, advice: str) -> None:
    """Without what is retired itself, and never as if it had been answered in it."""
    ends = [
        Lifecycle(version=version, sunset=SPRING, successor=successor, refuse_after_sunset=True)
        for version in ("v0", "v1")
    ]
    scheme = header_versions("X-V", versions=["v0", "v1", "v2"])
    verdict = Decider(scheme, ends, (), lambda: SUMMER).decide(
        RequestFacts("GET", "/", "", lambda name: "v1" if name == "x-v" else "")
    )
    assert isinstance(verdict, Answer)
    assert dict(verdict.headers).items() >= {"api-supported-versions": "v0, v1, v2", "Vary": "X-V"}.items()
    assert "X-V" not in dict(verdict.headers)
    body = json.loads(verdict.body)
    assert body["detail"] == f"API version v1 was retired on 2026-03-01; {advice}"
    assert body["supported_versions"] == ["v2"]


def test_unversioned_is_a_list() -> None:
    with pytest.raises(ValueError, match=r"write unversioned=\['/docs'\]"):
        ApiVersions(object, header_versions(versions=["v1"]), unversioned="/docs")  # type: ignore[arg-type]
