"""Which httpx: httpx2, the continuation of httpx by Pydantic, or httpx itself. Both have the same names."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Any, Final, NamedTuple

from ...errors import UsageError
from ..stdlib.exchange import LOWER_ERRORS

__all__ = ["Library", "library_named"]

# By name: what each of them stands on. The first that is installed is taken.
_LIBRARIES: Final = {"httpx2": "httpcore2", "httpx": "httpcore"}


class Library(NamedTuple):
    """The modules of one of them, which type checkers would take for two strangers.

    Attributes:
        name: ``httpx2`` or ``httpx``.
        http: The module itself.
        core: The module below, with pools and connections.
        errors: What goes wrong on the road, theirs and what comes from below them.
        upload: Makes of an iterable what httpx takes for the body of a request, for either colour.
        closes_at_once: Whether an async answer is closed without a pause in the middle: a task that is cancelled in it
            would leave a connection in the pool that nobody can use.
        no_tls: Stands where httpx wants to know how TLS is made, which is done below it.
    """

    name: str
    http: Any
    core: Any
    errors: tuple[type[Exception], ...]
    upload: Callable[[Any], Any]
    closes_at_once: bool
    no_tls: ssl.SSLContext

    def transport(self, **pool: Any) -> Any:
        """Return httpx's sync transport over a pool that is made of these arguments."""
        made = self.http.HTTPTransport(verify=self.no_tls, trust_env=False)
        made._pool = self.core.ConnectionPool(ssl_context=self.no_tls, **pool)  # there is no other way to its backend
        return made

    def async_transport(self, **pool: Any) -> Any:
        """Return httpx's async transport over a pool that is made of these arguments."""
        made = self.http.AsyncHTTPTransport(verify=self.no_tls, trust_env=False)
        made._pool = self.core.AsyncConnectionPool(ssl_context=self.no_tls, **pool)
        return made


@cache
def library_named(name: str | None) -> Library:
    """Return the library of this name, None for the first that is installed.

    Raises:
        UsageError: It is none of the two, or HTTP/2 is asked for without h2.
        ModuleNotFoundError: It is not installed.
    """
    if name is None:
        for candidate in _LIBRARIES:
            try:
                return library_named(candidate)
            except ModuleNotFoundError as error:
                if error.name != candidate:  # a broken installation
                    raise
        raise ModuleNotFoundError(
            "neither httpx2 nor httpx is installed; install clientsmith-core[httpx]", name=next(iter(_LIBRARIES))
        )
    if name not in _LIBRARIES:
        raise UsageError(f"library={name!r} is no httpx; it is one of {', '.join(_LIBRARIES)}")
    http, core = import_module(name), import_module(_LIBRARIES[name])

    class Upload(http.SyncByteStream, http.AsyncByteStream):  # type: ignore[misc,name-defined]  # known when it runs
        """The pieces of a body, which httpx wants to be of a class of its own."""

        def __init__(self, pieces: Any) -> None:
            self._pieces = pieces

        def __iter__(self) -> Iterator[bytes]:
            return iter(self._pieces)

        def __aiter__(self) -> AsyncIterator[bytes]:
            return aiter(self._pieces)

    no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return Library(name, http, core, (*LOWER_ERRORS, http.TransportError), Upload, name == "httpx2", no_tls)
