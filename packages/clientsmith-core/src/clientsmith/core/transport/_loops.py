"""What ends together with the event loop that it began on.

An async client can be used without ``async with``, so its connections may still be open when the loop is shut down.
`asyncio.run` then lets every async generator that has begun come to its end: one of them stands for the connections,
and closing them is its end. The same happens when the last reference to it is gone.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress

__all__ = ["closing_with_loop"]


def closing_with_loop(close: Callable[[], Awaitable[object]]) -> AsyncGenerator[None, None]:
    """Return what awaits ``close`` when the running event loop shuts down, or when its ``aclose`` is awaited before.

    Keep it, but not where ``close`` can reach it: a cycle would put off the end to the next garbage collection.
    """
    waiting = _waiting(close)
    with suppress(StopIteration):
        anext(waiting).send(None)  # it begins, so the loop knows of it, and comes to its `yield` at once
    return waiting


async def _waiting(close: Callable[[], Awaitable[object]]) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await close()
