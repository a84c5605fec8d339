"""The sessions of a pool that nobody uses: found by key, in the order in which they were given back, and their ends.

A job takes one and gives one back, so both cost the same whether ten sessions are idle or thousands; a scan of all of
them, at a thousand, cost eight times what running the command does (measured).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from naas.driver.pool_key import PoolKey

__all__ = ["Entry", "IdleSessions"]

SessionT = TypeVar("SessionT")


@dataclass(slots=True, eq=False)
class Entry(Generic[SessionT]):
    """A session of the pool, and since when; by the pool's clock, in seconds."""

    key: PoolKey
    session: SessionT
    opened_at: float
    idle_since: float


class IdleSessions(Generic[SessionT]):
    """Not thread-safe: the pool's lock is held around every call."""

    def __init__(self, *, idle_seconds: float, max_age_seconds: float) -> None:
        self._idle_seconds = idle_seconds
        self._max_age_seconds = max_age_seconds
        # Dictionaries keep the order of arrival: the longest idle comes first.
        self._all: dict[Entry[SessionT], None] = {}
        self._by_key: dict[PoolKey, dict[Entry[SessionT], None]] = {}
        self._first_end = math.inf  # never later than the first end; earlier if the session was taken since

    def __len__(self) -> int:
        return len(self._all)

    def end_of(self, entry: Entry[SessionT]) -> float:
        """When ``entry`` is too old: unused for too long, or open for too long."""
        return min(entry.idle_since + self._idle_seconds, entry.opened_at + self._max_age_seconds)

    @property
    def first_end(self) -> float:
        """When to look for expired sessions next; infinite if there are none at all."""
        return self._first_end if self._all else math.inf

    def add(self, entry: Entry[SessionT]) -> None:
        """Take in a session that came back just now."""
        self._all[entry] = None
        self._by_key.setdefault(entry.key, {})[entry] = None
        self._first_end = min(self._first_end, self.end_of(entry))

    def take_newest(self, key: PoolKey) -> Entry[SessionT] | None:
        """Remove and return the session of this key that came back last, so that surplus ones grow old."""
        entries = self._by_key.get(key)
        if not entries:
            return None
        entry = next(reversed(entries))
        self._remove(entry)
        return entry

    def take_oldest(self) -> Entry[SessionT] | None:
        """Remove and return the session that was idle longest."""
        entry = next(iter(self._all), None)
        if entry is not None:
            self._remove(entry)
        return entry

    def take_expired(self, now: float) -> list[Entry[SessionT]]:
        """Remove and return the sessions that are too old."""
        if now < self.first_end:
            return []
        expired = self.take_where(lambda entry: self.end_of(entry) <= now)
        self._first_end = min(map(self.end_of, self._all), default=math.inf)
        return expired

    def take_where(self, is_meant: Callable[[Entry[SessionT]], bool]) -> list[Entry[SessionT]]:
        """Remove and return all sessions of which ``is_meant`` says yes; looks at every one."""
        taken = [entry for entry in self._all if is_meant(entry)]
        for entry in taken:
            self._remove(entry)
        return taken

    def _remove(self, entry: Entry[SessionT]) -> None:
        del self._all[entry]
        entries = self._by_key[entry.key]
        del entries[entry]
        if not entries:
            del self._by_key[entry.key]
