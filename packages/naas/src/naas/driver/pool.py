"""Warm sessions, kept so that the next job need not log in.

The rules:

* A session is leased to one job at a time. A job that ends well gives it back; a job that ends in any exception,
  cancelling included, does not: the session is cut, since nobody knows in which mode the device was left.
* A session is found by device, platform and a keyed hash of the credentials: another user never gets it, and no
  password is kept here.
* Before it is leased again a session must prove that it is alive. The newest one is taken, so that surplus ones grow
  old and are logged out: after ``idle_seconds`` unused, or ``max_age_seconds`` after it was opened.
* At ``max_connections`` the session that was idle longest makes room. If all are at work, a job waits its turn.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from naas.driver.idle import Entry, IdleSessions
from naas.driver.pool_key import PoolKey

LOGOUT_THREADS: Final = 16  # chosen: two hundred sessions log out within a second or so even over slow lines

CLOSE_SECONDS: Final = 3.0
"""How long `SessionPool.close` begins polite logouts; who is left then is cut off. Devices that stopped answering take
seconds each, and whoever stops a service does not want to wait for them."""


class Poolable(Protocol):
    """A session that a pool can keep."""

    @property
    def is_reusable(self) -> bool:
        """Whether another job may have the session after this one."""
        ...

    def is_alive(self, idle_seconds: float) -> bool:
        """Whether the device still answers, for a session unused for so long."""
        ...

    def log_out(self) -> None:
        """Leave politely. Must not raise."""
        ...

    def abort(self) -> None:
        """Cut the connection. Must not raise, nor wait."""
        ...


SessionT = TypeVar("SessionT", bound=Poolable)


class PoolClosed(Exception):
    """The pool was closed; the service is going down."""


class PoolExhausted(Exception):
    """Every connection was at work for as long as the job could wait."""

    def __init__(self, max_connections: int, waited_seconds: float) -> None:
        super().__init__(max_connections, waited_seconds)
        self.max_connections = max_connections
        self.waited_seconds = waited_seconds

    def __str__(self) -> str:
        return f"all {self.max_connections} connections were in use for {self.waited_seconds:g} s"


@dataclass(frozen=True, slots=True)
class PoolStats:
    """What the pool holds and has done; for metrics and tests."""

    idle: int
    leased: int
    opened: int
    reused: int
    dropped: int

    def __add__(self, other: PoolStats) -> PoolStats:
        """The counts of two pools together."""
        return PoolStats(
            self.idle + other.idle,
            self.leased + other.leased,
            self.opened + other.opened,
            self.reused + other.reused,
            self.dropped + other.dropped,
        )


class SessionPool(Generic[SessionT]):
    """Keeps sessions by key. Thread-safe; sessions are opened and closed outside the lock."""

    def __init__(
        self,
        *,
        max_connections: int,
        idle_seconds: float,
        max_age_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if max_connections < 1:
            raise ValueError(f"max_connections must be at least 1, not {max_connections}")
        self._max_connections = max_connections
        self._clock = clock
        lock = threading.RLock()
        self._changed = threading.Condition(lock)
        # On the same lock: the sweeper sleeps until the next session grows old, whatever comes and goes meanwhile.
        self._must_sweep = threading.Condition(lock)
        self._sweeps_at = math.inf
        self._idle: IdleSessions[SessionT] = IdleSessions(idle_seconds=idle_seconds, max_age_seconds=max_age_seconds)
        self._leased = self._opened = self._reused = self._dropped = 0
        self._is_closed = False
        self._sweeper: threading.Thread | None = None

    @property
    def stats(self) -> PoolStats:
        """A snapshot of the counts."""
        with self._changed:
            return PoolStats(len(self._idle), self._leased, self._opened, self._reused, self._dropped)

    @contextmanager
    def lease(
        self, key: PoolKey, connect: Callable[[], SessionT], *, wait_seconds: float, keep: bool = True
    ) -> Generator[SessionT]:
        """Lend a session for the length of the block: a living one with this key, or else what ``connect`` opens.

        Without ``keep`` it is logged out afterwards.

        Raises:
            PoolExhausted: nothing became free within ``wait_seconds``.
            PoolClosed: the pool was closed.
            Exception: whatever ``connect`` raises.
        """
        entry = self._reserve(key, wait_seconds)
        try:
            entry = self._first_alive(key, entry) or self._open(key, connect)
        except BaseException:
            self._free_slot()
            raise
        try:
            yield entry.session
        except BaseException:
            self._free_slot(dropped=True)
            entry.session.abort()
            raise
        self._give_back(entry, keep=keep)

    def discard_idle(self, host: str, port: int) -> None:
        """Log out of every idle session on one device, whoever's it is: its prompt has changed, for example."""
        with self._changed:
            gone = self._idle.take_where(lambda entry: (entry.key.host, entry.key.port) == (host, port))
            self._changed.notify_all()
        self._log_out(gone)

    def close(self) -> None:
        """Log out of all idle sessions; those at work are logged out when they come back. May be called twice."""
        with self._changed:
            self._is_closed = True
            gone = self._idle.take_where(lambda _: True)
            sweeper = self._sweeper
            self._changed.notify_all()
            self._must_sweep.notify_all()
        self._log_out(gone, give_up_at=time.monotonic() + CLOSE_SECONDS)
        if sweeper is not None:
            sweeper.join()

    # Taking

    def _reserve(self, key: PoolKey, wait_seconds: float) -> Entry[SessionT] | None:
        """Take one of the ``max_connections`` slots, with an idle session of this key if there is one."""
        gone: list[Entry[SessionT]] = []
        give_up_at = time.monotonic() + wait_seconds
        try:
            with self._changed:
                while True:
                    if self._is_closed:
                        raise PoolClosed("the session pool is closed: the service is going down")
                    gone += self._idle.take_expired(self._clock())
                    entry = self._idle.take_newest(key)
                    if entry is None and self._leased + len(self._idle) >= self._max_connections:
                        oldest = self._idle.take_oldest()
                        gone += [oldest] if oldest is not None else []
                    if entry is not None or self._leased + len(self._idle) < self._max_connections:
                        self._leased += 1
                        return entry
                    if not self._changed.wait(max(0.0, give_up_at - time.monotonic())):
                        raise PoolExhausted(self._max_connections, wait_seconds)
        finally:
            self._log_out(gone)

    def _first_alive(self, key: PoolKey, entry: Entry[SessionT] | None) -> Entry[SessionT] | None:
        """``entry``, or the next idle one of its key that still answers; the dead ones are cut."""
        while entry is not None:
            try:
                is_alive = entry.session.is_alive(self._clock() - entry.idle_since)
            except BaseException:
                entry.session.abort()
                raise
            if is_alive:
                with self._changed:
                    self._reused += 1
                return entry
            entry.session.abort()
            with self._changed:
                self._dropped += 1
                entry = self._idle.take_newest(key)
        return None

    def _open(self, key: PoolKey, connect: Callable[[], SessionT]) -> Entry[SessionT]:
        session = connect()
        now = self._clock()
        with self._changed:
            self._opened += 1
        return Entry(key, session, opened_at=now, idle_since=now)

    # Giving back

    def _give_back(self, entry: Entry[SessionT], *, keep: bool) -> None:
        entry.idle_since = self._clock()
        with self._changed:
            self._leased -= 1
            keep = (
                keep and not self._is_closed and entry.session.is_reusable and self._clock() < self._idle.end_of(entry)
            )
            if keep:
                self._idle.add(entry)
                self._start_sweeper()
                if self._idle.first_end < self._sweeps_at:
                    self._must_sweep.notify_all()
            self._changed.notify_all()
        if not keep:
            self._log_out([entry])

    def _free_slot(self, *, dropped: bool = False) -> None:
        with self._changed:
            self._leased -= 1
            self._dropped += dropped
            self._changed.notify_all()

    # Growing old

    def _start_sweeper(self) -> None:
        """Log out of old sessions even when no job comes by: a device has few terminal lines to spare."""
        if self._sweeper is None:
            self._sweeper = threading.Thread(target=self._sweep, name="session-pool-sweeper", daemon=True)
            self._sweeper.start()

    def _sweep(self) -> None:
        while True:
            with self._changed:
                if self._is_closed:
                    return
                expired = self._idle.take_expired(self._clock())
                if not expired:
                    self._sweeps_at = self._idle.first_end
                    self._must_sweep.wait(self._seconds_to_next_expiry())
            self._log_out(expired)

    def _seconds_to_next_expiry(self) -> float | None:
        """None when nothing is idle: the next session that comes back wakes the sweeper."""
        first_end = self._idle.first_end
        return None if math.isinf(first_end) else max(0.0, first_end - self._clock())

    def _log_out(self, entries: list[Entry[SessionT]], *, give_up_at: float = math.inf) -> None:
        def end(session: SessionT) -> None:
            if time.monotonic() < give_up_at:
                session.log_out()
            else:
                session.abort()

        if len(entries) < 2:
            for entry in entries:
                end(entry.session)
            return
        with ThreadPoolExecutor(min(LOGOUT_THREADS, len(entries)), thread_name_prefix="logout") as threads:
            for entry in entries:
                threads.submit(end, entry.session)
