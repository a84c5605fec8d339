"""`RequestsTransport`: requests' adapter and urllib3's pools, with our own way of writing and reading HTTP on them.

`transport` is the transport itself, `connection` what travels on a connection, `answer` how a header is read.
"""

from __future__ import annotations

from .transport import RequestsTransport

__all__ = ["RequestsTransport"]
