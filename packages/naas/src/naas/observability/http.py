"""What every request gets, in one place around the application: an id, a line in the log, a count, a span.

The id is that of the caller's ``X-Request-ID`` if it is a plain word, else one of ours; the answer carries it unless
the application has set its own (a submission answers with the id of its job). Costs about five microseconds without the
line and the span; what is logged or counted names the route and never the query, which may hold anything.
"""

from __future__ import annotations

import logging
import random
import re
import time
from typing import TYPE_CHECKING, Any, Final

from naas.observability.fields import bound
from naas.observability.tracing import NO_TRACING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, MutableMapping

    from naas.observability.metrics import Metrics
    from naas.observability.tracing import Span, Tracing

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Any, Any, Any], Awaitable[None]]

__all__ = ["Observed"]

log = logging.getLogger("naas.access")

# What a path is counted as that no route knows: a label per path would let anybody fill the memory.
UNMATCHED: Final = "unmatched"

# Asked every few seconds by machines: worth a line only to those who look for it.
PROBES: Final = frozenset({"/", "/healthcheck", "/v1/healthcheck", "/v2/healthcheck", "/livez", "/readyz", "/metrics"})

# Ids must differ, not be secret; and the kernel's random numbers cost every request a change of threads.
_random: Final = random.Random()

_PLAIN: Final = re.compile(rb"[A-Za-z0-9._\-]{1,64}")


class Observed:
    """An ASGI application around another one."""

    def __init__(
        self,
        app: App,
        *,
        metrics: Metrics | None = None,
        tracing: Tracing = NO_TRACING,
        access_log: bool = True,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._tracing = tracing
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with the inner application, and tell of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, trace = _ids(scope["headers"])
        exchange = _Exchange(scope, send, request_id)
        with bound(request_id=request_id.decode("ascii")):
            try:
                if self._tracing.is_on:
                    with self._tracing.span(scope["method"], parent=trace, server=True) as span:
                        _hand_on(scope, self._tracing.traceparent())
                        await self._app(scope, receive, exchange.send)
                        _describe(span, exchange)
                else:
                    await self._app(scope, receive, exchange.send)
            finally:
                self._tell(exchange)

    def _tell(self, exchange: _Exchange) -> None:
        seconds = time.perf_counter() - exchange.began
        scope, route = exchange.scope, exchange.route
        if self._metrics is not None:
            self._metrics.observe_request(scope["method"], route, exchange.status, seconds)
        if self._access_log:
            level = logging.DEBUG if route in PROBES and exchange.status < 500 else logging.INFO
            if log.isEnabledFor(level):
                text = "request method=%s path=%r status=%d milliseconds=%g client=%s"
                client = (scope.get("client") or ("-",))[0]
                log.log(level, text, scope["method"], scope["path"], exchange.status, round(seconds * 1000, 1), client)


class _Exchange:
    """One request on its way: what was answered, since when."""

    __slots__ = ("_request_id", "_send", "began", "scope", "status")

    def __init__(self, scope: Scope, send: Send, request_id: bytes) -> None:
        self.began = time.perf_counter()
        self.scope = scope
        # If nothing is answered: the caller hung up, which proxies note as 499 too.
        self.status = 499
        self._send = send
        self._request_id = request_id

    @property
    def route(self) -> str:
        """The template of the path, as the router has found it."""
        return self.scope.get("path_template") or UNMATCHED

    async def send(self, message: Message) -> None:
        """Pass on what the application says; the first message gets the id."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            if not any(name.lower() == b"x-request-id" for name, _ in headers):
                headers.append((b"x-request-id", self._request_id))
                message = {**message, "headers": headers}
        await self._send(message)


def _ids(headers: Iterable[tuple[bytes, bytes]]) -> tuple[bytes, str | None]:
    """Return the id of the request, the caller's or a new one, and the trace that it belongs to."""
    request_id, trace = None, None
    for name, value in headers:
        if name == b"x-request-id" and _PLAIN.fullmatch(value):
            request_id = value
        elif name == b"traceparent" and value.isascii():
            trace = value.decode("ascii")
    return request_id or b"%032x" % _random.getrandbits(128), trace


def _hand_on(scope: Scope, traceparent: str | None) -> None:
    """Let what reads the request's trace find our span, so that a job hangs below the request that submitted it."""
    if traceparent is not None:
        others = [field for field in scope["headers"] if field[0] != b"traceparent"]
        scope["headers"] = [*others, (b"traceparent", traceparent.encode("ascii"))]


def _describe(span: Span, exchange: _Exchange) -> None:
    """Name the span by its route, as OpenTelemetry's conventions for HTTP want it."""
    scope = exchange.scope
    span.rename(f"{scope['method']} {exchange.route}")
    span.set("http.request.method", scope["method"])
    span.set("http.route", exchange.route)
    span.set("http.response.status_code", exchange.status)
    span.set("url.path", scope["path"])
    if exchange.status >= 500:
        span.fail(str(exchange.status))
