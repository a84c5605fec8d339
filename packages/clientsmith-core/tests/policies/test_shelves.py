"""Shelves: where a cache keeps answers, also if that takes long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from clientsmith.core.policies.caching import CachingPolicy
from clientsmith.core.policies.shelves import Kept, MemoryShelf
from clientsmith.core.rest import Headers, HttpRequest
from clientsmith.core.testing import Answer

FRESH = Answer(json=1, headers={"ETag": '"1"', "Cache-Control": "max-age=60"})


class SlowShelf:
    """A shelf that may block, and remembers who came."""

    def __init__(self) -> None:
        self.clock = time.time
        self.is_blocking = True
        self.inner = MemoryShelf(1_000_000)
        self.threads: set[int] = set()

    def find(self, request: HttpRequest, /) -> Kept | None:
        self.threads.add(threading.get_ident())
        return self.inner.find(request)

    def put(self, request: HttpRequest, kept: Kept, is_current: Callable[[], bool], /) -> None:
        self.threads.add(threading.get_ident())
        self.inner.put(request, kept, is_current)

    def drop(self, url: str, /) -> None:
        self.inner.drop(url)

    def clear(self) -> None:
        self.inner.clear()


def get(colour: Any, client: Any) -> Any:
    return colour.run(client.send_request(HttpRequest("GET", "/a")))


def on(colour: Any, shelf: SlowShelf, *lines: Answer) -> Any:
    transport = colour.client(*lines).transport
    return colour.over(transport, settings={"per_retry_policies": [CachingPolicy(shelf=shelf)]})


def test_a_shelf_that_may_block_is_asked_beside_the_loop(colour: Any) -> None:
    """In threads of an async client; a sync one waits for it."""
    shelf = SlowShelf()
    client = on(colour, shelf, FRESH)
    assert [get(colour, client).json() for _ in range(2)] == [1, 1]
    assert len(client.transport.sent) == 1
    assert (threading.get_ident() in shelf.threads) is not colour.is_async


def test_clients_may_share_a_shelf(colour: Any) -> None:
    """It is theirs who gave it to both."""
    shelf = SlowShelf()
    get(colour, on(colour, shelf, FRESH))
    assert get(colour, on(colour, shelf)).headers["Cache-Status"] == "clientsmith; hit"


def test_the_shelf_brings_the_clock(colour: Any) -> None:
    """What is kept for longer than a program runs is measured by the time of day."""
    shelf, now = SlowShelf(), 1000.0
    shelf.clock = lambda: now
    client = on(colour, shelf, FRESH, Answer(304))
    get(colour, client)
    now = 1059.0
    assert get(colour, client).headers["Cache-Status"] == "clientsmith; hit"
    now = 1061.0
    assert get(colour, client).headers["Cache-Status"] == "clientsmith; hit; detail=revalidated"


@pytest.mark.parametrize("is_current", [True, False])
def test_the_shelf_in_memory_asks_before_it_keeps(is_current: bool) -> None:
    """Whether nothing was changed meanwhile."""
    shelf, request = MemoryShelf(10_000), HttpRequest("GET", "https://example.test/a")
    shelf.put(request, Kept(Headers(), b"x", {}, 0.0), lambda: is_current)
    assert (shelf.find(request) is not None) is is_current
    shelf.clear()
    assert shelf.find(request) is None


def test_changes_of_many_threads_are_all_counted() -> None:
    """A read that any of them overtook must not be kept."""
    policy = CachingPolicy()
    before = policy._changes.of("/a")
    threads = [threading.Thread(target=lambda: [policy._changes.note("/a") for _ in range(1000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert policy._changes.of("/a") - before == 4000
