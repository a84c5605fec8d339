"""Makes the parts of security from the settings, in the order in which they need each other."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Self

from naas.errors import StartError, StoreUnavailable
from naas.principals import Role
from naas.security.addresses import DestinationRules
from naas.security.admission import Admission, Gate
from naas.security.api_keys import ApiKeys, KeyRules
from naas.security.audit import AuditWriter
from naas.security.authenticator import AuthenticationRules, Authenticator
from naas.security.authorization import Authorizer
from naas.security.breaker import BreakerRules, Breakers
from naas.security.command_policy import CommandPolicy, read_policy
from naas.security.lockouts import LockoutRules, Lockouts
from naas.security.oidc import OidcRules, OidcVerifier
from naas.security.outbound import Outbound
from naas.security.rate_limits import RateLimitRules, RateLimits
from naas.security.tokens import JwtIssuer, JwtVerifier, SharedSecret, read_public_keys
from naas.security.webhooks import WebhookRules, Webhooks

if TYPE_CHECKING:
    from naas.config import Settings
    from naas.store.base import Store
    from naas.vault import Vault

__all__ = ["Security"]

log = logging.getLogger("naas.security")

# Failures that another process has counted are known here after so long.
_REFRESH_EVERY: Final = 10.0
_PURGE_EVERY: Final = 3600.0


@dataclass(frozen=True, slots=True)
class _Tokens:
    verifier: JwtVerifier | None
    issuer: JwtIssuer | None


class Security:
    """Everything that guards one running service; open it (``async with``) when the store is open.

    Attributes:
        keys: Makes and revokes API keys.
        authenticator: From the headers of a request to a `Principal`.
        authorizer: Roles and contexts, refusals audited.
        admission: Lockouts, rate limits and the command policy at submission; also a submission check.
        gate: Breakers, asked before a device is touched; also an observer of endings.
        webhooks: Delivers webhooks; an observer of endings.
        audit: The audit trail; an observer of endings.
    """

    def __init__(self, settings: Settings, store: Store, vault: Vault) -> None:
        """Make the parts.

        Raises:
            StartError: A file that the settings name cannot be used, or a secret is too short.
        """
        self._settings, self._audit_store = settings, store.audit
        self.audit = AuditWriter(store.audit)
        tokens = _tokens(settings)
        rules = KeyRules(settings.api_key_default_ttl, settings.api_key_max_ttl)
        self.keys = ApiKeys(store.records, vault, rules, tokens.issuer)
        self.authenticator = Authenticator(
            vault,
            self.keys,
            self.audit,
            AuthenticationRules(
                basic_passthrough=settings.basic_passthrough,
                admin_secret=settings.admin_secret,
                guesses=settings.lockout_threshold,
                guess_seconds=settings.lockout_window,
            ),
            tokens=tokens.verifier,
            oidc=_oidc(settings),
        )
        self.authorizer = Authorizer(self.audit)
        lockout_rules = LockoutRules(settings.lockout_threshold, settings.lockout_window)
        self.lockouts = Lockouts(store.records, vault, lockout_rules, self.audit)
        policy = CommandPolicy() if settings.command_policy is None else read_policy(settings.command_policy)
        destinations = DestinationRules(settings.webhook_allow_http, settings.webhook_allow_private)
        webhook_rules = WebhookRules(destinations, settings.webhook_max_retries, settings.webhook_timeout)
        self.webhooks = Webhooks(store, vault, webhook_rules, self.audit)
        self.admission = Admission(self.lockouts, RateLimits(_limits(settings)), policy, self.webhooks, self.audit)
        threshold = settings.circuit_breaker_threshold if settings.circuit_breaker_enabled else 0
        breaker_rules = BreakerRules(threshold, settings.circuit_breaker_timeout)
        self.gate = Gate(self.lockouts, Breakers(breaker_rules, self.audit))

    @classmethod
    def open(cls, settings: Settings, store: Store, vault: Vault) -> Self:
        """Return what ``async with`` opens and closes.

        Raises:
            StartError: As the constructor.
        """
        return cls(settings, store, vault)

    @property
    def submission_checks(self) -> tuple[Admission, ...]:
        """What every order has to pass."""
        return (self.admission,)

    async def is_key_revoked(self, key_id: str) -> bool:
        """Whether nobody holds the API key any more, nor one that replaced it."""
        return await self.keys.is_revoked(key_id)

    @property
    def observers(self) -> tuple[Gate, Webhooks, AuditWriter]:
        """Who must hear of every job that ends."""
        return self.gate, self.webhooks, self.audit

    async def __aenter__(self) -> Self:
        """Read what is remembered, and begin to write, to deliver and to tidy up."""
        await self.lockouts.refresh()  # first: if the store does not answer, nothing has begun yet
        await self.audit.__aenter__()
        self._tasks = [asyncio.create_task(self.webhooks.run()), asyncio.create_task(self._refresh_forever())]
        self._tasks.append(asyncio.create_task(self._purge_forever()))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.keys.settle()
        await self.audit.__aexit__()

    async def _refresh_forever(self) -> None:
        while True:
            await asyncio.sleep(_REFRESH_EVERY)
            try:
                await self.lockouts.refresh()
            except StoreUnavailable as exc:
                log.warning("failures of other processes are not known reason=%s", exc)

    async def _purge_forever(self) -> None:
        days = self._settings.audit_keep_days
        while True:
            try:
                if days:
                    await self._audit_store.purge(datetime.now(UTC) - timedelta(days=days))
                await self.keys.purge()
                await self.webhooks.purge()
            except StoreUnavailable as exc:
                log.warning("old records stay for now reason=%s", exc)
            await asyncio.sleep(_PURGE_EVERY)


def _tokens(settings: Settings) -> _Tokens:
    secret = None if settings.jwt_secret is None else SharedSecret(settings.jwt_secret)
    public_keys = None if settings.jwt_public_keys is None else read_public_keys(settings.jwt_public_keys)
    if secret is None and public_keys is None:
        return _Tokens(None, None)
    verifier = JwtVerifier(secret, public_keys, settings.jwt_issuer, settings.jwt_audience)
    return _Tokens(verifier, None if secret is None else JwtIssuer(secret))


def _oidc(settings: Settings) -> OidcVerifier | None:
    if settings.oidc_issuer is None:
        return None
    if settings.oidc_audience is None:
        raise StartError(
            "NAAS_OIDC_ISSUER is set without NAAS_OIDC_AUDIENCE; without it, tokens that the issuer gave to other "
            "services would be accepted here: name the audience (often the client id) of this service"
        )
    rules = OidcRules(settings.oidc_issuer, settings.oidc_audience, settings.oidc_role_claim, settings.oidc_role_map)
    # The operator names the issuer, which may well be in their own network; `OidcRules` asks for https.
    return OidcVerifier(rules, Outbound(DestinationRules(allow_http=True, allow_private=True)))


def _limits(settings: Settings) -> RateLimitRules:
    return RateLimitRules(
        settings.rate_limit_per_caller,
        settings.rate_limit_per_caller_device,
        settings.rate_limit_window,
        frozenset(Role(role) for role in settings.rate_limit_exempt_roles),
        settings.rate_limit_enabled,
    )
