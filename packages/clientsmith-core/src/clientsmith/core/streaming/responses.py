"""Responses whose body is read by the caller, as it comes in.

    with client.send_request(HttpRequest("GET", "/backup"), stream=True) as response:
        for chunk in response.iter_bytes():
            file.write(chunk)

Leaving the ``with`` block closes the response, and so does reading to the end. While a body is streamed only
``read_timeout`` counts: the call's ``timeout`` ended with the header, or no download could take longer than it.

Iterators here are classes, not generators: after a ``break`` nothing is left to be finalised some time later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, ClassVar, Final, Protocol, Self

from ..rest import HttpRequest, HttpResponse, OpenBody

__all__ = [
    "AsyncBody",
    "AsyncByteIterator",
    "AsyncStreamedResponse",
    "Body",
    "ByteIterator",
    "NothingYetError",
    "StreamedResponse",
]

# 64 KiB: with 4 KiB, the default of some peers, a download costs five times the CPU.
CHUNK_SIZE: Final = 64 * 1024

_CLOSED: Final = "the response is closed, its body can no longer be read; read it inside the `with` block"
_CONSUMED: Final = "the body has been read to its end already; keep what `read()` returned, or send the request again"


class NothingYetError(Exception):
    """Nothing came until ``Call.read_until``: no failure, the body is still open. Its argument is the request."""


class Body(OpenBody, Protocol):
    """What a sync transport gives a streamed response to read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` decompressed bytes as soon as there are any, b"" at the end.

        Raises:
            NothingYetError: Nothing came until ``Call.read_until``.
            DeadlineExceededError: The same, and the body could not be kept open.
            TransportError: The body broke off, or nothing came within ``read_timeout``.
        """
        ...


class AsyncBody(OpenBody, Protocol):
    """The async twin of `Body`."""

    async def read(self, size: int, /) -> bytes:
        """Return up to ``size`` decompressed bytes as soon as there are any, b"" at the end."""
        ...


class _Streamed(HttpResponse):
    """What both colours share: who may still read."""

    __slots__ = ("_is_consumed",)

    _content: bytes | None

    def __init__(
        self,
        request: HttpRequest,
        status_code: int,
        headers: Mapping[str, str] | Iterable[tuple[str, str]],
        *,
        reason: str = "",
        body: OpenBody,
    ) -> None:
        super().__init__(request, status_code, headers, None, reason=reason, body=body)
        self._is_consumed = False

    @classmethod
    def of(cls, response: HttpResponse) -> Self:
        """Return a response whose body was read already, an error for example, as one to read from like the others."""
        body = cls._read_already(response.content)
        twin = cls(response.request, response.status_code, response.headers, reason=response.reason, body=body)
        twin._content = response.content
        return twin

    _read_already: ClassVar[type[Any]]

    def _check_open(self) -> None:
        if self.body is None:
            raise RuntimeError(_CONSUMED if self._is_consumed else _CLOSED)

    def _finish(self) -> None:
        self.body = None
        self._is_consumed = True


class _Whole:
    """A body that is here."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._start = 0

    def read(self, size: int, /) -> bytes:
        chunk = self._content[self._start : self._start + size]
        self._start += len(chunk)
        return chunk

    def abandon(self) -> None:
        """Nothing to give up."""


class _AsyncWhole(_Whole):
    async def read(self, size: int, /) -> bytes:  # type: ignore[override]  # the async twin
        return _Whole.read(self, size)


class StreamedResponse(_Streamed):
    """A response whose body is still on the wire, if it is a success. Use it in a ``with`` block, or close it.

    ``content``, ``text()`` and ``json()`` work after `read`; at once if the status is an error.
    """

    __slots__ = ("_source",)

    _read_already = _Whole

    def __init__(
        self,
        request: HttpRequest,
        status_code: int,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        *,
        reason: str = "",
        body: Body,
    ) -> None:
        super().__init__(request, status_code, headers, reason=reason, body=body)
        self._source = body

    def iter_bytes(self, chunk_size: int = CHUNK_SIZE) -> ByteIterator:
        """Return an iterator over the decompressed body in pieces of at most ``chunk_size`` bytes, as they arrive."""
        self._check_open()
        return ByteIterator(self, chunk_size)

    def read(self) -> bytes:
        """Read the rest of the body, close the response and return what was read.

        Raises:
            TransportError: The body broke off, or nothing came within ``read_timeout``.
            RuntimeError: The response is closed.
        """
        if self._content is None:
            self._content = b"".join(self.iter_bytes())
        return self._content

    def read_some(self, size: int) -> bytes:
        """Return up to ``size`` bytes as soon as there are any, b"" at the end; errors as `read`."""
        self._check_open()
        chunk = self._source.read(size)
        if not chunk:
            self._finish()
        return chunk

    def close(self) -> None:
        """Give the connection up at once; does nothing once the body has been read. Closing twice is fine."""
        self.abandon()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class ByteIterator:
    """The pieces of a body. Iteration may stop and go on; the response stays open until it is closed or read."""

    __slots__ = ("_chunk_size", "_response")

    def __init__(self, response: StreamedResponse, chunk_size: int) -> None:
        self._response = response
        self._chunk_size = chunk_size

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if self._response.body is None:
            if self._response._is_consumed:
                raise StopIteration
            raise RuntimeError(_CLOSED)
        chunk = self._response.read_some(self._chunk_size)
        if not chunk:
            raise StopIteration
        return chunk


class AsyncStreamedResponse(_Streamed):
    """The async twin of `StreamedResponse`: ``async with``, ``async for``, ``await response.read()``."""

    __slots__ = ("_source",)

    _read_already = _AsyncWhole

    def __init__(
        self,
        request: HttpRequest,
        status_code: int,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        *,
        reason: str = "",
        body: AsyncBody,
    ) -> None:
        super().__init__(request, status_code, headers, reason=reason, body=body)
        self._source = body

    def iter_bytes(self, chunk_size: int = CHUNK_SIZE) -> AsyncByteIterator:
        """Return an iterator over the decompressed body in pieces of at most ``chunk_size`` bytes, as they arrive."""
        self._check_open()
        return AsyncByteIterator(self, chunk_size)

    async def read(self) -> bytes:
        """Read the rest of the body, close the response and return what was read; errors as `StreamedResponse.read`."""
        if self._content is None:
            self._content = b"".join([chunk async for chunk in self.iter_bytes()])
        return self._content

    async def read_some(self, size: int) -> bytes:
        """Return up to ``size`` bytes as soon as there are any, b"" at the end; errors as `read`."""
        self._check_open()
        chunk = await self._source.read(size)
        if not chunk:
            self._finish()
        return chunk

    async def close(self) -> None:
        """Give the connection up at once; does nothing once the body has been read. Closing twice is fine."""
        self.abandon()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


class AsyncByteIterator:
    """The pieces of a body. Iteration may stop and go on; the response stays open until it is closed or read."""

    __slots__ = ("_chunk_size", "_response")

    def __init__(self, response: AsyncStreamedResponse, chunk_size: int) -> None:
        self._response = response
        self._chunk_size = chunk_size

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._response.body is None:
            if self._response._is_consumed:
                raise StopAsyncIteration
            raise RuntimeError(_CLOSED)
        chunk = await self._response.read_some(self._chunk_size)
        if not chunk:
            raise StopAsyncIteration
        return chunk
