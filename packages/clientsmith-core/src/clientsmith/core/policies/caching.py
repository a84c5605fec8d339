"""Keeps answers, and asks the service only whether they still hold (RFC 9111, a private cache).

Rules:

- Kept are 200 answers to a GET that carry an ``ETag`` or a ``Last-Modified``, or say with ``max-age`` how long they
  hold. ``no-store`` on either side is obeyed, and so is ``Vary``. A body that the caller streams is never kept.
- A kept answer is used again without asking only within the ``max-age`` that the service gave it. After that, or
  where it gave none, the request carries ``If-None-Match``: a 304 costs the service no work and the road no body.
- The cache is one client's: it never sees the client's credential, so two clients must not share one (or a shelf,
  unless that one tells them apart). An answer that depends on the credential (``Vary: Authorization``) is always asked
  about: a key that was rotated must not see what the former one saw. ``Authorization``, ``Cookie`` and OpenStack's
  ``X-Auth-Token`` that a call brings itself keep the answers of its user apart.
- A change through the same client (POST, PUT, PATCH, DELETE) drops what is kept of its URL (section 4.4), unless the
  service refused it; a read that it overtook is not kept, for its answer may be from before.
- Where answers are kept is a `Shelf`'s business: in memory, unless the policy is given another one.
- The header field ``Cache-Status`` of an answer out of the cache says how it was found (RFC 9211).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import ClassVar, Final, NamedTuple, TypeVar

from ..pipeline import Flow, Steps
from ..rest import Headers, HttpRequest, HttpResponse
from ..settings import Setting, flag
from .shelves import Kept, MemoryShelf, Shelf

__all__ = ["CachingPolicy"]

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# The caller asks with conditions of its own, or for a part: that is between the caller and the service.
_OWN_CONDITIONS: Final = ("If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range", "Range")
# What a 304 says about the body of its own message, not about the answer that is kept (RFC 9111, section 3.2).
_OF_THE_MESSAGE: Final = frozenset({"content-encoding", "content-length", "content-range", "transfer-encoding"})
# Put on below this policy, so it cannot tell whether they are the same as last time.
_UNSEEN: Final = frozenset({"authorization", "cookie", "x-auth-token"})

T = TypeVar("T")


class _Asked(NamedTuple):
    """When a question was put: on the shelf's clock, and after how many changes of its URL."""

    at: float
    changes: int


class _Changes:
    """How often what is at a URL may have been changed through the client. Shared by threads."""

    def __init__(self) -> None:
        # Counted by the hash of the URL: no list of URLs that grows, and hardly ever another one's.
        self._counts = [0] * 256
        self._mutex = threading.Lock()

    def of(self, url: str) -> int:
        return self._counts[hash(url) % len(self._counts)]

    def note(self, url: str) -> None:
        with self._mutex:
            self._counts[hash(url) % len(self._counts)] += 1

    def note_all(self) -> None:
        with self._mutex:
            self._counts = [count + 1 for count in self._counts]


class CachingPolicy:
    """Answers a GET from what the service said before, as long as the service agrees; see the rules of this module.

    Args:
        max_bytes: How much is kept in memory, 2 KiB for each answer besides its body; what was not used for the longest
            time goes first.
        clock: Seconds, for how long an answer has been kept in memory.
        shelf: Where answers are kept instead, on a disk for example; the two others do not count then.
    """

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("cache_enabled", True, "whether answers may come out of the cache and go into it", check=flag),
    )

    def __init__(
        self,
        max_bytes: int = 16 * 1024 * 1024,
        clock: Callable[[], float] = time.monotonic,
        *,
        shelf: Shelf | None = None,
    ) -> None:
        self._shelf: Shelf = MemoryShelf(max_bytes, clock) if shelf is None else shelf
        self._clock = self._shelf.clock
        self._changes = _Changes()

    def send(self, request: HttpRequest, /) -> Flow:
        """Yield the request unless a kept answer still holds, with the question whether it does."""
        if request.method not in _SAFE:
            is_refused = False
            try:
                response = yield request
                is_refused = 400 <= response.status_code < 500
                return response
            finally:
                if not is_refused:  # a 5xx, or no answer at all, may come after the change was made
                    self._changes.note(request.url)  # before the drop: what is put on the shelf now is not kept
                    self._shelf.drop(request.url)
        if not request.call.settings["cache_enabled"] or not _may_use(request):
            return (yield request)
        kept = yield from self._at_the_shelf(partial(self._shelf.find, request))
        wants_newest = not {"no-cache", "max-age=0"}.isdisjoint(_directives(request.headers))
        if kept is not None and not wants_newest and self._clock() < kept.fresh_until:
            return kept.answer(request, "hit")
        asked = _Asked(self._clock(), self._changes.of(request.url))
        response = yield request if kept is None else request.with_headers(kept.validators())
        is_from_there = _is_answer_of(response, request.url)
        if kept is not None and response.status_code == 304:
            if not is_from_there:  # it led elsewhere: what holds is that place's, under a tag that may be the same
                return (yield request)
            kept = yield from self._keep(request, _updated(kept.headers, response.headers), kept.content, asked)
            return kept.answer(request, "hit; detail=revalidated")
        if response.status_code == 200 and is_from_there and _may_keep(response):
            yield from self._keep(request, response.headers.copy(), response.content, asked)
        return response

    def clear(self) -> None:
        """Forget everything: after a change that the service made by other ways, for example."""
        self._changes.note_all()
        self._shelf.clear()

    def _keep(self, request: HttpRequest, headers: Headers, content: bytes, asked: _Asked) -> Steps[Kept]:
        names = _names_in(headers.get("Vary", ""))
        lifetime = 0.0 if not _UNSEEN.isdisjoint(names) else _lifetime(headers)
        selected = {name: request.headers.get(name) for name in names | _UNSEEN}
        kept = Kept(headers, content, selected, asked.at + lifetime)

        def is_current() -> bool:
            return self._changes.of(request.url) == asked.changes

        yield from self._at_the_shelf(partial(self._shelf.put, request, kept, is_current))
        return kept

    def _at_the_shelf(self, function: Callable[[], T]) -> Steps[T]:
        if not self._shelf.is_blocking:
            return function()
        from ..streaming.source import Blocking  # only for who has such a shelf

        return (yield from Blocking(function))


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


def _is_answer_of(response: HttpResponse, url: str) -> bool:
    """Whether it is this URL that answered, and not where it led to; a key may have been added to it further below."""
    return response.request.url == url or response.request.url.startswith(f"{url}{'&' if '?' in url else '?'}")


def _updated(kept: Headers, fresh: Headers) -> Headers:
    """Return the header fields of a kept answer with those of a 304 over them (section 3.2)."""
    newer = {name: value for name, value in fresh.items() if name.lower() not in _OF_THE_MESSAGE}
    replaced = {name.lower() for name in newer}
    # As received: what a service sends is not refused here either.
    return Headers.received([*(item for item in kept.items() if item[0].lower() not in replaced), *newer.items()])


def _lifetime(headers: Headers) -> float:
    """Return for how many seconds an answer holds without asking, counted from when it was asked for."""
    directives = _directives(headers)
    # `no-cache="Set-Cookie"` means that field alone; to ask about all of them is always right (RFC 9111, 5.2.2.4).
    if any(directive.partition("=")[0] in ("no-cache", "no-store") for directive in directives):
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
