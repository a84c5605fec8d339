"""What may be shown of a URL or a header in a log, a message or a repr.

The rule is an allow-list: a name stays, its value is shown only if the name is known to be harmless. A deny-list
fails the day somebody invents a new name for a secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit, urlunsplit

__all__ = ["REDACTED", "SAFE_HEADERS", "SAFE_QUERY", "SECRET_HEADERS", "redact_headers", "redact_url"]

REDACTED: Final = "***"

SAFE_HEADERS: Final = frozenset(
    {
        "accept", "accept-encoding", "age", "alert", "allow", "api-supported-versions", "api-version",
        "azure-deprecating", "cache-control", "connection", "content-encoding", "content-language",
        "content-length", "content-range", "content-type", "date", "deprecation", "etag", "expires",
        "idempotency-key", "if-match", "if-modified-since", "if-none-match", "if-unmodified-since",
        "last-modified", "openstack-api-version", "pragma", "retry-after", "retry-after-ms", "server",
        "stripe-version", "sunset", "traceparent", "transfer-encoding", "user-agent", "vary", "via", "warning",
        "x-api-version", "x-client-request-id", "x-correlation-id", "x-github-api-version", "x-ms-version",
        "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-request-id",
    }
)  # fmt: skip

# Secrets by their definition: no setting makes them visible.
SECRET_HEADERS: Final = frozenset(
    {"authorization", "cookie", "proxy-authorization", "set-cookie",
     "x-auth-token", "x-service-token", "x-storage-token", "x-subject-token"}  # OpenStack
)  # fmt: skip

# Values that are URLs: shown as `redact_url` shows them.
URL_HEADERS: Final = frozenset({"azure-asyncoperation", "content-location", "location", "operation-location"})

SAFE_QUERY: Final = frozenset(
    {"api-version", "api_version", "cursor", "fields", "filter", "limit", "offset", "order", "page", "page_size",
     "per_page", "q", "sort", "state", "status", "top", "version", "wait"}
)  # fmt: skip


def redact_url(url: str, safe: Iterable[str] = SAFE_QUERY) -> str:
    """Return the URL without user info and with the values of unknown query parameters hidden.

    A string that cannot be parsed as a URL is not shown at all.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # one that is no number may be a password that lost its user
    except ValueError:
        return REDACTED
    host = parts.netloc.rpartition("@")[2]
    fields = (field.partition("=") for field in parts.query.split("&")) if parts.query else ()
    # To some servers a semicolon begins the next parameter, and its name is not looked at here.
    shown = ((name, value if name.lower() in safe and ";" not in value else REDACTED) for name, _, value in fields)
    query = "&".join(f"{name}={value}" for name, value in shown)
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def redact_headers(headers: Mapping[str, str], safe: Iterable[str] = SAFE_HEADERS) -> dict[str, str]:
    """Return the headers with the values of all but the safe ones hidden; names stay: one sees what was sent."""
    return {name: _shown(name.lower(), value, safe) for name, value in headers.items()}


def _shown(name: str, value: str, safe: Iterable[str]) -> str:
    if name in URL_HEADERS:
        return redact_url(value)
    return value if name in safe else REDACTED
