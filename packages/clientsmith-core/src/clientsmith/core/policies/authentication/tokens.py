"""Access tokens in hand, and the one flight at a time that gets a new one.

A token is fresh, then ageing (it still works, and whoever comes first gets a new one), then gone (everybody waits for
the flight that is under way). It can also be refused by the service before its time, or be asked for with claims.

- A refresh ahead of time that fails costs nobody anything, and is not tried again for a while.
- A flight whose owner was cancelled, or ran out of time, is taken over by one of those who wait.
- A flight that failed fails all who wait for it, each with an error of their own.
"""

from __future__ import annotations

import copy
import os
import threading
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import ClassVar, Final, TypeAlias, cast, final

from ..._signal import Signal, Wait
from ...credentials.tokens import AccessToken, AsyncTokenCredential, TokenCredential
from ...errors import (
    ClientsmithError,
    CredentialError,
    DeadlineExceededError,
    SignInError,
    TokenRefusedError,
    TokenUnavailableError,
    UsageError,
)
from ...pipeline import IO, Ask, AsyncIO, Steps
from ...rest import Call

__all__ = ["Fetch", "GetToken", "HeldToken", "Scopes", "TokenCache"]

Scopes: TypeAlias = tuple[str, ...]
Fetch: TypeAlias = Callable[[Scopes, str | None, Call], Steps[AccessToken]]

# Five minutes ahead, as the Azure libraries do, but not in the first four fifths of a token's life: of tokens that live
# for five minutes, which is what Keycloak gives by default, every call would fetch one.
_REFRESH_AHEAD: Final = 300.0
_NOT_BEFORE: Final = 0.8


@final
class HeldToken:
    """A token in hand.

    Attributes:
        token: The secret itself.
        header: It as the value of the header field that it is sent in.
        expires_on: When it stops working, in seconds since the epoch.
        due: From when the next caller should get a new one.
        got_on: When it was got, in seconds since the epoch.
        claims: The claims that it was asked for with.
    """

    __slots__ = ("claims", "due", "expires_on", "got_on", "header", "token")

    def __init__(self, token: AccessToken, claims: str | None, now: float, prefix: str = "Bearer ") -> None:
        self.token = token.token
        self.header = prefix + token.token
        self.expires_on = token.expires_on
        self.claims = claims
        self.got_on = now
        left = token.expires_on - now
        self.due = now + max(left - _REFRESH_AHEAD, left * _NOT_BEFORE)
        if token.refresh_on is not None and token.refresh_on > now:  # a time that is past says nothing about this token
            self.due = min(token.refresh_on, token.expires_on)


class _Flight(Signal):
    """Somebody is getting a token. Who waits takes it from here: one that is over at once serves nobody else."""

    __slots__ = ("claims", "held", "process", "scopes")

    def __init__(self, scopes: Scopes, claims: str | None) -> None:
        super().__init__()
        self.scopes, self.claims = scopes, claims
        self.held: HeldToken | None = None
        self.process = os.getpid()  # a forked child has the flight and nobody who flies it


class TokenCache:
    """The tokens of one credential, by their scopes. Threads and event loops share it.

    Attributes:
        field: The header field that they are sent in.
    """

    # Half a minute: a token service that is down takes longer to come back, and no call should pay for each attempt.
    PAUSE: ClassVar = 30.0

    def __init__(
        self,
        fetch: Fetch,
        clock: Callable[[], float] = time.time,
        *,
        field: str = "Authorization",
        prefix: str = "Bearer ",
    ) -> None:
        """Take how tokens are got and sent.

        Args:
            fetch: Gets a token for scopes, claims and a call.
            clock: Seconds since the epoch.
            field: The header field that they are sent in, with ``prefix`` before each.
        """
        self.field = field
        self._prefix = prefix
        self._fetch = fetch
        self._clock = clock
        self._mutex = threading.Lock()
        self._held: dict[Scopes, HeldToken] = {}
        self._flight: _Flight | None = None

    def fresh(self, scopes: Scopes) -> HeldToken | None:
        """Return the token that serves as it is, the way of nearly all requests: without a lock and without steps."""
        held = self._held.get(scopes)
        return held if held is not None and self._clock() < held.due else None

    def keep(self, scopes: Scopes, token: AccessToken) -> None:
        """Begin with a token that was kept somewhere; it does not count as one that was got only now."""
        held = HeldToken(token, None, self._clock(), self._prefix)
        held.got_on = float("-inf")
        self._held[scopes] = held

    def has(self, header: str) -> bool:
        """Whether a value of the header field holds one of the tokens."""
        with self._mutex:
            return any(held.header == header for held in self._held.values())

    def age(self, held: HeldToken) -> float:
        """Return how long ago the token was got, in seconds."""
        return self._clock() - held.got_on

    def drop(self, held: HeldToken) -> None:
        """Use this token no more: the service refused it."""
        with self._mutex:
            for scopes in [scopes for scopes, other in self._held.items() if other is held]:
                del self._held[scopes]

    def get(self, scopes: Scopes, call: Call, claims: str | None = None) -> Steps[HeldToken]:
        """Return a token that works, got by this call or by another one.

        Raises:
            TokenUnavailableError: The credential failed.
            DeadlineExceededError: The call's time ran out before there was a token.
        """
        while True:
            with self._mutex:
                usable = self._usable(scopes, claims)
                flight = self._flight
                is_flying = flight is not None and flight.process == os.getpid()
                if usable is not None and (is_flying or self._clock() < usable.due):
                    return usable
                if flight is None or not is_flying:
                    flight = self._flight = _Flight(scopes, claims)
            if not is_flying:
                return (yield from self._fly(flight, call, usable))
            failure = yield from Wait(flight, call, "the access token that another call is getting")
            if (flight.scopes, flight.claims) != (scopes, claims):
                continue
            if failure is not None:
                # A new error for each waiter: one shared instance would collect the tracebacks of all of them.
                raise copy.copy(failure) from failure
            if flight.held is not None:
                return flight.held

    def _usable(self, scopes: Scopes, claims: str | None) -> HeldToken | None:
        held = self._held.get(scopes)
        if held is None or held.expires_on <= self._clock() or (claims is not None and held.claims != claims):
            return None
        return held

    def _fly(self, flight: _Flight, call: Call, ageing: HeldToken | None) -> Steps[HeldToken]:
        # A refresh ahead of time is tried once: the token in hand is good, and the request waits.
        tries = Call({**call.settings, "max_retries": 0}, deadline=call.deadline, clock=call.clock) if ageing else call
        try:
            token = yield from self._fetch(flight.scopes, flight.claims, tries)
        except DeadlineExceededError:
            self._land(flight)  # those who wait may have more time
            raise
        except Exception as error:
            failure = _ours(error)
            if ageing is not None:
                ageing.due = min(self._clock() + self.PAUSE, ageing.expires_on)
            self._land(flight, failure=failure)
            if ageing is not None:
                return ageing
            if failure is error:
                raise
            raise failure from error
        except BaseException:
            self._land(flight)  # this caller was cancelled: one of those who wait takes over
            raise
        held = HeldToken(token, flight.claims, self._clock(), self._prefix)
        self._land(flight, held)
        return held

    def _land(self, flight: _Flight, held: HeldToken | None = None, failure: Exception | None = None) -> None:
        with self._mutex:
            if self._flight is flight:
                self._flight = None
            if held is not None:
                self._held[flight.scopes] = flight.held = held
        flight.fire(failure)


def _ours(error: Exception) -> ClientsmithError:
    """Return the error for those who wanted a token.

    What happened on the road to the token service is not what happened to the request: were it a `TransportError`, the
    retry policy would send the request again for it.
    """
    if isinstance(error, TokenRefusedError | TokenUnavailableError | SignInError | UsageError):
        return error
    return TokenUnavailableError(f"{type(error).__name__}: {error}".rstrip(": "))


class GetToken(Ask[AccessToken]):
    """Asks a credential of any library for a token; an async client takes credentials of either colour."""

    __slots__ = ("_ask", "_call", "_kind")

    def __init__(
        self, credential: TokenCredential | AsyncTokenCredential, scopes: Scopes, claims: str | None, call: Call
    ) -> None:
        self._kind = type(credential).__name__
        self._call = call
        self._ask: Callable[[], object]
        get_token_info = getattr(credential, "get_token_info", None)
        if get_token_info is not None:  # azure-core's newer protocol, whose answers say when to refresh
            # We answer claims challenges, so the token may be one that lives long and is revoked by them.
            options = {"enable_cae": True, **({} if claims is None else {"claims": claims})}
            self._ask = partial(get_token_info, *scopes, options=options)
        elif claims is None:
            self._ask = partial(credential.get_token, *scopes)
        else:
            self._ask = partial(credential.get_token, *scopes, claims=claims)

    def perform(self, io: IO) -> AccessToken:
        try:
            given = self._ask()
        except TimeoutError as error:  # the credential's own, and none of this call's
            raise _ours(error) from error
        if not hasattr(given, "__await__"):
            return _read(given, self._kind)
        close = getattr(given, "close", None)
        if close is not None:
            close()  # else Python warns about a coroutine that was never awaited
        raise CredentialError(f"{self._kind} is an async credential; use it with the client of the `.aio` namespace")

    async def perform_async(self, io: AsyncIO) -> AccessToken:
        import asyncio  # a sync program never gets here
        from inspect import iscoroutinefunction

        limit = asyncio.timeout(self._call.remaining())
        try:
            async with limit:
                # A sync credential talks to its service by blocking, which would stop everything on this loop.
                is_async = iscoroutinefunction(getattr(self._ask, "func", None))
                given = self._ask() if is_async else await asyncio.to_thread(self._ask)
                if hasattr(given, "__await__"):
                    given = await cast("Awaitable[object]", given)
        except TimeoutError as error:
            if not limit.expired():
                raise _ours(error) from error
            raise DeadlineExceededError(
                f"{self._kind} gave no token within the call's timeout; raise `timeout` to wait longer"
            ) from error
        return _read(given, self._kind)


def _read(given: object, kind: str) -> AccessToken:
    """Return a token of any library as one of ours.

    Raises:
        CredentialError: It is no token, or one that does not prove anything by itself.
    """
    if isinstance(given, AccessToken):
        return given
    token, expires_on = getattr(given, "token", None), getattr(given, "expires_on", None)
    if not isinstance(token, str) or not isinstance(expires_on, int | float):
        raise CredentialError(
            f"{kind} gave a {type(given).__name__}, which is no access token: it needs a `token`, and an `expires_on` "
            "in seconds since the epoch"
        )
    token_type = str(getattr(given, "token_type", None) or "Bearer")
    if token_type.lower() != "bearer":
        raise CredentialError(f"{kind} gave a token of type {token_type!r}; only bearer tokens can be sent")
    refresh_on = getattr(given, "refresh_on", None)
    return AccessToken(token, expires_on, refresh_on if isinstance(refresh_on, int | float) else None)
