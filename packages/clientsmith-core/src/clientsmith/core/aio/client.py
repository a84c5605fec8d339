"""The async twin of `clientsmith.core.client.ServiceClient`: the same steps, carried out on an event loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ..client import ClientCore, Frozen
from ..credentials import AuthenticationScheme
from ..operations import ListOperation, LongRunningOperation, Operation
from ..paging.aio import ItemPaged
from ..pipeline import Policy, Steps, drive_async
from ..policies import ApiVersion
from ..polling.aio import LROPoller
from ..rest import HttpRequest, HttpResponse
from ..transport.base import CONSTRUCTION_SETTINGS

if TYPE_CHECKING:
    from typing import Unpack

    from ..settings import CallOptions
    from ..transport.base import AsyncTransport

__all__ = ["ServiceClient"]

T = TypeVar("T")


def default_transport(settings: Mapping[str, Any]) -> AsyncTransport:
    """Return the transport that a client makes for itself, configured by the settings that are the constructor's."""
    from ..transport.aiohttp import AioHttpTransport  # 330 ms to import: only for who uses it

    return AioHttpTransport(**{s.name: settings[s.name] for s in CONSTRUCTION_SETTINGS if s.name in settings})


class ServiceClient(Frozen):
    """The base of every async client; arguments and errors as for `clientsmith.core.client.ServiceClient`.

    The transport by default is an `AioHttpTransport` of the client's own. A client may be made before a loop runs.
    """

    _core: ClientCore
    _transport: AsyncTransport
    _owns_transport: bool

    def __init__(
        self,
        endpoint: str,
        credential: object | None = None,
        *,
        authentication: Sequence[AuthenticationScheme] = (),
        api_version: ApiVersion | None = None,
        package: str = "clientsmith-core",
        transport: AsyncTransport | None = None,
        settings: Mapping[str, Any] | None = None,
        policies: Sequence[Policy] | None = None,
    ) -> None:
        opened = transport if transport is not None else default_transport(settings or {})
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

    async def send_request(
        self, request: HttpRequest, *, stream: bool = False, **options: Unpack[CallOptions]
    ) -> HttpResponse:
        """Send a request of your own through the client's pipeline, for what the client has no method for.

        Arguments, result and errors as for the sync `ServiceClient.send_request`.
        """
        settings = self._core.table.for_call(options)
        return await self._run(self._core.send(request, settings, stream=stream))

    async def close(self) -> None:
        """Close the connections that the client opened itself. A later call opens them again; closing twice is fine."""
        if self._owns_transport:
            await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def _run(self, steps: Steps[T]) -> T:
        return await drive_async(steps, self._transport)

    async def _call(
        self, operation: Operation[T], arguments: Mapping[str, Any], *, body: Any = None, options: Mapping[str, Any]
    ) -> T:
        return await self._run(self._core.call(operation, arguments, body, options))

    def _list(
        self, operation: ListOperation[T], arguments: Mapping[str, Any], *, body: Any = None, options: Mapping[str, Any]
    ) -> ItemPaged[T]:
        fetch, token = self._core.pages(operation, arguments, body, options)
        return ItemPaged(self._run, fetch, token)

    async def _begin(
        self,
        operation: LongRunningOperation[T],
        arguments: Mapping[str, Any],
        *,
        body: Any = None,
        options: Mapping[str, Any],
    ) -> LROPoller[T]:
        return LROPoller(self._run, await self._run(self._core.begin(operation, arguments, body, options)))
