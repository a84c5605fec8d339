"""Where a `CachingPolicy` keeps answers: what is kept, what a shelf has to do, and the shelf in memory."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, Protocol

from ..rest import Headers, HttpRequest, HttpResponse

__all__ = ["Kept", "MemoryShelf", "Shelf"]

# Of one URL. A service that varies by something that is new in each request would make a list as long as the cache.
_MAX_VARIANTS: Final = 16


class Kept(NamedTuple):
    """An answer that is kept, one of status 200.

    ``selected`` are the request's values of the fields that ``Vary`` names and of those that say who asks, by their
    names in lower case. ``fresh_until`` is on the shelf's clock.
    """

    headers: Headers
    content: bytes
    selected: Mapping[str, str | None]
    fresh_until: float

    def fits(self, request: HttpRequest) -> bool:
        """Whether it is the answer to this request, and not to one that differs in what the service looks at."""
        return all(request.headers.get(name) == value for name, value in self.selected.items())

    def validators(self) -> dict[str, str]:
        """Return the header fields that ask whether it still holds; the stronger one, if there are two."""
        etag, modified = self.headers.get("ETag"), self.headers.get("Last-Modified")
        if etag is not None:
            return {"If-None-Match": etag}
        return {} if modified is None else {"If-Modified-Since": modified}

    def answer(self, request: HttpRequest, status: str) -> HttpResponse:
        """Return it as the answer to a request; ``status`` is what ``Cache-Status`` says of it (RFC 9211)."""
        headers = self.headers.copy()
        caches = headers.get("Cache-Status", "")  # of those between the service and us, theirs first
        headers["Cache-Status"] = f"{caches}{', ' if caches else ''}clientsmith; {status}"
        return HttpResponse(request, 200, headers, self.content, reason="OK")


class Shelf(Protocol):
    """Where answers are kept. Shared by threads, and by all clients whose policies were given it.

    A shelf forgets what it likes, and raises nothing: what cannot be read is not there, what cannot be kept is not.

    Attributes:
        clock: Seconds, for how long an answer has been kept.
        is_blocking: Whether `find` and `put` may block; an async client calls them in a thread then.
    """

    clock: Callable[[], float]
    is_blocking: bool

    def find(self, request: HttpRequest, /) -> Kept | None:
        """Return what is kept for a request, None if that is nothing."""
        ...

    def put(self, request: HttpRequest, kept: Kept, is_current: Callable[[], bool], /) -> None:
        """Keep an answer in the place of the one that was given for the same request.

        ``is_current`` says whether nothing was changed at the URL since the request was sent. Ask it so late that a
        `drop`, which comes after the change, finds what it let through.
        """
        ...

    def drop(self, url: str, /) -> None:
        """Forget all answers of a URL. It must not take long: nothing can be waited for where this is called."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...


class MemoryShelf:
    """Answers by URL, as many as fit, the one used last at the end."""

    # An answer without a body takes room as well: header fields, URL, the objects around them.
    _OVERHEAD: Final = 2048

    def __init__(self, max_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.is_blocking = False
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, list[Kept]] = OrderedDict()
        self._mutex = threading.Lock()

    def find(self, request: HttpRequest, /) -> Kept | None:
        with self._mutex:
            variants = self._kept.get(request.url)
            if variants is None:
                return None
            self._kept.move_to_end(request.url)
            return next((kept for kept in variants if kept.fits(request)), None)

    def put(self, request: HttpRequest, kept: Kept, is_current: Callable[[], bool], /) -> None:
        with self._mutex:
            if not is_current():
                return
            others = [other for other in self._take(request.url) if other.selected != kept.selected]
            variants = [*others, kept][-_MAX_VARIANTS:]
            size = self._size(variants)
            if size > self._max_bytes:
                return
            while self._kept and self._bytes + size > self._max_bytes:
                self._take(next(iter(self._kept)))
            self._kept[request.url] = variants
            self._bytes += size

    def drop(self, url: str, /) -> None:
        with self._mutex:
            self._take(url)

    def clear(self) -> None:
        with self._mutex:
            self._kept.clear()
            self._bytes = 0

    def _take(self, url: str) -> list[Kept]:
        variants = self._kept.pop(url, [])
        self._bytes -= self._size(variants)
        return variants

    def _size(self, variants: list[Kept]) -> int:
        return sum(len(kept.content) + self._OVERHEAD for kept in variants)
