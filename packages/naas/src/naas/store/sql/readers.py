"""Reading, apart from the writer: a few threads, each with a connection of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

from naas.errors import StoreUnavailable
from naas.store.sql.transactions import Rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from naas.store.sql.databases import Connection, Database

__all__ = ["Readers"]

_T = TypeVar("_T")

# Reads are short; a second and a third thread keep a long list from delaying a poll.
_THREADS: Final = 3


class Readers:
    """Runs reads in threads. A read sees every write that was answered before it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._is_closed = False
        self._local = threading.local()
        self._opened: set[Connection] = set()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="naas-store-reader")

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._is_closed

    async def run(self, read: Callable[[Rows], _T]) -> _T:
        """Run ``read`` in a thread and return what it returns.

        Raises:
            StoreUnavailable: The database cannot be read, or the store is closed.
        """
        if self._is_closed:
            raise StoreUnavailable("the store is closed: the service is going down")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, read)

    def close(self) -> None:
        """Let running reads end, then close the connections."""
        self._is_closed = True
        self._threads.shutdown(wait=True)
        for connection in self._opened:
            connection.close()
        self._opened.clear()

    def _read(self, read: Callable[[Rows], _T]) -> _T:
        is_fresh = getattr(self._local, "rows", None) is None
        try:
            return read(self._rows())
        except self._database.error as exc:
            self._drop()
            if is_fresh:
                raise _cannot_read(exc) from exc
        # The connection may have been of a server that has restarted meanwhile; a new one tells.
        try:
            return read(self._rows())
        except self._database.error as exc:
            self._drop()
            raise _cannot_read(exc) from exc

    def _rows(self) -> Rows:
        rows: Rows | None = getattr(self._local, "rows", None)
        if rows is None:
            connection = self._local.connection = self._database.connect()
            self._opened.add(connection)
            rows = self._local.rows = Rows(connection.cursor())
        return rows

    def _drop(self) -> None:
        connection: Connection | None = getattr(self._local, "connection", None)
        self._local.rows = self._local.connection = None
        if connection is not None:
            self._opened.discard(connection)
            with contextlib.suppress(self._database.error):
                connection.close()


def _cannot_read(error: Exception) -> StoreUnavailable:
    return StoreUnavailable(f"cannot read: {' '.join(str(error).split())}")
