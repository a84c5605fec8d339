"""JSON lines and JSON text sequences, as steps without I/O.

A body that breaks off is an error: nothing in it says where to go on.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Generic, TypeVar

from ..errors import DecodeError
from ..pipeline import Steps
from ..rest import HttpResponse
from ..serialization import Codec, as_codec, loads
from .decoders import LineDecoder, TooLongError, is_cut_off
from .source import Opened, Source, decode_error

__all__ = ["LineFormat", "LineSteps"]

T = TypeVar("T")

_SEQUENCE = "application/json-seq"


class LineFormat(Generic[T]):
    """What the lines of an operation are, see `clientsmith.core.operations.LINES`."""

    def __init__(self, codec: Any) -> None:
        self._codec: Codec[T] = as_codec(codec)

    def item(self, text: bytes) -> T:
        """Return what a line stands for.

        Raises:
            ValueError: It is not what it should be.
        """
        return self._codec.decode(loads(text))

    def read(self, response: HttpResponse) -> list[T]:
        """Return the items of a body that has been read already."""
        decoder = LineDecoder(sequence=response.content_type == _SEQUENCE)
        return [self.item(text) for _, text in [*decoder.feed(response.content), *decoder.finish()]]


class LineSteps(Generic[T]):
    """JSON lines being read.

    Attributes:
        ready: Lines that have come and were not taken yet, each with its number.
        position: Number of the last line taken, 0 before the first.
        is_over: Whether nothing will come any more. What was closed is not over: half of it must not look whole.
    """

    def __init__(self, source: Source, format: LineFormat[T]) -> None:
        self.ready: deque[tuple[int, bytes]] = deque()
        self.position = 0
        self.is_over = False
        self.response: HttpResponse | None = None
        self._source, self._format = source, format
        self._opened: Opened | None = None
        self._decoder = LineDecoder()
        self._is_sequence = False
        self._is_closed = False

    def take(self) -> T:
        """Return the next line that is ready, as what it stands for.

        Raises:
            DecodeError: It is not what it should be. The stream goes on after it.
        """
        self.position, text = self.ready.popleft()
        if self._is_sequence and is_cut_off(text):
            raise self._unreadable(self.position, "it is cut off", text)
        try:
            return self._format.item(text)
        except ValueError as error:
            raise self._unreadable(self.position, str(error), text) from error

    def open(self) -> Steps[None]:
        """Send the request if it has not been sent.

        Raises:
            HttpResponseError: The service answered with an error.
            RuntimeError: They were closed.
        """
        if self._is_closed:
            raise RuntimeError("the lines are closed; read them inside the `with` block")
        if self._opened is not None or self.is_over:
            return
        self.is_over = True  # should it fail, nothing is left to be read
        opened = yield from self._source.open(
            {"Accept": "application/x-ndjson, application/jsonl, application/json-seq"}
        )
        self.is_over = False
        self.response, self._opened = opened.response, opened
        self._is_sequence = opened.response.content_type == _SEQUENCE
        self._decoder = LineDecoder(sequence=self._is_sequence)

    def more(self) -> Steps[None]:
        """Bring at least one line, or the end.

        Raises:
            TransportError: The body broke off.
            DecodeError: A line does not end.
        """
        yield from self.open()
        while not self.ready and not self.is_over and self._opened is not None:
            try:
                chunk = yield from self._opened.read()
                self.ready.extend(self._decoder.feed(chunk) if chunk else self._decoder.finish())
            except TooLongError as error:
                self._end()
                raise self._unreadable(self._decoder.position + 1, str(error), b"") from error
            except Exception:
                self._end()
                raise
            if not chunk:
                self._end()

    def abandon(self) -> None:
        """Give the stream up."""
        self._is_closed = not self.is_over
        self.ready.clear()
        self._end_body()

    def _end(self) -> None:
        self.is_over = True
        self._end_body()

    def _end_body(self) -> None:
        if self._opened is not None:
            self._opened.abandon()

    def _unreadable(self, position: int, what: str, text: bytes) -> DecodeError:
        if self.response is None:
            raise AssertionError("a line comes from an answer")
        return decode_error(self.response, f"line {position} cannot be read: {what}", position, text)
