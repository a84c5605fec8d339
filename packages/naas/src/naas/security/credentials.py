"""What a request shows to prove who asks: read from its headers, judged elsewhere.

`Authorization: Basic` (RFC 7617) carries a device login, or the secret that manages keys. `Authorization: Bearer`
(RFC 6750) and `X-API-Key` carry a key or a token, and mean the same.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from naas.errors import NotAuthenticated

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BasicCredentials", "BearerToken", "Credentials", "basic_credentials", "read_credentials"]

# Ours have 69 characters; a token of an identity provider with many groups may reach some thousands.
LONGEST_TOKEN: Final = 16_384

_CONTROL_CHARACTER: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# RFC 6750, section 2.1: b64token.
_TOKEN: Final = re.compile(r"[A-Za-z0-9\-._~+/]+=*", re.ASCII)


@dataclass(frozen=True, slots=True)
class BasicCredentials:
    """A user and a password."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BearerToken:
    """A key or a token."""

    token: str = field(repr=False)


Credentials = BasicCredentials | BearerToken


def read_credentials(headers: Mapping[str, str]) -> Credentials:
    """Return what the request shows. ``headers`` has lower-case names or does not mind the case.

    Raises:
        NotAuthenticated: Nothing, something damaged, or two things at once, of which one might be a mistake.
    """
    authorization, api_key = headers.get("authorization"), headers.get("x-api-key")
    if api_key:
        if authorization:
            raise NotAuthenticated("the request carries both Authorization and X-API-Key; send one of them")
        return _bearer(api_key.strip(), "X-API-Key")
    if not authorization:
        raise NotAuthenticated("the request has no Authorization header and no X-API-Key")
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return _bearer(rest.strip(), "the Bearer token")
    return BasicCredentials(*basic_credentials(authorization))


def basic_credentials(authorization: str | None) -> tuple[str, str]:
    """Return user and password of an Authorization header.

    Raises:
        NotAuthenticated: The header is absent, of another scheme, damaged, or has no user.
    """
    if not authorization:
        raise NotAuthenticated("the request has no Authorization header")
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        # The scheme is not repeated: a client that forgot it would have its secret repeated instead.
        raise NotAuthenticated("the Authorization header is not of the Basic scheme")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except ValueError as exc:  # binascii.Error and UnicodeDecodeError are, and so is text that is not even ASCII
        raise NotAuthenticated("the Basic credentials are not base64 of UTF-8 text") from exc
    username, colon, password = text.partition(":")
    if not colon or not username:
        raise NotAuthenticated("the Basic credentials are not of the form user:password")
    if _CONTROL_CHARACTER.search(text):
        # RFC 7617, section 2, forbids them; one in a password could end the line in which a device asks for it.
        raise NotAuthenticated("user and password must not hold control characters")
    return username, password


def _bearer(token: str, source: str) -> BearerToken:
    if len(token) > LONGEST_TOKEN:
        raise NotAuthenticated(f"{source} is longer than {LONGEST_TOKEN} characters")
    if not _TOKEN.fullmatch(token):
        raise NotAuthenticated(f"{source} is empty or holds characters that no token has")
    return BearerToken(token)
