"""`ServiceClient`, the base of every client.

What a call consists of is decided in `ClientCore`, as steps without I/O; `ServiceClient` here and its twin in
`clientsmith.core.aio` only carry the steps out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Literal, Self, TypeVar, overload

from ._client_core import CLIENT_SETTINGS, POLICY_SETTINGS, ClientCore, construction_settings, default_policies
from ._origin import filled
from .credentials import AuthenticationScheme
from .errors import FrozenClientError, UsageError
from .pipeline import Colour, Policy, Steps, drive
from .rest import HttpRequest, HttpResponse
from .transport.base import CONSTRUCTION_SETTINGS

if TYPE_CHECKING:
    from typing import Unpack

    from .operations import ListOperation, LongRunningOperation, Operation
    from .paging import ItemPaged
    from .polling import LROPoller
    from .settings import CallOptions
    from .streaming import ByteStream, EventStream, JsonLines
    from .streaming.responses import StreamedResponse
    from .transport.base import AsyncTransport, Transport
    from .versioning import Scheme

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
ChildT = TypeVar("ChildT", bound="BaseClient[Any]")


class BaseClient(Generic[TransportT]):
    """A client never changes after its construction: threads and tasks share it."""

    _bound: Mapping[str, Any]  # the arguments that all operations of a child client have in common, by Python name
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
        api_version: Scheme | None = None,
        package: str = "clientsmith-core",
        transport: TransportT | None = None,
        settings: Mapping[str, Any] | None = None,
        policies: Sequence[Policy] | None = None,
        bound: Mapping[str, Any] | None = None,
        endpoint_variables: Mapping[str, str] | None = None,
    ) -> None:
        if transport is not None:
            _check_colour(transport, self._colour)
        opened = transport if transport is not None else self._default_transport(settings or {})
        core = ClientCore(
            filled(endpoint, endpoint_variables) if endpoint_variables else endpoint,
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
            template=endpoint,
        )
        self.__dict__.update(_bound=dict(bound or {}), _core=core, _transport=opened, _owns_transport=transport is None)

    def _child(self, kind: type[ChildT], /, **bound: Any) -> ChildT:
        """Return a client for a part of the service that stands on this one: nothing is sent, and nothing opened.

        It has this client's endpoint, credential, settings and connections, so it is cheap to make, and closing it
        closes nothing. Its constructor is not called.

        Args:
            kind: The class of the child, of this client's colour.
            **bound: Arguments of every call of the child, by their Python names, beside those of this client.
        """
        child = kind.__new__(kind)
        child.__dict__.update(
            _bound={**self._bound, **bound}, _core=self._core, _transport=self._transport, _owns_transport=False
        )
        return child

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
        api_version: How the service says and takes versions (`clientsmith.core.versioning.schemes`); None says none.
        package: Name and version of the client library for the user agent, ``petstore-client/1.0.0``.
        transport: Sends the requests and stays its giver's to close. By default a `RequestsTransport` of the client's
            own, or a `StdlibTransport` where requests is not installed.
        settings: Settings of all calls, see `clientsmith.core.settings.ClientOptions`.
        policies: Replaces the built-in policies, so it comes without ``credential`` and ``api_version``: what shows
            them is one of the policies.
        bound: What a client of a part of the service is made with beside these: arguments of all its operations.

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
