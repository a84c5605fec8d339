"""Following an operation by its server-sent events, beside looking at it; steps without I/O.

Rules:

- The stream only says when to look. How the operation stands and what came of it is read at the ordinary place, so
  whatever the stream says, the result is the one that looking alone would have had.
- It is open while somebody waits, looks included, and no longer.
- A look is due at once when an event tells the end, and when the stream ends after it has said something.
- Else looks come when they would come without it, until the stream has said something (a comment will do) and a look
  after that opening has found the operation running: what happened before the stream was there it may never tell. From
  then on they are half a minute apart, or as the service asks if that is more. A proxy that holds the stream back
  therefore delays nothing.
- The stream is opened at most once between two looks, and only while the client can spare the connection
  (`Road.listeners_left`): many pollers that listen must not keep each other's looks waiting.
- Where there is none (most refusals, another media type), or where it must not be opened, that is final for this
  poller. Whatever else goes wrong costs one of three chances: no connection, 503, a break, an end that was none. They
  are given back by a stream that lasted from one look to the next and had something to say.
"""

from __future__ import annotations

from math import inf
from typing import Any, Final

from .._run import Road
from ..errors import CircuitOpenError, ClientsmithError, DeadlineExceededError, TransportError
from ..pipeline import Steps
from ..rest import HttpRequest
from ..settings import Settings
from ..streaming.decoders import EventDecoder, TooLongError
from ..streaming.responses import NothingYetError
from ..streaming.source import Opened
from .schemes import Polling
from .state import TRANSIENT, PollState

__all__ = ["Following"]

# How late we may learn of the end from a stream that lives and does not tell: six of the longest pauses that we make by
# default (5 s), and a look every half minute costs no service anything.
_QUIET: Final = 30.0

_CHANCES: Final = 3


class Following:
    """The event stream of one operation."""

    def __init__(self, road: Road, polling: Polling[Any], settings: Settings, template: str) -> None:
        self._road, self._polling, self._settings, self._template = road, polling, settings, template
        self._opened: Opened | None = None
        self._decoder = EventDecoder()
        self._chances = _CHANCES
        self._may_open = True
        self._has_spoken = False  # since it was opened
        self._is_checked = False  # a look since it was opened has found the operation running
        self._says_over = False
        self._looked_at = road.clock()

    @property
    def is_possible(self) -> bool:
        """Whether there is a stream to listen to until the next look, or one may be opened."""
        may_open = self._may_open and self._chances > 0 and self._road.listeners_left > 0
        return self._opened is not None or may_open

    def next_look(self, due: float) -> float:
        """Return when to look, -inf for at once; ``due`` is when we would without the stream."""
        if self._says_over:
            return -inf
        is_trusted = self._opened is not None and self._has_spoken and self._is_checked
        return max(due, self._looked_at + _QUIET) if is_trusted else due

    def listen(self, state: PollState, look_at: float, until: float) -> Steps[None]:
        """Open the stream, or wait for it to say something; ``until`` at most, and ``look_at`` is the next look."""
        try:
            if self._opened is None:
                yield from self._open(state.events_url, until)
            else:
                self._take((yield from self._opened.read(until=until)))
        except NothingYetError:
            pass  # a silent stream costs nothing: looks go on beside it
        except ClientsmithError as error:
            # Time was up, and the transport had to close the stream for it: no fault of one that has spoken, nor where
            # it was the caller who would wait no longer.
            is_blameless = isinstance(error, DeadlineExceededError) and (self._has_spoken or until < look_at)
            self._lose(0 if is_blameless else 1 if _is_passing(error) else _CHANCES)
        except TooLongError:  # an event that does not end
            self._lose(_CHANCES)

    def looked(self) -> None:
        """Note that a look has found the operation running."""
        self._may_open = True
        self._looked_at = self._road.clock()
        if self._says_over:
            self._says_over = False
            self._lose(1)
        elif self._opened is not None and self._has_spoken:
            if self._is_checked:
                self._chances = _CHANCES
            self._is_checked = True
        else:
            self._is_checked = self._opened is not None

    def look_failed(self) -> None:
        """Note that a look told nothing: the next one comes when it would without the stream."""
        self._may_open = True
        self._says_over = False
        self.close()

    def close(self) -> None:
        """Give the connection up. Another wait opens a new one."""
        if self._opened is not None:
            self._opened.abandon()
            self._opened = None
            self._road.listeners_left += 1

    # --- decisions ---

    def _open(self, url: str, until: float) -> Steps[None]:
        self._may_open = self._has_spoken = self._is_checked = False
        request = HttpRequest("GET", url, headers={"Accept": "text/event-stream", "Cache-Control": "no-cache"})
        if self._decoder.last_event_id:
            request.headers["Last-Event-ID"] = self._decoder.last_event_id
        self._decoder = self._decoder.again()
        left, own = max(0.0, until - self._road.clock()), self._settings["timeout"]
        # Not to be tried again by the retry policy: meanwhile nobody would look.
        settings = {**self._settings, "timeout": left if own is None else min(own, left), "max_retries": 0}
        response = yield from self._road.follow(request, settings, stream=True, template=self._template)
        if response.status_code == 200 and response.content_type == "text/event-stream":
            self._opened = Opened(response)
            self._road.listeners_left -= 1
            return
        response.abandon()
        self._lose(1 if response.status_code in TRANSIENT else _CHANCES)

    def _take(self, chunk: bytes) -> None:
        if not chunk:
            self._says_over = self._has_spoken
            self._lose(0 if self._has_spoken else 1)
            return
        self._has_spoken = True
        events = self._polling.events
        for event in self._decoder.feed(chunk):
            if events is not None and (
                event.event in events.ending or self._polling.stage_of(events.word(event)) != "running"
            ):
                self._says_over = True

    def _lose(self, chances: int) -> None:
        self.close()
        self._chances -= chances


def _is_passing(error: ClientsmithError) -> bool:
    return isinstance(error, TransportError) and (error.is_transient or isinstance(error, CircuitOpenError))
