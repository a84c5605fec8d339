"""Logs every attempt, and never a secret."""

from __future__ import annotations

import logging
from typing import ClassVar

from ..pipeline import HookPolicy
from ..redaction import redact_headers, redact_url
from ..rest import HttpRequest, HttpResponse
from ..settings import Setting

__all__ = ["LoggingPolicy"]

_logger = logging.getLogger("clientsmith.core.http")


class LoggingPolicy(HookPolicy):
    """One record for each request and each response, to the logger ``clientsmith.core.http``.

    INFO has method, redacted URL, status and attempt; DEBUG the header fields as well, of which only those known to be
    harmless show their value. Bodies are never logged. The same facts are attributes of the record (``extra``).
    """

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("logging_enabled", True, "whether requests and responses are logged"),
    )

    def on_request(self, request: HttpRequest, /) -> None:
        if not _logger.isEnabledFor(logging.INFO) or not request.call.settings["logging_enabled"]:
            return
        facts = {
            "http_method": request.method,
            "http_url": redact_url(request.url),
            "attempt": request.call.attempts + 1,
        }
        _logger.info("%s %s (attempt %d)", *facts.values(), extra=facts)
        if _logger.isEnabledFor(logging.DEBUG):
            _logger.debug("request headers: %s", redact_headers(request.headers))

    def on_response(self, request: HttpRequest, response: HttpResponse, /) -> None:
        if not _logger.isEnabledFor(logging.INFO) or not request.call.settings["logging_enabled"]:
            return
        facts = {
            "http_method": request.method,
            "http_url": redact_url(request.url),
            "http_status": response.status_code,
            "request_id": response.headers.get("X-Request-ID") or request.headers.get("X-Request-ID", ""),
        }
        _logger.info("%s %s answered %d (request id %s)", *facts.values(), extra=facts)
        if _logger.isEnabledFor(logging.DEBUG):
            _logger.debug("response headers: %s", redact_headers(response.headers))
