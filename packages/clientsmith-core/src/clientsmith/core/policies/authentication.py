"""Puts the credential on requests, to the client's own origin only.

Credentials are added per send, below retries and redirects: a request to another origin (a redirect, a next link)
simply does not get one, so nothing ever has to be stripped.
"""

from __future__ import annotations

import threading
import time
from binascii import b2a_base64
from collections.abc import Callable, Sequence
from typing import ClassVar, TypeAlias
from urllib.parse import quote

from .._origin import Home, is_loopback
from .._signal import Signal, Wait
from ..credentials import (
    AccessToken,
    AsyncTokenCredential,
    AuthenticationScheme,
    Basic,
    BasicCredential,
    Bearer,
    KeyCredential,
    KeyInCookie,
    KeyInHeader,
    KeyInQuery,
    TokenCredential,
)
from ..errors import CredentialError, InsecureTransportError
from ..pipeline import IO, Ask, AsyncIO, Flow, HookPolicy, Policy, Steps
from ..rest import HttpRequest
from ..settings import Setting

__all__ = ["BearerTokenPolicy", "GetToken", "SecretPolicy", "authentication_policy"]

Place: TypeAlias = Callable[[HttpRequest], None]


def authentication_policy(
    credential: object, schemes: Sequence[AuthenticationScheme], *, endpoint: str, allow_http: bool = False
) -> Policy | None:
    """Return the policy that shows this credential in the first way of the service that it fits.

    Raises:
        CredentialError: The credential fits none of the schemes.
        InsecureTransportError: The endpoint is plain http on another machine and ``allow_http`` is not set.
    """
    if credential is None:
        return None
    home = Home(endpoint)
    scheme_of_url, host, _ = home.origin
    if scheme_of_url != "https" and not is_loopback(host) and not allow_http:
        raise InsecureTransportError(
            f"the endpoint {scheme_of_url}://{host} is not encrypted, so the credential was not used; "
            "use https, or pass allow_http=True if the network in between is yours"
        )
    for scheme in schemes:
        if isinstance(scheme, Bearer) and isinstance(credential, TokenCredential | AsyncTokenCredential):
            return BearerTokenPolicy(credential, scheme.scopes, home)
        place = _placer(credential, scheme)
        if place is not None:
            return SecretPolicy(place, home)
    wanted = " or ".join(dict.fromkeys(_fitting(scheme) for scheme in schemes)) or "no credential at all"
    raise CredentialError(f"a {type(credential).__name__} does not fit this service, which takes {wanted}")


def _fitting(scheme: AuthenticationScheme) -> str:
    match scheme:
        case Basic():
            return "BasicCredential"
        case Bearer():
            return "TokenCredential or KeyCredential"
        case KeyInHeader() | KeyInQuery() | KeyInCookie():
            return "KeyCredential"


def _placer(credential: object, scheme: AuthenticationScheme) -> Place | None:
    """Return how to put a fixed secret on a request, None if it does not fit the scheme."""
    if isinstance(scheme, Basic):
        return _basic(credential) if isinstance(credential, BasicCredential) else None
    if not isinstance(credential, KeyCredential):
        return None
    match scheme:
        case KeyInHeader(name, prefix):
            return _header(credential, name, prefix)
        case Bearer():
            return _header(credential, "Authorization", "Bearer ")
        case KeyInQuery(name):
            return _query(credential, name)
        case KeyInCookie(name):
            return _cookie(credential, name)


def _header(credential: KeyCredential, name: str, prefix: str) -> Place:
    def place(request: HttpRequest) -> None:
        request.headers[name] = prefix + credential.key

    return place


def _query(credential: KeyCredential, name: str) -> Place:
    field = f"{quote(name, safe='')}="

    def place(request: HttpRequest) -> None:
        url, _, query = request.url.partition("?")
        # A service may repeat the whole query in its next links: the key is sent once, and it is the one of today.
        others = [part for part in query.split("&") if part and not part.startswith(field)]
        request.url = f"{url}?{'&'.join([*others, field + quote(credential.key, safe='')])}"

    return place


def _cookie(credential: KeyCredential, name: str) -> Place:
    def place(request: HttpRequest) -> None:
        present = request.headers.get("Cookie")
        own = f"{name}={quote(credential.key, safe='')}"
        request.headers["Cookie"] = f"{present}; {own}" if present else own

    return place


def _basic(credential: BasicCredential) -> Place:
    def place(request: HttpRequest) -> None:
        pair = f"{credential.username}:{credential.password}".encode()
        request.headers["Authorization"] = "Basic " + b2a_base64(pair, newline=False).decode("ascii")

    return place


class SecretPolicy(HookPolicy):
    """Puts a fixed secret (a key, a name and password) on every send to the client's origin."""

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("allow_http", False, "whether secrets may travel unencrypted to another machine", per_call=False),
    )

    def __init__(self, place: Place, home: Home) -> None:
        self._place = place
        self._home = home

    def on_request(self, request: HttpRequest, /) -> None:
        if self._home.has(request.url):
            self._place(request)


# --- bearer tokens ---------------------------------------------------------------------------------------------------


class GetToken(Ask[AccessToken]):
    """Asks a credential for a token; an async client takes credentials of either colour."""

    __slots__ = ("_credential", "_scopes")

    def __init__(self, credential: TokenCredential | AsyncTokenCredential, scopes: Sequence[str]) -> None:
        self._credential = credential
        self._scopes = scopes

    def perform(self, io: IO) -> AccessToken:
        token = self._credential.get_token(*self._scopes)
        if isinstance(token, AccessToken):
            return token
        token.close()
        raise CredentialError(
            f"{type(self._credential).__name__} is an async credential; use it with the client of the `.aio` namespace"
        )

    async def perform_async(self, io: AsyncIO) -> AccessToken:
        token = self._credential.get_token(*self._scopes)
        return token if isinstance(token, AccessToken) else await token


class BearerTokenPolicy:
    """Sends a bearer token (RFC 6750), refreshed ahead of its end by one caller while the others go on.

    A token is fresh, then ageing (it still works, and whoever comes first fetches a new one), then gone (everybody
    waits for the one flight that is under way). A refresh ahead of time that fails costs nobody anything.
    """

    settings: ClassVar[tuple[Setting, ...]] = SecretPolicy.settings

    # Five minutes ahead, as the Azure libraries do, for tokens that do not say when to refresh them.
    REFRESH_AHEAD: ClassVar = 300.0

    def __init__(
        self,
        credential: TokenCredential | AsyncTokenCredential,
        scopes: Sequence[str],
        home: Home,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._credential = credential
        self._scopes = tuple(scopes)
        self._home = home
        self._clock = clock
        self._mutex = threading.Lock()
        self._token: AccessToken | None = None
        self._flight: Signal | None = None

    def send(self, request: HttpRequest, /) -> Flow:
        """Yield the request with a token on it, if it goes to the client's origin."""
        if self._home.has(request.url):
            token = yield from self._fresh_token()
            request = request.with_headers({"Authorization": f"Bearer {token.token}"})
        response = yield request
        return response

    def _fresh_token(self) -> Steps[AccessToken]:
        while True:
            with self._mutex:
                token = self._token
                usable = token is not None and token.expires_on > self._clock()
                if token is not None and usable and (self._flight is not None or not self._is_ageing(token)):
                    return token
                theirs = self._flight
                if theirs is None:
                    self._flight = Signal()
            if theirs is None:
                return (yield from self._fetch(token if usable else None))
            failure = yield from Wait(theirs)
            if failure is not None:
                # A new error for each waiter: one shared instance would collect the tracebacks of all of them.
                raise CredentialError(f"no token could be got: {failure}") from failure

    def _fetch(self, ageing: AccessToken | None) -> Steps[AccessToken]:
        try:
            token = yield from GetToken(self._credential, self._scopes)
        except Exception as error:
            self._land(None, error)
            if ageing is not None:
                return ageing
            raise
        except BaseException:
            self._land(None, None)  # this caller was cancelled: one of those who wait takes over
            raise
        self._land(token, None)
        return token

    def _land(self, token: AccessToken | None, failure: Exception | None) -> None:
        with self._mutex:
            flight, self._flight = self._flight, None
            if token is not None:
                self._token = token
        if flight is not None:
            flight.fire(failure)

    def _is_ageing(self, token: AccessToken) -> bool:
        due = token.refresh_on if token.refresh_on is not None else token.expires_on - self.REFRESH_AHEAD
        return due <= self._clock()
