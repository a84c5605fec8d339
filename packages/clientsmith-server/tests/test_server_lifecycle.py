"""The end of an API: what is announced, of which requests, and what a Lifecycle refuses to say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from clientsmith.core.versioning import ApiVersion, VersionFormat
from clientsmith.core.versioning.lifecycle import read_lifecycle
from clientsmith.server import ApiVersions, Lifecycle, RequestFacts, header_versions
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
    ],
    ids=["nothing", "naive", "sunset before deprecation", "refuse after nothing", "line end", "bracket", "no route"],
)
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
