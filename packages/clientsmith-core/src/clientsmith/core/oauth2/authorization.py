"""Sign-in with a browser: the authorization code grant with PKCE (RFC 6749, section 4.1; RFC 7636)."""

from __future__ import annotations

import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from urllib.parse import parse_qs, urlencode, urlsplit

from ..errors import SignInError
from ..pipeline import Steps
from ..rest import Call
from .application import Application
from .grants import UserCredential
from .token_endpoint import TokenSet

__all__ = ["AuthorizationCodeCredential", "AuthorizationRequest"]


class AuthorizationRequest:
    """A sign-in that has begun: send the user to `url`, and give where the browser comes back to `credential`.

    A web application keeps ``state`` and ``code_verifier`` in the user's session in between, and makes an equal request
    of them when the user comes back.

    Args:
        application: Who asks; it needs an ``authorization_url``.
        redirect_uri: Where the browser comes back, as registered.
        scopes: What to ask for.
        state: Ties the redirect to the session that began it. By default a new random one.
        code_verifier: Ties the code to this application's request (RFC 7636). By default a new random one.

    Raises:
        ValueError: The application has no ``authorization_url``.
    """

    __slots__ = ("application", "code_verifier", "redirect_uri", "scopes", "state")

    def __init__(
        self,
        application: Application,
        redirect_uri: str,
        *,
        scopes: Sequence[str] = (),
        state: str | None = None,
        code_verifier: str | None = None,
    ) -> None:
        if application.authorization_url is None:
            raise ValueError("the application has no authorization_url to send users to; give it one")
        self.application = application
        self.redirect_uri = redirect_uri
        self.scopes = tuple(scopes)
        self.state = state or secrets.token_urlsafe(32)
        self.code_verifier = code_verifier or secrets.token_urlsafe(48)

    def url(self, **parameters: str) -> str:
        """Return where to send the user; ``parameters`` are added to it, ``prompt="consent"`` for example."""
        digest = sha256(self.code_verifier.encode("ascii")).digest()
        fields = {
            **parameters,  # first: none of them replaces what the sign-in stands on
            "response_type": "code",
            "client_id": self.application.client_id,
            "redirect_uri": self.redirect_uri,
            **({"scope": " ".join(self.scopes)} if self.scopes else {}),
            "state": self.state,
            "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode("ascii"),
            "code_challenge_method": "S256",
        }
        base = str(self.application.authorization_url)
        return f"{base}{'&' if '?' in base else '?'}{urlencode(fields)}"

    def credential(
        self,
        redirected: str,
        *,
        on_token: Callable[[TokenSet], object] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> AuthorizationCodeCredential:
        """Return the credential of the user who came back, from the URL or the query that the browser came back with.

        Raises:
            SignInError: The user or the server said no, or the redirect does not belong to this request.
        """
        query = parse_qs(urlsplit(redirected).query or redirected.partition("?")[2] or redirected)
        # What comes twice was tampered with (RFC 6749, section 3.1): it counts as not there.
        answer = {name: values[0] for name, values in query.items() if len(values) == 1}
        # Compared in constant time, and before anything else is believed (RFC 6749, section 10.12).
        if not hmac.compare_digest(answer.get("state", "").encode(), self.state.encode()):
            raise SignInError(
                "the redirect does not belong to this sign-in: its state is another one; begin again, and keep the "
                "state in the session of the user who began"
            )
        issuer = answer.get("iss")
        if self.application.issuer is not None and issuer != self.application.issuer:
            raise SignInError(f"the redirect comes from the issuer {issuer!r}, not from {self.application.issuer!r}")
        if "error" in answer:
            raise SignInError(answer.get("error_description", ""), error_code=answer["error"])
        if "code" not in answer:
            raise SignInError("the redirect holds no code; is it the whole URL that the browser came back with?")
        return AuthorizationCodeCredential(self, answer["code"], on_token=on_token, clock=clock)

    def __repr__(self) -> str:
        return f"AuthorizationRequest({self.application!r}, {self.redirect_uri!r})"


class AuthorizationCodeCredential(UserCredential):
    """A user who has just signed in with a browser. The code is good for one use; refresh tokens go on from there.

    Args:
        request: What the user was sent away with.
        code: What the browser came back with.
        on_token: As for `OAuth2Credential`.
        clock: As for `OAuth2Credential`.
    """

    __slots__ = ("_code", "_request")

    def __init__(
        self,
        request: AuthorizationRequest,
        code: str,
        *,
        on_token: Callable[[TokenSet], object] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(request.application, scopes=request.scopes, on_token=on_token, clock=clock)
        self._request = request
        self._code: str | None = code

    def _sign_in(self, form: dict[str, str | None], call: Call) -> Steps[TokenSet]:
        code, self._code = self._code, None  # one use, whatever becomes of it
        if code is None:
            return (yield from super()._sign_in(form, call))
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._request.redirect_uri,
            "code_verifier": self._request.code_verifier,
        }
        return (yield from self._endpoint.tokens(fields, call, is_repeatable=False))
