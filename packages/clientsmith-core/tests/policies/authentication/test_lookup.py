"""Credentials that are looked up, and origins beside the client's own that may see one."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from clientsmith.core import ServiceClient
from clientsmith.core.credentials import (
    AccessToken,
    Basic,
    BasicCredential,
    Bearer,
    KeyCredential,
    KeyInHeader,
    KeyInQuery,
    LookedUpCredential,
)
from clientsmith.core.errors import CredentialError, InsecureTransportError, UsageError
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer, ScriptedTransport

BASIC = "Basic bWU6aHR0cHM6Ly9leGFtcGxlLnRlc3Q="  # me:https://example.test


class Book(LookedUpCredential):
    """A user whose password is the origin."""

    def __init__(self, error: Exception | None = None) -> None:
        self.looked: list[tuple[str, int]] = []
        self.error = error

    def look_up(self, origin: str, /) -> BasicCredential:
        self.looked.append((origin, threading.get_ident()))
        if self.error is not None:
            raise self.error
        return BasicCredential("me", origin)


def client_of(colour: Any, credential: Any, *lines: Answer, scheme: Any = None, **settings: Any) -> Any:
    transport = colour.client(*lines).transport
    return colour.over(transport, credential, authentication=[scheme or Basic()], settings=settings)


def get(colour: Any, client: Any, url: str = "/a", **options: Any) -> Any:
    return colour.run(client.send_request(HttpRequest("GET", url), **options))


def shown(client: Any) -> list[str | None]:
    return [sent.headers.get("Authorization") for sent in client.transport.sent]


def test_a_credential_is_looked_up_by_the_first_request_and_kept(colour: Any) -> None:
    """In a thread, where waiting would stop everything else."""
    book = Book()
    client = client_of(colour, book, Answer(), Answer())
    assert book.looked == []
    get(colour, client), get(colour, client)
    [(origin, thread)] = book.looked
    assert (origin, shown(client)) == ("https://example.test", [BASIC] * 2)
    assert (thread == threading.get_ident()) is not colour.is_async


def test_elsewhere_nothing_is_looked_up_or_shown(colour: Any) -> None:
    """Neither for a request nor behind a redirect."""
    book = Book()
    moved = Answer(302, headers={"Location": "https://other.test/"})
    client = client_of(colour, book, Answer(), moved, Answer())
    get(colour, client, "https://other.test/a")
    assert book.looked == []
    get(colour, client)
    assert shown(client) == [None, BASIC, None]


def test_what_is_put_on_is_put_on_last(colour: Any) -> None:
    """A hook that leads the request away leaves the password here."""

    def astray(request: Any) -> None:
        request.url = "https://other.test/"

    client = client_of(colour, Book(), Answer())
    get(colour, client, raw_request_hook=astray)
    assert shown(client) == [None]


def test_what_is_not_found_is_told_and_nothing_is_sent(colour: Any) -> None:
    """The next request looks again: somebody may have unlocked the keyring."""
    book = Book(CredentialError("there is none"))
    client = client_of(colour, book, Answer())
    with pytest.raises(CredentialError, match="there is none"):
        get(colour, client)
    book.error = None
    get(colour, client)
    assert shown(client) == [BASIC]


def test_many_threads_look_once() -> None:
    """A keyring asks a person, and once is enough."""
    book = Book()
    transport = ScriptedTransport(*[Answer()] * 8)
    client = ServiceClient("https://example.test", book, authentication=[Basic()], transport=transport)
    threads = [threading.Thread(target=client.send_request, args=(HttpRequest("GET", "/"),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(book.looked) == 1


def test_it_does_not_travel_over_plain_http() -> None:
    """As any other secret."""
    with pytest.raises(InsecureTransportError):
        ServiceClient("http://example.test", Book(), authentication=[Basic()], transport=ScriptedTransport())


def test_it_shows_nothing() -> None:
    """And is not pickled."""
    assert repr(Book()) == "Book(***)"


# --- other origins ---------------------------------------------------------------------------------------------------


class Tokens:
    """Gets access tokens."""

    def get_token(self, *scopes: str, claims: str | None = None) -> AccessToken:
        return AccessToken("TOKEN", 2**40)


KINDS: dict[str, tuple[Any, Any, str]] = {
    "basic": (BasicCredential("me", "x"), Basic(), "Authorization"),
    "looked up": (Book(), Basic(), "Authorization"),
    "a fixed token": (KeyCredential("x"), Bearer(), "Authorization"),
    "tokens": (Tokens(), Bearer(), "Authorization"),
    "a key": (KeyCredential("x"), KeyInHeader("X-Key"), "X-Key"),
}


@pytest.mark.parametrize(("credential", "scheme", "field"), KINDS.values(), ids=KINDS)
def test_origins_that_are_named_see_the_credential(colour: Any, credential: Any, scheme: Any, field: str) -> None:
    """They, the client's own, and nobody else."""
    client = client_of(
        colour,
        credential,
        *[Answer()] * 4,
        scheme=scheme,
        credential_origins=["https://files.test", "https://b.test/x"],
    )
    for url in ("/a", "https://files.test/f", "https://b.test/y", "https://files.test.evil.test/"):
        get(colour, client, url)
    assert [field in sent.headers for sent in client.transport.sent] == [True, True, True, False]


def test_a_key_in_the_query_goes_to_them_too(colour: Any) -> None:
    """And is taken off what leads elsewhere."""
    client = client_of(
        colour, KeyCredential("x"), *[Answer()] * 3, scheme=KeyInQuery("key"), credential_origins=["https://files.test"]
    )
    for url in ("/a", "https://files.test/f", "https://c.test/f?key=x"):
        get(colour, client, url)
    assert [sent.url for sent in client.transport.sent] == [
        "https://example.test/a?key=x", "https://files.test/f?key=x", "https://c.test/f",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("origins", "error", "words"),
    [
        (["files.test"], UsageError, "credential_origins names one that is none: the URL is not absolute"),
        ("https://files.test", TypeError, "credential_origins is a str; it takes a collection of names"),
        (["http://files.test"], InsecureTransportError, "http://files.test is not encrypted"),
    ],
    ids=["no address", "no list", "plain http"],
)
def test_what_is_no_origin_is_told_by_the_constructor(colour: Any, origins: Any, error: Any, words: str) -> None:
    """Without a credential it means nothing."""
    with pytest.raises(error, match=words):
        client_of(colour, BasicCredential("a", "b"), credential_origins=origins)
    client_of(colour, None, credential_origins=["https://files.test"])


@pytest.mark.parametrize("found", [None, ("me", "SECRET")])
def test_what_is_looked_up_has_to_be_a_credential(colour: Any, found: Any) -> None:
    """Said by the name of the class, and without what it returned."""

    class Forgetful(LookedUpCredential):
        def look_up(self, origin: str, /) -> BasicCredential:
            return found

    client = client_of(colour, Forgetful())
    with pytest.raises(CredentialError, match=r"Forgetful\.look_up returned no BasicCredential but a \w+") as caught:
        get(colour, client)
    assert "SECRET" not in str(caught.value)
    assert client.transport.sent == []
