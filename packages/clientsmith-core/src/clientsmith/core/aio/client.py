"""The async twin of `clientsmith.core.client.ServiceClient`: the same steps, carried out on an event loop."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ..client import BaseClient, construction_settings
from ..operations import ListOperation, LongRunningOperation, Operation
from ..paging.aio import ItemPaged
from ..pipeline import Steps, drive_async
from ..polling.aio import LROPoller
from ..rest import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from typing import Unpack

    from ..settings import CallOptions
    from ..transport.base import AsyncTransport

__all__ = ["ServiceClient"]

T = TypeVar("T")


class ServiceClient(BaseClient["AsyncTransport"]):
    """The base of every async client; arguments and errors as for `clientsmith.core.client.ServiceClient`.

    The transport by default is an `AioHttpTransport` of the client's own. A client may be made before a loop runs.
    """

    @staticmethod
    def _default_transport(settings: Mapping[str, Any]) -> AsyncTransport:
        from ..transport.aiohttp import AioHttpTransport  # 330 ms to import: only for who uses it

        return AioHttpTransport(**construction_settings(settings))

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
