"""Tells OpenTelemetry what a call did, and the service which trace it belongs to.

One span for an operation, one for each attempt below it, named and filled as the semantic conventions for HTTP say.
Each attempt carries ``traceparent`` and ``tracestate`` of its own span (W3C Trace Context), never ``baggage``: that may
hold anything, and the service is not part of the application. While our transport sends, the instrumentation of the
library below is told to be silent, or each attempt would have two spans; everything else goes on as it was.

Nothing here knows OpenTelemetry: it is imported by the first call that is traced.
"""

from __future__ import annotations

from typing import ClassVar

from ..pipeline import Flow
from ..rest import HttpRequest
from ..settings import Setting, flag

__all__ = ["TracingPolicy"]


def _usable(value: object) -> str:
    problem = flag(value)
    if value is True:
        try:
            from . import _spans as _spans
        except ModuleNotFoundError:
            problem = "effect with OpenTelemetry only: pip install 'clientsmith-core[tracing]'"
    return problem


class TracingPolicy:
    """Makes spans of the calls for which ``tracing_enabled`` is set. To whom they go is the application's to configure.

    A span of a list is one page, a span of a long running operation one request. What a streamed body takes to arrive
    is not part of a span.
    """

    # Off by default: a trace id tells the service which of its requests belong together, so somebody has to want that.
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("tracing_enabled", False, "whether calls become OpenTelemetry spans", check=_usable),
    )

    def send(self, request: HttpRequest, /) -> Flow:
        """Yield the request, with a span around it if this call is traced."""
        if not request.call.settings["tracing_enabled"]:
            return (yield request)
        from ._spans import OperationSpan

        with OperationSpan(request) as span:
            response = yield request
            span.answered(response)
            return response
