"""Sends tokens that change, and answers a service that refuses one."""

from __future__ import annotations

from typing import ClassVar

from ..._origin import Home
from ...credentials.tokens import AccessToken, AsyncTokenCredential, TokenCredential, TokenSource
from ...pipeline import Flow, HookPolicy, Steps
from ...rest import Call, HttpRequest, HttpResponse
from ...settings import Setting
from .placing import ALLOW_HTTP
from .tokens import GetToken, HeldToken, Scopes, TokenCache

__all__ = ["BearerTokenPolicy", "TokenStaysHomePolicy"]


class BearerTokenPolicy:
    """Sends a bearer token (RFC 6750), refreshed ahead of its end by one caller while the others go on.

    It goes into the header field that the tokens are for: ``Authorization``, or one of the service's own.

    A token that the service refuses with 401 is replaced and the request sent once more, if its body can be sent again.
    So it is where the service asks for more claims. A token that was got only now is not replaced for a mere 401: the
    next one would be refused as well.
    """

    settings: ClassVar[tuple[Setting, ...]] = (ALLOW_HTTP,)

    # Half a minute: nobody revokes a token so soon, and a service that refuses all is not flooded with new ones.
    JUST_GOT: ClassVar = 30.0

    def __init__(
        self, credential: TokenCredential | AsyncTokenCredential | TokenSource, scopes: Scopes, home: Home
    ) -> None:
        if isinstance(credential, TokenSource):
            self._tokens, self._scopes = credential.token_cache, credential.scopes or scopes
        else:
            self._tokens, self._scopes = _cache_of(credential), scopes
        self._home = home

    @property
    def tokens(self) -> TokenCache:
        """The tokens that it sends."""
        return self._tokens

    def send(self, request: HttpRequest, /) -> Flow:
        """Yield the request with a token on it, if it goes to the client's origin."""
        if not self._home.trusts(request):
            return (yield request)
        held = self._tokens.fresh(self._scopes)
        if held is None:
            held = yield from self._tokens.get(self._scopes, request.call)
        response = yield request.with_headers({self._tokens.field: held.header})
        if response.status_code != 401:
            return response
        other = yield from self._replacement(held, request, response)
        if other is None:
            return response
        return (yield request.with_headers({self._tokens.field: other.header}))

    def _replacement(self, held: HeldToken, request: HttpRequest, response: HttpResponse) -> Steps[HeldToken | None]:
        """Return the token to send the request again with, None to leave it at the answer."""
        from .challenges import claims_wanted, is_about_the_token, parse_challenges  # only for those who are refused

        challenges = parse_challenges(response.headers.get("WWW-Authenticate", ""))
        claims = claims_wanted(challenges)
        if claims is not None:
            if held.claims == claims:
                return None
        elif not is_about_the_token(challenges) or self._tokens.age(held) < self.JUST_GOT:
            return None
        self._tokens.drop(held)
        if claims is None and not request.is_replayable:
            return None
        # With claims even if this request cannot be sent again: only now is known which claims the next one needs.
        other = yield from self._tokens.get(self._scopes, request.call, claims)
        return other if request.is_replayable and other.token != held.token else None


class TokenStaysHomePolicy(HookPolicy):
    """Takes the token off a request that was led to another origin after it was put on: by a hook, that is.

    Fixed secrets are put on when all hooks have run. A token cannot be, since to get one may take a request.
    """

    def __init__(self, tokens: TokenCache, home: Home) -> None:
        self._tokens = tokens
        self._home = home

    def on_request(self, request: HttpRequest, /) -> None:
        field = self._tokens.field
        if not self._home.knows(request) and self._tokens.has(request.headers.get(field, "")):
            del request.headers[field]


def _cache_of(credential: TokenCredential | AsyncTokenCredential) -> TokenCache:
    def fetch(scopes: Scopes, claims: str | None, call: Call) -> Steps[AccessToken]:
        return (yield from GetToken(credential, scopes, claims, call))

    return TokenCache(fetch)
