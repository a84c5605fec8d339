"""Bearer tokens of an OpenID Connect issuer: its keys are found by discovery and fetched when they are needed.

The keys are kept for an hour. A token that names a key we do not know makes us fetch them anew, though not more than
once a minute: else anybody could make us fetch as often as they like. If the issuer cannot be reached the keys that we
have go on being used for a day.

What a token may do comes from one claim (``oidc_role_claim``; a dot leads into an object, as in
``realm_access.roles``): a role of ours, or a group that ``oidc_role_map`` translates. The highest role counts. Contexts
come from the claim ``contexts``, absent: everywhere.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from naas.errors import NotAuthenticated, RoleTooLow, StartError
from naas.principals import AuthMethod, Principal, Role
from naas.security.outbound import OutboundError
from naas.security.tokens import PublicKeys, verify_with

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from naas.security.outbound import Outbound
    from naas.security.tokens import Claims

__all__ = ["OidcRules", "OidcVerifier", "roles_of"]

log = logging.getLogger("naas.security.oidc")

_KEEP_KEYS: Final = 3600.0
_KEEP_STALE_KEYS: Final = 86_400.0
_FETCH_AGAIN_AFTER: Final = 60.0


@dataclass(frozen=True, slots=True)
class OidcRules:
    """Which issuer is trusted, for which audience, and what its tokens may do."""

    issuer: str
    audience: str
    role_claim: str = "roles"
    role_map: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        """Refuse an issuer that could be impersonated on the way.

        Raises:
            StartError: It is not https, and not on this machine.
        """
        parts = urlsplit(self.issuer)
        if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
            raise StartError(
                f"NAAS_OIDC_ISSUER is {self.issuer}; an issuer must be https:// (http:// only on loopback)"
            )


class OidcVerifier:
    """Checks tokens of one issuer. Lives in one event loop."""

    def __init__(self, rules: OidcRules, outbound: Outbound, now: Callable[[], float] = time.time) -> None:
        self.rules, self._outbound, self._now = rules, outbound, now
        self._keys: PublicKeys | None = None
        self._fetched_at = self._tried_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def verify(self, token: str) -> Principal:
        """Return who comes with the token.

        Raises:
            NotAuthenticated: It does not hold, or the keys of the issuer cannot be had.
            RoleTooLow: It holds, and names no role here.
        """
        keys = await self._current_keys()
        claims = self._claims(keys, token)
        if claims is None and (newer := await self._newer_keys(keys)) is not None:
            claims = self._claims(newer, token)
        if claims is None:
            raise NotAuthenticated("the token names a key that its issuer does not publish")
        return self._principal(claims)

    def _claims(self, keys: PublicKeys, token: str) -> Claims | None:
        rules = self.rules
        return verify_with(keys, token, issuer=rules.issuer, audience=rules.audience, now=self._now())

    def _principal(self, claims: Claims) -> Principal:
        roles = roles_of(claims.everything, self.rules)
        if not roles:
            raise RoleTooLow("none", Role.VIEWER.value)
        highest = next(role for role in (Role.ADMIN, Role.OPERATOR, Role.VIEWER) if role in roles)
        names = (claims.everything.get(name) for name in ("preferred_username", "email", "name"))
        name = next((name for name in names if isinstance(name, str) and name), claims.subject)
        # Only `sub` is promised to stay the same and never to be given to somebody else.
        subject = f"oidc:{self.rules.issuer}:{claims.subject}"
        return Principal(subject, name[:255], highest, AuthMethod.OIDC, claims.contexts)

    async def _current_keys(self) -> PublicKeys:
        age = self._now() - self._fetched_at
        if self._keys is not None and age < _KEEP_KEYS:
            return self._keys
        keys = await self._newer_keys(self._keys)
        if keys is None or self._now() - self._fetched_at > _KEEP_STALE_KEYS:
            raise NotAuthenticated("the keys of the token's issuer cannot be fetched now")
        return keys

    async def _newer_keys(self, known: PublicKeys | None) -> PublicKeys | None:
        """Fetch the keys unless somebody else just did; what is known stays if they cannot be had."""
        async with self._fetching:
            if self._keys is not known or self._now() - self._tried_at < _FETCH_AGAIN_AFTER:
                return self._keys
            self._tried_at = self._now()
            try:
                self._keys = await self._fetch()
                self._fetched_at = self._now()
            except (OutboundError, ValueError) as exc:
                log.warning("cannot fetch the keys of the issuer issuer=%s reason=%s", self.rules.issuer, exc)
            return self._keys

    async def _fetch(self) -> PublicKeys:
        document = await self._json(f"{self.rules.issuer.rstrip('/')}/.well-known/openid-configuration")
        if document.get("issuer") != self.rules.issuer:
            # OpenID Connect Discovery, section 4.3: else one issuer could speak for another.
            raise ValueError("its discovery document names another issuer")
        location = document.get("jwks_uri")
        if not isinstance(location, str):
            raise ValueError("its discovery document names no 'jwks_uri'")
        if urlsplit(location).scheme != urlsplit(self.rules.issuer).scheme:
            raise ValueError("its keys are not where a change on the way would show: 'jwks_uri' is not https")
        return PublicKeys(await self._json(location))

    async def _json(self, url: str) -> dict[str, Any]:
        answer = await self._outbound.get(url)
        if answer.status != 200:
            # A redirect too: it would take us somewhere else than the issuer has said.
            raise ValueError(f"it answered with the status {answer.status}")
        document = json.loads(answer.body)
        if not isinstance(document, dict):
            raise ValueError("it answered with something that is no JSON object")
        return cast("dict[str, Any]", document)


def roles_of(claims: Mapping[str, Any], rules: OidcRules) -> frozenset[Role]:
    """Return the roles that the token's claim means here."""
    value: object = claims.get(rules.role_claim)
    if value is None:
        value = claims
        for part in rules.role_claim.split("."):
            value = cast("dict[str, object]", value).get(part) if isinstance(value, dict) else None
    names = cast("list[object]", value) if isinstance(value, list) else str(value or "").split()
    known = rules.role_map or {role.value: role.value for role in Role}
    return frozenset(Role(known[name]) for name in names if isinstance(name, str) and name in known)
