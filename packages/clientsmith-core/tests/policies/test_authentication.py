"""Credentials: every place that a secret can go, who may send it where, and one flight of token refresh."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import (
    AccessToken,
    AuthenticationScheme,
    Basic,
    BasicCredential,
    Bearer,
    KeyCredential,
    KeyInCookie,
    KeyInHeader,
    KeyInQuery,
)
from clientsmith.core.errors import CredentialError, InsecureTransportError
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport


def sent_with(credential: object, *schemes: AuthenticationScheme, url: str = "/a?b=1") -> HttpRequest:
    service = ScriptedTransport(Answer(200))
    client = ServiceClient("https://example.test", credential, authentication=schemes, transport=service)
    client.send_request(HttpRequest("GET", url, headers={"Cookie": "a=b"}))
    return service.requests[0]


@pytest.mark.parametrize(
    ("credential", "scheme", "where", "value"),
    [
        (KeyCredential("k/1"), KeyInHeader("X-Key"), "X-Key", "k/1"),
        (KeyCredential("k/1"), KeyInHeader("Authorization", "Token "), "Authorization", "Token k/1"),
        (KeyCredential("k/1"), KeyInCookie("sid"), "Cookie", "a=b; sid=k%2F1"),
        (KeyCredential("k/1"), Bearer(), "Authorization", "Bearer k/1"),
        (BasicCredential("me", "pä:ss"), Basic(), "Authorization", "Basic bWU6cMOkOnNz"),
    ],
    ids=["header", "header with prefix", "cookie", "fixed bearer", "basic in UTF-8"],
)
def test_a_secret_goes_where_the_service_wants_it(
    credential: object, scheme: AuthenticationScheme, where: str, value: str
) -> None:
    """Each way that a security scheme names."""
    assert sent_with(credential, scheme).headers[where] == value


def test_a_key_in_the_query_is_escaped() -> None:
    """And appended to what is there."""
    assert sent_with(KeyCredential("k/1"), KeyInQuery("key")).url == "https://example.test/a?b=1&key=k%2F1"


def test_a_key_in_the_query_is_sent_once() -> None:
    """A service may repeat the whole query in its next links, an old key included."""
    assert sent_with(KeyCredential("new"), KeyInQuery("key"), url="/a?key=old&b=1").url.endswith("/a?b=1&key=new")


def test_the_first_fitting_scheme_is_taken() -> None:
    """A service may take several kinds of credentials."""
    request = sent_with(BasicCredential("me", "pw"), KeyInHeader("X-Key"), Basic())
    assert "X-Key" not in request.headers
    assert request.headers["Authorization"].startswith("Basic ")


def test_another_origin_gets_no_credential() -> None:
    """An absolute URL of another service, as a next link may be."""
    assert "X-Key" not in sent_with(KeyCredential("k"), KeyInHeader("X-Key"), url="https://other.test/a").headers


def test_a_key_is_rotated_in_place() -> None:
    """Every client that holds the credential uses the new key from then on."""
    credential = KeyCredential("old")
    service = ScriptedTransport(Answer(200), repeat=True)
    client = ServiceClient("https://example.test", credential, authentication=[KeyInHeader("X-Key")], transport=service)
    client.send_request(HttpRequest("GET", "/"))
    credential.update("new")
    client.send_request(HttpRequest("GET", "/"))
    assert [r.headers["X-Key"] for r in service.requests] == ["old", "new"]


@pytest.mark.parametrize(
    ("credential", "schemes", "message"),
    [
        (object(), [Basic()], "a object does not fit this service, which takes BasicCredential"),
        (KeyCredential("k"), [], "a KeyCredential does not fit this service, which takes no credential at all"),
        (
            BasicCredential("a", "b"),
            [KeyInHeader("X-Key"), Bearer()],
            "a BasicCredential does not fit this service, which takes KeyCredential or TokenCredential or KeyCredential",
        ),
    ],
    ids=["not a credential", "none wanted", "another kind"],
)
def test_a_credential_of_the_wrong_kind_is_told_at_construction(
    credential: object, schemes: list[AuthenticationScheme], message: str
) -> None:
    """With the kinds that would fit."""
    with pytest.raises(CredentialError, match=message):
        ServiceClient("https://e.test", credential, authentication=schemes, transport=ScriptedTransport())


def test_a_secret_does_not_travel_unencrypted() -> None:
    """Plain http is for loopback, unless the caller says that the network is theirs."""
    arguments: dict[str, Any] = {"authentication": [KeyInHeader("X-Key")], "transport": ScriptedTransport()}
    with pytest.raises(InsecureTransportError, match=r"http://example\.test is not encrypted.*allow_http=True"):
        ServiceClient("http://example.test", KeyCredential("k"), **arguments)
    for endpoint in ("http://localhost:8080", "http://127.0.0.9", "http://[::1]:1", "http://api.localhost"):
        ServiceClient(endpoint, KeyCredential("k"), **arguments)
    ServiceClient("http://example.test", KeyCredential("k"), settings={"allow_http": True}, **arguments)
    ServiceClient("http://example.test", transport=ScriptedTransport())


@pytest.mark.parametrize(
    "credential",
    [KeyCredential("SECRET"), BasicCredential("me", "SECRET"), AccessToken("SECRET", 1.0)],
    ids=lambda c: type(c).__name__,
)
def test_no_repr_shows_a_secret(credential: object) -> None:
    """Credentials end up in logs and tracebacks."""
    assert "SECRET" not in repr(credential)
    assert "SECRET" not in str(credential)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: KeyCredential(""), "the key is empty"),
        (lambda: BasicCredential("", "x"), "the user name is empty"),
        (lambda: BasicCredential("a:b", "x"), "contains a colon"),
    ],
    ids=["no key", "no user", "colon"],
)
def test_a_credential_that_cannot_work_is_refused(make: Any, message: str) -> None:
    """Before anything is sent."""
    with pytest.raises(ValueError, match=message):
        make()


# --- tokens ----------------------------------------------------------------------------------------------------------


class Tokens:
    """A credential that counts its flights; each takes a moment."""

    def __init__(self, lifetime: float = 3600.0, failures: int = 0, seconds: float = 0.02) -> None:
        self.flights, self.lifetime, self.failures, self.seconds = 0, lifetime, failures, seconds
        self._mutex = threading.Lock()

    def _next(self) -> AccessToken:
        with self._mutex:
            self.flights += 1
            if self.failures:
                self.failures -= 1
                raise ConnectionError("the token service is down")
            return AccessToken(f"t{self.flights}", time.time() + self.lifetime)

    def get_token(self, *scopes: str, claims: str | None = None) -> AccessToken:
        time.sleep(self.seconds)
        return self._next()


class AsyncTokens(Tokens):
    async def get_token(self, *scopes: str, claims: str | None = None) -> AccessToken:  # type: ignore[override]  # the other colour
        await asyncio.sleep(self.seconds)
        return self._next()


def bearer_client(credential: object) -> tuple[ServiceClient, ScriptedTransport]:
    service = ScriptedTransport(Answer(200), repeat=True)
    client = ServiceClient("https://e.test", credential, authentication=[Bearer(["s"])], transport=service)
    return client, service


def test_a_token_is_kept_until_it_ages() -> None:
    """One flight for many calls."""
    tokens = Tokens()
    client, service = bearer_client(tokens)
    for _ in range(3):
        client.send_request(HttpRequest("GET", "/"))
    assert tokens.flights == 1
    assert {r.headers["Authorization"] for r in service.requests} == {"Bearer t1"}


def test_an_ageing_token_is_renewed_ahead_of_its_end() -> None:
    """Five minutes before, unless the token itself says when."""
    tokens = Tokens(lifetime=200.0)
    client, _ = bearer_client(tokens)
    client.send_request(HttpRequest("GET", "/"))
    client.send_request(HttpRequest("GET", "/"))
    assert tokens.flights == 2


def test_an_ageing_token_serves_while_its_renewal_fails() -> None:
    """Nobody notices a token service that is down for a minute."""
    tokens = Tokens(lifetime=200.0)
    client, service = bearer_client(tokens)
    client.send_request(HttpRequest("GET", "/"))
    tokens.failures = 1
    client.send_request(HttpRequest("GET", "/"))
    assert [r.headers["Authorization"] for r in service.requests] == ["Bearer t1", "Bearer t1"]


def test_many_threads_make_one_flight() -> None:
    """One fetches, the others wait."""
    tokens = Tokens(seconds=0.1)
    client, _ = bearer_client(tokens)
    threads = [threading.Thread(target=client.send_request, args=[HttpRequest("GET", "/")]) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tokens.flights == 1


def async_client(credential: object) -> aio.ServiceClient:
    return aio.ServiceClient(
        "https://e.test",
        credential,
        authentication=[Bearer()],
        transport=AsyncScriptedTransport(Answer(200), repeat=True),
    )


async def test_many_tasks_make_one_flight() -> None:
    """The same, on an event loop."""
    tokens = AsyncTokens()
    client = async_client(tokens)
    await asyncio.gather(*(client.send_request(HttpRequest("GET", "/")) for _ in range(50)))
    assert tokens.flights == 1


async def test_a_cancelled_leader_hands_the_flight_over() -> None:
    """Those who wait are not cancelled with it."""
    tokens = AsyncTokens(seconds=0.05)
    client = async_client(tokens)
    leader = asyncio.create_task(client.send_request(HttpRequest("GET", "/")))
    await asyncio.sleep(0.01)
    followers = [asyncio.create_task(client.send_request(HttpRequest("GET", "/"))) for _ in range(5)]
    await asyncio.sleep(0.01)
    leader.cancel()
    assert [r.status_code for r in await asyncio.gather(*followers)] == [200] * 5
    assert tokens.flights == 1


async def test_a_failed_flight_fails_everybody_with_an_error_of_their_own() -> None:
    """A shared instance would collect the tracebacks of all who wait."""
    client = async_client(AsyncTokens(failures=1))
    outcomes = await asyncio.gather(
        *(client.send_request(HttpRequest("GET", "/")) for _ in range(3)), return_exceptions=True
    )
    assert len({id(outcome) for outcome in outcomes}) == 3
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "ConnectionError",
        "CredentialError",
        "CredentialError",
    ]


def test_an_async_credential_in_a_sync_client_is_told() -> None:
    """With the namespace that it belongs to."""
    client, _ = bearer_client(AsyncTokens())
    with pytest.raises(
        CredentialError, match=r"AsyncTokens is an async credential; use it with the client of the `\.aio`"
    ):
        client.send_request(HttpRequest("GET", "/"))
