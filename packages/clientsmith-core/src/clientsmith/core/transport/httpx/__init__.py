"""`HttpxTransport` and `AsyncHttpxTransport`: httpx's transports over network connections of our own.

`sync` and `aio` are the transports, each with the streams that httpx reads and writes; `exchange` is what both say
about one request and its answer, `library` which of the two distributions of httpx is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .aio import AsyncHttpxTransport as AsyncHttpxTransport
    from .sync import HttpxTransport as HttpxTransport

if not TYPE_CHECKING:
    from ...lazy import lazy

    _TABLE = {"aio": "AsyncHttpxTransport", "sync": "HttpxTransport"}
    __getattr__, __dir__ = lazy(__name__, _TABLE)

__all__ = ["AsyncHttpxTransport", "HttpxTransport"]
