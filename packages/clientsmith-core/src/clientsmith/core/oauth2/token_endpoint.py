"""Requests to an authorization server and what it answers, as steps without I/O (RFC 6749, sections 3.2 and 5)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from ..credentials.tokens import AccessToken
from ..errors import HttpResponseError, TokenRefusedError
from ..pipeline import Steps
from ..policies.authentication.token_requests import TokenRequests, without
from ..rest import Call, HttpRequest, HttpResponse
from .application import Application

__all__ = ["TokenEndpoint", "TokenSet"]


@dataclass(frozen=True, slots=True, repr=False)
class TokenSet:
    """What an authorization server gave.

    Attributes:
        access_token: What requests are sent with.
        refresh_token: What the next access token is got with; None if the server gave none.
        scopes: What was granted; empty if the server does not say.
        extra: Everything else in the answer, ``id_token`` for example.
    """

    access_token: AccessToken
    refresh_token: str | None = None
    scopes: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values, all its secrets included: for a place where secrets are kept."""
        return {
            "access_token": self.access_token.token,
            # JSON knows no infinity.
            "expires_on": self.access_token.expires_on if math.isfinite(self.access_token.expires_on) else None,
            "refresh_token": self.refresh_token,
            "scopes": list(self.scopes),
            "extra": dict(self.extra),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TokenSet:
        """Return what `as_dict` made a dict of.

        Raises:
            KeyError: A part is missing.
        """
        expires_on = values["expires_on"]
        token = AccessToken(values["access_token"], math.inf if expires_on is None else expires_on)
        return cls(token, values["refresh_token"], tuple(values["scopes"]), dict(values["extra"]))

    def __repr__(self) -> str:
        refresh = "None" if self.refresh_token is None else "***"
        return f"TokenSet({self.access_token!r}, refresh_token={refresh}, scopes={self.scopes!r})"


# What may stand in an error: to see which scope was refused says what is wrong. Every other field may be a secret.
_NO_SECRETS: Final = frozenset({"claims", "client_id", "grant_type", "redirect_uri", "scope"})
_KNOWN: Final = frozenset({"access_token", "expires_in", "refresh_token", "scope", "token_type"})


class TokenEndpoint:
    """An authorization server, as one application talks to it."""

    def __init__(self, application: Application, clock: Callable[[], float]) -> None:
        """Take the application, and a clock in seconds since the epoch."""
        self.application = application
        self._clock = clock
        self._requests = TokenRequests()

    def tokens(self, form: Mapping[str, str | None], call: Call, *, is_repeatable: bool) -> Steps[TokenSet]:
        """Ask for tokens. What is repeatable is sent again when it is not known whether the server has seen it.

        Raises:
            TokenRefusedError: The server says why there are none.
            HttpResponseError: It has trouble of its own.
            TransportError: It could not be asked.
        """
        now = self._clock()  # before the request: a token never lives longer than we think
        url, fields = self.application.token_url, {**self.application.parameters, **form}
        response, answer = yield from self.ask(url, fields, call, is_repeatable=is_repeatable)
        token_type = str(answer.get("token_type", "Bearer"))
        access_token = answer.get("access_token")
        if not isinstance(access_token, str) or not access_token:
            raise TokenRefusedError("the answer holds no access token", response=response)
        if token_type.lower() != "bearer":  # RFC 6749, section 7.1: a type that is not known must not be used
            raise TokenRefusedError(f"the token is of type {token_type!r}; only bearer can be sent", response=response)
        refresh_token = answer.get("refresh_token")
        return TokenSet(
            AccessToken(access_token, now + _seconds(answer.get("expires_in"))),
            refresh_token if isinstance(refresh_token, str) and refresh_token else None,
            tuple(str(answer.get("scope") or "").split()),
            {name: value for name, value in answer.items() if name not in _KNOWN},
        )

    def ask(
        self, url: str, form: Mapping[str, str | None], call: Call, *, is_repeatable: bool
    ) -> Steps[tuple[HttpResponse, dict[str, Any]]]:
        """Send a form as this application, and return the response with the JSON object in it."""
        headers, proof = self.application.proof()
        fields = {**form, **proof}
        request = HttpRequest("POST", url, headers={"Accept": "application/json", **headers}, form=fields)
        secret = self.application.client_secret
        private = (value for name, value in fields.items() if name not in _NO_SECRETS)
        secrets = [value for value in (*private, secret.key if secret else "") if value]
        response = yield from self._requests.send(request, call, secrets, is_repeatable=is_repeatable)
        answer = _object_in(response)
        if response.is_success and answer and "error" not in answer:
            return response, answer
        code = answer.get("error")
        if code is None and (response.status_code >= 500 or response.status_code in (408, 429)):
            raise HttpResponseError.from_response(response)
        # Some servers answer 200 with an error.
        message = "the answer is not a JSON object" if response.is_success and not answer else ""
        response = without(secrets, response)
        raise TokenRefusedError(message, response=response, code=code if isinstance(code, str) else None)


def _object_in(response: HttpResponse) -> dict[str, Any]:
    try:
        parsed: object = response.json()
    except ValueError:
        return {}
    return cast("dict[str, Any]", parsed) if isinstance(parsed, dict) else {}


def _seconds(expires_in: object) -> float:
    """Return how long a token lives; for ever if the server does not say, for then only a 401 ends it."""
    try:
        seconds = float(cast("str", expires_in))
    except (TypeError, ValueError):
        return math.inf
    return seconds if seconds == seconds else math.inf
