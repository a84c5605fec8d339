"""The connections of one event loop: so many at a time, the idle ones used again, the rest of the tasks in a queue."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

from .._watch import Watchman
from .exchange import Opening
from .protocols import Connection, open_connection
from .route import Route

__all__ = ["Origin", "Pool"]


class Origin:
    """How one origin is reached, and the idle connections to it, the one used last on top."""

    __slots__ = ("idle", "is_closed", "route")

    def __init__(self, route: Route) -> None:
        self.route = route
        self.idle: list[Connection] = []
        self.is_closed = False


class Pool:
    """The connections of one event loop: so many at a time, whatever they lead to. Who comes too late waits his turn.

    Attributes:
        origins: By what stands before the path of a URL.
        man: Looks after deadlines.
    """

    def __init__(self, size: int) -> None:
        loop = asyncio.get_running_loop()
        self._size = size
        self._open: set[Connection] = set()
        self._opening = 0
        self._turns: deque[asyncio.Future[None]] = deque()
        self._is_closed = False
        self._loop = loop
        self.origins: dict[str, Origin] = {}
        self.man = Watchman(loop)

    async def take(self, opening: Opening, origin: Origin) -> Connection:
        """Return a connection to an origin: an idle one, or a new one, when there may be one.

        Raises:
            TransportError: There is none; the request is unsent.
        """
        has_waited = False
        while True:
            while origin.idle:
                connection = origin.idle.pop()
                if not connection.is_stale:
                    return connection
                self.drop(connection)
            if len(self._open) + self._opening < self._size or self._made_room():
                break
            await self._turn(is_next=has_waited)
            has_waited = True
        self._opening += 1
        try:
            connection = await open_connection(opening)
        except BaseException:
            self._opening -= 1
            self._next_turn()
            raise
        self._opening -= 1
        self._open.add(connection)
        return connection

    def give(self, connection: Connection, origin: Origin, idle_seconds: float) -> None:
        """Take a connection back after its exchange; one with no time to idle is closed."""
        if idle_seconds <= 0.0 or self._is_closed or origin.is_closed:
            self.drop(connection)
            return
        connection.expires_at = self._loop.time() + idle_seconds
        origin.idle.append(connection)
        if self._turns:
            self._next_turn()

    def drop(self, connection: Connection) -> None:
        """Close a connection that was taken; dropping it twice is fine."""
        connection.close()
        self._open.discard(connection)
        self._next_turn()

    def forget(self, origin: Origin) -> None:
        """Close the idle connections of an origin; those in use close when they are given back."""
        origin.is_closed = True
        while origin.idle:
            self.drop(origin.idle.pop())

    def close(self) -> None:
        """Close all connections, those in use as well."""
        self._is_closed = True
        self.man.leave()
        self.origins.clear()
        for connection in tuple(self._open):
            with suppress(RuntimeError):  # the loop may be closed already
                self.drop(connection)

    def _made_room(self) -> bool:
        """Close the connection of another origin that has idled longest; False if all are in use."""
        idle = [(origin.idle[0].expires_at, origin) for origin in self.origins.values() if origin.idle]
        if not idle:
            return False
        _, origin = min(idle, key=lambda pair: pair[0])
        self.drop(origin.idle.pop(0))
        return True

    async def _turn(self, *, is_next: bool) -> None:
        """Wait until there may be a connection; first in the queue is who had a turn, and somebody else was quicker."""
        waiting = self._loop.create_future()
        (self._turns.appendleft if is_next else self._turns.append)(waiting)
        try:
            await waiting
        except asyncio.CancelledError:
            if waiting.cancelled():
                with suppress(ValueError):  # `_next_turn` has left it out already
                    self._turns.remove(waiting)
            else:  # it was our turn, and is somebody else's now
                self._next_turn()
            raise

    def _next_turn(self) -> None:
        while self._turns:
            waiting = self._turns.popleft()
            if not waiting.done():
                waiting.set_result(None)
                return
