"""A one-time signal that threads and tasks of several event loops can wait for at the same time.

`asyncio.Lock` belongs to one loop and `threading.Lock` blocks loops; a client used from both needs neither.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from .errors import DeadlineExceededError
from .pipeline import IO, Ask, AsyncIO
from .rest import Call

__all__ = ["Signal", "Wait"]


class Signal:
    """Fired once, with the failure that it reports or None; whoever joins later is woken at once."""

    __slots__ = ("_fired", "_mutex", "_wakers", "failure")

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._fired = False
        self._wakers: list[Callable[[], object]] = []
        self.failure: Exception | None = None

    def fire(self, failure: Exception | None = None) -> None:
        """Wake everybody who waits and everybody who will."""
        with self._mutex:
            self._fired, self.failure = True, failure
            wakers, self._wakers = self._wakers, []
        for wake in wakers:
            wake()

    def join(self, waker: Callable[[], object]) -> bool:
        """Register a waker; False if the signal was fired already and nobody will call it."""
        with self._mutex:
            if not self._fired:
                self._wakers.append(waker)
            return not self._fired


class Wait(Ask[Exception | None]):
    """Wait for a signal, but not past the call's deadline; the answer is the failure that the signal reports."""

    __slots__ = ("_call", "_signal", "_what")

    def __init__(self, signal: Signal, call: Call, what: str = "another call") -> None:
        """Take the signal, the call that waits, and what it waits for in the words of an error."""
        self._signal = signal
        self._call = call
        self._what = what

    def perform(self, io: IO) -> Exception | None:
        event = threading.Event()
        left = self._call.remaining()
        if self._signal.join(event.set) and not event.wait(None if left is None else min(left, threading.TIMEOUT_MAX)):
            raise self._too_late()
        return self._signal.failure

    async def perform_async(self, io: AsyncIO) -> Exception | None:
        import asyncio  # a sync program never gets here

        loop = asyncio.get_running_loop()
        landed: asyncio.Future[None] = loop.create_future()

        def land() -> None:
            if not landed.done():
                landed.set_result(None)

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # a loop that was closed meanwhile has nobody left to wake
                loop.call_soon_threadsafe(land)

        if self._signal.join(wake):
            await asyncio.wait([landed], timeout=self._call.remaining())
            if not landed.done():
                raise self._too_late()
        return self._signal.failure

    def _too_late(self) -> DeadlineExceededError:
        error = DeadlineExceededError(
            f"the call's timeout ran out while it waited for {self._what}; raise `timeout` to wait longer"
        )
        error.attempts, error.previous = self._call.attempts, self._call.previous
        return error
