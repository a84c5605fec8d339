"""Where a streamed body comes from, as steps without I/O: opened, read piece by piece, opened again.

A stream decides in generators what happens next; its faces in either colour only have the steps carried out. What
reads the body is a question like any other (`clientsmith.core.pipeline.Ask`), so nothing is written twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

from ..errors import DecodeError
from ..pipeline import IO, Ask, AsyncIO, Flow, Steps
from ..rest import Call, HttpRequest, HttpResponse
from .responses import CHUNK_SIZE, AsyncStreamedResponse, StreamedResponse

if TYPE_CHECKING:
    from .._origin import Access
    from ..settings import Settings

__all__ = ["Blocking", "Opened", "OperationLike", "ReadSome", "Road", "Source", "decode_error"]

T = TypeVar("T")


class Road(Protocol):
    """What a stream needs of its client; `ClientCore` is it."""

    clock: Callable[[], float]

    def send(
        self,
        request: HttpRequest,
        settings: Settings,
        *,
        stream: bool = False,
        as_stored: bool = False,
        template: str = "",
        access: Access | None = None,
    ) -> Flow:
        """Send one request through the policies."""
        ...

    def may_retry(self) -> bool:
        """Take from the budget that all calls of the client share for trying again; False if it is used up."""
        ...


class OperationLike(Protocol):
    """What a stream needs of its operation."""

    method: str
    path: str
    access: Access | None

    def request(self, arguments: Mapping[str, Any], body: Any = None) -> HttpRequest: ...

    def raise_for_error(self, response: HttpResponse) -> None: ...


_USUAL: Final = "application/json"  # what an operation asks for that was not told what


class Source:
    """The request of a stream, sent as often as the stream has to be opened.

    Attributes:
        settings: Of the call; they count for every opening.
        call: For pauses between openings: they have no deadline, each opening has one.
        as_stored: Whether the bytes are wanted as the service has them, see `Call.as_stored`.
    """

    def __init__(
        self,
        road: Road,
        operation: OperationLike,
        arguments: Mapping[str, Any],
        body: Any,
        settings: Settings,
        *,
        as_stored: bool = False,
    ) -> None:
        operation.request(arguments, body)  # a bad argument is told by the method, not by the first `next()`
        self.settings, self.as_stored = settings, as_stored
        self.call = Call(settings, clock=road.clock)
        self._road, self._operation = road, operation
        self._arguments, self._body = dict(arguments), body

    @property
    def name(self) -> str:
        """The operation by method and path."""
        return f"{self._operation.method} {self._operation.path}"

    def open(self, headers: Mapping[str, str]) -> Steps[Opened]:
        """Send the request with these header fields too, and return the open body.

        Raises:
            HttpResponseError: The service answered with an error.
            TransportError: There was no answer.
        """
        request = self._operation.request(self._arguments, self._body)
        said = request.headers["Accept"]
        request.headers.update(headers)
        if said != _USUAL:  # the operation knows better than the stream which kind of bytes or lines it has
            request.headers["Accept"] = said
        response = yield from self._road.send(
            request,
            self.settings,
            stream=True,
            as_stored=self.as_stored,
            template=self._operation.path,
            access=self._operation.access,
        )
        self._operation.raise_for_error(response)
        return Opened(response)

    @property
    def is_safe(self) -> bool:
        """Whether sending the request again changes nothing at the service (RFC 9110, section 9.2.1)."""
        return self._operation.method in ("GET", "HEAD", "OPTIONS")

    def may_retry(self) -> bool:
        """Whether the client's budget for trying again allows one more; takes it."""
        return self._road.may_retry()


class Opened:
    """A response being read. One whose body came with its header (204, 404) is read like the others."""

    __slots__ = ("_rest", "response")

    def __init__(self, response: HttpResponse) -> None:
        self.response = response
        self._rest: bytes | None = None if _is_streamed(response) else response.content

    def read(self, size: int = CHUNK_SIZE, *, until: float | None = None) -> Steps[bytes]:
        """Return up to ``size`` bytes as soon as there are any, b"" at the end.

        Args:
            size: How many bytes at most.
            until: When to give up waiting, on the clock of the call; None waits for as long as ``read_timeout`` allows.

        Raises:
            DeadlineExceededError: Nothing came until then; a `NothingYetError` if the body can be read on.
            TransportError: The body broke off, or nothing came within ``read_timeout``.
        """
        if self._rest is not None:
            chunk, self._rest = self._rest[:size], self._rest[size:]
            return chunk
        self.response.request.call.read_until = until
        return (yield from ReadSome(self.response, size))

    def abandon(self) -> None:
        """Give the connection up."""
        self.response.abandon()


def decode_error(response: HttpResponse, what: str, position: int | None = None, data: bytes = b"") -> DecodeError:
    """Return the error for a body, or for the piece of it at ``position``, that is not what it should be."""
    kind = response.content_type or "no media type"
    # The error holds the piece, not the body, which may still be on the wire.
    shown = HttpResponse(response.request, response.status_code, response.headers, data, reason=response.reason)
    error = DecodeError(f"{what} ({kind})", response=shown)
    error.position = position
    return error


def _is_streamed(response: HttpResponse) -> bool:
    return isinstance(response, StreamedResponse | AsyncStreamedResponse)


class ReadSome(Ask[bytes]):
    """Up to so many bytes of an open body, b"" at its end."""

    __slots__ = ("_response", "_size")

    def __init__(self, response: HttpResponse, size: int) -> None:
        self._response, self._size = response, size

    def perform(self, io: IO) -> bytes:
        return cast(StreamedResponse, self._response).read_some(self._size)

    async def perform_async(self, io: AsyncIO) -> bytes:
        return await cast(AsyncStreamedResponse, self._response).read_some(self._size)


class Blocking(Ask[T]):
    """What a function returns that may block, by writing to a file say; an async client calls it in a thread."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function

    def perform(self, io: IO) -> T:
        return self._function()

    async def perform_async(self, io: AsyncIO) -> T:
        from asyncio import to_thread  # an async program has it

        return await to_thread(self._function)
