"""Requests for tokens: over the transport of the client that needs one, past its policies and its credential."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ...pipeline import IO, Ask, AsyncIO, Chain, Flow, FlowPolicy, HookPolicy, settings_of
from ...rest import Call, Headers, HttpRequest, HttpResponse
from ..logging import LoggingPolicy
from ..retry import RetryPolicy
from ..user_agent import UserAgentPolicy

__all__ = ["TokenRequests", "without"]


class TokenRequests:
    """Sends what a credential asks its token service. No redirect is followed: secrets go where they were meant to."""

    def __init__(self) -> None:
        policies: list[HookPolicy | FlowPolicy] = [UserAgentPolicy("clientsmith-core"), RetryPolicy(), LoggingPolicy()]
        self._chain = Chain(policies)
        self._defaults = {setting.name: setting.default for setting in settings_of(policies)}

    def send(self, request: HttpRequest, call: Call, secrets: Sequence[str], *, is_repeatable: bool) -> Flow:
        """Send a request within the call that needs the token.

        What is not a success comes without the secrets that were sent: some services repeat what was wrong in what they
        got, and errors keep bodies.

        Args:
            request: With an absolute URL.
            call: Whose deadline and settings count.
            secrets: What of the request nobody should see.
            is_repeatable: Whether to send it again when it is not known whether the service has seen it.
        """
        if is_repeatable:
            from os import urandom

            request.headers["Idempotency-Key"] = urandom(16).hex()  # what the retry policy goes by
        request.call = Call({**self._defaults, **call.settings}, deadline=call.deadline, clock=call.clock)
        request.call.through = partial(_Exchange, secrets)
        return self._chain.send(request)


class _Exchange(Ask[HttpResponse]):
    """One exchange with the token service."""

    __slots__ = ("_request", "_secrets")

    def __init__(self, secrets: Sequence[str], request: HttpRequest) -> None:
        self._request = request
        self._secrets = secrets

    def perform(self, io: IO) -> HttpResponse:
        response = io.send(self._request)
        return response if response.is_success else without(self._secrets, response)

    async def perform_async(self, io: AsyncIO) -> HttpResponse:
        response = await io.send(self._request)
        return response if response.is_success else without(self._secrets, response)


def without(secrets: Sequence[str], response: HttpResponse) -> HttpResponse:
    """Return the response with the secrets in its body and in its header fields hidden."""
    content, headers = response.content, response.headers.copy()
    for secret in secrets:
        if len(secret) >= 4:  # a shorter one hides nothing, and its letters are everywhere
            content = content.replace(secret.encode(), b"***")
            hidden = [(name, value.replace(secret, "***")) for name, value in headers.items()]
            headers = Headers.received(hidden)
    return HttpResponse(response.request, response.status_code, headers, content, reason=response.reason)
