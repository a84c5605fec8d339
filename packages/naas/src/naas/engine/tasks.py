"""Ending a task for certain."""

from __future__ import annotations

import asyncio

__all__ = ["end_task"]


async def end_task(task: asyncio.Task[None] | None) -> None:
    """Cancel a task and wait until it is over, however it ends.

    It is cancelled again if need be: `asyncio.wait_for` of Python 3.11, which nats-py uses too, forgets a cancellation
    that comes at the moment at which what it waits for is there.
    """
    while task is not None and not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.2)
