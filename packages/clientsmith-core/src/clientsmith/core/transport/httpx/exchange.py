"""One request and its answer through httpx, without the I/O.

httpx hands each timeout of a request down to the stream that it reads and writes, whatever it is. Here that is the
`HttpxExchange`: so the stream knows the deadline and tells how far the exchange came, which says what an error means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from sys import maxsize
from typing import Any, Protocol

from ...errors import TransportError, UsageError
from ...rest import HttpRequest
from .. import _failures as failures
from .._body import AsyncChunks, Chunks, checked_method, field_text, fields_of, head_of, sendable
from .._decompression import ACCEPT_ENCODING, Decompressor, can_decompress
from ..base import ERROR_BODY_LIMIT
from ..stdlib.bodies import AnswerBody
from ..stdlib.exchange import LOWER_ERRORS, Http1Exchange
from ..stdlib.http1 import AnswerError
from ..stdlib.route import Route
from .library import Library

__all__ = ["HttpxExchange", "Received"]


class Connection(Protocol):
    """What an exchange has to know of a connection, of either colour."""

    uses: int
    expires_at: float

    def close(self) -> None:
        """Close it."""
        ...


class HttpxExchange(Http1Exchange):
    """One request and its answer.

    Attributes:
        route: How its origin is reached.
        target: What stands in the request line.
        is_short: Whether the request goes out in one piece.
        connection: What it goes over, None before there is one.
    """

    __slots__ = ("_body", "_buffered", "_library", "connection", "is_short", "route")

    deadline: float | None
    connection: Connection | None

    def __init__(self, request: HttpRequest, route: Route, target: str, library: Library) -> None:
        super().__init__(request, route.place)
        self._library = library
        self.route = route
        self.target = route.prefix + sendable(target)
        self.is_short = failures.is_short(request)
        self.connection = None
        self._body: AnswerBody | None = None
        self._buffered = 0

    def begin(self, connection: Connection) -> None:
        """Note what the exchange goes over."""
        self.connection = connection
        self.is_reused = connection.uses > 0

    def complete(self, now: float) -> None:
        """Note that all of the answer is off the wire, so the connection may wait for its next request."""
        if self.connection is not None and self._body is not None:
            self.connection.expires_at = now + self.idle_seconds(self._body)

    def prepared(self, chunks: Chunks | AsyncChunks | None) -> Any:
        """Return the request as httpx has it; ``chunks`` is its body unless that is bytes.

        Raises:
            UsageError: It cannot be sent as it was written.
        """
        request, route, library = self.request, self.route, self._library
        method = checked_method(request)
        fields = fields_of(request, route.authority, ACCEPT_ENCODING)
        if route.authorization is not None:
            fields["Proxy-Authorization"] = route.authorization
        head_of(method, self.target, fields)  # for its checks: h11 has others, and shows values in its messages
        made = library.http.Request(
            method,
            self._url(),
            headers=[(name.encode("ascii"), value.encode().strip(b" \t")) for name, value in fields.items()],
            stream=library.http.ByteStream(request.content or b"") if chunks is None else library.upload(chunks),
            extensions={
                "timeout": {"connect": self, "read": self, "write": self},
                "target": self.target.encode("ascii"),  # as it is: the URL goes through httpx's own spelling
            },
        )
        made.method = method  # httpx writes it in capitals, and methods are case-sensitive
        return made

    def _url(self) -> Any:
        """Return the URL for those who look at requests; of its path and query nothing is sent.

        Raises:
            UsageError: httpx does not take the host for one.
        """
        http, route = self._library.http, self.route
        origin = f"{'http' if route.tls is None else 'https'}://{route.authority}"
        try:
            return http.URL(origin + self.target.removeprefix(route.prefix))
        except http.InvalidURL:  # too long for it, say
            pass
        try:
            return http.URL(origin)
        except http.InvalidURL as error:
            raise UsageError(f"{self._library.name} cannot go to {self.place}: {error}") from None

    def receive(self, data: bytes) -> bytes:
        """Take what came for httpx, b"" for the end of the connection, and return it.

        It goes by our own reading first. h11 is more lenient, waits for lines that never come, and keeps what follows
        an answer for the next one.

        Raises:
            AnswerError: It is no HTTP, or can be read in two ways.
            CutError: The connection ended too soon.
        """
        if self._body is not None:
            self._buffered += len(self._body.check(data))
        elif (body := self.feed(data)) is not None:
            self._body = body
            self._buffered = body.buffered
        return data

    def given(self, piece: bytes) -> bytes:
        """Note that httpx gave a piece of the body, as it travelled, and return it."""
        self._buffered -= len(piece)
        return piece

    @property
    def has_head(self) -> bool:
        """Whether the head of the answer has come."""
        return self._body is not None

    @property
    def is_waiting(self) -> bool:
        """Whether httpx has nothing more to give before something comes."""
        return self._body is not None and not self._buffered and not self._body.is_complete

    def failed(self, error: Exception) -> TransportError | UsageError:
        """Return the error of ours that an error of the libraries below means."""
        if isinstance(error, TransportError):
            return error
        if isinstance(error, LOWER_ERRORS):
            return self.translated(error)
        if isinstance(error, self._library.http.LocalProtocolError):
            return UsageError(
                f"{self._library.name} refuses to send the request to {self.place} as it was written; "
                "look for spaces and unusual characters in its method and header fields"
            )
        return self.translated(AnswerError(str(error)))


# --- the answer ------------------------------------------------------------------------------------------------------


class Received:
    """An answer: its head as httpx read it, and its body as far as it came, decompressed.

    Attributes:
        status: The status code.
        reason: The words behind it, "" if there are none.
        fields: The header fields, decoded when somebody looks at them.
        is_complete: Whether all of the body has come.
    """

    __slots__ = ("_decompressor", "_pending", "fields", "is_complete", "reason", "status")

    def __init__(self, response: Any) -> None:
        """``response`` is httpx's."""
        headers = response.headers
        self.status: int = response.status_code
        self.reason = field_text(response.extensions.get("reason_phrase", b"").decode("latin-1").strip(), "latin-1")
        self.fields = _Fields(headers.raw)
        coding = headers.get("content-encoding", "").strip().lower().encode("utf-8", "replace")
        self._decompressor = Decompressor(coding) if can_decompress(coding) else None
        self._pending = b""
        self.is_complete = False

    def leave_packed(self) -> None:
        """Give the bytes as they come, whatever the header says that they are compressed with."""
        self._decompressor = None

    def feed(self, data: bytes) -> None:
        """Take what came of the body."""
        if not data:
            return
        if self._decompressor is not None:
            self._decompressor.feed(data)
        elif self._pending:
            self._pending += data
        else:
            self._pending = data

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes, b"" if there are none, because it is complete or more has to come first.

        Raises:
            DecompressError: The body is not in the coding that its header names.
        """
        if self._decompressor is None:
            data, self._pending = (
                (self._pending, b"") if size >= len(self._pending) else (self._pending[:size], self._pending[size:])
            )
            return data
        data = self._decompressor.read(size)
        if not data and self.is_complete:
            self._decompressor.finish()
        return data

    def gather(self, pieces: list[bytes]) -> bool:
        """Move what has come to ``pieces``; False if that is as much of an error as may be read.

        Raises:
            DecompressError: The body is not in the coding that its header names.
        """
        left = maxsize if self.status < 400 else ERROR_BODY_LIMIT - sum(map(len, pieces))
        while left > 0 and (data := self.read(left)):
            pieces.append(data)
            left -= len(data)
        return left > 0


class _Fields:
    """The header fields of an answer, decoded when somebody looks at them; ``raw`` is what came."""

    __slots__ = ("raw",)

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self.raw = raw

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((name.decode("ascii"), field_text(value.decode("latin-1"), "latin-1")) for name, value in self.raw)
