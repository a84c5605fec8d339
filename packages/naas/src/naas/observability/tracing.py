"""Spans, for OpenTelemetry, and nothing at all where nobody asked for them.

The service speaks to `Tracing`, which has two forms: `NO_TRACING` does nothing and needs no package; `set_up_tracing`
gives one over OpenTelemetry (``naas[tracing]``). A trace goes from the request through the job to the worker by its
W3C ``traceparent``, which the job carries (https://www.w3.org/TR/trace-context/).

Attributes hold no command text and no configuration: both may hold secrets.
"""

from __future__ import annotations

import contextlib
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

from naas import __version__
from naas.errors import StartError

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextlib import AbstractContextManager

    from naas.config import Settings

__all__ = ["NO_TRACING", "NoTracing", "OtelTracing", "Span", "Tracing", "set_up_tracing"]

Value = str | int | float | bool


class Span(Protocol):
    """Something that takes time."""

    def set(self, name: str, value: Value) -> None:
        """Add an attribute."""
        ...

    def rename(self, name: str) -> None:
        """Give it the name that was not known when it began."""
        ...

    def fail(self, reason: str) -> None:
        """Mark it as failed; the reason must hold no secret."""
        ...

    def end(self) -> None:
        """Say that it is over; only for one from `Tracing.begin`."""
        ...


class Tracing(Protocol):
    """Makes spans."""

    @property
    def is_on(self) -> bool:
        """Whether spans go anywhere; if not, attributes need not be worked out."""
        ...

    def span(
        self, name: str, *, parent: str | None = None, server: bool = False, **attributes: Value
    ) -> AbstractContextManager[Span]:
        """Time the block. The parent is the span around it here, or that of a ``traceparent`` from elsewhere.

        Names of attributes are written with underscores for dots: ``job_id`` becomes ``job.id``. An error that leaves
        the block marks the span as failed with the error's type, not its text.
        """
        ...

    def begin(self, name: str, *, parent: str | None = None, **attributes: Value) -> Span:
        """Begin what does not end in the same place; the caller ends it.

        From here on it is the parent of the spans that this task makes, and what runs in a copy of its context.
        """
        ...

    def traceparent(self) -> str | None:
        """Return the ``traceparent`` of the span around here, to hand on."""
        ...

    def shut_down(self) -> None:
        """Send what is waiting."""
        ...


class _NoSpan:
    def set(self, name: str, value: Value) -> None:
        """Do nothing."""

    def rename(self, name: str) -> None:
        """Do nothing."""

    def fail(self, reason: str) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""


class NoTracing:
    """A `Tracing` that does nothing."""

    is_on = False
    _span: Final = _NoSpan()
    _nothing: Final = contextlib.nullcontext(_span)

    def span(
        self,
        name: str,
        *,
        parent: str | None = None,
        server: bool = False,
        **attributes: Value,
    ) -> AbstractContextManager[Span]:
        """Return a block that is not timed."""
        return self._nothing

    def begin(self, name: str, *, parent: str | None = None, **attributes: Value) -> Span:
        """Return a span that does nothing."""
        return self._span

    def traceparent(self) -> str | None:
        """Return nothing to hand on."""
        return None

    def shut_down(self) -> None:
        """Do nothing."""


NO_TRACING: Final[Tracing] = NoTracing()


def set_up_tracing(settings: Settings, *, process: str) -> Tracing:
    """Return the tracing that the settings ask for; ``process`` is ``api`` or ``worker``.

    Raises:
        StartError: It is asked for, and its packages are not installed.
    """
    if not settings.otel_enabled:
        return NO_TRACING
    try:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as exc:
        raise StartError("OTEL_ENABLED needs more packages; install them with: pip install 'naas[tracing]'") from exc
    resource = Resource.create(
        {
            "service.name": settings.otel_service_name or f"naas-{process}",
            "service.version": __version__,
            "service.instance.id": socket.gethostname(),
            "deployment.environment.name": settings.app_environment,
        }
    )
    provider = TracerProvider(resource=resource)
    endpoint = settings.otel_exporter_otlp_endpoint
    exporter = OTLPSpanExporter(endpoint=endpoint, insecure=endpoint.startswith("http://"))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return OtelTracing(provider)


class OtelTracing:
    """A `Tracing` over a tracer provider of OpenTelemetry. It sets nothing global."""

    is_on = True

    def __init__(self, provider: Any) -> None:
        """Take the provider (``opentelemetry.sdk.trace.TracerProvider``); `shut_down` ends it."""
        from opentelemetry import context, trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._api, self._attach = trace, context.attach
        self._provider = provider
        self._tracer = trace.get_tracer("naas", __version__, provider)
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def span(
        self, name: str, *, parent: str | None = None, server: bool = False, **attributes: Value
    ) -> Generator[Span]:
        """Time the block."""
        kind = self._api.SpanKind.SERVER if server else self._api.SpanKind.INTERNAL
        opened = self._tracer.start_span(name, self._context(parent), kind, _dotted(attributes))
        with self._api.use_span(opened, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            span = _OtelSpan(opened)
            try:
                yield span
            except BaseException as exc:
                # Somebody within may have said it better.
                if not span.has_failed:
                    span.fail(type(exc).__qualname__)
                raise

    def begin(self, name: str, *, parent: str | None = None, **attributes: Value) -> Span:
        """Begin a span that the caller ends."""
        opened = self._tracer.start_span(name, self._context(parent), attributes=_dotted(attributes))
        # Never detached: the context goes with the task.
        self._attach(self._api.set_span_in_context(opened))
        return _OtelSpan(opened)

    def _context(self, parent: str | None) -> Any:
        return self._propagator.extract({"traceparent": parent}) if parent else None

    def traceparent(self) -> str | None:
        """Return the ``traceparent`` of the span around here."""
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier)
        return carrier.get("traceparent")

    def shut_down(self) -> None:
        """Send what is waiting."""
        self._provider.shutdown()


def _dotted(attributes: dict[str, Value]) -> dict[str, Value]:
    return {name.replace("_", "."): value for name, value in attributes.items()}


class _OtelSpan:
    def __init__(self, span: Any) -> None:
        self._span = span
        self.has_failed = False

    def set(self, name: str, value: Value) -> None:
        """Add an attribute; the name is written as it is."""
        self._span.set_attribute(name, value)

    def rename(self, name: str) -> None:
        """Give it another name."""
        self._span.update_name(name)

    def fail(self, reason: str) -> None:
        """Mark it as failed."""
        from opentelemetry.trace import Status, StatusCode

        self.has_failed = True
        self._span.set_attribute("error.type", reason)
        self._span.set_status(Status(StatusCode.ERROR, reason))

    def end(self) -> None:
        """Say that it is over."""
        self._span.end()
