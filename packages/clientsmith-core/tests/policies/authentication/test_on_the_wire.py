"""Credentials over real sockets: certificates in both directions, and what a receiving socket gets to see."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

import pytest
from clientsmith.core.credentials import Bearer, KeyCredential, KeyInHeader, KeyInQuery
from clientsmith.core.errors import ServiceRequestError, ServiceResponseError, TransportError
from clientsmith.core.oauth2 import Application, ClientSecretCredential


def answered(body: bytes, status: str = "200 OK", *fields: str) -> bytes:
    header = "".join(f"{field}\r\n" for field in fields)
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{header}\r\n".encode() + body


def test_a_service_that_wants_a_certificate_gets_ours(
    serve: Callable[..., Any], connect: Callable[..., Any], authority: Any, tmp_path: Any
) -> None:
    """Mutual TLS: the transport's ``certificate``, beside a key; without it the service does not talk to us."""
    wants = authority.context()
    wants.verify_mode = ssl.CERT_REQUIRED
    wants.load_verify_locations(authority.ca)
    server = serve(["read", answered(b"fine")], tls=wants)
    ours = authority.file("robot")
    client = connect(
        server.url, certificate=str(ours), credential=KeyCredential("k"), authentication=[KeyInHeader("X-Key")]
    )
    assert client.get().content == b"fine"
    assert dict(server.requests[-1].fields)["X-Key"] == "k"
    with pytest.raises((ServiceRequestError, ServiceResponseError)):
        connect(server.url).get()


def test_a_token_and_what_it_is_for_come_over_the_same_transport(
    no_leaks: None, serve: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    """The authorization server is another origin, which is told nothing but what it has to know."""
    token = answered(b'{"access_token": "t", "expires_in": 60}', "200 OK", "Content-Type: application/json")
    login = serve(["read", token])
    service = serve(["read", answered(b"fine"), "read", answered(b"fine")])
    application = Application("app", f"{login.url}/token", client_secret="s")
    client = connect(
        service.url,
        credential=ClientSecretCredential(application),
        authentication=[Bearer(["a"])],
        settings={"headers": {"X-Own": "private"}},
    )
    assert [client.get().content for _ in range(2)] == [b"fine", b"fine"]
    (asked,) = login.requests
    assert (asked.method, asked.target, asked.body) == ("POST", "/token", b"grant_type=client_credentials&scope=a")
    assert "x-own" not in {name.lower() for name, _ in asked.fields}
    assert [dict(request.fields)["Authorization"] for request in service.requests] == ["Bearer t"] * 2


def test_a_socket_elsewhere_receives_no_secret(serve: Callable[..., Any], connect: Callable[..., Any]) -> None:
    """Not even if the service sends the client there with the secret in the address."""
    elsewhere = serve(["read", answered(b"there")])
    moved = answered(b"", "307 Temporary Redirect", f"Location: {elsewhere.url}/there?a=1&key=SECRET")
    client = connect(serve(["read", moved]).url, credential=KeyCredential("SECRET"), authentication=[KeyInQuery("key")])
    assert client.get().content == b"there"
    assert elsewhere.requests[0].target == "/there?a=1"


def test_errors_of_a_lower_library_show_no_secret(
    serve: Callable[..., Any], connect: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """They know the address as it was sent."""
    caplog.set_level(0)
    client = connect(
        serve(["read", "reset"]).url, credential=KeyCredential("SECRET"), authentication=[KeyInQuery("key")]
    )
    with pytest.raises(TransportError) as caught:
        client.get()
    shown = f"{caught.value} {caught.value!r} {caught.value.__dict__} {caught.value.__cause__!r}"
    assert "SECRET" not in shown + caplog.text
