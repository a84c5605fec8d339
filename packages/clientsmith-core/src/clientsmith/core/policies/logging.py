"""Logs every attempt, and never a secret."""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from ..errors import TransportError
from ..pipeline import HookPolicy
from ..redaction import SAFE_HEADERS, SAFE_QUERY, SECRET_HEADERS, redact_headers, redact_url
from ..rest import Headers, HttpRequest, HttpResponse
from ..settings import Setting, flag, names

if TYPE_CHECKING:
    from logging import Logger

__all__ = ["LoggingPolicy"]

_NAME: Final = "clientsmith.core.http"
_DEBUG, _INFO = 10, 20  # as in `logging`, which is found by `_listener` below
_logger: Logger | None = None


def _listener(level: int, request: HttpRequest) -> Logger | None:
    """Return the logger if it wants records of this level and the call may be logged.

    `logging` takes 5 ms to import, and a program that has not done so has no handler that would want anything.
    """
    global _logger
    if _logger is None:
        if "logging" not in sys.modules:
            return None
        from logging import getLogger

        _logger = getLogger(_NAME)
    return _logger if _logger.isEnabledFor(level) and request.call.settings["logging_enabled"] else None


def _header_names(value: object) -> str:
    problem = names(value)
    if problem:
        return problem
    secret = sorted(SECRET_HEADERS.intersection(name.lower() for name in cast("Collection[str]", value)))
    return f"names of header fields that hold no secrets, and {secret[0]} does" if secret else ""


class LoggingPolicy(HookPolicy):
    """Writes a record for each attempt to the logger ``clientsmith.core.http``: what was asked, what came of it.

    INFO has one record for an attempt when it is over, be it answered or failed: method, redacted URL, status or error,
    seconds, attempt, request id. DEBUG has one more before it is sent, and the header fields of both. Only header
    fields and query parameters that are known to be harmless show their value; ``logging_allowed_headers`` and
    ``logging_allowed_query`` add to what is known. Bodies are never logged.

    The facts are attributes of the record as well, for handlers that write JSON: ``http_method``, ``http_url``,
    ``attempt``, ``request_id`` and, when it is over, ``http_status`` or ``error_type``, and ``seconds``.
    """

    # Failures are no warnings: whoever called hears of the last one as an exception, and of the others from it.
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("logging_enabled", True, "whether requests and responses are logged", check=flag),
        Setting(
            "logging_allowed_headers", (), "more header fields whose values may stand in the log", check=_header_names
        ),
        Setting("logging_allowed_query", (), "more query parameters whose values may stand in the log", check=names),
    )

    def on_request(self, request: HttpRequest, /) -> None:
        logger = _listener(_DEBUG, request)
        if logger is None:
            return
        facts = _facts(request, request.call.attempts + 1)
        logger.debug(
            "%s %s is sent (attempt %d, request id %s), header: %s",
            *facts.values(),
            _shown(request.headers, request),
            extra=facts,
        )

    def on_response(self, request: HttpRequest, response: HttpResponse, /) -> None:
        logger = _listener(_INFO, request)
        if logger is None:
            return
        facts = _facts(request, request.call.attempts)
        facts["request_id"] = response.headers.get(_id_header(request)) or facts["request_id"]  # theirs finds it there
        seconds = request.call.clock() - request.sent_at
        logger.info(
            "%s %s answered %d after %.3f s (attempt %d, request id %s)",
            facts["http_method"],
            facts["http_url"],
            response.status_code,
            seconds,
            facts["attempt"],
            facts["request_id"],
            extra={**facts, "http_status": response.status_code, "seconds": seconds},
        )
        if logger.isEnabledFor(_DEBUG):
            logger.debug("header of the answer: %s", _shown(response.headers, request), extra=facts)

    def on_error(self, request: HttpRequest, error: Exception, /) -> None:
        logger = _listener(_INFO, request)
        if logger is None:
            return
        facts = _facts(request, request.call.attempts)
        seconds, kind = request.call.clock() - request.sent_at, type(error).__name__
        # Our own words are known to hold no secret. Those of an error that nobody foresaw are not.
        told = f"{kind}: {error.args[0]}" if isinstance(error, TransportError) else kind
        logger.info(
            "%s %s failed after %.3f s with %s (attempt %d, request id %s)",
            facts["http_method"],
            facts["http_url"],
            seconds,
            told,
            facts["attempt"],
            facts["request_id"],
            extra={**facts, "error_type": kind, "seconds": seconds},
        )


def _facts(request: HttpRequest, attempt: int) -> dict[str, Any]:
    settings = request.call.settings
    allowed: Collection[str] = settings["logging_allowed_query"]
    query = SAFE_QUERY.union(name.lower() for name in allowed) if allowed else SAFE_QUERY
    return {
        "http_method": request.method,
        "http_url": redact_url(request.url, query),
        "attempt": attempt,
        "request_id": request.headers.get(_id_header(request), ""),
    }


def _id_header(request: HttpRequest) -> str:
    name: str = request.call.settings.get("request_id_header", "X-Request-ID")
    return name


def _shown(headers: Headers, request: HttpRequest) -> dict[str, str]:
    allowed: Collection[str] = request.call.settings["logging_allowed_headers"]
    return redact_headers(headers, SAFE_HEADERS.union(name.lower() for name in allowed) if allowed else SAFE_HEADERS)
