"""The spans of a call. Imported when a call is traced: OpenTelemetry takes 60 ms.

A generator makes and ends its span and never makes it current, for whoever resumes it is somebody else's frame. The
span of an attempt is current while the transport works, in the frame that asks it to (`TracedSend`).
"""

from __future__ import annotations

from functools import partial
from types import TracebackType
from typing import Any, Final, Self

from opentelemetry import context, trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from .._origin import origin_of
from ..errors import TransportError
from ..pipeline import IO, MACHINERY, Ask, AsyncIO
from ..redaction import redact_url
from ..rest import HttpRequest, HttpResponse

__all__ = ["OperationSpan", "TracedSend"]

MACHINERY.add(__file__)

_W3C: Final = TraceContextTextMapPropagator()

# Where the instrumentations of HTTP libraries look whether somebody above does their work already.
_SUPPRESS: Final[str | None] = getattr(context, "_SUPPRESS_HTTP_INSTRUMENTATION_KEY", None)

# Methods that the conventions know by name; another one could be anything, and names of spans have to be few.
_METHODS: Final = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})


def _start(name: str, kind: SpanKind, attributes: dict[str, Any], parent: context.Context | None = None) -> Span:
    return trace.get_tracer("clientsmith.core").start_span(name, parent, kind, attributes)


class _Ending:
    """A span that ends with a block, and tells how."""

    __slots__ = ("span",)

    span: Span

    def __enter__(self) -> Self:
        return self

    def answered(self, response: HttpResponse) -> None:
        """Tell the status; what the conventions call an error for a client begins at 400."""
        self.span.set_attribute("http.response.status_code", response.status_code)
        if response.status_code >= 400:
            self.span.set_attribute("error.type", str(response.status_code))
            self.span.set_status(Status(StatusCode.ERROR))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            # A generator that is closed belongs to a call that was cancelled.
            name = "cancelled" if isinstance(error, GeneratorExit) else type(error).__qualname__
            self.span.set_attribute("error.type", name)
            # As for the log: our own words hold no secret, those of others might.
            self.span.set_status(Status(StatusCode.ERROR, str(error) if isinstance(error, TransportError) else name))
        self.span.end()


class OperationSpan(_Ending):
    """The span of a call: redirects, retries and the waits between them included."""

    __slots__ = ()

    def __init__(self, request: HttpRequest) -> None:
        template = request.call.template
        method = request.method if request.method in _METHODS else "HTTP"
        attributes = {"url.template": template} if template else {}
        self.span = _start(f"{method} {template}" if template else method, SpanKind.INTERNAL, attributes)
        # The attempts find their parent here, whatever is current when they are made.
        request.call.through = partial(TracedSend, trace.set_span_in_context(self.span))


class _AttemptSpan(_Ending):
    __slots__ = ("_token",)

    def __init__(self, request: HttpRequest, parent: context.Context) -> None:
        method = request.method if request.method in _METHODS else "HTTP"
        self.span = _start(method, SpanKind.CLIENT, _facts(request), parent)
        here = trace.set_span_in_context(self.span, parent)
        carrier: dict[str, str] = {}
        _W3C.inject(carrier, here)
        for name, value in carrier.items():
            request.headers.setdefault(name, value)
        self._token = context.attach(here if _SUPPRESS is None else context.set_value(_SUPPRESS, True, here))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        context.detach(self._token)
        super().__exit__(kind, error, traceback)


def _facts(request: HttpRequest) -> dict[str, Any]:
    """Return what the conventions want to be known when the span of an attempt is made."""
    origin = origin_of(request.url)
    facts: dict[str, Any] = {
        "http.request.method": request.method if request.method in _METHODS else "_OTHER",
        "url.full": redact_url(request.url),
        "server.address": origin.host,
        "server.port": origin.port,
    }
    if request.call.template:
        facts["url.template"] = request.call.template
    if request.method not in _METHODS:
        facts["http.request.method_original"] = request.method
    if request.call.attempts > 1:
        facts["http.request.resend_count"] = request.call.attempts - 1
    return facts


class TracedSend(Ask[HttpResponse]):
    """Has the transport send a request, in the context of the attempt's span."""

    __slots__ = ("_parent", "_request")

    def __init__(self, parent: context.Context, request: HttpRequest) -> None:
        self._parent = parent
        self._request = request

    def perform(self, io: IO) -> HttpResponse:
        with _AttemptSpan(self._request, self._parent) as span:
            response = io.send(self._request)
            span.answered(response)
            return response

    async def perform_async(self, io: AsyncIO) -> HttpResponse:
        with _AttemptSpan(self._request, self._parent) as span:
            response = await io.send(self._request)
            span.answered(response)
            return response
