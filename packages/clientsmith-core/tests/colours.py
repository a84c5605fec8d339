"""One set of tests for both colours: what a test says to a client or to a stream, it says through `Colour`."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from clientsmith.core import ServiceClient, aio
from clientsmith.core.testing import (
    Answer,
    AsyncFaultyTransport,
    AsyncScriptedTransport,
    Cassette,
    Fault,
    FaultyTransport,
    Line,
    ScriptedTransport,
)

SYNC: dict[str, Any] = {"client": ServiceClient, "transport": ScriptedTransport, "faulty": FaultyTransport}
ASYNC: dict[str, Any] = {
    "client": aio.ServiceClient,
    "transport": AsyncScriptedTransport,
    "faulty": AsyncFaultyTransport,
}


class Colour:
    """Does in one colour what a test asks for."""

    def __init__(self, classes: dict[str, Any], runner: asyncio.Runner) -> None:
        self._classes, self._runner = classes, runner
        self.is_async = classes is ASYNC

    def over(self, transport: Any, credential: object = None, **keywords: Any) -> Any:
        """Return a client on this transport, which is its ``transport``."""
        client = self._classes["client"]("https://example.test", credential, transport=transport, **keywords)
        client.__dict__["transport"] = transport
        return client

    def client(self, *lines: Line, **script: Any) -> Any:
        """Return a client on a scripted transport."""
        return self.over(self._classes["transport"](*lines, **script))

    def faulty(self, answer: Answer, *faults: Fault | None, **options: Any) -> Any:
        """Return a client whose road to its ``service`` has these faults."""
        service = self._classes["transport"](answer, repeat=True)
        client = self.over(self._classes["faulty"](service, *faults, **options))
        client.__dict__["service"] = service
        return client

    def on(self, cassette: Cassette, *lines: Line, credential: object = None, **keywords: Any) -> Any:
        """Return a client on a cassette, over a scripted service if there are lines."""
        inner = self._classes["transport"](*lines) if lines else None
        make = cassette.async_transport if self.is_async else cassette.transport
        return self.over(make(inner), credential, **keywords)

    def run(self, value: Any) -> Any:
        """Return what a call of either colour gives."""
        return self._runner.run(_finished(value)) if inspect.isawaitable(value) else value

    def next(self, stream: Any) -> Any:
        return self.run(anext(stream)) if self.is_async else next(stream)

    def items(self, stream: Any, most: int | None = None) -> list[Any]:
        """Return the items of a stream, all of them or as many as wanted."""
        return self.run(_all(stream, most)) if self.is_async else _all_sync(stream, most)

    def inside(self, stream: Any, function: Any = lambda stream: None) -> Any:
        """Enter the stream's ``with`` block, do something in it, and leave it."""
        if self.is_async:
            return self.run(_inside(stream, function))
        with stream as entered:
            return function(entered)


async def _finished(value: Any) -> Any:
    return await value


async def _all(stream: Any, most: int | None) -> list[Any]:
    found: list[Any] = []
    async for item in stream:
        found.append(item)
        if len(found) == most:
            break
    return found


def _all_sync(stream: Any, most: int | None) -> list[Any]:
    found: list[Any] = []
    for item in stream:
        found.append(item)
        if len(found) == most:
            break
    return found


async def _inside(stream: Any, function: Any) -> Any:
    async with stream as entered:
        answer = function(entered)
        return await answer if inspect.isawaitable(answer) else answer
