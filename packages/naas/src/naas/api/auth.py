"""How an answer asks for credentials. Who comes with which is judged in `naas.security.authenticator`."""

from __future__ import annotations

from typing import Final

from naas.security.credentials import basic_credentials

__all__ = ["CHALLENGE", "basic_credentials"]

# What a 401 carries as WWW-Authenticate (RFC 9110, section 11.6.1): Basic first, which is what clients of v2 look for.
CHALLENGE: Final = 'Basic realm="naas", charset="UTF-8", Bearer realm="naas"'
