"""Transports of the standard library: HTTP/1.1 with nothing to install.

http1, bodies                  the codec: bytes in, answers out, without any I/O
route, addresses, exchange     what is decided without I/O: ways, turns, deadlines, what an error means
sockets, sync                  blocking sockets, and the sync transport
protocols, pool, aio           asyncio's connections, and the async transport
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .aio import AsyncStdlibTransport as AsyncStdlibTransport
    from .sync import StdlibTransport as StdlibTransport

if not TYPE_CHECKING:
    from ...lazy import lazy

    __getattr__, __dir__ = lazy(__name__, {"aio": "AsyncStdlibTransport", "sync": "StdlibTransport"})

__all__ = ["AsyncStdlibTransport", "StdlibTransport"]
