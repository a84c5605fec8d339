"""Where a request says its version: said once, read back, and said again in place of the one that was refused."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.core.rest import HttpRequest
from clientsmith.core.versioning.senders import InAccept, InHeader, InPath, InQuery, Sender
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# Enough to find what is wrong, in a second on a busy machine; its own time is no property.
BOUNDED = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])

ENDPOINT = "https://api.test/depot"


def a_request(url: str, headers: dict[str, str] | None = None) -> HttpRequest:
    return HttpRequest("GET", url, headers=headers)


@pytest.mark.parametrize(
    ("sender", "headers", "version", "after"),
    [
        (InHeader("V"), {}, "1", {"V": "1"}),
        (InHeader("V"), {"v": "own"}, "1", {"V": "own"}),
        (InHeader("V", "compute "), {}, "2.1", {"V": "compute 2.1"}),
        (InHeader("V", "compute ", ("X-Old", "X-Older")), {}, "2.1", {"V": "compute 2.1", "X-Old": "2.1", "X-Older": "2.1"}),
        (InHeader("V", "compute ", ("X-Old",)), {"X-Old": "2.9"}, "2.1", {"V": "compute 2.1", "X-Old": "2.9"}),
        (InAccept("application/vnd.x.{}+json"), {}, "v3", {"Accept": "application/vnd.x.v3+json"}),
        (InAccept("application/vnd.x.{}+json"), {"Accept": "application/json"}, "v3", {"Accept": "application/vnd.x.v3+json"}),
        (InAccept("application/vnd.x.{}+json"), {"Accept": "*/*"}, "v3", {"Accept": "application/vnd.x.v3+json"}),
        (InAccept("application/vnd.x.{}+json"), {"Accept": "text/csv"}, "v3", {"Accept": "text/csv"}),
        (InAccept("application/vnd.x.{}+json"), {"Accept": "application/vnd.x.v1+json"}, "v3", {"Accept": "application/vnd.x.v1+json"}),
    ],
)  # fmt: skip
def test_in_header_fields(sender: Sender, headers: dict[str, str], version: str, after: dict[str, str]) -> None:
    """What the request says itself wins."""
    request = a_request(ENDPOINT + "/a", headers)
    sender.put(request, version, ENDPOINT)
    assert request.headers == after
    assert request.url == ENDPOINT + "/a"


@pytest.mark.parametrize(
    ("sender", "url", "version", "after"),
    [
        (InQuery("api-version"), "/a", "2026-06-01", "/a?api-version=2026-06-01"),
        (InQuery("api-version"), "/a?b=1", "v 2/3", "/a?b=1&api-version=v%202%2F3"),
        (InQuery("api-version"), "/a?b=1#c", "1", "/a?b=1&api-version=1#c"),
        (InQuery("api-version"), "/a?API-Version=own", "1", "/a?API-Version=own"),
        (InQuery("api-version"), "/a?b=1&api-version=", "1", "/a?b=1&api-version="),
        (InQuery("api-version"), "/a?x-api-version=7", "1", "/a?x-api-version=7&api-version=1"),
        (InQuery("api-version"), "/api-version=7", "1", "/api-version=7?api-version=1"),
        (InQuery("v"), "/a?q=v%3D7", "1", "/a?q=v%3D7&v=1"),
        (InPath(), "", "v2", "/v2"),
        (InPath(), "/pets", "v2", "/v2/pets"),
        (InPath(), "?q=1", "v2", "/v2?q=1"),
        (InPath(), "/v1/pets", "v2", "/v1/pets"),
        (InPath(), "/v1beta1", "v2", "/v1beta1"),
        (InPath(), "/42/pets", "v2", "/v2/42/pets"),
        (InPath(), "/v2ray/pets-x", "v2", "/v2ray/pets-x"),
        (InPath(), "/versions", "v2", "/v2/versions"),
        (InPath("api/{}"), "/pets", "v2", "/api/v2/pets"),
        (InPath("api/{}"), "/api/v1/pets", "v2", "/api/v1/pets"),
        (InPath(shape="[0-9]{4}-[0-9]{2}"), "/pets", "2026-10", "/2026-10/pets"),
        (InPath(shape="[0-9]{4}-[0-9]{2}"), "/2026-07/pets", "2026-10", "/2026-07/pets"),
        (InPath(written="v2"), "/v2/pets", "v2", "/v2/pets"),
        (InPath(written="v2"), "/v2/pets", "v3", "/v3/pets"),
        (InPath(written="v2"), "/v2:search", "v3", "/v3:search"),
        (InPath(written="v2"), "/pets", "v3", "/pets"),
    ],
)
def test_in_addresses(sender: Sender, url: str, version: str, after: str) -> None:
    """Below the endpoint; what is there already stays."""
    request = a_request(ENDPOINT + url)
    sender.put(request, version, ENDPOINT)
    assert request.url == ENDPOINT + after


@pytest.mark.parametrize("url", ["https://api.test/depots/a", "https://api.test/", "https://api.test/v1/a"])
def test_an_address_beside_the_endpoint_has_no_version_in_its_path(url: str) -> None:
    """It is another thing of the same host."""
    request = a_request(url)
    InPath().put(request, "v2", ENDPOINT)
    assert request.url == url
    assert InPath().said(request, ENDPOINT) is None


@pytest.mark.parametrize(("endpoint", "after"), [("https://api.test/v2", ""), ("https://api.test/v2.1/x", "/v3")])
def test_an_endpoint_that_ends_in_a_version_has_it(endpoint: str, after: str) -> None:
    """It was configured so: two of them lead nowhere."""
    request = a_request(f"{endpoint}/pets")
    InPath().put(request, "v3", endpoint)
    assert request.url == f"{endpoint}{after}/pets"


SENDERS: dict[str, tuple[Any, str]] = {
    "a header": (InHeader("V"), "2.1"),
    "a header with a prefix": (InHeader("V", "compute ", ("X-Old",)), "2.1"),
    "the query": (InQuery("api-version"), "2026-06-01"),
    "the path": (InPath(), "v2"),
    "a longer path": (InPath("api/{}"), "v2"),
    "Accept": (InAccept("application/vnd.x.{}+json"), "v3"),
}


@pytest.mark.parametrize(("sender", "version"), SENDERS.values(), ids=SENDERS)
def test_what_was_said_is_read_back_and_replaced(sender: Sender, version: str) -> None:
    """A refusal is answered with another version in the same place, and nothing else changes."""
    request = a_request(ENDPOINT + "/a?b=1", {"X-Other": "1"})
    assert sender.said(request, ENDPOINT) is None
    sender.put(request, version, ENDPOINT)
    assert sender.said(request, ENDPOINT) == version
    other = version.replace("2", "1").replace("3", "1")
    sender.put(request, other, ENDPOINT)
    assert sender.said(request, ENDPOINT) == version
    sender.put(request, other, ENDPOINT, again=True)
    assert sender.said(request, ENDPOINT) == other
    direct = a_request(ENDPOINT + "/a?b=1", {"X-Other": "1"})
    sender.put(direct, other, ENDPOINT)
    assert (request.url, request.headers) == (direct.url, direct.headers)


def test_the_version_of_another_service_is_none_of_ours() -> None:
    """One header field serves many services."""
    request = a_request(ENDPOINT, {"OpenStack-API-Version": "volume 3.0"})
    assert InHeader("OpenStack-API-Version", "compute ").said(request, ENDPOINT) is None


@BOUNDED
@given(
    st.text(st.characters(codec="ascii", exclude_characters="#\r\n\0"), max_size=20),
    st.from_regex(r"v[0-9]{1,3}(\.[0-9]{1,3})?", fullmatch=True),
)
def test_any_address_can_say_a_version(rest: str, version: str) -> None:
    """Nothing raises, and what was put is what is read."""
    for sender in (InQuery("api-version"), InPath()):
        request = a_request(f"{ENDPOINT}/x{rest}")
        before = sender.said(request, ENDPOINT)
        sender.put(request, version, ENDPOINT)
        assert sender.said(request, ENDPOINT) == (version if before is None else before)


@pytest.mark.parametrize(
    ("endpoint", "url", "is_said", "after"),
    [
        pytest.param("/v2", "/v2/v2/pets", True, "/v3/v2/pets", id="at the endpoint's end, before what is called so"),
        pytest.param("/v3", "/v3/v2", True, "/v3/v2", id="the endpoint was made with it"),
        pytest.param("", "/v2/v2", True, "/v3/v2", id="in the path"),
        pytest.param("", "/pets", False, "/pets", id="nowhere"),
    ],
)
def test_another_version_takes_the_place_of_the_one_that_is_written(
    endpoint: str, url: str, is_said: bool, after: str
) -> None:
    """Once, and whoever puts it there knows whether it could be said."""
    request = a_request(ENDPOINT + url)
    assert InPath(written="v2").put(request, "v3", ENDPOINT + endpoint) is is_said
    assert request.url == ENDPOINT + after


@pytest.mark.parametrize(
    ("version", "url", "said"),
    [
        pytest.param("v2", "https://api.test/depot/v2/pets", None, id="the one that is written"),
        pytest.param("v3", "https://api.test/depot/v3/pets", "v3", id="another one"),
    ],
)
def test_a_version_at_the_end_of_the_endpoint_gives_way(version: str, url: str, said: str | None) -> None:
    """And is read back: a refusal is about the version that was asked for."""
    sender, endpoint = InPath(written="v2"), f"{ENDPOINT}/v2"
    request = a_request(f"{endpoint}/pets")
    sender.put(request, version, endpoint)
    assert request.url == url
    assert sender.said(request, endpoint) == said
