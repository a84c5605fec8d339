"""`ServiceClient`, the base of every client: endpoint, policies, settings; the one place where a call is put together.

What a call consists of is decided in `ClientCore`, as steps without I/O; `ServiceClient` here and its twin in
`clientsmith.core.aio` only carry the steps out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar
from urllib.parse import urljoin

from ._origin import Home, origin_of
from .credentials import AuthenticationScheme
from .errors import FrozenClientError, InsecureTransportError
from .operations import ListOperation, LongRunningOperation, Operation
from .paging import ItemPaged, Page
from .pipeline import Chain, Flow, Policy, Steps, drive
from .policies import (
    ApiVersion,
    ApiVersionPolicy,
    HeadersPolicy,
    IdempotencyKeyPolicy,
    LoggingPolicy,
    RedirectPolicy,
    RequestIdPolicy,
    RetryPolicy,
    UserAgentPolicy,
    authentication_policy,
)
from .polling import LROPoller, PollingSteps
from .redaction import redact_url
from .rest import Call, Headers, HttpRequest, HttpResponse
from .settings import Setting, Settings, SettingsTable, function, seconds
from .transport.base import CONSTRUCTION_SETTINGS

if TYPE_CHECKING:
    from typing import Unpack

    from .settings import CallOptions
    from .transport.base import AsyncTransport, Transport

__all__ = ["CLIENT_SETTINGS", "BaseClient", "ClientCore", "ServiceClient", "construction_settings", "default_policies"]

T = TypeVar("T")
TransportT = TypeVar("TransportT", bound="Transport | AsyncTransport")

# Read by the client itself, whatever its pipeline is made of.
CLIENT_SETTINGS: Final = (
    # Two minutes: longer than any answer that a person waits for, shorter than forever, which is no default at all.
    Setting(
        "timeout",
        120.0,
        "seconds that the whole call may take: connecting, attempts, waits, body; None: no limit",
        check=seconds,
    ),
    Setting("response_hook", None, "called with each response and its headers", check=function),
    # Half a second: what an operation has to take at the 99th percentile to be called long running.
    Setting(
        "polling_interval", 0.5, "seconds between the first polls; they grow apart, and Retry-After wins", check=seconds
    ),
)


def construction_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the settings that the constructors of our transports take."""
    return {setting.name: settings[setting.name] for setting in CONSTRUCTION_SETTINGS if setting.name in settings}


def default_policies(
    package: str, home: Home, *, api_version: ApiVersion | None = None, authentication: Policy | None = None
) -> list[Policy]:
    """Return the built-in policies in their order; see `docs/architecture.md` for why it is this one."""
    hooks: list[Policy] = [RequestIdPolicy(), HeadersPolicy(home), UserAgentPolicy(package), IdempotencyKeyPolicy()]
    if api_version is not None:
        hooks.append(ApiVersionPolicy(api_version))
    flows: list[Policy] = [RedirectPolicy(), RetryPolicy()]
    last: list[Policy] = [authentication] if authentication is not None else []
    return [*hooks, *flows, *last, LoggingPolicy()]


class ClientCore:
    """What a client is, whatever its colour: endpoint, chain and settings, and its calls as steps without I/O."""

    def __init__(
        self,
        endpoint: str,
        credential: object | None,
        *,
        authentication: Sequence[AuthenticationScheme],
        api_version: ApiVersion | None,
        package: str,
        transport_settings: Sequence[Setting],
        settings: Mapping[str, Any],
        policies: Sequence[Policy] | None,
        clock: Callable[[], float],
    ) -> None:
        self.home = Home(endpoint)  # an endpoint that is no URL is told here, not by the first call
        self.endpoint = endpoint.rstrip("/")
        if policies is None:
            allow_http = bool(settings.get("allow_http", False))
            policy = authentication_policy(credential, authentication, endpoint=endpoint, allow_http=allow_http)
            policies = default_policies(package, self.home, api_version=api_version, authentication=policy)
        declared = [setting for policy in policies for setting in policy.settings]
        self.table = SettingsTable([*CLIENT_SETTINGS, *transport_settings, *declared], settings)
        self.chain = Chain(policies)
        self.clock = clock

    # --- one request ---

    def send(self, request: HttpRequest, settings: Settings, *, stream: bool = False) -> Flow:
        """Send one request through the chain, under a deadline of its own."""
        timeout: float | None = settings["timeout"]
        request.call = Call(
            settings,
            deadline=None if timeout is None else self.clock() + timeout,
            clock=self.clock,
            stream=stream,
        )
        request.url = self._absolute(request.url)
        response = yield from self.chain.send(request)
        hook = settings["response_hook"]
        if hook is not None:
            try:
                hook(response, response.headers)
            except BaseException:
                response.abandon()  # a streamed body that nobody will ever read
                raise
        return response

    def follow(self, request: HttpRequest, settings: Settings) -> Flow:
        """Send a request to an address that the service gave: the next page, the progress of an operation.

        Another origin gets neither the operation's header fields nor the caller's, for some may be secrets; credentials
        stay at home by themselves.

        Raises:
            InsecureTransportError: The address leads from https to plain http.
        """
        request.url = self._absolute(request.url)
        if not self.home.has(request.url):
            here, there = self.home.origin, origin_of(request.url)
            if there.scheme != "https" and here.scheme != there.scheme:
                raise InsecureTransportError(
                    f"{redact_url(request.url)} was not followed: the client's endpoint is {here.scheme}, and over "
                    f"{there.scheme} anybody could read and change everything; the service has to give https addresses"
                )
            request.headers = Headers({k: v for k, v in request.headers.items() if k.lower() == "accept"})
        return self.send(request, settings)

    def _absolute(self, url: str) -> str:
        if url.startswith(("http://", "https://")):
            return url
        return self.endpoint + url if url.startswith("/") else urljoin(self.endpoint + "/", url)

    # --- one method ---

    def call(
        self, operation: Operation[T], arguments: Mapping[str, Any], body: Any, options: Mapping[str, Any]
    ) -> Steps[T]:
        """Make the operation's request and return what its answer says."""
        settings = self.table.for_call(options)
        response = yield from self.send(operation.request(arguments, body), settings)
        return operation.read(response)

    def pages(
        self, operation: ListOperation[T], arguments: Mapping[str, Any], body: Any, options: Mapping[str, Any]
    ) -> tuple[Callable[[str | None], Steps[Page[T]]], str | None]:
        """Return the function that fetches the page at a token, and the token to begin with."""
        rest = dict(options)
        token: str | None = rest.pop("continuation_token", None)
        settings = self.table.for_call(rest)
        # A bad argument is told by the method, not by the first `next()`.
        operation.paging.request(operation.request(arguments, body), token)
        return partial(self._page, operation, dict(arguments), body, settings), token

    def _page(
        self,
        operation: ListOperation[T],
        arguments: Mapping[str, Any],
        body: Any,
        settings: Settings,
        token: str | None,
    ) -> Steps[Page[T]]:
        request = operation.paging.request(operation.request(arguments, body), token)
        response = yield from self.follow(request, settings)
        operation.raise_for_error(response)
        return operation.paging.page(response, token)

    def begin(
        self, operation: LongRunningOperation[T], arguments: Mapping[str, Any], body: Any, options: Mapping[str, Any]
    ) -> Steps[PollingSteps[T]]:
        """Start the operation, or pick it up where ``continuation_token`` says, and return how to watch it."""
        rest = dict(options)
        token: str | None = rest.pop("continuation_token", None)
        settings = self.table.for_call(rest)
        if token is not None:
            return PollingSteps.resume(self, operation, settings, token)
        request = operation.request(arguments, body)
        response = yield from self.send(request, settings)
        operation.raise_for_error(response)
        return PollingSteps.start(self, operation, settings, request, response)


class BaseClient(Generic[TransportT]):
    """A client never changes after its construction: threads and tasks share it."""

    _core: ClientCore
    _transport: TransportT
    _owns_transport: bool

    def __init__(
        self,
        endpoint: str,
        credential: object | None = None,
        *,
        authentication: Sequence[AuthenticationScheme] = (),
        api_version: ApiVersion | None = None,
        package: str = "clientsmith-core",
        transport: TransportT | None = None,
        settings: Mapping[str, Any] | None = None,
        policies: Sequence[Policy] | None = None,
    ) -> None:
        opened = transport if transport is not None else self._default_transport(settings or {})
        core = ClientCore(
            endpoint,
            credential,
            authentication=authentication,
            api_version=api_version,
            package=package,
            transport_settings=(*opened.settings, *(CONSTRUCTION_SETTINGS if transport is None else ())),
            settings=settings or {},
            policies=policies,
            clock=opened.monotonic,
        )
        self.__dict__.update(_core=core, _transport=opened, _owns_transport=transport is None)

    @staticmethod
    def _default_transport(settings: Mapping[str, Any]) -> TransportT:
        """Return the transport that a client makes for itself, configured by the settings of its constructor."""
        raise TypeError("a client is one of the two colours: derive it from one of the classes called ServiceClient")

    if not TYPE_CHECKING:  # a visible __setattr__ would make type checkers accept every misspelt attribute

        def __setattr__(self, name, value):
            raise FrozenClientError(
                f"{type(self).__name__} is frozen: {name!r} cannot be assigned; "
                "pass the setting to the call, or construct another client"
            )

        def __delattr__(self, name):
            raise FrozenClientError(f"{type(self).__name__} is frozen: {name!r} cannot be deleted")

    def __repr__(self) -> str:
        core: ClientCore | None = self.__dict__.get("_core")
        return f"{type(self).__name__}({core.endpoint!r})" if core else object.__repr__(self)


class ServiceClient(BaseClient["Transport"]):
    """The base of every sync client.

    Args:
        endpoint: Absolute URL that the paths of the operations are appended to.
        credential: What proves who is calling, of a kind that ``authentication`` takes; None sends none.
        authentication: How the service takes credentials, the preferred way first.
        api_version: The version to send with every request, and where; None sends none.
        package: Name and version of the client library for the user agent, ``petstore-client/1.0.0``.
        transport: Sends the requests and stays its giver's to close. By default a `RequestsTransport` of the client's
            own.
        settings: Settings of all calls, see `clientsmith.core.settings.ClientOptions`.
        policies: Replaces the built-in policies, credential and version included.

    Raises:
        UnknownSettingError: A setting that nothing here knows.
        CredentialError: The credential does not fit.
        InsecureTransportError: A credential for a plain http endpoint on another machine.
        ValueError: The endpoint is not an absolute URL.
    """

    @staticmethod
    def _default_transport(settings: Mapping[str, Any]) -> Transport:
        from .transport.requests import RequestsTransport  # 170 ms to import: only for who uses it

        return RequestsTransport(**construction_settings(settings))

    def send_request(
        self, request: HttpRequest, *, stream: bool = False, **options: Unpack[CallOptions]
    ) -> HttpResponse:
        """Send a request of your own through the client's pipeline, for what the client has no method for.

        Args:
            request: Its URL may be relative to the endpoint. It is changed on its way: make a new one for each call.
            stream: Whether to leave the body of a successful answer unread; close the response then.
            **options: For this call only: ``timeout``, ``headers``, ``max_retries``, …

        Returns:
            The response, whatever its status.

        Raises:
            TransportError: The request and its answer did not both arrive.
            UnknownSettingError: An option that this client does not know.
        """
        settings = self._core.table.for_call(options)
        return self._run(self._core.send(request, settings, stream=stream))

    def close(self) -> None:
        """Close the connections that the client opened itself. A later call opens them again; closing twice is fine."""
        if self._owns_transport:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, steps: Steps[T]) -> T:
        return drive(steps, self._transport)

    def _call(
        self, operation: Operation[T], arguments: Mapping[str, Any], *, body: Any = None, options: Mapping[str, Any]
    ) -> T:
        return self._run(self._core.call(operation, arguments, body, options))

    def _list(
        self, operation: ListOperation[T], arguments: Mapping[str, Any], *, body: Any = None, options: Mapping[str, Any]
    ) -> ItemPaged[T]:
        fetch, token = self._core.pages(operation, arguments, body, options)
        return ItemPaged(self._run, fetch, token)

    def _begin(
        self,
        operation: LongRunningOperation[T],
        arguments: Mapping[str, Any],
        *,
        body: Any = None,
        options: Mapping[str, Any],
    ) -> LROPoller[T]:
        return LROPoller(self._run, self._run(self._core.begin(operation, arguments, body, options)))
