"""Finds out who asks: for now pass-through Basic (RFC 7617), whose user and password are the device login.

Nothing is verified here. The device judges the login, and the keyed hash of it decides whose job is whose.
"""

from __future__ import annotations

import base64
from typing import Final

from naas.api.validation import CONTROL_CHARACTER
from naas.errors import NotAuthenticated

__all__ = ["CHALLENGE", "basic_credentials"]

# What a 401 carries as WWW-Authenticate.
CHALLENGE: Final = 'Basic realm="naas", charset="UTF-8"'


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
    if CONTROL_CHARACTER.search(text):
        # RFC 7617, section 2, forbids them; one in a password could end the line in which a device asks for it.
        raise NotAuthenticated("user and password must not hold control characters")
    return username, password
