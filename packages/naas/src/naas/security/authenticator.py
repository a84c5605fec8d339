"""Finds out who asks: one `Principal` for each request.

- *Basic* is passed through to devices: nothing is verified here, the device judges the login, and the keyed hash of
  user and password decides whose job is whose. Such callers are operators who see their own jobs.
- *Bearer and X-API-Key* are API keys of ours, tokens of the existing service, tokens signed by keys that the operator
  trusts, or tokens of an OpenID Connect issuer. Where a token goes is decided by its form and by its issuer; whether it
  holds, by the one place that it went to.
- *The admin secret*, sent as a Basic password, manages keys and does nothing else; sent anywhere else it is refused, so
  that it never reaches a device.

A token that was found right is remembered for some seconds, by its hash; that is how long a revocation may take in
*another* process of the service. Failed attempts are counted by client address. Who guesses the admin secret is
refused even with the right one; a token that was right lately goes on being accepted, so that nobody is locked out by a
neighbour behind the same proxy.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from naas.errors import LockedOut, NotAuthenticated, RequestError, Unavailable, WrongCredential
from naas.principals import AuthMethod, Principal, Role
from naas.security.api_keys import ApiKey, KeyForm
from naas.security.credentials import BasicCredentials, read_credentials
from naas.security.key_tokens import KEY_ID, looks_like_key
from naas.security.tokens import peek, role_of
from naas.security.windows import FailureWindows
from naas.vault import Login

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from naas.security.api_keys import ApiKeys
    from naas.security.audit import Audit
    from naas.security.oidc import OidcVerifier
    from naas.security.tokens import Claims, JwtVerifier
    from naas.vault import Vault

__all__ = ["AuthenticationRules", "Authenticator"]

_REMEMBER_SECONDS: Final = 5.0
_MOST_REMEMBERED: Final = 10_000
_MOST_CLIENTS: Final = 10_000
# Tokens cannot be guessed; this only keeps a client that tries from costing a look into the store each time. A client
# that is set up wrongly and tries again and again is more common than an attack, so it is larger than the other bound.
_TOKEN_GUESSES_FOR_EACH: Final = 10
# Pass-through logins cannot be told right from wrong here, but made-up ones from those that come again and again. So
# many new ones from one address is what a large site behind one proxy has after a restart, and far from what it takes
# to try passwords under ever new names.
_NEW_LOGINS_FOR_EACH: Final = 100
_MOST_LOGINS: Final = 50_000


@dataclass(frozen=True, slots=True)
class AuthenticationRules:
    """Who may come. ``guesses`` failures in ``guess_seconds`` lock a client address out; 0 never does."""

    basic_passthrough: bool = True
    admin_secret: str | None = field(default=None, repr=False)
    guesses: int = 10
    guess_seconds: float = 600.0


@dataclass(slots=True)
class _Remembered:
    principal: Principal
    fresh_until: float
    changes: int


class Authenticator:
    """Judges the credentials of requests. Lives in one event loop."""

    def __init__(
        self,
        vault: Vault,
        keys: ApiKeys,
        audit: Audit,
        rules: AuthenticationRules | None = None,
        *,
        tokens: JwtVerifier | None = None,
        oidc: OidcVerifier | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._vault, self._keys, self._audit, self._tokens, self._oidc = vault, keys, audit, tokens, oidc
        self._rules, self._now = rules or AuthenticationRules(), now
        self._admin_secret = None if not self._rules.admin_secret else self._rules.admin_secret.encode()
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()
        seconds, guesses = self._rules.guess_seconds, self._rules.guesses
        self._admin_guesses = FailureWindows(guesses, seconds, _MOST_CLIENTS)
        self._token_guesses = FailureWindows(guesses * _TOKEN_GUESSES_FOR_EACH, seconds, _MOST_CLIENTS)
        self._new_logins = FailureWindows(guesses * _NEW_LOGINS_FOR_EACH, seconds, _MOST_CLIENTS)
        self._logins: OrderedDict[str, None] = OrderedDict()

    async def authenticate(self, headers: Mapping[str, str], client: str = "") -> Principal:
        """Return who sent the request. ``client`` is the address that it came from.

        Raises:
            NotAuthenticated: Nobody whom we know.
            LockedOut: Too many tokens from this address were wrong, or too many logins new.
            NotAllowed: Known, and without any role here; or the admin secret, which is no device login.
        """
        shown = read_credentials(headers)
        if isinstance(shown, BasicCredentials):
            return self._pass_through(shown, client)
        return await self._holder(shown.token, client)

    async def is_still(self, principal: Principal, headers: Mapping[str, str]) -> bool:
        """Whether the credential with which a long request came still means its caller: it may be revoked meanwhile,
        or past its end.

        Nobody guesses here, so a no is neither counted nor audited. While nobody can say, it is as it was.
        """
        shown = read_credentials(headers)
        if isinstance(shown, BasicCredentials):
            return True  # its device judges it; there is nothing that could be revoked
        digest, now = hashlib.sha256(shown.token.encode()).digest(), self._now()
        known = self._remembered.get(digest)
        if known is not None and known.fresh_until > now and known.changes == self._keys.changes:
            return known.principal == principal
        try:
            present, expires_at = await self._judge(shown.token)
        except Unavailable:
            return True
        except RequestError:
            return False
        self._remember(digest, present, now, expires_at)
        return present == principal

    async def authenticate_manager(self, headers: Mapping[str, str], client: str = "") -> Principal:
        """Return who manages keys: whoever knows the admin secret, or an admin by another token.

        Raises:
            NotAuthenticated: Neither. Without an admin secret, Basic is never enough.
            LockedOut: Too many attempts from this address were wrong.
        """
        shown = read_credentials(headers)
        if not isinstance(shown, BasicCredentials):
            return await self._holder(shown.token, client)
        now = self._now()
        if (left := self._admin_guesses.locked_for(client, now)) > 0:
            raise LockedOut("the address of this client", math.ceil(left))
        if not self._is_admin_secret(shown.password):
            self._audit.write("auth.failure", method="basic", reason="not the admin secret", client=client)
            self._count_guess(self._admin_guesses, client, now, "admin secret")
            raise NotAuthenticated("keys are managed with the admin secret as Basic password, or with an admin's key")
        principal = Principal("manager", shown.username, Role.ADMIN, AuthMethod.MANAGER)
        self._audit.write("auth.success", principal, method="manager", identity=shown.username, client=client)
        return principal

    def _pass_through(self, shown: BasicCredentials, client: str) -> Principal:
        if not self._rules.basic_passthrough:
            raise NotAuthenticated("this service does not accept pass-through Basic credentials; use an API key")
        # First the limit for what was never seen before: else the two refusals told the admin secret from a wrong guess
        # as often as anybody asks, past the lockout of `authenticate_manager`.
        subject = self._vault.owner_of(shown.username, shown.password)
        if subject not in self._logins:
            self._meet(subject, client)
        if self._is_admin_secret(shown.password):
            raise WrongCredential("the admin secret manages keys; it is no device login and is sent to no device")
        return Principal(
            subject,
            shown.username,
            Role.OPERATOR,
            AuthMethod.BASIC,
            login=Login(shown.username, shown.password),
        )

    def _meet(self, subject: str, client: str) -> None:
        """Take a login that was never seen before, unless too many of them come from this address."""
        now = self._now()
        if (left := self._new_logins.locked_for(client, now)) > 0:
            raise LockedOut("the address of this client", math.ceil(left))
        self._count_guess(self._new_logins, client, now, "logins never seen before")
        self._logins[subject] = None
        if len(self._logins) > _MOST_LOGINS:
            self._logins.popitem(last=False)

    def _is_admin_secret(self, password: str) -> bool:
        return self._admin_secret is not None and hmac.compare_digest(self._admin_secret, password.encode())

    async def _holder(self, token: str, client: str) -> Principal:
        # Kept by hash: a dump of the memory should not hold more tokens than it must.
        digest, now = hashlib.sha256(token.encode()).digest(), self._now()
        known = self._remembered.get(digest)
        if known is not None and known.fresh_until > now and known.changes == self._keys.changes:
            return known.principal
        if known is None and (left := self._token_guesses.locked_for(client, now)) > 0:
            raise LockedOut("the address of this client", math.ceil(left))
        try:
            principal, expires_at = await self._judge(token)
        except NotAuthenticated as exc:
            self._remembered.pop(digest, None)
            self._audit.write("auth.failure", method="bearer", reason=exc.reason, client=client)
            self._count_guess(self._token_guesses, client, now, "token")
            raise
        self._remember(digest, principal, now, expires_at)
        self._audit.write(
            "auth.success", principal, method=principal.method.value, identity=principal.name, client=client
        )
        return principal

    def _remember(self, digest: bytes, principal: Principal, now: float, expires_at: datetime | None) -> None:
        end = math.inf if expires_at is None else expires_at.timestamp()
        fresh_until = min(now + _REMEMBER_SECONDS, end)
        self._remembered[digest] = _Remembered(principal, fresh_until, self._keys.changes)
        self._remembered.move_to_end(digest)
        if len(self._remembered) > _MOST_REMEMBERED:
            self._remembered.popitem(last=False)

    async def _judge(self, token: str) -> tuple[Principal, datetime | None]:
        if looks_like_key(token):
            key = await self._keys.find_by_token(token)
            if key is None:
                raise NotAuthenticated("the API key is mistyped, revoked, expired or unknown")
            return key.principal(), key.expires_at
        _, claims = peek(token)
        if self._oidc is not None and claims.get("iss") == self._oidc.rules.issuer:
            return await self._oidc.verify(token), None
        if self._tokens is None:
            raise NotAuthenticated("this service accepts API keys of its own only, no JSON Web Tokens")
        said, is_shared = self._tokens.verify(token)
        principal = await self._of_shared_secret(said) if is_shared else _of_public_key(said)
        return principal, said.expires_at

    async def _of_shared_secret(self, said: Claims) -> Principal:
        if not KEY_ID.fullmatch(said.subject):
            # Made by hand with the secret, not by a service: nothing to list, and nothing to revoke it by.
            return _of_public_key(said)
        claimed = ApiKey(
            id=said.subject,
            subject=f"key:{said.subject}",
            name="",
            role=role_of(said.role),
            contexts=tuple(sorted(said.contexts)),
            created_at=said.issued_at or datetime.fromtimestamp(self._now(), UTC),
            created_by="",
            ttl=_length(said),
            expires_at=said.expires_at,
            form=KeyForm.JWT,
        )
        key = await self._keys.find_by_claims(claimed)
        if key is None:
            raise NotAuthenticated("the key of this token is revoked or expired")
        return key.principal()

    def _count_guess(self, guesses: FailureWindows, client: str, now: float, what: str) -> None:
        was_locked = guesses.locked_for(client, now) > 0
        guesses.fail(client, now)
        if not was_locked and guesses.locked_for(client, now) > 0:
            self._audit.write("client.locked_out", client=client, failure_count=guesses.threshold, what=what)


def _of_public_key(said: Claims) -> Principal:
    # The issuer belongs to the subject: two of them may call different people by the same name.
    subject = f"jwt:{said.issuer or ''}:{said.subject}"
    return Principal(subject, said.subject, role_of(said.role), AuthMethod.JWT, said.contexts)


def _length(said: Claims) -> int | None:
    if said.issued_at is None or said.expires_at is None:
        return None
    return max(1, round((said.expires_at - said.issued_at).total_seconds()))
