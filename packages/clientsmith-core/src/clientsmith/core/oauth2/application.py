"""Which application asks, and how it proves that to the authorization server."""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote_plus

from .._origin import is_loopback, origin_of
from ..credentials.secrets import KeyCredential
from ..errors import InsecureTransportError

__all__ = ["Application"]


class Application:
    """An application as an authorization server knows it; RFC 6749 calls it a client.

    Args:
        client_id: Its name, as registered.
        token_url: Where tokens come from.
        client_secret: What it was given to prove itself; None for an application that cannot keep a secret, such as one
            that users install. A `KeyCredential` can be replaced while clients use it.
        authentication: How the secret is sent: ``client_secret_basic`` (in the header, as every server has to take it)
            or ``client_secret_post`` (in the body).
        authorization_url: Where users are sent to sign in with a browser.
        device_authorization_url: Where sign-ins on another device begin.
        issuer: The server's name for itself. If given, a redirect that names another one, or none, is refused
            (RFC 9207): give it if the server sends ``iss``, and always if users may sign in at one of several servers.
        parameters: Sent with every request for a token, ``audience`` for example.
        allow_http: Whether secrets may travel unencrypted to another machine.

    Raises:
        ValueError: A URL is not absolute.
        InsecureTransportError: A URL is plain http on another machine and ``allow_http`` is not set.
    """

    __slots__ = (
        "authentication", "authorization_url", "client_id", "client_secret", "device_authorization_url", "issuer",
        "parameters", "token_url",
    )  # fmt: skip

    def __init__(
        self,
        client_id: str,
        token_url: str,
        *,
        client_secret: str | KeyCredential | None = None,
        authentication: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic",
        authorization_url: str | None = None,
        device_authorization_url: str | None = None,
        issuer: str | None = None,
        parameters: Mapping[str, str] | None = None,
        allow_http: bool = False,
    ) -> None:
        for url in (token_url, authorization_url, device_authorization_url):
            if url is not None:
                _check(url, allow_http)
        self.client_id = client_id
        self.token_url = token_url
        self.client_secret = KeyCredential(client_secret) if isinstance(client_secret, str) else client_secret
        self.authentication = authentication
        self.authorization_url = authorization_url
        self.device_authorization_url = device_authorization_url
        self.issuer = issuer
        self.parameters = dict(parameters or {})

    def proof(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the header fields and the form fields that say which application asks (RFC 6749, section 2.3.1)."""
        if self.client_secret is None:
            return {}, {"client_id": self.client_id}
        secret = self.client_secret.key
        if self.authentication == "client_secret_post":
            return {}, {"client_id": self.client_id, "client_secret": secret}
        pair = f"{quote_plus(self.client_id)}:{quote_plus(secret)}".encode()
        return {"Authorization": "Basic " + b2a_base64(pair, newline=False).decode("ascii")}, {}

    def __repr__(self) -> str:
        return f"Application({self.client_id!r}, {self.token_url.partition('?')[0]!r})"


def _check(url: str, allow_http: bool) -> None:
    scheme, host, _ = origin_of(url)
    if scheme not in ("http", "https"):
        raise ValueError(f"the authorization server's URL has the scheme {scheme!r}; it is https")
    if scheme == "http" and not is_loopback(host) and not allow_http:
        raise InsecureTransportError(
            f"the authorization server at http://{host} is not encrypted, and secrets would be sent to it; use https, "
            "or pass allow_http=True if the network in between is yours"
        )
