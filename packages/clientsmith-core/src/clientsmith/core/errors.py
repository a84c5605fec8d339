"""The errors of the runtime.

    ClientsmithError
    ├── UsageError                       your mistake: nothing was sent
    │   ├── UnknownSettingError            a misspelt setting (also a TypeError)
    │   ├── SettingError                   a setting's value cannot be used (also a TypeError and a ValueError)
    │   ├── ArgumentError                  an argument cannot be sent as it is (also a TypeError and a ValueError)
    │   ├── FrozenClientError              a client was assigned to (also an AttributeError)
    │   ├── CredentialError                the credential does not fit the service (also a TypeError)
    │   ├── EndpointNotFoundError          a cloud's catalog has no such endpoint (also a LookupError)
    │   └── InsecureTransportError         a secret would have travelled over plain http
    ├── TransportError                   the road between
    │   ├── ServiceRequestError            the request did not get through: it may be sent again
    │   │   ├── ServiceRequestTimeoutError
    │   │   └── CircuitOpenError               the service is known to be down and left alone; nothing was sent
    │   ├── ServiceResponseError           the request got through, the answer did not come back whole
    │   │   └── ServiceResponseTimeoutError
    │   └── DeadlineExceededError          `timeout` ran out (also a TimeoutError)
    ├── HttpResponseError                their answer: a status that is not a success
    │   ├── ClientAuthenticationError      401
    │   │   └── TokenRefusedError              an authorization server gave no token
    │   ├── ResourceNotModifiedError       304
    │   ├── ResourceNotFoundError          404
    │   ├── ResourceExistsError            409
    │   ├── ResourceModifiedError          412
    │   ├── RateLimitedError               429
    │   ├── TooManyRedirectsError
    │   ├── DecodeError                    a success whose body is not what it should be
    │   └── OperationFailedError           a long running operation ended, and not well
    ├── ApiVersionError                  client and service differ about the API's version: `versioning.errors`
    ├── TokenUnavailableError            the credential failed to get a token: the request was not sent
    ├── SignInError                      a user did not sign in, or the redirect is not to be trusted
    ├── SignatureError                   a webhook's message is not signed as its service signs it
    └── PollTimeoutError                 the operation goes on, the waiting is over (also a TimeoutError)

Every error pickles, and none holds a connection or a secret. The parts are attributes; the text is made from them.

Some methods send several requests: retries, pages, polls. What such a method raises is the last error, with the earlier
ones in `ClientsmithError.previous` and the place to go on from in `ClientsmithError.continuation_token`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ._error_bodies import json_object, listed, service_error, shown
from .redaction import redact_url

if TYPE_CHECKING:
    from .rest import HttpRequest, HttpResponse

__all__ = [
    "ArgumentError",
    "CircuitOpenError",
    "ClientAuthenticationError",
    "ClientsmithError",
    "CredentialError",
    "DeadlineExceededError",
    "DecodeError",
    "EndpointNotFoundError",
    "FrozenClientError",
    "HttpResponseError",
    "InsecureTransportError",
    "OperationFailedError",
    "PollTimeoutError",
    "ProblemDetails",
    "RateLimitedError",
    "ResourceExistsError",
    "ResourceModifiedError",
    "ResourceNotFoundError",
    "ResourceNotModifiedError",
    "ServiceRequestError",
    "ServiceRequestTimeoutError",
    "ServiceResponseError",
    "ServiceResponseTimeoutError",
    "SettingError",
    "SignInError",
    "SignatureError",
    "TokenRefusedError",
    "TokenUnavailableError",
    "TooManyRedirectsError",
    "TransportError",
    "UnknownSettingError",
    "UsageError",
]


def _restore(kind: type[BaseException], arguments: tuple[object, ...], state: dict[str, object]) -> BaseException:
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    error.__dict__.update(state)
    return error


class ClientsmithError(Exception):
    """Everything that this runtime raises on purpose.

    Attributes:
        previous: The errors of the earlier tries of the same step, oldest first: a retry that ended in this error, a
            look at a long running operation that failed before this one did. They have no tracebacks.
        continuation_token: Where a list or a long running operation goes on after this error: give it to ``by_page``,
            or to the method called, in any process. None if there is nothing to go on with.
    """

    previous: Sequence[ClientsmithError] = ()
    continuation_token: str | None = None

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

    def __init__(self, name: str, nearest: str | None, known: Sequence[str], *, hint: str = "") -> None:
        likely = f"did you mean {nearest!r}?" if nearest else f"known settings: {', '.join(sorted(known))}"
        super().__init__(f"unknown setting {name!r}; {hint or likely}")
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


class ArgumentError(UsageError, TypeError, ValueError):
    """An argument of a method, or a header field, whose value cannot be sent.

    Attributes:
        name: The argument as the method calls it; the field's name where a header field was given as such.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(name, message)
        self.name = name

    def __str__(self) -> str:
        return str(self.args[1])


class FrozenClientError(UsageError, AttributeError):
    """A client was assigned to. Clients are shared between threads and tasks, so they never change."""


class CredentialError(UsageError, TypeError):
    """The credential is missing or of a kind that the service does not take."""


class EndpointNotFoundError(UsageError, LookupError):
    """The catalog of a cloud has no such endpoint, or several (`clientsmith.core.openstack`).

    Attributes:
        service_type, interface, region: What was looked for.
    """

    def __init__(self, service_type: str, interface: str, region: str | None, reason: str) -> None:
        super().__init__(service_type, interface, region, reason)
        self.service_type, self.interface, self.region = service_type, interface, region
        self._reason = reason

    def __str__(self) -> str:
        where = "" if self.region is None else f" in region {self.region!r}"
        return f"no {self.interface} endpoint of {self.service_type!r}{where} can be chosen: {self._reason}"


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


class CircuitOpenError(ServiceRequestError):
    """The service failed so often that it is left alone for a while; nothing was sent.

    Attributes:
        retry_after: Seconds until a request may try again.
    """

    def __init__(self, message: str, *, request: HttpRequest | None = None, retry_after: float = 0.0) -> None:
        # Not transient for our retries: they would wait for less than the rest that the service is given.
        super().__init__(message, request=request, is_unsent=True, is_transient=False)
        self.retry_after = retry_after


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
        error: The documented error as a model, read from the body; None if the answer does not have one.
        retry_after: Seconds to wait before trying again, as the service says; None if it does not.
        problem: The problem details of the body (RFC 9457), None if it has none.
    """

    def __init__(self, message: str = "", *, response: HttpResponse, error: Any = None) -> None:
        super().__init__(message)
        request = response.request
        self.status_code = response.status_code
        self.reason = response.reason or _standard_reason(response.status_code)
        self.method = request.method
        self.url: str = redact_url(request.url)
        self.headers: Mapping[str, str] = response.headers
        self.body = response._content or b""  # None while it is still on the wire
        own = request.call.settings.get("request_id_header", "X-Request-ID")
        self.request_id = response.headers.get(own) or _request_id(response.headers) or request.headers.get(own)
        self.attempts = request.call.attempts
        self.error = error
        self.retry_after = _retry_after(response)
        if request.call.previous:
            self.previous = request.call.previous
        document = json_object(self.body)
        self.error_code, self.service_message = service_error(document)
        self.problem = ProblemDetails.of(document) if response.content_type == "application/problem+json" else None

    @classmethod
    def from_response(
        cls, response: HttpResponse, error: Any = None, kinds: Sequence[type[HttpResponseError]] = ()
    ) -> HttpResponseError:
        """Return the error class that stands for the status, filled from the response.

        With ``error``, the first of ``kinds`` that is a subclass of that class is taken: a client's own class for it.
        """
        kind = _BY_STATUS.get(response.status_code, HttpResponseError)
        if response.status_code == 412:
            kind = _unmet_condition(response.request.headers)
        if error is not None:
            kind = next((own for own in kinds if issubclass(own, kind)), kind)
        return kind(response=response, error=error)

    def __str__(self) -> str:
        text = f"{self.method} {self.url} answered {self.status_code} {self.reason}".rstrip()
        said = str(self.args[0]) if self.args and self.args[0] else " ".join(self.service_message.split())
        if self.status_code >= 400 and not (self.args and self.args[0]):
            if not said and not self.error_code:
                said = shown(self.body)
            elif (problems := listed(self.body)) and problems not in said:
                said = f"{said}: {problems}" if said else problems
        # Some repeat the status as their code: "404", "401 Unauthorized".
        if self.error_code and self.error_code not in said and not self.error_code.startswith(str(self.status_code)):
            said = f"{self.error_code}: {said}" if said else self.error_code
        facts = [f"request id {self.request_id}"] if self.request_id else []
        if self.attempts > 1:
            facts.append(f"{self.attempts} attempts")
        return text + (f": {said}" if said else "") + (f" ({', '.join(facts)})" if facts else "")


class ClientAuthenticationError(HttpResponseError):
    """401: the credential is missing, wrong or expired."""


class TokenRefusedError(ClientAuthenticationError):
    """An authorization server answered a request for a token, and not with a token (RFC 6749, section 5.2).

    ``error_code`` is its word for the reason, ``invalid_client`` or ``invalid_grant`` for example, and
    ``service_message`` its description.
    """

    def __init__(self, message: str = "", *, response: HttpResponse, code: str | None = None) -> None:
        super().__init__(message, response=response)
        self.error_code = code or self.error_code
        if response.is_success:  # it may hold a token
            self.body = b""


class ResourceNotModifiedError(HttpResponseError):
    """304: the resource still is what the caller has. 412 where a change was to be made only if it is not."""


class ResourceNotFoundError(HttpResponseError):
    """404: there is no such resource. 412 where it had to be there (`MatchConditions.IfPresent`)."""


class ResourceExistsError(HttpResponseError):
    """409: the resource exists already, or its state does not allow the operation.

    412 where it had not to be there (`MatchConditions.IfMissing`).
    """


class ResourceModifiedError(HttpResponseError):
    """412: the resource changed since the caller read it."""


class RateLimitedError(HttpResponseError):
    """429: more was asked for than the service allows. Slow down, or wait for ``retry_after`` or ``reset_after``.

    Attributes:
        remaining: How many requests are left, as ``RateLimit`` and its older spellings say; None if they do not.
        reset_after: Seconds until there are new ones, None if the service does not say.
    """

    def __init__(self, message: str = "", *, response: HttpResponse, error: Any = None) -> None:
        super().__init__(message, response=response, error=error)
        self.remaining, self.reset_after = _allowance(response)


class TooManyRedirectsError(HttpResponseError):
    """The service kept sending the client elsewhere."""


class DecodeError(HttpResponseError):
    """The status says success, the body is not what the operation answers with.

    Attributes:
        position: Which line or event of a streamed body it was, from 1; None for a whole body.
    """

    position: int | None = None


class OperationFailedError(HttpResponseError):
    """A long running operation ended in a state that is not a success.

    Attributes:
        status: The state as the service calls it, ``failed`` for example.
    """

    def __init__(self, message: str = "", *, response: HttpResponse, status: str, error: Any = None) -> None:
        super().__init__(message or f"the operation ended as {status!r}", response=response, error=error)
        self.status = status


class TokenUnavailableError(ClientsmithError):
    """The credential could not get an access token, so the request was not sent. ``__cause__`` is what happened."""

    def __str__(self) -> str:
        return f"no access token could be got: {self.args[0]}" if self.args else "no access token could be got"


class SignInError(ClientsmithError):
    """A user's sign-in at an authorization server did not end with a permission.

    Attributes:
        error_code: The server's word for the reason, ``access_denied`` for example; None if it did not give one.
    """

    def __init__(self, message: str = "", *, error_code: str | None = None) -> None:
        super().__init__(message)
        self.error_code = error_code

    def __str__(self) -> str:
        return ": ".join(part for part in (self.error_code, str(self.args[0])) if part) or "the sign-in failed"


class SignatureError(ClientsmithError):
    """A webhook's message is not signed as its service signs it: it is another's, was changed, or is too old.

    Answer it with 400 or 401, and do nothing of what it says.
    """


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
        lately = f" (the last look failed: {self.previous[-1]})" if self.previous else ""
        return (
            f"the operation was still {self.status!r} after {self.seconds:g} s{lately}; call result() again, "
            "or resume later with continuation_token"
        )


_BY_STATUS: Mapping[int, type[HttpResponseError]] = {
    304: ResourceNotModifiedError,
    401: ClientAuthenticationError,
    404: ResourceNotFoundError,
    409: ResourceExistsError,
    412: ResourceModifiedError,
    429: RateLimitedError,
}


# --- what an answer tells --------------------------------------------------------------------------------------------


class ProblemDetails:
    """An error in the words of RFC 9457, ``application/problem+json``.

    Attributes:
        type: A URI that names the kind of problem; ``about:blank`` means that the status says it all.
        title: What kind of problem it is, for people; the same each time.
        status: The status as the origin server wrote it, None if it did not; a proxy may have changed the answer's.
        detail: What happened this time, for people.
        instance: A URI that names this occurrence, "" if there is none.
        extensions: Every other member, by its name.
    """

    __slots__ = ("detail", "extensions", "instance", "status", "title", "type")

    def __init__(
        self,
        type: str = "about:blank",
        title: str = "",
        status: int | None = None,
        detail: str = "",
        instance: str = "",
        extensions: Mapping[str, Any] | None = None,
    ) -> None:
        self.type, self.title, self.status, self.detail, self.instance = type, title, status, detail, instance
        self.extensions: Mapping[str, Any] = dict(extensions or {})

    @classmethod
    def of(cls, document: Mapping[str, Any] | None) -> ProblemDetails | None:
        """Return the problem that a JSON object tells, None for anything else.

        A member of the wrong type counts as absent (RFC 9457, section 3.1).
        """
        if document is None:
            return None
        texts = {name: document[name] for name in _PROBLEM_TEXTS if isinstance(document.get(name), str)}
        status = document.get("status")
        is_status = isinstance(status, int) and not isinstance(status, bool)
        rest = {name: value for name, value in document.items() if name != "status" and name not in _PROBLEM_TEXTS}
        return cls(**texts, status=status if is_status else None, extensions=rest)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ProblemDetails):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment]  # it has a mapping in it

    def __repr__(self) -> str:
        return f"<ProblemDetails {self.type}: {self.detail or self.title}>"


_PROBLEM_TEXTS: Final = ("type", "title", "detail", "instance")

# Under which name services tell the id of a request: most, Azure, Stripe and OpenAI in older answers, AWS.
_REQUEST_ID_HEADERS: Final = ("X-Request-ID", "x-ms-request-id", "Request-Id", "x-amzn-RequestId", "x-amz-request-id")


def _unmet_condition(headers: Mapping[str, str]) -> type[HttpResponseError]:
    """Return what 412 means: which condition the request had tells (RFC 9110, section 13.1)."""
    if "If-None-Match" in headers:
        return ResourceExistsError if headers["If-None-Match"] == "*" else ResourceNotModifiedError
    return ResourceNotFoundError if headers.get("If-Match") == "*" else ResourceModifiedError


def _standard_reason(status_code: int) -> str:
    from http import HTTPStatus  # 2 ms, for an answer without a reason phrase

    try:
        return HTTPStatus(status_code).phrase
    except ValueError:
        return ""


def _request_id(headers: Mapping[str, str]) -> str | None:
    for name in _REQUEST_ID_HEADERS:
        if headers.get(name):
            return headers[name]
    # Vendors put their own name before it: X-GitHub-Request-Id, X-Openstack-Request-Id. What the client called the
    # request, which some send back, is not what the service calls it.
    for name, value in headers.items():
        if value and name.lower().endswith(("-request-id", "-requestid")) and "client" not in name.lower():
            return value
    return None


def _retry_after(response: HttpResponse) -> float | None:
    from ._hints import retry_after_of  # only for who fails

    return retry_after_of(response)


def _allowance(response: HttpResponse) -> tuple[int | None, float | None]:
    from time import time

    from ._hints import allowance_of

    allowance = allowance_of(response.headers, time())
    return (None, None) if allowance is None else (allowance.remaining, allowance.seconds)
