"""`ServiceClient`, the base of every client: endpoint, policies, settings; the one place where a call is put together.

What a call consists of is decided in `ClientCore`, as steps without I/O; `ServiceClient` here and its twin in
`clientsmith.core.aio` only carry the steps out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Literal, Self, TypeVar, overload
from urllib.parse import urljoin

from ._origin import Home, home_of, origin_of
from .credentials import AuthenticationScheme
from .errors import FrozenClientError, InsecureTransportError, UsageError
from .operations.answers import format_of
from .pipeline import Chain, Colour, Flow, Policy, Steps, drive, settings_of
from .policies import (
    ALLOW_HTTP,
    ApiVersion,
    ApiVersionPolicy,
    CustomHookPolicy,
    HeadersPolicy,
    IdempotencyKeyPolicy,
    LoggingPolicy,
    QuerySecretPolicy,
    RedirectPolicy,
    RequestIdPolicy,
    RetryPolicy,
    TracingPolicy,
    UserAgentPolicy,
    authentication_policies,
)
from .redaction import redact_url
from .rest import Call, Headers, HttpRequest, HttpResponse
from .settings import Setting, Settings, SettingsTable, duration, function, seconds
from .settings import policies as policies_check
from .transport.base import CONSTRUCTION_SETTINGS

if TYPE_CHECKING:
    from typing import Unpack

    from .operations import ListOperation, LongRunningOperation, Operation
    from .paging import ItemPaged
    from .polling import LROPoller
    from .settings import CallOptions
    from .streaming import ByteRange, ByteStream, EventStream, JsonLines
    from .streaming.downloads import ByteSteps
    from .streaming.events import EventSteps
    from .streaming.lines import LineSteps
    from .streaming.responses import StreamedResponse
    from .streaming.source import Source
    from .transport.base import AsyncTransport, Transport

__all__ = [
    "CLIENT_SETTINGS",
    "POLICY_SETTINGS",
    "BaseClient",
    "ClientCore",
    "ServiceClient",
    "construction_settings",
    "default_policies",
]

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
        "polling_interval",
        0.5,
        "seconds between the first polls; they grow apart, and Retry-After wins",
        check=duration,
    ),
)

# What the built-in policies are made of: where one's own stand among them, what a credential may do.
POLICY_SETTINGS: Final = (
    Setting(
        "per_call_policies",
        (),
        "policies of your own around the whole call, redirects and retries included",
        per_call=False,
        check=policies_check,
    ),
    Setting(
        "per_retry_policies",
        (),
        "policies of your own around each attempt, before the credential is added",
        per_call=False,
        check=policies_check,
    ),
    ALLOW_HTTP,  # known without a credential too: a program whose credential is optional passes it in any case
)


def construction_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the settings that the constructors of our transports take."""
    return {setting.name: settings[setting.name] for setting in CONSTRUCTION_SETTINGS if setting.name in settings}


def default_policies(
    package: str,
    endpoint: str | Home,
    *,
    api_version: ApiVersion | None = None,
    authentication: Sequence[Policy] = (),
    per_call: Sequence[Policy] = (),
    per_retry: Sequence[Policy] = (),
) -> list[Policy]:
    """Return the built-in policies in their order, one's own among them.

    Credentials come after everything that changes a request, for some are signatures of it; the log comes last.

    Args:
        package: Name and version for the user agent.
        endpoint: Of the client that they are for: its header fields and its version go to this origin alone.
        api_version: The version to send, None for none.
        authentication: What shows a credential, see `clientsmith.core.policies.authentication_policies`.
        per_call: Policies around the whole call.
        per_retry: Policies around each attempt.
    """
    home = home_of(endpoint)
    return [
        RequestIdPolicy(),
        HeadersPolicy(home),
        UserAgentPolicy(package),
        IdempotencyKeyPolicy(),
        *([ApiVersionPolicy(api_version, home)] if api_version is not None else ()),
        TracingPolicy(),
        *per_call,
        RedirectPolicy(),
        RetryPolicy(),
        *per_retry,
        CustomHookPolicy(),
        *authentication,
        LoggingPolicy(),
    ]


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
        colour: Colour,
        max_connections: int,
    ) -> None:
        self.home = Home(endpoint)  # an endpoint that is no URL is told here, not by the first call
        self.endpoint = endpoint.rstrip("/")
        if policies is None:
            own = SettingsTable(
                POLICY_SETTINGS, {s.name: settings[s.name] for s in POLICY_SETTINGS if s.name in settings}
            ).chosen
            shown = authentication_policies(credential, authentication, self.home, allow_http=own["allow_http"])
            policies = default_policies(
                package,
                self.home,
                api_version=api_version,
                authentication=shown,
                per_call=own["per_call_policies"],
                per_retry=own["per_retry_policies"],
            )
            transport_settings = [*transport_settings, *POLICY_SETTINGS]
        elif credential is not None or api_version is not None:
            given, sends_it = "credential", "what authentication_policies() returns"
            if credential is None:
                given, sends_it = "api_version", "an ApiVersionPolicy"
            raise UsageError(
                f"{given} was given beside policies, which replace those that would send it; leave policies out, or "
                f"put {sends_it} among them"
            )
        self.table = SettingsTable([*CLIENT_SETTINGS, *transport_settings, *settings_of(policies)], settings)
        self.chain = Chain(policies)
        self._strips = [policy.strip for policy in policies if isinstance(policy, QuerySecretPolicy)]
        self._budget = next((policy.budget for policy in policies if isinstance(policy, RetryPolicy)), None)
        if self.chain.colour not in (None, colour):
            raise UsageError(
                f"{type(self.chain.classic).__name__} is written for {self.chain.colour} clients, and this one is "
                f"{colour}; derive it from the HTTPPolicy of this client's namespace, or make it a generator for both"
            )
        self.clock = clock
        # Threads open as many connections as they need; tasks wait for each other's, so that most are kept for calls.
        self.listeners_left = inf if colour == "sync" else max_connections // 4

    # --- one request ---

    def send(self, request: HttpRequest, settings: Settings, *, stream: bool = False, template: str = "") -> Flow:
        """Send one request through the chain, under a deadline of its own."""
        timeout: float | None = settings["timeout"]
        request.call = Call(
            settings,
            deadline=None if timeout is None else self.clock() + timeout,
            clock=self.clock,
            stream=stream,
            template=template,
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

    def follow(self, request: HttpRequest, settings: Settings, *, stream: bool = False, template: str = "") -> Flow:
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
        return self.send(request, settings, stream=stream, template=template)

    def without_secrets(self, url: str) -> str:
        """Return an absolute URL as it may be kept: without the credential's query fields, which services repeat."""
        for strip in self._strips:
            url = strip(url)
        return url

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
        response = yield from self.send(operation.request(arguments, body), settings, template=operation.path)
        return operation.read(response)

    # --- one stream; what reads it is imported by clients that have one ---

    def events(
        self, operation: Operation[T], arguments: Mapping[str, Any], body: Any, options: Mapping[str, Any]
    ) -> EventSteps[T]:
        """Return how to read an operation's server-sent events; nothing is sent yet."""
        from .streaming.events import EventSteps

        rest = dict(options)
        last_event_id: str = rest.pop("last_event_id", None) or ""
        source = self._source(operation, arguments, body, rest)
        return EventSteps(source, format_of("EVENTS", operation.responses, source.name), last_event_id)

    def lines(
        self, operation: Operation[T], arguments: Mapping[str, Any], body: Any, options: Mapping[str, Any]
    ) -> LineSteps[T]:
        """Return how to read an operation's JSON lines; nothing is sent yet."""
        from .streaming.lines import LineSteps

        source = self._source(operation, arguments, body, options)
        return LineSteps(source, format_of("LINES", operation.responses, source.name))

    def download(
        self, operation: Operation[Any], arguments: Mapping[str, Any], body: Any, options: Mapping[str, Any]
    ) -> ByteSteps:
        """Return how to read the bytes that an operation answers with; nothing is sent yet."""
        from .streaming.downloads import ByteSteps

        rest = dict(options)
        byte_range: ByteRange | None = rest.pop("byte_range", None)
        return ByteSteps(self._source(operation, arguments, body, rest), byte_range)

    def _source(
        self, operation: Operation[T], arguments: Mapping[str, Any], body: Any, options: Mapping[str, Any]
    ) -> Source:
        from .streaming.source import Source

        return Source(self, operation, arguments, body, self.table.for_call(options))

    def may_retry(self) -> bool:
        """Take from the budget that all calls share for trying again; False if it is used up."""
        return self._budget is None or self._budget.spend()


class BaseClient(Generic[TransportT]):
    """A client never changes after its construction: threads and tasks share it."""

    _core: ClientCore
    _transport: TransportT
    _owns_transport: bool
    _colour: ClassVar[Colour]

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
        if transport is not None:
            _check_colour(transport, self._colour)
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
            colour=self._colour,
            max_connections=getattr(opened, "max_connections", 100),
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

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError(
            f"{type(self).__name__} cannot be pickled or copied: it holds connections and maybe a secret; "
            "construct one in each process"
        )

    def __repr__(self) -> str:
        core: ClientCore | None = self.__dict__.get("_core")
        return f"{type(self).__name__}({core.endpoint!r})" if core else object.__repr__(self)


# The transports whose twins have another name than theirs with "Async" before it.
_TWINS: Final = {"RequestsTransport": "AioHttpTransport", "AioHttpTransport": "RequestsTransport"}
_CO_COROUTINE: Final = 0x80  # as `inspect` calls it, which costs 4 ms


def _check_colour(transport: object, colour: Colour) -> None:
    """Refuse a transport of the other colour. A plain function of somebody else's may return an awaitable: it may pass.

    Raises:
        UsageError: It would never work.
    """
    found, name = _colour_of(transport)
    if not found or found == colour:
        return
    twin = _TWINS.get(name) or (name.removeprefix("Async") if found == "async" else f"Async{name}")
    article = {"sync": "a sync", "async": "an async"}
    raise UsageError(
        f"{type(transport).__name__} is {article[found]} transport, and this is {article[colour]} client"
        + (f"; give it its twin, {twin}" if name else "")
    )


def _colour_of(transport: object) -> tuple[Colour | Literal[""], str]:
    """Return the colour of a transport, "" if it cannot be told, and the name of the class if it is one of ours."""
    for kind in type(transport).__mro__:
        is_ours = kind.__module__.startswith("clientsmith.core.")
        for method in ("send", "sleep"):
            function = vars(kind).get(method)
            if getattr(getattr(function, "__code__", None), "co_flags", 0) & _CO_COROUTINE:
                return "async", _name_of(transport)
            if function is not None and is_ours:
                return "sync", _name_of(transport)
    return "", ""


def _name_of(transport: object) -> str:
    ours = (kind.__name__ for kind in type(transport).__mro__ if kind.__module__.startswith("clientsmith.core."))
    return next((name for name in ours if name.endswith("Transport")), "")


class ServiceClient(BaseClient["Transport"]):
    """The base of every sync client.

    Args:
        endpoint: Absolute URL that the paths of the operations are appended to.
        credential: What proves who is calling, of a kind that ``authentication`` takes; None sends none.
        authentication: How the service takes credentials, the preferred way first.
        api_version: The version to send with every request, and where; None sends none.
        package: Name and version of the client library for the user agent, ``petstore-client/1.0.0``.
        transport: Sends the requests and stays its giver's to close. By default a `RequestsTransport` of the client's
            own, or a `StdlibTransport` where requests is not installed.
        settings: Settings of all calls, see `clientsmith.core.settings.ClientOptions`.
        policies: Replaces the built-in policies, so it comes without ``credential`` and ``api_version``: what shows
            them is one of the policies.

    Raises:
        UnknownSettingError: A setting that nothing here knows.
        UsageError: The transport is an async one, a policy cannot be used, or a credential or a version is given beside
            ``policies``.
        CredentialError: The credential does not fit.
        InsecureTransportError: A credential for a plain http endpoint on another machine.
        ValueError: The endpoint is not an absolute URL.
    """

    _colour = "sync"

    @staticmethod
    def _default_transport(settings: Mapping[str, Any]) -> Transport:
        from .transport._default import default_transport  # only for who brings none

        return default_transport(construction_settings(settings))

    @overload
    def send_request(
        self, request: HttpRequest, *, stream: Literal[False] = False, **options: Unpack[CallOptions]
    ) -> HttpResponse: ...
    @overload
    def send_request(
        self, request: HttpRequest, *, stream: Literal[True], **options: Unpack[CallOptions]
    ) -> StreamedResponse: ...
    @overload
    def send_request(
        self, request: HttpRequest, *, stream: bool, **options: Unpack[CallOptions]
    ) -> HttpResponse | StreamedResponse: ...
    def send_request(
        self, request: HttpRequest, *, stream: bool = False, **options: Unpack[CallOptions]
    ) -> HttpResponse | StreamedResponse:
        """Send a request of your own through the client's pipeline, for what the client has no method for.

        Args:
            request: Its URL may be relative to the endpoint. It stays as it is: a copy is sent.
            stream: Whether to leave the body of a successful answer unread: the response then is a `StreamedResponse`,
                to be used in a ``with`` block.
            **options: For this call only: ``timeout``, ``headers``, ``max_retries``, …

        Returns:
            The response, whatever its status.

        Raises:
            TransportError: The request and its answer did not both arrive.
            UnknownSettingError: An option that this client does not know.
        """
        settings = self._core.table.for_call(options)
        response = self._run(self._core.send(request.copy(), settings, stream=stream))
        if stream:
            from .streaming.responses import StreamedResponse  # only for who streams

            return response if isinstance(response, StreamedResponse) else StreamedResponse.of(response)
        return response

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
        """Carry an operation out and return what its answer says: one line of a client's method.

        Args:
            operation: What to do.
            arguments: The operation's parameters by their Python names; None is "not given".
            body: What to send, None for none.
            options: Settings of this call, as the method got them.

        Raises:
            ArgumentError: An argument cannot be sent.
            HttpResponseError: The service refused.
            TransportError: The request and its answer did not both arrive.
        """
        return self._run(self._core.call(operation, arguments, body, options))

    def _list(
        self, operation: ListOperation[T], arguments: Mapping[str, Any], *, body: Any = None, options: Mapping[str, Any]
    ) -> ItemPaged[T]:
        """Return the items of a list; nothing is sent before the first one is asked for. Arguments as for `_call`."""
        from .paging import ItemPaged, open_listing  # only for who lists

        listing, token = open_listing(self._core, operation, arguments, body, options)
        return ItemPaged(self._run, listing, token)

    def _begin(
        self,
        operation: LongRunningOperation[T],
        arguments: Mapping[str, Any],
        *,
        body: Any = None,
        options: Mapping[str, Any],
    ) -> LROPoller[T]:
        """Begin a long running operation and return its poller. Arguments and errors as for `_call`."""
        from .polling import LROPoller, PollingSteps  # only for who begins something long

        return LROPoller(self._run, self._run(PollingSteps.begin(self._core, operation, arguments, body, options)))

    def _events(
        self, operation: Operation[T], arguments: Mapping[str, Any], *, body: Any = None, options: Mapping[str, Any]
    ) -> EventStream[T]:
        """Return the server-sent events of an operation with `EVENTS` among its responses. Arguments as for `_call`."""
        from .streaming import EventStream

        return EventStream(self._run, self._core.events(operation, arguments, body, options))

    def _lines(
        self, operation: Operation[T], arguments: Mapping[str, Any], *, body: Any = None, options: Mapping[str, Any]
    ) -> JsonLines[T]:
        """Return the JSON lines of an operation with `LINES` among its responses. Arguments as for `_call`."""
        from .streaming import JsonLines

        return JsonLines(self._run, self._core.lines(operation, arguments, body, options))

    def _download(
        self, operation: Operation[Any], arguments: Mapping[str, Any], *, body: Any = None, options: Mapping[str, Any]
    ) -> ByteStream:
        """Return the bytes that an operation answers with, read as they come. Arguments as for `_call`."""
        from .streaming import ByteStream

        return ByteStream(self._run, self._core.download(operation, arguments, body, options))
