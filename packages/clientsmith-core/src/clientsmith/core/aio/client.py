"""The async twin of `clientsmith.core.client.ServiceClient`: the same steps, carried out on an event loop."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, overload

from ..client import BaseClient, construction_settings
from ..pipeline import Steps, drive_async
from ..rest import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from typing import Unpack

    from ..operations import ListOperation, LongRunningOperation, Operation
    from ..paging.aio import ItemPaged
    from ..polling.aio import LROPoller
    from ..settings import CallOptions
    from ..streaming.aio import ByteStream, EventStream, JsonLines
    from ..streaming.responses import AsyncStreamedResponse
    from ..transport.base import AsyncTransport

__all__ = ["ServiceClient"]

T = TypeVar("T")


class ServiceClient(BaseClient["AsyncTransport"]):
    """The base of every async client; arguments and errors as for `clientsmith.core.client.ServiceClient`.

    The transport by default is an `AioHttpTransport` of the client's own, or an `AsyncStdlibTransport` where aiohttp is
    not installed. A client may be made before a loop runs.
    """

    _colour = "async"

    @staticmethod
    def _default_transport(settings: Mapping[str, Any]) -> AsyncTransport:
        from ..transport._default import default_async_transport  # only for who brings none

        return default_async_transport(construction_settings(settings))

    @overload
    async def send_request(
        self, request: HttpRequest, *, stream: Literal[False] = False, **options: Unpack[CallOptions]
    ) -> HttpResponse: ...
    @overload
    async def send_request(
        self, request: HttpRequest, *, stream: Literal[True], **options: Unpack[CallOptions]
    ) -> AsyncStreamedResponse: ...
    @overload
    async def send_request(
        self, request: HttpRequest, *, stream: bool, **options: Unpack[CallOptions]
    ) -> HttpResponse | AsyncStreamedResponse: ...
    async def send_request(
        self, request: HttpRequest, *, stream: bool = False, **options: Unpack[CallOptions]
    ) -> HttpResponse | AsyncStreamedResponse:
        """Send a request of your own through the client's pipeline, for what the client has no method for.

        Arguments, result and errors as for the sync `ServiceClient.send_request`.
        """
        settings = self._core.table.for_call(options)
        response = await self._run(self._core.send(request.copy(), settings, stream=stream))
        if stream:
            from ..streaming.responses import AsyncStreamedResponse  # only for who streams

            return response if isinstance(response, AsyncStreamedResponse) else AsyncStreamedResponse.of(response)
        return response

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
        """Carry an operation out and return what its answer says. Arguments and errors as for the sync twin."""
        return await self._run(self._core.call(operation, arguments, body, options))

    def _list(
        self, operation: ListOperation[T], arguments: Mapping[str, Any], *, body: Any = None, options: Mapping[str, Any]
    ) -> ItemPaged[T]:
        """Return the items of a list; not to be awaited. Arguments and errors as for the sync twin."""
        from ..paging.aio import ItemPaged  # only for who lists
        from ..paging.listing import open_listing

        listing, token = open_listing(self._core, operation, arguments, body, options)
        return ItemPaged(self._run, listing, token)

    async def _begin(
        self,
        operation: LongRunningOperation[T],
        arguments: Mapping[str, Any],
        *,
        body: Any = None,
        options: Mapping[str, Any],
    ) -> LROPoller[T]:
        """Begin a long running operation and return its poller. Arguments and errors as for the sync twin."""
        from ..polling.aio import LROPoller  # only for who begins something long
        from ..polling.steps import PollingSteps

        steps = await self._run(PollingSteps.begin(self._core, operation, arguments, body, options))
        return LROPoller(self._run, steps)

    def _events(
        self, operation: Operation[T], arguments: Mapping[str, Any], *, body: Any = None, options: Mapping[str, Any]
    ) -> EventStream[T]:
        """Return an operation's server-sent events; not to be awaited. Arguments and errors as for the sync twin."""
        from ..streaming.aio import EventStream

        return EventStream(self._run, self._core.events(operation, arguments, body, options))

    def _lines(
        self, operation: Operation[T], arguments: Mapping[str, Any], *, body: Any = None, options: Mapping[str, Any]
    ) -> JsonLines[T]:
        """Return an operation's JSON lines; not to be awaited. Arguments and errors as for the sync twin."""
        from ..streaming.aio import JsonLines

        return JsonLines(self._run, self._core.lines(operation, arguments, body, options))

    def _download(
        self, operation: Operation[Any], arguments: Mapping[str, Any], *, body: Any = None, options: Mapping[str, Any]
    ) -> ByteStream:
        """Return an operation's bytes; not to be awaited. Arguments and errors as for the sync twin."""
        from ..streaming.aio import ByteStream

        return ByteStream(self._run, self._core.download(operation, arguments, body, options))
