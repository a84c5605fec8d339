"""`AioHttpTransport`: aiohttp's connector and parser, without its session.

`transport` is the transport itself, `connection` what travels on a connection.
"""

from __future__ import annotations

from .transport import AioHttpTransport

__all__ = ["AioHttpTransport"]
