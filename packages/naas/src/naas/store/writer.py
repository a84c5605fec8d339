"""Group commit: one thread that owns the only writing connection.

Every write is a function of the connection. The thread takes what has queued up, runs it in one transaction and
answers all of it after the commit, so that the price of one fsync is shared by everybody who waited meanwhile.
Measured here with an fsync of 6-8 ms: some 150 commits a second, each with as many writes as arrived.

Writes share a commit but not their fate. A write that cannot be (a value that SQLite does not take) fails alone: the
others of its batch are run again without it. A database that cannot be written (locked, full, gone) fails the whole
batch as `StoreUnavailable`, and the next batch tries again, with a new connection if the old one is broken.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import sqlite3
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from naas.errors import NaasError, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["GroupCommitWriter"]

log = logging.getLogger("naas.store")

_T = TypeVar("_T")

# An upper bound for one transaction, so that the first of a flood is not kept waiting for the last.
_MOST_PER_COMMIT: Final = 1000


@dataclass(slots=True)
class _Write(Generic[_T]):
    """``apply`` must raise a `NaasError` before it changes anything, or not at all; any other error undoes it."""

    apply: Callable[[sqlite3.Connection], _T]
    answer: asyncio.Future[_T]
    loop: asyncio.AbstractEventLoop
    result: _T | None = None
    error: Exception | None = None


class GroupCommitWriter:
    """Runs writes in order, many to a transaction. Construct and use it from an event loop."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._connection: sqlite3.Connection | None = connect()
        self._is_well = True
        self._is_closed = False
        self._queue: queue.SimpleQueue[_Write[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="naas-store-writer", daemon=True)
        self._thread.start()

    @property
    def is_well(self) -> bool:
        """Whether the last commit succeeded."""
        return self._is_well

    def submit(self, apply: Callable[[sqlite3.Connection], _T]) -> asyncio.Future[_T]:
        """Queue a write now; the future is done when the write is on disk."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_T] = loop.create_future()
        if self._is_closed:  # nobody would ever answer
            answer.set_exception(StoreUnavailable("the store is closed: the service is going down"))
        else:
            self._queue.put(_Write(apply, answer, loop))
        return answer

    def close(self) -> None:
        """Write everything that is queued, then close the connection. Later writes fail at once."""
        self._is_closed = True
        self._queue.put(None)
        self._thread.join()
        self._drop_connection()

    def _run(self) -> None:
        closing = False
        while not closing:
            batch: list[_Write[Any]] = []
            entry = self._queue.get()
            while entry is not None:
                batch.append(entry)
                if len(batch) == _MOST_PER_COMMIT:
                    break
                try:
                    entry = self._queue.get_nowait()
                except queue.Empty:
                    break
            closing = entry is None
            if batch:
                self._commit(batch)
                _answer(batch)

    def _commit(self, batch: list[_Write[Any]]) -> None:
        """Write a batch, without those of its writes that cannot be."""
        while batch and (culprit := self._try_commit(batch)) is not None:
            batch = [write for write in batch if write is not culprit]

    def _try_commit(self, batch: list[_Write[Any]]) -> _Write[Any] | None:
        """Write a batch. Returns the write that spoiled it, with its error; then nothing was written."""
        current: _Write[Any] | None = None
        try:
            connection = self._connection = self._connection or self._connect()
            connection.execute("BEGIN IMMEDIATE")
            for current in batch:
                current.error = None
                try:
                    current.result = current.apply(connection)
                except NaasError as exc:
                    current.error = exc
            current = None
            connection.execute("COMMIT")
        except Exception as exc:  # noqa: BLE001 - whatever it was, nothing of this batch was kept, and somebody must hear it
            self._roll_back()
            if current is not None and _is_its_own_fault(exc):
                current.error = exc
                return current
            # Locked, full or damaged: true of every write, so they are not tried one by one.
            if self._is_well:
                log.error("the database cannot be written, requests are answered with 503: %s", exc)
            self._is_well = False
            for write in batch:
                write.error = StoreUnavailable(f"nothing was written: {exc}")
                write.error.__cause__ = exc
        else:
            if not self._is_well:
                log.warning("the database can be written again")
            self._is_well = True
        return None

    def _roll_back(self) -> None:
        try:
            if self._connection is not None and self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error as exc:
            log.error("the database connection is broken, taking a new one: %s", exc)
            self._drop_connection()

    def _drop_connection(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):  # what was not committed is lost either way
                self._connection.close()
            self._connection = None


def _is_its_own_fault(error: Exception) -> bool:
    """Whether a write was refused for what it is, not for the state of the database."""
    return isinstance(error, sqlite3.DataError | sqlite3.IntegrityError) or not isinstance(error, sqlite3.Error)


def _answer(batch: list[_Write[Any]]) -> None:
    """Wake the waiters, with one call into each event loop."""
    for loop in {write.loop for write in batch}:
        try:
            loop.call_soon_threadsafe(_resolve, [write for write in batch if write.loop is loop])
        except RuntimeError:
            # The loop closed while the write was on its way: it is on disk, and nobody waits any more.
            continue


def _resolve(batch: list[_Write[Any]]) -> None:
    for write in batch:
        if write.answer.done():  # the waiter was cancelled; the write stands
            continue
        if write.error is not None:
            write.answer.set_exception(write.error)
        else:
            write.answer.set_result(write.result)
