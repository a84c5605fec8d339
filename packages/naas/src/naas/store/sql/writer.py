"""Group commit: one thread that owns the only writing connection of this process.

Every write is a function of the transaction. The thread takes what has queued up, runs it in one transaction and
answers all of it after the commit, so that the price of one fsync is shared by everybody who waited meanwhile.
Measured here with an fsync of 6-8 ms: some 150 commits a second, each with as many writes as arrived.

Writes share a commit but not their fate. A write that cannot be (a value that the database does not take) fails alone:
the others of its batch are run again without it. A transaction that lost a race against another service is run again
as a whole. A database that cannot be written (locked, full, gone) fails the whole batch as `StoreUnavailable`, and the
next batch tries again, with a new connection if the old one is broken.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import random
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from naas.errors import NaasError, StoreUnavailable
from naas.store.sql.transactions import LostRace, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from naas.store.sql.databases import Connection, Cursor, Database

__all__ = ["GroupCommitWriter"]

log = logging.getLogger("naas.store")

_T = TypeVar("_T")

# An upper bound for one transaction, so that the first of a flood is not kept waiting for the last.
_MOST_PER_COMMIT: Final = 1000

# How often a transaction is run that loses races, and how long it rests in between. Where two services wanted the same
# forty rows in opposite orders, the second attempt has always been enough.
_MOST_ATTEMPTS: Final = 5
_PAUSE_SECONDS: Final = 0.1


@dataclass(slots=True)
class _Write(Generic[_T]):
    """``apply`` must raise a `NaasError` before it changes anything, or not at all; any other error undoes it."""

    apply: Callable[[Transaction], _T]
    answer: asyncio.Future[_T]
    loop: asyncio.AbstractEventLoop
    then: Callable[[_T], None] | None = None
    result: _T | None = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a batch was not written. ``culprit`` is the write that spoiled it, if one did. ``is_uncertain`` means that
    the server went away while it committed, so that the batch may be written after all."""

    error: Exception
    culprit: _Write[Any] | None = None
    may_repeat: bool = False
    is_uncertain: bool = False


class GroupCommitWriter:
    """Runs writes in order, many to a transaction. Construct and use it from an event loop."""

    def __init__(self, database: Database, before_commit: Callable[[Transaction], None]) -> None:
        """``before_commit`` ends every transaction.

        Raises:
            Exception: The database cannot be reached (``database.error``).
        """
        self._database, self._before_commit = database, before_commit
        self._cursor: Cursor | None = None
        self._connection: Connection | None = database.connect(to_write=True)
        self._is_well = True
        self._is_closed = False
        self.on_commit: Callable[[float, int], None] | None = None
        self._queue: queue.SimpleQueue[_Write[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="naas-store-writer", daemon=True)
        self._thread.start()

    @property
    def is_well(self) -> bool:
        """Whether the last commit succeeded."""
        return self._is_well

    def submit(
        self, apply: Callable[[Transaction], _T], then: Callable[[_T], None] | None = None
    ) -> asyncio.Future[_T]:
        """Queue a write now; the future is done when the write is on disk.

        ``then`` is called before that, in the event loop and in the order of the writes, even if nobody waits any more.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_T] = loop.create_future()
        if self._is_closed:  # nobody would ever answer
            answer.set_exception(StoreUnavailable("the store is closed: the service is going down"))
        else:
            self._queue.put(_Write(apply, answer, loop, then))
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
        attempts = 0
        while batch:
            attempts += 1
            failure = self._try_commit(batch)
            if failure is None:
                self._mark_well()
                return
            if failure.may_repeat and attempts < _MOST_ATTEMPTS:
                # Not at once: the winner must get ahead, or the two meet again at its next row.
                time.sleep(_PAUSE_SECONDS * (attempts - 1 + random.random()))
                continue
            if failure.culprit is not None and self._database.is_its_own_fault(failure.error):
                failure.culprit.error = _for_the_caller(failure.error)
                batch = [write for write in batch if write is not failure.culprit]
            else:
                # Locked, full or gone: true of every write, so they are not tried one by one.
                self._mark_unwell(batch, failure)
                return

    def _try_commit(self, batch: list[_Write[Any]]) -> _Failure | None:
        """Write a batch, or nothing of it."""
        current: _Write[Any] | None = None
        is_new, is_committing, began = self._connection is None, False, time.perf_counter()
        try:
            cursor = self._take_cursor()
            cursor.execute(self._database.begin)
            transaction = Transaction(cursor)
            for current in batch:
                current.error = None
                try:
                    current.result = current.apply(transaction)
                except NaasError as exc:
                    current.error = exc
            current = None
            self._before_commit(transaction)
            is_committing = True
            cursor.execute("COMMIT")
        except Exception as exc:  # noqa: BLE001 - whatever it was, somebody must hear it
            is_lost = self._connection is not None and self._database.is_lost(self._connection)
            self._roll_back()
            if is_lost and is_committing:
                return _Failure(exc, is_uncertain=True)
            # A server that restarted while nobody wrote: a new connection finds it.
            is_stale = is_lost and not is_new
            may_repeat = is_stale or isinstance(exc, LostRace) or self._database.should_repeat(exc)
            return _Failure(exc, current, may_repeat)
        if self.on_commit is not None:
            self.on_commit(time.perf_counter() - began, len(batch))
        return None

    def _take_cursor(self) -> Cursor:
        if self._connection is None:
            self._connection = self._database.connect(to_write=True)
        if self._cursor is None:
            self._cursor = self._connection.cursor()
        return self._cursor

    def _mark_well(self) -> None:
        if not self._is_well:
            log.warning("the database can be written again")
        self._is_well = True

    def _mark_unwell(self, batch: list[_Write[Any]], failure: _Failure) -> None:
        reason = " ".join(str(failure.error).split())
        if self._is_well:
            log.error("the database cannot be written, requests are answered with 503: %s", reason)
        self._is_well = False
        what = "whether it was written is not known" if failure.is_uncertain else "nothing was written"
        for write in batch:
            write.error = StoreUnavailable(f"{what}: {reason}")
            write.error.__cause__ = failure.error

    def _roll_back(self) -> None:
        if self._connection is None:
            return
        try:
            if self._database.is_in_transaction(self._connection):
                self._take_cursor().execute("ROLLBACK")
        except self._database.error as exc:
            log.error("the database connection is broken, taking a new one: %s", exc)
            self._drop_connection()

    def _drop_connection(self) -> None:
        self._cursor = None
        if self._connection is not None:
            with contextlib.suppress(self._database.error):  # what was not committed is lost either way
                self._connection.close()
            self._connection = None


def _for_the_caller(error: Exception) -> Exception:
    if isinstance(error, LostRace):
        return StoreUnavailable(f"nothing was written: another service was faster {_MOST_ATTEMPTS} times")
    return error


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
        if write.then is not None and write.error is None:
            write.then(write.result)
        if write.answer.done():  # the waiter was cancelled; the write stands
            continue
        if write.error is not None:
            write.answer.set_exception(write.error)
        else:
            write.answer.set_result(write.result)
