"""The errors of the runtime.

    ClientsmithError
    ├── UsageError                       your mistake: nothing was sent
    │   ├── UnknownSettingError            a misspelt setting (also a TypeError)
    │   ├── SettingError                   a setting's value cannot be used (also a TypeError and a ValueError)
    │   ├── FrozenClientError              a client was assigned to (also an AttributeError)
    │   ├── CredentialError                the credential does not fit the service (also a TypeError)
    │   └── InsecureTransportError         a secret would have travelled over plain http
    ├── TransportError                   the road between
    │   ├── ServiceRequestError            the request did not get through: it may be sent again
    │   │   └── ServiceRequestTimeoutError
    │   ├── ServiceResponseError           the request got through, the answer did not come back whole
    │   │   └── ServiceResponseTimeoutError
    │   └── DeadlineExceededError          `timeout` ran out (also a TimeoutError)
    ├── HttpResponseError                their answer: a status that is not a success
    │   ├── ClientAuthenticationError      401
    │   ├── ResourceNotModifiedError       304
    │   ├── ResourceNotFoundError          404
    │   ├── ResourceExistsError            409
    │   ├── ResourceModifiedError          412
    │   ├── TooManyRedirectsError
    │   ├── DecodeError                    a success whose body is not what it should be
    │   └── OperationFailedError           a long running operation ended, and not well
    └── PollTimeoutError                 the operation goes on, the waiting is over (also a TimeoutError)

Every error pickles, and none holds a connection or a secret. The parts are attributes; the text is made from them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from .redaction import redact_url

if TYPE_CHECKING:
    from .rest import HttpRequest, HttpResponse

__all__ = [
    "ClientAuthenticationError",
    "ClientsmithError",
    "CredentialError",
    "DeadlineExceededError",
    "DecodeError",
    "FrozenClientError",
    "HttpResponseError",
    "InsecureTransportError",
    "OperationFailedError",
    "PollTimeoutError",
    "ResourceExistsError",
    "ResourceModifiedError",
    "ResourceNotFoundError",
    "ResourceNotModifiedError",
    "ServiceRequestError",
    "ServiceRequestTimeoutError",
    "ServiceResponseError",
    "ServiceResponseTimeoutError",
    "SettingError",
    "TooManyRedirectsError",
    "TransportError",
    "UnknownSettingError",
    "UsageError",
]

# A service's own words in an error message are cut here: enough to read, too little to flood a log.
_MESSAGE_LIMIT = 500


def _restore(kind: type[BaseException], arguments: tuple[object, ...], state: dict[str, object]) -> BaseException:
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    error.__dict__.update(state)
    return error


class ClientsmithError(Exception):
    """Everything that this runtime raises on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        # The default calls the constructor with `args`, which fails for keyword-only parts: a pool of workers then
        # hangs on an error that it cannot read back.
        return _restore, (type(self), self.args, self.__dict__)


# --- your mistake ----------------------------------------------------------------------------------------------------


class UsageError(ClientsmithError):
    """The call cannot be made as it was written; nothing was sent."""


class UnknownSettingError(UsageError, TypeError):
    """A setting that no policy and no transport of this client declares.

    Attributes:
        name: The name as given.
        nearest: The most similar name that exists, None if there is none.
    """

    def __init__(self, name: str, nearest: str | None, known: Sequence[str]) -> None:
        hint = f"did you mean {nearest!r}?" if nearest else f"known settings: {', '.join(sorted(known))}"
        super().__init__(f"unknown setting {name!r}; {hint}")
        self.name, self.nearest = name, nearest


class SettingError(UsageError, TypeError, ValueError):
    """A setting whose value cannot be used.

    Attributes:
        name: The setting.
        wanted: What it takes.
    """

    def __init__(self, name: str, value: object, wanted: str) -> None:
        # Only numbers are shown: what stands in the wrong place may be a secret.
        shown = repr(value) if value is None or isinstance(value, int | float) else f"a {type(value).__name__}"
        super().__init__(f"{name} is {shown}; it takes {wanted}")
        self.name, self.wanted = name, wanted


class FrozenClientError(UsageError, AttributeError):
    """A client was assigned to. Clients are shared between threads and tasks, so they never change."""


class CredentialError(UsageError, TypeError):
    """The credential is missing or of a kind that the service does not take."""


class InsecureTransportError(UsageError):
    """A secret would have been sent unencrypted to another machine."""


# --- the road between ------------------------------------------------------------------------------------------------


class TransportError(ClientsmithError):
    """The request and its answer did not both arrive.

    Attributes:
        method, url: What was sent, the URL redacted; "" where the request is not known.
        attempts: Requests handed to the transport in this call, this one included.
        is_unsent: Whether it is certain that the service has not seen the request.
        is_transient: Whether it may pass by itself; a certificate that is not trusted will not be so in a second.
    """

    def __init__(
        self, message: str, *, request: HttpRequest | None = None, is_unsent: bool = False, is_transient: bool = True
    ) -> None:
        super().__init__(message)
        self.method = request.method if request else ""
        self.url = redact_url(request.url) if request else ""
        self.attempts = request.call.attempts if request else 0
        self.is_unsent = is_unsent
        self.is_transient = is_transient

    def __str__(self) -> str:
        text = str(self.args[0])
        if not self.method:
            return text
        tries = f" (attempt {self.attempts})" if self.attempts > 1 else ""
        return f"{self.method} {self.url}{tries}: {text}"


class ServiceRequestError(TransportError):
    """The service could not be reached, or the request was not sent whole."""


class ServiceRequestTimeoutError(ServiceRequestError, TimeoutError):
    """No connection within ``connect_timeout``."""


class ServiceResponseError(TransportError):
    """The request was sent; its answer broke off, was cut short or could not be understood."""


class ServiceResponseTimeoutError(ServiceResponseError, TimeoutError):
    """No byte of the answer within ``read_timeout``."""


class DeadlineExceededError(TransportError, TimeoutError):
    """The call took longer than its ``timeout``, which covers connecting, every attempt, the waits and the body."""


# --- their answer ----------------------------------------------------------------------------------------------------


class HttpResponseError(ClientsmithError):
    """The service answered with a status that is not a success.

    Attributes:
        status_code, reason: Of the answer.
        method, url: What was asked, the URL redacted.
        headers: The answer's header fields.
        body: The answer's body as bytes.
        error_code: The service's own code for what happened, None if it gives none.
        service_message: The service's own words, "" if it says nothing that can be read.
        request_id: The id under which the service knows the request, None if unknown.
        attempts: Requests sent in this call, this one included.
        model: The documented error model, read from the body; None if the answer does not have one.
    """

    def __init__(self, message: str = "", *, response: HttpResponse, model: Any = None) -> None:
        super().__init__(message)
        request = response.request
        self.status_code = response.status_code
        self.reason = response.reason or _standard_reason(response.status_code)
        self.method = request.method
        self.url = redact_url(request.url)
        self.headers: Mapping[str, str] = response.headers
        self.body = b"" if response.body is not None else response.content
        self.request_id = response.headers.get("X-Request-ID") or request.headers.get("X-Request-ID")
        self.attempts = request.call.attempts
        self.model = model
        self.error_code, self.service_message = _service_error(self.body)

    @classmethod
    def from_response(cls, response: HttpResponse, model: Any = None) -> HttpResponseError:
        """Return the error class that stands for the status, filled from the response."""
        return _BY_STATUS.get(response.status_code, HttpResponseError)(response=response, model=model)

    def __str__(self) -> str:
        text = f"{self.method} {self.url} answered {self.status_code} {self.reason}".rstrip()
        said = str(self.args[0]) if self.args and self.args[0] else self.service_message
        if self.error_code and self.error_code not in said:
            said = f"{self.error_code}: {said}" if said else self.error_code
        facts = [f"request id {self.request_id}"] if self.request_id else []
        if self.attempts > 1:
            facts.append(f"{self.attempts} attempts")
        return text + (f": {said}" if said else "") + (f" ({', '.join(facts)})" if facts else "")


class ClientAuthenticationError(HttpResponseError):
    """401: the credential is missing, wrong or expired."""


class ResourceNotModifiedError(HttpResponseError):
    """304: the resource still is what the caller has."""


class ResourceNotFoundError(HttpResponseError):
    """404: there is no such resource."""


class ResourceExistsError(HttpResponseError):
    """409: the resource exists already, or its state does not allow the operation."""


class ResourceModifiedError(HttpResponseError):
    """412: the resource changed since the caller read it."""


class TooManyRedirectsError(HttpResponseError):
    """The service kept sending the client elsewhere."""


class DecodeError(HttpResponseError):
    """The status says success, the body is not what the operation answers with."""


class OperationFailedError(HttpResponseError):
    """A long running operation ended in a state that is not a success.

    Attributes:
        status: The state as the service calls it, ``failed`` for example.
    """

    def __init__(self, message: str = "", *, response: HttpResponse, status: str, model: Any = None) -> None:
        super().__init__(message or f"the operation ended as {status!r}", response=response, model=model)
        self.status = status


class PollTimeoutError(ClientsmithError, TimeoutError):
    """The time to wait is over; the operation goes on at the service.

    Attributes:
        continuation_token: Give it to the ``begin_`` method, in any process, to go on waiting.
        status: The last known state.
    """

    def __init__(self, seconds: float, status: str, continuation_token: str) -> None:
        super().__init__(seconds, status, continuation_token)
        self.seconds, self.status, self.continuation_token = seconds, status, continuation_token

    def __str__(self) -> str:
        return (
            f"the operation was still {self.status!r} after {self.seconds:g} s; call result() again, "
            "or resume later with continuation_token"
        )


_BY_STATUS: Mapping[int, type[HttpResponseError]] = {
    304: ResourceNotModifiedError,
    401: ClientAuthenticationError,
    404: ResourceNotFoundError,
    409: ResourceExistsError,
    412: ResourceModifiedError,
}


def _standard_reason(status_code: int) -> str:
    try:
        return HTTPStatus(status_code).phrase
    except ValueError:
        return ""


def _service_error(body: bytes) -> tuple[str | None, str]:
    """Return the service's code and message from the shapes that error bodies have in the field.

    ``{"error": {"code", "message"}}`` (Azure, Google), ``{"code", "message"}``, ``{"error": "…", "error_description"}``
    (OAuth2, RFC 6749) and problem details ``{"type", "title", "detail"}`` (RFC 9457).
    """
    try:
        parsed = json.loads(body) if body else None
    except (ValueError, RecursionError):  # the second: thousands of brackets, to hide the status
        return None, ""
    if not isinstance(parsed, dict):
        return None, ""
    outer = cast("dict[str, object]", parsed)
    inner = outer.get("error")
    fields = cast("dict[str, object]", inner) if isinstance(inner, dict) else outer
    code = _first(fields, ("code", "error_code", "errorCode"))
    said = _first(fields, ("message", "detail", "error_description", "title", "msg"))
    if isinstance(inner, str):
        said = said or inner
    return code or None, said[:_MESSAGE_LIMIT]


def _first(fields: Mapping[str, object], names: Sequence[str]) -> str:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool):
            return str(value)
    return ""
