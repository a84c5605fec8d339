"""How an exchange with a service is written into a cassette, and read again."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any, Final, TypeAlias, cast

from .. import errors
from ..errors import TransportError
from ..redaction import REDACTED
from ..rest import Headers, HttpRequest, HttpResponse
from .answers import Answer
from .redaction import Redaction

__all__ = ["BODY_KEYS", "Exchange", "answer_of", "error_of", "scrubbed", "written_error", "written_request",
           "written_response"]  # fmt: skip

Exchange: TypeAlias = "dict[str, dict[str, Any]]"
"""``request``, and ``response``, ``error``, or both of a body that broke off, as they are written."""

BODY_KEYS: Final = ("json", "text", "base64")

# What a transport says about the way of the bytes; the body is written as it was read.
_ROAD_HEADERS: Final = frozenset(
    {"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"}
)
_BOUNDARY: Final = "boundary"
_DRAWN_HEADERS: Final = frozenset(
    {"idempotency-key", "traceparent", "x-client-request-id", "x-correlation-id", "x-request-id"}
)


# --- writing ---------------------------------------------------------------------------------------------------------


def written_request(request: HttpRequest, content: bytes, redaction: Redaction) -> dict[str, Any]:
    """Return a request as it is written."""
    headers = request.headers.copy()
    media_type = headers.get("Content-Type", "")
    boundary = _boundary_of(media_type)
    if boundary:  # drawn at random for each request: no two would be the same
        content = content.replace(boundary.encode(), _BOUNDARY.encode())
        headers["Content-Type"] = media_type.replace(boundary, _BOUNDARY)
    return {
        "method": request.method,
        "url": redaction.url(request.url),
        "headers": _sorted(redaction.headers(headers, is_request=True) | _drawn(headers)),
        **_written_body(content, media_type.partition(";")[0].strip().lower(), redaction),
    }


def _drawn(headers: Headers) -> dict[str, str]:
    """Return what stands for values that are drawn at random: a new recording is to differ where the service does."""
    return {name.lower(): REDACTED for name in headers if name.lower() in _DRAWN_HEADERS}


def _boundary_of(media_type: str) -> str:
    if not media_type.lower().startswith("multipart/"):
        return ""
    parameters = (part.strip().partition("=") for part in media_type.split(";")[1:])
    return next((value.strip('"') for name, _, value in parameters if name.lower() == "boundary"), "")


def written_response(response: HttpResponse, content: bytes, redaction: Redaction) -> dict[str, Any]:
    """Return an answer as it is written."""
    fields = {name: value for name, value in response.headers.items() if name.lower() not in _ROAD_HEADERS}
    return {
        "status": response.status_code,
        **({"reason": response.reason} if response.reason else {}),
        "headers": _sorted(redaction.headers(fields, is_request=False)),
        **_written_body(content, response.content_type, redaction),
    }


def written_error(error: TransportError) -> dict[str, Any]:
    """Return what broke a road as it is written."""
    return {
        "type": type(error).__name__,
        "message": str(error.args[0]),
        "is_unsent": error.is_unsent,
        "is_transient": error.is_transient,
    }


def _written_body(content: bytes, kind: str, redaction: Redaction) -> dict[str, Any]:
    """Return a body in the form that people read best."""
    if not content:
        return {}
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(_redacted_bytes(content, kind, redaction)).decode()}
    if kind == "application/x-www-form-urlencoded":
        return {"text": redaction.form(text)}
    if kind == "application/json" or kind.endswith("+json"):
        try:
            value = json.loads(text)
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        except ValueError:  # no JSON, or what a file in UTF-8 cannot hold: half a surrogate pair, a number beyond all
            return {"text": redaction.text(text)}
        return {"json": redaction.json(value)}
    return {"text": redaction.text(text)}


def _redacted_bytes(content: bytes, kind: str, redaction: Redaction) -> bytes:
    if not kind.startswith("multipart/"):  # where a password may stand beside a picture
        return content
    text = content.decode("utf-8", "surrogateescape")
    return redaction.text(text).encode("utf-8", "surrogateescape")


def _sorted(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): headers[name] for name in sorted(headers, key=str.lower)}


def scrubbed(value: Any, redaction: Redaction) -> Any:
    """Return a JSON value without anything that was found to be a secret."""
    if isinstance(value, str):
        return redaction.everywhere(value)
    if isinstance(value, list):
        return [scrubbed(item, redaction) for item in cast("Iterable[Any]", value)]
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        if "base64" in fields and isinstance(fields["base64"], str):
            fields = {**fields, "base64": _scrubbed_bytes(fields["base64"], redaction)}
        return {redaction.everywhere(name): scrubbed(item, redaction) for name, item in fields.items()}
    return value


def _scrubbed_bytes(encoded: str, redaction: Redaction) -> str:
    try:
        text = base64.b64decode(encoded, validate=True).decode("utf-8", "surrogateescape")
    except ValueError:  # a field of some JSON that only has this name
        return encoded
    return base64.b64encode(redaction.everywhere(text).encode("utf-8", "surrogateescape")).decode()


# --- reading ---------------------------------------------------------------------------------------------------------


def answer_of(said: dict[str, Any], error: TransportError | None) -> Answer:
    """Return the answer that was written, its body broken off if there was an error."""
    content = _content_of(said)
    return Answer(
        said["status"],
        content=content,
        chunks=None if error is None else [content, error],
        headers=said["headers"],
        reason=said.get("reason", ""),
    )


def _content_of(written: dict[str, Any]) -> bytes:
    if "json" in written:
        return json.dumps(written["json"], ensure_ascii=False).encode()
    if "base64" in written:
        return base64.b64decode(written["base64"])
    return str(written.get("text", "")).encode()


def error_of(told: dict[str, Any], request: HttpRequest) -> TransportError:
    """Return the error that was written."""
    kind = getattr(errors, told["type"], None)
    if not (isinstance(kind, type) and issubclass(kind, TransportError)):
        kind = TransportError
    return kind(told["message"], request=request, is_unsent=told["is_unsent"], is_transient=told["is_transient"])
