"""From bytes, split anywhere, to server-sent events and lines; no I/O.

Both decoders give what is complete and keep the rest. Their limit counts what has to be kept: a service that never
ends its event or line is told apart from one that says much.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from ..serialization import loads

__all__ = ["ITEM_LIMIT", "EventDecoder", "LineDecoder", "ServerSentEvent", "TooLongError", "is_cut_off"]

# Sixteen MiB: a picture in base64 fits into one event, and a body without any line end does not fill the memory.
ITEM_LIMIT: Final = 16 * 1024 * 1024

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_RECORD_SEPARATOR: Final = b"\x1e"


class TooLongError(ValueError):
    """An item grew beyond the limit and is still not complete."""


class ServerSentEvent(NamedTuple):
    """One event of a stream of them.

    Attributes:
        data: The lines of ``data``, joined by line feeds.
        event: The name; "message" if the service gives none.
        id: The last id that the service gave up to here, "" if none: what `Last-Event-ID` goes on from.
    """

    data: str
    event: str = "message"
    id: str = ""

    def json(self) -> Any:
        """Return the data parsed as JSON.

        Raises:
            ValueError: The data is not JSON.
        """
        return loads(self.data)


class EventDecoder:
    """Reads ``text/event-stream`` as the WHATWG's HTML standard says (section 9.2.6, "Interpreting an event stream").

    What is not ended by an empty line when the body ends is no event.

    Attributes:
        last_event_id: The id of the last event, "" if there was none; it counts only once its event is complete.
        retry: Seconds to wait before connecting again, as the service says; None if it does not.
    """

    def __init__(self, last_event_id: str = "", *, limit: int = ITEM_LIMIT) -> None:
        self.last_event_id = last_event_id
        self.retry: float | None = None
        self._limit = limit
        self._lines = _Lines(any_ending=True)
        self._id = last_event_id  # of the event that is not complete yet
        self._event = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """Take the next bytes of the body, return the events that they complete.

        Raises:
            TooLongError: There is more than ``limit`` bytes of an event, and no end of it.
        """
        events: list[ServerSentEvent] = []
        for line in self._lines.feed(chunk):
            if line:
                self._take(line)
            else:
                event = self._dispatch()
                if event is not None:
                    events.append(event)
        if not events and self._size + self._lines.pending > self._limit:
            raise TooLongError(f"it is longer than {self._limit} bytes, and has not ended yet")
        return events

    def again(self) -> EventDecoder:
        """Return a decoder for the body that goes on after this one's."""
        decoder = EventDecoder(self.last_event_id, limit=self._limit)
        decoder.retry = self.retry
        return decoder

    def _take(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        if value[:1] == b" ":
            value = value[1:]
        if name == b"data":
            self._data.append(value.decode("utf-8", "replace"))
            self._size += len(value) + 1
        elif name == b"event":
            self._event = value.decode("utf-8", "replace")
        elif name == b"id":
            if b"\0" not in value:
                self._id = value.decode("utf-8", "replace")
        elif name == b"retry" and value.isdigit():  # of bytes: ASCII digits alone
            self.retry = float(value) / 1000.0  # not int(), which refuses thousands of digits

    def _dispatch(self) -> ServerSentEvent | None:
        self.last_event_id = self._id
        name, data = self._event, self._data
        self._event, self._data, self._size = "", [], 0
        return ServerSentEvent("\n".join(data), name or "message", self._id) if data else None


class LineDecoder:
    """Reads JSON lines (``application/x-ndjson``, ``application/jsonl``) and sequences (``application/json-seq``).

    A line ends with LF, or CR LF; the last one may lack its end, and empty ones are skipped. With ``sequence=True`` the
    pieces of a text between record separators count (RFC 7464), whatever line ends are in them.

    Attributes:
        position: Number of the last line seen, or of the last text of a sequence; from 1.
    """

    def __init__(self, *, sequence: bool = False, limit: int = ITEM_LIMIT) -> None:
        self._lines = _Lines(separator=_RECORD_SEPARATOR if sequence else b"\n")
        self._limit = limit
        self.position = 0
        self._is_sequence = sequence

    def feed(self, chunk: bytes) -> list[tuple[int, bytes]]:
        """Take the next bytes of the body, return the items that they complete, each with its number.

        Raises:
            TooLongError: There is more than ``limit`` bytes of an item, and no end of it.
        """
        items = self._numbered(self._lines.feed(chunk))
        if not items and self._lines.pending > self._limit:
            raise TooLongError(f"it is longer than {self._limit} bytes, and has not ended yet")
        return items

    def finish(self) -> list[tuple[int, bytes]]:
        """Return what was left when the body ended."""
        return self._numbered(self._lines.rest())

    def _numbered(self, lines: list[bytes]) -> list[tuple[int, bytes]]:
        items: list[tuple[int, bytes]] = []
        for line in lines:
            is_empty = not line or line.isspace()
            if not (is_empty and self._is_sequence):  # empty lines count, as in an editor
                self.position += 1
            if not is_empty:
                items.append((self.position, line))
        return items


def is_cut_off(text: bytes) -> bool:
    """Return whether a text of a sequence may lack its end: ``12`` could have been ``123`` (RFC 7464, section 2.4)."""
    return not text[-1:].isspace() and text.lstrip()[:1] not in (b"{", b"[", b'"')


class _Lines:
    """Cuts bytes at line ends.

    Attributes:
        pending: Bytes of the line that has not ended yet.
    """

    __slots__ = ("_any_ending", "_is_first", "_separator", "_skips_line_feed", "_tail")

    def __init__(self, *, any_ending: bool = False, separator: bytes = b"\n") -> None:
        self._any_ending = any_ending
        self._separator = separator
        self._tail = bytearray()
        self._skips_line_feed = False
        self._is_first = True

    @property
    def pending(self) -> int:
        return len(self._tail)

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that the next bytes end, without their ends."""
        if not chunk:
            return []
        if self._skips_line_feed:
            # A CR ended its line at once, or an event would wait for the next one to be seen: this LF belongs to it.
            chunk = chunk.removeprefix(b"\n")
        if self._any_ending:
            self._skips_line_feed = chunk.endswith(b"\r")
            lines = chunk.splitlines()  # of bytes: LF, CR and CR LF alone
            is_open = not chunk.endswith((b"\n", b"\r"))
        else:
            lines = chunk.split(self._separator)
            is_open = True
        rest = lines.pop() if is_open and lines else b""
        if lines:
            if self._tail:
                lines[0] = bytes(self._tail) + lines[0]
                self._tail.clear()
            if self._is_first:
                lines[0] = lines[0].removeprefix(_BYTE_ORDER_MARK)
                self._is_first = False
        self._tail += rest
        return lines

    def rest(self) -> list[bytes]:
        """Return the line that has no end, if there is one."""
        line = bytes(self._tail)
        self._tail.clear()
        return [line.removeprefix(_BYTE_ORDER_MARK) if self._is_first else line] if line else []
