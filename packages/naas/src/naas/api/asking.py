"""What a handler asks of its request: who is there, what was sent, which ids were chosen."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final, TypeVar

from litestar import Request

from naas.api.legacy import modern_body
from naas.api.validation import Raw, parse_body, parse_query
from naas.driver.base import address_of
from naas.errors import FieldProblem, InvalidRequest, UnusableRequestId
from naas.principals import Principal, Role
from naas.security.rate_limits import headers_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    import msgspec

    from naas.api.references import Resolver
    from naas.runtime import Runtime

__all__ = [
    "LONGEST_KEY",
    "HttpRequest",
    "admit",
    "body_of",
    "context_named",
    "device_named",
    "idempotency_key",
    "is_still",
    "job_id_of",
    "optional_body_of",
    "principal_of",
    "query_of",
    "request_id",
    "require_contexts",
    "resolver_of",
    "runtime_of",
    "trace_of",
]

HttpRequest = Request[Any, Any, Any]

_T = TypeVar("_T", bound="msgspec.Struct")

LONGEST_KEY: Final = 255
"""What an idempotency key may measure, in characters; holds a UUID, a ULID or a hash with room to spare."""

_IDEMPOTENCY_HEADERS: Final = ("idempotency-key", "x-idempotency-key")

# The longest host name there is (RFC 1035, section 2.3.4).
_LONGEST_NAME: Final = 253

# A traceparent of version 00 (W3C Trace Context, section 3.2); a longer one is of no version that we know.
_TRACE_CHARACTERS: Final = 55


def runtime_of(request: HttpRequest) -> Runtime:
    """Return the running service."""
    runtime: Runtime = request.app.state.runtime
    return runtime


def is_still(request: HttpRequest, principal: Principal) -> Callable[[], Awaitable[bool]]:
    """Return what says, as long as the request is answered, whether its credential is still good."""
    authenticator, headers = runtime_of(request).security.authenticator, request.headers

    async def ask() -> bool:
        return await authenticator.is_still(principal, headers)

    return ask


async def principal_of(request: HttpRequest, needed: Role = Role.VIEWER) -> Principal:
    """Return who asks.

    Raises:
        NotAuthenticated: Nobody that the service knows.
        RoleTooLow: Somebody who may not do this.
        LockedOut: Too many attempts from their address were wrong.
    """
    security = runtime_of(request).security
    client = "" if request.client is None else request.client.host
    principal = await security.authenticator.authenticate(request.headers, client)
    security.authorizer.require(principal, needed, f"{request.method} {request.scope['path']}")
    return principal


def admit(request: HttpRequest, principal: Principal, devices: Sequence[str]) -> Mapping[str, str]:
    """Count jobs of the caller against the limits, one for each device; return the headers that tell where they stand.

    Raises:
        LockedOut: Too many logins of this caller were refused.
        RateLimited: Too many jobs.
    """
    return headers_of(runtime_of(request).security.admission.admit(principal, devices))


def require_contexts(request: HttpRequest, principal: Principal, contexts: Iterable[object]) -> None:
    """Return if the caller's jobs may run in these contexts, as a body names them; what is no text is refused later.

    Raises:
        ContextRefused: The caller's key does not reach one of them.
    """
    authorizer = runtime_of(request).security.authorizer
    for context in contexts:
        if isinstance(context, str):
            authorizer.require_context(principal, context)


def context_named(raw: Raw, otherwise: object = "default") -> list[object]:
    """Return the context that a body names, before its fields are judged; none for a device of the inventory, which
    has its own."""
    return [] if raw.get("device") is not None else [raw.get("context") or otherwise]


def device_named(raw: Raw) -> str:
    """Return the device that a body names, before its fields are judged; text enough to count by."""
    host, port, name = raw.get("host"), raw.get("port", 22), raw.get("device")
    if isinstance(host, str) and isinstance(port, int):
        try:
            return address_of(host[:_LONGEST_NAME], port)
        except ValueError:  # it looks like an IPv6 address and is none: refused in a moment
            return host[:_LONGEST_NAME]
    return name[:_LONGEST_NAME] if isinstance(name, str) else ""


def resolver_of(request: HttpRequest) -> Resolver:
    """Return what resolves names of the inventory."""
    return runtime_of(request).inventory


async def body_of(request: HttpRequest) -> Raw:
    """Return the JSON object in the body; one that came to a path of old with the names of v2.

    Raises:
        WrongMediaType, NotJson, InvalidRequest: As `parse_body` does.
    """
    raw = parse_body(request.headers.get("content-type", ""), await request.body())
    return modern_body(raw) if request.scope["state"].get("is_legacy") else raw


async def optional_body_of(request: HttpRequest) -> Raw:
    """Return the JSON object in the body, an empty one if there is no body.

    Raises:
        WrongMediaType, NotJson, InvalidRequest: As `parse_body` does, if there is one.
    """
    body = await request.body()
    return parse_body(request.headers.get("content-type", ""), body, may_be_empty=True) if body.strip() else {}


def query_of(request: HttpRequest, struct: type[_T]) -> _T:
    """Return the query parameters.

    Raises:
        InvalidRequest: One is not as its type and bounds say.
    """
    return parse_query({name: str(request.query_params[name]) for name in request.query_params}, struct)


def job_id_of(text: str) -> str:
    """Return the id of a job as the store knows it.

    Raises:
        UnusableRequestId: It is no UUID.
    """
    try:
        return str(uuid.UUID(text))
    except ValueError as exc:
        raise UnusableRequestId(text) from exc


def request_id(request: HttpRequest) -> str | None:
    """Return the id that the caller chose for the job, if they did.

    Raises:
        UnusableRequestId: It is no UUID.
    """
    text = request.headers.get("x-request-id")
    return None if text is None else job_id_of(text)


def idempotency_key(request: HttpRequest) -> str | None:
    """Return the key that makes a repeated request one request, if there is one.

    Raises:
        InvalidRequest: It is too long.
    """
    headers = request.headers
    for header in _IDEMPOTENCY_HEADERS:
        if key := headers.get(header):
            if len(key) > LONGEST_KEY:
                problem = FieldProblem("wrong_length", ("header", header), f"at most {LONGEST_KEY} characters")
                raise InvalidRequest([problem])
            return key
    return None


def trace_of(request: HttpRequest) -> str | None:
    """Return the trace that the request belongs to (W3C ``traceparent``); one that is damaged is none."""
    trace = request.headers.get("traceparent")
    return trace if trace is not None and len(trace) == _TRACE_CHARACTERS and trace.isascii() else None
