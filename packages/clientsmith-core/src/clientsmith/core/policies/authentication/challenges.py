"""What ``WWW-Authenticate`` says (RFC 9110, section 11.6.1; for bearer tokens RFC 6750, section 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Challenge", "claims_wanted", "is_about_the_token", "parse_challenges"]

_NAME: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_COMMAS: Final = re.compile(r"[\s,]*")
_SCHEME: Final = re.compile(rf"({_NAME})(?:[ \t]+|(?=[\s,]|$))")
_TOKEN68: Final = re.compile(r"([A-Za-z0-9._~+/-]+=*)[ \t]*(?=,|$)")
_PARAMETER: Final = re.compile(rf'({_NAME})[ \t]*=[ \t]*(?:({_NAME})|"((?:[^"\\]|\\.)*)")[ \t]*(?=,|$)', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to authenticate that a service offers.

    Attributes:
        scheme: In lower case, ``bearer`` for example.
        token68: The one value that some schemes have instead of parameters, "" without one.
        parameters: By name in lower case, unquoted. Of a name that comes twice the first counts.
    """

    scheme: str
    token68: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])


def parse_challenges(value: str) -> list[Challenge]:
    """Return the challenges of a header's value, several fields joined by commas included.

    Challenges and their parameters are separated by the same commas: what has no ``=`` after its name begins a new
    challenge. Nothing is raised for what cannot be read; the reading ends there, with the challenges before it.
    """
    found: list[Challenge] = []
    position = _end_of(_COMMAS, value, 0)
    while position < len(value):
        scheme = _SCHEME.match(value, position)
        if scheme is None:
            break
        position = scheme.end()
        token68 = _TOKEN68.match(value, position)
        if token68 is not None:
            found.append(Challenge(scheme[1].lower(), token68[1]))
            position = _end_of(_COMMAS, value, token68.end())
            continue
        parameters: dict[str, str] = {}
        position = _end_of(_COMMAS, value, position)
        while (parameter := _PARAMETER.match(value, position)) is not None:
            name, plain, quoted = parameter.groups()
            parameters.setdefault(name.lower(), plain if plain is not None else _ESCAPE.sub(r"\1", quoted))
            position = _end_of(_COMMAS, value, parameter.end())
        found.append(Challenge(scheme[1].lower(), parameters=parameters))
    return found


def _end_of(pattern: re.Pattern[str], value: str, position: int) -> int:
    match = pattern.match(value, position)
    return match.end() if match else position


def claims_wanted(challenges: Iterable[Challenge]) -> str | None:
    """Return the claims that a new token must be asked for with, None if no challenge names any.

    That is ``error="insufficient_claims"`` with ``claims`` in base64, in either of its alphabets, padded or not: a
    claims challenge of the Microsoft identity platform, after the ``claims`` parameter of OpenID Connect.
    """
    for challenge in challenges:
        if challenge.scheme == "bearer" and challenge.parameters.get("error") == "insufficient_claims":
            claims = _decoded(challenge.parameters.get("claims", ""))
            if claims:
                return claims
    return None


def is_about_the_token(challenges: Iterable[Challenge]) -> bool:
    """Whether another token may help: not if the service says that it is the request or the scope (RFC 6750, 3.1)."""
    errors = [c.parameters["error"] for c in challenges if c.scheme == "bearer" and "error" in c.parameters]
    return not errors or any(error not in ("invalid_request", "insufficient_scope") for error in errors)


def _decoded(text: str) -> str:
    from base64 import urlsafe_b64decode

    standard = text.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        return urlsafe_b64decode(standard + "=" * (-len(standard) % 4)).decode()
    except ValueError:  # no base64, or no UTF-8
        return ""
