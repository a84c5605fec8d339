"""What a scripted service says, and how it comes over a scripted wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from ..errors import DeadlineExceededError, ServiceResponseTimeoutError
from ..rest import HttpRequest, HttpResponse
from ..serialization import dumps
from ..transport.base import timeouts_of

if TYPE_CHECKING:
    from .clock import VirtualClock

__all__ = ["Answer", "Piece", "ScriptedBody", "let_pass"]

Piece: TypeAlias = bytes | float | Exception
"""A part of a body on its way: bytes, seconds of silence, or what goes wrong."""


class Answer:
    """What a scripted service says: a status, header fields, and a body.

    Args:
        status_code: 100 to 599.
        json: The body as a JSON value; sets ``Content-Type``.
        content: The body as bytes.
        chunks: The body as it comes: bytes, seconds of silence between them, an exception where it breaks off.
        headers: Header fields.
        reason: The reason phrase.
        delay: Seconds until the header comes. Like those between chunks they pass on the virtual clock, and are cut
            short by ``read_timeout`` and ``timeout`` as they would be on a real road.
    """

    def __init__(
        self,
        status_code: int = 200,
        *,
        json: object = None,
        content: bytes = b"",
        chunks: Iterable[Piece] | None = None,
        headers: Mapping[str, str] | None = None,
        reason: str = "",
        delay: float = 0.0,
    ) -> None:
        self.status_code = status_code
        self.headers = dict(headers or {})
        self.content = content
        self.reason = reason
        self.delay = delay
        if json is not None:
            self.content = dumps(json)
            self.headers.setdefault("Content-Type", "application/json")
        self.pieces: tuple[Piece, ...] | None = None if chunks is None else tuple(chunks)

    @property
    def has_only_bytes(self) -> bool:
        """Whether the body is there at once, and whole."""
        return self.pieces is None or all(isinstance(piece, bytes) for piece in self.pieces)

    def to(self, request: HttpRequest) -> HttpResponse:
        """Return the response to a request, its body read; time does not pass."""
        content = self.content if self.pieces is None else b"".join(p for p in self.pieces if isinstance(p, bytes))
        return HttpResponse(request, self.status_code, self.headers, content, reason=self.reason)

    def __repr__(self) -> str:
        return f"<Answer {self.status_code}>"


class ScriptedBody:
    """A body on a scripted wire.

    Attributes:
        is_open: Whether it was neither read to its end nor given up.
    """

    def __init__(self, answer: Answer, request: HttpRequest, clock: VirtualClock, *, is_streamed: bool) -> None:
        pieces = (answer.content,) if answer.pieces is None else answer.pieces
        self._pieces: list[Piece] = [piece for piece in pieces if piece != b""]
        self._request, self._clock = request, clock
        self._is_streamed = is_streamed
        self.is_open = True

    def take(self, size: int) -> bytes:
        """Return up to ``size`` bytes, b"" at the end.

        Raises:
            TransportError: It was too slow.
            Exception: Whatever the script has in this place.
        """
        while self._pieces:
            piece = self._pieces.pop(0)
            if isinstance(piece, Exception):
                self.is_open = False
                raise piece
            if isinstance(piece, bytes):
                if len(piece) > size:
                    self._pieces.insert(0, piece[size:])
                return piece[:size]
            if self._is_streamed:
                piece = self._cut(piece)
            let_pass(piece, self._request, self._clock, is_streamed=self._is_streamed)
        self.is_open = False
        return b""

    def _cut(self, silence: float) -> float:
        """Return how long the silence is that a reader hears who gives up at ``Call.read_until``.

        Raises:
            NothingYetError: He gives up before its end; the rest of it is still to come.
        """
        call = self._request.call
        left = silence if call.read_until is None else call.read_until - self._clock.now
        if left >= silence or left >= timeouts_of(self._request)[1]:
            return silence
        from ..streaming.responses import NothingYetError  # for tests that stream

        self._pieces.insert(0, silence - max(0.0, left))
        self._clock.advance(max(0.0, left))
        raise NothingYetError(self._request)

    def abandon(self) -> None:
        """Give the body up."""
        self.is_open = False


class SyncBody(ScriptedBody):
    """What a sync response reads from."""

    def read(self, size: int, /) -> bytes:
        return self.take(size)


class AsyncBody(ScriptedBody):
    """What an async response reads from."""

    async def read(self, size: int, /) -> bytes:
        return self.take(size)


def let_pass(seconds: float, request: HttpRequest, clock: VirtualClock, *, is_streamed: bool = False) -> None:
    """Let the service be silent, for no longer than a real transport would listen.

    Raises:
        ServiceResponseTimeoutError: It is silent for longer than ``read_timeout``.
        DeadlineExceededError: It is silent for longer than ``timeout`` leaves.
    """
    _, patience = timeouts_of(request)
    left = None if is_streamed else request.call.remaining()
    if left is not None and left <= min(seconds, patience):
        clock.advance(left)
        raise DeadlineExceededError("`timeout` ran out while waiting for the answer", request=request)
    if seconds > patience:
        clock.advance(patience)
        raise ServiceResponseTimeoutError(f"nothing came within read_timeout={patience:g} s", request=request)
    clock.advance(seconds)
