"""Deadlines and silences on an event loop: one timer for all calls."""

from __future__ import annotations

import asyncio
from math import inf
from types import TracebackType
from typing import Any, Protocol, Self, cast

from ..rest import Call

__all__ = ["Watch", "Watchman"]


class Heard(Protocol):
    """What a call waits for.

    Attributes:
        heard_at: When something moved last, on the event loop's clock.
    """

    heard_at: float


class Watch:
    """One call that a `Watchman` ends when it is late: at its deadline, or when the service has been silent too long.

    The task is cancelled, and its `CancelledError` leaves the ``with`` block as the `TimeoutError` that it stands for.

    Attributes:
        handler: The connection that the request goes out on, None before there is one.
        is_late: Whether the task was cancelled for it.
    """

    __slots__ = ("_began_at", "_cancelling", "_ends_at", "_man", "_patience", "_task", "handler", "is_late")

    def __init__(self, man: Watchman, patience: float, remaining: float | None = None) -> None:
        """``patience`` is how many seconds the service may be silent, ``remaining`` how many the call has left.

        Must be made by the task that it watches.
        """
        self._man = man
        self._patience = patience
        self._began_at = man.loop.time()
        self._ends_at = inf if remaining is None else self._began_at + remaining
        self.is_late = False
        self._task = cast("asyncio.Task[Any]", asyncio.current_task(man.loop))
        self._cancelling = self._task.cancelling()
        self.handler: Heard | None = None

    @classmethod
    def reading(cls, man: Watchman, patience: float, call: Call) -> Self:
        """Return the watch over one read of a streamed body: the call's deadline ended with the header."""
        until = call.read_until
        return cls(man, patience, None if until is None else until - call.clock())

    def __enter__(self) -> Self:
        self._man.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._man.drop(self)
        # Somebody else may have cancelled the task as well; then that is what it ends with.
        if self.is_late and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed; else it was the silence."""
        return self._man.loop.time() >= self._ends_at

    def late_at(self, now: float) -> float:
        """Return when this call will be late if nothing comes until then."""
        if self.handler is None:  # connecting has a timeout of its own
            return min(self._ends_at, max(now, self._began_at) + self._patience)
        return min(self._ends_at, max(self._began_at, self.handler.heard_at) + self._patience)

    def end(self) -> None:
        """Cancel the task, because it is late."""
        self.is_late = True
        self._task.cancel()


class Watchman:
    """Looks after all calls of one event loop with one timer.

    A timer for each call (`asyncio.timeout`, and aiohttp's ``sock_read``, set anew whenever something comes) was a
    seventh of what a call cost. Calls mostly have the same limits, so the one that began first is late first: a
    timer is set when there is none that rings early enough, which is nearly never, and looks around when it rings.
    """

    __slots__ = ("_rings_at", "_timer", "_watches", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._watches: set[Watch] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = inf

    def add(self, watch: Watch) -> None:
        """Look after a call from now on."""
        self._watches.add(watch)
        late_at = watch.late_at(0.0)
        if late_at < self._rings_at:
            self._set(late_at)

    def drop(self, watch: Watch) -> None:
        """Look after a call no longer."""
        self._watches.discard(watch)

    def leave(self) -> None:
        """Stop the timer: the connections are being closed."""
        self._set(inf)

    def _set(self, rings_at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = rings_at
        self._timer = None if rings_at == inf else self.loop.call_at(rings_at, self._ring)

    def _ring(self) -> None:
        now = self.loop.time()
        next_at = inf
        for watch in tuple(self._watches):
            late_at = watch.late_at(now)
            if late_at <= now:
                watch.end()
                self._watches.discard(watch)
            else:
                next_at = min(next_at, late_at)
        self._set(next_at)
