"""What an entry of the cache is in its file: one JSON line about the answer, then its body, under one digest.

    simple-repository-cache 1 <digest of all that follows, 32 hexadecimal digits>\\n
    {"headers": [[name, value], …], "selected": {name: value}, "stored_at": …, "fresh_until": …}\\n
    body

A file that is not exactly that is no entry: whatever happened to it, it is as if it were not there. The digest finds
what a crash or a disk did; whoever may write into the folder could make a new one, so nobody else may.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from clientsmith.core.policies.shelves import Kept
from clientsmith.core.rest import Headers

__all__ = ["pack", "unpack"]

_MAGIC: Final = b"simple-repository-cache 1 "
_HEAD: Final = len(_MAGIC) + 32 + 1

# What a service says to one connection, or for one user: a cookie is a secret, and of no use to whoever comes later.
_NOT_KEPT: Final = frozenset({"set-cookie", "set-cookie2", "connection", "keep-alive", "proxy-authenticate"})


def pack(kept: Kept, stored_at: float) -> tuple[bytes, bytes]:
    """Return an answer as the two parts of a file. ``stored_at`` is in seconds since the epoch."""
    about = {
        "headers": [[name, value] for name, value in kept.headers.items() if name.lower() not in _NOT_KEPT],
        "selected": dict(kept.selected),
        "stored_at": stored_at,
        "fresh_until": kept.fresh_until,
    }
    line = json.dumps(about, separators=(",", ":")).encode() + b"\n"
    return b"%b%b\n%b" % (_MAGIC, _digest(line, kept.content), line), kept.content


def unpack(data: bytes, now: float) -> Kept | None:
    """Return the answer that a file has, None if it has none. One from the future is to be asked about."""
    if data[:_HEAD] != _MAGIC + _digest(memoryview(data)[_HEAD:]) + b"\n":
        return None
    try:
        end = data.index(b"\n", _HEAD)
        about: dict[str, Any] = json.loads(data[_HEAD:end])
        headers = Headers.received([(str(name), str(value)) for name, value in about["headers"]])
        selected = {str(name): None if value is None else str(value) for name, value in about["selected"].items()}
        stored_at, fresh_until = float(about["stored_at"]), float(about["fresh_until"])
    except (ValueError, TypeError, KeyError, AttributeError):  # of another version of this program, with our digest
        return None
    # A clock that was set back would make everything fresh for longer than the service said.
    return Kept(headers, data[end + 1 :], selected, fresh_until if stored_at <= now else 0.0)


def _digest(*parts: bytes | memoryview) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(part)
    return digest.hexdigest().encode()
