"""Redirects: followed by the rules of RFC 9110, and nothing private goes to another origin."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import Basic, BasicCredential, KeyCredential, KeyInHeader
from clientsmith.core.errors import CredentialError, TooManyRedirectsError
from clientsmith.core.pipeline import HookPolicy
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer, Line, ScriptedTransport


def call(
    *lines: Line, method: str = "GET", headers: dict[str, str] | None = None, content: Any = None, **options: Any
) -> ScriptedTransport:
    service = ScriptedTransport(*lines)
    client = ServiceClient(
        "https://here.test", KeyCredential("SECRET"), authentication=[KeyInHeader("X-Key")], transport=service
    )
    client.send_request(HttpRequest(method, "/a", headers=headers, content=content), **options)
    return service


def to(location: str, status: int = 302) -> Answer:
    return Answer(status, headers={"Location": location})


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "GET", "GET"), (302, "GET", "GET"), (303, "GET", "GET"), (307, "GET", "GET"), (308, "GET", "GET"),
        (301, "POST", "GET"), (302, "POST", "GET"), (303, "PUT", "GET"), (307, "POST", "POST"), (308, "PUT", "PUT"),
        (303, "HEAD", "HEAD"),
    ],
)  # fmt: skip
def test_the_method_after_a_redirect(status: int, method: str, then: str) -> None:
    """307 and 308 repeat the request, 303 looks elsewhere, 301 and 302 turn a POST into a GET."""
    content = b"body" if method in ("POST", "PUT") else None
    service = call(to("/b", status), Answer(200), method=method, content=content)
    last = service.requests[-1]
    assert (last.method, last.url) == (then, "https://here.test/b")
    assert last.content == (content if then == method else None)


def test_the_credential_goes_along_within_the_origin() -> None:
    """The same scheme, host and port; the default port is the same port."""
    service = call(to("https://HERE.test:443/b"), Answer(200))
    assert [r.headers.get("X-Key") for r in service.requests] == ["SECRET", "SECRET"]


@pytest.mark.parametrize(
    "location", ["//x@[broken", "https://here.test:port/", "mailto:me@here.test"], ids=["host", "port", "scheme"]
)
def test_a_location_that_cannot_be_followed_is_the_callers_to_see(location: str) -> None:
    """The answer is returned as it is; a bad URL in it is no error of ours."""
    service = ScriptedTransport(to(location))
    response = ServiceClient("https://here.test", transport=service).send_request(HttpRequest("GET", "/a"))
    assert (response.status_code, len(service.requests)) == (302, 1)


@pytest.mark.parametrize(
    "target",
    ["https://there.test/b", "https://here.test:444/b", "https://sub.here.test/b"],
    ids=["host", "port", "subdomain"],
)
def test_nothing_private_goes_to_another_origin(target: str) -> None:
    """Neither the credential nor what the caller put on the request; harmless fields stay."""
    private = {"X-Own-Key": "MINE", "Authorization": "MINE", "Cookie": "MINE", "Accept": "text/plain"}
    service = call(to(target), Answer(200), headers=private)
    there = service.requests[-1].headers
    assert "MINE" not in there.as_dict().values()
    assert "SECRET" not in there.as_dict().values()
    assert there["Accept"] == "text/plain"


def test_a_credential_does_not_come_back_after_a_detour() -> None:
    """Own header fields that were dropped on the way stay dropped; the client's credential is for its own origin."""
    service = call(to("https://there.test/b"), to("https://here.test/c"), Answer(200), headers={"X-Own-Key": "MINE"})
    assert [r.headers.get("X-Key") for r in service.requests] == ["SECRET", None, "SECRET"]
    assert [r.headers.get("X-Own-Key") for r in service.requests] == ["MINE", None, None]


@pytest.mark.parametrize(
    "location",
    ["http://here.test/b", "ftp://here.test/b", "https://here.test:x/"],
    ids=["to plain http", "another scheme", "no port number"],
)
def test_a_dangerous_or_broken_redirect_is_not_followed(location: str) -> None:
    """The answer itself comes back."""
    assert len(call(to(location)).requests) == 1


def test_a_body_that_cannot_be_sent_twice_is_not_redirected() -> None:
    """The answer comes back, the caller decides."""
    assert len(call(to("/b", 307), method="PUT", content=iter([b"x"])).requests) == 1


def test_going_in_circles_ends() -> None:
    """Ten redirects by default."""
    with pytest.raises(TooManyRedirectsError, match="gave up after 10 redirects"):
        call(*[to("/b")] * 11)


def test_redirects_can_be_switched_off_for_a_call() -> None:
    """`max_redirects=0` returns the 3xx."""
    assert len(call(to("/b"), max_redirects=0).requests) == 1


def test_basic_credentials_stay_home_too() -> None:
    """The same rule for every scheme that is not a token."""
    service = ScriptedTransport(to("https://there.test/b"), Answer(200))
    client = ServiceClient(
        "https://here.test", BasicCredential("me", "pw"), authentication=[Basic()], transport=service
    )
    client.send_request(HttpRequest("GET", "/a"))
    assert ["Authorization" in r.headers for r in service.requests] == [True, False]


def test_a_credential_that_fails_on_the_way_is_told() -> None:
    """It is the caller's to mend, unlike the service's bad address."""

    class Failing(HookPolicy):
        def on_request(self, request: HttpRequest, /) -> None:
            if request.url.endswith("/b"):
                raise CredentialError("the token is gone")

    service = ScriptedTransport(to("/b"), Answer(200))
    client = ServiceClient("https://here.test", transport=service, settings={"per_retry_policies": [Failing()]})
    with pytest.raises(CredentialError, match="the token is gone"):
        client.send_request(HttpRequest("GET", "/a"))


@pytest.mark.parametrize(
    "name", ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range"]
)
def test_a_condition_goes_along_to_another_origin(name: str) -> None:
    """Without it a change would overwrite somebody else's, and a download that goes on would mix two versions."""
    service = call(to("https://there.test/b", 307), Answer(200), method="PUT", content=b"x", headers={name: '"1"'})
    assert service.requests[-1].headers[name] == '"1"'


def test_a_get_says_nothing_about_the_body_that_is_gone() -> None:
    """RFC 9110, section 15.4, step 5."""
    about = {"Content-Type": "a/b", "Content-Language": "de", "Content-Digest": "sha-256=:x:", "X-Other": "1"}
    service = call(to("/b", 303), Answer(200), method="POST", content=b"x", headers=about)
    assert [name for name in about if name in service.requests[-1].headers] == ["X-Other"]


@pytest.mark.parametrize(
    ("location", "sent"),
    [("/münchen bier?q=größe", "/m%C3%BCnchen%20bier?q=gr%C3%B6%C3%9Fe"), ("/a%20b%2Fc", "/a%20b%2Fc")],
    ids=["as it is", "encoded already"],
)
def test_a_location_that_is_not_encoded_is(location: str, sent: str) -> None:
    """Services write names into it as they are, and browsers understand them."""
    assert call(to(location), Answer(200)).requests[-1].url == f"https://here.test{sent}"
