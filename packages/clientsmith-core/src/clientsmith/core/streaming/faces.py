"""The sync face of streams: what the methods of a client return."""

from __future__ import annotations

import os
from collections.abc import Sized
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Generic, Protocol, Self, TypeVar

from .._run import Run
from ..pipeline import Steps
from ..rest import HttpResponse
from .decoders import ServerSentEvent
from .downloads import ByteSteps, Progress
from .events import EventSteps
from .lines import LineSteps
from .responses import CHUNK_SIZE

if TYPE_CHECKING:
    from ._files import Check

__all__ = ["ByteStream", "EventStream", "JsonLines"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class ItemSteps(Protocol[T_co]):
    """A stream of items being read, as steps without I/O."""

    is_over: bool
    response: HttpResponse | None

    @property
    def ready(self) -> Sized: ...

    def take(self) -> T_co: ...

    def open(self) -> Steps[None]: ...

    def more(self) -> Steps[None]: ...

    def abandon(self) -> None: ...


class ItemStream(Generic[T]):
    """Items of an open body, as they come. Nothing is sent before the first one is asked for.

    Use it in a ``with`` block, which opens it at once and closes it in the end, or read it to its end. It is an
    iterator: a loop that was left can be gone on with.
    """

    def __init__(self, run: Run, steps: ItemSteps[T]) -> None:
        self._run = run
        self._items = steps

    @property
    def response(self) -> HttpResponse | None:
        """The answer that is being read, for its header; None as long as there is none."""
        return self._items.response

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        while not self._items.ready:
            if self._items.is_over:
                raise StopIteration
            self._run(self._items.more())
        return self._items.take()

    def close(self) -> None:
        """Give the connection up. Closing twice is fine, and nothing is left to close once the stream is over."""
        self._items.abandon()

    def __enter__(self) -> Self:
        self._run(self._items.open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class EventStream(ItemStream[T]):
    """Server-sent events, each as what it stands for; see `clientsmith.core.streaming.events` for when it is over.

    Raises:
        HttpResponseError: The service answered with an error, at first or when the stream was opened again.
        TransportError: The stream broke off and could not be gone on with; ``continuation_token`` is the last id.
        DecodeError: An event is not what it should be; ``next()`` goes on with the one after it.
    """

    def __init__(self, run: Run, steps: EventSteps[T]) -> None:
        super().__init__(run, steps)
        self._steps = steps

    @property
    def last_event(self) -> ServerSentEvent | None:
        """The event that the last item was read from: its name, its id and its data as they came."""
        return self._steps.last_event

    @property
    def last_event_id(self) -> str:
        """The id of the last event, "" if it has none: with it as ``last_event_id`` another call goes on from here."""
        return self._steps.last_event_id


class JsonLines(ItemStream[T]):
    """The values of JSON lines or of a JSON text sequence, one by one.

    Raises:
        HttpResponseError: The service answered with an error.
        TransportError: The body broke off.
        DecodeError: A line is not what it should be, ``position`` says which; ``next()`` goes on with the one after it.
    """

    def __init__(self, run: Run, steps: LineSteps[T]) -> None:
        super().__init__(run, steps)
        self._steps = steps

    @property
    def position(self) -> int:
        """The number of the last line read, from 1; 0 before the first."""
        return self._steps.position


class ByteStream:
    """The bytes of a download, gone on with where the road breaks off. Nothing is sent before it is read.

    Use it in a ``with`` block, which opens it at once and closes it in the end, or read it to its end. It is an
    iterator over the pieces, as they come.

    Raises:
        HttpResponseError: The service answered with an error, at first or when the body was to be gone on with.
        TransportError: The body broke off and could not be gone on with, or its content changed meanwhile.
        DecodeError: The service sent other bytes than it was asked for.
    """

    def __init__(self, run: Run, steps: ByteSteps) -> None:
        self._run = run
        self._steps = steps
        self._chunk_size = CHUNK_SIZE

    @property
    def response(self) -> HttpResponse | None:
        """The answer that is being read, for its header; None as long as there is none."""
        return self._steps.response

    @property
    def total(self) -> int | None:
        """How many bytes there are to come in all; None before the first, and where the service does not say."""
        return self._steps.total

    @property
    def done(self) -> int:
        """How many bytes have been read."""
        return self._steps.position - self._steps.first

    def iter_bytes(self, chunk_size: int = CHUNK_SIZE) -> Self:
        """Return this iterator, from now on over pieces of at most ``chunk_size`` bytes."""
        self._chunk_size = chunk_size
        return self

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        chunk = self._run(self._steps.read(self._chunk_size))
        if not chunk:
            raise StopIteration
        return chunk

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes as soon as there are any, b"" at the end. Without a size: all that is left."""
        return b"".join(self) if size < 0 else self._run(self._steps.read(size))

    def write_to(
        self,
        target: str | os.PathLike[str] | BinaryIO,
        *,
        progress: Progress | None = None,
        resume: bool = False,
        check: Check | None = None,
        overwrite: bool = True,
    ) -> int:
        """Write all of it to a file.

        At a path nothing is to be seen before everything is there: the bytes go into a hidden file beside it, which
        then takes its place. Should the content change meanwhile, it is begun anew.

        Args:
            target: A path, or an open binary file, which is written to from where it stands.
            progress: Called with the bytes written so far and with how many there will be, None if not known.
            resume: Whether a download to this path goes on where an earlier one, in another process say, was left.
                The hidden file is kept then if this one fails too. It is not used for another content: the entity tag
                is in its name.
            check: Sees every byte before it is written, those of an earlier download too, and has the last word: a
                digest for example. What it does not like never gets the name, and is removed.
            overwrite: Whether a file that has the name already may be replaced.

        Returns:
            How many bytes the content has.

        Raises:
            FileExistsError: There is a file already, and ``overwrite`` is False.
            OSError: The file cannot be written.
        """
        from .saving import save

        steps = save(self._steps, target, progress, resume=resume, check=check, overwrite=overwrite)
        return self._run(steps)

    def close(self) -> None:
        """Give the connection up. Closing twice is fine, and nothing is left to close once everything was read."""
        self._steps.abandon()

    def __enter__(self) -> Self:
        self._run(self._steps.open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
