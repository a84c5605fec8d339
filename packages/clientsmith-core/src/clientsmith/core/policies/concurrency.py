"""Keeps the number of requests that are under way at a time below what a service bears."""

from __future__ import annotations

import threading
from collections import deque
from typing import ClassVar

from .._signal import Signal, Wait
from ..pipeline import Flow
from ..rest import HttpRequest
from ..settings import Setting

__all__ = ["ConcurrencyLimitPolicy"]


class ConcurrencyLimitPolicy:
    """Lets so many requests pass at a time; further ones wait their turn in the order in which they came.

    Threads and tasks of any number of event loops share the limit. The waiting ends at the call's deadline. It belongs
    below retries, so that nobody keeps a place while waiting to try again. A streamed answer gives its place back when
    its header is there.

    Args:
        max_concurrent: Requests under way at a time, 1 or more.

    Raises:
        ValueError: ``max_concurrent`` is less than 1.
    """

    settings: ClassVar[tuple[Setting, ...]] = ()

    def __init__(self, max_concurrent: int) -> None:
        if max_concurrent < 1:
            raise ValueError(f"max_concurrent is {max_concurrent}; with less than 1 nothing could ever be sent")
        self._mutex = threading.Lock()
        self._free = max_concurrent
        self._queue: deque[Signal] = deque()

    def send(self, request: HttpRequest, /) -> Flow:
        """Yield the wait for a place, then the request."""
        turn = self._take()
        if turn is not None:
            try:
                yield from Wait(turn, request.call, "its turn among the requests under way")
            except BaseException:
                self._leave(turn)
                raise
        try:
            return (yield request)
        finally:
            self._give_back()

    def _take(self) -> Signal | None:
        """Take a place, or return the signal that says when there is one."""
        with self._mutex:
            if self._free:
                self._free -= 1
                return None
            turn = Signal()
            self._queue.append(turn)
            return turn

    def _give_back(self) -> None:
        """Hand the place to who waits longest: it never is free in between, so nobody can jump the queue."""
        with self._mutex:
            if not self._queue:
                self._free += 1
                return
            turn = self._queue.popleft()
        turn.fire()

    def _leave(self, turn: Signal) -> None:
        """Wait no longer; a place that was handed over in the same moment goes to the next one."""
        with self._mutex:
            if turn in self._queue:
                self._queue.remove(turn)
                return
        self._give_back()
