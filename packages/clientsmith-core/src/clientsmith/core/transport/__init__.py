"""Transports: what carries one request out and brings its response back.

`Transport` and `AsyncTransport` say what one has to do. A transport's library is imported when its name is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .aiohttp import AioHttpTransport as AioHttpTransport
    from .base import AsyncTransport as AsyncTransport
    from .base import Transport as Transport
    from .httpx import AsyncHttpxTransport as AsyncHttpxTransport
    from .httpx import HttpxTransport as HttpxTransport
    from .requests import RequestsTransport as RequestsTransport
    from .stdlib import AsyncStdlibTransport as AsyncStdlibTransport
    from .stdlib import StdlibTransport as StdlibTransport

if not TYPE_CHECKING:
    from ..lazy import lazy

    _TABLE = {
        "aiohttp": "AioHttpTransport",
        "base": "AsyncTransport Transport",
        "httpx.aio": "AsyncHttpxTransport",
        "httpx.sync": "HttpxTransport",
        "requests": "RequestsTransport",
        "stdlib.aio": "AsyncStdlibTransport",
        "stdlib.sync": "StdlibTransport",
    }
    __getattr__, __dir__ = lazy(__name__, _TABLE)

__all__ = [
    "AioHttpTransport",
    "AsyncHttpxTransport",
    "AsyncStdlibTransport",
    "AsyncTransport",
    "HttpxTransport",
    "RequestsTransport",
    "StdlibTransport",
    "Transport",
]
