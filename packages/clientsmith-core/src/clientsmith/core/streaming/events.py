"""Server-sent events as steps without I/O: what is read, when the stream is over, when it is opened again.

Rules:

- Opening is a call like any other: the policies retry it, authenticate it and follow its redirects.
- It is over with status 204, with one of the endings that the operation declares, and when the body ends and cannot be
  gone on with.
- A body that ends or breaks off, and one that is silent for longer than ``read_timeout``, is opened again with
  ``Last-Event-ID`` where nothing can be lost or come twice by that: the method is safe, and either events have ids or
  no event has come yet. Else an end is the end, and a break is an error. An operation can declare otherwise.
- Waits are the service's (``retry``) or a second, and more after every opening in vain; see `_patience`.

The format is the WHATWG's (HTML, section 9.2). Unlike a browser we do not open a stream without ids again by default:
a program that counts events would count some of them twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from typing import Any, Generic, Literal, TypeAlias, TypeVar, cast

from ..errors import ClientsmithError, DecodeError, ServiceResponseError, TransportError
from ..pipeline import Steps
from ..rest import HttpResponse
from ..serialization import Codec, as_codec
from ._patience import Patience
from .decoders import EventDecoder, ServerSentEvent, TooLongError
from .source import Opened, Source, decode_error

__all__ = ["EventFormat", "EventSteps", "Reconnect"]

T = TypeVar("T")

Reconnect: TypeAlias = Literal["resumable", "always", "never"]


class EventFormat(Generic[T]):
    """What the events of an operation are, see `clientsmith.core.operations.EVENTS`."""

    def __init__(
        self,
        codec: Any,
        events: Mapping[str, Any],
        done_data: str | None,
        done_events: Collection[str],
        reconnect: Reconnect,
        envelope: bool = False,
    ) -> None:
        self._is_envelope = envelope
        self._codec: Codec[Any] | None = None if codec is None else as_codec(codec)
        self._codecs: dict[str, Codec[Any]] = {name: as_codec(like) for name, like in events.items()}
        self.done_data = done_data
        self.done_events = frozenset(done_events)
        self.reconnect: Reconnect = reconnect

    @property
    def has_end(self) -> bool:
        """Whether the service says when it has said everything."""
        return self.done_data is not None or bool(self.done_events)

    def item(self, event: ServerSentEvent) -> T:
        """Return what an event stands for.

        Raises:
            ValueError: Its data is not what it should be.
        """
        codec = self._codecs.get(event.event, self._codec)
        if self._is_envelope and codec is not None:
            return cast(T, codec.decode({"event": event.event, "data": _data_of(event), "id": event.id}))
        return cast(T, event if codec is None else codec.decode(event.json()))

    def read(self, response: HttpResponse) -> list[T]:
        """Return the items of a body that has been read already."""
        events = EventDecoder().feed(response.content)
        return [self.item(event) for event in events if event.data != self.done_data]


def _data_of(event: ServerSentEvent) -> Any:
    """Return the data of an event as JSON; what is none is a text."""
    try:
        return event.json()
    except ValueError:
        return event.data


class EventSteps(Generic[T]):
    """A stream of events being read.

    Attributes:
        ready: Events that have come and were not taken yet.
        last_event_id: Of the last event taken; what another call can go on from.
        is_over: Whether nothing will come any more.
        opened: The open body, None between two openings.
    """

    def __init__(self, source: Source, format: EventFormat[T], last_event_id: str = "") -> None:
        self.ready: deque[ServerSentEvent] = deque()
        self.last_event_id = last_event_id
        self.last_event: ServerSentEvent | None = None
        self.is_over = False
        self.opened: Opened | None = None
        self.response: HttpResponse | None = None
        self._source, self._format = source, format
        self._decoder = EventDecoder(last_event_id)
        self._patience = Patience(source)
        self._received = 0  # events
        self._taken = 0

    def take(self) -> T:
        """Return the next event that is ready, as what it stands for.

        Raises:
            DecodeError: It is not what it should be. The stream goes on after it.
        """
        event = self.ready.popleft()
        self._taken += 1
        self.last_event, self.last_event_id = event, event.id
        try:
            return self._format.item(event)
        except ValueError as error:
            raise self._unreadable(f"cannot be read: {error}", self._taken, event.data.encode()) from error

    def open(self) -> Steps[None]:
        """Open the stream if it is not open.

        Raises:
            HttpResponseError: The service answered with an error.
            DecodeError: It answered with something else than events.
        """
        if self.is_over or self.opened is not None:
            return
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-cache"}
        if self._decoder.last_event_id:
            headers["Last-Event-ID"] = self._decoder.last_event_id
        try:
            opened = yield from self._source.open(headers)
        except ClientsmithError as error:
            self._end(error)
            raise
        self.response = opened.response
        if opened.response.status_code == 204:
            self.is_over = True
            yield from opened.read()  # nothing, and the connection can be used again
        elif opened.response.content_type != "text/event-stream":
            opened.abandon()
            self.is_over = True
            raise decode_error(opened.response, "the answer is no stream of events (text/event-stream)")
        else:
            self.opened = opened
            self._decoder = self._decoder.again()

    def more(self) -> Steps[None]:
        """Bring at least one event, or the end.

        Raises:
            TransportError: The body broke off, and could not be gone on with.
            DecodeError: An event does not end.
        """
        while not self.ready and not self.is_over:
            yield from self.open()
            if self.opened is None:
                continue
            failure: TransportError | None = None
            try:
                chunk = yield from self.opened.read()
            except TransportError as error:
                failure, chunk = error, b""
            if chunk:
                self._patience.progressed()
                self._keep(chunk)
            else:
                yield from self._go_on(failure)

    def abandon(self) -> None:
        """Give the stream up."""
        self.is_over = True
        self.ready.clear()
        self._close()

    # --- decisions ---

    def _keep(self, chunk: bytes) -> None:
        try:
            events = self._decoder.feed(chunk)
        except TooLongError as error:
            problem = self._unreadable(f"cannot be read: {error}", self._received + 1, b"")
            self._end(problem)
            raise problem from error
        for event in events:
            if event.data == self._format.done_data:
                self._end()
                return
            self._received += 1
            self.ready.append(event)
            if event.event in self._format.done_events:
                self._end()
                return

    def _go_on(self, failure: TransportError | None) -> Steps[None]:
        """The body is over: end the stream, fail, or wait to open it again."""
        if self.is_over:  # somebody closed the stream while it was read
            return
        self._close()
        if self._may_reconnect(failure):
            if self._decoder.retry is not None:
                self._patience.wait = self._decoder.retry
            try:
                yield from self._patience.pause(failure)
            except ClientsmithError as error:
                self._end(error)
                raise
            return
        if failure is None and self._format.has_end:
            failure = ServiceResponseError(f"the stream of {self._source.name} ended before the service said so")
        self._end(failure)
        if failure is not None:
            raise failure

    def _may_reconnect(self, failure: TransportError | None) -> bool:
        if failure is not None and not failure.is_transient:  # it cannot be decompressed, say
            return False
        if self._format.reconnect != "resumable":
            return self._format.reconnect == "always"
        if not self._source.is_safe:
            return False
        if self._decoder.last_event_id:
            return failure is not None or not self._patience.is_exhausted
        return failure is not None and self._received == 0

    def _end(self, error: ClientsmithError | None = None) -> None:
        self.is_over = True
        self._close()
        if error is not None and self._decoder.last_event_id:
            error.continuation_token = self._decoder.last_event_id

    def _close(self) -> None:
        if self.opened is not None:
            self.opened.abandon()
            self.opened = None

    def _unreadable(self, what: str, position: int, data: bytes) -> DecodeError:
        if self.response is None:
            raise AssertionError("an event comes from an answer")
        return decode_error(self.response, f"event {position} {what}", position, data)
