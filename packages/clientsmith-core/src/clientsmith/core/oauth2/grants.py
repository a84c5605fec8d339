"""The grants: what each kind of credential shows the authorization server to get a token for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypedDict

from ..credentials.secrets import BasicCredential, Credential
from ..credentials.tokens import AccessToken
from ..errors import TokenRefusedError, TokenUnavailableError
from ..pipeline import Steps, drive
from ..policies.authentication.tokens import Scopes, TokenCache
from ..rest import Call
from .application import Application
from .token_endpoint import TokenEndpoint, TokenSet

if TYPE_CHECKING:
    from typing import Unpack

    from ..transport.base import Transport

__all__ = [
    "ClientSecretCredential",
    "OAuth2Credential",
    "PasswordCredential",
    "RefreshTokenCredential",
    "UserCredential",
]


class CredentialOptions(TypedDict, total=False):
    """What every credential here takes, see `OAuth2Credential`."""

    scopes: Sequence[str]
    on_token: Callable[[TokenSet], object] | None
    clock: Callable[[], float]


class OAuth2Credential(Credential):
    """A credential that gets its tokens from an authorization server. Give it to clients of either colour.

    Args:
        application: Who asks, and where.
        scopes: What to ask for. By default what the service's own description names.
        on_token: Called with every `TokenSet` that is got, before the token is used: the place to keep it. It must not
            wait for long, and it may be called in any thread. If it fails, so does the call that needed the token.
        clock: Seconds since the epoch; tests pass their own.
    """

    __slots__ = ("_endpoint", "_on_token", "_scopes", "_token_cache")

    def __init__(
        self,
        application: Application,
        *,
        scopes: Sequence[str] = (),
        on_token: Callable[[TokenSet], object] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._endpoint = TokenEndpoint(application, clock)
        self._token_cache = TokenCache(self._fetch, clock)
        self._scopes = tuple(scopes)
        self._on_token = on_token

    @property
    def token_cache(self) -> TokenCache:
        """The tokens in hand, shared by all clients that hold the credential."""
        return self._token_cache

    @property
    def scopes(self) -> Scopes:
        """What to ask for; empty leaves it to the service's description."""
        return self._scopes

    def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        timeout: float | None = 120.0,
        transport: Transport | None = None,
    ) -> AccessToken:
        """Return a token without a client: to sign in ahead of the first call, or for another library.

        Args:
            *scopes: What to ask for, unless the credential was given scopes.
            claims: What a claims challenge of the service asked for.
            timeout: Seconds that it may take, None for no limit.
            transport: Sends the requests. By default what clients open for themselves, closed again afterwards.

        Raises:
            TokenRefusedError: The authorization server says why there is none.
            TokenUnavailableError: It could not be asked.
            DeadlineExceededError: It took longer than ``timeout``.
        """
        wanted = self._scopes or scopes
        held = self._token_cache.fresh(wanted) if claims is None else None
        if held is None:
            from ..transport._default import default_transport  # those who have clients need none

            own = transport or default_transport({})
            deadline = None if timeout is None else own.monotonic() + timeout
            try:
                call = Call({}, deadline=deadline, clock=own.monotonic)
                held = drive(self._token_cache.get(wanted, call, claims), own)
            finally:
                if transport is None:
                    own.close()
        return AccessToken(held.token, held.expires_on)

    def _fetch(self, scopes: Scopes, claims: str | None, call: Call) -> Steps[AccessToken]:
        got = yield from self._grant({"scope": " ".join(scopes) or None, "claims": claims}, call)
        if self._on_token is not None:
            self._on_token(got)
        return got.access_token

    def _grant(self, form: dict[str, str | None], call: Call) -> Steps[TokenSet]:
        """Get tokens; the form says for what."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it gets tokens with")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._endpoint.application!r})"


class ClientSecretCredential(OAuth2Credential):
    """A program that acts for itself: the client credentials grant (RFC 6749, section 4.4)."""

    __slots__ = ()

    def _grant(self, form: dict[str, str | None], call: Call) -> Steps[TokenSet]:
        return (
            yield from self._endpoint.tokens({"grant_type": "client_credentials", **form}, call, is_repeatable=True)
        )


class UserCredential(OAuth2Credential):
    """A user who signs in once, and whose tokens are refreshed from then on (RFC 6749, section 6).

    A server may give a new refresh token with each answer and take none twice. The newest is always the one in use, and
    ``on_token`` hears of it first. One that the server takes no more is not tried again.
    """

    __slots__ = ("_refresh_token",)

    # Whether `_sign_in` can do without the user, and so may follow at once when the refresh token is over.
    _signs_in_alone: ClassVar = False

    def __init__(self, application: Application, **options: Unpack[CredentialOptions]) -> None:
        super().__init__(application, **options)
        self._refresh_token: str | None = None

    def _grant(self, form: dict[str, str | None], call: Call) -> Steps[TokenSet]:
        got: TokenSet | None = None
        if self._refresh_token is not None:
            try:
                got = yield from self._refresh(self._refresh_token, form, call)
            except TokenRefusedError as error:
                if error.error_code != "invalid_grant":
                    raise
                self._refresh_token = None
                if not self._signs_in_alone:
                    raise
        if got is None:
            got = yield from self._sign_in(form, call)
        self._refresh_token = got.refresh_token or self._refresh_token
        return got

    def _refresh(self, refresh_token: str, form: dict[str, str | None], call: Call) -> Steps[TokenSet]:
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token, **form}
        # Not repeatable: a server that saw the token twice may take it for stolen, and end the sign-in.
        got = yield from self._endpoint.tokens(fields, call, is_repeatable=False)
        # `on_token` gets what has to be kept: the refresh token goes on if there is no new one.
        return TokenSet(got.access_token, got.refresh_token or refresh_token, got.scopes, got.extra)

    def _sign_in(self, form: dict[str, str | None], call: Call) -> Steps[TokenSet]:
        """Get the first tokens."""
        raise TokenUnavailableError("the sign-in is over, and there is no refresh token; let the user sign in again")


class RefreshTokenCredential(UserCredential):
    """A user who signed in before: begins with what ``on_token`` kept.

    Args:
        application: Who asks, and where.
        tokens: What was kept: the whole set, or a refresh token alone.
        **options: ``scopes``, ``on_token`` and ``clock``, as for `OAuth2Credential`.

    Raises:
        ValueError: There is no refresh token.
    """

    __slots__ = ()

    def __init__(self, application: Application, tokens: TokenSet | str, **options: Unpack[CredentialOptions]) -> None:
        super().__init__(application, **options)
        self._refresh_token = tokens if isinstance(tokens, str) else tokens.refresh_token
        if not self._refresh_token:
            raise ValueError("there is no refresh token to begin with; the user has to sign in")
        if isinstance(tokens, TokenSet):
            self._token_cache.keep(self._scopes, tokens.access_token)


class PasswordCredential(UserCredential):
    """A user's name and password, handed to the application: the password grant (RFC 6749, section 4.3).

    RFC 9700 advises against it: the application sees the password, and there is no second factor. It is for servers
    that offer nothing else.
    """

    __slots__ = ("_user",)

    _signs_in_alone = True

    def __init__(self, application: Application, user: BasicCredential, **options: Unpack[CredentialOptions]) -> None:
        super().__init__(application, **options)
        self._user = user

    def _sign_in(self, form: dict[str, str | None], call: Call) -> Steps[TokenSet]:
        username, password = self._user.pair
        fields = {"grant_type": "password", "username": username, "password": password, **form}
        return (yield from self._endpoint.tokens(fields, call, is_repeatable=True))
