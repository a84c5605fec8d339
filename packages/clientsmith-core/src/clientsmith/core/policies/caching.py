"""Keeps answers, and asks the service only whether they still hold (RFC 9111, a private cache).

Rules:

- Kept are 200 answers to a GET that carry an ``ETag`` or a ``Last-Modified``, or say with ``max-age`` how long they
  hold. ``no-store`` on either side is obeyed, and so is ``Vary``. A body that the caller streams is never kept.
- A kept answer is used again without asking only within the ``max-age`` that the service gave it. After that, or
  where it gave none, the request carries ``If-None-Match``: a 304 costs the service no work and the road no body.
- The cache is one client's. It never sees credentials, and an answer that depends on one (``Vary: Authorization``) is
  always asked about: a key that was rotated must not see what the former one saw.
- A change through the same client (POST, PUT, PATCH, DELETE) drops what is kept of its URL (section 4.4).
- The header field ``Cache-Status`` of an answer says what happened (RFC 9211).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import ClassVar, Final, NamedTuple

from ..pipeline import Flow
from ..rest import Headers, HttpRequest, HttpResponse
from ..settings import Setting

__all__ = ["CachingPolicy"]

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# The caller asks with conditions of its own, or for a part: that is between the caller and the service.
_OWN_CONDITIONS: Final = ("If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range", "Range")
# What a 304 says about the body of its own message, not about the answer that is kept (RFC 9111, section 3.2).
_OF_THE_MESSAGE: Final = frozenset({"content-encoding", "content-length", "content-range", "transfer-encoding"})
# Put on below this policy, so it cannot tell whether they are the same as last time.
_UNSEEN: Final = frozenset({"authorization", "cookie"})


class _Kept(NamedTuple):
    """An answer that is kept.

    ``selected`` are the request's values of the fields that ``Vary`` names, ``fresh_until`` is on the policy's clock.
    """

    headers: Headers
    content: bytes
    selected: Mapping[str, str | None]
    fresh_until: float

    def fits(self, request: HttpRequest) -> bool:
        return all(request.headers.get(name) == value for name, value in self.selected.items())

    def validators(self) -> dict[str, str]:
        """Return the header fields that ask whether it still holds; the stronger one, if there are two."""
        etag, modified = self.headers.get("ETag"), self.headers.get("Last-Modified")
        if etag is not None:
            return {"If-None-Match": etag}
        return {} if modified is None else {"If-Modified-Since": modified}

    def answer(self, request: HttpRequest, status: str) -> HttpResponse:
        headers = self.headers.copy()
        headers["Cache-Status"] = f"clientsmith; {status}"
        return HttpResponse(request, 200, headers, self.content, reason="OK")


class CachingPolicy:
    """Answers a GET from what the service said before, as long as the service agrees; see the rules of this module.

    Args:
        max_bytes: How much is kept, bodies alone; what was not used for the longest time goes first.
        clock: Seconds, for how long an answer has been kept.
    """

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("cache_enabled", True, "whether answers may come out of the cache and go into it"),
    )

    def __init__(self, max_bytes: int = 16 * 1024 * 1024, clock: Callable[[], float] = time.monotonic) -> None:
        self._shelf = _Shelf(max_bytes)
        self._clock = clock

    def send(self, request: HttpRequest, /) -> Flow:
        """Yield the request unless a kept answer still holds, with the question whether it does."""
        if request.method not in _SAFE:
            response = yield request
            if response.status_code < 400:
                self._shelf.drop(request.url)
            return response
        if not request.call.settings["cache_enabled"] or not _may_use(request):
            return (yield request)
        kept = self._shelf.find(request)
        wants_newest = not {"no-cache", "max-age=0"}.isdisjoint(_directives(request.headers))
        if kept is not None and not wants_newest and self._clock() < kept.fresh_until:
            return kept.answer(request, "hit")
        asked = self._clock()
        response = yield request if kept is None else request.with_headers(kept.validators())
        if kept is not None and response.status_code == 304:
            fresh = {name: value for name, value in response.headers.items() if name.lower() not in _OF_THE_MESSAGE}
            kept = self._keep(request, Headers({**kept.headers, **fresh}), kept.content, asked)
            return kept.answer(request, "hit; detail=revalidated")
        if response.status_code == 200 and response.request.url == request.url and _may_keep(response):
            self._keep(request, response.headers.copy(), response.content, asked)
        return response

    def clear(self) -> None:
        """Forget everything: after a change that the service made by other ways, for example."""
        self._shelf.clear()

    def _keep(self, request: HttpRequest, headers: Headers, content: bytes, asked: float) -> _Kept:
        names = _names_in(headers.get("Vary", ""))
        lifetime = 0.0 if not _UNSEEN.isdisjoint(names) else _lifetime(headers)
        kept = _Kept(headers, content, {name: request.headers.get(name) for name in names}, asked + lifetime)
        self._shelf.put(request.url, kept)
        return kept


# --- decisions -------------------------------------------------------------------------------------------------------


def _may_use(request: HttpRequest) -> bool:
    """Whether the request can be answered from a cache at all."""
    if request.method != "GET" or request.content is not None or request.call.stream:
        return False
    return "no-store" not in _directives(request.headers) and not any(n in request.headers for n in _OWN_CONDITIONS)


def _may_keep(response: HttpResponse) -> bool:
    """Whether an answer says that it may be kept, and is worth it."""
    headers = response.headers
    if response.body is not None or "no-store" in _directives(headers) or "*" in headers.get("Vary", ""):
        return False
    return "ETag" in headers or "Last-Modified" in headers or _lifetime(headers) > 0.0


def _lifetime(headers: Headers) -> float:
    """Return for how many seconds an answer holds without asking, counted from when it was asked for."""
    directives = _directives(headers)
    if not {"no-cache", "no-store"}.isdisjoint(directives):
        return 0.0
    given = [directive[8:].strip('"') for directive in directives if directive.startswith("max-age=")]
    # Two of them contradict each other; the service has to be asked then (section 4.2.1).
    age = headers.get("Age", "0")
    if len(given) != 1 or not given[0].isdecimal() or not age.isdecimal():
        return 0.0
    return max(0.0, float(given[0]) - float(age))


def _directives(headers: Headers) -> frozenset[str]:
    return _names_in(headers.get("Cache-Control", ""))


def _names_in(field: str) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in field.split(",") if name.strip()) if field else frozenset()


# --- what is kept ----------------------------------------------------------------------------------------------------


class _Shelf:
    """Answers by URL, as many as fit, the one used last at the end. Shared by threads."""

    # An answer without a body takes room as well: header fields, URL, the objects around them.
    _OVERHEAD: Final = 2048

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, list[_Kept]] = OrderedDict()
        self._mutex = threading.Lock()

    def find(self, request: HttpRequest) -> _Kept | None:
        with self._mutex:
            variants = self._kept.get(request.url)
            if variants is None:
                return None
            self._kept.move_to_end(request.url)
            return next((kept for kept in variants if kept.fits(request)), None)

    def put(self, url: str, new: _Kept) -> None:
        """Keep an answer in the place of the one that was given for the same request."""
        with self._mutex:
            others = [kept for kept in self._take(url) if kept.selected != new.selected]
            variants = [*others, new]
            size = self._size(variants)
            if size > self._max_bytes:
                return
            while self._kept and self._bytes + size > self._max_bytes:
                self._take(next(iter(self._kept)))
            self._kept[url] = variants
            self._bytes += size

    def drop(self, url: str) -> None:
        with self._mutex:
            self._take(url)

    def clear(self) -> None:
        with self._mutex:
            self._kept.clear()
            self._bytes = 0

    def _take(self, url: str) -> list[_Kept]:
        variants = self._kept.pop(url, [])
        self._bytes -= self._size(variants)
        return variants

    def _size(self, variants: list[_Kept]) -> int:
        return sum(len(kept.content) + self._OVERHEAD for kept in variants)
