"""The transports of a cassette: they record what goes over another transport, or say what was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, cast

from ..errors import TransportError
from ..rest import HttpRequest, HttpResponse
from ..settings import Setting
from ..streaming.responses import AsyncStreamedResponse, StreamedResponse
from ..transport.base import TRANSPORT_SETTINGS
from .answers import Answer
from .exchanges import Exchange
from .scripted import AsyncScriptedTransport, ScriptedTransport, read_content, read_content_async

if TYPE_CHECKING:
    from ..transport.base import AsyncTransport, Transport
    from .cassettes import Cassette

__all__ = ["AsyncCassetteTransport", "CassetteTransport"]

TransportT = TypeVar("TransportT", bound="Transport | AsyncTransport")


class _Recorder:
    """A body that is written down while it is read; as far as it was read, if it is given up."""

    def __init__(self, cassette: Cassette, exchange: Exchange, response: HttpResponse) -> None:
        self._cassette, self._exchange, self._response = cassette, exchange, response
        self._pieces: list[bytes] = []
        self._is_written = False

    def keep(self, chunk: bytes) -> bytes:
        self._pieces.append(chunk)
        if not chunk:
            self._write()
        return chunk

    def broke_off(self, error: TransportError) -> None:
        self._write()
        self._cassette.fail(self._exchange, error)

    def abandon(self) -> None:
        self._response.abandon()
        self._write()

    def _write(self) -> None:
        if not self._is_written:
            self._is_written = True
            self._cassette.complete(self._exchange, self._response, b"".join(self._pieces))


class _Tape(Generic[TransportT]):
    """What both colours share: a cassette, and a transport below while it records."""

    settings: ClassVar[tuple[Setting, ...]] = TRANSPORT_SETTINGS

    def __init__(self, cassette: Cassette, inner: TransportT | None) -> None:
        self.cassette = cassette
        self._inner = inner if cassette.is_recording else None

    def monotonic(self) -> float:
        """Return the time: the real one while it records, a virtual one while it plays."""
        return self.cassette.clock.now if self._inner is None else self._inner.monotonic()

    def _line(self, request: HttpRequest) -> Answer | Exception:
        return self.cassette.play(request, cast("bytes | None", request.content) or b"")


class _SyncRecorder(_Recorder):
    def read(self, size: int, /) -> bytes:
        try:
            return self.keep(cast(StreamedResponse, self._response).read_some(size))
        except TransportError as error:
            self.broke_off(error)
            raise


class CassetteTransport(_Tape["Transport"]):
    """A sync transport that records or plays a cassette; see `Cassette.transport`."""

    def __init__(self, cassette: Cassette, inner: Transport | None) -> None:
        super().__init__(cassette, inner)
        self._player = ScriptedTransport(self._line, repeat=True, clock=cassette.clock)

    def send(self, request: HttpRequest, /) -> HttpResponse:
        """Send the request and write down what happens, or say what was recorded."""
        content = read_content(request.content)
        request.content = content or None
        if self._inner is None:
            return self._player.send(request)
        exchange = self.cassette.begin(request, content)
        try:
            response = self._inner.send(request)
        except TransportError as error:
            self.cassette.fail(exchange, error)
            raise
        if response.body is None:
            self.cassette.complete(exchange, response, response.content)
            return response
        body = _SyncRecorder(self.cassette, exchange, response)
        return StreamedResponse(request, response.status_code, response.headers, reason=response.reason, body=body)

    def sleep(self, seconds: float, /) -> None:
        """Wait, really or virtually."""
        (self._inner or self._player).sleep(seconds)

    def close(self) -> None:
        """Close the transport below."""
        (self._inner or self._player).close()


class _AsyncRecorder(_Recorder):
    async def read(self, size: int, /) -> bytes:
        try:
            return self.keep(await cast(AsyncStreamedResponse, self._response).read_some(size))
        except TransportError as error:
            self.broke_off(error)
            raise


class AsyncCassetteTransport(_Tape["AsyncTransport"]):
    """The async twin of `CassetteTransport`."""

    def __init__(self, cassette: Cassette, inner: AsyncTransport | None) -> None:
        super().__init__(cassette, inner)
        self._player = AsyncScriptedTransport(self._line, repeat=True, clock=cassette.clock)

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        """Send the request and write down what happens, or say what was recorded."""
        content = await read_content_async(request.content)
        request.content = content or None
        if self._inner is None:
            return await self._player.send(request)
        exchange = self.cassette.begin(request, content)
        try:
            response = await self._inner.send(request)
        except TransportError as error:
            self.cassette.fail(exchange, error)
            raise
        if response.body is None:
            self.cassette.complete(exchange, response, response.content)
            return response
        body = _AsyncRecorder(self.cassette, exchange, response)
        return AsyncStreamedResponse(request, response.status_code, response.headers, reason=response.reason, body=body)

    async def sleep(self, seconds: float, /) -> None:
        """Wait, really or virtually."""
        await (self._inner or self._player).sleep(seconds)

    async def close(self) -> None:
        """Close the transport below."""
        await (self._inner or self._player).close()
